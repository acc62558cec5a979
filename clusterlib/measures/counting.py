"""Whole numbers of firms that counting statements allow, and the totals that these can have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import SAME_TOTAL, Interval
from clusterlib.measures.statements import Statement, said

Floats = NDArray[np.float64]

#: Parts of the solutions that a search between gaps looks at; made-up counts of printed kinds need fewer than 200.
MOST_PARTS = 1_000


@dataclass(frozen=True)
class Counts:
    """What counting statements allow: bounds on the differences of numbers of firms at or above each size.

    ``most[i, j]`` bounds the firms at or above size i less those at or above size j; the last index is no firm.
    """

    sizes: tuple[float, ...]
    most: Floats

    @classmethod
    def of(cls, statements: Sequence[Statement]) -> Counts:
        """What the counting ones among statements allow."""
        counted = [each for each in statements if not each.of_total]
        sizes = sizes_of(counted)
        at = {size: i for i, size in enumerate([*sizes, math.inf])}
        most = np.full((len(at), len(at)), np.inf)
        np.fill_diagonal(most, 0.0)
        most[tuple(zip(*((i + 1, i) for i in range(len(at) - 1)), strict=True))] = 0.0
        for each in counted:
            i, j = at[each.low], at[each.high]
            # Firms are whole: an interval without a whole number contradicts itself.
            most[i, j] = min(most[i, j], each.readings.high)
            most[j, i] = min(most[j, i], -each.readings.low)
        return cls(tuple(sizes), most).tight()

    @property
    def sound(self) -> bool:
        """Whether the counts themselves can all be true."""
        return bool((np.diagonal(self.most) >= 0).all())

    @property
    def least(self) -> Floats:
        """Least number of firms at or above each size."""
        return np.asarray(-self.most[-1, :-1])

    @property
    def greatest(self) -> Floats:
        """Greatest number of firms at or above each size."""
        return np.asarray(self.most[:-1, -1])

    def tight(self) -> Counts:
        """Shortest paths: every bound as tight as the others make it."""
        most = self.most.copy()
        for via in range(len(most)):
            np.minimum(most, most[:, via, None] + most[None, via, :], out=most)
        return Counts(self.sizes, most)

    def with_bound(self, i: int, j: int, most: float) -> Counts:
        """Add one bound: as all others are tight, only paths through it can be shorter."""
        return Counts(self.sizes, np.minimum(self.most, self.most[:, i, None] + most + self.most[None, j, :]))

    def total_of(self, counts: Floats) -> Interval:
        """Least and greatest total of given numbers at or above each size."""
        steps = np.diff([*self.sizes, math.inf])
        return Interval(_sum_of(steps[:-1], counts[1:]), _sum_of(steps, counts))

    def totals(self) -> Interval:
        """Least and greatest total."""
        return Interval(self.total_of(self.least).low, self.total_of(self.greatest).high)

    def halves(self) -> tuple[Counts, Counts]:
        """Split the widest count that has an end in the middle, or at twice its least the last one that has none."""
        widths = self.greatest - self.least
        ending = np.where(np.isfinite(widths), widths, 0.0)
        # Of those without an end the last: doubled again and again it outgrows any total; that of all firms need not.
        i = int(np.argmax(ending) if ending.any() else np.flatnonzero(widths)[-1])
        low, high = self.least[i], self.greatest[i]
        middle = float(np.floor((low + high) / 2)) if math.isfinite(high) else 2 * low + 1
        return self.with_bound(i, -1, middle), self.with_bound(-1, i, -(middle + 1))

    def nearest(self, told: Interval, end: Literal["low", "high", "any"]) -> float:
        """Least, greatest or any total that some solution has inside an interval; nan if there is none.

        The totals of one solution have no gap. So if the least solution reaches up to the interval, no other has a
        lower total inside; likewise the greatest. Else halves of the solutions are searched.
        """
        low, high = with_slack(told)
        found = math.nan
        waiting = [self] if low <= high else []
        for _ in range(MOST_PARTS):
            if not waiting or (not math.isnan(found) and (end == "any" or low >= high)):
                return found
            part = waiting.pop()
            if not part.sound:
                continue
            least, greatest = part.total_of(part.least), part.total_of(part.greatest)
            if least.low > high or greatest.high < low:
                continue
            if end != "high" and least.high >= low:
                found = min(max(least.low, told.low), told.high)
                high = max(least.low, low)
            elif end != "low" and greatest.low <= high:
                found = max(min(greatest.high, told.high), told.low)
                low = min(greatest.high, high)
            else:
                waiting += part.halves() if end == "high" else part.halves()[::-1]
        raise InputError(
            f"total: given {said(told)}, too narrow to search all that the counts leave open; allowed: a wider total, "
            "or narrower counts"
        )


def sizes_of(counted: Sequence[Statement]) -> list[float]:
    """Sizes that statements name, ascending, 0 first."""
    return sorted({0.0} | {end for each in counted for end in (each.low, each.high) if math.isfinite(end)})


def told_total(statements: Sequence[Statement]) -> Interval:
    """What is said of the total."""
    told = [each.interval for each in statements if each.of_total]
    return Interval(max([0.0, *(each.low for each in told)]), min([math.inf, *(each.high for each in told)]))


def with_slack(told: Interval) -> Interval:
    """Ends that rounding cannot miss; a total is above 0."""
    return Interval(told.low * (1 - SAME_TOTAL) or math.ulp(0.0), told.high * (1 + SAME_TOTAL))


def _sum_of(weights: Floats, counts: Floats) -> float:
    return sum(float(weight * count) for weight, count in zip(weights, counts, strict=True) if weight and count)
