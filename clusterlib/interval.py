"""Closed intervals: the form in which every printed number enters a calculation."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

from clusterlib.errors import InputError


class Interval(NamedTuple):
    """A closed interval; an infinite end means that nothing bounds that side."""

    low: float
    high: float

    @property
    def is_point(self) -> bool:
        """Whether both ends coincide."""
        return self.low == self.high


#: Relative slack between two totals that are equal on paper but are sums of many terms.
SAME_TOTAL = 1e-12
#: What a caller may pass for a printed number: the number, or its interval.
Number = float | tuple[float, float]


def as_interval(given: Number, name: str) -> Interval:
    """Read a number or a ``(low, high)`` pair as an interval.

    Parameters
    ----------
    given : float or (float, float)
        The number, or its two ends in ascending order.
    name : str
        What the number is called, for the error message.

    Raises
    ------
    InputError
        If it is neither, if an end is not a number, or if ``low > high``.

    Examples
    --------
    >>> as_interval(0.25, "share")
    Interval(low=0.25, high=0.25)
    >>> as_interval((0.2, 0.3), "share")
    Interval(low=0.2, high=0.3)
    """
    try:
        if isinstance(given, (tuple, list)):
            low, high = given
        else:
            low = high = given
        missing = math.isnan(low) or math.isnan(high)  # refuses text, which float() would read
        ends = Interval(float(low), float(high))
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: given {given!r}; allowed: a number or a (low, high) pair of numbers") from None
    if missing:
        raise InputError(f"{name}: given {given!r}; allowed: numbers, not nan")
    if ends.low > ends.high:
        raise InputError(f"{name}: given low {ends.low:g} above high {ends.high:g}; allowed: low <= high")
    return ends


def in_words(interval: Interval) -> str:
    """Ends of an interval in an error message, one number where both are the same.

    >>> in_words(Interval(1, 2)), in_words(Interval(3, 3))
    ('1 to 2', '3')
    """
    return f"{interval.low:g}" if interval.is_point else f"{interval.low:g} to {interval.high:g}"


def over_corners(function: Callable[..., float], *intervals: Interval) -> Interval:
    """Range of a function over a box, from the corners of the box.

    Exact for every function that is monotone in each argument whatever the others are, and for ratios of
    linear functions whose denominator keeps its sign. Each argument must stand for one printed figure:
    a figure that is used twice is one argument, not two.

    Examples
    --------
    >>> over_corners(lambda a, b: a / b, Interval(2, 3), Interval(1, 2))
    Interval(low=1.0, high=3.0)
    """
    values = [function(*corner) for corner in product(*intervals)]
    return Interval(min(values), max(values))


def quotient(numerator: float, denominator: float) -> float:
    """Divide two non-negative numbers; a positive number over zero is infinite, zero over zero is nan.

    >>> quotient(1, 0), quotient(6, 3)
    (inf, 2.0)
    """
    if denominator == 0:
        return math.inf if numerator > 0 else math.nan
    if math.isinf(numerator) and math.isinf(denominator):
        return math.nan
    return numerator / denominator


def outward(value: float, decimals: int, *, up: bool) -> float:
    """Round an end of an interval away from the inside, so that rounding never cuts the interval.

    A relative error of 1e-12 is forgiven, so that 0.1 + 0.2 is not rounded up to the next digit.

    >>> outward(1.18514, 3, up=False), outward(1.18553, 3, up=True), outward(0.1 + 0.2, 1, up=True)
    (1.185, 1.186, 0.3)
    """
    scaled = value * 10.0**decimals
    if not math.isfinite(scaled):
        return value
    nearest = round(scaled)
    if math.isclose(scaled, nearest, rel_tol=1e-12, abs_tol=1e-9):
        whole = nearest
    else:
        whole = math.ceil(scaled) if up else math.floor(scaled)
    return whole / 10.0**decimals if decimals > 0 else float(whole * 10 ** (-decimals))
