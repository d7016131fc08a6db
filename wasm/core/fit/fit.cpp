#include "core/fit/fit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fit/designs.h"
#include "core/fit/sampled_search.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

/// Column-scaled condition numbers from which the split of the coefficients is loose, and from
/// which it is undetermined (healthy designs 8–80; D = 20·N about 6e5). The second pair is for laws
/// in their own coordinates, which are worse conditioned from the start.
constexpr double kLooseCondition = 1e3;
constexpr double kFlatCondition = 1e5;
constexpr double kGeneralFlatCondition = 1e10;
constexpr double kWeakExponent = 0.3;
/// Ratio of robust standard errors to those of equal errors from which the difference matters.
constexpr double kUnevenErrors = 1.3;

/// Standard deviation of a normal distribution over its median absolute deviation.
constexpr double kNormalScale = 1.4826;
/// δ of noiseless data.
constexpr double kSmallestDelta = 1e-8;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

Goodness goodness_of(const Runs& runs, const std::vector<double>& residuals) {
  const std::size_t n = residuals.size();
  const std::vector<double> sizes = sorted_sizes(residuals);
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) squares += runs.weight[i] * residuals[i] * residuals[i];
  const double total = weighted_spread(runs.log_response, runs.weight);
  const double mean_square = squares / static_cast<double>(n);
  return {.r_squared =
              total > 0 ? std::optional<double>(1 - mean_square / (total * total)) : std::nullopt,
          .rms = std::sqrt(mean_square),
          .median_absolute = median_of_sorted(sizes),
          .largest_absolute = sizes.back()};
}

}  // namespace

std::span<const FitStatusInfo> fit_statuses() {
  static constexpr std::array<FitStatusInfo, 6> kList{{
      {FitStatus::converged, "converged", "Converged",
       "The best optimum found, with every coefficient inside its bounds."},
      {FitStatus::at_bound, "at_bound", "At a bound",
       "The best optimum lies on a bound of a coefficient, which is named."},
      {FitStatus::flat_direction, "flat_direction", "Not determined",
       "The data do not determine some combination of the coefficients, which are named."},
      {FitStatus::too_few_points, "too_few_points", "Too few runs",
       "Fewer runs than free coefficients plus one: nothing was fitted."},
      {FitStatus::max_iterations, "max_iterations", "Out of iterations",
       "The best solve stopped before its stopping test was met."},
      {FitStatus::cancelled, "cancelled", "Cancelled", "Stopped before all starts were solved."},
  }};
  return kList;
}

const FitStatusInfo& info(FitStatus status) {
  return *std::ranges::find(fit_statuses(), status, &FitStatusInfo::status);
}

Estimate delta_estimate(double value, double variance, double t, bool log_scale) {
  const double error = std::sqrt(variance);
  if (log_scale)
    return {.value = value,
            .standard_error = value * error,
            .interval = std::pair{value * std::exp(-t * error), value * std::exp(t * error)}};
  return {.value = value,
          .standard_error = error,
          .interval = std::pair{value - t * error, value + t * error}};
}

FitSession::FitSession(FitSpecification specification, const FitData& data)
    : setup_(set_up(std::move(specification), data)) {
  if (setup_.too_few) return;
  Objective objective = setup_.specification.objective;
  if (objective.delta_unknown()) objective = {.kind = Objective::Kind::log_absolute};
  search_ =
      make_sampled_search(*setup_.specification.law, setup_.constraints, setup_.runs, objective);
}

bool FitSession::step() {
  if (finished_ || !search_) {
    finished_ = true;
    return false;
  }
  if (search_->step()) return true;
  if (!setup_.specification.objective.delta_unknown() ||
      !std::isfinite(search_->best().objective)) {
    finished_ = true;
    return false;
  }
  find_delta();
  return true;
}

void FitSession::find_delta() {
  const Law& law = *setup_.specification.law;
  Objective& objective = setup_.specification.objective;
  const Vector centre = search_->best().theta;
  std::vector<double> residuals(setup_.runs.size());
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    setup_.runs.row(i, x.data());
    residuals[i] = law.log_response(x.data(), centre.data()) - setup_.runs.log_response[i];
  }
  objective.delta = std::max(kSmallestDelta, Objective::kTuning * kNormalScale *
                                                 median_of_sorted(sorted_sizes(residuals)));
  earlier_evaluations_ = search_->evaluations();
  search_ = make_sampled_search(law, setup_.constraints, setup_.runs, objective);
  search_->also_from(centre);
}

