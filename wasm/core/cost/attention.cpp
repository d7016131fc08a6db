#include <cmath>

#include "core/cost/cost_model.h"
#include "core/laws/citations.h"

// C = (6·N + 6·n_layer·n_ctx·d_model)·D, Kaplan et al. 2020 section 2.1 with d_attn = d_model: the
// second term is attention over the context. Layers and width follow from N = 12·n_layer·d_model²
// at a given aspect ratio d_model/n_layer, so n_layer·d_model = N^(2/3)/(144·aspect)^(1/3).
namespace isoloss {

CostModel attention() {
  return {
      .id = "attention",
      .name = "6ND with attention",
      .formula = "C = (6 N + 6 n_layer n_ctx d_model) D",
      .summary =
          "Adds attention over the context, which matters for small models and long contexts. N "
          "without embeddings; the shape is assumed from N = 12 n_layer d_model² at the given "
          "aspect ratio.",
      .citation = cite::at(cite::kKaplan2020, "section 2.1"),
      .settings = {{.id = "context",
                    .name = "Context length",
                    .unit = "tokens",
                    .default_value = 2048,
                    .lower = 1,
                    .upper = 1e7},
                   {.id = "aspect",
                    .name = "Aspect ratio d_model / n_layer",
                    .unit = "",
                    .default_value = 128,
                    .lower = 1,
                    .upper = 10000}},
      .log_flops_per_token =
          [](double log_N, const double* settings, double* slope) {
            const double dense = 6 * std::exp(log_N);
            const double layers_times_width =
                std::exp(2 * log_N / 3) / std::cbrt(144 * settings[1]);
            const double over_context = 6 * settings[0] * layers_times_width;
            *slope = (dense + over_context * 2 / 3) / (dense + over_context);
            return std::log(dense + over_context);
          },
  };
}

}  // namespace isoloss
