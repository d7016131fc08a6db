#include "core/fit/least_absolute.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math/order.h"

namespace isoloss {
namespace {

double ratio(const Law& law, const Runs& runs, const Vector& theta, std::size_t i,
             double* gradient) {
  std::array<double, 4> x{};
  runs.row(i, x.data());
  const double f = gradient == nullptr ? law.log_response(x.data(), theta.data())
                                       : law.derivatives(x.data(), theta.data(), gradient, nullptr);
  return f - runs.log_response[i];
}

double absolute_sum(const Law& law, const Runs& runs, const Vector& theta) {
  double sum = 0;
  for (std::size_t i = 0; i < runs.size(); ++i)
    sum += runs.weight[i] * std::abs(ratio(law, runs, theta, i, nullptr));
  return sum;
}

}  // namespace

Vector interpolate_smallest_residuals(const Law& law, const Constraints& constraints,
                                      const Runs& runs, const Vector& theta) {
  // Free parameters that move something: not held, not a vanished scale, not at a bound.
  std::vector<int> parameter(static_cast<std::size_t>(law.size()), -1);
  std::vector<int> free;
  for (int k = 0; k < law.size(); ++k) {
    const auto i = static_cast<std::size_t>(k);
    const auto& coefficient = law.coefficients[i];
    const int slot = constraints.slots[i].free;
    const bool log_scale = coefficient.scale == Coefficient::Scale::log;
    const bool at_bound = log_scale
                              ? !std::isfinite(theta[k])
                              : theta[k] <= coefficient.lower || theta[k] >= coefficient.upper;
    if (slot < 0 || at_bound) continue;
    const auto known = std::ranges::find(free, slot);
    parameter[i] = static_cast<int>(known - free.begin());
    if (known == free.end()) free.push_back(slot);
  }
  const auto p = free.size();
  if (p == 0 || runs.size() < p) return theta;

  std::vector<double> size(runs.size());
  for (std::size_t i = 0; i < size.size(); ++i)
    size[i] = std::abs(ratio(law, runs, theta, i, nullptr));
  const std::vector<std::size_t> order = ascending(size);

  Vector exact = theta;
  std::array<double, kMaxCoefficients> g{};
  for (int iteration = 0; iteration < 8; ++iteration) {
    Matrix J = Matrix::Zero(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(p));
    Vector r(static_cast<Eigen::Index>(p));
    for (std::size_t row = 0; row < p; ++row) {
      r[static_cast<Eigen::Index>(row)] = ratio(law, runs, exact, order[row], g.data());
      for (std::size_t k = 0; k < parameter.size(); ++k)
        if (parameter[k] >= 0) J(static_cast<Eigen::Index>(row), parameter[k]) += g[k];
    }
    Vector step;
    if (!solve(J, r, step)) return theta;
    for (std::size_t k = 0; k < parameter.size(); ++k)
      if (parameter[k] >= 0) exact[static_cast<Eigen::Index>(k)] -= step[parameter[k]];
  }
  return absolute_sum(law, runs, exact) < absolute_sum(law, runs, theta) ? exact : theta;
}

}  // namespace isoloss
