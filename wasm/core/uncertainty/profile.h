#pragma once

#include <optional>
#include <vector>

#include "core/uncertainty/functional.h"

/// The objective along one number that follows from the coefficients, everything else refitted.
namespace isoloss {

struct Profile {
  double value;                  ///< natural, at the fit; NaN = none, and nothing below
  std::vector<double> x;         ///< natural, ascending
  std::vector<double> deviance;  ///< 2(F − F̂)/τ
  /// Where the deviance is kProfileThreshold; nullopt: it stays below on that side, or the law ends
  /// first.
  std::optional<double> lower;
  std::optional<double> upper;
};

/// 95 % of χ² with one degree of freedom.
inline constexpr double kProfileThreshold = 3.841458820694124;

/// docs/math.md (12): each point is the minimum of F + ½μ(h(θ) − c)² with a stiff μ, which is the
/// exact minimum of F at the h(θ) where it comes to rest, so x is where the points are, not where
/// they were wanted. `points` on the curve, spread evenly to beyond the threshold.
Profile profile(const FitSetup& setup, const Vector& theta, const Functionals& functionals,
                const Functional& functional, int points);

}  // namespace isoloss
