#include "core/approaches/approach_1.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/math/order.h"
#include "core/math/random.h"

namespace isoloss {
namespace {

constexpr double kManyMissing = 0.05;
/// So many of the best runs are kept per budget: that a draw takes none of them happens once in
/// e^32.
constexpr std::size_t kContenders = 32;

using Point = Approach1::Point;

struct Contender {
  std::uint32_t run;
  Point point;
};
/// Best first; per budget.
using Contenders = std::vector<Contender>;

struct Run {
  std::vector<std::size_t> rows;  ///< by ascending compute
};

std::vector<Run> runs_of(const CurvePoints& points) {
  std::vector<Run> runs;
  const std::size_t n = points.log_flops.size();
  if (points.curve.empty()) {
    for (std::size_t i = 0; i < n; ++i) runs.push_back({.rows = {i}});
    return runs;
  }
  const std::vector<std::size_t> by_flops = ascending(points.log_flops);
  std::vector<double> names;
  names.reserve(n);
  for (const std::size_t i : by_flops) names.push_back(points.curve[i]);
  double last = 0;
  for (const std::size_t k : ascending(names)) {
    if (runs.empty() || names[k] != last) runs.emplace_back();
    last = names[k];
    runs.back().rows.push_back(by_flops[k]);
  }
  return runs;
}

class Envelope {
 public:
  Envelope(const CurvePoints& points, std::vector<Run> runs)
      : points_(points), runs_(std::move(runs)) {}

  bool has_curves() const {
    return std::ranges::any_of(runs_, [&](const Run& run) { return first(run) < last(run); });
  }

  /// ln C at which at least two runs have a curve; all of it where no two overlap.
  std::pair<double, double> overlap() const {
    std::vector<std::pair<double, int>> ends;
    for (const Run& run : runs_) {
      if (!(first(run) < last(run))) continue;
      ends.emplace_back(first(run), -1);
      ends.emplace_back(last(run), 1);
    }
    std::ranges::sort(ends);
    std::pair<double, double> all{ends.front().first, ends.back().first};
    std::optional<double> from;
    double to = all.first;
    int running = 0;
    for (const auto& [log_C, end] : ends) {
      if (running >= 2) to = log_C;
      running -= end;
      if (running >= 2 && !from) from = log_C;
    }
    return from && *from < to ? std::pair(*from, to) : all;
  }

  /// The contenders at every budget that any run covers.
  std::vector<Contenders> at(int budgets, std::pair<double, double> log_range) const {
    std::vector<Contenders> result(static_cast<std::size_t>(budgets));
    const double step = (log_range.second - log_range.first) / std::max(1, budgets - 1);
    for (std::uint32_t r = 0; r < runs_.size(); ++r) {
      const Run& run = runs_[r];
      if (!(first(run) < last(run))) continue;
      std::size_t k = 0;  // rows[k] to rows[k + 1] holds the budget
      const double skipped = std::ceil((first(run) - log_range.first) / step - 1e-9);
      auto b = step > 0 ? static_cast<std::size_t>(std::clamp(skipped, 0.0, budgets * 1.0)) : 0;
      for (; b < result.size(); ++b) {
        // Ends of a curve that are budgets must not be lost to rounding.
        const double log_C = log_range.first + step * static_cast<double>(b);
        constexpr double kRounding = 1e-12;
        const double reach = kRounding * std::abs(log_C);
        if (log_C < first(run) - reach) continue;
        if (log_C > last(run) + reach) break;
        while (k + 2 < run.rows.size() && points_.log_flops[run.rows[k + 1]] < log_C) ++k;
        // Steps without compute of their own are no interval.
        add(result[b], {.run = r, .point = between(run.rows[k], run.rows[k + 1], log_C)});
      }
    }
    std::erase_if(result, [](const Contenders& contenders) { return contenders.empty(); });
    return result;
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(runs_.size()); }

 private:
  double first(const Run& run) const { return points_.log_flops[run.rows.front()]; }
  double last(const Run& run) const { return points_.log_flops[run.rows.back()]; }

  Point between(std::size_t i, std::size_t j, double log_C) const {
    const double span = points_.log_flops[j] - points_.log_flops[i];
    const double share =
        span > 0 ? std::clamp((log_C - points_.log_flops[i]) / span, 0.0, 1.0) : 0.0;
    const auto mix = [&](const std::vector<double>& y) { return y[i] + share * (y[j] - y[i]); };
    return {.log_flops = log_C,
            .log_params = mix(points_.log_params),
            .log_tokens = mix(points_.log_tokens),
            .log_loss = mix(points_.log_loss),
            .row = static_cast<int>(share < 1 ? i : j)};
  }

