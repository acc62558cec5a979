"""What shares of two indicators say about relative performance: ratios and a decomposition.

A group holds the share ``s_y`` of one indicator and ``s_x`` of another. Shares identify relative performance only,
never levels. No assumption is needed: these are group aggregates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval, over_corners, quotient

Reference = Literal["cluster_average", "rest"]
REFERENCES: tuple[Reference, ...] = ("cluster_average", "rest")


@dataclass(frozen=True)
class Contribution:
    """One factor of a decomposition.

    Attributes
    ----------
    factor : str
        Name of the factor.
    log : float
        Its logarithm at the printed shares.
    log_range : Interval
        Range of the logarithm.
    percent : float
        Its part of the whole at the printed shares, in percent; nan if the whole is zero.
    percent_range : Interval
        Range of the part; unbounded if the whole can be zero.
    """

    factor: str
    log: float
    log_range: Interval
    percent: float
    percent_range: Interval


@dataclass(frozen=True)
class Decomposition:
    """An advantage as a product of factors, in logarithms.

    Attributes
    ----------
    log : float
        Logarithm of the advantage at the printed shares.
    log_range : Interval
        Its range.
    contributions : tuple of Contribution
        The factors in order; their logarithms add up to the whole.
    """

    log: float
    log_range: Interval
    contributions: tuple[Contribution, ...]


def relative(value_share: Number, base_share: Number, reference: Reference = "cluster_average") -> Interval:
    r"""Value per base of a group, relative to the cluster average or to the firms outside the group.

    Parameters
    ----------
    value_share, base_share : float or (float, float)
        Shares of the group in the two indicators, fractions between 0 and 1: two different printed figures.
    reference : {"cluster_average", "rest"}
        What the group is compared with.

    Returns
    -------
    Interval
        1 means as much per base as the reference; infinite where the reference can be zero.

    Raises
    ------
    InputError
        If a share lies outside 0 to 1 or `reference` is unknown.

    Notes
    -----
    Against the average :math:`s_y / s_x`; against the rest the ratio of odds,
    :math:`\frac{s_y}{1 - s_y} / \frac{s_x}{1 - s_x}`, in which each share is used once. Both rise in
    :math:`s_y` and fall in :math:`s_x`, so the corners give the range.

    Examples
    --------
    60 % of the output with half of the workers: 1.2 times the average, 1.5 times the rest.

    >>> relative(0.6, 0.5).low, round(relative(0.6, 0.5, "rest").low, 12)
    (1.2, 1.5)
    """
    value, base = _share(value_share, "value_share"), _share(base_share, "base_share")
    if reference not in REFERENCES:
        raise InputError(f"reference: given {reference!r}; allowed: {', '.join(REFERENCES)}")
    transform = _odds if reference == "rest" else float
    return Interval(
        quotient(transform(value.low), transform(base.high)), quotient(transform(value.high), transform(base.low))
    )


def decompose(
    shares: Sequence[Number],
    factors: Sequence[str],
    reference: Reference = "cluster_average",
    *,
    values: Sequence[float],
) -> Decomposition:
    r"""Split the advantage ``shares[-1] / shares[0]`` into the steps between neighbouring shares, in logarithms.

    Parameters
    ----------
    shares : sequence of float or (float, float), length k + 1
        Shares of the group, fractions between 0 and 1: of the firms first, then of each step, each a printed
        figure of its own.
    factors : sequence of str, length k
        Names of the steps.
    reference : {"cluster_average", "rest"}
        Against the cluster average the logarithms of shares are used, against the rest those of odds.
    values : sequence of float, length k + 1
        The printed shares themselves, fractions.

    Returns
    -------
    Decomposition
        Logarithms of the steps and their percent of the whole, each with its range.

    Raises
    ------
    InputError
        If the lengths do not fit, a share is not strictly between 0 and 1, or `reference` is unknown.

    Notes
    -----
    :math:`\ln(s_k/s_0) = \sum_j \ln(s_j / s_{j-1})`. A step's percent is a ratio of linear functions of the
    logarithms that share figures, so its extremes lie at the corners of the whole box of shares, not at those
    of its own two.

    Examples
    --------
    A group with 10 % of the firms, 20 % of the workers and 40 % of the output: size and productivity each double it.

    >>> split = decompose([0.1, 0.2, 0.4], ["size", "productivity"], values=[0.1, 0.2, 0.4])
    >>> [round(step.percent, 9) for step in split.contributions]
    [50.0, 50.0]
    """
    if len(shares) != len(factors) + 1 or len(values) != len(shares):
        raise InputError(
            f"shares, factors, values: given {len(shares)}, {len(factors)}, {len(values)}; allowed: k + 1, k, k + 1"
        )
    boxes = [_share(share, f"shares[{i}]") for i, share in enumerate(shares)]
    for i, (box, value) in enumerate(zip(boxes, values, strict=True)):
        if not (0 < box.low <= box.high < 1 and 0 < value < 1):
            raise InputError(f"shares[{i}]: given {box.low:g} to {box.high:g}; allowed: strictly between 0 and 1")
    if reference not in REFERENCES:
        raise InputError(f"reference: given {reference!r}; allowed: {', '.join(REFERENCES)}")
    transform = (lambda share: math.log(_odds(share))) if reference == "rest" else math.log
    logs = [Interval(transform(box.low), transform(box.high)) for box in boxes]
    at = [transform(value) for value in values]
    corners = list(product(*logs))
    whole = at[-1] - at[0]
    whole_range = over_corners(lambda last, first: last - first, logs[-1], logs[0])
    contributions = []
    for j, factor in enumerate(factors):
        log = at[j + 1] - at[j]
        log_range = over_corners(lambda after, before: after - before, logs[j + 1], logs[j])
        if whole_range.low <= 0 <= whole_range.high:
            percents = Interval(-math.inf, math.inf)
        else:
            parts = [100 * (corner[j + 1] - corner[j]) / (corner[-1] - corner[0]) for corner in corners]
            percents = Interval(min(parts), max(parts))
        contributions.append(Contribution(factor, log, log_range, 100 * log / whole if whole else math.nan, percents))
    return Decomposition(whole, whole_range, tuple(contributions))


def per_unit(numerator: Number, denominator: Number) -> Interval:
    """Range of a level per unit, such as sales per shop: two different printed figures, both at least 0.

    >>> per_unit((30001, 39999), (10, 20))
    Interval(low=1500.05, high=3999.9)
    """
    top, bottom = as_interval(numerator, "numerator"), as_interval(denominator, "denominator")
    for name, interval in (("numerator", top), ("denominator", bottom)):
        if interval.low < 0:
            raise InputError(f"{name}: given {interval.low:g}; allowed: at least 0")
    return Interval(0.0 if math.isinf(bottom.high) else quotient(top.low, bottom.high), quotient(top.high, bottom.low))


def _share(given: Number, name: str) -> Interval:
    share = as_interval(given, name)
    if share.low < 0 or share.high > 1:
        raise InputError(f"{name}: given {share.low:g} to {share.high:g}; allowed: a fraction between 0 and 1")
    return share


def _odds(share: float) -> float:
    return quotient(share, 1 - share)
