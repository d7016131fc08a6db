#include "core/data/prepare.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace isoloss {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

const PreparedRuns::Column* find(const PreparedRuns& runs, Quantity quantity) {
  const auto it = std::ranges::find(runs.columns, quantity, &PreparedRuns::Column::quantity);
  return it == runs.columns.end() ? nullptr : &*it;
}

double derive(Quantity wanted, double params, double tokens, double flops, const Cost& cost) {
  switch (wanted) {
    case Quantity::params:
      return std::exp(cost.log_params(std::log(flops), std::log(tokens)));
    case Quantity::tokens:
      return flops / std::exp(cost.log_flops_per_token(std::log(params)));
    default:
      return tokens * std::exp(cost.log_flops_per_token(std::log(params)));
  }
}

bool usable(double x) { return x > 0 && std::isfinite(x); }

}  // namespace

std::string_view id(RowProblem problem) {
  switch (problem) {
    case RowProblem::missing:
      return "missing";
    case RowProblem::not_positive:
      return "not_positive";
    case RowProblem::not_finite:
      return "not_finite";
    case RowProblem::below_one:
      break;
  }
  return "below_one";
}

PreparedRuns prepare(const std::vector<WrittenColumn>& columns, const Cost& cost) {
  PreparedRuns runs;
  std::size_t rows = 0;
  for (const WrittenColumn& written : columns) {
    rows = std::max(rows, written.values.size());
    auto& column = runs.columns.emplace_back();
    column.quantity = written.quantity;
    const bool zero_is_missing = info(written.quantity).zero_is_missing;
    for (const double value : written.values) {
      const bool missing = std::isnan(value) || (zero_is_missing && value == 0);
      // ln of a negative perplexity has no value; it is not missing but below any positive one.
      const double base = written.unit->to_base(value, written.ratio);
      const double below = -std::numeric_limits<double>::infinity();
      column.values.push_back(missing ? kMissing : std::isnan(base) ? below : base);
    }
  }

  // The missing one of the three, row by row: a column may have gaps.
  constexpr std::array kThree{Quantity::params, Quantity::tokens, Quantity::flops};
  std::array<std::vector<double>, 3> given;
  for (std::size_t q = 0; q < 3; ++q) {
    const auto* column = find(runs, kThree[q]);
    given[q] = column != nullptr ? column->values : std::vector<double>(rows, kMissing);
  }
  std::array<int, 3> derived_rows{};
  std::array<std::vector<double>, 3> complete = given;
  bool all_given = false;
  runs.flops_per_param_token.assign(rows, kMissing);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t q = 0; q < 3; ++q) {
      const double a = given[(q + 1) % 3][i];
      const double b = given[(q + 2) % 3][i];
      if (!std::isnan(given[q][i]) || !usable(a) || !usable(b)) continue;
      complete[q][i] = derive(kThree[q], given[0][i], given[1][i], given[2][i], cost);
      ++derived_rows[q];
    }
    if (usable(given[0][i]) && usable(given[1][i]) && usable(given[2][i])) {
      runs.flops_per_param_token[i] = given[2][i] / (given[0][i] * given[1][i]);
      all_given = true;
    }
  }
  if (!all_given) runs.flops_per_param_token.clear();
  for (std::size_t q = 0; q < 3; ++q) {
    if (derived_rows[q] == 0) continue;
    runs.derived.push_back({.quantity = kThree[q],
                            .from = {kThree[(q + 1) % 3], kThree[(q + 2) % 3]},
                            .rows = derived_rows[q]});
    const auto it = std::ranges::find(runs.columns, kThree[q], &PreparedRuns::Column::quantity);
    if (it == runs.columns.end())
      runs.columns.push_back({.quantity = kThree[q], .values = complete[q]});
    else
      it->values = complete[q];
  }

  for (const auto& column : runs.columns) {
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      const double x = column.values[i];
      const double smallest = info(column.quantity).smallest;
      RowProblem problem{};
      if (std::isnan(x))
        problem = RowProblem::missing;
      else if (x <= 0)
        problem = RowProblem::not_positive;
      else if (!std::isfinite(x))
        problem = RowProblem::not_finite;
      else if (x < smallest)
        problem = RowProblem::below_one;
      else
        continue;
      runs.unusable.push_back(
          {.row = static_cast<int>(i), .quantity = column.quantity, .problem = problem});
    }
  }
  return runs;
}

}  // namespace isoloss
