#include "core/math/small.h"

#include <cmath>
#include <utility>

namespace isoloss {

SymmetricEigen symmetric_eigen(const Matrix& A) {
  // Cyclic Jacobi rotations: for ten columns at the most they are as fast as a tridiagonal method,
  // more accurate for small eigenvalues, and a twentieth of the code.
  const auto n = A.rows();
  Matrix D = A;
  Matrix V = Matrix::Identity(n, n);
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool rotated = false;
    for (Eigen::Index p = 0; p < n; ++p) {
      for (Eigen::Index q = p + 1; q < n; ++q) {
        const double off = D(p, q);
        // Negligible beside both diagonal elements, the smaller one included.
        if (std::abs(off) <= 1e-17 * std::sqrt(std::abs(D(p, p) * D(q, q))) ||
            std::abs(off) < 1e-300)
          continue;
        rotated = true;
        const double theta = (D(q, q) - D(p, p)) / (2 * off);
        const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::hypot(theta, 1.0));
        const double c = 1 / std::hypot(t, 1.0);
        const double s = t * c;
        for (Eigen::Index k = 0; k < n; ++k) {
          const double kp = D(k, p);
          const double kq = D(k, q);
          D(k, p) = c * kp - s * kq;
          D(k, q) = s * kp + c * kq;
        }
        for (Eigen::Index k = 0; k < n; ++k) {
          const double pk = D(p, k);
          const double qk = D(q, k);
          D(p, k) = c * pk - s * qk;
          D(q, k) = s * pk + c * qk;
          const double vp = V(k, p);
          const double vq = V(k, q);
          V(k, p) = c * vp - s * vq;
          V(k, q) = s * vp + c * vq;
        }
        D(p, q) = D(q, p) = 0;
      }
    }
    if (!rotated) break;
  }
  SymmetricEigen eigen{.values = D.diagonal(), .vectors = V};
  for (Eigen::Index i = 0; i < n; ++i) {
    Eigen::Index smallest = i;
    for (Eigen::Index j = i + 1; j < n; ++j)
      if (eigen.values[j] < eigen.values[smallest]) smallest = j;
    if (smallest == i) continue;
    std::swap(eigen.values[i], eigen.values[smallest]);
    for (Eigen::Index k = 0; k < n; ++k) std::swap(eigen.vectors(k, i), eigen.vectors(k, smallest));
  }
  return eigen;
}

bool cholesky(const Matrix& A, Matrix& L) {
  const auto n = A.rows();
  L = Matrix::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    double pivot = A(j, j);
    for (Eigen::Index k = 0; k < j; ++k) pivot -= L(j, k) * L(j, k);
    if (!(pivot > 0)) return false;
    L(j, j) = std::sqrt(pivot);
    for (Eigen::Index i = j + 1; i < n; ++i) {
      double sum = A(i, j);
      for (Eigen::Index k = 0; k < j; ++k) sum -= L(i, k) * L(j, k);
      L(i, j) = sum / L(j, j);
    }
  }
  return true;
}

Vector solve_lower(const Matrix& L, Vector b) {
  for (Eigen::Index i = 0; i < b.size(); ++i) {
    for (Eigen::Index k = 0; k < i; ++k) b[i] -= L(i, k) * b[k];
    b[i] /= L(i, i);
  }
  return b;
}

Vector solve_upper_of_transposed(const Matrix& L, Vector b) {
  for (Eigen::Index i = b.size(); i-- > 0;) {
    for (Eigen::Index k = i + 1; k < b.size(); ++k) b[i] -= L(k, i) * b[k];
    b[i] /= L(i, i);
  }
  return b;
}

bool invert_symmetric(const Matrix& A, Matrix& inverse) {
  const auto n = A.rows();
  const SymmetricEigen eigen = symmetric_eigen(A);
  if (!(eigen.values[0] > 1e-14 * eigen.values[n - 1])) return false;
  inverse = Matrix::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      for (Eigen::Index k = 0; k < n; ++k)
        inverse(i, j) += eigen.vectors(i, k) * eigen.vectors(j, k) / eigen.values[k];
  return true;
}

bool solve(Matrix A, Vector b, Vector& x) {
  const auto n = b.size();
  for (Eigen::Index column = 0; column < n; ++column) {
    Eigen::Index pivot = column;
    for (Eigen::Index i = column + 1; i < n; ++i)
      if (std::abs(A(i, column)) > std::abs(A(pivot, column))) pivot = i;
    if (A(pivot, column) == 0 || !std::isfinite(A(pivot, column))) return false;
    for (Eigen::Index j = column; j < n; ++j) std::swap(A(column, j), A(pivot, j));
    std::swap(b[column], b[pivot]);
    for (Eigen::Index i = column + 1; i < n; ++i) {
      const double factor = A(i, column) / A(column, column);
      for (Eigen::Index j = column; j < n; ++j) A(i, j) -= factor * A(column, j);
      b[i] -= factor * b[column];
    }
  }
  x = Vector::Zero(n);
  for (Eigen::Index i = n; i-- > 0;) {
    double sum = b[i];
    for (Eigen::Index j = i + 1; j < n; ++j) sum -= A(i, j) * x[j];
    x[i] = sum / A(i, i);
  }
  return x.allFinite();
}

}  // namespace isoloss
