#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/data/budgets.h"
#include "core/reference_data.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

using Rows = std::vector<int>;

TEST(Budgets, ExactOnesAreFoundWhateverTheOrderOfTheRows) {
  const std::vector<double> flops{1e20, 1e18, 1.25e16, 1e20, 1e18, 1.25e16, 1.25e16, 1e18, 1e20};
  const auto budgets = recognise_budgets(flops, 0.1);
  ASSERT_EQ(budgets.size(), 3U);
  EXPECT_EQ(budgets[0].flops, 1.25e16);
  EXPECT_EQ(budgets[0].rows, (Rows{2, 5, 6}));
  EXPECT_EQ(budgets[1].flops, 1e18);
  EXPECT_EQ(budgets[1].rows, (Rows{1, 4, 7}));
  EXPECT_EQ(budgets[2].rows, (Rows{0, 3, 8}));
}

TEST(Budgets, RunsWithinTheToleranceOfTheirMiddleAreOneAndTheNextAreNot) {
  const std::vector<double> flops{0.901e19, 1e19, 1.099e19, 1.5e19, 2.3e19, 2.4e19, 2.5e19};
  const auto budgets = recognise_budgets(flops, 0.1);
  ASSERT_EQ(budgets.size(), 2U);
  EXPECT_EQ(budgets[0].rows, (Rows{0, 1, 2}));
  EXPECT_NEAR(budgets[0].flops, std::cbrt(0.901 * 1.0 * 1.099) * 1e19, 1e7);
  EXPECT_EQ(budgets[1].rows, (Rows{4, 5, 6}));
  EXPECT_TRUE(recognise_budgets(flops, 0.01).empty());
}

TEST(Budgets, TwoThatAreCloseButTightAreTwo) {
  const std::vector<double> flops{2.06e19, 2.06e19, 2.06e19, 2.29e19, 2.29e19, 2.29e19};
  EXPECT_EQ(recognise_budgets(flops, 0.1).size(), 2U);
  // Rounding is no gap.
  const std::vector<double> rounded{1e19, 1e19, 1e19, 1.0002e19, 1.0002e19, 1.0002e19};
  EXPECT_EQ(recognise_budgets(rounded, 0.1).size(), 1U);
}

TEST(Budgets, LoneScatteredAndImpossibleRunsAreInNone) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<double> flops{1e18, 1e19, 1e19, kNaN, 0, -1, kInfinity, 1e20, 1e20, 1e20};
  const auto budgets = recognise_budgets(flops, 0.1);
  ASSERT_EQ(budgets.size(), 1U);
  EXPECT_EQ(budgets[0].rows, (Rows{7, 8, 9}));
  EXPECT_TRUE(recognise_budgets({}, 0.1).empty());
  std::vector<double> even;
  for (int i = 0; i < 200; ++i) even.push_back(1e18 * std::pow(1.03, i));
  // However an even scatter is cut, no part of it has more than its surroundings but the ends.
  EXPECT_LE(recognise_budgets(even, 0.1).size(), 2U);
}

TEST(Budgets, ManyRowsTakeNoLongerThanSortingThem) {
  // The widest gap at one end every time: cutting would be quadratic without a tree.
  std::vector<double> flops;
  for (int i = 0; i < 100000; ++i)
    flops.push_back(std::exp(10 + 1e-8 * static_cast<double>(i) * i));
  for (const Budget& budget : recognise_budgets(flops, 0.1)) {
    const double first = flops[static_cast<std::size_t>(budget.rows.front())];
    const double last = flops[static_cast<std::size_t>(budget.rows.back())];
    EXPECT_LE(last / first, 1.1 / 0.9 * (1 + 1e-9));
  }
}

TEST(Budgets, NamedOnesAreTakenAsNamed) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const auto budgets = named_budgets(std::vector<double>{3e19, 1e19, kNaN, 3e19});
  ASSERT_EQ(budgets.size(), 2U);
  EXPECT_EQ(budgets[0].rows, (Rows{1}));
  EXPECT_EQ(budgets[1].flops, 3e19);
  EXPECT_EQ(budgets[1].rows, (Rows{0, 3}));
}

// The rule of the reference data (within 10 % of a nominal budget) is told the budgets; ours is
// not.
TEST(Budgets, ThoseOfTheChinchillaPaperAreRecognised) {
  const auto table = testing::read_reference_table("chinchilla_besiroglu.csv");
  // Public data without a licence to copy: they live outside the repository.
  if (!table) GTEST_SKIP() << "no reference data beside the repository";
  std::vector<double> flops;
  for (std::size_t i = 0; i < table->rows(); ++i) flops.push_back(table->number("C", i));
  const auto budgets = recognise_budgets(flops, 0.1);
  for (const double nominal : {6e18, 1e19, 3e19, 6e19, 1e20, 3e20, 6e20, 1e21, 3e21}) {
    const auto same = [&](const Budget& b) { return std::abs(b.flops / nominal - 1) < 0.1; };
    EXPECT_EQ(std::ranges::count_if(budgets, same), 1) << nominal;
  }
  EXPECT_EQ(budgets.size(), 9U);
  int named = 0;
  int found = 0;
  std::vector<char> in_one(table->rows(), 0);
  for (const Budget& budget : budgets)
    for (const int row : budget.rows) in_one[static_cast<std::size_t>(row)] = 1;
  for (std::size_t i = 0; i < table->rows(); ++i) {
    if (std::isnan(table->number("isoflop_budget", i))) continue;
    ++named;
    found += in_one[i];
  }
  EXPECT_EQ(named, 129);
  EXPECT_GE(found, 110);
}

TEST(Budgets, ThoseOfTheLlamaStudyAreRecognised) {
  const auto table = testing::read_reference_table("llama3_isoflop.csv");
  // Public data without a licence to copy: they live outside the repository.
  if (!table) GTEST_SKIP() << "no reference data beside the repository";
  std::vector<double> flops;
  for (std::size_t i = 0; i < table->rows(); ++i) flops.push_back(table->number("C", i));
  const auto budgets = recognise_budgets(flops, 0.1);
  ASSERT_EQ(budgets.size(), 10U);
  EXPECT_EQ(budgets.front().flops, 6e18);
  EXPECT_EQ(budgets.back().flops, 1e22);
  std::size_t rows = 0;
  for (const Budget& budget : budgets) rows += budget.rows.size();
  EXPECT_EQ(rows, 133U);
}

}  // namespace
}  // namespace isoloss
