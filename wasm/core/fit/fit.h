#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/fit/covariance.h"
#include "core/fit/optima.h"
#include "core/fit/search.h"
#include "core/fit/setup.h"

/// Fitting a law to runs: what to fit, the resumable session, and a result that says the truth
/// about itself.
namespace isoloss {

/// How a fit ended. Only the first two give numbers to rely on.
enum class FitStatus {
  converged,       ///< at the optimum, all coefficients inside their bounds
  at_bound,        ///< at the optimum, which lies on a bound (no floor, exponent at its limit)
  flat_direction,  ///< the data do not determine some combination of the coefficients
  too_few_points,  ///< fewer runs than free coefficients + 1: nothing was fitted
  max_iterations,  ///< the best solve ran out of iterations
  cancelled        ///< stopped before all starts were solved
};

struct FitStatusInfo {
  FitStatus status;
  std::string_view id;
  std::string_view name;
  std::string_view meaning;
};
std::span<const FitStatusInfo> fit_statuses();
const FitStatusInfo& info(FitStatus status);

struct Estimate {
  double value;
  std::optional<double> standard_error;
  std::optional<std::pair<double, double>> interval;  ///< 95 %
};

enum class CoefficientState { free, fixed, tied, at_lower, at_upper, undetermined };

struct FittedCoefficient {
  CoefficientState state = CoefficientState::free;
  std::optional<int> tied_to;
  std::optional<Estimate> estimate;  ///< natural; nullopt when undetermined or nothing was fitted
};

struct Goodness {
  std::optional<double> r_squared;  ///< of ln response
  double rms;                       ///< of ln L̂ − ln L
  double median_absolute;
  double largest_absolute;
};

struct Implied {
  std::string_view id;
  std::string_view symbol;
  std::string_view name;
  Estimate estimate;
};

struct FitResult {
  FitStatus status = FitStatus::cancelled;
  bool usable = false;
  std::optional<double> objective;
  double delta_used = 0;  ///< of the Huber objectives; else 0
  int starts_tried = 0;
  int starts_agreeing = 0;
  int evaluations = 0;
  int rows = 0;
  int free_coefficients = 0;
  std::vector<FittedCoefficient> coefficients;
  std::optional<Covariance> covariance;
  std::optional<Goodness> goodness;
  std::vector<Implied> implied;
  std::vector<FitWarning> warnings;
  std::optional<double> condition;
  /// Of a usable fit.
  std::optional<OtherOptimum> other_optimum;
  std::vector<double> predicted;     ///< L̂ per row; empty when nothing was fitted
  std::vector<double> log_residual;  ///< ln L̂ − ln L
};

/// One fit, in slices: call step() until it answers false, or stop and take what there is.
class FitSession {
 public:
  FitSession(FitSpecification specification, const FitData& data);
  FitSession(const FitSession&) = delete;
  FitSession& operator=(const FitSession&) = delete;

  bool step();
  double progress() const;
  int starts_tried() const { return search_ ? search_->tried() : 0; }
  std::optional<double> best_objective() const;
  FitResult result() const;

  /// What was fitted. When the session is finished its objective holds the δ that was used.
  const FitSetup& setup() const { return setup_; }
  /// theta of the law at the best optimum so far; empty before there is one.
  Vector best_theta() const { return search_ ? search_->best().theta : Vector(); }

 private:
  void find_delta();

  FitSetup setup_;
  bool finished_ = false;
  int earlier_evaluations_ = 0;  ///< of the search that found δ
  std::unique_ptr<Search> search_;
};

/// step() to the end.
FitResult fit(const FitSpecification& specification, const FitData& data);

/// Value of a function of theta with its interval by the delta method, from its gradient; on the
/// log scale (positive quantities) the interval is a factor.
Estimate delta_estimate(double value, double variance, double t, bool log_scale);

}  // namespace isoloss
