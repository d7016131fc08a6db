#include "core/data/examples.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/laws/citations.h"
#include "core/math/random.h"

namespace isoloss {
namespace {

double round_digits(double x, int digits) {
  const double unit = std::pow(10.0, std::floor(std::log10(x)) - digits + 1);
  return std::round(x / unit) * unit;
}

/// One digit and the power of ten: 3e18.
std::string scientific(double x) {
  const int power = static_cast<int>(std::floor(std::log10(x) + 1e-9));
  return std::to_string(std::lround(x / std::pow(10.0, power))) + "e" + std::to_string(power);
}

ExampleTable isoflop_table() {
  ExampleTable table{.header = {"run", "params", "tokens", "budget", "loss"},
                     .roles = {"run", "params", "tokens", "ignore", "loss"},
                     .rows = {}};
  int number = 0;
  for (const SimulatedRun& run : simulate(isoflop_study()))
    table.rows.push_back({"sim-" + std::to_string(++number), run.params, run.tokens,
                          scientific(run.budget) + " FLOPs", run.loss});
  return table;
}

ExampleTable familial_table() {
  ExampleTable table{.header = {"run", "params", "tokens", "exits", "loss"},
                     .roles = {"run", "params", "tokens", "exits", "loss"},
                     .rows = {}};
  int number = 0;
  for (const SimulatedRun& run : simulate(familial_study()))
    table.rows.push_back(
        {"family-" + std::to_string(++number), run.params, run.tokens, run.exits, run.loss});
  return table;
}

ExampleTable cerebras_table() {
  ExampleTable table{.header = {"model", "params", "tokens", "flops", "loss"},
                     .roles = {"run", "params", "tokens", "flops", "loss"},
                     .rows = {}};
  struct Row {
    const char* name;
    double params;
    double tokens;
    double flops;
    double loss;
  };
  constexpr std::array<Row, 7> kRows{{{"Cerebras-GPT 111M", 111e6, 2.22e9, 2.6e18, 2.608},
                                      {"Cerebras-GPT 256M", 256e6, 5.12e9, 1.3e19, 2.349},
                                      {"Cerebras-GPT 590M", 590e6, 11.8e9, 6.1e19, 2.181},
                                      {"Cerebras-GPT 1.3B", 1.3e9, 26.3e9, 2.8e20, 1.997},
                                      {"Cerebras-GPT 2.7B", 2.7e9, 53.0e9, 1.1e21, 1.834},
                                      {"Cerebras-GPT 6.7B", 6.7e9, 133e9, 6.3e21, 1.704},
                                      {"Cerebras-GPT 13B", 13e9, 257e9, 2.3e22, 1.572}}};
  for (const Row& row : kRows)
    table.rows.push_back({std::string(row.name), row.params, row.tokens, row.flops, row.loss});
  return table;
}

ExampleTable pythia_table() {
  ExampleTable table{.header = {"model", "params", "tokens", "flops", "loss"},
                     .roles = {"run", "params", "tokens", "flops", "loss"},
                     .rows = {}};
  struct Row {
    const char* name;
    double params;
    double flops;
    double loss;
  };
  constexpr std::array<Row, 8> kRows{{{"Pythia 70M", 70.4e6, 1.6e20, 2.504},
                                      {"Pythia 160M", 162.3e6, 4.1e20, 2.186},
                                      {"Pythia 410M", 405.3e6, 1.1e21, 1.971},
                                      {"Pythia 1B", 1.012e9, 2.2e21, 1.845},
                                      {"Pythia 1.4B", 1.415e9, 3.2e21, 1.793},
                                      {"Pythia 2.8B", 2.775e9, 6.1e21, 1.720},
                                      {"Pythia 6.9B", 6.857e9, 1.4e22, 1.626},
                                      {"Pythia 12B", 11.85e9, 2.4e22, 1.582}}};
  for (const Row& row : kRows)
    table.rows.push_back({std::string(row.name), row.params, 299.9e9, row.flops, row.loss});
  return table;
}

}  // namespace

SimulatedStudy isoflop_study() {
  const Law* law = find_law("additive");
  return {.law = law,
          .coefficients = law->find_preset("besiroglu-2024")->values,
          .budgets = {1e18, 3e18, 1e19, 3e19, 1e20, 3e20, 1e21},
          .sizes = 9,
          .half_width = 6,
          .exits = {1},
          .noise = 0.004,
          .seed = 1};
}

SimulatedStudy familial_study() {
  return {.law = find_law("familial"),
          .coefficients = {1.18, 406.4, 410.7, 0.34, 0.28, 0.041},
          .budgets = {1e18, 1e19, 1e20, 1e21},
          .sizes = 7,
          .half_width = 6,
          .exits = {1, 2, 4, 8},
          .noise = 0.004,
          .seed = 2};
}

std::vector<SimulatedRun> simulate(const SimulatedStudy& study) {
  constexpr double kFlopsPerParamToken = 6;
  const Law& law = *study.law;
  const Vector theta = law.to_theta(study.coefficients);
  Random random(study.seed);
  std::vector<SimulatedRun> runs;
  for (const double exits : study.exits) {
    for (const double budget : study.budgets) {
      const double optimum =
          std::exp(law.log_params_opt(theta.data(), std::log(budget / kFlopsPerParamToken)));
      for (int i = 0; i < study.sizes; ++i) {
        const double position = 2.0 * i / (study.sizes - 1) - 1;
        SimulatedRun run{.budget = budget, .params = 0, .tokens = 0, .exits = exits, .loss = 0};
        run.params = round_digits(optimum * std::pow(study.half_width, position), 4);
        run.tokens = round_digits(budget / (kFlopsPerParamToken * run.params), 4);
        const std::array<double, 3> x{std::log(run.params), std::log(run.tokens), std::log(exits)};
        const double log_loss = law.log_response(x.data(), theta.data());
        run.loss = std::round(std::exp(log_loss + study.noise * random.normal()) * 1e4) / 1e4;
        runs.push_back(run);
      }
    }
  }
  return runs;
}

std::span<const Example> examples() {
  static const std::vector<Example> list{
      {.id = "isoflop",
       .name = "Simulated isoFLOP study",
       .label = "simulated isoFLOP study",
       .kind = Example::Kind::simulated,
       .description =
           "Seven budgets from 1e18 to 1e21 FLOPs, nine model sizes each around the optimum: the "
           "design of the Chinchilla paper's second approach.",
       .provenance =
           {"Simulated, not measured.",
            "Coefficients as published by Besiroglu et al. 2024: E 1.8172, A 482.01, B 2085.43, "
            "α 0.3478, β 0.3658.",
            "Noise: normal on ln L with standard deviation 0.004 (our choice), seed 1.",
            "C = 6ND; N and D rounded to four digits, the loss to four decimals."},
       .citation = cite::kBesiroglu2024,
       .law = "additive",
       .flops = 1e22,
       .table = isoflop_table},
      {.id = "familial",
       .name = "Simulated familial study",
       .label = "simulated familial study",
       .kind = Example::Kind::simulated,
       .description =
           "One backbone with 1, 2, 4 or 8 exits: four budgets, seven sizes each, at every number "
           "of exits.",
       .provenance =
           {"Simulated, not measured.",
            "γ 0.041 and E 1.18 as published by Song et al. 2025 (first version, transcribed).",
            "A 406.4, B 410.7, α 0.34, β 0.28 borrowed from Hoffmann et al. 2022: the familial "
            "paper's own are not available.",
            "Noise: normal on ln L with standard deviation 0.004 (our choice), seed 2.",
            "C = 6ND; N and D rounded to four digits, the loss to four decimals."},
       .citation = cite::kSong2025,
       .law = "familial",
       .flops = 1e22,
       .table = familial_table},
      {.id = "cerebras-gpt",
       .name = "Cerebras-GPT (published figures)",
       .label = "published figures of Cerebras-GPT",
       .kind = Example::Kind::published,
       .description =
           "Seven models of 111M to 13B parameters trained with 20 tokens per parameter; loss on "
           "the Pile test set.",
       .provenance = {"Published figures of Dey et al. 2023.",
                      "FLOPs are the authors' own count, not 6ND.",
                      "D/N is the same for all runs, so the N and D terms cannot be told apart."},
       .citation = cite::kDey2023,
       .law = "power-floor-flops",
       .flops = 1e23,
       .table = cerebras_table},
      {.id = "pythia",
       .name = "Pythia (published figures)",
       .label = "published figures of Pythia",
       .kind = Example::Kind::published,
       .description =
           "Eight models of 70M to 12B parameters, all trained on 299.9B tokens; loss on the Pile "
           "test set.",
       .provenance = {"Models of Biderman et al. 2023; losses as tabulated by Dey et al. 2023.",
                      "All runs saw the same tokens, so nothing can be said about D."},
       .citation = cite::kBiderman2023,
       .law = "power-floor-params",
       .flops = 1e23,
       .table = pythia_table},
  };
  return list;
}

const Example* find_example(std::string_view id) {
  const auto all = examples();
  const auto it = std::ranges::find(all, id, &Example::id);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace isoloss