double FitSession::progress() const {
  // A search may find more to do when its plan is through: 1 means done.
  constexpr double kAlmost = 0.99;
  if (finished_) return 1;
  if (!search_) return 0;
  const double own = std::min(kAlmost, search_->progress());
  if (setup_.specification.objective.delta_unknown()) return 0.5 * own;
  return earlier_evaluations_ > 0 ? 0.5 + 0.5 * own : own;
}

std::optional<double> FitSession::best_objective() const {
  if (!search_ || setup_.specification.objective.delta_unknown() ||
      !std::isfinite(search_->best().objective))
    return std::nullopt;
  return search_->best().objective;
}

namespace {

/// Fills in what the optimum says: a context so that each question is one small function.
class Reading {
 public:
  Reading(const FitSetup& setup, Vector theta, FitResult& result)
      : law_(*setup.specification.law),
        specification_(setup.specification),
        constraints_(setup.constraints),
        runs_(setup.runs),
        undetermined_(setup.undetermined),
        theta_(std::move(theta)),
        result_(result),
        flat_(setup.inseparable) {}

  void all() {
    without_effect_ = without_effect(law_, constraints_, runs_, theta_);
    drop_vanished_scales(law_, constraints_, without_effect_, theta_);
    residuals();
    states();
    conditioning();
    uncertainty();
    estimates();
    implied();
  }
  bool at_bound() const { return at_bound_; }
  bool flat() const { return flat_; }
  const std::vector<char>& active() const { return active_; }

 private:
  bool log_scale(int k) const { return law_.coefficients[at(k)].scale == Coefficient::Scale::log; }

  void residuals() {
    std::array<double, 4> x{};
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      runs_.row(i, x.data());
      const double f = law_.log_response(x.data(), theta_.data());
      result_.predicted.push_back(std::exp(f));
      result_.log_residual.push_back(f - runs_.log_response[i]);
    }
    result_.goodness = goodness_of(runs_, result_.log_residual);
  }

  /// The narrowest bounds of the coefficients that share a free parameter.
  Limits bounds(int free) const {
    Limits result{.lower = -std::numeric_limits<double>::infinity(),
                  .upper = std::numeric_limits<double>::infinity()};
    for (int k = 0; k < law_.size(); ++k) {
      if (constraints_.slots[at(k)].free != free) continue;
      result.lower = std::max(result.lower, constraints_.limits[at(k)].lower);
      result.upper = std::min(result.upper, constraints_.limits[at(k)].upper);
    }
    return result;
  }

  void states() {
    active_.assign(at(law_.size()), false);
    result_.coefficients.resize(at(law_.size()));
    for (int k = 0; k < law_.size(); ++k) {
      FittedCoefficient& fitted = result_.coefficients[at(k)];
      const Slot& slot = constraints_.slots[at(k)];
      if (undetermined_[at(k)]) {
        fitted.state = CoefficientState::undetermined;
        continue;
      }
      for (const auto& [a, b] : specification_.tied)
        if (std::max(a, b) == k) fitted.tied_to = std::min(a, b);
      if (slot.free < 0) {
        fitted.state = CoefficientState::fixed;
        continue;
      }
      const bool vanished = log_scale(k) && !std::isfinite(theta_[k]);
      const auto [lower, upper] = bounds(slot.free);
      if (!log_scale(k) && without_effect_[at(k)]) {
        // The exponent of a term that is not there.
        fitted.state = CoefficientState::undetermined;
      } else if (theta_[k] <= lower) {
        fitted.state = CoefficientState::at_lower;
        note_bound(k, vanished);
      } else if (theta_[k] >= upper) {
        fitted.state = CoefficientState::at_upper;
        note_bound(k, false);
      } else {
        fitted.state = fitted.tied_to ? CoefficientState::tied : CoefficientState::free;
        active_[at(k)] = true;
      }
    }
    find_idle_exponents();
  }

