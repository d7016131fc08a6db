// Known laws must come back: noiseless data, automatic starts, random coefficients.
#include <gtest/gtest.h>

#include "core/simulate.h"

namespace isoloss {
namespace {

constexpr int kSets = testing::kSanitized ? 10 : 200;
constexpr int kRows = 40;

class Recovery : public ::testing::TestWithParam<const Law*> {};

INSTANTIATE_TEST_SUITE_P(Registry, Recovery, ::testing::ValuesIn(testing::all_laws()),
                         testing::law_name);

// Starts come from a fixed grid and a Halton sequence; the truth is drawn from a generator of its
// own, so it is never among them.
TEST_P(Recovery, OfNoiselessDataFromAutomaticStarts) {
  const Law& law = *GetParam();
  Random random(2026);
  int failures = 0;
  double worst = 0;
  for (int set = 0; set < kSets; ++set) {
    FitData data = testing::random_design(law, kRows, random);
    const Vector truth = testing::random_theta(law, data, 1.5 + 3 * random.uniform(), random);
    testing::respond(law, truth, data, 0, random);
    const FitResult result = fit(testing::specification(law, Objective::Kind::log_huber), data);
    ASSERT_EQ(result.predicted.size(), data.response.size()) << "set " << set;
    const double error = testing::prediction_error(law, data, truth, result);
    worst = std::max(worst, error);
    if (error <= 1e-6) continue;
    ++failures;
    std::string text;
    for (const double x : law.to_natural(truth)) text += " " + std::to_string(x);
    ADD_FAILURE() << "set " << set << ": relative error " << error << ", coefficients" << text
                  << ", status " << info(result.status).id;
  }
  EXPECT_EQ(failures, 0) << "worst " << worst;
}

// The same for every objective on one ordinary set of coefficients.
TEST_P(Recovery, WithEveryObjective) {
  const Law& law = *GetParam();
  Random random(7);
  FitData data = testing::random_design(law, kRows, random);
  std::array<double, kMaxCoefficients> u{};
  u.fill(0.45);
  std::vector<double> mean(law.variables.size(), std::log(1e9));
  Vector truth(law.size());
  law.propose(u.data(), {.log_x = mean, .log_response = std::log(2.5)}, truth.data());
  testing::respond(law, truth, data, 0, random);
  for (const ObjectiveInfo& objective : objectives()) {
    const FitResult result = fit(testing::specification(law, objective.kind), data);
    EXPECT_LE(testing::prediction_error(law, data, truth, result), 1e-6) << objective.id;
    EXPECT_GE(result.starts_agreeing, 1);
  }
}

}  // namespace
}  // namespace isoloss
