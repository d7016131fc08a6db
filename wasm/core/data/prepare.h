#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/cost/cost_model.h"
#include "core/data/quantities.h"

/// From columns as people write them to columns that can be fitted.
namespace isoloss {

/// One column as written: its unit, the ratio that some units need, and a number a row (NaN =
/// missing).
struct WrittenColumn {
  Quantity quantity;
  const Unit* unit;
  double ratio = 1;
  std::vector<double> values;
};

enum class RowProblem { missing, not_positive, not_finite, below_one };
std::string_view id(RowProblem problem);

struct PreparedRuns {
  struct Column {
    Quantity quantity;
    std::vector<double> values;  ///< base units, NaN = missing
  };
  struct Derivation {
    Quantity quantity;
    std::array<Quantity, 2> from;
    int rows;
  };
  struct Unusable {
    int row;
    Quantity quantity;
    RowProblem problem;
  };
  std::vector<Column> columns;  ///< as given, then what was derived
  std::vector<Derivation> derived;
  std::vector<Unusable> unusable;
  /// C/(N·D) where all three were given as data; empty otherwise.
  std::vector<double> flops_per_param_token;
};

/// Converts units, treats 0 as missing where loggers write it so, derives the missing one of
/// params, tokens, flops by the cost model, and names the rows that cannot be used. No row is
/// dropped.
PreparedRuns prepare(const std::vector<WrittenColumn>& columns, const Cost& cost);

}  // namespace isoloss
