// The case bootstrap against Besiroglu et al. 2024: their resamples give their percentiles.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/reference_data.h"
#include "core/simulate.h"
#include "core/uncertainty/bootstrap.h"

namespace isoloss {
namespace {

struct FittedStudy {
  FitSession session;
  FittedStudy(const FitSpecification& specification, const FitData& data)
      : session(specification, data) {
    while (session.step()) {
    }
  }
};

/// The 240 runs that Besiroglu et al. kept.
std::optional<FitData> chinchilla_240() {
  const auto table = testing::read_reference_table("chinchilla_besiroglu.csv");
  if (!table) return std::nullopt;
  FitData data;
  data.inputs.resize(2);
  for (std::size_t i = 0; i < table->rows(); ++i) {
    if (table->text("outlier_dropped_by_authors", i) != "0") continue;
    data.inputs[0].push_back(table->number("N", i));
    data.inputs[1].push_back(table->number("D", i));
    data.response.push_back(table->number("loss", i));
  }
  return data;
}

/// numpy's RandomState(42).choice(240, 240), replicate after replicate.
std::vector<std::vector<double>> published_resamples(int replicates) {
  std::mt19937 words(42);
  std::vector<std::vector<double>> result;
  for (int r = 0; r < replicates; ++r) {
    auto& multiplicity = result.emplace_back(240, 0.0);
    for (int i = 0; i < 240;) {
      const auto row = static_cast<std::size_t>(words() & 255U);
      if (row > 239) continue;
      ++multiplicity[row];
      ++i;
    }
  }
  return result;
}

// Full size in the native build; the figures are those of all 4000.
constexpr int kReplicates = testing::kSanitized ? 200 : 4000;

std::array<std::vector<double>, 6> draws_of(Refitter& refitter, const Law& law) {
  std::array<std::vector<double>, 6> draws;  // A, B, E, alpha, beta, beta/(alpha + beta)
  for (const auto& multiplicity : published_resamples(kReplicates)) {
    const std::vector<double> c = law.to_natural(refitter.refit(multiplicity).theta);
    const std::array<double, 6> values{c[1], c[2], c[0], c[3], c[4], c[4] / (c[3] + c[4])};
    for (std::size_t k = 0; k < 6; ++k) draws[k].push_back(values[k]);
  }
  return draws;
}

TEST(PublishedBootstrap, TheirResamplesGiveTheirPercentiles) {
  const auto data = chinchilla_240();
  // The runs of others are not ours to hand on: read where they lie, skipped where not.
  if (!data) GTEST_SKIP() << "no reference data beside the repository";
  const Law& law = *find_law("additive");
  const FittedStudy study(testing::specification(law, Objective::Kind::log_huber), *data);
  Refitter refitter(study.session.setup(), study.session.best_theta());
  const auto draws = draws_of(refitter, law);
  if (testing::kSanitized) return;
  struct Figures {
    double lower;
    double upper;
    double standard_error;
  };
  // Of the exact optima on their resamples; five to six digits.
  const std::array<Figures, 6> exact{{{286.085, 743.610, 124.475},
                                      {1042.366, 5810.359, 1312.12},
                                      {1.76935, 1.87123, 0.025677},
                                      {0.316823, 0.373283, 0.015396},
                                      {0.331261, 0.415375, 0.020629},
                                      {0.48047, 0.55623, 0}}};
  // As their notebook prints them (refits that stopped early): every figure within 3 %.
  const std::array<Figures, 5> notebook{{{285.214, 743.626, 124.52232},
                                         {1042.357, 5810.344, 1293.2841},
                                         {1.769, 1.871, 0.02566},
                                         {0.317, 0.373, 0.0154},
                                         {0.331, 0.415, 0.0206}}};
  constexpr double kDigits = 1e-5;
  constexpr double kErrorDigits = 5e-5;  // half of the last printed one
  constexpr double kPublished = 0.03;
  for (std::size_t k = 0; k < 6; ++k) {
    const DrawSummary summary = summarise(draws[k], 0.95);
    EXPECT_EQ(summary.count, kReplicates);
    EXPECT_NEAR(summary.lower / exact[k].lower, 1, kDigits) << k;
    EXPECT_NEAR(summary.upper / exact[k].upper, 1, kDigits) << k;
    if (k == 5) continue;
    EXPECT_NEAR(summary.standard_deviation / exact[k].standard_error, 1, kErrorDigits) << k;
    EXPECT_NEAR(summary.lower / notebook[k].lower, 1, kPublished) << k;
    EXPECT_NEAR(summary.upper / notebook[k].upper, 1, kPublished) << k;
    EXPECT_NEAR(summary.standard_deviation / notebook[k].standard_error, 1, kPublished) << k;
  }
}

TEST(PublishedBootstrap, OurOwnResamplesAgreeWithThePublishedFigures) {
  const auto data = chinchilla_240();
  // The runs of others are not ours to hand on: read where they lie, skipped where not.
  if (!data) GTEST_SKIP() << "no reference data beside the repository";
  // Minutes under sanitizers; the test before this one runs the same code there.
  if (testing::kSanitized) GTEST_SKIP() << "needs thousands of draws";
  const Law& law = *find_law("additive");
  const FittedStudy study(testing::specification(law, Objective::Kind::log_huber), *data);
  Bootstrap bootstrap(study.session.setup(), study.session.best_theta(), 1);
  std::array<std::vector<double>, 5> draws;
  for (std::uint64_t i = 0; i < kReplicates; ++i) {
    const auto draw = bootstrap.draw(i, Refitter::Effort::warm);
    for (std::size_t k = 0; k < 5; ++k) draws[k].push_back(draw.coefficients[k]);
  }
  // E, A, B, alpha, beta. The 2.5th percentile of 4000 normal draws has a standard deviation of 4 %
  // of theirs, the difference of two sets 6 %; three times that, and more in B's long upper tail.
  const std::array<double, 5> lower{1.76935, 286.085, 1042.366, 0.316823, 0.331261};
  const std::array<double, 5> upper{1.87123, 743.610, 5810.359, 0.373283, 0.415375};
  const std::array<double, 5> error{0.025677, 124.475, 1312.12, 0.015396, 0.020629};
  for (std::size_t k = 0; k < 5; ++k) {
    const DrawSummary summary = summarise(draws[k], 0.95);
    EXPECT_NEAR(summary.lower, lower[k], 0.18 * error[k]) << k;
    EXPECT_NEAR(summary.upper, upper[k], (k == 2 ? 0.5 : 0.18) * error[k]) << k;
    EXPECT_NEAR(summary.standard_deviation / error[k], 1, k == 2 ? 0.25 : 0.06) << k;
  }
}

TEST(PublishedBootstrap, NoWarmRefitMissesItsOptimum) {
  const auto data = chinchilla_240();
  // The runs of others are not ours to hand on: read where they lie, skipped where not.
  if (!data) GTEST_SKIP() << "no reference data beside the repository";
  const FittedStudy study(testing::specification(*find_law("additive"), Objective::Kind::log_huber),
                          *data);
  Refitter refitter(study.session.setup(), study.session.best_theta());
  int misses = 0;
  for (const auto& multiplicity : published_resamples(testing::kSanitized ? 10 : 300)) {
    const double warm = refitter.refit(multiplicity).objective;
    const double best = refitter.refit(multiplicity, Refitter::Effort::thorough).objective;
    if (warm > best * (1 + 1e-10)) ++misses;
  }
  EXPECT_EQ(misses, 0);
}

FitData noisy_study(const Law& law, int rows, double noise, unsigned seed) {
  Random random(seed);
  FitData data = testing::random_design(law, rows, random);
  testing::respond(law, law.to_theta(law.presets.front().values), data, noise, random);
  return data;
}

TEST(Bootstrap, ADrawIsTheSameWhoeverMakesItAndWhen) {
  const Law& law = *find_law("additive");
  const FittedStudy study(testing::specification(law, Objective::Kind::log_huber),
                          noisy_study(law, 40, 0.01, 3));
  const FitSetup& setup = study.session.setup();
  Bootstrap first(setup, study.session.best_theta(), 7);
  Bootstrap second(setup, study.session.best_theta(), 7);
  std::vector<Bootstrap::Draw> forward;
  for (std::uint64_t i = 0; i < 50; ++i) forward.push_back(first.draw(i, Refitter::Effort::warm));
  for (std::uint64_t i = 50; i-- > 0;) {
    if (i % 3 == 0) second.draw(i + 1000, Refitter::Effort::warm);
    const auto again = second.draw(i, Refitter::Effort::warm);
    EXPECT_EQ(again.objective, forward[i].objective) << i;
    EXPECT_EQ(again.coefficients, forward[i].coefficients) << i;
  }
  EXPECT_NE(Bootstrap(setup, study.session.best_theta(), 8).multiplicity(0), first.multiplicity(0));
}

TEST(Bootstrap, RowsAreDrawnEvenly) {
  const Law& law = *find_law("additive");
  const FittedStudy study(testing::specification(law, Objective::Kind::log_huber),
                          noisy_study(law, 37, 0.01, 3));
  const Bootstrap bootstrap(study.session.setup(), study.session.best_theta(), 42);
  constexpr int kDraws = 20000;
  std::vector<double> count(37, 0.0);
  double twice = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const auto multiplicity = bootstrap.multiplicity(i);
    double total = 0;
    for (std::size_t row = 0; row < 37; ++row) {
      count[row] += multiplicity[row];
      total += multiplicity[row];
    }
    ASSERT_EQ(total, 37);
    twice += multiplicity[0] * multiplicity[1];
  }
  // Each count is binomial with mean kDraws and standard deviation √kDraws.
  for (const double c : count) EXPECT_NEAR(c, kDraws, 5 * std::sqrt(kDraws));
  // Multinomial: E[m₀m₁] = (n − 1)/n.
  EXPECT_NEAR(twice / kDraws, 36.0 / 37, 0.05);
}

TEST(Bootstrap, AClusterComesAndGoesAsOne) {
  const Law& law = *find_law("additive");
  const FittedStudy study(testing::specification(law, Objective::Kind::log_huber),
                          noisy_study(law, 40, 0.01, 3));
  std::vector<double> cluster(40);
  for (std::size_t i = 0; i < 40; ++i) cluster[i] = 100.5 - static_cast<double>(i % 8);
  const Bootstrap bootstrap(study.session.setup(), study.session.best_theta(), 1, cluster);
  for (std::uint64_t draw = 0; draw < 100; ++draw) {
    const auto multiplicity = bootstrap.multiplicity(draw);
    double total = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_EQ(multiplicity[i], multiplicity[i % 8]);
      total += multiplicity[i];
    }
    EXPECT_EQ(total, 40);  // eight clusters of five
  }
}

