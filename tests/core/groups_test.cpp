// Groups of runs with shared exponents.
#include "core/fit/groups.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/simulate.h"

namespace isoloss {
namespace {

struct Grouped {
  FitData data;
  std::vector<int> group;
  int groups = 0;
};

void append(FitData& all, const FitData& part) {
  all.inputs.resize(part.inputs.size());
  for (std::size_t v = 0; v < part.inputs.size(); ++v)
    all.inputs[v].insert(all.inputs[v].end(), part.inputs[v].begin(), part.inputs[v].end());
  all.response.insert(all.response.end(), part.response.begin(), part.response.end());
}

/// Groups with the law's exponents `exponents` in common, floors and scales of their own.
Grouped simulate_groups(const Law& law, int groups, int rows, const std::vector<double>& natural,
                        double noise, Random& random) {
  Grouped result;
  result.groups = groups;
  for (int g = 0; g < groups; ++g) {
    FitData part = testing::random_design(law, rows, random);
    std::vector<double> own = natural;
    for (int k = 0; k < law.size(); ++k)
      if (law.coefficients[static_cast<std::size_t>(k)].role != Coefficient::Role::exponent)
        own[static_cast<std::size_t>(k)] *= std::exp(0.4 * random.uniform(-1, 1));
    testing::respond(law, law.to_theta(own), part, noise, random);
    append(result.data, part);
    result.group.insert(result.group.end(), static_cast<std::size_t>(rows), g);
  }
  return result;
}

const std::vector<double> kTruth{1.8, 480, 2000, 0.35, 0.37};
const Law& additive_law() { return *find_law("additive"); }

GroupsFit fitted(const Law& law, const Grouped& runs, Objective::Kind kind) {
  return fit_groups(testing::specification(law, kind), runs.data, runs.group, runs.groups);
}

/// A floor of 1.5 and terms of half a nat at the middle of the design, falling at rates that three
/// decades show; a law of another form: its preset, and a floor.
std::vector<double> plain_coefficients(const Law& law, Random& random) {
  std::vector<double> natural(law.coefficients.size(), 0.5);
  const auto* form = std::get_if<PowerSum>(&law.form);
  if (form == nullptr) {
    const std::vector<double> published = find_law("kaplan")->presets.front().values;
    std::ranges::copy(published, natural.begin());
    return natural;
  }
  const FitData probe = testing::random_design(law, 100, random);
  if (form->floor) natural[static_cast<std::size_t>(*form->floor)] = 1.5;
  for (const auto& term : form->terms) {
    const double alpha = 0.3 + 0.05 * term.variable;
    double mean = 0;
    for (const double x : probe.inputs[static_cast<std::size_t>(term.variable)])
      mean += std::log(x) / 100;
    natural[static_cast<std::size_t>(term.exponent)] = alpha;
    natural[static_cast<std::size_t>(term.scale)] = 0.5 * std::exp(alpha * mean);
  }
  for (const auto& factor : form->factors)
    natural[static_cast<std::size_t>(factor.exponent)] = 0.04;
  return natural;
}

class GroupsOfLaw : public ::testing::TestWithParam<const Law*> {};
INSTANTIATE_TEST_SUITE_P(Registry, GroupsOfLaw, ::testing::ValuesIn(testing::all_laws()),
                         testing::law_name);

// Noiseless runs of two to eight groups: exponents come back whatever the law.
TEST_P(GroupsOfLaw, NoiselessExponentsAreRecovered) {
  const Law& law = *GetParam();
  Random random(5);
  for (const int groups : testing::kSanitized ? std::vector{2} : std::vector{2, 8}) {
    const std::vector<double> natural = plain_coefficients(law, random);
    const Grouped runs = simulate_groups(law, groups, 24, natural, 0, random);
    const GroupsFit result = fitted(law, runs, Objective::Kind::log_squares);
    EXPECT_TRUE(result.usable) << info(result.status).id;
    for (const SharedExponent& exponent : result.shared)
      EXPECT_NEAR(*exponent.value, natural[static_cast<std::size_t>(exponent.coefficient)], 1e-5)
          << law.coefficients[static_cast<std::size_t>(exponent.coefficient)].id;
    for (const double r : result.log_residual) EXPECT_LT(std::abs(r), 1e-6);
  }
}

// One group is the plain fit.
TEST(Groups, OneGroupIsThePlainFit) {
  Random random(7);
  for (const auto kind :
       {Objective::Kind::log_squares, Objective::Kind::squares, Objective::Kind::log_huber,
        Objective::Kind::log_absolute, Objective::Kind::log_huber_scaled}) {
    const Grouped runs = simulate_groups(additive_law(), 1, 40, kTruth, 0.004, random);
    const GroupsFit result = fitted(additive_law(), runs, kind);
    const FitResult plain = fit(testing::specification(additive_law(), kind), runs.data);
    EXPECT_NEAR(*result.objective / *plain.objective, 1, 1e-9) << info(kind).id;
    EXPECT_NEAR(*result.separate_objective / *plain.objective, 1, 1e-12);
    EXPECT_NEAR(*result.aicc_shared, *result.aicc_separate, 1e-6);
    for (std::size_t k = 0; k < 5; ++k)
      EXPECT_NEAR(*result.groups[0].coefficients[k] / plain.coefficients[k].estimate->value, 1,
                  1e-5)
          << info(kind).id << " " << k;
    for (const SharedExponent& exponent : result.shared) {
      const auto k = static_cast<std::size_t>(exponent.coefficient);
      EXPECT_NEAR(*exponent.standard_error / *plain.coefficients[k].estimate->standard_error, 1,
                  1e-4)
          << info(kind).id << " " << k;
    }
  }
}

/// The joint objective by brute force: exponents on an ever finer grid, every group fitted with
/// them held by the search for plain fits.
double brute_force(const Law& law, const Grouped& runs, Objective::Kind kind, double alpha,
                   double beta, double width) {
  double best = std::numeric_limits<double>::infinity();
  for (; width > 1e-7; width *= 0.55) {
    const double a0 = alpha;
    const double b0 = beta;
    for (int i = -2; i <= 2; ++i)
      for (int j = -2; j <= 2; ++j) {
        const double a = a0 + i * width / 2;
        const double b = b0 + j * width / 2;
        double sum = 0;
        for (int g = 0; g < runs.groups; ++g) {
          FitData part{.inputs = {{}, {}}, .response = {}, .weight = {}};
          for (std::size_t row = 0; row < runs.group.size(); ++row) {
            if (runs.group[row] != g) continue;
            for (const std::size_t v : {0, 1}) part.inputs[v].push_back(runs.data.inputs[v][row]);
            part.response.push_back(runs.data.response[row]);
          }
          FitSpecification held = testing::specification(law, kind);
          held.fixed = {{3, a}, {4, b}};
          sum += *fit(held, part).objective;
        }
        if (sum < best) {
          best = sum;
          alpha = a;
          beta = b;
        }
      }
  }
  return best;
}

TEST(Groups, EqualsABruteForceJointFit) {
  Random random(8);
  for (const auto kind : {Objective::Kind::log_squares, Objective::Kind::log_huber}) {
    const Grouped runs = simulate_groups(additive_law(), 3, 14, kTruth, 0.004, random);
    const GroupsFit result = fitted(additive_law(), runs, kind);
    EXPECT_EQ(result.status, FitStatus::converged) << info(result.status).id;
    if (testing::kSanitized) continue;
    const double brute = brute_force(additive_law(), runs, kind, *result.shared[0].value + 0.011,
                                     *result.shared[1].value - 0.008, 0.03);
    EXPECT_LE(*result.objective, brute * (1 + 1e-9));
    EXPECT_GE(*result.objective, brute * (1 - 1e-4));  // the grid ends near the optimum
  }
}

// Two to eight groups with noise: exponents within their standard errors, separate fits lower, and
// AICc on the side of what is true.
TEST(Groups, SharedExponentsAreRecovered) {
  Random random(9);
  int inside = 0;
  int total = 0;
  int shared_better = 0;
  const int studies = testing::kSanitized ? 2 : 12;
  for (int s = 0; s < studies; ++s) {
    const int groups = 2 + s % 7;
    const Grouped runs = simulate_groups(additive_law(), groups, 25, kTruth, 0.003, random);
    const GroupsFit result = fitted(additive_law(), runs, Objective::Kind::log_squares);
    ASSERT_TRUE(result.usable) << info(result.status).id;
    EXPECT_GE(*result.objective, *result.separate_objective * (1 - 1e-9));
    EXPECT_EQ(result.starts_agreeing, result.starts_tried);
    if (*result.aicc_shared < *result.aicc_separate) ++shared_better;
    for (const SharedExponent& exponent : result.shared) {
      const double truth = kTruth[static_cast<std::size_t>(exponent.coefficient)];
      ++total;
      if (std::abs(*exponent.value - truth) < 2.2 * *exponent.standard_error) ++inside;
    }
  }
  EXPECT_GE(inside, total * 3 / 4);
  EXPECT_GE(shared_better, studies * 2 / 3);
}

TEST(Groups, DifferentExponentsAreSeen) {
  Random random(10);
  Grouped runs;
  runs.groups = 2;
  for (int g = 0; g < 2; ++g) {
    FitData part = testing::random_design(additive_law(), 40, random);
    const double alpha = g == 0 ? 0.25 : 0.5;
    testing::respond(additive_law(),
                     additive_law().to_theta(
                         std::vector<double>{1.8, 0.6 * std::pow(3e8, alpha), 2000, alpha, 0.37}),
                     part, 0.002, random);
    append(runs.data, part);
    runs.group.insert(runs.group.end(), 40, g);
  }
  const GroupsFit result = fitted(additive_law(), runs, Objective::Kind::log_squares);
  EXPECT_GT(*result.aicc_shared, *result.aicc_separate + 10);
  EXPECT_EQ(
      std::ranges::count(result.warnings, std::string_view("exponents_differ"), &FitWarning::code),
      1);
}

// Which rows come first, and which group is called 0, makes no difference.
TEST(Groups, OrderOfRowsAndNamesOfGroups) {
  Random random(11);
  const Grouped runs = simulate_groups(additive_law(), 3, 20, kTruth, 0.004, random);
  Grouped turned = runs;
  for (auto& input : turned.data.inputs) std::ranges::reverse(input);
  std::ranges::reverse(turned.data.response);
  std::ranges::reverse(turned.group);
  for (int& g : turned.group) g = 2 - g;
  const GroupsFit a = fitted(additive_law(), runs, Objective::Kind::log_huber);
  const GroupsFit b = fitted(additive_law(), turned, Objective::Kind::log_huber);
  EXPECT_NEAR(*a.objective / *b.objective, 1, 1e-9);
  for (std::size_t i = 0; i < 60; ++i) EXPECT_NEAR(a.predicted[i] / b.predicted[59 - i], 1, 1e-6);
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(*a.groups[0].coefficients[k] / *b.groups[2].coefficients[k], 1, 1e-4);
}

// A group with one token count cannot tell its data term from its floor; the others hold β.
TEST(Groups, AGroupWithOneTokenCount) {
  Random random(12);
  Grouped runs = simulate_groups(additive_law(), 2, 25, kTruth, 0, random);
  for (int i = 0; i < 8; ++i) {
    runs.data.inputs[0].push_back(5e7 * std::pow(2.0, i));
    runs.data.inputs[1].push_back(2e10);
    const double data_term = 2000 / std::pow(2e10, 0.37);
    runs.data.response.push_back(1.6 + data_term +
                                 480 / std::pow(runs.data.inputs[0].back(), 0.35));
    runs.group.push_back(2);
  }
  runs.groups = 3;
  const GroupsFit result = fitted(additive_law(), runs, Objective::Kind::log_squares);
  EXPECT_TRUE(result.usable);
  EXPECT_NEAR(*result.shared[1].value, 0.37, 1e-5);
  EXPECT_FALSE(result.groups[2].coefficients[2]);
  EXPECT_NEAR(*result.groups[2].coefficients[1], 480, 0.1);
}

TEST(Groups, TooFewRunsInAGroup) {
  Random random(13);
  Grouped runs = simulate_groups(additive_law(), 2, 20, kTruth, 0.003, random);
  runs.group.back() = 2;
  runs.groups = 3;
  const GroupsFit alone = fitted(additive_law(), runs, Objective::Kind::log_squares);
  // One run with a floor of its own, which takes all of it, says nothing about the others.
  EXPECT_NEAR(alone.log_residual.back(), 0, 1e-12);
  EXPECT_TRUE(alone.groups[2].coefficients[0]);
  EXPECT_FALSE(alone.groups[2].coefficients[1]);
  Grouped without = runs;
  for (auto& input : without.data.inputs) input.pop_back();
  without.data.response.pop_back();
  without.group.pop_back();
  without.groups = 2;
  const GroupsFit rest = fitted(additive_law(), without, Objective::Kind::log_squares);
  EXPECT_NEAR(*alone.objective / *rest.objective, 1, 1e-9);
  EXPECT_NEAR(*alone.shared[0].value, *rest.shared[0].value, 1e-6);

  Grouped small = simulate_groups(additive_law(), 3, 2, kTruth, 0.003, random);
  const GroupsFit none = fitted(additive_law(), small, Objective::Kind::log_squares);
  EXPECT_EQ(none.status, FitStatus::too_few_points);
  EXPECT_FALSE(none.objective);
  EXPECT_FALSE(none.warnings.empty());
}

TEST(Groups, HeldAndTiedExponentsStaySo) {
  Random random(14);
  const Grouped runs = simulate_groups(additive_law(), 2, 25, kTruth, 0.003, random);
  FitSpecification specification =
      testing::specification(additive_law(), Objective::Kind::log_squares);
  specification.tied = {{3, 4}};
  const GroupsFit tied = fit_groups(specification, runs.data, runs.group, 2);
  EXPECT_EQ(*tied.shared[0].value, *tied.shared[1].value);
  specification.tied = {};
  specification.fixed = {{3, 0.33}, {4, 0.4}};
  const GroupsFit held = fit_groups(specification, runs.data, runs.group, 2);
  EXPECT_EQ(*held.shared[0].value, 0.33);
  EXPECT_TRUE(held.usable) << info(held.status).id;
  // Nothing is shared: the same as separate fits.
  EXPECT_NEAR(*held.objective / *held.separate_objective, 1, 1e-9);
}

}  // namespace
}  // namespace isoloss
