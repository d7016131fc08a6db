#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace isoloss {

/// Positions of the keys in ascending order; equal keys keep their order.
std::vector<std::size_t> ascending(const std::vector<double>& keys);

/// Brings items into ascending order of a number; equal ones keep their order.
template <class Item, class Key>
void sort_by(std::vector<Item>& items, Key key) {
  std::vector<double> keys;
  for (const Item& item : items) keys.push_back(key(item));
  std::vector<Item> sorted;
  for (const std::size_t i : ascending(keys)) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

/// |x| of every element, ascending.
std::vector<double> sorted_sizes(const std::vector<double>& values);

/// Median of |x|; changes the order of its copy only, in linear time.
double median_size(std::vector<double> values);

/// Middle of ascending values (mean of the two middle ones), leaving out the first `skip`.
double median_of_sorted(const std::vector<double>& sorted, std::size_t skip = 0);

}  // namespace isoloss