// Copies of runs carry no information: a bootstrap over clusters of copies says so, one over rows
// does not.
TEST(Bootstrap, ClustersOfCopiesAreAsUncertainAsOneOfEach) {
  const Law& law = *find_law("power-floor-params");
  FitData data;
  Random random(5);
  data = testing::random_design(law, 30, random);
  testing::respond(law, law.to_theta(std::vector<double>{1.8, 400, 0.34}), data, 0.01, random);
  FitData copied = data;
  std::vector<double> cluster;
  for (int i = 0; i < 30; ++i) cluster.push_back(i);
  for (int copy = 0; copy < 3; ++copy)
    for (std::size_t i = 0; i < 30; ++i) {
      copied.inputs[0].push_back(data.inputs[0][i]);
      copied.response.push_back(data.response[i]);
      cluster.push_back(static_cast<double>(i));
    }
  const auto error = [&](const FitData& runs, std::span<const double> clusters) {
    const FittedStudy study(testing::specification(law, Objective::Kind::log_squares), runs);
    Bootstrap bootstrap(study.session.setup(), study.session.best_theta(), 3, clusters);
    std::vector<double> alpha;
    for (std::uint64_t i = 0; i < 400; ++i)
      alpha.push_back(bootstrap.draw(i, Refitter::Effort::warm).coefficients[2]);
    return summarise(alpha, 0.95).standard_deviation;
  };
  const double once = error(data, {});
  EXPECT_NEAR(error(copied, cluster) / once, 1, 1e-6);  // the very same draws
  EXPECT_NEAR(error(copied, {}) / once, 0.5, 0.1);      // √(1/4)
}

