#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/fit/covariance.h"
#include "core/uncertainty/functional.h"

/// Which run to do next.
namespace isoloss {

struct NextRun {
  double log_params;
  double log_tokens;
  double log_flops;
  double shrinks;  ///< standard error of ln N_opt after / before
};

struct NextRunLimits {
  double log_flops;  ///< of the largest candidate
  /// ln of the smallest and largest N and D of a candidate.
  std::pair<double, double> log_params;
  std::pair<double, double> log_tokens;
  /// ln of the smallest and largest D/N.
  std::pair<double, double> log_tokens_per_param;
};

/// How far beyond the runs a candidate may lie, in N, in D and in D/N: nobody trains further away,
/// and the law is least believable there.
constexpr double kNextRunReach = 3;

/// ln of the D/N of candidates: those of the runs, but for the twentieth with the least and the one
/// with the most, widened by kNextRunReach; within 1 to 1000 as far as the runs are. `log_params`
/// and `log_tokens` have one entry per run, at least one.
std::pair<double, double> next_run_ratios(std::span<const double> log_params,
                                          std::span<const double> log_tokens);

/// The c-optimal one-run design for ln N_opt at the first budget (docs/math.md (13)): per size of
/// run, from the largest down in steps of √10, the split into N and D that narrows ln N_opt most;
/// best first. Empty where ln N_opt has no standard error.
std::vector<NextRun> next_runs(const Linearisation& linearisation, const Functionals& functionals,
                               const Vector& theta, const NextRunLimits& limits);

}  // namespace isoloss
