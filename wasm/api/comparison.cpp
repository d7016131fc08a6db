#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "api/estimation.h"
#include "api/reports.h"
#include "api/requests.h"
#include "core/comparison/held_out.h"
#include "core/comparison/nested.h"
#include "core/comparison/scores.h"
#include "core/fit/groups.h"

namespace isoloss::api {
namespace {

constexpr std::size_t kMostLaws = 1000;
constexpr std::size_t kMostFolds = 100;
/// More than this in one call is no slice of work any more.
constexpr std::uint64_t kMostDraws = 100'000;
constexpr int kMostGroups = 100;
/// Rows times groups: seconds of work.
constexpr std::size_t kMostGroupWork = 2'000'000;
constexpr double kDefaultTolerance = 0.1;

/// A column of numbers as it is, NaN allowed: `rows` long.
std::vector<double> any_column(const Columns& columns, const std::string& id, std::size_t rows,
                               Failure& failure) {
  const std::vector<double>& values = column(columns, id, failure);
  if (values.size() != rows)
    failure.report("columns." + id, "has " + std::to_string(values.size()) +
                                        " rows where the others have " + std::to_string(rows) +
                                        ".");
  return values;
}

Answer score_fit(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const FitSpecification specification = read_specification(request);
  const FitData data =
      read_data(*specification.law, columns, read_weighting(request, columns), failure);
  const std::vector<double> residual =
      any_column(columns, "residual", data.response.size(), failure);
  if (failure) return fail(failure);
  if (!std::ranges::all_of(residual, [](double r) { return std::isfinite(r); })) {
    failure.report("columns.residual", "must be numbers: score what was fitted.");
    return fail(failure);
  }
  const FitSetup setup = set_up(specification, data);
  const Score found = score(specification.objective, residual, data.response, setup.runs.weight,
                            setup.constraints.free_count);
  return succeed(Object()("form", found.form == Score::Form::gaussian ? "gaussian" : "laplace")(
      "free_coefficients", found.free_coefficients)("aicc", found.aicc)("bic", found.bic));
}

Answer weigh_laws(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const std::vector<double>& aicc = column(columns, "aicc", failure);
  if (aicc.size() > kMostLaws) failure.report("columns.aicc", "has more than 1,000 laws.");
  const std::string prefix = "value:";
  Columns out;
  if (!failure) out["weight"] = akaike_weights(aicc);
  for (const auto& [id, values] : columns) {
    if (!id.starts_with(prefix)) continue;
    const std::vector<double> checked = any_column(columns, id, aicc.size(), failure);
    if (failure) break;
    out["average:" + id.substr(prefix.size())] = {weighted_log_average(out["weight"], checked)};
  }
  if (failure) return fail(failure);
  return succeed(Json::object(), std::move(out));
}

std::vector<Fold> read_folds(const Reader& request, const std::vector<double>& flops) {
  const std::string scheme = request.text("scheme");
  double tolerance = kDefaultTolerance;
  if (request.has("tolerance")) tolerance = request.number("tolerance");
  if (!(tolerance > 0 && tolerance < 1)) {
    request.fail("tolerance", "must lie between 0 and 1.");
    return {};
  }
  std::optional<double> above;
  if (request.has("above")) above = request.number("above");
  if (above && !(*above > 0 && std::isfinite(*above)))
    request.fail("above", "must be a positive number.");
  if (request.failure()) return {};
  if (scheme == "largest") return largest_held_out(flops, above);
  const std::vector<Budget> budgets = recognise_budgets(flops, tolerance);
  if (budgets.size() > kMostFolds) {
    request.fail("tolerance", "leaves " + std::to_string(budgets.size()) +
                                  " budgets, a fit for each. Widen it.");
    return {};
  }
  if (scheme == "leave_one_budget_out") return leave_one_budget_out(budgets, flops.size());
  if (scheme == "rolling_origin") return rolling_origin(budgets, flops);
  request.fail("scheme", "“" + scheme +
                             "” is not known. There are: largest, leave_one_budget_out, "
                             "rolling_origin.");
  return {};
}

Answer hold_out(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const FitSpecification specification = read_specification(request);
  const FitData data =
      read_data(*specification.law, columns, read_weighting(request, columns), failure);
  const std::vector<double> flops =
      positive_column(columns, info(Quantity::flops).id, data.response.size(), failure);
  if (failure) return fail(failure);
  const std::vector<Fold> folds = read_folds(request, flops);
  if (failure) return fail(failure);

  Json list = Json::array();
  Columns out{{"row", {}}, {"fold", {}}, {"predicted", {}}, {"measured", {}}};
  double error = 0;
  double bias = 0;
  double baseline = 0;
  double count = 0;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const Fold& fold = folds[f];
    const FoldResult result = predict_fold(specification, data, flops, fold);
    for (std::size_t i = 0; i < fold.tested.size(); ++i) {
      out["row"].push_back(static_cast<double>(fold.tested[i]));
      out["fold"].push_back(static_cast<double>(f));
      out["predicted"].push_back(result.predicted.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                          : result.predicted[i]);
      out["measured"].push_back(data.response[fold.tested[i]]);
    }
    list.push_back(
        Json(Object()("flops", fold.flops)("trained", static_cast<int>(fold.trained.size()))(
            "tested", static_cast<int>(fold.tested.size()))("status", info(result.status).id)(
            "mean_error", result.mean_error)("bias", result.bias)(
            "extrapolation", result.extrapolation)("baseline", result.baseline)));
    if (!result.mean_error) continue;
    const auto tested = static_cast<double>(fold.tested.size());
    error += tested * *result.mean_error;
    bias += tested * *result.bias;
    baseline += tested * result.baseline;
    count += tested;
  }
  const auto mean = [&](double sum) { return count > 0 ? number(sum / count) : Json(nullptr); };
  return succeed(Object()("folds", std::move(list))("mean_error", mean(error))("bias", mean(bias))(
                     "baseline", mean(baseline)),
                 std::move(out));
}

// ------------------------------------------------------------------------- nested tests

/// By the rules that a fit's own `fixed` and `tied` have.
Restriction read_restriction(const Reader& request, const Law& law) {
  Restriction restriction;
  const Reader asked = request.object("restriction");
  const auto index = [&](const std::string& id) {
    const auto k = law.coefficient_index(id);
    if (!k)
      request.fail("restriction", "“" + id + "” is no coefficient of " + std::string(law.id) +
                                      ". There are: " + ids(law.coefficients) + ".");
    return k.value_or(0);
  };
  const auto coefficient = [&](int k) -> const Coefficient& {
    return law.coefficients[static_cast<std::size_t>(k)];
  };
  for (const auto& [id, value] : asked.numbers("fixed")) {
    const int k = index(id);
    const Coefficient& c = coefficient(k);
    if (!(value >= c.lower && value <= c.upper && std::isfinite(value)) ||
        (c.role == Coefficient::Role::scale && !(value > 0)))
      asked.fail("fixed." + id, "lies outside what the law allows.");
    restriction.fixed.emplace_back(k, value);
  }
  if (asked.has("tied"))
    for (const Json& pair : asked.array("tied")) {
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
        asked.fail("tied", "must be a list of pairs of coefficients.");
        return restriction;
      }
      const int a = index(pair[0].get<std::string>());
      const int b = index(pair[1].get<std::string>());
      if (a == b || coefficient(a).role != coefficient(b).role)
        asked.fail("tied", "must name two different coefficients of one kind.");
      restriction.tied.emplace_back(a, b);
    }
  if (restriction.fixed.empty() && restriction.tied.empty())
    request.fail("restriction", "must fix or tie a coefficient.");
  return restriction;
}

