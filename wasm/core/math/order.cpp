#include "core/math/order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace isoloss {

std::vector<std::size_t> ascending(const std::vector<double>& keys) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return keys[a] < keys[b] || (keys[a] == keys[b] && a < b);
  });
  return order;
}

std::vector<double> sorted_sizes(const std::vector<double>& values) {
  std::vector<double> sizes;
  sizes.reserve(values.size());
  for (const std::size_t i : ascending([&] {
         std::vector<double> keys(values.size());
         for (std::size_t k = 0; k < values.size(); ++k) keys[k] = std::abs(values[k]);
         return keys;
       }()))
    sizes.push_back(std::abs(values[i]));
  return sizes;
}

double median_of_sorted(const std::vector<double>& sorted, std::size_t skip) {
  if (sorted.size() <= skip) return 0;
  const std::size_t left = sorted.size() - skip;
  const double upper = sorted[skip + left / 2];
  return left % 2 == 1 ? upper : 0.5 * (upper + sorted[skip + left / 2 - 1]);
}

}  // namespace isoloss
