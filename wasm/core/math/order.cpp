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

double median_size(std::vector<double> values) {
  if (values.empty()) return 0;
  for (double& x : values) x = std::abs(x);
  // Quickselect (Hoare): between `left` and `right` lies the element that belongs at the middle.
  const std::size_t middle = values.size() / 2;
  std::size_t left = 0;
  std::size_t right = values.size() - 1;
  while (left < right) {
    const double pivot = values[left + (right - left) / 2];
    std::size_t i = left;
    std::size_t j = right;
    for (;;) {
      while (values[i] < pivot) ++i;
      while (pivot < values[j]) --j;
      if (i >= j) break;
      std::swap(values[i++], values[j--]);
    }
    if (middle <= j)
      right = j;
    else
      left = j + 1;
  }
  if (values.size() % 2 == 1) return values[middle];
  double below = 0;
  for (std::size_t i = 0; i < middle; ++i) below = std::max(below, values[i]);
  return 0.5 * (below + values[middle]);
}

double median_of_sorted(const std::vector<double>& sorted, std::size_t skip) {
  if (sorted.size() <= skip) return 0;
  const std::size_t left = sorted.size() - skip;
  const double upper = sorted[skip + left / 2];
  return left % 2 == 1 ? upper : 0.5 * (upper + sorted[skip + left / 2 - 1]);
}

}  // namespace isoloss
