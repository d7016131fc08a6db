#include "core/fit/refit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fit/pack.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

/// The first step sees the runs within this many medians of |r|.
constexpr double kFirstWidth = 3;

}  // namespace

Refitter::Refitter(const FitSetup& setup, Vector theta) : setup_(setup), theta_(std::move(theta)) {
  const Law& law = *setup_.specification.law;
  const Objective& objective = setup_.specification.objective;
  if (setup_.runs.size() == 0) return;
  if (kernel_applies(law, setup_.constraints)) {
    all_.emplace(law, setup_.constraints, setup_.runs, objective);
    rows_.emplace(*all_);
    kernel_ = all_->kernel_from_theta(theta_);
  }
  if (!std::isfinite(objective.solver_delta())) return;
  std::vector<double> r(setup_.runs.size());
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < r.size(); ++i) {
    setup_.runs.row(i, x.data());
    r[i] = law.log_response(x.data(), theta_.data()) - setup_.runs.log_response[i];
  }
  first_delta_ = kFirstWidth * median_size(std::move(r));
}

Refitter::Refit Refitter::refit(std::span<const double> multiplicity, Effort effort) {
  if (all_) rows_->resample(*all_, multiplicity);
  const Runs& all = setup_.runs;
  Runs runs;
  if (needs_runs()) {
    runs.log_x.resize(all.log_x.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!(multiplicity[i] > 0)) continue;
      for (std::size_t v = 0; v < all.log_x.size(); ++v) runs.log_x[v].push_back(all.log_x[v][i]);
      runs.response.push_back(all.response[i]);
      runs.log_response.push_back(all.log_response[i]);
      runs.weight.push_back(all.weight[i] * multiplicity[i]);
    }
  }
  return solve(runs, effort);
}

Refitter::Refit Refitter::refit_responses(std::span<const double> response, Effort effort) {
  if (all_) rows_->respond(*all_, response);
  Runs runs;
  if (needs_runs()) {
    runs = setup_.runs;
    runs.response.assign(response.begin(), response.end());
    std::ranges::transform(response, runs.log_response.begin(),
                           [](double x) { return logarithm(x); });
  }
  return solve(runs, effort);
}

bool Refitter::needs_runs() const {
  return !all_ || setup_.specification.objective.kind == Objective::Kind::log_absolute;
}

Refitter::Refit Refitter::solve(const Runs& runs, Effort effort) {
  const Law& law = *setup_.specification.law;
  const Objective& objective = setup_.specification.objective;
  const Constraints& constraints = setup_.constraints;
  if ((all_ ? rows_->rows().count : runs.size()) == 0)
    return {.theta = theta_, .objective = 0, .converged = false, .at_bound = at_bound(theta_)};
  const double first = effort == Effort::near ? 0 : first_delta_;
  Candidate best = all_ ? warm_solve(law, constraints, &runs, *rows_, kernel_, first)
                        : warm_solve(law, constraints, runs, objective, theta_, first);
  if (effort == Effort::scanned || effort == Effort::thorough) {
    const SearchEffort own = effort == Effort::thorough ? SearchEffort::medium : SearchEffort::fast;
    const auto search = all_ ? make_search(law, constraints, &runs, *rows_, own)
                             : make_search(law, constraints, runs, objective, own);
    while (search->step()) {
    }
    if (search->best().objective < best.objective) best = search->best();
  }
  return {.theta = best.theta,
          .objective = best.objective,
          .converged = best.converged,
          .at_bound = at_bound(best.theta)};
}

bool Refitter::at_bound(const Vector& theta) const {
  const Constraints& constraints = setup_.constraints;
  for (std::size_t k = 0; k < constraints.slots.size(); ++k) {
    const double value = theta[static_cast<Eigen::Index>(k)];
    const Limits& limits = constraints.limits[k];
    if (constraints.slots[k].free >= 0 && (value <= limits.lower || value >= limits.upper))
      return true;
  }
  return false;
}

}  // namespace isoloss
