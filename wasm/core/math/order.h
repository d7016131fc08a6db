#pragma once

#include <cstddef>
#include <vector>

namespace isoloss {

/// Positions of the keys in ascending order; equal keys keep their order.
std::vector<std::size_t> ascending(const std::vector<double>& keys);

/// |x| of every element, ascending.
std::vector<double> sorted_sizes(const std::vector<double>& values);

/// Median of |x|; changes the order of its copy only, in linear time.
double median_size(std::vector<double> values);

/// Middle of ascending values (mean of the two middle ones), leaving out the first `skip`.
double median_of_sorted(const std::vector<double>& sorted, std::size_t skip = 0);

}  // namespace isoloss
