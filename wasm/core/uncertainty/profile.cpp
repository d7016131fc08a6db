#include "core/uncertainty/profile.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/fit/covariance.h"
#include "core/fit/search.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The problem of the fit in coordinates in which zero scales and floors are ordinary points where
/// possible.
class Coordinates {
 public:
  explicit Coordinates(const FitSetup& setup) {
    const Law& law = *setup.specification.law;
    const Objective& objective = setup.specification.objective;
    if (kernel_applies(law, setup.constraints)) {
      kernel_ = std::make_unique<PowerSumProblem>(law, setup.constraints, setup.runs, objective);
      kernel_->set_coordinates(PowerSumProblem::Coordinates::linear);
    } else {
      general_ = std::make_unique<GeneralProblem>(law, setup.constraints, setup.runs, objective);
    }
  }
  Problem& problem() const {
    return kernel_ ? static_cast<Problem&>(*kernel_) : static_cast<Problem&>(*general_);
  }
  Vector theta(const Vector& q) const {
    return kernel_ ? kernel_->theta_from_kernel(kernel_->kernel_from_q(q.data()))
                   : general_->theta(q.data());
  }
  Vector q(const Vector& theta) const {
    Vector q = kernel_ ? kernel_->q_from_kernel(kernel_->kernel_from_theta(theta))
                       : general_->parameters(theta);
    for (int i = 0; i < problem().size(); ++i)
      q[i] = std::clamp(q[i], problem().lower(i), problem().upper(i));
    return q;
  }

 private:
  std::unique_ptr<PowerSumProblem> kernel_;
  std::unique_ptr<GeneralProblem> general_;
};

/// F + ½μ(h − c)².
class Tethered final : public Problem {
 public:
  Tethered(const Coordinates& coordinates, const Functionals& functionals,
           const Functional& functional)
      : coordinates_(coordinates),
        base_(coordinates.problem()),
        functionals_(functionals),
        functional_(functional) {}

  void tie(double centre, double stiffness) {
    centre_ = centre;
    stiffness_ = stiffness;
  }
  double h(const Vector& q) const { return functionals_.value(functional_, coordinates_.theta(q)); }
  double penalty(double value) const {
    return 0.5 * stiffness_ * (value - centre_) * (value - centre_);
  }

  int size() const override { return base_.size(); }
  double lower(int i) const override { return base_.lower(i); }
  double upper(int i) const override { return base_.upper(i); }
  bool evaluate(const double* point, Curvature curvature, Evaluation& out) override {
    if (!base_.evaluate(point, curvature, out)) return false;
    const Vector q = Eigen::Map<const Eigen::VectorXd>(point, size());
    const double here = h(q);
    if (!std::isfinite(here)) return false;
    Vector slope;
    Matrix bend;
    differences(q, slope, bend);
    if (!slope.allFinite() || !bend.allFinite()) return false;
    const double pull = stiffness_ * (here - centre_);
    const double second = curvature == Curvature::exact ? pull : 0;
    out.value += penalty(here);
    for (int i = 0; i < size(); ++i) {
      const auto row = static_cast<std::size_t>(i);
      out.gradient[row] += pull * slope[i];
      for (int j = 0; j < size(); ++j)
        out.hessian[row][static_cast<std::size_t>(j)] +=
            stiffness_ * slope[i] * slope[j] + second * bend(i, j);
    }
    return true;
  }
  void metric(const double* point, Evaluation& out) override { base_.metric(point, out); }
  bool residuals(const double* point, std::vector<double>& out) override {
    return base_.residuals(point, out);
  }
  double roundoff() const override { return base_.roundoff(); }
  void set_delta(double delta) override { base_.set_delta(delta); }

