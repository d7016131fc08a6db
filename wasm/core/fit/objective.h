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
  enum class Kind { log_huber, log_absolute, log_squares, squares };

  Kind kind = Kind::log_huber;
  double delta = 1e-3;  ///< log_huber only

  bool log_residual() const { return kind != Kind::squares; }
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
  Citation citation;
};

std::span<const ObjectiveInfo> objectives();
const ObjectiveInfo* find_objective(std::string_view id);
const ObjectiveInfo& info(Objective::Kind kind);

}  // namespace isoloss
