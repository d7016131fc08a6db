#include "api/api.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "api/catalog.h"
#include "api/estimation.h"
#include "api/reports.h"
#include "api/requests.h"
#include "core/data/examples.h"
#include "core/data/prepare.h"
#include "core/plan/optimum.h"

namespace isoloss::api {

Answer succeed(Json result, Columns columns) {
  return {.json = Object()("ok", true)("result", std::move(result)), .columns = std::move(columns)};
}

Answer fail(const Failure& failure) {
  return {.json = Object()("ok", false)(
              "error", Object()("field", failure.field)("message", failure.message)),
          .columns = {}};
}

namespace {

Answer prepare_columns(const Reader& request, const Columns& columns) {
  const Cost cost = read_cost(request);
  const Reader units = request.object("units");
  std::vector<WrittenColumn> written;
  for (const auto& [id, values] : columns) {
    const auto quantity = find_quantity(id);
    if (!quantity) {
      units.failure().report("columns." + id,
                             "is no quantity. There are: " + ids(quantities()) + ".");
      continue;
    }
    const Reader choice = units.object(id.c_str());
    const std::string unit_id = choice.text("id");
    const Unit* unit = nullptr;
    for (const Unit& candidate : info(*quantity).units)
      if (candidate.id == unit_id) unit = &candidate;
    if (unit == nullptr) {
      choice.fail("id", "“" + unit_id + "” is no unit of " + id +
                            ". There are: " + ids(info(*quantity).units) + ".");
      continue;
    }
    double ratio = 1;
    if (unit->kind == Unit::Kind::per_ratio) {
      ratio = choice.has("ratio") ? choice.number("ratio") : 0;
      if (!(ratio > 0))
        choice.fail("ratio", "must be positive: how many " + std::string(unit->ratio_name) + "?");
    }
    written.push_back({.quantity = *quantity, .unit = unit, .ratio = ratio, .values = values});
  }
  for (const auto& item : written)
    if (item.values.size() != written.front().values.size())
      request.failure().report("columns", "must all have the same number of rows.");
  if (request.failure()) return fail(request.failure());

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
      request.failure().report(
          "coefficients." + std::string(law.coefficients[static_cast<std::size_t>(k)].id),
          "is missing.");
  const std::size_t rows = column(columns, info(law.variables[0]).id, request.failure()).size();
  std::vector<std::vector<double>> inputs;
  for (const Quantity variable : law.variables)
    inputs.push_back(positive_column(columns, info(variable).id, rows, request.failure()));
  if (request.failure()) return fail(request.failure());
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
  if (bounds.size() != 2 || !bounds[0].is_number() || !bounds[1].is_number()) {
    range.fail(id, "must be two numbers.");
    return nullptr;
  }
  const double above = std::log10(x / bounds[1].get<double>());
  const double below = std::log10(bounds[0].get<double>() / x);
  return number(std::max({0.0, above, below}));
}

Answer find_optima(const Reader& request) {
  const LawWithNumbers numbers = read_law_with_numbers(request);
  const Target target = read_target(request, *numbers.law);
  const OptimumQuestion question{.law = numbers.law,
                                 .theta = numbers.theta,
                                 .covariance = numbers.covariance ? &*numbers.covariance : nullptr,
                                 .cost = target.cost,
                                 .log_other = target.log_other};
  if (request.failure()) return fail(request.failure());

  Json optima = Json::array();
  const NoOptimum reason = unavailable(question);
  for (const double flops : target.flops) {
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
  if (request.failure()) return fail(request.failure());
  return succeed(Object()("optima", std::move(optima))(
      "unavailable", reason == NoOptimum::none ? Json() : Json(std::string(id(reason)))));
}

Answer example_table(const Reader& request) {
  const std::string wanted = request.text("id");
  const Example* example = find_example(wanted);
  if (example == nullptr) {
    request.fail("id", "“" + wanted + "” is no example. There are: " + ids(examples()) + ".");
    return fail(request.failure());
  }
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
  return succeed(
      Object()("header", Json(table.header))("roles", Json(table.roles))("rows", std::move(rows)));
}

Json progress_of(const FitSession& session) {
  return Object()("fraction", session.progress())("starts_tried", session.starts_tried())(
      "best_objective", number(session.best_objective()));
}

}  // namespace

Answer call(std::string_view operation, const Json& request, const Columns& columns) {
  if (operation == "catalog") return succeed(catalog());
  Failure failure;
  const Reader reader(request, "", failure);
  if (operation == "prepare") return prepare_columns(reader, columns);
  if (operation == "predict") return predict_columns(reader, columns);
  if (operation == "optimum") return find_optima(reader);
  if (operation == "example") return example_table(reader);
  return fail(
      {.field = "operation",
       .message = "“" + std::string(operation) +
                  "” is not known. There are: catalog, prepare, predict, optimum, example."});
}

struct FitJob::State {
  FitSession session;
};

FitJob::FitJob() = default;
FitJob::~FitJob() = default;

Answer FitJob::start(const Json& request, const Columns& columns) {
  state_.reset();
  Failure failure;
  const FitSpecification specification = read_specification(Reader(request, "", failure));
  const FitData data = read_data(*specification.law, columns,
                                 read_weighting(Reader(request, "", failure), columns), failure);
  if (failure) return fail(failure);
  state_ = std::unique_ptr<State>(new State{.session = FitSession(specification, data)});
  return succeed(progress_of(state_->session));
}

Answer FitJob::step() {
  if (!state_) return fail({.field = "", .message = "No fit was started."});
  state_->session.step();
  return succeed(progress_of(state_->session));
}

Answer FitJob::result() const {
  if (!state_) return fail({.field = "", .message = "No fit was started."});
  const FitResult result = state_->session.result();
  Columns columns;
  columns["predicted"] = result.predicted;
  columns["residual"] = result.log_residual;
  return succeed(to_json(result, state_->session.setup().specification), std::move(columns));
}

}  // namespace isoloss::api
