#include "core/fit/trust_region.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/math/order.h"

namespace isoloss {
namespace {

constexpr double kFirstRadius = 0.3;
constexpr double kLargestRadius = 10;
constexpr double kSmallestRadius = 1e-13;
constexpr double kRelativeDecrease = 1e-15;
/// δ from which the path of optima is followed closely.
constexpr double kSmallDelta = 1e-5;
/// Where no step of any size lowers the value any more, the minimum counts as found if Newton
/// promises no more than this part of it …
constexpr double kStalledDecrease = 1e-11;
/// … or if the gradient per unit change of ln L̂ is nothing. A Huber sum can have its minimum where
/// rows enter and leave the band |r| <= δ: the curvature seen there may be of either sign.
constexpr double kStalledGradient = 1e-9;
constexpr double kNoGradient = 1e-12;

constexpr int kMax = kMaxCoefficients;
std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Plain arrays: at five coefficients the overhead of a general matrix is most of its time.
using Row = std::array<double, kMax>;
using Square = std::array<Row, kMax>;

double dot(const Row& a, const Row& b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += a[at(i)] * b[at(i)];
  return sum;
}

/// Lower L of A + shift·I = LLᵀ; false if that is not positive definite.
bool factorise(const Square& A, double shift, int n, Square& L) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) {
      double sum = A[at(i)][at(j)];
      if (i == j) sum += shift;
      for (int k = 0; k < j; ++k) sum -= L[at(i)][at(k)] * L[at(j)][at(k)];
      if (i == j) {
        if (!(sum > 0)) return false;
        L[at(i)][at(i)] = std::sqrt(sum);
      } else {
        L[at(i)][at(j)] = sum / L[at(j)][at(j)];
      }
    }
  return true;
}

void solve_lower(const Square& L, int n, Row& b) {
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < i; ++k) b[at(i)] -= L[at(i)][at(k)] * b[at(k)];
    b[at(i)] /= L[at(i)][at(i)];
  }
}

void solve_upper(const Square& L, int n, Row& b) {
  for (int i = n - 1; i >= 0; --i) {
    for (int k = i + 1; k < n; ++k) b[at(i)] -= L[at(k)][at(i)] * b[at(k)];
    b[at(i)] /= L[at(i)][at(i)];
  }
}

/// min gᵀp + ½pᵀHp over pᵀMp <= R². `newton_decrease` is what the unconstrained step would gain, or
/// infinity where H has negative curvature.
struct Step {
  Row p{};
  double newton_decrease = std::numeric_limits<double>::infinity();
  bool at_radius = false;
  double gradient = 0;  ///< length of the gradient in the metric
};

/// Moré & Sorensen 1983 in coordinates where the metric is the plain length: y = −(H + λI)⁻¹g with
/// λ from Newton's method on 1/|y| = 1/R, safeguarded by brackets of λ.
class Model {
 public:
  Model(const Row& g, const Square& H, int n) : g_(g), H_(H), n_(n) {
    for (int i = 0; i < n_; ++i) {
      double row = 0;
      for (int j = 0; j < n_; ++j) row += std::abs(H_[at(i)][at(j)]);
      top_ = std::max(top_, row);
    }
  }

