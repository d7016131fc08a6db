#include "api/catalog.h"

#include "core/cost/cost_model.h"
#include "core/data/examples.h"
#include "core/fit/fit.h"

namespace isoloss::api {
namespace {

Json to_json(const Citation& citation) {
  return Object()("text", citation.text)("title", citation.title)("url", citation.url)(
      "locator", citation.locator);
}

Json to_json(const Unit& unit) {
  const auto kind = [&] {
    switch (unit.kind) {
      case Unit::Kind::log:
        return "log";
      case Unit::Kind::per_ratio:
        return "per_ratio";
      case Unit::Kind::scale:
        break;
    }
    return "scale";
  }();
  return Object()("id", unit.id)("name", unit.name)("kind", kind)("factor", unit.factor)(
      "ratio_name", unit.ratio_name);
}

Json to_json(const QuantityInfo& quantity) {
  const auto kind = [&] {
    switch (quantity.kind) {
      case QuantityInfo::Kind::compute:
        return "compute";
      case QuantityInfo::Kind::loss:
        return "loss";
      case QuantityInfo::Kind::count:
        break;
    }
    return "count";
  }();
  Json units = Json::array();
  for (const auto& unit : quantity.units) units.push_back(to_json(unit));
  return Object()("id", quantity.id)("symbol", quantity.symbol)("name", quantity.name)(
      "unit", quantity.unit)("kind", kind)("meaning", quantity.meaning)(
      "zero_is_missing", quantity.zero_is_missing)("units", std::move(units));
}

Json to_json(const FormulaNode& node) {
  using Op = FormulaNode::Op;
  switch (node.op) {
    case Op::number:
      return Object()("op", "number")("value", node.value);
    case Op::symbol:
      return Object()("op", "symbol")("id", node.symbol);
    default:
      break;
  }
  const auto name = [&] {
    switch (node.op) {
      case Op::add:
        return "add";
      case Op::subtract:
        return "subtract";
      case Op::multiply:
        return "multiply";
      case Op::divide:
        return "divide";
      default:
        return "power";
    }
  }();
  return Object()("op", name)("left", to_json(*node.left))("right", to_json(*node.right));
}

Json to_json(const Coefficient& coefficient) {
  const auto role = [&] {
    switch (coefficient.role) {
      case Coefficient::Role::floor:
        return "floor";
      case Coefficient::Role::scale:
        return "scale";
      case Coefficient::Role::exponent:
        break;
    }
    return "exponent";
  }();
  return Object()("id", coefficient.id)("symbol", coefficient.symbol)(
      "meaning", coefficient.meaning)("unit", coefficient.unit)("lower", coefficient.lower)(
      "upper", number(coefficient.upper))("role", role);
}

struct EvidenceText {
  const char* id;
  const char* text;
};
EvidenceText evidence_text(Evidence evidence) {
  switch (evidence) {
    case Evidence::transcribed:
      return {"transcribed", "read in a transcription of the paper"};
    case Evidence::derived:
      return {"derived", "computed from the authors' data or code"};
    case Evidence::published:
      break;
  }
  return {"published", "read in the paper or its authors' code"};
}

Json to_json(const Preset& preset, const Law& law) {
  Json values = Json::object();
  Json errors = Json::object();
  for (std::size_t k = 0; k < law.coefficients.size(); ++k) {
    const std::string name(law.coefficients[k].id);
    values[name] = preset.values[k];
    if (!preset.standard_errors.empty()) errors[name] = preset.standard_errors[k];
  }
  const EvidenceText evidence = evidence_text(preset.evidence);
  return Object()("id", preset.id)("name", preset.name)("coefficients", std::move(values))(
      "standard_errors", std::move(errors))("status", evidence.id)("status_text", evidence.text)(
      "caveat", preset.caveat)("citation", to_json(preset.citation));
}

Json to_json(const Law& law) {
  Json variables = Json::array();
  for (const Quantity variable : law.variables) variables.push_back(std::string(info(variable).id));
  Json coefficients = Json::array();
  for (const auto& coefficient : law.coefficients) coefficients.push_back(to_json(coefficient));
  Json presets = Json::array();
  for (const auto& preset : law.presets) presets.push_back(to_json(preset, law));
  const auto tree = parse_formula(law.formula);
  const bool has_optimum =
      law.variable_index(Quantity::params) && law.variable_index(Quantity::tokens);
  return Object()("id", law.id)("name", law.name)("summary", law.summary)(
      "response", info(law.response).id)("formula", law.formula)(
      "formula_tree", tree ? to_json(*tree) : Json())("variables", std::move(variables))(
      "coefficients", std::move(coefficients))("presets", std::move(presets))(
      "citation", to_json(law.citation))("has_optimum", has_optimum)("closed_form_optimum",
                                                                     law.log_params_opt != nullptr);
}

Json to_json(const ObjectiveInfo& objective) {
  const Objective kind{.kind = objective.kind};
  return Object()("id", objective.id)("name", objective.name)("summary", objective.summary)(
      "formula", objective.formula)("residual", kind.log_residual() ? "log" : "plain")(
      "shape", kind.huber() ? "huber"
               : objective.kind == Objective::Kind::log_absolute
                   ? "absolute"
                   : "squares")("default_delta", number(objective.default_delta))(
      "default_penalty", number(objective.default_penalty))("citation",
                                                            to_json(objective.citation));
}

Json to_json(const CostModel& model) {
  Json settings = Json::array();
  for (const auto& setting : model.settings)
    settings.push_back(Json(Object()("id", setting.id)("name", setting.name)("unit", setting.unit)(
        "default_value", setting.default_value)("lower", setting.lower)("upper", setting.upper)));
  return Object()("id", model.id)("name", model.name)("formula", model.formula)(
      "summary", model.summary)("citation", to_json(model.citation))("settings",
                                                                     std::move(settings));
}

Json to_json(const Example& example) {
  return Object()("id", example.id)("name", example.name)("label", example.label)(
      "kind", example.kind == Example::Kind::simulated ? "simulated" : "published")(
      "description", example.description)("provenance", texts(example.provenance))(
      "citation", example.citation ? to_json(*example.citation) : Json())("law", example.law)(
      "flops", example.flops);
}

template <class Range>
Json list(const Range& range) {
  Json result = Json::array();
  for (const auto& item : range) result.push_back(to_json(item));
  return result;
}

}  // namespace

Json catalog() {
  Json statuses = Json::array();
  for (const auto& status : fit_statuses())
    statuses.push_back(
        Json(Object()("id", status.id)("name", status.name)("meaning", status.meaning)));
  return Object()("schema", "isoloss.catalog/1")("engine_version", "0.1.0")(
      "quantities", list(quantities()))("laws", list(laws()))("objectives", list(objectives()))(
      "cost_models", list(cost_models()))("examples", list(examples()))("statuses",
                                                                        std::move(statuses))(
      "defaults", Object()("law", "additive")("preset", "besiroglu-2024")("objective", "log_huber")(
                      "cost_model", "six_nd")("example", "isoflop")("flops", 1e24));
}

}  // namespace isoloss::api
