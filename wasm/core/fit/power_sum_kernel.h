#pragma once

#include <span>
#include <vector>

#include "core/fit/problem.h"

/// The loops over runs of laws that are sums of powers, where a fit spends its time.
namespace isoloss {

/// Columns of the runs, each padded to a whole number of packs with rows of weight 0.
struct PowerSumRows {
  std::vector<std::vector<double>> x;       ///< per term: ln x − mean
  std::vector<std::vector<double>> factor;  ///< per factor: ln x − mean
  std::vector<double> response;
  std::vector<double> inverse_response;
  std::vector<double> weight;
  std::size_t count = 0;      ///< without the padding
  std::vector<double> reach;  ///< per term: largest |x|

  /// To be called when the columns are filled.
  void pad();
};

/// L̂ = (E + Σ A_k·e^(−α_k x_k))·e^(Σ γ_j g_j). A law without a floor has E = 0.
struct PowerSumPoint {
  static constexpr int kMaxTerms = 2;
  double A[kMaxTerms] = {};
  double E = 0;
  double alpha[kMaxTerms] = {};
  double gamma = 0;
};

/// How runs count.
struct PowerSumLoss {
  Objective objective;
  double delta;
};

/// Value, gradient and Hessian of Σ w ρ(r) in (A_1 … A_K, E, α_1 … α_K, γ); or with
/// Curvature::metric the sum Σ w ∂f∂fᵀ, f = ln L̂, alone. False where the law has no positive value.
/// It knows one or two terms and no or one factor (with two terms).
bool power_sum(const PowerSumRows& rows, const PowerSumPoint& point, const PowerSumLoss& loss,
               Problem::Curvature curvature, Evaluation& out);

/// r of every run, in their order.
bool power_sum_residuals(const PowerSumRows& rows, const PowerSumPoint& point, bool log_residual,
                         std::vector<double>& out);

/// Sums of products, over the runs, of all pairs of the columns
///
///     s·t·e^(−α x_k) for the exponents of term 1, then 2;   s·t;   s·L
///
/// s = `scale`, t = `tilt` per run: what a scan over exponents needs to solve for the levels.
class PowerSumGram {
 public:
  PowerSumGram(const PowerSumRows& rows, std::span<const double> scale,
               std::span<const double> tilt, std::span<const std::vector<double>> exponents);
  int power(int term, int exponent) const { return first_[term] + exponent; }
  int constant() const { return columns_ - 2; }
  int response() const { return columns_ - 1; }
  double operator()(int a, int b) const {
    const auto high = static_cast<std::size_t>(a > b ? a : b);
    const auto low = static_cast<std::size_t>(a > b ? b : a);
    return sums_[high * static_cast<std::size_t>(columns_) + low];
  }

 private:
  int first_[PowerSumPoint::kMaxTerms] = {};
  int columns_ = 0;
  std::vector<double> sums_;
};

}  // namespace isoloss
