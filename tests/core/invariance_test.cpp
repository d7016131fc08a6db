// A fit may not depend on how the table is written: on the units of N and D, on the order of its
// rows, or on whether a run stands there twice or counts twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/simulate.h"

namespace isoloss::testing {
namespace {

constexpr double kObjective = 1e-12;
constexpr double kCoefficient = 1e-8;

class InvarianceOfLaw : public ::testing::TestWithParam<const Law*> {
 protected:
  void SetUp() override {
    const Law& law = *GetParam();
    Random random(2026);
    data_ = random_design(law, 60, random);
    respond(law, random_theta(law, data_, 2.5, random), data_, 0.005, random);
    specification_ = specification(law, Objective::Kind::log_huber);
  }

  FitResult fit_of(const FitData& data) const { return fit(specification_, data); }

  /// The same law through all runs: objective and exponents agree, and so do predictions.
  static void expect_same(const FitResult& a, const FitResult& b, const Law& law) {
    ASSERT_TRUE(a.objective && b.objective);
    EXPECT_EQ(a.status, b.status);
    EXPECT_NEAR(*b.objective / *a.objective, 1, kObjective);
    for (std::size_t k = 0; k < law.coefficients.size(); ++k) {
      if (law.coefficients[k].role != Coefficient::Role::exponent) continue;
      ASSERT_TRUE(a.coefficients[k].estimate && b.coefficients[k].estimate);
      EXPECT_NEAR(b.coefficients[k].estimate->value, a.coefficients[k].estimate->value,
                  kCoefficient)
          << law.coefficients[k].id;
    }
  }

  FitData data_;
  FitSpecification specification_;
};

TEST_P(InvarianceOfLaw, ToTheUnitsOfTheInputs) {
  FitData scaled = data_;
  const double units[] = {1e-6, 1e-9, 1e3};
  for (std::size_t v = 0; v < scaled.inputs.size(); ++v)
    for (double& x : scaled.inputs[v]) x *= units[v];
  const FitResult a = fit_of(data_);
  const FitResult b = fit_of(scaled);
  expect_same(a, b, *GetParam());
  for (std::size_t i = 0; i < a.predicted.size(); ++i)
    EXPECT_NEAR(b.predicted[i] / a.predicted[i], 1, kCoefficient);
}

TEST_P(InvarianceOfLaw, ToTheOrderOfTheRows) {
  std::vector<std::size_t> order(data_.response.size());
  std::iota(order.begin(), order.end(), 0U);
  Random random(7);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
  FitData shuffled = data_;
  for (std::size_t i = 0; i < order.size(); ++i) {
    shuffled.response[i] = data_.response[order[i]];
    for (std::size_t v = 0; v < data_.inputs.size(); ++v)
      shuffled.inputs[v][i] = data_.inputs[v][order[i]];
  }
  const FitResult a = fit_of(data_);
  const FitResult b = fit_of(shuffled);
  expect_same(a, b, *GetParam());
  for (std::size_t i = 0; i < order.size(); ++i)
    EXPECT_NEAR(b.predicted[i] / a.predicted[order[i]], 1, kCoefficient);
}

TEST_P(InvarianceOfLaw, ToARunThatCountsTwiceOrStandsThereTwice) {
  FitData twice = data_;
  FitData heavy = data_;
  heavy.weight.assign(heavy.response.size(), 1);
  for (std::size_t i = 0; i < data_.response.size(); i += 7) {
    heavy.weight[i] = 2;
    twice.response.push_back(data_.response[i]);
    for (std::size_t v = 0; v < data_.inputs.size(); ++v)
      twice.inputs[v].push_back(data_.inputs[v][i]);
  }
  // Weights are scaled to mean 1, so the objective is too.
  FitResult a = fit_of(heavy);
  const FitResult b = fit_of(twice);
  *a.objective *=
      static_cast<double>(twice.response.size()) / static_cast<double>(heavy.response.size());
  expect_same(a, b, *GetParam());
}

INSTANTIATE_TEST_SUITE_P(Registry, InvarianceOfLaw, ::testing::ValuesIn(all_laws()), law_name);

}  // namespace
}  // namespace isoloss::testing
