#include "core/laws/familial.h"

#include "core/laws/additive.h"
#include "core/laws/citations.h"

// L(N, D, G) = (E + A/N^alpha + B/D^beta) · G^gamma         Song et al. 2025
//
// A familial model is one backbone with G usable exits (sub-models); G = 1 is a plain model and the
// training loss is the mean over the exits. gamma is the tax that each exit pays for the others.
// The paper's A, B, alpha and beta are not available: a law to fit, with no preset.
namespace isoloss {

Law familial() {
  std::vector<Coefficient> coefficients = additive_coefficients();
  Coefficient gamma = exponent_coefficient(
      "gamma", "γ", "Familial tax: doubling the number of exits multiplies the loss by 2^γ.");
  gamma.lower = -0.5;
  gamma.upper = 0.5;
  coefficients.push_back(gamma);
  return {
      .id = "familial",
      .name = "Familial in N, D and G",
      .summary =
          "The additive law for one backbone with G early exits; the loss grows as a power of G.",
      .formula = "(E + A / N^alpha + B / D^beta) * G^gamma",
      .variables = {Quantity::params, Quantity::tokens, Quantity::exits},
      .coefficients = std::move(coefficients),
      .form = PowerSum{.floor = 0,
                       .terms = {{.scale = 1, .variable = 0, .exponent = 3},
                                 {.scale = 2, .variable = 1, .exponent = 4}},
                       .factors = {{.variable = 2, .exponent = 5}}},
      .presets = {},
      .citation = cite::kSong2025,
      .log_params_opt = additive_log_params_opt,
      .params_exponent = additive_params_exponent,
  };
}

}  // namespace isoloss
