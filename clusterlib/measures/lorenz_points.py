"""Printed points of a Lorenz curve, checked: boxes around them, and what is wrong with them in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval, in_words
from clusterlib.measures.lorenz_curves import SAME_SHARE, height_at, minorant

Floats = NDArray[np.float64]

#: Slack for a whole number of firms, in firms: covers the rounding of p * n in binary arithmetic.
WHOLE_FIRM = 1e-7
#: Slack of a curve that a linear program or a crossing of lines has drawn.
DRAWN = 1e-9


@dataclass(frozen=True)
class Points:
    """Boxes around the points: the firms' share between left and right, the value's between low and high."""

    left: Floats
    right: Floats
    low: Floats
    high: Floats
    n: int | None

    @property
    def upper(self) -> tuple[Floats, Floats]:
        """Upper left corners with the ends of the curve: no curve is above one."""
        return np.concatenate([[0], self.left, [1]]), np.concatenate([[0], self.high, [1]])

    @property
    def lower(self) -> tuple[Floats, Floats]:
        """Lower right corners with the ends of the curve: no curve is below one."""
        return np.concatenate([[0], self.right, [1]]), np.concatenate([[0], self.low, [1]])

    def chosen(self, rows: Sequence[int]) -> Points:
        """Some of the points."""
        at = list(rows)
        return Points(self.left[at], self.right[at], self.low[at], self.high[at], self.n)


class End(NamedTuple):
    """Upper end of a bound, a curve that has it (None if unknown), and whether it is the supremum."""

    value: float
    curve: Floats | None
    sharp: bool


def fits(curve: Floats | None, points: Points) -> bool:
    """Whether a curve meets every box, with `n` given at a whole number of firms."""
    if curve is None:
        return False
    if points.n is None:
        below = height_at(curve, points.left) <= points.high + DRAWN
        return bool((below & (height_at(curve, points.right) >= points.low - DRAWN)).all())
    n = points.n
    for left, right, low, high in zip(points.left, points.right, points.low, points.high, strict=True):
        value = height_at(curve, np.arange(round(left * n), round(right * n) + 1) / n)
        if not ((value >= low - DRAWN) & (value <= high + DRAWN)).any():
            return False
    return True


def read_points(p: Sequence[Number], cumulative_share: Sequence[Number], n: int | None) -> Points:
    """The points as boxes; with `n` the whole numbers of firms that each interval leaves."""
    firms, value = _read_intervals(p, "p"), _read_intervals(cumulative_share, "cumulative_share")
    if len(firms) != len(value):
        raise InputError(f"p, cumulative_share: given {len(firms)} and {len(value)} entries; allowed: equally many")
    pairs = list(zip(firms, value, strict=True))
    pairs = [pair for pair in pairs if pair not in (((0, 0), (0, 0)), ((1, 1), (1, 1)))]
    if not pairs:
        raise InputError("p: given no point between (0, 0) and (1, 1); allowed: at least one")
    for number, (f, s) in enumerate(pairs, start=1):
        if f.high <= 0 or f.low >= 1:
            raise InputError(f"p: given {in_words(f)} at point {number}; allowed: some of the firms, not all")
        if s.low > f.high + SAME_SHARE:
            raise InputError(
                f"cumulative_share: given {in_words(s)} at p = {in_words(f)} (point {number}); allowed: at most p, "
                "since the smallest firms come first"
            )
    left, right = np.array([f for f, _ in pairs]).T
    low, high = np.array([s for _, s in pairs]).T
    left = np.minimum(np.maximum(left, low), right)  # the smallest firms have at most their share
    if n is not None:
        left, right = _whole(left, right, n, [f for f, _ in pairs])
    _require_ascending(left, right, low, high)
    high = np.minimum(np.minimum.accumulate(high[::-1])[::-1], right)
    low = np.minimum(np.maximum.accumulate(low), high)
    return Points(np.maximum.accumulate(left), np.minimum.accumulate(right[::-1])[::-1], low, high, n)


def _require_ascending(left: Floats, right: Floats, low: Floats, high: Floats) -> None:
    for i, j in combinations(range(len(left)), 2):
        for name, start, end in (("p", left[i], right[j]), ("cumulative_share", low[i], high[j])):
            if start > end + (SAME_SHARE if name != "p" else 0) or (name == "p" and start == end):
                raise InputError(
                    f"{name}: given {start:g} at point {i + 1} and {end:g} at point {j + 1}; allowed: ascending, "
                    "smallest firms first"
                )


def _whole(left: Floats, right: Floats, n: int, given: Sequence[Interval]) -> tuple[Floats, Floats]:
    """Narrow the firms' shares to whole numbers of firms, at least one in each group."""
    groups = len(left) + 1
    if n < groups:
        raise InputError(f"n: given {n}; allowed: at least as many firms as groups, {groups}")
    least, most = np.ceil(left * n - WHOLE_FIRM), np.floor(right * n + WHOLE_FIRM)
    for j, interval in enumerate(given):
        if max(least[j], 1) > min(most[j], n - 1):
            near = [c for c in (math.floor(interval.low * n), math.ceil(interval.high * n)) if 0 < c < n]
            nearest = ", ".join(f"{c}/{n} = {c / n:.4%}" for c in dict.fromkeys(near)) or f"1/{n}"
            raise InputError(
                f"p, n: given {in_words(interval)} of n={n} at point {j + 1}; allowed: a share that a whole number of "
                f"firms can make up (nearest: {nearest}), as a (low, high) pair if it is rounded"
            )
    step = np.arange(1, groups)
    least = np.maximum.accumulate(np.maximum(least, 1) - step) + step
    most = np.minimum.accumulate((np.minimum(most, n - 1) - step)[::-1])[::-1] + step
    if (least > most).any():
        raise InputError(f"p, n: given {len(left)} points of n={n}; allowed: ascending, with a firm in every group")
    return least / n, most / n


