#include "api/api.h"

#include <array>
#include <cmath>
#include <limits>

#include "api/catalog.h"
#include "api/json.h"
#include "core/data/examples.h"
#include "core/data/prepare.h"
#include "core/fit/fit.h"
#include "core/plan/optimum.h"

namespace isoloss::api {
namespace {

// ------------------------------------------------------------------------------------ requests

/// "a, b, c" of the ids in a list.
template <class Range>
std::string ids(const Range& range) {
  std::string text;
  for (const auto& item : range) text += (text.empty() ? "" : ", ") + std::string(item.id);
  return text;
}

const Law& read_law(const Reader& request) {
  const std::string id = request.text("law");
  const Law* law = find_law(id);
  if (law == nullptr)
    throw BadRequest{request.field("law"), "“" + id + "” is no law. Laws: " + ids(laws()) + "."};
  return *law;
}

int read_coefficient(const Law& law, const std::string& id, const std::string& field) {
  const auto index = law.coefficient_index(id);
  if (!index)
    throw BadRequest{field, "“" + id + "” is no coefficient of " + std::string(law.id) +
                                ". Coefficients: " + ids(law.coefficients) + "."};
  return *index;
}

Cost read_cost(const Reader& request) {
  const Reader choice = request.object("cost_model");
  const std::string id = choice.text("id");
  const CostModel* model = find_cost_model(id);
  if (model == nullptr)
    throw BadRequest{choice.field("id"),
                     "“" + id + "” is no cost model. Cost models: " + ids(cost_models()) + "."};
  Cost cost{.model = model, .settings = model->default_settings()};
  for (const auto& [name, value] : choice.numbers("settings")) {
    bool known = false;
    for (std::size_t i = 0; i < model->settings.size(); ++i) {
      const CostSetting& setting = model->settings[i];
      if (setting.id != name) continue;
      known = true;
      if (!(value >= setting.lower && value <= setting.upper))
        throw BadRequest{choice.field("settings." + name),
                         std::string(setting.name) + " must lie between " +
                             Json(setting.lower).dump() + " and " + Json(setting.upper).dump() +
                             "."};
      cost.settings[i] = value;
    }
    if (!known)
      throw BadRequest{choice.field("settings." + name),
                       "is no setting of " + id + ". Settings: " + ids(model->settings) + "."};
  }
  return cost;
}

const std::vector<double>& column(const Columns& columns, std::string_view id) {
  const auto it = columns.find(std::string(id));
  if (it == columns.end()) throw BadRequest{"columns." + std::string(id), "is missing."};
  return it->second;
}

/// A column of a fit or prediction: as long as the others, all values positive and finite.
std::vector<double> positive_column(const Columns& columns, std::string_view id, std::size_t rows) {
  const std::vector<double>& values = column(columns, id);
  const std::string field = "columns." + std::string(id);
  if (values.size() != rows)
    throw BadRequest{field, "has " + std::to_string(values.size()) +
                                " rows where the others have " + std::to_string(rows) + "."};
  for (std::size_t i = 0; i < rows; ++i)
    if (!(values[i] > 0) || !std::isfinite(values[i]))
      throw BadRequest{field, "row " + std::to_string(i + 1) + " must be a positive number."};
  return values;
}

FitSpecification read_specification(const Reader& request) {
  const Law& law = read_law(request);
  FitSpecification specification{.law = &law, .objective = {}, .fixed = {}, .tied = {}};
  const Reader choice = request.object("objective");
  const std::string id = choice.text("id");
  const ObjectiveInfo* objective = find_objective(id);
  if (objective == nullptr)
    throw BadRequest{choice.field("id"),
                     "“" + id + "” is no objective. Objectives: " + ids(objectives()) + "."};
  specification.objective.kind = objective->kind;
  specification.objective.delta = objective->default_delta.value_or(0);
  if (choice.has("delta")) {
    if (!objective->default_delta)
      throw BadRequest{choice.field("delta"), "δ belongs to log_huber; " + id + " has none."};
    const double delta = choice.number("delta");
    if (!(delta >= 1e-8 && delta <= 1e3))
      throw BadRequest{
          choice.field("delta"),
          "δ must lie between 1e-8 and 1000. For the limits choose log_absolute or log_squares."};
    specification.objective.delta = delta;
  }
  for (const auto& [name, value] : request.numbers("fixed")) {
    const std::string field = request.field("fixed." + name);
    const int k = read_coefficient(law, name, field);
    const Coefficient& coefficient = law.coefficients[static_cast<std::size_t>(k)];
    const bool floor = coefficient.role == Coefficient::Role::floor;
    const bool scale = coefficient.role == Coefficient::Role::scale;
    if (!(value >= coefficient.lower && value <= coefficient.upper) || (scale && value <= 0))
      throw BadRequest{field, name + " must be " +
                                  (scale   ? "positive."
                                   : floor ? "0 or more."
                                           : "between " + Json(coefficient.lower).dump() + " and " +
                                                 Json(coefficient.upper).dump() + ".")};
    specification.fixed.emplace_back(k, value);
  }
  if (request.has("tied")) {
    for (const Json& pair : request.array("tied")) {
      const std::string field = request.field("tied");
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
        throw BadRequest{field, "must be a list of pairs of coefficients."};
      const int a = read_coefficient(law, pair[0].get<std::string>(), field);
      const int b = read_coefficient(law, pair[1].get<std::string>(), field);
      const Coefficient& first = law.coefficients[static_cast<std::size_t>(a)];
      const Coefficient& second = law.coefficients[static_cast<std::size_t>(b)];
      if (a == b || first.role != second.role)
        throw BadRequest{field, std::string(first.id) + " and " + std::string(second.id) +
                                    " cannot be tied: tie two different exponents, or two scales."};
      for (const auto& [k, value] : specification.fixed)
        if (k == a || k == b)
          throw BadRequest{field, std::string(law.coefficients[static_cast<std::size_t>(k)].id) +
                                      " is both fixed and tied; choose one."};
      specification.tied.emplace_back(a, b);
    }
  }
  return specification;
}

FitData read_data(const Law& law, const Columns& columns) {
  FitData data;
  const std::size_t rows = column(columns, info(law.response).id).size();
  data.response = positive_column(columns, info(law.response).id, rows);
  for (const Quantity variable : law.variables)
    data.inputs.push_back(positive_column(columns, info(variable).id, rows));
  if (columns.contains("weight")) data.weight = positive_column(columns, "weight", rows);
  return data;
}

struct LawWithNumbers {
  const Law* law;
  Vector theta;
  std::optional<Covariance> covariance;
};

/// Coefficients that are absent are NaN: unknown.
LawWithNumbers read_law_with_numbers(const Reader& request) {
  const Law& law = read_law(request);
  std::vector<double> natural(law.coefficients.size(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& [name, value] : request.numbers("coefficients")) {
    const std::string field = request.field("coefficients." + name);
    const int k = read_coefficient(law, name, field);
    const Coefficient& coefficient = law.coefficients[static_cast<std::size_t>(k)];
    if (!std::isfinite(value) || (coefficient.scale == Coefficient::Scale::log && value < 0))
      throw BadRequest{field, name + " must be 0 or more."};
    natural[static_cast<std::size_t>(k)] = value;
  }
  LawWithNumbers result{.law = &law, .theta = law.to_theta(natural), .covariance = std::nullopt};
  if (!request.has("covariance")) return result;
  const Reader covariance = request.object("covariance");
  Covariance read{.coefficients = {},
                  .matrix = {},
                  .degrees_of_freedom = covariance.number("degrees_of_freedom")};
  for (const Json& id : covariance.array("coefficients"))
    read.coefficients.push_back(read_coefficient(law, id.is_string() ? id.get<std::string>() : "",
                                                 covariance.field("coefficients")));
  const Json& matrix = covariance.array("matrix");
  const std::size_t m = read.coefficients.size();
  const auto wrong = [&] {
    return BadRequest{covariance.field("matrix"),
                      "must be a square matrix of numbers, one row per coefficient."};
  };
  if (matrix.size() != m || m > static_cast<std::size_t>(kMaxCoefficients) ||
      !(read.degrees_of_freedom > 0))
    throw wrong();
  read.matrix.resize(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(m));
  for (std::size_t i = 0; i < m; ++i) {
    if (!matrix[i].is_array() || matrix[i].size() != m) throw wrong();
    for (std::size_t j = 0; j < m; ++j) {
      if (!matrix[i][j].is_number()) throw wrong();
      read.matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          matrix[i][j].get<double>();
    }
  }
  result.covariance = std::move(read);
  return result;
}

// ------------------------------------------------------------------------------------- reports

Object estimate_fields(Object object, const Estimate& estimate) {
  Json interval;
  if (estimate.interval) {
    interval = Json::array();
    interval.push_back(number(estimate.interval->first));
    interval.push_back(number(estimate.interval->second));
  }
  object("value", estimate.value)("standard_error", estimate.standard_error)("interval",
                                                                             std::move(interval));
  return object;
}

Json to_json(const Estimate& estimate) { return estimate_fields(Object(), estimate); }

const char* name(CoefficientState state) {
  switch (state) {
    case CoefficientState::fixed:
      return "fixed";
    case CoefficientState::tied:
      return "tied";
    case CoefficientState::at_lower:
      return "at_lower";
    case CoefficientState::at_upper:
      return "at_upper";
    case CoefficientState::undetermined:
      return "undetermined";
    case CoefficientState::free:
      break;
  }
  return "free";
}

Json coefficient_ids(const Law& law, const std::vector<int>& indices) {
  Json result = Json::array();
  for (const int k : indices)
    result.push_back(std::string(law.coefficients[static_cast<std::size_t>(k)].id));
  return result;
}

Json to_json(const std::optional<Covariance>& covariance, const Law& law) {
  if (!covariance) return nullptr;
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < covariance->matrix.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index j = 0; j < covariance->matrix.cols(); ++j)
      row.push_back(covariance->matrix(i, j));
    rows.push_back(std::move(row));
  }
  return Object()("coefficients", coefficient_ids(law, covariance->coefficients))(
      "matrix", std::move(rows))("degrees_of_freedom", covariance->degrees_of_freedom);
}

Json to_json(const FitResult& result, const FitSpecification& specification) {
  const Law& law = *specification.law;
  const Objective& objective = specification.objective;
  Json coefficients = Json::array();
  for (std::size_t k = 0; k < result.coefficients.size(); ++k) {
    const FittedCoefficient& fitted = result.coefficients[k];
    const Estimate nothing{.value = std::numeric_limits<double>::quiet_NaN(),
                           .standard_error = std::nullopt,
                           .interval = std::nullopt};
    Object entry =
        estimate_fields(Object()("id", law.coefficients[k].id), fitted.estimate.value_or(nothing));
    entry("state", name(fitted.state));
    entry("tied_to",
          fitted.tied_to
              ? Json(std::string(law.coefficients[static_cast<std::size_t>(*fitted.tied_to)].id))
              : Json());
    coefficients.push_back(Json(entry));
  }
  Json implied = Json::array();
  for (const auto& item : result.implied) {
    Object named;
    named("id", item.id)("symbol", item.symbol)("name", item.name);
    implied.push_back(Json(estimate_fields(std::move(named), item.estimate)));
  }
  Json warnings = Json::array();
  for (const auto& warning : result.warnings) {
    Json quantity_ids = Json::array();
    for (const Quantity quantity : warning.quantities)
      quantity_ids.push_back(std::string(info(quantity).id));
    warnings.push_back(Json(
        Object()("code", warning.code)("coefficients", coefficient_ids(law, warning.coefficients))(
            "quantities", std::move(quantity_ids))("value", number(warning.value))));
  }
  Json goodness;
  if (result.goodness)
    goodness = Object()("rows", result.rows)("free_coefficients", result.free_coefficients)(
        "r_squared", number(result.goodness->r_squared))(
        "rms_log_residual", number(result.goodness->rms))("median_abs_log_residual",
                                                          number(result.goodness->median_absolute))(
        "max_abs_log_residual", number(result.goodness->largest_absolute));
  const bool has_delta = objective.kind == Objective::Kind::log_huber;
  return Object()("schema", "isoloss.report/1")("law", law.id)(
      "objective", Object()("id", info(objective.kind).id)(
                       "delta", has_delta ? Json(objective.delta) : Json(nullptr))(
                       "value", number(result.objective)))("status", info(result.status).id)(
      "usable", result.usable)(
      "starts", Object()("tried", result.starts_tried)("agreeing", result.starts_agreeing))(
      "evaluations", result.evaluations)("coefficients", std::move(coefficients))(
      "covariance", to_json(result.covariance, law))("interval_method", "sandwich")(
      "goodness", std::move(goodness))("implied", std::move(implied))(
      "warnings", std::move(warnings))("condition", number(result.condition));
}

// ---------------------------------------------------------------------------------- operations

Answer succeed(Json result, Columns columns = {}) {
  const Json answer = Object()("ok", true)("result", std::move(result));
  return {.json = answer.dump(), .columns = std::move(columns)};
}

Answer fail(const BadRequest& error) {
  const Json answer =
      Object()("ok", false)("error", Object()("field", error.field)("message", error.message));
  // A name in the request may be no UTF-8.
  return {.json = answer.dump(-1, ' ', false, Json::error_handler_t::replace), .columns = {}};
}

/// Runs an operation, turning everything that can go wrong into an answer.
template <class Operation>
Answer guarded(const Operation& operation) {
  try {
    return operation();
  } catch (const BadRequest& error) {
    return fail(error);
  } catch (const std::bad_alloc&) {
    return fail({"", "There is not enough memory for this request."});
  } catch (const std::exception& error) {
    return fail({"", error.what()});
  }
}

Json parse(std::string_view text) {
  // The parser without a callback, which would be compiled twice otherwise.
  Json json;
  nlohmann::detail::json_sax_dom_parser<Json> builder(json, false);
  if (!Json::sax_parse(text, &builder)) throw BadRequest{"", "The request is no JSON."};
  return json;
}

Answer prepare_columns(const Reader& request, const Columns& columns) {
  const Cost cost = read_cost(request);
  const Reader units = request.object("units");
  std::vector<WrittenColumn> written;
  for (const auto& [id, values] : columns) {
    const auto quantity = find_quantity(id);
    if (!quantity)
      throw BadRequest{"columns." + id, "is no quantity. Quantities: " + ids(quantities()) + "."};
    const Reader choice = units.object(id.c_str());
    const std::string unit_id = choice.text("id");
    const Unit* unit = nullptr;
    for (const Unit& candidate : info(*quantity).units)
      if (candidate.id == unit_id) unit = &candidate;
    if (unit == nullptr)
      throw BadRequest{choice.field("id"), "“" + unit_id + "” is no unit of " + id +
                                               ". Units: " + ids(info(*quantity).units) + "."};
    double ratio = 1;
    if (unit->kind == Unit::Kind::per_ratio) {
      if (!choice.has("ratio"))
        throw BadRequest{choice.field("ratio"),
                         "is missing: how many " + std::string(unit->ratio_name) + "?"};
      ratio = choice.number("ratio");
      if (!(ratio > 0)) throw BadRequest{choice.field("ratio"), "must be positive."};
    }
    written.push_back({.quantity = *quantity, .unit = unit, .ratio = ratio, .values = values});
  }
  for (const auto& item : written)
    if (item.values.size() != written.front().values.size())
      throw BadRequest{"columns", "must all have the same number of rows."};

  const PreparedRuns runs = prepare(written, cost);
  Json derived = Json::array();
  for (const auto& item : runs.derived)
    derived.push_back(Json(Object()("quantity", info(item.quantity).id)(
        "from", texts({info(item.from[0]).id, info(item.from[1]).id}))("rows", item.rows)));
  Json unusable = Json::array();
  for (const auto& item : runs.unusable)
    unusable.push_back(Json(
        Object()("row", item.row)("quantity", info(item.quantity).id)("code", id(item.problem))));
  Columns out;
  for (const auto& item : runs.columns) out[std::string(info(item.quantity).id)] = item.values;
  if (!runs.flops_per_param_token.empty())
    out["flops_per_param_token"] = runs.flops_per_param_token;
  return succeed(Object()("derived", std::move(derived))("unusable", std::move(unusable)),
                 std::move(out));
}

Answer predict_columns(const Reader& request, const Columns& columns) {
  const LawWithNumbers numbers = read_law_with_numbers(request);
  const Law& law = *numbers.law;
  for (int k = 0; k < law.size(); ++k)
    if (std::isnan(numbers.theta[k]))
      throw BadRequest{
          "coefficients." + std::string(law.coefficients[static_cast<std::size_t>(k)].id),
          "is missing."};
  const std::size_t rows = column(columns, info(law.variables[0]).id).size();
  std::vector<std::vector<double>> inputs;
  for (const Quantity variable : law.variables)
    inputs.push_back(positive_column(columns, info(variable).id, rows));
  std::vector<double> response(rows);
  std::vector<double> lower;
  std::vector<double> upper;
  std::array<double, 4> x{};
  Vector gradient(law.size());
  const double t = numbers.covariance ? numbers.covariance->t95() : 0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t v = 0; v < inputs.size(); ++v) x[v] = std::log(inputs[v][i]);
    const double log_response =
        law.derivatives(x.data(), numbers.theta.data(), gradient.data(), nullptr);
    response[i] = std::exp(log_response);
    if (!numbers.covariance) continue;
    const double half = t * std::sqrt(numbers.covariance->variance(gradient));
    lower.push_back(std::exp(log_response - half));
    upper.push_back(std::exp(log_response + half));
  }
  Columns out{{std::string(info(law.response).id), std::move(response)}};
  if (numbers.covariance) {
    out["lower"] = std::move(lower);
    out["upper"] = std::move(upper);
  }
  return succeed(Json::object(), std::move(out));
}

