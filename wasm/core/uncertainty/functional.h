#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/fit/setup.h"
#include "core/plan/optimum.h"

/// Numbers that follow from the coefficients of a law. Whatever is asked about uncertainty is asked
/// about one of these: an interval from draws, a profile, the influence of a run, the next run.
namespace isoloss {

struct Functional {
  enum class Kind {
    coefficient,
    params_exponent,
    tokens_exponent,
    params,
    tokens,
    tokens_per_param,
    loss
  };
  Kind kind;
  int coefficient = 0;  ///< Kind::coefficient: which
};

/// ln N, ln D and ln L at the optimum of a budget.
struct LogOptimum {
  double params;
  double tokens;
  double loss;
};

/// Evaluates functionals for many sets of coefficients of one law.
class Functionals {
 public:
  /// `theta`: the fit, near which other coefficients lie. Answers depend on it only to rounding.
  Functionals(const Law& law, Target target, const Vector& theta);

  /// A coefficient's id, N_exponent, D_exponent, params, tokens, tokens_per_param or loss (the
  /// optimum at the first budget); nullopt where the law has no such thing.
  std::optional<Functional> find(std::string_view id) const;

  const Law& law() const { return *law_; }
  const Target& target() const { return target_; }

  /// nullopt where the loss has no minimum inside.
  std::optional<LogOptimum> optimum(const Vector& theta, std::size_t budget) const;

  /// On the scale on which it is most nearly linear: ln of scales and optima, exponents and floors
  /// as they are. NaN where there is no value.
  double value(const Functional& functional, const Vector& theta) const;
  /// Natural value of such a number.
  double natural(const Functional& functional, double value) const;
  /// Gradient of value() in theta for the given coefficients, 0 for the others; NaN where there is
  /// none.
  Vector gradient(const Functional& functional, const Vector& theta,
                  const std::vector<int>& coefficients) const;

 private:
  std::optional<double> log_params_opt(const Vector& theta, std::size_t budget) const;

  const Law* law_;
  Target target_;
  bool two_sided_ = false;  ///< reads params and tokens
  bool closed_form_ = false;
  double log_k_ = 0;  ///< closed form: ln of FLOPs per token and parameter
  std::size_t params_ = 0;
  std::size_t tokens_ = 0;
  std::vector<double> log_flops_;
  std::vector<double> near_;  ///< per budget: ln N_opt of the fit; NaN = none
};

/// Coefficients as a fit reports them: natural; NaN for what the runs do not determine, such as the
/// exponent of a term that is not there.
std::vector<double> reported_coefficients(const FitSetup& setup, const Vector& theta);

/// Which coefficients a small change of the runs moves: free, inside their bounds and with an
/// effect on some run.
std::vector<char> active_coefficients(const FitSetup& setup, const Vector& theta);

}  // namespace isoloss
