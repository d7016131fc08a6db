// The README's table: published numbers, reproduced from the public data where the machine has
// them.
#include <gtest/gtest.h>

#include "core/reference_data.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

FitData runs(const testing::ReferenceTable& table, const char* flag, const char* kept) {
  FitData data;
  data.inputs.resize(2);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (flag != nullptr && table.text(flag, i) != kept) continue;
    data.inputs[0].push_back(table.number("N", i));
    data.inputs[1].push_back(table.number("D", i));
    data.response.push_back(table.number("loss", i));
  }
  return data;
}

void expect_coefficients(const FitResult& result, const std::vector<double>& expected,
                         double relative) {
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(result.coefficients[k].estimate->value / expected[k], 1, relative) << k;
}

// The notebook of Besiroglu et al. prints A 482.00572, B 2085.43420, E 1.81686, α 0.34781, β
// 0.36585: its fitted scale makes the Huber likelihood least absolute deviations.
TEST(Published, BesiroglusHeadlineIsTheMedianFit) {
  const auto table = testing::read_reference_table("chinchilla_besiroglu.csv");
  // Public data without a licence to copy: they live outside the repository.
  if (!table) GTEST_SKIP() << "no reference data beside the repository";
  const FitResult result =
      fit(testing::specification(*find_law("additive"), Objective::Kind::log_absolute),
          runs(*table, "outlier_dropped_by_authors", "0"));
  expect_coefficients(result, {1.81686, 482.006, 2085.43, 0.34781}, 1e-5);
  // Half of the last printed digit, which is more than 1e-5 of so small a number.
  EXPECT_NEAR(result.coefficients[4].estimate->value, 0.36585, 5e-6);
}

// Czech et al. 2026 print E .6047, A 59.1, B 155.1, α .3100, β .3136 for Llama 3's isoFLOP runs.
TEST(Published, Llama3IsoflopRunsByLeastSquares) {
  const auto table = testing::read_reference_table("llama3_isoflop.csv");
  // Public data without a licence to copy: they live outside the repository.
  if (!table) GTEST_SKIP() << "no reference data beside the repository";
  const FitResult result =
      fit(testing::specification(*find_law("additive"), Objective::Kind::squares),
          runs(*table, nullptr, nullptr));
  expect_coefficients(result, {0.6047, 59.1, 155.1, 0.3100, 0.3136}, 1e-3);
}

}  // namespace
}  // namespace isoloss
