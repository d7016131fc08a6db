#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/fit/refit.h"

/// Does a law need this coefficient? The fit under a restriction (α = β, γ = 0, E = 0) against the
/// full one. A restriction may lie on the border of what is allowed (E = 0) and errors differ
/// across runs, so the difference is compared with its own distribution under a wild bootstrap and
/// never with χ².
namespace isoloss {

struct Restriction {
  std::vector<std::pair<int, double>> fixed;  ///< coefficient, natural value
  std::vector<std::pair<int, int>> tied;
};

struct NestedOffer {
  std::string id;
  std::string name;
  std::string meaning;
  Restriction restriction;
};

/// The restrictions that make sense for a law, from its description: no floor, a factor without
/// effect, two exponents of terms alike.
std::vector<NestedOffer> nested_offers(const Law& law);

/// The specification with the restriction added; nullopt where the two contradict.
std::optional<FitSpecification> restricted(const FitSpecification& full,
                                           const Restriction& restriction);

/// One test (docs/math.md, "Nested tests"): T = 2(F₀ − F₁)/τ, F₀ the objective of the restricted
/// fit and F₁ of the full one, τ the scale of the errors from the residuals of the full fit. A draw
/// makes new responses ln L* = ln L̂₀ ± (ln L − ln L̂₀), the signs fair coins that depend on seed and
/// draw alone (Wu 1986; Liu 1988; for absolute errors Feng, He & Hu 2011), and computes T from
/// them.
class NestedTest {
 public:
  /// `full`, `restricted`: set up from the same data. `theta`: the optimum of the full one.
  NestedTest(const FitSetup& full, const FitSetup& restricted, Vector theta);

  /// T of the data; nullopt where one of the fits gives no value or the errors have no size.
  std::optional<double> statistic() const { return statistic_; }
  /// theta of the restricted fit.
  const Vector& restricted_theta() const { return restricted_theta_; }
  /// T of draw i; NaN where there is none.
  double draw(std::uint64_t seed, std::uint64_t i) const;

 private:
  std::optional<double> compare(const Runs& runs, const Candidate& null,
                                const Candidate& full) const;
  std::vector<double> residuals(const Runs& runs, const Vector& theta) const;
  Candidate solve(const FitSetup& setup, const Runs& runs, const Vector& theta) const;

  const FitSetup& full_setup_;
  const FitSetup& restricted_setup_;
  Vector full_theta_;
  Vector restricted_theta_;
  std::vector<double> log_fitted_;  ///< ln L̂₀
  std::vector<double> error_;       ///< ln L − ln L̂₀
  double first_delta_ = 0;
  std::optional<double> statistic_;
};

}  // namespace isoloss