  /// An exponent without effect though no scale has vanished (a scale tied to one that matters).
  void find_idle_exponents() {
    std::vector<int> idle;
    for (int k = 0; k < law_.size(); ++k) {
      if (log_scale(k) && result_.coefficients[at(k)].state == CoefficientState::at_lower) return;
      if (!log_scale(k) && without_effect_[at(k)]) idle.push_back(k);
    }
    if (idle.empty()) return;
    flat_ = true;
    result_.warnings.push_back({.code = "flat_direction",
                                .coefficients = std::move(idle),
                                .quantities = {},
                                .value = std::nullopt});
  }

  void note_bound(int k, bool vanished) {
    at_bound_ = true;
    std::string_view code = "exponent_at_bound";
    if (vanished)
      code = law_.coefficients[at(k)].role == Coefficient::Role::floor ? "no_floor" : "no_effect";
    else if (std::ranges::count(specification_.bounds, k, &CoefficientBounds::coefficient) > 0)
      code = "at_own_bound";
    result_.warnings.push_back(
        {.code = code, .coefficients = {k}, .quantities = {}, .value = std::nullopt});
  }

  void conditioning() {
    std::vector<char> inactive(at(constraints_.free_count), true);
    for (int k = 0; k < law_.size(); ++k)
      if (active_[at(k)]) inactive[at(constraints_.slots[at(k)].free)] = false;
    double flat_from = kGeneralFlatCondition;
    PowerSumProblem::Conditioning conditioning{.number = 1, .flattest = {}};
    if (kernel_applies(law_, constraints_)) {
      PowerSumProblem problem(law_, constraints_, runs_, specification_.objective);
      conditioning = problem.conditioning(problem.kernel_from_theta(theta_), inactive);
      flat_from = kFlatCondition;
    } else {
      conditioning = own_conditioning(inactive);
    }
    result_.condition = conditioning.number;
    const double loose_from = flat_from == kFlatCondition ? kLooseCondition : flat_from / 100;
    if (conditioning.number < loose_from) return;
    flat_ = flat_ || conditioning.number >= flat_from;
    FitWarning warning{.code = flat_ ? "flat_direction" : "ridge",
                       .coefficients = {},
                       .quantities = {},
                       .value = conditioning.number};
    for (const auto& [k, weight] : conditioning.flattest)
      if (std::abs(weight) > 0.25) warning.coefficients.push_back(k);
    result_.warnings.push_back(std::move(warning));
  }

