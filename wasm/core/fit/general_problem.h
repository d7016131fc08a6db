#pragma once

#include "core/fit/problem.h"

namespace isoloss {

/// The fit of any law in its own theta (logs of scales, exponents as they are), through the law's
/// exact derivatives. The general way: for laws that are not sums of powers and for constraints
/// that the fast kernel does not know (tied scales).
class GeneralProblem final : public Problem {
 public:
  GeneralProblem(const Law& law, const Constraints& constraints, const Runs& runs,
                 const Objective& objective);

  int size() const override { return constraints_.free_count; }
  double lower(int i) const override { return lower_[i]; }
  double upper(int i) const override { return upper_[i]; }
  bool evaluate(const Vector& q, Curvature curvature, double& value, Vector& gradient,
                Matrix& hessian) override;
  Matrix metric(const Vector& q) override;
  bool residuals(const Vector& q, std::vector<double>& out) override;
  double roundoff() const override { return residual_roundoff(runs_, objective_); }
  void set_delta(double delta) override { delta_ = delta; }

  Vector theta(const Vector& q) const;
  /// Free parameters nearest to a proposal: held coefficients are dropped, tied ones averaged.
  Vector parameters(const Vector& theta) const;

 private:
  void reduce(const double* gradient, Vector& out) const;

  const Law& law_;
  const Constraints constraints_;
  const Runs& runs_;
  const Objective objective_;
  double delta_;
  Vector lower_;
  Vector upper_;
};

}  // namespace isoloss
