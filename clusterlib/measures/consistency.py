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
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval

Floats = NDArray[np.float64]

#: Relative slack between two totals that are equal on paper but are sums of many terms.
SAME_TOTAL = 1e-12
#: Every subset is looked at when contradictions are listed.
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
class Statement:
    """One printed statement about firms and their sizes.

    Attributes
    ----------
    name : str
        What to call it: a printed figure, or an argument.
    interval : Interval
        What it says: a number of firms, or a total.
    low, high : float
        Which firms are counted: those of a size from `low` (included) to `high` (excluded).
    of_total : bool
        Whether it gives the total of all firms instead.
    """

    name: str
    interval: Interval
    low: float = 0.0
    high: float = math.inf
    of_total: bool = False

    def __str__(self) -> str:
        low, high = self.interval
        said = f"{low:g}" if low == high else f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"
        return f"{self.name}: {said}"


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
        return self.interval != self.statement.interval

    @property
    def share(self) -> float:
        """Part of the printed interval that is left; nan where that has no width or no end."""
        width = self.statement.interval.high - self.statement.interval.low
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
        The other statements that this reading narrows.
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
        Whole-number readings of the counts that survive, and all of them; None if there are too many to list.
    allowed_total : Interval
        Totals that the counts alone allow; empty (nan) if the counts themselves contradict each other.
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


def at_least(threshold: float, count: Number, name: str = "") -> Statement:
    """State how many firms there are at or above a size.

    >>> print(at_least(5e6, 30))
    firms at or above 5e+06: 30
    """
    return _counted(name or f"firms at or above {threshold:g}", count, threshold, math.inf)


def between(low: float, high: float, count: Number, name: str = "") -> Statement:
    """State how many firms there are from one size to below another.

    >>> print(between(1e6, 5e6, (50, 60)))
    firms from 1e+06 to 5e+06: 50 to 60
    """
    return _counted(name or f"firms from {low:g} to {high:g}", count, low, high)


def firms(count: Number, name: str = "") -> Statement:
    """State how many firms there are.

    >>> print(firms((201, 299)))
    firms: 201 to 299
    """
    return _counted(name or "firms", count, 0.0, math.inf)


def none_above(cap: float, name: str = "") -> Statement:
    """State that no firm is larger than a size.

    >>> print(none_above(1e8))
    firms above 1e+08: 0
    """
    return _counted(name or f"firms above {cap:g}", 0, cap, math.inf)


def total(amount: Number, name: str = "") -> Statement:
    """State the total of all firms, above 0.

    >>> print(total((2e9, math.inf)))
    total: 2e+09 or more
    """
    given = as_interval(amount, name or "total")
    if given.high <= 0:
        raise InputError(f"{name or 'total'}: given {given.high:g}; allowed: a total above 0")
    return Statement(name or "total", Interval(max(given.low, 0.0), given.high), of_total=True)