  void minimise(double radius, Row& y, Step& step) {
    const double length = std::sqrt(dot(g_, g_, n_));
    step.gradient = length;
    const double nothing = std::max(1e-14 * top_, 1e-300);
    double low = 0;
    double high = length / radius + top_ + nothing;
    double shift = 0;
    bool inside = factorise(H_, 0, n_, L_);
    // Directions without curvature: a shift that roundoff makes anyway.
    if (inside || factorise(H_, nothing, n_, L_)) {
      Row half = g_;
      solve_lower(L_, n_, half);
      step.newton_decrease = 0.5 * dot(half, half, n_);
    }
    if (inside) {
      const double norm = shifted(y);
      if (norm <= radius) return;
      shift = next(norm, radius, 0);
    } else {
      for (int i = 0; i < n_; ++i) low = std::max(low, -H_[at(i)][at(i)]);
      shift = std::max(low, 1e-3 * high);
    }
    step.at_radius = true;
    constexpr int kIterations = 60;
    for (int k = 0; k < kIterations; ++k) {
      if (!(shift > low && shift < high)) shift = std::max(std::sqrt(low * high), 0.01 * high);
      inside = factorise(H_, shift, n_, L_);
      if (!inside) {
        low = shift;
        shift = std::max(std::sqrt(low * high), low + 0.05 * (high - low));
        continue;
      }
      const double norm = shifted(y);
      if (std::abs(norm - radius) <= 0.01 * radius) return;
      if (norm > radius) {
        low = shift;
      } else {
        high = shift;
        if (high - low <= 1e-8 * high || high <= nothing) return add_lowest(radius, y);
      }
      shift = next(norm, radius, shift);
    }
    if (!inside && factorise(H_, high, n_, L_)) shifted(y);
  }

 private:
  /// y = −(LLᵀ)⁻¹g and, for the next shift, |L⁻¹y|.
  double shifted(Row& y) {
    for (int i = 0; i < n_; ++i) y[at(i)] = -g_[at(i)];
    solve_lower(L_, n_, y);
    solve_upper(L_, n_, y);
    Row w = y;
    solve_lower(L_, n_, w);
    curvature_ = dot(w, w, n_);
    return std::sqrt(dot(y, y, n_));
  }
  double next(double norm, double radius, double shift) const {
    return shift + norm * norm / curvature_ * (norm - radius) / radius;
  }
  /// Hard case: no gradient along the most negative curvature; go along it to the radius.
  void add_lowest(double radius, Row& y) {
    Row z{};
    for (int i = 0; i < n_; ++i) z[at(i)] = 1 + 0.1 * i;
    for (int k = 0; k < 4; ++k) {
      solve_lower(L_, n_, z);
      solve_upper(L_, n_, z);
      const double size = std::sqrt(dot(z, z, n_));
      if (!(size > 0) || !std::isfinite(size)) return;
      for (int i = 0; i < n_; ++i) z[at(i)] /= size;
    }
    const double along = dot(y, z, n_);
    const double rest = radius * radius - dot(y, y, n_);
    const double root = std::sqrt(along * along + std::max(0.0, rest));
    const double t = along > 0 ? rest / (along + root) : root - along;
    const double sign = dot(g_, z, n_) > 0 && along == 0 ? -1 : 1;
    for (int i = 0; i < n_; ++i) y[at(i)] += sign * t * z[at(i)];
  }

  const Row& g_;
  const Square& H_;
  int n_;
  double top_ = 0;
  double curvature_ = 1;
  Square L_{};
};

Step solve_model(const Row& g, const Square& H, const Square& M, int n, double radius) {
  // y = Lᵀp with M = LLᵀ turns the metric into the plain length.
  Square L{};
  if (!factorise(M, 0, n, L))
    for (int i = 0; i < n; ++i)
      for (int j = 0; j <= i; ++j) L[at(i)][at(j)] = i == j ? 1 : 0;
  Row gw = g;
  solve_lower(L, n, gw);
  Square half{};
  for (int j = 0; j < n; ++j) {
    half[at(j)] = H[at(j)];
    solve_lower(L, n, half[at(j)]);
  }
  Square Hw{};
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) Hw[at(j)][at(i)] = half[at(i)][at(j)];
    solve_lower(L, n, Hw[at(j)]);
  }
  Step step;
  Model(gw, Hw, n).minimise(radius, step.p, step);
  solve_upper(L, n, step.p);
  return step;
}

