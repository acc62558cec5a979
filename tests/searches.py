"""Exact searches over small populations with limits: what the bounds from counts are tested against.

Nothing here uses clusterlib, and nothing here knows of majorisation, except `poured` and `levelled`, which are
themselves checked against the searches before anything is checked against them. A box gives each firm two limits;
its populations are those whose total lies in an interval. A quasi-convex measure has its greatest value at a vertex,
and all vertices are listed. The least Gini coefficient, Hoover index and shares of the largest are linear programs;
the least sum of squares, Theil T and Theil L are convex programs, certified from below by their linearisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise, product

import numpy as np
from populations import all_measures
from scipy.optimize import linprog, minimize

#: Stands for a size without limit. Against class limits below a hundred all measures are within 1e-8 of their suprema.
HUGE = 1e12
#: A total is inside its interval within rounding of a sum of a few small whole numbers.
TOTAL = 1e-9
#: No tangent is drawn where it is steeper, at a share that the logarithm cannot take.
STEEP = 1e6
#: A convex program is solved when a feasible value and a bound below all of them are this near.
SOLVED = 1e-9

Pair = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """What is given: class limits, ascending; numbers of firms in each class; of all firms; and the total."""

    limits: tuple[Pair, ...]
    counts: tuple[Pair, ...]
    n: Pair = (0, math.inf)
    total: Pair = (0, math.inf)
    cumulative: bool = False

    def readings(self) -> Iterator[tuple[int, ...]]:
        """Every combination of whole numbers of firms in the classes; all ends must be finite."""
        if self.cumulative:
            # counts[i] firms at or above the lower limit of class i + 1: the first class is what is left of all.
            for numbers in product(*(range(math.ceil(low), math.floor(high) + 1) for low, high in self.counts)):
                if any(larger > smaller for smaller, larger in pairwise(numbers)):
                    continue
                bands = [smaller - larger for smaller, larger in pairwise((*numbers, 0))]
                for n in range(max(math.ceil(self.n[0]), numbers[0]), math.floor(self.n[1]) + 1):
                    yield (n - numbers[0], *bands)
            return
        for numbers in product(*(range(math.ceil(low), math.floor(high) + 1) for low, high in self.counts)):
            if self.n[0] <= sum(numbers) <= self.n[1]:
                yield numbers

    def boxes(self) -> Iterator[Box]:
        """The box of each reading that some total above 0 inside the interval allows."""
        for numbers in self.readings():
            pairs = [pair for pair, number in zip(self.limits, numbers, strict=True) for _ in range(number)]
            box = Box(tuple(low for low, _ in pairs), tuple(high for _, high in pairs), self.total)
            if pairs and box.possible:
                yield box


@dataclass(frozen=True)
class Box:
    """Firms, smallest first, each between two limits, and the interval of their total."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    total: Pair

    @property
    def n(self) -> int:
        return len(self.low)

    @property
    def possible(self) -> bool:
        least, most = sum(self.low), sum(self.high)
        return least <= self.total[1] + TOTAL and most >= self.total[0] - TOTAL and min(most, self.total[1]) > 0

    @property
    def unbounded(self) -> bool:
        """Whether losses make every measure that losses can raise infinite: see `greatest`."""
        if self.n == 1 or min(self.low) >= 0:
            return False
        if sum(self.low) <= 0 and self.total[0] <= 0:  # a gain and a loss beside a total as small as one likes
            return True
        return math.isinf(min(self.low)) and math.isinf(sum(self.high))  # a gain and a loss as large as one likes

    def closed(self) -> Box:
        """The same populations with the limits that the total implies, or with a huge size where it implies none."""
        low, high = list(self.low), list(self.high)
        for i in range(self.n):
            rest = sum(high[:i] + high[i + 1 :])
            if math.isinf(low[i]):
                low[i] = max(self.total[0], 0) - rest if math.isfinite(rest) else -HUGE
        for i in range(self.n):
            rest = sum(low[:i] + low[i + 1 :])
            if math.isinf(high[i]):
                high[i] = self.total[1] - rest if math.isfinite(self.total[1]) else HUGE
                high[i] = max(high[i], low[i])
        return Box(tuple(low), tuple(high), self.total)

    def vertices(self) -> np.ndarray:
        """Every population with all firms at a limit, or all but one and the total at an end; one a row."""
        box = self.closed()
        low, high = np.array(box.low), np.array(box.high)
        corners = np.array(list(product((False, True), repeat=self.n)))
        x = np.where(corners, high, low)
        found = [x[(x.sum(-1) >= self.total[0] - TOTAL) & (x.sum(-1) <= self.total[1] + TOTAL)]]
        for end in self.total:
            if math.isinf(end):
                continue
            for i in range(self.n):
                y = x.copy()
                y[:, i] = end - (x.sum(-1) - x[:, i])
                found.append(y[(y[:, i] >= low[i] - TOTAL) & (y[:, i] <= high[i] + TOTAL)])
        points = np.concatenate(found)
        return points[points.sum(-1) > TOTAL]


