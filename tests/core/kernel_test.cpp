// The loops over runs: against the C library, another route to the same sums, and differences.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/fit/general_problem.h"
#include "core/fit/pack.h"
#include "core/fit/power_sum_problem.h"
#include "core/fit/setup.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

using Curvature = Problem::Curvature;

/// Distance in units in the last place of `expected`.
double ulps(double value, long double expected) {
  const double near = static_cast<double>(expected);
  const double ulp = std::nextafter(std::abs(near), INFINITY) - std::abs(near);
  return std::abs(static_cast<double>(static_cast<long double>(value) - expected)) / ulp;
}

TEST(Pack, ExponentialToTwoUnitsInTheLastPlace) {
  Random random(1);
  for (int i = 0; i < 200000; ++i) {
    const double x = i % 2 == 0 ? random.uniform(-700, 700) : random.uniform(-2, 2);
    ASSERT_LE(ulps(exponential(x), std::exp(static_cast<long double>(x))), 2) << x;
  }
  EXPECT_EQ(exponential(0), 1);
}

TEST(Pack, LogarithmToTwoUnitsInTheLastPlace) {
  Random random(2);
  for (int i = 0; i < 200000; ++i) {
    const double x = i % 2 == 0 ? std::exp(random.uniform(-690, 690)) : random.uniform(0.5, 2);
    ASSERT_LE(ulps(logarithm(x), std::log(static_cast<long double>(x))), 2) << x;
  }
  EXPECT_EQ(logarithm(1), 0);
}

TEST(Pack, LanesAreApart) {
  const Pack e = exponential(Pack{1, -3});
  EXPECT_EQ(e[0], exponential(1.0));
  EXPECT_EQ(e[1], exponential(-3.0));
  const Pack l = logarithm(Pack{0.3, 5e8});
  EXPECT_EQ(l[0], logarithm(0.3));
  EXPECT_EQ(l[1], logarithm(5e8));
}

/// An odd number of rows (the last pack is half empty), weights of their own.
struct Study {
  const Law& law;
  FitSetup setup;
  Vector theta;

  Study(const Law& which, const Objective& objective, unsigned seed) : law(which) {
    Random random(seed);
    FitData data = testing::random_design(law, 31, random);
    for (double& L : data.response) {
      L = 1.5 + 2 * random.uniform();
      data.weight.push_back(0.5 + random.uniform());
    }
    theta = testing::random_theta(law, data, 2.5, random);
    setup = set_up({.law = &law, .objective = objective, .fixed = {}, .tied = {}}, data);
  }
};

std::vector<const Law*> power_sums() {
  std::vector<const Law*> result;
  for (const Law* law : testing::all_laws())
    if (std::holds_alternative<PowerSum>(law->form)) result.push_back(law);
  return result;
}

std::vector<Objective> objectives_to_try() {
  // Wide and narrow, so that runs lie on both sides of δ.
  return {{.kind = Objective::Kind::log_huber, .delta = 0.2},
          {.kind = Objective::Kind::log_huber, .delta = 1e-3},
          {.kind = Objective::Kind::log_huber_lower, .delta = 0.1, .over_penalty = 7},
          {.kind = Objective::Kind::log_absolute},
          {.kind = Objective::Kind::log_squares},
          {.kind = Objective::Kind::squares}};
}

class Kernel : public ::testing::TestWithParam<const Law*> {};
INSTANTIATE_TEST_SUITE_P(Registry, Kernel, ::testing::ValuesIn(power_sums()), testing::law_name);

// In theta the general way sums the law's own derivatives row by row; in the kernel's coordinates
// value, slope and curvature along any direction must be the same.
TEST_P(Kernel, SumsAreThoseOfTheGeneralWay) {
  for (const Objective& objective : objectives_to_try()) {
    const Study study(*GetParam(), objective, 21);
    const FitSetup& setup = study.setup;
    PowerSumProblem kernel(study.law, setup.constraints, setup.runs, objective);
    GeneralProblem general(study.law, setup.constraints, setup.runs, objective);
    for (const Curvature curvature : {Curvature::exact, Curvature::reweighted, Curvature::metric}) {
      Evaluation a;
      Evaluation b;
      const Vector c = kernel.kernel_from_theta(study.theta);
      const Vector q = kernel.q_from_kernel(c);
      ASSERT_TRUE(kernel.evaluate(q.data(), curvature, a));
      ASSERT_TRUE(general.evaluate(study.theta.data(), curvature, b));
      if (curvature != Curvature::metric) {
        EXPECT_NEAR(a.value / b.value, 1, 1e-12);
      }
      // theta(q) by its own Jacobian: ln A_user = ln A + α·mean, the exponents are shared.
      const int n = kernel.size();
      Matrix T = Matrix::Zero(n, n);
      for (int j = 0; j < n; ++j) {
        const double h = 1e-5 * std::max(1e-2, std::abs(q[j]));
        Vector up = q;
        Vector down = q;
        up[j] += h;
        down[j] -= h;
        const Vector above = kernel.theta_from_kernel(kernel.kernel_from_q(up.data()));
        const Vector below = kernel.theta_from_kernel(kernel.kernel_from_q(down.data()));
        T.col(j) = (above - below) / (2 * h);
      }
      for (int j = 0; j < n; ++j) {
        double slope = 0;
        for (int k = 0; k < n; ++k) slope += b.gradient[static_cast<std::size_t>(k)] * T(k, j);
        EXPECT_NEAR(a.gradient[static_cast<std::size_t>(j)], slope, 1e-7 * (1 + std::abs(slope)));
        if (curvature == Curvature::exact) continue;  // that needs theta''
        for (int i = 0; i < n; ++i) {
          double bend = 0;
          for (int k = 0; k < n; ++k)
            for (int l = 0; l < n; ++l)
              bend += b.hessian[static_cast<std::size_t>(k)][static_cast<std::size_t>(l)] *
                      T(k, j) * T(l, i);
          EXPECT_NEAR(a.hessian[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)], bend,
                      1e-7 * (1 + std::abs(bend)));
        }
      }
    }
  }
}