/// One solve: the state that evaluations at widening and narrowing δ share.
class Solve {
 public:
  Solve(Problem& problem, const Vector& q) : problem_(problem), n_(problem.size()) {
    for (int i = 0; i < n_; ++i) {
      lower_[at(i)] = problem.lower(i);
      upper_[at(i)] = problem.upper(i);
      q_[at(i)] = std::clamp(q[i], lower_[at(i)], upper_[at(i)]);
    }
  }

  Minimum run(double delta, const TrustRegionOptions& options) {
    double d = delta;
    if (options.continuation && std::isfinite(delta)) {
      std::vector<double> r;
      if (!problem_.residuals(q_.data(), r)) return finish(false);
      d = std::max(delta, 3 * median_size(std::move(r)));
    }
    int left = options.max_iterations;
    if (options.first_delta > delta) iterate(options.first_delta, 2);
    if (options.reweighted_steps > 0) {
      curvature_ = Problem::Curvature::reweighted;
      iterate(d, options.reweighted_steps);
      curvature_ = Problem::Curvature::exact;
    }
    // Far below the noise the quadratic part holds few runs: follow the path of optima closely.
    const int steps = options.closely || delta < kSmallDelta ? 25 : 2;
    while (d > delta) {
      left -= 2;
      if (iterate(d, steps) == Outcome::broken) return finish(false);
      d = std::max(delta, 0.2 * d);
    }
    return finish(iterate(delta, std::max(left, 50)) == Outcome::converged);
  }

 private:
  enum class Outcome { converged, out_of_iterations, broken };

  Minimum finish(bool converged) const {
    Minimum end{
        .q = Vector(n_), .value = now_.value, .converged = converged, .evaluations = evaluations_};
    for (int i = 0; i < n_; ++i) end.q[i] = q_[at(i)];
    return end;
  }

  bool evaluate(const Row& q, Evaluation& out) {
    ++evaluations_;
    if (!problem_.evaluate(q.data(), curvature_, out) || !std::isfinite(out.value)) return false;
    double sum = 0;  // NaN or infinite if any is
    for (int i = 0; i < n_; ++i) {
      sum += std::abs(out.gradient[at(i)]);
      for (int j = 0; j <= i; ++j) sum += std::abs(out.hessian[at(i)][at(j)]);
    }
    return std::isfinite(sum);
  }

  /// Step within bounds: components that would leave are put on their bound and the rest solved
  /// again.
  Step bounded_step(double radius) const {
    std::array<int, kMax> free{};
    int m = 0;
    for (int i = 0; i < n_; ++i) {
      const double g = now_.gradient[at(i)];
      const bool held =
          (q_[at(i)] <= lower_[at(i)] && g >= 0) || (q_[at(i)] >= upper_[at(i)] && g <= 0);
      // What moves nothing is held too (the exponent of an absent term): its curvature of 0 would
      // hide that the others have converged.
      bool idle = g == 0;
      for (int j = 0; j < n_; ++j) idle = idle && now_.hessian[at(i)][at(j)] == 0;
      if (!held && !idle) free[at(m++)] = i;
    }
    Step whole{.p = {}, .newton_decrease = 0, .at_radius = false, .gradient = 0};
    for (bool first = true; m > 0; first = false) {
      Row g{};
      Square H{};
      Square M{};
      for (int i = 0; i < m; ++i) {
        const auto fi = at(free[at(i)]);
        g[at(i)] = now_.gradient[fi];
        if (!first) g[at(i)] += dot(now_.hessian[fi], whole.p, n_);
        for (int j = 0; j < m; ++j) {
          H[at(i)][at(j)] = now_.hessian[fi][at(free[at(j)])];
          M[at(i)][at(j)] = metric_.hessian[fi][at(free[at(j)])];
        }
      }
      const Step part = solve_model(g, H, M, m, radius);
      if (first) {
        whole.newton_decrease = part.newton_decrease;
        whole.at_radius = part.at_radius;
        whole.gradient = part.gradient;
      }
      std::array<int, kMax> inside{};
      int stay = 0;
      for (int i = 0; i < m; ++i) {
        const auto fi = at(free[at(i)]);
        const double target = q_[fi] + part.p[at(i)];
        if (target < lower_[fi] || target > upper_[fi])
          whole.p[fi] = std::clamp(target, lower_[fi], upper_[fi]) - q_[fi];
        else
          inside[at(stay++)] = free[at(i)];
      }
      if (stay == m) {
        for (int i = 0; i < m; ++i) whole.p[at(free[at(i)])] = part.p[at(i)];
        break;
      }
      whole.at_radius = true;
      free = inside;
      m = stay;
    }
    return whole;
  }

