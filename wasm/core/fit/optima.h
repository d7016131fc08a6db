#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/fit/search.h"

/// What there is to say about the optima of a search: what of the law they leave without effect,
/// and whether another one rivals the best.
namespace isoloss {

/// Per coefficient of the law: free, and its parameter moves no prediction by more than 1e-9 of it.
std::vector<char> without_effect(const Law& law, const Constraints& constraints, const Runs& runs,
                                 const Vector& theta);

/// On a log scale a floor or scale runs away towards 0 without reaching it: what has no effect on
/// any run becomes 0 (theta −infinity).
void drop_vanished_scales(const Law& law, const Constraints& constraints,
                          const std::vector<char>& without_effect, Vector& theta);

/// A second explanation of the runs, almost as good as the best.
struct OtherOptimum {
  Vector theta;      ///< −infinity: a floor or scale of 0; NaN: the exponent of a term not there
  double objective;  ///< as reported
  double deviance;   ///< 2(F − F̂)/τ (docs/math.md, "A second optimum")
};

/// By more than 1 %.
bool exponents_differ(double a, double b);

/// The best of the ends of a search that converged somewhere else than at `best`, with a deviance
/// of no more than 3.84 (95 % of χ² with one degree of freedom). Somewhere else: ln L̂ differs by
/// more than 1e-4 (root mean square over the runs), or an exponent by more than 1 % of it. `active`
/// are the coefficients of the best that are free and not at a bound.
std::optional<OtherOptimum> find_other_optimum(const Law& law, const Constraints& constraints,
                                               const Runs& runs, const Objective& objective,
                                               const Candidate& best,
                                               std::span<const Candidate> ends,
                                               const std::vector<char>& active);

}  // namespace isoloss
