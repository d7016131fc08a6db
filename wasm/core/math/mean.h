#pragma once

#include <cstddef>
#include <vector>

namespace isoloss {

/// Σ w·x / Σ w.
inline double weighted_mean(const std::vector<double>& values, const std::vector<double>& weight) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weight[i] * values[i];
    total += weight[i];
  }
  return sum / total;
}

}  // namespace isoloss
