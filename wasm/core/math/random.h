#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace isoloss {

/// xoshiro256++ (Blackman & Vigna 2021), seeded by splitmix64. The distributions are ours too,
/// because those of the C++ library differ between native and WebAssembly builds.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) word = mix(seed += kStep);
  }

  /// Stream `index` of those that belong to `seed`: a draw is the same whoever makes it, and in
  /// whatever order.
  static Random stream(std::uint64_t seed, std::uint64_t index) {
    return Random(mix(mix(seed + kStep) + kStep * (index + 1)));
  }

  std::uint64_t next() {
    const std::uint64_t result = rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }

  /// Uniform on [0, 1) with 53 bits.
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  double uniform(double lower, double upper) { return lower + (upper - lower) * uniform(); }

  /// Uniform on {0, …, n − 1}, n > 0 (Lemire 2019: a product of 32 bits, and once more where that
  /// would favour some).
  std::uint32_t below(std::uint32_t n) {
    std::uint64_t product = (next() >> 32U) * n;
    for (const std::uint32_t unfair = (0U - n) % n; static_cast<std::uint32_t>(product) < unfair;)
      product = (next() >> 32U) * n;
    return static_cast<std::uint32_t>(product >> 32U);
  }

  /// Standard normal (Box–Muller; two uniforms a number, so that the stream is easy to reproduce).
  double normal() {
    const double u = 1 - uniform();
    const double v = uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  }

 private:
  /// Of splitmix64: the golden ratio, and the finaliser.
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  static std::uint64_t rotl(std::uint64_t x, unsigned k) { return (x << k) | (x >> (64U - k)); }
  std::array<std::uint64_t, 4> state_{};
};

/// Element `index` (from 1) of the van der Corput sequence in `base`; coordinates of a Halton
/// point.
inline double radical_inverse(int index, int base) {
  double fraction = 1;
  double result = 0;
  for (; index > 0; index /= base) {
    fraction /= base;
    result += fraction * (index % base);
  }
  return result;
}

}  // namespace isoloss
