#include "core/fit/power_sum_problem.h"

#include <algorithm>
#include <cmath>

#include "core/fit/pack.h"
#include "core/math/mean.h"

namespace isoloss {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// What an exponent moves ln L̂ by at least, per unit and spread of ln x: that of a nearly absent
/// term moves nothing, and its step would be without limit.
constexpr double kLeastShare = 0.02;

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// e^x, 0 far below.
double level(double log_level) {
  constexpr double kReach = -kSmallestLog;
  return log_level < -kReach ? 0 : exponential(std::min(log_level, kReach));
}
double log_level(double level) {
  constexpr double kSmallest = 1e-305;
  return level > kSmallest ? logarithm(level) : -kInfinity;
}

}  // namespace

PowerSumProblem::PowerSumProblem(const Law& law, const Constraints& constraints, const Runs& runs,
                                 const Objective& objective)
    : law_(law),
      form_(std::get<PowerSum>(law.form)),
      loss_{.objective = objective, .delta = objective.solver_delta()},
      has_floor_(form_.floor.has_value()),
      terms_(static_cast<int>(form_.terms.size())),
      free_count_(constraints.free_count) {
  const auto add = [&](int law_index, bool log_scale) {
    Slot slot = constraints.slots[at(law_index)];
    if (slot.free < 0 && log_scale) slot.value = level(slot.value);
    slots_.push_back(slot);
    limits_.push_back(constraints.limits[at(law_index)]);
    law_index_.push_back(law_index);
    return slot.free >= 0;
  };
  bool levels_free = true;
  for (const auto& term : form_.terms) levels_free = add(term.scale, true) && levels_free;
  bool floor_free = false;
  if (form_.floor) {
    floor_free = add(*form_.floor, true);
  } else {
    slots_.push_back({.free = -1, .value = 0});
    limits_.push_back({.lower = 0, .upper = 0});
    law_index_.push_back(-1);
  }
  for (const auto& term : form_.terms) add(term.exponent, false);
  for (const auto& factor : form_.factors) add(factor.exponent, false);
  level_slope_possible_ = levels_free && floor_free;
  identity_ = free_count_ == kernel_size();
  for (int k = 0; k < kernel_size(); ++k) identity_ = identity_ && slot(k).free == k;

  for (int k = 0; k < terms_; ++k) {
    auto& x = rows_.x.emplace_back(runs.log_x[at(form_.terms[at(k)].variable)]);
    mean_.push_back(slot(k).free >= 0 ? weighted_mean(x, runs.weight) : 0);
    for (double& value : x) value -= mean_.back();
    spread_.push_back(root_mean_square(x));
  }
  for (const auto& factor : form_.factors) {
    auto& g = rows_.factor.emplace_back(runs.log_x[at(factor.variable)]);
    const bool centred = levels_free && (!has_floor_ || floor_free);
    factor_mean_.push_back(centred ? weighted_mean(g, runs.weight) : 0);
    for (double& value : g) value -= factor_mean_.back();
    factor_spread_.push_back(root_mean_square(g));
  }
  rows_.response = runs.response;
  rows_.weight = runs.weight;
  mean_response_ = 0;
  for (const double L : runs.response) {
    mean_response_ += L / static_cast<double>(runs.size());
    rows_.inverse_response.push_back(1 / L);
  }
  rows_.pad();
}

void PowerSumProblem::resample(const PowerSumProblem& all, std::span<const double> multiplicity) {
  const PowerSumRows& from = all.rows_;
  std::size_t kept = 0;
  const auto compact = [&](const std::vector<double>& column, std::vector<double>& out) {
    out.resize(from.count);
    std::size_t k = 0;
    // Written always, kept where it counts: no branch to mispredict.
    for (std::size_t i = 0; i < from.count; ++i) {
      out[k] = column[i];
      k += multiplicity[i] > 0 ? 1 : 0;
    }
    out.resize(k);
    kept = k;
  };
  for (std::size_t k = 0; k < from.x.size(); ++k) compact(from.x[k], rows_.x[k]);
  for (std::size_t j = 0; j < from.factor.size(); ++j) compact(from.factor[j], rows_.factor[j]);
  compact(from.response, rows_.response);
  compact(from.inverse_response, rows_.inverse_response);
  compact(from.weight, rows_.weight);
  for (std::size_t i = 0, k = 0; k < kept; ++i)
    if (multiplicity[i] > 0) rows_.weight[k++] *= multiplicity[i];
  rows_.pad();
}

