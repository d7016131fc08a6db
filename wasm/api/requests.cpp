#include "api/requests.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace isoloss::api {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// "“x” is no law. Laws: a, b, c."
template <class Range>
std::string unknown(const std::string& name, const std::string& kind, const Range& range) {
  return "“" + name + "” is no " + kind + ". There are: " + ids(range) + ".";
}

int read_coefficient(const Law& law, const std::string& id, const std::string& field,
                     Failure& failure) {
  const auto index = law.coefficient_index(id);
  if (!index)
    failure.report(field, unknown(id, "coefficient of " + std::string(law.id), law.coefficients));
  return index.value_or(0);
}

/// A bound as people write it: up to six decimals, no zeros at the end.
std::string plain(double x) {
  constexpr int kDecimals = 6;
  std::string text = std::to_string(std::llround(std::abs(x) * 1e6));
  if (text.size() <= kDecimals) text.insert(0, kDecimals + 1 - text.size(), '0');
  text.insert(text.size() - kDecimals, ".");
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return x < 0 ? "−" + text : text;
}

std::string must_lie_between(double lower, double upper) {
  return "must lie between " + plain(lower) + " and " + plain(upper) + ".";
}

void read_delta(const Reader& choice, const ObjectiveInfo& objective, Objective& result) {
  result.delta = objective.default_delta.value_or(0);
  if (!choice.has("delta")) return;
  result.delta = choice.number("delta");
  if (!result.huber())
    choice.fail("delta", "does not belong to " + std::string(objective.id) + ", which has none.");
  else if (!(result.delta >= 1e-8 && result.delta <= 1e3))
    choice.fail(
        "delta",
        "must lie between 1e-8 and 1000. For the limits choose log_absolute or log_squares.");
}

void read_penalty(const Reader& choice, const ObjectiveInfo& objective, Objective& result) {
  constexpr double kLowest = 1;
  constexpr double kHighest = 1e4;
  if (objective.default_penalty) result.over_penalty = *objective.default_penalty;
  if (!choice.has("penalty")) return;
  result.over_penalty = choice.number("penalty");
  if (!objective.default_penalty)
    choice.fail("penalty", "does not belong to " + std::string(objective.id) + ", which has none.");
  else if (!(result.over_penalty >= kLowest && result.over_penalty <= kHighest))
    choice.fail("penalty", must_lie_between(kLowest, kHighest));
}

void read_fixed(const Reader& request, FitSpecification& specification) {
  const Law& law = *specification.law;
  for (const auto& [name, value] : request.numbers("fixed")) {
    const std::string field = request.field("fixed." + name);
    const int k = read_coefficient(law, name, field, request.failure());
    const Coefficient& coefficient = law.coefficients[at(k)];
    switch (coefficient.role) {
      case Coefficient::Role::scale:
        if (!(value > 0) || !std::isfinite(value))
          request.failure().report(field, "must be positive.");
        break;
      case Coefficient::Role::floor:
        if (!(value >= 0) || !std::isfinite(value))
          request.failure().report(field, "must be 0 or more.");
        break;
      case Coefficient::Role::exponent:
        if (!(value >= coefficient.lower && value <= coefficient.upper))
          request.failure().report(field, must_lie_between(coefficient.lower, coefficient.upper));
        break;
    }
    specification.fixed.emplace_back(k, value);
  }
}

void read_tied(const Reader& request, FitSpecification& specification) {
  if (!request.has("tied")) return;
  const Law& law = *specification.law;
  for (const Json& pair : request.array("tied")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      request.fail("tied", "must be a list of pairs of coefficients.");
      return;
    }
    const std::string field = request.field("tied");
    const int a = read_coefficient(law, pair[0].get<std::string>(), field, request.failure());
    const int b = read_coefficient(law, pair[1].get<std::string>(), field, request.failure());
    const Coefficient& first = law.coefficients[at(a)];
    const Coefficient& second = law.coefficients[at(b)];
    if (a == b || first.role != second.role)
      request.fail("tied", std::string(first.id) + " and " + std::string(second.id) +
                               " cannot be tied: tie two different exponents, or two scales.");
    for (const auto& [k, value] : specification.fixed)
      if (k == a || k == b)
        request.fail("tied", std::string(law.coefficients[at(k)].id) +
                                 " is both fixed and tied; choose one.");
    specification.tied.emplace_back(a, b);
  }
}

