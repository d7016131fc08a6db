#pragma once

namespace isoloss {

/// P(|T| <= t) for Student's t with `degrees_of_freedom` > 0, t >= 0.
double student_t_two_sided(double t, double degrees_of_freedom);

/// t with P(|T| <= t) = `coverage` in (0, 1): 1.96 for 0.95 and many degrees of freedom.
double student_t_quantile(double coverage, double degrees_of_freedom);

}  // namespace isoloss
