#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/fit/objective.h"

/// Information criteria: how well a law describes the runs for what it costs.
namespace isoloss {

struct Score {
  /// The errors that the objective assumes: normal for least squares, double exponential for
  /// absolute and Huber objectives. Scores of different forms do not compare.
  enum class Form { gaussian, laplace };
  Form form;
  int free_coefficients;
  /// nullopt where n − k − 1 <= 0, or without any error to measure.
  std::optional<double> aicc;
  std::optional<double> bic;
};

/// AICc and BIC of a fit (docs/math.md, "Choosing a law"), k = `free_coefficients` + 1 for the size
/// of the noise:
///
///     gaussian  n ln(RSS/n) + penalty      laplace  2n ln(mean|r|) + penalty
///     AICc: 2k + 2k(k+1)/(n−k−1)           BIC: k ln n
///
/// Always on the scale of the loss: fits of ln L get 2 Σ ln L added, so that they compare with
/// fits of L. `log_residual` is ln L̂ − ln L; all spans are one entry per run, weights have mean 1.
Score score(const Objective& objective, std::span<const double> log_residual,
            std::span<const double> response, std::span<const double> weight,
            int free_coefficients);

/// Akaike weights (Burnham & Anderson 2002, 2.9): e^(−Δ/2) scaled to sum 1, 0 for a law without a
/// criterion (NaN).
std::vector<double> akaike_weights(std::span<const double> aicc);

/// e^(Σ w ln x / Σ w) over the laws that have weight and a value; NaN where there is none.
double weighted_log_average(std::span<const double> weight, std::span<const double> value);

}  // namespace isoloss
