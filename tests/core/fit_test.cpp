// What a fit says about itself, and what must not change it.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/data/examples.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

const Law& additive_law() { return *find_law("additive"); }

/// Runs over a grid, from the corrected Chinchilla coefficients.
FitData study(const Law& law, std::vector<double> natural, double noise, unsigned seed,
              const std::vector<double>& sizes, const std::vector<double>& tokens) {
  FitData data;
  data.inputs.resize(2);
  for (const double N : sizes)
    for (const double D : tokens) {
      data.inputs[0].push_back(N);
      data.inputs[1].push_back(D);
    }
  data.response.assign(data.inputs[0].size(), 1);
  Random random(seed);
  testing::respond(law, law.to_theta(natural), data, noise, random);
  return data;
}

const std::vector<double> kSizes{5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9};
const std::vector<double> kTokens{2e9, 6e9, 2e10, 6e10, 2e11};
const std::vector<double> kChinchilla{1.8172, 482.01, 2085.43, 0.3478, 0.3658};

FitData healthy(double noise = 0.003) {
  return study(additive_law(), kChinchilla, noise, 5, kSizes, kTokens);
}

FitSpecification huber(const Law& law = additive_law()) {
  return testing::specification(law, Objective::Kind::log_huber);
}

bool warns(const FitResult& result, std::string_view code) {
  return std::ranges::count(result.warnings, code, &FitWarning::code) > 0;
}

TEST(FitStatus, ConvergedOnAHealthyStudy) {
  const FitResult result = fit(huber(), healthy());
  EXPECT_EQ(result.status, FitStatus::converged);
  EXPECT_TRUE(result.usable);
  EXPECT_GT(result.starts_tried, 10);
  EXPECT_EQ(result.starts_agreeing, result.starts_tried);
  EXPECT_TRUE(result.covariance);
  EXPECT_LT(*result.condition, 1e3);
  for (std::size_t k = 0; k < 5; ++k) {
    const Estimate& estimate = *result.coefficients[k].estimate;
    EXPECT_GT(*estimate.standard_error, 0);
    // Five standard errors: the truth misses this once in a million fits.
    EXPECT_NEAR(std::log(estimate.value / kChinchilla[k]), 0,
                5 * *estimate.standard_error / estimate.value);
  }
}

// Four numbers of exits at the same N and D, fitted without G: four losses at every input, and the
// minimum of the Huber sum lies where rows enter and leave its band.
TEST(FitStatus, ConvergedWhereTheMinimumIsAKink) {
  FitData data;
  data.inputs.resize(2);
  for (const SimulatedRun& run : simulate(familial_study())) {
    data.inputs[0].push_back(run.params);
    data.inputs[1].push_back(run.tokens);
    data.response.push_back(run.loss);
  }
  for (const Objective::Kind kind : {Objective::Kind::log_huber, Objective::Kind::log_absolute}) {
    const FitResult result = fit(testing::specification(additive_law(), kind), data);
    EXPECT_EQ(result.status, FitStatus::converged) << info(result.status).id;
    EXPECT_EQ(result.starts_agreeing, result.starts_tried);
  }
}

TEST(FitStatus, TooFewPoints) {
  // Five runs for five coefficients, all different in N and D.
  const FitData all = healthy();
  FitData data{.inputs = {{}, {}}, .response = {}, .weight = {}};
  for (std::size_t i = 0; i < 30; i += 6) {
    data.inputs[0].push_back(all.inputs[0][i]);
    data.inputs[1].push_back(all.inputs[1][i]);
    data.response.push_back(all.response[i]);
  }
  const FitResult result = fit(huber(), data);
  EXPECT_EQ(result.status, FitStatus::too_few_points);
  EXPECT_FALSE(result.usable);
  EXPECT_FALSE(result.objective);
  EXPECT_TRUE(warns(result, "too_few_runs"));
  for (const auto& coefficient : result.coefficients) EXPECT_FALSE(coefficient.estimate);
}

TEST(FitStatus, NoRowsAtAll) {
  const FitResult result = fit(huber(), {.inputs = {{}, {}}, .response = {}, .weight = {}});
  EXPECT_EQ(result.status, FitStatus::too_few_points);
}

