// Compiled for speed; never inlined into what calls it, because engines of WebAssembly tier up
// whole functions. docs/math.md (4).
#include "core/fit/power_sum_kernel.h"

#include <algorithm>
#include <cmath>

#include "core/fit/pack.h"

namespace isoloss {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Smallest L̂/L and L̂ that a kernel takes for positive numbers.
constexpr double kSmallestRatio = 1e-290;
constexpr double kLargestExponent = 690;

template <int K, int J>
struct Sums {
  static constexpr int kColumns = 2 * K + 1 + J;  // p_1 … p_K, 1/S, x_1p_1 … x_Kp_K, g
  Pack total{};
  Pack gradient[kColumns]{};
  Pack square[kColumns * (kColumns + 1) / 2]{};
  Pack bend[K]{};  // Σ c1 x² p
};

template <int K, int J>
[[gnu::noinline]] bool add_rows(const PowerSumRows& rows, const PowerSumPoint& point,
                                const PowerSumLoss& loss, Problem::Curvature curvature,
                                Sums<K, J>& out) {
  constexpr int kColumns = Sums<K, J>::kColumns;
  Sums<K, J> sums;
  const double* x_of[K];
  Pack A[K];
  Pack minus_alpha[K];
  for (int k = 0; k < K; ++k) {
    x_of[k] = rows.x[at(k)].data();
    A[k] = pack(point.A[k]);
    minus_alpha[k] = pack(-point.alpha[k]);
  }
  const double* factor = J > 0 ? rows.factor[0].data() : nullptr;
  const Pack gamma = pack(point.gamma);
  const Pack E = pack(point.E);
  const Pack delta = pack(loss.delta);
  const Pack extra = pack(loss.objective.side_weight(1) - 1);
  const bool sided = loss.objective.side_weight(1) != 1;
  const bool plain = !loss.objective.log_residual();
  const bool reweighted = curvature == Problem::Curvature::reweighted;
  const bool metric = curvature == Problem::Curvature::metric;
  const std::size_t n = rows.weight.size();
  Pack lowest = pack(1.0);
  for (std::size_t i = 0; i < n; i += kLanes) {
    Pack x[K];
    Pack p[K];
    Pack S = E;
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) {
      x[k] = load(x_of[k] + i);
      p[k] = exponential(minus_alpha[k] * x[k]);
      S += A[k] * p[k];
    }
    const Pack quotient = S * load(&rows.inverse_response[i]);
    lowest = smaller(lowest, smaller(quotient, S));
    Pack w = load(&rows.weight[i]);
    Pack g = pack(0.0);
    if (J > 0) g = load(factor + i);
    Pack r;
    Pack prediction = pack(1.0);
    if (plain) {
      prediction = J > 0 ? S * exponential(gamma * g) : S;
      r = prediction - load(&rows.response[i]);
    } else {
      r = logarithm(quotient);
      if (J > 0) r += gamma * g;
    }
    if (sided && !metric) w += only(r > 0.0, w * extra);
    const Pack psi = larger(-delta, smaller(delta, r));
    Pack c1 = w * psi;
    sums.total += c1 * (r - 0.5 * psi);
    // c2 weighs ∂f∂fᵀ of the factors, `inner` that of the rest (whose ∂²f is not 0).
    Pack c2 = reweighted ? w * smaller(pack(1.0), delta / absolute(r)) : only(r == psi, w);
    Pack inner;
    if (metric) {
      c1 = pack(0.0);
      c2 = inner = w;
    } else if (plain) {
      c1 *= prediction;
      c2 *= prediction * prediction;
      inner = c2;
      if (!reweighted) c2 += c1;
    } else {
      inner = reweighted ? c2 : c2 - c1;
    }
    const Pack R = 1.0 / S;
    Pack f[kColumns];
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) {
      f[k] = p[k] * R;
      f[K + 1 + k] = x[k] * f[k];
      sums.bend[k] += c1 * (x[k] * f[K + 1 + k]);
    }
    f[K] = R;
    if (J > 0) f[2 * K + 1] = g;
#pragma GCC unroll 8
    for (int a = 0; a < kColumns; ++a) {
      sums.gradient[a] += c1 * f[a];
      const Pack weighted = (a <= 2 * K ? inner : c2) * f[a];
#pragma GCC unroll 8
      for (int b = 0; b <= a; ++b) sums.square[packed_index(a, b)] += weighted * f[b];
    }
  }
  out = sums;
  return lowest[0] > kSmallestRatio && lowest[1] > kSmallestRatio;
}

