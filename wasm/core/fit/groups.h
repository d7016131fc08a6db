#pragma once

#include <optional>
#include <vector>

#include "core/fit/fit.h"

/// One law for several groups of runs (data sets, optimisers): exponents shared, floor and scales
/// of each group's own. Which is which follows from the roles of the law's coefficients.
namespace isoloss {

struct SharedExponent {
  int coefficient;
  std::optional<double> value;           ///< nullopt: these runs do not determine it
  std::optional<double> standard_error;  ///< sandwich over all rows
};

struct GroupsFit {
  FitStatus status = FitStatus::too_few_points;
  bool usable = false;
  std::optional<double> objective;
  std::vector<SharedExponent> shared;
  struct Group {
    int rows = 0;
    /// Natural, by coefficient; nullopt: not determined by this group.
    std::vector<std::optional<double>> coefficients;
  };
  std::vector<Group> groups;
  int starts_tried = 0;
  int starts_agreeing = 0;
  /// Sum of the objectives of separate fits; nullopt where a group alone cannot be fitted.
  std::optional<double> separate_objective;
  std::optional<double> aicc_shared;
  std::optional<double> aicc_separate;
  std::vector<FitWarning> warnings;
  std::vector<double> predicted;     ///< L̂ per row, as sent
  std::vector<double> log_residual;  ///< ln L̂ − ln L
};

/// `group[i]` in [0, groups): the group of row i; every group has a row.
///
/// The exponents are sought by a trust region on F(e) = Σ_g min F_g(own coefficients, e): value by
/// a solve in every group, gradient by the envelope theorem, Hessian as the Schur complement of the
/// groups' own coefficients (docs/math.md, "Groups"), so that the work grows with the number of
/// groups and not with its cube. It starts from the exponents of each group's separate fit and of
/// the fit of all runs as one.
GroupsFit fit_groups(const FitSpecification& specification, const FitData& data,
                     const std::vector<int>& group, int groups);

}  // namespace isoloss
