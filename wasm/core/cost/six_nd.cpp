#include <cmath>

#include "core/cost/cost_model.h"
#include "core/laws/citations.h"

// C = k·N·D with k = 6: per parameter and token one multiply-add forward (2 FLOPs) and two backward
// (4). Attention over the context and the embedding look-up are left out.
namespace isoloss {

CostModel six_nd() {
  return {
      .id = "six_nd",
      .name = "6ND",
      .formula = "C = 6 N D",
      .summary =
          "Six operations per parameter and token: two forward, four backward. The usual "
          "convention.",
      .citation = cite::at(cite::kKaplan2020, "section 2.1"),
      .settings = {{.id = "k",
                    .name = "Operations per parameter and token",
                    .unit = "FLOPs",
                    .default_value = 6,
                    .lower = 0.1,
                    .upper = 100}},
      .log_flops_per_token =
          [](double log_N, const double* settings, double* slope) {
            *slope = 1;
            return log_N + std::log(settings[0]);
          },
      .proportional = true,
  };
}

}  // namespace isoloss
