#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "core/laws/law.h"

namespace isoloss {

/// What a fit minimises: Σ w_i ρ(r_i), with the weights scaled to mean 1.
///
/// r = ln L̂ − ln L (log residual) or L̂ − L (plain). ρ is Huber's function, r²/2 for |r| <= δ and
/// δ(|r| − δ/2) beyond; its limits are |r| (δ → 0) and r² (δ → ∞; reported without the ½).
struct Objective {
  enum class Kind {
    log_huber,
    /// Huber with δ = 1.345 robust standard deviations of the residuals (kTuning · 1.4826 ·
    /// median|r|) about the least-absolute-deviations fit, unless `delta` is given (> 0). 1.345
    /// costs 5 % of the precision of least squares where errors are normal (Huber 1981, 4.5).
    log_huber_scaled,
    /// Huber that counts a run `over_penalty` times where the law lies above it (r > 0): the law
    /// becomes the lower edge of the runs, what training done well would reach.
    log_huber_lower,
    log_absolute,
    log_squares,
    squares
  };
  static constexpr double kTuning = 1.345;

  Kind kind = Kind::log_huber;
  double delta = 1e-3;       ///< of the Huber kinds; log_huber_scaled: 0 = from the data
  double over_penalty = 10;  ///< log_huber_lower only

  bool log_residual() const { return kind != Kind::squares; }
  bool huber() const {
    return kind == Kind::log_huber || kind == Kind::log_huber_scaled ||
           kind == Kind::log_huber_lower;
  }
  /// Is δ still to be had from the data?
  bool delta_unknown() const { return kind == Kind::log_huber_scaled && !(delta > 0); }
  /// What multiplies the weight of a run on its side of the law.
  double side_weight(double residual) const {
    return kind == Kind::log_huber_lower && residual > 0 ? over_penalty : 1;
  }
  /// Half-width of the quadratic part that the solver ends with; infinity for least squares. Least
  /// absolute deviations are solved as Huber with a δ far below any residual, then exactly.
  double solver_delta() const;
  /// The value to report, from residuals and weights.
  double value(std::span<const double> residuals, std::span<const double> weights) const;
};

struct ObjectiveInfo {
  Objective::Kind kind;
  std::string_view id;
  std::string_view name;
  std::string_view summary;
  std::string_view formula;
  std::optional<double> default_delta;
  /// How much more a run counts that the law lies above; nullopt where the sides are alike.
  std::optional<double> default_penalty;
  Citation citation;
};

std::span<const ObjectiveInfo> objectives();
const ObjectiveInfo* find_objective(std::string_view id);
const ObjectiveInfo& info(Objective::Kind kind);

}  // namespace isoloss
