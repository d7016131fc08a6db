// Every law, by the registry: what a law must satisfy to be in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/cost/cost_model.h"
#include "core/plan/optimum.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

// Central differences of a smooth function in double: relative error about eps^(2/3).
constexpr double kGradientTolerance = 1e-7;
constexpr double kRoundoff = 1e-12;

class EveryLaw : public ::testing::TestWithParam<const Law*> {
 protected:
  const Law& law() const { return *GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Registry, EveryLaw, ::testing::ValuesIn(testing::all_laws()),
                         testing::law_name);

TEST_P(EveryLaw, HasNamesCitationsAndBounds) {
  EXPECT_FALSE(law().name.empty());
  EXPECT_FALSE(law().summary.empty());
  EXPECT_TRUE(law().citation.url.starts_with("https://"));
  EXPECT_FALSE(law().variables.empty());
  EXPECT_LE(law().variables.size(), 4U);
  EXPECT_LE(law().size(), kMaxCoefficients);
  std::set<std::string_view> ids;
  std::set<std::string_view> symbols;
  for (const Coefficient& coefficient : law().coefficients) {
    EXPECT_TRUE(ids.insert(coefficient.id).second) << coefficient.id;
    EXPECT_TRUE(symbols.insert(coefficient.symbol).second) << coefficient.symbol;
    EXPECT_FALSE(coefficient.meaning.empty()) << coefficient.id;
    EXPECT_LT(coefficient.lower, coefficient.upper) << coefficient.id;
  }
  EXPECT_EQ(std::ranges::count(laws(), law().id, &Law::id), 1);
}

TEST_P(EveryLaw, PresetsLieWithinBoundsAndSaySource) {
  for (const Preset& preset : law().presets) {
    ASSERT_EQ(preset.values.size(), law().coefficients.size()) << preset.id;
    EXPECT_TRUE(preset.standard_errors.empty() ||
                preset.standard_errors.size() == preset.values.size());
    EXPECT_FALSE(preset.caveat.empty()) << preset.id;
    EXPECT_TRUE(preset.citation.url.starts_with("https://")) << preset.id;
    for (std::size_t k = 0; k < preset.values.size(); ++k) {
      EXPECT_GE(preset.values[k], law().coefficients[k].lower) << preset.id;
      EXPECT_LE(preset.values[k], law().coefficients[k].upper) << preset.id;
    }
  }
}

TEST_P(EveryLaw, DisplayedFormulaIsTheFormula) {
  const auto tree = parse_formula(law().formula);
  ASSERT_NE(tree, nullptr) << law().formula;
  Random random(11);
  FitData data = testing::random_design(law(), 20, random);
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const Vector theta = testing::random_theta(law(), data, 2.5, random);
    const std::vector<double> natural = law().to_natural(theta);
    const double shown = evaluate(*tree, [&](const std::string& symbol) {
      if (const auto k = law().coefficient_index(symbol))
        return natural[static_cast<std::size_t>(*k)];
      for (std::size_t v = 0; v < law().variables.size(); ++v)
        if (info(law().variables[v]).symbol == symbol) return data.inputs[v][i];
      ADD_FAILURE() << symbol << " is neither coefficient nor variable";
      return 0.0;
    });
    const double computed = std::exp(testing::log_response_at(law(), data, i, theta));
    EXPECT_NEAR(shown / computed, 1, kRoundoff);
  }
}

