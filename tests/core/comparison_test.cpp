// Which law: scores, held-out runs, nested tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/comparison/held_out.h"
#include "core/comparison/nested.h"
#include "core/comparison/scores.h"
#include "core/reference_data.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

const Law& additive_law() { return *find_law("additive"); }
const std::vector<double> kChinchilla{1.8172, 482.01, 2085.43, 0.3478, 0.3658};

FitData simulated(const std::vector<double>& natural, int rows, double noise, Random& random) {
  FitData data = testing::random_design(additive_law(), rows, random);
  testing::respond(additive_law(), additive_law().to_theta(natural), data, noise, random);
  return data;
}

FitSpecification squares_of_logs() {
  return testing::specification(additive_law(), Objective::Kind::log_squares);
}

/// The 240 runs that the authors kept, and their compute.
struct Chinchilla {
  FitData data;
  std::vector<double> flops;
};
std::optional<Chinchilla> chinchilla() {
  const auto table = testing::read_reference_table("chinchilla_besiroglu.csv");
  if (!table) return std::nullopt;
  Chinchilla result;
  result.data.inputs.resize(2);
  for (std::size_t i = 0; i < table->rows(); ++i) {
    if (table->number("outlier_dropped_by_authors", i) != 0) continue;
    result.data.inputs[0].push_back(table->number("N", i));
    result.data.inputs[1].push_back(table->number("D", i));
    result.data.response.push_back(table->number("loss", i));
    result.flops.push_back(table->number("C", i));
  }
  return result;
}

// ------------------------------------------------------------------------- scores

const std::vector<double> kResidual{0.01, -0.02, 0.005, 0.03, -0.015, 0.002, -0.008, 0.011};
const std::vector<double> kLoss{2.0, 2.2, 2.5, 3.0, 2.1, 2.4, 2.6, 2.8};
const std::vector<double> kOnes(8, 1.0);

double aicc_of(Objective::Kind kind, int free) {
  return *score({.kind = kind}, kResidual, kLoss, kOnes, free).aicc;
}

// −2 ln likelihood by scipy.stats (norm, laplace; scale = its maximum-likelihood estimate), less
// the constants n(ln 2π + 1) and 2n(ln 2 + 1), plus 2 Σ ln L for the densities of ln L, plus
// penalty.
TEST(Score, AgainstValuesComputedElsewhere) {
  EXPECT_NEAR(aicc_of(Objective::Kind::log_squares, 2), -40.8257099888, 1e-9);
  EXPECT_NEAR(aicc_of(Objective::Kind::squares, 2), -39.258863727, 1e-9);
  EXPECT_NEAR(aicc_of(Objective::Kind::log_huber, 2), -43.7551318496, 1e-9);
  EXPECT_NEAR(*score({.kind = Objective::Kind::log_squares}, kResidual, kLoss, kOnes, 2).bic,
              -46.5873853638, 1e-9);
}

// The published sums of squares (reference-fits.json) of one table on both scales: −2 ln
// likelihood and AICc by hand.
TEST(Score, TheChinchillaRunsOnBothScales) {
  const auto reference = chinchilla();
  // The runs of others are not ours to hand on: read where they lie, skipped where not.
  if (!reference) GTEST_SKIP() << "needs ../shared/data/chinchilla_besiroglu.csv";
  const double correction = 12 + 84.0 / 233;
  double log_scale = 0;
  for (const double L : reference->data.response) log_scale += 2 * std::log(L);
  const struct {
    Objective::Kind kind;
    double rss;
    double shift;
  } cases[]{{Objective::Kind::log_squares, 2 * 0.005730943495849317, log_scale},
            {Objective::Kind::squares, 0.08320380769330, 0}};
  for (const auto& c : cases) {
    const FitResult fitted = fit(testing::specification(additive_law(), c.kind), reference->data);
    const std::vector<double> ones(240, 1.0);
    const Score found = score({.kind = c.kind}, fitted.log_residual, reference->data.response, ones,
                              fitted.free_coefficients);
    EXPECT_NEAR(*found.aicc, 240 * std::log(c.rss / 240) + correction + c.shift, 1e-6);
    EXPECT_NEAR(*found.bic, 240 * std::log(c.rss / 240) + 6 * std::log(240.0) + c.shift, 1e-6);
  }
}

