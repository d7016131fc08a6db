// The estimation operations on uncertainty: shapes, sense and wrong requests.
#include <gtest/gtest.h>

#include <cmath>

#include "api/estimation.h"
#include "core/simulate.h"

namespace isoloss::api {
namespace {

Json parse(const char* text) { return Json::parse(text); }

/// The bundled isoFLOP study.
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

/// FittedRequest and Target of a fit of those columns.
Json fitted_request(const Columns& columns, const char* law = "additive") {
  Json request = parse(R"({"objective":{"id":"log_huber"}})");
  request["law"] = law;
  FitJob job;
  Answer answer = job.start(request, columns);
  while (answer.json["result"]["fraction"].get<double>() < 1) answer = job.step();
  const Json report = job.result().json["result"];
  request["objective"]["delta"] = report["objective"]["delta"];
  for (const Json& c : report["coefficients"])
    if (c["value"].is_number()) request["coefficients"][c["id"].get<std::string>()] = c["value"];
  request["cost_model"] = parse(R"({"id":"six_nd"})");
  request["flops"] = parse("[1e21,1e24]");
  return request;
}

Json with(Json request, const char* patch) {
  request.merge_patch(parse(patch));
  return request;
}

Answer ask(const char* operation, const Json& request, const Columns& columns) {
  Answer answer = call_estimation(operation, request, columns);
  EXPECT_TRUE(answer.json["ok"].get<bool>()) << operation << answer.json;
  return answer;
}

std::string wrong_field(const char* operation, const Json& request, const Columns& columns) {
  const Answer answer = call_estimation(operation, request, columns);
  EXPECT_FALSE(answer.json["ok"].get<bool>()) << operation;
  return answer.json["ok"].get<bool>() ? "" : answer.json["error"]["field"].get<std::string>();
}

TEST(BootstrapOperation, ChunksJoinToTheWhole) {
  const Columns columns = study();
  const Json request = with(fitted_request(columns), R"({"seed":5,"effort":"warm"})");
  const Columns whole = ask("bootstrap", with(request, R"({"from":0,"to":40})"), columns).columns;
  Columns joined;
  for (const char* chunk : {R"({"from":0,"to":7})", R"({"from":7,"to":7})", R"({"from":7,"to":31})",
                            R"({"from":31,"to":40})"})
    for (const auto& [id, values] : ask("bootstrap", with(request, chunk), columns).columns)
      joined[id].insert(joined[id].end(), values.begin(), values.end());
  EXPECT_EQ(whole, joined);
  EXPECT_EQ(whole.at("objective").size(), 40U);
  EXPECT_EQ(whole.at("alpha").size(), 40U);
  const Columns audited =
      ask("bootstrap", with(request, R"({"from":5,"to":40,"every":10})"), columns).columns;
  EXPECT_EQ(audited.at("E"),
            (std::vector<double>{whole.at("E")[10], whole.at("E")[20], whole.at("E")[30]}));
}

TEST(BootstrapOperation, LeadsToIntervalsAroundTheFit) {
  const Columns columns = study();
  const Json request = fitted_request(columns);
  Columns draws =
      ask("bootstrap", with(request, R"({"seed":1,"effort":"warm","from":0,"to":300})"), columns)
          .columns;
  const std::vector<double> objective = draws.at("objective");
  draws.erase("objective");
  const Answer answer = ask("intervals", with(request, R"({"columns":true})"), draws);
  const Json& report = answer.json["result"];
  EXPECT_EQ(report["draws"], 300);
  EXPECT_EQ(report["level"], 0.95);
  EXPECT_EQ(report["failed"], 0);
  for (const char* id : {"E", "A", "B", "alpha", "beta"}) {
    const Json& estimate = report["coefficients"][id];
    EXPECT_LT(estimate["interval"][0], estimate["value"]) << id;
    EXPECT_GT(estimate["interval"][1], estimate["value"]) << id;
  }
  EXPECT_EQ(report["implied"][0]["id"], "N_exponent");
  const Json& optimum = report["optima"][1];
  for (const char* id : {"params", "tokens", "tokens_per_param", "loss"}) {
    const Json& estimate = optimum[id];
    EXPECT_LT(estimate["interval"][0], estimate["value"]) << id;
    EXPECT_GT(estimate["interval"][1], estimate["value"]) << id;
    EXPECT_EQ(answer.columns.at(id + std::string(":1")).size(), 300U);
  }
  // Tokens mirror parameters at a budget.
  EXPECT_NEAR(optimum["tokens"]["interval"][0].get<double>() *
                  optimum["params"]["interval"][1].get<double>() * 6 / 1e24,
              1, 1e-12);
  const Json mean = ask("intervals", request, draws).json["result"];
  EXPECT_EQ(mean, report);  // with or without columns
}

TEST(BootstrapOperation, SaysWhatIsWrong) {
  const Columns columns = study();
  const Json request =
      with(fitted_request(columns), R"({"seed":5,"effort":"warm","from":0,"to":2})");
  ask("bootstrap", request, columns);
  const auto field = [&](const char* patch) {
    return wrong_field("bootstrap", with(request, patch), columns);
  };
  EXPECT_EQ(field(R"({"seed":-1})"), "seed");
  EXPECT_EQ(field(R"({"seed":0.5})"), "seed");
  EXPECT_EQ(field(R"({"effort":"great"})"), "effort");
  EXPECT_EQ(field(R"({"from":3})"), "to");
  EXPECT_EQ(field(R"({"to":1e9})"), "to");
  EXPECT_EQ(field(R"({"every":0})"), "every");
  EXPECT_EQ(field(R"({"coefficients":{"alpha":null}})"), "coefficients.alpha");
  EXPECT_EQ(field(R"({"objective":{"id":"log_huber_scaled","delta":null}})"), "objective.delta");
  Columns clustered = columns;
  clustered["cluster"] = {1, 2};
  EXPECT_EQ(wrong_field("bootstrap", request, clustered), "columns.cluster");
  clustered["cluster"] = std::vector<double>(63, NAN);
  EXPECT_EQ(wrong_field("bootstrap", request, clustered), "columns.cluster");
}

TEST(AuditOperation, Answers) {
  Columns columns{{"objective", {1, 1}}, {"audited", {1, NAN}}, {"at_bound", {0, 0}}};
  const Json trusted = ask("audit", parse(R"({"rows":100})"), columns).json["result"];
  EXPECT_EQ(trusted["rerun"], false);
  EXPECT_TRUE(trusted["reason"].is_null());
  EXPECT_EQ(trusted["audited"], 1);
  columns["audited"][0] = 0.5;
  EXPECT_EQ(ask("audit", parse(R"({"rows":100})"), columns).json["result"]["reason"],
            "missed_optimum");
  EXPECT_EQ(wrong_field("audit", parse(R"({"rows":0})"), columns), "rows");
  columns.erase("at_bound");
  EXPECT_EQ(wrong_field("audit", parse(R"({"rows":100})"), columns), "columns.at_bound");
}

TEST(IntervalsOperation, ALawWithoutAnOptimumHasNone) {
  Columns columns = study();
  columns["at_bound"] = {0, 0, 0};
  columns["E"] = {1, 1.1, 1.2};
  columns["A"] = {10, 11, NAN};
  columns["alpha"] = {0.3, 0.31, 0.32};
  const Json report = ask("intervals", parse(R"({"law":"power-floor-params","flops":[1e21],
      "cost_model":{"id":"six_nd"},"coefficients":{"E":1,"A":10,"alpha":0.3}})"),
                          columns)
                          .json["result"];
  EXPECT_TRUE(report["optima"][0].is_null());
  EXPECT_TRUE(report["implied"].empty());
  EXPECT_NEAR(report["coefficients"]["A"]["missing"].get<double>(), 1.0 / 3, 1e-15);
}

}  // namespace
}  // namespace isoloss::api
