#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/fit/refit.h"

/// The case bootstrap: the fit repeated on rows drawn with replacement. It needs no assumption
/// about the errors, and on data as uneven as real runs it is the interval that holds what it
/// promises (docs/math.md (9)).
namespace isoloss {

class Bootstrap {
 public:
  /// `setup` and `theta` of a finished fit; `setup` must outlive this. `cluster`: a number per row,
  /// equal = drawn together; empty = every row by itself.
  Bootstrap(const FitSetup& setup, Vector theta, std::uint64_t seed,
            std::span<const double> cluster = {});

  /// How often draw `index` takes each row. Depends on the seed and the index alone.
  std::vector<double> multiplicity(std::uint64_t index) const;

  struct Draw {
    /// Natural; NaN = none: all of them where the draw holds too few different rows for a fit.
    std::vector<double> coefficients;
    double objective;
    bool at_bound;
  };
  Draw draw(std::uint64_t index, Refitter::Effort effort);

 private:
  const FitSetup& setup_;
  Refitter refitter_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> cluster_;  ///< per row: number of its cluster
  std::uint32_t clusters_ = 0;
};

/// Whether refits from the fit alone can be trusted (docs/math.md (9)).
struct Audit {
  enum class Reason { none, missed_optimum, few_runs, at_bounds };
  Reason reason = Reason::none;
  int audited = 0;
  int missed = 0;  ///< audited draws where a search of its own found a lower objective
};
/// Over all draws: `warm` objectives, `thorough` ones (NaN where not audited), `at_bound` 0 or 1.
/// `rows`: of the fit.
Audit audit(std::span<const double> warm, std::span<const double> thorough,
            std::span<const double> at_bound, int rows);

/// What draws say about one number.
struct DrawSummary {
  int count = 0;       ///< draws with a value
  double missing = 0;  ///< share of draws without
  double median;
  double standard_deviation;
  double lower;
  double upper;
};
/// Percentiles by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996,
/// numpy's default); the standard deviation divides by the number of draws less one. NaN = no
/// value; with fewer than two values all numbers are NaN.
DrawSummary summarise(std::span<const double> draws, double level);

}  // namespace isoloss
