#pragma once

#include <optional>
#include <vector>

#include "core/fit/covariance.h"
#include "core/fit/refit.h"

/// What the fit hangs on: runs left out one at a time, the worst-fitted ones together, and δ.
namespace isoloss {

/// Leaves out one run at a time.
class LeaveOneOut {
 public:
  /// Above this many rows: one Newton step instead of a refit.
  static constexpr std::size_t kMostRefitted = 20'000;

  /// `setup` must outlive this; `theta` is its optimum.
  LeaveOneOut(const FitSetup& setup, Vector theta);

  bool exact() const { return exact_; }
  /// theta without the run; nullopt where the others are too few or do not determine it.
  std::optional<Vector> without(std::size_t row);

 private:
  const FitSetup& setup_;
  Vector theta_;
  bool exact_;
  Refitter refitter_;
  std::vector<double> multiplicity_;
  std::optional<Linearisation> linearisation_;
};

/// One after the other the run that the law fitted to the remaining ones describes worst (by
/// |ln L̂ − ln L|) is left out, up to `most` of them or until too few are left.
struct Dropped {
  std::optional<std::size_t> row;  ///< left out at this step; none at the first
  Vector theta;
};
std::vector<Dropped> drop_worst(const FitSetup& setup, const Vector& theta, int most);

/// The fit by Huber's function of ln L for `count` (>= 2) log-spaced δ, ascending: from a
/// thousandth of the median residual, which is least absolute deviations but for a hair, to beyond
/// the largest one, which is least squares.
struct AtDelta {
  double delta;
  Vector theta;
};
std::vector<AtDelta> delta_path(const FitSetup& setup, const Vector& theta, int count);

}  // namespace isoloss
