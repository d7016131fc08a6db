#pragma once

#include <cstddef>
#include <memory>

#include "core/fit/search.h"

/// The search of a fit, whose work grows in proportion to the rows at a small factor.
namespace isoloss {

/// From this many rows on a search looks at a sample of them first.
inline constexpr std::size_t kSampledFrom = 5000;

/// About `count` of the runs that tell what all of them tell: the range of the inputs (logs) is cut
/// into cells of equal size, and every cell that has runs is in the sample, with a share that grows
/// with its weight; within a cell evenly over the responses. Weights make up for what is left out;
/// their mean is 1. No chance is involved.
Runs sample_runs(const Runs& runs, std::size_t count);

/// make_search, for many rows by way of a sample (docs/math.md, "Many rows"): the starts are solved
/// on the sample, the best of its distinct optima again on all rows. ends() has one entry per
/// start: where the optimum of the sample that it reached leads on all rows, nothing (infinity)
/// where that one was not among the best. `runs` and `law` must outlive it.
std::unique_ptr<Search> make_sampled_search(const Law& law, const Constraints& constraints,
                                            const Runs& runs, const Objective& objective);

}  // namespace isoloss
