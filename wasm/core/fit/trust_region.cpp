#include "core/fit/trust_region.h"

#include <algorithm>
#include <cmath>
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

/// min gᵀp + ½pᵀHp over pᵀMp <= R². `newton_decrease` is what the unconstrained step would gain (a
/// bound of it along directions without curvature), or infinity where H has negative curvature.
struct Step {
  Vector p;
  double newton_decrease;
  bool at_radius;
  double gradient = 0;  ///< length of the gradient in the metric
};

Step solve_model(const Vector& g, const Matrix& H, const Matrix& M, double radius) {
  const auto n = g.size();
  // y = Lᵀp with M = LLᵀ turns the metric into the plain length.
  Matrix L;
  if (!cholesky(M, L)) L = Matrix::Identity(n, n);
  const Vector gw = solve_lower(L, g);
  Matrix half(n, n);
  for (Eigen::Index j = 0; j < n; ++j) half.col(j) = solve_lower(L, H.col(j));
  Matrix Hw(n, n);
  for (Eigen::Index j = 0; j < n; ++j) Hw.col(j) = solve_lower(L, half.row(j).transpose());
  const SymmetricEigen eigen = symmetric_eigen(Hw);
  const Vector& lambda = eigen.values;
  Vector b(n);
  for (Eigen::Index i = 0; i < n; ++i) b[i] = eigen.vectors.col(i).dot(gw);
  const double smallest = lambda[0];
  const double scale = std::max(std::abs(smallest), std::abs(lambda[n - 1]));
  const double zero = 1e-14 * scale;

  Step step{.p = Vector::Zero(n),
            .newton_decrease = std::numeric_limits<double>::infinity(),
            .at_radius = false,
            .gradient = gw.norm()};
  const auto shifted_norm = [&](double shift) {
    double sum = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double d = lambda[i] + shift;
      if (b[i] != 0) sum += (b[i] / d) * (b[i] / d);
    }
    return std::sqrt(sum);
  };
  Vector y = Vector::Zero(n);
  if (smallest >= -zero) {
    // Without curvature the slope bounds what any allowed step would gain.
    double decrease = 0;
    for (Eigen::Index i = 0; i < n; ++i)
      decrease +=
          lambda[i] > zero ? 0.5 * b[i] * b[i] / lambda[i] : kLargestRadius * std::abs(b[i]);
    step.newton_decrease = decrease;
  }
  if (smallest > zero && shifted_norm(0) <= radius) {
    for (Eigen::Index i = 0; i < n; ++i) y[i] = -b[i] / lambda[i];
  } else {
    step.at_radius = true;
    double low = std::max(0.0, -smallest) + std::max(zero, 1e-300);
    if (shifted_norm(low) < radius) {
      // Hard case: no gradient along the most negative curvature; go along it to the radius.
      for (Eigen::Index i = 0; i < n; ++i) y[i] = -b[i] / (lambda[i] + low);
      const double rest = radius * radius - y.squaredNorm();
      if (smallest < -zero)
        y[0] += std::copysign(std::sqrt(std::max(0.0, rest)), b[0] > 0 ? -1.0 : 1.0);
    } else {
      double high = std::max(2 * low, b.norm() / radius + scale);
      while (shifted_norm(high) > radius) high *= 4;
      // Bisection on log shift until the step is within 1 % of the radius; accuracy gains nothing.
      for (int i = 0; i < 100; ++i) {
        const double middle = std::sqrt(low * high);
        const double norm = shifted_norm(middle);
        (norm > radius ? low : high) = middle;
        if (norm <= radius && norm > 0.99 * radius) break;
      }
      for (Eigen::Index i = 0; i < n; ++i) y[i] = -b[i] / (lambda[i] + high);
    }
  }
  Vector whitened = Vector::Zero(n);
  for (Eigen::Index i = 0; i < n; ++i) whitened += y[i] * eigen.vectors.col(i);
  step.p = solve_upper_of_transposed(L, whitened);
  return step;
}

/// One solve: the state that evaluations at widening and narrowing δ share.
class Solve {
 public:
  Solve(Problem& problem, Vector q) : problem_(problem), q_(std::move(q)), n_(problem.size()) {
    for (int i = 0; i < n_; ++i) q_[i] = std::clamp(q_[i], problem_.lower(i), problem_.upper(i));
  }

  Minimum run(double delta, const TrustRegionOptions& options) {
    std::vector<double> r;
    if (!problem_.residuals(q_, r)) return finish(false);
    double d = delta;
    if (options.continuation && std::isfinite(delta))
      d = std::max(delta, 3 * median_of_sorted(sorted_sizes(r)));
    int left = options.max_iterations;
    if (options.first_delta > delta) iterate(options.first_delta, 1);
    if (options.reweighted_steps > 0) {
      curvature_ = Problem::Curvature::reweighted;
      iterate(d, options.reweighted_steps);
      curvature_ = Problem::Curvature::exact;
    }
    // Far below the noise the quadratic part holds few runs: follow the path of optima closely.
    const int steps = delta < kSmallDelta ? 25 : 2;
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
    return {.q = q_, .value = value_, .converged = converged, .evaluations = evaluations_};
  }

  bool evaluate(const Vector& q, double& value, Vector& gradient, Matrix& hessian) {
    ++evaluations_;
    return problem_.evaluate(q, curvature_, value, gradient, hessian) && std::isfinite(value) &&
           gradient.allFinite() && hessian.allFinite();
  }

