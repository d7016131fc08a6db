#include "core/fit/designs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/math/mean.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

constexpr double kCollinear = 0.995;
/// Spread of ln(N·D) or ln(D/N) within which it counts as one value (±10 %) …
constexpr double kOneValue = 0.2;
/// … if N itself spreads that many times as far.
constexpr double kSpreadsFurther = 5;
/// Fewer runs than this for each free coefficient: a caution.
constexpr int kRunsPerCoefficient = 3;
/// Beyond this many rows copies of some change nothing.
constexpr std::size_t kMostCompared = 100'000;
/// Standard deviation of a normal distribution over its median absolute deviation.
constexpr double kNormalScale = 1.4826;
constexpr double kFarOff = 6;
/// Residuals of noiseless data are rounding.
constexpr double kRounding = 1e-9;
/// Share and number of runs far off from which it is no longer a matter of single runs.
constexpr double kManyShare = 0.05;
constexpr int kMany = 3;
/// Correlation of ln A with α, and standard error of ln A, from which their direction is told.
constexpr double kOneDirection = 0.99;
constexpr double kUncertainScale = 0.5;
constexpr double kExponentStep = 0.01;

double correlation(const std::vector<double>& a, const std::vector<double>& b,
                   const std::vector<double>& weight) {
  const double ma = weighted_mean(a, weight);
  const double mb = weighted_mean(b, weight);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += weight[i] * (a[i] - ma) * (b[i] - mb);
  return sum / static_cast<double>(a.size()) /
         (weighted_spread(a, weight) * weighted_spread(b, weight));
}

/// Largest less smallest of a + sign·b.
double range(const std::vector<double>& a, const std::vector<double>& b, double sign) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t i = 0; i < a.size(); ++i) {
    low = std::min(low, a[i] + sign * b[i]);
    high = std::max(high, a[i] + sign * b[i]);
  }
  return high - low;
}

}  // namespace

TwoInputs judge_inputs(Quantity first, const std::vector<double>& log_first, Quantity second,
                       const std::vector<double>& log_second, const std::vector<double>& weight) {
  const double rho = correlation(log_first, log_second, weight);
  const bool compute = (first == Quantity::params && second == Quantity::tokens) ||
                       (first == Quantity::tokens && second == Quantity::params);
  if (compute) {
    const double own = range(log_first, log_first, 0);
    const auto one_value = [&](double sign) {
      const double spread = range(log_first, log_second, sign);
      return spread <= kOneValue && own > kSpreadsFurther * spread;
    };
    if (one_value(1)) return {.code = "one_budget", .value = std::nullopt};
    if (one_value(-1)) {
      const double log_ratio = weighted_mean(log_second, weight) - weighted_mean(log_first, weight);
      return {.code = "ratio_fixed",
              .value = std::exp(first == Quantity::params ? log_ratio : -log_ratio)};
    }
  }
  if (std::abs(rho) > kCollinear) return {.code = "collinear", .value = rho};
  return {.code = "", .value = std::nullopt};
}

int count_copies(const Runs& runs) {
  if (runs.size() > kMostCompared) return 0;
  // Copies have the same key, and hardly anything else has.
  std::vector<double> keys = runs.response;
  double factor = std::numbers::sqrt2;
  for (const auto& column : runs.log_x) {
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] += factor * column[i];
    factor *= std::numbers::phi;
  }
  const auto same = [&](std::size_t a, std::size_t b) {
    return runs.response[a] == runs.response[b] &&
           std::ranges::all_of(runs.log_x, [&](const auto& x) { return x[a] == x[b]; });
  };
  const std::vector<std::size_t> order = ascending(keys);
  int copies = 0;
  for (std::size_t i = 1; i < order.size(); ++i)
    if (same(order[i - 1], order[i])) ++copies;
  return copies;
}

void warn_of_few_runs(FitSetup& setup, int copies) {
  const auto warn = [&](std::string_view code, double value) {
    setup.warnings.push_back({.code = code, .coefficients = {}, .quantities = {}, .value = value});
  };
  if (copies > 0) warn("duplicate_rows", copies);
  const int enough = kRunsPerCoefficient * setup.constraints.free_count;
  const int distinct = static_cast<int>(setup.runs.size()) - copies;
  if (!setup.too_few && distinct < enough) warn("few_runs", enough);
}

void warn_of_outliers(FitResult& result) {
  const std::vector<double> sizes = sorted_sizes(result.log_residual);
  const auto free = static_cast<std::size_t>(result.free_coefficients);
  // The smallest are what the fit has made small.
  const double scale = kNormalScale * median_of_sorted(sizes, free);
  const double limit = std::max(kFarOff * scale, kRounding);
  const auto far =
      static_cast<int>(std::ranges::count_if(sizes, [&](double size) { return size > limit; }));
  if (far == 0 || sizes.size() <= free) return;
  const double share = far / static_cast<double>(sizes.size());
  const bool many = far >= kMany && share >= kManyShare;
  result.warnings.push_back({.code = many ? "heavy_tails" : "outliers",
                             .coefficients = {},
                             .quantities = {},
                             .value = many ? share : far});
}

void warn_of_trade_offs(const Law& law, FitResult& result) {
  if (!result.covariance) return;
  const Covariance& covariance = *result.covariance;
  const auto role = [&](Eigen::Index i) {
    const int k = covariance.coefficients[static_cast<std::size_t>(i)];
    return law.coefficients[static_cast<std::size_t>(k)].role;
  };
  const Matrix& V = covariance.matrix;
  for (Eigen::Index a = 0; a < V.rows(); ++a) {
    if (role(a) != Coefficient::Role::scale || !(std::sqrt(V(a, a)) > kUncertainScale)) continue;
    for (Eigen::Index e = 0; e < V.rows(); ++e) {
      if (role(e) != Coefficient::Role::exponent) continue;
      if (!(std::abs(V(a, e)) > kOneDirection * std::sqrt(V(a, a) * V(e, e)))) continue;
      result.warnings.push_back(
          {.code = "trade_off",
           .coefficients = {covariance.coefficients[static_cast<std::size_t>(a)],
                            covariance.coefficients[static_cast<std::size_t>(e)]},
           .quantities = {},
           .value = std::exp(kExponentStep * V(a, e) / V(e, e))});
    }
  }
}

}  // namespace isoloss
