#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cost/cost_model.h"
#include "core/fit/fit.h"

/// Compute-optimal allocation: the N and D that minimise the law's loss at a budget C.
namespace isoloss {

/// Where answers are wanted.
struct Target {
  Cost cost;
  std::vector<double> flops;  ///< budgets
  /// ln of the law's variables other than params and tokens, by position (0 = one exit).
  std::vector<double> log_other;
};

struct OptimumQuestion {
  const Law* law;
  Vector theta;
  /// For intervals; nullptr gives the numbers alone.
  const Covariance* covariance = nullptr;
  Cost cost;
  /// ln of the law's variables other than params and tokens, by position (0 = one exit).
  std::vector<double> log_other;
};

struct Optimum {
  double flops;
  Estimate params;
  Estimate tokens;
  Estimate tokens_per_param;
  Estimate loss;
  bool closed_form;
};

/// Why a law has no optimum: a stable code, the words are the page's.
enum class NoOptimum {
  none,
  one_sided,     ///< the law does not read both params and tokens
  undetermined,  ///< a coefficient that matters is not known
  at_the_border  ///< more parameters (or tokens) always help: no minimum inside
};
std::string_view id(NoOptimum reason);

NoOptimum unavailable(const OptimumQuestion& question);

/// In closed form where law and cost model have one, else as the root of dL/d ln N along the
/// budget. Intervals by the delta method on logs. nullopt where the loss has no minimum inside.
std::optional<Optimum> optimum(const OptimumQuestion& question, double flops);

/// ln N at the optimum, always by the numerical way; the referee of the closed forms.
std::optional<double> numeric_log_params_opt(const OptimumQuestion& question, const Vector& theta,
                                             double log_flops);

}  // namespace isoloss
