#pragma once

#include "api/json.h"

namespace isoloss::api {

/// Everything that a menu offers, from the registries of the core.
Json catalog();

}  // namespace isoloss::api