 private:
  /// Gradient and Hessian of h by central differences, inside the bounds.
  void differences(const Vector& q, Vector& slope, Matrix& bend) const {
    constexpr double kStep = 1e-4;
    const int n = size();
    slope.setZero(n);
    bend.setZero(n, n);
    Vector centre = q;
    Vector step(n);
    for (int i = 0; i < n; ++i) {
      step[i] = kStep * std::max(std::abs(q[i]), 1e-3);
      if (centre[i] - step[i] < lower(i)) centre[i] = lower(i) + step[i];
      if (centre[i] + step[i] > upper(i)) centre[i] = upper(i) - step[i];
    }
    const double middle = h(centre);
    Vector up(n);
    for (int i = 0; i < n; ++i) {
      Vector point = centre;
      point[i] += step[i];
      up[i] = h(point);
      point[i] -= 2 * step[i];
      const double down = h(point);
      slope[i] = (up[i] - down) / (2 * step[i]);
      bend(i, i) = (up[i] - 2 * middle + down) / (step[i] * step[i]);
    }
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < i; ++j) {
        Vector point = centre;
        point[i] += step[i];
        point[j] += step[j];
        bend(i, j) = bend(j, i) = (h(point) - up[i] - up[j] + middle) / (step[i] * step[j]);
      }
  }

  const Coordinates& coordinates_;
  Problem& base_;
  const Functionals& functionals_;
  const Functional& functional_;
  double centre_ = 0;
  double stiffness_ = 0;
};

struct Point {
  Vector q;
  double h;
  double root;  ///< √deviance
};

class Tracer {
 public:
  Tracer(const FitSetup& setup, const Vector& theta, const Functionals& functionals,
         const Functional& functional)
      : setup_(setup), coordinates_(setup), problem_(coordinates_, functionals, functional) {
    const Law& law = *setup.specification.law;
    const Objective& objective = setup.specification.objective;
    best_.q = coordinates_.q(theta);
    best_.h = problem_.h(best_.q);
    best_.root = 0;
    const auto linearisation = Linearisation::at(law, setup.constraints, setup.runs, objective,
                                                 theta, active_coefficients(setup, theta));
    residuals_ = 3 * median_residual();
    delta_ = objective.solver_delta();
    if (objective.kind == Objective::Kind::log_absolute) {
      // Between its kinks a sum of sizes has no curvature to steer by: rounded off a little it has.
      delta_ = std::max(delta_, 1e-3 * residuals_ / 3);
      best_.q = minimise(coordinates_.problem(), best_.q, delta_, {}).q;
      best_.h = problem_.h(best_.q);
    }
    Evaluation lowest;
    problem_.set_delta(delta_);
    usable_ = std::isfinite(best_.h) && linearisation &&
              coordinates_.problem().evaluate(best_.q.data(), Problem::Curvature::exact, lowest);
    if (!usable_) return;
    lowest_ = lowest.value;
    tau_ = linearisation->tau();
    if (std::isfinite(delta_)) tau_ *= delta_ / objective.solver_delta();
    const Covariance covariance = linearisation->sandwich();
    const double variance =
        covariance.variance(functionals.gradient(functional, theta, covariance.coefficients));
    // Where the linearised fit says nothing (at a bound), some step to begin with.
    const double least = 1e-6 * (1e-3 + std::abs(best_.h));
    scale_ = std::isfinite(variance) && variance > 0 ? std::sqrt(variance)
                                                     : 0.02 * (0.1 + std::abs(best_.h));
    scale_ = std::max(scale_, least);
    usable_ = tau_ > 0 && std::isfinite(tau_);
  }

  bool usable() const { return usable_; }
  const Point& best() const { return best_; }
  double scale() const { return scale_; }

  /// The constrained minimum near h = centre; nullopt where there is none to be had.
  std::optional<Point> solve(double centre, const Point& from) {
    const Objective& objective = setup_.specification.objective;
    TrustRegionOptions options;
    options.max_iterations = 100;
    options.continuation = objective.kind == Objective::Kind::log_absolute;
    options.first_delta = options.continuation ? 0 : residuals_;
    Vector q = from.q;
    for (double stiffness = 1e3; stiffness < 1e8; stiffness *= 1e2) {
      problem_.tie(centre, stiffness * tau_ / (scale_ * scale_));
      const Minimum end = minimise(problem_, q, delta_, options);
      const double h = problem_.h(end.q);
      if (!std::isfinite(end.value) || !std::isfinite(h)) return std::nullopt;
      const double raised = end.value - problem_.penalty(h) - lowest_;
      if (std::abs(h - centre) <= 0.05 * std::abs(centre - best_.h))
        return Point{.q = end.q, .h = h, .root = std::sqrt(std::max(0.0, 2 * raised / tau_))};
      q = end.q;
    }
    return std::nullopt;
  }

