#include <gtest/gtest.h>

#include <limits>

#include "api/estimation.h"
#include "core/simulate.h"

namespace isoloss::api {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Json target(const Json& flops = Json::array({1e24})) {
  return {{"cost_model", {{"id", "six_nd"}}}, {"flops", flops}};
}

const Json kCoefficients = {
    {"E", 1.69}, {"A", 406.4}, {"B", 410.7}, {"alpha", 0.34}, {"beta", 0.28}};

/// Five budgets of nine sizes on the surface of the Chinchilla coefficients, with noise.
Columns isoflops(double noise = 0) {
  const Law& law = *find_law("additive");
  const Vector theta = law.to_theta(std::vector<double>{1.69, 406.4, 410.7, 0.34, 0.28});
  Columns columns;
  Random random(3);
  for (int b = 0; b < 5; ++b)
    for (int i = 0; i < 9; ++i) {
      const double flops = std::pow(10.0, 18 + b);
      const double params = 0.09 * std::pow(flops, 0.5) * std::pow(2.0, (i - 4) / 2.0);
      const double tokens = flops / (6 * params);
      const std::array x{std::log(params), std::log(tokens)};
      columns["params"].push_back(params);
      columns["tokens"].push_back(tokens);
      columns["flops"].push_back(flops);
      columns["loss"].push_back(
          std::exp(law.log_response(x.data(), theta.data()) + noise * random.normal()));
    }
  return columns;
}

Json ok(const Answer& answer) {
  EXPECT_TRUE(answer.json["ok"].get<bool>()) << answer.json;
  return answer.json["ok"].get<bool>() ? answer.json["result"] : Json::object();
}

void expect_refused(const Answer& answer, const std::string& field) {
  ASSERT_FALSE(answer.json["ok"].get<bool>()) << answer.json;
  EXPECT_EQ(answer.json["error"]["field"], field) << answer.json;
  EXPECT_EQ(answer.json["error"]["message"].get<std::string>().back(), '.');
}

TEST(Approach2Api, SaysWhichRunBelongsWhereAndWhatFollows) {
  Columns columns = isoflops(0.001);
  columns["params"].push_back(1e9);
  columns["tokens"].push_back(1e9);
  columns["flops"].push_back(6.5e18);
  columns["loss"].push_back(3);
  Json request = target({1e22, 1e24});
  request["draws"] = 200;
  request["seed"] = 4;
  const Json result = ok(call_estimation("approach_2", request, columns));
  ASSERT_EQ(result["budgets"].size(), 5U);
  EXPECT_EQ(result["budgets"][1]["flops"], 1e19);
  EXPECT_EQ(result["budgets"][1]["rows"], Json::array({9, 10, 11, 12, 13, 14, 15, 16, 17}));
  EXPECT_EQ(result["unassigned"], Json::array({45}));
  const Json& parabola = result["budgets"][1]["params"];
  EXPECT_TRUE(parabola["flags"].empty());
  EXPECT_LT(parabola["range"][0], parabola["log_opt"]);
  EXPECT_GT(parabola["curvature"], 0);
  EXPECT_TRUE(result["budgets"][1]["used"]);
  EXPECT_NEAR(result["params"]["exponent"], 0.28 / 0.62, 0.05);
  EXPECT_LT(result["params"]["exponent_interval"][0], result["params"]["exponent"]);
  EXPECT_NEAR(result["exponent_sum"].get<double>(), 1, 1e-6);
  ASSERT_EQ(result["optima"].size(), 2U);
  EXPECT_EQ(result["optima"][1]["flops"], 1e24);
  const Json& tokens = result["optima"][1]["tokens"];
  EXPECT_LT(tokens["interval"][0], tokens["value"]);
  EXPECT_GT(tokens["interval"][1], tokens["value"]);
  EXPECT_TRUE(result["warnings"].empty());
  EXPECT_EQ(ok(call_estimation("approach_2", request, columns)), result) << "same seed";
}

TEST(Approach2Api, TakesBudgetsAsTheTableNamesThem) {
  Columns columns = isoflops();
  columns["budget"].assign(45, kNaN);
  for (std::size_t i = 0; i < 27; ++i) columns["budget"][i] = i < 9 ? 3e18 : i < 18 ? 1e19 : kNaN;
  const Json result = ok(call_estimation("approach_2", target(), columns));
  ASSERT_EQ(result["budgets"].size(), 2U);
  EXPECT_EQ(result["budgets"][0]["flops"], 3e18);
  EXPECT_EQ(result["budgets"][0]["rows"].size(), 9U);
  EXPECT_EQ(result["unassigned"].size(), 27U);
  EXPECT_EQ(result["warnings"][0]["code"], "few_budgets");
  EXPECT_GT(result["params"]["exponent"], 0);
  EXPECT_TRUE(result["params"]["exponent_interval"].is_null()) << "no draws asked for";
}

TEST(Approach2Api, WithoutBudgetsThereIsNoLineButAnAnswer) {
  Columns columns;
  for (const char* id : {"params", "tokens", "loss"}) columns[id] = {1e9, 2e9, 3e9};
  columns["flops"] = {1e18, 1e19, 1e20};
  const Json result = ok(call_estimation("approach_2", target(), columns));
  EXPECT_TRUE(result["params"].is_null());
  EXPECT_TRUE(result["exponent_sum"].is_null());
  EXPECT_TRUE(result["optima"].empty());
  EXPECT_EQ(result["unassigned"].size(), 3U);
  const Json nothing = ok(call_estimation(
      "approach_2", target(), {{"params", {}}, {"tokens", {}}, {"flops", {}}, {"loss", {}}}));
  EXPECT_TRUE(nothing["budgets"].empty());
}

TEST(Approach2Api, RefusesWhatMakesNoSense) {
  const auto refused = [](const char* key, const Json& value, const char* field) {
    Json request = target();
    request[key] = value;
    expect_refused(call_estimation("approach_2", request, isoflops()), field);
  };
  refused("tolerance", 0.9, "tolerance");
  refused("tolerance", "wide", "tolerance");
  refused("draws", -1, "draws");
  refused("draws", 1.5, "draws");
  refused("draws", 1e9, "draws");
  refused("seed", -3, "seed");
  refused("flops", {0}, "flops");
  refused("cost_model", {{"id", "free"}}, "cost_model.id");
  Columns columns = isoflops();
  columns.erase("loss");
  expect_refused(call_estimation("approach_2", target(), columns), "columns.loss");
  columns = isoflops();
  columns["tokens"][4] = -1;
  expect_refused(call_estimation("approach_2", target(), columns), "columns.tokens");
  columns = isoflops();
  columns["budget"] = {1e18};
  expect_refused(call_estimation("approach_2", target(), columns), "columns.budget");
  columns["budget"].assign(45, 0);
  expect_refused(call_estimation("approach_2", target(), columns), "columns.budget");
}

TEST(Approach2BiasApi, IsWhatApproach2GetsWrongOnTheLawsOwnSurface) {
  Columns design = isoflops();
  const Json found = ok(call_estimation("approach_2", target(), design));
  Json request = target();
  request["law"] = "additive";
  request["coefficients"] = kCoefficients;
  const Json truth = ok(call_estimation("optimum", request, {}))["optima"][0];
  design.erase("loss");
  const Json bias = ok(call_estimation("approach_2_bias", request, design));
  for (const char* id : {"params", "tokens"}) {
    const double ratio =
        found["optima"][0][id]["value"].get<double>() / truth[id]["value"].get<double>();
    EXPECT_NEAR(bias["optima"][0][id].get<double>(), ratio - 1, 1e-9) << id;
    EXPECT_GT(std::abs(ratio - 1), 1e-3) << "the design drifts: there is something to predict";
  }
  EXPECT_NEAR(bias["params_exponent"].get<double>(),
              found["params"]["exponent"].get<double>() - 0.28 / 0.62, 1e-9);
  EXPECT_NEAR(bias["tokens_exponent"].get<double>(),
              found["tokens"]["exponent"].get<double>() - 0.34 / 0.62, 1e-9);

  request["coefficients"].erase("beta");
  expect_refused(call_estimation("approach_2_bias", request, design), "coefficients.beta");
}

TEST(Approach2BiasApi, ALawOfOneVariableHasNoneToPredict) {
  Json request = target();
  request["law"] = "power-params";
  request["coefficients"] = Json::object();
  for (const Coefficient& c : find_law("power-params")->coefficients)
    request["coefficients"][std::string(c.id)] = 0.3;
  const Json bias = ok(call_estimation("approach_2_bias", request, isoflops()));
  EXPECT_TRUE(bias["optima"][0]["params"].is_null());
  EXPECT_TRUE(bias["params_exponent"].is_null());
}

TEST(Approach1Api, ReportsTheEnvelope) {
  Columns columns;
  const Law& law = *find_law("additive");
  const Vector theta = law.to_theta(std::vector<double>{1.69, 406.4, 410.7, 0.34, 0.28});
  for (int run = 0; run < 20; ++run)
    for (int k = 0; k < 30; ++k) {
      const std::array x{std::log(1e8) + 0.2 * run, std::log(1e9) + 0.2 * k};
      columns["curve"].push_back(run);
      columns["params"].push_back(std::exp(x[0]));
      columns["tokens"].push_back(std::exp(x[1]));
      columns["flops"].push_back(6 * std::exp(x[0] + x[1]));
      columns["loss"].push_back(std::exp(law.log_response(x.data(), theta.data())));
    }
  Json request = target();
  request["points"] = 200;
  request["draws"] = 50;
  const Answer answer = call_estimation("approach_1", request, columns);
  const Json result = ok(answer);
  EXPECT_NEAR(result["params"]["exponent"], 0.28 / 0.62, 0.03);
  EXPECT_TRUE(result["params"]["exponent_interval"].is_array());
  EXPECT_GT(result["runs"], 5);
  EXPECT_TRUE(result["warnings"].empty());
  for (const char* id : {"flops", "params", "tokens", "loss", "row"})
    EXPECT_EQ(answer.columns.at(id).size(), 200U) << id;

  columns.erase("curve");
  const Json points = ok(call_estimation("approach_1", request, columns));
  EXPECT_EQ(points["warnings"][0]["code"], "no_training_curves");
  request["points"] = 1;
  expect_refused(call_estimation("approach_1", request, columns), "points");
  columns["curve"] = {1};
  expect_refused(call_estimation("approach_1", target(), columns), "columns.curve");
}

TEST(OutliersApi, GivesRowsAndReasons) {
  Columns columns = isoflops();
  Random random(8);
  for (int i = 0; i < 45; ++i) {
    columns["residual"].push_back(0.002 * random.normal());
    columns["influence"].push_back(i == 7 ? 0.2 : kNaN);
  }
  columns["residual"][30] = 0.2;
  Json request = {{"law", "additive"},
                  {"objective", {{"id", "log_huber"}}},
                  {"coefficients", kCoefficients},
                  {"standard_error", 0.05}};
  Json result = ok(call_estimation("outliers", request, columns));
  EXPECT_NEAR(result["scale"], 0.002, 1e-3);
  ASSERT_EQ(result["outliers"].size(), 2U) << result;
  EXPECT_EQ(result["outliers"][0]["row"], 7);
  EXPECT_EQ(result["outliers"][0]["reasons"][0]["code"], "influence");
  EXPECT_NEAR(result["outliers"][0]["reasons"][0]["value"], 4, 1e-12);
  EXPECT_EQ(result["outliers"][1]["row"], 30);
  EXPECT_EQ(result["outliers"][1]["reasons"][0]["code"], "residual");
  EXPECT_EQ(result["outliers"][1]["reasons"][1]["code"], "spline");

  request["standard_error"] = nullptr;
  columns.erase("flops");
  result = ok(call_estimation("outliers", request, columns));
  ASSERT_EQ(result["outliers"].size(), 1U);
  EXPECT_EQ(result["outliers"][0]["reasons"].size(), 1U);

  request["standard_error"] = -1;
  expect_refused(call_estimation("outliers", request, columns), "standard_error");
  request["standard_error"] = 1;
  columns["residual"][2] = kNaN;
  expect_refused(call_estimation("outliers", request, columns), "columns.residual");
  columns.erase("residual");
  expect_refused(call_estimation("outliers", request, columns), "columns.residual");
}

TEST(ApproachesApi, AHundredThousandRowsAreAnswered) {
  Columns columns;
  Random random(2);
  constexpr int kRows = testing::kSanitized ? 20000 : 100000;
  for (int i = 0; i < kRows; ++i) {
    const double params = std::exp(random.uniform(18, 24));
    const double flops = std::pow(10.0, std::floor(random.uniform(18, 24)));
    columns["params"].push_back(params);
    columns["flops"].push_back(flops);
    columns["tokens"].push_back(flops / (6 * params));
    columns["loss"].push_back(2 + random.uniform());
    columns["residual"].push_back(0.01 * random.normal());
    columns["curve"].push_back(std::floor(random.uniform(0, kRows / 5.0)));
  }
  Json request = target();
  request["draws"] = 20;
  ok(call_estimation("approach_1", request, columns));
  EXPECT_EQ(ok(call_estimation("approach_2", request, columns))["budgets"].size(), 6U);
  request["law"] = "additive";
  request["coefficients"] = kCoefficients;
  ok(call_estimation("approach_2_bias", request, columns));
  request["objective"] = {{"id", "log_huber"}};
  ok(call_estimation("outliers", request, columns));
  request["draws"] = 10000;
  expect_refused(call_estimation("approach_2", request, columns), "draws");
}

// Whatever arrives is answered.
TEST(ApproachesApi, HostileRequestsAreAnswered) {
  Random random(99);
  const auto below = [&](std::uint32_t n) { return static_cast<int>(random.below(n)); };
  const std::vector<Json> values{nullptr,
                                 true,
                                 -1,
                                 0,
                                 0.3,
                                 7,
                                 1e308,
                                 kNaN,
                                 "additive",
                                 "power-params",
                                 Json::array(),
                                 Json::array({1e20, "x"}),
                                 Json::array({1e20, 1e300}),
                                 Json::object(),
                                 {{"id", "attention"}}};
  const std::vector<double> numbers{0,     -1,    kNaN, std::numeric_limits<double>::infinity(),
                                    1e308, 1e-99, 1e99, 5e-324};
  int answered = 0;
  constexpr int kRequests = testing::kSanitized ? 400 : 3000;
  for (int i = 0; i < kRequests; ++i) {
    Json request = target();
    request["law"] = "additive";
    request["objective"] = {{"id", "log_huber"}};
    request["coefficients"] = kCoefficients;
    request["draws"] = 3;
    request["points"] = 20;
    request["standard_error"] = 0.1;
    Columns columns = isoflops();
    columns["residual"].assign(45, 0.01);
    columns["influence"].assign(45, 0.01);
    if (below(2) == 0) columns["budget"] = columns["flops"];
    if (below(2) == 0)
      for (int k = 0; k < 45; ++k) columns["curve"].push_back(below(6));
    for (int spoilt = below(3); spoilt > 0; --spoilt) {
      if (below(2) == 0) {
        auto it = request.begin();
        std::advance(it, below(static_cast<std::uint32_t>(request.size())));
        *it = values[random.below(static_cast<std::uint32_t>(values.size()))];
      } else {
        auto it = columns.begin();
        std::advance(it, below(static_cast<std::uint32_t>(columns.size())));
        switch (below(4)) {
          case 0:
            columns.erase(it);
            break;
          case 1:
            it->second.resize(static_cast<std::size_t>(below(50)), 1e9);
            break;
          case 2:
            for (double& x : it->second)
              x = numbers[random.below(static_cast<std::uint32_t>(numbers.size()))];
            break;
          default:
            it->second.assign(it->second.size(),
                              numbers[random.below(static_cast<std::uint32_t>(numbers.size()))]);
        }
      }
    }
    for (const char* operation : {"approach_1", "approach_2", "approach_2_bias", "outliers"}) {
      const Answer answer = call_estimation(operation, request, columns);
      ASSERT_TRUE(answer.json["ok"].is_boolean());
      if (answer.json["ok"].get<bool>())
        ++answered;
      else
        EXPECT_FALSE(answer.json["error"]["message"].get<std::string>().empty());
    }
  }
  EXPECT_GT(answered, kRequests) << "or else hardly anything got past the first check";
}

}  // namespace
}  // namespace isoloss::api