/// `bounds: {id: [lo|null, hi|null]}`, within the law's own.
void read_bounds(const Reader& request, FitSpecification& specification) {
  if (!request.has("bounds")) return;
  const Law& law = *specification.law;
  for (const auto& [name, pair] : request.members("bounds").items()) {
    const std::string field = request.field("bounds." + name);
    const int k = read_coefficient(law, name, field, request.failure());
    const Coefficient& coefficient = law.coefficients[at(k)];
    const auto is_bound = [](const Json& x) { return x.is_null() || x.is_number(); };
    if (!pair.is_array() || pair.size() != 2 || !is_bound(pair[0]) || !is_bound(pair[1])) {
      request.failure().report(field, "must be a pair: lowest and highest value, null for none.");
      return;
    }
    constexpr double kNone = std::numeric_limits<double>::infinity();
    const double lower = pair[0].is_null() ? -kNone : pair[0].get<double>();
    const double upper = pair[1].is_null() ? kNone : pair[1].get<double>();
    if (!(std::max(lower, coefficient.lower) < std::min(upper, coefficient.upper)))
      request.failure().report(field,
                               "leaves no room: the lowest value must be below the highest, "
                               "and the law itself " +
                                   (std::isfinite(coefficient.upper)
                                        ? must_lie_between(coefficient.lower, coefficient.upper)
                                        : "needs a positive value."));
    for (const auto& [fixed, value] : specification.fixed)
      if (fixed == k) request.failure().report(field, "is both fixed and bounded; choose one.");
    for (const auto& [a, b] : specification.tied)
      if (a == k || b == k)
        request.failure().report(field, "is both tied and bounded; choose one.");
    specification.bounds.push_back({.coefficient = k, .lower = lower, .upper = upper});
  }
}

std::optional<Covariance> read_covariance(const Reader& request, const Law& law) {
  if (!request.has("covariance")) return std::nullopt;
  const Reader covariance = request.object("covariance");
  Covariance read{.coefficients = {},
                  .matrix = {},
                  .degrees_of_freedom = covariance.number("degrees_of_freedom"),
                  .robust_ratio = {}};
  for (const Json& id : covariance.array("coefficients"))
    read.coefficients.push_back(read_coefficient(law, id.is_string() ? id.get<std::string>() : "",
                                                 covariance.field("coefficients"),
                                                 request.failure()));
  const Json& matrix = covariance.array("matrix");
  const std::size_t m = read.coefficients.size();
  const auto wrong = [&] {
    covariance.fail("matrix", "must be a square matrix of numbers, one row per coefficient.");
    return std::nullopt;
  };
  if (matrix.size() != m || m > law.coefficients.size() || !(read.degrees_of_freedom > 0))
    return wrong();
  read.matrix.resize(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(m));
  for (std::size_t i = 0; i < m; ++i) {
    if (!matrix[i].is_array() || matrix[i].size() != m) return wrong();
    for (std::size_t j = 0; j < m; ++j) {
      if (!matrix[i][j].is_number()) return wrong();
      read.matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          matrix[i][j].get<double>();
    }
  }
  return read;
}

/// The exponent of a term that is not there says nothing: where it is absent any value will do.
void fill_idle_exponents(const Law& law, Vector& theta) {
  constexpr double kAny = 1;
  const auto gone = [&](int k) { return theta[k] == -std::numeric_limits<double>::infinity(); };
  if (const auto* form = std::get_if<PowerSum>(&law.form)) {
    for (const auto& term : form->terms)
      if (gone(term.scale) && std::isnan(theta[term.exponent])) theta[term.exponent] = kAny;
    return;
  }
  bool any_gone = false;
  for (int k = 0; k < law.size(); ++k)
    any_gone = any_gone || (law.coefficients[at(k)].role == Coefficient::Role::scale && gone(k));
  for (int k = 0; k < law.size() && any_gone; ++k)
    if (law.coefficients[at(k)].role == Coefficient::Role::exponent && std::isnan(theta[k]))
      theta[k] = kAny;
}

}  // namespace

