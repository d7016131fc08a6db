#pragma once

#include <span>
#include <vector>

/// Which runs were trained with the same compute: the isoFLOP curves of a study.
namespace isoloss {

/// Runs of one budget: C in FLOPs, rows ascending.
struct Budget {
  double flops;
  std::vector<int> rows;
};

/// A budget has at least this many runs.
inline constexpr int kLeastBudgetRows = 3;

/// Budgets by compute, ascending; rows that are in none belong to none, as do rows whose compute is
/// not a positive number. `tolerance`, in (0, 1), is relative: the runs of a budget lie within ±
/// tolerance of its middle. Equation (20) of docs/math.md:
///
/// - The runs in order of ln C are cut at the widest gap until every part spans at most
///   ln((1 + t)/(1 − t)). A part within that is cut as well where its widest gap is at least t/2,
///   is wider than what lies on either side of it and leaves enough runs on both: two budgets 11 %
///   apart, each exact, are two.
/// - A part is a budget if it has enough runs and either stands apart (the gaps around it are wider
///   than its span + t/2) or holds more runs than lie around it within one such span to both sides.
///   Runs scattered between budgets are in none.
/// - Its compute is the geometric mean of its runs, the number itself where all have the same. It
///   is not rounded to a "nice" one: 1.25e16 is a budget too.
///
/// On the Chinchilla runs (Besiroglu et al. 2024), which were read from a figure and scatter by up
/// to 10 %, it finds the nine budgets of the paper and no other.
std::vector<Budget> recognise_budgets(std::span<const double> flops, double tolerance);

/// Budgets as a table names them: equal numbers are one budget, whatever its size; NaN is none.
std::vector<Budget> named_budgets(std::span<const double> budget);

}  // namespace isoloss
