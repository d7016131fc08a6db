#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/data/quantities.h"
#include "core/laws/formula_text.h"
#include "core/math/jet.h"
#include "core/math/small.h"

/// The contract of a scaling law.
///
/// A law says how a positive response (loss, so far) depends on positive inputs:
///
///     ln response = f(ln x_1, …, ln x_m; theta)
///
/// theta are the coefficients on the scale that the fit works on: those with Scale::log as their
/// logarithms (ln E, ln A), the others as they are (alpha). A law is one file that returns one
/// Law, and one line in registry.cpp. Everything else (importer, form, fitter, planner, charts,
/// documents, tests) is generic over this description.
namespace isoloss {

struct Citation {
  std::string_view text;
  std::string_view title;
  std::string_view url;
  std::string_view locator = "";
};

struct Coefficient {
  enum class Scale { log, linear };
  enum class Role {
    floor,    ///< what no amount of the inputs removes, in units of the response
    scale,    ///< size of a term
    exponent  ///< power of an input
  };
  std::string_view id;      ///< ASCII: alpha
  std::string_view symbol;  ///< for display: α, N_c
  std::string_view meaning;
  std::string_view unit;
  Role role;
  Scale scale;
  /// Bounds of the natural value, as fitted. A floor may reach 0.
  double lower = 0;
  double upper = std::numeric_limits<double>::infinity();
};

/// Who says so, and how we know: printed in the paper (published), in somebody's transcription of
/// it (transcribed), or computed from the authors' data or code (derived).
enum class Evidence { published, transcribed, derived };

struct Preset {
  std::string_view id;
  std::string_view name;
  std::vector<double> values;           ///< natural, in the order of the law's coefficients
  std::vector<double> standard_errors;  ///< as printed; empty where the source gives none
  Evidence evidence;
  std::string_view caveat;
  Citation citation;
};

/// L = (E + Σ_k A_k · x_v(k)^-α_k) · Π_j x_u(j)^γ_j. The numbers are indices into the law's
/// coefficients and variables. Laws of this shape are fitted by one fast kernel.
struct PowerSum {
  struct Term {
    int scale;
    int variable;
    int exponent;
  };
  struct Factor {
    int variable;
    int exponent;
  };
  std::optional<int> floor;
  std::vector<Term> terms;
  std::vector<Factor> factors;
};

/// What a start proposal may know of the data: the means of ln x and the mean of ln response.
struct Centre {
  std::span<const double> log_x;
  double log_response;
};

/// Any other formula, written once as a template (see make_formula) with a proposal of starts.
/// Implicit laws fit in too: solve for the response in double, then do one Newton step in T.
struct Formula {
  double (*value)(const double* log_x, const double* theta);
  /// Value, gradient and packed lower Hessian in theta.
  double (*derivatives)(const double* log_x, const double* theta, double* gradient,
                        double* hessian);
  /// ∂ ln response / ∂ ln x for every variable.
  void (*input_gradient)(const double* log_x, const double* theta, double* gradient);
  /// Coefficients theta from a point u of the unit cube (one coordinate per coefficient) that
  /// pass near the centre of the data, so that starts do not depend on units.
  void (*propose)(const double* u, const Centre& centre, double* theta);
};

struct Law {
  std::string_view id;
  std::string_view name;
  std::string_view summary;
  /// Right-hand side in ASCII, with the ids of coefficients and the symbols of variables; a test
  /// holds it against the code.
  std::string_view formula;
  Quantity response = Quantity::loss;
  std::vector<Quantity> variables;
  std::vector<Coefficient> coefficients;
  std::variant<PowerSum, Formula> form;
  std::vector<Preset> presets;
  Citation citation;
  /// ln N_opt under C = k·N·D, given theta and ln(C/k); null where there is no closed form.
  double (*log_params_opt)(const double* theta, double log_compute) = nullptr;
  /// For display: exponents of N and D in the optimum as functions of theta; null where the optimum
  /// is no power of C or there is none.
  double (*params_exponent)(const double* theta) = nullptr;