TEST(FitStatus, OneTokenCountLeavesTheDataTermUndetermined) {
  const FitData data = study(additive_law(), kChinchilla, 0.002, 6,
                             {3e7, 5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9}, {2e10});
  const FitResult result = fit(huber(), data);
  EXPECT_EQ(result.status, FitStatus::flat_direction);
  EXPECT_FALSE(result.usable);
  ASSERT_TRUE(warns(result, "single_value"));
  EXPECT_EQ(result.warnings.front().quantities, std::vector{Quantity::tokens});
  EXPECT_FALSE(result.coefficients[2].estimate);
  EXPECT_FALSE(result.coefficients[4].estimate);
  EXPECT_TRUE(result.coefficients[3].estimate);
}

TEST(FitStatus, TokensProportionalToSizeAreAFlatDirection) {
  FitData data;
  data.inputs.resize(2);
  for (int i = 0; i < 30; ++i) {
    const double N = 3e7 * std::pow(10.0, 2.5 * i / 29);
    data.inputs[0].push_back(N);
    data.inputs[1].push_back(20 * N);
  }
  data.response.assign(30, 1);
  Random random(8);
  testing::respond(additive_law(), additive_law().to_theta(kChinchilla), data, 0.003, random);
  const FitResult result = fit(huber(), data);
  EXPECT_EQ(result.status, FitStatus::flat_direction) << *result.condition;
  EXPECT_TRUE(warns(result, "ratio_fixed"));
  EXPECT_FALSE(result.usable);
  EXPECT_FALSE(result.covariance);
}

TEST(FitStatus, NoFloorIsAtBoundAndNamed) {
  const FitData data =
      study(additive_law(), {1e-12, 20, 40, 0.12, 0.12}, 0.004, 9, kSizes, kTokens);
  const FitResult result = fit(huber(), data);
  const bool floor_gone = result.coefficients[0].state == CoefficientState::at_lower;
  EXPECT_EQ(result.status == FitStatus::at_bound, floor_gone);
  if (floor_gone) {
    EXPECT_TRUE(warns(result, "no_floor"));
    EXPECT_EQ(result.coefficients[0].estimate->value, 0);
  }
  EXPECT_TRUE(result.usable);
}

// Losses that rise with size: no power term in N can help.
TEST(FitStatus, AnAbsentTermIsAtBoundAndItsExponentUndetermined) {
  FitData data = study(additive_law(), {1.5, 1e-30, 2085.43, 0.3, 0.3658}, 0, 9, kSizes, kTokens);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    data.response[i] *= std::pow(data.inputs[0][i] / 1e9, 0.003);
  const FitResult result = fit(huber(), data);
  EXPECT_EQ(result.status, FitStatus::at_bound);
  EXPECT_EQ(result.coefficients[1].state, CoefficientState::at_lower);
  EXPECT_EQ(result.coefficients[3].state, CoefficientState::undetermined);
  EXPECT_TRUE(warns(result, "no_effect"));
}

// The exponent of an absent term has no curvature; the others converge all the same.
TEST(FitStatus, AnAbsentTermDoesNotHideConvergence) {
  FitData data = study(additive_law(), {1.5, 1e-30, 2085.43, 0.3, 0.3658}, 0, 9, kSizes, kTokens);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    data.response[i] *= 1 + 0.001 * (static_cast<double>((i * 7) % 5) - 2);
  const FitResult result = fit(huber(), data);
  EXPECT_EQ(result.status, FitStatus::at_bound) << info(result.status).id;
  EXPECT_EQ(result.coefficients[1].estimate->value, 0);
  EXPECT_FALSE(warns(result, "exponent_at_bound"));
}

// Residuals of a few units in the last place: no step is left to take.
TEST(FitStatus, NoiselessDataConverge) {
  Random random(31);
  for (int set = 0; set < 20; ++set) {
    FitData data = testing::random_design(additive_law(), 40, random);
    const Vector truth = testing::random_theta(additive_law(), data, 2.5, random);
    testing::respond(additive_law(), truth, data, 0, random);
    const FitResult result = fit(huber(), data);
    EXPECT_NE(result.status, FitStatus::max_iterations) << set;
  }
}