/// A whole number from 0 that a double holds exactly.
std::uint64_t read_count(const Reader& request, const char* key) {
  constexpr double kLargest = 9007199254740991;
  const double value = request.number(key);
  if (value >= 0 && value <= kLargest && std::floor(value) == value)
    return static_cast<std::uint64_t>(value);
  request.fail(key, "must be a whole number from 0.");
  return 0;
}

Answer nested_test(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const auto fitted = read_fitted(request, columns);
  if (!fitted) return fail(failure);
  const FitSpecification& specification = fitted->setup.specification;
  const Law& law = *specification.law;
  const Restriction restriction = read_restriction(request, law);
  const std::uint64_t seed = read_count(request, "seed");
  const std::uint64_t from = read_count(request, "from");
  const std::uint64_t to = read_count(request, "to");
  if (to < from || to - from > kMostDraws)
    request.fail("to", "must be no less than from, by 100,000 at most.");
  if (specification.objective.kind == Objective::Kind::log_huber_lower)
    request.fail("objective.id",
                 "has no such test: its errors may not change sign. Choose one that counts both "
                 "sides alike.");
  if (failure) return fail(failure);
  const auto null = restricted(specification, restriction);
  if (!null)
    request.fail("restriction",
                 "concerns a coefficient that the fit itself has fixed, tied or bounded.");
  if (failure) return fail(failure);
  const FitData data = read_data(law, columns, read_weighting(request, columns), failure);
  const FitSetup null_setup = set_up(*null, data);
  if (null_setup.constraints.free_count >= fitted->setup.constraints.free_count) {
    request.fail("restriction", "restricts nothing that these runs determine.");
    return fail(request.failure());
  }
  const NestedTest test(fitted->setup, null_setup, fitted->theta);
  std::vector<double> statistic;
  for (std::uint64_t i = from; i < to; ++i) statistic.push_back(test.draw(seed, i));
  Object coefficients;
  const std::vector<double> natural = law.to_natural(test.restricted_theta());
  for (std::size_t k = 0; k < natural.size(); ++k)
    if (std::isfinite(natural[k]) && test.statistic())
      coefficients(std::string(law.coefficients[k].id).c_str(), natural[k]);
  return succeed(Object()("statistic", test.statistic())("restricted", Json(coefficients)),
                 {{"statistic", std::move(statistic)}});
}

