"""The most and the least unequal population in a box: firms ranked by size, each between two limits of its rank.

A `Boxes` holds many such boxes at once. In a box every measure here has its extremes on two paths. The most unequal
population of a given total fills the largest firm up to its upper limit, then the next: it majorises every other.
The least unequal one brings every firm as near as its limits allow to one common value: every other majorises it.
Only the total is left to be searched, and along each path a measure turns at few points, all in closed form; so a
million firms cost no more than a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from clusterlib.interval import SAME_TOTAL, Interval
from clusterlib.measures.inequality import cr, gini, hhi, hoover, theil_l, theil_t
from clusterlib.measures.population import Population

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], Floats]

#: Numbers held at once while candidates are compared, so that memory stays flat.
CHUNK = 2_000_000


@dataclass(frozen=True)
class Boxes:
    """Blocks of firms, largest first; all firms of a block share their limits. One row is one box.

    Attributes
    ----------
    counts : ndarray, shape (boxes, blocks)
        Number of firms.
    low, high : ndarray, shape (boxes, blocks)
        Limits of each firm; neither rises along a row. The first may be open above, the last below.
    """

    counts: Floats
    low: Floats
    high: Floats

    @property
    def n(self) -> Floats:
        """Number of firms of each box."""
        return np.asarray(self.counts.sum(-1))

    @property
    def totals(self) -> tuple[Floats, Floats]:
        """Least and greatest total of each box."""
        return _mass(self.counts, self.low).sum(-1), _mass(self.counts, self.high).sum(-1)

    def rows(self, chosen: NDArray[np.bool_] | slice) -> Boxes:
        """Some of the boxes."""
        return Boxes(self.counts[chosen], self.low[chosen], self.high[chosen])

    def within(self, total: Interval) -> tuple[Boxes, Floats, Floats]:
        """The boxes that a total above 0 inside the interval allows, and the ends of the total in each."""
        least, greatest = self.totals
        start, end = np.maximum(least, total.low), np.minimum(greatest, total.high)
        slack = SAME_TOTAL * np.where(np.isfinite(start), np.abs(start), 0)
        possible = (start <= end + slack) & (end > 0)
        return self.rows(possible), start[possible], np.maximum(start, end)[possible]


@dataclass(frozen=True)
class Extreme:
    """One end of a bound, and a population that has it; None if it is only approached."""

    value: float
    population: Population | None


def measures_of(k: Sequence[int], q: Sequence[float], *, losses: bool = False) -> dict[str, Measure]:
    """Measures by name: ``cr<k>`` is the share of the k largest firms, ``top<q>`` that of the largest fraction q."""
    found: dict[str, Measure] = {"gini": gini, "hoover": hoover}
    if not losses:
        found |= {"theil_t": theil_t, "theil_l": theil_l}
    found |= {"hhi_times_n": lambda x, count: hhi(x, count) * count.sum(-1), "hhi": hhi}
    found |= {f"cr{each}": _largest(each) for each in k}
    return found | {f"top{float(each)}": _largest_part(each) for each in q}


def _largest(k: int) -> Measure:
    return lambda x, count: cr(x, np.minimum(k, count.sum(-1)), count)


def _largest_part(q: float) -> Measure:
    return lambda x, count: cr(x, q * count.sum(-1), count)


def most_unequal(
    boxes: Boxes, total: Interval, measures: Mapping[str, Measure], *, k: Sequence[int] = (), q: Sequence[float] = ()
) -> dict[str, Extreme]:
    """Greatest value of each measure over all populations of the boxes whose total lies in the interval.

    Notes
    -----
    Between two neighbouring points at which whole firms stand at a limit only one firm moves, and a measure that is
    quasi-convex has its maximum at one of them. Along the firms of one block it is then a smooth function of how
    many of them have been raised, up to the points listed in `_turns`; the whole numbers beside these points, the
    ends of the block and the two end totals are compared.
    """
    inside, start, end = boxes.within(total)
    boundless = _without_bound(inside, start)
    best = _Best(measures, largest=True)
    for part, first, last in _chunks(inside.rows(~boundless), start[~boundless], end[~boundless], 60 + 2 * len(k)):
        closed = _with_implied_low(part, first)
        best.compare(*_whole_positions(closed, first, last, k, q))
        for ends in (first, last):
            best.compare(*_filled_to(closed, ends))
    best.approach(_suprema(inside, end, boundless, measures, k, q))
    return best.found()


def least_unequal(boxes: Boxes, total: Interval, measures: Mapping[str, Measure]) -> dict[str, Extreme]:
    """Least value of each measure over all populations of the boxes whose total lies in the interval.

    Notes
    -----
    All firms stand at a common value as far as their limits allow. Between two limits a share of the largest and the
    Gini coefficient are monotone in that value; the others turn once, at a point in closed form.
    """
    inside, start, end = boxes.within(total)
    best = _Best(measures, largest=False)
    for part, first, last in _chunks(inside, start, end, 20):
        levels = _levels(part, first, last)
        values = np.clip(levels[..., None], part.low[:, None, :], part.high[:, None, :])
        counts = np.broadcast_to(part.counts[:, None, :], values.shape)
        best.compare(values, counts, np.isfinite(levels))
    # Beside a total without end losses are nothing, and only firms without an upper limit count: the more, the better.
    losing = inside.rows(np.isinf(end) & (inside.low < 0).any(-1))
    if len(losing.counts):
        alike = np.where(np.isposinf(losing.high), 1.0, 0.0)
        best.approach({key: float(measure(alike, losing.counts).min()) for key, measure in measures.items()})
    return best.found()


class _Best:
    """The best value of each measure so far, and where it was found."""

    def __init__(self, measures: Mapping[str, Measure], *, largest: bool) -> None:
        self.measures = measures
        self.sign = 1.0 if largest else -1.0
        self.values = dict.fromkeys(measures, -self.sign * math.inf)
        self.atoms: dict[str, tuple[Floats, Floats] | None] = dict.fromkeys(measures)

    def approach(self, limits: Mapping[str, float]) -> None:
        """Take ends that no population attains where they are better than all that do."""
        for key, limit in limits.items():
            if self.sign * limit > self.sign * self.values[key]:
                self.values[key], self.atoms[key] = limit, None

    def compare(self, values: Floats, counts: Floats, valid: NDArray[np.bool_]) -> None:
        """Compare candidate populations, atoms along the last axis, wherever they are valid."""
        atoms = np.where(counts > 0, values, 0.0)
        usable = valid & np.isfinite(atoms).all(-1)
        # Summed as the measures do it: a total of gains and losses can vanish in one order and not in another.
        usable &= (np.where(usable[..., None], atoms, 0.0) * counts).sum(-1) > 0
        x, count = atoms[usable], counts[usable]
        if not len(x):
            return
        for key, measure in self.measures.items():
            found = measure(x, count)
            at = int(np.argmax(self.sign * found))
            if self.sign * found[at] > self.sign * self.values[key]:
                self.values[key], self.atoms[key] = float(found[at]), (x[at].copy(), count[at].copy())

    def found(self) -> dict[str, Extreme]:
        """What was best."""
        return {
            key: Extreme(value, None if atoms is None else Population.of(*(each.tolist() for each in atoms)))
            for (key, value), atoms in zip(self.values.items(), self.atoms.values(), strict=True)
        }


def _mass(counts: Floats, values: Floats) -> Floats:
    """Count times value, nothing where there is no firm, however large it might be."""
    with np.errstate(invalid="ignore"):
        return np.where(counts != 0, counts * values, 0.0)


def _chunks(boxes: Boxes, start: Floats, end: Floats, candidates: int) -> Iterator[tuple[Boxes, Floats, Floats]]:
    rows, blocks = boxes.counts.shape
    step = max(1, CHUNK // (candidates * blocks * blocks))
    for at in range(0, rows, step):
        part = slice(at, at + step)
        yield boxes.rows(part), start[part], end[part]


def _without_bound(boxes: Boxes, start: Floats) -> NDArray[np.bool_]:
    """Boxes with a gain and a loss beside a vanishing total, or a gain and a loss without end."""
    firms = boxes.counts > 0
    vanishing = (start <= 0) & (firms & (boxes.low < 0)).any(-1)
    bottomless = (firms & np.isneginf(boxes.low)).any(-1) & (firms & np.isposinf(boxes.high)).any(-1)
    return np.asarray((vanishing | bottomless) & (boxes.n > 1))


def _suprema(
    boxes: Boxes,
    end: Floats,
    boundless: NDArray[np.bool_],
    measures: Mapping[str, Measure],
    k: Sequence[int],
    q: Sequence[float],
) -> dict[str, float]:
    """What is approached where the total has no end or the box no bound."""
    endless = np.isinf(end)
    limits: dict[str, float] = {}
    if endless.any():
        # One firm has all but nothing of a total without end.
        n = float(boxes.n[endless].max())
        limits = {"gini": 1 - 1 / n, "hoover": 1 - 1 / n, "theil_t": math.log(n), "hhi_times_n": n, "hhi": 1.0}
        limits |= {"theil_l": 0.0 if n == 1 else math.inf}
        limits |= {f"cr{each}": 1.0 for each in k} | {f"top{float(each)}": min(1.0, each * n) for each in q}
    if boundless.any():
        limits |= dict.fromkeys(measures.keys() - {f"cr{each}" for each in k}, math.inf)
        # The share of all firms is 1 whatever their losses.
        limits |= {f"cr{each}": math.inf if each < boxes.n[boundless].max() else 1.0 for each in k}
    return {key: limits[key] for key in measures if key in limits}


def _with_implied_low(boxes: Boxes, start: Floats) -> Boxes:
    """Close the last block below: no firm is smaller than what the least total leaves it beside full larger ones."""
    open_below = np.isneginf(boxes.low) & (boxes.counts > 0)
    if not open_below.any():
        return boxes
    others = _mass(boxes.counts - open_below, boxes.high).sum(-1, keepdims=True)
    return Boxes(boxes.counts, np.where(open_below, start[:, None] - others, boxes.low), boxes.high)


def _before(masses: Floats) -> Floats:
    """Sum over the blocks before each block."""
    return np.concatenate([np.zeros_like(masses[..., :1]), np.cumsum(masses[..., :-1], axis=-1)], axis=-1)


def _filling(boxes: Boxes) -> tuple[Floats, Floats]:
    """Total when all blocks before each block are full, and what raising one firm of the block adds."""
    full, empty = _mass(boxes.counts, boxes.high), _mass(boxes.counts, boxes.low)
    with np.errstate(invalid="ignore"):
        base = _before(full) + empty.sum(-1, keepdims=True) - _before(empty)
        step = np.where(boxes.counts > 0, boxes.high - boxes.low, 0.0)
    return base, step


def _whole_positions(
    boxes: Boxes, start: Floats, end: Floats, k: Sequence[int], q: Sequence[float]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Populations with whole firms at their limits at which some measure can have its maximum."""
    base, step = _filling(boxes)
    usable = np.isfinite(base) & np.isfinite(step) & (step > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.where(usable, np.ceil((start[:, None] - base) / step * (1 - SAME_TOTAL)), 0.0)
        last = np.where(usable, np.floor((end[:, None] - base) / step * (1 + SAME_TOTAL)), 0.0)
    first, last = np.maximum(first, 0), np.minimum(last, boxes.counts)
    turns = _turns(boxes, base, step, k, q)
    raised = np.concatenate([np.floor(turns), np.ceil(turns), first[..., None], last[..., None]], axis=-1)
    valid = np.isfinite(raised) & (raised >= first[..., None]) & (raised <= last[..., None]) & usable[..., None]
    rows, blocks, several = valid.shape
    raised = np.where(valid, raised, 0.0)
    block = np.arange(blocks)
    counts = boxes.counts[:, None, None, :]
    full = np.where(block < block[:, None], 1.0, 0.0)[None, :, None, :] * counts
    own = np.eye(blocks)[None, :, None, :] * raised[..., None]
    at_high = full + own
    atoms = np.stack([boxes.high, boxes.low], axis=-1).reshape(rows, 1, 1, 2 * blocks)
    number = np.stack([at_high, counts - at_high], axis=-1).reshape(rows, blocks, several, 2 * blocks)
    return np.broadcast_to(atoms, number.shape), number, valid


def _turns(boxes: Boxes, base: Floats, step: Floats, k: Sequence[int], q: Sequence[float]) -> Floats:
    """Numbers of raised firms, in each block, at which a measure may turn from rising to falling.

    With j raised firms of a block the total is C + D j. There the sum of squares and of x ln x are linear in j, the
    numerator of the Gini coefficient is quadratic, so each derivative has its zeros in closed form. The Hoover index
    also turns where the mean passes a firm's value, a share of the largest where the last of them is raised.
    """
    counts, low, high = boxes.counts, boxes.low, boxes.high
    n, before = boxes.n[:, None], _before(counts)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        squares = _along(counts, low**2, high**2)
        logs = _along(counts, _x_ln_x(low), _x_ln_x(high))
        spread = (
            _along(counts * (n - 2 * before - counts), low, high)  # sum of (N + 1 - 2 rank) x over whole blocks
        )
        gini_root = np.sqrt(base**2 - step * (spread - (n - 2 * before) * base))
        found = [
            (-base + gini_root) / step,
            (-base - gini_root) / step,
            ((high + low) * base - 2 * squares) / (step * (high + low)),
            ((_x_ln_x(high) - _x_ln_x(low)) * base / step - logs - base) / step,
            (n * step / np.log(high / low) - base) / step,
            (np.sqrt(n * (high * base - step * _before(_mass(counts, high)))) - base) / step,
            *(each - before for each in k),
            *(each * n - before for each in q),
        ]
        passing = (n[..., None] * np.concatenate([low, high], axis=-1)[:, None, :] - base[..., None]) / step[..., None]
    return np.concatenate([np.stack(np.broadcast_arrays(*found), axis=-1), passing], axis=-1)


def _along(counts: Floats, low: Floats, high: Floats) -> Floats:
    """Sum of a function over all firms when the blocks before each block are full and the others are not."""
    full, empty = _mass(counts, high), _mass(counts, low)
    return np.asarray(_before(full) + empty.sum(-1, keepdims=True) - _before(empty))


def _x_ln_x(x: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, x)))


