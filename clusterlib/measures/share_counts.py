"""How concentrated firms can be whose number is unknown: measures that count firms, over all numbers that fit.

A printed share of firms allows only numbers of firms of which it is a whole part: 25.37 percent, rounded, begins with
17 of 67. With few firms the largest weigh more, so the most concentrated population is among the smallest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

from clusterlib.measures.inequality import hhi
from clusterlib.measures.population import Population
from clusterlib.measures.share_extremes import (
    Extreme,
    each_total_in_one,
    even_border,
    full_border,
    greatest,
    largest,
    one_apart,
    stacked,
)

#: A share of firms given in binary is the same as a ratio of whole numbers this close to it.
SAME_SHARE = 1e-15
#: With more firms than this, the largest differ from their limit by less than double precision shows.
MANY_FIRMS = 10**12


def most_by_count(
    f: tuple[float, float], s: tuple[float, float], *, ks: Sequence[int], ordered: bool, losses: bool
) -> dict[str, Extreme]:
    r"""Supremum of ``cr<k>`` and, without losses, ``hhi`` over all numbers of firms that allow the firm share.

    Parameters
    ----------
    f : (float, float)
        Ends of the share of firms of the group on top, no higher than its value share.
    s : (float, float)
        Ends of the value share.
    ks, ordered, losses
        As for `bounds_from_share`.

    Notes
    -----
    Let the group have :math:`a` firms, the rest :math:`b`, both whole, with a / (a + b) in the interval of ``f``, which
    is taken as it stands: a point of many digits fits only many firms.

    Ordered, :math:`CR_k = \min(1, \max\{1 - (1-s)(a+b-k)/b,\; k s/a\})`, and :math:`HHI` is the larger of two: that
    of as many firms at :math:`s/a` as the total allows, and that of :math:`a + b - 1` firms at :math:`(1-s)/b` with
    one firm that has what is left. For the sum of squares is convex in the border, as long as whole numbers of firms
    stand at it. So besides these two borders only the highest one with whole numbers could have more; with a or more
    firms below the border it has no more than the first, with fewer no more than the second.

    The terms in :math:`s/a` are largest for the fewest firms. The other two are quasi-convex in (a, b): one is linear
    over linear; the other, with :math:`u=(a-1)/b` and :math:`v=1/b`, is at most c where
    :math:`v \le 2/(1-s) - (1+u) - (1-c)/((1-s)^2(1+u))`, which is concave in u. So they are largest at a corner of the
    convex hull of all (a, b). From the fewest firms a step towards higher a / b lowers both, so that only the corners
    on the other side count. The limit for many firms, :math:`(s-f)/(1-f)` and its square, is below all of these.
    """
    if not ordered:
        return _unordered_by_count(f, s, ks=ks, losses=losses)
    share = s[1]
    corners = list(whole_number_corners(*f))
    found = {f"cr{k}": _most_largest(k, f, share, corners, losses=losses) for k in ks}
    if not losses:
        group, rest = corners[0]
        candidates = [full_border(group + rest, group, share)]
        candidates += [even_border(group + rest, group, share) for group, rest in corners]
        found["hhi"] = greatest(hhi, stacked(candidates))
    return found


def _unordered_by_count(
    f: tuple[float, float], s: tuple[float, float], *, ks: Sequence[int], losses: bool
) -> dict[str, Extreme]:
    if losses:
        return dict.fromkeys([f"cr{k}" for k in ks], Extreme(math.inf, None))
    ends = each_total_in_one(sum(next(whole_number_corners(*f))), s)
    return {f"cr{k}": greatest(partial(largest, k=k), ends) for k in ks} | {"hhi": greatest(hhi, ends)}


def _most_largest(k: int, f: tuple[float, float], s: float, corners: list[tuple[int, int]], *, losses: bool) -> Extreme:
    if s > 1:
        # The rest is below zero, and weighs most among many firms.
        most, atoms = 1 + (s - 1) / (1 - f[1]) if f[1] < 1 else math.inf, None
    else:
        surplus = [min(1.0, 1 - (1 - s) * (group + rest - k) / rest) for group, rest in corners]
        most = max(surplus)
        group, rest = corners[surplus.index(most)]
        atoms = even_border(group + rest, group, s)
    group, rest = corners[0]
    if not losses and k * s / group > most:
        most, atoms = min(1.0, k * s / group), full_border(group + rest, group, s)
    elif losses and (fewest := _fewest(k, f, group)) and k * s / fewest[0] > most:
        group, n = fewest
        most, atoms = k * s / group, next(one_apart(n, group, s))
    return Extreme(most, atoms and Population.of(*atoms))


def _fewest(k: int, f: tuple[float, float], group: int) -> tuple[int, int] | None:
    """Fewest firms of a group that is smaller than k, and a number of all firms above k that allows them."""
    (low, of_low), (high, of_high) = _widened(*f)
    for firms in range(max(group, (k + 1) * low // of_low), k):
        n = max(k + 1, -(-firms * of_high // high))
        if firms * of_low >= low * n:
            return firms, n
    return None


def whole_number_corners(low: float, high: float) -> Iterator[tuple[int, int]]:
    """Corners of the convex hull of all whole (a, b), both at least 1, with a / (a + b) between low and high.

    The first one has the fewest firms of either kind; the others follow towards the lower end, up to `MANY_FIRMS`.

    Notes
    -----
    Two neighbours, one ratio below the interval and one above it, are brought closer by adding one to the other as
    often as it stays on its side (the path through the Stern-Brocot tree, many steps at once). Their first sum inside
    is the simplest ratio. From there the lower neighbour is added as often as the ratio stays inside: the next corner.

    References
    ----------
    Graham, R. L., Knuth, D. E., Patashnik, O. (1994). Concrete Mathematics, 2nd ed., section 4.5.

    Examples
    --------
    25.37 percent, rounded, needs 67 firms:

    >>> next(whole_number_corners(0.25365, 0.25375))
    (17, 50)
    """
    (low_part, low_whole), (high_part, high_whole) = _widened(low, high)

    def above_low(pair: tuple[int, int]) -> int:
        return pair[0] * (low_whole - low_part) - pair[1] * low_part

    def above_high(pair: tuple[int, int]) -> int:
        return pair[0] * (high_whole - high_part) - pair[1] * high_part

    below, above = (0, 1), (1, 0)
    while True:
        corner = _plus(below, above)
        if above_low(corner) < 0:
            below = _plus(below, above, (-above_low(below) - 1) // above_low(above))
        elif above_high(corner) > 0:
            above = _plus(above, below, (above_high(above) - 1) // -above_high(below))
        else:
            break
    yield corner
    while (short := above_low(corner)) > 0 and (lack := -above_low(below)) > 0:
        if short >= lack:
            corner = _plus(corner, below, short // lack)
            if sum(corner) > MANY_FIRMS:
                return
            yield corner
        else:
            below = _plus(below, corner, (lack - 1) // short)


def _plus(pair: tuple[int, int], other: tuple[int, int], times: int = 1) -> tuple[int, int]:
    return pair[0] + times * other[0], pair[1] + times * other[1]


def _widened(low: float, high: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """The ends as exact ratios, moved outward by the rounding of a binary fraction."""
    return max(0.0, low - SAME_SHARE).as_integer_ratio(), min(1.0, high + SAME_SHARE).as_integer_ratio()
