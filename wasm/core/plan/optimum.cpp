#include "core/plan/optimum.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace isoloss {
namespace {

/// Loss and its slope in ln N along a budget.
class Valley {
 public:
  Valley(const OptimumQuestion& question, const Vector& theta, double log_flops)
      : question_(question),
        theta_(theta),
        log_flops_(log_flops),
        params_(static_cast<std::size_t>(*question.law->variable_index(Quantity::params))),
        tokens_(static_cast<std::size_t>(*question.law->variable_index(Quantity::tokens))) {
    for (std::size_t i = 0; i < question.log_other.size(); ++i) x_[i] = question.log_other[i];
  }

  double log_loss(double log_N) {
    place(log_N);
    return question_.law->log_response(x_.data(), theta_.data());
  }

  double slope(double log_N) {
    place(log_N);
    std::array<double, 4> gradient{};
    question_.law->input_gradient(x_.data(), theta_.data(), gradient.data());
    double cost_slope = 1;
    question_.cost.log_flops_per_token(log_N, &cost_slope);
    return gradient[params_] - cost_slope * gradient[tokens_];
  }

 private:
  void place(double log_N) {
    x_[params_] = log_N;
    x_[tokens_] = question_.cost.log_tokens(log_N, log_flops_);
  }

  const OptimumQuestion& question_;
  const Vector& theta_;
  double log_flops_;
  std::size_t params_;
  std::size_t tokens_;
  std::array<double, 4> x_{};
};

bool has_closed_form(const OptimumQuestion& question) {
  return question.law->log_params_opt != nullptr && question.cost.model->proportional;
}

std::optional<double> log_params_opt(const OptimumQuestion& question, const Vector& theta,
                                     double log_flops) {
  if (!has_closed_form(question)) return numeric_log_params_opt(question, theta, log_flops);
  const double log_k = question.cost.log_flops_per_token(0);
  const double log_N = question.law->log_params_opt(theta.data(), log_flops - log_k);
  return std::isfinite(log_N) ? std::optional(log_N) : std::nullopt;
}

/// ln N, ln D, ln(D/N), ln L at the optimum.
std::optional<std::array<double, 4>> solve(const OptimumQuestion& question, const Vector& theta,
                                           double log_flops) {
  const auto log_N = log_params_opt(question, theta, log_flops);
  if (!log_N) return std::nullopt;
  const double log_D = question.cost.log_tokens(*log_N, log_flops);
  return std::array{*log_N, log_D, log_D - *log_N,
                    Valley(question, theta, log_flops).log_loss(*log_N)};
}

}  // namespace

std::string_view id(NoOptimum reason) {
  switch (reason) {
    case NoOptimum::one_sided:
      return "one_sided";
    case NoOptimum::undetermined:
      return "undetermined";
    case NoOptimum::at_the_border:
      return "at_the_border";
    case NoOptimum::none:
      break;
  }
  return "none";
}

NoOptimum unavailable(const OptimumQuestion& question) {
  const Law& law = *question.law;
  if (!law.variable_index(Quantity::params) || !law.variable_index(Quantity::tokens))
    return NoOptimum::one_sided;
  for (Eigen::Index k = 0; k < question.theta.size(); ++k)
    if (std::isnan(question.theta[k])) return NoOptimum::undetermined;
  if (!solve(question, question.theta, std::log(1e21))) return NoOptimum::at_the_border;
  return NoOptimum::none;
}

std::optional<double> numeric_log_params_opt(const OptimumQuestion& question, const Vector& theta,
                                             double log_flops) {
  Valley valley(question, theta, log_flops);
  // From one parameter to one token.
  constexpr int kCells = 400;
  const double first = 0;
  const double last = question.cost.log_params(log_flops, 0);
  const auto position = [&](int i) { return first + (last - first) * i / kCells; };
  int best = 0;
  double lowest = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= kCells; ++i) {
    const double loss = valley.log_loss(position(i));
    if (!(loss < lowest)) continue;
    lowest = loss;
    best = i;
  }
  if (best == 0 || best == kCells) return std::nullopt;
  double low = position(best - 1);
  double high = position(best + 1);
  if (!(valley.slope(low) < 0) || !(valley.slope(high) > 0)) return std::nullopt;
  for (int i = 0; i < 200 && high - low > 1e-15 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (valley.slope(middle) < 0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

std::optional<Optimum> optimum(const OptimumQuestion& question, double flops) {
  const double log_flops = std::log(flops);
  const auto centre = solve(question, question.theta, log_flops);
  if (!centre) return std::nullopt;

  std::array<Estimate, 4> estimates;
  std::array<Vector, 4> gradient;
  gradient.fill(Vector::Zero(question.theta.size()));
  bool with_intervals = question.covariance != nullptr;
  if (with_intervals) {
    const Covariance& covariance = *question.covariance;
    for (std::size_t i = 0; i < covariance.coefficients.size() && with_intervals; ++i) {
      const int k = covariance.coefficients[i];
      const auto diagonal = static_cast<Eigen::Index>(i);
      // Central differences over a small part of the standard error.
      const double h = std::max(1e-7, 1e-3 * std::sqrt(covariance.matrix(diagonal, diagonal)));
      Vector up = question.theta;
      Vector down = question.theta;
      up[k] += h;
      down[k] -= h;
      const auto above = solve(question, up, log_flops);
      const auto below = solve(question, down, log_flops);
      with_intervals = above && below;
      for (std::size_t q = 0; q < 4 && with_intervals; ++q)
        gradient[q][k] = ((*above)[q] - (*below)[q]) / (2 * h);
    }
  }
  const double t = with_intervals ? question.covariance->t95() : 0;
  for (std::size_t q = 0; q < 4; ++q) {
    const double value = std::exp((*centre)[q]);
    estimates[q] =
        with_intervals
            ? delta_estimate(value, question.covariance->variance(gradient[q]), t, true)
            : Estimate{.value = value, .standard_error = std::nullopt, .interval = std::nullopt};
  }
  return Optimum{.flops = flops,
                 .params = estimates[0],
                 .tokens = estimates[1],
                 .tokens_per_param = estimates[2],
                 .loss = estimates[3],
                 .closed_form = has_closed_form(question)};
}

}  // namespace isoloss