def measure(x: np.ndarray, k: Sequence[int], q: Sequence[float], *, losses: bool = False) -> dict[str, np.ndarray]:
    """All measures of populations, one a row, from the definitions in `populations`."""
    x = np.atleast_2d(x)
    found = all_measures(x, losses=losses)
    found |= {f"cr{each}": largest(x, min(each, x.shape[-1])) for each in k}
    return found | {f"top{part:g}": largest(x, part * x.shape[-1]) for part in q}


def largest(x: np.ndarray, number: float) -> np.ndarray:
    """Share of the largest firms; of the last one only a part where their number is not whole."""
    x = np.sort(np.atleast_2d(x), axis=-1)[:, ::-1]
    whole = math.floor(number)
    part = x[:, :whole].sum(-1)
    if number > whole:
        part = part + (number - whole) * x[:, whole]
    return part / x.sum(-1)


def greatest(box: Box, k: Sequence[int], q: Sequence[float], *, losses: bool = False) -> dict[str, float]:
    """Supremum of each measure in a box.

    Where `Box.unbounded`, all are infinite but the share of the k largest of k firms or fewer, which is 1.
    """
    if box.unbounded:
        found = dict.fromkeys(("gini", "hoover", "hhi", "hhi_times_n", *(f"top{part:g}" for part in q)), math.inf)
        return found | {f"cr{each}": math.inf if each < box.n else 1.0 for each in k}
    x = box.vertices()
    found = {key: float(each.max()) for key, each in measure(x, k, q, losses=losses).items()}
    if not losses and x.max() >= HUGE and box.n > 1:
        found["theil_l"] = math.inf  # the mean grows without end, the smallest firms do not
    return found


def least(box: Box, k: Sequence[int], q: Sequence[float], *, losses: bool = False) -> dict[str, Pair]:
    """Infimum of each measure in a box: a value below it, and a value above it, equal but for rounding.

    Unknowns are the shares y = x / X and t = 1 / X, so that the limits are linear in them whatever the total is.
    """
    program = _Program(box)
    n = box.n
    found = {}
    pairs = list(combinations(range(n), 2))
    gaps = np.zeros((2 * len(pairs), n))
    for row, (i, j) in enumerate(pairs):
        gaps[2 * row, [i, j]], gaps[2 * row + 1, [i, j]] = (1, -1), (-1, 1)
    found["gini"] = program.absolute(gaps, np.zeros(2 * len(pairs)), np.full(len(pairs), 1 / n))
    deviations = np.repeat(np.eye(n), 2, axis=0) * np.tile([1, -1], n)[:, None]
    found["hoover"] = program.absolute(deviations, np.tile([1, -1], n) / n, np.full(n, 0.5))
    found |= {f"cr{each}": program.top(min(each, n)) for each in k}
    found |= {f"top{part:g}": program.top(part * n) for part in q}
    found["hhi"] = program.convex(lambda y: (y**2).sum(), lambda y: 2 * y)
    low, high = found["hhi"]
    found["hhi_times_n"] = n * low, n * high
    if losses:
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        found["theil_t"] = program.convex(
            lambda y: (y * np.log(n * np.maximum(y, 1e-300))).sum(), lambda y: np.log(n * np.maximum(y, 1e-15)) + 1
        )
        found["theil_l"] = program.convex(
            lambda y: -np.log(n * np.maximum(y, 1e-15)).mean(), lambda y: -1 / np.maximum(y, 1e-15) / n
        )
    if program.starts[0][:-1].min() < 1e-9:  # some firm cannot have anything
        found["theil_l"] = math.inf, math.inf
    return found


