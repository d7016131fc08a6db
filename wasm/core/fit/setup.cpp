#include "core/fit/setup.h"

#include <algorithm>
#include <cmath>

#include "core/fit/designs.h"
#include "core/fit/pack.h"
#include "core/math/mean.h"
#include "core/math/order.h"

namespace isoloss {

double weighted_spread(const std::vector<double>& values, const std::vector<double>& weight) {
  const double centre = weighted_mean(values, weight);
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    sum += weight[i] * (values[i] - centre) * (values[i] - centre);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

void renumber(Constraints& constraints) {
  std::vector<int> used;
  for (Slot& slot : constraints.slots) {
    if (slot.free < 0) continue;
    const auto known = std::ranges::find(used, slot.free);
    const int number = static_cast<int>(known - used.begin());
    if (known == used.end()) used.push_back(slot.free);
    slot.free = number;
  }
  constraints.free_count = static_cast<int>(used.size());
}

namespace {

constexpr double kSameValue = 1e-9;
/// Inputs on one line: their terms cannot be told apart, whatever the curvature suggests.
constexpr double kSameLine = 0.9999;
/// Relative weight below which double precision does not see a row.
constexpr double kNoWeight = 1e-14;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Values of ln x that differ by more than rounding.
int count_distinct(std::vector<double> log_x) {
  log_x = [&] {
    std::vector<double> sorted;
    for (const std::size_t i : ascending(log_x)) sorted.push_back(log_x[i]);
    return sorted;
  }();
  int count = log_x.empty() ? 0 : 1;
  for (std::size_t i = 1; i < log_x.size(); ++i)
    if (log_x[i] - log_x[i - 1] > kSameValue) ++count;
  return count;
}

/// Ties, held values and bounds of the specification.
void constrain(FitSetup& setup) {
  const FitSpecification& specification = setup.specification;
  Constraints& constraints = setup.constraints;
  const Law& law = *specification.law;
  constraints = Constraints::none(law);
  for (const auto& [a, b] : specification.tied) {
    const int from = constraints.slots[at(std::max(a, b))].free;
    const int to = constraints.slots[at(std::min(a, b))].free;
    for (Slot& slot : constraints.slots)
      if (slot.free == from) slot.free = to;
  }
  for (const auto& [index, value] : specification.fixed) {
    const bool log_scale = law.coefficients[at(index)].scale == Coefficient::Scale::log;
    // What is tied to a held coefficient is held with it.
    const int free = constraints.slots[at(index)].free;
    for (Slot& slot : constraints.slots)
      if (slot.free == free && free >= 0)
        slot = {.free = -1, .value = log_scale ? std::log(value) : value};
  }
  for (const auto& [k, lower, upper] : specification.bounds) {
    const bool log_scale = law.coefficients[at(k)].scale == Coefficient::Scale::log;
    const auto scaled = [&](double x) { return log_scale ? std::log(std::max(x, 0.0)) : x; };
    Limits& limits = constraints.limits[at(k)];
    limits = {.lower = std::max(limits.lower, scaled(lower)),
              .upper = std::min(limits.upper, scaled(upper))};
  }
}

/// A variable with one value carries no information on its term: the term is dropped (its constant
/// goes into the floor) and its coefficients are reported as undetermined.
void find_single_values(FitSetup& setup) {
  const Law& law = *setup.specification.law;
  const auto* form = std::get_if<PowerSum>(&law.form);
  for (std::size_t v = 0; v < law.variables.size(); ++v) {
    const int distinct = count_distinct(setup.runs.log_x[v]);
    if (distinct == 1) {
      setup.warnings.push_back({.code = "single_value",
                                .coefficients = {},
                                .quantities = {law.variables[v]},
                                .value = std::nullopt});
      auto& names = setup.warnings.back().coefficients;
      const auto hold = [&](int k, double value) {
        Slot& slot = setup.constraints.slots[at(k)];
        if (slot.free < 0) return;
        names.push_back(k);
        const bool shared = std::ranges::count(setup.constraints.slots, slot.free, &Slot::free) > 1;
        if (shared) return;
        slot = {.free = -1, .value = value};
        setup.undetermined[at(k)] = true;
      };
      if (form == nullptr || has_bounded_level(law, setup.constraints)) {
        setup.inseparable = setup.constraints.free_count > 0;
        continue;
      }
      for (const auto& term : form->terms) {
        if (term.variable != static_cast<int>(v)) continue;
        // Without another level to take the constant the scale stays free and only α is held.
        if (form->floor && setup.constraints.slots[at(*form->floor)].free >= 0)
          hold(term.scale, -std::numeric_limits<double>::infinity());
        hold(term.exponent, 0.5);
      }
      for (const auto& factor : form->factors)
        if (factor.variable == static_cast<int>(v)) hold(factor.exponent, 0);
    } else if (distinct == 2) {
      setup.warnings.push_back({.code = "few_values",
                                .coefficients = {},
                                .quantities = {law.variables[v]},
                                .value = static_cast<double>(distinct)});
    }
  }
  for (std::size_t a = 0; a < law.variables.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      if (count_distinct(setup.runs.log_x[a]) < 2 || count_distinct(setup.runs.log_x[b]) < 2)
        continue;
      const TwoInputs found = judge_inputs(law.variables[b], setup.runs.log_x[b], law.variables[a],
                                           setup.runs.log_x[a], setup.runs.weight);
      if (found.code.empty()) continue;
      setup.inseparable = setup.inseparable || found.code != "collinear" ||
                          std::abs(found.value.value_or(0)) > kSameLine;
      setup.warnings.push_back({.code = found.code,
                                .coefficients = {},
                                .quantities = {law.variables[b], law.variables[a]},
                                .value = found.value});
    }
}

}  // namespace

FitSetup set_up(FitSpecification specification, const FitData& data) {
  FitSetup setup;
  setup.specification = std::move(specification);
  Runs& runs = setup.runs;
  const std::size_t n = data.response.size();
  for (const auto& input : data.inputs) {
    auto& column = runs.log_x.emplace_back(n);
    std::ranges::transform(input, column.begin(), [](double x) { return logarithm(x); });
  }
  runs.response = data.response;
  runs.log_response.resize(n);
  std::ranges::transform(data.response, runs.log_response.begin(),
                         [](double x) { return logarithm(x); });
  runs.weight = data.weight.empty() ? std::vector<double>(n, 1.0) : data.weight;
  // By the largest first: neither their sum nor their mean may leave the range of doubles.
  double largest = 0;
  for (const double w : runs.weight) largest = std::max(largest, w);
  double total = 0;
  std::size_t seen = 0;
  for (double& w : runs.weight) {
    total += w /= largest;
    if (w > kNoWeight) ++seen;
  }
  for (double& w : runs.weight) w *= static_cast<double>(n) / total;

  setup.undetermined.assign(at(setup.specification.law->size()), false);
  constrain(setup);
  if (n > 0) find_single_values(setup);
  renumber(setup.constraints);
  const int copies = count_copies(runs);
  setup.too_few = seen < at(setup.constraints.free_count + copies) + 1;
  if (setup.too_few)
    setup.warnings.push_back({.code = "too_few_runs",
                              .coefficients = {},
                              .quantities = {},
                              .value = static_cast<double>(setup.constraints.free_count + 1)});
  warn_of_few_runs(setup, copies);
  return setup;
}

}  // namespace isoloss
