#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/fit/fit.h"
#include "core/math/random.h"
#include "core/uncertainty/simulate.h"

/// Small designs and noiseless or noisy responses for tests.
namespace isoloss::testing {

/// For tests that run over the registry.
inline std::vector<const Law*> all_laws() {
  std::vector<const Law*> result;
  for (const Law& law : laws()) result.push_back(&law);
  return result;
}
inline std::string law_name(const ::testing::TestParamInfo<const Law*>& law) {
  std::string name(law.param->id);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

using isoloss::log_response_at;
using isoloss::random_design;
using isoloss::random_theta;

/// Fills in the response of the law, times e^(noise · standard normal).
inline void respond(const Law& law, const Vector& theta, FitData& data, double noise,
                    Random& random) {
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const double log_response = log_response_at(law, data, i, theta);
    data.response[i] = std::exp(log_response + (noise > 0 ? noise * random.normal() : 0));
  }
}

inline FitSpecification specification(const Law& law, Objective::Kind kind, double delta = 1e-3) {
  return {.law = &law, .objective = {.kind = kind, .delta = delta}, .fixed = {}, .tied = {}};
}

/// Largest relative difference between the fit's predictions and the truth's.
inline double prediction_error(const Law& law, const FitData& data, const Vector& truth,
                               const FitResult& result) {
  double worst = 0;
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const double expected = std::exp(log_response_at(law, data, i, truth));
    worst = std::max(worst, std::abs(result.predicted[i] / expected - 1));
  }
  return worst;
}

// Sizes of simulations: full in the native release build, smaller where instructions are slow.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace isoloss::testing
