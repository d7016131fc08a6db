#include "core/laws/power_law.h"

#include <cmath>

#include "core/laws/citations.h"

// L(x) = A/x^alpha  and  L(x) = E + A/x^alpha,  x one of N, D, C
//
// The first is Kaplan et al. 2020 (equations 1.1 to 1.3, written there as (x_c/x)^alpha, so that
// A = x_c^alpha) and good for short ranges; the second adds the floor and is the form in which
// final losses are predicted from small runs. Valid where the other inputs do not limit: L(N) with
// ample data, L(D) with ample parameters, L(C) along a compute-optimal line.
namespace isoloss {
namespace {

struct Texts {
  std::string_view id;
  std::string_view name;
  std::string_view summary;
  std::string_view formula;
  std::string_view unit;
};

Texts texts(Quantity variable, bool with_floor) {
  switch (variable) {
    case Quantity::tokens:
      if (with_floor)
        return {"power-floor-tokens", "Power law with floor in D",
                "Loss against training tokens when the model is large enough not to matter.",
                "E + A / D^alpha", "nats per token × tokens^α"};
      return {"power-tokens", "Power law in D",
              "Loss against training tokens over a short range; no floor.", "A / D^alpha",
              "nats per token × tokens^α"};
    case Quantity::flops:
      if (with_floor)
        return {"power-floor-flops", "Power law with floor in C",
                "Loss against training compute along a compute-optimal line.", "E + A / C^alpha",
                "nats per token × FLOPs^α"};
      return {"power-flops", "Power law in C",
              "Loss against training compute over a short range; no floor.", "A / C^alpha",
              "nats per token × FLOPs^α"};
    default:
      if (with_floor)
        return {"power-floor-params", "Power law with floor in N",
                "Loss against model size when data do not limit.", "E + A / N^alpha",
                "nats per token × parameters^α"};
      return {"power-params", "Power law in N",
              "Loss against model size over a short range; no floor.", "A / N^alpha",
              "nats per token × parameters^α"};
  }
}

/// (x_c/x)^alpha as A/x^alpha.
Preset kaplan_preset(std::string_view id, std::string_view name, double x_c, double alpha,
                     std::string_view caveat) {
  return {.id = id,
          .name = name,
          .values = {std::pow(x_c, alpha), alpha},
          .standard_errors = {},
          .evidence = Evidence::published,
          .caveat = caveat,
          .citation = cite::kKaplan2020};
}

std::vector<Preset> presets(Quantity variable, bool with_floor) {
  if (with_floor) {
    if (variable != Quantity::flops) return {};
    return {{.id = "cerebras-2023",
             .name = "Cerebras-GPT frontier",
             .values = {0.5066, std::pow(5.984e22, 0.0737), 0.0737},
             .standard_errors = {},
             .evidence = Evidence::published,
             .caveat = "Loss on the Pile; FLOPs by the authors' own count, not 6ND.",
             .citation = cite::kDey2023}};
  }
  switch (variable) {
    case Quantity::tokens:
      return {kaplan_preset("kaplan-2020-tokens", "Kaplan 2020, L(D)", 5.4e13, 0.095,
                            "WebText2; large models stopped early.")};
    case Quantity::flops:
      return {
          kaplan_preset("kaplan-2020-compute", "Kaplan 2020, L(C_min)", 3.1e8 * kFlopsPerPfDay,
                        0.050, "WebText2; compute adjusted to a batch far below the critical one."),
          kaplan_preset("kaplan-2020-compute-fixed-batch", "Kaplan 2020, L(C)",
                        1.6e7 * kFlopsPerPfDay, 0.057, "WebText2; fixed batch of 2^19 tokens.")};
    default:
      return {kaplan_preset("kaplan-2020-params", "Kaplan 2020, L(N)", 8.8e13, 0.076,
                            "WebText2; N without embeddings, trained to convergence.")};
  }
}

Law make(Quantity variable, bool with_floor) {
  const Texts t = texts(variable, with_floor);
  std::vector<Coefficient> coefficients;
  if (with_floor) coefficients.push_back(floor_coefficient());
  coefficients.push_back(scale_coefficient("A", "A", "Size of the term that falls.", t.unit));
  coefficients.push_back(exponent_coefficient("alpha", "α", "How fast the loss falls."));
  const int first = with_floor ? 1 : 0;
  return {
      .id = t.id,
      .name = t.name,
      .summary = t.summary,
      .formula = t.formula,
      .variables = {variable},
      .coefficients = std::move(coefficients),
      .form = PowerSum{.floor = with_floor ? std::optional<int>(0) : std::nullopt,
                       .terms = {{.scale = first, .variable = 0, .exponent = first + 1}},
                       .factors = {}},
      .presets = presets(variable, with_floor),
      .citation =
          with_floor ? cite::kHoffmann2022 : cite::at(cite::kKaplan2020, "equations 1.1 to 1.3"),
  };
}

}  // namespace

Law power(Quantity variable) { return make(variable, false); }
Law power_floor(Quantity variable) { return make(variable, true); }

}  // namespace isoloss