def examine(statements: Sequence[Statement]) -> Consistency:
    """Say whether statements can all be true, which contradict each other, and which readings survive.

    Parameters
    ----------
    statements : sequence of Statement
        At most one of them about the total. Sizes are at least 0.

    Returns
    -------
    Consistency
        With every smallest contradicting set, or with what is left of each statement.

    Raises
    ------
    InputError
        If there are none, two totals, or more than `MOST_STATEMENTS`.

    Notes
    -----
    A set contradicts itself if no whole numbers of firms, each of a size inside its range, agree with all of it; it
    is smallest if every part of it can be true. Ends of size ranges are treated as closed.

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
    if not given or sum(each.of_total for each in given) > 1:
        raise InputError(f"statements: given {len(given)}; allowed: at least one, and one total at most")
    counted = tuple(each for each in given if not each.of_total)
    allowed = allowed_total(counted)
    if not possible(given):
        return Consistency(False, conflicts(given), (), (), _readings(given), allowed)
    survivors = tuple(_survivor(given, each, allowed) for each in given)
    return Consistency(True, (), survivors, _conditions(given, survivors), _readings(given), allowed)


def possible(statements: Sequence[Statement]) -> bool:
    """Whether statements can all be true.

    >>> possible([at_least(1, 5), at_least(2, 6)])  # more firms above the higher size
    False
    """
    counted = [each for each in statements if not each.of_total]
    told = next((each.interval for each in statements if each.of_total), Interval(0.0, math.inf))
    return _Counts.of(counted).attains(told)


def allowed_total(statements: Sequence[Statement]) -> Interval:
    """Least and greatest total that counts allow, whatever is said of the total itself.

    >>> allowed_total([firms(3), at_least(10, 1), none_above(20)])
    Interval(low=10.0, high=40.0)
    """
    counts = _Counts.of([each for each in statements if not each.of_total])
    return counts.totals() if counts.sound else Interval(math.nan, math.nan)


def conflicts(statements: Sequence[Statement]) -> tuple[tuple[Statement, ...], ...]:
    """List each smallest set of statements that contradicts itself; none if they can all be true.

    >>> [len(each) for each in conflicts([at_least(1, 5), at_least(2, 6), at_least(3, 7)])]
    [2, 2, 2]
    """
    if len(statements) > MOST_STATEMENTS:
        raise InputError(f"statements: given {len(statements)}; allowed: at most {MOST_STATEMENTS} at once")
    found: list[frozenset[int]] = []
    for size in range(1, len(statements) + 1):
        for chosen in combinations(range(len(statements)), size):
            if not any(known <= set(chosen) for known in found) and not possible([statements[i] for i in chosen]):
                found.append(frozenset(chosen))
    return tuple(tuple(statements[i] for i in sorted(each)) for each in found)


def require_possible(statements: Sequence[Statement]) -> None:
    """Raise a `ConflictError` that names each smallest contradicting set, if there is one."""
    if possible(statements):
        return
    found = conflicts(statements)
    named = " | ".join(
        f"{'; '.join(map(str, conflict))} (allowed: {_would_be_allowed(conflict)})" for conflict in found
    )
    raise ConflictError(f"statements: given what cannot all be true: {named}", found)


def _would_be_allowed(conflict: tuple[Statement, ...]) -> str:
    """What one of the statements would have to say for the set to be possible."""
    last = next((each for each in conflict if each.of_total), conflict[-1])
    others = [each for each in conflict if each is not last]
    if last.of_total:
        allowed = allowed_total(others)
        end = "" if math.isinf(allowed.high) else f" to {allowed.high:g}"
        return f"a total from {allowed.low:g}{end}"
    if not others:
        return f"whole numbers of at least 0 for {last.name}"
    left = left_of(others, replace(last, interval=Interval(0.0, math.inf)))
    said = f"at most {left.high:g}" if left.low == 0 else f"{left.low:g} or more"
    return f"{said} for {last.name}"


def _counted(name: str, count: Number, low: float, high: float) -> Statement:
    given = as_interval(count, name)
    if given.high < 0:
        raise InputError(f"{name}: given {given.high:g}; allowed: at least 0 firms")
    if not (math.isfinite(low) and low >= 0 and high > low):
        raise InputError(f"{name}: given sizes {low:g} to {high:g}; allowed: from at least 0, ascending")
    return Statement(name, Interval(max(given.low, 0.0), given.high), float(low), float(high))


@dataclass(frozen=True)
class _Counts:
    """What counting statements allow: bounds on the differences of numbers of firms at or above each size.

    ``most[i, j]`` bounds the firms at or above size i less those at or above size j; the last index is no firm.
    """

    sizes: tuple[float, ...]
    most: Floats

    @classmethod
    def of(cls, statements: Sequence[Statement]) -> _Counts:
        sizes = sorted({0.0} | {end for each in statements for end in (each.low, each.high) if math.isfinite(end)})
        at = {size: i for i, size in enumerate([*sizes, math.inf])}
        most = np.full((len(at), len(at)), np.inf)
        np.fill_diagonal(most, 0.0)
        most[tuple(zip(*((i + 1, i) for i in range(len(at) - 1)), strict=True))] = 0.0
        for each in statements:
            i, j = at[each.low], at[each.high]
            # Firms are whole: an interval without a whole number contradicts itself.
            most[i, j] = min(most[i, j], math.floor(each.interval.high) if each.interval.high < np.inf else np.inf)
            most[j, i] = min(most[j, i], -math.ceil(each.interval.low))
        return cls(tuple(sizes), most).tight()

    @property
    def sound(self) -> bool:
        return bool((np.diagonal(self.most) >= 0).all())

    @property
    def least(self) -> Floats:
        return np.asarray(-self.most[-1, :-1])

    @property
    def greatest(self) -> Floats:
        return np.asarray(self.most[:-1, -1])

    def tight(self) -> _Counts:
        """Shortest paths: every bound as tight as the others make it."""
        most = self.most.copy()
        for via in range(len(most)):
            np.minimum(most, most[:, via, None] + most[None, via, :], out=most)
        return _Counts(self.sizes, most)

    def with_bound(self, i: int, j: int, most: float) -> _Counts:
        changed = self.most.copy()
        changed[i, j] = min(changed[i, j], most)
        return _Counts(self.sizes, changed).tight()

    def total_of(self, counts: Floats) -> Interval:
        """Least and greatest total of given numbers at or above each size."""
        sizes = np.array([*self.sizes, math.inf])
        steps = np.diff(sizes)
        below = np.array([sizes[0], *steps[:-1]])
        return Interval(_sum_of(below, counts), _sum_of(steps, counts))

    def totals(self) -> Interval:
        return Interval(self.total_of(self.least).low, self.total_of(self.greatest).high)

    def attains(self, told: Interval) -> bool:
        """Whether some solution has a total in the interval: one end decides, or halves of the box are searched."""
        if not self.sound:
            return False
        slack = SAME_TOTAL * (told.low if math.isfinite(told.low) else 0.0)
        least, greatest = self.total_of(self.least), self.total_of(self.greatest)
        if least.low > told.high + slack or greatest.high < told.low - slack or greatest.high <= 0:
            return False
        if least.high >= told.low - slack or greatest.low <= told.high + slack:
            return True
        widths = self.greatest - self.least
        i = int(np.argmax(np.where(np.isfinite(widths), widths, -1.0)))
        if not widths[i] >= 1:
            i = int(np.argmax(widths))
        low, high = self.least[i], self.greatest[i]
        middle = float(np.floor((low + high) / 2)) if math.isfinite(high) else 2 * low + 1
        return self.with_bound(i, -1, middle).attains(told) or self.with_bound(-1, i, -(middle + 1)).attains(told)


def _sum_of(weights: Floats, counts: Floats) -> float:
    return sum(float(weight * count) for weight, count in zip(weights, counts, strict=True) if weight and count)


def _survivor(given: Sequence[Statement], statement: Statement, allowed: Interval) -> Survivor:
    if statement.of_total:
        told = statement.interval
        return Survivor(statement, Interval(max(told.low, allowed.low), min(told.high, allowed.high)))
    return Survivor(statement, left_of([each for each in given if each is not statement], statement))


def left_of(others: Sequence[Statement], statement: Statement) -> Interval:
    """Least and greatest number of firms that a count can have beside the others, which can all be true.

    >>> left_of([firms(9), at_least(10, (4, 6))], between(0, 10, (0, math.inf)))
    Interval(low=3.0, high=5.0)
    """
    # By halving: what is possible in an interval stays so in a wider one.
    low, high = math.ceil(statement.interval.low), statement.interval.high

    def can(first: float, last: float) -> bool:
        return possible([*others, replace(statement, interval=Interval(first, last))])

    top = math.floor(high) if math.isfinite(high) else None
    if top is None:
        if can(ENDLESS, math.inf):
            return Interval(_first(lambda value: can(low, value), low, ENDLESS), math.inf)
        top = int(ENDLESS)
    least = _first(lambda value: can(low, value), low, top)
    return Interval(least, 0.0 - _first(lambda value: can(-value, top), -top, -least))


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
        left = [
            Survivor(each.statement, left_of([other for other in told if other is not each.statement], each.statement))
            for each in survivors
            if each.statement is not pivot.statement and not each.statement.of_total and not _is_point(each.statement)
        ]
        found.append(Condition(pivot.statement, float(value), tuple(each for each in left if each.narrowed)))
    return tuple(found)


def _is_point(statement: Statement) -> bool:
    return statement.interval.low == statement.interval.high


def _readings(given: Sequence[Statement]) -> tuple[int, int] | None:
    """How many whole-number readings of the counts survive, and how many there are."""
    counted = [each for each in given if not each.of_total]
    ranges = [(math.ceil(each.interval.low), each.interval.high) for each in counted]
    number = math.prod(
        max(0.0, math.floor(high) - low + 1) if math.isfinite(high) else math.inf for low, high in ranges
    )
    if not number <= MOST_READINGS:
        return None
    values = [np.arange(low, math.floor(high) + 1, dtype=float) for low, high in ranges]
    grid = np.stack([each.ravel() for each in np.meshgrid(*values, indexing="ij")]) if values else np.zeros((0, 1))
    solved = _solve(counted, grid)
    if solved is None:
        return None
    sizes, counts = solved
    told = next((each.interval for each in given if each.of_total), Interval(0.0, math.inf))
    whole = np.concatenate([counts, np.zeros((1, counts.shape[1]))])
    falling = (whole[:-1] >= whole[1:]).all(axis=0)
    steps = np.diff([*sizes, math.inf])
    with np.errstate(invalid="ignore"):
        least = (np.array([sizes[0], *steps[:-1]])[:, None] * counts).sum(axis=0)
        greatest = np.where(counts > 0, steps[:, None] * counts, 0.0).sum(axis=0)
    slack = SAME_TOTAL * (told.low if math.isfinite(told.low) else 0.0)
    return int((falling & (least <= told.high + slack) & (greatest >= told.low - slack)).sum()), int(number)


def _solve(counted: Sequence[Statement], grid: Floats) -> tuple[list[float], Floats] | None:
    """Numbers of firms at or above each size for given readings; None where the statements leave one open."""
    known: dict[float, Floats] = {math.inf: np.zeros(grid.shape[1])}
    waiting = list(zip(counted, grid, strict=True))
    while waiting:
        ready = [each for each in waiting if (each[0].low in known) != (each[0].high in known)]
        if not ready:
            break
        for statement, value in ready:
            if statement.high in known:
                known.setdefault(statement.low, known[statement.high] + value)
            else:
                known.setdefault(statement.high, known[statement.low] - value)
        done = {id(statement) for statement, _ in ready}
        waiting = [each for each in waiting if id(each[0]) not in done]
    sizes = sorted({0.0} | {end for each in counted for end in (each.low, each.high) if math.isfinite(end)})
    if waiting or any(size not in known for size in sizes):
        return None
    return sizes, np.stack([known[size] for size in sizes])