def _read_intervals(given: Sequence[Number], name: str) -> list[Interval]:
    try:
        entries = list(given)
    except TypeError:
        raise InputError(f"{name}: given {given!r}; allowed: a sequence of numbers or (low, high) pairs") from None
    found = [as_interval(entry, name) for entry in entries]
    for each in found:
        if each.low < 0 or each.high > 1:
            raise InputError(f"{name}: given {in_words(each)}; allowed: fractions between 0 and 1 (25.37 % is 0.2537)")
    return found


def read_limits(limits: Sequence[float], groups: int) -> Floats:
    """Limits of the groups, checked."""
    edges = np.array([as_interval(edge, "limits") for edge in limits])
    if len(edges) != groups + 1:
        raise InputError(f"limits: given {len(edges)}; allowed: {groups + 1}, one more than the {groups} groups")
    if (edges[:, 0] != edges[:, 1]).any():
        raise InputError("limits: given an interval; allowed: numbers in units of the overall mean")
    if edges[0, 0] < 0 or not np.isfinite(edges[:-1]).all() or (np.diff(edges[:, 0]) <= 0).any():
        raise InputError(
            f"limits: given {numbers(edges[:, 0])}; allowed: ascending numbers of at least 0, the last may be infinite"
        )
    return np.asarray(edges[:, 0])


def read_n(n: int | None) -> int | None:
    """A number of firms, checked."""
    if n is None:
        return None
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise InputError(f"n: given {n!r}; allowed: a whole number of firms, or None")
    return int(n)


def read_sizes(k: Sequence[int]) -> tuple[int, ...]:
    """Numbers of largest firms, checked."""
    for size in k:
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise InputError(f"k: given {size!r}; allowed: whole numbers of firms, at least 1")
    return tuple(int(size) for size in k)


def conflict(points: Points) -> InputError:
    """Three points at most show that there is no convex curve."""
    for size in (1, 2, 3):
        for rows in combinations(range(len(points.left)), size):
            few = points.chosen(rows)
            if (height_at(minorant(*few.upper), few.right) < few.low - SAME_SHARE).any():
                return not_convex(points, rows)
    return not_convex(points, range(len(points.left)))


def not_convex(points: Points, rows: Sequence[int]) -> InputError:
    """The error for points that no convex curve meets."""
    return InputError(
        f"p, cumulative_share: given {listed(points, rows)}, which cannot hold together; allowed: points of one "
        "Lorenz curve, on which no group's mean is below that of the group before it"
    )


def listed(points: Points, rows: Sequence[int]) -> str:
    """Points in words."""
    each = [
        f"point {j + 1} ({in_words(Interval(points.left[j], points.right[j]))}, "
        f"{in_words(Interval(points.low[j], points.high[j]))})"
        for j in rows
    ]
    return " and ".join(each)


def numbers(values: Floats) -> str:
    """Numbers in words."""
    return ", ".join(f"{value:g}" for value in values)
