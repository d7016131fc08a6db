#include <gtest/gtest.h>

#include <numbers>

#include "core/data/examples.h"
#include "core/data/prepare.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Cost six_nd() { return {find_cost_model("six_nd"), {6}}; }

WrittenColumn column(Quantity quantity, std::vector<double> values, std::string_view unit = "",
                     double ratio = 1) {
  const Unit* found = &info(quantity).units.front();
  for (const Unit& candidate : info(quantity).units)
    if (candidate.id == unit) found = &candidate;
  return {.quantity = quantity, .unit = found, .ratio = ratio, .values = std::move(values)};
}

const std::vector<double>& values(const PreparedRuns& runs, Quantity quantity) {
  return std::ranges::find(runs.columns, quantity, &PreparedRuns::Column::quantity)->values;
}

TEST(Prepare, TwoOfThreeGiveTheThird) {
  const PreparedRuns compute =
      prepare({column(Quantity::params, {1e9, 2e9}), column(Quantity::tokens, {2e10, 4e10}),
               column(Quantity::loss, {2.5, 2.4})},
              six_nd());
  EXPECT_NEAR(values(compute, Quantity::flops)[1] / 4.8e20, 1, 1e-14);
  ASSERT_EQ(compute.derived.size(), 1U);
  EXPECT_EQ(compute.derived[0].quantity, Quantity::flops);
  EXPECT_EQ(compute.derived[0].rows, 2);
  EXPECT_TRUE(compute.flops_per_param_token.empty());
  EXPECT_TRUE(compute.unusable.empty());

  const PreparedRuns size =
      prepare({column(Quantity::flops, {1.2e20}), column(Quantity::tokens, {2e10})}, six_nd());
  EXPECT_NEAR(values(size, Quantity::params)[0] / 1e9, 1, 1e-13);
  const PreparedRuns tokens =
      prepare({column(Quantity::flops, {1.2e20}), column(Quantity::params, {1e9})}, six_nd());
  EXPECT_NEAR(values(tokens, Quantity::tokens)[0] / 2e10, 1, 1e-13);
}

TEST(Prepare, FillsGapsRowByRowAndKeepsWhatIsGiven) {
  const PreparedRuns runs =
      prepare({column(Quantity::params, {1e9, 1e9, kNone}),
               column(Quantity::tokens, {2e10, 0, 3e10}),  // 0 is missing
               column(Quantity::flops, {1.3e20, 1.2e20, kNone}), column(Quantity::loss, {3, 2, 1})},
              six_nd());
  EXPECT_EQ(values(runs, Quantity::flops)[0], 1.3e20);
  EXPECT_NEAR(values(runs, Quantity::tokens)[1] / 2e10, 1, 1e-13);
  EXPECT_NEAR(runs.flops_per_param_token[0], 6.5, 1e-12);
  EXPECT_TRUE(std::isnan(runs.flops_per_param_token[1]));
  ASSERT_EQ(runs.unusable.size(), 2U);  // row 2: params and flops
  for (const auto& item : runs.unusable) {
    EXPECT_EQ(item.row, 2);
    EXPECT_EQ(item.problem, RowProblem::missing);
  }
}

TEST(Prepare, UnitsOfTheLoss) {
  const PreparedRuns bits = prepare({column(Quantity::loss, {1}, "bits")}, six_nd());
  EXPECT_DOUBLE_EQ(values(bits, Quantity::loss)[0], std::numbers::ln2);
  const PreparedRuns perplexity =
      prepare({column(Quantity::loss, {std::exp(2.0), 1, -3}, "perplexity")}, six_nd());
  EXPECT_DOUBLE_EQ(values(perplexity, Quantity::loss)[0], 2);
  // Perplexity 1 is a loss of 0, −3 is none at all: both unusable, neither missing.
  ASSERT_EQ(perplexity.unusable.size(), 2U);
  EXPECT_EQ(perplexity.unusable[0].problem, RowProblem::not_positive);
  EXPECT_EQ(perplexity.unusable[1].problem, RowProblem::not_positive);
  // 1 bit per byte at 4 bytes per token: 4·ln 2 nats per token.
  const PreparedRuns bytes = prepare({column(Quantity::loss, {1}, "bits_per_byte", 4)}, six_nd());
  EXPECT_DOUBLE_EQ(values(bytes, Quantity::loss)[0], 4 * std::numbers::ln2);
}