TEST(Bootstrap, TooFewDifferentRowsAreNoFit) {
  const Law& law = *find_law("additive");
  const FittedStudy study(testing::specification(law, Objective::Kind::log_huber),
                          noisy_study(law, 6, 0.01, 3));
  Bootstrap bootstrap(study.session.setup(), study.session.best_theta(), 1);
  int without = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto draw = bootstrap.draw(i, Refitter::Effort::warm);
    const auto multiplicity = bootstrap.multiplicity(i);
    const auto distinct = std::ranges::count_if(multiplicity, [](double m) { return m > 0; });
    EXPECT_EQ(std::isnan(draw.objective), distinct < 6);
    EXPECT_EQ(std::isnan(draw.coefficients[3]), distinct < 6);
    without += distinct < 6 ? 1 : 0;
  }
  EXPECT_GT(without, 40);
}

// The example of numpy.percentile's documentation, and √(5/3) by hand.
TEST(Summary, FollowsNumpy) {
  EXPECT_EQ(summarise(std::vector<double>{10, 7, 4, 3, 2, 1}, 0.95).median, 3.5);
  const DrawSummary summary = summarise(std::vector<double>{4, 1, 3, 2}, 0.5);
  EXPECT_NEAR(summary.standard_deviation, std::sqrt(5.0 / 3), 1e-15);
  EXPECT_EQ(summary.lower, 1.75);
  EXPECT_EQ(summary.upper, 3.25);
}

