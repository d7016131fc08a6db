#pragma once

#include <utility>
#include <vector>

#include "core/fit/problem.h"

/// What a fit is asked for, and what follows from the question and the data before any search.
namespace isoloss {

/// Narrower bounds than the law's own, natural values; infinite = none.
struct CoefficientBounds {
  int coefficient;
  double lower;
  double upper;
};

struct FitSpecification {
  const Law* law = nullptr;
  Objective objective;
  /// Coefficients held at a natural value, by index.
  std::vector<std::pair<int, double>> fixed;
  /// Pairs of coefficients held equal.
  std::vector<std::pair<int, int>> tied;
  std::vector<CoefficientBounds> bounds = {};
};

/// Inputs and response as columns of natural values, all finite and positive; `weight` may be
/// empty.
struct FitData {
  std::vector<std::vector<double>> inputs;  ///< per variable of the law
  std::vector<double> response;
  std::vector<double> weight;
};

/// A finding about the fit, by name; the words are the page's.
struct FitWarning {
  std::string_view code;
  std::vector<int> coefficients;
  std::vector<Quantity> quantities;
  std::optional<double> value;
};

struct FitSetup {
  FitSpecification specification;
  Runs runs;
  Constraints constraints;
  /// Per coefficient: dropped, because an input has one value only.
  std::vector<char> undetermined;
  std::vector<FitWarning> warnings;
  /// Fewer runs than free coefficients + 1, copies of a run not counted.
  bool too_few = false;
  /// Two inputs on one line, or (in a law that has no terms to drop) one that never changes.
  bool inseparable = false;
};

/// Logs of the data, weights scaled to mean 1, and the constraints that the specification and the
/// data impose. No search is made.
FitSetup set_up(FitSpecification specification, const FitData& data);

/// Numbers the free parameters that coefficients use without gaps.
void renumber(Constraints& constraints);

/// √(Σ w (x − mean)² / n), the weights having mean 1.
double weighted_spread(const std::vector<double>& values, const std::vector<double>& weight);

}  // namespace isoloss