TEST_P(Kernel, ResidualsAreThoseOfTheGeneralWay) {
  for (const Objective& objective : objectives_to_try()) {
    const Study study(*GetParam(), objective, 22);
    PowerSumProblem kernel(study.law, study.setup.constraints, study.setup.runs, objective);
    GeneralProblem general(study.law, study.setup.constraints, study.setup.runs, objective);
    std::vector<double> a;
    std::vector<double> b;
    const Vector q = kernel.q_from_kernel(kernel.kernel_from_theta(study.theta));
    ASSERT_TRUE(kernel.residuals(q.data(), a));
    ASSERT_TRUE(general.residuals(study.theta.data(), b));
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      EXPECT_NEAR(a[i], b[i], 1e-12 * (1 + std::abs(b[i])));
  }
}

/// Richardson's extrapolation of central differences: error of order h⁴.
template <class F>
double derivative(const F& f, double h) {
  const double wide = (f(h) - f(-h)) / (2 * h);
  const double narrow = (f(h / 2) - f(-h / 2)) / h;
  return (4 * narrow - wide) / 3;
}

// The objectives that bend nowhere sharply; Huber's share their code but for ψ.
TEST_P(Kernel, DerivativesAreDifferences) {
  for (const Objective& objective : {Objective{.kind = Objective::Kind::log_squares},
                                     Objective{.kind = Objective::Kind::squares},
                                     Objective{.kind = Objective::Kind::log_huber, .delta = 10}}) {
    const Study study(*GetParam(), objective, 23);
    PowerSumProblem kernel(study.law, study.setup.constraints, study.setup.runs, objective);
    for (const auto coordinates :
         {PowerSumProblem::Coordinates::linear, PowerSumProblem::Coordinates::level_slope}) {
      if (coordinates == PowerSumProblem::Coordinates::level_slope &&
          !kernel.level_slope_possible())
        continue;
      kernel.set_coordinates(coordinates);
      const Vector q = kernel.q_from_kernel(kernel.kernel_from_theta(study.theta));
      Evaluation here;
      ASSERT_TRUE(kernel.evaluate(q.data(), Curvature::exact, here));
      const auto moved = [&](int k, double by) {
        Vector at = q;
        at[k] += by;
        Evaluation there;
        EXPECT_TRUE(kernel.evaluate(at.data(), Curvature::exact, there));
        return there;
      };
      double largest = 0;
      for (int k = 0; k < kernel.size(); ++k)
        largest = std::max(largest, std::abs(here.gradient[static_cast<std::size_t>(k)]));
      for (int k = 0; k < kernel.size(); ++k) {
        const double h = 1e-3 * std::max(1e-2, std::abs(q[k]));
        const double slope = derivative([&](double by) { return moved(k, by).value; }, h);
        EXPECT_NEAR(here.gradient[static_cast<std::size_t>(k)], slope,
                    1e-8 * (largest + std::abs(slope)));
        for (int j = 0; j < kernel.size(); ++j) {
          const double second = derivative(
              [&](double by) { return moved(k, by).gradient[static_cast<std::size_t>(j)]; }, h);
          EXPECT_NEAR(here.hessian[static_cast<std::size_t>(j)][static_cast<std::size_t>(k)],
                      second, 1e-8 * (largest + std::abs(second)))
              << j << " " << k;
        }
      }
    }
  }
}

TEST_P(Kernel, NoValueWhereTheLawHasNone) {
  const Study study(*GetParam(), {.kind = Objective::Kind::log_huber, .delta = 1e-3}, 24);
  PowerSumProblem kernel(study.law, study.setup.constraints, study.setup.runs,
                         study.setup.specification.objective);
  const Vector good = kernel.q_from_kernel(kernel.kernel_from_theta(study.theta));
  Evaluation out;
  for (int k = 0; k < kernel.size(); ++k)
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity(), 1e308, -1e308}) {
      Vector q = good;
      q[k] = bad;
      if (kernel.evaluate(q.data(), Curvature::exact, out)) {
        EXPECT_TRUE(std::isfinite(out.value));
      }
    }
  // Nothing but negative losses.
  Vector q = good;
  for (int k = 0; k < kernel.terms() + (kernel.has_floor() ? 1 : 0); ++k) q[k] = -1;
  EXPECT_FALSE(kernel.evaluate(q.data(), Curvature::exact, out));
}

}  // namespace
}  // namespace isoloss