  /// Step within bounds: components that would leave are put on their bound and the rest solved
  /// again.
  Step bounded_step(const Matrix& M, double radius) const {
    std::vector<int> free;
    for (int i = 0; i < n_; ++i) {
      const bool held = (q_[i] <= problem_.lower(i) && gradient_[i] >= 0) ||
                        (q_[i] >= problem_.upper(i) && gradient_[i] <= 0);
      if (!held) free.push_back(i);
    }
    // What moves nothing is held too (the exponent of an absent term): its curvature of 0 would
    // hide that the others have converged.
    std::erase_if(free, [&](int i) {
      return gradient_[i] == 0 &&
             std::ranges::all_of(free, [&](int j) { return hessian_(i, j) == 0; });
    });
    Step whole{.p = Vector::Zero(n_), .newton_decrease = 0, .at_radius = false, .gradient = 0};
    for (bool first = true; !free.empty(); first = false) {
      const auto m = static_cast<Eigen::Index>(free.size());
      Vector g(m);
      Matrix H(m, m);
      Matrix Mf(m, m);
      for (Eigen::Index i = 0; i < m; ++i) {
        const int fi = free[static_cast<std::size_t>(i)];
        g[i] = gradient_[fi];
        g[i] += hessian_.row(fi).dot(whole.p);
        for (Eigen::Index j = 0; j < m; ++j) {
          const int fj = free[static_cast<std::size_t>(j)];
          H(i, j) = hessian_(fi, fj);
          Mf(i, j) = M(fi, fj);
        }
      }
      const Step part = solve_model(g, H, Mf, radius);
      if (first) {
        whole.newton_decrease = part.newton_decrease;
        whole.at_radius = part.at_radius;
        whole.gradient = part.gradient;
      }
      std::vector<int> inside;
      bool left = false;
      for (Eigen::Index i = 0; i < m; ++i) {
        const int fi = free[static_cast<std::size_t>(i)];
        const double target = q_[fi] + part.p[i];
        if (target < problem_.lower(fi) || target > problem_.upper(fi)) {
          whole.p[fi] = std::clamp(target, problem_.lower(fi), problem_.upper(fi)) - q_[fi];
          left = true;
        } else {
          inside.push_back(fi);
        }
      }
      if (!left) {
        for (Eigen::Index i = 0; i < m; ++i) whole.p[free[static_cast<std::size_t>(i)]] = part.p[i];
        break;
      }
      whole.at_radius = true;
      free = std::move(inside);
    }
    return whole;
  }

  Outcome iterate(double delta, int iterations) {
    problem_.set_delta(delta);
    if (!evaluate(q_, value_, gradient_, hessian_)) return Outcome::broken;
    Matrix M = problem_.metric(q_);
    // A quadratic model of a Huber sum holds while few residuals cross δ.
    double radius = std::min(kFirstRadius, 30 * delta);
    int accepted = 0;
    int negligible = 0;
    const double roundoff = problem_.roundoff();
    for (int k = 0; k < iterations; ++k) {
      if (value_ <= roundoff) return Outcome::converged;
      const Step step = bounded_step(M, radius);
      const double predicted =
          -(gradient_.dot(step.p) + 0.5 * step.p.dot(Vector(hessian_ * step.p)));
      const double tolerance = kRelativeDecrease * value_;
      const bool last = step.newton_decrease <= tolerance;
      const auto stalled = [&] {
        const bool minimum = step.newton_decrease <= kStalledDecrease * value_ ||
                             step.gradient <= std::max(kStalledGradient * value_, kNoGradient);
        return minimum ? Outcome::converged : Outcome::out_of_iterations;
      };
      if (!(predicted > 0)) {
        if (last) return Outcome::converged;
        radius *= 0.3;
        if (radius < kSmallestRadius) return stalled();
        continue;
      }
      double value = 0;
      Vector gradient(n_);
      Matrix hessian(n_, n_);
      const Vector q = q_ + step.p;
      const bool finite = evaluate(q, value, gradient, hessian);
      const double ratio = finite ? (value_ - value) / predicted : -1;
      if (finite && (ratio > 1e-4 || (last && value <= value_))) {
        negligible = value_ - value <= tolerance ? negligible + 1 : 0;
        q_ = q;
        for (int i = 0; i < n_; ++i)
          q_[i] = std::clamp(q_[i], problem_.lower(i), problem_.upper(i));
        value_ = value;
        gradient_ = gradient;
        hessian_ = hessian;
        if (++accepted % 3 == 0) M = problem_.metric(q_);
        if (last || negligible >= 3) return Outcome::converged;
        if (ratio > 0.75 && step.at_radius) radius = std::min(2.5 * radius, kLargestRadius);
      } else if (last) {
        return Outcome::converged;
      }
      if (ratio < 0.25) radius = 0.3 * std::min(radius, std::sqrt(step.p.dot(Vector(M * step.p))));
      if (radius < kSmallestRadius) return stalled();
    }
    return Outcome::out_of_iterations;
  }

  Problem& problem_;
  Vector q_;
  int n_;
  Problem::Curvature curvature_ = Problem::Curvature::exact;
  double value_ = std::numeric_limits<double>::infinity();
  Vector gradient_;
  Matrix hessian_;
  int evaluations_ = 0;
};

}  // namespace

Minimum minimise(Problem& problem, Vector q, double delta, const TrustRegionOptions& options) {
  return Solve(problem, std::move(q)).run(delta, options);
}

}  // namespace isoloss
