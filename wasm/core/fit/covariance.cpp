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

std::optional<Covariance> sandwich(const Law& law, const Constraints& constraints, const Runs& runs,
                                   const Objective& objective, const Vector& theta,
                                   const std::vector<char>& active) {
  // Columns of J: one per free parameter with an active coefficient.
  std::vector<int> column(static_cast<std::size_t>(law.size()), -1);
  std::vector<int> parameters;
  Covariance result;
  for (int k = 0; k < law.size(); ++k) {
    const auto i = static_cast<std::size_t>(k);
    if (!active[i]) continue;
    const auto known = std::ranges::find(parameters, constraints.slots[i].free);
    column[i] = static_cast<int>(known - parameters.begin());
    if (known == parameters.end()) parameters.push_back(constraints.slots[i].free);
    result.coefficients.push_back(k);
  }
  const std::size_t n = runs.size();
  const std::size_t p = parameters.size();
  if (p == 0 || n <= p) return std::nullopt;

  const auto columns = static_cast<Eigen::Index>(p);
  std::vector<Vector> J(n, Vector::Zero(columns));
  std::vector<double> r(n);
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> g{};
  Vector length = Vector::Zero(columns);
  for (std::size_t i = 0; i < n; ++i) {
    runs.row(i, x.data());
    const double ratio =
        law.derivatives(x.data(), theta.data(), g.data(), nullptr) - runs.log_response[i];
    const double scale = objective.log_residual() ? 1 : runs.response[i] * std::exp(ratio);
    r[i] = objective.log_residual() ? ratio : runs.response[i] * std::expm1(ratio);
    for (std::size_t k = 0; k < column.size(); ++k)
      if (column[k] >= 0) J[i][column[k]] += scale * g[k];
    length += J[i].cwiseAbs2();
  }
  if (!(length.minCoeff() > 0)) return std::nullopt;
  // Columns of length 1: raw logs are badly scaled.
  length = length.cwiseSqrt();

  const auto terms = error_terms(objective, r, runs.weight, p);
  if (!terms) return std::nullopt;
  Matrix H = Matrix::Zero(columns, columns);
  Matrix K = H;
  for (std::size_t i = 0; i < n; ++i) {
    const Vector row = J[i].cwiseQuotient(length);
    if (terms->slope[i] > 0) H += terms->slope[i] * row * row.transpose();
    K += (terms->psi[i] * terms->psi[i]) * row * row.transpose();
  }
  Matrix inverse;
  if (!invert_symmetric(H, inverse)) return std::nullopt;
  const double degrees = static_cast<double>(n - p);
  const Matrix middle = inverse * K;
  const Matrix V = (static_cast<double>(n) / degrees) * (middle * inverse);
  if (!V.allFinite()) return std::nullopt;

  const auto m = static_cast<Eigen::Index>(result.coefficients.size());
  result.matrix.resize(m, m);
  for (Eigen::Index a = 0; a < m; ++a)
    for (Eigen::Index b = 0; b < m; ++b) {
      const int ca =
          column[static_cast<std::size_t>(result.coefficients[static_cast<std::size_t>(a)])];
      const int cb =
          column[static_cast<std::size_t>(result.coefficients[static_cast<std::size_t>(b)])];
      result.matrix(a, b) = V(ca, cb) / (length[ca] * length[cb]);
    }
  result.degrees_of_freedom = degrees;
  return result;
}

}  // namespace isoloss