  /// From the optimum in one direction until √deviance is `wanted`; nullopt where it is not
  /// reached. `reached`: the last point on the way.
  std::optional<Point> cross(double direction, double wanted, Point& reached) {
    constexpr int kMost = 40;
    constexpr double kAccuracy = 1e-5;
    Point inside = best_;
    std::optional<Point> outside;
    bool last_below = false;
    double target = best_.h + direction * scale_;
    reached = best_;
    for (int i = 0; i < kMost; ++i) {
      auto point = solve(target, inside);
      if (!point) {
        if (outside) break;
        // The law or the bounds end before: nearer, a few times.
        target = 0.5 * (target + inside.h);
        if (std::abs(target - inside.h) < 1e-3 * scale_) return std::nullopt;
        continue;
      }
      if (std::abs(point->root - wanted) < kAccuracy * wanted) return point;
      const bool below = point->root < wanted;
      const bool same_side = outside && below == last_below;
      last_below = below;
      if (below) {
        inside = *point;
        if (!outside) reached = inside;
      } else {
        outside = point;
      }
      const double gone = inside.h - best_.h;
      if (outside) {
        const double share = (wanted - inside.root) / (outside->root - inside.root);
        if (!(share > 0 && share < 1)) break;
        // Straight lines in √deviance; the middle where one of the ends would never move.
        // A point comes to rest a little short of its target, and the next one by as much.
        const double lag = point->h - target;
        target = inside.h + (same_side ? 0.5 : share) * (outside->h - inside.h) - lag;
        if (std::abs(outside->h - inside.h) < 1e-9 * std::abs(outside->h - best_.h)) return outside;
      } else {
        const double factor = inside.root > 0 ? wanted / inside.root : 4.0;
        target = best_.h + gone * std::clamp(1.1 * factor, 1.2, 4.0);
      }
    }
    return outside;
  }

 private:
  double median_residual() {
    std::vector<double> r;
    if (!coordinates_.problem().residuals(best_.q.data(), r)) return 0;
    return std::isfinite(setup_.specification.objective.solver_delta())
               ? median_of_sorted(sorted_sizes(r))
               : 0;
  }

  const FitSetup& setup_;
  Coordinates coordinates_;
  Tethered problem_;
  Point best_;
  double lowest_ = 0;
  double tau_ = 0;
  double scale_ = 0;
  double delta_ = 0;      ///< of the solver
  double residuals_ = 0;  ///< three times their median size
  bool usable_ = false;
};

}  // namespace

Profile profile(const FitSetup& setup, const Vector& theta, const Functionals& functionals,
                const Functional& functional, int points) {
  Profile result{.value = kNaN, .x = {}, .deviance = {}, .lower = {}, .upper = {}};
  Tracer tracer(setup, theta, functionals, functional);
  const Point& best = tracer.best();
  if (!std::isfinite(best.h)) return result;
  result.value = functionals.natural(functional, best.h);
  if (!tracer.usable()) return result;

  const double wanted = std::sqrt(kProfileThreshold);
  // The curve goes a little beyond the endpoints.
  constexpr double kBeyond = 1.3;
  std::vector<Point> curve{best};
  for (const double direction : {-1.0, 1.0}) {
    Point reached = best;
    const auto end = tracer.cross(direction, wanted, reached);
    if (end)
      (direction < 0 ? result.lower : result.upper) = functionals.natural(functional, end->h);
    const double span = end ? kBeyond * (end->h - best.h) : reached.h - best.h;
    Point from = best;
    const int half = points / 2;
    for (int i = 1; i <= half && span != 0; ++i) {
      const auto point = tracer.solve(best.h + span * i / half, from);
      if (!point) break;
      curve.push_back(from = *point);
    }
  }
  sort_by(curve, [](const Point& point) { return point.h; });
  for (const Point& point : curve) {
    result.x.push_back(functionals.natural(functional, point.h));
    result.deviance.push_back(point.root * point.root);
  }
  return result;
}

}  // namespace isoloss
