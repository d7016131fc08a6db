"""The usual recipe for the joint law in Python, to measure against: 4,500 starts on the grid of Hoffmann et al. 2022,
each minimised by L-BFGS on the log-sum-exp Huber objective, then 4,000 bootstrap refits by BFGS from the best fit, as
Besiroglu et al. 2024 did (there with a gradient by automatic differentiation; here, to Python's advantage, by hand).

    recipe.py FOLDER STARTS BOOTSTRAPS [cpu]

FOLDER holds chinchilla.{params,tokens,loss}.f64. Runs so many of the starts and refits, drawn at random, and writes
seconds, scaled to all, and the best objective as JSON. The starts are run without a gradient (the optimiser takes
differences, as is usual) and with it. A part of them is run three times and the quickest counts, as other programs
disturb short runs more; with cpu, processor time is counted.
"""

import itertools
import json
import sys
import time

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

DELTA = 1e-3
STARTS = 4500
BOOTSTRAPS = 4000


def objective(x, log_N, log_D, log_L):
    a, b, e, alpha, beta = x
    prediction = logsumexp(
        np.stack([a - alpha * log_N, b - beta * log_D, np.full_like(log_N, e)]), axis=0
    )
    r = np.abs(log_L - prediction)
    return np.where(r <= DELTA, 0.5 * r * r, DELTA * (r - 0.5 * DELTA)).sum()


def objective_and_gradient(x, log_N, log_D, log_L):
    a, b, e, alpha, beta = x
    terms = np.stack([a - alpha * log_N, b - beta * log_D, np.full_like(log_N, e)])
    prediction = logsumexp(terms, axis=0)
    r = prediction - log_L
    size = np.abs(r)
    value = np.where(size <= DELTA, 0.5 * r * r, DELTA * (size - 0.5 * DELTA)).sum()
    share = np.exp(terms - prediction) * np.clip(r, -DELTA, DELTA)
    gradient = np.array(
        [
            share[0].sum(),
            share[1].sum(),
            share[2].sum(),
            -(share[0] * log_N).sum(),
            -(share[1] * log_D).sum(),
        ]
    )
    return value, gradient


def quickest(work, times):
    """Seconds of the quickest of so many runs, and what the work returned."""
    clock = time.process_time if "cpu" in sys.argv else time.perf_counter
    taken = []
    for _ in range(times):
        begin = clock()
        result = work()
        taken.append(clock() - begin)
    return min(taken), result


def main():
    folder, starts, bootstraps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    params, tokens, loss = (
        np.fromfile(f"{folder}/chinchilla.{name}.f64") for name in ("params", "tokens", "loss")
    )
    data = np.log(params), np.log(tokens), np.log(loss)

    grid = np.array(
        list(
            itertools.product(
                np.arange(0, 30, 5.0),  # a = ln A
                np.arange(0, 30, 5.0),  # b = ln B
                np.arange(-1, 1.5, 0.5),  # e = ln E
                np.arange(0, 2.5, 0.5),  # alpha
                np.arange(0, 2.5, 0.5),  # beta
            )
        )
    )
    assert len(grid) == STARTS
    random = np.random.RandomState(42)
    chosen = grid if starts >= STARTS else grid[random.permutation(STARTS)[:starts]]

    def fit(function, gradient):
        ends = [
            minimize(function, start, args=data, method="L-BFGS-B", jac=gradient)
            for start in chosen
        ]
        return min(ends, key=lambda end: end.fun)

    times = 1 if len(chosen) == STARTS else 3
    fit_seconds, best = quickest(lambda: fit(objective, False), times)
    gradient_seconds, end = quickest(lambda: fit(objective_and_gradient, True), times)
    best = min(best, end, key=lambda one: one.fun)

    count = min(bootstraps, BOOTSTRAPS)
    resamples = [random.choice(len(loss), len(loss)) for _ in range(count)]

    def bootstrap():
        for rows in resamples:
            resample = tuple(column[rows] for column in data)
            minimize(objective_and_gradient, best.x, args=resample, method="BFGS", jac=True)

    bootstrap_seconds, _ = quickest(bootstrap, 1 if count == BOOTSTRAPS else 3)
    bootstrap_seconds *= BOOTSTRAPS / count
    json.dump(
        {
            "starts": len(chosen),
            "bootstraps": count,
            "fit": fit_seconds * STARTS / len(chosen),
            "fit_with_gradient": gradient_seconds * STARTS / len(chosen),
            "bootstrap": bootstrap_seconds,
            "objective": float(best.fun),
        },
        sys.stdout,
    )


main()
