"""Whole-number readings of printed counts as boxes of ranked firms, and which of them decide which ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import SAME_TOTAL, Interval
from clusterlib.measures.extremes import Boxes

Floats = NDArray[np.float64]

#: Combinations of whole numbers of firms that are looked at one by one.
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Readings:
    """All whole-number readings as boxes, and which of them decide which ends.

    Attributes
    ----------
    boxes : Boxes
        One row a reading.
    tall : ndarray of bool, shape (rows,)
        Readings that have every maximum, and the minimum of what firms with nothing do not change: where firms may
        have nothing, those with the most firms.
    endless : bool
        Whether the number of firms has no end.
    """

    boxes: Boxes
    tall: NDArray[np.bool_]
    endless: bool = False


def of_ranks(
    sizes: Sequence[float],
    ranges: Sequence[Interval],
    all_firms: Interval,
    cap: float,
    told: Interval,
    k: Sequence[int],
) -> Readings:
    """Boxes of the cumulative reading: one for each number of firms, in blocks of ranks with the same limits."""
    most_firms = [
        max(each.low, min(each.high, all_firms.high, _most_of(told.high, size)))
        for each, size in zip(ranges, sizes, strict=True)
    ]
    most = list(np.minimum.accumulate(most_firms))
    least = list(np.maximum.accumulate([each.low for each in ranges][::-1])[::-1])
    require_finite(most, "counts")
    start = sorted({0.0, *least, *most})
    end = [*start[1:], math.inf]
    low = [max((size for size, known in zip(sizes, least, strict=True) if known >= last), default=0.0) for last in end]
    high = [
        min((size for size, known in zip(sizes, most, strict=True) if known <= first), default=cap) for first in start
    ]
    certain = sum(size * (known - more) for size, known, more in zip(sizes, least, [*least[1:], 0.0], strict=True))
    # With this many firms the largest total can be spread below the first threshold: more are only less alike.
    enough = least[0] + _ceiling((told.high - certain) / sizes[0])
    firms = Interval(max(all_firms.low, least[0]), all_firms.high)
    beyond = most[0] + _ceiling(told.low / sizes[0]) + max(k, default=1)
    one_row = [np.array([each]) for each in (firms.low, firms.high, enough, beyond)]
    _, numbers, tall = _numbers(*one_row, told=told)
    counts = np.clip(numbers[:, None] - np.array(start), 0, np.array(end) - np.array(start))
    low_rows, high_rows = (np.broadcast_to(np.array(each), counts.shape) for each in (low, high))
    return Readings(Boxes(counts, low_rows, high_rows), tall, math.isinf(firms.high))


def of_classes(
    edges: Sequence[tuple[float, float]],
    ranges: Sequence[Interval],
    all_firms: Interval | None,
    told: Interval,
    k: Sequence[int],
) -> Readings:
    """Boxes of counts in classes: one for each combination of whole numbers, the class at the bottom counted last."""
    number = all_firms or Interval(0.0, math.inf)
    floor, ceiling = edges[0]
    most = [min(each.high, number.high) for each in ranges]
    deepest = sum(count * low for count, (low, _) in zip(most, edges, strict=True) if low < 0 < count)
    # No class has more firms than the total has room for beside all losses.
    lowest, *larger = (
        Interval(each.low, max(each.low, min(count, _most_of(told.high - deepest, low))))
        for each, count, (low, _) in zip(ranges, most, edges, strict=True)
    )
    require_finite([each.high for each in (larger if floor == 0 else [lowest, *larger])], "counts")
    rest = Interval(number.low - lowest.high, number.high - lowest.low)
    combinations = list(islice(_summing(larger, rest), MOST_ROWS + 1))
    _require_few(len(combinations))
    upper = np.array(combinations, dtype=float).reshape(len(combinations), len(larger))
    least = np.maximum(lowest.low, number.low - upper.sum(-1))
    greatest = np.minimum(lowest.high, number.high - upper.sum(-1))
    enough, beyond = np.full_like(least, np.inf), least + max(k, default=1)
    if floor == 0:
        beyond = beyond + _ceiling(told.low / ceiling)
        certain = upper @ np.array([low for low, _ in edges[1:]])
        # Alone in an open class all firms can be alike, however many they are.
        enough = least if math.isinf(ceiling) else np.maximum(0, np.ceil((told.high - certain) / ceiling))
    at, numbers, last = _numbers(least, greatest, enough, beyond, told=told)
    counts = np.column_stack([upper[at, ::-1], numbers])
    limits = np.array(edges[::-1], dtype=float)
    low, high = (np.broadcast_to(limits[:, i], counts.shape) for i in (0, 1))
    tall = last if floor == 0 else np.ones(len(counts), dtype=bool)
    return Readings(Boxes(counts, low, high), tall, floor == 0 and math.isinf(greatest.max(initial=0.0)))


def _summing(ranges: Sequence[Interval], total: Interval) -> Iterator[tuple[int, ...]]:
    """Whole numbers in the ranges whose sum lies in the interval."""
    if not ranges:
        if total.low <= 0 <= total.high:
            yield ()
        return
    first, *others = ranges
    least, most = sum(each.low for each in others), sum(each.high for each in others)
    low, high = max(first.low, total.low - most), min(first.high, total.high - least)
    for count in range(int(low), int(high) + 1):
        for more in _summing(others, Interval(total.low - count, total.high - count)):
            yield (count, *more)


def _numbers(
    least: Floats, greatest: Floats, enough: Floats, beyond: Floats, *, told: Interval
) -> tuple[NDArray[np.intp], Floats, NDArray[np.bool_]]:
    """Numbers of firms to look at in each row: the row, the number, and whether it has every maximum.

    Beyond `enough` firms are only less alike. Where there is no end to them, more than `beyond` are so many that the
    least total is reached without them and the largest firms are all there.
    """
    endless = np.isinf(greatest)
    last = np.where(endless, np.maximum(least, beyond) + 1, greatest)
    needed = np.maximum(least, np.minimum(greatest, enough))
    needed = np.where(endless & math.isinf(told.high), least, needed)
    lengths = needed - least + 1
    _require_few(float(lengths.sum()))
    steps = lengths.astype(np.intp)
    at = np.repeat(np.arange(len(least)), steps)
    numbers = least[at] + np.arange(len(at)) - np.repeat(np.cumsum(steps) - steps, steps)
    at = np.concatenate([at, np.flatnonzero(last > needed)])
    numbers = np.concatenate([numbers, last[last > needed]])
    return at, numbers, numbers == last[at]


def _most_of(total: float, size: float) -> float:
    """How many firms of at least a size a total has room for; equal on paper is enough, as 0.3 for three of 0.1."""
    if size <= 0 or math.isinf(total):
        return math.inf
    return float(math.floor(total / size * (1 + SAME_TOTAL)))


def _ceiling(number: float) -> float:
    return float(max(0, math.ceil(number))) if math.isfinite(number) else math.inf


def _require_few(number: float) -> None:
    if number > MOST_ROWS:
        raise InputError(
            f"counts, n: given {number:,.0f} combinations of whole numbers or more; allowed: at most {MOST_ROWS:,}, "
            "so narrow the widest, or give n"
        )


def require_finite(ends: Sequence[float], name: str) -> None:
    """Refuse a count that nothing bounds."""
    if any(math.isinf(end) for end in ends):
        raise InputError(f"{name}: given a count without an upper end; allowed: with a number of firms or a total")
