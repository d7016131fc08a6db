// The loops over runs of PowerSumProblem, where a fit spends its time: compiled for speed.
#include <cmath>

#include "core/fit/power_sum_problem.h"

namespace isoloss {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

template <int K, int J, bool Floor>
bool PowerSumProblem::sums_of(const Vector& c, Curvature curvature, double& value, Vector& gradient,
                              Matrix& hessian) const {
  constexpr int kFloor = Floor ? 1 : 0;
  constexpr int kAlpha = K + kFloor;
  constexpr int kGamma = kAlpha + K;
  constexpr int P = kGamma + J;
  const std::size_t n = runs_.size();
  const double second = curvature == Curvature::exact ? 1.0 : 0.0;
  double total = 0;
  std::array<double, P> g{};
  std::array<double, P*(P + 1) / 2> H{};
  // ∇²S: (A_k, α_k) and (α_k, α_k) only.
  std::array<double, K> cross{};
  std::array<double, K> bend{};
  for (std::size_t i = 0; i < n; ++i) {
    std::array<double, K> u;
    double S = Floor ? c[K] : 0.0;
    for (int k = 0; k < K; ++k) {
      u[at(k)] = std::exp(-c[kAlpha + k] * x_[at(k)][i]);
      S += c[k] * u[at(k)];
    }
    if (!(S > 0)) return false;
    double ratio = std::log(S / runs_.response[i]);
    for (int j = 0; j < J; ++j) ratio += c[kGamma + j] * g_[at(j)][i];
    const RunTerm term =
        run_term(ratio, runs_.response[i], runs_.weight[i], objective_, delta_, curvature);
    total += term.value;
    const double R = 1 / S;
    std::array<double, P> f;
    for (int k = 0; k < K; ++k) {
      const double p = u[at(k)] * R;
      const double x = x_[at(k)][i];
      f[at(k)] = p;
      f[at(kAlpha + k)] = -c[k] * x * p;
      cross[at(k)] -= term.c1 * x * p;
      bend[at(k)] += term.c1 * x * x * p;
    }
    if constexpr (Floor) f[K] = R;
    for (int j = 0; j < J; ++j) f[at(kGamma + j)] = g_[at(j)][i];
    const double inner = term.c2 - second * term.c1;
    std::size_t m = 0;
    for (std::size_t a = 0; a < P; ++a) {
      g[a] += term.c1 * f[a];
      const double w = (a < kGamma ? inner : term.c2) * f[a];
      for (std::size_t b = 0; b <= a; ++b, ++m) H[m] += w * f[b];
    }
  }
  if (!std::isfinite(total)) return false;
  value = total;
  gradient.resize(P);
  hessian.resize(P, P);
  for (int k = 0; k < K; ++k) {
    H[at(packed_index(kAlpha + k, k))] += second * cross[at(k)];
    H[at(packed_index(kAlpha + k, kAlpha + k))] += second * c[k] * bend[at(k)];
  }
  for (int a = 0, m = 0; a < P; ++a) {
    gradient[a] = g[at(a)];
    for (int b = 0; b <= a; ++b, ++m) hessian(a, b) = hessian(b, a) = H[at(m)];
  }
  return true;
}

bool PowerSumProblem::sums(const Vector& c, Curvature curvature, double& value, Vector& gradient,
                           Matrix& hessian) const {
  const int shape = terms_ * 4 + (factors() > 0 ? 2 : 0) + (has_floor() ? 1 : 0);
  switch (shape) {
    case 4:
      return sums_of<1, 0, false>(c, curvature, value, gradient, hessian);
    case 5:
      return sums_of<1, 0, true>(c, curvature, value, gradient, hessian);
    case 9:
      return sums_of<2, 0, true>(c, curvature, value, gradient, hessian);
    case 11:
      return sums_of<2, 1, true>(c, curvature, value, gradient, hessian);
    default:
      return false;
  }
}

double PowerSumProblem::log_ratio(std::size_t i, const Vector& c, double* gradient) const {
  double S = has_floor() ? c[floor_] : 0.0;
  std::array<double, kMaxCoefficients> u{};
  for (int k = 0; k < terms_; ++k) {
    u[at(k)] = std::exp(-c[exponent_index(k)] * x_[at(k)][i]);
    S += c[k] * u[at(k)];
  }
  double ratio = std::log(S / runs_.response[i]);
  for (int j = 0; j < factors(); ++j) ratio += c[factor_index(j)] * g_[at(j)][i];
  if (gradient != nullptr) {
    for (int k = 0; k < terms_; ++k) {
      gradient[k] = u[at(k)] / S;
      gradient[exponent_index(k)] = -c[k] * x_[at(k)][i] * u[at(k)] / S;
    }
    if (has_floor()) gradient[floor_] = 1 / S;
    for (int j = 0; j < factors(); ++j) gradient[factor_index(j)] = g_[at(j)][i];
  }
  return ratio;
}

Matrix PowerSumProblem::mean_square_change(const Vector& kernel) const {
  Matrix sum = Matrix::Zero(kernel_size(), kernel_size());
  Vector f(kernel_size());
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    log_ratio(i, kernel, f.data());
    sum += runs_.weight[i] * f * f.transpose();
  }
  return sum / static_cast<double>(runs_.size());
}

}  // namespace isoloss
