#include "core/uncertainty/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math/order.h"
#include "core/math/random.h"
#include "core/uncertainty/functional.h"

namespace isoloss {

Bootstrap::Bootstrap(const FitSetup& setup, Vector theta, std::uint64_t seed,
                     std::span<const double> cluster)
    : setup_(setup), refitter_(setup, std::move(theta)), seed_(seed) {
  const std::size_t n = setup.runs.size();
  cluster_.resize(n);
  if (cluster.empty()) {
    for (std::size_t i = 0; i < n; ++i) cluster_[i] = static_cast<std::uint32_t>(i);
    clusters_ = static_cast<std::uint32_t>(n);
    return;
  }
  const std::vector<double> keys(cluster.begin(), cluster.end());
  const std::vector<std::size_t> order = ascending(keys);
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0 && keys[order[i]] == keys[order[i - 1]]) --clusters_;
    cluster_[order[i]] = clusters_++;
  }
}

std::vector<double> Bootstrap::multiplicity(std::uint64_t index) const {
  Random random = Random::stream(seed_, index);
  std::vector<double> count(clusters_, 0.0);
  for (std::uint32_t i = 0; i < clusters_; ++i) ++count[random.below(clusters_)];
  std::vector<double> result(cluster_.size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = count[cluster_[i]];
  return result;
}

Bootstrap::Draw Bootstrap::draw(std::uint64_t index, Refitter::Effort effort) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> multiplicities = multiplicity(index);
  const auto distinct = std::ranges::count_if(multiplicities, [](double m) { return m > 0; });
  const std::size_t size = setup_.constraints.slots.size();
  Draw nothing{
      .coefficients = std::vector<double>(size, kNone), .objective = kNone, .at_bound = false};
  if (distinct <= setup_.constraints.free_count) return nothing;
  const Refitter::Refit refit = refitter_.refit(multiplicities, effort);
  if (!std::isfinite(refit.objective)) return nothing;
  return {.coefficients = reported_coefficients(setup_, refit.theta),
          .objective = refit.objective,
          .at_bound = refit.at_bound};
}

Audit audit(std::span<const double> warm, std::span<const double> thorough,
            std::span<const double> at_bound, int rows) {
  // Relative: an objective has the units of the square of a residual.
  constexpr double kLower = 1e-6;
  constexpr int kFewRuns = 30;
  constexpr double kManyAtBound = 0.05;
  Audit result;
  double bounded = 0;
  for (std::size_t i = 0; i < warm.size(); ++i) {
    bounded += at_bound[i] > 0 ? 1 : 0;
    if (std::isnan(thorough[i])) continue;
    ++result.audited;
    if (!(warm[i] <= thorough[i] + kLower * std::abs(thorough[i]))) ++result.missed;
  }
  if (result.missed > 0)
    result.reason = Audit::Reason::missed_optimum;
  else if (rows < kFewRuns)
    result.reason = Audit::Reason::few_runs;
  else if (bounded > kManyAtBound * static_cast<double>(warm.size()))
    result.reason = Audit::Reason::at_bounds;
  return result;
}

namespace {

/// Values of which each half can be searched alone: those up to the middle are the smaller ones.
class Halves {
 public:
  explicit Halves(std::vector<double> values) : values_(std::move(values)) {
    std::nth_element(values_.begin(), values_.begin() + middle(), values_.end());
  }

  /// Value at `share` of the way through the sorted values.
  double percentile(double share) {
    const double position = share * static_cast<double>(values_.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(position);
    const double low = at(below);
    const double fraction = position - static_cast<double>(below);
    return fraction == 0 ? low : low + fraction * (at(below + 1) - low);
  }

 private:
  std::ptrdiff_t middle() const { return static_cast<std::ptrdiff_t>((values_.size() - 1) / 2); }
  /// The value at a position of the sorted values.
  double at(std::ptrdiff_t position) {
    const auto begin = values_.begin();
    const bool lower = position <= middle();
    const auto first = lower ? begin : begin + middle() + 1;
    const auto last = lower ? begin + middle() + 1 : values_.end();
    std::nth_element(first, begin + position, last);
    return values_[static_cast<std::size_t>(position)];
  }

  std::vector<double> values_;
};

}  // namespace

DrawSummary summarise(std::span<const double> draws, double level) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  DrawSummary result{.count = 0,
                     .missing = 0,
                     .median = kNone,
                     .standard_deviation = kNone,
                     .lower = kNone,
                     .upper = kNone};
  std::vector<double> values;
  values.reserve(draws.size());
  double sum = 0;
  for (const double x : draws)
    if (std::isfinite(x)) {
      values.push_back(x);
      sum += x;
    }
  const std::size_t n = values.size();
  result.count = static_cast<int>(n);
  if (!draws.empty())
    result.missing = 1 - static_cast<double>(n) / static_cast<double>(draws.size());
  if (n < 2) return result;
  const double mean = sum / static_cast<double>(n);
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  result.standard_deviation = std::sqrt(squares / static_cast<double>(n - 1));
  const double tail = 0.5 * (1 - level);
  Halves halves(std::move(values));
  result.median = halves.percentile(0.5);
  result.lower = halves.percentile(tail);
  result.upper = halves.percentile(1 - tail);
  return result;
}

}  // namespace isoloss
