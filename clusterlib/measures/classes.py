"""What counts in size classes say about inequality, with or without the total.

Counts come in two forms: so many firms in each class (`bounds_from_classes`), or so many at or above each threshold
(`bounds_from_thresholds`), as documents print them. Every function returns the infimum and supremum over all
populations that agree with all of what is given, and the populations at the ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval, Number, in_words
from clusterlib.measures import consistency
from clusterlib.measures.class_input import read_count, read_edges, read_list, read_size, read_total, read_wanted
from clusterlib.measures.class_readings import Readings, of_classes, of_ranks
from clusterlib.measures.consistency import Statement
from clusterlib.measures.extremes import Boxes, Extreme, least_unequal, measures_of, most_unequal
from clusterlib.measures.population import Bound

Reading = Literal["cumulative", "bands"]
READINGS: tuple[Reading, ...] = get_args(Reading)


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
        (share of the k largest firms; 1 if there are fewer), ``top<q>`` (share of the largest fraction), ``total`` (in
        the unit of the limits). `Bound.least` and `Bound.most` are the populations at the ends, None where an end is
        only approached.

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
    edges = read_edges(limits, len(read_list(counts, "counts")), top, losses=losses)
    ranges = [read_count(count, f"counts[{i}]") for i, count in enumerate(counts)]
    all_firms = None if n is None else read_count(n, "n")
    told, wanted = read_total(total), read_wanted(k, q)
    if not losses:
        said = _of_class_counts(edges, ranges) + ([] if all_firms is None else [Statement("n", all_firms)])
        consistency.require_possible(said + ([] if total is None else [consistency.total(told)]))
    return _bounds(of_classes(edges, ranges, all_firms, told, wanted[0]), told, wanted, losses=losses)


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
    wanted = read_wanted(k, q)
    told = read_total(total)
    consistency.require_possible(statements)
    sizes = [read_size(threshold, f"thresholds[{i}]") for i, threshold in enumerate(thresholds)]
    ranges = [read_count(count, f"counts[{i}]") for i, count in enumerate(counts)]
    all_firms = Interval(0.0, math.inf) if n is None else read_count(n, "n")
    top = math.inf if cap is None else read_size(cap, "cap")
    if reading == "cumulative":
        return _bounds(of_ranks(sizes, ranges, all_firms, top, told, wanted[0]), told, wanted)
    edges = list(zip([0.0, *sizes], [*sizes, top], strict=True))
    below = Interval(0.0, math.inf)
    return _bounds(of_classes(edges, [below, *ranges], all_firms, told, wanted[0]), told, wanted)


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
    if len(read_list(thresholds, "thresholds")) != len(read_list(counts, "counts")) or not len(counts):
        raise InputError(
            f"thresholds, counts: given {len(thresholds)} and {len(counts)}; allowed: as many of each, at least one"
        )
    sizes = [read_size(threshold, f"thresholds[{i}]") for i, threshold in enumerate(thresholds)]
    top = math.inf if cap is None else read_size(cap, "cap")
    for i, (low, high) in enumerate(zip([0.0, *sizes], [*sizes, top], strict=True)):
        if not low < high:
            what = f"thresholds[{i}]" if i < len(sizes) else "cap"
            raise InputError(f"{what}: given {high:g} after {low:g}; allowed: ascending sizes above 0")
    labels = list(names) or [f"counts[{i}]" for i in range(len(counts))]
    ends = [math.inf] * len(sizes) if reading == "cumulative" else [*sizes[1:], top]
    said = [] if n is None else [Statement("n", read_count(n, "n"))]
    said += [
        Statement(label, read_count(count, label), low, high)
        for label, count, low, high in zip(labels, counts, sizes, ends, strict=True)
    ]
    said += [] if cap is None else [consistency.none_above(top, "cap")]
    return said + ([] if total is None else [consistency.total(read_total(total))])


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
    edges = read_edges(limits, len(read_list(counts, "counts")), top, losses=False)
    said = _of_class_counts(edges, [read_count(count, f"counts[{i}]") for i, count in enumerate(counts)])
    said += [] if n is None else [Statement("n", read_count(n, "n"))]
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
    sizes = [read_size(threshold, f"thresholds[{i}]") for i, threshold in enumerate(thresholds)]
    top = math.inf if cap is None else read_size(cap, "cap")
    return [
        consistency.left_of(statements, Statement("band", Interval(0.0, math.inf), low, high))
        for low, high in pairwise([0.0, *sizes, top])
    ]


def _bounds(
    readings: Readings, told: Interval, wanted: tuple[Sequence[int], Sequence[float]], *, losses: bool = False
) -> dict[str, Bound]:
    k, q = wanted
    _require_some(readings.boxes, told)
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
    _, start, end = readings.boxes.within(told)
    total = Bound(float(start.min()), math.inf if readings.endless and math.isinf(told.high) else float(end.max()))
    # Both ends are computed on paths of their own: where only one population is possible they meet but for rounding,
    # and where all firms can be alike no measure is below 0 but for rounding.
    return {
        key: Bound(max(0.0, low.value), max(0.0, low.value, most[key].value), low.population, most[key].population)
        for key, low in ((key, least[key]) for key in measures)
    } | {"total": total}


def _require_some(boxes: Boxes, told: Interval) -> None:
    if not len(boxes.counts):
        raise InputError("counts, n: given numbers of firms that cannot all be true; allowed: an n that counts sum to")
    if not len(boxes.within(told)[1]):
        least, greatest = boxes.totals
        raise InputError(
            f"total: given {'none' if told == (0.0, math.inf) else in_words(told)} where counts and limits make "
            f"{in_words(Interval(float(least.min()), float(greatest.max())))}; allowed: a total above 0 that they make"
        )


def _supremum(key: str) -> float:
    """What a relative measure approaches as firms with nothing become ever more."""
    return 1.0 if key in ("gini", "hoover") or key.startswith("top") else math.inf


def _equal(key: str, q: Sequence[float]) -> float:
    """A relative measure when all firms are alike."""
    return ({f"top{float(each)}": each for each in q} | {"hhi_times_n": 1.0}).get(key, 0.0)


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