TEST_P(EveryLaw, DerivativesAreThoseOfTheValue) {
  Random random(12);
  const FitData data = testing::random_design(law(), 10, random);
  const int p = law().size();
  for (std::size_t row = 0; row < data.response.size(); ++row) {
    const Vector theta = testing::random_theta(law(), data, 2.5, random);
    std::array<double, 4> x{};
    for (std::size_t v = 0; v < data.inputs.size(); ++v) x[v] = std::log(data.inputs[v][row]);
    std::array<double, kMaxCoefficients> gradient{};
    std::array<double, kMaxCoefficients*(kMaxCoefficients + 1) / 2> hessian{};
    const double value = law().derivatives(x.data(), theta.data(), gradient.data(), hessian.data());
    EXPECT_NEAR(value, law().log_response(x.data(), theta.data()), 1e-13);
    const double h = 1e-5;
    for (int k = 0; k < p; ++k) {
      Vector up = theta;
      Vector down = theta;
      up[k] += h;
      down[k] -= h;
      const double slope =
          (law().log_response(x.data(), up.data()) - law().log_response(x.data(), down.data())) /
          (2 * h);
      const double scale = 1 + std::abs(slope);
      EXPECT_NEAR(gradient[static_cast<std::size_t>(k)], slope, kGradientTolerance * scale * 30);
      std::array<double, kMaxCoefficients> above{};
      std::array<double, kMaxCoefficients> below{};
      law().derivatives(x.data(), up.data(), above.data(), nullptr);
      law().derivatives(x.data(), down.data(), below.data(), nullptr);
      for (int j = 0; j < p; ++j) {
        const auto packed = static_cast<std::size_t>(packed_index(std::max(j, k), std::min(j, k)));
        const auto i = static_cast<std::size_t>(j);
        const double second = (above[i] - below[i]) / (2 * h);
        EXPECT_NEAR(hessian[packed], second, kGradientTolerance * (1 + std::abs(second)) * 300)
            << law().coefficients[i].id << " " << k;
      }
    }
    std::array<double, 4> elasticity{};
    law().input_gradient(x.data(), theta.data(), elasticity.data());
    for (std::size_t v = 0; v < law().variables.size(); ++v) {
      auto up = x;
      auto down = x;
      up[v] += h;
      down[v] -= h;
      const double slope = (law().log_response(up.data(), theta.data()) -
                            law().log_response(down.data(), theta.data())) /
                           (2 * h);
      EXPECT_NEAR(elasticity[v], slope, kGradientTolerance * (1 + std::abs(slope)) * 10);
    }
  }
}

TEST_P(EveryLaw, IsFiniteOverItsBounds) {
  Random random(13);
  const FitData data = testing::random_design(law(), 5, random);
  for (int i = 0; i < 200; ++i) {
    Vector theta = testing::random_theta(law(), data, 2.5, random);
    for (int k = 0; k < law().size(); ++k) {
      const Coefficient& coefficient = law().coefficients[static_cast<std::size_t>(k)];
      if (coefficient.scale == Coefficient::Scale::log) continue;
      const double edge = random.uniform();
      if (edge < 0.2) theta[k] = coefficient.lower;
      if (edge > 0.8) theta[k] = coefficient.upper;
    }
    EXPECT_FALSE(std::isnan(testing::log_response_at(law(), data, 0, theta)));
  }
}

TEST_P(EveryLaw, ClosedFormOptimumIsTheNumericalOne) {
  if (law().log_params_opt == nullptr) {
    EXPECT_FALSE(law().variable_index(Quantity::params) && law().variable_index(Quantity::tokens))
        << "a law in N and D without closed form needs a test of its own";
    return;
  }
  Random random(14);
  for (const Preset& preset : law().presets) {
    OptimumQuestion question{.law = &law(),
                             .theta = law().to_theta(preset.values),
                             .covariance = nullptr,
                             .cost = {find_cost_model("six_nd"), {6}},
                             .log_other = std::vector<double>(law().variables.size(), 0.0)};
    for (const double flops : {1e19, 1e21, 5.76e23, 3.8e25}) {
      const auto closed = optimum(question, flops);
      const auto numeric = numeric_log_params_opt(question, question.theta, std::log(flops));
      ASSERT_TRUE(closed && numeric) << preset.id;
      EXPECT_TRUE(closed->closed_form);
      // The root of the slope is exact to about roundoff over the slope's own slope.
      EXPECT_NEAR(std::exp(*numeric) / closed->params.value, 1, 1e-9) << preset.id << " " << flops;
    }
  }
}

}  // namespace
}  // namespace isoloss
