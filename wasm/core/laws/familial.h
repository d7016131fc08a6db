#pragma once

#include "core/laws/law.h"

namespace isoloss {

Law familial();

}  // namespace isoloss
