"""%ABOUT%"""
import itertools

import numpy as np
from scipy.optimize import linprog, minimize

# One row a run: %COLUMNS%.
data = np.array([
%DATA%
], dtype=float)
%COLUMNS%, = data.T
weight = %WEIGHT%
weight = weight / weight.mean()

NAMES = %NAMES%
LOG = %LOG%  # fitted as logarithms
LOWER = %LOWER%
UPPER = %UPPER%
FIXED = %FIXED%
TIED = %TIED%  # held equal to another

# What is minimised: sum of weight * rho(residual).
SHAPE = %SHAPE%  # huber, absolute or squares
DELTA = %DELTA%  # where Huber's rho turns from square to straight
PENALTY = %PENALTY%  # how much more a run counts that the law lies above
LOG_RESIDUALS = %LOG_RESIDUALS%  # of ln L, or of L


def model(c):
    %ARGUMENTS%, = c
    return %FORMULA%


FREE = [i for i, name in enumerate(NAMES) if name not in FIXED and name not in TIED]
with np.errstate(divide="ignore"):
    LOW = np.array([max(np.log(LOWER[i]), -700) if LOG[i] else LOWER[i] for i in FREE])
    HIGH = np.array([min(np.log(UPPER[i]), 700) if LOG[i] else UPPER[i] for i in FREE])


def coefficients(q):
    """Values in the order of NAMES from the free parameters (scales as logarithms)."""
    c = [None] * len(NAMES)
    for i, x in zip(FREE, q):
        c[i] = np.exp(x) if LOG[i] else x
    for name, value in FIXED.items():
        c[NAMES.index(name)] = value
    for name, other in TIED.items():
        c[NAMES.index(name)] = c[NAMES.index(other)]
    return c


def residuals(q):
    predicted = model(coefficients(q))
    return np.log(predicted) - np.log(%RESPONSE%) if LOG_RESIDUALS else predicted - %RESPONSE%


def jacobian(q):
    """Exact derivatives by the complex step."""
    columns = []
    for k in range(len(q)):
        z = np.array(q, dtype=complex)
        z[k] += 1e-30j
        columns.append(np.imag(residuals(z)) / 1e-30 + 0 * %RESPONSE%)
    return np.array(columns).T


def sides(r):
    return weight * np.where(r > 0, PENALTY, 1)


def objective(q, delta):
    with np.errstate(all="ignore"):
        r = residuals(q)
        a = np.minimum(np.abs(r), delta)
        value = np.sum(sides(r) * a * (np.abs(r) - 0.5 * a))
    return value if np.isfinite(value) else np.inf


def gradient(q, delta):
    r = residuals(q)
    return jacobian(q).T @ (sides(r) * np.clip(r, -delta, delta))


def descend(q, delta, steps):
    """Damped Gauss-Newton with the weights of iteratively reweighted least squares."""
    best, damping = objective(q, delta), 1e-3
    for _ in range(steps):
        r, J = residuals(q), jacobian(q)
        w = sides(r) * np.minimum(1, delta / np.maximum(np.abs(r), 1e-300))
        H, g = (J.T * w) @ J, J.T @ (w * r)
        before = best
        while damping < 1e12:
            try:
                step = np.linalg.solve(H + damping * np.diag(np.diag(H) + 1e-300), -g)
            except np.linalg.LinAlgError:
                damping *= 10
                continue
            trial = np.clip(q + step, LOW, HIGH)
            value = objective(trial, delta)
            if value < best:
                q, best, damping = trial, value, max(damping / 5, 1e-12)
                break
            damping *= 4
        if before - best <= 1e-13 * before:
            break
    return q, best


def finish(q, delta):
    """Quasi-Newton from a good point, as long as that gains anything."""
    best = objective(q, delta)
    options = {"maxiter": 5000, "maxfun": 10000, "ftol": 1e-16, "gtol": 1e-14, "maxcor": 30}
    for _ in range(20):
        found = minimize(objective, q, (delta,), jac=gradient, method="L-BFGS-B",
                         bounds=list(zip(LOW, HIGH)), options=options)
        gained = best - found.fun
        if gained > 0:
            q, best = found.x, found.fun
        q, best = descend(q, delta, 100)
        if gained <= 1e-10 * best:
            break
    return q, best


def least_absolute(q):
    """Least absolute residuals: a linear programme a step."""
    def size(q):
        return np.sum(weight * np.abs(residuals(q)))

    best, reach = size(q), 1.0
    n, p = len(weight), len(q)
    for _ in range(60):
        r, J = residuals(q), jacobian(q)
        scale = np.linalg.norm(J, axis=0) + 1e-300
        step = linprog(np.concatenate([np.zeros(p), weight, weight]),
                       A_eq=np.hstack([J / scale, -np.eye(n), np.eye(n)]), b_eq=-r,
                       bounds=[(-reach, reach)] * p + [(0, None)] * (2 * n)).x
        trial = np.clip(q + step[:p] / scale, LOW, HIGH)
        value = size(trial)
        if value < best:
            gained, q, best = best - value, trial, value
            if gained <= 1e-14 * best:
                break
        else:
            reach *= 0.3
            if reach < 1e-12:
                break
    return q, best


# Where to start from: a grid, with every term given a share of the loss at the middle of the data.
smallest, middle = %RESPONSE%.min(), np.median(%RESPONSE%)
GRID = {
%GRID%
}


def start(values):
    c = dict(zip(NAMES, values))
%SCALES%
    return np.array([np.log(c[NAMES[i]]) if LOG[i] else c[NAMES[i]] for i in FREE])


points = []
for values in itertools.product(*(GRID[name] for name in NAMES)):
    q = np.clip(start(values), LOW, HIGH)
    with np.errstate(all="ignore"):
        screen = np.sum(weight * np.abs(residuals(q)))
    if np.isfinite(screen):
        points.append((screen, len(points), q))
points.sort(key=lambda point: point[:2])
chosen = points[:16] + points[16 :: max(1, len(points) // 16)]
width = {"huber": DELTA, "squares": np.inf, "absolute": 1e-3}[SHAPE]
ends = [descend(q, width, 300) for _, _, q in chosen]
q, value = finish(min(ends, key=lambda end: end[1])[0], width)
if SHAPE == "absolute":
    q, value = least_absolute(q)
if SHAPE == "squares":
    value *= 2
print("objective", repr(float(value)))
for name, x in zip(NAMES, coefficients(q)):
    print(name, repr(float(x)))
