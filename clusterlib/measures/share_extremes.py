"""The populations behind the bounds of one share pair.

As in `share_formulas` the group on top holds the share ``f`` of the firms and ``s`` of the indicator, s >= f. Where
firms are counted, ``group`` of the ``n`` firms are in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clusterlib.measures.inequality import cr, gini, hhi, hoover, theil_l, theil_t
from clusterlib.measures.population import Population

#: Borders evaluated at once in the search with n firms, so that memory stays flat.
CHUNK = 100_000

Floats = NDArray[np.float64]
Atoms = tuple[Floats, Floats]


class Extreme(NamedTuple):
    """A supremum, and a population that reaches it; None where it is only approached."""

    value: float
    population: Population | None


@lru_cache(maxsize=256)
def two_groups(f: float, s: float, n: float | None = None) -> Population | None:
    """All firms equal within each group; None for a group without firms, which is only approached."""
    if not 0 < f < 1:
        return None
    firms, total = (n, 1.0) if n else (1.0, 1.0)
    group = round(f * n) if n else f
    if s == f:
        return Population.of([total / firms], [firms])
    return Population.of([(1 - s) / (firms - group), s / group], [firms - group, group])


def most_share_population(
    key: str, f: float, s: float, *, exchanged: bool, ordered: bool, losses: bool
) -> Population | None:
    """Shares of firms, with mean 1, that reach a supremum for n unknown; None where it is only approached."""
    if not 0 < f < 1:
        return None
    if key in ("theil_t_between", "theil_l_between") or (ordered and s == f):
        return two_groups(f, s)
    if key == "top_share":
        if not ordered:
            # Of both groups the same small number of firms has everything.
            few = min(f, 1 - f) / 2
            return None if losses else Population.of([0.0, (1 - s) / few, s / few], [1 - 2 * few, few, few])
        if not exchanged:
            return two_groups(f, s)
        top, border = 1 - f, (1 - s) / (1 - f)
        if top <= f:
            return Population.of([border, (1 - (1 - top) * border) / top], [1 - top, top])
        return _all_at_the_border(f, s, losses=losses)
    if ordered and not losses and s <= {"gini": 0.5, "hoover": 1 - f}.get(key, -1.0):
        return _all_at_the_border(f, s, losses=losses)
    return None


def _all_at_the_border(f: float, s: float, *, losses: bool) -> Population | None:
    """Firms at the mean of the group on top, the others with nothing; one firm with a loss is only approached."""
    if losses:
        return None
    return Population.of([0.0, s / f], [1 - f / s, f / s])


def most_of_n(
    n: int, f: tuple[float, float], s: tuple[float, float], *, ks: Sequence[int], ordered: bool, losses: bool
) -> dict[str, Extreme]:
    """Maximum of each measure over all populations of n firms.

    Parameters
    ----------
    n : int
        Number of firms.
    f : (float, float)
        Firm shares at which the most unequal population is sought.
    s : (float, float)
        Ends of the value share.
    ks : sequence of int
        Numbers of largest firms, for ``cr<k>``.
    ordered, losses : bool
        As for `bounds_from_share`.
    """
    # The largest firms and the sum of squares have their maximum at the lowest or highest border.
    at_ends: dict[str, Callable[[Floats, Floats], Any]] = {"hhi": hhi}
    at_ends |= {f"cr{k}": partial(largest, k=k) for k in ks}
    anywhere: dict[str, Callable[[Floats, Floats], Any]] = {"gini": gini, "hoover": hoover}
    if not losses:
        anywhere |= {"theil_t": theil_t, "theil_l": theil_l}
    if losses and not ordered and n > 2:
        all_firms = Extreme(1.0, two_groups(f[0], s[1], n))
        every_firm = {f"cr{k}": all_firms for k in ks if k >= n}
        return dict.fromkeys([*anywhere, *at_ends], Extreme(math.inf, None)) | every_firm
    between: Iterable[Atoms] = ()
    if not ordered:
        ends = each_total_in_one(n, s)
    elif losses:
        ends = stacked(atoms for end in f for atoms in one_apart(n, round(end * n), s[1]))
    else:
        group = round(f[0] * n)
        ends = stacked([full_border(n, group, s[1]), even_border(n, group, s[1])])
        between = _borders(n, group, s[1])
    most = {key: greatest(measure, ends) for key, measure in (anywhere | at_ends).items()}
    for atoms in between:
        for key, measure in anywhere.items():
            most[key] = max(most[key], greatest(measure, atoms), key=lambda extreme: extreme.value)
    return most


def most_group_share_of_n(
    most: float, n: int, f: float, s: tuple[float, float], *, firms: int, exchanged: bool, ordered: bool, losses: bool
) -> Extreme:
    """The share of as many of the largest firms as the printed group has: at most `firms`, at most `most` of all."""
    if not ordered:
        if losses and n > 2:
            return Extreme(math.inf, None)
        # If the group is a single firm, either it is the largest, or the largest of the rest is.
        return greatest(partial(largest, k=min(2, firms)), each_total_in_one(n, s))
    group = round(f * n)
    if not exchanged:
        return Extreme(most, two_groups(f, s[1], n))
    if 2 * group >= n:
        atoms = even_border(n, group, s[1])
    else:
        atoms = next(one_apart(n, group, s[1])) if losses else full_border(n, group, s[1])
    return Extreme(most, Population.of(*atoms))


def largest(values: Floats, counts: Floats, *, k: int) -> Floats:
    """Share of the k largest firms of each population; of all firms where there are no more."""
    if k >= counts[0].sum():
        return np.ones(len(values))
    return np.asarray(cr(values, k, counts))


def greatest(measure: Callable[[Floats, Floats], Any], atoms: Atoms) -> Extreme:
    """The greatest value of a measure over several populations, and the one that has it."""
    values, counts = atoms
    found = measure(values, counts)
    best = int(np.argmax(found))
    return Extreme(float(found[best]), Population.of(values[best].tolist(), counts[best].tolist()))


def stacked(populations: Iterable[tuple[list[float], list[float]]]) -> Atoms:
    """Several populations as one array of values and one of numbers of firms."""
    values, counts = zip(*populations, strict=True)
    return np.array(values), np.array(counts)


def each_total_in_one(n: int, s: tuple[float, float]) -> Atoms:
    """Two firms have everything, one of each group: at either end of the value share."""
    return np.array([[0.0, 1 - end, end] for end in s]), np.array([[n - 2.0, 1.0, 1.0]] * 2)


def one_apart(n: int, group: int, s: float) -> Iterator[tuple[list[float], list[float]]]:
    """With losses: one firm makes good what the others, all at one group's mean, are off the total."""
    for level in (s / group, (1 - s) / (n - group)):
        yield [1 - (n - 1) * level, level], [1.0, n - 1.0]