def _filled_to(boxes: Boxes, total: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The most unequal population of a given total: one firm takes the remainder. One candidate a row."""
    base, step = _filling(boxes)
    rows, blocks = boxes.counts.shape
    reached = np.where(np.isfinite(base) & (boxes.counts > 0), base, np.inf) <= total[:, None]
    block = np.where(
        reached.any(-1), blocks - 1 - np.argmax(reached[:, ::-1], axis=-1), np.argmax(boxes.counts > 0, -1)
    )
    at = np.arange(rows)
    height, firms = step[at, block], boxes.counts[at, block]
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = np.maximum(total - base[at, block], 0)
        raised = np.where(height > 0, np.minimum(np.floor(rest / height), firms), 0.0)
        left = np.where(np.isfinite(height), rest - raised * np.where(np.isfinite(height), height, 0.0), rest)
    partly = np.where(raised < firms, 1.0, 0.0)
    column = np.arange(blocks)[None, :]
    at_high = np.where(column < block[:, None], boxes.counts, 0.0)
    at_high[at, block] = raised
    at_low = boxes.counts - at_high
    at_low[at, block] -= partly
    between = np.minimum(boxes.low[at, block] + left, boxes.high[at, block])
    values = np.concatenate([boxes.high, between[:, None], boxes.low], axis=-1)
    counts = np.concatenate([at_high, partly[:, None], at_low], axis=-1)
    return values, counts, np.isfinite(total)


def _levels(boxes: Boxes, start: Floats, end: Floats) -> Floats:
    """Common values at which some measure can have its minimum, nan where there is none; shape (boxes, levels)."""
    counts, low, high = boxes.counts, boxes.low, boxes.high
    limits = np.sort(np.concatenate([low, high], axis=-1), axis=-1)
    totals = _mass(counts[:, None, :], np.clip(limits[..., None], low[:, None, :], high[:, None, :])).sum(-1)
    first = _level_of(boxes, limits, totals, start)[:, None]
    last = np.where(np.isinf(end), np.inf, _level_of(boxes, limits, totals, np.where(np.isinf(end), start, end)))[
        :, None
    ]
    found = [first, last, limits]
    for i, _ in pairwise(range(limits.shape[-1])):
        left, right = limits[:, i, None], limits[:, i + 1, None]
        free = (low <= left) & (high >= right) & (counts > 0) & (left < right)
        fixed = np.where(free, 0.0, counts)
        x = np.where(fixed > 0, np.clip(left, low, high), 0.0)
        moving = np.where(free, counts, 0.0).sum(-1, keepdims=True)
        whole, total = fixed.sum(-1, keepdims=True), (fixed * x).sum(-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            inner = np.concatenate(
                [
                    (fixed * x**2).sum(-1, keepdims=True) / total,  # sum of squares over squared total turns here
                    np.exp((fixed * _x_ln_x(np.maximum(x, 0))).sum(-1, keepdims=True) / total),  # Theil T
                    total / whole,  # Theil L, and the Hoover index where the mean passes the level
                    ((whole + moving) * x - total) / moving,  # Hoover, where the mean passes a fixed value
                    np.where(np.isinf(right), np.maximum(2 * np.where(np.isinf(left), 0, np.abs(left)), 1.0), np.nan),
                ],
                axis=-1,
            )
            found.append(np.where((inner > left) & (inner < right), inner, np.nan))
    levels = np.concatenate(found, axis=-1)
    return np.asarray(np.clip(np.where(np.isfinite(levels), levels, np.nan), first, last))


def _level_of(boxes: Boxes, limits: Floats, totals: Floats, total: Floats) -> Floats:
    """The common value at which each box has the total, one of those inside its range."""
    at = np.arange(len(total))
    below = np.where(np.isfinite(totals), totals, np.where(totals > 0, np.inf, -np.inf)) <= total[:, None]
    i = np.clip(below.sum(-1) - 1, 0, limits.shape[-1] - 2)
    left, right = limits[at, i], limits[at, i + 1]
    free = (boxes.low <= left[:, None]) & (boxes.high >= right[:, None])
    moving = np.where(free, boxes.counts, 0.0).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        up = left + (total - totals[at, i]) / moving
        down = right - (totals[at, i + 1] - total) / moving
        alike = total / moving  # one class without limits
    level = np.where(np.isfinite(left), up, np.where(np.isfinite(right), down, alike))
    level = np.where((moving > 0) & np.isfinite(level), level, np.where(np.isfinite(left), left, right))
    return np.asarray(np.clip(level, left, right))
