#pragma once

#include <span>
#include <utility>

#include "core/fit/power_sum_kernel.h"

namespace isoloss {

/// The coordinates of laws that are sums of powers (docs/math.md (3)). Works in "centred linear"
/// coefficients, kept in the layout
///
///     A_1 … A_K, E, α_1 … α_K, γ_1 … γ_J        (E held at 0 where the law has no floor)
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

  /// The rows of `all` with weights times `multiplicity`, those of 0 left out; the centre stays.
  void resample(const PowerSumProblem& all, std::span<const double> multiplicity);
  /// The rows of `all` with other responses.
  void respond(const PowerSumProblem& all, std::span<const double> response);

  int terms() const { return terms_; }
  bool has_floor() const { return has_floor_; }
  bool level_slope_possible() const { return level_slope_possible_; }
  void set_coordinates(Coordinates coordinates) { coordinates_ = coordinates; }

  int size() const override { return free_count_; }
  double lower(int i) const override;
  double upper(int i) const override;
  bool evaluate(const double* q, Curvature curvature, Evaluation& out) override;
  void metric(const double* q, Evaluation& out) override;
  bool residuals(const double* q, std::vector<double>& out) override;
  double roundoff() const override;
  void set_delta(double delta) override { loss_.delta = delta; }
  /// Σ w ρ(r) as reported, at the objective's own δ (not for least absolute deviations, which are
  /// solved as something else); infinity where the law has no value.
  double reported(const Vector& kernel);

  // Between the solver's coordinates, the kernel's coefficients and the law's theta.
  Vector kernel_from_q(const double* q) const;
  Vector q_from_kernel(const Vector& kernel) const;
  Vector theta_from_kernel(const Vector& kernel) const;
  Vector kernel_from_theta(const Vector& theta) const;

  /// Indices into the kernel's layout.
  int floor_index() const { return terms_; }
  int exponent_index(int term) const { return terms_ + 1 + term; }
  int factor_index(int factor) const { return 2 * terms_ + 1 + factor; }

  /// The slot of a kernel coefficient: which free parameter it is, or −1.
  const Slot& slot(int kernel_index) const {
    return slots_[static_cast<std::size_t>(kernel_index)];
  }
  int factors() const { return static_cast<int>(rows_.factor.size()); }
  const PowerSumRows& rows() const { return rows_; }
  const Objective& objective() const { return loss_.objective; }

  /// Gradient of the objective in one more scale A of term `term`, as a function of the exponent:
  /// negative means that a little of such a term would lower the objective.
  std::vector<double> scale_derivatives(const Vector& kernel, int term,
                                        std::span<const double> exponents) const;

  /// Condition number of JᵀJ with columns scaled to length 1, in level–slope coordinates where they
  /// exist, and the direction (kernel layout) in which the predictions move least.
  struct Conditioning {
    double number;
    std::vector<std::pair<int, double>> flattest;  ///< coefficient of the law, weight
  };
  Conditioning conditioning(const Vector& kernel, const std::vector<char>& at_bound);

 private:
  int kernel_size() const { return static_cast<int>(slots_.size()); }
  PowerSumPoint point(const Vector& kernel) const;
  bool level_slope() const { return coordinates_ == Coordinates::level_slope; }
  void to_level_slope(const Vector& kernel, Curvature curvature, Evaluation& out) const;
  /// From the kernel's coefficients to the free parameters.
  void reduce(Evaluation& out) const;

  const Law& law_;
  const PowerSum& form_;
  PowerSumLoss loss_;
  Coordinates coordinates_ = Coordinates::linear;
  bool level_slope_possible_ = false;
  bool has_floor_;
  bool identity_ = false;  ///< every kernel coefficient is the free parameter of its own number
  int terms_;
  int free_count_ = 0;
  std::vector<Slot> slots_;     ///< per kernel coefficient
  std::vector<Limits> limits_;  ///< likewise; the levels' are not used
  std::vector<int> law_index_;  ///< kernel coefficient → coefficient of the law, or −1
  std::vector<double> mean_;    ///< per term
  std::vector<double> factor_mean_;
  std::vector<double> spread_;  ///< per term: root mean square of x
  std::vector<double> factor_spread_;
  double mean_response_ = 1;
  PowerSumRows rows_;
};

}  // namespace isoloss
