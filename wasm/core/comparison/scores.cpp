#include "core/comparison/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace isoloss {

Score score(const Objective& objective, std::span<const double> log_residual,
            std::span<const double> response, std::span<const double> weight,
            int free_coefficients) {
  const bool squares = !std::isfinite(objective.solver_delta());
  Score result{.form = squares ? Score::Form::gaussian : Score::Form::laplace,
               .free_coefficients = free_coefficients,
               .aicc = std::nullopt,
               .bic = std::nullopt};
  double sum = 0;
  double log_scale = 0;
  for (std::size_t i = 0; i < log_residual.size(); ++i) {
    const double r =
        objective.log_residual() ? log_residual[i] : response[i] * std::expm1(log_residual[i]);
    sum += weight[i] * (squares ? r * r : std::abs(r));
    if (objective.log_residual()) log_scale += 2 * std::log(response[i]);
  }
  const auto n = static_cast<double>(log_residual.size());
  const double k = free_coefficients + 1;
  if (!(n - k - 1 > 0) || !(sum > 0) || !std::isfinite(sum)) return result;
  const double misfit = (squares ? 1 : 2) * n * std::log(sum / n) + log_scale;
  result.aicc = misfit + 2 * k + 2 * k * (k + 1) / (n - k - 1);
  result.bic = misfit + k * std::log(n);
  return result;
}

std::vector<double> akaike_weights(std::span<const double> aicc) {
  double best = std::numeric_limits<double>::infinity();
  for (const double a : aicc)
    if (std::isfinite(a)) best = std::min(best, a);
  std::vector<double> weights;
  double total = 0;
  for (const double a : aicc) {
    weights.push_back(std::isfinite(a) ? std::exp((best - a) / 2) : 0);
    total += weights.back();
  }
  if (total > 0)
    for (double& w : weights) w /= total;
  return weights;
}

double weighted_log_average(std::span<const double> weight, std::span<const double> value) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (!(weight[i] > 0) || !(value[i] > 0) || !std::isfinite(value[i])) continue;
    sum += weight[i] * std::log(value[i]);
    total += weight[i];
  }
  return total > 0 ? std::exp(sum / total) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace isoloss
