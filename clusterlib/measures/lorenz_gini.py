"""The largest Gini coefficient that Lorenz points allow where the limits of the groups are unknown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clusterlib.measures.lorenz_curves import SAME_SHARE, closed, whole_fractions
from clusterlib.measures.lorenz_points import DRAWN, End, Points, fits

Floats = NDArray[np.float64]

#: Distance between the largest Gini found and the largest one possible at which the search ends.
GAP = 1e-12
#: Rounds of the search; each brings the gap down by a factor of four or more, so some fifteen are used.
ROUNDS = 60


def most_gini(points: Points, outer: End) -> End:
    """The largest mean of z over mixtures that meet the points, and the multipliers that prove it."""
    from scipy.optimize import linprog  # only here: needed by no other bound

    rows, sign, share = _rows(points)
    exact, open_ = sign == 0, sign != 0
    z = np.unique(np.concatenate([whole_fractions(np.linspace(0, 1, 33), points.n), [0.0], points.left, points.right]))
    z = z[z < 1] if points.n is not None else z
    best = outer.value
    for _ in range(ROUNDS):
        at = _mixed(rows, z)
        solved = linprog(
            -1000 * z,  # so that the solver's own tolerance is a thousandth of itself
            A_ub=(sign[:, None] * at)[open_] if open_.any() else None,
            b_ub=(sign * share)[open_] if open_.any() else None,
            A_eq=np.vstack([at[exact], np.ones_like(z)]),
            b_eq=np.append(share[exact], 1.0),
            method="highs-ds",
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        if solved.status != 0:
            return outer
        found, used, weights = -solved.fun / 1000, z, np.maximum(solved.x, 0)
        multipliers = np.zeros_like(share)
        multipliers[exact] = -solved.eqlin.marginals[:-1] / 1000
        if open_.any():
            multipliers[open_] = sign[open_] * np.maximum(0, -solved.ineqlin.marginals / 1000)
        new = _best_fractions(rows, multipliers, points.n)
        # whatever the multipliers are, no mixture has more than this
        best = min(best, float(multipliers @ share + (new - multipliers @ _mixed(rows, new)).max()))
        more = np.union1d(z, new)
        if best - found <= GAP or len(more) == len(z):
            break
        z = more
    curve = _mixture(used, weights, points.n)
    return End(best, curve, best - found <= DRAWN and (points.n is None or fits(curve, points)))


def _rows(points: Points) -> tuple[Floats, Floats, Floats]:
    """Where the curve is bound: at most the share (sign 1), at least (-1), or exactly (0)."""
    found = []
    for left, right, low, high in zip(points.left, points.right, points.low, points.high, strict=True):
        if left == right and low == high:
            found.append((left, 0.0, low))
        else:
            found += [(left, 1.0, high)] if left > 0 else []
            found += [(right, -1.0, low)] if right < 1 else []
    rows, sign, share = np.array(found).T
    return rows, sign, share


def _mixed(rows: Floats, z: Floats) -> Floats:
    """Value at each row of the curve on which a share z has nothing and the others are equal."""
    return np.asarray(np.maximum(0.0, rows[:, None] - z) / np.where(z < 1, 1 - z, 1.0))


def _best_fractions(rows: Floats, multipliers: Floats, n: int | None) -> Floats:
    """Between any two rows, the z whose curve is worth most: z minus its value at the rows.

    There that is ``z - Y - M / (1 - z)`` with sums Y and M over the rows to the right: concave if M is positive,
    with its top at ``1 - z = sqrt(M)``, and else rising.
    """
    nodes = np.unique(np.concatenate([[0.0], rows, [1.0]]))
    start, end = nodes[:-1], nodes[1:]
    weight = np.where(rows >= end[:, None], -multipliers * (1 - rows), 0.0).sum(-1)
    z = np.clip(np.where(weight > 0, 1 - np.sqrt(np.maximum(weight, 0)), 1.0), start, end)
    return np.unique(whole_fractions(z, n))


def _mixture(z: Floats, weights: Floats, n: int | None) -> Floats:
    kept = weights > SAME_SHARE
    z, weights = z[kept], weights[kept] / weights[kept].sum()
    at = np.unique(np.concatenate([[0.0], z, [1.0]]))
    value = _mixed(at, z[z < 1]) @ weights[z < 1]
    return closed(at if n is None else at[:-1], value if n is None else value[:-1], n)
