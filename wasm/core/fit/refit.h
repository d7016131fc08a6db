#pragma once

#include <optional>
#include <span>

#include "core/fit/search.h"
#include "core/fit/setup.h"

namespace isoloss {

/// Refits of a finished fit under other row weights or responses: bootstrap draws, runs left out,
/// paths. Each starts at the optimum of all rows, two Newton steps with a wide quadratic part ahead
/// (docs/math.md, "Refits").
class Refitter {
 public:
  /// `setup` of a finished session, which must outlive this; `theta`: the optimum of all rows, a
  /// floor or scale of 0 being −infinity.
  Refitter(const FitSetup& setup, Vector theta);

  /// near: from theta, without the wide steps, where one row of many changes. warm: from theta.
  /// scanned: from the best cell of a scan of its own as well; thorough: from a search of its own
  /// as well. The better of both is answered.
  enum class Effort { near, warm, scanned, thorough };
  struct Refit {
    Vector theta;
    double objective;
    bool converged;
    bool at_bound;  ///< an exponent at its bound, or a floor or scale at 0
  };

  /// `multiplicity[i]` multiplies the weight of row i; 0 leaves the row out. The mean weight is not
  /// scaled again: the objective is the plain Σ m_i·w_i·ρ(r_i), so that draws compare.
  Refit refit(std::span<const double> multiplicity, Effort effort = Effort::warm);
  /// Same rows with other responses (natural, positive, one per row): parametric and wild
  /// bootstraps, simulated studies.
  Refit refit_responses(std::span<const double> response, Effort effort = Effort::warm);

 private:
  Refit solve(const Runs& runs, Effort effort);
  /// Does a solve need the rows as runs, not only as columns of the kernel?
  bool needs_runs() const;
  bool at_bound(const Vector& theta) const;

  const FitSetup& setup_;
  Vector theta_;
  double first_delta_ = 0;
  /// Of laws that the fast kernel fits: all rows, those of the refit, theta in their coefficients.
  std::optional<PowerSumProblem> all_;
  std::optional<PowerSumProblem> rows_;
  Vector kernel_;
};

}  // namespace isoloss
