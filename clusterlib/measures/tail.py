"""A Pareto law fitted to counts in size classes: a model of the upper tail, never a bound.

The printed counts do not fix a tail exponent. What stands here assumes a distribution and belongs to the basis
``model`` of a result table; what the counts say without one is a matter of bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clusterlib.errors import InputError
from clusterlib.interval import Interval

#: 95 % point of the chi-square distribution with one degree of freedom; its root belongs to the normal one.
CHI_SQUARE_95 = 3.841458820694124
#: Below this log width times exponent the moments are taken from their series, as the closed forms cancel.
SERIES_BELOW = 0.3
#: exp() of more than this overflows when squared; the moments of wider bins are those of an open one.
WIDE = 700.0
#: Halvings at most; doubles run out sooner, unless the zero is at 0.
HALVINGS = 200
#: Samples as far off as the printed counts must count as such, whatever the rounding.
TIE = 1e-12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TailFit:
    """A Pareto law fitted to counts in size classes.

    Attributes
    ----------
    exponent : float
        Exponent of the share of firms above a size, :math:`(x/b_{min})^{-\\zeta}`: ``pareto_tail`` in a result table.
    standard_error : float
        From the observed information.
    wald, profile : Interval
        95 % intervals for the exponent: symmetric, and by likelihood ratio. With few firms the first may reach
        below 0, the second does so only with a cap.
    lowest : float
        Lowest edge, from where the law is assumed to hold.
    last_edge : float
        Lower edge of the last bin.
    cap : float or None
        Size at which the law is cut off; None if it has no end.
    n : int
        Number of firms.
    ks : float
        Largest gap between the observed and the fitted cumulative shares at the edges.
    p_value : float
        Share of samples from the fitted law, refitted, whose gap is at least as large; nan with two bins, which
        are always fitted exactly.
    g_squared : float
        Likelihood-ratio statistic against free bin shares.
    degrees : int
        Its degrees of freedom, bins - 2.
    replications, seed : int
        Samples behind `p_value`, and the seed they were drawn with.
    """

    exponent: float
    standard_error: float
    wald: Interval
    profile: Interval
    lowest: float
    last_edge: float
    cap: float | None
    n: int
    ks: float
    p_value: float
    g_squared: float
    degrees: int
    replications: int
    seed: int

    @property
    def density_exponent(self) -> float:
        """Exponent of the density, one more than `exponent`: ``pareto_exponent`` in a result table."""
        return self.exponent + 1

    @property
    def has_mean(self) -> bool:
        """Whether the fitted law has a finite mean: always with a cap, else if the exponent exceeds 1."""
        return self.cap is not None or self.exponent > 1

    @property
    def mean_in_doubt(self) -> bool:
        """Whether an infinite mean cannot be ruled out: no cap, and `profile` reaches down to 1 or less."""
        return self.cap is None and self.profile.low <= 1


def fit_tail(
    edges: ArrayLike, counts: ArrayLike, *, cap: float | None = None, seed: int = 0, replications: int = 1000
) -> TailFit:
    r"""Pareto law of firm sizes by maximum likelihood from counts in size classes.

    Parameters
    ----------
    edges : array-like, shape (k,), k >= 2
        Lower edges of the bins, positive, ascending, in any unit. The last bin is open.
    counts : array-like, shape (k,)
        Whole numbers of firms in the bins.
    cap : float, optional
        Size that no firm *can* exceed, in the unit of `edges`; by default the law has no end. A bin above which no
        firm happens to stand is no cap: leave the last bin open, or add an edge with count 0.
    seed : int, default 0
        Seed of the samples for the goodness of fit.
    replications : int, default 1000
        Number of these samples.

    Returns
    -------
    TailFit
        The exponent with its standard error and 95 % intervals, and the goodness of fit.

    Raises
    ------
    InputError
        If edges are not positive and ascending, counts are not whole or do not fit the edges, the cap is not above
        the last edge, or all firms stand in the first or all in the last bin: no finite positive exponent (with a
        cap: no finite one) is then most likely.

    Notes
    -----
    With bins :math:`[b_i, b_{i+1})`, counts :math:`h_i`, :math:`n` firms and a last term
    :math:`b_k^{-\zeta}`,

    .. math:: \ln L = n \zeta \ln b_1 + \sum_i h_i \ln (b_i^{-\zeta} - b_{i+1}^{-\zeta}).

    A cap :math:`c` closes the last bin and divides the share of each by
    :math:`1 - (c / b_1)^{-\zeta}`; the exponent may then be 0 or less. The log size above an edge being
    exponential, cut off at the next, with mean :math:`m` and variance :math:`v`, the slope of :math:`\ln L` is
    :math:`n m - \sum_i h_i (\ln (b_i/b_1) + m_i)`: expected log size under the law less that given the bins. It
    falls strictly, so that halving a bracket finds its only zero. The information is :math:`n v - \sum_i h_i v_i`,
    without a cap :math:`\sum_{i<k} h_i (\ln r_i)^2 r_i^\zeta / (r_i^\zeta - 1)^2` with
    :math:`r_i = b_{i+1} / b_i`. The profile interval holds where :math:`2 \Delta \ln L \le 3.841`.

    Goodness of fit: samples of :math:`n` firms from the fitted law, each refitted, the lowest edge held; the
    p-value is (1 + samples at least as far off) / (1 + samples). A sample with all firms in the first or last bin
    is fitted exactly in the limit and has gap 0.

    References
    ----------
    Virkar, Y. and Clauset, A. (2014). Power-law distributions in binned empirical data. Annals of Applied
    Statistics 8(1), 89-119. https://doi.org/10.1214/13-AOAS710

    Examples
    --------
    Of 4 firms above 1 one exceeds 2: a quarter at double the size, so the exponent is ln 4 / ln 2.

    >>> fit = fit_tail([1, 2], [3, 1])
    >>> round(fit.exponent, 12), round(fit.density_exponent, 12)
    (2.0, 3.0)
    """
    edge, count = _check_bins(edges, counts)
    cap = _check_cap(cap, edge[-1])
    seed, replications = _check_whole(seed, "seed", 0), _check_whole(replications, "replications", 1)
    bins = _log_bins(edge, cap)
    n = int(count.sum())
    for place, limit in ((0, "infinite"), (-1, "zero" if cap is None else "minus infinity")):
        if count[place] == n:
            raise InputError(
                f"counts: given all {n} in the {'last' if place else 'first'} bin; "
                f"allowed: a firm outside it, else the exponent is {limit}"
            )
    exponent = float(_most_likely(bins, count[None])[0])
    information = n * _variance(exponent, bins.span) - count @ _variance(exponent, bins.widths)
    error = 1 / math.sqrt(float(information))
    shares = _log_shares(bins, exponent)

    def drop(at: float) -> float:
        if cap is None and at <= 0:
            return math.inf
        return 2 * float(count @ (shares - _log_shares(bins, at)))

    seen = count > 0  # an empty bin adds nothing, as 0 ln 0 = 0
    surprise = count[seen] @ (np.log(count[seen] / n) - shares[seen])
    ks, p_value = _goodness(bins, count, exponent, seed, replications)
    half = math.sqrt(CHI_SQUARE_95) * error
    return TailFit(
        exponent=exponent,
        standard_error=error,
        wald=Interval(exponent - half, exponent + half),
        profile=Interval(_crossing(drop, exponent, -error), _crossing(drop, exponent, error)),
        lowest=float(edge[0]),
        last_edge=float(edge[-1]),
        cap=cap,
        n=n,
        ks=ks,
        p_value=p_value if len(edge) > 2 else math.nan,
        g_squared=max(0.0, 2 * float(surprise)),
        degrees=len(edge) - 2,
        replications=replications,
        seed=seed,
    )


def log_log_slope(edges: ArrayLike, counts: ArrayLike) -> float:
    r"""Slope of the log number of firms at or above an edge on the log edge, for comparison only.

    Parameters
    ----------
    edges, counts
        As for `fit_tail`; a firm must stand in the last bin.

    Returns
    -------
    float
        The slope, at most 0; under a Pareto law it is near minus the exponent.

    Raises
    ------
    InputError
        As for `fit_tail`, and if the last bin is empty.

    Notes
    -----
    Least squares of :math:`\ln \sum_{j \ge i} h_j` on :math:`\ln b_i`. The firms of a bin count again at every
    lower edge, so the points are not independent: a standard error of this regression would not hold, and none is
    returned. The correction by half a rank is made for ranks of single firms, not for these counts.

    References
    ----------
    Gabaix, X. and Ibragimov, R. (2011). Rank - 1/2: a simple way to improve the OLS estimation of tail exponents.
    Journal of Business & Economic Statistics 29(1), 24-39. https://doi.org/10.1198/jbes.2009.06157

    Examples
    --------
    At each doubling of the size a quarter of the firms is left.

    >>> round(log_log_slope([1, 2, 4], [12, 3, 1]), 12)
    -2.0
    """
    edge, count = _check_bins(edges, counts)
    above = np.cumsum(count[::-1])[::-1]
    if above[-1] == 0:
        raise InputError("counts: given 0 in the last bin; allowed: at least 1, as zero has no logarithm")
    size = np.log(edge) - np.log(edge).mean()
    return float(size @ np.log(above) / (size @ size))


def implied_total(fit: TailFit, *, cap: float | None = None, exponent: float | None = None) -> float:
    r"""Total size of the fitted firms if they followed the law exactly.

    Parameters
    ----------
    fit : TailFit
        The fitted law.
    cap : float, optional
        Size at which the law is cut off for the mean, above the last edge; by default that of the fit.
    exponent : float, optional
        Used in place of the fitted one, such as an end of ``fit.profile``: the total falls as it rises.

    Returns
    -------
    float
        Total in the unit of the edges; only firms above the lowest edge are in it.

    Raises
    ------
    InputError
        If the exponent is 1 or less and there is no cap, or if the fit has another cap.

    Notes
    -----
    Without a cap :math:`n b_1 \zeta / (\zeta - 1)`; with a cap :math:`c`

    .. math:: n b_1 \frac{\zeta}{\zeta - 1} \cdot \frac{1 - (c/b_1)^{1-\zeta}}{1 - (c/b_1)^{-\zeta}},

    and the limits of this at exponents 1 and 0. At 1 or less the total hangs on the cap, not on the counts.

    Examples
    --------
    Exponent 2, so that the mean is twice the lowest edge: 4 firms, 8 in all.

    >>> round(implied_total(fit_tail([1, 2], [3, 1])), 9)
    8.0
    """
    cap = _check_cap(cap, fit.last_edge)
    if cap is not None and fit.cap is not None and cap != fit.cap:
        raise InputError(f"cap: given {cap:g} for a fit cut off at {fit.cap:g}; allowed: the same, or a new fit")
    cap = fit.cap if cap is None else cap
    slope = fit.exponent if exponent is None else exponent
    if not math.isfinite(slope):
        raise InputError(f"exponent: given {slope:g}; allowed: a finite number")
    if cap is None and slope <= 1:
        raise InputError(
            f"exponent: given {slope:.3g} without a cap; allowed: above 1, or a cap: "
            "the mean is infinite, so a few more firms could bring any total"
        )
    span = np.asarray(math.inf if cap is None else math.log(cap) - math.log(fit.lowest))
    mean = math.exp(_log_integral(slope - 1, span) - _log_integral(slope, span))
    return fit.n * fit.lowest * mean


class _Bins(NamedTuple):
    """Bins in log size above the lowest edge: where they start, how wide they are, and the width of all."""

    starts: Floats
    widths: Floats
    span: Floats


def _log_bins(edge: Floats, cap: float | None) -> _Bins:
    ends = np.append(edge, [] if cap is None else [cap])
    widths = np.log1p(np.diff(ends) / ends[:-1])
    starts = np.concatenate([[0.0], np.cumsum(widths)])
    if cap is None:
        return _Bins(starts, np.append(widths, math.inf), np.asarray(math.inf))
    return _Bins(starts[:-1], widths, starts[-1])


def _log_integral(z: Floats | float, width: Floats) -> Floats:
    """Logarithm of the integral of exp(-z x) from 0 to the width."""
    t = np.asarray(z * width)
    with np.errstate(divide="ignore", invalid="ignore"):
        closed = np.maximum(-t, 0) + np.log(-np.expm1(-np.abs(t))) - np.log(np.abs(z))
    return np.asarray(np.where(t == 0, np.log(width), closed))


def _mean(z: Floats | float, width: Floats) -> Floats:
    """Mean of an exponential variable with rate z that is cut off at the width."""
    t = np.minimum(z * width, WIDE)
    with np.errstate(divide="ignore", invalid="ignore"):
        closed = (1 - t / np.expm1(t)) / z
    q = np.where(np.abs(t) < SERIES_BELOW, t, 0) ** 2
    odd = 1 / 12 - q * (1 / 720 - q * (1 / 30240 - q * (1 / 1209600 - q / 47900160)))
    return np.asarray(np.where(np.abs(t) < SERIES_BELOW, width * (1 / 2 - t * odd), closed))


def _variance(z: float, width: Floats) -> Floats:
    """Variance of the same variable."""
    t = np.clip(z * width, -WIDE, WIDE)
    with np.errstate(divide="ignore", invalid="ignore"):
        closed = (1 - (t / 2 / np.sinh(t / 2)) ** 2) / z**2
    q = np.where(np.abs(t) < SERIES_BELOW, t, 0) ** 2
    series = 1 / 12 - q * (1 / 240 - q * (1 / 6048 - q * (1 / 172800 - q / 5322240)))
    return np.asarray(np.where(np.abs(t) < SERIES_BELOW, width**2 * series, closed))


def _log_shares(bins: _Bins, z: float) -> Floats:
    return -z * bins.starts + _log_integral(z, bins.widths) - _log_integral(z, bins.span)


def _most_likely(bins: _Bins, counts: Floats) -> Floats:
    """Exponent of each row of counts, none of which has all firms in the first or all in the last bin."""
    n = counts.sum(axis=-1)
    above = counts @ bins.starts
    # Were all firms at their lower edges, an uncapped law would have this exponent: no likelier one is higher.
    high = n / above
    # Seen downward from the cap in the same way; without one the exponent is positive.
    low = np.zeros_like(n) if np.isinf(bins.span) else -n / (counts @ (bins.span - bins.starts - bins.widths))

    def rising(z: Floats) -> NDArray[np.bool_]:
        within = np.einsum("rk,rk->r", counts, _mean(z[:, None], bins.widths))
        return np.asarray(n * _mean(z, bins.span) > above + within)

    return _halve(rising, low, high)


def _crossing(drop: Callable[[float], float], inside: float, step: float) -> float:
    """Where the drop of twice the log likelihood reaches the 95 % point, on the side of the step."""
    outside = inside + step
    while drop(outside) < CHI_SQUARE_95:
        step *= 2
        inside, outside = outside, outside + step
    ends = np.array([inside]), np.array([outside])
    return float(_halve(lambda z: np.array([drop(float(z[0])) < CHI_SQUARE_95]), *ends)[0])


def _halve(near: Callable[[Floats], NDArray[np.bool_]], first: Floats, second: Floats) -> Floats:
    """Points up to which `near` holds on the way from the first to the second, by halving."""
    for _ in range(HALVINGS):
        middle = (first + second) / 2
        if np.all((middle == first) | (middle == second)):
            break
        holds = near(middle)
        first, second = np.where(holds, middle, first), np.where(holds, second, middle)
    return np.asarray((first + second) / 2)


def _gaps(bins: _Bins, counts: Floats) -> Floats:
    """Largest gap between the cumulative shares of each row and of its own fit."""
    n = counts.sum(axis=-1)
    inner = (counts[:, 0] < n) & (counts[:, -1] < n)
    gaps = np.zeros(len(counts))
    if inner.any():
        z = _most_likely(bins, counts[inner])[:, None]
        edges = bins.starts[1:]
        below = np.exp(_log_integral(z, edges) - _log_integral(z, bins.span))
        observed = np.cumsum(counts[inner], axis=-1)[:, :-1] / n[inner, None]
        gaps[inner] = np.abs(observed - below).max(axis=-1)
    return gaps


def _goodness(bins: _Bins, count: Floats, exponent: float, seed: int, replications: int) -> tuple[float, float]:
    """Gap of the counts, and the share of samples at least as far off, the counts among them."""
    shares = np.exp(_log_shares(bins, exponent))
    samples = np.random.default_rng(seed).multinomial(int(count.sum()), shares / shares.sum(), size=replications)
    gaps = _gaps(bins, np.vstack([count, samples]))
    return float(gaps[0]), np.count_nonzero(gaps >= gaps[0] - TIE) / len(gaps)


def _check_bins(edges: ArrayLike, counts: ArrayLike) -> tuple[Floats, Floats]:
    edge, count = _numbers(edges, "edges"), _numbers(counts, "counts")
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        steps = np.diff(edge) / edge[:-1]  # infinite where the ratio of two edges is beyond double precision
    if not (np.all(np.isfinite(edge)) and np.all(edge > 0) and np.all((steps > 0) & np.isfinite(steps))):
        raise InputError(f"edges: given {_show(edge)}; allowed: lower edges, positive, finite, strictly ascending")
    if len(edge) < 2:
        raise InputError(f"edges: given {len(edge)}; allowed: at least 2, as one bin says nothing about an exponent")
    if len(count) != len(edge):
        raise InputError(
            f"counts: given {len(count)} for {len(edge)} edges; allowed: one for each lower edge, the last bin is open"
        )
    if not (np.all(count >= 0) and np.all(count == np.floor(count)) and np.all(np.isfinite(count))):
        raise InputError(f"counts: given {_show(count)}; allowed: whole numbers of firms, at least 0")
    if not 1 <= count.sum() <= 2**53:
        raise InputError(f"counts: given a total of {count.sum():g}; allowed: at least 1 firm, at most 2**53")
    return edge, count


def _numbers(given: ArrayLike, name: str) -> Floats:
    try:
        numbers = np.asarray(given)
    except ValueError:
        numbers = np.empty(0, dtype=object)
    if numbers.ndim != 1 or numbers.size == 0 or numbers.dtype.kind not in "iuf":
        raise InputError(f"{name}: given {given!r}; allowed: a flat, non-empty sequence of numbers")
    return numbers.astype(float)


def _check_cap(cap: object, last: float) -> float | None:
    if cap is None:
        return None
    if not isinstance(cap, int | float | np.integer | np.floating) or not last < cap < math.inf:
        raise InputError(f"cap: given {cap!r}; allowed: None, or a finite size above the last edge {last:g}")
    return float(cap)


def _check_whole(given: object, name: str, least: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < least:
        raise InputError(f"{name}: given {given!r}; allowed: a whole number, at least {least}")
    return int(given)


def _show(numbers: Floats) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
