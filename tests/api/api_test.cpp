// The border: every operation answers, and every kind of wrong request is answered with its field.
#include "api/api.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace isoloss::api {
namespace {

Json parse(const char* text) { return Json::parse(text); }

Columns study() {
  Columns columns;
  const Json example = call("example", parse(R"({"id":"isoflop"})"), {}).json["result"];
  for (const Json& row : example["rows"]) {
    columns["params"].push_back(row[1].get<double>());
    columns["tokens"].push_back(row[2].get<double>());
    columns["loss"].push_back(row[4].get<double>());
  }
  return columns;
}

const char* const kFit = R"({"law":"additive","objective":{"id":"log_huber"}})";

Json run_fit(const Json& request, const Columns& columns, Columns* out = nullptr) {
  FitJob job;
  Answer answer = job.start(request, columns);
  while (answer.json["ok"].get<bool>() && answer.json["result"]["fraction"].get<double>() < 1)
    answer = job.step();
  if (!answer.json["ok"].get<bool>()) return answer.json;
  answer = job.result();
  if (out != nullptr) *out = answer.columns;
  return answer.json;
}

TEST(Catalog, DefaultsAreThingsThatExist) {
  const Json catalog = call("catalog", Json::object(), {}).json["result"];
  const auto has = [&](const char* list, const Json& id) {
    for (const Json& item : catalog[list])
      if (item["id"] == id) return true;
    return false;
  };
  const Json& defaults = catalog["defaults"];
  EXPECT_EQ(catalog["schema"], "isoloss.catalog/1");
  EXPECT_TRUE(has("laws", defaults["law"]));
  EXPECT_TRUE(has("objectives", defaults["objective"]));
  EXPECT_TRUE(has("cost_models", defaults["cost_model"]));
  EXPECT_TRUE(has("examples", defaults["example"]));
  for (const Json& law : catalog["laws"]) {
    EXPECT_FALSE(law["formula_tree"].is_null()) << law["id"];
    for (const Json& variable : law["variables"]) EXPECT_TRUE(has("quantities", variable));
  }
}

TEST(Fit, WeighsBySqrtOfCompute) {
  Columns columns = study();
  Json request = parse(kFit);
  const double equal = run_fit(request, columns)["result"]["objective"]["value"];
  for (std::size_t i = 0; i < columns["params"].size(); ++i)
    columns["flops"].push_back(6 * columns["params"][i] * columns["tokens"][i]);
  EXPECT_EQ(run_fit(request, columns)["result"]["objective"]["value"], equal);
  for (const double C : columns["flops"]) columns["weight"].push_back(std::sqrt(C));
  const double by_column = run_fit(request, columns)["result"]["objective"]["value"];
  EXPECT_NE(by_column, equal);
  request["weights"] = "sqrt_flops";
  EXPECT_EQ(run_fit(request, columns)["result"]["objective"]["value"], by_column);
  request["weights"] = "equal";
  EXPECT_EQ(run_fit(request, columns)["result"]["objective"]["value"], equal);
}

TEST(Fit, ReportsTheWidthAndThePenaltyUsed) {
  const Columns columns = study();
  const auto objective = [&](const char* text) {
    return run_fit(parse(text), columns)["result"]["objective"];
  };
  const Json scaled = objective(R"({"law":"additive","objective":{"id":"log_huber_scaled"}})");
  EXPECT_GT(scaled["delta"].get<double>(), 0);
  EXPECT_TRUE(scaled["penalty"].is_null());
  const Json lower =
      objective(R"({"law":"additive","objective":{"id":"log_huber_lower","penalty":5}})");
  EXPECT_EQ(lower["delta"], 1e-3);
  EXPECT_EQ(lower["penalty"], 5.0);
}

TEST(Fit, ReportsInTheShapeOfTheProtocol) {
  Columns columns;
  const Json answer = run_fit(parse(kFit), study(), &columns);
  ASSERT_TRUE(answer["ok"].get<bool>()) << answer;
  const Json& report = answer["result"];
  EXPECT_EQ(report["schema"], "isoloss.report/1");
  EXPECT_EQ(report["status"], "converged");
  EXPECT_EQ(report["usable"], true);
  EXPECT_EQ(report["coefficients"].size(), 5U);
  EXPECT_EQ(report["covariance"]["matrix"].size(), 5U);
  EXPECT_EQ(report["goodness"]["rows"], 63);
  EXPECT_EQ(columns["predicted"].size(), 63U);
  EXPECT_EQ(columns["residual"].size(), 63U);
  const Columns data = study();
  for (std::size_t i = 0; i < 63; ++i)
    EXPECT_NEAR(std::log(columns["predicted"][i] / data.at("loss")[i]), columns["residual"][i],
                1e-12);
}

TEST(Fit, TooFewRunsIsAReportNotAnError) {
  Columns few = study();
  for (auto& [id, values] : few) values.resize(3);
  const Json answer = run_fit(parse(kFit), few);
  ASSERT_TRUE(answer["ok"].get<bool>());
  EXPECT_EQ(answer["result"]["status"], "too_few_points");
  EXPECT_TRUE(answer["result"]["objective"]["value"].is_null());
  EXPECT_TRUE(answer["result"]["goodness"].is_null());
}

TEST(Predict, AgreesWithTheFitAndHasBands) {
  Columns fitted;
  const Json report = run_fit(parse(kFit), study(), &fitted)["result"];
  Json request = {
      {"law", "additive"}, {"coefficients", Json::object()}, {"covariance", report["covariance"]}};
  for (const Json& coefficient : report["coefficients"])
    request["coefficients"][coefficient["id"].get<std::string>()] = coefficient["value"];
  const Answer answer = call("predict", request, study());
  ASSERT_TRUE(answer.json["ok"].get<bool>()) << answer.json;
  for (std::size_t i = 0; i < 63; ++i) {
    EXPECT_NEAR(answer.columns.at("loss")[i] / fitted["predicted"][i], 1, 1e-12);
    EXPECT_LT(answer.columns.at("lower")[i], answer.columns.at("loss")[i]);
    EXPECT_GT(answer.columns.at("upper")[i], answer.columns.at("loss")[i]);
  }
}

// What a fit reports can be asked for: the exponent of a term that vanished is null.
TEST(Predict, TheExponentOfAnAbsentTermMayBeAbsent) {
  Columns runs = study();
  for (std::size_t i = 0; i < 63; ++i)
    runs["loss"][i] = (1.5 + 2000 / std::pow(runs["tokens"][i], 0.34)) *
                      (1 + 0.001 * (static_cast<double>((i * 7) % 5) - 2));
  Columns fitted;
  const Json report = run_fit(parse(kFit), runs, &fitted)["result"];
  ASSERT_EQ(report["status"], "at_bound") << report;
  Json request = {
      {"law", "additive"}, {"coefficients", Json::object()}, {"covariance", report["covariance"]}};
  for (const Json& coefficient : report["coefficients"])
    if (!coefficient["value"].is_null())
      request["coefficients"][coefficient["id"].get<std::string>()] = coefficient["value"];
  EXPECT_EQ(request["coefficients"].size(), 4U);
  const Answer answer = call("predict", request, runs);
  ASSERT_TRUE(answer.json["ok"].get<bool>()) << answer.json;
  for (std::size_t i = 0; i < 63; ++i) {
    EXPECT_NEAR(answer.columns.at("loss")[i] / fitted["predicted"][i], 1, 1e-9);
    EXPECT_GT(answer.columns.at("upper")[i], answer.columns.at("loss")[i]);
  }
  request["flops"] = {1e20};
  request["cost_model"] = {{"id", "six_nd"}};
  const Json optimum = call("optimum", request, {}).json["result"];
  EXPECT_TRUE(optimum["optima"][0].is_null());
  EXPECT_EQ(optimum["unavailable"], "at_the_border");
}

TEST(Predict, ALawThatIsNoSumOfPowersKnowsAbsentSidesToo) {
  const Json request =
      parse(R"({"law":"kaplan-floor","coefficients":{"E":1.5,"N_c":0,"D_c":5e9,"alpha_D":0.34},)"
            R"("covariance":{"coefficients":["D_c"],"matrix":[[0.01]],"degrees_of_freedom":9}})");
  const Answer answer = call("predict", request, {{"params", {1e9}}, {"tokens", {1e10}}});
  ASSERT_TRUE(answer.json["ok"].get<bool>()) << answer.json;
  EXPECT_NEAR(answer.columns.at("loss")[0], 1.5 + std::pow(0.5, 0.34), 1e-12);
  EXPECT_GT(answer.columns.at("upper")[0], answer.columns.at("loss")[0]);
}

TEST(Optimum, CarriesIntervalsAndTheDistanceFromTheData) {
  const Json report = run_fit(parse(kFit), study())["result"];
  Json request = {{"law", "additive"},
                  {"coefficients", Json::object()},
                  {"covariance", report["covariance"]},
                  {"cost_model", {{"id", "six_nd"}}},
                  {"flops", {1e20, 1e24}},
                  {"range", {{"flops", {1e18, 1e21}}}}};
  for (const Json& coefficient : report["coefficients"])
    request["coefficients"][coefficient["id"].get<std::string>()] = coefficient["value"];
  const Json optima = call("optimum", request, {}).json["result"]["optima"];
  EXPECT_EQ(optima[0]["decades_outside"]["flops"], 0);
  EXPECT_NEAR(optima[1]["decades_outside"]["flops"].get<double>(), 3, 1e-12);
  EXPECT_TRUE(optima[1]["decades_outside"]["params"].is_null());
  for (const char* name : {"params", "tokens", "tokens_per_param", "loss"}) {
    const Json& near = optima[0][name];
    const Json& far = optima[1][name];
    EXPECT_LT(near["interval"][0].get<double>(), near["value"].get<double>()) << name;
    // Doubt grows with distance.
    EXPECT_GT(far["interval"][1].get<double>() / far["interval"][0].get<double>(),
              near["interval"][1].get<double>() / near["interval"][0].get<double>())
        << name;
  }
}

struct Wrong {
  const char* name;
  const char* operation;  // "fit" starts a fit
  const char* request;
  const char* field;
};

class WrongRequest : public ::testing::TestWithParam<Wrong> {};

INSTANTIATE_TEST_SUITE_P(
    Kinds, WrongRequest,
    ::testing::Values(
        Wrong{"operation", "dance", "{}", "operation"}, Wrong{"no_object", "predict", "[1]", ""},
        Wrong{"no_law", "fit", "{}", "law"},
        Wrong{"unknown_law", "fit", R"({"law":"foo","objective":{"id":"log_huber"}})", "law"},
        Wrong{"no_objective", "fit", R"({"law":"additive"})", "objective"},
        Wrong{"unknown_objective", "fit", R"({"law":"additive","objective":{"id":"x"}})",
              "objective.id"},
        Wrong{"delta_of_none", "fit",
              R"({"law":"additive","objective":{"id":"squares","delta":1}})", "objective.delta"},
        Wrong{"delta_too_small", "fit",
              R"({"law":"additive","objective":{"id":"log_huber","delta":0}})", "objective.delta"},
        Wrong{"fixed_unknown", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"fixed":{"gamma":1}})",
              "fixed.gamma"},
        Wrong{"fixed_outside", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"fixed":{"alpha":9}})",
              "fixed.alpha"},
        Wrong{"fixed_scale", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"fixed":{"A":0}})", "fixed.A"},
        Wrong{"fixed_text", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"fixed":{"A":"big"}})",
              "fixed.A"},
        Wrong{"tied_kinds", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"tied":[["A","beta"]]})", "tied"},
        Wrong{"tied_form", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"tied":["A"]})", "tied"},
        Wrong{
            "tied_and_fixed", "fit",
            R"({"law":"additive","objective":{"id":"log_huber"},"fixed":{"alpha":0.3},"tied":[["alpha","beta"]]})",
            "tied"},
        Wrong{"penalty_without_one", "fit",
              R"({"law":"additive","objective":{"id":"log_huber","penalty":3}})",
              "objective.penalty"},
        Wrong{"penalty_below_one", "fit",
              R"({"law":"additive","objective":{"id":"log_huber_lower","penalty":0.5}})",
              "objective.penalty"},
        Wrong{"bounds_of_nothing", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"bounds":{"gamma":[0,1]}})",
              "bounds.gamma"},
        Wrong{"bounds_no_pair", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"bounds":{"alpha":[1]}})",
              "bounds.alpha"},
        Wrong{"bounds_upside_down", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"bounds":{"alpha":[0.5,0.3]}})",
              "bounds.alpha"},
        Wrong{
            "bounded_and_fixed", "fit",
            R"({"law":"additive","objective":{"id":"log_huber"},"fixed":{"E":1},"bounds":{"E":[0,2]}})",
            "bounds.E"},
        Wrong{"unknown_weighting", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"weights":"heavy"})", "weights"},
        Wrong{"no_flops_to_weigh_by", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"weights":"sqrt_flops"})",
              "columns.flops"},
        Wrong{"no_weight_column", "fit",
              R"({"law":"additive","objective":{"id":"log_huber"},"weights":"column"})",
              "columns.weight"},
        Wrong{"column_missing", "fit", R"({"law":"familial","objective":{"id":"log_huber"}})",
              "columns.exits"},
        Wrong{"predict_incomplete", "predict", R"({"law":"additive","coefficients":{"E":1}})",
              "coefficients.A"},
        Wrong{"predict_negative", "predict", R"({"law":"additive","coefficients":{"E":-1}})",
              "coefficients.E"},
        Wrong{
            "covariance", "predict",
            R"({"law":"power-params","coefficients":{"A":9,"alpha":0.1},"covariance":{"coefficients":["A"],"matrix":[[1,2]],"degrees_of_freedom":3}})",
            "covariance.matrix"},
        Wrong{"cost_model", "optimum", R"({"law":"additive","cost_model":{"id":"x"},"flops":[1]})",
              "cost_model.id"},
        Wrong{"cost_setting", "optimum",
              R"({"law":"additive","cost_model":{"id":"six_nd","settings":{"k":-1}},"flops":[1]})",
              "cost_model.settings.k"},
        Wrong{"cost_setting_name", "optimum",
              R"({"law":"additive","cost_model":{"id":"six_nd","settings":{"z":1}},"flops":[1]})",
              "cost_model.settings.z"},
        Wrong{"flops", "optimum", R"({"law":"additive","cost_model":{"id":"six_nd"},"flops":[-1]})",
              "flops"},
        Wrong{
            "unit", "prepare",
            R"({"cost_model":{"id":"six_nd"},"units":{"params":{"id":"kg"},"tokens":{"id":"count"},"loss":{"id":"nats"}}})",
            "units.params.id"},
        Wrong{
            "ratio", "prepare",
            R"({"cost_model":{"id":"six_nd"},"units":{"params":{"id":"count"},"tokens":{"id":"count"},"loss":{"id":"bits_per_byte"}}})",
            "units.loss.ratio"},
        Wrong{"example", "example", R"({"id":"x"})", "id"}),
    [](const auto& wrong) { return std::string(wrong.param.name); });

