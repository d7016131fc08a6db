// The estimation operations on uncertainty: shapes, sense and wrong requests.
#include <gtest/gtest.h>

#include <algorithm>
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

TEST(InfluenceOperation, IsAFitOfTheOtherRuns) {
  const Columns columns = study();
  const Json request = fitted_request(columns);
  const Answer answer = ask("influence", with(request, R"({"from":5,"to":8})"), columns);
  EXPECT_EQ(answer.json["result"]["method"], "exact");
  for (std::size_t i = 5; i < 8; ++i) {
    Columns others = columns;
    for (auto& [id, values] : others) values.erase(values.begin() + static_cast<std::ptrdiff_t>(i));
    const Json refit = fitted_request(others);
    for (const char* id : {"E", "alpha", "beta"})
      EXPECT_NEAR(answer.columns.at(id)[i - 5] / refit["coefficients"][id].get<double>(), 1, 1e-6);
    const auto params = [](const Json& fitted) {
      return call("optimum", fitted, {})
          .json["result"]["optima"][0]["params"]["value"]
          .get<double>();
    };
    EXPECT_NEAR(answer.columns.at("params:0")[i - 5], std::log(params(refit) / params(request)),
                1e-6);
  }
  EXPECT_EQ(wrong_field("influence", with(request, R"({"from":0,"to":64})"), columns), "to");
  EXPECT_EQ(wrong_field("influence", with(request, R"({"from":0,"to":1,"flops":[-1]})"), columns),
            "flops");
}

TEST(PathsOperation, BeginsWithTheFitAndLeavesOutTheWorst) {
  Columns columns = study();
  columns["loss"][17] *= 1.3;
  const Json request = fitted_request(columns);
  const Columns out = ask("paths", with(request, R"({"drop":3,"deltas":9})"), columns).columns;
  ASSERT_EQ(out.at("drop.row").size(), 4U);
  EXPECT_TRUE(std::isnan(out.at("drop.row")[0]));
  EXPECT_EQ(out.at("drop.row")[1], 17);
  // The answers themselves, not changes of them.
  const Json best = ask("optimum",
                        {{"law", "additive"},
                         {"coefficients", request["coefficients"]},
                         {"cost_model", {{"id", "six_nd"}}},
                         {"flops", {request["flops"][0]}}},
                        {})
                        .json["result"]["optima"][0];
  EXPECT_NEAR(out.at("drop.params:0")[0] / best["params"]["value"].get<double>(), 1, 1e-9);
  EXPECT_NEAR(
      out.at("drop.tokens_per_param:0")[0] / best["tokens_per_param"]["value"].get<double>(), 1,
      1e-9);
  EXPECT_NEAR(out.at("drop.alpha")[0] / request["coefficients"]["alpha"].get<double>(), 1, 1e-12);
  // The ends of the other path are the fits that it is named after.
  ASSERT_EQ(out.at("delta").size(), 9U);
  for (const auto& [entry, objective] :
       {std::pair{0, "log_absolute"}, std::pair{8, "log_squares"}}) {
    FitJob job;
    Answer answer = job.start({{"law", "additive"}, {"objective", {{"id", objective}}}}, columns);
    while (answer.json["result"]["fraction"].get<double>() < 1) answer = job.step();
    answer = job.result();
    for (const Json& c : answer.json["result"]["coefficients"])
      EXPECT_NEAR(out.at("delta." + c["id"].get<std::string>())[static_cast<std::size_t>(entry)] /
                      c["value"].get<double>(),
                  1, entry == 0 ? 1e-2 : 1e-5)
          << objective << c["id"];
  }
}

