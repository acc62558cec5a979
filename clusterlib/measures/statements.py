"""Printed statements about firms and their sizes: how many firms there are in a range of sizes, or their total."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval


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

    @property
    def readings(self) -> Interval:
        """The part of `interval` that can be true: of a number of firms, from its first whole number to its last."""
        low, high = self.interval
        if self.of_total:
            return self.interval
        return Interval(float(math.ceil(low)), float(math.floor(high)) if math.isfinite(high) else math.inf)

    def __str__(self) -> str:
        return f"{self.name}: {said(self.interval)}"


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
    if not cap > 0:
        raise InputError(f"{name or 'cap'}: given {cap:g}; allowed: a size above 0")
    return _counted(name or f"firms above {cap:g}", 0, cap, math.inf)


def total(amount: Number, name: str = "") -> Statement:
    """State the total of all firms, above 0.

    >>> print(total((2e9, math.inf)))
    total: 2e+09 or more
    """
    given = as_interval(amount, name or "total")
    if not (given.high > 0 and given.low < math.inf):
        raise InputError(f"{name or 'total'}: given {said(given)}; allowed: a finite total above 0")
    return Statement(name or "total", Interval(max(given.low, 0.0), given.high), of_total=True)


def said(interval: Interval) -> str:
    """An interval in words."""
    low, high = interval
    if low == high:
        return shown(low)
    if math.isinf(high):
        return f"{shown(low)} or more"
    return f"{shown(low)} to {shown(high)}" if low else f"at most {shown(high)}"


def shown(number: float) -> str:
    """Write a number short where that is exact: neighbouring numbers of firms must not look alike."""
    short = f"{number:g}"
    return short if float(short) == number else f"{number:.15g}"


def _counted(name: str, count: Number, low: float, high: float) -> Statement:
    given = as_interval(count, name)
    if given.high < 0 or math.isinf(given.low):
        raise InputError(f"{name}: given {said(given)}; allowed: a number of firms, at least 0")
    if not (math.isfinite(low) and low >= 0 and high > low):
        raise InputError(f"{name}: given sizes {low:g} to {high:g}; allowed: from at least 0, ascending")
    return Statement(name, Interval(max(given.low, 0.0), given.high), float(low), float(high))
