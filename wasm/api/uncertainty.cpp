#include "api/estimation.h"

namespace isoloss::api {

std::span<const Operation> uncertainty_operations() { return {}; }

}  // namespace isoloss::api
