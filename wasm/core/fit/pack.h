#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Two doubles side by side, with the exponential and logarithm that the fits use: SIMD of 16 bytes
/// where the target has it, the same operations in the same order where not, so that a fit has the
/// same bits natively and as WebAssembly (whose C libraries differ).
namespace isoloss {

using Pack = double __attribute__((vector_size(16)));
using PackBits = std::uint64_t __attribute__((vector_size(16)));

inline constexpr std::size_t kLanes = 2;

inline Pack pack(double x) { return Pack{x, x}; }
inline Pack load(const double* p) {
  Pack x;
  std::memcpy(&x, p, sizeof x);
  return x;
}
inline void store(double* p, Pack x) { std::memcpy(p, &x, sizeof x); }
/// The bits of one kind of lane as the other.
inline PackBits bits(Pack x) { return reinterpret_cast<PackBits>(x); }
inline Pack value(PackBits x) { return reinterpret_cast<Pack>(x); }
/// x where the mask is set, else 0.
template <class Mask>
Pack only(Mask mask, Pack x) {
  return value(bits(x) & reinterpret_cast<PackBits>(mask));
}
inline Pack absolute(Pack x) { return value(bits(x) & PackBits{~0ULL >> 1U, ~0ULL >> 1U}); }
inline double sum(Pack x) { return x[0] + x[1]; }

/// b < a ? b : a and a < b ? b : a.
inline Pack smaller(Pack a, Pack b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<Pack>(
      wasm_f64x2_pmin(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE2__)
  return _mm_min_pd(b, a);
#else
  return Pack{b[0] < a[0] ? b[0] : a[0], b[1] < a[1] ? b[1] : a[1]};
#endif
}
inline Pack larger(Pack a, Pack b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<Pack>(
      wasm_f64x2_pmax(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE2__)
  return _mm_max_pd(b, a);
#else
  return Pack{a[0] < b[0] ? b[0] : a[0], a[1] < b[1] ? b[1] : a[1]};
#endif
}

/// Both lanes of every constant, in memory that the compiler may not look through: engines of
/// WebAssembly build literal vectors anew in every pass of a loop.
struct PackConstants {
  double log2_e[2];
  double round[2];
  double ln2_high[2];
  double ln2_low[2];
  double exp[10][2];
  double log[7][2];
  double exponent_bias[2];
};
extern PackConstants pack_constants;

/// e^x for |x| <= 700, to 1 unit in the last place.
inline Pack exponential(Pack x) {
  const PackConstants& k = pack_constants;
  // Adding 1.5·2^52 rounds to an integer and leaves it in the lowest bits.
  const Pack shifted = x * load(k.log2_e) + load(k.round);
  const Pack n = shifted - load(k.round);
  const Pack r = (x - n * load(k.ln2_high)) - n * load(k.ln2_low);
  const Pack r2 = r * r;
  const Pack r4 = r2 * r2;
  const Pack low =
      (load(k.exp[0]) + load(k.exp[1]) * r) + r2 * (load(k.exp[2]) + load(k.exp[3]) * r);
  const Pack middle =
      (load(k.exp[4]) + load(k.exp[5]) * r) + r2 * (load(k.exp[6]) + load(k.exp[7]) * r);
  const Pack high = load(k.exp[8]) + load(k.exp[9]) * r;
  const Pack q = (low + r4 * middle) + (r4 * r4) * high;
  const Pack y = 1.0 + (r + r2 * q);
  return value(bits(y) + (bits(shifted) << 52U));
}

/// ln x for normal x > 0, to 1 unit in the last place (the series of fdlibm's log).
inline Pack logarithm(Pack x) {
  const PackConstants& k = pack_constants;
  constexpr std::uint64_t kRootHalf = 0x3fe6a09e667f3bcdULL;
  constexpr std::uint64_t kOne = 0x3ff0000000000000ULL;
  constexpr std::uint64_t kMantissa = 0x000fffffffffffffULL;
  constexpr std::uint64_t kTwo52 = 0x4330000000000000ULL;
  // x = 2^n · m with m in [√½, √2).
  const PackBits t = bits(x) + (kOne - kRootHalf);
  const Pack n = value((t >> 52U) | kTwo52) - load(k.exponent_bias);
  const Pack m = value((t & kMantissa) + kRootHalf);
  const Pack f = m - 1.0;
  const Pack s = f / (2.0 + f);
  const Pack z = s * s;
  const Pack w = z * z;
  const Pack even = w * (load(k.log[1]) + w * (load(k.log[3]) + w * load(k.log[5])));
  const Pack odd =
      z * (load(k.log[0]) + w * (load(k.log[2]) + w * (load(k.log[4]) + w * load(k.log[6]))));
  const Pack half_square = 0.5 * f * f;
  return n * load(k.ln2_high) -
         ((half_square - (s * (half_square + (even + odd)) + n * load(k.ln2_low))) - f);
}

/// The same for one number.
inline double exponential(double x) { return exponential(pack(x))[0]; }
inline double logarithm(double x) { return logarithm(pack(x))[0]; }

}  // namespace isoloss
