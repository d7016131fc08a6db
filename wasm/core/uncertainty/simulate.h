#pragma once

#include "core/fit/setup.h"
#include "core/math/random.h"

/// Studies with a known truth.
namespace isoloss {

/// Inputs over three decades each, log-uniform (N from 1e7, D from 1e9); exits 1, 2, 4, 8. The
/// responses are 1.
FitData random_design(const Law& law, int rows, Random& random);

/// Random coefficients whose response at the centre of the design is `centre`.
Vector random_theta(const Law& law, const FitData& data, double centre, Random& random);

/// ln of the response that the law gives for a row.
double log_response_at(const Law& law, const FitData& data, std::size_t row, const Vector& theta);

}  // namespace isoloss