  /// pᵀAp.
  double form(const Square& A, const Row& p) const {
    double sum = 0;
    for (int i = 0; i < n_; ++i) sum += p[at(i)] * dot(A[at(i)], p, n_);
    return sum;
  }

  Outcome iterate(double delta, int iterations) {
    problem_.set_delta(delta);
    if (!evaluate(q_, now_)) {
      now_.value = std::numeric_limits<double>::infinity();
      return Outcome::broken;
    }
    problem_.metric(q_.data(), metric_);
    // A quadratic model of a Huber sum holds while few residuals cross δ.
    double radius = std::min(kFirstRadius, 30 * delta);
    int accepted = 0;
    int negligible = 0;
    const double roundoff = problem_.roundoff();
    for (int k = 0; k < iterations; ++k) {
      if (now_.value <= roundoff) return Outcome::converged;
      const Step step = bounded_step(radius);
      const double predicted = -(dot(now_.gradient, step.p, n_) + 0.5 * form(now_.hessian, step.p));
      const double tolerance = kRelativeDecrease * now_.value;
      const bool last = step.newton_decrease <= tolerance;
      const auto stalled = [&] {
        const bool minimum = step.newton_decrease <= kStalledDecrease * now_.value ||
                             step.gradient <= std::max(kStalledGradient * now_.value, kNoGradient);
        return minimum ? Outcome::converged : Outcome::out_of_iterations;
      };
      if (!(predicted > 0)) {
        if (last) return Outcome::converged;
        radius *= 0.3;
        if (radius < kSmallestRadius) return stalled();
        continue;
      }
      Row q{};
      for (int i = 0; i < n_; ++i)
        q[at(i)] = std::clamp(q_[at(i)] + step.p[at(i)], lower_[at(i)], upper_[at(i)]);
      const bool finite = evaluate(q, next_);
      const double ratio = finite ? (now_.value - next_.value) / predicted : -1;
      if (finite && (ratio > 1e-4 || (last && next_.value <= now_.value))) {
        negligible = now_.value - next_.value <= tolerance ? negligible + 1 : 0;
        q_ = q;
        std::swap(now_, next_);
        if (last || negligible >= 3) return Outcome::converged;
        if (++accepted % 3 == 0) problem_.metric(q_.data(), metric_);
        if (ratio > 0.75 && step.at_radius) radius = std::min(2.5 * radius, kLargestRadius);
      } else if (last) {
        return Outcome::converged;
      }
      if (ratio < 0.25) radius = 0.3 * std::min(radius, std::sqrt(form(metric_.hessian, step.p)));
      if (radius < kSmallestRadius) return stalled();
    }
    return Outcome::out_of_iterations;
  }

  Problem& problem_;
  int n_;
  Row q_{};
  Row lower_{};
  Row upper_{};
  Problem::Curvature curvature_ = Problem::Curvature::exact;
  Evaluation now_{.value = std::numeric_limits<double>::infinity()};
  Evaluation next_;
  Evaluation metric_;
  int evaluations_ = 0;
};

}  // namespace

Minimum minimise(Problem& problem, const Vector& q, double delta,
                 const TrustRegionOptions& options) {
  return Solve(problem, q).run(delta, options);
}

}  // namespace isoloss
