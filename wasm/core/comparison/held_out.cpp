#include "core/comparison/held_out.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/math/order.h"

namespace isoloss {
namespace {

/// Splits by `held`; nothing where one side is empty.
template <class Held>
void add_fold(std::vector<Fold>& folds, std::size_t rows, double flops, Held held) {
  Fold fold{.flops = flops, .trained = {}, .tested = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    const std::optional<bool> side = held(i);
    if (side) (*side ? fold.tested : fold.trained).push_back(i);
  }
  if (!fold.trained.empty() && !fold.tested.empty()) folds.push_back(std::move(fold));
}

std::vector<char> members(const Budget& budget, std::size_t rows) {
  std::vector<char> held(rows, false);
  for (const int row : budget.rows) held[static_cast<std::size_t>(row)] = true;
  return held;
}

FitData rows_of(const FitData& data, std::span<const std::size_t> rows) {
  const auto pick = [&](const std::vector<double>& column) {
    std::vector<double> picked;
    if (!column.empty())
      for (const std::size_t i : rows) picked.push_back(column[i]);
    return picked;
  };
  FitData result{.inputs = {}, .response = pick(data.response), .weight = pick(data.weight)};
  for (const auto& input : data.inputs) result.inputs.push_back(pick(input));
  return result;
}

}  // namespace

std::vector<Fold> largest_held_out(std::span<const double> flops, std::optional<double> above) {
  std::vector<Fold> folds;
  if (flops.size() < 2) return folds;
  double least = 0;
  if (above) {
    least = std::nextafter(*above, std::numeric_limits<double>::infinity());
  } else {
    const std::vector<double> all(flops.begin(), flops.end());
    const std::vector<std::size_t> order = ascending(all);
    const std::size_t fifth = std::max<std::size_t>(1, all.size() / 5);
    least = all[order[all.size() - fifth]];
  }
  double smallest = std::numeric_limits<double>::infinity();
  for (const double C : flops)
    if (C >= least) smallest = std::min(smallest, C);
  add_fold(folds, flops.size(), smallest,
           [&](std::size_t i) { return std::optional(flops[i] >= least); });
  return folds;
}

std::vector<Fold> leave_one_budget_out(std::span<const Budget> budgets, std::size_t rows) {
  std::vector<Fold> folds;
  for (const Budget& budget : budgets) {
    const std::vector<char> held = members(budget, rows);
    add_fold(folds, rows, budget.flops, [&](std::size_t i) { return std::optional(held[i] != 0); });
  }
  return folds;
}

std::vector<Fold> rolling_origin(std::span<const Budget> budgets, std::span<const double> flops) {
  std::vector<Fold> folds;
  for (const Budget& budget : budgets) {
    const std::vector<char> held = members(budget, flops.size());
    double least = std::numeric_limits<double>::infinity();
    for (const int row : budget.rows) least = std::min(least, flops[static_cast<std::size_t>(row)]);
    add_fold(folds, flops.size(), budget.flops, [&](std::size_t i) -> std::optional<bool> {
      if (held[i]) return true;
      if (flops[i] < least) return false;
      return std::nullopt;
    });
  }
  return folds;
}

FoldResult predict_fold(const FitSpecification& specification, const FitData& data,
                        std::span<const double> flops, const Fold& fold) {
  FitSession session(specification, rows_of(data, fold.trained));
  while (session.step()) {
  }
  const FitResult fitted = session.result();
  double largest_trained = 0;
  double least_loss = std::numeric_limits<double>::infinity();
  for (const std::size_t i : fold.trained) {
    largest_trained = std::max(largest_trained, flops[i]);
    least_loss = std::min(least_loss, data.response[i]);
  }
  double largest_tested = 0;
  double baseline = 0;
  for (const std::size_t i : fold.tested) {
    largest_tested = std::max(largest_tested, flops[i]);
    baseline += std::abs(std::log(least_loss / data.response[i]));
  }
  const auto count = static_cast<double>(fold.tested.size());
  FoldResult result{.status = fitted.status,
                    .predicted = {},
                    .mean_error = std::nullopt,
                    .bias = std::nullopt,
                    .extrapolation = largest_tested / largest_trained,
                    .baseline = baseline / count};
  if (!fitted.usable) return result;

  const Vector theta = session.best_theta();
  std::array<double, 4> x{};
  double sizes = 0;
  double sum = 0;
  for (const std::size_t i : fold.tested) {
    for (std::size_t v = 0; v < data.inputs.size(); ++v) x[v] = std::log(data.inputs[v][i]);
    const double log_response = specification.law->log_response(x.data(), theta.data());
    const double error = log_response - std::log(data.response[i]);
    result.predicted.push_back(std::exp(log_response));
    sizes += std::abs(error);
    sum += error;
  }
  result.mean_error = sizes / count;
  result.bias = sum / count;
  return result;
}

}  // namespace isoloss
