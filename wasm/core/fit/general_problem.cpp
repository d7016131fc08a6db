#include "core/fit/general_problem.h"

#include <algorithm>
#include <cmath>

namespace isoloss {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

Constraints Constraints::none(const Law& law) {
  Constraints constraints;
  for (int i = 0; i < law.size(); ++i) {
    const Coefficient& coefficient = law.coefficients[static_cast<std::size_t>(i)];
    constraints.slots.push_back({.free = i, .value = 0});
    if (coefficient.scale == Coefficient::Scale::linear)
      constraints.limits.push_back({.lower = coefficient.lower, .upper = coefficient.upper});
    else
      constraints.limits.push_back({.lower = kSmallestLog, .upper = -kSmallestLog});
  }
  constraints.free_count = law.size();
  return constraints;
}

bool has_bounded_level(const Law& law, const Constraints& constraints) {
  for (std::size_t k = 0; k < law.coefficients.size(); ++k) {
    const Limits& limits = constraints.limits[k];
    if (law.coefficients[k].scale == Coefficient::Scale::log && constraints.slots[k].free >= 0 &&
        (limits.lower > kSmallestLog || limits.upper < -kSmallestLog))
      return true;
  }
  return false;
}

double residual_roundoff(const Runs& runs, const Objective& objective) {
  constexpr double kResidual = 3e-15;
  double sum = 0;
  for (const double L : runs.response) sum += objective.log_residual() ? 1 : L * L;
  return 0.5 * kResidual * kResidual * sum;
}

GeneralProblem::GeneralProblem(const Law& law, const Constraints& constraints, const Runs& runs,
                               const Objective& objective)
    : law_(law),
      constraints_(constraints),
      runs_(runs),
      objective_(objective),
      delta_(objective.solver_delta()),
      lower_(Vector::Constant(constraints.free_count, -kInfinity)),
      upper_(Vector::Constant(constraints.free_count, kInfinity)) {
  for (int k = 0; k < law.size(); ++k) {
    const int free = constraints_.slots[static_cast<std::size_t>(k)].free;
    if (free < 0) continue;
    const Limits& limits = constraints_.limits[static_cast<std::size_t>(k)];
    lower_[free] = std::max(lower_[free], limits.lower);
    upper_[free] = std::min(upper_[free], limits.upper);
  }
}

Vector GeneralProblem::theta(const Vector& q) const {
  Vector theta(law_.size());
  for (int k = 0; k < law_.size(); ++k) {
    const Slot& slot = constraints_.slots[static_cast<std::size_t>(k)];
    theta[k] = slot.free >= 0 ? q[slot.free] : slot.value;
  }
  return theta;
}

Vector GeneralProblem::parameters(const Vector& theta) const {
  Vector q = Vector::Zero(size());
  Vector count = Vector::Zero(size());
  for (int k = 0; k < law_.size(); ++k) {
    const int free = constraints_.slots[static_cast<std::size_t>(k)].free;
    if (free < 0) continue;
    q[free] += theta[k];
    count[free] += 1;
  }
  return q.cwiseQuotient(count);
}

void GeneralProblem::reduce(const double* gradient, Vector& out) const {
  out.setZero(size());
  for (int k = 0; k < law_.size(); ++k) {
    const int free = constraints_.slots[static_cast<std::size_t>(k)].free;
    if (free >= 0) out[free] += gradient[k];
  }
}

bool GeneralProblem::evaluate(const Vector& q, Curvature curvature, double& value, Vector& gradient,
                              Matrix& hessian) {
  const Vector t = theta(q);
  const int p = law_.size();
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> f{};
  std::array<double, kMaxCoefficients*(kMaxCoefficients + 1) / 2> bend{};
  Vector g = Vector::Zero(p);
  Matrix H = Matrix::Zero(p, p);
  double total = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    runs_.row(i, x.data());
    const double ratio =
        law_.derivatives(x.data(), t.data(), f.data(), bend.data()) - runs_.log_response[i];
    if (!std::isfinite(ratio)) return false;
    const RunTerm run =
        run_term(ratio, runs_.response[i], runs_.weight[i], objective_, delta_, curvature);
    total += run.value;
    const double second = curvature == Curvature::exact ? run.c1 : 0;
    for (int a = 0, m = 0; a < p; ++a) {
      const double fa = f[static_cast<std::size_t>(a)];
      g[a] += run.c1 * fa;
      for (int b = 0; b <= a; ++b, ++m)
        H(a, b) += run.c2 * fa * f[static_cast<std::size_t>(b)] +
                   second * bend[static_cast<std::size_t>(m)];
    }
  }
  if (!std::isfinite(total)) return false;
  value = total;
  reduce(g.data(), gradient);
  hessian = Matrix::Zero(size(), size());
  for (int a = 0; a < p; ++a) {
    for (int b = 0; b < p; ++b) {
      const int fa = constraints_.slots[static_cast<std::size_t>(a)].free;
      const int fb = constraints_.slots[static_cast<std::size_t>(b)].free;
      if (fa >= 0 && fb >= 0) hessian(fa, fb) += a >= b ? H(a, b) : H(b, a);
    }
  }
  return true;
}

Matrix GeneralProblem::metric(const Vector& q) {
  const Vector t = theta(q);
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> f{};
  Vector g(size());
  Matrix M = Matrix::Zero(size(), size());
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    runs_.row(i, x.data());
    law_.derivatives(x.data(), t.data(), f.data(), nullptr);
    reduce(f.data(), g);
    M += runs_.weight[i] * g * g.transpose();
  }
  M /= static_cast<double>(runs_.size());
  const double level = M.trace() / size();
  for (int i = 0; i < size(); ++i) M(i, i) += 1e-6 * M(i, i) + 1e-10 * level + 1e-12;
  return M;
}

bool GeneralProblem::residuals(const Vector& q, std::vector<double>& out) {
  const Vector t = theta(q);
  std::array<double, 4> x{};
  out.resize(runs_.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    runs_.row(i, x.data());
    const double ratio = law_.log_response(x.data(), t.data()) - runs_.log_response[i];
    if (!std::isfinite(ratio)) return false;
    out[i] = objective_.log_residual() ? ratio : runs_.response[i] * std::expm1(ratio);
  }
  return true;
}

}  // namespace isoloss