class _Program:
    """Shares y of the firms of a box and t = 1 / total: ``rows @ (y, t) <= ends``, and the shares sum to 1."""

    def __init__(self, box: Box) -> None:
        self.n = n = box.n
        # The unit of sizes is free: with this one t is of the order of the shares, and solvers stay accurate.
        unit = max((abs(size) for size in (*box.low, *box.high) if math.isfinite(size) and size), default=1.0) * n
        rows: list[np.ndarray] = []
        ends: list[float] = []
        for i, (low, high) in enumerate(zip(box.low, box.high, strict=True)):
            for limit, sign in ((low, -1.0), (high, 1.0)):
                if math.isfinite(limit):
                    row = np.zeros(n + 1)
                    row[i], row[n] = sign, -sign * limit / unit
                    rows.append(row)
                    ends.append(0.0)
        for total, sign in zip(box.total, (1.0, -1.0), strict=True):
            if math.isfinite(total):
                rows.append(np.append(np.zeros(n), sign * total / unit))
                ends.append(sign)
        self.rows, self.ends = np.array(rows), np.array(ends)

    def solve(
        self,
        cost: np.ndarray,
        extra: np.ndarray | None = None,
        ends: np.ndarray | None = None,
        reach: float = math.inf,
    ) -> np.ndarray:
        """Solve the program, with further unknowns of at least 0 behind y and t; the least cost comes last."""
        more = len(cost) - self.n - 1
        rows = np.hstack([self.rows, np.zeros((len(self.rows), more))])
        found = linprog(
            cost,
            A_ub=rows if extra is None else np.vstack([rows, extra]),
            b_ub=self.ends if ends is None else np.concatenate([self.ends, ends]),
            A_eq=np.concatenate([np.ones(self.n), np.zeros(more + 1)])[None],
            b_eq=[1.0],
            bounds=[(-reach, reach)] * self.n + [(0, None)] * (more + 1),
            method="highs",
        )
        assert found.status == 0, found.message
        return np.append(found.x, found.fun)

    def absolute(self, rows: np.ndarray, ends: np.ndarray, cost: np.ndarray) -> Pair:
        """Least weighted sum of absolute values: each is at least two opposite rows of the shares."""
        bars = -np.repeat(np.eye(len(cost)), 2, axis=0)
        value = self.solve(
            np.concatenate([np.zeros(self.n + 1), cost]),
            np.hstack([rows, np.zeros((len(rows), 1)), bars]),
            ends,
        )[-1]
        return value, value

    @cached_property
    def even(self) -> np.ndarray:
        """Shares and 1 / total with the least Hoover index."""
        n = self.n
        both = np.repeat(np.eye(n), 2, axis=0)
        rows = np.hstack([both * np.tile([1.0, -1.0], n)[:, None], np.zeros((2 * n, 1)), -both])
        return self.solve(np.append(np.zeros(n + 1), np.ones(n)), rows, np.tile([1.0, -1.0], n) / n)[: n + 1]

    @cached_property
    def reach(self) -> float:
        """No share is larger at the least sum of squares than the root of any other sum of squares.

        Without losses all shares are below 1 anyway, so this cuts off no minimum, and a linear program has an end.
        """
        return 1 + float(np.linalg.norm(self.even[:-1]))

    @cached_property
    def starts(self) -> list[np.ndarray]:
        """A point inside, where each share is above 0 if it can be, then points on the way to vertices."""
        n = self.n
        costs = np.hstack([np.vstack([np.eye(n), -np.eye(n)]), np.zeros((2 * n, 1))])
        vertices = [self.solve(cost, reach=self.reach)[:-1] for cost in costs]
        middle = np.mean([self.even, *vertices], axis=0)
        return [middle, *((middle + vertex) / 2 for vertex in [self.even, *vertices])]

    def top(self, number: float) -> Pair:
        """Least share of the largest: it is the least number * level + excesses over the level."""
        n = self.n
        excess = np.hstack([np.eye(n), np.zeros((n, 1)), -np.ones((n, 1)), np.ones((n, 1)), -np.eye(n)])
        value = self.solve(np.concatenate([np.zeros(n + 1), [number, -number], np.ones(n)]), excess, np.zeros(n))[-1]
        return value, value

    def convex(self, value: Callable[[np.ndarray], float], slope: Callable[[np.ndarray], np.ndarray]) -> Pair:
        """Least value of a convex function of the shares, from several starts, with a bound from its tangent."""
        n, starts, reach = self.n, self.starts, self.reach
        best, point, below = math.inf, starts[0], -math.inf
        for start in starts:
            found = minimize(
                lambda z: value(z[:-1]),
                start,
                jac=lambda z: np.append(slope(z[:-1]), 0.0),
                method="SLSQP",
                constraints=[
                    {"type": "ineq", "fun": lambda z: self.ends - self.rows @ z, "jac": lambda z: -self.rows},
                    {"type": "eq", "fun": lambda z: z[:-1].sum() - 1, "jac": lambda z: np.append(np.ones(n), 0)},
                ],
                bounds=[(-reach, reach)] * n + [(0, None)],
                options={"maxiter": 400, "ftol": 1e-15},
            )
            z = found.x
            inside = (self.rows @ z <= self.ends + 1e-9).all() and abs(z[:-1].sum() - 1) < 1e-9
            if inside and np.isfinite(found.fun) and found.fun < best:
                best, point = float(found.fun), z
            # A convex function lies above its tangent at any point, so the least value of the tangent is below it.
            gradient = np.append(slope(point[:-1]), 0.0)
            if np.abs(gradient).max() < STEEP:
                tangent = self.solve(gradient, reach=reach)[-1] - gradient @ point + value(point[:-1])
                below = max(below, float(tangent))
            if best - below < SOLVED:
                break
        return below, best


def poured(low: np.ndarray, high: np.ndarray, total: float) -> np.ndarray:
    """Raise firm after firm, the largest first, from its lower to its upper limit until the total is reached."""
    x = low.astype(float).copy()
    left = total - x.sum()
    for i in reversed(range(len(x))):
        step = min(high[i] - x[i], max(left, 0.0))
        x[i] += step
        left -= step
    return x


def levelled(low: np.ndarray, high: np.ndarray, total: float) -> np.ndarray:
    """All firms at one value as far as their limits allow; the value by halving, limits must be finite."""
    below, above = float(low.min()), float(high.max())
    for _ in range(200):
        middle = (below + above) / 2
        if np.clip(middle, low, high).sum() < total:
            below = middle
        else:
            above = middle
    return np.clip(above, low, high)
