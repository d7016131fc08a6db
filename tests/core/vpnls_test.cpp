// Approach 3 by least squares on the loss meets variable projection with non-negative least
// squares (Czech et al. 2026, arXiv 2603.22339): another algorithm for the same optimum.
#include <gtest/gtest.h>

#include "core/plan/optimum.h"
#include "core/reference_data.h"
#include "core/simulate.h"

namespace isoloss {
namespace {

using Keep = bool (*)(const testing::ReferenceTable&, std::size_t);

struct Fixture {
  const char* name;
  const char* file;
  Keep keep;
  int rows;
  std::array<double, 5> printed;  // E, A, B, alpha, beta
  std::array<double, 5> half;     // half of the last printed digit
};

bool all_rows(const testing::ReferenceTable& /*table*/, std::size_t /*row*/) { return true; }
bool trusted(const testing::ReferenceTable& table, std::size_t row) {
  return table.text("qc_outlier", row) == "0";
}
bool kept(const testing::ReferenceTable& table, std::size_t row) {
  return table.text("outlier_dropped_by_authors", row) == "0";
}

std::vector<Fixture> fixtures() {
  const char* llama = "llama3_isoflop.csv";
  const char* chinchilla = "chinchilla_besiroglu.csv";
  return {{"Llama3",
           llama,
           all_rows,
           133,
           {0.6047, 59.141, 155.11, 0.3100, 0.3136},
           {5e-5, 5e-4, 5e-3, 5e-5, 5e-5}},
          {"Llama3Trusted",
           llama,
           trusted,
           116,
           {0.6227, 91.11, 236.55, 0.3362, 0.3354},
           {5e-5, 5e-3, 5e-3, 5e-5, 5e-5}},
          {"Chinchilla240",
           chinchilla,
           kept,
           240,
           {1.8828, 567.8, 7581.9, 0.3576, 0.4276},
           {5e-5, 5e-2, 5e-2, 5e-5, 5e-5}},
          {"Chinchilla245",
           chinchilla,
           all_rows,
           245,
           {2.0106, 711.8, 1.0136e6, 0.3684, 0.6614},
           {5e-5, 5e-2, 50, 5e-5, 5e-5}}};
}

class Vpnls : public ::testing::TestWithParam<Fixture> {};
INSTANTIATE_TEST_SUITE_P(Data, Vpnls, ::testing::ValuesIn(fixtures()),
                         [](const auto& fixture) { return std::string(fixture.param.name); });

FitData read(const testing::ReferenceTable& table, Keep keep) {
  FitData data;
  data.inputs.resize(2);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (!keep(table, i)) continue;
    data.inputs[0].push_back(table.number("N", i));
    data.inputs[1].push_back(table.number("D", i));
    data.response.push_back(table.number("loss", i));
  }
  return data;
}

TEST_P(Vpnls, ReachesThePrintedCoefficients) {
  const Fixture& fixture = GetParam();
  const auto table = testing::read_reference_table(fixture.file);
  // Public data without a licence to copy: they live outside the repository.
  if (!table) GTEST_SKIP() << "no reference data beside the repository";
  const FitData data = read(*table, fixture.keep);
  ASSERT_EQ(static_cast<int>(data.response.size()), fixture.rows);
  const FitResult result =
      fit(testing::specification(*find_law("additive"), Objective::Kind::squares), data);
  ASSERT_EQ(result.status, FitStatus::converged);
  for (std::size_t k = 0; k < fixture.printed.size(); ++k)
    EXPECT_NEAR(result.coefficients[k].estimate->value, fixture.printed[k],
                fixture.half[k] * (1 + 1e-6))
        << k;
}

// Printed in the paper: Chinchilla below 1e21 FLOPs, in millions and billions.
TEST(VpnlsPublished, ChinchillaBelow1e21) {
  const auto table = testing::read_reference_table("chinchilla_besiroglu.csv");
  // Public data without a licence to copy: they live outside the repository.
  if (!table) GTEST_SKIP() << "no reference data beside the repository";
  FitData data = read(*table, [](const testing::ReferenceTable& t, std::size_t row) {
    return kept(t, row) && t.number("C", row) < 1e21;
  });
  ASSERT_EQ(data.response.size(), 217U);
  for (double& N : data.inputs[0]) N /= 1e6;
  for (double& D : data.inputs[1]) D /= 1e9;
  const FitResult result =
      fit(testing::specification(*find_law("additive"), Objective::Kind::squares), data);
  constexpr std::array kPublished{1.9051, 4.0005, 1.0509, 0.3511, 0.4587};
  for (std::size_t k = 0; k < kPublished.size(); ++k)
    EXPECT_NEAR(result.coefficients[k].estimate->value, kPublished[k], 5e-5 * (1 + 1e-6)) << k;
}

// Noise-free isoFLOP surfaces, 5 budgets × 15 sizes, narrow and wide: nothing is lost.
TEST(NoiseFree, SurfacesAreRecoveredExactly) {
  const Law& law = *find_law("additive");
  const std::vector<std::vector<double>> surfaces{{1.69, 400, 400, 0.31, 0.31},
                                                  {1.69, 406.4, 410.7, 0.34, 0.28},
                                                  {1.69, 400, 400, 0.465, 0.155},
                                                  {1.8172, 482.01, 2085.43, 0.3478, 0.3658}};
  for (const auto& coefficients : surfaces)
    for (const double half_width : {2.0, 4.0, 8.0, 16.0})
      for (const double drift : {1.0, 3.0}) {
        OptimumQuestion question{.law = &law,
                                 .theta = law.to_theta(coefficients),
                                 .covariance = nullptr,
                                 .cost = {.model = find_cost_model("six_nd"), .settings = {6}},
                                 .log_other = {0, 0}};
        FitData data;
        data.inputs.resize(2);
        for (int b = 0; b < 5; ++b) {
          const auto best = optimum(question, std::pow(10.0, 17 + b));
          for (int i = 0; i < 15; ++i) {
            const double factor = std::pow(half_width, 2.0 * i / 14 - 1) * std::pow(drift, b / 4.0);
            data.inputs[0].push_back(best->params.value * factor);
            data.inputs[1].push_back(best->tokens.value / factor);
            const std::array x{std::log(data.inputs[0].back()), std::log(data.inputs[1].back())};
            data.response.push_back(std::exp(law.log_response(x.data(), question.theta.data())));
          }
        }
        const double truth = optimum(question, 1e24)->params.value;
        for (const auto kind : {Objective::Kind::squares, Objective::Kind::log_squares}) {
          const FitResult result = fit(testing::specification(law, kind), data);
          ASSERT_TRUE(result.usable);
          EXPECT_LE(*result.objective, 1e-25);
          std::vector<double> found;
          for (const auto& c : result.coefficients) found.push_back(c.estimate->value);
          question.theta = law.to_theta(found);
          EXPECT_NEAR(optimum(question, 1e24)->params.value / truth, 1, 1e-10)
              << coefficients[3] << " ×" << half_width << " drift " << drift;
        }
      }
}

}  // namespace
}  // namespace isoloss
