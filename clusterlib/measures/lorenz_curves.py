"""Convex curves as corners: the shapes that bounds from Lorenz points are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clusterlib.measures.population import Population

Floats = NDArray[np.float64]

#: Slack of a point or a class limit, in shares of the value: what is equal on paper may differ in binary.
SAME_SHARE = 1e-12
#: Rounding of a single share of the value.
ROUNDING = 5e-16


def minorant(p: Floats, share: Floats) -> Floats:
    """Greatest convex curve below the points, and from the last one straight up to (1, 1)."""
    hull: list[tuple[float, float]] = []
    for x, y in sorted(zip(p.tolist(), share.tolist(), strict=True)):
        if hull and x == hull[-1][0]:
            continue  # of points above each other the lowest counts
        while len(hull) > 1 and _above(hull[-1], hull[-2], (x, y)):
            hull.pop()
        hull.append((x, y))
    if hull[-1] != (1.0, 1.0):
        hull.append((1.0, 1.0))
    return np.array(hull)


def _above(middle: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether the middle point is on or above the chord, as far as shares can be told apart in binary."""
    rise = (middle[1] - start[1] + ROUNDING) * (end[0] - start[0])
    return rise >= (end[1] - start[1]) * (middle[0] - start[0])


def height_at(curve: Floats, p: Floats | float) -> Any:
    """Cumulative share of the value at a cumulative share of the firms."""
    return np.interp(p, curve[:, 0], curve[:, 1])


def firms_of(curve: Floats | None, n: int | None) -> Population | None:
    """Firms that have the curve; None if it needs ever more of them."""
    if curve is None:
        return None
    firms, value = np.diff(curve[:, 0]), np.diff(curve[:, 1])
    if (firms <= 0).any():
        return None
    counts = firms if n is None else np.rint(firms * n)
    return Population.of((np.maximum(value, 0) / firms).tolist(), counts.tolist())


def is_polygon(curve: Floats, p: Floats, share: Floats, edges: Floats | None = None) -> bool:
    """Whether a convex curve runs through all these points, with group means inside the limits."""
    through = bool((share <= height_at(curve, p) + SAME_SHARE).all())
    if edges is None:
        return through
    firms, value = np.diff(p), np.diff(share)
    with np.errstate(invalid="ignore"):
        most = np.where(firms > 0, firms * edges[1:], 0)
    return through and bool(((value >= firms * edges[:-1] - SAME_SHARE) & (value <= most + SAME_SHARE)).all())


def envelope(p: Floats, share: Floats, slopes: Floats, n: int | None) -> Floats:
    """The curve above all lines through the points."""
    at = crossings_of(p, share, slopes, n)
    return closed(at, highest(share, slopes, at[:, None] - p), n)


def highest(share: Floats, slopes: Floats, away: Floats) -> Floats:
    """The highest of the lines and zero; a steep line that comes down to zero ends in rounding errors of its slope."""
    value = share + slopes * away
    return np.asarray(np.where(value > 5 * ROUNDING * (share + slopes), value, 0.0).max(-1, initial=0.0))


def crossings_of(p: Floats, share: Floats, slopes: Floats, n: int | None) -> Floats:
    """Where the lines cross each other or zero, the points, and the ends; with `n` the whole firms around them."""
    cut, slope = np.append(share - slopes * p, 0.0), np.append(slopes, 0.0)
    one, other = np.triu_indices(len(cut), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (cut[one] - cut[other]) / (slope[other] - slope[one])
    at = np.concatenate([[0.0, 1.0], p, at[(at > SAME_SHARE) & (at < 1 - SAME_SHARE)]])
    at = np.unique(whole_fractions(at, n))
    # what is one crossing on paper would else be a group of 1e-17 of the firms, with a mean of rounding errors
    return np.asarray(at[np.diff(at, prepend=-1.0) > SAME_SHARE / 10])


def closed(p: Floats, value: Floats, n: int | None) -> Floats:
    """Minorant of values of which the last, at 1, is the limit from the left; with `n` the last firm has the rest."""
    if n is None and value[-1] > 1 - SAME_SHARE:
        value = np.append(value[:-1], 1.0)
    elif n is not None:
        p, value = np.append(p, 1.0), np.append(value, 1.0)
    return minorant(p, np.where(value > ROUNDING, np.minimum(value, 1.0), 0.0))


def whole_fractions(z: Floats, n: int | None) -> Floats:
    """The shares themselves; with `n` the whole firms around them, of which one at least has something."""
    return z if n is None else np.minimum(np.concatenate([np.floor(z * n), np.ceil(z * n)]), n - 1) / n