void PowerSumProblem::respond(const PowerSumProblem& all, std::span<const double> response) {
  rows_ = all.rows_;
  for (std::size_t i = 0; i < rows_.weight.size(); ++i) {
    const double L = response[std::min(i, rows_.count - 1)];
    rows_.response[i] = L;
    rows_.inverse_response[i] = 1 / L;
  }
}

double PowerSumProblem::roundoff() const {
  return residual_roundoff({rows_.response.data(), rows_.count}, loss_.objective);
}

double PowerSumProblem::lower(int i) const {
  double bound = -kInfinity;
  for (int k = 0; k < kernel_size(); ++k) {
    if (slot(k).free != i) continue;
    if (k > terms_) bound = std::max(bound, limits_[at(k)].lower);
    if (k < terms_ || (k == terms_ && !level_slope())) bound = std::max(bound, 0.0);
  }
  return bound;
}

double PowerSumProblem::upper(int i) const {
  double bound = kInfinity;
  for (int k = terms_ + 1; k < kernel_size(); ++k)
    if (slot(k).free == i) bound = std::min(bound, limits_[at(k)].upper);
  return bound;
}

Vector PowerSumProblem::kernel_from_q(const double* q) const {
  Vector c(kernel_size());
  for (int k = 0; k < kernel_size(); ++k)
    c[k] = slot(k).free >= 0 ? q[slot(k).free] : slot(k).value;
  if (level_slope()) {
    for (int k = 0; k < terms_; ++k) {
      c[k] /= c[exponent_index(k)];
      c[terms_] -= c[k];
    }
  }
  return c;
}

Vector PowerSumProblem::q_from_kernel(const Vector& kernel) const {
  Vector c = kernel;
  if (level_slope()) {
    for (int k = 0; k < terms_; ++k) {
      c[terms_] += kernel[k];
      c[k] *= kernel[exponent_index(k)];
    }
  }
  // Where several coefficients share a parameter, the parameter starts at their mean.
  Vector q = Vector::Zero(free_count_);
  Vector count = Vector::Zero(free_count_);
  for (int k = 0; k < kernel_size(); ++k) {
    if (slot(k).free < 0) continue;
    q[slot(k).free] += c[k];
    count[slot(k).free] += 1;
  }
  for (int i = 0; i < free_count_; ++i) q[i] /= std::max(count[i], 1.0);
  return q;
}

Vector PowerSumProblem::theta_from_kernel(const Vector& kernel) const {
  Vector theta(law_.size());
  double factor_shift = 0;
  for (int j = 0; j < factors(); ++j) {
    const double gamma = kernel[factor_index(j)];
    theta[law_index_[at(factor_index(j))]] = gamma;
    factor_shift += gamma * factor_mean_[at(j)];
  }
  for (int k = 0; k < terms_; ++k) {
    const double alpha = kernel[exponent_index(k)];
    theta[law_index_[at(exponent_index(k))]] = alpha;
    theta[law_index_[at(k)]] = log_level(kernel[k]) + alpha * mean_[at(k)] - factor_shift;
  }
  if (has_floor_) theta[law_index_[at(terms_)]] = log_level(kernel[terms_]) - factor_shift;
  return theta;
}

Vector PowerSumProblem::kernel_from_theta(const Vector& theta) const {
  Vector kernel(kernel_size());
  double factor_shift = 0;
  for (int j = 0; j < factors(); ++j) {
    kernel[factor_index(j)] = theta[law_index_[at(factor_index(j))]];
    factor_shift += kernel[factor_index(j)] * factor_mean_[at(j)];
  }
  for (int k = 0; k < terms_; ++k) {
    const double alpha = theta[law_index_[at(exponent_index(k))]];
    kernel[exponent_index(k)] = alpha;
    kernel[k] = level(theta[law_index_[at(k)]] - alpha * mean_[at(k)] + factor_shift);
  }
  kernel[terms_] = has_floor_ ? level(theta[law_index_[at(terms_)]] + factor_shift) : 0;
  return kernel;
}

