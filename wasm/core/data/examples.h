#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/laws/law.h"

/// Tables that the page can open with: studies that we simulate, and small tables of published
/// figures. Every fact says where it comes from.
namespace isoloss {

using Cell = std::variant<std::monostate, double, std::string>;

struct ExampleTable {
  std::vector<std::string> header;
  /// What each column is: the id of a quantity, "run" (a name) or "ignore".
  std::vector<std::string> roles;
  std::vector<std::vector<Cell>> rows;
};

struct Example {
  enum class Kind { simulated, published };
  std::string_view id;
  std::string_view name;
  std::string_view label;
  Kind kind;
  std::string_view description;
  std::vector<std::string_view> provenance;
  std::optional<Citation> citation;
  std::string_view law;  ///< to open it with
  double flops;          ///< budget to ask about
  ExampleTable (*table)();
};

std::span<const Example> examples();
const Example* find_example(std::string_view id);

/// An isoFLOP study: at every budget, model sizes log-spaced around the optimum of the law.
struct SimulatedStudy {
  const Law* law;
  std::vector<double> coefficients;  ///< natural
  std::vector<double> budgets;       ///< FLOPs, C = 6ND
  int sizes;                         ///< per budget
  double half_width;                 ///< largest N / N_opt
  std::vector<double> exits;         ///< values of G; {1} for laws without
  double noise;                      ///< standard deviation of ln L
  unsigned seed;
};

struct SimulatedRun {
  double budget;
  double params;
  double tokens;
  double exits;
  double loss;
};

/// The runs, N and D rounded to four digits and the loss to four decimals as logs print them.
std::vector<SimulatedRun> simulate(const SimulatedStudy& study);

/// The studies behind the simulated examples (tests hold the fits against them).
SimulatedStudy isoflop_study();
SimulatedStudy familial_study();

}  // namespace isoloss
