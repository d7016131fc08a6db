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

double residual_roundoff(std::span<const double> responses, const Objective& objective) {
  constexpr double kResidual = 3e-15;
  double sum = 0;
  for (const double L : responses) sum += objective.log_residual() ? 1 : L * L;
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

Vector GeneralProblem::theta(const double* q) const {
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

void GeneralProblem::reduce(const Evaluation& full, Evaluation& out) const {
  out = {};
  out.value = full.value;
  const std::size_t p = constraints_.slots.size();
  for (std::size_t a = 0; a < p; ++a) {
    if (constraints_.slots[a].free < 0) continue;
    const auto row = static_cast<std::size_t>(constraints_.slots[a].free);
    out.gradient[row] += full.gradient[a];
    for (std::size_t b = 0; b < p; ++b)
      if (constraints_.slots[b].free >= 0)
        out.hessian[row][static_cast<std::size_t>(constraints_.slots[b].free)] +=
            full.hessian[std::max(a, b)][std::min(a, b)];
  }
}

bool GeneralProblem::evaluate(const double* q, Curvature curvature, Evaluation& out) {
  const Vector t = theta(q);
  const auto p = static_cast<std::size_t>(law_.size());
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> f{};
  std::array<double, kMaxCoefficients*(kMaxCoefficients + 1) / 2> bend{};
  Evaluation full;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    runs_.row(i, x.data());
    const bool exact = curvature == Curvature::exact;
    const double ratio =
        law_.derivatives(x.data(), t.data(), f.data(), exact ? bend.data() : nullptr) -
        runs_.log_response[i];
    if (!std::isfinite(ratio)) return false;
    RunTerm run{.value = 0, .c1 = 0, .c2 = runs_.weight[i]};
    if (curvature != Curvature::metric)
      run = run_term(ratio, runs_.response[i], runs_.weight[i], objective_, delta_, curvature);
    full.value += run.value;
    const double second = exact ? run.c1 : 0;
    for (std::size_t a = 0, m = 0; a < p; ++a) {
      full.gradient[a] += run.c1 * f[a];
      for (std::size_t b = 0; b <= a; ++b, ++m)
        full.hessian[a][b] += run.c2 * f[a] * f[b] + second * bend[m];
    }
  }
  if (!std::isfinite(full.value)) return false;
  reduce(full, out);
  return true;
}

void GeneralProblem::metric(const double* q, Evaluation& out) {
  if (!evaluate(q, Curvature::metric, out)) out = {};
  const double scale = 1 / static_cast<double>(runs_.size());
  double level = 0;
  const auto n = static_cast<std::size_t>(size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) out.hessian[i][j] *= scale;
    level += out.hessian[i][i] / static_cast<double>(n);
  }
  for (std::size_t i = 0; i < n; ++i)
    out.hessian[i][i] += 1e-6 * out.hessian[i][i] + 1e-10 * level + 1e-12;
}

bool GeneralProblem::residuals(const double* q, std::vector<double>& out) {
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