  int size() const { return static_cast<int>(coefficients.size()); }
  std::optional<int> variable_index(Quantity quantity) const;
  std::optional<int> coefficient_index(std::string_view coefficient_id) const;
  const Preset* find_preset(std::string_view preset_id) const;
  /// Natural values → theta and back.
  Vector to_theta(std::span<const double> natural) const;
  std::vector<double> to_natural(const Vector& theta) const;

  /// ln response.
  double log_response(const double* log_x, const double* theta) const;
  /// ln response with its gradient and (unless null) packed lower Hessian in theta.
  double derivatives(const double* log_x, const double* theta, double* gradient,
                     double* hessian) const;
  /// Elasticities ∂ ln response / ∂ ln x, one per variable.
  void input_gradient(const double* log_x, const double* theta, double* gradient) const;
  /// A start in theta from a point of the unit cube (size() coordinates).
  void propose(const double* u, const Centre& centre, double* theta) const;
};

/// Formula from a struct with `static T log_response(const T* log_x, const std::array<T, P>&
/// theta)` for T = double and T = Jet, and `static void propose(...)`. M variables, P coefficients.
template <class Definition, int M, int P>
Formula make_formula() {
  return {
      .value =
          [](const double* log_x, const double* theta) {
            std::array<double, P> c{};
            for (std::size_t i = 0; i < P; ++i) c[i] = theta[i];
            return Definition::template log_response<double>(log_x, c);
          },
      .derivatives =
          [](const double* log_x, const double* theta, double* gradient, double* hessian) {
            std::array<Jet<P>, M> x;
            std::array<Jet<P>, P> c;
            for (std::size_t i = 0; i < M; ++i) x[i] = Jet<P>(log_x[i]);
            for (std::size_t i = 0; i < P; ++i)
              c[i] = Jet<P>::coefficient(theta[i], static_cast<int>(i));
            const Jet<P> y = Definition::template log_response<Jet<P>>(x.data(), c);
            for (std::size_t i = 0; i < P; ++i) gradient[i] = y.gradient[i];
            if (hessian != nullptr)
              for (std::size_t k = 0; k < Jet<P>::kPacked; ++k) hessian[k] = y.hessian[k];
            return y.value;
          },
      .input_gradient =
          [](const double* log_x, const double* theta, double* gradient) {
            std::array<Jet<M>, M> x;
            std::array<Jet<M>, P> c;
            for (std::size_t i = 0; i < M; ++i)
              x[i] = Jet<M>::coefficient(log_x[i], static_cast<int>(i));
            for (std::size_t i = 0; i < P; ++i) c[i] = Jet<M>(theta[i]);
            const Jet<M> y = Definition::template log_response<Jet<M>>(x.data(), c);
            for (std::size_t i = 0; i < M; ++i) gradient[i] = y.gradient[i];
          },
      .propose = &Definition::propose,
  };
}

/// What the exponents of C in the optimum are called, for display.
struct ExponentOfCompute {
  std::string_view id;
  std::string_view symbol;
  std::string_view name;
};
inline constexpr ExponentOfCompute kParamsExponent{
    .id = "N_exponent", .symbol = "a", .name = "Exponent of C in the optimal model size"};
inline constexpr ExponentOfCompute kTokensExponent{
    .id = "D_exponent", .symbol = "b", .name = "Exponent of C in the optimal training tokens"};

/// Coefficients that many laws share.
Coefficient floor_coefficient();
Coefficient exponent_coefficient(std::string_view id, std::string_view symbol,
                                 std::string_view meaning);
Coefficient scale_coefficient(std::string_view id, std::string_view symbol,
                              std::string_view meaning, std::string_view unit);

/// All laws, in the order in which menus show them.
std::span<const Law> laws();
const Law* find_law(std::string_view id);

}  // namespace isoloss
