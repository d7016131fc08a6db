#pragma once

#include "core/laws/law.h"

/// Papers that more than one law, preset, cost model or example cites.
namespace isoloss::cite {

inline constexpr Citation kKaplan2020{.text = "Kaplan et al. 2020",
                                      .title = "Scaling Laws for Neural Language Models",
                                      .url = "https://arxiv.org/abs/2001.08361"};
inline constexpr Citation kHoffmann2022{.text = "Hoffmann et al. 2022",
                                        .title = "Training Compute-Optimal Large Language Models",
                                        .url = "https://arxiv.org/abs/2203.15556"};
inline constexpr Citation kBesiroglu2024{.text = "Besiroglu, Erdil, Barnett, You 2024",
                                         .title = "Chinchilla Scaling: A Replication Attempt",
                                         .url = "https://arxiv.org/abs/2404.10102"};
inline constexpr Citation kMuennighoff2023{.text = "Muennighoff et al. 2023",
                                           .title = "Scaling Data-Constrained Language Models",
                                           .url = "https://arxiv.org/abs/2305.16264"};
inline constexpr Citation kCzech2026{.text = "Czech, Xu, Elmatad, Wang, Held 2026",
                                     .title = "",
                                     .url = "https://arxiv.org/abs/2603.22339"};
inline constexpr Citation kSardana2023{
    .text = "Sardana, Portes, Doubov, Frankle 2023",
    .title = "Beyond Chinchilla-Optimal: Accounting for Inference in Language Model Scaling Laws",
    .url = "https://arxiv.org/abs/2401.00448"};
inline constexpr Citation kGadre2024{
    .text = "Gadre et al. 2024",
    .title = "Language Models Scale Reliably with Over-training and on Downstream Tasks",
    .url = "https://arxiv.org/abs/2403.08540"};
inline constexpr Citation kSong2025{
    .text = "Song et al. 2025", .title = "", .url = "https://arxiv.org/abs/2512.23407"};
inline constexpr Citation kDey2023{.text = "Dey et al. 2023",
                                   .title = "Cerebras-GPT: Open Compute-Optimal Language Models",
                                   .url = "https://arxiv.org/abs/2304.03208"};
inline constexpr Citation kBiderman2023{
    .text = "Biderman et al. 2023",
    .title = "Pythia: A Suite for Analyzing Large Language Models Across Training and Scaling",
    .url = "https://arxiv.org/abs/2304.01373"};

inline constexpr Citation kHuber1981{.text = "Huber 1981",
                                     .title = "Robust Statistics",
                                     .url = "https://doi.org/10.1002/0471725250"};
inline constexpr Citation kOlmoLadder{.text = "Allen Institute for AI, OLMo-core",
                                      .title = "Scaling ladder analysis, overestimate penalty",
                                      .url = "https://github.com/allenai/OLMo-core/pull/554"};

/// The same paper at a place: "table 2".
constexpr Citation at(Citation citation, std::string_view locator) {
  citation.locator = locator;
  return citation;
}

}  // namespace isoloss::cite
