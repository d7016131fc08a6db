// Compute-optimal allocation against the golden values of the literature collection, which were
// derived from the presets independently of this code (C = 6ND, five digits).
#include <gtest/gtest.h>

#include "core/plan/optimum.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

const Law& additive_law() { return *find_law("additive"); }

OptimumQuestion question(const Law& law, const std::vector<double>& natural,
                         const char* cost = "six_nd") {
  const CostModel* model = find_cost_model(cost);
  return {.law = &law,
          .theta = law.to_theta(natural),
          .covariance = nullptr,
          .cost = {model, model->default_settings()},
          .log_other = std::vector<double>(law.variables.size(), 0.0)};
}

OptimumQuestion of_preset(const char* preset, const char* cost = "six_nd") {
  return question(additive_law(), additive_law().find_preset(preset)->values, cost);
}

/// Equal to as many digits as the golden value prints: half a unit in the last place.
void expect_printed(double value, double printed, double last_place) {
  EXPECT_NEAR(value, printed, 0.5000001 * last_place);
}

struct Golden {
  const char* preset;
  double flops;
  double params, params_place;
  double tokens, tokens_place;
  double ratio, ratio_place;
  double loss;
};

TEST(Optimum, GoldenValuesToThePrintedDigits) {
  const std::vector<Golden> table{
      {"hoffmann-2022-printed", 1e19, 2.2796e8, 1e4, 7.3114e9, 1e5, 32.07, .01, 2.98574},
      {"hoffmann-2022-printed", 1e21, 1.8242e9, 1e5, 9.1363e10, 1e6, 50.08, .01, 2.32888},
      {"hoffmann-2022-printed", 5.76e23, 3.2190e10, 1e6, 2.9823e12, 1e8, 92.65, .01, 1.93075},
      {"hoffmann-2022-printed", 3.8e25, 2.1348e11, 1e7, 2.9667e13, 1e9, 139.0, .1, 1.81653},
      {"hoffmann-2022-tex", 1e19, 2.7084e8, 1e4, 6.1538e9, 1e5, 22.72, .01, 2.92184},
      {"hoffmann-2022-tex", 1e21, 2.2170e9, 1e5, 7.5178e10, 1e6, 33.91, .01, 2.29549},
      {"hoffmann-2022-tex", 5.76e23, 4.0361e10, 1e6, 2.3785e12, 1e8, 58.93, .01, 1.91841},
      {"hoffmann-2022-tex", 3.8e25, 2.7324e11, 1e7, 2.3179e13, 1e9, 84.83, .01, 1.81101},
      {"besiroglu-2024", 1e19, 2.6217e8, 1e4, 6.3572e9, 1e5, 24.25, .01, 2.92710},
      {"besiroglu-2024", 1e21, 2.7785e9, 1e5, 5.9985e10, 1e6, 21.59, .01, 2.30553},
      {"besiroglu-2024", 5.76e23, 7.2249e10, 1e6, 1.3287e12, 1e8, 18.39, .01, 1.97444},
      {"besiroglu-2024", 3.8e25, 6.1867e11, 1e7, 1.0237e13, 1e9, 16.55, .01, 1.89171},
      {"besiroglu-data-best", 1e19, 2.6186e8, 1e4, 6.3648e9, 1e5, 24.31, .01, 2.92570},
      {"besiroglu-data-best", 1e21, 2.7917e9, 1e5, 5.9700e10, 1e6, 21.38, .01, 2.30449},
      {"besiroglu-data-best", 5.76e23, 7.3193e10, 1e6, 1.3116e12, 1e8, 17.92, .01, 1.97394},
      {"besiroglu-data-best", 3.8e25, 6.3016e11, 1e7, 1.0050e13, 1e9, 15.95, .01, 1.89143},
      {"c4-tied-2023", 1e19, 2.9151e8, 1e4, 5.7174e9, 1e5, 19.61, .01, 2.94705},
      {"c4-tied-2023", 1e21, 2.9151e9, 1e5, 5.7174e10, 1e6, 19.61, .01, 2.34769},
      {"c4-tied-2023", 5.76e23, 6.9962e10, 1e6, 1.3722e12, 1e8, 19.61, .01, 2.02516},
      {"c4-tied-2023", 3.8e25, 5.6826e11, 1e7, 1.1145e13, 1e9, 19.61, .01, 1.94368},
  };
  for (const Golden& golden : table) {
    SCOPED_TRACE(golden.preset + std::string(" at ") + std::to_string(golden.flops));
    const auto found = optimum(of_preset(golden.preset), golden.flops);
    ASSERT_TRUE(found);
    expect_printed(found->params.value, golden.params, golden.params_place);
    expect_printed(found->tokens.value, golden.tokens, golden.tokens_place);
    expect_printed(found->tokens_per_param.value, golden.ratio, golden.ratio_place);
    expect_printed(found->loss.value, golden.loss, 1e-5);
  }
}

TEST(Optimum, ExponentsOfComputeToThePrintedDigits) {
  const std::vector<std::pair<const char*, double>> table{{"hoffmann-2022-printed", .45161},
                                                          {"hoffmann-2022-tex", .45653},
                                                          {"besiroglu-2024", .51261},
                                                          {"besiroglu-data-best", .51391},
                                                          {"c4-tied-2023", .5}};
  for (const auto& [preset, exponent] : table) {
    const OptimumQuestion q = of_preset(preset);
    expect_printed(q.law->params_exponent(q.theta.data()), exponent, 1e-5);
  }
  // Kaplan's joint law under C = 6ND: 0.575, not the famous 0.73.
  const Law& kaplan = *find_law("kaplan");
  const Vector theta = kaplan.to_theta(kaplan.find_preset("kaplan-2020")->values);
  expect_printed(kaplan.params_exponent(theta.data()), 0.575, 1e-3);
}

