#pragma once

#include <Eigen/Dense>

namespace isoloss {

/// No law has more coefficients than this; small vectors and matrices live on the stack.
inline constexpr int kMaxCoefficients = 10;

using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMaxCoefficients, 1>;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMaxCoefficients, kMaxCoefficients>;

/// Index of (i, j), j <= i, in a packed lower triangle.
constexpr int packed_index(int i, int j) { return i * (i + 1) / 2 + j; }

}  // namespace isoloss
