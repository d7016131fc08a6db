#include "core/checks/outliers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>

#include "core/data/budgets.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

constexpr double kNormal = 1.4826;  // median|r| of a normal distribution of unit variance, inverted
constexpr double kThreshold = 6;
constexpr double kInfluenceThreshold = 1;
/// Losses are hardly ever known better than that: smaller scatter is no yardstick.
constexpr double kLeastScale = 1e-6;
constexpr double kLeastSplineScale = 1e-4;
constexpr double kTolerance = 0.1;
constexpr std::size_t kLeastRuns = 6;
constexpr std::size_t kNeighbours = 8;

double robust_scale(const std::vector<double>& values) {
  return kNormal * median_of_sorted(sorted_sizes(values));
}

/// Weighted least squares of a quadratic: the Cholesky factor of its normal equations.
class Quadratic {
 public:
  using Row = std::array<double, 3>;

  void add(const Row& row, double y, double weight) {
    for (std::size_t j = 0; j < 3; ++j) {
      b_[j] += weight * row[j] * y;
      for (std::size_t k = 0; k <= j; ++k) A_[j][k] += weight * row[j] * row[k];
    }
  }
  /// false: the points do not determine it.
  bool factorise() {
    for (std::size_t j = 0; j < 3; ++j) {
      const double diagonal = A_[j][j];
      for (std::size_t k = 0; k < j; ++k) A_[j][j] -= A_[j][k] * A_[j][k];
      if (!(A_[j][j] > 1e-12 * diagonal)) return false;
      A_[j][j] = std::sqrt(A_[j][j]);
      for (std::size_t i = j + 1; i < 3; ++i) {
        for (std::size_t k = 0; k < j; ++k) A_[i][j] -= A_[i][k] * A_[j][k];
        A_[i][j] /= A_[j][j];
      }
    }
    return true;
  }
  Row solve() const { return solve(b_); }
  Row solve(Row b) const {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i] -= A_[i][k] * b[k];
      b[i] /= A_[i][i];
    }
    for (std::size_t i = 3; i-- > 0;) {
      for (std::size_t k = i + 1; k < 3; ++k) b[i] -= A_[k][i] * b[k];
      b[i] /= A_[i][i];
    }
    return b;
  }

 private:
  std::array<Row, 3> A_{};
  Row b_{};
};

/// Value at 0 of a quadratic through (x, y) by least absolute deviations, and the square of its
/// standard error in units of the noise by least squares.
struct Prediction {
  double value;
  double variance;
};

/// The others nearest to a run: ln N from its own, and residual.
struct Neighbours {
  std::array<double, kNeighbours> x{};
  std::array<double, kNeighbours> y{};
  std::size_t size = 0;
};

std::optional<Prediction> predict(const Neighbours& others) {
  double scale = 0;
  for (std::size_t i = 0; i < others.size; ++i) scale = std::max(scale, std::abs(others.x[i]));
  if (!(scale > 0)) return std::nullopt;
  std::array<Quadratic::Row, kNeighbours> row{};
  std::array<double, kNeighbours> weight{};
  for (std::size_t i = 0; i < others.size; ++i) {
    const double z = others.x[i] / scale;
    row[i] = {1, z, z * z};
    weight[i] = 1;
  }
  std::optional<Prediction> result;
  // Reweighted least squares, 1/|r|; residuals far below the others count as those.
  constexpr int kRounds = 12;
  for (int round = 0; round <= kRounds; ++round) {
    Quadratic fit;
    for (std::size_t i = 0; i < others.size; ++i) fit.add(row[i], others.y[i], weight[i]);
    if (!fit.factorise()) break;
    const Quadratic::Row c = fit.solve();
    if (!result) result = Prediction{.value = c[0], .variance = fit.solve({1, 0, 0})[0]};
    result->value = c[0];
    double sum = 0;
    for (std::size_t i = 0; i < others.size; ++i) {
      weight[i] = std::abs(others.y[i] - c[0] - row[i][1] * c[1] - row[i][2] * c[2]);
      sum += weight[i];
    }
    const double least = 1e-3 * sum / static_cast<double>(others.size);
    if (!(least > 0)) break;
    for (std::size_t i = 0; i < others.size; ++i) weight[i] = least / std::max(weight[i], least);
  }
  return result;
}

/// The runs of one budget in order of ln N.
class Valley {
 public:
  Valley(const FittedRuns& runs, const std::vector<int>& rows) {
    std::vector<double> keys;
    for (const int row : rows) keys.push_back(runs.log_params[static_cast<std::size_t>(row)]);
    const std::size_t n = rows.size();
    for (const std::size_t k : ascending(keys)) {
      const std::size_t i = row_.size();
      row_.push_back(rows[k]);
      x_.push_back(keys[k]);
      y_.push_back(runs.residual[static_cast<std::size_t>(rows[k])]);
      before_.push_back(i == 0 ? kEnd : i - 1);
      after_.push_back(i + 1 == n ? kEnd : i + 1);
    }
    kept_.assign(n, 1);
    for (std::size_t i = 0; i < n; ++i) miss_.push_back(miss(i));
  }