/// Decades that x lies beyond a range given as [lo, hi]; null without one.
Json decades_outside(const Reader& request, const char* id, double x) {
  if (!request.has("range")) return nullptr;
  const Reader range = request.object("range");
  if (!range.has(id)) return nullptr;
  const Json& bounds = range.array(id);
  if (bounds.size() != 2 || !bounds[0].is_number() || !bounds[1].is_number())
    throw BadRequest{range.field(id), "must be two numbers."};
  const double above = std::log10(x / bounds[1].get<double>());
  const double below = std::log10(bounds[0].get<double>() / x);
  return number(std::max({0.0, above, below}));
}

Answer find_optima(const Reader& request) {
  const LawWithNumbers numbers = read_law_with_numbers(request);
  OptimumQuestion question{.law = numbers.law,
                           .theta = numbers.theta,
                           .covariance = numbers.covariance ? &*numbers.covariance : nullptr,
                           .cost = read_cost(request),
                           .log_other = {}};
  const auto at = request.numbers("at");
  for (const Quantity variable : numbers.law->variables) {
    const auto it = at.find(std::string(info(variable).id));
    const double value = it == at.end() ? 1 : it->second;
    if (!(value > 0)) throw BadRequest{request.field("at"), "must be positive numbers."};
    question.log_other.push_back(std::log(value));
  }
  Json optima = Json::array();
  const NoOptimum reason = unavailable(question);
  const Json& budgets = request.array("flops");
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    if (!budgets[i].is_number() || !(budgets[i].get<double>() > 0))
      throw BadRequest{request.field("flops"), "must be a list of positive numbers."};
    const double flops = budgets[i].get<double>();
    const auto found = reason == NoOptimum::none ? optimum(question, flops) : std::nullopt;
    if (!found) {
      optima.push_back(nullptr);
      continue;
    }
    optima.push_back(Json(Object()("flops", flops)("params", to_json(found->params))(
        "tokens", to_json(found->tokens))("tokens_per_param", to_json(found->tokens_per_param))(
        "loss", to_json(found->loss))("method", found->closed_form ? "closed_form" : "numeric")(
        "decades_outside",
        Object()("flops", decades_outside(request, "flops", flops))(
            "params", decades_outside(request, "params", found->params.value))(
            "tokens", decades_outside(request, "tokens", found->tokens.value)))));
  }
  return succeed(Object()("optima", std::move(optima))(
      "unavailable", reason == NoOptimum::none ? Json() : Json(std::string(id(reason)))));
}

