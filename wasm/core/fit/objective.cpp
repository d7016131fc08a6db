#include "core/fit/objective.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/laws/citations.h"

namespace isoloss {

double Objective::solver_delta() const {
  switch (kind) {
    case Kind::log_huber:
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
    if (kind == Kind::log_huber) rho = r <= delta ? r * r / 2 : delta * (r - delta / 2);
    sum += weights[i] * rho;
  }
  return sum;
}

std::span<const ObjectiveInfo> objectives() {
  static const std::array<ObjectiveInfo, 4> list{{
      {.kind = Objective::Kind::log_huber,
       .id = "log_huber",
       .name = "Huber on log loss",
       .summary =
           "Quadratic for small relative errors, linear for large ones, so that outliers pull "
           "little. Summed, not averaged. The usual choice since Chinchilla.",
       .formula = "Σ w · Huber_δ(ln L̂ − ln L)",
       .default_delta = 1e-3,
       .citation = cite::kHoffmann2022},
      {.kind = Objective::Kind::log_absolute,
       .id = "log_absolute",
       .name = "Absolute error on log loss",
       .summary = "Least absolute deviations: the median fit, which is what Besiroglu's published "
                  "numbers amount to.",
       .formula = "Σ w · |ln L̂ − ln L|",
       .default_delta = std::nullopt,
       .citation = cite::kBesiroglu2024},
      {.kind = Objective::Kind::log_squares,
       .id = "log_squares",
       .name = "Least squares on log loss",
       .summary = "Every run counts by the square of its relative error; sensitive to outliers.",
       .formula = "Σ w · (ln L̂ − ln L)²",
       .default_delta = std::nullopt,
       .citation = cite::kHoffmann2022},
      {.kind = Objective::Kind::squares,
       .id = "squares",
       .name = "Least squares on loss",
       .summary = "Squares of the plain difference: high losses weigh more; sensitive to outliers.",
       .formula = "Σ w · (L̂ − L)²",
       .default_delta = std::nullopt,
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
