#include "bench/kernel.h"

#include <cmath>

#include "core/fit/power_sum_problem.h"
#include "core/math/random.h"

using namespace isoloss;

double bench_kernel(int rows, int evaluations) {
  const Law& law = *find_law("additive");
  const Vector theta = law.to_theta(law.find_preset("besiroglu-2024")->values);
  Random random(1);
  Runs runs;
  runs.log_x.resize(2);
  for (int i = 0; i < rows; ++i) {
    const double log_x[] = {random.uniform(std::log(1e7), std::log(1e10)),
                            random.uniform(std::log(1e9), std::log(3e11))};
    runs.log_x[0].push_back(log_x[0]);
    runs.log_x[1].push_back(log_x[1]);
    runs.log_response.push_back(law.log_response(log_x, theta.data()) + 0.005 * random.normal());
    runs.response.push_back(std::exp(runs.log_response.back()));
    runs.weight.push_back(1);
  }
  PowerSumProblem problem(law, Constraints::none(law), runs, {});
  problem.set_coordinates(PowerSumProblem::Coordinates::level_slope);
  Vector q = problem.q_from_kernel(problem.kernel_from_theta(theta));
  double sum = 0;
  Evaluation out;
  for (int i = 0; i < evaluations; ++i) {
    q[0] *= 1 + 1e-12;  // never the same twice
    problem.evaluate(q.data(), Problem::Curvature::exact, out);
    sum += out.value + out.gradient[0] + out.hessian[0][0];
  }
  return sum;
}
