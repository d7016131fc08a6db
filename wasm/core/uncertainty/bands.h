#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/laws/law.h"

/// Pointwise percentile bands from bootstrap draws.
namespace isoloss {

struct Band {
  double lower;
  double upper;
  /// Of a new run: what a draw predicts, with the error of one of the runs of most similar compute.
  double new_lower;
  double new_upper;
};

struct BandQuestion {
  const Law* law;
  std::span<const Vector> draws;               ///< theta; NaN where there is none
  std::span<const double> residuals;           ///< ln L̂ − ln L of the runs
  std::span<const double> residual_log_flops;  ///< empty: all runs are alike
  double level;
  std::uint64_t seed;
};

/// Of the response; the errors of a new run come from the nearest fifth of the runs, ten at least.
class Bands {
 public:
  explicit Bands(const BandQuestion& question);
  /// At grid point `index` with inputs `log_x`; `log_flops` is not read where runs are alike. NaN
  /// where fewer than two draws have a value.
  Band at(std::uint64_t index, const double* log_x, double log_flops) const;

 private:
  BandQuestion question_;
  std::vector<double> log_flops_;  ///< ascending
  std::vector<double> residuals_;  ///< in the same order
  std::size_t neighbours_;
};

}  // namespace isoloss
