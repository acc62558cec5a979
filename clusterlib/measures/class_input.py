"""Arguments about size classes, checked: limits, numbers of firms, totals, measures wanted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval, in_words

T = TypeVar("T")


def read_edges(
    limits: Sequence[float] | Sequence[tuple[float, float]], classes: int, top: float | None, *, losses: bool
) -> list[tuple[float, float]]:
    """Limits of each class, checked."""
    if not classes:
        raise InputError("counts: given none; allowed: at least one class")
    listed: Sequence[Number] = read_list(limits, "limits")
    given = [as_interval(each, f"limits[{i}]") for i, each in enumerate(listed)]
    if any(isinstance(each, (tuple, list)) for each in limits):
        pairs = [(each.low, each.high) for each in given]
    else:
        flat = [each.low for each in given]
        ends = [*flat[1:], math.inf] if len(flat) == classes else flat[1:]
        pairs = list(zip(flat, ends, strict=False))
    if len(pairs) != classes or len(limits) not in (classes, classes + 1):
        raise InputError(
            f"limits: given {len(limits)} for {classes} counts; allowed: {classes} lower limits or pairs, or "
            f"{classes + 1} limits"
        )
    if top is not None:
        cap = read_size(top, "top")
        if not pairs[-1][0] < cap <= pairs[-1][1]:
            raise InputError(f"top: given {cap:g}; allowed: above {pairs[-1][0]:g}, within the last class")
        pairs[-1] = (pairs[-1][0], cap)
    below = -math.inf
    for i, (low, high) in enumerate(pairs):
        if not low < high:
            raise InputError(f"limits[{i}]: given {low:g} to {high:g}; allowed: ascending limits")
        if low < below:
            raise InputError(f"limits[{i}]: given {low:g}, inside the class before; allowed: at least {below:g}")
        if low < 0 and not losses:
            raise InputError(f"limits[{i}]: given {low:g}; allowed: at least 0, below only with losses=True")
        below = high
    return pairs


def read_count(given: Number, name: str) -> Interval:
    """Read a number of firms: the whole numbers inside the interval."""
    ends = as_interval(given, name)
    low, high = (
        end if math.isinf(end) else float(cut(end)) for cut, end in zip((math.ceil, math.floor), ends, strict=True)
    )
    if ends.low < 0 or math.isinf(low) or low > high:
        raise InputError(f"{name}: given {in_words(ends)}; allowed: whole numbers of firms, at least 0")
    return Interval(low, high)


def read_total(given: Number | None) -> Interval:
    """A total, above 0; nothing given is any."""
    ends = Interval(0.0, math.inf) if given is None else as_interval(given, "total")
    if ends.high <= 0 or ends.low == math.inf or -math.inf < ends.low < 0:
        raise InputError(f"total: given {in_words(ends)}; allowed: a total above 0")
    return Interval(max(ends.low, 0.0), ends.high)  # 不到30亿元 has no lower end


def read_size(given: float, name: str) -> float:
    """One size above 0."""
    ends = as_interval(given, name)
    if not (ends.is_point and 0 < ends.low < math.inf):
        raise InputError(f"{name}: given {given!r}; allowed: one size above 0")
    return ends.low


def read_wanted(k: Sequence[int], q: Sequence[float]) -> tuple[Sequence[int], Sequence[float]]:
    """Numbers and fractions of largest firms, checked."""
    for each in read_list(k, "k"):
        if isinstance(each, bool) or not isinstance(each, int | np.integer) or each < 1:
            raise InputError(f"k: given {each!r}; allowed: whole numbers of at least 1")
    for part in read_list(q, "q"):
        if not isinstance(part, int | float | np.number) or not 0 < part < 1:
            raise InputError(f"q: given {part!r}; allowed: fractions between 0 and 1")
    return k, q


def read_list(given: Sequence[T], name: str) -> Sequence[T]:
    """A list, not a single number."""
    if isinstance(given, str) or not hasattr(given, "__len__"):
        raise InputError(f"{name}: given {given!r}; allowed: a list, also of one")
    return given
