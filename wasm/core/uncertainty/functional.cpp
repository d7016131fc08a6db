#include "core/uncertainty/functional.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace isoloss {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::size_t at(int i) { return static_cast<std::size_t>(i); }

bool log_scale(const Law& law, int k) {
  return law.coefficients[at(k)].scale == Coefficient::Scale::log;
}

/// A floor may be 0, where its logarithm ends; all else that is positive is best seen in logs.
bool natural_scale(const Law& law, const Functional& functional) {
  switch (functional.kind) {
    case Functional::Kind::params_exponent:
    case Functional::Kind::tokens_exponent:
      return true;
    case Functional::Kind::coefficient:
      return law.coefficients[at(functional.coefficient)].role != Coefficient::Role::scale;
    default:
      return false;
  }
}

}  // namespace

Functionals::Functionals(const Law& law, Target target, const Vector& theta)
    : law_(&law), target_(std::move(target)) {
  const auto params = law.variable_index(Quantity::params);
  const auto tokens = law.variable_index(Quantity::tokens);
  two_sided_ = params && tokens;
  if (!two_sided_) return;
  params_ = at(*params);
  tokens_ = at(*tokens);
  closed_form_ = law.log_params_opt != nullptr && target_.cost.model->proportional;
  log_k_ = target_.cost.log_flops_per_token(0);
  for (const double flops : target_.flops) log_flops_.push_back(std::log(flops));
  near_.assign(log_flops_.size(), kNaN);
  if (closed_form_) return;
  const OptimumQuestion question{.law = &law,
                                 .theta = theta,
                                 .covariance = nullptr,
                                 .cost = target_.cost,
                                 .log_other = target_.log_other};
  for (std::size_t i = 0; i < near_.size(); ++i)
    near_[i] = numeric_log_params_opt(question, theta, log_flops_[i]).value_or(kNaN);
}

std::optional<Functional> Functionals::find(std::string_view id) const {
  using Kind = Functional::Kind;
  if (const auto k = law_->coefficient_index(id))
    return Functional{.kind = Kind::coefficient, .coefficient = *k};
  const bool exponents = law_->params_exponent != nullptr;
  if (exponents && id == kParamsExponent.id) return Functional{.kind = Kind::params_exponent};
  if (exponents && id == kTokensExponent.id) return Functional{.kind = Kind::tokens_exponent};
  if (!two_sided_ || target_.flops.empty()) return std::nullopt;
  if (id == "params") return Functional{.kind = Kind::params};
  if (id == "tokens") return Functional{.kind = Kind::tokens};
  if (id == "tokens_per_param") return Functional{.kind = Kind::tokens_per_param};
  if (id == "loss") return Functional{.kind = Kind::loss};
  return std::nullopt;
}

std::optional<double> Functionals::log_params_opt(const Vector& theta, std::size_t budget) const {
  const double log_C = log_flops_[budget];
  if (closed_form_) {
    const double log_N = law_->log_params_opt(theta.data(), log_C - log_k_);
    return std::isfinite(log_N) ? std::optional(log_N) : std::nullopt;
  }
  std::array<double, 4> x{};
  for (std::size_t v = 0; v < target_.log_other.size(); ++v) x[v] = target_.log_other[v];
  const auto slope = [&](double log_N) {
    double cost_slope = 1;
    x[params_] = log_N;
    x[tokens_] = log_C - target_.cost.log_flops_per_token(log_N, &cost_slope);
    std::array<double, 4> gradient{};
    law_->input_gradient(x.data(), theta.data(), gradient.data());
    return gradient[params_] - cost_slope * gradient[tokens_];
  };
  // Near the optimum of the fit: widen until the slope changes its sign, then halve or better
  // (Illinois). The slow scan is for what is not found so.
  constexpr double kFirstWidth = 0.25;
  constexpr int kWidenings = 6;
  constexpr double kAccuracy = 1e-13;
  double low = near_[budget];
  double high = low;
  double at_low = 0;
  double at_high = 0;
  double width = kFirstWidth;
  bool bracketed = false;
  for (int i = 0; i < kWidenings && !bracketed && std::isfinite(low); ++i, width *= 2) {
    low -= width;
    high += width;
    at_low = slope(low);
    at_high = slope(high);
    bracketed = at_low < 0 && at_high > 0;
  }
  if (!bracketed) {
    const OptimumQuestion question{.law = law_,
                                   .theta = theta,
                                   .covariance = nullptr,
                                   .cost = target_.cost,
                                   .log_other = target_.log_other};
    return numeric_log_params_opt(question, theta, log_C);
  }
  int side = 0;
  for (int i = 0; i < 100 && high - low > kAccuracy * std::abs(high); ++i) {
    const double middle = (low * at_high - high * at_low) / (at_high - at_low);
    const double value = slope(middle);
    if (value == 0) return middle;
    if (value < 0) {
      if (middle - low < kAccuracy * std::abs(middle) && side < 0) return middle;
      low = middle;
      at_low = value;
      if (side < 0) at_high *= 0.5;
      side = -1;
    } else {
      if (high - middle < kAccuracy * std::abs(middle) && side > 0) return middle;
      high = middle;
      at_high = value;
      if (side > 0) at_low *= 0.5;
      side = 1;
    }
  }
  return 0.5 * (low + high);
}