TEST(Summary, AgreesWithSortingForEveryCountAndLevel) {
  Random random(1);
  for (int n = 2; n < 60; ++n)
    for (const double level : {0.01, 0.5, 0.9, 0.95, 0.999}) {
      std::vector<double> values;
      for (int i = 0; i < n; ++i) values.push_back(std::floor(10 * random.uniform()));
      const DrawSummary summary = summarise(values, level);
      std::ranges::sort(values);
      const auto expected = [&](double share) {
        const double position = share * (n - 1);
        const auto below = static_cast<std::size_t>(position);
        const double next = values[std::min(below + 1, values.size() - 1)];
        return values[below] + (position - static_cast<double>(below)) * (next - values[below]);
      };
      EXPECT_EQ(summary.lower, expected(0.5 * (1 - level)));
      EXPECT_EQ(summary.median, expected(0.5));
      EXPECT_EQ(summary.upper, expected(1 - 0.5 * (1 - level)));
    }
}

TEST(Summary, CountsWhatHasNoValue) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const DrawSummary summary = summarise(std::vector<double>{1, none, 3, none}, 0.95);
  EXPECT_EQ(summary.count, 2);
  EXPECT_EQ(summary.missing, 0.5);
  EXPECT_EQ(summary.median, 2);
  EXPECT_TRUE(std::isnan(summarise(std::vector<double>{none, 4}, 0.95).lower));
}

TEST(Audit, EachReasonHasItsCause) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> warm(100, 1.0);
  std::vector<double> thorough(100, none);
  std::vector<double> at_bound(100, 0.0);
  thorough[0] = thorough[50] = 1 - 1e-7;
  EXPECT_EQ(audit(warm, thorough, at_bound, 240).reason, Audit::Reason::none);
  EXPECT_EQ(audit(warm, thorough, at_bound, 240).audited, 2);
  EXPECT_EQ(audit(warm, thorough, at_bound, 29).reason, Audit::Reason::few_runs);
  for (std::size_t i = 0; i < 6; ++i) at_bound[i] = 1;
  EXPECT_EQ(audit(warm, thorough, at_bound, 240).reason, Audit::Reason::at_bounds);
  thorough[50] = 1 - 1e-5;
  const Audit missed = audit(warm, thorough, at_bound, 240);
  EXPECT_EQ(missed.reason, Audit::Reason::missed_optimum);
  EXPECT_EQ(missed.missed, 1);
}

}  // namespace
}  // namespace isoloss
