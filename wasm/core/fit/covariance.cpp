#include "core/fit/covariance.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math/order.h"
#include "core/math/student_t.h"

namespace isoloss {
namespace {

/// Standard deviation of a normal distribution over its median absolute deviation.
constexpr double kNormalScale = 1.4826;

}  // namespace

double Covariance::t95() const { return student_t_quantile(0.95, degrees_of_freedom); }

double Covariance::variance(const Vector& gradient) const {
  const auto m = static_cast<Eigen::Index>(coefficients.size());
  Vector g(m);
  for (Eigen::Index i = 0; i < m; ++i) g[i] = gradient[coefficients[static_cast<std::size_t>(i)]];
  return std::max(0.0, g.dot(Vector(matrix * g)));
}

std::optional<ErrorTerms> error_terms(const Objective& objective, const std::vector<double>& r,
                                      const std::vector<double>& weight, std::size_t free) {
  const bool squares = !std::isfinite(objective.solver_delta());
  const bool absolute = objective.kind == Objective::Kind::log_absolute;
  // The smallest residuals are what the fit has made small.
  const double scale = kNormalScale * median_of_sorted(sorted_sizes(r), free);
  const double delta = absolute ? 0 : objective.solver_delta();
  const double bandwidth =
      std::max(delta, scale * std::pow(static_cast<double>(r.size()) / 100, -0.2));
  if (!squares && !(bandwidth > 0)) return std::nullopt;
  ErrorTerms terms;
  for (std::size_t i = 0; i < r.size(); ++i) {
    const double size = std::abs(r[i]);
    double psi = r[i];
    double slope = 1;
    if (!squares) {
      psi = size <= delta ? r[i] / delta : std::copysign(1.0, r[i]);
      if (absolute && size < 1e-14) psi = 0;
      slope = size <= bandwidth ? 1 / bandwidth : 0;
    }
    const double w = weight[i] * objective.side_weight(r[i]);
    terms.psi.push_back(w * psi);
    terms.slope.push_back(w * slope);
  }
  return terms;
}

Vector Linearisation::reduced(const double* gradient) const {
  Vector result = Vector::Zero(length_.size());
  for (std::size_t k = 0; k < column_.size(); ++k)
    if (column_[k] >= 0) result[column_[k]] += gradient[k];
  return result.cwiseQuotient(length_);
}

Vector Linearisation::expanded(const Vector& parameters) const {
  Vector result = Vector::Zero(law_->size());
  for (std::size_t k = 0; k < column_.size(); ++k)
    if (column_[k] >= 0)
      result[static_cast<Eigen::Index>(k)] = parameters[column_[k]] / length_[column_[k]];
  return result;
}

double Linearisation::row(std::size_t i, Vector& J) const {
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> g{};
  runs_->row(i, x.data());
  const double ratio =
      law_->derivatives(x.data(), theta_.data(), g.data(), nullptr) - runs_->log_response[i];
  J = reduced(g.data());
  if (objective_.log_residual()) return ratio;
  J *= runs_->response[i] * std::exp(ratio);
  return runs_->response[i] * std::expm1(ratio);
}

std::optional<Linearisation> Linearisation::at(const Law& law, const Constraints& constraints,
                                               const Runs& runs, const Objective& objective,
                                               const Vector& theta,
                                               const std::vector<char>& active) {
  Linearisation result(law, runs, objective, theta);
  // Columns of J: one per free parameter with an active coefficient.
  result.column_.assign(static_cast<std::size_t>(law.size()), -1);
  std::vector<int> parameters;
  for (int k = 0; k < law.size(); ++k) {
    const auto i = static_cast<std::size_t>(k);
    if (!active[i]) continue;
    const auto known = std::ranges::find(parameters, constraints.slots[i].free);
    result.column_[i] = static_cast<int>(known - parameters.begin());
    if (known == parameters.end()) parameters.push_back(constraints.slots[i].free);
    result.coefficients_.push_back(k);
  }
  const std::size_t n = runs.size();
  const std::size_t p = parameters.size();
  if (p == 0 || n <= p) return std::nullopt;
  const auto columns = static_cast<Eigen::Index>(p);
  result.degrees_ = static_cast<double>(n - p);

  // Columns of length 1: raw logs are badly scaled.
  Vector J(columns);
  Vector length = Vector::Zero(columns);
  result.length_ = Vector::Ones(columns);
  std::vector<double> residuals(n);
  for (std::size_t i = 0; i < n; ++i) {
    residuals[i] = result.row(i, J);
    length += J.cwiseAbs2();
  }
  if (!(length.minCoeff() > 0)) return std::nullopt;
  result.length_ = length.cwiseSqrt();

  auto terms = error_terms(objective, residuals, runs.weight, p);
  if (!terms) return std::nullopt;
  result.terms_ = std::move(*terms);
  Matrix H = Matrix::Zero(columns, columns);
  result.middle_ = H;
  result.design_ = H;
  double weights = 0;
  for (std::size_t i = 0; i < n; ++i) {
    result.row(i, J);
    const double psi = result.terms_.psi[i];
    const double slope = result.terms_.slope[i];
    const double w = runs.weight[i];
    const Matrix square = J * J.transpose();
    if (slope > 0) H += slope * square;
    result.middle_ += (psi * psi) * square;
    result.design_ += w * square;
    result.psi_square_ += psi * psi / w;
    result.slope_ += slope;
    weights += w;
  }
  result.psi_square_ /= result.degrees_;
  result.slope_ /= weights;
  if (!invert_symmetric(H, result.inverse_)) return std::nullopt;
  return result;
}

Covariance Linearisation::sandwich() const {
  const Matrix half = inverse_ * middle_;
  const Matrix V = (static_cast<double>(runs_->size()) / degrees_) * (half * inverse_);
  Matrix equal;
  const bool comparable = invert_symmetric(design_, equal);
  Covariance result{.coefficients = coefficients_,
                    .matrix = {},
                    .degrees_of_freedom = degrees_,
                    .robust_ratio = {}};
  const auto m = static_cast<Eigen::Index>(coefficients_.size());
  result.matrix.resize(m, m);
  for (Eigen::Index a = 0; a < m; ++a) {
    const int ca = column_[static_cast<std::size_t>(coefficients_[static_cast<std::size_t>(a)])];
    for (Eigen::Index b = 0; b < m; ++b) {
      const int cb = column_[static_cast<std::size_t>(coefficients_[static_cast<std::size_t>(b)])];
      result.matrix(a, b) = V(ca, cb) / (length_[ca] * length_[cb]);
    }
    if (comparable)
      result.robust_ratio.push_back(std::sqrt(V(ca, ca) / (run_variance() * equal(ca, ca))));
  }
  return result;
}

double Linearisation::run_variance() const { return psi_square_ / (slope_ * slope_); }

double Linearisation::tau() const {
  const double unit = std::isfinite(objective_.solver_delta()) ? objective_.solver_delta() : 1;
  return unit * psi_square_ / slope_;
}

double Linearisation::shrinks(const Covariance& covariance, const Vector& c,
                              const double* log_x) const {
  std::array<double, kMaxCoefficients> g{};
  const double log_response = law_->derivatives(log_x, theta_.data(), g.data(), nullptr);
  const auto m = static_cast<Eigen::Index>(covariance.coefficients.size());
  Vector J(m);
  Vector gradient(m);
  for (Eigen::Index i = 0; i < m; ++i) {
    const int k = covariance.coefficients[static_cast<std::size_t>(i)];
    J[i] = g[static_cast<std::size_t>(k)];
    gradient[i] = c[k];
  }
  if (!objective_.log_residual()) J *= std::exp(log_response);
  // Sherman–Morrison on V⁻¹ + JJᵀ/σ².
  const Vector VJ = covariance.matrix * J;
  const double before = gradient.dot(Vector(covariance.matrix * gradient));
  const double gain = gradient.dot(VJ);
  const double after = before - gain * gain / (run_variance() + J.dot(VJ));
  return std::sqrt(std::max(0.0, after / before));
}

Vector Linearisation::without(std::size_t i) const {
  Vector J(length_.size());
  row(i, J);
  const Vector HJ = inverse_ * J;
  // The curvature of the others: Sherman–Morrison again.
  const double left = std::max(0.1, 1 - terms_.slope[i] * J.dot(HJ));
  return theta_ + expanded(HJ * (terms_.psi[i] / left));
}

std::optional<Covariance> sandwich(const Law& law, const Constraints& constraints, const Runs& runs,
                                   const Objective& objective, const Vector& theta,
                                   const std::vector<char>& active) {
  const auto linearisation = Linearisation::at(law, constraints, runs, objective, theta, active);
  if (!linearisation) return std::nullopt;
  Covariance result = linearisation->sandwich();
  if (!result.matrix.allFinite()) return std::nullopt;
  return result;
}

}  // namespace isoloss
