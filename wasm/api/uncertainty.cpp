#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "api/estimation.h"
#include "api/requests.h"
#include "core/uncertainty/bootstrap.h"
#include "core/uncertainty/functional.h"

namespace isoloss::api {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string id_of(const Law& law, std::size_t k) { return std::string(law.coefficients[k].id); }

/// A whole number within limits; `fallback` where the field is absent (nullopt: it must be there).
std::uint64_t read_count(const Reader& request, const char* key, double lowest, double highest,
                         std::optional<double> fallback = std::nullopt) {
  const double value = fallback && !request.has(key) ? *fallback : request.number(key);
  if (value >= lowest && value <= highest && value == std::floor(value))
    return static_cast<std::uint64_t>(value);
  request.fail(key, "must be a whole number from " +
                        std::to_string(static_cast<std::int64_t>(lowest)) + " to " +
                        std::to_string(static_cast<std::int64_t>(highest)) + ".");
  return static_cast<std::uint64_t>(lowest);
}

std::uint64_t read_seed(const Reader& request) { return read_count(request, "seed", 0, 0x1p53); }

double read_level(const Reader& request) {
  constexpr double kUsual = 0.95;
  if (!request.has("level")) return kUsual;
  const double level = request.number("level");
  if (level > 0 && level < 1) return level;
  request.fail("level", "must lie between 0 and 1.");
  return kUsual;
}

bool read_flag(const Reader& request, const char* key) {
  return request.has(key) && request.flag(key);
}

/// A half-open range of at most `most` numbers.
struct Range {
  std::uint64_t from;
  std::uint64_t to;
};
Range read_range(const Reader& request, double most, double end = 0x1p53) {
  const Range range{.from = read_count(request, "from", 0, end),
                    .to = read_count(request, "to", 0, end)};
  if (range.from <= range.to && static_cast<double>(range.to - range.from) <= most) return range;
  request.fail("to", "must be no smaller than from, and no more than " +
                         std::to_string(static_cast<std::int64_t>(most)) + " larger.");
  return {.from = 0, .to = 0};
}

/// A column of any values, `rows` long.
const std::vector<double>& long_column(const Columns& columns, const std::string& id,
                                       std::size_t rows, Failure& failure) {
  const std::vector<double>& values = column(columns, id, failure);
  if (values.size() != rows)
    failure.report("columns." + id, "has " + std::to_string(values.size()) +
                                        " entries where the others have " + std::to_string(rows) +
                                        ".");
  return values;
}

// --- Bootstrap ---------------------------------------------------------------------------------

/// Cluster of each row; empty where no column was sent.
std::vector<double> read_clusters(const Columns& columns, std::size_t rows, Failure& failure) {
  if (!columns.contains("cluster")) return {};
  const std::vector<double>& cluster = long_column(columns, "cluster", rows, failure);
  for (const double x : cluster)
    if (!std::isfinite(x)) failure.report("columns.cluster", "must hold a number in every row.");
  return cluster;
}

Answer run_bootstrap(const Reader& request, const Columns& columns) {
  // Draws times rows of one call: some ten seconds.
  constexpr double kMostWork = 2e8;
  constexpr double kMostDraws = 1e5;
  const auto fitted = read_fitted(request, columns);
  const std::uint64_t seed = read_seed(request);
  const std::uint64_t every = read_count(request, "every", 1, kMostDraws, 1);
  const std::string effort = request.text("effort");
  if (effort != "warm" && effort != "thorough") request.fail("effort", "must be warm or thorough.");
  const double rows = fitted ? static_cast<double>(fitted->setup.runs.size()) : 1;
  const Range range =
      read_range(request, std::floor(std::clamp(kMostWork / rows, 1.0, kMostDraws)));
  const std::vector<double> cluster =
      read_clusters(columns, static_cast<std::size_t>(rows), request.failure());
  if (request.failure()) return fail(request.failure());

  const Law& law = *fitted->setup.specification.law;
  Bootstrap bootstrap(fitted->setup, fitted->theta, seed, cluster);
  Columns out;
  out["objective"];
  out["at_bound"];
  for (std::size_t k = 0; k < law.coefficients.size(); ++k) out[id_of(law, k)];
  for (std::uint64_t i = (range.from + every - 1) / every * every; i < range.to; i += every) {
    const Bootstrap::Draw draw =
        bootstrap.draw(i, effort == "warm" ? Refitter::Effort::warm : Refitter::Effort::thorough);
    for (std::size_t k = 0; k < law.coefficients.size(); ++k)
      out[id_of(law, k)].push_back(draw.coefficients[k]);
    out["objective"].push_back(draw.objective);
    out["at_bound"].push_back(draw.at_bound ? 1 : 0);
  }
  return succeed(Json::object(), std::move(out));
}

Answer run_audit(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  constexpr double kMostRows = 1e9;
  const int rows = static_cast<int>(read_count(request, "rows", 1, kMostRows));
  const std::vector<double>& warm = column(columns, "objective", failure);
  const std::vector<double>& thorough = long_column(columns, "audited", warm.size(), failure);
  const std::vector<double>& at_bound = long_column(columns, "at_bound", warm.size(), failure);
  if (failure) return fail(failure);
  const Audit found = audit(warm, thorough, at_bound, rows);
  Json reason;
  switch (found.reason) {
    case Audit::Reason::missed_optimum:
      reason = "missed_optimum";
      break;
    case Audit::Reason::few_runs:
      reason = "few_runs";
      break;
    case Audit::Reason::at_bounds:
      reason = "at_bounds";
      break;
    case Audit::Reason::none:
      break;
  }
  return succeed(Object()("rerun", found.reason != Audit::Reason::none)(
      "reason", std::move(reason))("audited", found.audited)("missed", found.missed));
}

// --- Intervals ---------------------------------------------------------------------------------

Json pair(double lower, double upper) {
  if (!std::isfinite(lower) || !std::isfinite(upper)) return nullptr;
  Json list = Json::array();
  list.push_back(lower);
  list.push_back(upper);
  return list;
}

Object draw_estimate(Object object, double value, const DrawSummary& summary) {
  object("value", value)("median", summary.median)("standard_error", summary.standard_deviation)(
      "interval", pair(summary.lower, summary.upper))("missing", summary.missing);
  return object;
}

/// Of a positive quantity summarised by its logarithm: the standard error is that of the logarithm
/// times the value, the percentiles are those of the quantity itself.
Json positive_estimate(double log_value, DrawSummary summary) {
  const double size = std::exp(std::isfinite(log_value) ? log_value : summary.median);
  summary.standard_deviation *= size;
  summary.median = std::exp(summary.median);
  summary.lower = std::exp(summary.lower);
  summary.upper = std::exp(summary.upper);
  return draw_estimate(Object(), std::exp(log_value), summary);
}

/// Of offset + slope · x, slope < 0.
DrawSummary mirrored(const DrawSummary& x, double offset, double slope) {
  return {.count = x.count,
          .missing = x.missing,
          .median = offset + slope * x.median,
          .standard_deviation = -slope * x.standard_deviation,
          .lower = offset + slope * x.upper,
          .upper = offset + slope * x.lower};
}

/// Sets of coefficients, one per draw: columns named by `prefix` and the coefficient's id.
struct Draws {
  std::vector<const std::vector<double>*> columns;  ///< per coefficient
  std::vector<Vector> theta;
};
Draws read_draws(const Law& law, const Columns& columns, const std::string& prefix,
                 Failure& failure) {
  constexpr std::size_t kMostDraws = 1'000'000;
  Draws draws;
  const std::size_t count = column(columns, prefix + id_of(law, 0), failure).size();
  if (count > kMostDraws)
    failure.report("columns." + prefix + id_of(law, 0), "must not hold more than 1,000,000 draws.");
  for (std::size_t k = 0; k < law.coefficients.size(); ++k)
    draws.columns.push_back(&long_column(columns, prefix + id_of(law, k), count, failure));
  if (failure) return draws;
  std::vector<double> natural(law.coefficients.size());
  draws.theta.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < natural.size(); ++k) natural[k] = (*draws.columns[k])[i];
    draws.theta.push_back(theta_of(law, natural));
  }
  return draws;
}

