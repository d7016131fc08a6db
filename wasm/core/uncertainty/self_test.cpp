#include "core/uncertainty/self_test.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fit/fit.h"
#include "core/plan/optimum.h"
#include "core/uncertainty/bootstrap.h"
#include "core/uncertainty/functional.h"
#include "core/uncertainty/simulate.h"

namespace isoloss {
namespace {

constexpr double kDelta = 1e-3;

FitSpecification usual_fit(const Law& law) {
  return {.law = &law,
          .objective = {.kind = Objective::Kind::log_huber, .delta = kDelta},
          .fixed = {},
          .tied = {},
          .bounds = {}};
}

/// Compute log-uniform over four decades, tokens per parameter over 2.4 decades around 20, as in
/// the Chinchilla runs; exits 1, 2, 4, 8.
FitData coverage_design(const Law& law, int rows, Random& random, std::vector<double>& log_C) {
  constexpr double kLeast = 1e18;
  constexpr double kDecades = 4;
  constexpr double kUsualRatio = 20;
  constexpr double kRatioDecades = 1.2;
  FitData data;
  data.inputs.resize(law.variables.size());
  for (int i = 0; i < rows; ++i) {
    const double flops = kLeast * std::pow(10.0, kDecades * random.uniform());
    const double ratio =
        kUsualRatio * std::pow(10.0, random.uniform(-kRatioDecades, kRatioDecades));
    const double params = std::sqrt(flops / (6 * ratio));
    const double exits = std::pow(2.0, std::floor(4 * random.uniform()));
    log_C.push_back(std::log(flops));
    for (std::size_t v = 0; v < law.variables.size(); ++v) {
      double x = exits;
      if (law.variables[v] == Quantity::params) x = params;
      if (law.variables[v] == Quantity::tokens) x = params * ratio;
      if (law.variables[v] == Quantity::flops) x = flops;
      data.inputs[v].push_back(x);
    }
  }
  return data;
}

Vector truth_of(const Law& law, const FitData& design) {
  if (!law.presets.empty()) return law.to_theta(law.presets.front().values);
  constexpr double kMiddling = 0.45;
  constexpr double kLoss = 2.5;
  std::vector<double> mean;
  for (const auto& input : design.inputs) {
    double sum = 0;
    for (const double x : input) sum += std::log(x);
    mean.push_back(sum / static_cast<double>(input.size()));
  }
  std::array<double, kMaxCoefficients> u{};
  u.fill(kMiddling);
  Vector theta(law.size());
  law.propose(u.data(), {.log_x = mean, .log_response = std::log(kLoss)}, theta.data());
  return theta;
}

/// How the 240 Chinchilla runs scatter about their fit, from the smallest compute to the largest:
/// 1.4826·median|r| of the sixth with least and of the sixth with most, and the size of errors in
/// every seventh run that makes up their root mean squares (1.2 % and 0.8 %).
struct Sizes {
  double first;
  double last;
};
constexpr Sizes kUsual{.first = 0.004, .last = 0.0065};
constexpr Sizes kOutlier{.first = 0.028, .last = 0.013};
constexpr double kOutlying = 1.0 / 7;

double between(const Sizes& sizes, double position) {
  return sizes.first * std::pow(sizes.last / sizes.first, position);
}

std::optional<bool> holds(double lower, double upper, double truth) {
  if (!std::isfinite(lower) || !std::isfinite(upper)) return std::nullopt;
  return lower <= truth && truth <= upper;
}

}  // namespace

RecoveryError recover(const Law& law, std::uint64_t seed, std::uint64_t index) {
  constexpr int kRows = 40;
  Random random = Random::stream(seed, index);
  FitData data = random_design(law, kRows, random);
  const Vector truth = random_theta(law, data, 1.5 + 3 * random.uniform(), random);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    data.response[i] = std::exp(log_response_at(law, data, i, truth));
  const FitResult result = fit(usual_fit(law), data);
  RecoveryError error{.coefficient = 0, .prediction = 0};
  const std::vector<double> natural = law.to_natural(truth);
  constexpr double kNone = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < natural.size(); ++k) {
    const auto& estimate = result.coefficients[k].estimate;
    error.coefficient =
        std::max(error.coefficient, estimate ? std::abs(estimate->value / natural[k] - 1) : kNone);
  }
  if (result.predicted.empty()) error.prediction = kNone;
  for (std::size_t i = 0; i < result.predicted.size(); ++i)
    error.prediction =
        std::max(error.prediction, std::abs(result.predicted[i] / data.response[i] - 1));
  return error;
}

