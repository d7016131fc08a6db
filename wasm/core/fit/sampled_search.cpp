#include "core/fit/sampled_search.h"

#include <algorithm>
#include <cmath>

#include "core/math/order.h"

namespace isoloss {
namespace {

constexpr std::size_t kSampleSize = 2000;
/// Cells of the range of the inputs, and runs that a cell has in the sample at least.
constexpr double kCells = 256;
constexpr std::size_t kLeastOfCell = 4;
/// Optima of the sample that are solved again on all rows.
constexpr int kFollowed = 4;
/// Optima of the sample whose objectives are as close as this are one.
constexpr double kSameOptimum = 1e-6;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// The cell of every run; the range of each input is cut into equal parts.
std::vector<std::size_t> cells_of(const Runs& runs, std::size_t& count) {
  std::vector<std::size_t> cells(runs.size(), 0);
  const auto per_input = static_cast<std::size_t>(
      std::pow(kCells, 1.0 / static_cast<double>(runs.log_x.size())) + 1e-9);
  count = 1;
  for (const std::vector<double>& x : runs.log_x) {
    const auto [low, high] = std::ranges::minmax(x);
    const double width = (high - low) / static_cast<double>(per_input);
    if (!(width > 0)) continue;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto part = static_cast<std::size_t>((x[i] - low) / width);
      cells[i] = cells[i] * per_input + std::min(part, per_input - 1);
    }
    count *= per_input;
  }
  return cells;
}

class SampledSearch final : public Search {
 public:
  SampledSearch(const Law& law, const Constraints& constraints, const Runs& runs,
                const Objective& objective)
      : law_(law),
        constraints_(constraints),
        runs_(runs),
        objective_(objective),
        sample_(sample_runs(runs, kSampleSize)),
        on_sample_(make_search(law_, constraints_, sample_, objective_)) {}

  bool step() override {
    if (!on_all_) {
      const bool more = on_sample_->step();
      evaluations_ = on_sample_->evaluations();
      ends_.resize(at(on_sample_->tried()));
      if (!more) follow();
      return true;
    }
    const bool more = on_all_->step();
    evaluations_ = on_sample_->evaluations() + on_all_->evaluations();
    collect();
    return more;
  }

  void also_from(const Vector& theta) override {
    on_sample_->also_from(theta);
    if (on_all_)
      on_all_->also_from(theta);
    else
      also_.push_back(theta);
  }

  double progress() const override {
    // The solves on all rows are few, and take most of the time.
    constexpr double kOfSample = 0.2;
    return on_all_ ? kOfSample + (1 - kOfSample) * on_all_->progress()
                   : kOfSample * on_sample_->progress();
  }

 private:
  /// Optima of the sample, the best first, become starts on all rows.
  void follow() {
    on_all_ = make_search(law_, constraints_, runs_, objective_, SearchEffort::given);
    const std::vector<Candidate>& ends = on_sample_->ends();
    std::vector<double> values;
    for (const Candidate& end : ends) values.push_back(end.objective);
    constexpr double kResidualNoise = 1e-12;
    const double rounding =
        objective_.value(std::vector<double>(sample_.size(), kResidualNoise), sample_.weight);
    start_of_end_.assign(ends.size(), -1);
    double last = -1;
    for (const std::size_t i : ascending(values)) {
      if (!std::isfinite(values[i])) break;
      if (last < 0 || values[i] > last * (1 + kSameOptimum) + rounding) {
        if (followed_ == kFollowed) break;
        last = values[i];
        // What the search has made of the best since.
        on_all_->also_from(followed_ == 0 ? on_sample_->best().theta : ends[i].theta);
        ++followed_;
      }
      start_of_end_[i] = followed_ - 1;
    }
    for (const Vector& theta : also_) on_all_->also_from(theta);
  }

  void collect() {
    best_ = on_all_->best();
    const std::vector<Candidate>& found = on_all_->ends();
    ends_.assign(start_of_end_.size(), {});
    for (std::size_t i = 0; i < ends_.size(); ++i)
      if (start_of_end_[i] >= 0 && at(start_of_end_[i]) < found.size())
        ends_[i] = found[at(start_of_end_[i])];
    for (std::size_t i = at(followed_); i < found.size(); ++i) ends_.push_back(found[i]);
  }

  const Law& law_;
  const Constraints constraints_;
  const Runs& runs_;
  const Objective objective_;
  const Runs sample_;
  std::unique_ptr<Search> on_sample_;
  std::unique_ptr<Search> on_all_;
  std::vector<Vector> also_;
  std::vector<int> start_of_end_;  ///< per end on the sample: its start on all rows, or −1
  int followed_ = 0;
};

}  // namespace

Runs sample_runs(const Runs& runs, std::size_t count) {
  std::size_t cell_count = 0;
  const std::vector<std::size_t> cell = cells_of(runs, cell_count);
  // Rows by cell, in a cell by response.
  std::vector<std::size_t> first(cell_count + 1, 0);
  std::vector<double> weight(cell_count, 0);
  double total = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    ++first[cell[i] + 1];
    weight[cell[i]] += runs.weight[i];
    total += runs.weight[i];
  }
  for (std::size_t c = 0; c < cell_count; ++c) first[c + 1] += first[c];
  std::vector<std::size_t> rows(runs.size());
  std::vector<std::size_t> filled(first.begin(), first.end() - 1);
  for (const std::size_t i : ascending(runs.log_response)) rows[filled[cell[i]]++] = i;

  Runs sample;
  sample.log_x.resize(runs.log_x.size());
  double sampled = 0;
  const auto take = [&](std::size_t i, double w) {
    for (std::size_t v = 0; v < runs.log_x.size(); ++v) sample.log_x[v].push_back(runs.log_x[v][i]);
    sample.response.push_back(runs.response[i]);
    sample.log_response.push_back(runs.log_response[i]);
    sample.weight.push_back(w);
    sampled += w;
  };
  for (std::size_t c = 0; c < cell_count; ++c) {
    const double share = static_cast<double>(count) * weight[c] / total;
    const std::size_t wanted = std::max(static_cast<std::size_t>(std::lround(share)), kLeastOfCell);
    const double spacing = weight[c] / static_cast<double>(wanted);
    double before = 0;
    for (std::size_t place = first[c]; place < first[c + 1]; ++place) {
      const std::size_t i = rows[place];
      if (first[c + 1] - first[c] <= wanted) {
        if (runs.weight[i] > 0) take(i, runs.weight[i]);
        continue;
      }
      // Equal steps through the weight of the cell: a run counts as often as they fall on it.
      const double after = before + runs.weight[i];
      const double hits = std::floor(after / spacing + 0.5) - std::floor(before / spacing + 0.5);
      if (hits > 0) take(i, hits * spacing);
      before = after;
    }
  }
  for (double& w : sample.weight) w *= static_cast<double>(sample.size()) / sampled;
  return sample;
}

std::unique_ptr<Search> make_sampled_search(const Law& law, const Constraints& constraints,
                                            const Runs& runs, const Objective& objective) {
  if (runs.size() < kSampledFrom) return make_search(law, constraints, runs, objective);
  return std::make_unique<SampledSearch>(law, constraints, runs, objective);
}

}  // namespace isoloss