PowerSumPoint PowerSumProblem::point(const Vector& kernel) const {
  PowerSumPoint point;
  for (int k = 0; k < terms_; ++k) {
    point.A[k] = kernel[k];
    point.alpha[k] = kernel[exponent_index(k)];
  }
  point.E = kernel[terms_];
  if (factors() > 0) point.gamma = kernel[factor_index(0)];
  return point;
}

/// From (A, E, α) to (s, K, α): A = s/α, E = K − ΣA.
void PowerSumProblem::to_level_slope(const Vector& kernel, Curvature curvature,
                                     Evaluation& out) const {
  auto& g = out.gradient;
  auto& H = out.hessian;
  const auto size = at(kernel_size());
  const auto E = at(terms_);
  // Column (and row) `to` += factor · column `from`.
  const auto add = [&](std::size_t to, std::size_t from, double factor) {
    g[to] += factor * g[from];
    for (std::size_t i = 0; i < size; ++i) H[to][i] += factor * H[from][i];
    for (std::size_t i = 0; i < size; ++i) H[i][to] += factor * H[i][from];
  };
  for (int term = 0; term < terms_; ++term) {
    const auto k = at(term);
    const auto e = at(exponent_index(term));
    const double alpha = kernel[exponent_index(term)];
    const double inverse = 1 / alpha;
    add(k, E, -1);
    add(e, k, -kernel[term] * inverse);
    const double slope = g[k] * inverse * inverse;
    g[k] *= inverse;
    for (std::size_t i = 0; i < size; ++i) H[k][i] *= inverse;
    for (std::size_t i = 0; i < size; ++i) H[i][k] *= inverse;
    if (curvature != Curvature::exact) continue;
    H[k][e] -= slope;
    H[e][k] -= slope;
    H[e][e] += 2 * kernel[term] * slope;
  }
}

void PowerSumProblem::reduce(Evaluation& out) const {
  if (identity_) return;
  const Evaluation full = out;
  out.gradient.fill(0);
  for (auto& row : out.hessian) row.fill(0);
  for (int a = 0; a < kernel_size(); ++a) {
    if (slot(a).free < 0) continue;
    const auto row = at(slot(a).free);
    out.gradient[row] += full.gradient[at(a)];
    for (int b = 0; b < kernel_size(); ++b)
      if (slot(b).free >= 0) out.hessian[row][at(slot(b).free)] += full.hessian[at(a)][at(b)];
  }
}

bool PowerSumProblem::evaluate(const double* q, Curvature curvature, Evaluation& out) {
  const Vector c = kernel_from_q(q);
  if (!power_sum(rows_, point(c), loss_, curvature, out)) return false;
  if (level_slope()) to_level_slope(c, curvature, out);
  reduce(out);
  return true;
}

double PowerSumProblem::reported(const Vector& kernel) {
  Evaluation sums;
  loss_.delta = loss_.objective.solver_delta();
  if (!power_sum(rows_, point(kernel), loss_, Curvature::reweighted, sums)) return kInfinity;
  // Least squares are reported without the ½.
  return loss_.objective.huber() ? sums.value : 2 * sums.value;
}

bool PowerSumProblem::residuals(const double* q, std::vector<double>& out) {
  return power_sum_residuals(rows_, point(kernel_from_q(q)), loss_.objective.log_residual(), out);
}

