#include "core/checks/outliers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>

#include "core/data/budgets.h"
#include "core/math/order.h"
#include "core/math/small.h"

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

/// Value at 0 of a quadratic through (x, y) by least absolute deviations, and the square of its
/// standard error in units of the noise by least squares.
struct Prediction {
  double value;
  double variance;
};

std::optional<Prediction> predict(const std::vector<double>& x, const std::vector<double>& y) {
  double scale = 0;
  for (const double xi : x) scale = std::max(scale, std::abs(xi));
  if (!(scale > 0)) return std::nullopt;
  const auto solve_with = [&](const std::vector<double>& weight, Vector& c, Matrix* inverse) {
    Matrix A = Matrix::Zero(3, 3);
    Vector b = Vector::Zero(3);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = x[i] / scale;
      const std::array<double, 3> row{1, z, z * z};
      for (int j = 0; j < 3; ++j) {
        const double wj = weight[i] * row[static_cast<std::size_t>(j)];
        b[j] += wj * y[i];
        for (int k = 0; k < 3; ++k) A(j, k) += wj * row[static_cast<std::size_t>(k)];
      }
    }
    Matrix inverted;
    if (!invert_symmetric(A, inverted)) return false;
    c = Vector::Zero(3);
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k) c[j] += inverted(j, k) * b[k];
    if (inverse != nullptr) *inverse = inverted;
    return true;
  };
  std::vector<double> weight(x.size(), 1);
  Vector c;
  Matrix inverse;
  if (!solve_with(weight, c, &inverse)) return std::nullopt;
  // Reweighted least squares, 1/|r|; residuals far below the others count as those.
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = x[i] / scale;
      weight[i] = std::abs(y[i] - c[0] - z * (c[1] + z * c[2]));
      sum += weight[i];
    }
    const double least = 1e-3 * sum / static_cast<double>(x.size());
    if (!(least > 0)) break;
    for (double& w : weight) w = least / std::max(w, least);
    Vector next;
    if (!solve_with(weight, next, nullptr)) break;
    c = next;
  }
  return Prediction{.value = c[0], .variance = inverse(0, 0)};
}

/// The runs of one budget in order of ln N, those set aside left out.
class Valley {
 public:
  Valley(const FittedRuns& runs, const std::vector<int>& rows) {
    std::vector<double> keys;
    for (const int row : rows) keys.push_back(runs.log_params[static_cast<std::size_t>(row)]);
    for (const std::size_t k : ascending(keys)) {
      row_.push_back(rows[k]);
      x_.push_back(keys[k]);
      y_.push_back(runs.residual[static_cast<std::size_t>(rows[k])]);
    }
    const std::size_t n = x_.size();
    for (std::size_t i = 0; i < n; ++i) {
      before_.push_back(i == 0 ? kEnd : i - 1);
      after_.push_back(i + 1 == n ? kEnd : i + 1);
      miss_.push_back(miss(i));
    }
  }

  /// How far each run lies from its prediction, in units of the prediction's noise.
  const std::vector<double>& misses() const { return miss_; }

  /// (row, z) of the runs that stand out from the others.
  std::vector<std::pair<int, double>> stand_out(double scale) {
    std::vector<std::pair<int, double>> found;
    std::priority_queue<std::pair<double, std::size_t>> worst;
    for (std::size_t i = 0; i < x_.size(); ++i) worst.emplace(std::abs(miss_[i]), i);
    std::size_t left = x_.size();
    while (!worst.empty() && left >= kLeastRuns) {
      const auto [size, i] = worst.top();
      worst.pop();
      if (size <= kThreshold * scale) break;
      if (size != std::abs(miss_[i])) continue;  // judged again since
      found.emplace_back(row_[i], size / scale);
      miss_[i] = 0;
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
    return found;
  }

 private:
  static constexpr std::size_t kEnd = static_cast<std::size_t>(-1);

  double miss(std::size_t i) const {
    std::vector<double> x;
    std::vector<double> y;
    std::size_t below = before_at(i);
    std::size_t above = after_at(i);
    while (x.size() < kNeighbours && (below != kEnd || above != kEnd)) {
      const bool down = above == kEnd || (below != kEnd && x_[i] - x_[below] <= x_[above] - x_[i]);
      std::size_t& k = down ? below : above;
      x.push_back(x_[k] - x_[i]);
      y.push_back(y_[k]);
      k = down ? before_at(k) : after_at(k);
    }
    if (x.size() + 1 < kLeastRuns) return 0;
    const auto predicted = predict(x, y);
    return predicted ? (y_[i] - predicted->value) / std::sqrt(1 + predicted->variance) : 0;
  }
  // While the lists are being built, neighbours are the next in order.
  std::size_t before_at(std::size_t i) const {
    if (i < before_.size()) return before_[i];
    return i == 0 ? kEnd : i - 1;
  }
  std::size_t after_at(std::size_t i) const {
    if (i < after_.size()) return after_[i];
    return i + 1 == x_.size() ? kEnd : i + 1;
  }

  std::vector<int> row_;
  std::vector<double> x_;
  std::vector<double> y_;
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
