#include "api/estimation.h"

namespace isoloss::api {

std::span<const Operation> approach_operations() { return {}; }

}  // namespace isoloss::api
