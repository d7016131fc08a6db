#include "core/laws/additive.h"

#include "core/laws/citations.h"
#include "core/laws/power_sum.h"

// L(N, D) = E + A/N^alpha + B/D^beta           Hoffmann et al. 2022, approach 3
//
// N parameters, D training tokens (raw counts), L nats per token. E is what no model removes, the
// second term the price of a finite model, the third that of finite data. Fitted by the papers on
// models of 1e7 to 1e10 parameters and 1e9 to 1e12 tokens; the exponents hold for one corpus, one
// tokenizer and one recipe.
namespace isoloss {
namespace {

constexpr auto kPublished = Evidence::published;
constexpr auto kTranscribed = Evidence::transcribed;
constexpr auto kDerived = Evidence::derived;

std::vector<Preset> presets() {
  return {
      {.id = "besiroglu-2024",
       .name = "Besiroglu 2024 (Chinchilla, corrected)",
       .values = {1.8172, 482.01, 2085.43, 0.3478, 0.3658},
       .standard_errors = {0.03, 124.58, 1293.23, 0.02, 0.02},
       .evidence = kPublished,
       .caveat = "Refit of 240 runs read off a figure of the Chinchilla paper, five outliers left "
                 "out; in "
                 "effect a least-absolute-deviations fit.",
       .citation = cite::kBesiroglu2024},
      {.id = "hoffmann-2022-printed",
       .name = "Hoffmann 2022, as printed",
       .values = {1.69, 406.4, 410.7, 0.34, 0.28},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat = "Rounded so far that it does not reproduce the paper's own optima, and the "
                 "optimiser had "
                 "stopped early. Do not plan with it.",
       .citation = cite::at(cite::kHoffmann2022, "approach 3")},
      {.id = "hoffmann-2022-tex",
       .name = "Hoffmann 2022, unrounded",
       .values = {std::exp(0.5267228), std::exp(6.0073404), std::exp(6.0179186), 0.33917084,
                  0.2849083},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat = "From the paper's TeX source. The optimiser had stopped early.",
       .citation = cite::at(cite::kHoffmann2022, "TeX source, via arXiv 2404.10102")},
      {.id = "besiroglu-data-best",
       .name = "Besiroglu's data, Huber optimum",
       .values = {1.81724, 477.84, 2143.86, 0.34731, 0.36718},
       .standard_errors = {},
       .evidence = kDerived,
       .caveat = "Optimum of the Huber objective with δ = 0.001 on the same 240 runs, rounded.",
       .citation = cite::at(cite::kBesiroglu2024, "notebook, grid optimum")},
      {.id = "besiroglu-outliers-kept",
       .name = "Besiroglu's data, outliers kept",
       .values = {1.89, 463.3, 12530, 0.345, 0.452},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat = "All 245 runs: shows what five points do. Not for planning.",
       .citation = cite::kBesiroglu2024},
      {.id = "c4-tied-2023",
       .name = "Muennighoff 2023 (C4, α = β)",
       .values = {std::exp(0.6254804), std::exp(6.255414), std::exp(7.3049974), 0.3526596,
                  0.3526596},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat =
           "54 runs on C4 with both exponents tied, so the optimum is 19.6 tokens per parameter at "
           "every budget.",
       .citation = cite::at(cite::kMuennighoff2023, "authors' code")},
      {.id = "llama3-isoflop",
       .name = "Llama 3 isoFLOP runs",
       .values = {0.6047, 59.1, 155.1, 0.3100, 0.3136},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat =
           "Losses are on a normalised scale: the split of compute can be used, the loss cannot.",
       .citation = cite::kCzech2026},
      {.id = "sardana-analysis",
       .name = "Sardana 2023, analysis",
       .values = {1.69, 406.4, 410.7, 0.336, 0.283},
       .standard_errors = {},
       .evidence = kTranscribed,
       .caveat = "Chinchilla's coefficients with more digits in the exponents; reproduces every "
                 "example of "
                 "the paper.",
       .citation = cite::kSardana2023},
      {.id = "gadre-c4",
       .name = "Gadre 2024, C4 (α = β)",
       .values = {1.5083, 113.69, 152.51, 0.2425, 0.2425},
       .standard_errors = {},
       .evidence = kDerived,
       .caveat = "Five runs, by the authors' code. For loss along a fixed D/N, not for optima.",
       .citation = cite::kGadre2024},
      {.id = "gadre-redpajama",
       .name = "Gadre 2024, RedPajama (α = β)",
       .values = {1.8366, 166.21, 287.17, 0.2729, 0.2729},
       .standard_errors = {},
       .evidence = kDerived,
       .caveat = "Five runs, by the authors' code. For loss along a fixed D/N, not for optima.",
       .citation = cite::kGadre2024},
      {.id = "gadre-refinedweb",
       .name = "Gadre 2024, RefinedWeb (α = β)",
       .values = {1.7345, 125.10, 196.03, 0.2544, 0.2544},
       .standard_errors = {},
       .evidence = kDerived,
       .caveat = "Five runs, by the authors' code. For loss along a fixed D/N, not for optima.",
       .citation = cite::kGadre2024},
      {.id = "soda",
       .name = "SODA",
       .values = {3.169, 2.15886e5, 4750, 0.684, 0.439},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat = "Another data set than web text: compare its shape, not its loss.",
       .citation = cite::at(cite::kCzech2026, "compilation of published surfaces")},
      {.id = "sparse-nmm",
       .name = "Sparse native multimodal",
       .values = {2.158, 3.81773e5, 4659, 0.71, 0.372},
       .standard_errors = {},
       .evidence = kPublished,
       .caveat = "Sparse multimodal models: compare its shape, not its loss.",
       .citation = cite::at(cite::kCzech2026, "compilation of published surfaces")},
  };
}

}  // namespace

std::vector<Coefficient> additive_coefficients() {
  return {floor_coefficient(),
          scale_coefficient("A", "A", "Size of the model term.", "nats per token × parameters^α"),
          scale_coefficient("B", "B", "Size of the data term.", "nats per token × tokens^β"),
          exponent_coefficient("alpha", "α", "How fast the loss falls with model size."),
          exponent_coefficient("beta", "β", "How fast the loss falls with training tokens.")};
}

double additive_log_params_opt(const double* theta, double log_compute) {
  return additive_log_params_opt(theta[1], theta[2], theta[3], theta[4], log_compute);
}

double additive_params_exponent(const double* theta) { return theta[4] / (theta[3] + theta[4]); }

Law additive() {
  return {
      .id = "additive",
      .name = "Additive in N and D",
      .summary =
          "The Chinchilla law: a floor, a term that falls with model size, a term that falls with "
          "training tokens.",
      .formula = "E + A / N^alpha + B / D^beta",
      .variables = {Quantity::params, Quantity::tokens},
      .coefficients = additive_coefficients(),
      .form = PowerSum{.floor = 0,
                       .terms = {{.scale = 1, .variable = 0, .exponent = 3},
                                 {.scale = 2, .variable = 1, .exponent = 4}},
                       .factors = {}},
      .presets = presets(),
      .citation = cite::at(cite::kHoffmann2022, "approach 3"),
      .log_params_opt = additive_log_params_opt,
      .params_exponent = additive_params_exponent,
  };
}

}  // namespace isoloss
