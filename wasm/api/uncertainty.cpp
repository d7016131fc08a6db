#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "api/estimation.h"
#include "api/requests.h"
#include "core/uncertainty/bands.h"
#include "core/uncertainty/bootstrap.h"
#include "core/uncertainty/functional.h"
#include "core/uncertainty/influence.h"
#include "core/uncertainty/next_run.h"
#include "core/uncertainty/profile.h"
#include "core/uncertainty/self_test.h"

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

constexpr std::array<std::pair<std::string_view, Refitter::Effort>, 3> kEfforts{
    {{"warm", Refitter::Effort::warm},
     {"scanned", Refitter::Effort::scanned},
     {"thorough", Refitter::Effort::thorough}}};

Answer run_bootstrap(const Reader& request, const Columns& columns) {
  // Draws times rows of one call: some ten seconds.
  constexpr double kMostWork = 2e8;
  constexpr double kMostDraws = 1e5;
  const auto fitted = read_fitted(request, columns);
  const std::uint64_t seed = read_seed(request);
  const std::uint64_t every = read_count(request, "every", 1, kMostDraws, 1);
  const std::string effort = request.text("effort");
  const auto* const known =
      std::ranges::find(kEfforts, effort, &std::pair<std::string_view, Refitter::Effort>::first);
  if (known == kEfforts.end()) request.fail("effort", "must be warm, scanned or thorough.");
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
    const Bootstrap::Draw draw = bootstrap.draw(i, known->second);
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

// --- Bands ------------------------------------------------------------------------------------

Answer find_bands(const Reader& request, const Columns& columns) {
  constexpr std::size_t kMostWork = 20'000'000;
  Failure& failure = request.failure();
  const Law& law = read_law(request);
  const double level = read_level(request);
  const std::uint64_t seed = read_seed(request);
  const Draws draws = read_draws(law, columns, "draw.", failure);
  std::vector<std::vector<double>> grid;
  const auto grid_id = [](Quantity quantity) { return "at." + std::string(info(quantity).id); };
  const std::size_t points = column(columns, grid_id(law.variables[0]), failure).size();
  for (const Quantity variable : law.variables)
    grid.push_back(positive_column(columns, grid_id(variable), points, failure));
  const std::vector<double>& residuals = column(columns, "residual", failure);
  const bool by_compute = columns.contains("residual.flops") && columns.contains("at.flops");
  std::vector<double> run_log_flops;
  std::vector<double> log_flops(points, 0.0);
  if (by_compute) {
    run_log_flops = positive_column(columns, "residual.flops", residuals.size(), failure);
    log_flops = positive_column(columns, "at.flops", points, failure);
    for (auto* values : {&run_log_flops, &log_flops})
      std::ranges::transform(*values, values->begin(), [](double x) { return std::log(x); });
  }
  for (const double r : residuals)
    if (!std::isfinite(r)) failure.report("columns.residual", "must hold a number in every row.");
  if (points * draws.theta.size() > kMostWork)
    failure.report("columns", "hold more than 20,000,000 points times draws.");
  if (failure) return fail(failure);

  const Bands bands({.law = &law,
                     .draws = draws.theta,
                     .residuals = residuals,
                     .residual_log_flops = run_log_flops,
                     .level = level,
                     .seed = seed});
  Columns out;
  for (const char* id : {"lower", "upper", "new_lower", "new_upper"}) out[id];
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < points; ++i) {
    for (std::size_t v = 0; v < grid.size(); ++v) x[v] = std::log(grid[v][i]);
    const Band band = bands.at(i, x.data(), log_flops[i]);
    out["lower"].push_back(band.lower);
    out["upper"].push_back(band.upper);
    out["new_lower"].push_back(band.new_lower);
    out["new_upper"].push_back(band.new_upper);
  }
  return succeed(Json::object(), std::move(out));
}

// --- What the fit hangs on ---------------------------------------------------------------------