TEST_P(WrongRequest, IsAnsweredWithFieldAndSentence) {
  const Wrong& wrong = GetParam();
  const std::string operation = wrong.operation;
  FitJob job;
  const Answer answer = operation == "fit" ? job.start(parse(wrong.request), study())
                                           : call(operation, parse(wrong.request), study());
  ASSERT_FALSE(answer.json["ok"].get<bool>()) << answer.json;
  EXPECT_EQ(answer.json["error"]["field"], wrong.field) << answer.json;
  EXPECT_TRUE(answer.json["error"]["message"].get<std::string>().ends_with(".") ||
              answer.json["error"]["message"].get<std::string>().ends_with("?"))
      << answer.json;
}

TEST(WrongColumns, NameTheRow) {
  Columns columns = study();
  columns["loss"][7] = -1;
  FitJob job;
  const Json negative = job.start(parse(kFit), columns).json;
  EXPECT_EQ(negative["error"]["field"], "columns.loss");
  EXPECT_EQ(negative["error"]["message"], "row 8 must be a positive number.");
  columns["loss"][7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(job.start(parse(kFit), columns).json["ok"].get<bool>());
  columns["loss"][7] = 1e200;
  EXPECT_EQ(job.start(parse(kFit), columns).json["error"]["field"], "columns.loss");
  columns = study();
  columns["tokens"].pop_back();
  EXPECT_EQ(job.start(parse(kFit), columns).json["error"]["field"], "columns.tokens");
  EXPECT_FALSE(job.step().json["ok"].get<bool>());
  EXPECT_FALSE(job.result().json["ok"].get<bool>());
}

}  // namespace
}  // namespace isoloss::api
