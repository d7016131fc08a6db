#pragma once

#include <cmath>

namespace isoloss {

/// Closed-form optimum of a law whose loss falls as A/N^alpha + B/D^beta under C = k·N·D
/// (docs/math.md (5)): ln N_opt = [ln(alpha·A / (beta·B)) + beta·ln(C/k)] / (alpha + beta).
inline double additive_log_params_opt(double log_A, double log_B, double alpha, double beta,
                                      double log_compute) {
  return (std::log(alpha / beta) + log_A - log_B + beta * log_compute) / (alpha + beta);
}

}  // namespace isoloss
