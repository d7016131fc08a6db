"""The usual recipe for the joint law in Python, to measure against: 4,500 starts on the grid of Hoffmann et al. 2022,
each minimised by L-BFGS on the log-sum-exp Huber objective, then 4,000 bootstrap refits by BFGS from the best fit, as
Besiroglu et al. 2024 did (there with a gradient by automatic differentiation; here, to Python's advantage, by hand).

    recipe.py FOLDER STARTS BOOTSTRAPS [--gradient]

FOLDER holds chinchilla.{params,tokens,loss}.f64. Runs so many of the starts and refits, evenly drawn, and writes
seconds, scaled to all, and the best objective as JSON. --gradient gives the starts the gradient too.
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


def main():
    folder, starts, bootstraps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with_gradient = "--gradient" in sys.argv
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
    function = objective_and_gradient if with_gradient else objective
    best = None
    begin = time.perf_counter()
    for start in chosen:
        end = minimize(function, start, args=data, method="L-BFGS-B", jac=with_gradient)
        if best is None or end.fun < best.fun:
            best = end
    fit_seconds = (time.perf_counter() - begin) * STARTS / len(chosen)

    begin = time.perf_counter()
    count = min(bootstraps, BOOTSTRAPS)
    for _ in range(count):
        rows = random.choice(len(loss), len(loss))
        resample = tuple(column[rows] for column in data)
        minimize(objective_and_gradient, best.x, args=resample, method="BFGS", jac=True)
    bootstrap_seconds = (time.perf_counter() - begin) * BOOTSTRAPS / max(count, 1)
    json.dump(
        {
            "starts": len(chosen),
            "bootstraps": count,
            "fit": fit_seconds,
            "bootstrap": bootstrap_seconds,
            "objective": float(best.fun),
        },
        sys.stdout,
    )


main()
