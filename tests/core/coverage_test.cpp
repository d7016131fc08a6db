// Do intervals hold what they promise? 300 simulated studies of 60 runs, unevenly noisy.
#include <gtest/gtest.h>

#include <map>

#include "core/simulate.h"
#include "core/uncertainty/self_test.h"

namespace isoloss {
namespace {

constexpr int kStudies = testing::kSanitized ? 30 : 300;
constexpr int kDraws = testing::kSanitized ? 100 : 500;

TEST(Coverage, NominalNinetyFivePercentIntervalsCover92To99) {
  std::map<std::string, std::array<int, 2>> held;
  std::map<std::string, std::array<int, 2>> asked;
  for (std::uint64_t study = 0; study < kStudies; ++study)
    for (const Covered& covered : cover(*find_law("additive"), 1, study, 60, kDraws)) {
      const std::array methods{covered.bootstrap, covered.sandwich};
      for (std::size_t m = 0; m < 2; ++m) {
        if (!methods[m]) continue;
        ++asked[covered.quantity][m];
        held[covered.quantity][m] += *methods[m] ? 1 : 0;
      }
    }
  ASSERT_EQ(asked.size(), 4U);  // alpha, beta, params, loss
  for (const auto& [quantity, counts] : asked)
    for (std::size_t m = 0; m < 2; ++m) {
      EXPECT_GE(counts[m], 0.98 * kStudies) << quantity << m;
      const double share = static_cast<double>(held[quantity][m]) / counts[m];
      // Thirty studies only show that nothing is badly off.
      EXPECT_GE(share, testing::kSanitized ? 0.8 : 0.92) << quantity << m;
      // For beta, which nobody plans with, a little more is no harm.
      EXPECT_LE(share, testing::kSanitized || quantity == "beta" ? 1.0 : 0.99) << quantity << m;
    }
}

}  // namespace
}  // namespace isoloss
