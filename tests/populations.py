"""Definitions written out afresh, and exact searches over small populations: what the library is tested against.

Nothing here uses clusterlib. The measures are the textbook sums; the searches list every vertex of the set of
populations that a share pair allows (a convex measure has its maximum at a vertex) or solve a linear program.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

#: Slack of a vertex in its own constraints: systems with coefficients -1, 0, 1 in at most 12 unknowns.
FEASIBLE = 1e-9


def mean_difference_gini(x: np.ndarray) -> np.ndarray:
    """Mean absolute difference of all pairs, over twice the mean."""
    x = np.asarray(x, dtype=float)
    return np.abs(x[..., :, None] - x[..., None, :]).mean((-1, -2)) / (2 * x.mean(-1))


def half_distance_hoover(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    return np.abs(x / x.sum(-1, keepdims=True) - 1 / x.shape[-1]).sum(-1) / 2


def share_sum_theil_t(x: np.ndarray) -> np.ndarray:
    x = np.maximum(np.asarray(x, dtype=float), 0)
    share = x / x.sum(-1, keepdims=True)
    return (share * np.log(np.where(share > 0, share, 1) * x.shape[-1])).sum(-1)


def mean_log_deviation(x: np.ndarray, zero: float = FEASIBLE) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    share = x / x.sum(-1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.log(np.where(share > zero, share, 0) * x.shape[-1]).mean(-1)


def squared_shares(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    return ((x / x.sum(-1, keepdims=True)) ** 2).sum(-1)


def top_sum(x: np.ndarray, k: int) -> np.ndarray:
    x = np.sort(np.asarray(x, dtype=float), axis=-1)
    return x[..., x.shape[-1] - k :].sum(-1) / x.sum(-1)


MEASURES = {
    "gini": mean_difference_gini,
    "hoover": half_distance_hoover,
    "theil_t": share_sum_theil_t,
    "theil_l": mean_log_deviation,
    "hhi": squared_shares,
}
WITH_LOSSES = ("gini", "hoover", "hhi")


def all_measures(x: np.ndarray, *, losses: bool = False) -> dict[str, np.ndarray]:
    found = {key: np.atleast_1d(MEASURES[key](x)) for key in (WITH_LOSSES if losses else MEASURES)}
    return found | {"hhi_times_n": found["hhi"] * np.shape(x)[-1]}


def group_row(n: int, n1: int, side: str) -> np.ndarray:
    """Which entries of an ascending vector belong to the group: its n1 largest (top) or smallest (bottom)."""
    row = np.zeros(n)
    row[n - n1 :] = side == "top"
    row[:n1] += side == "bottom"
    return row


def ordered_vertices(n: int, n1: int, low: float, high: float, side: str, *, losses: bool = False) -> np.ndarray:
    """Every vertex of the ascending vectors of n firms with total 1 whose group holds low..high; one a row."""
    rows = [np.eye(n)[i + 1] - np.eye(n)[i] for i in range(n - 1)]
    ends = [0.0] * (n - 1)
    if not losses:
        rows.append(np.eye(n)[0])
        ends.append(0.0)
    group = group_row(n, n1, side)
    rows += [group, -group]
    ends += [low, -high]
    a, b = np.array(rows), np.array(ends)
    chosen = np.array(list(combinations(range(len(a)), n - 1)))
    systems = np.concatenate([np.ones((len(chosen), 1, n)), a[chosen]], axis=1)
    targets = np.concatenate([np.ones((len(chosen), 1)), b[chosen]], axis=1)
    solvable = np.abs(np.linalg.det(systems)) > 0.5  # integer matrices: the determinant is a whole number
    points = np.linalg.solve(systems[solvable], targets[solvable][..., None])[..., 0]
    points = points[(points @ a.T >= b - FEASIBLE).all(-1)]
    return np.unique(np.round(points, 13), axis=0)


def ordered_sets(n: int, counts: range, low: float, high: float) -> Iterator[tuple[int, float, float, str]]:
    """The pieces of an ordered box: the group is on top where its share is above n1/n, at the bottom below that."""
    for n1 in counts:
        f = n1 / n
        if high >= f:
            yield n1, max(low, f), high, "top"
        if low <= f:
            yield n1, low, min(high, f), "bottom"


def two_groups(n: int, n1: int, s: float) -> np.ndarray:
    """All equal within the group and within the rest: what averaging leaves."""
    return np.repeat([(1 - s) / (n - n1), s / n1], [n - n1, n1])


def cone_program(
    n: int, n1: int, low: float, high: float, side: str, cost: np.ndarray, *, losses: bool = False
) -> tuple[float, float]:
    """Least and greatest value of a linear function of the ascending vector, by linear programming."""
    ascending = np.eye(n)[:-1] - np.eye(n)[1:]
    group = group_row(n, n1, side)
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * cost,
            A_ub=np.vstack([ascending, group, -group]),
            b_ub=np.concatenate([np.zeros(n - 1), [high, -low]]),
            A_eq=np.ones((1, n)),
            b_eq=[1.0],
            bounds=(None, None) if losses else (0, None),
            method="highs",
        )
        assert found.status == 0, found.message
        ends.append(sign * found.fun)
    return ends[0], ends[1]


def gini_cost(n: int) -> np.ndarray:
    return (2 * np.arange(1, n + 1) - n - 1) / n


def top_cost(n: int, k: int) -> np.ndarray:
    return (np.arange(n) >= n - k).astype(float)


def least_unordered(n: int, n1: int, low: float, high: float, *, k: int) -> tuple[float, float]:
    """Least Gini and least share of the k largest when the group is any n1 firms: two linear programs.

    Unknowns are the firms, then one for each pair (at least its difference), or the threshold and the
    excesses over it (the sum of the k largest is the least k * threshold + excesses).
    """
    group = np.arange(n) < n1
    pairs = list(combinations(range(n), 2))

    def solve(cost: np.ndarray, extra: np.ndarray, free: list[tuple[float | None, float | None]]) -> float:
        width = len(cost)
        held = np.concatenate([group, np.zeros(width - n)])
        whole = np.concatenate([np.ones(n), np.zeros(width - n)])
        found = linprog(
            cost,
            A_ub=np.vstack([extra, held, -held]),
            b_ub=np.concatenate([np.zeros(len(extra)), [high, -low]]),
            A_eq=whole[None],
            b_eq=[1.0],
            bounds=[(0, None)] * n + free,
            method="highs",
        )
        assert found.status == 0, found.message
        return found.fun

    differences = np.zeros((2 * len(pairs), n + len(pairs)))
    for row, (i, j) in enumerate(pairs):
        for sign in (1, -1):
            at = 2 * row + (sign < 0)
            differences[at, i], differences[at, j], differences[at, n + row] = sign, -sign, -1
    gini = solve(np.concatenate([np.zeros(n), np.full(len(pairs), 1 / n)]), differences, [(0, None)] * len(pairs))
    excess = np.hstack([np.eye(n), -np.ones((n, 1)), -np.eye(n)])
    top = solve(np.concatenate([np.zeros(n), [k], np.ones(n)]), excess, [(None, None)] + [(0, None)] * n)
    return gini, top


def draw(rng: np.random.Generator, kind: str) -> np.ndarray:
    """A random population of one kind; its total is positive."""
    n = int(rng.integers(2, 7) if kind == "tiny" else rng.integers(5, 61))
    if kind in ("lognormal", "tiny"):
        return rng.lognormal(0, rng.uniform(0.05, 2.5), n)
    if kind == "pareto":
        return 1 + rng.pareto(rng.uniform(0.7, 3), n)
    if kind == "ties":
        return np.append(rng.integers(0, 4, n - 1), 2).astype(float)
    if kind == "zeros":
        return np.append(rng.lognormal(0, 1, n - 1) * (rng.random(n - 1) < 0.4), 1.0)
    if kind == "equal":
        return np.full(n, 3.0)
    x = rng.normal(1, rng.uniform(0.5, 3), n)
    return x if x.sum() > 0.2 * n else x + 1.2 - x.mean()


KINDS = ("lognormal", "pareto", "ties", "zeros", "tiny", "equal")


def printed_share(share: float, decimals: int, *, clip: bool = True) -> tuple[float, float]:
    """The interval of a share printed with so many decimals: half a unit of the last place to either side."""
    half = 0.5 * 10.0**-decimals
    low, high = round(share, decimals) - half, round(share, decimals) + half
    return (max(0.0, low), min(1.0, high)) if clip else (low, high)


def near(a: float, b: float, tolerance: float) -> bool:
    """Equal within the tolerance; infinities equal themselves."""
    return a == b or (math.isfinite(a) and math.isfinite(b) and abs(a - b) <= tolerance * max(1.0, abs(a), abs(b)))
