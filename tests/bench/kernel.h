#pragma once

/// Evaluates value, gradient and Hessian of the joint law's Huber objective so many times on so
/// many simulated runs; the sum is there to be used. The time is the caller's to take.
extern "C" double bench_kernel(int rows, int evaluations);