  PowerSumProblem::Conditioning own_conditioning(const std::vector<char>& inactive) const {
    std::vector<int> columns;
    for (int i = 0; i < constraints_.free_count; ++i)
      if (!inactive[at(i)]) columns.push_back(i);
    const auto m = static_cast<Eigen::Index>(columns.size());
    PowerSumProblem::Conditioning result{.number = 1, .flattest = {}};
    if (m == 0) return result;
    Matrix full = Matrix::Zero(constraints_.free_count, constraints_.free_count);
    std::array<double, 4> x{};
    std::array<double, kMaxCoefficients> f{};
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      runs_.row(i, x.data());
      law_.derivatives(x.data(), theta_.data(), f.data(), nullptr);
      Vector g = Vector::Zero(constraints_.free_count);
      for (int k = 0; k < law_.size(); ++k)
        if (constraints_.slots[at(k)].free >= 0) g[constraints_.slots[at(k)].free] += f[at(k)];
      full += runs_.weight[i] * g * g.transpose();
    }
    Matrix scaled(m, m);
    for (Eigen::Index i = 0; i < m; ++i)
      for (Eigen::Index j = 0; j < m; ++j) {
        const int ci = columns[static_cast<std::size_t>(i)];
        const int cj = columns[static_cast<std::size_t>(j)];
        scaled(i, j) = full(ci, cj) / std::sqrt(full(ci, ci) * full(cj, cj));
      }
    if (!scaled.allFinite()) return {.number = 1e17, .flattest = {}};
    const SymmetricEigen eigen = symmetric_eigen(scaled);
    result.number = eigen.values[m - 1] / std::max(eigen.values[0], 1e-17);
    for (int k = 0; k < law_.size(); ++k)
      for (Eigen::Index i = 0; i < m; ++i)
        if (constraints_.slots[at(k)].free == columns[static_cast<std::size_t>(i)])
          result.flattest.emplace_back(k, eigen.vectors(i, 0));
    return result;
  }

  void uncertainty() {
    if (flat_) return;
    result_.covariance =
        sandwich(law_, constraints_, runs_, specification_.objective, theta_, active_);
    if (!result_.covariance) return;
    t_ = result_.covariance->t95();
    note_uneven_errors();
  }

  /// Robust standard errors well above those of equal errors: some runs are noisier than others.
  void note_uneven_errors() {
    const Covariance& covariance = *result_.covariance;
    std::optional<double> largest;
    std::vector<int> exponents;
    for (std::size_t i = 0; i < covariance.robust_ratio.size(); ++i) {
      const int k = covariance.coefficients[i];
      const double ratio = covariance.robust_ratio[i];
      if (law_.coefficients[at(k)].role != Coefficient::Role::exponent || !(ratio > kUnevenErrors))
        continue;
      exponents.push_back(k);
      largest = std::max(ratio, largest.value_or(ratio));
    }
    if (largest)
      result_.warnings.push_back({.code = "errors_differ",
                                  .coefficients = std::move(exponents),
                                  .quantities = {},
                                  .value = largest});
  }

  Estimate estimate_of(double value, const Vector& gradient, bool on_log_scale) const {
    if (!result_.covariance)
      return {.value = value, .standard_error = std::nullopt, .interval = std::nullopt};
    return delta_estimate(value, result_.covariance->variance(gradient), t_, on_log_scale);
  }

  /// A floor lies between 0 and the smallest response, whatever a logarithm would allow: its
  /// interval is symmetric and cut there.
  void hold_floor(Estimate& floor) const {
    if (!floor.interval) return;
    const double half = t_ * *floor.standard_error;
    const double smallest = *std::ranges::min_element(runs_.response);
    floor.interval = {std::max(0.0, floor.value - half),
                      std::max(floor.value, std::min(smallest, floor.value + half))};
  }

  void estimates() {
    std::vector<double> natural = law_.to_natural(theta_);
    // As given, not by way of a logarithm.
    for (const auto& [k, value] : specification_.fixed) natural[at(k)] = value;
    for (int k = 0; k < law_.size(); ++k) {
      FittedCoefficient& fitted = result_.coefficients[at(k)];
      if (fitted.state == CoefficientState::undetermined) continue;
      if (!active_[at(k)]) {
        fitted.estimate = Estimate{
            .value = natural[at(k)], .standard_error = std::nullopt, .interval = std::nullopt};
        continue;
      }
      Vector gradient = Vector::Zero(law_.size());
      gradient[k] = 1;
      fitted.estimate = estimate_of(natural[at(k)], gradient, log_scale(k));
      if (law_.coefficients[at(k)].role == Coefficient::Role::floor) hold_floor(*fitted.estimate);
      const bool exponent = law_.coefficients[at(k)].role == Coefficient::Role::exponent;
      const bool factor = law_.coefficients[at(k)].lower < 0;
      if (exponent && !factor && fitted.estimate->standard_error &&
          *fitted.estimate->standard_error > kWeakExponent * natural[at(k)])
        result_.warnings.push_back({.code = "weak_exponent",
                                    .coefficients = {k},
                                    .quantities = {},
                                    .value = *fitted.estimate->standard_error / natural[at(k)]});
    }
  }

  /// Exponents of N and D in C at the optimum.
  void implied() {
    if (law_.params_exponent == nullptr || flat_) return;
    for (int k = 0; k < law_.size(); ++k)
      if (law_.coefficients[at(k)].role == Coefficient::Role::exponent &&
          result_.coefficients[at(k)].state == CoefficientState::undetermined &&
          law_.coefficients[at(k)].lower >= 0)
        return;
    const double value = law_.params_exponent(theta_.data());
    Vector gradient = Vector::Zero(law_.size());
    for (int k = 0; k < law_.size(); ++k) {
      if (log_scale(k)) continue;
      const double h = 1e-6;
      Vector up = theta_;
      Vector down = theta_;
      up[k] += h;
      down[k] -= h;
      gradient[k] = (law_.params_exponent(up.data()) - law_.params_exponent(down.data())) / (2 * h);
    }
    result_.implied.push_back({.id = kParamsExponent.id,
                               .symbol = kParamsExponent.symbol,
                               .name = kParamsExponent.name,
                               .estimate = estimate_of(value, gradient, false)});
    result_.implied.push_back({.id = kTokensExponent.id,
                               .symbol = kTokensExponent.symbol,
                               .name = kTokensExponent.name,
                               .estimate = estimate_of(1 - value, -gradient, false)});
  }

  const Law& law_;
  const FitSpecification& specification_;
  const Constraints& constraints_;
  const Runs& runs_;
  const std::vector<char>& undetermined_;
  Vector theta_;
  FitResult& result_;
  std::vector<char> without_effect_;
  std::vector<char> active_;
  double t_ = 0;
  bool at_bound_ = false;
  bool flat_;
};