// Any law: a side without effect on any run is absent, however the law is written.
TEST(FitStatus, ASideOfKaplansLawCanVanish) {
  const Law& law = *find_law("kaplan-floor");
  FitData data = study(additive_law(), {1.5, 1e-30, 2000, 0.3, 0.34}, 0, 9, kSizes, kTokens);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    data.response[i] *= std::pow(data.inputs[0][i] / 1e9, 0.003);  // rises with size
  FitSpecification specification = huber(law);
  specification.fixed = {{2, 1.0}};  // N_c cannot hide behind a tiny exponent
  const FitResult result = fit(specification, data);
  EXPECT_EQ(result.status, FitStatus::at_bound) << info(result.status).id;
  EXPECT_EQ(result.coefficients[0].state, CoefficientState::at_lower);
  EXPECT_EQ(result.coefficients[0].estimate->value, 0);
  EXPECT_TRUE(result.covariance);
  for (const double predicted : result.predicted) EXPECT_TRUE(std::isfinite(predicted));
}

TEST(FitStatus, OneTokenCountLeavesKaplansLawUndeterminedToo) {
  const FitData data = study(additive_law(), kChinchilla, 0.002, 6,
                             {3e7, 5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9}, {2e10});
  EXPECT_EQ(fit(huber(*find_law("kaplan")), data).status, FitStatus::flat_direction);
}

// The size of weights means nothing, and what is too light to be seen is no run.
TEST(FitStatus, ExtremeWeights) {
  const FitResult base = fit(huber(), healthy());
  for (const double weight : {1e308, 1e-320}) {
    FitData data = healthy();
    data.weight.assign(data.response.size(), weight);
    EXPECT_EQ(*fit(huber(), data).objective, *base.objective) << weight;
  }
  FitData data = healthy();
  data.weight.assign(data.response.size(), 1);
  data.weight[3] = 1e300;
  EXPECT_EQ(fit(huber(), data).status, FitStatus::too_few_points);
}

// Squares beyond the range of doubles: no optimum, and nothing else goes wrong.
TEST(FitStatus, LossesWithoutAFiniteObjective) {
  FitData data = healthy();
  for (double& loss : data.response) loss *= 1e200;
  const FitResult result =
      fit(testing::specification(additive_law(), Objective::Kind::squares), data);
  EXPECT_FALSE(result.objective);
  EXPECT_FALSE(result.usable);
}

TEST(FitStatus, CancelledKeepsWhatWasFound) {
  FitSession session(huber(), healthy());
  ASSERT_TRUE(session.step());
  ASSERT_TRUE(session.step());
  const FitResult result = session.result();
  EXPECT_EQ(result.status, FitStatus::cancelled);
  EXPECT_EQ(result.starts_tried, 2);
  EXPECT_FALSE(result.usable);
  EXPECT_TRUE(result.objective);
}

TEST(FitSession, ProgressRisesToOneExactlyWhenDone) {
  FitSession session(huber(), healthy());
  double before = session.progress();
  while (session.step()) {
    EXPECT_GE(session.progress(), before - 0.35);  // the plan may grow
    EXPECT_LT(session.progress(), 1);
    before = session.progress();
  }
  EXPECT_EQ(session.progress(), 1);
  EXPECT_FALSE(session.step());
}

// ------------------------------------------------------------------------- constraints

TEST(Constraint, TiedExponentsAreEqual) {
  FitSpecification specification = huber();
  specification.tied = {{3, 4}};
  const FitResult result = fit(specification, healthy());
  EXPECT_EQ(result.coefficients[3].estimate->value, result.coefficients[4].estimate->value);
  EXPECT_EQ(result.coefficients[4].state, CoefficientState::tied);
  EXPECT_EQ(result.coefficients[4].tied_to, 3);
  EXPECT_EQ(result.free_coefficients, 4);
  EXPECT_NEAR(result.implied[0].estimate.value, 0.5, 1e-12);
  EXPECT_NEAR(*result.implied[0].estimate.standard_error, 0, 1e-9);
  EXPECT_GE(*result.objective, *fit(huber(), healthy()).objective);
}

