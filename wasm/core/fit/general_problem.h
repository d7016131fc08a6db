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
  bool evaluate(const double* q, Curvature curvature, Evaluation& out) override;
  void metric(const double* q, Evaluation& out) override;
  bool residuals(const double* q, std::vector<double>& out) override;
  double roundoff() const override { return residual_roundoff(runs_.response, objective_); }
  void set_delta(double delta) override { delta_ = delta; }

  Vector theta(const double* q) const;
  /// Free parameters nearest to a proposal: held coefficients are dropped, tied ones averaged.
  Vector parameters(const Vector& theta) const;

 private:
  /// Σ over the rows of `full` (lower triangle) to the free parameters.
  void reduce(const Evaluation& full, Evaluation& out) const;

  const Law& law_;
  const Constraints constraints_;
  const Runs& runs_;
  const Objective objective_;
  double delta_;
  Vector lower_;
  Vector upper_;
};

}  // namespace isoloss