Answer nested_tests(const Reader& request, const Columns& /*columns*/) {
  const std::string id = request.text("law");
  const Law* law = find_law(id);
  if (law == nullptr) {
    request.fail("law", "“" + id + "” is no law. There are: " + ids(laws()) + ".");
    return fail(request.failure());
  }
  Json offers = Json::array();
  const auto name = [&](int k) {
    return std::string(law->coefficients[static_cast<std::size_t>(k)].id);
  };
  for (const NestedOffer& offer : nested_offers(*law)) {
    Object restriction;
    if (!offer.restriction.fixed.empty()) {
      Object fixed;
      for (const auto& [k, value] : offer.restriction.fixed) fixed(name(k).c_str(), value);
      restriction("fixed", Json(fixed));
    }
    if (!offer.restriction.tied.empty()) {
      Json tied = Json::array();
      for (const auto& [a, b] : offer.restriction.tied) {
        Json pair = Json::array();
        pair.push_back(name(a));
        pair.push_back(name(b));
        tied.push_back(std::move(pair));
      }
      restriction("tied", std::move(tied));
    }
    offers.push_back(Json(Object()("id", offer.id)("name", offer.name)("meaning", offer.meaning)(
        "restriction", Json(restriction))));
  }
  return succeed(Object()("offers", std::move(offers)));
}

// ------------------------------------------------------------------------- groups

/// Column `group`: whole numbers from 0 without gaps.
std::vector<int> read_groups(const Columns& columns, std::size_t rows, int& groups,
                             Failure& failure) {
  const std::vector<double> numbers = any_column(columns, "group", rows, failure);
  std::vector<int> group;
  std::vector<char> seen;
  for (const double g : numbers) {
    if (!(g >= 0 && g < kMostGroups && std::floor(g) == g)) {
      failure.report("columns.group",
                     "must be whole numbers from 0 to " + std::to_string(kMostGroups - 1) + ".");
      return {};
    }
    group.push_back(static_cast<int>(g));
    if (seen.size() <= static_cast<std::size_t>(g)) seen.resize(static_cast<std::size_t>(g) + 1);
    seen[static_cast<std::size_t>(g)] = true;
  }
  for (std::size_t g = 0; g < seen.size(); ++g)
    if (!seen[g]) failure.report("columns.group", "has no row of group " + std::to_string(g) + ".");
  groups = static_cast<int>(seen.size());
  return group;
}

Answer fit_shared(const Reader& request, const Columns& columns) {
  Failure& failure = request.failure();
  const FitSpecification specification = read_specification(request);
  const Law& law = *specification.law;
  const FitData data = read_data(law, columns, read_weighting(request, columns), failure);
  int groups = 0;
  const std::vector<int> group = read_groups(columns, data.response.size(), groups, failure);
  if (!failure && data.response.size() * static_cast<std::size_t>(groups) > kMostGroupWork)
    failure.report("columns.group", "makes too many groups for this many rows.");
  if (failure) return fail(failure);
  const GroupsFit found = fit_groups(specification, data, group, groups);
  Json shared = Json::array();
  for (const SharedExponent& exponent : found.shared)
    shared.push_back(
        Json(Object()("id", law.coefficients[static_cast<std::size_t>(exponent.coefficient)].id)(
            "value", exponent.value)("standard_error", exponent.standard_error)));
  Json list = Json::array();
  for (const GroupsFit::Group& one : found.groups) {
    Object coefficients;
    for (std::size_t k = 0; k < one.coefficients.size(); ++k)
      coefficients(std::string(law.coefficients[k].id).c_str(), one.coefficients[k]);
    list.push_back(Json(Object()("rows", one.rows)("coefficients", Json(coefficients))));
  }
  return succeed(
      Object()("status", info(found.status).id)("usable", found.usable)(
          "objective", found.objective)("shared", std::move(shared))("groups", std::move(list))(
          "starts", Object()("tried", found.starts_tried)("agreeing", found.starts_agreeing))(
          "separate_objective", found.separate_objective)(
          "aicc", Object()("shared", found.aicc_shared)("separate", found.aicc_separate))(
          "warnings", to_json(found.warnings, law)),
      {{"predicted", found.predicted}, {"residual", found.log_residual}});
}

}  // namespace

std::span<const Operation> comparison_operations() {
  static constexpr std::array<Operation, 6> kList{{
      {.id = "score", .run = score_fit},
      {.id = "weigh", .run = weigh_laws},
      {.id = "held_out", .run = hold_out},
      {.id = "nested_test", .run = nested_test},
      {.id = "nested_tests", .run = nested_tests},
      {.id = "fit_groups", .run = fit_shared},
  }};
  return kList;
}

}  // namespace isoloss::api