std::vector<Covered> cover(const Law& law, std::uint64_t seed, std::uint64_t index, int rows,
                           int draws) {
  constexpr double kLevel = 0.95;
  constexpr int kFewRuns = 30;
  // Two streams: the study and its resamples.
  Random random = Random::stream(seed, 2 * index);
  std::vector<double> log_C;
  FitData data = coverage_design(law, rows, random, log_C);
  const Vector truth = truth_of(law, data);
  const auto [least, most] = std::ranges::minmax(log_C);
  for (std::size_t i = 0; i < log_C.size(); ++i) {
    const double position = most > least ? (log_C[i] - least) / (most - least) : 0;
    const double size =
        random.uniform() < kOutlying ? between(kOutlier, position) : between(kUsual, position);
    data.response.push_back(
        std::exp(log_response_at(law, data, i, truth) + size * random.normal()));
  }

  FitSession session(usual_fit(law), data);
  while (session.step()) {
  }
  const FitResult result = session.result();
  const Target target{.cost = {.model = &cost_models().front(),
                               .settings = cost_models().front().default_settings()},
                      .flops = {kCoverageFlops},
                      .log_other = std::vector<double>(law.variables.size(), 0.0)};
  const Functionals functionals(law, target, truth);

  std::vector<Covered> answer;
  std::vector<Functional> asked;
  const auto ask = [&](std::string_view id) {
    const auto functional = functionals.find(id);
    if (!functional || !std::isfinite(functionals.value(*functional, truth))) return;
    asked.push_back(*functional);
    answer.push_back({.quantity = std::string(id), .bootstrap = {}, .sandwich = {}});
  };
  for (const Coefficient& coefficient : law.coefficients)
    if (coefficient.role == Coefficient::Role::exponent) ask(coefficient.id);
  ask("params");
  ask("loss");
  if (!result.objective) return answer;

  Bootstrap bootstrap(session.setup(), session.best_theta(),
                      Random::stream(seed, 2 * index + 1).next());
  const auto effort = rows < kFewRuns ? Refitter::Effort::thorough : Refitter::Effort::warm;
  std::vector<std::vector<double>> values(asked.size());
  for (int d = 0; d < draws; ++d) {
    const auto draw = bootstrap.draw(static_cast<std::uint64_t>(d), effort);
    const Vector theta = law.to_theta(draw.coefficients);
    for (std::size_t q = 0; q < asked.size(); ++q)
      values[q].push_back(functionals.value(asked[q], theta));
  }
  const double t = result.covariance ? result.covariance->t95() : 0;
  const Vector best = session.best_theta();
  for (std::size_t q = 0; q < asked.size(); ++q) {
    const double expected = functionals.value(asked[q], truth);
    const DrawSummary summary = summarise(values[q], kLevel);
    answer[q].bootstrap = holds(summary.lower, summary.upper, expected);
    if (!result.covariance) continue;
    const double centre = functionals.value(asked[q], best);
    const double half = t * std::sqrt(result.covariance->variance(functionals.gradient(
                                asked[q], best, result.covariance->coefficients)));
    const bool known = asked[q].kind != Functional::Kind::coefficient ||
                       std::ranges::find(result.covariance->coefficients, asked[q].coefficient) !=
                           result.covariance->coefficients.end();
    if (known) answer[q].sandwich = holds(centre - half, centre + half, expected);
  }
  return answer;
}

}  // namespace isoloss