/// The sizes of the terms at the centre say enough: no pass over the runs.
void PowerSumProblem::metric(const double* q, Evaluation& out) {
  const Vector c = kernel_from_q(q);
  for (auto& row : out.hessian) row.fill(0);
  const auto add = [&](int k, double change) {
    const int free = slot(k).free;
    if (free >= 0) out.hessian[at(free)][at(free)] += change * change;
  };
  for (int k = 0; k < terms_; ++k) {
    const double share = std::abs(c[k]) / mean_response_;
    const double slope_share = level_slope() ? share * std::abs(c[exponent_index(k)]) : share;
    add(k, (level_slope() ? spread_[at(k)] : 1.0) / mean_response_);
    add(exponent_index(k),
        std::max((level_slope() ? slope_share * spread_[at(k)] : share), kLeastShare) *
            spread_[at(k)]);
  }
  add(terms_, 1 / mean_response_);
  for (int j = 0; j < factors(); ++j) add(factor_index(j), factor_spread_[at(j)]);
  for (int i = 0; i < free_count_; ++i) {
    double& diagonal = out.hessian[at(i)][at(i)];
    diagonal = diagonal > 0 ? diagonal : 1;
  }
}

std::vector<double> PowerSumProblem::scale_derivatives(const Vector& kernel, int term,
                                                       std::span<const double> exponents) const {
  std::vector<double> slope;
  const PowerSumPoint at_point = point(kernel);
  const bool log_residual = loss_.objective.log_residual();
  std::vector<double> sums(exponents.size(), kInfinity);
  if (!power_sum_residuals(rows_, at_point, log_residual, slope)) return sums;
  for (std::size_t i = 0; i < slope.size(); ++i) {
    const double L = rows_.response[i];
    const double tilt = rows_.factor.empty() ? 0 : at_point.gamma * rows_.factor[0][i];
    // ∂L̂/∂A over L̂: e^(γg − αx)/L̂, where ψ weighs ln L̂ or L̂.
    const double inverse = log_residual
                               ? exponential(tilt - std::clamp(slope[i], -100.0, 100.0)) / L
                               : exponential(tilt);
    const double psi = std::clamp(slope[i], -loss_.delta, loss_.delta);
    slope[i] = rows_.weight[i] * loss_.objective.side_weight(slope[i]) * psi * inverse;
  }
  const std::vector<double>& x = rows_.x[at(term)];
  for (std::size_t e = 0; e < exponents.size(); ++e) {
    if (!(exponents[e] * rows_.reach[at(term)] <= -kSmallestLog)) continue;
    double sum = 0;
    for (std::size_t i = 0; i < slope.size(); ++i)
      sum += slope[i] * exponential(-exponents[e] * x[i]);
    sums[e] = sum;
  }
  return sums;
}

PowerSumProblem::Conditioning PowerSumProblem::conditioning(const Vector& kernel,
                                                            const std::vector<char>& at_bound) {
  Evaluation sums;
  if (!power_sum(rows_, point(kernel), loss_, Curvature::metric, sums))
    return {.number = 1, .flattest = {}};
  const bool floor_at_bound = slot(terms_).free >= 0 && at_bound[at(slot(terms_).free)];
  if (level_slope_possible_ && !floor_at_bound) to_level_slope(kernel, Curvature::metric, sums);
  reduce(sums);
  std::vector<int> free;
  for (int i = 0; i < free_count_; ++i)
    if (!at_bound[at(i)] && sums.hessian[at(i)][at(i)] > 0) free.push_back(i);
  const auto m = static_cast<Eigen::Index>(free.size());
  if (m == 0) return {.number = 1, .flattest = {}};
  Matrix scaled(m, m);
  for (Eigen::Index i = 0; i < m; ++i)
    for (Eigen::Index j = 0; j < m; ++j) {
      const auto fi = at(free[static_cast<std::size_t>(i)]);
      const auto fj = at(free[static_cast<std::size_t>(j)]);
      scaled(i, j) = sums.hessian[fi][fj] / std::sqrt(sums.hessian[fi][fi] * sums.hessian[fj][fj]);
    }
  const SymmetricEigen eigen = symmetric_eigen(scaled);
  const double smallest = std::max(eigen.values[0], 1e-17);
  Conditioning result{.number = eigen.values[m - 1] / smallest, .flattest = {}};
  for (int k = 0; k < kernel_size(); ++k)
    for (Eigen::Index i = 0; i < m; ++i)
      if (slot(k).free == free[static_cast<std::size_t>(i)])
        result.flattest.emplace_back(law_index_[at(k)], eigen.vectors(i, 0));
  return result;
}

}  // namespace isoloss