/// Names the exponents in which the other optimum differs.
void warn_of_second_optimum(const Law& law, FitResult& result) {
  FitWarning warning{.code = "second_optimum",
                     .coefficients = {},
                     .quantities = {},
                     .value = result.other_optimum->deviance};
  for (int k = 0; k < law.size(); ++k) {
    if (law.coefficients[at(k)].role != Coefficient::Role::exponent) continue;
    const auto& own = result.coefficients[at(k)].estimate;
    const double other = result.other_optimum->theta[k];
    // Not there in one of the two: as different as can be.
    if (own.has_value() != std::isfinite(other) || (own && exponents_differ(own->value, other)))
      warning.coefficients.push_back(k);
  }
  result.warnings.push_back(std::move(warning));
}

}  // namespace

FitResult FitSession::result() const {
  const Law& law = *setup_.specification.law;
  const Objective& objective = setup_.specification.objective;
  FitResult result;
  result.rows = static_cast<int>(setup_.runs.size());
  result.free_coefficients = setup_.constraints.free_count;
  result.warnings = setup_.warnings;
  result.coefficients.resize(at(law.size()));
  if (setup_.too_few) {
    result.status = FitStatus::too_few_points;
    for (auto& coefficient : result.coefficients)
      coefficient.state = CoefficientState::undetermined;
    return result;
  }
  result.starts_tried = search_->tried();
  result.evaluations = earlier_evaluations_ + search_->evaluations();
  result.objective = best_objective();
  if (!result.objective) {
    result.status = finished_ ? FitStatus::max_iterations : FitStatus::cancelled;
    for (auto& coefficient : result.coefficients)
      coefficient.state = CoefficientState::undetermined;
    return result;
  }
  if (objective.huber()) result.delta_used = objective.delta;
  // Objectives of residuals of about 1e-12 differ by rounding only.
  const double residual_noise = 1e-12;
  const std::vector<double> noise(setup_.runs.size(), residual_noise);
  result.starts_agreeing = search_->agreeing(objective.value(noise, setup_.runs.weight));

  Reading reading(setup_, search_->best().theta, result);
  reading.all();
  const bool dropped = std::ranges::count(setup_.undetermined, 1) > 0;
  if (!finished_)
    result.status = FitStatus::cancelled;
  else if (reading.flat() || dropped)
    result.status =
        FitStatus::flat_direction;  // also where the search could not come to rest in it
  else if (!search_->best().converged)
    result.status = FitStatus::max_iterations;
  else if (reading.at_bound())
    result.status = FitStatus::at_bound;
  else
    result.status = FitStatus::converged;
  result.usable = result.status == FitStatus::converged || result.status == FitStatus::at_bound;
  if (result.goodness && objective.huber() &&
      result.goodness->median_absolute > 5 * objective.delta)
    result.warnings.push_back({.code = "delta_below_noise",
                               .coefficients = {},
                               .quantities = {},
                               .value = result.goodness->median_absolute});
  warn_of_outliers(result);
  warn_of_trade_offs(law, result);
  if (result.usable) {
    result.other_optimum = find_other_optimum(law, setup_.constraints, setup_.runs, objective,
                                              search_->best(), search_->ends(), reading.active());
    if (result.other_optimum) warn_of_second_optimum(law, result);
  }
  if (finished_ && 2 * result.starts_agreeing < result.starts_tried)
    result.warnings.push_back(
        {.code = "starts_disagree",
         .coefficients = {},
         .quantities = {},
         .value = static_cast<double>(result.starts_agreeing) / result.starts_tried});
  return result;
}

FitResult fit(const FitSpecification& specification, const FitData& data) {
  FitSession session(specification, data);
  while (session.step()) {
  }
  return session.result();
}

}  // namespace isoloss
