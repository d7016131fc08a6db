#include <array>
#include <cmath>

#include "api/estimation.h"
#include "api/requests.h"
#include "core/approaches/approach_1.h"
#include "core/approaches/approach_2.h"
#include "core/checks/outliers.h"

namespace isoloss::api {
namespace {

// What a worker answers within seconds.
constexpr int kMostPoints = 5000;
constexpr int kMostDraws = 10'000;
constexpr double kMostDrawnRows = 5e7;
constexpr double kMostDrawnOptima = 1e7;

/// A whole number in a range; absent: `fallback`.
int whole(const Reader& request, const char* key, int fallback, int least, int most) {
  if (!request.has(key)) return fallback;
  const double value = request.number(key);
  if (value >= least && value <= most && value == std::floor(value)) return static_cast<int>(value);
  request.fail(key, "must be a whole number between " + std::to_string(least) + " and " +
                        std::to_string(most) + ".");
  return fallback;
}

Resampling read_resampling(const Reader& request, std::size_t rows, std::size_t targets) {
  Resampling resampling{.draws = whole(request, "draws", 0, 0, kMostDraws), .seed = 0};
  if (request.has("seed")) {
    constexpr double kLargest = 9007199254740991;  // exact in a double
    const double seed = request.number("seed");
    if (seed >= 0 && seed <= kLargest && seed == std::floor(seed))
      resampling.seed = static_cast<std::uint64_t>(seed);
    else
      request.fail("seed", "must be a whole number between 0 and 2^53 − 1.");
  }
  if (static_cast<double>(rows) * resampling.draws > kMostDrawnRows)
    request.fail("draws", "must be fewer for so many runs: at most 50 million in all draws.");
  if (static_cast<double>(targets) * resampling.draws > kMostDrawnOptima)
    request.fail("draws", "must be fewer for so many budgets: at most 10 million in all draws.");
  return resampling;
}

std::vector<double> logs(const std::vector<double>& values) {
  std::vector<double> result;
  result.reserve(values.size());
  for (const double x : values) result.push_back(std::log(x));
  return result;
}

/// A column that may be absent: `rows` long, checked by value.
template <class Valid>
std::vector<double> optional_column(const Columns& columns, const char* id, std::size_t rows,
                                    const char* complaint, Valid valid, Failure& failure) {
  const auto it = columns.find(id);
  if (it == columns.end()) return {};
  const std::string field = "columns." + std::string(id);
  if (it->second.size() != rows) {
    failure.report(field, "has " + std::to_string(it->second.size()) +
                              " rows where the others have " + std::to_string(rows) + ".");
    return {};
  }
  for (std::size_t i = 0; i < rows && !failure; ++i)
    if (!valid(it->second[i]))
      failure.report(field, "row " + std::to_string(i + 1) + " " + complaint);
  return failure ? std::vector<double>{} : it->second;
}

/// An approach asks for budgets and a cost model, not for a law.
Target read_lawless_target(const Reader& request) { return read_target(request, Law{}); }

/// Budgets as the table names them, else recognised from the compute.
std::vector<Budget> read_budgets(const Reader& request, const Columns& columns,
                                 const std::vector<double>& flops) {
  double tolerance = 0.1;
  if (request.has("tolerance")) {
    tolerance = request.number("tolerance");
    if (!(tolerance >= 1e-6 && tolerance <= 0.5))
      request.fail("tolerance", "must lie between 0.000001 and 0.5.");
  }
  const auto named = optional_column(
      columns, "budget", flops.size(), "must be a positive number, or missing.",
      [](double x) { return std::isnan(x) || (x >= 1e-100 && x <= 1e100); }, request.failure());
  if (request.failure()) return {};
  return named.empty() ? recognise_budgets(flops, tolerance) : named_budgets(named);
}

Json pair(double lower, double upper) {
  Json list = Json::array();
  list.push_back(number(lower));
  list.push_back(number(upper));
  return list;
}

Json to_json(const std::optional<Interval>& interval) {
  return interval ? pair(interval->first, interval->second) : Json();
}

Json to_json(const std::optional<PowerLine>& line, const std::optional<Interval>& interval) {
  if (!line) return nullptr;
  return Object()("exponent", line->exponent)("log_coefficient", line->log_coefficient)(
      "exponent_interval", to_json(interval));
}

Json to_json(const std::vector<FitWarning>& warnings) {
  Json list = Json::array();
  for (const FitWarning& warning : warnings)
    list.push_back(Json(Object()("code", warning.code)("coefficients", Json::array())(
        "quantities", Json::array())("value", warning.value)));
  return list;
}

/// The fields that both approaches report.
void add_allocation(Object& report, const Allocation& allocation) {
  Json optima = Json::array();
  for (const Allocation::Optimum& optimum : allocation.optima)
    optima.push_back(Json(Object()("flops", optimum.flops)(
        "params", Object()("value", optimum.params)("interval", to_json(optimum.params_interval)))(
        "tokens",
        Object()("value", optimum.tokens)("interval", to_json(optimum.tokens_interval)))));
  report("params", to_json(allocation.lines.params, allocation.params_exponent))(
      "tokens", to_json(allocation.lines.tokens, allocation.tokens_exponent))("optima",
                                                                              std::move(optima));
}

Answer approach_1_of_runs(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const Target target = read_lawless_target(request);
  const std::size_t rows = column(columns, "flops", failure).size();
  CurvePoints points{.log_params = logs(positive_column(columns, "params", rows, failure)),
                     .log_tokens = logs(positive_column(columns, "tokens", rows, failure)),
                     .log_flops = logs(positive_column(columns, "flops", rows, failure)),
                     .log_loss = logs(positive_column(columns, "loss", rows, failure)),
                     .curve = optional_column(
                         columns, "curve", rows, "must be a number.",
                         [](double x) { return std::isfinite(x); }, failure)};
  const int budgets = whole(request, "points", kEnvelopePoints, 2, kMostPoints);
  const Resampling resampling =
      read_resampling(request, rows + static_cast<std::size_t>(budgets), target.flops.size());
  if (failure) return fail(failure);

  const Approach1 found = approach_1(points, budgets, std::nullopt, resampling, target.flops);
  Columns out;
  for (const auto& point : found.envelope) {
    out["flops"].push_back(std::exp(point.log_flops));
    out["params"].push_back(std::exp(point.log_params));
    out["tokens"].push_back(std::exp(point.log_tokens));
    out["loss"].push_back(std::exp(point.log_loss));
    out["row"].push_back(point.row);
  }
  Object report;
  add_allocation(report, found.allocation);
  report("runs", found.runs)("warnings", to_json(found.warnings));
  return succeed(report, std::move(out));
}

Json to_json(const Parabola& parabola) {
  Json flags = Json::array();
  if (parabola.too_few_points) flags.push_back("too_few_points");
  if (parabola.few_points) flags.push_back("few_points");
  if (parabola.negative_curvature) flags.push_back("negative_curvature");
  if (parabola.vertex_outside) flags.push_back("vertex_outside");
  const auto of = [&](double Parabola::Minimum::* member) {
    return parabola.minimum ? std::optional((*parabola.minimum).*member) : std::nullopt;
  };
  return Object()("log_opt", of(&Parabola::Minimum::log_opt))(
      "loss_opt", of(&Parabola::Minimum::loss_opt))("curvature", of(&Parabola::Minimum::curvature))(
      "range", pair(parabola.lower, parabola.upper))("flags", std::move(flags));
}

Json to_json(const std::vector<int>& rows) {
  Json list = Json::array();
  for (const int row : rows) list.push_back(row);
  return list;
}

Answer approach_2_of_runs(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const Target target = read_lawless_target(request);
  const std::size_t rows = column(columns, "flops", failure).size();
  const auto flops = positive_column(columns, "flops", rows, failure);
  const IsoflopRuns runs{.log_params = logs(positive_column(columns, "params", rows, failure)),
                         .log_tokens = logs(positive_column(columns, "tokens", rows, failure)),
                         .loss = positive_column(columns, "loss", rows, failure)};
  const Resampling resampling = read_resampling(request, rows, target.flops.size());
  std::vector<Budget> budgets = read_budgets(request, columns, flops);
  if (failure) return fail(failure);

  const Approach2 found = approach_2(runs, std::move(budgets), resampling, target.flops);
  Json list = Json::array();
  for (const auto& fit : found.budgets)
    list.push_back(Json(Object()("flops", fit.budget.flops)("rows", to_json(fit.budget.rows))(
        "params", to_json(fit.params))("tokens", to_json(fit.tokens))("used", fit.used)));
  Object report;
  report("budgets", std::move(list))("unassigned", to_json(found.unassigned));
  add_allocation(report, found.allocation);
  report("exponent_sum", found.exponent_sum)("warnings", to_json(found.warnings));
  return succeed(report);
}

Answer bias_of_approach_2(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const LawWithNumbers numbers = read_law_with_numbers(request);
  const Target target = read_target(request, *numbers.law);
  const std::size_t rows = column(columns, "flops", failure).size();
  const auto flops = positive_column(columns, "flops", rows, failure);
  IsoflopRuns design{.log_params = logs(positive_column(columns, "params", rows, failure)),
                     .log_tokens = logs(positive_column(columns, "tokens", rows, failure)),
                     .loss = {}};
  std::vector<Budget> budgets = read_budgets(request, columns, flops);
  for (int k = 0; k < numbers.law->size(); ++k)
    if (std::isnan(numbers.theta[k]))
      failure.report(
          "coefficients." + std::string(numbers.law->coefficients[static_cast<std::size_t>(k)].id),
          "is missing.");
  if (failure) return fail(failure);

  const OptimumQuestion question{.law = numbers.law,
                                 .theta = numbers.theta,
                                 .covariance = nullptr,
                                 .cost = target.cost,
                                 .log_other = target.log_other};
  const Approach2Bias bias =
      approach_2_bias(question, std::move(design), std::move(budgets), target.flops);
  Json optima = Json::array();
  for (const auto& optimum : bias.optima)
    optima.push_back(
        Json(Object()("flops", optimum.flops)("params", optimum.params)("tokens", optimum.tokens)));
  return succeed(Object()("optima", std::move(optima))("params_exponent", bias.params_exponent)(
      "tokens_exponent", bias.tokens_exponent));
}

Answer outliers_of_fit(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  read_specification(request);
  const std::size_t rows = column(columns, "residual", failure).size();
  // e^700 is the largest ratio of losses that a double holds.
  const auto residual = [](double x) { return std::abs(x) <= 700; };
  const auto known_or_not = [](double x) { return !std::isinf(x); };
  FittedRuns runs{
      .residual = optional_column(columns, "residual", rows,
                                  "must be a number between −700 and 700.", residual, failure),
      .log_params = {},
      .flops = optional_column(columns, "flops", rows, "must be a number, or missing.",
                               known_or_not, failure),
      .influence = optional_column(columns, "influence", rows, "must be a number, or missing.",
                                   known_or_not, failure),
      .standard_error = std::nullopt};
  if (columns.contains("params"))
    runs.log_params = logs(positive_column(columns, "params", rows, failure));
  if (request.has("standard_error")) {
    runs.standard_error = request.number("standard_error");
    if (!(*runs.standard_error >= 0) || !std::isfinite(*runs.standard_error))
      request.fail("standard_error", "must be 0 or more, or null.");
    if (*runs.standard_error == 0) runs.standard_error.reset();  // no yardstick
  }
  if (failure) return fail(failure);

  const Outliers found = find_outliers(runs);
  Json outliers = Json::array();
  for (const Outlier& outlier : found.outliers) {
    Json reasons = Json::array();
    for (const OutlierReason& reason : outlier.reasons)
      reasons.push_back(Json(
          Object()("code", reason.code)("value", reason.value)("threshold", reason.threshold)));
    outliers.push_back(Json(Object()("row", outlier.row)("reasons", std::move(reasons))));
  }
  return succeed(Object()("scale", found.scale)("outliers", std::move(outliers)));
}

}  // namespace

std::span<const Operation> approach_operations() {
  static constexpr std::array kOperations{
      Operation{.id = "approach_1", .run = approach_1_of_runs},
      Operation{.id = "approach_2", .run = approach_2_of_runs},
      Operation{.id = "approach_2_bias", .run = bias_of_approach_2},
      Operation{.id = "outliers", .run = outliers_of_fit},
  };
  return kOperations;
}

}  // namespace isoloss::api
