#include "core/laws/law.h"

#include <algorithm>
#include <cmath>

namespace isoloss {
namespace {

constexpr double kSmallestExponent = 1e-3;
constexpr double kLargestExponent = 3;

/// Value and derivatives of a power sum from its structure (docs/math.md (2)): with p the softmax
/// of the terms' logs z, the gradient is Σ p ∂z and the Hessian Σ p ∂z∂zᵀ − gradient·gradientᵀ
/// (+ Σ p ∂²z, which is 0 because z is linear in theta).
double power_sum_derivatives(const PowerSum& form, const double* log_x, const double* theta,
                             double* gradient, double* hessian, int size) {
  struct Part {
    double log_term;
    int level;     // coefficient with ∂z = 1
    int exponent;  // coefficient with ∂z = -ln x, or -1
    double log_x;
  };
  std::array<Part, kMaxCoefficients> parts{};
  std::size_t count = 0;
  if (form.floor) parts[count++] = {theta[*form.floor], *form.floor, -1, 0};
  for (const auto& term : form.terms) {
    const double x = log_x[term.variable];
    parts[count++] = {theta[term.scale] - theta[term.exponent] * x, term.scale, term.exponent, x};
  }
  double top = parts[0].log_term;
  for (std::size_t i = 1; i < count; ++i) top = std::max(top, parts[i].log_term);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::exp(parts[i].log_term - top);
  double result = std::isfinite(top) ? top + std::log(sum) : top;
  for (const auto& factor : form.factors) result += theta[factor.exponent] * log_x[factor.variable];
  if (gradient == nullptr) return result;

  std::fill_n(gradient, size, 0.0);
  if (hessian != nullptr) std::fill_n(hessian, size * (size + 1) / 2, 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    const Part& part = parts[i];
    const double p = std::isfinite(top) ? std::exp(part.log_term - top) / sum : 0;
    gradient[part.level] += p;
    if (part.exponent >= 0) gradient[part.exponent] -= p * part.log_x;
    if (hessian == nullptr) continue;
    hessian[packed_index(part.level, part.level)] += p;
    if (part.exponent < 0) continue;
    hessian[packed_index(std::max(part.level, part.exponent),
                         std::min(part.level, part.exponent))] -= p * part.log_x;
    hessian[packed_index(part.exponent, part.exponent)] += p * part.log_x * part.log_x;
  }
  if (hessian != nullptr)
    for (int i = 0, k = 0; i < size; ++i)
      for (int j = 0; j <= i; ++j, ++k) hessian[k] -= gradient[i] * gradient[j];
  for (const auto& factor : form.factors) gradient[factor.exponent] += log_x[factor.variable];
  return result;
}

void power_sum_input_gradient(const PowerSum& form, const double* log_x, const double* theta,
                              double* gradient, std::size_t variables) {
  const double log_sum = [&] {
    PowerSum sum = form;
    sum.factors.clear();
    return power_sum_derivatives(sum, log_x, theta, nullptr, nullptr, 0);
  }();
  std::fill_n(gradient, variables, 0.0);
  for (const auto& term : form.terms) {
    const double alpha = theta[term.exponent];
    gradient[term.variable] -=
        alpha * std::exp(theta[term.scale] - alpha * log_x[term.variable] - log_sum);
  }
  for (const auto& factor : form.factors) gradient[factor.variable] += theta[factor.exponent];
}

/// Exponents log-uniform on [0.03, 2]; the response at the centre is split into shares.
void power_sum_propose(const PowerSum& form, const double* u, const Centre& centre, double* theta) {
  double shift = 0;
  for (const auto& factor : form.factors) {
    theta[factor.exponent] = 0.2 * (u[factor.exponent] - 0.5);
    shift += theta[factor.exponent] * centre.log_x[static_cast<std::size_t>(factor.variable)];
  }
  double total = form.floor ? u[*form.floor] + 0.01 : 0;
  for (const auto& term : form.terms) total += u[term.scale] + 0.01;
  const auto log_share = [&](int coefficient) {
    return std::log((u[coefficient] + 0.01) / total) + centre.log_response - shift;
  };
  if (form.floor) theta[*form.floor] = log_share(*form.floor);
  for (const auto& term : form.terms) {
    const double alpha = 0.03 * std::pow(2 / 0.03, u[term.exponent]);
    theta[term.exponent] = alpha;
    theta[term.scale] =
        log_share(term.scale) + alpha * centre.log_x[static_cast<std::size_t>(term.variable)];
  }
}

}  // namespace

std::optional<int> Law::variable_index(Quantity quantity) const {
  const auto it = std::ranges::find(variables, quantity);
  if (it == variables.end()) return std::nullopt;
  return static_cast<int>(it - variables.begin());
}

std::optional<int> Law::coefficient_index(std::string_view coefficient_id) const {
  const auto it = std::ranges::find(coefficients, coefficient_id, &Coefficient::id);
  if (it == coefficients.end()) return std::nullopt;
  return static_cast<int>(it - coefficients.begin());
}

const Preset* Law::find_preset(std::string_view preset_id) const {
  const auto it = std::ranges::find(presets, preset_id, &Preset::id);
  return it == presets.end() ? nullptr : &*it;
}

Vector Law::to_theta(std::span<const double> natural) const {
  Vector theta(size());
  for (int i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    theta[i] = coefficients[k].scale == Coefficient::Scale::log ? std::log(natural[k]) : natural[k];
  }
  return theta;
}

std::vector<double> Law::to_natural(const Vector& theta) const {
  std::vector<double> natural(coefficients.size());
  for (int i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    natural[k] = coefficients[k].scale == Coefficient::Scale::log ? std::exp(theta[i]) : theta[i];
  }
  return natural;
}

double Law::log_response(const double* log_x, const double* theta) const {
  if (const auto* sum = std::get_if<PowerSum>(&form))
    return power_sum_derivatives(*sum, log_x, theta, nullptr, nullptr, size());
  return std::get<Formula>(form).value(log_x, theta);
}

double Law::derivatives(const double* log_x, const double* theta, double* gradient,
                        double* hessian) const {
  if (const auto* sum = std::get_if<PowerSum>(&form))
    return power_sum_derivatives(*sum, log_x, theta, gradient, hessian, size());
  return std::get<Formula>(form).derivatives(log_x, theta, gradient, hessian);
}

void Law::input_gradient(const double* log_x, const double* theta, double* gradient) const {
  if (const auto* sum = std::get_if<PowerSum>(&form))
    power_sum_input_gradient(*sum, log_x, theta, gradient, variables.size());
  else
    std::get<Formula>(form).input_gradient(log_x, theta, gradient);
}

void Law::propose(const double* u, const Centre& centre, double* theta) const {
  if (const auto* sum = std::get_if<PowerSum>(&form))
    power_sum_propose(*sum, u, centre, theta);
  else
    std::get<Formula>(form).propose(u, centre, theta);
}

Coefficient floor_coefficient() {
  return {.id = "E",
          .symbol = "E",
          .meaning = "Irreducible loss: what is left with endless parameters and data.",
          .unit = "nats per token",
          .role = Coefficient::Role::floor,
          .scale = Coefficient::Scale::log};
}

Coefficient exponent_coefficient(std::string_view id, std::string_view symbol,
                                 std::string_view meaning) {
  return {.id = id,
          .symbol = symbol,
          .meaning = meaning,
          .unit = "",
          .role = Coefficient::Role::exponent,
          .scale = Coefficient::Scale::linear,
          .lower = kSmallestExponent,
          .upper = kLargestExponent};
}

Coefficient scale_coefficient(std::string_view id, std::string_view symbol,
                              std::string_view meaning, std::string_view unit) {
  return {.id = id,
          .symbol = symbol,
          .meaning = meaning,
          .unit = unit,
          .role = Coefficient::Role::scale,
          .scale = Coefficient::Scale::log};
}

}  // namespace isoloss
