"""Closed forms for one group against the rest, on numbers and arrays alike.

Everywhere ``f`` is a share of the firms and ``s`` the share of the indicator that these firms hold, with s >= f: the
group with the higher mean. Where the printed group is the other one, the two change places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Slack for a whole number of firms, in firms: covers the rounding of f * n in binary arithmetic.
WHOLE_FIRM = 1e-7

Floats = NDArray[np.float64]
#: A division by an empty group is an infinite mean, zero over zero is settled where it occurs.
by_nothing = np.errstate(divide="ignore", invalid="ignore")


@dataclass(frozen=True)
class SharePairs:
    """Intervals of share pairs, shape (2, m) each: the printed group on top, below it the rest on top.

    Attributes
    ----------
    f_low, f_high, s_low, s_high : ndarray
        Ends of the shares of the group on top.
    far_firms : ndarray
        Largest firm share that leaves s >= f.
    possible : ndarray of bool
        Whether that group can be the one with the higher mean.
    n : ndarray or None
        Number of firms; the ends of `f` are then whole firms.
    """

    f_low: Floats
    f_high: Floats
    s_low: Floats
    s_high: Floats
    far_firms: Floats
    possible: NDArray[np.bool_]
    n: Floats | None = None

    @property
    def near(self) -> tuple[Floats, Floats]:
        """Shares (f, s) closest to each other, the same number if they can be equal."""
        return self.far_firms, np.maximum(self.s_low, self.far_firms)


class Reached(NamedTuple):
    """An end of a measure in each box, and the shares at which it is reached or approached."""

    value: Floats
    f: Floats
    s: Floats


def boxes(firms: Floats, value: Floats) -> SharePairs:
    """Both orientations of printed intervals, shape (m, 2) each."""
    possible = np.stack([value[:, 1] >= firms[:, 0], value[:, 0] < firms[:, 1]])
    return _boxes(*_both(firms), *_both(value), possible)


def whole_firm_boxes(firms: Floats, value: Floats, n: Floats) -> SharePairs:
    """Both orientations of one pair of intervals, shape (2,) each, for every number of firms in `n`."""
    least, most = whole_firms(firms, n)
    most_below = np.minimum(most, np.floor(value[1] * n + WHOLE_FIRM))
    least_above = np.maximum(least, np.ceil(value[0] * n - WHOLE_FIRM))
    f_low, f_high = np.stack([least, n - most]) / n, np.stack([most_below, n - least_above]) / n
    s_low, s_high = (np.broadcast_to(end, f_low.shape) for end in _both(value[None]))
    return _boxes(f_low, f_high, s_low, s_high, np.stack([least <= most_below, least_above <= most]), np.stack([n, n]))


def whole_firms(firms: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Smallest and largest number of firms of the group among n; the first exceeds the second if there is none."""
    least = np.maximum(1, np.ceil(firms[0] * n - WHOLE_FIRM))
    return least, np.minimum(n - 1, np.floor(firms[1] * n + WHOLE_FIRM))


def _both(share: Floats) -> tuple[Floats, Floats]:
    """Low and high end of intervals, shape (m, 2), for the group and, in a second row, for the rest."""
    ends = np.stack([share, 1 - share[:, ::-1]])
    return ends[..., 0], ends[..., 1]


def _boxes(
    f_low: Floats, f_high: Floats, s_low: Floats, s_high: Floats, possible: NDArray[np.bool_], n: Floats | None = None
) -> SharePairs:
    s_high = np.maximum(s_high, f_low)
    return SharePairs(f_low, f_high, s_low, s_high, np.maximum(f_low, np.minimum(f_high, s_high)), possible, n)


@by_nothing
def share_ratio(firms: Floats, value: Floats) -> tuple[Reached, Reached]:
    """Share of value over share of firms, intervals of shape (m, 2): each share is used once."""
    (f_low, f_high), (s_low, s_high) = firms.T, value.T
    at_low, at_high = np.where(s_low >= 0, f_high, f_low), np.where(s_high >= 0, f_low, f_high)
    highest = np.where(s_high == 0, 0.0, s_high / at_high)
    return Reached(s_low / at_low, at_low, s_low), Reached(highest, at_high, s_high)


@by_nothing
def least_unequal(box: SharePairs, *, losses: bool) -> dict[str, Reached]:
    """Infimum of each measure: all firms equal within each group, at the shares given with it."""
    f, s = box.near
    gap, between_t, between_l = s - f, _theil_between(f, s, box), _theil_between(s, f, box)
    level = _level_firms(box)
    square = np.where(s == level, 1.0, 1 + (s - level) ** 2 / (level * (1 - level)))
    found = {
        "theil_t_between": Reached(between_t, f, s),
        "theil_l_between": Reached(between_l, f, s),
        "gini": Reached(gap, f, s),
        "hoover": Reached(gap, f, s),
        "hhi_times_n": Reached(square, level, s),
        "top_share": _least_group_share(box),
    }
    if not losses:
        found |= {"theil_t": found["theil_t_between"], "theil_l": found["theil_l_between"]}
    return found


@by_nothing
def most_between(box: SharePairs) -> dict[str, Reached]:
    """Supremum of what the two shares fix: each measure rises away from the diagonal."""
    f, s = box.f_low, box.s_high
    return {
        "theil_t_between": Reached(_theil_between(f, s, box), f, s),
        "theil_l_between": Reached(_theil_between(s, f, box), f, s),
    }