TEST(Constraint, FixingACoefficientAtItsOptimumChangesNothing) {
  const FitResult free = fit(huber(), healthy());
  for (int k = 0; k < 5; ++k) {
    FitSpecification specification = huber();
    specification.fixed = {{k, free.coefficients[static_cast<std::size_t>(k)].estimate->value}};
    const FitResult result = fit(specification, healthy());
    EXPECT_NEAR(*result.objective / *free.objective, 1, 1e-9) << k;
    EXPECT_EQ(result.coefficients[static_cast<std::size_t>(k)].state, CoefficientState::fixed);
    EXPECT_FALSE(result.coefficients[static_cast<std::size_t>(k)].estimate->standard_error);
    EXPECT_EQ(result.free_coefficients, 4);
  }
}

TEST(Constraint, AHeldValueIsReportedAsGiven) {
  FitSpecification specification = huber();
  specification.fixed = {{0, 1.7}, {1, 482.01}};
  const FitResult result = fit(specification, healthy());
  EXPECT_EQ(result.coefficients[0].estimate->value, 1.7);
  EXPECT_EQ(result.coefficients[1].estimate->value, 482.01);
}

TEST(Constraint, AFixedFloorOfZeroIsTheLawWithoutFloor) {
  FitSpecification specification = huber();
  specification.fixed = {{0, 0.0}};
  const FitResult result = fit(specification, healthy());
  EXPECT_EQ(result.coefficients[0].estimate->value, 0);
  EXPECT_GT(*result.objective, *fit(huber(), healthy()).objective);
}

// A = B keeps B alive through A, so that only the exponent is free to go anywhere.
TEST(Constraint, AnExponentWithoutEffectIsAFlatDirection) {
  FitData data = study(additive_law(), {1.5, 400, 1e-30, 0.34, 0.3}, 0, 3, kSizes, kTokens);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    data.response[i] *= 1 + 0.001 * (static_cast<double>((i * 7) % 5) - 2);
  FitSpecification specification = huber();
  specification.tied = {{1, 2}};
  const FitResult result = fit(specification, data);
  EXPECT_EQ(result.status, FitStatus::flat_direction) << info(result.status).id;
  EXPECT_EQ(result.coefficients[4].state, CoefficientState::undetermined);
}

// Tied scales go the general way; with equal truth they come back.
TEST(Constraint, TiedScales) {
  const FitData data = study(additive_law(), {1.7, 300, 300, 0.33, 0.28}, 0, 3, kSizes, kTokens);
  FitSpecification specification = huber();
  specification.tied = {{1, 2}};
  const FitResult result = fit(specification, data);
  EXPECT_NEAR(result.coefficients[1].estimate->value, 300, 0.01);
  EXPECT_EQ(result.coefficients[1].estimate->value, result.coefficients[2].estimate->value);
}

TEST(Constraint, ABoundedExponentStopsAtItsBound) {
  const FitData data = healthy();
  const FitResult free = fit(huber(), data);
  FitSpecification specification = huber();
  specification.bounds = {{.coefficient = 3, .lower = 0.1, .upper = 0.3}};
  const FitResult result = fit(specification, data);
  EXPECT_EQ(result.coefficients[3].state, CoefficientState::at_upper);
  EXPECT_EQ(result.coefficients[3].estimate->value, 0.3);
  EXPECT_TRUE(warns(result, "at_own_bound"));
  EXPECT_EQ(result.status, FitStatus::at_bound);
  EXPECT_GT(*result.objective, *free.objective);
  // What it answers is the fit with the exponent held there.
  FitSpecification held = huber();
  held.fixed = {{3, 0.3}};
  EXPECT_NEAR(*result.objective / *fit(held, data).objective, 1, 1e-10);
}

TEST(Constraint, BoundsThatDoNotBindChangeNothing) {
  const FitData data = healthy();
  const FitResult free = fit(huber(), data);
  constexpr double kNone = std::numeric_limits<double>::infinity();
  FitSpecification exponents = huber();
  exponents.bounds = {{.coefficient = 3, .lower = 0.05, .upper = kNone},
                      {.coefficient = 4, .lower = -kNone, .upper = 1}};
  EXPECT_NEAR(*fit(exponents, data).objective / *free.objective, 1, 1e-12);
  // A bounded floor goes the general way.
  FitSpecification floor = huber();
  floor.bounds = {{.coefficient = 0, .lower = 0.5, .upper = 5}};
  const FitResult general = fit(floor, data);
  EXPECT_NEAR(*general.objective / *free.objective, 1, 1e-10);
  EXPECT_NEAR(general.coefficients[0].estimate->value / free.coefficients[0].estimate->value, 1,
              1e-6);
}

