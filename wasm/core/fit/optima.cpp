#include "core/fit/optima.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fit/covariance.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

/// Largest share of any predicted response below which a floor, scale or exponent is without
/// effect.
constexpr double kNoEffect = 1e-9;
/// 95 % of χ² with one degree of freedom.
constexpr double kRivalDeviance = 3.84;
/// Root mean square difference of ln L̂ from which two optima are two explanations.
constexpr double kVisible = 1e-4;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

bool log_scale(const Law& law, int k) {
  return law.coefficients[at(k)].scale == Coefficient::Scale::log;
}

/// From the reported objective to that of the solver, whose deviance has the scale τ.
double solver_units(const Objective& objective) {
  const double delta = objective.solver_delta();
  if (!std::isfinite(delta)) return 0.5;
  return objective.huber() ? 1 : delta;
}

double mean_square_change(const Runs& runs, const Law& law, const Vector& a, const Vector& b) {
  double sum = 0;
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs.row(i, x.data());
    const double change =
        law.log_response(x.data(), a.data()) - law.log_response(x.data(), b.data());
    sum += runs.weight[i] * change * change;
  }
  return sum / static_cast<double>(runs.size());
}

/// theta with vanished scales at 0 and NaN for the exponents of what is not there.
Vector cleared(const Law& law, const Constraints& constraints, const Runs& runs, Vector theta) {
  const std::vector<char> without = without_effect(law, constraints, runs, theta);
  drop_vanished_scales(law, constraints, without, theta);
  for (int k = 0; k < law.size(); ++k)
    if (without[at(k)] && !log_scale(law, k)) theta[k] = std::numeric_limits<double>::quiet_NaN();
  return theta;
}

/// Does an exponent that both have differ?
bool other_exponents(const Law& law, const Vector& a, const Vector& b) {
  for (int k = 0; k < law.size(); ++k)
    if (!log_scale(law, k) && exponents_differ(a[k], b[k])) return true;
  return false;
}

}  // namespace

bool exponents_differ(double a, double b) {
  constexpr double kOtherExponent = 0.01;
  return std::abs(a - b) > kOtherExponent * std::max(std::abs(a), std::abs(b));
}

std::vector<char> without_effect(const Law& law, const Constraints& constraints, const Runs& runs,
                                 const Vector& theta) {
  // The most that a free parameter moves ln of any predicted response.
  std::vector<double> most(at(constraints.free_count), 0.0);
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> g{};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs.row(i, x.data());
    law.derivatives(x.data(), theta.data(), g.data(), nullptr);
    for (int k = 0; k < law.size(); ++k) {
      const int free = constraints.slots[at(k)].free;
      if (free >= 0) most[at(free)] = std::max(most[at(free)], std::abs(g[at(k)]));
    }
  }
  std::vector<char> result;
  for (const Slot& slot : constraints.slots)
    result.push_back(slot.free >= 0 && most[at(slot.free)] < kNoEffect);
  return result;
}

void drop_vanished_scales(const Law& law, const Constraints& constraints,
                          const std::vector<char>& without_effect, Vector& theta) {
  for (int k = 0; k < law.size(); ++k)
    if (log_scale(law, k) && without_effect[at(k)] &&
        constraints.limits[at(k)].lower <= kSmallestLog)
      theta[k] = -std::numeric_limits<double>::infinity();
}

std::optional<OtherOptimum> find_other_optimum(const Law& law, const Constraints& constraints,
                                               const Runs& runs, const Objective& objective,
                                               const Candidate& best,
                                               std::span<const Candidate> ends,
                                               const std::vector<char>& active) {
  // Most ends are one optimum.
  std::vector<const Candidate*> distinct;
  const auto same = [&](const Candidate& a, const Candidate& b) {
    constexpr double kSameEnd = 1e-6;
    for (int k = 0; k < law.size(); ++k)
      if (a.theta[k] != b.theta[k] && !(std::abs(a.theta[k] - b.theta[k]) <= kSameEnd))
        return false;
    return true;
  };
  for (const Candidate& end : ends) {
    if (!end.converged || !std::isfinite(end.objective) || same(best, end)) continue;
    if (std::ranges::none_of(distinct, [&](const Candidate* known) { return same(*known, end); }))
      distinct.push_back(&end);
  }
  if (distinct.empty()) return std::nullopt;
  sort_by(distinct, [](const Candidate* end) { return end->objective; });

  const auto linearisation =
      Linearisation::at(law, constraints, runs, objective, best.theta, active);
  if (!linearisation || !(linearisation->tau() > 0)) return std::nullopt;
  const double unit = 2 * solver_units(objective) / linearisation->tau();
  const Vector own = cleared(law, constraints, runs, best.theta);
  for (const Candidate* end : distinct) {
    const double deviance = unit * (end->objective - best.objective);
    if (!(deviance <= kRivalDeviance)) return std::nullopt;
    Vector theta = cleared(law, constraints, runs, end->theta);
    if (mean_square_change(runs, law, best.theta, end->theta) > kVisible * kVisible ||
        other_exponents(law, own, theta))
      return OtherOptimum{.theta = std::move(theta),
                          .objective = end->objective,
                          .deviance = std::max(0.0, deviance)};
  }
  return std::nullopt;
}

}  // namespace isoloss
