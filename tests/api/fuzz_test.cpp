// Whatever arrives is answered: the WebAssembly build throws nothing, so what would throw here is a
// trap there, and a trap costs the page its worker. Deterministic, so that a failure can be found.
#include <gtest/gtest.h>

#include <limits>

#include "api/api.h"
#include "core/simulate.h"

namespace isoloss::api {
namespace {

constexpr int kRequests = testing::kSanitized ? 1500 : 6000;

class Fuzz {
 public:
  explicit Fuzz(std::uint64_t seed) : random_(seed) {}

  int below(int n) { return static_cast<int>(random_.uniform() * n); }
  bool one_in(int n) { return below(n) == 0; }

  double number() {
    constexpr std::array kNumbers{0.0,
                                  -1.0,
                                  0.3,
                                  2.0,
                                  1e9,
                                  1e308,
                                  -1e308,
                                  5e-324,
                                  std::numeric_limits<double>::quiet_NaN(),
                                  std::numeric_limits<double>::infinity()};
    return kNumbers[static_cast<std::size_t>(below(static_cast<int>(kNumbers.size())))];
  }

  std::string word() {
    constexpr std::array kWords{
        "additive", "familial",      "kaplan",    "kaplan-floor", "power-params", "E",
        "A",        "alpha",         "beta",      "N_c",          "six_nd",       "attention",
        "k",        "context",       "log_huber", "squares",      "log_absolute", "count",
        "nats",     "bits_per_byte", "params",    "tokens",       "isoflop",      "",
        "\xff\xfe", "none"};
    return kWords[static_cast<std::size_t>(below(static_cast<int>(kWords.size())))];
  }

  /// Any JSON at all.
  Json anything(int depth) {
    switch (below(depth > 0 ? 7 : 5)) {
      case 0:
        return nullptr;
      case 1:
        return one_in(2);
      case 2:
        return number();
      case 3:
        return below(1000) - 500;
      case 4:
        return word();
      case 5: {
        Json list = Json::array();
        for (int i = below(6); i > 0; --i) list.push_back(anything(depth - 1));
        return list;
      }
      default: {
        Json object = Json::object();
        for (int i = below(6); i > 0; --i) object[word()] = anything(depth - 1);
        return object;
      }
    }
  }

  /// A sound request with a few places spoilt.
  Json request() {
    Json json = {
        {"law", one_in(3) ? word() : "additive"},
        {"objective", {{"id", one_in(3) ? word() : "log_huber"}}},
        {"cost_model", {{"id", "six_nd"}, {"settings", {{"k", 6}}}}},
        {"units",
         {{"params", {{"id", "count"}}},
          {"tokens", {{"id", "count"}}},
          {"loss", {{"id", "bits_per_byte"}, {"ratio", 4}}}}},
        {"coefficients", {{"E", 1.7}, {"A", 400}, {"B", 2000}, {"alpha", 0.34}, {"beta", 0.36}}},
        {"covariance",
         {{"coefficients", {"alpha", "beta"}},
          {"matrix", {{1e-4, 0}, {0, 1e-4}}},
          {"degrees_of_freedom", 20}}},
        {"flops", {1e20}},
        {"at", {{"exits", 2}}},
        {"range", {{"flops", {1e18, 1e21}}}},
        {"id", "isoflop"}};
    if (one_in(3)) json["fixed"] = {{word(), number()}};
    if (one_in(3)) json["tied"] = {{word(), word()}, {"alpha", "beta"}};
    if (one_in(10)) json["bounds"] = {{one_in(2) ? word() : "alpha", {number(), number()}}};
    if (one_in(10)) json["weights"] = one_in(2) ? word() : "column";
    for (int i = below(4); i > 0; --i) spoil(json);
    return json;
  }

  Columns columns() {
    Columns result;
    const int rows = one_in(4) ? below(3) : 12;
    for (const char* id : {"params", "tokens", "exits", "loss", "weight"}) {
      if (one_in(10)) continue;
      std::vector<double>& column = result[id];
      for (int i = one_in(15) ? rows + 1 : rows; i > 0; --i)
        column.push_back(one_in(120) ? number() : std::exp(3 * random_.normal()));
    }
    if (one_in(10)) result[word()] = {number()};
    return result;
  }

 private:
  /// Another value somewhere below.
  void spoil(Json& json) {
    if (!json.is_structured() || json.empty() || one_in(4)) {
      json = anything(3);
      return;
    }
    auto it = json.begin();
    std::advance(it, below(static_cast<int>(json.size())));
    spoil(*it);
  }

  Random random_;
};

void check(const Answer& answer) {
  ASSERT_TRUE(answer.json["ok"].is_boolean());
  if (answer.json["ok"].get<bool>()) return;
  EXPECT_FALSE(answer.json["error"]["message"].get<std::string>().empty());
}

TEST(Fuzz, EveryRequestIsAnswered) {
  Fuzz fuzz(20261122);
  int good = 0;
  for (int i = 0; i < kRequests; ++i) {
    for (const char* operation : {"prepare", "predict", "optimum", "example"}) {
      const Answer answer = call(operation, fuzz.request(), fuzz.columns());
      check(answer);
      if (answer.json["ok"].get<bool>()) ++good;
    }
    check(call("predict", fuzz.anything(4), fuzz.columns()));
  }
  // Or else nothing past the first check was reached.
  EXPECT_GT(good, kRequests / 2);
}

TEST(Fuzz, EveryFitEnds) {
  Fuzz fuzz(7);
  FitJob job;
  int fitted = 0;
  // Most spoilt requests are refused; enough of the others are fitted to the end.
  for (int i = 0; i < kRequests && fitted < kRequests / 100; ++i) {
    Answer answer = job.start(fuzz.request(), fuzz.columns());
    check(answer);
    if (!answer.json["ok"].get<bool>()) continue;
    int steps = 0;
    for (; answer.json["result"]["fraction"].get<double>() < 1; ++steps) {
      ASSERT_LT(steps, 500) << "fit " << i;
      answer = job.step();
    }
    answer = job.result();
    ASSERT_TRUE(answer.json["ok"].get<bool>());
    ++fitted;
    const Json& report = answer.json["result"];
    if (!report["usable"].get<bool>()) continue;
    EXPECT_TRUE(report["objective"]["value"].is_number()) << report;
    for (const double predicted : answer.columns.at("predicted"))
      EXPECT_TRUE(std::isfinite(predicted)) << report;
  }
  EXPECT_EQ(fitted, kRequests / 100);
}

}  // namespace
}  // namespace isoloss::api
