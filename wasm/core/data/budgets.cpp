#include "core/data/budgets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/math/order.h"

namespace isoloss {
namespace {

/// Rows [begin, end) in order of compute.
struct Part {
  std::size_t begin;
  std::size_t end;
};

/// The tree of widest gaps: at the root the widest, below it those of what lies to either side.
/// Gap k lies between x[k] and x[k + 1].
class GapTree {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit GapTree(const std::vector<double>& x) {
    const std::size_t gaps = x.size() - 1;
    left_.assign(gaps, kNone);
    right_.assign(gaps, kNone);
    std::vector<std::size_t> open;  // from the root to the right
    for (std::size_t k = 0; k < gaps; ++k) {
      std::size_t below = kNone;
      while (!open.empty() && x[open.back() + 1] - x[open.back()] < x[k + 1] - x[k]) {
        below = open.back();
        open.pop_back();
      }
      left_[k] = below;
      if (open.empty())
        root_ = k;
      else
        right_[open.back()] = k;
      open.push_back(k);
    }
  }

  std::size_t root() const { return root_; }
  std::size_t left(std::size_t k) const { return left_[k]; }
  std::size_t right(std::size_t k) const { return right_[k]; }

 private:
  std::vector<std::size_t> left_;
  std::vector<std::size_t> right_;
  std::size_t root_ = kNone;
};

/// Parts of ascending x, cut as the header says.
std::vector<Part> cut(const std::vector<double>& x, double width, double tolerance) {
  if (x.empty()) return {};
  constexpr auto kLeast = static_cast<std::size_t>(kLeastBudgetRows);
  struct Open {
    Part part;
    std::size_t gap;
  };
  const GapTree tree(x);
  std::vector<Open> open{{.part = {.begin = 0, .end = x.size()}, .gap = tree.root()}};
  std::vector<Part> parts;
  while (!open.empty()) {
    const auto [part, k] = open.back();
    open.pop_back();
    bool divide = false;
    if (k != GapTree::kNone) {
      const double gap = x[k + 1] - x[k];
      const double around = std::max(x[k] - x[part.begin], x[part.end - 1] - x[k + 1]);
      divide = x[part.end - 1] - x[part.begin] > width ||
               (gap >= tolerance / 2 && gap > around && k + 1 - part.begin >= kLeast &&
                part.end - k - 1 >= kLeast);
    }
    if (!divide) {
      parts.push_back(part);
      continue;
    }
    open.push_back({.part = {.begin = k + 1, .end = part.end}, .gap = tree.right(k)});
    open.push_back({.part = {.begin = part.begin, .end = k + 1}, .gap = tree.left(k)});
  }
  return parts;
}

bool stands_out(const std::vector<double>& x, Part part, double width, double tolerance) {
  const double first = x[part.begin];
  const double last = x[part.end - 1];
  const double apart = last - first + tolerance / 2;
  if ((part.begin == 0 || first - x[part.begin - 1] > apart) &&
      (part.end == x.size() || x[part.end] - last > apart))
    return true;
  const auto below = std::lower_bound(x.begin(), x.end(), first - width);
  const auto above = std::upper_bound(x.begin(), x.end(), last + width);
  return above - below < 2 * static_cast<std::ptrdiff_t>(part.end - part.begin);
}

double middle(const std::vector<double>& flops) {
  const auto [least, most] = std::ranges::minmax(flops);
  if (least == most) return least;
  double sum = 0;
  for (const double C : flops) sum += std::log(C / least);
  return least * std::exp(sum / static_cast<double>(flops.size()));
}

}  // namespace

std::vector<Budget> recognise_budgets(std::span<const double> flops, double tolerance) {
  std::vector<int> rows;
  std::vector<double> log_C;
  for (std::size_t i = 0; i < flops.size(); ++i) {
    if (!(flops[i] > 0) || !std::isfinite(flops[i])) continue;
    rows.push_back(static_cast<int>(i));
    log_C.push_back(std::log(flops[i]));
  }
  const std::vector<std::size_t> order = ascending(log_C);
  std::vector<double> x;
  x.reserve(order.size());
  for (const std::size_t k : order) x.push_back(log_C[k]);

  // A run at ±tolerance of a middle must not be lost to rounding.
  const double width = std::log1p(tolerance) - std::log1p(-tolerance) + 1e-12;
  std::vector<Budget> budgets;
  for (const Part part : cut(x, width, tolerance)) {
    if (part.end - part.begin < static_cast<std::size_t>(kLeastBudgetRows) ||
        !stands_out(x, part, width, tolerance))
      continue;
    Budget budget{.flops = 0, .rows = {}};
    std::vector<double> members;
    for (std::size_t k = part.begin; k < part.end; ++k) {
      budget.rows.push_back(rows[order[k]]);
      members.push_back(flops[static_cast<std::size_t>(rows[order[k]])]);
    }
    budget.flops = middle(members);
    std::ranges::sort(budget.rows);
    budgets.push_back(std::move(budget));
  }
  return budgets;
}

std::vector<Budget> named_budgets(std::span<const double> budget) {
  std::vector<double> keys;
  std::vector<int> rows;
  for (std::size_t i = 0; i < budget.size(); ++i) {
    if (std::isnan(budget[i])) continue;
    keys.push_back(budget[i]);
    rows.push_back(static_cast<int>(i));
  }
  std::vector<Budget> budgets;
  for (const std::size_t k : ascending(keys)) {
    if (budgets.empty() || budgets.back().flops != keys[k])
      budgets.push_back({.flops = keys[k], .rows = {}});
    budgets.back().rows.push_back(rows[k]);
  }
  return budgets;
}

}  // namespace isoloss
