#pragma once

#include <memory>
#include <vector>

#include "core/fit/general_problem.h"
#include "core/fit/power_sum_problem.h"
#include "core/fit/trust_region.h"

namespace isoloss {

/// The end of one solve: theta of the law and the objective as reported.
struct Candidate {
  Vector theta;
  double objective = std::numeric_limits<double>::infinity();
  bool converged = false;
};

/// A search for the global optimum, one local solve per step, so that it can show progress and be
/// stopped. The best candidate so far is always there.
class Search {
 public:
  virtual ~Search() = default;
  /// Does one piece of work; false when the search is over.
  virtual bool step() = 0;
  /// Share of the planned work that is done, in [0, 1].
  virtual double progress() const = 0;
  /// Solves from this point too, besides the search's own starts.
  virtual void also_from(const Vector& theta) = 0;

  const Candidate& best() const { return best_; }
  /// Ends of all solves from start points.
  const std::vector<Candidate>& ends() const { return ends_; }
  int tried() const { return static_cast<int>(ends_.size()); }
  /// Distinct start points, solved separately, that ended within 1e-9 relative of the best.
  int agreeing(double roundoff) const;
  int evaluations() const { return evaluations_; }

 protected:
  /// Registers the end of the solve from a new start point.
  void finish_start(const Candidate& end);
  /// theta of the best ends, of each value once.
  std::vector<Vector> best_ends(int count) const;

  Candidate best_;
  std::vector<Candidate> ends_;
  int evaluations_ = 0;
};

/// full: for a fit of its own. medium: for one of many refits, that starts nowhere but at the
/// minima of the scan. fast: a scan, and one solve from its best cell. given: starts nowhere but
/// where it is told to (also_from).
enum class SearchEffort { full, medium, fast, given };

/// Can the fast kernel solve it: a sum of powers of a shape it knows, with levels that are free or
/// held, neither tied nor bounded?
bool kernel_applies(const Law& law, const Constraints& constraints);

/// The search that fits the law and constraints: variable-projection scan and lattice on the fast
/// kernel for sums of powers, screened Halton starts for every other law.
std::unique_ptr<Search> make_search(const Law& law, const Constraints& constraints,
                                    const Runs& runs, const Objective& objective,
                                    SearchEffort effort = SearchEffort::full);

/// The same on rows that a problem of the kernel holds already; `runs` may be null unless the
/// objective is that of least absolute deviations.
std::unique_ptr<Search> make_search(const Law& law, const Constraints& constraints,
                                    const Runs* runs, const PowerSumProblem& problem,
                                    SearchEffort effort);

/// One local solve from theta, near the optimum: two Newton steps at `first_delta` where that is
/// wider than the objective's δ, then to the end.
Candidate warm_solve(const Law& law, const Constraints& constraints, const Runs& runs,
                     const Objective& objective, const Vector& theta, double first_delta);
/// The same on rows that a problem of the kernel holds already, from its coefficients.
Candidate warm_solve(const Law& law, const Constraints& constraints, const Runs* runs,
                     PowerSumProblem& problem, const Vector& kernel, double first_delta);

}  // namespace isoloss