TEST(Score, TooFewRunsHaveNoScore) {
  // n − k − 1 with 8 runs and the noise counted: 0 at six coefficients.
  for (const int free : {6, 7, 20}) {
    const Score found = score({.kind = Objective::Kind::squares}, kResidual, kLoss, kOnes, free);
    EXPECT_FALSE(found.aicc) << free;
    EXPECT_FALSE(found.bic) << free;
  }
}

TEST(Score, NoErrorNoScore) {
  const std::vector<double> none(8, 0.0);
  EXPECT_FALSE(score({.kind = Objective::Kind::log_absolute}, none, kLoss, kOnes, 2).aicc);
}

TEST(Weights, OfTwoLawsTwoApart) {
  // e^(−1) : 1, the textbook example of a difference of 2.
  const std::vector<double> weights =
      akaike_weights(std::vector{10.0, std::numeric_limits<double>::quiet_NaN(), 12.0});
  EXPECT_NEAR(weights[0], 0.7310585786, 1e-9);
  EXPECT_EQ(weights[1], 0);
  EXPECT_NEAR(weights[2], 0.2689414214, 1e-9);
  // Far below what an exponential can hold.
  EXPECT_EQ(akaike_weights(std::vector{-1e6, 1e6}), (std::vector{1.0, 0.0}));
}

TEST(Weights, NoLawAtAll) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(akaike_weights(std::vector{nothing, nothing}), (std::vector{0.0, 0.0}));
  EXPECT_TRUE(std::isnan(weighted_log_average(std::vector{0.0}, std::vector{1.0})));
}

TEST(Weights, AveragesAreGeometric) {
  EXPECT_NEAR(weighted_log_average(std::vector{0.5, 0.5}, std::vector{1e8, 1e10}), 1e9, 1);
  // A law without an answer leaves it to the others.
  EXPECT_NEAR(weighted_log_average(std::vector{0.5, 0.5},
                                   std::vector{std::numeric_limits<double>::quiet_NaN(), 7.0}),
              7, 1e-12);
}

// Where α = β is the truth AICc says so in 83 of 100 data sets (selection among five laws, least
// squares, 100 runs, 1 % noise; docs/math.md). Here among three of them.
TEST(Selection, AiccFindsEqualExponents) {
  const int studies = testing::kSanitized ? 12 : 80;
  Random random(2024);
  int right = 0;
  for (int s = 0; s < studies; ++s) {
    const FitData data = simulated({1.7, 400, 800, 0.34, 0.34}, 100, 0.01, random);
    FitSpecification tied = squares_of_logs();
    tied.tied = {{3, 4}};
    FitSpecification without_floor = squares_of_logs();
    without_floor.fixed = {{0, 0.0}};
    std::vector<double> aicc;
    for (const auto& specification : {tied, squares_of_logs(), without_floor}) {
      const FitResult fitted = fit(specification, data);
      const std::vector<double> ones(100, 1.0);
      aicc.push_back(score(specification.objective, fitted.log_residual, data.response, ones,
                           fitted.free_coefficients)
                         .aicc.value());
    }
    if (std::ranges::min_element(aicc) == aicc.begin()) ++right;
  }
  // Three standard errors of the share are 13 points at 80 studies.
  EXPECT_GE(right, studies * (testing::kSanitized ? 0.5 : 0.70));
  EXPECT_LE(right, studies * (testing::kSanitized ? 1.0 : 0.96));
}

// ------------------------------------------------------------------------- held-out runs