@by_nothing
def most_unequal(box: SharePairs, *, ordered: bool, losses: bool) -> dict[str, Reached]:
    """Supremum of each measure over all numbers of firms, with the shares at which it is approached."""
    f, s = box.f_low, box.s_high
    if not ordered:
        gini = hoover = np.full_like(f, np.inf if losses else 1.0)
    elif losses:
        # One firm with a loss, all others equal, or one firm with the surplus: the total can be overshot.
        gini = hoover = np.maximum(_overshoot(f, s), _overshoot(box.far_firms, s))
    else:
        gini, hoover = _ordered_gini(f, s), np.where(s == f, 0.0, (s - f) / np.minimum(s, 1 - f))
    equal = ordered & (s == f)
    found = most_between(box) | {
        "gini": Reached(gini, f, s),
        "hoover": Reached(hoover, f, s),
        # A single large firm drives these up without end, a firm with nothing the last one.
        "hhi_times_n": Reached(np.where(equal, 1.0, np.inf), f, s),
        "top_share": most_group_share(box, ordered=ordered, losses=losses),
    }
    if not losses:
        theil = Reached(np.where(equal, 0.0, np.inf), f, s)
        found |= {"theil_t": theil, "theil_l": theil}
    return found


@by_nothing
def least_top_share(q: Any, box: SharePairs) -> Reached:
    """Least share of the largest firms, a fraction `q` of all; a pair of fractions is for the two ends of `f`."""
    at_low, at_far = q if isinstance(q, tuple) else (q, q)
    f, s = box.near
    low, far = _lower_chord(at_low, box.f_low, s), _lower_chord(at_far, f, s)
    return Reached(np.fmin(low, far), np.where(low < far, box.f_low, f), s)


@by_nothing
def most_top_share(q: Any, box: SharePairs, *, losses: bool) -> Reached:
    """Most that the largest firms can have under order; at f = 0 or f = 1 the supremum near there."""
    at_low, at_far = q if isinstance(q, tuple) else (q, q)
    f, s = box.far_firms, box.s_high
    low, far = _upper_chord(at_low, box.f_low, s), _upper_chord(at_far, f, s)
    most = np.fmax(low, far)
    return Reached(most if losses else np.minimum(1.0, most), np.where(low >= far, box.f_low, f), s)


def most_group_share(box: SharePairs, *, ordered: bool, losses: bool) -> Reached:
    """Most that as many of the largest firms as the printed group has can hold."""
    f, s = box.f_low, box.s_high
    if not ordered:
        return Reached(np.full_like(f, np.inf if losses else 1.0), (f + box.f_high) / 2, s)
    rest = most_top_share((1 - f, 1 - box.far_firms), box, losses=losses)
    return Reached(_by_group(s, rest.value), _by_group(f, rest.f), s)


def _least_group_share(box: SharePairs) -> Reached:
    f, s = box.f_low, np.maximum(box.s_low, box.f_low)
    rest = least_top_share((1 - f, 1 - box.far_firms), box)
    return Reached(_by_group(s, rest.value), _by_group(f, rest.f), _by_group(s, rest.s))


def _by_group(group: Floats, rest: Floats) -> Floats:
    """First row for the printed group on top, second row for the rest on top."""
    return np.stack([group[0], rest[1]])


def _upper_chord(q: Any, f: Floats, s: Floats) -> Any:
    """Share of the top is concave in q: it cannot rise above the two chords through (f, s), extended."""
    return np.fmax(s * q / f, 1 - (1 - q) * (1 - s) / (1 - f))


def _lower_chord(q: Any, f: Floats, s: Floats) -> Any:
    """The chords themselves: all firms equal within each group."""
    return np.fmin(s * q / f, 1 - (1 - q) * (1 - s) / (1 - f))


def _theil_between(f: Floats, s: Floats, box: SharePairs) -> Floats:
    """Theil's T between two groups, and with f and s exchanged Theil's L; nan for shares outside 0 to 1."""
    inside = (box.s_low >= 0) & (box.s_high <= 1)
    return np.where(inside, _relative_entropy(s, f) + _relative_entropy(1 - s, 1 - f), np.nan)


def _relative_entropy(part: Floats, reference: Floats) -> Floats:
    return np.where(part > 0, part * np.log(part / reference), 0.0)


def _level_firms(box: SharePairs) -> Floats:
    """Firm share at which CV is least: nearest, but f = s / (2 s - 1) for s above 1, where the firm share allows it."""
    f, s = box.near
    if not (s > 1).any():
        return f
    best = np.where(s > 1, np.clip(s / (2 * s - 1), box.f_low, box.f_high), f)
    if box.n is None:
        return best
    below, above = np.floor(best * box.n + WHOLE_FIRM) / box.n, np.ceil(best * box.n - WHOLE_FIRM) / box.n
    low, high = ((s - each) ** 2 / (each * (1 - each)) for each in (below, above))
    return np.where(low <= high, below, above)


def _overshoot(f: Floats, s: Floats) -> Floats:
    return np.where(s == f, 0.0, (s - f) / np.minimum(f, 1 - f))


def _ordered_gini(f: Floats, s: Floats) -> Floats:
    with_border = np.where(f > 0.5, (s - f) / (1 - f), 1 - 4 * f * (1 - s))
    return np.where(s == f, 0.0, np.where(s < 0.5, (s - f) / s, with_border))