def full_border(n: int, group: int, s: float) -> tuple[list[float], list[float]]:
    """The border as high as can be: the group's firms equal, as many below as can be alike, one with what is left."""
    rest, remaining = n - group, 1 - s
    full = s / group
    standing = min(rest, math.floor(remaining / full + 1e-12)) if full > 0 else 0
    remainder = max(0.0, remaining - standing * full)
    partial_firms = 1.0 if remainder > 0 and standing < rest else 0.0
    return (
        [0.0, remainder if partial_firms else 0.0, full],
        [rest - standing - partial_firms, partial_firms, float(standing + group)],
    )


def even_border(n: int, group: int, s: float) -> tuple[list[float], list[float]]:
    """The border as low as can be: all firms at the mean of those below, but one that has the surplus of the group."""
    border = (1 - s) / (n - group)
    return [0.0, border, max(s - (group - 1) * border, border)], [0.0, n - 1.0, 1.0]


def _borders(n: int, group: int, s: float) -> Iterator[Atoms]:
    """Populations at every border where they change shape: the smaller firms at 0 and at the border."""
    rest, remaining = n - group, 1 - s
    if remaining <= 0:
        return
    first = max(1, math.ceil(remaining * group / s - 1e-12))
    for start in range(first, rest + 1, CHUNK):
        k = np.arange(start, min(start + CHUNK, rest + 1), dtype=float)
        border = remaining / k
        zeros = np.zeros_like(k)
        top = np.maximum(s - (group - 1) * border, border)
        yield np.stack([zeros, border, top], axis=-1), np.stack([rest - k, k + group - 1, zeros + 1], axis=-1)
