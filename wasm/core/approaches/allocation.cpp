#include "core/approaches/allocation.h"

#include <cmath>

#include "core/uncertainty/bootstrap.h"

namespace isoloss {

std::optional<PowerLine> fit_power_line(std::span<const double> log_C,
                                        std::span<const double> log_y) {
  if (log_C.empty()) return std::nullopt;
  const auto n = static_cast<double>(log_C.size());
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < log_C.size(); ++i) {
    mean_x += log_C[i] / n;
    mean_y += log_y[i] / n;
  }
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < log_C.size(); ++i) {
    const double dx = log_C[i] - mean_x;
    xx += dx * dx;
    xy += dx * (log_y[i] - mean_y);
  }
  // A thousandth of a decade is rounding of one budget, not two.
  constexpr double kLeastSpread = 2e-3;
  if (!(std::sqrt(xx / n) > kLeastSpread)) return std::nullopt;
  const double exponent = xy / xx;
  return PowerLine{.exponent = exponent, .log_coefficient = mean_y - exponent * mean_x};
}

Allocation allocate(const PowerLines& lines, std::span<const PowerLines> draws,
                    std::span<const double> flops) {
  Allocation result{.lines = lines,
                    .params_exponent = std::nullopt,
                    .tokens_exponent = std::nullopt,
                    .optima = {}};
  if (!lines.params || !lines.tokens) return result;
  std::vector<const PowerLines*> found;
  for (const PowerLines& draw : draws)
    if (draw.params && draw.tokens) found.push_back(&draw);
  if (!draws.empty())
    result.missing_draws =
        1 - static_cast<double>(found.size()) / static_cast<double>(draws.size());
  const bool known = found.size() >= 2 && result.missing_draws <= 0.5;
  const auto interval = [&](auto number) -> std::optional<Interval> {
    if (!known) return std::nullopt;
    std::vector<double> values;
    values.reserve(found.size());
    for (const PowerLines* draw : found) values.push_back(number(*draw));
    constexpr double kLevel = 0.95;
    const DrawSummary summary = summarise(values, kLevel);
    return Interval(summary.lower, summary.upper);
  };
  result.params_exponent = interval([](const PowerLines& d) { return d.params->exponent; });
  result.tokens_exponent = interval([](const PowerLines& d) { return d.tokens->exponent; });
  for (const double C : flops) {
    const double log_C = std::log(C);
    result.optima.push_back(
        {.flops = C,
         .params = std::exp(lines.params->log_at(log_C)),
         .tokens = std::exp(lines.tokens->log_at(log_C)),
         .params_interval =
             interval([&](const PowerLines& d) { return std::exp(d.params->log_at(log_C)); }),
         .tokens_interval =
             interval([&](const PowerLines& d) { return std::exp(d.tokens->log_at(log_C)); })});
  }
  return result;
}

}  // namespace isoloss
