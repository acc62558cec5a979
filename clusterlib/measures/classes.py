"""What counts in size classes say about inequality, with or without the total.

Counts come in two forms: so many firms in each class (`bounds_from_classes`), or so many at or above each threshold
(`bounds_from_thresholds`), as documents print them. Every function returns the infimum and supremum over all
populations that agree with all of what is given, and the populations at the ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval, Number, as_interval
from clusterlib.measures import consistency
from clusterlib.measures.consistency import Statement
from clusterlib.measures.extremes import Boxes, Extreme, least_unequal, measures_of, most_unequal
from clusterlib.measures.population import Bound

Floats = NDArray[np.float64]
Reading = Literal["cumulative", "bands"]
READINGS: tuple[Reading, ...] = get_args(Reading)

#: Combinations of whole numbers of firms that are looked at one by one.
MOST_ROWS = 200_000


def bounds_from_classes(
    limits: Sequence[float] | Sequence[tuple[float, float]],
    counts: Sequence[Number],
    *,
    total: Number | None = None,
    top: float | None = None,
    k: Sequence[int] = (1, 4),
    q: Sequence[float] = (),
    n: Number | None = None,
    losses: bool = False,
) -> dict[str, Bound]:
    r"""Sharp bounds on concentration from the number of firms in each size class.

    Parameters
    ----------
    limits : sequence
        Class limits, ascending, in the unit of the total. Either K lower limits, each class ending where the next
        begins and the last one at `top`; or K + 1 limits; or K pairs ``(low, high)``, which may leave gaps.
    counts : sequence of int or (int, int), length K
        Number of firms in each class, smallest firms first; the ends of an interval are included. An upper end may
        be infinite in a class that begins at 0.
    total : float or (float, float), optional
        Total of all firms, above 0; by default unknown.
    top : float, optional
        Size that no firm exceeds; by default there is none.
    k : sequence of int, default (1, 4)
        Numbers of firms whose concentration ratio is wanted.
    q : sequence of float, default ()
        Fractions of the firms whose top share is wanted, between 0 and 1.
    n : int or (int, int), optional
        Number of all firms, where it is printed besides the classes.
    losses : bool, default False
        Whether firms may be negative: limits below 0, the first one ``-inf`` where losses have no limit.

    Returns
    -------
    dict of str to Bound
        ``gini``, ``hoover``, ``theil_t``, ``theil_l`` (nats; absent with losses), ``hhi_times_n``, ``hhi``, ``cr<k>``
        (share of the k largest firms; 1 if there are fewer), ``top<q>`` (share of the largest fraction). `Bound.least`
        and `Bound.most` are the populations at the ends, None where an end is only approached.

    Raises
    ------
    InputError
        If an argument is out of range or limits overlap.
    ConflictError
        If not all of it can be true; the message names each smallest contradicting set.

    Notes
    -----
    Let every firm have the limits of its class. Of all populations with total T the least unequal one is
    :math:`x_i = \min(\max(\theta, a_i), b_i)`, the most unequal one fills the largest firm to its upper limit, then
    the next: the first is majorised by every other, the second majorises every other (Marshall, Olkin and Arnold
    2011, ch. 1 and 5), so they give the minimum and maximum of every Schur-convex measure at once. Where T is an
    interval or unknown, each measure is searched along these two paths, on which it turns at few points, all in
    closed form. Limits are treated as closed, so an end may belong to a firm exactly at the next limit.

    References
    ----------
    Marshall, A. W., Olkin, I., Arnold, B. C. (2011). Inequalities: Theory of Majorization and Its Applications.
    Springer.

    Examples
    --------
    Three firms below 10, one from 10 to 20, and 30 in all: equal would be 20/3, 20/3, 20/3, 10 (Gini 1/12); most
    unequal are 0, 0, 10, 20 (Gini 7/12).

    >>> bounds = bounds_from_classes([0, 10], [3, 1], total=30, top=20)
    >>> print("{:.4f} {:.4f}".format(*bounds["gini"]))
    0.0833 0.5833
    >>> bounds["gini"].most
    Population(values=(0.0, 10.0, 20.0), counts=(2.0, 1.0, 1.0))
    """
    edges = _edges(limits, len(counts), top, losses=losses)
    ranges = [_whole(count, f"counts[{i}]") for i, count in enumerate(counts)]
    all_firms = None if n is None else _whole(n, "n")
    told, wanted = _total(total), _wanted(k, q)
    if not losses:
        said = _of_class_counts(edges, ranges) + ([] if all_firms is None else [Statement("n", all_firms)])
        consistency.require_possible(said + ([] if total is None else [consistency.total(told)]))
    readings = _of_classes(edges, ranges, all_firms, told, k)
    if not len(readings.boxes.within(told)[1]):
        raise InputError("limits, counts, total: given what cannot all be true; allowed: a total above 0 within them")
    return _bounds(readings, told, wanted, losses=losses)


def bounds_from_thresholds(
    thresholds: Sequence[float],
    counts: Sequence[Number],
    *,
    n: Number | None = None,
    total: Number | None = None,
    cap: float | None = None,
    k: Sequence[int] = (1, 4),
    q: Sequence[float] = (),
    reading: Reading = "cumulative",
) -> dict[str, Bound]:
    """Sharp bounds on concentration from the number of firms at or above each of several sizes.

    Parameters
    ----------
    thresholds : sequence of float, length K
        Sizes above 0, ascending, in the unit of the total.
    counts : sequence of int or (int, int), length K
        Number of firms at or above each.
    n : int or (int, int), optional
        Number of all firms; by default unknown.
    total : float or (float, float), optional
        Total of all firms, above 0; by default unknown.
    cap : float, optional
        Size that no firm exceeds; by default there is none.
    k, q
        As for `bounds_from_classes`.
    reading : {"cumulative", "bands"}
        Whether each count includes the larger firms, or only those up to the next threshold.

    Returns
    -------
    dict of str to Bound
        As for `bounds_from_classes`.

    Raises
    ------
    InputError
        If an argument is out of range.
    ConflictError
        If not all of it can be true, for instance if a count rises with the threshold.

    Notes
    -----
    Read as cumulative, uncertain counts need no enumeration: a count between c and d at a threshold a says that the
    c-th largest firm is at least a, and the (d + 1)-th at most a. So each rank has its own two limits, and the two
    paths of `bounds_from_classes` run through the ranks. With an open `n` the bounds hold for every number of firms.

    Examples
    --------
    Two of four firms are at or above 10, none above 20; equal firms of 10 agree with that.

    >>> bounds = bounds_from_thresholds([10], [2], n=4, cap=20)
    >>> print("{:.4f} {:.4f}".format(*bounds["gini"]))
    0.0000 0.5833
    """
    statements = threshold_statements(thresholds, counts, n=n, cap=cap, total=total, reading=reading)
    wanted = _wanted(k, q)
    told = _total(total)
    consistency.require_possible(statements)
    sizes = [float(threshold) for threshold in thresholds]
    ranges = [_whole(count, f"counts[{i}]") for i, count in enumerate(counts)]
    all_firms = Interval(0.0, math.inf) if n is None else _whole(n, "n")
    top = math.inf if cap is None else float(cap)
    if reading == "cumulative":
        return _bounds(_of_ranks(sizes, ranges, all_firms, top, told, k), told, wanted)
    edges = list(zip([0.0, *sizes], [*sizes, top], strict=True))
    below = Interval(0.0, math.inf)
    return _bounds(_of_classes(edges, [below, *ranges], all_firms, told, k), told, wanted)


def threshold_statements(
    thresholds: Sequence[float],
    counts: Sequence[Number],
    *,
    n: Number | None = None,
    total: Number | None = None,
    cap: float | None = None,
    reading: Reading = "cumulative",
    names: Sequence[str] = (),
) -> list[Statement]:
    """Statements behind counts at thresholds, for `clusterlib.measures.consistency.examine`.

    Parameters
    ----------
    thresholds, counts, n, total, cap, reading
        As for `bounds_from_thresholds`.
    names : sequence of str, length K, optional
        What to call the counts.

    Returns
    -------
    list of Statement
        The number of firms, the counts, the cap and the total, as far as they are given.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> print(*threshold_statements([10, 20], [5, (1, 2)], n=9), sep="; ")
    n: 9; counts[0]: 5; counts[1]: 1 to 2
    """
    if reading not in READINGS:
        raise unknown("reading", reading, READINGS)
    if len(thresholds) != len(counts) or not len(counts):
        raise InputError(
            f"thresholds, counts: given {len(thresholds)} and {len(counts)}; allowed: as many of each, at least one"
        )
    sizes = [_size(threshold, f"thresholds[{i}]") for i, threshold in enumerate(thresholds)]
    top = math.inf if cap is None else _size(cap, "cap")
    for i, (low, high) in enumerate(zip([0.0, *sizes], [*sizes, top], strict=True)):
        if not low < high:
            what = f"thresholds[{i}]" if i < len(sizes) else "cap"
            raise InputError(f"{what}: given {high:g} after {low:g}; allowed: ascending sizes above 0")
    labels = list(names) or [f"counts[{i}]" for i in range(len(counts))]
    ends = [math.inf] * len(sizes) if reading == "cumulative" else [*sizes[1:], top]
    said = [] if n is None else [Statement("n", _whole(n, "n"))]
    said += [
        Statement(label, _whole(count, label), low, high)
        for label, count, low, high in zip(labels, counts, sizes, ends, strict=True)
    ]
    said += [] if cap is None else [consistency.none_above(top, "cap")]
    return said + ([] if total is None else [consistency.total(_total(total))])


def feasible_total(
    limits: Sequence[float] | Sequence[tuple[float, float]],
    counts: Sequence[Number],
    *,
    top: float | None = None,
    n: Number | None = None,
) -> Interval:
    """Range of the total that counts in size classes allow.

    Parameters
    ----------
    limits, counts, top, n
        As for `bounds_from_classes`, with limits of at least 0.

    Returns
    -------
    Interval
        In the unit of the limits; infinite above where a class with a firm is open.

    Raises
    ------
    InputError
        If an argument is out of range.
    ConflictError
        If not all counts can be true.

    Examples
    --------
    >>> feasible_total([0, 10, 50], [3, (1, 2), 1], top=100)
    Interval(low=60.0, high=230.0)
    """
    edges = _edges(limits, len(counts), top, losses=False)
    said = _of_class_counts(edges, [_whole(count, f"counts[{i}]") for i, count in enumerate(counts)])
    said += [] if n is None else [Statement("n", _whole(n, "n"))]
    consistency.require_possible(said)
    return consistency.allowed_total(said)


def band_counts(
    thresholds: Sequence[float],
    counts: Sequence[Number],
    *,
    n: Number | None = None,
    total: Number | None = None,
    cap: float | None = None,
    reading: Reading = "cumulative",
) -> list[Interval]:
    """Number of firms between neighbouring thresholds, as all that is given allows it.

    Parameters
    ----------
    thresholds, counts, n, total, cap, reading
        As for `bounds_from_thresholds`.

    Returns
    -------
    list of Interval, length K + 1
        Firms below the first threshold, then from each threshold to the next.

    Raises
    ------
    InputError, ConflictError
        As for `bounds_from_thresholds`.

    Examples
    --------
    >>> [tuple(band) for band in band_counts([10, 20], [5, (1, 2)], n=9)]
    [(4.0, 4.0), (3.0, 4.0), (1.0, 2.0)]
    """
    statements = threshold_statements(thresholds, counts, n=n, total=total, cap=cap, reading=reading)
    consistency.require_possible(statements)
    edges = [0.0, *(float(threshold) for threshold in thresholds), math.inf if cap is None else float(cap)]
    return [
        consistency.left_of(statements, Statement("band", Interval(0.0, math.inf), low, high))
        for low, high in pairwise(edges)
    ]


@dataclass(frozen=True)
class _Readings:
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


def _bounds(
    readings: _Readings, told: Interval, wanted: tuple[Sequence[int], Sequence[float]], *, losses: bool = False
) -> dict[str, Bound]:
    k, q = wanted
    measures = measures_of(k, q, losses=losses)
    absolute = {key: each for key, each in measures.items() if key == "hhi" or key.startswith("cr")}
    relative = {key: each for key, each in measures.items() if key not in absolute}
    tall = readings.boxes.rows(readings.tall)
    most = most_unequal(tall, told, measures, k=k, q=q)
    least = least_unequal(readings.boxes, told, relative) | least_unequal(tall, told, absolute)
    if readings.endless:
        most |= {key: Extreme(_supremum(key), None) for key in relative}
        least |= {key: Extreme(_thinned(tall, told, key), None) for key in absolute}
        if math.isinf(told.high):
            least |= {key: Extreme(_equal(key, q), None) for key in relative}
    # Both ends are computed on paths of their own: where only one population is possible they meet but for rounding.
    return {
        key: Bound(low.value, max(low.value, most[key].value), low.population, most[key].population)
        for key, low in ((key, least[key]) for key in measures)
    }


def _supremum(key: str) -> float:
    """What a relative measure approaches as firms with nothing become ever more."""
    return 1.0 if key in ("gini", "hoover") or key.startswith("top") else math.inf


def _equal(key: str, q: Sequence[float]) -> float:
    """A relative measure when all firms are alike."""
    return ({f"top{each:g}": each for each in q} | {"hhi_times_n": 1.0}).get(key, 0.0)


def _thinned(tall: Boxes, told: Interval, key: str) -> float:
    """What HHI or CR approach when ever more firms share all that the larger ones need not have."""
    if math.isinf(told.high):
        return 0.0
    counts, low = tall.counts, np.maximum(tall.low, 0.0)
    if key == "hhi":
        return float((counts * low**2).sum(-1).min() / told.high**2)
    before = np.cumsum(counts, axis=-1) - counts
    taken = np.clip(int(key.removeprefix("cr")) - before, 0, counts)
    return float((taken * low).sum(-1).min() / told.high)


def _of_ranks(
    sizes: Sequence[float],
    ranges: Sequence[Interval],
    all_firms: Interval,
    cap: float,
    told: Interval,
    k: Sequence[int],
) -> _Readings:
    """Boxes of the cumulative reading: one for each number of firms, in blocks of ranks with the same limits."""
    most_firms = [min(each.high, all_firms.high, told.high // size) for each, size in zip(ranges, sizes, strict=True)]
    most = list(np.minimum.accumulate(most_firms))
    least = list(np.maximum.accumulate([each.low for each in ranges][::-1])[::-1])
    _require_finite(most, "counts")
    start = sorted({0.0, *least, *most})
    end = [*start[1:], math.inf]
    low = [max((size for size, known in zip(sizes, least, strict=True) if known >= last), default=0.0) for last in end]
    high = [
        min((size for size, known in zip(sizes, most, strict=True) if known <= first), default=cap) for first in start
    ]
    certain = sum(size * (known - more) for size, known, more in zip(sizes, least, [*least[1:], 0.0], strict=True))
    # With this many firms the largest total can be spread below the first threshold: more are only less alike.
    enough = least[0] + _ceiling((told.high - certain) / sizes[0])
    numbers, endless = _numbers(
        Interval(max(all_firms.low, least[0]), all_firms.high), most[0], enough, sizes[0], told, k
    )
    counts = np.clip(numbers[:, None] - np.array(start), 0, np.array(end) - np.array(start))
    low_rows, high_rows = (np.broadcast_to(np.array(each), counts.shape) for each in (low, high))
    return _Readings(Boxes(counts, low_rows, high_rows), numbers == numbers.max(), endless)


def _of_classes(
    edges: Sequence[tuple[float, float]],
    ranges: Sequence[Interval],
    all_firms: Interval | None,
    told: Interval,
    k: Sequence[int],
) -> _Readings:
    """Boxes of counts in classes: one for each combination of whole numbers, the class at the bottom counted last."""
    number = all_firms or Interval(0.0, math.inf)
    (floor, ceiling), (_, *larger) = edges[0], ranges
    tops = [
        min(each.high, number.high, told.high // low if low > 0 else math.inf)
        for each, (low, _) in zip(larger, edges[1:], strict=True)
    ]
    _require_finite(tops, "counts")
    spans = [range(int(each.low), int(top) + 1) for each, top in zip(larger, tops, strict=True)]
    rows: list[NDArray[np.float64]] = []
    tall: list[NDArray[np.bool_]] = []
    endless = False
    size = 0
    for upper in product(*spans):
        bottom = Interval(max(ranges[0].low, number.low - sum(upper)), min(ranges[0].high, number.high - sum(upper)))
        if bottom.low > bottom.high:
            continue
        if floor == 0:
            certain = sum(count * low for count, (low, _) in zip(upper, edges[1:], strict=True))
            enough = _ceiling((told.high - certain) / ceiling) if ceiling < math.inf else bottom.low
            numbers, without_end = _numbers(bottom, 0.0, enough, ceiling, told, k)
            endless |= without_end
        else:
            _require_finite([bottom.high], "counts")
            numbers = np.arange(bottom.low, bottom.high + 1)
        size += len(numbers)
        _require_few(size)
        block = np.column_stack([np.tile(np.array(upper[::-1], dtype=float), (len(numbers), 1)), numbers])
        rows.append(block)
        tall.append(numbers == numbers.max() if floor == 0 else np.ones(len(numbers), dtype=bool))
    counts = np.concatenate(rows) if rows else np.zeros((0, len(edges)))
    limits = np.array(edges[::-1], dtype=float)
    low, high = (np.broadcast_to(limits[:, i], counts.shape) for i in (0, 1))
    return _Readings(Boxes(counts, low, high), np.concatenate(tall) if tall else np.zeros(0, dtype=bool), endless)


def _numbers(
    firms: Interval, others: float, enough: float, size: float, told: Interval, k: Sequence[int]
) -> tuple[Floats, bool]:
    """Numbers of firms to look at, the last one with every maximum; and whether there is no end to them."""
    endless = math.isinf(firms.high)
    if endless:
        # So many that the least total is reached without them and the k largest are all there.
        last = max(firms.low, others + _ceiling(told.low / size) + max(k, default=1)) + 1
        needed = firms.low if math.isinf(told.high) else max(firms.low, enough)
    else:
        last, needed = firms.high, max(firms.low, min(firms.high, enough))
    _require_few(needed - firms.low + 1)
    return np.unique([*np.arange(firms.low, needed + 1), last]), endless


def _ceiling(number: float) -> float:
    return float(max(0, math.ceil(number))) if math.isfinite(number) else math.inf


def _require_few(number: float) -> None:
    if number > MOST_ROWS:
        raise InputError(
            f"counts, n: given {number:,.0f} combinations of whole numbers or more; allowed: at most {MOST_ROWS:,}, "
            "so narrow the widest"
        )


def _require_finite(ends: Sequence[float], name: str) -> None:
    if any(math.isinf(end) for end in ends):
        raise InputError(f"{name}: given a count without an upper end; allowed: with a number of firms or a total")


def _edges(
    limits: Sequence[float] | Sequence[tuple[float, float]], classes: int, top: float | None, *, losses: bool
) -> list[tuple[float, float]]:
    """Limits of each class, checked."""
    if not classes:
        raise InputError("counts: given none; allowed: at least one class")
    pairs: list[tuple[float, float]]
    try:
        if any(isinstance(each, (tuple, list)) for each in limits):
            pairs = [(float(low), float(high)) for low, high in limits]  # type: ignore[misc]
        else:
            flat = [float(each) for each in limits]  # type: ignore[arg-type]
            ends = [*flat[1:], math.inf] if len(flat) == classes else flat[1:]
            pairs = list(zip(flat, ends, strict=False))
    except (TypeError, ValueError):
        raise InputError(f"limits: given {limits!r}; allowed: numbers, or pairs of them") from None
    if len(pairs) != classes or len(limits) not in (classes, classes + 1):
        raise InputError(
            f"limits: given {len(limits)} for {classes} counts; allowed: {classes} lower limits or pairs, or "
            f"{classes + 1} limits"
        )
    if top is not None:
        cap = _size(top, "top")
        if not pairs[-1][0] < cap <= pairs[-1][1]:
            raise InputError(f"top: given {cap:g}; allowed: above {pairs[-1][0]:g}, within the last class")
        pairs[-1] = (pairs[-1][0], cap)
    below = -math.inf
    for i, (low, high) in enumerate(pairs):
        if math.isnan(low) or math.isnan(high) or not low < high:
            raise InputError(f"limits[{i}]: given {low:g} to {high:g}; allowed: ascending limits")
        if low < below:
            raise InputError(f"limits[{i}]: given {low:g}, inside the class before; allowed: at least {below:g}")
        if low < 0 and not losses:
            raise InputError(f"limits[{i}]: given {low:g}; allowed: at least 0, below only with losses=True")
        below = high
    return pairs


def _whole(given: Number, name: str) -> Interval:
    """Read a number of firms: the whole numbers inside the interval."""
    ends = as_interval(given, name)
    low, high = math.ceil(ends.low), math.floor(ends.high) if math.isfinite(ends.high) else math.inf
    if ends.low < 0 or math.isinf(ends.low) or low > high:
        raise InputError(f"{name}: given {_show(ends)}; allowed: whole numbers of firms, at least 0")
    return Interval(float(low), float(high))


def _total(given: Number | None) -> Interval:
    ends = Interval(0.0, math.inf) if given is None else as_interval(given, "total")
    if ends.high <= 0 or math.isinf(ends.low) or (given is not None and ends.low < 0):
        raise InputError(f"total: given {_show(ends)}; allowed: a total above 0")
    return ends


def _size(given: float, name: str) -> float:
    ends = as_interval(given, name)
    if not (ends.is_point and 0 < ends.low < math.inf):
        raise InputError(f"{name}: given {given!r}; allowed: one size above 0")
    return ends.low


def _wanted(k: Sequence[int], q: Sequence[float]) -> tuple[Sequence[int], Sequence[float]]:
    for each in k:
        if isinstance(each, bool) or not isinstance(each, int | np.integer) or each < 1:
            raise InputError(f"k: given {each!r}; allowed: whole numbers of at least 1")
    for part in q:
        if not 0 < part < 1:
            raise InputError(f"q: given {part!r}; allowed: fractions between 0 and 1")
    return k, q


def _show(interval: Interval) -> str:
    return f"{interval.low:g}" if interval.is_point else f"{interval.low:g} to {interval.high:g}"


def _of_class_counts(edges: Sequence[tuple[float, float]], ranges: Sequence[Interval]) -> list[Statement]:
    """Statements of counts in classes: those given, and that no firm lies outside the classes."""
    said = [
        Statement(f"counts[{i}]", count, low, high)
        for i, (count, (low, high)) in enumerate(zip(ranges, edges, strict=True))
    ]
    lows, highs = [low for low, _ in edges], [high for _, high in edges]
    gaps = zip([0.0, *highs], [*lows, math.inf], strict=True)
    return said + [
        Statement(f"no firm from {low:g} to {high:g} by the limits", Interval(0.0, 0.0), low, high)
        for low, high in gaps
        if low < high
    ]