TEST(Constraint, ABoundedFloorStopsAtItsBound) {
  const FitData data = healthy();
  FitSpecification specification = huber();
  specification.bounds = {{.coefficient = 0, .lower = 1.9, .upper = 2.5}};
  const FitResult result = fit(specification, data);
  EXPECT_EQ(result.coefficients[0].state, CoefficientState::at_lower);
  EXPECT_NEAR(result.coefficients[0].estimate->value, 1.9, 1e-12);
  FitSpecification held = huber();
  held.fixed = {{0, 1.9}};
  EXPECT_NEAR(*result.objective / *fit(held, data).objective, 1, 1e-9);
}

// ------------------------------------------------------------------------- objectives

TEST(Objective, ALowerEnvelopeHasFewRunsBelowIt) {
  const FitData data = healthy(0.02);
  const auto below = [](const FitResult& result) {
    return std::ranges::count_if(result.log_residual, [](double r) { return r > 0; });
  };
  const FitResult middle = fit(huber(), data);
  FitSpecification specification =
      testing::specification(additive_law(), Objective::Kind::log_huber_lower, 1e-3);
  specification.objective.over_penalty = 10;
  const FitResult lower = fit(specification, data);
  // Far in the linear part Huber's sum is a quantile fit: the share of runs that the law lies above
  // is about 1/(1 + penalty) (Koenker & Bassett 1978), up to one run per coefficient.
  EXPECT_LE(std::abs(static_cast<double>(below(lower)) - 35.0 / 11), 5);
  EXPECT_GT(below(middle), 10);
  EXPECT_EQ(lower.delta_used, 1e-3);
  // With no penalty it is Huber's.
  specification.objective.over_penalty = 1;
  EXPECT_NEAR(*fit(specification, data).objective / *middle.objective, 1, 1e-10);
}

TEST(Objective, ScaledHuberTakesItsWidthFromTheMedianFit) {
  const FitData data = healthy(0.01);
  const FitResult median =
      fit(testing::specification(additive_law(), Objective::Kind::log_absolute), data);
  const double delta = 1.345 * 1.4826 * median.goodness->median_absolute;
  const FitResult scaled =
      fit(testing::specification(additive_law(), Objective::Kind::log_huber_scaled, 0), data);
  EXPECT_NEAR(scaled.delta_used / delta, 1, 1e-9);
  // The same as Huber told that width.
  const FitResult told =
      fit(testing::specification(additive_law(), Objective::Kind::log_huber, delta), data);
  EXPECT_NEAR(*scaled.objective / *told.objective, 1, 1e-10);
  // A width that is given is used.
  const FitResult given =
      fit(testing::specification(additive_law(), Objective::Kind::log_huber_scaled, 0.02), data);
  EXPECT_EQ(given.delta_used, 0.02);
}

// ------------------------------------------------------------------------- invariances

TEST(Invariance, UnitsOfTheInputs) {
  const FitData data = healthy();
  const FitResult base = fit(huber(), data);
  FitData millions = data;
  for (double& N : millions.inputs[0]) N /= 1e6;
  for (double& D : millions.inputs[1]) D /= 1e9;
  const FitResult result = fit(huber(), millions);
  EXPECT_NEAR(*result.objective / *base.objective, 1, 1e-12);
  const double alpha = base.coefficients[3].estimate->value;
  EXPECT_NEAR(result.coefficients[3].estimate->value, alpha, 1e-8);
  const double A = base.coefficients[1].estimate->value * std::pow(1e6, -alpha);
  EXPECT_NEAR(result.coefficients[1].estimate->value / A, 1, 1e-7);
}

TEST(Invariance, OrderOfTheRows) {
  const FitData data = healthy();
  FitData reversed = data;
  for (auto& input : reversed.inputs) std::ranges::reverse(input);
  std::ranges::reverse(reversed.response);
  const FitResult base = fit(huber(), data);
  const FitResult result = fit(huber(), reversed);
  EXPECT_NEAR(*result.objective / *base.objective, 1, 1e-12);
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(result.coefficients[k].estimate->value / base.coefficients[k].estimate->value, 1,
                1e-7);
  for (std::size_t i = 0; i < data.response.size(); ++i)
    EXPECT_NEAR(result.predicted[data.response.size() - 1 - i] / base.predicted[i], 1, 1e-9);
}

