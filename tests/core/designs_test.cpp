// Bad designs: each gets its name and no figure that means nothing.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/simulate.h"

namespace isoloss {
namespace {

const Law& law() { return *find_law("additive"); }
const std::vector<double> kTruth{1.8172, 482.01, 2085.43, 0.3478, 0.3658};

/// Responses of the truth at these sizes and token counts.
FitData runs(const std::vector<std::pair<double, double>>& points, double noise = 0.003,
             const std::vector<double>& truth = kTruth) {
  FitData data{.inputs = {{}, {}}, .response = {}, .weight = {}};
  for (const auto& [N, D] : points) {
    data.inputs[0].push_back(N);
    data.inputs[1].push_back(D);
  }
  data.response.assign(points.size(), 1);
  Random random(12);
  testing::respond(law(), law().to_theta(truth), data, noise, random);
  return data;
}

FitResult fitted(const FitData& data, Objective::Kind kind = Objective::Kind::log_huber) {
  return fit(testing::specification(law(), kind), data);
}

std::vector<std::pair<double, double>> grid() {
  std::vector<std::pair<double, double>> points;
  for (const double N : {5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9})
    for (const double D : {2e9, 6e9, 2e10, 6e10, 2e11}) points.emplace_back(N, D);
  return points;
}

/// An isoFLOP curve; every compute is off by up to `jitter`.
std::vector<std::pair<double, double>> one_curve(int sizes, double jitter) {
  std::vector<std::pair<double, double>> points;
  Random random(3);
  for (int i = 0; i < sizes; ++i) {
    const double N = 2e8 * std::pow(2.0, 5.0 * i / (sizes - 1));
    points.emplace_back(N, 1e20 / (6 * N) * (1 + jitter * random.uniform(-1, 1)));
  }
  return points;
}

const FitWarning* warning(const FitResult& result, std::string_view code) {
  const auto it = std::ranges::find(result.warnings, code, &FitWarning::code);
  return it == result.warnings.end() ? nullptr : &*it;
}

std::string codes(const FitResult& result) {
  std::string list;
  for (const auto& found : result.warnings) list += std::string(found.code) + " ";
  return list;
}

void expect_no_intervals(const FitResult& result) {
  EXPECT_FALSE(result.usable);
  EXPECT_FALSE(result.covariance);
  EXPECT_TRUE(result.implied.empty());
  for (const auto& coefficient : result.coefficients)
    if (coefficient.estimate) {
      EXPECT_FALSE(coefficient.estimate->interval);
      EXPECT_FALSE(coefficient.estimate->standard_error);
    }
}

TEST(Design, AHealthyOneHasNoneOfTheNames) {
  const FitResult result = fitted(runs(grid()), Objective::Kind::log_squares);
  EXPECT_EQ(codes(result), "");
  EXPECT_EQ(result.status, FitStatus::converged);
}

TEST(Design, OneBudget) {
  for (const double jitter : {0.0, 0.05}) {
    for (const int sizes : {7, 15, 40}) {
      const FitResult result = fitted(runs(one_curve(sizes, jitter)));
      EXPECT_TRUE(warning(result, "one_budget")) << codes(result);
      EXPECT_FALSE(warning(result, "collinear"));
      EXPECT_EQ(result.status, FitStatus::flat_direction);
      expect_no_intervals(result);
      // Along the curve it predicts all the same.
      for (const double r : result.log_residual) EXPECT_LT(std::abs(r), 0.02);
    }
  }
}

TEST(Design, TwoBudgetsAreNotOne) {
  auto points = one_curve(9, 0.02);
  for (const auto& [N, D] : one_curve(9, 0.02)) points.emplace_back(N, 10 * D);
  const FitResult result = fitted(runs(points));
  EXPECT_FALSE(warning(result, "one_budget"));
}

TEST(Design, RatioFixed) {
  for (const double jitter : {0.0, 0.05}) {
    std::vector<std::pair<double, double>> points;
    Random random(4);
    for (int i = 0; i < 24; ++i) {
      const double N = 3e7 * std::pow(10.0, 2.5 * i / 23);
      points.emplace_back(N, 20 * N * (1 + jitter * random.uniform(-1, 1)));
    }
    const FitResult result = fitted(runs(points));
    ASSERT_TRUE(warning(result, "ratio_fixed")) << codes(result);
    EXPECT_NEAR(*warning(result, "ratio_fixed")->value, 20, 20 * (jitter + 1e-9));
    EXPECT_EQ(result.status, FitStatus::flat_direction);
    expect_no_intervals(result);
  }
}

TEST(Design, AllTokensOrAllSizesEqual) {
  for (const bool tokens : {true, false}) {
    std::vector<std::pair<double, double>> points;
    for (const double x : {5e7, 1e8, 2e8, 4e8, 8e8, 1.6e9, 3.2e9, 6.4e9})
      points.emplace_back(tokens ? x : 1e9, tokens ? 2e10 : 20 * x);
    const FitResult result = fitted(runs(points));
    ASSERT_TRUE(warning(result, "single_value"));
    EXPECT_EQ(warning(result, "single_value")->quantities,
              std::vector{tokens ? Quantity::tokens : Quantity::params});
    EXPECT_EQ(result.status, FitStatus::flat_direction);
    EXPECT_FALSE(result.usable);
    EXPECT_TRUE(result.implied.empty());
    // The term of the input that never changes has no numbers.
    for (const std::size_t k :
         tokens ? std::array<std::size_t, 2>{2, 4} : std::array<std::size_t, 2>{1, 3})
      EXPECT_FALSE(result.coefficients[k].estimate) << k;
  }
}

TEST(Design, FourRuns) {
  const auto points = grid();
  const FitResult result = fitted(runs({points[0], points[9], points[18], points[32]}));
  EXPECT_EQ(result.status, FitStatus::too_few_points);
  EXPECT_EQ(warning(result, "too_few_runs")->value, 6);
  EXPECT_FALSE(warning(result, "few_runs"));
  EXPECT_FALSE(result.objective);
  EXPECT_TRUE(result.predicted.empty());
  expect_no_intervals(result);
}

TEST(Design, FewRunsForTheCoefficients) {
  const auto all = grid();
  const std::vector<std::pair<double, double>> points{all[0],  all[4],  all[12], all[16],
                                                      all[20], all[27], all[30], all[34]};
  const FitResult result = fitted(runs(points));
  ASSERT_TRUE(warning(result, "few_runs")) << codes(result);
  EXPECT_EQ(warning(result, "few_runs")->value, 15);
  FitSpecification held = testing::specification(law(), Objective::Kind::log_huber);
  held.fixed = {{0, 1.8}, {3, 0.35}, {4, 0.37}};
  EXPECT_FALSE(warning(fit(held, runs(points)), "few_runs"));
}

TEST(Design, TwoIdenticalRows) {
  // Two rows that are one run.
  FitData twice = runs({{1e9, 2e10}, {1e9, 2e10}}, 0);
  FitResult result = fitted(twice);
  EXPECT_EQ(result.status, FitStatus::too_few_points);
  EXPECT_EQ(warning(result, "duplicate_rows")->value, 1);

  // Six rows for five coefficients, of which two are the same run: five runs are too few.
  const auto all = grid();
  FitData six = runs({all[0], all[4], all[17], all[30], all[34], all[0]});
  six.response[5] = six.response[0];
  result = fitted(six);
  EXPECT_EQ(result.status, FitStatus::too_few_points);
  EXPECT_TRUE(warning(result, "duplicate_rows"));

  // A copy among many: named, and nothing else happens.
  FitData many = runs(all);
  for (auto& input : many.inputs) input.push_back(input[3]);
  many.response.push_back(many.response[3]);
  result = fitted(many);
  EXPECT_EQ(warning(result, "duplicate_rows")->value, 1);
  EXPECT_EQ(result.status, FitStatus::converged);
  // The same point measured twice is no copy.
  many.response.back() *= 1.001;
  EXPECT_FALSE(warning(fitted(many), "duplicate_rows"));
}

TEST(Design, ATenthOfTheRowsIsGarbage) {
  auto points = grid();
  for (const auto& [N, D] : grid()) points.emplace_back(1.3 * N, 1.4 * D);
  FitData data = runs(points);
  Random random(8);
  for (std::size_t i = 0; i < data.response.size(); i += 10)
    data.response[i] *= random.uniform() < 0.5 ? 2.5 : 0.4;
  for (const auto kind : {Objective::Kind::log_huber, Objective::Kind::log_absolute,
                          Objective::Kind::log_huber_scaled}) {
    const FitResult result = fitted(data, kind);
    ASSERT_TRUE(warning(result, "heavy_tails")) << codes(result);
    EXPECT_NEAR(*warning(result, "heavy_tails")->value, 0.1, 1e-12);
    // A robust objective finds the law among them.
    EXPECT_TRUE(result.usable);
    EXPECT_NEAR(result.coefficients[3].estimate->value, 0.3478, 0.06);
  }
  // Least squares does not; it says so.
  const FitResult squares = fitted(data, Objective::Kind::log_squares);
  EXPECT_TRUE(warning(squares, "heavy_tails") || warning(squares, "outliers") || !squares.usable)
      << codes(squares);
}

TEST(Design, OneRunFarOff) {
  FitData data = runs(grid());
  data.response[17] *= 1.2;
  const FitResult result = fitted(data);
  EXPECT_EQ(warning(result, "outliers")->value, 1);
  EXPECT_FALSE(warning(result, "heavy_tails"));
}

TEST(Design, NoiselessRunsHaveNoOutliers) {
  const FitResult result = fitted(runs(grid(), 0));
  EXPECT_FALSE(warning(result, "outliers")) << codes(result);
  EXPECT_FALSE(warning(result, "heavy_tails"));
}

// Losses that fall faster than any power law without floor: E would be negative.
TEST(Design, NoFloorHasNoInterval) {
  FitData data = runs(grid(), 0.002, {1e-12, 20, 40, 0.12, 0.12});
  for (double& loss : data.response) loss -= 0.3;
  const FitResult result = fitted(data, Objective::Kind::log_squares);
  EXPECT_EQ(result.coefficients[0].state, CoefficientState::at_lower);
  EXPECT_TRUE(warning(result, "no_floor"));
  EXPECT_EQ(result.status, FitStatus::at_bound);
  EXPECT_EQ(result.coefficients[0].estimate->value, 0);
  EXPECT_FALSE(result.coefficients[0].estimate->interval);
  EXPECT_TRUE(result.coefficients[3].estimate->interval);
}

// The direction that is told is the one in which the objective is flat: hold the exponent 0.01
// higher, fit again, and the scale has grown by that factor.
TEST(Design, TheRidgeBetweenAScaleAndItsExponentIsNamed) {
  const FitSpecification specification =
      testing::specification(law(), Objective::Kind::log_squares);
  std::vector<std::pair<double, double>> points;
  for (const double N : {2e8, 3e8, 5e8, 8e8, 1.2e9, 2e9})
    for (const double D : {5e9, 1e10, 2e10, 4e10}) points.emplace_back(N, D);
  const FitData data = runs(points, 0.002);
  const FitResult result = fit(specification, data);
  int told = 0;
  for (const FitWarning& found : result.warnings) {
    if (found.code != "trade_off") continue;
    ++told;
    const auto scale = static_cast<std::size_t>(found.coefficients[0]);
    const auto exponent = static_cast<std::size_t>(found.coefficients[1]);
    FitSpecification held = specification;
    held.fixed = {{found.coefficients[1], result.coefficients[exponent].estimate->value + 0.01}};
    const FitResult moved = fit(held, data);
    const double factor =
        moved.coefficients[scale].estimate->value / result.coefficients[scale].estimate->value;
    // The sandwich is not the curvature, and the valley is curved: alike within a fifth.
    EXPECT_NEAR(std::log(factor) / std::log(*found.value), 1, 0.2);
    EXPECT_LT(*moved.objective / *result.objective, 1.05);
  }
  EXPECT_GE(told, 1) << codes(result);
}

}  // namespace
}  // namespace isoloss
