#include "core/uncertainty/bands.h"

#include <algorithm>
#include <cmath>

#include "core/math/order.h"
#include "core/math/random.h"
#include "core/uncertainty/bootstrap.h"

namespace isoloss {

Bands::Bands(const BandQuestion& question) : question_(question) {
  constexpr std::size_t kFewest = 10;
  constexpr std::size_t kShare = 5;
  const std::size_t n = question.residuals.size();
  neighbours_ = std::min(n, std::max(kFewest, n / kShare));
  if (question.residual_log_flops.empty()) {
    residuals_.assign(question.residuals.begin(), question.residuals.end());
    neighbours_ = n;
    return;
  }
  const std::vector<double> keys(question.residual_log_flops.begin(),
                                 question.residual_log_flops.end());
  for (const std::size_t i : ascending(keys)) {
    log_flops_.push_back(keys[i]);
    residuals_.push_back(question.residuals[i]);
  }
}

Band Bands::at(std::uint64_t index, const double* log_x, double log_flops) const {
  // The nearest ones are neighbours in the sorted list: move the window while that brings its far
  // end nearer.
  std::size_t first = 0;
  if (neighbours_ < residuals_.size()) {
    const auto above = std::ranges::lower_bound(log_flops_, log_flops);
    const auto position = static_cast<std::size_t>(above - log_flops_.begin());
    first = position > neighbours_ ? position - neighbours_ : 0;
    while (first + neighbours_ < residuals_.size() &&
           log_flops_[first + neighbours_] - log_flops < log_flops - log_flops_[first])
      ++first;
  }
  Random random = Random::stream(question_.seed, index);
  std::vector<double> mean;
  std::vector<double> fresh;
  mean.reserve(question_.draws.size());
  fresh.reserve(question_.draws.size());
  for (const Vector& theta : question_.draws) {
    mean.push_back(question_.law->log_response(log_x, theta.data()));
    if (neighbours_ == 0) continue;
    const auto run = random.below(static_cast<std::uint32_t>(neighbours_));
    fresh.push_back(mean.back() - residuals_[first + run]);
  }
  const DrawSummary of_mean = summarise(mean, question_.level);
  const DrawSummary of_run = summarise(fresh, question_.level);
  return {.lower = std::exp(of_mean.lower),
          .upper = std::exp(of_mean.upper),
          .new_lower = std::exp(of_run.lower),
          .new_upper = std::exp(of_run.upper)};
}

}  // namespace isoloss
