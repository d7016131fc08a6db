#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/approaches/allocation.h"
#include "core/fit/setup.h"

/// Approach 1 (Hoffmann et al. 2022, section 3.1): the best run at every budget, read off training
/// curves, and a power law through them. Equation (21) of docs/math.md.
namespace isoloss {

/// Points of training curves, columns of equal length, natural logs.
struct CurvePoints {
  std::vector<double> log_params;
  std::vector<double> log_tokens;
  std::vector<double> log_flops;
  std::vector<double> log_loss;
  /// Equal = points of one run; empty = every row is a run of its own.
  std::vector<double> curve;
};

inline constexpr int kEnvelopePoints = 1500;

struct Approach1 {
  /// The lower envelope, by ascending compute; `row`: the last row of the best run that does not
  /// cost more.
  struct Point {
    double log_flops;
    double log_params;
    double log_tokens;
    double log_loss;
    int row;
  };
  std::vector<Point> envelope;
  Allocation allocation;
  int runs = 0;  ///< that are ever the best
  /// no_training_curves (the envelope is over final points only), few_best_runs (value: how many,
  /// fewer than 3), missing_draws (value: share).
  std::vector<FitWarning> warnings;
};

/// `points` budgets, log-spaced over `range` in FLOPs; without one, over all compute at which at
/// least two runs can be compared. A run takes part where its curve covers the budget; between its
/// points ln L, ln N and ln D are linear in ln C. Where no run has two points, the envelope is over
/// the rows that no other beats with as little compute, each once.
///
/// Intervals by bootstrap over runs. `flops`: where optima are wanted.
Approach1 approach_1(const CurvePoints& points, int budgets,
                     std::optional<std::pair<double, double>> range, const Resampling& resampling,
                     std::span<const double> flops);

}  // namespace isoloss
