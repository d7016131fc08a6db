#include "core/approaches/approach_2.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math/order.h"
#include "core/math/random.h"

namespace isoloss {
namespace {

constexpr int kLeastSizes = 3;
constexpr int kFewSizes = 6;
/// A vertex may lie this share of the range outside it.
constexpr double kReach = 0.5;
/// Exponents of N and D that miss 1 by more contradict C ∝ N·D.
constexpr double kSumTolerance = 0.02;
constexpr double kManyMissing = 0.05;

/// For every x the number of its size, in any order.
std::vector<int> sizes_of(const std::vector<double>& x) {
  std::vector<int> size(x.size());
  if (x.empty()) return size;
  const std::vector<std::size_t> order = ascending(x);
  const double apart = 1e-3 * (x[order.back()] - x[order.front()]);
  int number = 0;
  double first = x[order.front()];
  for (const std::size_t i : order) {
    if (x[i] - first > apart) {
      ++number;
      first = x[i];
    }
    size[i] = number;
  }
  return size;
}

Parabola parabola(std::span<const double> x, std::span<const double> loss, int sizes) {
  Parabola result;
  if (x.empty()) {
    result.too_few_points = result.few_points = true;
    return result;
  }
  const auto [least, most] = std::ranges::minmax(x);
  result.lower = least;
  result.upper = most;
  result.too_few_points = sizes < kLeastSizes;
  result.few_points = sizes < kFewSizes;
  if (result.too_few_points) return result;

  // Orthogonal polynomials 1, z, z² − tilt·z − level of z = (x − mean)/scale: nothing cancels.
  const auto n = static_cast<double>(x.size());
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += (x[i] - least) / n;
    mean_y += loss[i] / n;
  }
  mean_x += least;
  const double scale = std::max(most - mean_x, mean_x - least);
  const auto z = [&](std::size_t i) { return (x[i] - mean_x) / scale; };
  double z2 = 0;
  double z3 = 0;
  double zy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    z2 += z(i) * z(i);
    z3 += z(i) * z(i) * z(i);
    zy += z(i) * (loss[i] - mean_y);
  }
  const double tilt = z3 / z2;
  const double level = z2 / n;
  const double slope = zy / z2;
  double qq = 0;
  double qy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double q = z(i) * z(i) - tilt * z(i) - level;
    qq += q * q;
    qy += q * (loss[i] - mean_y);
  }
  const double curvature = qy / qq;
  // Below that it is rounding of equal losses.
  if (!(curvature > 1e-14 * std::abs(mean_y)) || !std::isfinite(curvature)) {
    result.negative_curvature = true;
    return result;
  }
  const double v = (curvature * tilt - slope) / (2 * curvature);
  result.minimum = {.log_opt = mean_x + scale * v,
                    .loss_opt = mean_y + slope * v + curvature * (v * v - tilt * v - level),
                    .curvature = curvature / (scale * scale)};
  result.vertex_outside =
      result.minimum->log_opt < result.lower || result.minimum->log_opt > result.upper;
  return result;
}

/// The runs of one budget, ready to be drawn from.
struct Side {
  std::vector<double> x;
  std::vector<int> size;
};
struct Curve {
  Side params;
  Side tokens;
  std::vector<double> loss;
};

Side side(const std::vector<double>& column, const std::vector<int>& rows) {
  Side result;
  for (const int row : rows) result.x.push_back(column[static_cast<std::size_t>(row)]);
  result.size = sizes_of(result.x);
  return result;
}

/// A power law through the vertices of the budgets that have them.
class Vertices {
 public:
  void add(double log_C, const Parabola& params, const Parabola& tokens) {
    log_C_.push_back(log_C);
    log_N_.push_back(params.minimum->log_opt);
    log_D_.push_back(tokens.minimum->log_opt);
  }
  PowerLines lines() const {
    return {.params = fit_power_line(log_C_, log_N_), .tokens = fit_power_line(log_C_, log_D_)};
  }
  const std::vector<double>& log_C() const { return log_C_; }

 private:
  std::vector<double> log_C_;
  std::vector<double> log_N_;
  std::vector<double> log_D_;
};

