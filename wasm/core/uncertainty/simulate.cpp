#include "core/uncertainty/simulate.h"

#include <array>
#include <cmath>

namespace isoloss {

FitData random_design(const Law& law, int rows, Random& random) {
  FitData data;
  data.inputs.resize(law.variables.size());
  for (int i = 0; i < rows; ++i) {
    const double params = 1e7 * std::pow(10.0, 3 * random.uniform());
    const double tokens = 1e9 * std::pow(10.0, 3 * random.uniform());
    for (std::size_t v = 0; v < law.variables.size(); ++v) {
      double x = 0;
      switch (law.variables[v]) {
        case Quantity::params:
          x = params;
          break;
        case Quantity::tokens:
          x = tokens;
          break;
        case Quantity::flops:
          x = 6 * params * tokens;
          break;
        default:
          x = std::pow(2.0, std::floor(4 * random.uniform()));
      }
      data.inputs[v].push_back(x);
    }
  }
  data.response.assign(static_cast<std::size_t>(rows), 1.0);
  return data;
}

Vector random_theta(const Law& law, const FitData& data, double centre, Random& random) {
  std::vector<double> mean(data.inputs.size(), 0.0);
  for (std::size_t v = 0; v < data.inputs.size(); ++v)
    for (const double x : data.inputs[v])
      mean[v] += std::log(x) / static_cast<double>(data.inputs[v].size());
  std::array<double, kMaxCoefficients> u{};
  for (double& x : u) x = random.uniform();
  Vector theta(law.size());
  law.propose(u.data(), {.log_x = mean, .log_response = std::log(centre)}, theta.data());
  return theta;
}

double log_response_at(const Law& law, const FitData& data, std::size_t row, const Vector& theta) {
  std::array<double, 4> x{};
  for (std::size_t v = 0; v < data.inputs.size(); ++v) x[v] = std::log(data.inputs[v][row]);
  return law.log_response(x.data(), theta.data());
}

}  // namespace isoloss
