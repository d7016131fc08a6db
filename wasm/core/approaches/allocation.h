#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// What approaches 1 and 2 (Hoffmann et al. 2022, section 3) end with: power laws of N and D in C
/// through optima, and what they say at a budget.
namespace isoloss {

/// ln y = log_coefficient + exponent·ln C.
struct PowerLine {
  double exponent;
  double log_coefficient;
  double log_at(double log_C) const { return log_coefficient + exponent * log_C; }
};

/// By least squares, every point alike; nullopt with fewer than two different budgets.
std::optional<PowerLine> fit_power_line(std::span<const double> log_C,
                                        std::span<const double> log_y);

/// N and D from the same points.
struct PowerLines {
  std::optional<PowerLine> params;
  std::optional<PowerLine> tokens;
};

using Interval = std::pair<double, double>;

struct Allocation {
  PowerLines lines;
  /// 95 %, percentiles of draws; nullopt without draws or where fewer than half of them have a
  /// line.
  std::optional<Interval> params_exponent;
  std::optional<Interval> tokens_exponent;
  struct Optimum {
    double flops;
    double params;
    double tokens;
    std::optional<Interval> params_interval;
    std::optional<Interval> tokens_interval;
  };
  /// One per budget asked for; empty without lines.
  std::vector<Optimum> optima;
  /// Share of draws without lines.
  double missing_draws = 0;
};

/// `draws`: the lines of bootstrap draws, may be empty.
Allocation allocate(const PowerLines& lines, std::span<const PowerLines> draws,
                    std::span<const double> flops);

/// How often to draw. Draw i depends on the seed and on i alone.
struct Resampling {
  int draws = 0;
  std::uint64_t seed = 0;
};

}  // namespace isoloss