/// One budget's runs drawn with replacement, and the parabolas through them.
class Redraw {
 public:
  std::pair<Parabola, Parabola> draw(const Curve& curve, Random& random) {
    const auto n = static_cast<std::uint32_t>(curve.loss.size());
    rows_.clear();
    loss_.clear();
    for (std::uint32_t i = 0; i < n; ++i) {
      rows_.push_back(random.below(n));
      loss_.push_back(curve.loss[rows_.back()]);
    }
    return {refit(curve.params), refit(curve.tokens)};
  }

 private:
  Parabola refit(const Side& from) {
    x_.clear();
    seen_.assign(from.x.size(), 0);
    int sizes = 0;
    for (const std::uint32_t row : rows_) {
      x_.push_back(from.x[row]);
      char& seen = seen_[static_cast<std::size_t>(from.size[row])];
      if (seen == 0) ++sizes;
      seen = 1;
    }
    return parabola(x_, loss_, sizes);
  }

  std::vector<std::uint32_t> rows_;
  std::vector<double> loss_;
  std::vector<double> x_;
  std::vector<char> seen_;
};

std::vector<PowerLines> redraw(const std::vector<Curve>& curves, const std::vector<double>& log_C,
                               const Resampling& resampling) {
  std::vector<PowerLines> draws;
  Redraw budget;
  for (int draw = 0; draw < resampling.draws; ++draw) {
    Random random = Random::stream(resampling.seed, static_cast<std::uint64_t>(draw));
    Vertices vertices;
    for (std::size_t b = 0; b < curves.size(); ++b) {
      const auto [params, tokens] = budget.draw(curves[b], random);
      if (params.usable() && tokens.usable()) vertices.add(log_C[b], params, tokens);
    }
    draws.push_back(vertices.lines());
  }
  return draws;
}

FitWarning warning(std::string_view code, double value) {
  return {.code = code, .coefficients = {}, .quantities = {}, .value = value};
}

}  // namespace

bool Parabola::usable() const {
  if (!minimum) return false;
  const double reach = kReach * (upper - lower);
  return minimum->log_opt >= lower - reach && minimum->log_opt <= upper + reach;
}

Parabola fit_parabola(std::span<const double> log_x, std::span<const double> loss) {
  const std::vector<int> size = sizes_of({log_x.begin(), log_x.end()});
  return parabola(log_x, loss, size.empty() ? 0 : std::ranges::max(size) + 1);
}

Approach2 approach_2(const IsoflopRuns& runs, std::vector<Budget> budgets,
                     const Resampling& resampling, std::span<const double> flops) {
  Approach2 result;
  std::vector<char> assigned(runs.loss.size(), 0);
  std::vector<Curve> curves;
  std::vector<double> log_C;
  Vertices vertices;
  for (Budget& budget : budgets) {
    Curve curve{.params = side(runs.log_params, budget.rows),
                .tokens = side(runs.log_tokens, budget.rows),
                .loss = {}};
    for (const int row : budget.rows) {
      curve.loss.push_back(runs.loss[static_cast<std::size_t>(row)]);
      assigned[static_cast<std::size_t>(row)] = 1;
    }
    const auto fit = [&](const Side& s) {
      return parabola(s.x, curve.loss, s.size.empty() ? 0 : std::ranges::max(s.size) + 1);
    };
    Approach2::BudgetFit found{.budget = std::move(budget),
                               .params = fit(curve.params),
                               .tokens = fit(curve.tokens),
                               .used = false};
    found.used = found.params.usable() && found.tokens.usable();
    log_C.push_back(std::log(found.budget.flops));
    if (found.used) vertices.add(log_C.back(), found.params, found.tokens);
    result.budgets.push_back(std::move(found));
    curves.push_back(std::move(curve));
  }
  for (std::size_t row = 0; row < assigned.size(); ++row)
    if (assigned[row] == 0) result.unassigned.push_back(static_cast<int>(row));

  const PowerLines lines = vertices.lines();
  if (lines.params && lines.tokens)
    result.exponent_sum = lines.params->exponent + lines.tokens->exponent;
  result.allocation = allocate(
      lines, result.exponent_sum ? redraw(curves, log_C, resampling) : std::vector<PowerLines>{},
      flops);

  const std::size_t used = vertices.log_C().size();
  std::string_view code;
  const auto warn = [&](double value) { result.warnings.push_back(warning(code, value)); };
  if (used < 3) {
    code = "few_budgets";
    warn(static_cast<double>(used));
  }
  if (result.exponent_sum && std::abs(*result.exponent_sum - 1) > kSumTolerance) {
    code = "exponents_do_not_sum";
    warn(*result.exponent_sum);
  }
  if (result.allocation.missing_draws > kManyMissing) {
    code = "missing_draws";
    warn(result.allocation.missing_draws);
  }
  return result;
}

