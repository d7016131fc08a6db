#include "core/math/student_t.h"

#include <cmath>
#include <initializer_list>

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

/// Regularized incomplete beta I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double student_t_two_sided(double t, double degrees_of_freedom) {
  const double nu = degrees_of_freedom;
  return 1 - incomplete_beta(nu / 2, 0.5, nu / (nu + t * t));
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
