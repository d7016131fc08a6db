#include "core/uncertainty/next_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/math/order.h"

namespace isoloss {
namespace {

bool within(const std::pair<double, double>& bounds, double x) {
  return x >= bounds.first && x <= bounds.second;
}

}  // namespace

std::pair<double, double> next_run_ratios(std::span<const double> log_params,
                                          std::span<const double> log_tokens) {
  constexpr std::pair kTrained{0.0, 3 * std::numbers::ln10};
  constexpr std::size_t kFew = 20;  // one run in so many is not what the runs are like
  std::vector<double> ratio(log_params.size());
  for (std::size_t i = 0; i < ratio.size(); ++i) ratio[i] = log_tokens[i] - log_params[i];
  std::ranges::sort(ratio);
  const std::size_t few = ratio.size() / kFew;
  const double low = ratio[few];
  const double high = ratio[ratio.size() - 1 - few];
  const double reach = std::log(kNextRunReach);
  return {std::max(low - reach, std::min(low, kTrained.first)),
          std::min(high + reach, std::max(high, kTrained.second))};
}

std::vector<NextRun> next_runs(const Linearisation& linearisation, const Functionals& functionals,
                               const Vector& theta, const NextRunLimits& limits) {
  constexpr int kSizes = 5;
  constexpr int kSplits = 200;
  const auto functional = functionals.find("params");
  if (!functional) return {};
  const Covariance covariance = linearisation.sandwich();
  const Vector gradient = functionals.gradient(*functional, theta, covariance.coefficients);
  const double variance = covariance.variance(gradient);
  if (!gradient.allFinite() || !std::isfinite(variance) || !(variance > 0)) return {};

  const Law& law = functionals.law();
  const Target& target = functionals.target();
  const auto params = static_cast<std::size_t>(*law.variable_index(Quantity::params));
  const auto tokens = static_cast<std::size_t>(*law.variable_index(Quantity::tokens));
  std::array<double, 4> x{};
  for (std::size_t v = 0; v < target.log_other.size(); ++v) x[v] = target.log_other[v];
  std::vector<NextRun> result;
  for (int size = 0; size < kSizes; ++size) {
    const double log_C = limits.log_flops - 0.5 * size * std::numbers::ln10;
    NextRun best{.log_params = 0, .log_tokens = 0, .log_flops = log_C, .shrinks = 1};
    const auto [low, high] = limits.log_params;
    for (int i = 0; i <= kSplits; ++i) {
      const double log_N = low + (high - low) * i / kSplits;
      const double log_D = target.cost.log_tokens(log_N, log_C);
      if (!within(limits.log_tokens, log_D) || !within(limits.log_tokens_per_param, log_D - log_N))
        continue;
      x[params] = log_N;
      x[tokens] = log_D;
      const double shrinks = linearisation.shrinks(covariance, gradient, x.data());
      if (shrinks < best.shrinks)
        best = {.log_params = log_N, .log_tokens = log_D, .log_flops = log_C, .shrinks = shrinks};
    }
    if (best.shrinks < 1) result.push_back(best);
  }
  sort_by(result, [](const NextRun& run) { return run.shrinks; });
  return result;
}

}  // namespace isoloss