TEST(ProfileOperation, EndsWhereTheDevianceSaysSo) {
  const Columns columns = study();
  const Json request = fitted_request(columns);
  for (const char* of : {"E", "A", "alpha", "beta", "N_exponent", "D_exponent", "params", "tokens",
                         "tokens_per_param", "loss"}) {
    Json question = request;
    question["of"] = of;
    const Answer answer = ask("profile", question, columns);
    const Json& report = answer.json["result"];
    ASSERT_TRUE(report["lower"].is_number()) << of << report;
    ASSERT_TRUE(report["upper"].is_number()) << of << report;
    EXPECT_LT(report["lower"], report["value"]) << of;
    EXPECT_GT(report["upper"], report["value"]) << of;
    const std::vector<double>& x = answer.columns.at("x");
    const std::vector<double>& deviance = answer.columns.at("deviance");
    EXPECT_TRUE(std::ranges::is_sorted(x)) << of;
    EXPECT_GE(x.size(), 35U) << of;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool inside = x[i] >= report["lower"] && x[i] <= report["upper"];
      if (std::abs(deviance[i] - 3.84) > 0.1) {
        EXPECT_EQ(deviance[i] < 3.84, inside) << of << " " << x[i];
      }
    }
  }
  EXPECT_EQ(wrong_field("profile", with(request, R"({"of":"gamma"})"), columns), "of");
  EXPECT_EQ(wrong_field("profile", with(request, R"({"of":"E","points":1e9})"), columns), "points");
}

TEST(NextRunOperation, StaysWithinTheBudgetAndHelps) {
  const Columns columns = study();
  const Json request = with(fitted_request(columns), R"({"range":{},"largest_flops":1e21})");
  const Json candidates = ask("next_run", request, columns).json["result"]["candidates"];
  ASSERT_FALSE(candidates.empty());
  double lowest = 1e300;
  double highest = 0;
  for (std::size_t i = 0; i < columns.at("params").size(); ++i) {
    const double ratio = columns.at("tokens")[i] / columns.at("params")[i];
    lowest = std::min(lowest, ratio);
    highest = std::max(highest, ratio);
  }
  double last = 0;
  for (const Json& candidate : candidates) {
    EXPECT_LE(candidate["flops"].get<double>(), 1e21 * (1 + 1e-12));
    EXPECT_NEAR(6 * candidate["params"].get<double>() * candidate["tokens"].get<double>() /
                    candidate["flops"].get<double>(),
                1, 1e-12);
    EXPECT_GE(candidate["shrinks"].get<double>(), last);
    last = candidate["shrinks"].get<double>();
    EXPECT_LT(last, 1);
    const double ratio = candidate["tokens"].get<double>() / candidate["params"].get<double>();
    EXPECT_GE(ratio, lowest / 3 * (1 - 1e-12));
    EXPECT_LE(ratio, highest * 3 * (1 + 1e-12));
  }
  EXPECT_EQ(wrong_field("next_run", with(request, R"({"range":{"params":[2,1]}})"), columns),
            "range.params");
}

TEST(BandsOperation, HoldTheLawAndNewRuns) {
  Columns columns = study();
  const Json request = fitted_request(columns);
  const Columns draws =
      ask("bootstrap", with(request, R"({"seed":1,"effort":"warm","from":0,"to":400})"), columns)
          .columns;
  FitJob job;
  Answer fit = job.start(request, columns);
  while (fit.json["result"]["fraction"].get<double>() < 1) fit = job.step();
  Columns sent{{"residual", job.result().columns.at("residual")}};
  for (const char* id : {"E", "A", "B", "alpha", "beta"})
    sent["draw." + std::string(id)] = draws.at(id);
  for (const char* id : {"params", "tokens"}) sent["at." + std::string(id)] = columns[id];
  for (std::size_t i = 0; i < columns["params"].size(); ++i)
    sent["at.flops"].push_back(6 * columns["params"][i] * columns["tokens"][i]);
  sent["residual.flops"] = sent["at.flops"];
  const Json question = parse(R"({"law":"additive","seed":3})");
  const Columns bands = ask("bands", question, sent).columns;
  EXPECT_EQ(bands, ask("bands", question, sent).columns);
  int inside = 0;
  for (std::size_t i = 0; i < columns["loss"].size(); ++i) {
    const double law = job.result().columns.at("predicted")[i];
    EXPECT_LE(bands.at("lower")[i], law * (1 + 1e-3));
    EXPECT_GE(bands.at("upper")[i], law * (1 - 1e-3));
    EXPECT_LT(bands.at("new_lower")[i], bands.at("lower")[i]);
    EXPECT_GT(bands.at("new_upper")[i], bands.at("upper")[i]);
    inside += columns["loss"][i] >= bands.at("new_lower")[i] &&
              columns["loss"][i] <= bands.at("new_upper")[i];
  }
  EXPECT_GE(inside, 0.88 * 63);  // of 95 % that are promised
  sent["residual"][0] = NAN;
  EXPECT_EQ(wrong_field("bands", question, sent), "columns.residual");
}

