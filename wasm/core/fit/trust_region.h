#pragma once

#include "core/fit/problem.h"

namespace isoloss {

struct Minimum {
  Vector q;
  double value = 0;
  /// The stopping test of `minimise` was met; false: out of iterations or no finite value.
  bool converged = false;
  int evaluations = 0;
};

struct TrustRegionOptions {
  int max_iterations = 300;
  /// First steps with the curvature of reweighted least squares, the way out of bad starts.
  int reweighted_steps = 0;
  /// Start with a wide quadratic part and narrow it: max(δ, 3·median|r|), ×0.2 every two steps. It
  /// repairs the blindness of the exact Huber Hessian, which sees only the runs within δ.
  bool continuation = true;
  /// Follow the path of optima closely while narrowing: for a δ so far below the residuals that few
  /// runs lie within it.
  bool closely = false;
  /// Two first steps at this δ where it is wider: enough near an optimum.
  double first_delta = 0;
};

/// Local minimum of the problem at its δ = `delta`, within its bounds.
///
/// Newton's method in a trust region (Moré & Sorensen 1983) whose shape is the problem's metric, so
/// that a step is limited by how much it moves the predictions, whatever the coordinates; variables
/// at a bound whose gradient points outward are held. Stops when the Newton step of the free
/// variables would lower the value by no more than 1e-15 of it (a relative error of the minimum
/// near roundoff), or when the value itself is roundoff (noiseless data).
Minimum minimise(Problem& problem, const Vector& q, double delta,
                 const TrustRegionOptions& options);

}  // namespace isoloss
