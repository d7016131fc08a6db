#pragma once

#include "core/laws/law.h"

namespace isoloss {

Law additive();

/// Shared with laws that are the additive law times factors: coefficients E, A, B, alpha, beta in
/// this order, and the optimum, which such factors leave where it is.
std::vector<Coefficient> additive_coefficients();
double additive_log_params_opt(const double* theta, double log_compute);
double additive_params_exponent(const double* theta);

}  // namespace isoloss
