"""What one share pair says about inequality: one group of firms against the rest.

A group holds the share ``f`` of the firms and the share ``s`` of an indicator. Both are printed figures, so both
are intervals. Every function returns the infimum and supremum over all populations of firms that are consistent
with the two intervals, under the stated assumptions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval, quotient
from clusterlib.measures.inequality import gini, hhi, hoover, theil_l, theil_t

#: Slack for a whole number of firms, in firms: covers the rounding of f * n in binary arithmetic.
WHOLE_FIRM = 1e-7
#: Borders evaluated at once in the finite-N search, so that memory stays flat.
CHUNK = 100_000

Floats = NDArray[np.float64]


def bounds_from_share(
    count_share: Number,
    value_share: Number,
    *,
    n: int | tuple[int, int] | None = None,
    ordered: bool = True,
    losses: bool = False,
) -> dict[str, Interval]:
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

    Returns
    -------
    dict of str to Interval
        ``share_ratio`` (s/f), ``theil_t_between``, ``theil_l_between`` (nats, fixed by the two shares;
        absent if a share may lie outside 0 to 1), ``gini``, ``hoover``, ``theil_t``, ``theil_l`` (absent with
        losses), ``hhi_times_n`` (:math:`1 + CV^2`), ``top_share`` (share of the largest firms, as many as the
        printed group has, also where its share is the smaller one), and ``hhi`` if `n` is given. An
        infinite end is unbounded. Ends are infima and suprema; with `n` unknown the upper ones are approached as
        firms become many.

    Raises
    ------
    InputError
        If a share is outside its range, or no whole number of the `n` firms makes up `count_share`.

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
    """
    firms, value = _check_shares(count_share, value_share, losses=losses)
    if n is None:
        found = [
            _unknown_n(f, s, exchanged=exchanged, ordered=ordered, losses=losses)
            for f, s, exchanged in _orientations(firms, value)
        ]
    else:
        found = [
            _known_n(size, f, s, exchanged=exchanged, ordered=ordered, losses=losses)
            for size in _sizes(n)
            for f, s, exchanged in _whole_firm_orientations(firms, value, size)
        ]
        if not found:
            raise _no_whole_firm(firms, n)
    bounds = {key: _in_order(_union([each[key] for each in found])) for key in found[0]}
    return {"share_ratio": _share_ratio(firms if n is None else _attained_firms(firms, n), value)} | bounds


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
    ends = []
    for f, s, _ in _orientations(firms, value):
        low = q if _near(f, s) is None else min(_top_low(q, each, s.low) for each in f)
        high = max(_top_high(q, each, s.high, losses=losses) for each in _far_firms(f, s))
        if not ordered:
            high = math.inf if losses else 1.0
        ends.append(Interval(low, high))
    return _union(ends)


def _check_shares(count_share: Number, value_share: Number, *, losses: bool) -> tuple[Interval, Interval]:
    firms = as_interval(count_share, "count_share")
    value = as_interval(value_share, "value_share")
    for name, share, free in (("count_share", firms, False), ("value_share", value, losses)):
        if not free and (share.low < 0 or share.high > 1):
            raise InputError(
                f"{name}: given {_show(share)}; allowed: a fraction between 0 and 1 (25.37 % is 0.2537)"
                + ("" if name == "count_share" else ", outside only with losses=True")
            )
        if not (math.isfinite(share.low) and math.isfinite(share.high)):
            raise InputError(f"{name}: given {_show(share)}; allowed: finite numbers")
    if firms.high == 0 or firms.low == 1:
        raise InputError(f"count_share: given {_show(firms)}; allowed: a group with some of the firms, not all")
    return firms, value


def _orientations(firms: Interval, value: Interval) -> Iterator[tuple[Interval, Interval, bool]]:
    """The box as one with s >= f, as its mirror image with the two groups exchanged, or as both."""
    if value.high >= firms.low:
        yield firms, value, False
    if value.low < firms.high:
        yield Interval(1 - firms.high, 1 - firms.low), Interval(1 - value.high, 1 - value.low), True


def _near(f: Interval, s: Interval) -> tuple[float, float] | None:
    """Corner where the shares are closest; None if they can be equal."""
    return (f.high, s.low) if s.low > f.high else None