const Law& read_law(const Reader& request) {
  const std::string id = request.text("law");
  const Law* law = find_law(id);
  if (law != nullptr) return *law;
  request.fail("law", unknown(id, "law", laws()));
  return laws().front();
}

const std::vector<double>& column(const Columns& columns, std::string_view id, Failure& failure) {
  static const std::vector<double> nothing;
  const auto it = columns.find(std::string(id));
  if (it != columns.end()) return it->second;
  failure.report("columns." + std::string(id), "is missing.");
  return nothing;
}

std::vector<double> positive_column(const Columns& columns, std::string_view id, std::size_t rows,
                                    Failure& failure) {
  const std::vector<double>& values = column(columns, id, failure);
  const std::string field = "columns." + std::string(id);
  if (values.size() != rows)
    failure.report(field, "has " + std::to_string(values.size()) + " rows where the others have " +
                              std::to_string(rows) + ".");
  // Squares of numbers far outside would leave the range of a double without a word.
  constexpr double kSmallest = 1e-100;
  constexpr double kLargest = 1e100;
  for (std::size_t i = 0; i < values.size() && !failure; ++i) {
    if (values[i] >= kSmallest && values[i] <= kLargest) continue;
    const bool positive = values[i] > 0 && std::isfinite(values[i]);
    failure.report(field, "row " + std::to_string(i + 1) +
                              (positive ? " is far outside what can be computed. Check its unit."
                                        : " must be a positive number."));
  }
  return values;
}

Cost read_cost(const Reader& request) {
  const Reader choice = request.object("cost_model");
  const std::string id = choice.text("id");
  const CostModel* model = find_cost_model(id);
  if (model == nullptr) {
    choice.fail("id", unknown(id, "cost model", cost_models()));
    model = &cost_models().front();
  }
  Cost cost{.model = model, .settings = model->default_settings()};
  for (const auto& [name, value] : choice.numbers("settings")) {
    bool known = false;
    for (std::size_t i = 0; i < model->settings.size(); ++i) {
      const CostSetting& setting = model->settings[i];
      if (setting.id != name) continue;
      known = true;
      if (!(value >= setting.lower && value <= setting.upper))
        choice.fail("settings." + name, must_lie_between(setting.lower, setting.upper));
      cost.settings[i] = value;
    }
    if (!known) choice.fail("settings." + name, unknown(name, "setting of " + id, model->settings));
  }
  return cost;
}

FitSpecification read_specification(const Reader& request) {
  FitSpecification specification{
      .law = &read_law(request), .objective = {}, .fixed = {}, .tied = {}, .bounds = {}};
  const Reader choice = request.object("objective");
  const std::string id = choice.text("id");
  const ObjectiveInfo* objective = find_objective(id);
  if (objective == nullptr) {
    choice.fail("id", unknown(id, "objective", objectives()));
    objective = &objectives().front();
  }
  specification.objective.kind = objective->kind;
  read_delta(choice, *objective, specification.objective);
  read_penalty(choice, *objective, specification.objective);
  read_fixed(request, specification);
  read_tied(request, specification);
  read_bounds(request, specification);
  return specification;
}

Weighting read_weighting(const Reader& request, const Columns& columns) {
  const bool sent = columns.contains("weight");
  if (!request.has("weights")) return sent ? Weighting::column : Weighting::equal;
  const std::string id = request.text("weights");
  if (id == "sqrt_flops") return Weighting::sqrt_flops;
  if (id == "column") return Weighting::column;
  if (id != "equal")
    request.fail("weights", "“" + id + "” is no weighting. There are: equal, sqrt_flops, column.");
  return Weighting::equal;
}