TEST(Prepare, NamesWhatCannotBeUsed) {
  const PreparedRuns runs =
      prepare({column(Quantity::exits, {0.5, 1, 4}),
               column(Quantity::loss, {2, -1, std::numeric_limits<double>::infinity()})},
              six_nd());
  ASSERT_EQ(runs.unusable.size(), 3U);
  EXPECT_EQ(id(runs.unusable[0].problem), "below_one");
  EXPECT_EQ(id(runs.unusable[1].problem), "not_positive");
  EXPECT_EQ(id(runs.unusable[2].problem), "not_finite");
}

TEST(Units, APfDayIsWhatGpt3Took) {
  // GPT-3: 3.14e23 FLOPs = 3640 PF-days (Brown et al. 2020, as collected).
  const PreparedRuns runs = prepare({column(Quantity::flops, {3640}, "pf_day")}, six_nd());
  EXPECT_NEAR(values(runs, Quantity::flops)[0] / 3.14e23, 1, 2e-3);
}

TEST(Examples, AreTablesWithHeaderAndFullRows) {
  for (const Example& example : examples()) {
    const ExampleTable table = example.table();
    EXPECT_GE(table.rows.size(), 7U) << example.id;
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.header.size()) << example.id;
    ASSERT_EQ(table.roles.size(), table.header.size()) << example.id;
    for (const std::string& role : table.roles)
      EXPECT_TRUE(find_quantity(role) || role == "run" || role == "ignore") << role;
    EXPECT_NE(find_law(example.law), nullptr) << example.id;
    EXPECT_FALSE(example.provenance.empty()) << example.id;
  }
}

FitData data_of(const SimulatedStudy& study) {
  FitData data;
  data.inputs.resize(study.law->variables.size());
  for (const SimulatedRun& run : simulate(study)) {
    data.inputs[0].push_back(run.params);
    data.inputs[1].push_back(run.tokens);
    if (data.inputs.size() > 2) data.inputs[2].push_back(run.exits);
    data.response.push_back(run.loss);
  }
  return data;
}

TEST(Examples, TheFamilialStudyGivesGammaBack) {
  const SimulatedStudy study = familial_study();
  const FitResult result =
      fit(testing::specification(*study.law, Objective::Kind::log_huber), data_of(study));
  EXPECT_EQ(result.status, FitStatus::converged);
  const Estimate& gamma = *result.coefficients[5].estimate;
  ASSERT_TRUE(gamma.interval);
  EXPECT_LE((gamma.interval->second - gamma.interval->first) / 2, 0.01);
  EXPECT_LE(gamma.interval->first, 0.041);
  EXPECT_GE(gamma.interval->second, 0.041);
}

TEST(Examples, TheIsoflopStudyGivesItsLawBack) {
  const SimulatedStudy study = isoflop_study();
  const FitResult result =
      fit(testing::specification(*study.law, Objective::Kind::log_huber), data_of(study));
  EXPECT_EQ(result.status, FitStatus::converged);
  for (std::size_t k = 0; k < 5; ++k) {
    const auto& interval = *result.coefficients[k].estimate->interval;
    const double wide = 0.5 * (interval.second - interval.first);
    EXPECT_GE(study.coefficients[k], interval.first - wide) << k;
    EXPECT_LE(study.coefficients[k], interval.second + wide) << k;
  }
}

}  // namespace
}  // namespace isoloss
