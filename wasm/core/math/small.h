#pragma once

// Small products stay loops: Eigen's blocked kernels are for large matrices and cost 40 KB of code.
#define EIGEN_CACHEFRIENDLY_PRODUCT_THRESHOLD 32
#include <Eigen/Core>

namespace isoloss {

/// No law has more coefficients than this; small vectors and matrices live on the stack.
inline constexpr int kMaxCoefficients = 10;

using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMaxCoefficients, 1>;
using Matrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMaxCoefficients, kMaxCoefficients>;

/// Index of (i, j), j <= i, in a packed lower triangle.
constexpr int packed_index(int i, int j) { return i * (i + 1) / 2 + j; }

// Decompositions, compiled once.

/// A = V·diag(values)·Vᵀ, values ascending.
struct SymmetricEigen {
  Vector values;
  Matrix vectors;
};
SymmetricEigen symmetric_eigen(const Matrix& A);

/// L of A = L·Lᵀ; false if A is not positive definite.
bool cholesky(const Matrix& A, Matrix& L);
/// L⁻¹b and L⁻ᵀb for a lower triangle L.
Vector solve_lower(const Matrix& L, Vector b);
Vector solve_upper_of_transposed(const Matrix& L, Vector b);

/// Inverse of a symmetric positive definite matrix; false if its condition number exceeds 1e14.
bool invert_symmetric(const Matrix& A, Matrix& inverse);

/// x of A·x = b by elimination with partial pivoting; false if A is singular.
bool solve(Matrix A, Vector b, Vector& x);

}  // namespace isoloss
