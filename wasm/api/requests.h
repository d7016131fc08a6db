#pragma once

#include "api/api.h"
#include "core/cost/cost_model.h"
#include "core/fit/fit.h"
#include "core/plan/optimum.h"

/// From requests to what the core understands. Whatever cannot be understood is reported to the
/// reader's failure, by field and sentence; the values answered are then harmless and not to be
/// used.
namespace isoloss::api {

/// "a, b, c" of the ids in a list.
template <class Range>
std::string ids(const Range& range) {
  std::string text;
  for (const auto& item : range) text += (text.empty() ? "" : ", ") + std::string(item.id);
  return text;
}

const std::vector<double>& column(const Columns& columns, std::string_view id, Failure& failure);
/// A column of a fit or prediction: `rows` long, all values positive and finite.
std::vector<double> positive_column(const Columns& columns, std::string_view id, std::size_t rows,
                                    Failure& failure);

const Law& read_law(const Reader& request);
Cost read_cost(const Reader& request);
FitSpecification read_specification(const Reader& request);
/// How much each run counts.
enum class Weighting {
  equal,
  sqrt_flops,  ///< √C
  column       ///< as sent
};
/// The request's `weights`; by default the weight column where one was sent.
Weighting read_weighting(const Reader& request, const Columns& columns);
FitData read_data(const Law& law, const Columns& columns, Weighting weighting, Failure& failure);

/// Coefficients that are absent are NaN: unknown.
struct LawWithNumbers {
  const Law* law;
  Vector theta;
  std::optional<Covariance> covariance;
};
LawWithNumbers read_law_with_numbers(const Reader& request);
/// theta of natural values by position; NaN = unknown, but for the exponent of a term that is not
/// there, which may be anything.
Vector theta_of(const Law& law, std::span<const double> natural);

/// A finished fit as it comes back: the question with its runs and the optimum that was found
/// (FittedRequest). What the runs cannot determine is held as the fit had held it.
struct Fitted {
  FitSetup setup;
  Vector theta;
};
/// At an address of its own, for a Refitter; null where the request cannot be understood, with the
/// reason in its failure.
std::unique_ptr<const Fitted> read_fitted(const Reader& request, const Columns& columns);

/// `cost_model`, `flops` and `at` of a request.
Target read_target(const Reader& request, const Law& law);

}  // namespace isoloss::api
