#include "core/fit/objective.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/laws/citations.h"

namespace isoloss {

double Objective::solver_delta() const {
  switch (kind) {
    case Kind::log_huber:
    case Kind::log_huber_scaled:
    case Kind::log_huber_lower:
      return delta;
    case Kind::log_absolute:
      return 1e-9;
    case Kind::log_squares:
    case Kind::squares:
      break;
  }
  return std::numeric_limits<double>::infinity();
}

double Objective::value(std::span<const double> residuals, std::span<const double> weights) const {
  double sum = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double r = std::abs(residuals[i]);
    double rho = r * r;
    if (kind == Kind::log_absolute) rho = r;
    if (huber()) rho = r <= delta ? r * r / 2 : delta * (r - delta / 2);
    sum += weights[i] * side_weight(residuals[i]) * rho;
  }
  return sum;
}

std::span<const ObjectiveInfo> objectives() {
  static const std::array<ObjectiveInfo, 6> list{{
      {.kind = Objective::Kind::log_huber,
       .id = "log_huber",
       .name = "Huber on log loss",
       .summary =
           "Quadratic for small relative errors, linear for large ones, so that outliers pull "
           "little. Summed, not averaged. The usual choice since Chinchilla.",
       .formula = "Σ w · Huber_δ(ln L̂ − ln L)",
       .default_delta = 1e-3,
       .default_penalty = std::nullopt,
       .citation = cite::kHoffmann2022},
      {.kind = Objective::Kind::log_huber_scaled,
       .id = "log_huber_scaled",
       .name = "Huber with δ from the residuals",
       .summary = "The width of the quadratic part follows the scatter: 1.345 robust standard "
                  "deviations of the residuals from the least-absolute fit.",
       .formula = "Σ w · Huber_δ(ln L̂ − ln L), δ = 1.345 · 1.4826 · median |r|",
       .default_delta = std::nullopt,
       .default_penalty = std::nullopt,
       .citation = cite::kHuber1981},
      {.kind = Objective::Kind::log_huber_lower,
       .id = "log_huber_lower",
       .name = "Lower envelope (asymmetric Huber)",
       .summary = "Runs below the law count several times, so that it follows the best runs "
                  "instead of the average one.",
       .formula = "Σ w · (L̂ > L ? penalty : 1) · Huber_δ(ln L̂ − ln L)",
       .default_delta = 1e-3,
       .default_penalty = 10,
       .citation = cite::kOlmoLadder},
      {.kind = Objective::Kind::log_absolute,
       .id = "log_absolute",
       .name = "Absolute error on log loss",
       .summary = "Least absolute deviations: the median fit, which is what Besiroglu's published "
                  "numbers amount to.",
       .formula = "Σ w · |ln L̂ − ln L|",
       .default_delta = std::nullopt,
       .default_penalty = std::nullopt,
       .citation = cite::kBesiroglu2024},
      {.kind = Objective::Kind::log_squares,
       .id = "log_squares",
       .name = "Least squares on log loss",
       .summary = "Every run counts by the square of its relative error; sensitive to outliers.",
       .formula = "Σ w · (ln L̂ − ln L)²",
       .default_delta = std::nullopt,
       .default_penalty = std::nullopt,
       .citation = cite::kHoffmann2022},
      {.kind = Objective::Kind::squares,
       .id = "squares",
       .name = "Least squares on loss",
       .summary = "Squares of the plain difference: high losses weigh more; sensitive to outliers.",
       .formula = "Σ w · (L̂ − L)²",
       .default_delta = std::nullopt,
       .default_penalty = std::nullopt,
       .citation = cite::kCzech2026},
  }};
  return list;
}

const ObjectiveInfo* find_objective(std::string_view id) {
  const auto all = objectives();
  const auto it = std::ranges::find(all, id, &ObjectiveInfo::id);
  return it == all.end() ? nullptr : &*it;
}

const ObjectiveInfo& info(Objective::Kind kind) {
  return *std::ranges::find(objectives(), kind, &ObjectiveInfo::kind);
}

}  // namespace isoloss