Answer example_table(const Reader& request) {
  const std::string wanted = request.text("id");
  const Example* example = find_example(wanted);
  if (example == nullptr)
    throw BadRequest{"id", "“" + wanted + "” is no example. Examples: " + ids(examples()) + "."};
  const ExampleTable table = example->table();
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json cells = Json::array();
    for (const Cell& cell : row) {
      if (const auto* value = std::get_if<double>(&cell))
        cells.push_back(*value);
      else if (const auto* text = std::get_if<std::string>(&cell))
        cells.push_back(*text);
      else
        cells.push_back(nullptr);
    }
    rows.push_back(std::move(cells));
  }
  return succeed(Object()("header", Json(table.header))("rows", std::move(rows)));
}

Json progress_of(const FitSession& session) {
  return Object()("fraction", session.progress())("starts_tried", session.starts_tried())(
      "best_objective", number(session.best_objective()));
}

}  // namespace

Answer call(std::string_view operation, std::string_view request, const Columns& columns) {
  return guarded([&]() -> Answer {
    if (operation == "catalog") return succeed(catalog());
    const Json json = parse(request);
    const Reader reader(json, "");
    if (operation == "prepare") return prepare_columns(reader, columns);
    if (operation == "predict") return predict_columns(reader, columns);
    if (operation == "optimum") return find_optima(reader);
    if (operation == "example") return example_table(reader);
    throw BadRequest{"operation",
                     "“" + std::string(operation) +
                         "” is not known: catalog, prepare, predict, optimum, example."};
  });
}

struct FitJob::State {
  FitSpecification specification;
  FitSession session;
};

FitJob::FitJob() = default;
FitJob::~FitJob() = default;

Answer FitJob::start(std::string_view request, const Columns& columns) {
  state_.reset();
  return guarded([&] {
    const Json json = parse(request);
    const FitSpecification specification = read_specification(Reader(json, ""));
    const FitData data = read_data(*specification.law, columns);
    state_ = std::unique_ptr<State>(
        new State{.specification = specification, .session = FitSession(specification, data)});
    return succeed(progress_of(state_->session));
  });
}

Answer FitJob::step() {
  return guarded([&] {
    if (!state_) throw BadRequest{"", "No fit was started."};
    state_->session.step();
    return succeed(progress_of(state_->session));
  });
}

Answer FitJob::result() const {
  return guarded([&] {
    if (!state_) throw BadRequest{"", "No fit was started."};
    const FitResult result = state_->session.result();
    Columns columns;
    columns["predicted"] = result.predicted;
    columns["residual"] = result.log_residual;
    return succeed(to_json(result, state_->specification), std::move(columns));
  });
}

}  // namespace isoloss::api
