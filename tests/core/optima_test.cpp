// Of several optima the best is found, and one that rivals it is named.
#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace isoloss
