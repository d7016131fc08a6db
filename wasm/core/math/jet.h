#pragma once

#include <array>
#include <cmath>

#include "core/math/small.h"

namespace isoloss {

/// A number that carries its gradient and Hessian in P coefficients (second-order forward-mode
/// differentiation): write a formula once as a template and evaluate it with double for the value,
/// with Jet<P> for exact first and second derivatives.
template <int P>
struct Jet {
  static constexpr int kPacked = P * (P + 1) / 2;

  double value = 0;
  std::array<double, P> gradient{};
  std::array<double, kPacked> hessian{};

  Jet() = default;
  Jet(double constant) : value(constant) {}  // implicit: 2 * x

  /// The coefficient number `index` itself.
  static Jet coefficient(double value, int index) {
    Jet x(value);
    x.gradient[static_cast<std::size_t>(index)] = 1;
    return x;
  }

  /// f(x) by its value and first two derivatives.
  static Jet compose(const Jet& x, double f, double df, double d2f) {
    Jet y(f);
    std::size_t k = 0;
    for (std::size_t i = 0; i < P; ++i) {
      y.gradient[i] = df * x.gradient[i];
      for (std::size_t j = 0; j <= i; ++j, ++k)
        y.hessian[k] = df * x.hessian[k] + d2f * x.gradient[i] * x.gradient[j];
    }
    return y;
  }

  Jet operator-() const { return compose(*this, -value, -1, 0); }

  friend Jet operator+(Jet a, const Jet& b) {
    a.value += b.value;
    for (std::size_t i = 0; i < P; ++i) a.gradient[i] += b.gradient[i];
    for (std::size_t k = 0; k < kPacked; ++k) a.hessian[k] += b.hessian[k];
    return a;
  }
  friend Jet operator-(const Jet& a, const Jet& b) { return a + (-b); }
  friend Jet operator*(const Jet& a, const Jet& b) {
    Jet y(a.value * b.value);
    std::size_t k = 0;
    for (std::size_t i = 0; i < P; ++i) {
      y.gradient[i] = a.value * b.gradient[i] + b.value * a.gradient[i];
      for (std::size_t j = 0; j <= i; ++j, ++k)
        y.hessian[k] = a.value * b.hessian[k] + b.value * a.hessian[k] +
                       a.gradient[i] * b.gradient[j] + a.gradient[j] * b.gradient[i];
    }
    return y;
  }
  friend Jet operator/(const Jet& a, const Jet& b) {
    const double r = 1 / b.value;
    return a * compose(b, r, -r * r, 2 * r * r * r);
  }
};

template <int P>
Jet<P> exp(const Jet<P>& x) {
  const double e = std::exp(x.value);
  return Jet<P>::compose(x, e, e, e);
}

template <int P>
Jet<P> log(const Jet<P>& x) {
  const double r = 1 / x.value;
  return Jet<P>::compose(x, std::log(x.value), r, -r * r);
}

inline double value_of(double x) { return x; }
template <int P>
double value_of(const Jet<P>& x) {
  return x.value;
}

/// ln(e^a + e^b + …) without overflow; an argument of -infinity is a term that is not there.
template <class T, class... Rest>
T log_sum_exp(const T& first, const Rest&... rest) {
  using std::exp;
  using std::log;
  double top = value_of(first);
  ((top = std::max(top, value_of(rest))), ...);
  if (!std::isfinite(top)) return T(top);
  T sum(0.0);
  const auto add = [&](const T& z) {
    // Also not there in the derivatives, where infinity times 0 would be no number.
    if (std::isfinite(value_of(z))) sum = sum + exp(z - T(top));
  };
  add(first);
  (add(rest), ...);
  return log(sum) + T(top);
}

}  // namespace isoloss
