#pragma once

#include "core/laws/law.h"

namespace isoloss {

Law kaplan();
/// The same with an irreducible loss added.
Law kaplan_floor();

}  // namespace isoloss