/// A fit with a target, as most operations get them.
struct Question {
  std::unique_ptr<const Fitted> fitted;
  Target target;
};
/// Without a fit where the request cannot be understood.
Question read_question(const Reader& request, const Columns& columns) {
  Question question{.fitted = read_fitted(request, columns), .target = {}};
  const Law* law = find_law(request.text("law"));
  question.target = read_target(request, law == nullptr ? laws().front() : *law);
  if (request.failure()) question.fitted = nullptr;
  return question;
}

std::size_t rows_of(const Question& question) {
  return question.fitted ? question.fitted->setup.runs.size() : 1;
}

/// How the answers move, entry by entry: every coefficient, and the optimum at the first budget as
/// ln of its ratio to the fit's (changes) or as it is (values).
class Moves {
 public:
  enum class As { changes, values };

  Moves(const Question& question, const Functionals& functionals, std::string prefix, As as)
      : setup_(question.fitted->setup),
        functionals_(functionals),
        prefix_(std::move(prefix)),
        with_optimum_(functionals.find("params").has_value()),
        as_(as) {
    if (with_optimum_) centre_ = functionals.optimum(question.fitted->theta, 0);
  }

  void add(const std::optional<Vector>& theta) {
    const Law& law = *setup_.specification.law;
    const std::vector<double> coefficients =
        theta ? reported_coefficients(setup_, *theta)
              : std::vector<double>(law.coefficients.size(), kNone);
    for (std::size_t k = 0; k < coefficients.size(); ++k)
      columns_[prefix_ + id_of(law, k)].push_back(coefficients[k]);
    if (!with_optimum_) return;
    const auto found = theta ? functionals_.optimum(*theta, 0) : std::nullopt;
    const auto answer = [&](const char* id, double LogOptimum::* of) {
      double value = kNone;
      if (found && as_ == As::values) value = std::exp((*found).*of);
      if (found && as_ == As::changes && centre_) value = (*found).*of - (*centre_).*of;
      columns_[prefix_ + id].push_back(value);
      return value;
    };
    const double params = answer("params:0", &LogOptimum::params);
    const double tokens = answer("tokens:0", &LogOptimum::tokens);
    answer("loss:0", &LogOptimum::loss);
    if (as_ == As::values) columns_[prefix_ + "tokens_per_param:0"].push_back(tokens / params);
  }

  Columns& columns() { return columns_; }

 private:
  const FitSetup& setup_;
  const Functionals& functionals_;
  std::string prefix_;
  bool with_optimum_;
  As as_;
  std::optional<LogOptimum> centre_;
  Columns columns_;
};

Answer find_influence(const Reader& request, const Columns& columns) {
  // Rows refitted times rows of one call.
  constexpr double kMostWork = 2e8;
  const Question question = read_question(request, columns);
  const auto rows = static_cast<double>(rows_of(question));
  const bool refitted = rows_of(question) <= LeaveOneOut::kMostRefitted;
  const Range range =
      read_range(request, refitted ? std::floor(std::max(1.0, kMostWork / rows)) : rows, rows);
  if (request.failure()) return fail(request.failure());
  const FitSetup& setup = question.fitted->setup;
  const Functionals functionals(*setup.specification.law, question.target, question.fitted->theta);
  LeaveOneOut leave(setup, question.fitted->theta);
  Moves moves(question, functionals, "", Moves::As::changes);
  for (std::uint64_t i = range.from; i < range.to; ++i)
    moves.add(leave.without(static_cast<std::size_t>(i)));
  return succeed(Object()("method", leave.exact() ? "exact" : "one_step"),
                 std::move(moves.columns()));
}

