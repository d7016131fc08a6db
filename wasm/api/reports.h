#pragma once

#include "api/json.h"
#include "core/fit/fit.h"

namespace isoloss::api {

/// {"value","standard_error","interval"}
Json to_json(const Estimate& estimate);

/// FitWarning[] of web/src/core/protocol.ts.
Json to_json(const std::vector<FitWarning>& found, const Law& law);

/// FitReport of web/src/core/protocol.ts.
Json to_json(const FitResult& result, const FitSpecification& specification);

}  // namespace isoloss::api