  static void add(Contenders& contenders, const Contender& candidate) {
    const auto place =
        std::ranges::upper_bound(contenders, candidate.point.log_loss, {},
                                 [](const Contender& c) { return c.point.log_loss; });
    if (static_cast<std::size_t>(place - contenders.begin()) >= kContenders) return;
    contenders.insert(place, candidate);
    if (contenders.size() > kContenders) contenders.pop_back();
  }

  const CurvePoints& points_;
  std::vector<Run> runs_;
};

class Lines {
 public:
  void add(const Point& point) {
    log_C_.push_back(point.log_flops);
    log_N_.push_back(point.log_params);
    log_D_.push_back(point.log_tokens);
  }
  PowerLines lines() const {
    return {.params = fit_power_line(log_C_, log_N_), .tokens = fit_power_line(log_C_, log_D_)};
  }

 private:
  std::vector<double> log_C_;
  std::vector<double> log_N_;
  std::vector<double> log_D_;
};

/// Which runs a draw with replacement takes at all.
std::vector<char> drawn(std::uint32_t runs, const Resampling& resampling, int draw) {
  Random random = Random::stream(resampling.seed, static_cast<std::uint64_t>(draw));
  std::vector<char> taken(runs, 0);
  for (std::uint32_t i = 0; i < runs; ++i) taken[random.below(runs)] = 1;
  return taken;
}

/// The frontier of rows: as compute grows, each that beats all before.
class Frontier {
 public:
  explicit Frontier(const CurvePoints& points)
      : points_(points), order_(ascending(points.log_flops)) {
    // Of equal compute the best first, of equally good ones the first.
    std::ranges::sort(order_, [&](std::size_t a, std::size_t b) {
      if (points.log_flops[a] != points.log_flops[b])
        return points.log_flops[a] < points.log_flops[b];
      return points.log_loss[a] != points.log_loss[b] ? points.log_loss[a] < points.log_loss[b]
                                                      : a < b;
    });
  }
  template <class Visit>
  void walk(const std::vector<char>& taken, Visit visit) const {
    double best = std::numeric_limits<double>::infinity();
    for (const std::size_t i : order_) {
      if (taken[i] == 0 || !(points_.log_loss[i] < best)) continue;
      best = points_.log_loss[i];
      visit(Point{.log_flops = points_.log_flops[i],
                  .log_params = points_.log_params[i],
                  .log_tokens = points_.log_tokens[i],
                  .log_loss = best,
                  .row = static_cast<int>(i)});
    }
  }

 private:
  const CurvePoints& points_;
  std::vector<std::size_t> order_;
};

}  // namespace

Approach1 approach_1(const CurvePoints& points, int budgets,
                     std::optional<std::pair<double, double>> range, const Resampling& resampling,
                     std::span<const double> flops) {
  Approach1 result;
  const Envelope envelope(points, runs_of(points));
  std::string_view code;
  const auto warn = [&](std::optional<double> value) {
    result.warnings.push_back({.code = code, .coefficients = {}, .quantities = {}, .value = value});
  };
  Lines best;
  std::vector<PowerLines> draws;
  if (envelope.has_curves()) {
    const auto log_range =
        range ? std::pair(std::log(range->first), std::log(range->second)) : envelope.overlap();
    const std::vector<Contenders> contenders = envelope.at(budgets, log_range);
    std::vector<char> ever(envelope.size(), 0);
    for (const Contenders& at : contenders) {
      result.envelope.push_back(at.front().point);
      best.add(at.front().point);
      ever[at.front().run] = 1;
    }
    result.runs = static_cast<int>(std::ranges::count(ever, 1));
    for (int draw = 0; draw < resampling.draws; ++draw) {
      const std::vector<char> taken = drawn(envelope.size(), resampling, draw);
      Lines lines;
      for (const Contenders& at : contenders) {
        const auto first = std::ranges::find_if(
            at, [&](const Contender& contender) { return taken[contender.run] != 0; });
        if (first != at.end()) lines.add(first->point);
      }
      draws.push_back(lines.lines());
    }
  } else {
    code = "no_training_curves";
    warn(std::nullopt);
    const Frontier frontier(points);
    frontier.walk(std::vector<char>(points.log_flops.size(), 1), [&](const Point& point) {
      result.envelope.push_back(point);
      best.add(point);
    });
    result.runs = static_cast<int>(result.envelope.size());
    for (int draw = 0; draw < resampling.draws; ++draw) {
      Lines lines;
      frontier.walk(drawn(envelope.size(), resampling, draw),
                    [&](const Point& point) { lines.add(point); });
      draws.push_back(lines.lines());
    }
  }
  if (result.runs < 3) {
    code = "few_best_runs";
    warn(result.runs);
  }
  result.allocation = allocate(best.lines(), draws, flops);
  if (result.allocation.missing_draws > kManyMissing) {
    code = "missing_draws";
    warn(result.allocation.missing_draws);
  }
  return result;
}

}  // namespace isoloss