Answer find_paths(const Reader& request, const Columns& columns) {
  constexpr double kMostWork = 1e8;
  constexpr double kMostDropped = 500;
  constexpr double kMostDeltas = 200;
  const Question question = read_question(request, columns);
  const std::uint64_t drop = read_count(request, "drop", 0, kMostDropped);
  const std::uint64_t deltas = read_count(request, "deltas", 0, kMostDeltas);
  if (deltas == 1) request.fail("deltas", "must be 0, or 2 and more.");
  if (static_cast<double>((drop + deltas) * rows_of(question)) > kMostWork)
    request.fail("drop", "and deltas times the number of runs must not exceed 100,000,000.");
  if (request.failure()) return fail(request.failure());
  const FitSetup& setup = question.fitted->setup;
  const Functionals functionals(*setup.specification.law, question.target, question.fitted->theta);
  Moves dropped(question, functionals, "drop.", Moves::As::values);
  std::vector<double> rows;
  for (const Dropped& step : drop_worst(setup, question.fitted->theta, static_cast<int>(drop))) {
    dropped.add(step.theta);
    rows.push_back(step.row ? static_cast<double>(*step.row) : kNone);
  }
  Columns out = std::move(dropped.columns());
  out["drop.row"] = std::move(rows);
  Moves moved(question, functionals, "delta.", Moves::As::values);
  std::vector<double> at;
  if (deltas > 0)
    for (const AtDelta& step :
         delta_path(setup, question.fitted->theta, static_cast<int>(deltas))) {
      moved.add(step.theta);
      at.push_back(step.delta);
    }
  out.merge(moved.columns());
  out["delta"] = std::move(at);
  return succeed(Json::object(), std::move(out));
}

Answer find_profile(const Reader& request, const Columns& columns) {
  constexpr double kMostWork = 1e8;
  constexpr double kMostPoints = 401;
  constexpr double kUsualPoints = 41;
  const Question question = read_question(request, columns);
  const std::string of = request.text("of");
  const auto points = static_cast<int>(read_count(request, "points", 3, kMostPoints, kUsualPoints));
  // Some dozens of evaluations a point.
  if (40.0 * points * static_cast<double>(rows_of(question)) > 20 * kMostWork)
    request.fail("points", "times the number of runs is too many.");
  if (request.failure()) return fail(request.failure());
  const FitSetup& setup = question.fitted->setup;
  const Functionals functionals(*setup.specification.law, question.target, question.fitted->theta);
  const auto functional = functionals.find(of);
  if (!functional) {
    request.fail("of", "“" + of + "” is no coefficient of " +
                           std::string(setup.specification.law->id) +
                           " and nothing that follows from one.");
    return fail(request.failure());
  }
  Profile found = profile(setup, question.fitted->theta, functionals, *functional, points);
  return succeed(Object()("value", found.value)("lower", found.lower)("upper", found.upper),
                 {{"x", std::move(found.x)}, {"deviance", std::move(found.deviance)}});
}

// --- Next run ----------------------------------------------------------------------------------

/// ln of the bounds of a quantity in the request's `range`, widened by kNextRunReach to both sides;
/// else those of a column; else anything.
std::pair<double, double> read_limits(const Reader& range, const char* id,
                                      const std::vector<double>* values) {
  double low = 1e-300;
  double high = 1e300;
  if (range.has(id)) {
    const Json& bounds = range.array(id);
    if (bounds.size() != 2 || !bounds[0].is_number() || !bounds[1].is_number() ||
        !(bounds[0].get<double>() > 0) || !(bounds[1].get<double>() >= bounds[0].get<double>()) ||
        !std::isfinite(bounds[1].get<double>())) {
      range.fail(id, "must be two positive numbers, the smaller first.");
    } else {
      low = bounds[0].get<double>();
      high = bounds[1].get<double>();
    }
  } else if (values != nullptr && !values->empty()) {
    low = *std::ranges::min_element(*values);
    high = *std::ranges::max_element(*values);
  }
  return {std::log(low) - std::log(kNextRunReach), std::log(high) + std::log(kNextRunReach)};
}

