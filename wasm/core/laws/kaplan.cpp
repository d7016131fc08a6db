#include "core/laws/kaplan.h"

#include <algorithm>
#include <cmath>

#include "core/laws/citations.h"

// L(N, D) = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D [+ E]       Kaplan et al. 2020,
// equation 1.5
//
// N non-embedding parameters, D tokens, L nats per token. N_c and D_c are the model and data sizes
// at which one side alone would give a loss of 1 nat. Without a floor the law goes to 0, which is
// an artefact of extrapolation; the variant with E repairs that.
namespace isoloss {
namespace {

/// ln of the bracket raised to alpha_D.
template <class T>
T log_reducible(const T* log_x, const T& log_Nc, const T& log_Dc, const T& alpha_N,
                const T& alpha_D) {
  const T ratio = alpha_N / alpha_D;
  return alpha_D * log_sum_exp(ratio * (log_Nc - log_x[0]), log_Dc - log_x[1]);
}

/// Exponents log-uniform on [0.01, 3], what the bounds allow; the reducible loss at the centre is
/// split into the shares `share` and 1 − share of the bracket.
void propose_reducible(const double* u, const Centre& centre, double log_reducible, double* theta) {
  const double alpha_N = 0.01 * std::pow(3 / 0.01, u[0]);
  const double alpha_D = 0.01 * std::pow(3 / 0.01, u[1]);
  const double share = 0.02 + 0.96 * u[2];
  const double log_bracket = log_reducible / alpha_D;
  theta[0] = centre.log_x[0] + (log_bracket + std::log(share)) * alpha_D / alpha_N;
  theta[1] = centre.log_x[1] + log_bracket + std::log1p(-share);
  theta[2] = alpha_N;
  theta[3] = alpha_D;
}

struct Kaplan {
  template <class T>
  static T log_response(const T* log_x, const std::array<T, 4>& c) {
    return log_reducible(log_x, c[0], c[1], c[2], c[3]);
  }
  static void propose(const double* u, const Centre& centre, double* theta) {
    propose_reducible(u, centre, centre.log_response, theta);
  }
};

struct KaplanFloor {
  template <class T>
  static T log_response(const T* log_x, const std::array<T, 5>& c) {
    return log_sum_exp(c[4], log_reducible(log_x, c[0], c[1], c[2], c[3]));
  }
  static void propose(const double* u, const Centre& centre, double* theta) {
    const double floor_share = 0.02 + 0.93 * u[3];
    propose_reducible(u, centre, centre.log_response + std::log1p(-floor_share), theta);
    theta[4] = centre.log_response + std::log(floor_share);
  }
};

std::vector<Coefficient> coefficients() {
  return {scale_coefficient("N_c", "N_c", "Model size at which the model side alone gives 1 nat.",
                            "parameters"),
          scale_coefficient("D_c", "D_c", "Data size at which the data side alone gives 1 nat.",
                            "tokens"),
          exponent_coefficient("alpha_N", "α_N", "How fast the loss falls with model size alone."),
          exponent_coefficient("alpha_D", "α_D", "How fast the loss falls with data alone.")};
}

/// docs/math.md (6): with r = alpha_N/alpha_D, N_opt = (r·N_c^r·(C/k)/D_c)^(1/(1+r)).
double log_params_opt(const double* theta, double log_compute) {
  const double r = theta[2] / theta[3];
  return (std::log(r) + r * theta[0] + log_compute - theta[1]) / (1 + r);
}

double params_exponent(const double* theta) { return 1 / (1 + theta[2] / theta[3]); }

}  // namespace

Law kaplan() {
  return {
      .id = "kaplan",
      .name = "Kaplan joint in N and D",
      .summary =
          "The coupled law of 2020: model size and data limit each other inside one power; no "
          "floor.",
      .formula = "((N_c / N)^(alpha_N / alpha_D) + D_c / D)^alpha_D",
      .variables = {Quantity::params, Quantity::tokens},
      .coefficients = coefficients(),
      .form = make_formula<Kaplan, 2, 4>(),
      .presets =
          {{.id = "kaplan-2020",
            .name = "Kaplan 2020",
            .values = {6.4e13, 1.8e13, 0.076, 0.103},
            .standard_errors = {},
            .evidence = Evidence::published,
            .caveat =
                "WebText2, early-stopped runs, N without embeddings. The famous exponent 0.73 "
                "does not come from this law, whose own is 0.575.",
            .citation = cite::at(cite::kKaplan2020, "table 2")}},
      .citation = cite::at(cite::kKaplan2020, "equation 1.5"),
      .log_params_opt = log_params_opt,
      .params_exponent = params_exponent,
  };
}

Law kaplan_floor() {
  Law law = kaplan();
  law.id = "kaplan-floor";
  law.name = "Kaplan joint with a floor";
  law.summary = "The coupled law of 2020 with an irreducible loss added.";
  law.formula = "E + ((N_c / N)^(alpha_N / alpha_D) + D_c / D)^alpha_D";
  law.coefficients.push_back(floor_coefficient());
  law.form = make_formula<KaplanFloor, 2, 5>();
  law.presets = {};
  return law;
}

}  // namespace isoloss
