"""Can printed statements all be true? Which contradict each other, and which readings are left if they barely can?

Statements count the firms of a size range, or give the total. Sizes at or above the limits that the statements name
are unknown whole numbers, each statement an interval for the difference of two of them; so what the counts allow is
closed under taking the smaller or the larger of two solutions, and has a least and a greatest one. Between the totals
of these two lies every total that the counts allow, but for gaps that a search looks into.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.measures.counting import Counts, sizes_of, told_total, with_slack
from clusterlib.measures.statements import Statement, at_least, between, firms, none_above, said, shown, total

__all__ = [
    "Condition",
    "ConflictError",
    "Consistency",
    "Statement",
    "Survivor",
    "allowed_total",
    "at_least",
    "between",
    "conflicts",
    "examine",
    "firms",
    "left_of",
    "none_above",
    "possible",
    "require_possible",
    "total",
]

Floats = NDArray[np.float64]

#: All contradictions of so many are listed: they may be as many as the subsets.
MOST_STATEMENTS = 16
#: Whole-number readings are counted one by one up to this many.
MOST_READINGS = 1_000_000
#: Values of one statement for which the others are read off in turn.
MOST_CONDITIONS = 60
#: A count that may be this large is not bounded by anything printed.
ENDLESS = 2.0**50


class ConflictError(InputError):
    """Statements that cannot all be true.

    Attributes
    ----------
    conflicts : tuple of tuple of Statement
        Each smallest set that contradicts itself.
    """

    def __init__(self, message: str, conflicts: tuple[tuple[Statement, ...], ...]) -> None:
        self.conflicts = conflicts
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return (ConflictError, (str(self), self.conflicts))


@dataclass(frozen=True)
class Survivor:
    """What is left of one statement when all the others are true as well.

    Attributes
    ----------
    statement : Statement
        The statement as printed.
    interval : Interval
        The part of its interval that the others allow.
    """

    statement: Statement
    interval: Interval

    @property
    def narrowed(self) -> bool:
        """Whether the others exclude a part of it."""
        return self.interval != self.statement.readings

    @property
    def share(self) -> float:
        """Part of the printed interval that is left; nan where that has no width or no end."""
        width = self.statement.readings.high - self.statement.readings.low
        if not 0 < width < math.inf:
            return math.nan
        whole = 0 if self.statement.of_total else 1
        return (self.interval.high - self.interval.low + whole) / (width + whole)


@dataclass(frozen=True)
class Condition:
    """One reading of a statement, and what is then left of the others.

    Attributes
    ----------
    statement : Statement
        The statement that is read.
    value : float
        The reading.
    others : tuple of Survivor
        The other counts that this reading narrows.
    """

    statement: Statement
    value: float
    others: tuple[Survivor, ...]


@dataclass(frozen=True)
class Consistency:
    """Whether statements can all be true, and how much room that leaves.

    Attributes
    ----------
    possible : bool
        Whether they can.
    conflicts : tuple of tuple of Statement
        Each smallest set that contradicts itself; empty if `possible`.
    survivors : tuple of Survivor
        What is left of each statement; empty unless `possible`.
    conditions : tuple of Condition
        Each surviving reading of the most narrowed count that is printed with room, ascending.
    readings : tuple of int or None
        Whole-number readings of the counts that survive, and all of them; None if there are too many to list, or if
        they leave another number than that of all firms open.
    allowed_total : Interval
        Least and greatest total that the counts alone allow; nan if the counts themselves contradict each other.
    """

    possible: bool
    conflicts: tuple[tuple[Statement, ...], ...]
    survivors: tuple[Survivor, ...]
    conditions: tuple[Condition, ...]
    readings: tuple[int, int] | None
    allowed_total: Interval

    @property
    def barely(self) -> bool:
        """Whether they can all be true, but not in every reading of the printed words."""
        return self.possible and any(each.narrowed for each in self.survivors)


def examine(statements: Sequence[Statement]) -> Consistency:
    """Say whether statements can all be true, which contradict each other, and which readings survive.

    Parameters
    ----------
    statements : sequence of Statement
        Sizes are at least 0.

    Returns
    -------
    Consistency
        With every smallest contradicting set, or with what is left of each statement.

    Raises
    ------
    InputError
        If there are none or more than `MOST_STATEMENTS`, or if the total is too narrow to search all that the counts
        leave open.

    Notes
    -----
    A set contradicts itself if no whole numbers of firms, each of a size inside its range, agree with all of it; it
    is smallest if every part of it can be true. Ends of size ranges are treated as closed. Whatever is stated, the
    total is above 0: firms that have nothing have no shares. What is left of a
    statement is its least and greatest reading; some between them may be excluded.

    Examples
    --------
    Two firms of at most 10 cannot make up 30:

    >>> told = [firms(2, "two firms"), none_above(10, "none above 10"), total(30, "thirty in all")]
    >>> [[each.name for each in conflict] for conflict in examine(told).conflicts]
    [['two firms', 'none above 10', 'thirty in all']]

    One to three of them can, if they are three:

    >>> told[0] = firms((1, 3), "one to three firms")
    >>> print(*(each.interval for each in examine(told).survivors if each.narrowed))
    Interval(low=3.0, high=3.0)
    """
    given = tuple(statements)
    if not 0 < len(given) <= MOST_STATEMENTS:
        raise InputError(f"statements: given {len(given)}; allowed: 1 to {MOST_STATEMENTS} at once")
    allowed = allowed_total(given)
    if not possible(given):
        return Consistency(False, conflicts(given), (), (), _readings(given), allowed)
    survivors = tuple(Survivor(each, left_of(_without(given, each), each)) for each in given)
    return Consistency(True, (), survivors, _conditions(given, survivors), _readings(given), allowed)


def possible(statements: Sequence[Statement]) -> bool:
    """Whether statements can all be true.

    >>> possible([at_least(1, 5), at_least(2, 6)])  # more firms above the higher size
    False
    """
    return not math.isnan(Counts.of(statements).nearest(told_total(statements), "any"))


def allowed_total(statements: Sequence[Statement]) -> Interval:
    """Least and greatest total that counts allow, whatever is said of the total itself; nan if they allow none.

    >>> allowed_total([firms(3), at_least(10, 1), none_above(20)])
    Interval(low=10.0, high=40.0)
    """
    counts = Counts.of(statements)
    return counts.totals() if counts.sound else Interval(math.nan, math.nan)


def conflicts(statements: Sequence[Statement]) -> tuple[tuple[Statement, ...], ...]:
    """List each smallest set of statements that contradicts itself; none if they can all be true.

    >>> [len(each) for each in conflicts([at_least(1, 5), at_least(2, 6), at_least(3, 7)])]
    [2, 2, 2]
    """
    if len(statements) > MOST_STATEMENTS:
        raise InputError(f"statements: given {len(statements)}; allowed: at most {MOST_STATEMENTS} at once")
    # A set other than one already found lacks one of its members: leave out each in turn, and look into the rest.
    found: list[frozenset[int]] = []
    seen: set[frozenset[int]] = set()
    waiting = [frozenset(range(len(statements)))]
    while waiting:
        rest = waiting.pop()
        if rest in seen:
            continue
        seen.add(rest)
        smallest = next((known for known in found if known <= rest), None)
        if smallest is None:
            if possible(_chosen(statements, rest)):
                continue
            smallest = _smallest(statements, rest)
            found.append(smallest)
        waiting += [rest - {i} for i in smallest]
    return tuple(_chosen(statements, each) for each in sorted(found, key=lambda each: (len(each), sorted(each))))


def require_possible(statements: Sequence[Statement]) -> None:
    """Raise a `ConflictError` that names each smallest contradicting set, if there is one.

    Of more than `MOST_STATEMENTS` it names one.
    """
    if possible(statements):
        return
    if len(statements) > MOST_STATEMENTS:
        one = _smallest(statements, frozenset(range(len(statements))))
        found: tuple[tuple[Statement, ...], ...] = (_chosen(statements, one),)
    else:
        found = conflicts(statements)
    named = " | ".join(
        f"{'; '.join(map(str, conflict))} (allowed: {_would_be_allowed(conflict)})" for conflict in found
    )
    raise ConflictError(f"statements: given what cannot all be true: {named}", found)


def _chosen(statements: Sequence[Statement], places: frozenset[int]) -> tuple[Statement, ...]:
    return tuple(statements[i] for i in sorted(places))


def _without(statements: Sequence[Statement], statement: Statement) -> list[Statement]:
    return [each for each in statements if each is not statement]


def _smallest(statements: Sequence[Statement], places: frozenset[int]) -> frozenset[int]:
    """Leave out of a contradicting set whatever it does not need to contradict itself."""
    for i in sorted(places):
        if not possible(_chosen(statements, places - {i})):
            places -= {i}
    return places


def _would_be_allowed(conflict: tuple[Statement, ...]) -> str:
    """What one of the statements would have to say for the set to be possible."""
    # A total, or a count that counts any firms: that there is none is seldom what was misread.
    last = max(reversed(conflict), key=lambda each: (each.of_total, each.interval.high > 0))
    others = _without(conflict, last)
    if last.of_total:
        counts, told = Counts.of(others), told_total(others)
        below = counts.nearest(Interval(told.low, min(told.high, last.interval.low)), "high")
        above = counts.nearest(Interval(max(told.low, last.interval.high), told.high), "low")
        ends = [f"{side} {shown(end)}" for side, end in (("at most", below), ("at least", above)) if end == end]
        return f"{' or '.join(ends)} for {last.name}" if ends else f"no {last.name} above 0"
    if last.readings.low > last.readings.high:
        return f"a whole number for {last.name}"
    return f"{said(left_of(others, replace(last, interval=Interval(0.0, math.inf))))} for {last.name}"


def left_of(others: Sequence[Statement], statement: Statement) -> Interval:
    """Least and greatest reading of a statement if the others are true as well; nan if they cannot all be.

    >>> left_of([firms(9), at_least(10, (4, 6))], between(0, 10, (0, math.inf)))
    Interval(low=3.0, high=5.0)
    """
    given = [*others, statement]
    counts, told = Counts.of(given), told_total(given)
    if statement.of_total:
        return Interval(counts.nearest(told, "low"), counts.nearest(told, "high"))

    def can(bounded: Counts) -> bool:
        return not math.isnan(bounded.nearest(told, "any"))

    if not can(counts):
        return Interval(math.nan, math.nan)
    ends = [*counts.sizes, math.inf]
    i, j = ends.index(statement.low), ends.index(statement.high)
    least, greatest = -counts.most[j, i], counts.most[i, j]

    def up_to(most: float) -> bool:
        return can(counts.with_bound(i, j, most))

    def from_minus(least: float) -> bool:
        return can(counts.with_bound(j, i, least))

    # By halving: what is possible in an interval stays so in a wider one.
    last = min(greatest, ENDLESS)
    low = _first(up_to, least, last)
    if from_minus(-last):
        return Interval(low, float(greatest))
    return Interval(low, 0.0 - _first(from_minus, -last, -low))


def _first(holds: Callable[[float], bool], low: float, high: float) -> float:
    """First whole number from which something holds, known to hold at the last."""
    low, high = int(low), int(high)
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return float(low)


def _conditions(given: Sequence[Statement], survivors: Sequence[Survivor]) -> tuple[Condition, ...]:
    """Readings of the most narrowed count, each with what it leaves of the other counts."""
    narrowed = [each for each in survivors if each.narrowed and not each.statement.of_total]
    if not narrowed:
        return ()
    pivot = min(narrowed, key=lambda each: each.share if each.share == each.share else math.inf)
    low, high = pivot.interval
    if not high - low < MOST_CONDITIONS:
        return ()
    found = []
    for value in range(int(low), int(high) + 1):
        fixed = replace(pivot.statement, interval=Interval(float(value), float(value)))
        told = [fixed if each is pivot.statement else each for each in given]
        if possible(told):
            left = [Survivor(each, left_of(_without(told, each), each)) for each in told if not each.of_total]
            found.append(Condition(pivot.statement, float(value), tuple(each for each in left if each.narrowed)))
    return tuple(found)


def _readings(given: Sequence[Statement]) -> tuple[int, int] | None:
    """How many whole-number readings of the counts survive, and how many there are."""
    counted = [each for each in given if not each.of_total]
    ranges = [each.readings for each in counted]
    number = math.prod(max(0.0, high - low + 1) for low, high in ranges)
    if not number <= MOST_READINGS:
        return None
    values = [np.arange(low, high + 1) for low, high in ranges]
    grid = [each.ravel() for each in np.meshgrid(*values, indexing="ij")]
    # Firms at or above each size, by statements that have one end known; where they have both, these must agree.
    known: dict[float, Floats] = {math.inf: np.zeros(int(number))}
    agree = np.ones(int(number), dtype=bool)
    waiting = list(zip(counted, grid, strict=True))
    while waiting:
        at = next((i for i, (each, _) in enumerate(waiting) if each.low in known or each.high in known), None)
        if at is None:
            return None
        statement, value = waiting.pop(at)
        if statement.high in known:
            count = known[statement.high] + value
            agree &= known.setdefault(statement.low, count) == count
        else:
            known[statement.high] = known[statement.low] - value
    # The number of all firms, if it is open, is bounded below only.
    known.setdefault(0.0, np.full(int(number), np.inf))
    least, greatest = np.zeros(int(number)), np.zeros(int(number))
    for low, high in pairwise([*sizes_of(counted), math.inf]):
        inside = known[low] - known[high]
        agree &= inside >= 0
        least += low * inside if low else 0.0
        greatest[inside > 0] += high * inside[inside > 0]
    low, high = with_slack(told_total(given))
    return int((agree & (low <= high) & (least <= high) & (greatest >= low)).sum()), int(number)
