"""Does an interval carry a claim about the number in it? A verdict never says more than the interval does."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval, Number, as_interval

Comparison = Literal["above", "at_least", "below", "at_most", "between"]
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
Verdict = Literal["contradicted", "mixed", "only_at_the_extreme", "supported", "undecidable"]
#: Verdicts, those that a reader of the claim would least expect first.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
#: A claim that is true in at most this part of an interval, at its end, is true only at the extreme.
EXTREME = 0.1


@dataclass(frozen=True)
class Judgement:
    """A verdict, and where in the interval the claim is true.

    Attributes
    ----------
    verdict : {"supported", "contradicted", "only_at_the_extreme", "undecidable"}
        The verdict.
    true_in : Interval
        Part of the interval in which the claim is true; nan at both ends where there is none.
    part : float
        Its share of the interval (of its whole numbers, for counts); nan where the interval is unbounded.
    """

    verdict: Verdict
    true_in: Interval
    part: float


def judge(
    interval: Number, comparison: Comparison, bound: Number, *, whole: bool = False, extreme: float = EXTREME
) -> Judgement:
    """Judge a claim about a number by the interval in which the number lies.

    Parameters
    ----------
    interval : float or (float, float)
        Where the number lies, in any unit; infinite ends are open.
    comparison : {"above", "at_least", "below", "at_most", "between"}
        How the claim says that the number stands to the bound; only ``above`` and ``below`` exclude it.
    bound : float or (float, float)
        The bound, in the same unit; both ends of it for ``between``.
    whole : bool, default False
        Whether the number is a whole number.
    extreme : float, default 0.1
        A claim is true only at the extreme if it is true in at most this part of a bounded interval, at its end.

    Returns
    -------
    Judgement
        ``supported`` if the claim is true in the whole interval, ``contradicted`` if it is true nowhere in it.

    Raises
    ------
    InputError
        If an end is not a number, the ends are reversed, the comparison is unknown or `extreme` is no fraction.

    Examples
    --------
    >>> judge((1.185, 1.186), "above", 1).verdict, judge((0.87, 0.89), "above", 1).verdict
    ('supported', 'contradicted')
    >>> found = judge((0.465, 2.129), "between", (2, 3))  # true from 2 on only
    >>> found.verdict, round(found.part, 3)
    ('only_at_the_extreme', 0.078)
    >>> judge((30, 70), "above", 50).verdict
    'undecidable'
    """
    if comparison not in COMPARISONS:
        raise unknown("comparison", comparison, COMPARISONS)
    if not 0 <= extreme < 1:
        raise InputError(f"extreme: given {extreme!r}; allowed: a fraction from 0 to below 1")
    numbers, limits = as_interval(interval, "interval"), as_interval(bound, "bound")
    if comparison != "between" and not limits.is_point:
        raise InputError(f"bound: given {bound!r}; allowed: one number for {comparison}")
    if whole:
        numbers = Interval(_whole(numbers.low, up=True), _whole(numbers.high, up=False))
        if numbers.low > numbers.high:
            raise InputError(f"interval: given {interval!r}; allowed: one with a whole number in it")
    true_in, strict = _true_in(numbers, comparison, limits, whole=whole)
    if true_in.low > true_in.high or (strict and true_in.is_point):
        return Judgement("contradicted", Interval(math.nan, math.nan), 0.0)
    if true_in == numbers and not strict:
        return Judgement("supported", true_in, 1.0)
    part = _part(true_in, numbers, whole=whole)
    at_end = true_in.low == numbers.low or true_in.high == numbers.high
    if at_end and part <= extreme:
        return Judgement("only_at_the_extreme", true_in, part)
    return Judgement("undecidable", true_in, part)


def combine(verdicts: Collection[Verdict]) -> Verdict:
    """Verdict on a claim from those on its readings.

    Parameters
    ----------
    verdicts : collection of str
        One for each reading.

    Returns
    -------
    str
        The one that all readings share. ``mixed`` if the claim is supported in one reading, and contradicted or true
        only at the extreme in another. ``only_at_the_extreme`` if it is contradicted in all the others. Else, or if
        there is no reading, ``undecidable``.

    Raises
    ------
    InputError
        If a verdict is unknown.

    Examples
    --------
    >>> combine(["supported", "contradicted"]), combine(["contradicted", "undecidable"]), combine([])
    ('mixed', 'undecidable', 'undecidable')
    """
    for verdict in verdicts:
        if verdict not in VERDICTS:
            raise unknown("verdict", verdict, VERDICTS)
    found = set(verdicts)
    if len(found) == 1:
        return found.pop()
    if "mixed" in found or ("supported" in found and found & {"contradicted", "only_at_the_extreme"}):
        return "mixed"
    return "only_at_the_extreme" if found == {"contradicted", "only_at_the_extreme"} else "undecidable"


def margin_of(interval: Number, comparison: Comparison, bound: float) -> float:
    """Largest relative margin by which the whole interval still clears a bound.

    Parameters
    ----------
    interval : float or (float, float)
        Where the number lies.
    comparison : {"above", "at_least", "below", "at_most"}
        On which side of the bound the claim puts it.
    bound : float
        The bound, above zero.

    Returns
    -------
    float
        As a fraction of the bound; negative if some of the interval lies on the other side.

    Raises
    ------
    InputError
        If the bound is not above zero, or the comparison has two bounds.

    Examples
    --------
    >>> round(margin_of((1.04, 1.05), "above", 1), 3), round(margin_of((0.87, 0.89), "above", 1), 3)
    (0.04, -0.13)
    """
    if not 0 < bound < math.inf:
        raise InputError(f"bound: given {bound!r}; allowed: a number above 0")
    low, high = as_interval(interval, "interval")
    if comparison in ("above", "at_least"):
        return low / bound - 1
    if comparison in ("below", "at_most"):
        return 1 - high / bound
    raise InputError(f"comparison: given {comparison!r}; allowed: above, at_least, below, at_most")


def _true_in(numbers: Interval, comparison: Comparison, limits: Interval, *, whole: bool) -> tuple[Interval, bool]:
    """Part of the numbers in which a claim is true, and whether the bound, one of its ends, is excluded."""
    low, high = numbers
    if comparison in ("above", "at_least"):
        least = limits.low
        if whole:
            least = _whole(least, up=True) + (comparison == "above" and least == math.floor(least))
        strict = comparison == "above" and not whole and low <= least
        return Interval(max(low, least), high), strict
    if comparison in ("below", "at_most"):
        most = limits.high
        if whole:
            most = _whole(most, up=False) - (comparison == "below" and most == math.ceil(most))
        strict = comparison == "below" and not whole and high >= most
        return Interval(low, min(high, most)), strict
    return Interval(max(low, limits.low), min(high, limits.high)), False


def _part(true_in: Interval, numbers: Interval, *, whole: bool) -> float:
    width = numbers.high - numbers.low
    if not math.isfinite(width):
        return math.nan  # how large a part of an unbounded interval is, nobody can say
    if whole:
        return (true_in.high - true_in.low + 1) / (width + 1)
    return (true_in.high - true_in.low) / width


def _whole(end: float, *, up: bool) -> float:
    return end if math.isinf(end) else float(math.ceil(end) if up else math.floor(end))
