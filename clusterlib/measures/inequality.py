"""Inequality and concentration of a full vector of firms.

All are population measures (no N/(N-1) correction), free of scale, and unchanged when every firm is repeated
equally often; `hhi` and `cr` are not, since they count firms. Every function takes ``weights``: how many firms
have each value. So a class of a million equal firms is one value with weight 1,000,000. The last axis holds the
firms; leading axes, if any, are separate populations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clusterlib.errors import InputError

Floats = NDArray[np.float64]


def gini(x: ArrayLike, weights: ArrayLike | None = None) -> Any:
    r"""Gini coefficient: twice the area between the Lorenz curve and the diagonal.

    Parameters
    ----------
    x : array-like, shape (..., n)
        Value of each firm. Losses are allowed as long as the total is positive; the result may then exceed 1.
    weights : array-like, shape (..., n), optional
        Number of firms with each value, at least 0; by default one each.

    Returns
    -------
    float or ndarray, shape (...)
        0 if all firms are equal, ``1 - 1/N`` if one of ``N`` has everything.

    Raises
    ------
    InputError
        If a value is not finite, a weight is negative, or a total is not positive.

    Notes
    -----
    :math:`G = \sum_i (2i - N - 1) x_{(i)} / (N X)` over the values in ascending order, with total
    :math:`X`; with weights, one minus twice the area under the piecewise linear Lorenz curve.

    References
    ----------
    Gastwirth, J. L. (1972). The estimation of the Lorenz curve and Gini index. Review of Economics and
    Statistics 54(3), 306-316.

    Examples
    --------
    Half the firms share everything equally:

    >>> gini([0, 0, 0, 10, 10, 10])
    0.5
    >>> gini([0, 10], weights=[3, 3])
    0.5
    """
    values, count = _population(x, weights)
    order = np.argsort(values, axis=-1, kind="stable")
    values = np.take_along_axis(values, order, axis=-1)
    count = np.take_along_axis(count, order, axis=-1)
    mass = values * count
    below = np.cumsum(mass, axis=-1) - mass
    area = (count * (2 * below + mass)).sum(-1)
    return _plain(1 - area / (count.sum(-1) * mass.sum(-1)))


def hoover(x: ArrayLike, weights: ArrayLike | None = None) -> Any:
    r"""Hoover index (Pietra, Schutz): the share of the total that would have to move for all to be equal.

    Parameters
    ----------
    x, weights : array-like, shape (..., n)
        As for `gini`.

    Returns
    -------
    float or ndarray, shape (...)
        0 if all are equal; the largest gap between the diagonal and the Lorenz curve.

    Raises
    ------
    InputError
        As for `gini`.

    Notes
    -----
    :math:`H = \tfrac12 \sum_i |x_i/X - 1/N|`.

    Examples
    --------
    >>> hoover([0, 0, 0, 10, 10, 10])
    0.5
    """
    values, count = _population(x, weights)
    total = (values * count).sum(-1, keepdims=True)
    firms = count.sum(-1, keepdims=True)
    gaps = (count * np.abs(values * firms - total)).sum(-1, keepdims=True)
    return _plain((gaps / (2 * firms * total))[..., 0])


def theil_t(x: ArrayLike, weights: ArrayLike | None = None) -> Any:
    r"""Theil's T: inequality with more weight on the top.

    Parameters
    ----------
    x, weights : array-like, shape (..., n)
        As for `gini`, but no value below 0. A zero adds nothing (``0 ln 0 = 0``).

    Returns
    -------
    float or ndarray, shape (...)
        In nats: 0 if all are equal, ``ln N`` if one of ``N`` has everything.

    Raises
    ------
    InputError
        As for `gini`, and if a value is negative.

    Notes
    -----
    :math:`T = \sum_i s_i \ln(N s_i)` with shares :math:`s_i = x_i / X`.

    Examples
    --------
    All of it lies between the two halves, ln 2:

    >>> round(theil_t([0, 0, 0, 10, 10, 10]), 6)
    0.693147
    """
    values, count = _population(x, weights, losses=False)
    ratio = _to_mean(values, count)
    log = np.log(np.where(ratio > 0, ratio, 1.0))
    return _plain((count * ratio * log).sum(-1) / count.sum(-1))


def theil_l(x: ArrayLike, weights: ArrayLike | None = None) -> Any:
    r"""Theil's L (mean log deviation): inequality with more weight on the bottom.

    Parameters
    ----------
    x, weights : array-like, shape (..., n)
        As for `theil_t`.

    Returns
    -------
    float or ndarray, shape (...)
        In nats: 0 if all are equal, infinite if one firm has nothing.

    Raises
    ------
    InputError
        As for `theil_t`.

    Notes
    -----
    :math:`L = -\tfrac1N \sum_i \ln(N s_i)`.

    Examples
    --------
    >>> round(theil_l([1, 4]), 6)  # ln(2.5) - ln(4) / 2
    0.223144
    >>> theil_l([0, 1])
    inf
    """
    values, count = _population(x, weights, losses=False)
    ratio = _to_mean(values, count)
    present = count > 0
    with np.errstate(divide="ignore"):
        log = np.log(np.where(present, ratio, 1.0))
    return _plain(-(np.where(present, count, 0.0) * log).sum(-1) / count.sum(-1))


def atkinson(x: ArrayLike, weights: ArrayLike | None = None, *, epsilon: float = 1.0) -> Any:
    r"""Atkinson index: the share of the total that could be given up if the rest were spread equally.

    Parameters
    ----------
    x, weights : array-like, shape (..., n)
        As for `theil_t`.
    epsilon : float, default 1
        Aversion to inequality, above 0: the larger, the more the bottom counts.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 (all equal) and 1.

    Raises
    ------
    InputError
        As for `theil_t`, and if `epsilon` is not above 0.

    Notes
    -----
    :math:`A = 1 - (\frac1N\sum_i (x_i/m)^{1-\epsilon})^{1/(1-\epsilon)}` with mean :math:`m`; for
    :math:`\epsilon = 1` one minus geometric over arithmetic mean.

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. Journal of Economic Theory 2(3), 244-263.

    Examples
    --------
    Geometric mean 2, arithmetic mean 2.5:

    >>> round(atkinson([1, 4]), 6)
    0.2
    """
    if not epsilon > 0 or not np.isfinite(epsilon):
        raise InputError(f"epsilon: given {epsilon!r}; allowed: a number above 0")
    values, count = _population(x, weights, losses=False)
    if epsilon == 1:
        return _plain(1 - np.exp(-np.asarray(theil_l(values, count))))
    ratio = _to_mean(values, count)
    present = count > 0
    power = 1 - epsilon
    # A strong aversion raises ratios to a large negative power: relative to the least one, none can overflow.
    least = np.where(present, ratio, np.inf).min(-1, keepdims=True)
    base = np.where((least > 0) & (power < 0), least, 1.0)
    with np.errstate(divide="ignore"):
        terms = np.where(present, np.where(present, ratio / base, 1.0) ** power, 0.0)
        mean = (count * terms).sum(-1) / count.sum(-1)
        return _plain(1 - base[..., 0] * mean ** (1 / power))


def hhi(x: ArrayLike, weights: ArrayLike | None = None) -> Any:
    r"""Herfindahl-Hirschman index: the sum of squared shares.

    Parameters
    ----------
    x, weights : array-like, shape (..., n)
        As for `gini`.

    Returns
    -------
    float or ndarray, shape (...)
        ``1/N`` if all are equal, 1 if one firm has everything. Times 10,000 it is the index on the percent scale.

    Raises
    ------
    InputError
        As for `gini`.

    Notes
    -----
    :math:`\sum_i s_i^2`; :math:`N \cdot HHI = 1 + CV^2`.

    Examples
    --------
    >>> round(hhi([0.5, 0.3, 0.2]), 12)
    0.38
    """
    values, count = _population(x, weights)
    total = (values * count).sum(-1, keepdims=True)
    return _plain((count * (values / total) ** 2).sum(-1))


def cr(x: ArrayLike, k: ArrayLike, weights: ArrayLike | None = None) -> Any:
    r"""Concentration ratio: the share of the ``k`` largest firms.

    Parameters
    ----------
    x, weights : array-like, shape (..., n)
        As for `gini`.
    k : float or array-like, shape (...)
        Number of firms, above 0 and at most their number; one for all populations or one for each.

    Returns
    -------
    float or ndarray, shape (...)
        A fraction of the total.

    Raises
    ------
    InputError
        As for `gini`, and if `k` is outside its range.

    Examples
    --------
    >>> round(cr([0.5, 0.3, 0.2], 2), 12)
    0.8
    """
    values, count = _population(x, weights)
    firms = count.sum(-1)
    largest = np.asarray(k, dtype=float)
    if not ((largest > 0) & (largest <= firms + 1e-9)).all():
        raise InputError(f"k: given {k!r}; allowed: above 0 and at most the number of firms, {firms.min():g}")
    order = np.argsort(-values, axis=-1, kind="stable")
    values = np.take_along_axis(values, order, axis=-1)
    count = np.take_along_axis(count, order, axis=-1)
    before = np.cumsum(count, axis=-1) - count
    taken = np.clip(largest[..., None] - before, 0, count)
    return _plain((taken * values).sum(-1) / (count * values).sum(-1))


def _population(x: ArrayLike, weights: ArrayLike | None, *, losses: bool = True) -> tuple[Floats, Floats]:
    """Values and counts as float arrays of one shape, checked at the door."""
    try:
        values = np.asarray(x, dtype=float)
        count = np.ones_like(values) if weights is None else np.asarray(weights, dtype=float)
        values, count = np.broadcast_arrays(values, count)
    except (TypeError, ValueError):
        raise InputError("x, weights: allowed: arrays of numbers whose shapes fit each other") from None
    if values.ndim == 0 or values.shape[-1] == 0:
        raise InputError("x: given no firm; allowed: at least one value")
    if not np.isfinite(values).all():
        raise InputError("x: given a value that is not finite; allowed: finite numbers (leave out what is unknown)")
    if not np.isfinite(count).all() or (count < 0).any():
        raise InputError("weights: given a negative or infinite number; allowed: finite numbers of at least 0")
    if not losses and (values < 0).any():
        raise InputError(
            f"x: given the negative value {values.min():g}; allowed: values of at least 0 for this measure"
        )
    total = (values * count).sum(-1)
    if (total <= 0).any():
        raise InputError(f"x: given a total of {total.min():g}; allowed: a total above 0")
    return values, count


def _to_mean(values: Floats, count: Floats) -> Floats:
    mean = (values * count).sum(-1, keepdims=True) / count.sum(-1, keepdims=True)
    return np.asarray(values / mean)


def _plain(result: ArrayLike) -> Any:
    """A python float for one population, an array for several."""
    array = np.asarray(result)
    return float(array) if array.ndim == 0 else array