// Rows below 5e20 FLOPs (187) fitted by least squares on L; 53 rows above. Figures of an
// independent fit (scipy): exponent of N 0.589, mean error 1.28 %, bias +0.0183 nats.
TEST(HeldOut, TheLargestChinchillaRuns) {
  const auto reference = chinchilla();
  // The runs of others are not ours to hand on: read where they lie, skipped where not.
  if (!reference) GTEST_SKIP() << "needs ../shared/data/chinchilla_besiroglu.csv";
  const auto folds = largest_held_out(reference->flops, 5e20);
  ASSERT_EQ(folds.size(), 1U);
  EXPECT_EQ(folds[0].trained.size(), 187U);
  EXPECT_EQ(folds[0].tested.size(), 53U);
  const FitSpecification specification =
      testing::specification(additive_law(), Objective::Kind::squares);
  const FoldResult result =
      predict_fold(specification, reference->data, reference->flops, folds[0]);
  ASSERT_EQ(result.predicted.size(), 53U);
  double error = 0;
  double bias = 0;
  for (std::size_t i = 0; i < 53; ++i) {
    const double L = reference->data.response[folds[0].tested[i]];
    error += std::abs(result.predicted[i] / L - 1) / 53;
    bias += (result.predicted[i] - L) / 53;
  }
  EXPECT_NEAR(error, 0.0128, 5e-5);
  EXPECT_NEAR(bias, 0.0183, 5e-5);
  // The same in logs: scipy gives 0.012719 and 0.008130.
  EXPECT_NEAR(*result.mean_error, 0.0127192, 1e-6);
  EXPECT_NEAR(*result.bias, 0.0081305, 1e-6);
  EXPECT_LT(*result.mean_error, result.baseline);

  FitData trained{.inputs = {{}, {}}, .response = {}, .weight = {}};
  for (const std::size_t i : folds[0].trained) {
    for (const std::size_t v : {0, 1}) trained.inputs[v].push_back(reference->data.inputs[v][i]);
    trained.response.push_back(reference->data.response[i]);
  }
  EXPECT_NEAR(fit(specification, trained).implied[0].estimate.value, 0.589, 5e-4);
}

TEST(HeldOut, NineBudgetsNineFolds) {
  const auto reference = chinchilla();
  // The runs of others are not ours to hand on: read where they lie, skipped where not.
  if (!reference) GTEST_SKIP() << "needs ../shared/data/chinchilla_besiroglu.csv";
  const auto budgets = recognise_budgets(reference->flops, 0.1);
  const auto folds = leave_one_budget_out(budgets, 240);
  ASSERT_EQ(folds.size(), budgets.size());
  for (std::size_t f = 0; f < folds.size(); ++f) {
    EXPECT_EQ(folds[f].tested.size(), budgets[f].rows.size());
    EXPECT_EQ(folds[f].trained.size() + folds[f].tested.size(), 240U);
  }
  const auto origins = rolling_origin(budgets, reference->flops);
  for (const Fold& fold : origins)
    for (const std::size_t trained : fold.trained)
      for (const std::size_t tested : fold.tested)
        EXPECT_LT(reference->flops[trained], reference->flops[tested]);
  const FoldResult last =
      predict_fold(squares_of_logs(), reference->data, reference->flops, origins.back());
  EXPECT_GT(last.extrapolation, 1);
  EXPECT_LT(*last.mean_error, last.baseline);
}

// Noiseless runs are predicted to the last digit, whatever is held out.
TEST(HeldOut, ANoiselessLawPredictsWhatItHasNotSeen) {
  Random random(4);
  const FitData data = simulated(kChinchilla, 40, 0, random);
  std::vector<double> flops;
  for (std::size_t i = 0; i < 40; ++i) flops.push_back(6 * data.inputs[0][i] * data.inputs[1][i]);
  const auto folds = largest_held_out(flops, std::nullopt);
  ASSERT_EQ(folds.size(), 1U);
  EXPECT_EQ(folds[0].tested.size(), 8U);
  const FoldResult result = predict_fold(squares_of_logs(), data, flops, folds[0]);
  EXPECT_LT(*result.mean_error, 1e-9);
  EXPECT_GT(result.baseline, 1e-3);
}

