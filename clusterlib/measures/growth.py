"""The growth that a target needs from a baseline."""

from __future__ import annotations

import math

from clusterlib.errors import InputError
from clusterlib.interval import Interval, Number, as_interval


def required_growth(target: Number, baseline: Number, years: float) -> Interval:
    r"""Average yearly growth that leads from a baseline to a target.

    Parameters
    ----------
    target, baseline : float or (float, float)
        Levels in the same unit, the target above zero, the baseline not below it; an infinite upper end is open.
    years : float
        Years between the two, above zero.

    Returns
    -------
    Interval
        Fractions a year: the growth rate :math:`(T/B)^{1/t} - 1` rises in the target and falls in the baseline, so the
        ends are those of the two corners; negative where the baseline exceeds the target, infinite from zero.

    Raises
    ------
    InputError
        If the target or the number of years is not above zero, or the baseline below it.

    Notes
    -----
    The compound annual growth rate, a definition.

    Examples
    --------
    >>> low, high = required_growth((1e10, float("inf")), 5e9, 5)  # more than 10 billion from 5 billion in 5 years
    >>> round(low, 4), high
    (0.1487, inf)
    """
    ends, start = as_interval(target, "target"), as_interval(baseline, "baseline")
    if not 0 < ends.low < math.inf:
        raise InputError(f"target: given {tuple(ends)!r}; allowed: levels above 0")
    if not 0 <= start.low < math.inf:
        raise InputError(f"baseline: given {tuple(start)!r}; allowed: levels from 0")
    if not 0 < years < math.inf:
        raise InputError(f"years: given {years!r}; allowed: a number above 0")
    return Interval(_rate(ends.low, start.high, years), _rate(ends.high, start.low, years))


def _rate(target: float, baseline: float, years: float) -> float:
    if math.isinf(baseline):
        return -1.0
    if math.isinf(target) or baseline == 0:
        return math.inf
    return math.expm1(math.log(target / baseline) / years)