std::optional<LogOptimum> Functionals::optimum(const Vector& theta, std::size_t budget) const {
  if (!two_sided_) return std::nullopt;
  const auto log_N = log_params_opt(theta, budget);
  if (!log_N) return std::nullopt;
  const double log_D = closed_form_ ? log_flops_[budget] - log_k_ - *log_N
                                    : target_.cost.log_tokens(*log_N, log_flops_[budget]);
  std::array<double, 4> x{};
  for (std::size_t v = 0; v < target_.log_other.size(); ++v) x[v] = target_.log_other[v];
  x[params_] = *log_N;
  x[tokens_] = log_D;
  return LogOptimum{
      .params = *log_N, .tokens = log_D, .loss = law_->log_response(x.data(), theta.data())};
}

double Functionals::value(const Functional& functional, const Vector& theta) const {
  switch (functional.kind) {
    case Functional::Kind::coefficient: {
      const double c = theta[functional.coefficient];
      const bool floor =
          log_scale(*law_, functional.coefficient) && natural_scale(*law_, functional);
      return floor ? std::exp(c) : c;
    }
    case Functional::Kind::params_exponent:
      return law_->params_exponent(theta.data());
    case Functional::Kind::tokens_exponent:
      return 1 - law_->params_exponent(theta.data());
    default:
      break;
  }
  const auto found = optimum(theta, 0);
  if (!found) return kNaN;
  if (functional.kind == Functional::Kind::params) return found->params;
  if (functional.kind == Functional::Kind::tokens) return found->tokens;
  if (functional.kind == Functional::Kind::loss) return found->loss;
  return found->tokens - found->params;
}

double Functionals::natural(const Functional& functional, double value) const {
  return natural_scale(*law_, functional) ? value : std::exp(value);
}

Vector Functionals::gradient(const Functional& functional, const Vector& theta,
                             const std::vector<int>& coefficients) const {
  Vector result = Vector::Zero(theta.size());
  for (const int k : coefficients) {
    constexpr double kStep = 1e-5;
    Vector up = theta;
    Vector down = theta;
    up[k] += kStep;
    down[k] -= kStep;
    result[k] = (value(functional, up) - value(functional, down)) / (2 * kStep);
  }
  return result;
}

std::vector<double> reported_coefficients(const FitSetup& setup, const Vector& theta) {
  const Law& law = *setup.specification.law;
  std::vector<double> natural = law.to_natural(theta);
  for (std::size_t k = 0; k < natural.size(); ++k)
    if (setup.undetermined[k]) natural[k] = kNaN;
  if (const auto* form = std::get_if<PowerSum>(&law.form))
    for (const auto& term : form->terms)
      if (natural[at(term.scale)] == 0 && setup.constraints.slots[at(term.exponent)].free >= 0)
        natural[at(term.exponent)] = kNaN;
  return natural;
}

std::vector<char> active_coefficients(const FitSetup& setup, const Vector& theta) {
  constexpr double kNoEffect = 1e-9;
  const Law& law = *setup.specification.law;
  std::vector<double> effect(at(law.size()), 0.0);
  std::array<double, 4> x{};
  std::array<double, kMaxCoefficients> g{};
  for (std::size_t i = 0; i < setup.runs.size(); ++i) {
    setup.runs.row(i, x.data());
    law.derivatives(x.data(), theta.data(), g.data(), nullptr);
    for (std::size_t k = 0; k < effect.size(); ++k) effect[k] = std::max(effect[k], std::abs(g[k]));
  }
  std::vector<char> active(effect.size());
  for (std::size_t k = 0; k < effect.size(); ++k) {
    const double value = theta[static_cast<Eigen::Index>(k)];
    const Limits& limits = setup.constraints.limits[k];
    active[k] = setup.constraints.slots[k].free >= 0 && std::isfinite(value) &&
                value > limits.lower && value < limits.upper && effect[k] >= kNoEffect;
  }
  return active;
}

}  // namespace isoloss