Answer find_next_run(const Reader& request, const Columns& columns) {
  const Question question = read_question(request, columns);
  const Reader range = request.object("range");
  const auto sent = [&](const char* id) {
    const auto it = columns.find(id);
    return it == columns.end() ? nullptr : &it->second;
  };
  NextRunLimits limits{.log_flops = 0,
                       .log_params = read_limits(range, "params", sent("params")),
                       .log_tokens = read_limits(range, "tokens", sent("tokens")),
                       .log_tokens_per_param = {}};
  if (request.has("largest_flops")) {
    const double largest = request.number("largest_flops");
    if (!(largest > 0) || !std::isfinite(largest))
      request.fail("largest_flops", "must be a positive number.");
    limits.log_flops = std::log(largest);
  }
  if (request.failure()) return fail(request.failure());
  const FitSetup& setup = question.fitted->setup;
  const Law& law = *setup.specification.law;
  const Vector& theta = question.fitted->theta;
  const auto params = law.variable_index(Quantity::params);
  const auto tokens = law.variable_index(Quantity::tokens);
  if (params && tokens) {
    const std::vector<double>& log_N = setup.runs.log_x[static_cast<std::size_t>(*params)];
    const std::vector<double>& log_D = setup.runs.log_x[static_cast<std::size_t>(*tokens)];
    limits.log_tokens_per_param = next_run_ratios(log_N, log_D);
    if (!request.has("largest_flops")) {
      limits.log_flops = -std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < log_N.size(); ++i)
        limits.log_flops = std::max(limits.log_flops,
                                    question.target.cost.log_flops_per_token(log_N[i]) + log_D[i]);
    }
  }
  const Functionals functionals(law, question.target, theta);
  const auto linearisation =
      Linearisation::at(law, setup.constraints, setup.runs, setup.specification.objective, theta,
                        active_coefficients(setup, theta));
  Json candidates = Json::array();
  if (linearisation)
    for (const NextRun& run : next_runs(*linearisation, functionals, theta, limits))
      candidates.push_back(
          Json(Object()("params", std::exp(run.log_params))("tokens", std::exp(run.log_tokens))(
              "flops", std::exp(run.log_flops))("shrinks", run.shrinks)));
  return succeed(Object()("candidates", std::move(candidates)));
}

// --- Self-test ---------------------------------------------------------------------------------

Answer run_self_test(const Reader& request, const Columns& /*columns*/) {
  constexpr double kMostStudies = 1000;
  constexpr double kMostWork = 1e8;
  const Law& law = read_law(request);
  const std::string kind = request.text("kind");
  const std::uint64_t seed = read_seed(request);
  const Range range = read_range(request, kMostStudies);
  const auto rows = static_cast<int>(read_count(request, "rows", 10, 2000, 60));
  const auto draws = static_cast<int>(read_count(request, "draws", 50, 5000, 500));
  if (kind != "recovery" && kind != "coverage")
    request.fail("kind", "must be recovery or coverage.");
  if (kind == "coverage" && static_cast<double>(range.to - range.from) * rows * draws > kMostWork)
    request.fail("to", "asks for too many studies of that size in one call.");
  if (request.failure()) return fail(request.failure());
  Columns out;
  for (std::uint64_t i = range.from; i < range.to; ++i) {
    if (kind == "recovery") {
      const RecoveryError error = recover(law, seed, i);
      out["error"].push_back(error.coefficient);
      out["predicted_error"].push_back(error.prediction);
      continue;
    }
    const auto flag = [](const std::optional<bool>& held) {
      return held ? static_cast<double>(*held) : kNone;
    };
    for (const Covered& covered : cover(law, seed, i, rows, draws)) {
      out["bootstrap." + covered.quantity].push_back(flag(covered.bootstrap));
      out["sandwich." + covered.quantity].push_back(flag(covered.sandwich));
    }
  }
  return succeed(Json::object(), std::move(out));
}

constexpr std::array kOperations{
    Operation{.id = "bootstrap", .run = run_bootstrap},
    Operation{.id = "audit", .run = run_audit},
    Operation{.id = "intervals", .run = find_intervals},
    Operation{.id = "bands", .run = find_bands},
    Operation{.id = "influence", .run = find_influence},
    Operation{.id = "paths", .run = find_paths},
    Operation{.id = "profile", .run = find_profile},
    Operation{.id = "next_run", .run = find_next_run},
    Operation{.id = "self_test", .run = run_self_test},
};

}  // namespace

std::span<const Operation> uncertainty_operations() { return kOperations; }

}  // namespace isoloss::api