TEST(SelfTestOperation, Answers) {
  const Columns recovery =
      ask("self_test", parse(R"({"kind":"recovery","law":"additive","seed":1,"from":3,"to":6})"),
          {})
          .columns;
  ASSERT_EQ(recovery.at("error").size(), 3U);
  for (const double error : recovery.at("predicted_error")) EXPECT_LT(error, 1e-6);
  const Columns coverage =
      ask("self_test",
          parse(R"({"kind":"coverage","law":"familial","seed":1,"from":0,"to":2,"draws":50})"), {})
          .columns;
  for (const char* id : {"bootstrap.alpha", "sandwich.gamma", "bootstrap.params", "sandwich.loss"})
    EXPECT_EQ(coverage.at(id).size(), 2U) << id;
  EXPECT_EQ(wrong_field("self_test", parse(R"({"kind":"luck","law":"additive","seed":1,"from":0,
      "to":1})"),
                        {}),
            "kind");
}

// Whatever is spoilt in a sound request, the answer is an answer.
TEST(UncertaintyFuzz, EveryRequestIsAnswered) {
  Columns columns = study();
  for (auto& [id, values] : columns) values.resize(14);
  columns["cluster"] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7};
  Json request = fitted_request(columns);
  request.merge_patch(parse(R"({"seed":5,"effort":"warm","from":0,"to":3,"rows":14,"level":0.9,
      "drop":2,"deltas":3,"of":"alpha","points":3,"range":{"params":[1e7,1e9]},"largest_flops":1e21,
      "kind":"recovery","draws":50,"at":{"exits":2},"every":1,"columns":true})"));
  for (const char* id : {"E", "A", "B", "alpha", "beta", "gamma"}) {
    columns[id] = {1.2, 0.3, 0};
    columns[std::string("draw.") + id] = {1.2, 0.3, 0};
  }
  columns["objective"] = columns["audited"] = columns["at_bound"] = {1, 2, 3};
  columns["residual"] = {0.1, -0.1};
  columns["at.params"] = columns["at.tokens"] = {1e9};
  const std::array<Json, 12> anything{nullptr,        true,    0,       -1,         0.5,
                                      1e308,          1e-320,  "alpha", "additive", Json::array(),
                                      Json::object(), "kaplan"};
  Random random(11);
  const auto below = [&](std::size_t n) { return random.below(static_cast<std::uint32_t>(n)); };
  std::map<std::string, int> good;
  for (int i = 0; i < (testing::kSanitized ? 60 : 300); ++i)
    for (const Operation& operation : uncertainty_operations()) {
      Json spoilt = request;
      Columns sent = columns;
      for (std::uint32_t k = below(3); k > 0; --k) {
        auto it = spoilt.begin();
        std::advance(it, below(spoilt.size()));
        if (it->is_object() && !it->empty() && below(2) == 0) it = it->begin();
        *it = anything[below(anything.size())];
      }
      for (std::uint32_t k = below(3); k > 0; --k) {
        auto it = sent.begin();
        std::advance(it, below(sent.size()));
        std::vector<double>& values = it->second;
        const double odd[] = {NAN, INFINITY, 0, -1, 1e308, 1e-310};
        if (values.empty() || below(3) == 0)
          values.resize(below(20), 1);
        else
          values[below(values.size())] = odd[below(6)];
      }
      const Answer answer =
          call_estimation(operation.id, below(40) == 0 ? anything[below(12)] : spoilt, sent);
      ASSERT_TRUE(answer.json["ok"].is_boolean());
      if (answer.json["ok"].get<bool>())
        ++good[std::string(operation.id)];
      else
        EXPECT_FALSE(answer.json["error"]["message"].get<std::string>().empty());
    }
  for (const Operation& operation : uncertainty_operations())
    EXPECT_GT(good[std::string(operation.id)], 3) << operation.id;
}

}  // namespace
}  // namespace isoloss::api
