"""What printed points of a Lorenz curve say about inequality: groups of firms in ascending order of size.

A curve is an array of corners, cumulative share of firms against cumulative share of the value, from (0, 0) to
(1, 1). A last step straight up stands for a single firm with a share of the value among ever more firms.

Every Lorenz curve is a mixture of the curves on which a share z of the firms has nothing and all others are equal.
Their Gini coefficient is z, and it mixes as they do: so the largest Gini is a linear program in the weights, and
multipliers of the printed points prove it. All else here follows from the lowest and the highest curve.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Number
from clusterlib.measures.lorenz_curves import (
    ROUNDING,
    SAME_SHARE,
    closed,
    crossings_of,
    envelope,
    firms_of,
    height_at,
    highest,
    is_polygon,
    minorant,
)
from clusterlib.measures.lorenz_gini import most_gini
from clusterlib.measures.lorenz_points import (
    DRAWN,
    End,
    Points,
    conflict,
    fits,
    listed,
    numbers,
    read_limits,
    read_n,
    read_points,
    read_sizes,
)
from clusterlib.measures.population import Bound
from clusterlib.measures.shares import bounds_from_share

#: Combinations of whole numbers of firms that are solved one by one.
MOST_COMBINATIONS = 64
#: Measures whose maximum over more than two groups of so many firms is not known, limits unknown.
NEVER_SHARP = ("theil_t", "theil_l", "hhi", "hhi_times_n")

Floats = NDArray[np.float64]


def bounds_from_lorenz(
    p: Sequence[Number],
    cumulative_share: Sequence[Number],
    *,
    limits: Sequence[float] | None = None,
    n: int | None = None,
    k: Sequence[int] = (1, 4),
) -> dict[str, Bound]:
    r"""Bounds on concentration from points of one Lorenz curve: K ordered groups of firms without losses.

    Parameters
    ----------
    p : sequence of float or (float, float), length K - 1
        Cumulative share of the firms at each point, smallest firms first: ascending fractions between 0 and 1.
        The ends (0, 0) and (1, 1) are implied; they may be given.
    cumulative_share : sequence of float or (float, float), length K - 1
        Share of the value that these firms have together, ascending fractions.
    limits : sequence of float, length K + 1, optional
        Limits of the K groups in units of the overall mean, ascending: the first at least 0, the last may be
        infinite. By default unknown: then only the order of the groups is known.
    n : int, optional
        Number of firms; by default unknown, and the bounds hold for every number.
    k : sequence of int, default (1, 4)
        Numbers of firms whose concentration ratio is wanted; used if `n` is given.

    Returns
    -------
    dict of str to Bound
        ``gini``, ``hoover``, ``theil_t``, ``theil_l`` (nats), ``theil_t_between``, ``theil_l_between`` (of the
        groups as if all firms of a group were equal), ``hhi_times_n`` (:math:`1 + CV^2`) and, if `n` is given,
        ``hhi`` and ``cr<k>`` (share of the k largest firms; 1 if there are fewer). `Bound.least` and `Bound.most`
        are populations at the ends in units of the mean; their counts are shares of the firms if `n` is unknown.
        A bound is infimum and supremum unless its `sharp` is False; then it is valid, but may be too wide.

    Raises
    ------
    InputError
        If an argument is out of range, no whole number of the `n` firms makes up a `p`, a group's mean lies outside
        its limits, or points cannot lie on one curve; the message names the smallest set of such points.

    Notes
    -----
    A curve :math:`F` is convex and meets the printed box :math:`[p^-, p^+] \times [L^-, L^+]` if and only if
    :math:`F(p^-) \le L^+` and :math:`F(p^+) \ge L^-`.

    *Least unequal.* Every such curve lies below the points :math:`(p^-, L^+)`, so below their greatest convex
    minorant. If the minorant is at least :math:`L^-` at every :math:`p^+`, it is a curve itself, the highest one, and
    minimises every measure that a progressive transfer lowers; if not, there is no curve. Its corners are whole
    firms if the :math:`p^-` are, so `n` changes nothing else. For exact points all firms of a group are equal.

    *Most unequal, limits known.* No curve lies below the lines of slope :math:`l_j` through
    :math:`(p^+_j, L^-_j)`. If the group means at these corners respect the limits, the lines are a curve, the lowest
    one, and maximise every measure; each firm then stands at a limit of its group. For exact :math:`p` the
    :math:`L^-, L^+` are narrowed until this holds. For exact points it is Gastwirth's form, with group means
    :math:`\mu_j`, shares :math:`f_j` of the firms and limits :math:`a_j, b_j`

    .. math:: G = \sum_j f_j (2 p_j - f_j) \mu_j - 1
              + \sum_j f_j^2 (\mu_j - a_j)(b_j - \mu_j) / (b_j - a_j).

    With `n` given the lowest curve runs straight within the one firm in which two lines cross.

    *Most unequal, limits unknown.* The slope :math:`t_j` at point j lies between the steepest line from an
    upper corner on its left and the flattest one to an upper corner on its right; for exact points
    :math:`\mu_j \le t_j \le \mu_{j+1}`. The steepest lines left of a :math:`q` and the flattest ones on its right
    give the lowest :math:`F(q)`, so the most of `hoover`, :math:`\max_q q - F(q)`, and of ``cr``. The Gini
    coefficient is :math:`\sum_z w_z z` for the mixture :math:`F = \sum_z w_z F_z`,
    :math:`F_z(q) = \max(0, q - z) / (1 - z)`, and for any multipliers :math:`y`, at least 0 at an upper and at most 0
    at a lower corner (both free if the point is exact),

    .. math:: G \le \sum_r y_r L_r + \max_z [z - \sum_r y_r F_z(p_r)],

    where z is any fraction, or a multiple of 1/n. Linear programs find :math:`w` and :math:`y` whose two sides agree
    to 1e-12; the right side is returned. It needs scipy. The Theil indices and the HHI have no upper bound with
    `n` unknown if one firm may take a share of all, or for L if one may have nothing. Else they are those of the
    greatest convex minorant of the lowest :math:`F(q)`: not sharp unless it is a curve. With two groups and `n` given
    they are those of `bounds_from_share`.

    *Not sharp* may thus be: ``theil_t``, ``hhi``, ``hhi_times_n`` and a finite ``theil_l`` with three groups or more,
    `n` given and limits unknown; what is between the groups, if the points :math:`(p^+, L^-)` are not convex; with
    limits, intervals `p` whose corners break the limits; with `n`, intervals that hold more than 64 combinations of
    whole numbers of firms, of which the extreme curve meets none.

    References
    ----------
    Gastwirth, J. L. (1972). The estimation of the Lorenz curve and Gini index. Review of Economics and
    Statistics 54(3), 306-316.
    Shi, C. & Zhang, X.: arXiv:1305.4896, on the largest Gini coefficient without limits.

    Examples
    --------
    The lower half has a fifth, the lower 90 % has half. Trapezoids: 1 - 0.5 * 0.2 - 0.4 * 0.7 - 0.1 * 1.5 = 0.47.

    >>> bounds = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5])
    >>> round(bounds["gini"].low, 12), round(bounds["hoover"].low, 12), bounds["theil_t"].high
    (0.47, 0.4, inf)

    Group means are 0.4, 0.75 and 5. With limits at 0, 0.5, 1 and 10 times the mean the Gini coefficient rises by
    0.25 * 0.4 * 0.1 / 0.5 + 0.16 * 0.25 * 0.25 / 0.5 + 0.01 * 4 * 5 / 9:

    >>> round(bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], limits=[0, 0.5, 1, 10])["gini"].high - 0.47, 6)
    0.062222
    """
    points = read_points(p, cumulative_share, read_n(n))
    edges = None if limits is None else read_limits(limits, len(points.left) + 1)
    sizes = read_sizes(k)
    bounds = _bounds(points, edges, sizes)
    if n is not None and not all(bound.sharp for key, bound in bounds.items() if key not in NEVER_SHARP):
        bounds = _over_whole_firms(points, edges, sizes) or bounds
    return bounds


def _bounds(points: Points, edges: Floats | None, sizes: Sequence[int]) -> dict[str, Bound]:
    if edges is not None:
        points = _narrowed(points, edges)
    curve = minorant(*points.upper)
    if (height_at(curve, points.right) < points.low - SAME_SHARE).any():
        raise conflict(points)
    least = _measures(curve, points.n, sizes)
    sharp = fits(curve, points) and (edges is None or is_polygon(curve, *points.upper, edges))
    most = _most(points, sizes) if edges is None else _most_within(points, edges, sizes)
    most |= _most_between(points)
    if most["gini"].value < least["gini"] - DRAWN:
        raise _against_limits(points, edges)
    low = firms_of(curve, points.n)
    return {
        key: Bound(
            least[key],
            max(least[key], most[key].value),
            low,
            firms_of(most[key].curve, points.n),
            sharp=sharp and most[key].sharp,
        )
        for key in least
    }


def _measures(curve: Floats, n: int | None, sizes: Sequence[int]) -> dict[str, float]:
    """Every measure of a curve; a single firm with a share of all makes some of them infinite."""
    firms, value = np.diff(curve[:, 0]), np.diff(curve[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(value > 0, value / firms, 0.0)
        theil_t = float(np.where(value > 0, value * np.log(np.where(value > 0, ratio, 1)), 0.0).sum())
        theil_l = float(np.where(firms > 0, -firms * np.log(np.where(firms > 0, ratio, 1)), 0.0).sum())
    hhi_times_n = float((value * ratio).sum())
    found = {
        "gini": 1 - float((firms * (curve[1:, 1] + curve[:-1, 1])).sum()),
        "hoover": float((curve[:, 0] - curve[:, 1]).max()),
        "theil_t": theil_t,
        "theil_l": theil_l,
        "theil_t_between": theil_t,
        "theil_l_between": theil_l,
        "hhi_times_n": hhi_times_n,
    }
    if n is None:
        return found
    largest = {f"cr{k}": 1 - float(height_at(curve, _from_top(k, n))) for k in sizes}
    return found | {"hhi": hhi_times_n / n} | largest


def _from_top(k: int, n: int) -> float:
    """Share of the firms that are not among the k largest."""
    return max(0, n - k) / n


def _most_between(points: Points) -> dict[str, End]:
    """Each group as if its firms were equal: no such curve is below the minorant of the lower corners."""
    curve = minorant(*points.lower)
    found = _measures(curve, None, ())
    sharp = is_polygon(curve, *points.lower)
    return {key: End(found[key], curve, sharp) for key in ("theil_t_between", "theil_l_between")}


# Limits known: one curve is the lowest.


def _narrowed(points: Points, edges: Floats) -> Points:
    """Refuse group means outside the limits; narrow the shares to what the limits leave where `p` is exact."""
    exact = bool((points.left == points.right).all())
    _require_means(points, edges)
    if not exact:
        return points
    p, low = points.lower
    high = points.upper[1].copy()
    low = low.copy()
    firms = np.diff(p)
    for j, width in enumerate(firms):
        low[j + 1] = max(low[j + 1], low[j] + width * edges[j])
        high[j + 1] = min(high[j + 1], high[j] + width * edges[j + 1])
    for j in reversed(range(len(firms))):
        least = low[j + 1] - firms[j] * edges[j + 1]
        # what is nothing on paper would else be a rounding error, and no firm could have nothing
        low[j] = max(low[j], least if least > 5 * ROUNDING * (1 + edges[j + 1]) else 0.0)
        high[j] = min(high[j], high[j + 1] - firms[j] * edges[j])
    if (low > high + SAME_SHARE).any():
        raise _against_limits(points, edges)
    return Points(points.left, points.right, np.minimum(low, high)[1:-1], high[1:-1], points.n)


def _against_limits(points: Points, edges: Floats | None) -> InputError:
    return InputError(
        f"cumulative_share, limits: given {listed(points, range(len(points.left)))}; allowed: points that leave "
        f"every group a mean within its limits {numbers(edges if edges is not None else np.array([]))}"
    )


def _require_means(points: Points, edges: Floats) -> None:
    (left, high), (right, low) = points.upper, points.lower
    faults = []
    for j in range(len(left) - 1):
        narrow, wide = max(0.0, left[j + 1] - right[j]), right[j + 1] - left[j]
        least, most = low[j + 1] - high[j], high[j + 1] - low[j]
        # the firms' share that makes the rule easiest is the wide one below the upper limit, the narrow one above
        beyond = least > wide * edges[j + 1] + SAME_SHARE
        if beyond or most < narrow * edges[j] - SAME_SHARE:
            mean = least / wide if beyond else most / narrow
            faults.append(f"group {j + 1} with a mean of {mean:g} outside {edges[j]:g} to {edges[j + 1]:g}")
    if faults:
        raise InputError(
            f"limits: given {' and '.join(faults)}; allowed: limits in units of the overall mean that hold "
            "each group's mean"
        )


def _most_within(points: Points, edges: Floats, sizes: Sequence[int]) -> dict[str, End]:
    p, share = points.lower
    # of an open top class no line comes from the end of the curve
    lines = slice(None) if math.isfinite(edges[-1]) else slice(0, -1)
    curve = envelope(p[lines], share[lines], edges[lines], points.n)
    sharp = is_polygon(minorant(p, share), p, share, edges)
    return {key: End(value, curve, sharp) for key, value in _measures(curve, points.n, sizes).items()}


# Limits unknown: the lines through the points may turn.


class _Lines(NamedTuple):
    """A line through each lower corner: its slopes are between flat and steep, whatever the others are.

    No box begins beyond `last`, short of all firms.
    """

    p: Floats
    share: Floats
    flat: Floats
    steep: Floats
    last: float

    def lowest(self, q: Floats) -> Floats:
        """Lowest value of any curve at each q; at 1 the limit from the left."""
        away = np.asarray(q)[:, None] - self.p
        return highest(self.share, np.where(away >= 0, self.flat, self.steep), away)

    def crossings(self, n: int | None) -> Floats:
        """Where the lowest value may turn."""
        both = np.concatenate([self.flat, self.steep])
        return crossings_of(np.tile(self.p, 2), np.tile(self.share, 2), both, n)

    def curve(self, q: float, n: int | None) -> Floats | None:
        """A curve that is lowest at q; with `n` unknown the last firms take what is left, as q = 1 leaves none."""
        if q >= 1:
            return None
        slopes = np.where(self.p <= q, self.flat, self.steep)
        curve = envelope(self.p, self.share, slopes, n)
        if curve[-2, 0] < 1:
            return curve
        start = (1 + max(q, self.last, curve[-3, 0])) / 2
        corners = np.vstack([curve[:-2], [[start, height_at(curve[:-1], start)], [1, 1]]])
        return minorant(corners[:, 0], corners[:, 1])


def _lines(points: Points) -> _Lines:
    inside = points.right < 1
    p, share = points.right[inside], points.low[inside]
    left, high = points.upper
    away = p[:, None] - left
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (share[:, None] - high) / away
    flat = np.where(away > 0, slopes, 0.0).max(-1)
    steep = np.where(away < 0, slopes, np.inf).min(-1)
    last = max(points.left.max(), p.max(initial=0.0))
    return _Lines(p, share, np.maximum(flat, 0.0), np.maximum(flat, steep), float(last))


def _most(points: Points, sizes: Sequence[int]) -> dict[str, End]:
    n, lines = points.n, _lines(points)
    at = lines.crossings(n)
    lowest = lines.lowest(at)
    hull = closed(at, lowest, n)
    lowest_fits = fits(hull, points)
    found = {key: End(value, hull, lowest_fits) for key, value in _measures(hull, n, sizes).items()}
    if lowest_fits:
        return found  # no curve is lower
    found = {key: end._replace(curve=None) for key, end in found.items()}
    gap = at - lowest
    best = int(gap.argmax())
    found["hoover"] = _at(lines, points, float(at[best]), float(gap[best]))
    found["gini"] = most_gini(points, found["gini"])
    first = DRAWN if n is None else 1 / n
    if lines.lowest(np.array([first]))[0] <= SAME_SHARE * first:
        found["theil_l"] = _at(lines, points, first, math.inf)
    if n is None and hull[-2, 0] == 1:
        found |= {key: End(math.inf, None, True) for key in ("theil_t", "hhi_times_n")}
    for k in sizes if n is not None else ():
        q = _from_top(k, n or 1)
        found[f"cr{k}"] = _at(lines, points, q, 1 - float(lines.lowest(np.array([q]))[0]))
    if len(points.left) == 1:
        found |= _two_groups(points, found)
    return found


def _at(lines: _Lines, points: Points, q: float, value: float) -> End:
    """The end of what the lowest value at q decides."""
    curve = lines.curve(q, points.n)
    return End(value, curve, points.n is None or q >= 1 or fits(curve, points))


def _two_groups(points: Points, found: dict[str, End]) -> dict[str, End]:
    """What is known exactly of one group against the rest."""
    # a point on the diagonal stands for all that could be on either side of it: the smallest firms come first
    high = min(points.high[0], max(points.left[0], points.low[0]))
    firms, value = (1 - points.right[0], 1 - points.left[0]), (1 - high, 1 - points.low[0])
    known = bounds_from_share(
        (float(firms[0]), float(firms[1])), (float(value[0]), float(value[1])), n=points.n, ordered=True
    )
    ends: dict[str, End] = {}
    for key in ("gini", "theil_t", "theil_l", "hhi_times_n", "hhi"):
        if key in found:
            most = known[key].most
            ends[key] = End(known[key].high, None if most is None else np.array(most.lorenz), True)
    return ends


# Whole numbers of firms, one combination at a time.


def _over_whole_firms(points: Points, edges: Floats | None, sizes: Sequence[int]) -> dict[str, Bound] | None:
    """Union over the whole numbers of firms that the intervals leave; None if they are too many, or given."""
    n = points.n or 1
    choices = [range(round(a * n), round(b * n) + 1) for a, b in zip(points.left, points.right, strict=True)]
    if not 1 < math.prod(map(len, choices)) <= MOST_COMBINATIONS:
        return None
    found = []
    for counts in product(*choices):
        p = np.array(counts) / n
        if (np.diff(p) <= 0).any():
            continue
        try:
            found.append(_bounds(Points(p, p, points.low, np.minimum(points.high, p), n), edges, sizes))
        except InputError:
            continue  # these numbers of firms are impossible
    if not found:
        raise InputError(
            f"p, n: given {listed(points, range(len(choices)))} of n={n}; allowed: points that whole numbers of firms "
            "can make up on one Lorenz curve"
        )
    return {key: _union([each[key] for each in found]) for key in found[0]}


def _union(bounds: Sequence[Bound]) -> Bound:
    low = min(bounds, key=lambda bound: bound.low)
    high = max(bounds, key=lambda bound: bound.high)
    return Bound(low.low, high.high, low.least, high.most, sharp=all(bound.sharp for bound in bounds))