TEST(Optimum, KaplansClosedFormIsWrittenOutByHand) {
  const Law& kaplan = *find_law("kaplan");
  const auto found = optimum(question(kaplan, kaplan.find_preset("kaplan-2020")->values), 1e21);
  const double r = 0.076 / 0.103;
  const double N = std::pow(r * std::pow(6.4e13, r) * 1e21 / (6 * 1.8e13), 1 / (1 + r));
  EXPECT_NEAR(found->params.value / N, 1, 1e-12);
}

TEST(Optimum, NumbersOfExitsLeaveItWhereItIs) {
  const Law& familial = *find_law("familial");
  const std::vector<double> natural{1.18, 406.4, 410.7, 0.34, 0.28, 0.041};
  OptimumQuestion q = question(familial, natural);
  const auto one = optimum(q, 1e21);
  q.log_other[2] = std::log(8.0);
  const auto eight = optimum(q, 1e21);
  EXPECT_NEAR(eight->params.value / one->params.value, 1, 1e-12);
  // Price of eight exits at gamma 0.041: 8.90 %.
  EXPECT_NEAR(eight->loss.value / one->loss.value - 1, 0.0890, 5e-5);
}

TEST(Optimum, WithAttentionModelsAreSmallerAndTheBudgetIsSpent) {
  const auto plain = optimum(of_preset("besiroglu-2024"), 1e20);
  const OptimumQuestion q = of_preset("besiroglu-2024", "attention");
  const auto costly = optimum(q, 1e20);
  ASSERT_TRUE(costly);
  EXPECT_FALSE(costly->closed_form);
  EXPECT_LT(costly->params.value, plain->params.value);
  EXPECT_GT(costly->loss.value, plain->loss.value);
  const double spent =
      std::exp(q.cost.log_flops_per_token(std::log(costly->params.value))) * costly->tokens.value;
  EXPECT_NEAR(spent / 1e20, 1, 1e-12);
  // Without a context attention costs nothing: the closed form again.
  OptimumQuestion short_context = q;
  short_context.cost.settings[0] = 1e-9;
  const auto same = optimum(short_context, 1e20);
  EXPECT_NEAR(same->params.value / plain->params.value, 1, 1e-8);
}

// Aspect ratio and layers by hand: N = 12·n·d² with n = 12, d = 1536 is 3.4e8; 6·s·n·d = 2.26e8.
TEST(CostModel, AttentionByHand) {
  const double n = 12;
  const double d = 1536;
  const double N = 12 * n * d * d;
  const CostModel* model = find_cost_model("attention");
  const Cost cost{.model = model, .settings = {2048, d / n}};
  EXPECT_NEAR(std::exp(cost.log_flops_per_token(std::log(N))), 6 * N + 6 * 2048 * n * d, 1);
  EXPECT_NEAR(cost.log_params(std::log(1e20), cost.log_tokens(std::log(N), std::log(1e20))),
              std::log(N), 1e-12);
}

TEST(Optimum, SaysWhyThereIsNone) {
  const Law& power = *find_law("power-flops");
  EXPECT_EQ(unavailable(question(power, {30, 0.05})), NoOptimum::one_sided);
  std::vector<double> unknown = additive_law().find_preset("besiroglu-2024")->values;
  unknown[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(unavailable(question(additive_law(), unknown)), NoOptimum::undetermined);
  unknown[2] = 0;  // no data term: the largest model always wins
  EXPECT_EQ(unavailable(question(additive_law(), unknown)), NoOptimum::at_the_border);
}

// Delta method by hand (docs/math.md (8)): ∂ln N_opt/∂(ln A, ln B, α, β).
TEST(Optimum, IntervalsAreTheDeltaMethod) {
  OptimumQuestion q = of_preset("besiroglu-2024");
  Covariance covariance{
      .coefficients = {0, 1, 2, 3, 4}, .matrix = Matrix::Zero(5, 5), .degrees_of_freedom = 1e7};
  covariance.matrix.diagonal() << 1e-4, 4e-4, 9e-4, 1e-6, 4e-6;
  covariance.matrix(1, 3) = covariance.matrix(3, 1) = 1.5e-5;
  q.covariance = &covariance;
  const auto found = optimum(q, 5.76e23);
  const double s = 0.3478 + 0.3658;
  const double log_N = std::log(found->params.value);
  const double log_D = std::log(found->tokens.value);
  Vector g(5);
  g << 0, 1 / s, -1 / s, (1 / 0.3478 - log_N) / s, (log_D - 1 / 0.3658) / s;
  const double error = std::sqrt(g.dot(Vector(covariance.matrix * g)));
  EXPECT_NEAR(*found->params.standard_error / found->params.value, error, 1e-6 * error);
  EXPECT_NEAR(std::log(found->params.interval->second) - log_N, 1.959964 * error, 1e-5 * error);
  // C = 6ND: what N gains D loses.
  EXPECT_NEAR(std::log(found->tokens.interval->second) - log_D, 1.959964 * error, 1e-5 * error);
}

}  // namespace
}  // namespace isoloss