template <int K, int J>
bool evaluate(const PowerSumRows& rows, const PowerSumPoint& point, const PowerSumLoss& loss,
              Problem::Curvature curvature, Evaluation& out) {
  Sums<K, J> sums;
  if (!add_rows<K, J>(rows, point, loss, curvature, sums)) return false;
  constexpr int kColumns = Sums<K, J>::kColumns;
  // ∂f/∂α = −A·x·p.
  double scale[kColumns];
  for (double& s : scale) s = 1;
  for (int k = 0; k < K; ++k) scale[K + 1 + k] = -point.A[k];
  out.value = sum(sums.total);
  for (int a = 0, m = 0; a < kColumns; ++a) {
    out.gradient[at(a)] = scale[a] * sum(sums.gradient[a]);
    for (int b = 0; b <= a; ++b, ++m)
      out.hessian[at(a)][at(b)] = scale[a] * scale[b] * sum(sums.square[m]);
  }
  if (curvature == Problem::Curvature::exact)
    for (int k = 0; k < K; ++k) {
      // ∇²S: (A_k, α_k) and (α_k, α_k) only.
      out.hessian[at(K + 1 + k)][at(k)] -= sum(sums.gradient[K + 1 + k]);
      out.hessian[at(K + 1 + k)][at(K + 1 + k)] += point.A[k] * sum(sums.bend[k]);
    }
  for (int a = 0; a < kColumns; ++a)
    for (int b = 0; b < a; ++b) out.hessian[at(b)][at(a)] = out.hessian[at(a)][at(b)];
  return std::isfinite(out.value);
}

/// Is L̂ a finite number at every run?
bool in_range(const PowerSumRows& rows, const PowerSumPoint& point) {
  const std::vector<double>& reach = rows.reach;
  if (!std::isfinite(point.E) || !std::isfinite(point.gamma)) return false;
  for (std::size_t k = 0; k < rows.x.size(); ++k)
    if (!(std::abs(point.alpha[k]) * reach[k] <= kLargestExponent) ||
        !(std::abs(point.A[k]) <= std::exp(kLargestExponent - std::abs(point.alpha[k]) * reach[k])))
      return false;
  return true;
}

/// sums[a·columns + b] += Σ_i block[i·columns + a]·block[i·columns + b] for b <= a; `columns` even.
[[gnu::noinline]] void add_gram(const double* block, std::size_t rows, std::size_t columns,
                                double* sums) {
  // Two rows of the result at a time: each pack that is loaded serves twice.
  for (std::size_t a = 0; a < columns; a += 2)
    for (std::size_t b = 0; b <= a; b += kLanes) {
      Pack first = load(&sums[a * columns + b]);
      Pack second = load(&sums[(a + 1) * columns + b]);
      const double* row = block;
      for (std::size_t i = 0; i < rows; ++i, row += columns) {
        const Pack y = load(row + b);
        first += pack(row[a]) * y;
        second += pack(row[a + 1]) * y;
      }
      store(&sums[a * columns + b], first);
      store(&sums[(a + 1) * columns + b], second);
    }
}

}  // namespace