def _far_firms(f: Interval, s: Interval) -> tuple[float, float]:
    """Firm shares at which the most unequal population is sought: both ends, as far as s >= f."""
    return f.low, max(f.low, min(f.high, s.high))


def _share_ratio(firms: Interval, value: Interval) -> Interval:
    if value.low >= 0:
        low = quotient(value.low, firms.high)
    else:
        low = value.low / firms.low if firms.low > 0 else -math.inf
    return Interval(low, _ratio_high(value.high, firms))


def _between(f: Interval, s: Interval) -> dict[str, Interval]:
    """Measures that the two shares fix: each is monotone away from the diagonal."""
    if s.low < 0 or s.high > 1:
        return {}
    near, far = _near(f, s), (f.low, s.high)
    return {
        key: Interval(0.0 if near is None else measure(*near), measure(*far))
        for key, measure in (("theil_t_between", _theil_t_between), ("theil_l_between", _theil_l_between))
    }


def _ratio_high(value: float, firms: Interval) -> float:
    if value >= 0:
        return quotient(value, firms.low) if value > 0 else 0.0
    return value / firms.high


def _theil_t_between(f: float, s: float) -> float:
    return _relative_entropy(s, f) + _relative_entropy(1 - s, 1 - f)


def _theil_l_between(f: float, s: float) -> float:
    return _theil_t_between(s, f)


def _relative_entropy(part: float, reference: float) -> float:
    if part <= 0:
        return 0.0
    return math.inf if reference <= 0 else part * math.log(part / reference)


def _least_hhi_times_n(f: Interval, s: Interval, n: int | None = None) -> float:
    """At the nearest shares; for a value share above 1 that is f = s / (2 s - 1), where the firm share allows it."""
    if _near(f, s) is None:
        return 1.0
    at = [f.high]
    if s.low > 1:
        best = min(max(s.low / (2 * s.low - 1), f.low), f.high)
        at = [best] if n is None else [math.floor(best * n + WHOLE_FIRM) / n, math.ceil(best * n - WHOLE_FIRM) / n]
    return min(1 + (s.low - each) ** 2 / (each * (1 - each)) if 0 < each < 1 else math.inf for each in at)


def _unknown_n(f: Interval, s: Interval, *, exchanged: bool, ordered: bool, losses: bool) -> dict[str, Interval]:
    near, (f1, s1) = _near(f, s), (f.low, s.high)
    least = 0.0 if near is None else near[1] - near[0]
    if not ordered:
        top_gini = top_hoover = math.inf if losses else 1.0
    elif losses:
        # One firm with a loss, all others equal, or one firm with the surplus: the total can be overshot.
        top_gini = top_hoover = max(_overshoot(each, s1) for each in _far_firms(f, s))
    else:
        top_gini, top_hoover = _ordered_gini(f1, s1), _ordered_hoover(f1, s1)
    equal = ordered and s1 == f1
    bounds = _between(f, s) | {
        "gini": Interval(least, top_gini),
        "hoover": Interval(least, top_hoover),
        # A single large firm drives these up without end, a firm with nothing the last one.
        "hhi_times_n": Interval(_least_hhi_times_n(f, s), 1.0 if equal else math.inf),
        "top_share": _group_top_share(f, s, exchanged=exchanged, ordered=ordered, losses=losses),
    }
    if not losses:
        top_theil = 0.0 if equal else math.inf
        bounds["theil_t"] = Interval(0.0 if near is None else _theil_t_between(*near), top_theil)
        bounds["theil_l"] = Interval(0.0 if near is None else _theil_l_between(*near), top_theil)
    return bounds


def _overshoot(f: float, s: float) -> float:
    if s == f:
        return 0.0
    return (s - f) / min(f, 1 - f) if 0 < f < 1 else math.inf


def _ordered_gini(f: float, s: float) -> float:
    if s == f:
        return 0.0
    if s < 0.5:
        return (s - f) / s
    if f > 0.5:
        return (s - f) / (1 - f)
    return 1 - 4 * f * (1 - s)


