#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/data/budgets.h"
#include "core/fit/fit.h"

/// Predicting runs that a fit has not seen. A check to show, not a way to choose a law: where the
/// additive law is the truth, the error on the largest runs picks it 22 to 55 times in a hundred,
/// AICc 25 to 87 times (docs/math.md, "Choosing a law").
namespace isoloss {

/// Rows to fit and rows to predict. `flops`: the budget held out, or the least compute of those.
struct Fold {
  double flops;
  std::vector<std::size_t> trained;
  std::vector<std::size_t> tested;
};

/// Everything with more compute than `above`; without it the largest fifth of the runs (runs with
/// exactly the same compute stay together). Empty where that leaves nothing on one side.
std::vector<Fold> largest_held_out(std::span<const double> flops, std::optional<double> above);

/// Every budget is predicted once from all other rows.
std::vector<Fold> leave_one_budget_out(std::span<const Budget> budgets, std::size_t rows);

/// Every budget but the smallest is predicted from the rows with less compute than it.
std::vector<Fold> rolling_origin(std::span<const Budget> budgets, std::span<const double> flops);

struct FoldResult {
  FitStatus status;
  /// L̂ of the tested rows; empty where the fit gives no numbers to rely on.
  std::vector<double> predicted;
  /// Mean of |ln L̂ − ln L| and of ln L̂ − ln L over the tested rows.
  std::optional<double> mean_error;
  std::optional<double> bias;
  /// Largest compute held out / largest trained on.
  double extrapolation;
  /// Mean error of predicting the least loss seen in training: the naive baseline.
  double baseline;
};

/// A full fit of the trained rows, held against the tested ones.
FoldResult predict_fold(const FitSpecification& specification, const FitData& data,
                        std::span<const double> flops, const Fold& fold);

}  // namespace isoloss
