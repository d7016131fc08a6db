#pragma once

#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "core/fit/objective.h"
#include "core/laws/law.h"
#include "core/math/small.h"

namespace isoloss {

/// The runs of a fit, one column per variable of the law; all values positive. Rows keep their
/// order.
struct Runs {
  std::vector<std::vector<double>> log_x;
  std::vector<double> response;
  std::vector<double> log_response;
  std::vector<double> weight;  ///< mean 1

  std::size_t size() const { return response.size(); }
  /// Inputs of one run, in the order of the law's variables.
  void row(std::size_t i, double* log_inputs) const {
    for (std::size_t v = 0; v < log_x.size(); ++v) log_inputs[v] = log_x[v][i];
  }
};

/// ln of the smallest scale or floor that a fit distinguishes from 0; the largest is its
/// reciprocal.
inline constexpr double kSmallestLog = -700;

/// How the coefficients of a law follow from the free parameters of a fit: each one is free
/// parameter `free`, or held at `value` (on the scale of theta). Tied coefficients share a
/// parameter; coefficients shared between groups of rows would too.
struct Slot {
  int free = -1;
  double value = 0;
};

/// Bounds of one coefficient on the scale of theta; ±kSmallestLog stands for none on a log scale.
struct Limits {
  double lower;
  double upper;
};

struct Constraints {
  std::vector<Slot> slots;     ///< one per coefficient of the law
  std::vector<Limits> limits;  ///< likewise
  int free_count = 0;

  static Constraints none(const Law& law);
};

/// Is a free floor or scale bounded otherwise than by being positive?
bool has_bounded_level(const Law& law, const Constraints& constraints);

/// Half the sum of squares of residuals that are nothing but rounding: a few units in the last
/// place of ln L̂, or of L̂ for plain residuals.
double residual_roundoff(std::span<const double> responses, const Objective& objective);

/// Value, gradient and Hessian; the first size() rows and columns count.
struct Evaluation {
  double value = 0;
  std::array<double, kMaxCoefficients> gradient{};
  std::array<std::array<double, kMaxCoefficients>, kMaxCoefficients> hessian{};
};

/// What a trust region minimises, in some coordinates q.
class Problem {
 public:
  /// exact Hessian; that of iteratively reweighted least squares; or of Σ w ∂f∂fᵀ.
  enum class Curvature { exact, reweighted, metric };

  virtual ~Problem() = default;
  virtual int size() const = 0;
  virtual double lower(int i) const = 0;
  virtual double upper(int i) const = 0;
  /// False where the law has no finite value.
  virtual bool evaluate(const double* q, Curvature curvature, Evaluation& out) = 0;
  /// Positive definite M in `out.hessian`: pᵀMp is about the mean square change of ln L̂ that a step
  /// p makes.
  virtual void metric(const double* q, Evaluation& out) = 0;
  virtual bool residuals(const double* q, std::vector<double>& out) = 0;
  /// Value of residuals that are nothing but rounding: no smaller one means anything.
  virtual double roundoff() const = 0;
  /// Half-width of Huber's quadratic part; widened at the start of a solve.
  virtual void set_delta(double delta) = 0;
};

/// Per-run weights of ∂f and ∂f∂fᵀ, f = ln L̂: the gradient of Σ w ρ(r) is Σ c1 ∂f, its Hessian
/// Σ c2 ∂f∂fᵀ + c1 ∂²f. Both kinds of residual share every kernel this way (docs/math.md (4)).
struct RunTerm {
  double value;
  double c1;
  double c2;
};

/// `log_ratio` is ln L̂ − ln L; `delta` is that of the solver.
inline RunTerm run_term(double log_ratio, double response, double weight,
                        const Objective& objective, double delta, Problem::Curvature curvature) {
  const bool log_residual = objective.log_residual();
  weight *= objective.side_weight(log_ratio);
  double r = log_ratio;
  double prediction = 1;
  if (!log_residual) {
    prediction = response * std::exp(log_ratio);
    r = response * std::expm1(log_ratio);
  }
  const double size = std::abs(r);
  const bool inside = size <= delta;
  const double psi = inside ? r : std::copysign(delta, r);
  const double value = weight * psi * (r - 0.5 * psi);
  double curvature_weight = inside ? 1.0 : 0.0;
  if (curvature == Problem::Curvature::reweighted && !inside) curvature_weight = delta / size;
  const double c1 = weight * psi * prediction;
  double c2 = weight * curvature_weight * prediction * prediction;
  if (!log_residual && curvature == Problem::Curvature::exact) c2 += c1;
  return {value, c1, c2};
}

}  // namespace isoloss