def _ordered_hoover(f: float, s: float) -> float:
    return 0.0 if s == f else (s - f) / min(s, 1 - f)


def _group_top_share(f: Interval, s: Interval, *, exchanged: bool, ordered: bool, losses: bool) -> Interval:
    """Share of as many of the largest firms as the printed group has; if exchanged, `f` and `s` are of the rest."""
    if not exchanged:
        low, high = max(s.low, f.low), s.high
    else:
        low = 1 - _far_firms(f, s)[1] if _near(f, s) is None else min(_top_low(1 - each, each, s.low) for each in f)
        high = max(_top_high(1 - each, each, s.high, losses=losses) for each in _far_firms(f, s))
    if not ordered:
        high = math.inf if losses else 1.0
    return Interval(low, high)


def _top_low(q: float, f: float, s: float) -> float:
    return s * q / f if q <= f else s + (1 - s) * (q - f) / (1 - f)


def _top_high(q: float, f: float, s: float, *, losses: bool) -> float:
    """Most that the largest firms can have under order; at f = 0 or f = 1 the supremum near there."""
    if s == f:
        return q
    if q <= f:
        return 1 - (1 - q) * (1 - s) / (1 - f) if f < 1 else math.inf
    full = q * s / f if f > 0 else math.inf
    return full if losses else min(1.0, full)


def _sizes(n: int | tuple[int, int]) -> range:
    ends = n if isinstance(n, tuple) else (n, n)
    if len(ends) != 2 or any(isinstance(size, bool) or not isinstance(size, int | np.integer) for size in ends):
        raise InputError(f"n: given {n!r}; allowed: a whole number of firms, or a pair of them")
    low, high = ends
    if not 2 <= low <= high:
        raise InputError(f"n: given {n!r}; allowed: at least 2 firms, low <= high")
    return range(int(low), int(high) + 1)


def _whole_firms(firms: Interval, n: int) -> tuple[int, int]:
    """Smallest and largest number of firms of the group among n; the first exceeds the second if there is none."""
    least = max(1, math.ceil(firms.low * n - WHOLE_FIRM))
    most = min(n - 1, math.floor(firms.high * n + WHOLE_FIRM))
    return least, most


def _attained_firms(firms: Interval, n: int | tuple[int, int]) -> Interval:
    ends = [
        (least / size, most / size)
        for size in _sizes(n)
        for least, most in [_whole_firms(firms, size)]
        if least <= most
    ]
    return Interval(min(low for low, _ in ends), max(high for _, high in ends))


def _whole_firm_orientations(firms: Interval, value: Interval, n: int) -> Iterator[tuple[Interval, Interval, bool]]:
    """As `_orientations`, with the whole numbers of firms that are possible in each."""
    least, most = _whole_firms(firms, n)
    if least > most:
        return
    most_below = min(most, math.floor(value.high * n + WHOLE_FIRM))
    if least <= most_below:
        yield Interval(least / n, most_below / n), value, False
    least_above = max(least, math.ceil(value.low * n - WHOLE_FIRM))
    if least_above <= most:
        yield Interval((n - most) / n, (n - least_above) / n), Interval(1 - value.high, 1 - value.low), True


def _no_whole_firm(firms: Interval, n: int | tuple[int, int]) -> InputError:
    size = _sizes(n)[-1]
    near = max(1, min(size - 1, round(firms.low * size)))
    candidates = sorted({max(1, near - 1), near, min(size - 1, near + 1)})
    nearest = ", ".join(f"{count}/{size} = {count / size:.4%}" for count in candidates)
    return InputError(
        f"count_share, n: given {_show(firms)} of n={n}; allowed: a share that a whole number of firms can make up "
        f"(nearest: {nearest}), as a (low, high) pair if it is rounded"
    )