TEST(HeldOut, WhatCannotBeFittedIsNotPredicted) {
  Random random(4);
  const FitData data = simulated(kChinchilla, 10, 0.003, random);
  const std::vector<double> flops{1, 1, 1, 2, 2, 2, 3, 3, 3, 3};
  const FoldResult result =
      predict_fold(squares_of_logs(), data, flops, largest_held_out(flops, 1.5)[0]);
  EXPECT_EQ(result.status, FitStatus::too_few_points);
  EXPECT_FALSE(result.mean_error);
  EXPECT_TRUE(result.predicted.empty());
}

TEST(HeldOut, NothingToHoldOut) {
  const std::vector<double> alike(9, 1e20);
  EXPECT_TRUE(largest_held_out(alike, std::nullopt).empty());
  EXPECT_TRUE(largest_held_out(alike, 1e21).empty());
  EXPECT_TRUE(leave_one_budget_out(recognise_budgets(alike, 0.1), 9).empty());
  EXPECT_TRUE(rolling_origin(recognise_budgets(alike, 0.1), alike).empty());
  EXPECT_TRUE(largest_held_out({}, std::nullopt).empty());
}

// ------------------------------------------------------------------------- nested tests

TEST(NestedOffers, FollowFromTheLawsDescription) {
  const auto ids = [](const char* law) {
    std::vector<std::string> list;
    for (const NestedOffer& offer : nested_offers(*find_law(law))) list.push_back(offer.id);
    return list;
  };
  EXPECT_EQ(ids("additive"), (std::vector<std::string>{"E=0", "alpha=beta"}));
  EXPECT_EQ(ids("familial"), (std::vector<std::string>{"E=0", "gamma=0", "alpha=beta"}));
  EXPECT_EQ(ids("kaplan"), (std::vector<std::string>{"alpha_N=alpha_D"}));
  EXPECT_EQ(ids("power-params"), (std::vector<std::string>{}));
}

/// p of one simulated study: the share of draws (and the data) with at least the statistic.
double p_value(const FitSpecification& specification, const Restriction& restriction,
               const FitData& data, std::uint64_t seed, int draws) {
  FitSession session(specification, data);
  while (session.step()) {
  }
  const FitSetup null = set_up(*restricted(specification, restriction), data);
  const NestedTest test(session.setup(), null, session.best_theta());
  if (!test.statistic()) return std::numeric_limits<double>::quiet_NaN();
  int above = 1;
  for (int i = 0; i < draws; ++i)
    if (test.draw(seed, static_cast<std::uint64_t>(i)) >= *test.statistic()) ++above;
  return static_cast<double>(above) / (draws + 1);
}

struct Case {
  const char* name;
  std::vector<double> truth;
  Restriction restriction;
  Objective::Kind kind;
  bool border;
};
const Restriction kEqual{.fixed = {}, .tied = {{3, 4}}};
const Restriction kNoFloor{.fixed = {{0, 0.0}}, .tied = {}};

class NestedTestSize : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(
    All, NestedTestSize,
    ::testing::Values(
        Case{"equal_squares",
             {1.7, 400, 800, 0.34, 0.34},
             kEqual,
             Objective::Kind::log_squares,
             false},
        Case{"equal_huber", {1.7, 400, 800, 0.34, 0.34}, kEqual, Objective::Kind::log_huber, false},
        Case{"no_floor_squares",
             {0, 20, 40, 0.12, 0.12},
             kNoFloor,
             Objective::Kind::log_squares,
             true},
        Case{
            "no_floor_huber", {0, 20, 40, 0.12, 0.12}, kNoFloor, Objective::Kind::log_huber, true}),
    [](const auto& named) { return std::string(named.param.name); });

