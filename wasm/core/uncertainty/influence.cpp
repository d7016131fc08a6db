#include "core/uncertainty/influence.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math/order.h"
#include "core/uncertainty/functional.h"

namespace isoloss {
namespace {

/// |ln L̂ − ln L| of every run.
std::vector<double> sizes(const FitSetup& setup, const Vector& theta) {
  const Runs& runs = setup.runs;
  std::vector<double> result(runs.size());
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    runs.row(i, x.data());
    const double f = setup.specification.law->log_response(x.data(), theta.data());
    result[i] = std::abs(f - runs.log_response[i]);
  }
  return result;
}

}  // namespace

LeaveOneOut::LeaveOneOut(const FitSetup& setup, Vector theta)
    : setup_(setup),
      theta_(std::move(theta)),
      exact_(setup.runs.size() <= kMostRefitted),
      refitter_(setup, theta_),
      multiplicity_(setup.runs.size(), 1.0) {
  if (!exact_)
    linearisation_ = Linearisation::at(*setup_.specification.law, setup_.constraints, setup_.runs,
                                       setup_.specification.objective, theta_,
                                       active_coefficients(setup_, theta_));
}

std::optional<Vector> LeaveOneOut::without(std::size_t row) {
  if (setup_.runs.size() < static_cast<std::size_t>(setup_.constraints.free_count) + 2)
    return std::nullopt;
  if (!exact_) return linearisation_ ? std::optional(linearisation_->without(row)) : std::nullopt;
  multiplicity_[row] = 0;
  Refitter::Refit refit = refitter_.refit(multiplicity_, Refitter::Effort::near);
  multiplicity_[row] = 1;
  return std::isfinite(refit.objective) ? std::optional(std::move(refit.theta)) : std::nullopt;
}

std::vector<Dropped> drop_worst(const FitSetup& setup, const Vector& theta, int most) {
  std::vector<Dropped> path{{.row = std::nullopt, .theta = theta}};
  std::vector<double> multiplicity(setup.runs.size(), 1.0);
  const auto needed = static_cast<std::size_t>(setup.constraints.free_count) + 1;
  while (path.size() <= static_cast<std::size_t>(most) &&
         setup.runs.size() > needed + path.size() - 1) {
    const std::vector<double> error = sizes(setup, path.back().theta);
    std::optional<std::size_t> worst;
    for (std::size_t i = 0; i < error.size(); ++i)
      if (multiplicity[i] > 0 && (!worst || error[i] > error[*worst])) worst = i;
    multiplicity[*worst] = 0;
    Refitter::Refit refit = Refitter(setup, path.back().theta).refit(multiplicity);
    if (!std::isfinite(refit.objective)) break;
    path.push_back({.row = worst, .theta = std::move(refit.theta)});
  }
  return path;
}

std::vector<AtDelta> delta_path(const FitSetup& setup, const Vector& theta, int count) {
  constexpr double kLowest = 1e-3;   // of the median residual
  constexpr double kHighest = 1.01;  // of the largest
  constexpr double kSmallestDelta = 1e-8;
  const std::vector<double> sorted = sorted_sizes(sizes(setup, theta));
  const double low = std::max(kSmallestDelta, kLowest * median_of_sorted(sorted));
  const double high = std::max(10 * low, kHighest * sorted.back());
  std::vector<AtDelta> path(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < path.size(); ++i)
    path[i].delta =
        low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(count - 1));
  // Outward from the δ of the fit, each from its neighbour.
  const double own = setup.specification.objective.solver_delta();
  std::size_t middle = 0;
  while (middle + 1 < path.size() && path[middle].delta < own) ++middle;
  FitSetup other = setup;
  other.specification.objective = {.kind = Objective::Kind::log_huber};
  const std::vector<double> all(setup.runs.size(), 1.0);
  const auto solve = [&](std::size_t i, const Vector& from) {
    other.specification.objective.delta = path[i].delta;
    const Refitter::Refit refit = Refitter(other, from).refit(all);
    path[i].theta = std::isfinite(refit.objective) ? refit.theta : from;
  };
  solve(middle, theta);
  for (std::size_t i = middle + 1; i < path.size(); ++i) solve(i, path[i - 1].theta);
  for (std::size_t i = middle; i-- > 0;) solve(i, path[i + 1].theta);
  return path;
}

}  // namespace isoloss
