#include <algorithm>
#include <cmath>

#include "core/cost/cost_model.h"

namespace isoloss {

std::vector<double> CostModel::default_settings() const {
  std::vector<double> values;
  for (const auto& setting : settings) values.push_back(setting.default_value);
  return values;
}

std::span<const CostModel> cost_models() {
  static const std::vector<CostModel> list{six_nd(), attention()};
  return list;
}

const CostModel* find_cost_model(std::string_view id) {
  const auto all = cost_models();
  const auto it = std::ranges::find(all, id, &CostModel::id);
  return it == all.end() ? nullptr : &*it;
}

double Cost::log_params(double log_C, double log_D) const {
  // Newton on ln c(N) = ln C − ln D; ln c is nearly linear in ln N.
  const double target = log_C - log_D;
  double log_N = target;
  for (int i = 0; i < 100; ++i) {
    double slope = 1;
    const double step = (log_flops_per_token(log_N, &slope) - target) / slope;
    log_N -= step;
    if (std::abs(step) < 1e-15 * (1 + std::abs(log_N))) break;
  }
  return log_N;
}

}  // namespace isoloss