// The restriction holds: p is about uniform, however uneven the errors; on a border it is at most
// that. Shares of 100 studies: three standard errors are 9 points at 10 %, 15 at 40 %.
TEST_P(NestedTestSize, IsKept) {
  const Case& c = GetParam();
  const int studies = testing::kSanitized ? 10 : 100;
  const int draws = testing::kSanitized ? 19 : 59;
  Random random(77);
  int below_10 = 0;
  int below_40 = 0;
  for (int s = 0; s < studies; ++s) {
    FitData data = testing::random_design(additive_law(), 60, random);
    const Vector truth = additive_law().to_theta(c.truth);
    for (std::size_t i = 0; i < 60; ++i)
      data.response[i] = std::exp(testing::log_response_at(additive_law(), data, i, truth) +
                                  (data.inputs[0][i] < 1e8 ? 0.006 : 0.002) * random.normal());
    const double p = p_value(testing::specification(additive_law(), c.kind), c.restriction, data,
                             static_cast<std::uint64_t>(s), draws);
    if (p <= 0.1) ++below_10;
    if (p <= 0.4) ++below_40;
  }
  if (testing::kSanitized) {
    EXPECT_LE(below_10, 5);
    return;
  }
  EXPECT_LE(below_10, studies * 0.20);
  EXPECT_LE(below_40, studies * 0.56);
  if (c.border) return;
  EXPECT_GE(below_10, studies * 0.01);
  EXPECT_GE(below_40, studies * 0.25);
}

TEST(NestedTest, AClearDifferenceIsSeen) {
  Random random(5);
  const FitData unequal = simulated({1.7, 400, 3e5, 0.34, 0.6}, 60, 0.003, random);
  const FitData with_floor = simulated(kChinchilla, 60, 0.003, random);
  for (const auto kind : {Objective::Kind::log_squares, Objective::Kind::log_huber,
                          Objective::Kind::log_absolute, Objective::Kind::squares}) {
    const FitSpecification specification = testing::specification(additive_law(), kind);
    EXPECT_LE(p_value(specification, kEqual, unequal, 1, 49), 0.021);
    EXPECT_LE(p_value(specification, kNoFloor, with_floor, 1, 49), 0.021);
  }
}

// For least squares T is the F statistic of one restriction, (RSS₀ − RSS₁)/(RSS₁/(n − p)).
TEST(NestedTest, TheStatisticOfLeastSquaresIsF) {
  Random random(6);
  const FitData data = simulated(kChinchilla, 50, 0.004, random);
  FitSession session(squares_of_logs(), data);
  while (session.step()) {
  }
  const FitSpecification tied = *restricted(squares_of_logs(), kEqual);
  const double full = *fit(squares_of_logs(), data).objective;
  const double null = *fit(tied, data).objective;
  const FitSetup setup = set_up(tied, data);
  const NestedTest test(session.setup(), setup, session.best_theta());
  EXPECT_NEAR(*test.statistic() / ((null - full) / (full / 45)), 1, 1e-7);
}

// A draw depends on seed and number alone.
TEST(NestedTest, DrawsAreTheSameInAnyOrder) {
  Random random(6);
  const FitData data = simulated(kChinchilla, 30, 0.004, random);
  FitSession session(squares_of_logs(), data);
  while (session.step()) {
  }
  const FitSetup setup = set_up(*restricted(squares_of_logs(), kEqual), data);
  const NestedTest a(session.setup(), setup, session.best_theta());
  const NestedTest b(session.setup(), setup, session.best_theta());
  const double third = a.draw(9, 3);
  b.draw(9, 1);
  b.draw(10, 3);
  EXPECT_EQ(b.draw(9, 3), third);
  EXPECT_NE(b.draw(9, 4), third);
  EXPECT_NE(b.draw(10, 3), third);
}

TEST(NestedTest, ContradictionsAreRefused) {
  FitSpecification specification = squares_of_logs();
  specification.fixed = {{3, 0.3}};
  EXPECT_FALSE(restricted(specification, kEqual));
  EXPECT_TRUE(restricted(specification, kNoFloor));
}

}  // namespace
}  // namespace isoloss
