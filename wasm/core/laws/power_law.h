#pragma once

#include "core/laws/law.h"

namespace isoloss {

/// Power laws in one variable: params, tokens or flops.
Law power(Quantity variable);
Law power_floor(Quantity variable);

}  // namespace isoloss
