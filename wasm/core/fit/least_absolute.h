#pragma once

#include "core/fit/problem.h"

namespace isoloss {

/// Least absolute deviations end in a vertex where as many runs as there are free coefficients have
/// residual 0. From theta near it, solves for that vertex exactly (Newton); answers theta unchanged
/// where that does not lower Σ w|r|.
Vector interpolate_smallest_residuals(const Law& law, const Constraints& constraints,
                                      const Runs& runs, const Vector& theta);

}  // namespace isoloss
