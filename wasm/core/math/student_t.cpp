#include "core/math/student_t.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace isoloss {
namespace {

/// Continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  if (std::abs(d) < kTiny) d = kTiny;
  d = 1 / d;
  double h = d;
  for (int m = 1; m < 500; ++m) {
    const double m2 = 2.0 * m;
    const double even = m * (b - m) * x / ((a + m2 - 1) * (a + m2));
    const double odd = -(a + m) * (a + b + m) * x / ((a + m2) * (a + m2 + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      if (std::abs(d) < kTiny) d = kTiny;
      c = 1 + term / c;
      if (std::abs(c) < kTiny) c = kTiny;
      d = 1 / d;
      change = c * d;
      h *= change;
    }
    if (std::abs(change - 1) < 1e-16) break;
  }
  return h;
}

/// ln of Γ(a + ½)/Γ(a): asymptotic series (DLMF 5.11.13) after raising a to where it is exact.
double log_gamma_ratio(double a) {
  double log_factor = 0;
  for (; a < 30; ++a) log_factor -= std::log1p(0.5 / a);
  const double r = 1 / a;
  return log_factor + 0.5 * std::log(a) +
         std::log1p(
             r * (-1.0 / 8 + r * (1.0 / 128 +
                                  r * (5.0 / 1024 + r * (-21.0 / 32768 + r * (-399.0 / 262144))))));
}

/// Regularized incomplete beta I_x(a, ½).
double incomplete_beta_half(double a, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double log_root_pi = 0.5 * std::log(std::numbers::pi);
  const double front =
      std::exp(log_gamma_ratio(a) - log_root_pi + a * std::log(x) + 0.5 * std::log1p(-x));
  if (x < (a + 1) / (a + 2.5)) return front * beta_fraction(a, 0.5, x) / a;
  return 1 - front * beta_fraction(0.5, a, 1 - x) / 0.5;
}

}  // namespace

double student_t_two_sided(double t, double degrees_of_freedom) {
  const double nu = degrees_of_freedom;
  return 1 - incomplete_beta_half(nu / 2, nu / (nu + t * t));
}

double student_t_quantile(double coverage, double degrees_of_freedom) {
  double lower = 0;
  double upper = 2;
  while (student_t_two_sided(upper, degrees_of_freedom) < coverage && upper < 1e9) upper *= 2;
  for (int i = 0; i < 200 && upper - lower > 1e-14 * upper; ++i) {
    const double middle = 0.5 * (lower + upper);
    (student_t_two_sided(middle, degrees_of_freedom) < coverage ? lower : upper) = middle;
  }
  return 0.5 * (lower + upper);
}

}  // namespace isoloss
