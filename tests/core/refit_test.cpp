// Refits under other weights and responses answer what a fit of those data answers.
#include "core/fit/refit.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/simulate.h"

namespace isoloss {
namespace {

/// Two optima of the same sum, both to roundoff of the sum.
constexpr double kSolver = 1e-10;

struct Study {
  const Law& law;
  FitData data;

  Study(const char* id, int rows, double noise, unsigned seed) : law(*find_law(id)) {
    Random random(seed);
    data = testing::random_design(law, rows, random);
    const Vector truth = testing::random_theta(law, data, 3, random);
    testing::respond(law, truth, data, noise, random);
  }
};

/// The rows that count, each as often as it counts.
FitData repeated(const FitData& data, const std::vector<double>& multiplicity) {
  FitData result;
  result.inputs.resize(data.inputs.size());
  for (std::size_t i = 0; i < multiplicity.size(); ++i)
    for (int copy = 0; copy < static_cast<int>(multiplicity[i]); ++copy) {
      for (std::size_t v = 0; v < data.inputs.size(); ++v)
        result.inputs[v].push_back(data.inputs[v][i]);
      result.response.push_back(data.response[i]);
    }
  return result;
}

void run(FitSession& session) {
  while (session.step()) {
  }
}

class RefitOfLaw : public ::testing::TestWithParam<const Law*> {};
INSTANTIATE_TEST_SUITE_P(Registry, RefitOfLaw, ::testing::ValuesIn(testing::all_laws()),
                         testing::law_name);

TEST_P(RefitOfLaw, AResampleIsAFitOfTheRepeatedRows) {
  const Study study(GetParam()->id.data(), 60, 0.01, 11);
  const FitSpecification specification =
      testing::specification(study.law, Objective::Kind::log_huber);
  FitSession session(specification, study.data);
  run(session);
  Refitter refitter(session.setup(), session.best_theta());
  Random random(3);
  for (int draw = 0; draw < 3; ++draw) {
    std::vector<double> multiplicity(60, 0.0);
    for (int i = 0; i < 60; ++i) multiplicity[static_cast<std::size_t>(60 * random.uniform())] += 1;
    const auto refit = refitter.refit(multiplicity, Refitter::Effort::thorough);
    const FitResult whole = fit(specification, repeated(study.data, multiplicity));
    ASSERT_TRUE(whole.objective);
    EXPECT_NEAR(refit.objective / *whole.objective, 1, kSolver);
  }
}

/// One run left out moves the optimum so little that no wide step is needed to follow it.
TEST(Refit, NearIsEnoughWhereOneRowIsLeftOut) {
  for (const char* id : {"additive", "familial"})
    for (const double delta : {1e-3, 1e-2}) {
      const Study study(id, 200, 0.005, 21);
      FitSession session(testing::specification(study.law, Objective::Kind::log_huber, delta),
                         study.data);
      run(session);
      Refitter refitter(session.setup(), session.best_theta());
      for (std::size_t row = 0; row < study.data.response.size(); ++row) {
        std::vector<double> multiplicity(study.data.response.size(), 1.0);
        multiplicity[row] = 0;
        const auto near = refitter.refit(multiplicity, Refitter::Effort::near);
        const auto thorough = refitter.refit(multiplicity, Refitter::Effort::thorough);
        EXPECT_TRUE(near.converged);
        EXPECT_NEAR(near.objective / thorough.objective, 1, kSolver) << id << " row " << row;
      }
    }
}

TEST_P(RefitOfLaw, OwnPredictionsAsResponsesLeaveTheFitAsItIs) {
  const Study study(GetParam()->id.data(), 60, 0.01, 12);
  FitSession session(testing::specification(study.law, Objective::Kind::log_huber), study.data);
  run(session);
  const Vector theta = session.best_theta();
  std::vector<double> predicted(study.data.response.size());
  for (std::size_t i = 0; i < predicted.size(); ++i)
    predicted[i] = std::exp(testing::log_response_at(study.law, study.data, i, theta));
  const auto refit = Refitter(session.setup(), theta).refit_responses(predicted);
  EXPECT_TRUE(refit.converged);
  EXPECT_LT(refit.objective, 1e-24);
}

TEST(Refit, ARowLeftOutIsNotSeen) {
  const Study study("additive", 40, 0.01, 13);
  const FitSpecification specification =
      testing::specification(study.law, Objective::Kind::log_huber);
  FitSession session(specification, study.data);
  run(session);
  Refitter refitter(session.setup(), session.best_theta());
  std::vector<double> multiplicity(40, 1.0);
  multiplicity[7] = 0;
  const auto refit = refitter.refit(multiplicity);
  const FitResult whole = fit(specification, repeated(study.data, multiplicity));
  EXPECT_NEAR(refit.objective / *whole.objective, 1, kSolver);
  EXPECT_TRUE(refit.converged);
  EXPECT_FALSE(refit.at_bound);
}

TEST(Refit, NoRowsIsNoFit) {
  const Study study("additive", 40, 0.01, 13);
  FitSession session(testing::specification(study.law, Objective::Kind::log_huber), study.data);
  run(session);
  Refitter refitter(session.setup(), session.best_theta());
  EXPECT_FALSE(refitter.refit(std::vector<double>(40, 0.0)).converged);
}

TEST(Refit, SaysWhenAFloorIsGone) {
  // A law without a floor fitted with one: half the resamples want a floor below 0.
  const Law& law = *find_law("additive");
  Random random(5);
  FitData data = testing::random_design(law, 60, random);
  testing::respond(law, law.to_theta(std::vector<double>{1e-9, 400, 400, 0.3, 0.28}), data, 0.01,
                   random);
  FitSession session(testing::specification(law, Objective::Kind::log_huber), data);
  run(session);
  Refitter refitter(session.setup(), session.best_theta());
  int at_bound = 0;
  for (int draw = 0; draw < 40; ++draw) {
    std::vector<double> multiplicity(60, 0.0);
    for (int i = 0; i < 60; ++i) multiplicity[static_cast<std::size_t>(60 * random.uniform())] += 1;
    const auto refit = refitter.refit(multiplicity);
    EXPECT_EQ(refit.at_bound, !std::isfinite(refit.theta[0]));
    at_bound += refit.at_bound ? 1 : 0;
  }
  EXPECT_GT(at_bound, 0);
  EXPECT_LT(at_bound, 40);
}

}  // namespace
}  // namespace isoloss
