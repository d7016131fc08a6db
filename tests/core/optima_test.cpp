// Of several optima the best is found, and one that rivals it is named.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/fit/sampled_search.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

const Law& additive_law() { return *find_law("additive"); }

bool warns(const FitResult& result, std::string_view code) {
  return std::ranges::count(result.warnings, code, &FitWarning::code) > 0;
}

/// Two kinds of runs, one the mirror image of the other in N and D: whatever a law says of them,
/// the law with N and D exchanged says as well.
FitData mirrored_runs(unsigned seed) {
  constexpr double kCentre = 3e9;
  FitData data{.inputs = {{}, {}}, .response = {}, .weight = {}};
  const auto add = [&](double N, double D, double L) {
    data.inputs[0].push_back(N);
    data.inputs[1].push_back(D);
    data.response.push_back(L);
  };
  Random random(seed);
  for (const double x : {-3.0, -1.8, -0.6, 0.6, 1.8, 3.0})
    for (const double y : {-2.4, -1.2, 0.0, 1.2, 2.4}) {
      const double noise = std::exp(0.003 * random.normal());
      const double L = (1.5 + std::exp(-0.1 * x) + 0.5 * std::exp(-y)) * noise;
      add(kCentre * std::exp(x), kCentre * std::exp(y), L);
      add(kCentre * std::exp(y), kCentre * std::exp(x), L);
    }
  return data;
}

TEST(SecondOptimum, IsTheMirrorImageOfTheFirst) {
  for (const double delta : {1e-4, 1e-3, 1e-2}) {
    const FitResult result =
        fit(testing::specification(additive_law(), Objective::Kind::log_huber, delta),
            mirrored_runs(3));
    ASSERT_TRUE(result.usable);
    ASSERT_TRUE(result.other_optimum) << delta;
    const OtherOptimum& other = *result.other_optimum;
    EXPECT_NEAR(other.objective / *result.objective, 1, 1e-12);
    EXPECT_NEAR(other.deviance, 0, 1e-9);
    const std::vector<double> natural = additive_law().to_natural(other.theta);
    const std::size_t mirror[] = {0, 2, 1, 4, 3};
    for (std::size_t k = 0; k < 5; ++k)
      EXPECT_NEAR(natural[k] / result.coefficients[mirror[k]].estimate->value, 1, 1e-5) << k;
    EXPECT_GT(std::abs(natural[3] / natural[4] - 1), 0.5);
    const auto warning = std::ranges::find(result.warnings, "second_optimum", &FitWarning::code);
    ASSERT_NE(warning, result.warnings.end());
    EXPECT_EQ(warning->coefficients, (std::vector{3, 4}));
    EXPECT_EQ(warning->value, other.deviance);
  }
}

// The heavier one kind counts, the less the other's explanation is one.
TEST(SecondOptimum, IsGoneWhenRunsSpeakAgainstIt) {
  const auto weighted = [](double weight) {
    FitData data = mirrored_runs(3);
    data.weight.assign(data.response.size(), 1);
    for (std::size_t i = 0; i < data.response.size(); i += 2) data.weight[i] = weight;
    return fit(testing::specification(additive_law(), Objective::Kind::log_huber, 1e-3), data);
  };
  double before = 0;
  for (const double weight : {1.001, 1.01, 1.02}) {
    const FitResult slight = weighted(weight);
    ASSERT_TRUE(slight.other_optimum) << weight;
    EXPECT_GT(slight.other_optimum->deviance, before);
    EXPECT_GT(slight.other_optimum->objective, *slight.objective);
    before = slight.other_optimum->deviance;
  }
  EXPECT_LE(before, 3.84);
  const FitResult clear = weighted(4);
  EXPECT_FALSE(clear.other_optimum);
  EXPECT_FALSE(warns(clear, "second_optimum"));
}

TEST(SecondOptimum, CleanRunsHaveNone) {
  Random random(5);
  for (const char* id : {"additive", "familial", "power-floor-params"}) {
    const Law& law = *find_law(id);
    for (int set = 0; set < (testing::kSanitized ? 3 : 20); ++set) {
      FitData data = testing::random_design(law, 60, random);
      const Vector truth = testing::random_theta(law, data, 2.5, random);
      testing::respond(law, truth, data, 0.002, random);
      for (const auto kind : {Objective::Kind::log_huber, Objective::Kind::log_squares}) {
        const FitResult result = fit(testing::specification(law, kind), data);
        EXPECT_FALSE(result.other_optimum) << id << " " << set;
      }
    }
  }
}