Approach2Bias approach_2_bias(const OptimumQuestion& question, IsoflopRuns design,
                              std::vector<Budget> budgets, std::span<const double> flops) {
  const Law& law = *question.law;
  std::array<double, 4> x{};
  for (std::size_t v = 0; v < question.log_other.size(); ++v) x[v] = question.log_other[v];
  const auto params = law.variable_index(Quantity::params);
  const auto tokens = law.variable_index(Quantity::tokens);
  design.loss.resize(design.log_params.size());
  for (std::size_t i = 0; i < design.loss.size(); ++i) {
    if (params) x[static_cast<std::size_t>(*params)] = design.log_params[i];
    if (tokens) x[static_cast<std::size_t>(*tokens)] = design.log_tokens[i];
    design.loss[i] = std::exp(law.log_response(x.data(), question.theta.data()));
  }
  const Approach2 found = approach_2(design, std::move(budgets), {}, flops);
  const PowerLines& lines = found.allocation.lines;
  const bool exists = unavailable(question) == NoOptimum::none;

  Approach2Bias bias;
  for (const double C : flops) {
    Approach2Bias::Optimum error{.flops = C, .params = std::nullopt, .tokens = std::nullopt};
    if (const auto truth = exists && found.exponent_sum ? optimum(question, C) : std::nullopt) {
      const double log_C = std::log(C);
      error.params = std::expm1(lines.params->log_at(log_C) - std::log(truth->params.value));
      error.tokens = std::expm1(lines.tokens->log_at(log_C) - std::log(truth->tokens.value));
    }
    bias.optima.push_back(error);
  }
  if (!exists || !found.exponent_sum) return bias;
  std::vector<double> log_C;
  std::vector<double> log_N;
  std::vector<double> log_D;
  for (const auto& fit : found.budgets) {
    const auto truth = fit.used ? optimum(question, fit.budget.flops) : std::nullopt;
    if (!truth) continue;
    log_C.push_back(std::log(fit.budget.flops));
    log_N.push_back(std::log(truth->params.value));
    log_D.push_back(std::log(truth->tokens.value));
  }
  if (const auto line = fit_power_line(log_C, log_N))
    bias.params_exponent = lines.params->exponent - line->exponent;
  if (const auto line = fit_power_line(log_C, log_D))
    bias.tokens_exponent = lines.tokens->exponent - line->exponent;
  return bias;
}

double symmetric_grid_bias(double alpha, double beta, int sizes, double half_width) {
  // Along a budget, up to a constant and a factor, L = (β/α)·e^(−αw) + e^(βw) with
  // w = ln(N/N_opt).
  const double reach = std::log(half_width);
  double w2 = 0;
  double w4 = 0;
  double y = 0;
  double wy = 0;
  double w2y = 0;
  for (int i = 0; i < sizes; ++i) {
    const double w = reach * (2.0 * i / (sizes - 1) - 1);
    // Less its value at the optimum, so that nothing cancels.
    const double loss = beta / alpha * std::expm1(-alpha * w) + std::expm1(beta * w);
    w2 += w * w;
    w4 += w * w * w * w;
    y += loss;
    wy += w * loss;
    w2y += w * w * loss;
  }
  const double slope = wy / w2;
  const double curvature = (sizes * w2y - w2 * y) / (sizes * w4 - w2 * w2);
  return -slope / (2 * curvature);
}

}  // namespace isoloss
