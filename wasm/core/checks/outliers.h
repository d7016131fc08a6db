#pragma once

#include <optional>
#include <string_view>
#include <vector>

/// Runs that stand out from a fit, with the reasons. None is ever dropped.
namespace isoloss {

/// Columns by run; empty = not known, as is a NaN in `flops` or `influence`.
struct FittedRuns {
  std::vector<double> residual;  ///< ln L̂ − ln L
  std::vector<double> log_params;
  std::vector<double> flops;
  std::vector<double> influence;  ///< ln N_opt without the run / with
  /// Of ln N_opt; nullopt: influence is not judged.
  std::optional<double> standard_error;
};

struct OutlierReason {
  /// residual: |r| in robust standard deviations of all residuals, against 6.
  /// spline: how far the run lies from what its neighbours in ln N at the same budget say, in
  /// robust standard deviations of that, against 6. influence: |ln N_opt without / with| in
  /// standard errors, against 1.
  std::string_view code;
  double value;
  double threshold;
};
struct Outlier {
  int row;
  std::vector<OutlierReason> reasons;
};
struct Outliers {
  std::optional<double> scale;    ///< 1.4826·median|r|
  std::vector<Outlier> outliers;  ///< by row
};

/// Equation (24) of docs/math.md. For the spline, runs are grouped by recognise_budgets (10 %). In
/// a group of at least 6 runs every run is predicted by a quadratic in ln N through the 8 nearest
/// others, fitted by least absolute deviations so that one bad run does not spoil its neighbours'
/// predictions, to the residuals, in which what the law knows of budget and valley is gone already.
/// The worst is set aside and its neighbours are judged again without it, until none stands out; in
/// the end those set aside are judged once more, by the runs that were not.
Outliers find_outliers(const FittedRuns& runs);

}  // namespace isoloss
