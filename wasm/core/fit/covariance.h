#pragma once

#include <optional>
#include <vector>

#include "core/fit/problem.h"

namespace isoloss {

/// Robust covariance of some coefficients of a law, on the scale of theta.
struct Covariance {
  std::vector<int> coefficients;  ///< indices into the law's coefficients
  Matrix matrix;
  double degrees_of_freedom;
  /// ln-scale half-width of a 95 % interval: t quantile times standard error.
  double t95() const;
  /// Delta method: variance of a function with this gradient in the law's theta.
  double variance(const Vector& gradient) const;
};

/// What every run's error counts in the sandwich (docs/math.md (7)), weights included: ψ in units
/// of δ, so that the limit δ → 0 is the sign, and ψ′ in the same units, seen through the bandwidth.
struct ErrorTerms {
  std::vector<double> psi;
  std::vector<double> slope;
};
/// From residuals of a fit with `free` free coefficients; nullopt where they have no size.
std::optional<ErrorTerms> error_terms(const Objective& objective, const std::vector<double>& r,
                                      const std::vector<double>& weight, std::size_t free);

/// Powell's sandwich at theta (docs/math.md (7)): V = n/(n−p) · H⁻¹KH⁻¹ with K = Σ w²ψ²JJᵀ and, for
/// Huber objectives, H = (δ/h) Σ_{|r|<=h} wJJᵀ with a bandwidth h that shrinks as n^(-1/5); for
/// least squares the usual HC1 sandwich. It needs no assumption of equal error sizes. `active` are
/// the free, not bounded coefficients; tied ones are listed each and vary together. nullopt where H
/// is singular or n <= p.
std::optional<Covariance> sandwich(const Law& law, const Constraints& constraints, const Runs& runs,
                                   const Objective& objective, const Vector& theta,
                                   const std::vector<char>& active);

}  // namespace isoloss