// ------------------------------------------------------------------------- many rows

constexpr int kManyRows = testing::kSanitized ? 6'000 : 20'000;

double full_search(const FitSetup& setup) {
  const auto search = make_search(*setup.specification.law, setup.constraints, setup.runs,
                                  setup.specification.objective);
  while (search->step()) {
  }
  return search->best().objective;
}

/// The fit, by way of a sample, against the search whose every start is solved on all rows.
void expect_the_same_optimum(const FitSpecification& specification, const FitData& data) {
  FitSession session(specification, data);
  while (session.step()) {
  }
  const FitResult result = session.result();
  EXPECT_NEAR(*result.objective / full_search(session.setup()), 1, 1e-9)
      << specification.law->id << " " << info(specification.objective.kind).id;
  EXPECT_GT(result.starts_tried, 4);
  EXPECT_GE(result.starts_agreeing, 1);
}

TEST(ManyRows, ASampleLeadsToTheOptimumOfAll) {
  Random random(17);
  for (const char* id : {"additive", "familial", "power-floor-params"}) {
    const Law& law = *find_law(id);
    for (const auto kind : {Objective::Kind::log_huber, Objective::Kind::log_squares}) {
      FitData data = testing::random_design(law, kManyRows, random);
      const Vector truth = testing::random_theta(law, data, 2.5, random);
      testing::respond(law, truth, data, 0.01, random);
      expect_the_same_optimum(testing::specification(law, kind), data);
    }
  }
}

// A single row in a thousand has another number of tokens: without them the exponent of D is
// anyone's guess, so they must be in the sample.
TEST(ManyRows, RareRowsAreInTheSample) {
  Random random(23);
  FitData data = testing::random_design(additive_law(), 6'000, random);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    data.inputs[1][i] = i % 1000 == 0 ? 1e9 * (1 + static_cast<double>(i) / 1000) : 1e12;
  const Vector truth =
      additive_law().to_theta(std::vector{1.8172, 482.01, 2085.43, 0.3478, 0.3658});
  testing::respond(additive_law(), truth, data, 0.003, random);
  expect_the_same_optimum(testing::specification(additive_law(), Objective::Kind::log_huber), data);
}

TEST(ManyRows, AFewHeavyRowsAreInTheSample) {
  Random random(29);
  FitData data = testing::random_design(additive_law(), 6'000, random);
  const Vector truth = testing::random_theta(additive_law(), data, 2.5, random);
  testing::respond(additive_law(), truth, data, 0.01, random);
  data.weight.assign(data.response.size(), 1e-6);
  for (std::size_t i = 7; i < data.weight.size(); i += 211) data.weight[i] = 1;
  expect_the_same_optimum(testing::specification(additive_law(), Objective::Kind::log_huber), data);
}

TEST(ManyRows, TheWeightOfASampleIsThatOfTheRows) {
  Random random(31);
  FitData data = testing::random_design(additive_law(), 7'000, random);
  data.weight.assign(data.response.size(), 1);
  for (double& w : data.weight) w = random.uniform();
  const FitSetup setup =
      set_up(testing::specification(additive_law(), Objective::Kind::log_huber), data);
  const Runs sample = sample_runs(setup.runs, 2000);
  EXPECT_GT(sample.size(), 1000u);
  EXPECT_LT(sample.size(), 3100u);
  const auto mean = [](const std::vector<double>& values, const Runs& runs) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += runs.weight[i] * values[i];
    return sum / static_cast<double>(values.size());
  };
  EXPECT_NEAR(mean(std::vector<double>(sample.size(), 1), sample), 1, 1e-12);
  for (std::size_t v = 0; v < 2; ++v) {
    // A cell is a sixteenth of the range; the means of 2000 runs are far closer than that.
    const auto [low, high] = std::ranges::minmax(setup.runs.log_x[v]);
    EXPECT_NEAR(mean(sample.log_x[v], sample), mean(setup.runs.log_x[v], setup.runs),
                (high - low) / 160);
  }
  // The same at every call.
  EXPECT_EQ(sample_runs(setup.runs, 2000).log_response, sample.log_response);
}

}  // namespace
}  // namespace isoloss
