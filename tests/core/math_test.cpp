#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "core/math/jet.h"
#include "core/math/order.h"
#include "core/math/random.h"
#include "core/math/small.h"
#include "core/math/student_t.h"

namespace isoloss {
namespace {

// Two-sided 95 % points as printed in statistical tables (three decimals).
TEST(StudentT, QuantilesOfTheTables) {
  const std::map<double, double> table{{1, 12.706}, {2, 4.303},   {3, 3.182},  {4, 2.776},
                                       {5, 2.571},  {10, 2.228},  {20, 2.086}, {30, 2.042},
                                       {60, 2.000}, {120, 1.980}, {1e7, 1.960}};
  for (const auto& [degrees, t] : table)
    EXPECT_NEAR(student_t_quantile(0.95, degrees), t, 5e-4) << degrees;
  EXPECT_NEAR(student_t_quantile(0.99, 10), 3.169, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.5, 1), 1, 1e-12);  // Cauchy: P(|T| <= 1) = ½
}

TEST(SymmetricEigen, ReproducesTheMatrix) {
  Random random(1);
  for (int n = 1; n <= 6; ++n) {
    Matrix A(n, n);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j <= i; ++j) A(i, j) = A(j, i) = random.normal();
    const SymmetricEigen eigen = symmetric_eigen(A);
    const Matrix product = eigen.vectors * eigen.values.asDiagonal() * eigen.vectors.transpose();
    EXPECT_LT((product - A).cwiseAbs().maxCoeff(), 1e-13);
    const Matrix identity = eigen.vectors.transpose() * eigen.vectors;
    EXPECT_LT((identity - Matrix::Identity(n, n)).cwiseAbs().maxCoeff(), 1e-13);
    for (int i = 1; i < n; ++i) EXPECT_LE(eigen.values[i - 1], eigen.values[i]);
  }
}

TEST(SymmetricEigen, KeepsSmallEigenvaluesOfScaledMatrices) {
  Matrix A(2, 2);
  A << 1, 1e-9, 1e-9, 1e-16;
  // Determinant 1e-16 − 1e-18 = 9.9e-17.
  EXPECT_NEAR(symmetric_eigen(A).values[0] / 9.9e-17, 1, 1e-6);
}

TEST(Solve, LinearSystems) {
  Random random(2);
  for (int n = 1; n <= 6; ++n) {
    Matrix A(n, n);
    Vector expected(n);
    for (int i = 0; i < n; ++i) {
      expected[i] = random.normal();
      for (int j = 0; j < n; ++j) A(i, j) = random.normal();
    }
    Vector x;
    ASSERT_TRUE(solve(A, Vector(A * expected), x));
    EXPECT_LT((x - expected).cwiseAbs().maxCoeff(), 1e-10);
    const Matrix S = A * A.transpose();
    Matrix L;
    ASSERT_TRUE(cholesky(S, L));
    EXPECT_LT((Matrix(L * L.transpose()) - S).cwiseAbs().maxCoeff(), 1e-12);
    Matrix inverse;
    ASSERT_TRUE(invert_symmetric(S, inverse));
    EXPECT_LT((Matrix(inverse * S) - Matrix::Identity(n, n)).cwiseAbs().maxCoeff(), 1e-6);
  }
  Vector x;
  EXPECT_FALSE(solve(Matrix::Zero(2, 2), Vector::Ones(2), x));
  Matrix inverse;
  EXPECT_FALSE(invert_symmetric(Matrix::Ones(2, 2), inverse));
}

TEST(LogSumExp, NeitherOverflowsNorLosesAbsentTerms) {
  EXPECT_DOUBLE_EQ(log_sum_exp(1000.0, 1000.0), 1000 + std::log(2.0));
  const double nothing = -std::numeric_limits<double>::infinity();
  EXPECT_DOUBLE_EQ(log_sum_exp(nothing, 2.0), 2);
  EXPECT_EQ(log_sum_exp(nothing, nothing), nothing);
}

TEST(Jet, DerivativesOfAKnownFunction) {
  // f = exp(x·y)/y − log(x): derivatives by hand.
  const double x = 0.7;
  const double y = 1.3;
  const auto X = Jet<2>::coefficient(x, 0);
  const auto Y = Jet<2>::coefficient(y, 1);
  const Jet<2> f = exp(X * Y) / Y - log(X);
  const double e = std::exp(x * y);
  EXPECT_NEAR(f.value, e / y - std::log(x), 1e-15);
  EXPECT_NEAR(f.gradient[0], e - 1 / x, 1e-14);
  EXPECT_NEAR(f.gradient[1], e * x / y - e / (y * y), 1e-14);
  EXPECT_NEAR(f.hessian[0], y * e + 1 / (x * x), 1e-14);
  EXPECT_NEAR(f.hessian[1], x * e, 1e-14);
  EXPECT_NEAR(f.hessian[2], e * (x * x / y - 2 * x / (y * y) + 2 / (y * y * y)), 1e-13);
}

// Published first outputs of splitmix64 from seed 0 make the state; xoshiro256++ from it is fixed
// by its definition. Moments say that the distributions are what they claim.
TEST(Random, IsReproducibleAndHasTheRightMoments) {
  Random a(42);
  Random b(42);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
  Random random(3);
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double z = random.normal();
    sum += z;
    squares += z * z;
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
}

TEST(Random, HaltonPoints) {
  EXPECT_DOUBLE_EQ(radical_inverse(1, 2), 0.5);
  EXPECT_DOUBLE_EQ(radical_inverse(6, 2), 0.375);
  EXPECT_DOUBLE_EQ(radical_inverse(5, 3), 7.0 / 9);
}

TEST(Order, AscendingIsStableAndMediansAreMiddles) {
  EXPECT_EQ(ascending({3, 1, 1, 2}), (std::vector<std::size_t>{1, 2, 3, 0}));
  EXPECT_EQ(sorted_sizes({-3, 1, -2}), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(median_of_sorted({1, 2, 3}), 2);
  EXPECT_EQ(median_of_sorted({1, 2, 3, 4}), 2.5);
  EXPECT_EQ(median_of_sorted({0, 0, 1, 2, 3}, 2), 2);
  EXPECT_EQ(median_of_sorted({}), 0);
}

}  // namespace
}  // namespace isoloss