Answer find_intervals(const Reader& request, const Columns& columns) {
  constexpr std::size_t kMostWork = 5'000'000;
  Failure& failure = request.failure();
  const LawWithNumbers numbers = read_law_with_numbers(request);
  const Law& law = *numbers.law;
  const Target target = read_target(request, law);
  const double level = read_level(request);
  const bool with_columns = read_flag(request, "columns");
  const Draws draws = read_draws(law, columns, "", failure);
  const std::vector<double>& at_bound = long_column(
      columns, "at_bound", draws.columns.empty() ? 0 : draws.columns[0]->size(), failure);
  const std::size_t count = draws.theta.size();
  if (target.flops.size() * count > kMostWork)
    request.fail("flops", "times the number of draws must not exceed 5,000,000.");
  if (failure) return fail(failure);

  Columns out;
  const Functionals functionals(law, target, numbers.theta);
  const auto by_draw = [&](const Functional& functional) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i)
      values[i] = functionals.value(functional, draws.theta[i]);
    return values;
  };

  int failed = 0;
  int bounded = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool none = std::ranges::all_of(
        draws.columns, [&](const std::vector<double>* x) { return std::isnan((*x)[i]); });
    failed += none ? 1 : 0;
    bounded += !none && at_bound[i] > 0 ? 1 : 0;
  }
  Json coefficients = Json::object();
  const std::vector<double> fitted = law.to_natural(numbers.theta);
  for (std::size_t k = 0; k < law.coefficients.size(); ++k)
    coefficients[id_of(law, k)] =
        draw_estimate(Object(), fitted[k], summarise(*draws.columns[k], level));

  Json implied = Json::array();
  for (const ExponentOfCompute& exponent : {kParamsExponent, kTokensExponent}) {
    const auto functional = functionals.find(exponent.id);
    if (!functional) continue;
    std::vector<double> values = by_draw(*functional);
    Object named;
    named("id", exponent.id)("symbol", exponent.symbol)("name", exponent.name);
    implied.push_back(
        Json(draw_estimate(std::move(named), functionals.value(*functional, numbers.theta),
                           summarise(values, level))));
    if (with_columns) out[std::string(exponent.id)] = std::move(values);
  }

  Json optima = Json::array();
  const bool proportional = target.cost.model->proportional;
  for (std::size_t b = 0; b < target.flops.size(); ++b) {
    std::vector<double> log_N(count, kNone);
    std::vector<double> log_D(proportional && !with_columns ? 0 : count, kNone);
    std::vector<double> log_L(count, kNone);
    std::vector<double> log_ratio(log_D.size(), kNone);
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = functionals.optimum(draws.theta[i], b);
      if (!found) continue;
      log_N[i] = found->params;
      log_L[i] = found->loss;
      if (log_D.empty()) continue;
      log_D[i] = found->tokens;
      log_ratio[i] = found->tokens - found->params;
    }
    const auto centre = functionals.optimum(numbers.theta, b);
    const LogOptimum value =
        centre.value_or(LogOptimum{.params = kNone, .tokens = kNone, .loss = kNone});
    const DrawSummary params = summarise(log_N, level);
    if (!centre && params.count == 0) {
      optima.push_back(nullptr);
    } else {
      // Under C = k·N·D the tokens mirror the parameters: nothing to sort again.
      const double offset = std::log(target.flops[b]) - target.cost.log_flops_per_token(0);
      const DrawSummary tokens =
          proportional ? mirrored(params, offset, -1) : summarise(log_D, level);
      const DrawSummary ratio =
          proportional ? mirrored(params, offset, -2) : summarise(log_ratio, level);
      optima.push_back(Json(
          Object()("flops", target.flops[b])("params", positive_estimate(value.params, params))(
              "tokens", positive_estimate(value.tokens, tokens))(
              "tokens_per_param", positive_estimate(value.tokens - value.params, ratio))(
              "loss", positive_estimate(value.loss, summarise(log_L, level)))));
    }
    if (!with_columns) continue;
    const std::string number = ":" + std::to_string(b);
    const auto keep = [&](const char* name, std::vector<double>& logs) {
      std::ranges::transform(logs, logs.begin(), [](double x) { return std::exp(x); });
      out[name + number] = std::move(logs);
    };
    keep("params", log_N);
    keep("tokens", log_D);
    keep("tokens_per_param", log_ratio);
    keep("loss", log_L);
  }
  const double fits = std::max(1.0, static_cast<double>(count) - failed);
  return succeed(Object()("level", level)("draws", static_cast<double>(count))("failed", failed)(
                     "at_bound", bounded / fits)("coefficients", std::move(coefficients))(
                     "implied", std::move(implied))("optima", std::move(optima)),
                 std::move(out));
}

constexpr std::array kOperations{
    Operation{.id = "bootstrap", .run = run_bootstrap},
    Operation{.id = "audit", .run = run_audit},
    Operation{.id = "intervals", .run = find_intervals},
};

}  // namespace

std::span<const Operation> uncertainty_operations() { return kOperations; }

}  // namespace isoloss::api
