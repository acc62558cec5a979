"""What was hidden is found again: print a population in words, read the words back, and look for it in the bounds.

Each of `POPULATIONS` random populations is printed in every type of statement that the library takes. A class below is
one type; what may stand beside it (number of firms, total, a size that none exceeds) changes from one population to the
next. The wording of every number is drawn from all that are true of it (`printing`). The true measures are those of
`populations`, so nothing of what is tested is used to test it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from populations import all_measures, mean_log_deviation, share_sum_theil_t, top_sum
from printing import FIRMS, Pen, any_words, at_or_above, firms, in_bands, lower_part, part, round_size

from clusterlib.interval import Interval
from clusterlib.measures import consistency
from clusterlib.measures.classes import (
    Reading,
    band_counts,
    bounds_from_classes,
    bounds_from_thresholds,
    feasible_total,
    threshold_statements,
)
from clusterlib.measures.lorenz import bounds_from_lorenz
from clusterlib.measures.shares import bounds_from_share, top_share
from clusterlib.rules import RULES

pytestmark = pytest.mark.filterwarnings("error")

#: The truth is a sum over hundreds of firms, the bound one over a few atoms: they may miss each other by roundings, and
#: the linear programs of the Lorenz points are solved to 1e-12.
ROUNDING = 1e-9

CHUNKS = 21
EACH = 96
POPULATIONS = CHUNKS * EACH
K = (1, 4, 10)
Q = 0.1
#: Combinations of whole numbers of firms that are looked at one by one, in printed counts and beside all firms.
FEW, MANY = 30, 300
#: Numbers of firms beside a share pair, each of which is a search of its own.
FEW_SIZES = 9
#: After so many populations every kind has been printed with all combinations of what may stand beside.
KINDS_BESIDE = 8 * len(FIRMS)
#: Smallest limit, as a part of the total, where it alone bounds the number of firms.
SMALL = 500


def truth(x: np.ndarray, *, losses: bool = False) -> dict[str, float]:
    """The measures and the total of a population; a concentration ratio of more firms than there are is 1."""
    found = {key: float(value[0]) for key, value in all_measures(x, losses=losses).items()}
    found |= {f"cr{k}": float(top_sum(x, min(k, len(x)))) for k in K}
    found |= {f"top{Q:g}": top_part(x, Q), "total": float(x.sum())}
    # Of large populations single firms may have less than what counts as nothing in a linear program.
    return found if losses else found | {"theil_l": float(mean_log_deviation(x, zero=0.0))}


def top_part(x: np.ndarray, q: float) -> float:
    """Share of the largest fraction q: between whole numbers of firms the Lorenz curve is straight."""
    whole = math.floor(q * len(x))
    rest = q * len(x) - whole
    ends = [float(top_sum(x, firms_)) if firms_ else 0.0 for firms_ in (whole, whole + 1)]
    return (1 - rest) * ends[0] + rest * ends[1]


def inside(value: float, ends: tuple[float, float]) -> bool:
    low, high = ends
    slack = ROUNDING * max(1.0, abs(value)) if math.isfinite(value) else 0.0
    return low - slack <= value <= high + slack


@dataclass(frozen=True)
class Case:
    """One population, its true measures, and what draws the statements about it."""

    number: int
    x: np.ndarray
    true: Mapping[str, float]

    @property
    def n(self) -> int:
        return len(self.x)

    @property
    def total(self) -> int:
        return int(self.x.sum())

    def draw(self, form: int) -> tuple[np.random.Generator, Pen]:
        """The same statements whenever and wherever the test runs."""
        rng = np.random.default_rng([self.number, form])
        return rng, any_words(rng)

    def require(self, pen: Pen, bounds: Mapping[str, tuple[float, float]], true: Mapping[str, float]) -> None:
        """Every bound holds its true value."""
        missed = {key: (true[key], tuple(ends)) for key, ends in bounds.items() if not inside(true[key], ends)}
        assert not missed, f"population {self.number} of {self.n} firms, printed {pen.said}: {missed}"


@cache
def case(number: int) -> Case:
    x = firms(np.random.default_rng(number), FIRMS[number % len(FIRMS)])
    return Case(number, x, truth(x))


def cases(chunk: int) -> Iterator[Case]:
    yield from map(case, range(chunk * EACH, (chunk + 1) * EACH))


chunks = pytest.mark.parametrize("chunk", range(CHUNKS))


@dataclass(frozen=True)
class Beside:
    """What may be printed beside counts: number of firms, total, a size that no firm exceeds."""

    n: Interval | None
    total: Interval | None
    cap: float | None

    @property
    def most(self) -> float:
        """No more firms than this, if only their number is printed."""
        return math.inf if self.n is None else self.n.high


def beside(case: Case, rng: np.random.Generator, pen: Pen) -> Beside:
    """Each with and without the others in turn, so that every kind of population sees all eight combinations."""
    with_n, with_total, with_cap = (bool(case.number // len(FIRMS) >> bit & 1) for bit in range(3))
    cap = None
    if with_cap:
        # Often the largest firm itself: no firm is larger.
        largest = int(case.x.max())
        cap = pen.size(largest if rng.random() < 0.3 else math.ceil(largest * rng.uniform(1.01, 3)))
    return Beside(pen.count(case.n) if with_n else None, pen.amount(case.total) if with_total else None, cap)


def sizes_of(case: Case, rng: np.random.Generator, pen: Pen, known: Beside) -> list[float]:
    """One to three size limits of one digit or two, near the sizes of firms that have something, below the cap."""
    endless = known.total is not None and math.isinf(known.most)
    below = math.inf if known.cap is None else known.cap
    held = case.x[case.x > (case.total / SMALL if endless else 0)]
    near = rng.choice(held, int(rng.integers(1, 4)))
    sizes = {round_size(size, int(rng.integers(1, 3))) for size in near}
    return [pen.size(size) for size in sorted(sizes) if size < below] or [pen.size(int(held.max()) // 2)]


def counts_of(pen: Pen, rng: np.random.Generator, counts: list[int], most: list[float], room: float) -> list[Interval]:
    """Counts in words, in random order: what the first leave of the whole-number readings is left for the others."""
    found = [Interval(0.0, 0.0)] * len(counts)
    for at in rng.permutation(len(counts)):
        found[at] = pen.count(counts[at], widest=max(1.0, room), most=most[at])
        room /= min(found[at].high, most[at]) - found[at].low + 1
    return found


def most_firms(known: Beside, sizes: list[float]) -> list[float]:
    """How many firms of at least each size there can be, whatever is printed of them."""
    amount = math.inf if known.total is None else known.total.high
    return [min(known.most, math.inf if size == 0 else amount / size) for size in sizes]


def require_consistent(case: Case, pen: Pen, statements: list[consistency.Statement], true: list[int]) -> None:
    """What is true is possible, and what is left of each statement still holds the truth."""
    found = consistency.examine(statements)
    shown = f"population {case.number}, printed {pen.said}: {found}"
    assert found.possible, shown
    assert not found.conflicts, shown
    assert inside(case.total, found.allowed_total), shown
    assert all(inside(value, left.interval) for value, left in zip(true, found.survivors, strict=True)), shown


def require_thresholds(case: Case, form: int, reading: Reading) -> None:
    """Counts at sizes, cumulative or in bands: measures, counts in bands and consistency."""
    rng, pen = case.draw(form)
    known = beside(case, rng, pen)
    sizes = sizes_of(case, rng, pen, known)
    in_each = in_bands(case.x, sizes)
    most = most_firms(known, sizes)
    # Each population is examined in one of the two readings, and its bands are counted in the other.
    examined = (case.number // KINDS_BESIDE % 2 == 0) == (reading == "bands")
    if reading == "cumulative":
        # For bounds no reading is looked at one by one, but one that ends is needed where the number of firms does not.
        wide = FEW if examined else math.inf
        counts = [
            pen.count(count, widest=wide if math.isfinite(limit) else min(wide, MANY), most=limit)
            for count, limit in zip(at_or_above(case.x, sizes), most, strict=True)
        ]
    else:
        every = known.most - (known.n.low if known.n else 0) if math.isfinite(known.most) else most[0]
        room = MANY / every if math.isfinite(every) and every > 0 else MANY
        counts = counts_of(pen, rng, in_each, most, min(room, FEW))
    told: dict[str, Any] = {"n": known.n, "total": known.total, "cap": known.cap, "reading": reading}
    case.require(pen, bounds_from_thresholds(sizes, counts, k=K, q=(Q,), **told), case.true)

    if not examined:
        bands = band_counts(sizes, counts, **told)
        true = [case.n - sum(in_each), *in_each]
        assert all(map(inside, true, bands)), f"population {case.number}, printed {pen.said}: {true} in {bands}"
    else:
        values = [case.n] * (known.n is not None)
        values += at_or_above(case.x, sizes) if reading == "cumulative" else in_each
        values += [0] * (known.cap is not None) + [case.total] * (known.total is not None)
        require_consistent(case, pen, threshold_statements(sizes, counts, **told), values)


def groups(x: np.ndarray, ranks: list[int]) -> np.ndarray:
    """Each firm at the mean of its group; a group ends before each rank."""
    return np.concatenate([np.full(len(each), each.mean()) for each in np.split(x, ranks)])


def between(x: np.ndarray, ranks: list[int]) -> dict[str, float]:
    levelled = groups(x, ranks)
    return {
        "theil_t_between": float(share_sum_theil_t(levelled)),
        "theil_l_between": float(mean_log_deviation(levelled, zero=0.0)),
    }


class TestSharePair:
    """One group's share of the firms and of the sales: the largest or smallest firms, or any."""

    @chunks
    @pytest.mark.parametrize("ordered", [True, False])
    def test_truth_inside(self, chunk: int, ordered: bool) -> None:
        for case in cases(chunk):
            # With the number of firms in one of the two, without it in the other.
            counted = (case.number // len(FIRMS) % 2 == 0) == ordered
            self.require(case, ordered=ordered, counted=counted)

    def require(self, case: Case, *, ordered: bool, counted: bool) -> None:
        rng, pen = case.draw(2 * ordered + counted)
        size = int(rng.integers(1, case.n))
        members = np.arange(case.n)
        if not ordered:
            rng.shuffle(members)
        members = members[:size] if rng.random() < 0.3 else members[case.n - size :]
        f, s = part(case.x, members)
        n = None
        if counted:
            low, high = pen.count(case.n, widest=FEW_SIZES if rng.random() < 0.25 else 1)
            n = (max(2, int(low)), int(high))
        firms, value = pen.share(f), pen.share(s)
        rest = np.delete(np.arange(case.n), members)
        true = {
            **case.true,
            **between(np.concatenate([case.x[members], case.x[rest]]), [len(members)]),
            "share_ratio": float(s / f),
            "top_share": float(top_sum(case.x, len(members))),
        }
        case.require(pen, bounds_from_share(firms, value, n=n, ordered=ordered, k=K), true)
        if not counted:
            case.require(pen, {f"top{Q:g}": top_share(Q, firms, value, ordered=ordered)}, true)


class TestLorenz:
    """The shares of the smallest firms, at one to three points of the Lorenz curve."""

    @chunks
    def test_limits_unknown(self, chunk: int) -> None:
        for case in cases(chunk):
            rng, pen = case.draw(4)
            counted = case.number // len(FIRMS) % 2 == 0
            # With the number of firms unknown, each further point makes the linear programs slower.
            ranks = self.ranks(case, rng, 3 if counted else 2)
            p, share, n = self.points(case, pen, ranks, counted=counted)
            case.require(pen, bounds_from_lorenz(p, share, n=n, k=K), case.true | between(case.x, ranks))

    @chunks
    def test_limits_known(self, chunk: int) -> None:
        for case in cases(chunk):
            rng, pen = case.draw(5)
            ranks = self.ranks(case, rng, 3)
            # In units of the mean; a limit may be the size of a firm, and equal firms may be on both sides of it.
            x, of_mean = case.x, case.n / case.total
            borders = {float(x[rank - int(rng.integers(2))] * of_mean): rank for rank in ranks}
            borders = {border: rank for border, rank in borders.items() if border > 0}
            top = float(x[-1]) * of_mean * (1 if rng.random() < 0.5 else 2)
            if rng.random() < 0.3 or top <= max(borders, default=0):
                top = math.inf
            if not borders:  # between firms that have nothing and those that have something
                nothing = int((x == 0).sum())
                borders = {float(x[nothing]) * of_mean / 2: nothing}
            ranks = list(borders.values())
            p, share, n = self.points(case, pen, ranks, counted=case.number // len(FIRMS) % 2 == 0)
            found = bounds_from_lorenz(p, share, limits=[0, *borders, top], n=n, k=K)
            case.require(pen, found, case.true | between(case.x, ranks))

    def ranks(self, case: Case, rng: np.random.Generator, most: int) -> list[int]:
        """Numbers of firms below each point."""
        number = min(int(rng.integers(1, most + 1)), case.n - 1)
        return sorted(int(rank) for rank in rng.choice(np.arange(1, case.n), number, replace=False))

    def points(
        self, case: Case, pen: Pen, ranks: list[int], *, counted: bool
    ) -> tuple[list[Interval], list[Interval], int | None]:
        pairs = [lower_part(case.x, rank) for rank in ranks]
        n = int(pen.count(case.n, widest=1).low) if counted else None
        # Combinations of whole firms are solved one by one: no more than two firms' width of one point, one of three.
        widest = 1.0 if n is None else FEW ** (1 / len(ranks)) / 10 / n
        return [pen.share(p, widest=widest) for p, _ in pairs], [pen.share(share) for _, share in pairs], n


class TestClasses:
    """Counts in size classes."""

    @chunks
    def test_truth_inside(self, chunk: int) -> None:
        for case in cases(chunk):
            rng, pen = case.draw(6)
            known = beside(case, rng, pen)
            sizes = [0.0, *sizes_of(case, rng, pen, known)]
            in_each = in_bands(case.x, sizes)
            if in_each[0] == 0 and rng.random() < 0.5:
                sizes, in_each = sizes[1:], in_each[1:]  # no class for firms that do not exist
            ends = [*sizes[1:], math.inf if known.cap is None else known.cap]
            gaps = bool(rng.random() < 0.3)
            if gaps:  # a class ends at its largest firm
                held = [case.x[(case.x >= low) & (case.x < high)] for low, high in zip(sizes, ends, strict=True)]
                ends[:-1] = [
                    float(each.max()) if len(each) and each.max() > low else high
                    for each, low, high in zip(held[:-1], sizes, ends, strict=False)
                ]
            limits = list(zip(sizes, ends, strict=True)) if gaps else sizes
            top = None if gaps else known.cap
            counts = counts_of(pen, rng, in_each, most_firms(known, sizes), FEW)
            found = bounds_from_classes(limits, counts, n=known.n, total=known.total, top=top, k=K, q=(Q,))
            case.require(pen, found, case.true)
            allowed = feasible_total(limits, counts, n=known.n, top=top)
            assert inside(case.total, allowed), f"population {case.number}, printed {pen.said}: {allowed}"


class TestCumulative:
    """Counts at or above sizes, larger firms included."""

    @chunks
    def test_truth_inside(self, chunk: int) -> None:
        for case in cases(chunk):
            require_thresholds(case, 7, "cumulative")


class TestBands:
    """Counts at sizes that stop at the next size."""

    @chunks
    def test_truth_inside(self, chunk: int) -> None:
        for case in cases(chunk):
            require_thresholds(case, 8, "bands")


class TestLosses:
    """Profits, of which some are below nothing: a share pair, and counts in classes of which one is that of losses."""

    @pytest.mark.parametrize("chunk", range(CHUNKS // 4))
    def test_truth_inside(self, chunk: int) -> None:
        for number in range(chunk * EACH, (chunk + 1) * EACH):
            rng = np.random.default_rng([number, 9])
            x = firms(rng, "losses")
            case, pen = Case(number, x, truth(x, losses=True)), any_words(rng)
            self.require_shares(case, rng, pen)
            self.require_classes(case, rng, pen)

    def require_shares(self, case: Case, rng: np.random.Generator, pen: Pen) -> None:
        ordered = bool(rng.random() < 0.5)
        size = int(rng.integers(1, case.n))
        members = np.arange(case.n - size, case.n) if ordered else rng.choice(case.n, size, replace=False)
        f, s = part(case.x, members)
        if not 0 <= s <= 1:  # words say only what part of the whole a group has; else the shares are given to the digit
            firms, value = (float(f), float(f)), (float(s), float(s))
        else:
            firms, value = pen.share(f), pen.share(s)
        n = case.n if rng.random() < 0.5 else None
        found = bounds_from_share(firms, value, n=n, ordered=ordered, losses=True, k=K)
        true = case.true | {"share_ratio": float(s / f), "top_share": float(top_sum(case.x, size))}
        true |= between(np.concatenate([case.x[members], np.delete(case.x, members)]), [size]) if 0 <= s <= 1 else {}
        case.require(pen, found, true)

    def require_classes(self, case: Case, rng: np.random.Generator, pen: Pen) -> None:
        known = beside(case, rng, pen)
        sizes = [-math.inf, 0.0, *sizes_of(case, rng, pen, known)]
        counts = counts_of(pen, rng, in_bands(case.x, sizes), [known.most] * len(sizes), FEW)
        told: dict[str, Any] = {"n": known.n, "total": known.total, "top": known.cap, "losses": True}
        case.require(pen, bounds_from_classes(sizes, counts, k=K, q=(Q,), **told), case.true)


def test_populations_are_of_many_kinds() -> None:
    drawn = [case(number).x for number in range(POPULATIONS)]
    sizes = {len(x) for x in drawn}
    assert len(drawn) >= 2000
    assert min(sizes) == 2 and max(sizes) > 400
    assert sum(x.min() == 0 for x in drawn) > 200
    assert sum(len(np.unique(x)) < len(x) for x in drawn) > 200


def test_every_rule_for_words_is_used() -> None:
    pens = []
    for number in range(2 * EACH):
        drawn = case(number)
        rng, pen = drawn.draw(0)
        pen.amount(drawn.total)
        pen.count(int((drawn.x == 0).sum()))
        pen.count(int(rng.integers(1, 100)))
        pen.share(part(drawn.x, np.arange(int(rng.integers(drawn.n))))[1])
        pens.append(pen)
    assert set().union(*(pen.rules for pen in pens)) == set(RULES) - {"about"}
