#include "core/fit/power_sum_problem.h"

#include <algorithm>
#include <cmath>

#include "core/math/mean.h"

namespace isoloss {
namespace {

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

PowerSumProblem::PowerSumProblem(const Law& law, const Constraints& constraints, const Runs& runs,
                                 const Objective& objective)
    : law_(law),
      form_(std::get<PowerSum>(law.form)),
      runs_(runs),
      objective_(objective),
      delta_(objective.solver_delta()),
      terms_(static_cast<int>(form_.terms.size())),
      free_count_(constraints.free_count) {
  const auto add = [&](int law_index, bool log_scale) {
    Slot slot = constraints.slots[at(law_index)];
    if (slot.free < 0 && log_scale) slot.value = std::exp(slot.value);
    slots_.push_back(slot);
    law_index_.push_back(law_index);
    limits_.push_back(constraints.limits[at(law_index)]);
    return slot.free >= 0;
  };
  bool levels_free = true;
  for (const auto& term : form_.terms) levels_free = add(term.scale, true) && levels_free;
  floor_end_ = terms_;
  bool floor_free = false;
  if (form_.floor) {
    floor_ = floor_end_++;
    floor_free = add(*form_.floor, true);
  }
  for (const auto& term : form_.terms) add(term.exponent, false);
  for (const auto& factor : form_.factors) add(factor.exponent, false);
  level_slope_possible_ = levels_free && floor_free;

  for (int k = 0; k < terms_; ++k) {
    x_.push_back(runs.log_x[at(form_.terms[at(k)].variable)]);
    mean_.push_back(slots_[at(k)].free >= 0 ? weighted_mean(x_.back(), runs.weight) : 0);
    for (double& x : x_.back()) x -= mean_.back();
  }
  for (const auto& factor : form_.factors) {
    g_.push_back(runs.log_x[at(factor.variable)]);
    const bool centred = levels_free && (floor_ < 0 || floor_free);
    factor_mean_.push_back(centred ? weighted_mean(g_.back(), runs.weight) : 0);
    for (double& g : g_.back()) g -= factor_mean_.back();
  }
}

double PowerSumProblem::lower(int i) const {
  double bound = -std::numeric_limits<double>::infinity();
  for (int k = 0; k < kernel_size(); ++k) {
    if (slot(k).free != i) continue;
    if (k >= floor_end_) bound = std::max(bound, limits_[at(k)].lower);
    if (k < terms_ || (k == floor_ && !level_slope())) bound = std::max(bound, 0.0);
  }
  return bound;
}

double PowerSumProblem::upper(int i) const {
  double bound = std::numeric_limits<double>::infinity();
  for (int k = floor_end_; k < kernel_size(); ++k)
    if (slot(k).free == i) bound = std::min(bound, limits_[at(k)].upper);
  return bound;
}

Vector PowerSumProblem::kernel_from_q(const Vector& q) const {
  Vector c(kernel_size());
  for (int k = 0; k < kernel_size(); ++k)
    c[k] = slot(k).free >= 0 ? q[slot(k).free] : slot(k).value;
  if (level_slope()) {
    for (int k = 0; k < terms_; ++k) {
      c[k] /= c[exponent_index(k)];
      c[floor_] -= c[k];
    }
  }
  return c;
}

Vector PowerSumProblem::q_from_kernel(const Vector& kernel) const {
  Vector c = kernel;
  if (level_slope()) {
    for (int k = 0; k < terms_; ++k) {
      c[floor_] += kernel[k];
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
    theta[law_index_[at(k)]] =
        std::log(std::max(kernel[k], 0.0)) + alpha * mean_[at(k)] - factor_shift;
  }
  if (has_floor())
    theta[law_index_[at(floor_)]] = std::log(std::max(kernel[floor_], 0.0)) - factor_shift;
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
    kernel[k] = std::exp(theta[law_index_[at(k)]] - alpha * mean_[at(k)] + factor_shift);
  }
  if (has_floor()) kernel[floor_] = std::exp(theta[law_index_[at(floor_)]] + factor_shift);
  return kernel;
}

Matrix PowerSumProblem::level_slope_jacobian(const Vector& kernel) const {
  Matrix T = Matrix::Identity(kernel_size(), kernel_size());
  for (int k = 0; k < terms_; ++k) {
    const double alpha = kernel[exponent_index(k)];
    T(k, k) = 1 / alpha;
    T(k, exponent_index(k)) = -kernel[k] / alpha;
    T(floor_, k) = -1 / alpha;
    T(floor_, exponent_index(k)) = kernel[k] / alpha;
  }
  return T;
}

Matrix PowerSumProblem::reduce(const Matrix& full) const {
  Matrix reduced = Matrix::Zero(free_count_, free_count_);
  for (int a = 0; a < kernel_size(); ++a)
    for (int b = 0; b < kernel_size(); ++b)
      if (slot(a).free >= 0 && slot(b).free >= 0) reduced(slot(a).free, slot(b).free) += full(a, b);
  return reduced;
}

bool PowerSumProblem::evaluate(const Vector& q, Curvature curvature, double& value,
                               Vector& gradient, Matrix& hessian) {
  const Vector c = kernel_from_q(q);
  Vector g;
  Matrix H;
  if (!sums(c, curvature, value, g, H)) return false;
  if (level_slope()) {
    const Matrix T = level_slope_jacobian(c);
    const Matrix HT = H * T;
    H = T.transpose() * HT;
    if (curvature == Curvature::exact) {
      for (int k = 0; k < terms_; ++k) {
        const int e = exponent_index(k);
        const double alpha = c[e];
        const double slope = (g[k] - g[floor_]) / (alpha * alpha);
        H(k, e) -= slope;
        H(e, k) -= slope;
        H(e, e) += 2 * c[k] * slope;
      }
    }
    g = Vector(T.transpose() * g);
  }
  gradient = Vector::Zero(free_count_);
  for (int a = 0; a < kernel_size(); ++a)
    if (slot(a).free >= 0) gradient[slot(a).free] += g[a];
  hessian = reduce(H);
  return true;
}

bool PowerSumProblem::residuals(const Vector& q, std::vector<double>& out) {
  const Vector c = kernel_from_q(q);
  out.resize(runs_.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double ratio = log_ratio(i, c, nullptr);
    if (!std::isfinite(ratio)) return false;
    out[i] = objective_.log_residual() ? ratio : runs_.response[i] * std::expm1(ratio);
  }
  return true;
}

Matrix PowerSumProblem::metric(const Vector& q) {
  const Vector c = kernel_from_q(q);
  Matrix full = mean_square_change(c);
  if (level_slope()) {
    const Matrix T = level_slope_jacobian(c);
    const Matrix FT = full * T;
    full = T.transpose() * FT;
  }
  // An exponent of a term that is nearly absent moves nothing: without a floor its step would be
  // without limit. 0.02 of a unit term is the floor measured to work.
  for (int k = 0; k < terms_; ++k) {
    const double floor = 0.02 * root_mean_square(x_[at(k)]);
    full(exponent_index(k), exponent_index(k)) += floor * floor;
  }
  Matrix M = reduce(full);
  for (int i = 0; i < free_count_; ++i) M(i, i) += 1e-8 * M(i, i) + 1e-12;
  return M;
}

double PowerSumProblem::scale_derivative(const Vector& q, int term, double alpha) {
  const Vector c = kernel_from_q(q);
  double sum = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const double ratio = log_ratio(i, c, nullptr);
    double S = has_floor() ? c[floor_] : 0.0;
    for (int k = 0; k < terms_; ++k) S += c[k] * std::exp(-c[exponent_index(k)] * x_[at(k)][i]);
    const RunTerm run =
        run_term(ratio, runs_.response[i], runs_.weight[i], objective_, delta_, Curvature::exact);
    sum += run.c1 * std::exp(-alpha * x_[at(term)][i]) / S;
  }
  return sum;
}

PowerSumProblem::Conditioning PowerSumProblem::conditioning(const Vector& q,
                                                            const std::vector<char>& at_bound) {
  const Vector c = kernel_from_q(q);
  Matrix full = mean_square_change(c);
  const bool floor_at_bound =
      has_floor() && slot(floor_).free >= 0 && at_bound[at(slot(floor_).free)];
  if (level_slope_possible_ && !floor_at_bound) {
    const Matrix T = level_slope_jacobian(c);
    const Matrix FT = full * T;
    full = T.transpose() * FT;
  }
  const Matrix M = reduce(full);
  std::vector<int> free;
  for (int i = 0; i < free_count_; ++i)
    if (!at_bound[at(i)] && M(i, i) > 0) free.push_back(i);
  const auto m = static_cast<Eigen::Index>(free.size());
  if (m == 0) return {.number = 1, .flattest = {}};
  Matrix scaled(m, m);
  for (Eigen::Index i = 0; i < m; ++i)
    for (Eigen::Index j = 0; j < m; ++j) {
      const int fi = free[static_cast<std::size_t>(i)];
      const int fj = free[static_cast<std::size_t>(j)];
      scaled(i, j) = M(fi, fj) / std::sqrt(M(fi, fi) * M(fj, fj));
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
