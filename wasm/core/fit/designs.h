#pragma once

#include "core/fit/fit.h"

/// What a table of runs can and cannot tell, by name: findings before the search from the design,
/// and after it from the residuals and the covariance. docs/why-fits-fail.md shows each of them.
namespace isoloss {

/// How two inputs of a law move together, as logs with weights of mean 1. Codes: "one_budget" (N·D
/// the same for all runs within ±10 %, N not), "ratio_fixed" (D/N the same; `value`: the ratio),
/// "collinear" (`value`: correlation of the logs); empty where they vary freely.
struct TwoInputs {
  std::string_view code;
  std::optional<double> value;
};
TwoInputs judge_inputs(Quantity first, const std::vector<double>& log_first, Quantity second,
                       const std::vector<double>& log_second, const std::vector<double>& weight);

/// Rows that repeat an earlier one in every input and in the response.
int count_copies(const Runs& runs);

/// few_runs, duplicate_rows: a design whose numbers rest on little.
void warn_of_few_runs(FitSetup& setup, int copies);

/// outliers, heavy_tails: residuals beyond six robust standard deviations.
void warn_of_outliers(FitResult& result);

/// trade_off: the pairs of a scale and its exponent that are uncertain along one direction, with
/// the factor on the scale that goes with 0.01 more of the exponent.
void warn_of_trade_offs(const Law& law, FitResult& result);

}  // namespace isoloss