TEST(Invariance, ARowOfWeightTwoIsTheRowTwice) {
  FitData weighted = healthy();
  FitData doubled = weighted;
  weighted.weight.assign(weighted.response.size(), 1);
  weighted.weight[4] = 2;
  for (auto& input : doubled.inputs) input.push_back(input[4]);
  doubled.response.push_back(doubled.response[4]);
  const FitResult a = fit(huber(), weighted);
  const FitResult b = fit(huber(), doubled);
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(a.coefficients[k].estimate->value / b.coefficients[k].estimate->value, 1, 1e-7);
  // Weights are scaled to mean 1: 36/35 of the sum over 36 rows.
  EXPECT_NEAR(*a.objective * 36 / 35, *b.objective, 1e-12);
}

// ------------------------------------------------------------------------- objectives, kernel

TEST(Objective, ValuesByHand) {
  const std::vector<double> r{0.5, -2, 0};
  const std::vector<double> w{1, 1, 1};
  EXPECT_DOUBLE_EQ((Objective{Objective::Kind::log_huber, 1}.value(r, w)), 0.125 + 1.5);
  EXPECT_DOUBLE_EQ((Objective{Objective::Kind::log_absolute, 1}.value(r, w)), 2.5);
  EXPECT_DOUBLE_EQ((Objective{Objective::Kind::log_squares, 1}.value(r, w)), 4.25);
  EXPECT_DOUBLE_EQ((Objective{Objective::Kind::squares, 1}.value(r, w)), 4.25);
}

TEST(Objective, LeastAbsoluteDeviationsPassThroughAsManyRunsAsCoefficients) {
  const FitResult result =
      fit(testing::specification(additive_law(), Objective::Kind::log_absolute), healthy());
  const auto zeros =
      std::ranges::count_if(result.log_residual, [](double r) { return std::abs(r) < 1e-12; });
  EXPECT_GE(zeros, 5);
  EXPECT_EQ(result.status, FitStatus::converged);
}

// ------------------------------------------------------------------------- uncertainty

// Seven runs on one line: the floor is hardly known, but it is no more than the smallest loss.
TEST(Sandwich, AFloorStaysBetweenZeroAndTheSmallestLoss) {
  const Law& law = *find_law("power-floor-flops");
  const FitData data{.inputs = {{2.6e18, 1.3e19, 6.1e19, 2.8e20, 1.1e21, 6.3e21, 2.3e22}},
                     .response = {2.608, 2.349, 2.181, 1.997, 1.834, 1.704, 1.572},
                     .weight = {}};
  const FitResult result = fit(huber(law), data);
  const auto& interval = result.coefficients[0].estimate->interval;
  ASSERT_TRUE(interval);
  EXPECT_GE(interval->first, 0);
  EXPECT_LE(interval->second, 1.572);
}

// 60 runs, relative errors that grow towards small models: the sandwich must cover as it says.
TEST(Sandwich, CoversAboutAsOftenAsItClaims) {
  const int studies = testing::kSanitized ? 20 : 200;
  int inside = 0;
  Random random(99);
  for (int s = 0; s < studies; ++s) {
    FitData data = testing::random_design(additive_law(), 60, random);
    const Vector truth = additive_law().to_theta(kChinchilla);
    for (std::size_t i = 0; i < 60; ++i) {
      const double noise = data.inputs[0][i] < 3e8 ? 0.008 : 0.003;
      data.response[i] = std::exp(testing::log_response_at(additive_law(), data, i, truth) +
                                  noise * random.normal());
    }
    const FitResult result = fit(huber(), data);
    const auto& interval = result.coefficients[3].estimate->interval;
    if (interval && interval->first <= 0.3478 && 0.3478 <= interval->second) ++inside;
  }
  // 95 % nominal; three standard errors of the share at 200 studies are 4.6 points.
  EXPECT_GE(inside, studies * (testing::kSanitized ? 0.8 : 0.90));
}

}  // namespace
}  // namespace isoloss
