#include <algorithm>

#include "core/laws/additive.h"
#include "core/laws/familial.h"
#include "core/laws/kaplan.h"
#include "core/laws/law.h"
#include "core/laws/power_law.h"

namespace isoloss {

std::span<const Law> laws() {
  static const std::vector<Law> list = [] {
    std::vector<Law> all;
    all.push_back(additive());
    all.push_back(familial());
    all.push_back(kaplan());
    all.push_back(kaplan_floor());
    for (const Quantity variable : {Quantity::params, Quantity::tokens, Quantity::flops}) {
      all.push_back(power_floor(variable));
      all.push_back(power(variable));
    }
    return all;
  }();
  return list;
}

const Law* find_law(std::string_view id) {
  const auto all = laws();
  const auto it = std::ranges::find(all, id, &Law::id);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace isoloss
