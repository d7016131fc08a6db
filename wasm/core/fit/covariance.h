#pragma once

#include <optional>
#include <vector>

#include "core/fit/problem.h"

/// Uncertainty from the curvature at the optimum: instant, and the yardstick of what needs refits.
namespace isoloss {

/// Robust covariance of some coefficients of a law, on the scale of theta.
struct Covariance {
  std::vector<int> coefficients;  ///< indices into the law's coefficients
  Matrix matrix;
  double degrees_of_freedom;
  /// Per coefficient: its standard error over the one that equal errors of all runs would give.
  std::vector<double> robust_ratio = {};
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

/// A fit near its optimum (docs/math.md (7)): with ψ = ρ' in units of δ, J = ∂ residual / ∂ theta,
/// the curvature H = Σ_{|r|<=h} wJJᵀ/h, whose bandwidth h shrinks as n^(-1/5) because the exact
/// Huber Hessian sees too few runs; for least squares H = Σ wJJᵀ.
class Linearisation {
 public:
  /// `active` are the free, not bounded coefficients; tied ones vary together. nullopt where H is
  /// singular or n <= p. Law and runs must outlive it.
  static std::optional<Linearisation> at(const Law& law, const Constraints& constraints,
                                         const Runs& runs, const Objective& objective,
                                         const Vector& theta, const std::vector<char>& active);

  /// Powell's sandwich V = n/(n−p) · H⁻¹KH⁻¹, K = Σ w²ψ²JJᵀ; for least squares the usual HC1. It
  /// needs no assumption of equal error sizes. Tied coefficients are listed each.
  Covariance sandwich() const;

  /// Scale of the deviance: 2(F − F̂)/tau is about χ² where errors are equal, F as the solver has it
  /// (½Σwr² for least squares; δ·Σw|r| for absolute errors).
  double tau() const;

  /// Variance that one run of weight 1 has as a measurement of its residual: the errors of all runs
  /// taken as equal, seen through this objective.
  double run_variance() const;

  /// Variance of c, a function with gradient `c` in theta, and what is left of it after one more
  /// run of weight 1 at the inputs `log_x`, as a ratio of standard errors (<= 1).
  double shrinks(const Covariance& covariance, const Vector& c, const double* log_x) const;

  /// theta when run i is left out, by one Newton step.
  Vector without(std::size_t i) const;

 private:
  Linearisation(const Law& law, const Runs& runs, const Objective& objective, const Vector& theta)
      : law_(&law), runs_(&runs), objective_(objective), theta_(theta) {}

  /// Residual and its gradient in the free parameters (columns scaled) at run i.
  double row(std::size_t i, Vector& J) const;
  Vector reduced(const double* gradient) const;
  Vector expanded(const Vector& parameters) const;

  const Law* law_;
  const Runs* runs_;
  Objective objective_;
  Vector theta_;
  std::vector<int> coefficients_;  ///< active ones
  std::vector<int> column_;        ///< per coefficient: column of J, or −1
  Vector length_;                  ///< of J's columns, which are scaled to 1
  ErrorTerms terms_;
  double degrees_ = 0;
  Matrix inverse_;         ///< H⁻¹
  Matrix middle_;          ///< K
  Matrix design_;          ///< Σ wJJᵀ
  double psi_square_ = 0;  ///< Σ wψ²/(n − p)
  double slope_ = 0;       ///< mean of ψ'
};

/// Linearisation::sandwich, where there is one.
std::optional<Covariance> sandwich(const Law& law, const Constraints& constraints, const Runs& runs,
                                   const Objective& objective, const Vector& theta,
                                   const std::vector<char>& active);

}  // namespace isoloss
