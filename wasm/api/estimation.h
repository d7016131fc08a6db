#pragma once

#include <span>

#include "api/api.h"

/// The estimation engine: what a second module answers beside the operations of api.h, once the
/// page has shown its first fit (shapes: web/src/core/estimation-protocol.ts). All operations are
/// stateless, so that a pool of workers can share them in any split.
namespace isoloss::api {

/// Answers every operation of call() and the ones below.
Answer call_estimation(std::string_view operation, const Json& request, const Columns& columns);

struct Operation {
  std::string_view id;
  Answer (*run)(const Reader& request, const Columns& columns);
};
/// bootstrap, audit, intervals, bands, influence, profile, paths, next_run, self_test
std::span<const Operation> uncertainty_operations();
/// approach_1, approach_2, approach_2_bias, outliers
std::span<const Operation> approach_operations();
/// score, weigh, held_out, nested_test, nested_tests, fit_groups
std::span<const Operation> comparison_operations();

// How an operation answers.
Answer succeed(Json result, Columns columns = {});
Answer fail(const Failure& failure);

}  // namespace isoloss::api
