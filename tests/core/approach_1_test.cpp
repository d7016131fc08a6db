#include "core/approaches/approach_1.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/reference_data.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

using Json = nlohmann::json;

/// Training curves of the additive law: each size of model at tokens 1e8 to 1e12.
CurvePoints curves(const std::vector<double>& coefficients, int sizes, int points, double noise) {
  const Law& law = *find_law("additive");
  const Vector theta = law.to_theta(coefficients);
  CurvePoints result;
  Random random(11);
  for (int i = 0; i < sizes; ++i)
    for (int k = 0; k < points; ++k) {
      const std::array x{std::log(1e7) + i * std::log(1e3) / (sizes - 1),
                         std::log(1e8) + k * std::log(1e4) / (points - 1)};
      result.log_params.push_back(x[0]);
      result.log_tokens.push_back(x[1]);
      result.log_flops.push_back(std::log(6.0) + x[0] + x[1]);
      result.log_loss.push_back(law.log_response(x.data(), theta.data()) + noise * random.normal());
      result.curve.push_back(i);
    }
  return result;
}

TEST(Approach1, EnvelopeOfManySizesIsTheOptimumOfTheLaw) {
  // Chinchilla coefficients: N_opt = G·(C/6)^(β/(α+β)), G = (αA/βB)^(1/(α+β)).
  const std::vector<double> c{1.69, 406.4, 410.7, 0.34, 0.28};
  const std::pair range{1e18, 1e21};
  const Approach1 found =
      approach_1(curves(c, 400, 400, 0), 1500, range, {}, std::vector<double>{1e20});
  ASSERT_EQ(found.envelope.size(), 1500U);
  EXPECT_NEAR(found.envelope.front().log_flops, std::log(1e18), 1e-12);
  EXPECT_NEAR(found.envelope.back().log_flops, std::log(1e21), 1e-12);
  const double exponent = c[4] / (c[3] + c[4]);
  // The sizes are 1.7 % apart.
  EXPECT_NEAR(found.allocation.lines.params->exponent, exponent, 1e-3);
  EXPECT_NEAR(found.allocation.lines.tokens->exponent, 1 - exponent, 1e-3);
  const double balance = std::pow(c[3] * c[1] / (c[4] * c[2]), 1 / (c[3] + c[4]));
  EXPECT_NEAR(found.allocation.optima[0].params / (balance * std::pow(1e20 / 6, exponent)), 1,
              5e-3);
  EXPECT_TRUE(found.warnings.empty());
}

TEST(Approach1, InterpolatesBetweenCheckpointsAndNamesTheRun) {
  // Two runs: straight lines in ln L over ln C that cross at C = e^50.
  CurvePoints points;
  for (const double log_C : {54.0, 48.0, 51.0}) {  // not in order
    for (const int run : {0, 1}) {
      points.curve.push_back(run);
      points.log_params.push_back(run == 0 ? 20 : 22);
      points.log_flops.push_back(log_C);
      points.log_tokens.push_back(log_C - points.log_params.back());
      points.log_loss.push_back(1 - (run == 0 ? 0.01 : 0.03) * (log_C - 50));
    }
  }
  const Approach1 found = approach_1(points, 7, std::pair(std::exp(48.0), std::exp(54.0)), {}, {});
  ASSERT_EQ(found.envelope.size(), 7U);
  EXPECT_EQ(found.runs, 2);
  EXPECT_EQ(found.warnings.at(0).code, "few_best_runs");
  for (const auto& point : found.envelope) {
    const bool large = point.log_flops > 50 + 1e-9;
    if (std::abs(point.log_flops - 50) > 1e-9) {
      EXPECT_EQ(point.log_params, large ? 22 : 20) << point.log_flops;
      EXPECT_EQ(points.curve[static_cast<std::size_t>(point.row)], large ? 1 : 0);
    }
    EXPECT_NEAR(point.log_tokens, point.log_flops - point.log_params, 1e-12);
    EXPECT_NEAR(point.log_loss, 1 - (large ? 0.03 : 0.01) * (point.log_flops - 50), 1e-12);
  }
}

TEST(Approach1, ComparesRunsOnlyWhereTwoCanBeCompared) {
  CurvePoints points;
  const auto add = [&](int run, double from, double to) {
    for (const double log_C : {from, to}) {
      points.curve.push_back(run);
      points.log_params.push_back(20 + run);
      points.log_flops.push_back(log_C);
      points.log_tokens.push_back(log_C - 20 - run);
      points.log_loss.push_back(1 - 0.01 * log_C);
    }
  };
  add(0, 40, 45);
  add(1, 43, 48);
  add(2, 44, 50);
  const Approach1 found = approach_1(points, 100, std::nullopt, {}, {});
  EXPECT_NEAR(found.envelope.front().log_flops, 43, 1e-9);
  EXPECT_NEAR(found.envelope.back().log_flops, 48, 1e-9);
}

