#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/approaches/allocation.h"
#include "core/data/budgets.h"
#include "core/fit/setup.h"
#include "core/plan/optimum.h"

/// Approach 2 (Hoffmann et al. 2022, section 3.2): a parabola of the loss in ln N per budget, a
/// power law through the vertices. Equations (22) and (23) of docs/math.md.
namespace isoloss {

/// L = loss_opt + curvature·(ln x − log_opt)², by least squares.
struct Parabola {
  struct Minimum {
    double log_opt;
    double loss_opt;
    double curvature;
  };
  std::optional<Minimum> minimum;
  double lower = 0;  ///< ln x of the runs
  double upper = 0;
  bool too_few_points = false;      ///< fewer than 3 different sizes: no parabola
  bool few_points = false;          ///< fewer than 6
  bool negative_curvature = false;  ///< no minimum
  bool vertex_outside = false;      ///< of the sizes that were trained

  /// There is a minimum, and not further outside than half the range of the sizes: beyond that a
  /// parabola says nothing. Hoffmann et al. and their replications use vertices just outside.
  bool usable() const;
};

/// Sizes are different from a thousandth of their range on; repeated runs of one do not show how
/// the loss bends.
Parabola fit_parabola(std::span<const double> log_x, std::span<const double> loss);

/// Columns of equal length.
struct IsoflopRuns {
  std::vector<double> log_params;
  std::vector<double> log_tokens;
  std::vector<double> loss;
};

struct Approach2 {
  struct BudgetFit {
    Budget budget;
    Parabola params;
    Parabola tokens;
    bool used;  ///< both are usable
  };
  std::vector<BudgetFit> budgets;
  std::vector<int> unassigned;  ///< rows in no budget
  Allocation allocation;
  /// Exponent of N + exponent of D: 1 where the parabolas do not contradict each other.
  std::optional<double> exponent_sum;
  /// few_budgets (value: how many are used, fewer than 3), exponents_do_not_sum (value: the sum),
  /// missing_draws (value: share).
  std::vector<FitWarning> warnings;
};

/// Intervals by bootstrap of the runs within every budget; `flops`: where optima are wanted.
Approach2 approach_2(const IsoflopRuns& runs, std::vector<Budget> budgets,
                     const Resampling& resampling, std::span<const double> flops);

/// What approach 2 would find on the surface of a law, without noise, at a given design, against
/// the law's own optimum.
struct Approach2Bias {
  struct Optimum {
    double flops;
    /// Approach 2 / truth − 1; nullopt where one of them has no optimum.
    std::optional<double> params;
    std::optional<double> tokens;
  };
  std::vector<Optimum> optima;
  /// Approach 2 − truth, which is the law's own optima at the budgets used, through the same
  /// regression.
  std::optional<double> params_exponent;
  std::optional<double> tokens_exponent;
};
/// `design`: N and D of the runs (its losses are not read).
Approach2Bias approach_2_bias(const OptimumQuestion& question, IsoflopRuns design,
                              std::vector<Budget> budgets, std::span<const double> flops);

/// The same in closed form for the additive law (Czech et al. 2026, arXiv 2603.22339): ln of
/// N̂/N_opt where every budget has `sizes` ≥ 3 log-spaced sizes from N_opt/half_width to
/// N_opt·half_width. D is off by the inverse; exponents are right; 0 iff alpha = beta.
double symmetric_grid_bias(double alpha, double beta, int sizes, double half_width);

}  // namespace isoloss
