#include "core/comparison/nested.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/fit/covariance.h"
#include "core/math/order.h"
#include "core/math/random.h"

namespace isoloss {
namespace {

/// As in refits: the first step sees the runs within this many medians of |r|.
constexpr double kFirstWidth = 3;

bool factor(const Coefficient& coefficient) {
  return coefficient.role == Coefficient::Role::exponent && coefficient.lower < 0 &&
         coefficient.upper > 0;
}

std::string text(std::string_view a) { return std::string(a); }

/// τ = [Σψ²/(n−p)] / mean ψ′ (docs/math.md (7)): the size of the errors as the objective measures
/// it in units of δ, s² for least squares; 0 where there is none.
double error_scale(const Objective& objective, const std::vector<double>& r,
                   const std::vector<double>& weight, std::size_t free) {
  const auto terms = error_terms(objective, r, weight, free);
  if (!terms || r.size() <= free) return 0;
  double squares = 0;
  double slope = 0;
  for (const double psi : terms->psi) squares += psi * psi;
  for (const double s : terms->slope) slope += s;
  return slope > 0 ? squares / static_cast<double>(r.size() - free) /
                         (slope / static_cast<double>(r.size()))
                   : 0;
}

}  // namespace

std::vector<NestedOffer> nested_offers(const Law& law) {
  std::vector<NestedOffer> offers;
  for (int k = 0; k < law.size(); ++k) {
    const Coefficient& c = law.coefficients[static_cast<std::size_t>(k)];
    if (c.role == Coefficient::Role::floor)
      offers.push_back({.id = text(c.id) + "=0",
                        .name = text(c.symbol) + " = 0",
                        .meaning = "No floor: the loss falls towards 0.",
                        .restriction = {.fixed = {{k, 0}}, .tied = {}}});
    if (factor(c))
      offers.push_back({.id = text(c.id) + "=0",
                        .name = text(c.symbol) + " = 0",
                        .meaning = "The factor with this exponent makes no difference.",
                        .restriction = {.fixed = {{k, 0}}, .tied = {}}});
  }
  for (int a = 0; a < law.size(); ++a)
    for (int b = a + 1; b < law.size(); ++b) {
      const Coefficient& first = law.coefficients[static_cast<std::size_t>(a)];
      const Coefficient& second = law.coefficients[static_cast<std::size_t>(b)];
      if (first.role != Coefficient::Role::exponent || second.role != Coefficient::Role::exponent ||
          factor(first) || factor(second))
        continue;
      offers.push_back({.id = text(first.id) + "=" + text(second.id),
                        .name = text(first.symbol) + " = " + text(second.symbol),
                        .meaning = "Both terms fall equally fast.",
                        .restriction = {.fixed = {}, .tied = {{a, b}}}});
    }
  return offers;
}

std::optional<FitSpecification> restricted(const FitSpecification& full,
                                           const Restriction& restriction) {
  FitSpecification result = full;
  const auto held = [&](int k) {
    return std::ranges::any_of(result.fixed, [&](const auto& f) { return f.first == k; });
  };
  const auto bound = [&](int k) {
    return std::ranges::any_of(result.tied,
                               [&](const auto& t) { return t.first == k || t.second == k; }) ||
           std::ranges::any_of(result.bounds, [&](const auto& b) { return b.coefficient == k; });
  };
  for (const auto& [k, value] : restriction.fixed) {
    if (held(k) || bound(k)) return std::nullopt;
    result.fixed.emplace_back(k, value);
  }
  for (const auto& [a, b] : restriction.tied) {
    if (held(a) || held(b) || bound(a) || bound(b)) return std::nullopt;
    result.tied.emplace_back(a, b);
  }
  return result;
}

NestedTest::NestedTest(const FitSetup& full, const FitSetup& restricted, Vector theta)
    : full_setup_(full), restricted_setup_(restricted), full_theta_(std::move(theta)) {
  const FitSpecification& asked = restricted.specification;
  const Runs& runs = full.runs;
  restricted_theta_ = full_theta_;
  if (full.too_few || restricted.too_few) return;
  const auto search = make_search(*asked.law, restricted.constraints, runs, asked.objective);
  while (search->step()) {
  }
  Candidate null = search->best();
  if (!std::isfinite(null.objective)) return;
  const std::vector<double> r = residuals(runs, null.theta);
  first_delta_ = std::isfinite(asked.objective.solver_delta())
                     ? kFirstWidth * median_of_sorted(sorted_sizes(r))
                     : 0;
  restricted_theta_ = null.theta;
  // Residuals are smaller than errors by what the fit has taken out.
  const auto n = static_cast<double>(r.size());
  const double grow = std::sqrt(n / (n - restricted.constraints.free_count));
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs.row(i, x.data());
    log_fitted_.push_back(asked.law->log_response(x.data(), null.theta.data()));
    error_.push_back(grow * (runs.log_response[i] - log_fitted_.back()));
  }
  statistic_ = compare(runs, null, solve(full_setup_, runs, full_theta_));
}

std::vector<double> NestedTest::residuals(const Runs& runs, const Vector& theta) const {
  const FitSpecification& asked = full_setup_.specification;
  std::vector<double> r(runs.size());
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < r.size(); ++i) {
    runs.row(i, x.data());
    r[i] = asked.law->log_response(x.data(), theta.data()) - runs.log_response[i];
    if (!asked.objective.log_residual()) r[i] = runs.response[i] * std::expm1(r[i]);
  }
  return r;
}

Candidate NestedTest::solve(const FitSetup& setup, const Runs& runs, const Vector& theta) const {
  return warm_solve(*setup.specification.law, setup.constraints, runs,
                    setup.specification.objective, theta, first_delta_);
}

std::optional<double> NestedTest::compare(const Runs& runs, const Candidate& null,
                                          const Candidate& full) const {
  // The full law can do all that the restricted one can.
  Candidate best = full;
  const Candidate from_null = solve(full_setup_, runs, null.theta);
  if (from_null.objective < best.objective) best = from_null;
  if (null.objective < best.objective) best = null;
  if (!std::isfinite(null.objective) || !std::isfinite(best.objective)) return std::nullopt;
  const Objective& objective = full_setup_.specification.objective;
  const double tau = error_scale(objective, residuals(runs, best.theta), runs.weight,
                                 static_cast<std::size_t>(full_setup_.constraints.free_count));
  // Reported are Huber sums not in units of δ, squares without their ½.
  double unit = 1;
  if (objective.huber()) unit = 1 / objective.delta;
  if (!std::isfinite(objective.solver_delta())) unit = 0.5;
  const double gained = unit * std::max(0.0, null.objective - best.objective);
  if (!(tau > 0)) return std::nullopt;
  return 2 * gained / tau;
}

double NestedTest::draw(std::uint64_t seed, std::uint64_t i) const {
  if (!statistic_) return std::numeric_limits<double>::quiet_NaN();
  Random random = Random::stream(seed, i);
  Runs runs = full_setup_.runs;
  for (std::size_t k = 0; k < runs.size(); ++k) {
    const bool flip = random.next() >> 63U != 0;
    runs.log_response[k] = log_fitted_[k] + (flip ? -error_[k] : error_[k]);
    runs.response[k] = std::exp(runs.log_response[k]);
  }
  const Candidate null = solve(restricted_setup_, runs, restricted_theta_);
  const auto found = compare(runs, null, solve(full_setup_, runs, full_theta_));
  return found.value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace isoloss