FitData read_data(const Law& law, const Columns& columns, Weighting weighting, Failure& failure) {
  FitData data;
  const std::size_t rows = column(columns, info(law.response).id, failure).size();
  data.response = positive_column(columns, info(law.response).id, rows, failure);
  for (const Quantity variable : law.variables)
    data.inputs.push_back(positive_column(columns, info(variable).id, rows, failure));
  if (weighting == Weighting::column)
    data.weight = positive_column(columns, "weight", rows, failure);
  if (weighting == Weighting::sqrt_flops) {
    data.weight = positive_column(columns, info(Quantity::flops).id, rows, failure);
    for (double& weight : data.weight) weight = std::sqrt(weight);
  }
  return data;
}

LawWithNumbers read_law_with_numbers(const Reader& request) {
  const Law& law = read_law(request);
  std::vector<double> natural(law.coefficients.size(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& [name, value] : request.numbers("coefficients")) {
    const std::string field = request.field("coefficients." + name);
    const int k = read_coefficient(law, name, field, request.failure());
    const bool positive = law.coefficients[at(k)].scale == Coefficient::Scale::log;
    if (!std::isfinite(value) || (positive && value < 0))
      request.failure().report(field, "must be 0 or more.");
    natural[at(k)] = value;
  }
  return {
      .law = &law, .theta = theta_of(law, natural), .covariance = read_covariance(request, law)};
}

Vector theta_of(const Law& law, std::span<const double> natural) {
  Vector theta = law.to_theta(natural);
  fill_idle_exponents(law, theta);
  return theta;
}

std::unique_ptr<const Fitted> read_fitted(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const FitSpecification specification = read_specification(request);
  const LawWithNumbers numbers = read_law_with_numbers(request);
  const FitData data =
      read_data(*specification.law, columns, read_weighting(request, columns), failure);
  if (specification.objective.delta_unknown())
    request.fail("objective.delta", "is missing: send the one that the fit has used.");
  if (failure) return nullptr;
  auto fitted = std::make_unique<Fitted>();
  fitted->setup = set_up(specification, data);
  fitted->theta = numbers.theta;
  if (fitted->setup.too_few) {
    failure.report("columns", "has too few rows for this law: nothing can have been fitted.");
    return nullptr;
  }
  const Law& law = *specification.law;
  const Constraints& constraints = fitted->setup.constraints;
  for (int k = 0; k < law.size(); ++k) {
    double& value = fitted->theta[k];
    const Slot& slot = constraints.slots[at(k)];
    const Limits& limits = constraints.limits[at(k)];
    if (slot.free < 0)
      value = slot.value;
    else if (std::isnan(value))
      request.fail("coefficients." + std::string(law.coefficients[at(k)].id), "is missing.");
    else if (value > limits.upper)
      value = limits.upper;
    else if (value < limits.lower && limits.lower != kSmallestLog)
      value = limits.lower;
    // What is tied has one value.
    for (int j = 0; j < k; ++j)
      if (slot.free >= 0 && constraints.slots[at(j)].free == slot.free) value = fitted->theta[j];
  }
  if (failure) return nullptr;
  return fitted;
}

Target read_target(const Reader& request, const Law& law) {
  constexpr std::size_t kMostBudgets = 10'000;
  constexpr double kSmallest = 1e-100;
  constexpr double kLargest = 1e100;
  Target target{.cost = read_cost(request), .flops = {}, .log_other = {}};
  const auto check = [&](double x, const char* field, const char* complaint) {
    if (!(x >= kSmallest && x <= kLargest)) request.fail(field, complaint);
    return x;
  };
  const auto others = request.numbers("at");
  for (const Quantity variable : law.variables) {
    const auto it = others.find(std::string(info(variable).id));
    target.log_other.push_back(
        std::log(check(it == others.end() ? 1 : it->second, "at", "must be positive numbers.")));
  }
  const Json& budgets = request.array("flops");
  if (budgets.size() > kMostBudgets) {
    request.fail("flops", "must not hold more than 10,000 budgets.");
    return target;
  }
  for (const Json& budget : budgets)
    target.flops.push_back(check(budget.is_number() ? budget.get<double>() : 0, "flops",
                                 "must be a list of positive numbers."));
  return target;
}

}  // namespace isoloss::api
