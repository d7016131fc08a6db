#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/fit/fit.h"
#include "core/math/random.h"

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

/// Inputs over three decades each, log-uniform; exits 1, 2, 4, 8.
inline FitData random_design(const Law& law, int rows, Random& random) {
  FitData data;
  data.inputs.resize(law.variables.size());
  for (int i = 0; i < rows; ++i) {
    const double params = 1e7 * std::pow(10.0, 3 * random.uniform());
    const double tokens = 1e9 * std::pow(10.0, 3 * random.uniform());
    for (std::size_t v = 0; v < law.variables.size(); ++v) {
      double x = 0;
      switch (law.variables[v]) {
        case Quantity::params:
          x = params;
          break;
        case Quantity::tokens:
          x = tokens;
          break;
        case Quantity::flops:
          x = 6 * params * tokens;
          break;
        default:
          x = std::pow(2.0, std::floor(4 * random.uniform()));
      }
      data.inputs[v].push_back(x);
    }
  }
  data.response.assign(static_cast<std::size_t>(rows), 1.0);
  return data;
}

inline double log_response_at(const Law& law, const FitData& data, std::size_t row,
                              const Vector& theta) {
  std::array<double, 4> x{};
  for (std::size_t v = 0; v < data.inputs.size(); ++v) x[v] = std::log(data.inputs[v][row]);
  return law.log_response(x.data(), theta.data());
}

/// Fills in the response of the law, times e^(noise · standard normal).
inline void respond(const Law& law, const Vector& theta, FitData& data, double noise,
                    Random& random) {
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const double log_response = log_response_at(law, data, i, theta);
    data.response[i] = std::exp(log_response + (noise > 0 ? noise * random.normal() : 0));
  }
}

/// Random coefficients whose response at the centre of the design is about `centre` nats.
inline Vector random_theta(const Law& law, const FitData& data, double centre, Random& random) {
  std::vector<double> mean(data.inputs.size(), 0.0);
  for (std::size_t v = 0; v < data.inputs.size(); ++v)
    for (const double x : data.inputs[v])
      mean[v] += std::log(x) / static_cast<double>(data.inputs[v].size());
  std::array<double, kMaxCoefficients> u{};
  for (double& x : u) x = random.uniform();
  Vector theta(law.size());
  law.propose(u.data(), {.log_x = mean, .log_response = std::log(centre)}, theta.data());
  return theta;
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
