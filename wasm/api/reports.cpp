#include "api/reports.h"

#include <limits>

namespace isoloss::api {
namespace {

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

/// Robust standard error over that of equal errors, by coefficient.
Json ratios(const FitResult& result, const Law& law) {
  Json object = Json::object();
  if (!result.covariance) return object;
  for (std::size_t i = 0; i < result.covariance->robust_ratio.size(); ++i) {
    const auto k = static_cast<std::size_t>(result.covariance->coefficients[i]);
    object[std::string(law.coefficients[k].id)] = number(result.covariance->robust_ratio[i]);
  }
  return object;
}

Json to_json(const std::optional<OtherOptimum>& other, const Law& law) {
  if (!other) return nullptr;
  const std::vector<double> natural = law.to_natural(other->theta);
  Json coefficients = Json::object();
  for (std::size_t k = 0; k < natural.size(); ++k)
    coefficients[std::string(law.coefficients[k].id)] = number(natural[k]);
  return Object()("objective", other->objective)("deviance", other->deviance)(
      "coefficients", std::move(coefficients));
}

}  // namespace

Json to_json(const Estimate& estimate) { return estimate_fields(Object(), estimate); }

Json to_json(const std::vector<FitWarning>& found, const Law& law) {
  Json warnings = Json::array();
  for (const auto& warning : found) {
    Json quantity_ids = Json::array();
    for (const Quantity quantity : warning.quantities)
      quantity_ids.push_back(std::string(info(quantity).id));
    warnings.push_back(Json(
        Object()("code", warning.code)("coefficients", coefficient_ids(law, warning.coefficients))(
            "quantities", std::move(quantity_ids))("value", number(warning.value))));
  }
  return warnings;
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
  Json goodness;
  if (result.goodness)
    goodness = Object()("rows", result.rows)("free_coefficients", result.free_coefficients)(
        "r_squared", number(result.goodness->r_squared))(
        "rms_log_residual", number(result.goodness->rms))("median_abs_log_residual",
                                                          number(result.goodness->median_absolute))(
        "max_abs_log_residual", number(result.goodness->largest_absolute));
  const bool has_delta = result.delta_used > 0;
  const bool has_penalty = info(objective.kind).default_penalty.has_value();
  return Object()("schema", "isoloss.report/1")("law", law.id)(
      "objective", Object()("id", info(objective.kind).id)(
                       "delta", has_delta ? Json(result.delta_used) : Json(nullptr))(
                       "penalty", has_penalty ? Json(objective.over_penalty) : Json(nullptr))(
                       "value", number(result.objective)))("status", info(result.status).id)(
      "usable", result.usable)(
      "starts", Object()("tried", result.starts_tried)("agreeing", result.starts_agreeing))(
      "evaluations", result.evaluations)("coefficients", std::move(coefficients))(
      "covariance", to_json(result.covariance, law))("robust_ratio", ratios(result, law))(
      "interval_method", "sandwich")("goodness", std::move(goodness))(
      "implied", std::move(implied))("warnings", to_json(result.warnings, law))(
      "condition", number(result.condition))("other_optimum", to_json(result.other_optimum, law));
}

}  // namespace isoloss::api
