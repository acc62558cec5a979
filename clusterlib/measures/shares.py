"""What one share pair says about inequality: one group of firms against the rest.

A group holds the share ``f`` of the firms and the share ``s`` of an indicator. Both are printed figures, so both
are intervals. Every function returns the infimum and supremum over all populations of firms that are consistent
with the two intervals, under the stated assumptions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval, in_words
from clusterlib.measures.population import Bound
from clusterlib.measures.share_counts import most_by_count
from clusterlib.measures.share_extremes import (
    Extreme,
    most_group_share_of_n,
    most_of_n,
    most_share_population,
    two_groups,
)
from clusterlib.measures.share_formulas import (
    Reached,
    SharePairs,
    boxes,
    least_top_share,
    least_unequal,
    most_between,
    most_group_share,
    most_top_share,
    most_unequal,
    share_ratio,
    whole_firm_boxes,
    whole_firms,
)

Floats = NDArray[np.float64]
Ends = tuple[float, float]

#: Order of the results; the shares of the k largest follow.
MEASURES = (
    "share_ratio", "theil_t_between", "theil_l_between",
    "gini", "hoover", "hhi_times_n", "hhi", "top_share", "theil_t", "theil_l",
)  # fmt: skip


def bounds_from_share(
    count_share: Number,
    value_share: Number,
    *,
    n: int | tuple[int, int] | None = None,
    ordered: bool = True,
    losses: bool = False,
    k: Sequence[int] = (1, 4),
) -> dict[str, Bound]:
    r"""Sharp bounds on concentration from one group's share of firms and share of value.

    Parameters
    ----------
    count_share : float or (float, float)
        Share of the firms that the group makes up, a fraction between 0 and 1 (25.37 % is 0.2537).
    value_share : float or (float, float)
        The group's share of the indicator, a fraction; outside 0 to 1 only if `losses`.
    n : int or (int, int), optional
        Number of firms; by default unknown, and the bounds hold for every number.
    ordered : bool, default True
        Whether every firm of the group with the higher mean is at least as large, in this indicator, as every
        firm of the other group. True by definition where the group is defined by the indicator itself (above-scale
        firms by sales), an assumption elsewhere.
    losses : bool, default False
        Whether single firms may be negative (profit). The total is positive in any case.
    k : sequence of int, default (1, 4)
        Numbers of largest firms whose share is bounded as ``cr<k>``.

    Returns
    -------
    dict of str to Bound
        ``share_ratio`` (s/f), ``theil_t_between``, ``theil_l_between`` (nats, fixed by the two shares;
        absent if a share may lie outside 0 to 1), ``gini``, ``hoover``, ``theil_t``, ``theil_l`` (absent with
        losses), ``hhi_times_n`` (:math:`1 + CV^2`), ``hhi`` (absent with losses if `n` is unknown), ``top_share``
        (share of the largest firms, as many as the printed group has, also where its share is the smaller one), and
        ``cr<k>`` for each `k` (1 where there are no more firms). An infinite end is unbounded. Ends are infima and
        suprema; with `n` unknown the upper ones are approached as firms become many, but those of ``hhi`` and
        ``cr<k>`` are reached with few firms, and their lower ones are 0.

        ``least`` and ``most`` of a bound are populations at its ends, None where an end is only approached. Their
        counts are firms and their total is 1 if `n` is given, and for ``hhi`` and ``cr<k>``; else the counts are
        shares of all firms and the mean is 1.

    Raises
    ------
    InputError
        If a share is outside its range, no whole number of the `n` firms makes up `count_share`, or a `k` is not a
        whole number of at least 1.

    Notes
    -----
    Least unequal: all firms equal within each group, so :math:`G = H = s - f`. Most unequal, ordered: with the
    border :math:`t` between the groups, the smaller firms stand at 0 and at :math:`t`, the larger ones at
    :math:`t` but for one that takes the rest; with `n` unknown

    .. math:: G = 1 - 4 f (1 - s) \; (f \le \tfrac12 \le s), \quad
              G = (s - f)/s \; (s < \tfrac12), \quad G = (s - f)/(1 - f) \; (f > \tfrac12),

    .. math:: H = (s - f) / \min(s, 1 - f).

    With `n` given the border is searched over its breakpoints, where a convex measure has its maximum. Most
    unequal, unordered: each group's total in one firm, so that the value share farthest from one half counts.
    Else the bounds for intervals are those at the corner where the shares are closest (lower) and farthest apart
    (upper): a transfer from smaller to larger firms leads from any other pair to that corner; where losses let a
    value share exceed 1, both ends of the firm share are searched. If the intervals overlap, equality is possible
    and the lower bound is that of equality.

    The k largest of n firms have at most :math:`1 - (1-k/n)(1-s)/(1-f)`, if they are within the group, or
    :math:`(k/n) s/f` and no more than everything, if they are not. With `n` unknown ``cr<k>`` and ``hhi`` are taken
    over all numbers of firms of which the group is a whole number: 25.37 percent, rounded, is 17 of 67 firms, but of
    no fewer. (`clusterlib.measures.share_counts.most_by_count` shows that a few such numbers decide.)

    References
    ----------
    Gastwirth, J. L. (1972). The estimation of the Lorenz curve and Gini index. Review of Economics and
    Statistics 54(3), 306-316. The derivation for one group against the rest is in docs/methods.md.

    Examples
    --------
    A tenth of the firms has half of the sales: the Gini is at least 0.5 - 0.1, at most 1 - 4 * 0.1 * 0.5.

    >>> bounds = bounds_from_share(0.1, 0.5)
    >>> [round(end, 12) for end in bounds["gini"]]
    [0.4, 0.8]
    >>> [round(end, 12) for end in bounds_from_share(0.1, 0.5, ordered=False)["gini"]]
    [0.4, 1.0]

    No firm can have more than half, as one of ten firms does:

    >>> bounds["cr1"].high, bounds["cr1"].most.n
    (0.5, 10.0)
    """
    firms, value = _check_shares(count_share, value_share, losses=losses)
    largest = _check_k(k)
    if n is None:
        return _n_unknown(firms, value, largest, ordered=ordered, losses=losses)
    sizes = np.array(_sizes(n), dtype=float)
    pair = _as_rows(firms, value)
    least, most = whole_firms(pair[0][0], sizes)
    if not (least <= most).any():
        raise _no_whole_firm(firms, n)
    return _n_known(*pair, sizes, largest, ordered=ordered, losses=losses)


def bounds_from_shares(
    count_share: ArrayLike, value_share: ArrayLike, *, ordered: bool = True, losses: bool = False
) -> dict[str, Floats]:
    """Sharp bounds from share pairs of many clusters at once; the number of firms is unknown.

    Parameters
    ----------
    count_share, value_share : array-like, shape (m,) or (m, 2)
        For each cluster what `bounds_from_share` takes: the share, or its low and high end.
    ordered, losses : bool
        As for `bounds_from_share`.

    Returns
    -------
    dict of str to ndarray, shape (m, 2)
        Low and high of ``share_ratio``, ``theil_t_between``, ``theil_l_between``, ``gini``, ``hoover``,
        ``hhi_times_n``, ``top_share`` and, without losses, ``theil_t`` and ``theil_l``: the numbers that
        `bounds_from_share` gives. Measures between groups are nan in rows whose value share may lie outside 0 to 1.

    Raises
    ------
    InputError
        If the shapes do not fit each other, or a share is outside its range; the message names the row.

    Examples
    --------
    >>> found = bounds_from_shares([0.1, 0.25], [[0.5, 0.5], [0.6, 0.7]])
    >>> found["gini"].round(12).tolist()
    [[0.4, 0.8], [0.35, 0.7]]
    """
    firms, value = _rows(count_share, "count_share"), _rows(value_share, "value_share")
    if len(firms) != len(value):
        raise InputError(f"count_share, value_share: given {len(firms)} and {len(value)} rows; allowed: equally many")
    _check_rows(firms, value, losses=losses)
    box = boxes(firms, value)
    low, high = share_ratio(firms, value)
    found = {"share_ratio": np.stack([low.value, high.value], axis=-1)}
    lows, highs = least_unequal(box, losses=losses), most_unequal(box, ordered=ordered, losses=losses)
    return found | {key: _union(lows[key].value, highs[key].value, box) for key in highs}


def top_share(
    q: float, count_share: Number, value_share: Number, *, ordered: bool = True, losses: bool = False
) -> Interval:
    """Sharp bounds on the share of the largest firms, a fraction `q` of all, from one share pair.

    One minus the lower and upper Lorenz curve at ``1 - q``: the pointwise edges of the region in which the
    Lorenz curve must lie. The number of firms is unknown.

    Parameters
    ----------
    q : float
        Fraction of the firms, between 0 and 1.
    count_share, value_share, ordered, losses
        As for `bounds_from_share`.

    Returns
    -------
    Interval
        A fraction of the total; above 1 only if `losses`.

    Raises
    ------
    InputError
        If `q` or a share is outside its range.

    Examples
    --------
    A tenth has half: the largest twentieth has at least a quarter (all of the group equal).

    >>> low, high = top_share(0.05, 0.1, 0.5)
    >>> round(low, 12), round(high, 12)
    (0.25, 0.472222222222)
    """
    if not 0 <= q <= 1:
        raise InputError(f"q: given {q!r}; allowed: a fraction between 0 and 1")
    firms, value = _check_shares(count_share, value_share, losses=losses)
    if q in (0, 1):
        return Interval(float(q), float(q))
    box = boxes(*_as_rows(firms, value))
    low = least_top_share(q, box).value
    if ordered:
        high = most_top_share(q, box, losses=losses).value
    else:
        high = np.full_like(low, math.inf if losses else 1.0)
    lowest, highest = _union(low, high, box)[0].tolist()
    return Interval(lowest, highest)


def _check_shares(count_share: Number, value_share: Number, *, losses: bool) -> tuple[Interval, Interval]:
    firms = as_interval(count_share, "count_share")
    value = as_interval(value_share, "value_share")
    for name, share, free in (("count_share", firms, False), ("value_share", value, losses)):
        if not free and (share.low < 0 or share.high > 1):
            raise InputError(
                f"{name}: given {in_words(share)}; allowed: a fraction between 0 and 1 (25.37 % is 0.2537)"
                + ("" if name == "count_share" else ", outside only with losses=True")
            )
        if not (math.isfinite(share.low) and math.isfinite(share.high)):
            raise InputError(f"{name}: given {in_words(share)}; allowed: finite numbers")
    if firms.high == 0 or firms.low == 1:
        raise InputError(f"count_share: given {in_words(firms)}; allowed: a group with some of the firms, not all")
    return firms, value


def _sizes(n: int | tuple[int, int]) -> range:
    ends = n if isinstance(n, tuple) else (n, n)
    if len(ends) != 2 or any(isinstance(size, bool) or not isinstance(size, int | np.integer) for size in ends):
        raise InputError(f"n: given {n!r}; allowed: a whole number of firms, or a pair of them")
    low, high = ends
    if not 2 <= low <= high:
        raise InputError(f"n: given {n!r}; allowed: at least 2 firms, low <= high")
    return range(int(low), int(high) + 1)


def _no_whole_firm(firms: Interval, n: int | tuple[int, int]) -> InputError:
    size = _sizes(n)[-1]
    near = max(1, min(size - 1, round(firms.low * size)))
    candidates = sorted({max(1, near - 1), near, min(size - 1, near + 1)})
    nearest = ", ".join(f"{count}/{size} = {count / size:.4%}" for count in candidates)
    return InputError(
        f"count_share, n: given {in_words(firms)} of n={n}; allowed: a share that a whole number of firms can make up "
        f"(nearest: {nearest}), as a (low, high) pair if it is rounded"
    )


def _check_k(k: Sequence[int]) -> list[int]:
    try:
        ks = list(k)
    except TypeError:
        ks = [0]
    if any(isinstance(each, bool) or not isinstance(each, int | np.integer) or each < 1 for each in ks):
        raise InputError(f"k: given {k!r}; allowed: whole numbers of at least 1")
    return [int(each) for each in ks]


def _rows(given: ArrayLike, name: str) -> Floats:
    """Ends of many intervals, shape (m, 2)."""
    try:
        rows = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        rows = np.empty(())
    if rows.ndim not in (1, 2) or (rows.ndim == 2 and rows.shape[1] != 2):
        raise InputError(f"{name}: allowed: numbers, an array of shape (m,), or of shape (m, 2) with low and high")
    return rows if rows.ndim == 2 else np.stack([rows, rows], axis=-1)


def _check_rows(firms: Floats, value: Floats, *, losses: bool) -> None:
    """As `_check_shares` for all rows; its words for the first row that it refuses."""
    (f_low, f_high), (s_low, s_high) = firms.T, value.T
    fits = (f_low <= f_high) & (s_low <= s_high) & (f_low >= 0) & (f_high <= 1) & (f_high > 0) & (f_low < 1)
    fits &= np.isfinite(value).all(-1) if losses else (s_low >= 0) & (s_high <= 1)
    for row in np.flatnonzero(~fits)[:1]:
        try:
            _check_shares(tuple(firms[row].tolist()), tuple(value[row].tolist()), losses=losses)
        except InputError as refused:
            raise InputError(f"row {row}: {refused}") from None


def _as_rows(firms: Interval, value: Interval) -> tuple[Floats, Floats]:
    return np.array([firms]), np.array([value])


def _n_unknown(firms: Interval, value: Interval, ks: list[int], *, ordered: bool, losses: bool) -> dict[str, Bound]:
    pair = _as_rows(firms, value)
    box, found = boxes(*pair), {"share_ratio": _fixed(*share_ratio(*pair))}
    lows, highs = least_unequal(box, losses=losses), most_unequal(box, ordered=ordered, losses=losses)
    for key, high in highs.items():
        top = _end(high, box.possible, up=True)
        most = most_share_population(key, top.f, top.s, exchanged=top.at > 0, ordered=ordered, losses=losses)
        found[key] = _bound(_shown(lows[key], box.possible, up=False), Extreme(top.value, most))
    columns = [(f, s) for _, f, s, _ in _columns(box)] if ordered else [(firms, value)]
    counted = [most_by_count(f, s, ks=ks, ordered=ordered, losses=losses) for f, s in columns]
    for key in counted[0]:
        found[key] = _bound(Extreme(0.0, None), _greatest(each[key] for each in counted))
    return _in_order(found, ks)


def _n_known(
    firms: Floats, value: Floats, n: Floats, ks: list[int], *, ordered: bool, losses: bool
) -> dict[str, Bound]:
    box = whole_firm_boxes(firms[0], value[0], n)
    least, most = whole_firms(firms[0], n)
    attained = np.stack([least, most], axis=-1) / n[:, None]
    ratio = share_ratio(attained, np.broadcast_to(value, attained.shape))
    found = {"share_ratio": _fixed(*ratio, possible=least <= most, n=n)}
    lows = least_unequal(box, losses=losses)
    square = lows["hhi_times_n"]
    lows |= {"hhi": square._replace(value=square.value / n)}
    lows |= {f"cr{k}": least_top_share(np.minimum(1.0, k / n), box) for k in ks}
    between = most_between(box)
    group = most_group_share(box, ordered=ordered, losses=losses)
    highs: list[dict[str, Extreme]] = []
    for at, f, s, size in _columns(box):
        exchanged = at >= len(n)
        most_firms = round((1 - f[0] if exchanged else f[1]) * size)
        extremes = most_of_n(size, f, s, ks=ks, ordered=ordered, losses=losses)
        extremes["hhi_times_n"] = extremes["hhi"]._replace(value=extremes["hhi"].value * size)
        extremes["top_share"] = most_group_share_of_n(
            group.value.item(at), size, group.f.item(at), s,
            firms=most_firms, exchanged=exchanged, ordered=ordered, losses=losses,
        )  # fmt: skip
        highs.append(extremes)
    for key, low in lows.items():
        if key in between:
            found[key] = _fixed(low, between[key], possible=box.possible, n=box.n)
        else:
            found[key] = _bound(_shown(low, box.possible, box.n, up=False), _greatest(each[key] for each in highs))
    return _in_order(found, ks)


class _End(NamedTuple):
    """An end of a measure, where in the boxes it is, and the shares there."""

    value: float
    at: int
    f: float
    s: float


def _end(reached: Reached, possible: NDArray[np.bool_], *, up: bool) -> _End:
    values = np.where(possible, reached.value, -np.inf if up else np.inf)
    at = int(values.argmax() if up else values.argmin())
    return _End(values.item(at), at, reached.f.item(at), reached.s.item(at))


def _shown(reached: Reached, possible: NDArray[np.bool_], n: Floats | None = None, *, up: bool) -> Extreme:
    """An end, and two groups of equal firms that reach it."""
    end = _end(reached, possible, up=up)
    return Extreme(end.value, two_groups(end.f, end.s, None if n is None else int(n.item(end.at))))


def _fixed(low: Reached, high: Reached, possible: NDArray[np.bool_] | None = None, n: Floats | None = None) -> Bound:
    """What the two shares fix: two groups of equal firms show either end."""
    where = np.ones(low.value.shape, dtype=bool) if possible is None else possible
    return _bound(_shown(low, where, n, up=False), _shown(high, where, n, up=True))


def _greatest(extremes: Iterable[Extreme]) -> Extreme:
    return max(extremes, key=lambda extreme: extreme.value)


def _bound(low: Extreme, high: Extreme) -> Bound:
    """Both ends, but for rounding where they are the same number computed in two ways."""
    return Bound(low.value, max(low.value, high.value), low.population, high.population)


def _union(low: Floats, high: Floats, box: SharePairs) -> Floats:
    """Both orientations together, shape (m, 2)."""
    lowest = np.where(box.possible, low, np.inf).min(0)
    highest = np.where(box.possible, high, -np.inf).max(0)
    return np.stack([lowest, np.maximum(lowest, highest)], axis=-1)


def _columns(box: SharePairs) -> Iterator[tuple[int, Ends, Ends, int]]:
    """One by one the boxes that are possible: place, ends of f with s >= f, ends of s, number of firms if known."""
    for at in np.flatnonzero(box.possible).tolist():
        f, s = (box.f_low.item(at), box.far_firms.item(at)), (box.s_low.item(at), box.s_high.item(at))
        yield at, f, s, 0 if box.n is None else int(box.n.item(at))


def _in_order(found: dict[str, Bound], ks: list[int]) -> dict[str, Bound]:
    """Without what is not defined: measures between groups where the value share may lie outside 0 to 1."""
    keys = (*MEASURES, *(f"cr{k}" for k in ks))
    return {key: found[key] for key in keys if key in found and not math.isnan(found[key].low)}