def _known_n(n: int, f: Interval, s: Interval, *, exchanged: bool, ordered: bool, losses: bool) -> dict[str, Interval]:
    near = _near(f, s)
    most = _most_unequal(n, f, s, ordered=ordered, losses=losses)
    least = 0.0 if near is None else near[1] - near[0]
    least_square = _least_hhi_times_n(f, s, n)
    bounds = _between(f, s) | {
        "gini": Interval(least, most["gini"]),
        "hoover": Interval(least, most["hoover"]),
        "hhi_times_n": Interval(least_square, most["hhi"] * n),
        "hhi": Interval(least_square / n, most["hhi"]),
        "top_share": _known_top_share(f, s, n, exchanged=exchanged, ordered=ordered, losses=losses),
    }
    if not losses:
        bounds["theil_t"] = Interval(0.0 if near is None else _theil_t_between(*near), most["theil_t"])
        bounds["theil_l"] = Interval(0.0 if near is None else _theil_l_between(*near), most["theil_l"])
    return bounds


def _known_top_share(f: Interval, s: Interval, n: int, *, exchanged: bool, ordered: bool, losses: bool) -> Interval:
    loose = _group_top_share(f, s, exchanged=exchanged, ordered=ordered, losses=losses)
    most_firms = round((1 - f.low if exchanged else f.high) * n)
    if ordered or most_firms > 1 or (losses and n > 2):
        return loose
    # The group is a single firm: either it is the largest, or the largest of the rest is.
    return Interval(loose.low, max(s.high, 1 - s.low))


def _most_unequal(n: int, f: Interval, s: Interval, *, ordered: bool, losses: bool) -> dict[str, float]:
    """Maximum of each measure over all populations of n firms whose group holds the share s of the total."""
    measures = {"gini": gini, "hoover": hoover, "hhi": hhi}
    if not losses:
        measures |= {"theil_t": theil_t, "theil_l": theil_l}
    elif not ordered and n > 2:
        return dict.fromkeys(measures, math.inf)
    candidates: Iterable[tuple[Floats, Floats]]
    if not ordered:
        candidates = [(np.array([[0.0, 1 - end, end] for end in s]), np.array([[n - 2.0, 1.0, 1.0]]))]
    elif losses:
        candidates = [_with_a_loss(n, round(end * n), s.high) for end in f]
    else:
        candidates = _borders(n, round(f.low * n), s.high)
    most = dict.fromkeys(measures, -math.inf)
    for values, counts in candidates:
        for key, measure in measures.items():
            most[key] = max(most[key], float(np.max(measure(values, counts))))
    return most


def _borders(n: int, group: int, s: float) -> Iterator[tuple[Floats, Floats]]:
    """Extremal populations at every border where they change shape: values and numbers of firms."""
    rest, remaining = n - group, 1 - s
    full = s / group
    standing = min(rest, math.floor(remaining / full + 1e-12))
    remainder = max(0.0, remaining - standing * full)
    partial = 1.0 if remainder > 0 and standing < rest else 0.0
    yield (
        np.array([[0.0, remainder if partial else 0.0, full]]),
        np.array([[rest - standing - partial, partial, standing + group]]),
    )
    if remaining <= 0:
        yield np.array([[0.0, s]]), np.array([[n - 1.0, 1.0]])
        return
    first = max(1, math.ceil(remaining / full - 1e-12))
    for start in range(first, rest + 1, CHUNK):
        k = np.arange(start, min(start + CHUNK, rest + 1), dtype=float)
        border = remaining / k
        zeros = np.zeros_like(k)
        top = np.maximum(s - (group - 1) * border, border)
        yield np.stack([zeros, border, top], axis=-1), np.stack([rest - k, k + group - 1, zeros + 1], axis=-1)


def _with_a_loss(n: int, group: int, s: float) -> tuple[Floats, Floats]:
    rest = n - group
    at_top, at_bottom = s / group, (1 - s) / rest
    values = [[1 - (n - 1) * at_top, at_top], [1 - (n - 1) * at_bottom, at_bottom]]
    return np.array(values), np.array([[1.0, n - 1.0]] * 2)


def _union(intervals: list[Interval]) -> Interval:
    return Interval(min(each.low for each in intervals), max(each.high for each in intervals))


def _in_order(interval: Interval) -> Interval:
    """The ends as they are, but for rounding where both are the same number computed in two ways."""
    return Interval(interval.low, max(interval.low, interval.high))


def _show(interval: Interval) -> str:
    return f"{interval.low:g}" if interval.is_point else f"{interval.low:g} to {interval.high:g}"