void PowerSumRows::pad() {
  count = weight.size();
  const auto all = [&](const auto& change) {
    for (auto& column : x) change(column);
    for (auto& column : factor) change(column);
    change(response);
    change(inverse_response);
    change(weight);
  };
  // The last row again: where the law has a value at the runs it has one at the padding.
  while (count > 0 && weight.size() % kLanes != 0) {
    all([](std::vector<double>& column) { column.push_back(column.back()); });
    weight.back() = 0;
  }
  reach.clear();
  for (const auto& column : x) {
    double largest = 0;
    for (const double value : column) largest = std::max(largest, std::abs(value));
    reach.push_back(largest);
  }
}

bool power_sum(const PowerSumRows& rows, const PowerSumPoint& point, const PowerSumLoss& loss,
               Problem::Curvature curvature, Evaluation& out) {
  if (!in_range(rows, point)) return false;
  if (rows.x.size() == 1) return evaluate<1, 0>(rows, point, loss, curvature, out);
  if (rows.factor.empty()) return evaluate<2, 0>(rows, point, loss, curvature, out);
  return evaluate<2, 1>(rows, point, loss, curvature, out);
}

bool power_sum_residuals(const PowerSumRows& rows, const PowerSumPoint& point, bool log_residual,
                         std::vector<double>& out) {
  if (!in_range(rows, point)) return false;
  out.resize(rows.weight.size());
  Pack lowest = pack(1.0);
  const Pack gamma = pack(point.gamma);
  for (std::size_t i = 0; i < out.size(); i += kLanes) {
    Pack S = pack(point.E);
    for (std::size_t k = 0; k < rows.x.size(); ++k)
      S += pack(point.A[k]) * exponential(pack(-point.alpha[k]) * load(&rows.x[k][i]));
    const Pack quotient = S * load(&rows.inverse_response[i]);
    lowest = smaller(lowest, smaller(quotient, S));
    const Pack g = rows.factor.empty() ? pack(0.0) : gamma * load(&rows.factor[0][i]);
    if (log_residual)
      store(&out[i], logarithm(quotient) + g);
    else
      store(&out[i], (rows.factor.empty() ? S : S * exponential(g)) - load(&rows.response[i]));
  }
  out.resize(rows.count);
  return lowest[0] > kSmallestRatio && lowest[1] > kSmallestRatio;
}

PowerSumGram::PowerSumGram(const PowerSumRows& rows, std::span<const double> scale,
                           std::span<const double> tilt,
                           std::span<const std::vector<double>> exponents) {
  // Two exponents at a time: each term takes an even number of columns.
  std::vector<double> minus_alpha;
  std::vector<std::size_t> term_of;
  for (std::size_t k = 0; k < exponents.size(); ++k) {
    first_[k] = static_cast<int>(minus_alpha.size());
    for (const double alpha : exponents[k]) minus_alpha.push_back(-alpha);
    if (minus_alpha.size() % kLanes != 0) minus_alpha.push_back(minus_alpha.back());
    term_of.resize(minus_alpha.size() / kLanes, k);
  }
  const std::size_t columns = minus_alpha.size() + 2;
  columns_ = static_cast<int>(columns);
  sums_.assign(columns * columns, 0.0);
  constexpr std::size_t kBlock = 32;
  std::vector<double> block(kBlock * columns);
  const Pack highest = pack(kLargestExponent);
  for (std::size_t from = 0; from < rows.count; from += kBlock) {
    const std::size_t count = std::min(kBlock, rows.count - from);
    for (std::size_t i = 0; i < count; ++i) {
      double* row = &block[i * columns];
      const double level = scale[from + i] * tilt[from + i];
      for (std::size_t c = 0; c < minus_alpha.size(); c += kLanes) {
        const Pack z = load(&minus_alpha[c]) * pack(rows.x[term_of[c / kLanes]][from + i]);
        store(row + c, level * exponential(larger(-highest, smaller(highest, z))));
      }
      row[columns - 2] = level;
      row[columns - 1] = scale[from + i] * rows.response[from + i];
    }
    add_gram(block.data(), count, columns, sums_.data());
  }
}

}  // namespace isoloss
