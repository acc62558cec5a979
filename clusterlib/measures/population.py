"""What a bound is made of: its two ends, and the two populations of firms that show they can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from clusterlib.interval import Interval


@dataclass(frozen=True)
class Population:
    """Firms as atoms: so many firms of each value. A million equal firms are one atom.

    Attributes
    ----------
    values : tuple of float
        Value of a firm in each atom, ascending.
    counts : tuple of float
        Number of firms in each atom; shares of all firms that sum to 1 where their number is unknown.

    Examples
    --------
    >>> firms = Population.of([10, 0], [1, 3])
    >>> firms.n, firms.total, firms.lorenz
    (4, 10, ((0.0, 0.0), (0.75, 0.0), (1.0, 1.0)))
    """

    values: tuple[float, ...]
    counts: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float], counts: Iterable[float]) -> Population:
        """Sort atoms, merge those of one value, and leave out those without a firm."""
        merged: dict[float, float] = {}
        for value, count in zip(values, counts, strict=True):
            if count > 0:
                merged[value] = merged.get(value, 0) + count
        atoms = sorted(merged.items())
        return cls(tuple(value for value, _ in atoms), tuple(count for _, count in atoms))

    @property
    def n(self) -> float:
        """Number of firms."""
        return sum(self.counts)

    @property
    def total(self) -> float:
        """Sum over all firms."""
        return sum(value * count for value, count in zip(self.values, self.counts, strict=True))

    @property
    def lorenz(self) -> tuple[tuple[float, float], ...]:
        """Corners of the Lorenz curve: cumulative shares of firms and of the total, smallest firms first."""
        firms, total = self.n, self.total
        sums = accumulate(value * count for value, count in zip(self.values, self.counts, strict=True))
        corners = zip(accumulate(self.counts), sums, strict=True)
        return ((0.0, 0.0), *((count / firms, below / total) for count, below in corners))


class Bound(Interval):
    """A closed interval ``(low, high)`` that knows how its ends come about.

    It is the plain pair everywhere a pair is wanted.

    Attributes
    ----------
    low, high : float
        Infimum and supremum.
    least, most : Population or None
        A population at each end; None where the end is only approached.
    sharp : bool
        Whether both ends are the infimum and supremum themselves; False where only an outer bound is known.

    Examples
    --------
    >>> bound = Bound(0.2, 0.8, least=Population.of([1, 3], [3, 1]))
    >>> low, high = bound
    >>> bound == (0.2, 0.8), bound.least.total, bound.most is None
    (True, 6, True)
    """

    least: Population | None
    most: Population | None
    sharp: bool

    def __new__(
        cls, low: float, high: float, least: Population | None = None, most: Population | None = None,
        *, sharp: bool = True,
    ) -> Bound:  # fmt: skip
        """Make a bound from its ends and what shows them."""
        bound = super().__new__(cls, low, high)
        bound.least, bound.most, bound.sharp = least, most, sharp
        return bound
