#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/laws/law.h"

/// The engine on trial: simulated studies whose truth is known. Study `index` depends on the seed
/// and the index alone.
namespace isoloss {

struct RecoveryError {
  /// Largest relative errors of a coefficient and of a prediction at a run.
  double coefficient;
  double prediction;
};
/// A noiseless study of 40 runs by random coefficients, fitted by a full search from its own
/// starts.
RecoveryError recover(const Law& law, std::uint64_t seed, std::uint64_t index);

/// Does a nominal 95 % interval hold the truth? nullopt: there is no interval.
struct Covered {
  std::string quantity;  ///< id of an exponent, or params or loss at kCoverageFlops
  std::optional<bool> bootstrap;
  std::optional<bool> sandwich;
};

/// A budget beyond the simulated runs (1e18 to 1e22 FLOPs).
inline constexpr double kCoverageFlops = 1e24;

/// A heteroscedastic study of `rows` runs by the law's first preset (or middling coefficients),
/// fitted by Huber's function with δ = 0.001; case bootstrap of `draws` refits, percentiles, and
/// the sandwich. Errors of ln L are symmetric and as uneven and long-tailed as those of the
/// Chinchilla runs.
std::vector<Covered> cover(const Law& law, std::uint64_t seed, std::uint64_t index, int rows,
                           int draws);

}  // namespace isoloss
