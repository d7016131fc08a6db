#pragma once

#include "core/fit/problem.h"

namespace isoloss {

/// The kernel and coordinates of laws that are sums of powers (docs/math.md (3), numerics of the
/// joint fit). Works in "centred linear" coefficients, kept in the layout
///
///     A_1 … A_K, E (if the law has a floor), α_1 … α_K, γ_1 … γ_J
///
/// where A_k is the size of term k at the mean of ln x_k, so that units and far-away origins do not
/// matter: A_k = A_user · e^(−α_k·mean). A term whose A_user is held is not centred.
class PowerSumProblem final : public Problem {
 public:
  /// level_slope: (A, E) are replaced by the slopes s_k = A_k·α_k and the level K = ΣA_k + E, which
  /// the data determine well; α → 0 is then a regular point. It needs a free floor and free scales,
  /// and lets E go negative. linear: the coefficients themselves, within their bounds.
  enum class Coordinates { linear, level_slope };

  PowerSumProblem(const Law& law, const Constraints& constraints, const Runs& runs,
                  const Objective& objective);

  int terms() const { return terms_; }
  bool has_floor() const { return floor_ >= 0; }
  bool level_slope_possible() const { return level_slope_possible_; }
  void set_coordinates(Coordinates coordinates) { coordinates_ = coordinates; }

  int size() const override { return free_count_; }
  double lower(int i) const override;
  double upper(int i) const override;
  bool evaluate(const Vector& q, Curvature curvature, double& value, Vector& gradient,
                Matrix& hessian) override;
  Matrix metric(const Vector& q) override;
  bool residuals(const Vector& q, std::vector<double>& out) override;
  double roundoff() const override { return residual_roundoff(runs_, objective_); }
  void set_delta(double delta) override { delta_ = delta; }

  // Between the solver's coordinates, the kernel's coefficients and the law's theta.
  Vector kernel_from_q(const Vector& q) const;
  Vector q_from_kernel(const Vector& kernel) const;
  Vector theta_from_kernel(const Vector& kernel) const;
  Vector kernel_from_theta(const Vector& theta) const;

  /// Indices into the kernel's layout.
  int scale_index(int term) const { return term; }
  int floor_index() const { return floor_; }
  int exponent_index(int term) const { return floor_end_ + term; }
  int factor_index(int factor) const { return floor_end_ + terms_ + factor; }

  /// The slot of a kernel coefficient: which free parameter it is, or −1.
  const Slot& slot(int kernel_index) const {
    return slots_[static_cast<std::size_t>(kernel_index)];
  }
  const std::vector<double>& centred(int term) const { return x_[static_cast<std::size_t>(term)]; }
  const std::vector<double>& factor_values(int factor) const {
    return g_[static_cast<std::size_t>(factor)];
  }
  int factors() const { return static_cast<int>(g_.size()); }
  const Runs& runs() const { return runs_; }
  const Objective& objective() const { return objective_; }

  /// Gradient of the objective in one more scale A at exponent `alpha` for term `term`: negative
  /// means that a little of such a term would lower the objective.
  double scale_derivative(const Vector& q, int term, double alpha);

  /// Condition number of JᵀJ with columns scaled to length 1, in level–slope coordinates where they
  /// exist, and the direction (kernel layout) in which the predictions move least.
  struct Conditioning {
    double number;
    std::vector<std::pair<int, double>> flattest;  ///< coefficient of the law, weight
  };
  Conditioning conditioning(const Vector& q, const std::vector<char>& at_bound);

 private:
  int kernel_size() const { return static_cast<int>(slots_.size()); }
  /// Value, gradient and Hessian in the kernel's coefficients.
  bool sums(const Vector& c, Curvature curvature, double& value, Vector& gradient,
            Matrix& hessian) const;
  template <int K, int J, bool Floor>
  bool sums_of(const Vector& c, Curvature curvature, double& value, Vector& gradient,
               Matrix& hessian) const;
  /// ln L̂ − ln L of run i, and ∂ ln L̂ in the kernel's coefficients if `gradient` is given.
  double log_ratio(std::size_t i, const Vector& c, double* gradient) const;
  bool level_slope() const { return coordinates_ == Coordinates::level_slope; }
  /// ∂ kernel / ∂ (s, K, α, γ).
  Matrix level_slope_jacobian(const Vector& kernel) const;
  /// Mean of ∂f∂fᵀ over the runs in the kernel's layout.
  Matrix mean_square_change(const Vector& kernel) const;
  Matrix reduce(const Matrix& full) const;

  const Law& law_;
  const PowerSum& form_;
  const Runs& runs_;
  const Objective objective_;
  double delta_;
  Coordinates coordinates_ = Coordinates::linear;
  bool level_slope_possible_ = false;
  int terms_;
  int floor_ = -1;
  int floor_end_ = 0;
  int free_count_ = 0;
  std::vector<Slot> slots_;             ///< per kernel coefficient
  std::vector<Limits> limits_;          ///< likewise; the levels' are not used
  std::vector<int> law_index_;          ///< kernel coefficient → coefficient of the law
  std::vector<double> mean_;            ///< per term
  std::vector<std::vector<double>> x_;  ///< per term: ln x − mean
  std::vector<std::vector<double>> g_;  ///< per factor: ln x (its mean goes into the level)
  std::vector<double> factor_mean_;
};

}  // namespace isoloss