TEST(Approach1, WithoutCurvesTheFrontierOfTheFinalPoints) {
  CurvePoints points;
  const auto add = [&](double log_C, double loss) {
    points.log_params.push_back(log_C / 2);
    points.log_tokens.push_back(log_C / 2);
    points.log_flops.push_back(log_C);
    points.log_loss.push_back(loss);
  };
  add(46, 0.90);
  add(44, 1.00);
  add(45, 1.05);  // more compute, more loss
  add(46, 0.95);  // as much compute as another
  add(48, 0.80);
  const Approach1 found = approach_1(points, 1500, std::nullopt, {}, {});
  ASSERT_EQ(found.envelope.size(), 3U);
  EXPECT_EQ(found.envelope[0].row, 1);
  EXPECT_EQ(found.envelope[1].row, 0);
  EXPECT_EQ(found.envelope[2].row, 4);
  EXPECT_EQ(found.warnings.at(0).code, "no_training_curves");
  EXPECT_NEAR(found.allocation.lines.params->exponent, 0.5, 1e-12);
  EXPECT_NEAR(found.allocation.lines.tokens->exponent, 0.5, 1e-12);
}

TEST(Approach1, IntervalsComeFromDrawsOfRunsAndAreReproducible) {
  const CurvePoints points = curves({1.69, 406.4, 410.7, 0.34, 0.28}, 25, 60, 0.002);
  const std::vector<double> target{1e23};
  const auto run = [&](std::uint64_t seed) {
    return approach_1(points, 300, std::nullopt, {.draws = 200, .seed = seed}, target).allocation;
  };
  const Allocation first = run(1);
  ASSERT_TRUE(first.params_exponent);
  EXPECT_EQ(first.params_exponent, run(1).params_exponent);
  EXPECT_NE(first.params_exponent, run(2).params_exponent);
  EXPECT_LT(first.params_exponent->first, first.params_exponent->second);
  EXPECT_LT(first.optima[0].params_interval->first, first.optima[0].params_interval->second);
  EXPECT_EQ(first.missing_draws, 0);

  // The same by brute force: the drawn runs alone, their envelope anew.
  Random random = Random::stream(1, 0);
  std::set<double> taken;
  for (int i = 0; i < 25; ++i) taken.insert(random.below(25));
  CurvePoints subset;
  for (std::size_t i = 0; i < points.curve.size(); ++i) {
    if (!taken.contains(points.curve[i])) continue;
    subset.curve.push_back(points.curve[i]);
    subset.log_params.push_back(points.log_params[i]);
    subset.log_tokens.push_back(points.log_tokens[i]);
    subset.log_flops.push_back(points.log_flops[i]);
    subset.log_loss.push_back(points.log_loss[i]);
  }
  const std::pair range{1e18, 1e21};
  const double expected = approach_1(subset, 300, range, {}, {}).allocation.lines.params->exponent;
  const Allocation two = approach_1(points, 300, range, {.draws = 2, .seed = 1}, {}).allocation;
  // With two draws both percentiles lie between them, 2.5 % from either end.
  const auto [lower, upper] = *two.params_exponent;
  const double spread = (upper - lower) / 0.95;
  EXPECT_TRUE(std::abs(lower - 0.025 * spread - expected) < 1e-12 ||
              std::abs(upper + 0.025 * spread - expected) < 1e-12);
}

// numpy's interpolation of every run's checkpoints: another implementation of the same definition.
TEST(Approach1Reference, MisfittingCurves) {
  const auto text = testing::read_reference_text("reference-fits.json");
  const auto table = testing::read_reference_table("misfitting_curves.csv");
  // Public data without a licence to copy: they live outside the repository.
  if (!text || !table) GTEST_SKIP() << "no reference data beside the repository";
  CurvePoints points;
  for (std::size_t i = 0; i < table->rows(); ++i) {
    points.log_params.push_back(std::log(table->number("N", i)));
    points.log_tokens.push_back(std::log(table->number("D", i)));
    points.log_flops.push_back(std::log(table->number("C", i)));
    points.log_loss.push_back(std::log(table->number("loss", i)));
    points.curve.push_back(table->number("run", i));
  }
  struct Case {
    const char* id;
    int points;
    std::pair<double, double> range;
  };
  const Json fits = Json::parse(*text)["fits"];
  for (const Case& one : {Case{"misfitting-approach1-100", 100, {3e17, 3e19}},
                          Case{"misfitting-approach1-1500", 1500, {1e17, 6e19}}}) {
    const auto recorded = std::find_if(fits.begin(), fits.end(),
                                       [&](const Json& fit) { return fit["id"] == one.id; });
    ASSERT_NE(recorded, fits.end()) << one.id;
    ASSERT_EQ((*recorded)["n"].get<std::size_t>(), table->rows());
    const Approach1 found = approach_1(points, one.points, one.range, {}, {});
    const Json& line = (*recorded)["params"];
    constexpr double kPrinted = 1e-11;  // twelve digits
    EXPECT_NEAR(found.allocation.lines.params->exponent, line["a"].get<double>(), kPrinted)
        << one.id;
    EXPECT_NEAR(found.allocation.lines.tokens->exponent, line["b"].get<double>(), kPrinted);
    EXPECT_NEAR(found.allocation.lines.params->log_coefficient / std::log(10.0),
                line["a_intercept_log10"].get<double>(), 20 * kPrinted);
    EXPECT_NEAR(found.allocation.lines.tokens->log_coefficient / std::log(10.0),
                line["b_intercept_log10"].get<double>(), 20 * kPrinted);
    EXPECT_GT(found.runs, 3);
  }
}

}  // namespace
}  // namespace isoloss