  /// How far each run lies from its prediction, in units of the prediction's noise.
  const std::vector<double>& misses() const { return miss_; }

  /// (row, z) of the runs that stand out from the others.
  std::vector<std::pair<int, double>> stand_out(double scale) {
    std::vector<std::size_t> aside;
    std::priority_queue<std::pair<double, std::size_t>> worst;
    for (std::size_t i = 0; i < x_.size(); ++i) worst.emplace(std::abs(miss_[i]), i);
    std::size_t left = x_.size();
    while (!worst.empty() && left >= kLeastRuns) {
      const auto [size, i] = worst.top();
      worst.pop();
      if (size <= kThreshold * scale) break;
      if (kept_[i] == 0 || size != std::abs(miss_[i])) continue;  // judged again since
      aside.push_back(i);
      kept_[i] = 0;
      --left;
      if (before_[i] != kEnd) after_[before_[i]] = after_[i];
      if (after_[i] != kEnd) before_[after_[i]] = before_[i];
      const auto again = [&](const std::vector<std::size_t>& next) {
        std::size_t k = next[i];
        for (std::size_t step = 0; step < kNeighbours && k != kEnd; ++step, k = next[k]) {
          miss_[k] = miss(k);
          worst.emplace(std::abs(miss_[k]), k);
        }
      };
      again(before_);
      again(after_);
    }
    // Who was accused on the word of another that was set aside later is heard again.
    std::vector<std::pair<int, double>> found;
    for (const std::size_t i : aside)
      if (const double size = std::abs(miss(i)); size > kThreshold * scale)
        found.emplace_back(row_[i], size / scale);
    return found;
  }

 private:
  static constexpr std::size_t kEnd = static_cast<std::size_t>(-1);

  double miss(std::size_t i) const {
    Neighbours others;
    std::size_t below = kept(before_, i);
    std::size_t above = kept(after_, i);
    while (others.size < kNeighbours && (below != kEnd || above != kEnd)) {
      const bool down = above == kEnd || (below != kEnd && x_[i] - x_[below] <= x_[above] - x_[i]);
      std::size_t& k = down ? below : above;
      others.x[others.size] = x_[k] - x_[i];
      others.y[others.size] = y_[k];
      ++others.size;
      k = kept(down ? before_ : after_, k);
    }
    if (others.size + 1 < kLeastRuns) return 0;
    const auto predicted = predict(others);
    return predicted ? (y_[i] - predicted->value) / std::sqrt(1 + predicted->variance) : 0;
  }
  /// The next run that is not set aside.
  std::size_t kept(const std::vector<std::size_t>& next, std::size_t i) const {
    std::size_t k = next[i];
    while (k != kEnd && kept_[k] == 0) k = next[k];
    return k;
  }

  std::vector<int> row_;
  std::vector<double> x_;
  std::vector<double> y_;
  std::vector<char> kept_;
  std::vector<std::size_t> before_;
  std::vector<std::size_t> after_;
  std::vector<double> miss_;
};

/// z by row, 0 where nothing stands out.
std::vector<double> off_their_neighbours(const FittedRuns& runs) {
  std::vector<double> z(runs.residual.size(), 0);
  if (runs.log_params.empty() || runs.flops.empty()) return z;
  std::vector<Valley> valleys;
  std::vector<double> all;
  for (const Budget& budget : recognise_budgets(runs.flops, kTolerance)) {
    if (budget.rows.size() < kLeastRuns) continue;
    const Valley& valley = valleys.emplace_back(runs, budget.rows);
    all.insert(all.end(), valley.misses().begin(), valley.misses().end());
  }
  // A handful of runs may agree by chance; no budget is held to less scatter than all together.
  const double least = std::max(kLeastSplineScale, robust_scale(all));
  for (Valley& valley : valleys)
    for (const auto& [row, value] :
         valley.stand_out(std::max(least, robust_scale(valley.misses()))))
      z[static_cast<std::size_t>(row)] = value;
  return z;
}

}  // namespace

Outliers find_outliers(const FittedRuns& runs) {
  Outliers result;
  if (runs.residual.empty()) return result;
  result.scale = robust_scale(runs.residual);
  const double yardstick = std::max(*result.scale, kLeastScale);
  const std::vector<double> z = off_their_neighbours(runs);
  for (std::size_t i = 0; i < runs.residual.size(); ++i) {
    Outlier outlier{.row = static_cast<int>(i), .reasons = {}};
    const auto judge = [&](std::string_view reason, double value, double threshold) {
      if (value > threshold)
        outlier.reasons.push_back({.code = reason, .value = value, .threshold = threshold});
    };
    judge("residual", std::abs(runs.residual[i]) / yardstick, kThreshold);
    judge("spline", z[i], kThreshold);
    if (runs.standard_error && !runs.influence.empty())
      judge("influence", std::abs(runs.influence[i]) / *runs.standard_error, kInfluenceThreshold);
    if (!outlier.reasons.empty()) result.outliers.push_back(std::move(outlier));
  }
  return result;
}

}  // namespace isoloss
