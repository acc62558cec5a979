"""Sharp bounds from counts, against vertices and programs of small instances, and longhand paths of large ones.

The independent side is `searches` and `populations`, which know nothing of clusterlib. Instances are drawn with fixed
seeds over every combination of what may be given: exact or interval counts, number of firms and total, known, partly
known or unknown; gaps between classes, an open or a capped top, losses with and without a limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from populations import near
from searches import HUGE, Box, Case, Pair, greatest, largest, least, levelled, measure, poured

from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.measures.classes import (
    band_counts,
    bounds_from_classes,
    bounds_from_thresholds,
    feasible_total,
)
from clusterlib.measures.consistency import ConflictError
from clusterlib.measures.extremes import Boxes, least_unequal, measures_of, most_unequal
from clusterlib.measures.population import Bound

pytestmark = pytest.mark.filterwarnings("error")

#: Closed forms against closed forms: some roundings of double precision.
EXACT = 1e-12
#: Against a vertex: a size of `HUGE` stands for one without limit and changes shares by 1e-10 at most.
SOLVED = 1e-8
#: Against a convex program: feasible within 1e-9, and certified within 1e-9 of the least value.
CERTIFIED = 1e-7
#: Sums over hundreds of firms in another order.
SUMMED = 1e-9

K = (1, 2, 4)
Q = (0.1, 0.5)
FORMS = ("classes", "losses", "cumulative", "bands")
ALL: Pair = (0, math.inf)


def as_told(pair: Pair) -> float | Pair | None:
    return None if pair == ALL else pair[0] if pair[0] == pair[1] else pair


def ask(form: str, case: Case, k: tuple[int, ...] = K, q: tuple[float, ...] = Q) -> dict[str, Bound]:
    """The bounds of the library on measures."""
    return {key: bound for key, bound in ask_all(form, case, k, q).items() if key != "total"}


def ask_all(form: str, case: Case, k: tuple[int, ...] = K, q: tuple[float, ...] = Q) -> dict[str, Bound]:
    """The bounds of the library, that on the total as well."""
    n, total = as_told(case.n), as_told(case.total)
    if form in ("classes", "losses"):
        return bounds_from_classes(case.limits, case.counts, total=total, n=n, k=k, q=q, losses=form == "losses")
    cap = case.limits[-1][1]
    return bounds_from_thresholds(
        [low for low, _ in case.limits[1:]],
        case.counts if form == "cumulative" else case.counts[1:],
        n=n,
        total=total,
        cap=None if math.isinf(cap) else cap,
        k=k,
        q=q,
        reading=form,
    )


def draw_total(rng: np.random.Generator, limits: list[Pair], counts: list[Pair]) -> Pair:
    """Unknown, exact, an interval or open above; usually one that the counts allow, often at their ends."""
    few = sum(max(low, 0) * number for (low, _), (number, _) in zip(limits, counts, strict=True) if number)
    many = sum(min(high, 60) * number for (_, high), (_, number) in zip(limits, counts, strict=True))
    first = max(1, int(few * 0.8))
    amount = float(rng.integers(first, max(first + 2, int(many * 1.05) + 2)))
    if rng.random() < 0.3:
        amount = float(rng.choice([max(few, 1), max(many, 1), max(amount * rng.random(), 0.5)]))
    kind = rng.choice(["unknown", "exact", "interval", "wide", "open"])
    wide = (float(rng.random() < 0.5) * amount * rng.random(), amount * (1 + rng.random()))
    interval = (amount, amount + float(rng.integers(0, 10)))
    told = {"unknown": ALL, "exact": (amount, amount), "interval": interval, "wide": wide, "open": (amount, math.inf)}
    return told[kind]


def draw_counts(rng: np.random.Generator, classes: int, most: int) -> list[Pair]:
    counts = [(low, low + int(rng.integers(0, 2))) for low in rng.integers(0, 3, classes).tolist()]
    while sum(high for _, high in counts) > most:
        counts[int(rng.integers(0, classes))] = (0, int(rng.integers(0, 2)))
    return counts


def draw_case(rng: np.random.Generator, form: str) -> Case:
    """At most six firms in at most three classes, or at and below at most three thresholds."""
    classes = int(rng.integers(1, 4))
    if form in ("classes", "losses"):
        at = -float(rng.integers(1, 20)) if form == "losses" else float(rng.integers(1, 12) * (rng.random() < 0.5))
        limits: list[Pair] = []
        for i in range(classes):
            low = at + float(rng.integers(1, 5)) * (i > 0 and rng.random() < 0.25)
            at = low + float(rng.integers(1, 15))
            limits.append((low, at))
        if rng.random() < 0.4:
            limits[-1] = (limits[-1][0], math.inf)
        if form == "losses" and rng.random() < 0.35:
            limits[0] = (-math.inf, limits[0][1])
        counts = draw_counts(rng, classes, 6)
        n = ALL
        if rng.random() < 0.4:
            number = int(rng.integers(sum(low for low, _ in counts), sum(high for _, high in counts) + 1))
            n = (number, number + int(rng.integers(0, 2)))
        return Case(tuple(limits), tuple(counts), n, draw_total(rng, limits, counts))
    sizes = np.cumsum(rng.integers(1, 12, classes)).astype(float).tolist()
    cap = math.inf if rng.random() < 0.5 else sizes[-1] + float(rng.integers(1, 20))
    limits = list(pairwise([0.0, *sizes, cap]))
    if form == "bands":
        counts = draw_counts(rng, classes, 5)
        number = min(5, sum(low for low, _ in counts) + int(rng.integers(0, 3)))
    else:
        counts, more = [], int(rng.integers(0, 2))
        for _ in range(classes):
            counts.insert(0, (more, more + int(rng.integers(0, 3))))
            more += int(rng.integers(0, 2))
        number = min(5, max(0, counts[0][0] + int(rng.integers(-1, 3))))
    n = (number, min(6, number + int(rng.integers(0, 3))))
    total = draw_total(rng, limits[1:], [(low, max(high, 1)) for low, high in counts])
    if form == "bands":
        return Case(tuple(limits), ((0, n[1]), *counts), n, total)
    return Case(tuple(limits), tuple(counts), n, total, cumulative=True)


def firms_of(bound_population: object) -> np.ndarray:
    counts = [round(count) for count in bound_population.counts]
    assert counts == list(bound_population.counts)
    return np.repeat(bound_population.values, counts)


def agrees(case: Case, firms: np.ndarray) -> bool:
    """Whether the firms agree with all of it; one exactly at a limit may count to either side."""
    slack = 1e-9 * max(1.0, float(np.abs(firms).max()))
    if not case.total[0] - slack * len(firms) <= firms.sum() <= case.total[1] + slack * len(firms):
        return False
    for numbers in case.readings():
        if sum(numbers) == len(firms):
            low = np.repeat([low for low, _ in case.limits], numbers)
            high = np.repeat([high for _, high in case.limits], numbers)
            if (np.sort(firms) >= low - slack).all() and (np.sort(firms) <= high + slack).all():
                return True
    return False


def found_or_refused(form: str, case: Case) -> tuple[dict[str, Bound] | None, list[Box]]:
    """Bounds, refused exactly where no reading of the counts can be true."""
    boxes = list(case.boxes())
    if not boxes:
        with pytest.raises(InputError):
            ask(form, case)
        return None, boxes
    return ask(form, case), boxes


def compare(found: dict[str, Bound], expected: dict[str, Pair], tolerance: float = EXACT) -> None:
    for key, (low, high) in expected.items():
        assert near(found[key].low, low, tolerance), (key, "low", found[key], low)
        assert near(found[key].high, high, tolerance), (key, "high", found[key], high)


class TestByHand:
    def test_exact_total(self):
        # Least unequal: 20/3, 20/3, 20/3, 10. Most unequal: 0, 0, 10, 20.
        # Gini: sum of (2 i - 5) x over 4 * 30: (-20 + 30) / 120 and (10 + 60) / 120.
        # Hoover: 10/30 - 1/4 = 1/12, and 10/30 - 1/4 + 20/30 - 1/4 = 1/2.
        # HHI: (3 * 400/9 + 100) / 900 = 7/27, and (100 + 400) / 900.
        found = bounds_from_classes([0, 10], [3, 1], total=30, top=20, q=(0.5,))
        even = -0.75 * math.log(8 / 9) - 0.25 * math.log(4 / 3)
        t = (
            2 / 3 * math.log(8 / 9) + 1 / 3 * math.log(4 / 3),
            math.log(4) + math.log(1 / 3) / 3 + 2 * math.log(2 / 3) / 3,
        )
        expected = {"gini": (1 / 12, 7 / 12), "hoover": (1 / 12, 1 / 2), "hhi": (7 / 27, 5 / 9), "cr1": (1 / 3, 2 / 3)}
        expected |= {"cr4": (1, 1), "hhi_times_n": (28 / 27, 20 / 9), "theil_t": t, "theil_l": (even, math.inf)}
        compare(found, expected | {"top0.5": (5 / 9, 1)})
        assert found["hhi"].most.values == (0, 10, 20)
        assert found["hhi"].least.counts == (3, 1)

    def test_one_firm_is_fixed(self):
        for total in (None, 7, (6, math.inf)):
            found = bounds_from_classes([5], [1], total=total, q=(0.25,))
            zero = dict.fromkeys(("gini", "hoover", "theil_t", "theil_l"), (0.0, 0.0))
            one = dict.fromkeys(("hhi", "hhi_times_n", "cr1", "cr4"), (1.0, 1.0))
            # A quarter of the firms is a quarter of the one firm.
            compare(found, zero | one | {"top0.25": (0.25, 0.25)}, 0)

    def test_all_lower_limits_zero(self):
        # Anything from four alike to 10, 0, 0, 0.
        found = bounds_from_classes([0], [4], top=10, q=(0.125,))
        expected = {"gini": (0, 3 / 4), "hoover": (0, 3 / 4), "hhi": (1 / 4, 1), "theil_t": (0, math.log(4))}
        # Half of the largest firm is an eighth of four alike, and half of everything.
        compare(found, expected | {"theil_l": (0, math.inf), "top0.125": (1 / 8, 1 / 2), "cr1": (1 / 4, 1)})
        # Of 25 it is 10, 10, 5, 0: (3 * 10 + 10 - 5 - 0) / (4 * 25), and (100 + 100 + 25) / 625.
        found = bounds_from_classes([0], [4], top=10, total=25)
        compare(found, {"gini": (0, 0.35), "hhi": (1 / 4, 0.36), "cr1": (1 / 4, 0.4)})

    def test_open_top(self):
        found = bounds_from_classes([0, 10], [3, 1], q=(0.1,))
        expected = {"gini": (0, 3 / 4), "hoover": (0, 3 / 4), "hhi": (1 / 4, 1), "theil_t": (0, math.log(4))}
        # A tenth of four firms is 0.4 of the largest, which has all but nothing.
        compare(found, expected | {"cr1": (1 / 4, 1), "hhi_times_n": (1, 4), "top0.1": (0.1, 0.4)})
        # With 40 in all: 10, 10, 20 (Gini (-20 + 40) / 120) up to 5, 5, 30 (Gini (-10 + 60) / 120).
        found = bounds_from_classes([5, 10], [2, 1], total=40)
        compare(found, {"gini": (1 / 6, 5 / 12), "hhi": (3 / 8, 19 / 32), "cr1": (1 / 2, 3 / 4)})

    def test_number_of_firms_unknown(self):
        # Two of at least 10, none above 20. Ever more firms of 10 are equal; ever more of nothing are not; for shares
        # of the whole the most unequal are 20 and 10 alone.
        found = bounds_from_thresholds([10], [2], cap=20, q=(0.3,))
        expected = {"gini": (0, 1), "hoover": (0, 1), "theil_t": (0, math.inf), "theil_l": (0, math.inf)}
        expected |= {"hhi_times_n": (1, math.inf), "hhi": (0, 5 / 9), "cr1": (0, 2 / 3), "cr4": (0, 1)}
        compare(found, expected | {"top0.3": (0.3, 1)})
        assert found["gini"].most is None
        assert found["hhi"].least is None
        assert found["hhi"].most.values[-2:] == (10, 20)

    def test_number_of_firms_unknown_and_total_known(self):
        # 65: six firms are least unequal at four 10 and two 12.5, Gini 20 / 390; seven at five 9 and two 10, Gini
        # (-10 * 9 + 10 * 10) / 455; eight at six 7.5 and two 10, Gini (-12 * 7.5 + 12 * 10) / 520. Seven is best.
        found = bounds_from_thresholds([10], [2], total=65, cap=20)
        # Ever smaller firms beside two of 10: 200 / 65^2. Most: 20, 20, 10, 10, 5, that is 1025 / 65^2.
        compare(found, {"gini": (2 / 91, 1), "hhi": (200 / 4225, 1025 / 4225), "cr1": (10 / 65, 20 / 65)})
        compare(found, {"cr4": (20 / 65, 60 / 65)})
        assert found["gini"].least.values == (9, 10)

    def test_total_limits_a_count_without_an_end(self):
        # 30 in firms of 5 to 10 and at most one to 20: six of 5 to 10 and 20 (HHI 5/9), or 5, 5, 20 (Gini 30/90).
        found = bounds_from_classes([5, 10], [(1, math.inf), (0, 1)], total=30, top=20, k=(1,))
        brute = Case(((5, 10), (10, 20)), ((1, 6), (0, 1)), total=(30, 30))
        assert found.pop("total") == (30, 30)
        for key in found:
            assert near(found[key].high, max(greatest(box, (1,), ())[key] for box in brute.boxes()), SOLVED)
        compare(found, {"hhi": (1 / 6, 5 / 9), "cr1": (1 / 6, 2 / 3), "gini": (0, 1 / 3)})

    def test_class_without_a_firm_is_a_gap(self):
        told = {"total": 45, "k": K, "q": Q}
        with_class = bounds_from_classes([0, 10, 20], [2, 0, 1], top=40, **told)
        with_gap = bounds_from_classes([(0, 10), (20, 40)], [2, 1], **told)
        compare(with_class, {key: tuple(bound) for key, bound in with_gap.items()}, 0)
        # 10, 10, 25 to 0, 5, 40
        compare(with_gap, {"gini": ((-20 + 50) / 135, 80 / 135), "cr1": (25 / 45, 40 / 45)})

    def test_losses(self):
        # 5 in all: 0 and 5 up to -10 and 15.
        found = bounds_from_classes([-10, 0], [1, 1], total=5, top=20, losses=True)
        expected = {"gini": (1 / 2, 25 / 10), "hoover": (1 / 2, 25 / 10), "hhi": (1, 13), "cr1": (1, 3), "cr4": (1, 1)}
        compare(found, expected)
        assert not {"theil_t", "theil_l"} & found.keys()
        # Without a limit the loss is what the total leaves beside a gain of 20: 15.
        found = bounds_from_classes([-math.inf, 0], [1, 1], total=5, top=20, losses=True)
        compare(found, {"gini": (1 / 2, 35 / 10), "hhi": (1, 625 / 25), "cr1": (1, 4)})

    def test_losses_beside_a_vanishing_total(self):
        found = bounds_from_classes([-10, 0], [1, 2], top=20, losses=True, k=(1, 2, 3, 4), q=(0.1,))
        for key in ("gini", "hoover", "hhi", "hhi_times_n", "cr1", "cr2", "top0.1"):
            assert found[key].high == math.inf
        # All firms have the whole, whatever some lose.
        compare(found, {"cr3": (1, 1), "cr4": (1, 1)})
        # Also where the total cannot be negative: -10, 10, 0.
        assert bounds_from_classes([-10, 0, 10], [1, 1, 1], losses=True)["gini"].high == math.inf

    def test_losses_beside_an_endless_total(self):
        # Beside two firms of equal and endless gains a loss of 1 is nothing: 0, 1/2, 1/2.
        found = bounds_from_classes([(-2, -1), (0, math.inf)], [1, 2], losses=True)
        compare(found, {"gini": (1 / 3, math.inf), "hoover": (1 / 3, math.inf), "hhi": (1 / 2, math.inf)})
        assert found["gini"].least is None

    def test_losses_leave_room_for_more_than_the_total(self):
        # Three firms of at least 10 have more than 20 in all, with two losing up to 100. 10 + 10 + 10 - 5 - 5 = 20:
        # Gini (-4 * -5 - 2 * -5 + 2 * 10 + 4 * 10) / (5 * 20).
        found = bounds_from_classes([-100, 0, 10], [2, 0, 3], top=20, total=20, losses=True)
        assert near(found["gini"].low, 0.9, EXACT)

    def test_class_open_below_without_a_firm(self):
        told = {"losses": True, "total": 30}
        found = bounds_from_classes([-math.inf, 0, 10], [0, 2, 1], **told)
        compare(found, {key: tuple(bound) for key, bound in bounds_from_classes([0, 10], [2, 1], **told).items()}, 0)

    def test_one_class_without_limits(self):
        found = bounds_from_classes([(-math.inf, math.inf)], [2], total=(3, 4), losses=True)
        compare(found, {"gini": (0, math.inf), "hhi": (1 / 2, math.inf), "cr1": (1 / 2, math.inf), "cr4": (1, 1)})

    def test_maximum_inside_an_interval_of_the_total(self):
        # From 10, 1 the larger rises to 30, then the smaller to 20. HHI 101/121, 901/961, 1300/2500: neither end.
        found = bounds_from_classes([(1, 20), (20, 30)], [1, 1], total=(21, 50))
        assert near(found["hhi"].high, 901 / 961, EXACT)
        assert found["hhi"].most.total == 31

    def test_minimum_inside_an_interval_of_the_total(self):
        # 1, a level t from 4 to 5, and 5: (26 + t^2) / (6 + t)^2 is least at t = 26/6, where it is 13/31.
        found = bounds_from_classes([(0, 1), (4, 5), (5, 100)], [1, 1, 1], total=(8, 106))
        assert near(found["hhi"].low, 13 / 31, EXACT)
        # With 12 to 13 in all t is 6 at least, also for the largest: 1, 5, 6.
        found = bounds_from_classes([(0, 1), (4, 5), (5, 100)], [1, 1, 1], total=(12, 13))
        assert near(found["hhi"].low, 62 / 144, EXACT)
        # A firm of 1 and one of 7 fixed, three between: sum of squares 50, sum 8, so t = 50 / 8 turns the HHI:
        # 50 + 3 t^2 over (8 + 3 t)^2.
        found = bounds_from_classes([(0, 1), (1, 7), (7, 7.5)], [1, 3, 1])
        t = 50 / 8
        assert near(found["hhi"].low, (50 + 3 * t**2) / (8 + 3 * t) ** 2, EXACT)
        # Theil T turns where ln t = (1 ln 1 + 7 ln 7) / 8, Theil L where t = 4, the mean of 1 and 7.
        t = math.exp(7 * math.log(7) / 8)
        assert near(found["theil_t"].low, float(measure(np.array([1, t, t, t, 7]), K, Q)["theil_t"][0]), EXACT)
        assert near(found["theil_l"].low, float(measure(np.array([1, 4, 4, 4, 7.0]), K, Q)["theil_l"][0]), EXACT)

    def test_uncertain_counts_at_thresholds(self):
        # Four firms, 2 or 3 at or above 10, cap 20, 50 in all: the second is at least 10, the fourth at most 10, the
        # third either. Least 40/3 * 3 and 10: Gini (-30 + 40/3 * 3) / 200; most: 20, 20, 10, 0.
        found = bounds_from_thresholds([10], [(2, 3)], n=4, total=50, cap=20)
        compare(found, {"gini": ((-30 + 40 / 3 * 3) / 200, (60 + 20 - 10) / 200), "hhi": (19 / 75, 900 / 2500)})

    def test_readings_of_the_same_counts(self):
        cumulative = bounds_from_thresholds([10, 20], [5, 2], n=9, total=110)
        bands = bounds_from_thresholds([10, 20], [3, 2], n=9, total=110, reading="bands")
        compare(bands, {key: tuple(bound) for key, bound in cumulative.items()}, EXACT)
        classes = bounds_from_classes([0, 10, 20], [4, 3, 2], total=110)
        compare(classes, {key: tuple(bound) for key, bound in cumulative.items()}, EXACT)

    def test_feasible_totals_and_bands(self):
        # 3 * 0 + 1 * 10 + 1 * 50 to 3 * 10 + 2 * 50 + 1 * 100
        assert feasible_total([0, 10, 50], [3, (1, 2), 1], top=100) == (60, 230)
        assert feasible_total([5, 10], [1, 0]) == (5, 10)
        assert feasible_total([5, 10], [1, 1]) == (15, math.inf)
        assert [tuple(band) for band in band_counts([10, 20], [(5, 6), 2], n=9)] == [(3, 4), (3, 4), (2, 2)]
        # 75 in all needs a third firm of 20 or more: 5 firms, at most 20 from each below that.
        assert [tuple(band) for band in band_counts([20], [(2, 4)], n=5, total=150, cap=40)] == [(1, 2), (3, 4)]


class TestEveryVertex:
    """The greatest values, and the populations that show both ends, in all forms."""

    @pytest.mark.parametrize("form", FORMS)
    def test_greatest_values(self, form):
        rng = np.random.default_rng(20240 + FORMS.index(form))
        seen = 0
        for i in range(240):
            case = draw_case(rng, form)
            found, boxes = found_or_refused(form, case)
            if found is None:
                continue
            seen += 1
            tops = [greatest(box, K, Q, losses=form == "losses") for box in boxes]
            for key, bound in found.items():
                expected = max(top[key] for top in tops)
                assert near(bound.high, expected, SOLVED), (i, case, key, bound, expected)
                assert 0 <= bound.low <= bound.high, (i, case, key, bound)
                for value, population in zip(bound, (bound.least, bound.most), strict=True):
                    if population is None:
                        continue
                    firms = firms_of(population)
                    assert agrees(case, firms), (i, case, key, firms)
                    known = float(measure(firms, K, Q, losses=form == "losses")[key][0])
                    assert near(value, known, SUMMED), (i, case, key, value, known)
        assert seen > 100  # the rest contradict themselves


class TestIntervalArithmetic:
    """Measures of the extremal firms in outward rounded arithmetic: binary arithmetic loses the last digits only."""

    @pytest.mark.parametrize("cap", [None, 1e8, 1e8 / 3])
    @pytest.mark.parametrize("total", [(2e9, 3e9), (1.1e9, 1.3e9)])
    def test_against_interval_arithmetic(self, cap, total):
        counts = (80, 30, (21, 29), 4) if cap != 1e8 / 3 else (80, 30, (21, 29), 0)
        sizes = (1e6, 5e6, 1e7, 5e7) if cap != 1e8 / 3 else (1e6, 5e6, 1e7, 3e7)
        if cap == 1e8 / 3 and total == (2e9, 3e9):
            total = (0.5e9, 0.6e9)  # none above a third of 100 million cannot make up 2 billion
        found = bounds_from_thresholds(sizes, counts, n=(201, 299), total=total, cap=cap)
        for key in ("gini", "hhi", "cr4"):
            for end, population in zip(found[key], (found[key].least, found[key].most), strict=True):
                exact = rounded_outward(key, population)
                assert exact.a - SUMMED <= end <= exact.b + SUMMED, (key, end, exact)
                assert exact.delta < SUMMED


def rounded_outward(key, population):
    """Interval that surely holds a measure of a population, atoms ascending."""
    atoms = [
        (mpmath.iv.mpf(value), int(count)) for value, count in zip(population.values, population.counts, strict=True)
    ]
    total = sum((value * count for value, count in atoms), mpmath.iv.mpf(0))
    n = sum(count for _, count in atoms)
    if key == "hhi":
        return sum((count * (value / total) ** 2 for value, count in atoms), mpmath.iv.mpf(0))
    if key == "gini":
        below, ranked = 0, mpmath.iv.mpf(0)
        for value, count in atoms:  # sum of 2 rank - n - 1 over the firms of an atom
            ranked += value * count * (2 * below + count - n)
            below += count
        return ranked / (n * total)
    left, top = 4, mpmath.iv.mpf(0)
    for value, count in reversed(atoms):
        top += value * min(left, count)
        left -= min(left, count)
    return top / total


class TestTotal:
    @pytest.mark.parametrize("form", FORMS)
    def test_range_of_the_total(self, form):
        rng = np.random.default_rng(4711 + FORMS.index(form))
        seen = 0
        for i in range(150):
            case = draw_case(rng, form)
            found, boxes = found_or_refused(form, case)
            if found is None:
                continue
            seen += 1
            low = min(max(sum(box.low), case.total[0], 0.0) for box in boxes)
            high = max(min(sum(box.high), case.total[1]) for box in boxes)
            assert near(ask_all(form, case)["total"].low, low, SUMMED), (i, case, low)
            assert near(ask_all(form, case)["total"].high, high, SUMMED), (i, case, high)
        assert seen > 60


class TestEveryProgram:
    """The least values: linear programs, and convex programs with a certificate."""

    @pytest.mark.parametrize("form", FORMS)
    def test_least_values(self, form):
        rng = np.random.default_rng(777 + FORMS.index(form))
        for i in range(36):
            case = draw_case(rng, form)
            found, boxes = found_or_refused(form, case)
            if found is None or len(boxes) > 12:
                continue
            ends = [least(box, K, Q, losses=form == "losses") for box in boxes]
            for key, bound in found.items():
                below, above = (min(end[key][side] for end in ends) for side in (0, 1))
                assert near(below, above, CERTIFIED), (i, case, key, below, above)
                assert below - CERTIFIED <= bound.low <= above + CERTIFIED, (i, case, key, bound, below, above)


class TestPaths:
    """The two longhand paths, first against the searches, then as the standard for many firms."""

    def test_paths_are_extreme_for_a_total(self):
        rng = np.random.default_rng(5)
        for _ in range(12):
            edges = np.cumsum(rng.integers(1, 9, 6)).astype(float) - (1 if rng.random() < 0.5 else 0)
            counts = rng.integers(0, 3, 3)
            counts[int(rng.integers(0, 3))] += 1
            low, high = np.repeat(edges[0::2], counts), np.repeat(edges[1::2], counts)
            total = float(rng.uniform(low.sum(), high.sum()))
            box = Box(tuple(low), tuple(high), (total, total))
            top, bottom = greatest(box, K, Q), least(box, K, Q)
            most, even = measure(poured(low, high, total), K, Q), measure(levelled(low, high, total), K, Q)
            for key in top:
                assert near(float(most[key][0]), top[key], SOLVED)
                assert bottom[key][0] - CERTIFIED <= float(even[key][0]) <= bottom[key][1] + CERTIFIED

    def test_hundreds_of_firms(self):
        # Every whole position, not only those beside a turning point; and a close scan of common levels.
        rng = np.random.default_rng(11)
        k, q = (1, 3, 20), (0.05, 0.137)
        turned = 0
        for i in range(45):
            losses = bool(rng.random() < 0.2)
            blocks = int(rng.integers(1, 5))
            counts = rng.integers(1, 60, blocks)
            limits = (
                np.sort(rng.lognormal(0, 2, 2 * blocks)) if rng.random() < 0.5 else np.cumsum(rng.random(2 * blocks))
            )
            if rng.random() < 0.4:
                limits[0] = 0
            if rng.random() < 0.5:
                limits[2::2] = limits[1:-1:2]
            limits = limits - losses * rng.random() * limits.mean()
            low, high = np.repeat(limits[0::2], counts), np.repeat(limits[1::2], counts)
            bottom, top = max(low.sum(), 0.05 * high.sum()), high.sum()
            if top <= 0:
                continue
            start, end = sorted(rng.uniform(bottom, top, 2)) if rng.random() < 0.7 else (bottom, top)
            blocks_down = (each[None] for each in (counts[::-1].astype(float), limits[0::2][::-1], limits[1::2][::-1]))
            box, told, measures = Boxes(*blocks_down), Interval(start, end), measures_of(k, q, losses=losses)
            n = len(low)
            raised = np.arange(n) >= n - np.arange(n + 1)[:, None]
            whole = np.where(raised, high, low)
            whole = whole[(whole.sum(-1) >= start * (1 - EXACT)) & (whole.sum(-1) <= end * (1 + EXACT))]
            whole = np.vstack([whole, poured(low, high, start)[None], poured(low, high, end)[None]])
            found = most_unequal(box, told, measures, k=k, q=q)
            for key, values in measure(whole, k, q, losses=losses).items():
                assert near(found[key].value, float(values.max()), SUMMED), (i, key)
                turned += 0 < int(values.argmax()) < len(values) - 3
            found = least_unequal(box, told, measures)
            levels = [
                np.linspace(low[0], high[-1], 300),
                np.geomspace(max(low[0], 1e-3 * high[-1]), high[-1], 300),
                limits,
            ]
            beside = np.unique([value for each in found.values() for value in each.population.values])
            levels += [np.outer(beside, 1 + np.linspace(-1e-3, 1e-3, 5)).ravel()]
            even = np.clip(np.concatenate(levels)[:, None], low, high)
            even = even[(even.sum(-1) >= start) & (even.sum(-1) <= end)]
            even = np.vstack([even, levelled(low, high, start)[None], levelled(low, high, end)[None]])
            for key, values in measure(even, k, q, losses=losses).items():
                assert found[key].value <= values.min() + SUMMED * max(1, values.min()), (i, key)
                assert values.min() - found[key].value < 2e-3 * max(found[key].value, 0.05), (i, key)
        assert turned > 100  # the maximum was inside, at a turning point, so often

    def test_chunks_do_not_change_anything(self, monkeypatch):
        told = {"total": (40, 90), "k": K, "q": Q}
        whole = bounds_from_classes([0, 5, 20], [(1, 4), (0, 3), (0, 2)], top=30, **told)
        monkeypatch.setattr("clusterlib.measures.extremes.CHUNK", 1)
        compare(bounds_from_classes([0, 5, 20], [(1, 4), (0, 3), (0, 2)], top=30, **told), whole, 0)


class TestNumberOfFirmsUnknown:
    """Infima and suprema over all numbers of firms: kept by every number that was tried, and approached by the last."""

    MANY = 3000
    K = (1, 3)

    def paths(self, case: Case, numbers: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray] | None:
        most = HUGE if math.isinf(case.total[1]) else case.total[1]
        low = np.repeat([low for low, _ in case.limits], numbers).astype(float)
        high = np.repeat([max(low, min(high, most)) for low, high in case.limits], numbers)
        if not len(low):
            return None
        start, end = max(case.total[0], low.sum()), min(case.total[1], high.sum())
        if start > end + 1e-9 or end <= 0:
            return None
        n = len(low)
        steps = range(n + 1) if n < 100 else [*range(12), n]
        whole = np.array([np.where(np.arange(n) >= n - j, high, low) for j in steps])
        ends = [total for total in (start, end) if 0 < total < HUGE]
        whole = whole[(whole.sum(-1) >= start - 1e-9) & (whole.sum(-1) <= end + 1e-9) & (whole.sum(-1) > 0)]
        whole = np.vstack([whole, *(poured(low, high, total)[None] for total in ends)])
        reach = max(1.0, 1.5 * max(low for low, _ in case.limits))
        levels = np.unique(
            [*np.linspace(0, reach, 120), *(size for pair in case.limits for size in pair if size < HUGE)]
        )
        even = np.clip(levels[:, None], low, high)
        even = even[(even.sum(-1) >= start) & (even.sum(-1) <= end) & (even.sum(-1) > 0)]
        return whole, np.vstack([even, *(levelled(low, high, total)[None] for total in ends)])

    def tried(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """The measures, without the table of all pairs where there are thousands of firms."""
        n = x.shape[-1]
        if n < 100:
            return measure(x, self.K, Q)
        x = np.sort(x, axis=-1)
        share = x / x.sum(-1, keepdims=True)
        with np.errstate(divide="ignore"):
            found = {
                "gini": ((2 * np.arange(1, n + 1) - n - 1) * share).sum(-1) / n,
                "hoover": np.abs(share - 1 / n).sum(-1) / 2,
                "theil_t": (share * np.log(np.where(share > 0, share, 1) * n)).sum(-1),
                "theil_l": -np.log(np.where(share > 1e-13, share, 0) * n).mean(-1),
                "hhi": (share**2).sum(-1),
                "hhi_times_n": (share**2).sum(-1) * n,
            }
        found |= {f"cr{k}": largest(x, k) for k in self.K}
        return found | {f"top{part:g}": largest(x, part * n) for part in Q}

    @pytest.mark.parametrize("form", ["classes", "cumulative", "bands"])
    def test_kept_and_approached(self, form):
        rng = np.random.default_rng(31)
        for i in range(9):
            classes = int(rng.integers(1, 4))
            sizes = np.cumsum(rng.integers(1, 9, classes)).astype(float).tolist()
            cap = math.inf if rng.random() < 0.5 else sizes[-1] + float(rng.integers(1, 12))
            limits = tuple(pairwise([0.0, *sizes, cap]))
            counts: list[Pair] = []
            for _ in range(classes):
                at = (counts[0][0] if counts and form == "cumulative" else 0) + int(rng.integers(0, 3))
                counts.insert(0, (at, at + int(rng.integers(0, 2))))
            certain = sum(size * low for size, (low, _) in zip(sizes, counts, strict=True))
            total = float(certain + rng.integers(1, 25))
            told = [ALL, (total, total), (0.6 * total, total + 4), (total, math.inf)][int(rng.integers(0, 4))]
            fewest = int(rng.integers(0, 9)) * int(rng.random() < 0.4)
            cumulative = form == "cumulative"
            case = Case(limits, tuple(counts) if cumulative else (ALL, *counts), (fewest, math.inf), told, cumulative)
            found = ask(form, case, k=self.K)
            low, high = dict.fromkeys(found, math.inf), dict.fromkeys(found, -math.inf)
            last = max(fewest, 12) + (0 if math.isinf(told[1]) else min(60, int(told[1] / sizes[0]) + 2))
            for n in (*range(max(fewest, 1), last), self.MANY):
                one = replace(case, n=(n, n), counts=case.counts if cumulative else ((0, n), *counts))
                for path in filter(None, (self.paths(one, numbers) for numbers in one.readings())):
                    most, even = (self.tried(x) for x in path)
                    for key in found:
                        low[key] = min(low[key], float(even[key].min()))
                        high[key] = max(high[key], float(most[key].max()))
            for key, bound in found.items():
                assert bound.low - SUMMED <= low[key] and high[key] <= bound.high + SOLVED, (i, case, key, bound)
                of_the_whole = key == "hhi" or key.startswith("cr")
                # Shares of the whole have their maximum at few firms; all else is approached as one over the number.
                if math.isinf(bound.high):
                    assert high[key] > (100 if key == "hhi_times_n" else 3), (i, case, key, high[key])
                else:
                    assert bound.high - high[key] < (SOLVED if of_the_whole else 0.05), (i, case, key, bound, high[key])
                # What is tried stops at a few thousand firms and levels that stand apart.
                assert low[key] - bound.low < 0.1 * max(1, bound.low), (i, case, key, bound, low[key])
                if math.isfinite(told[1]) and not of_the_whole:
                    assert low[key] - bound.low < 5e-3 * max(1, bound.low), (i, case, key, bound, low[key])


class TestRankBoxes:
    """Ranks with two limits each, against a class box for every combination of counts."""

    def test_union_over_counts(self):
        rng = np.random.default_rng(3)
        for _ in range(12):
            classes = int(rng.integers(1, 4))
            sizes = np.cumsum(rng.integers(1, 30, classes)).astype(float).tolist()
            cap = None if rng.random() < 0.5 else sizes[-1] * 2
            counts: list[Pair] = []
            for _ in range(classes):
                at = (counts[0][0] if counts else 0) + int(rng.integers(0, 5))
                counts.insert(0, (at, at + int(rng.integers(0, 4))))
            n = (counts[0][1], counts[0][1] + int(rng.integers(0, 8)))
            middle = sum(size * (low + 1) for size, (low, _) in zip(sizes, counts, strict=True))
            total = None if rng.random() < 0.3 else (middle, middle * (1 + rng.random()))
            limits = tuple(pairwise([0.0, *sizes, cap or math.inf]))
            union: dict[str, Pair] = {}
            for numbers in Case(limits, tuple(counts), n, cumulative=True).readings():
                try:
                    each = bounds_from_classes(limits, numbers, total=total, k=K, q=Q)
                except InputError:
                    continue
                for key, (low, high) in each.items():
                    before = union.get(key, (math.inf, -math.inf))
                    union[key] = min(before[0], low), max(before[1], high)
            if union:
                compare(bounds_from_thresholds(sizes, counts, n=n, total=total, cap=cap, k=K, q=Q), union, SUMMED)


seeds = st.integers(0, 2**32 - 1)
forms = st.sampled_from(FORMS)


class TestProperties:
    @settings(max_examples=60, deadline=None)
    @given(seed=seeds, form=forms, factor=st.sampled_from([1e-3, 0.7, 3.0, 1e6, 1e13]))
    def test_scale_does_not_matter(self, seed, form, factor):
        case = draw_case(np.random.default_rng(seed), form)
        found, _ = found_or_refused(form, case)
        if found is None:
            return
        limits = tuple((low * factor, high * factor) for low, high in case.limits)
        scaled = replace(case, limits=limits, total=(case.total[0] * factor, case.total[1] * factor))
        compare(ask(form, scaled), {key: tuple(bound) for key, bound in found.items()}, SUMMED)

    @settings(max_examples=80, deadline=None)
    @given(seed=seeds, form=forms, which=st.sampled_from(["counts", "total", "n", "top", "all"]))
    def test_knowing_less_never_narrows(self, seed, form, which):
        case = draw_case(np.random.default_rng(seed), form)
        found, _ = found_or_refused(form, case)
        if found is None:
            return
        wider = {
            "counts": {"counts": tuple((max(0, low - 1), high + 1) for low, high in case.counts)},
            "total": {"total": (0.8 * case.total[0], 1.3 * case.total[1])},
            "n": {"n": (max(0, case.n[0] - 1), case.n[1] + 1)},
            "top": {"limits": (*case.limits[:-1], (case.limits[-1][0], case.limits[-1][1] + 5))},
        }
        wider["all"] = {key: value for each in wider.values() for key, value in each.items()}
        for key, (low, high) in ask(form, replace(case, **wider[which])).items():
            assert low <= found[key].low + SUMMED * max(1, found[key].low), key
            assert high >= found[key].high - SUMMED * max(1, found[key].high) or high == found[key].high, key

    @settings(max_examples=80, deadline=None)
    @given(
        firms=st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(any),
        sizes=st.lists(st.integers(1, 50), min_size=1, max_size=3, unique=True).map(sorted),
        reading=st.sampled_from(["cumulative", "bands"]),
        known=st.tuples(st.booleans(), st.sampled_from(["no", "exactly", "about"]), st.booleans(), st.booleans()),
    )
    def test_truth_is_never_excluded(self, firms, sizes, reading, known):
        x = np.array(firms, dtype=float)
        knows_n, knows_total, knows_cap, knows_counts = known
        at_least = [int((x >= size).sum()) for size in sizes]
        counts = at_least if reading == "cumulative" else [a - b for a, b in pairwise([*at_least, 0])]
        told = {"no": None, "exactly": x.sum(), "about": (0.9 * x.sum(), 1.2 * x.sum())}[knows_total]
        found = bounds_from_thresholds(
            sizes,
            counts if knows_counts else [(max(0, count - 1), count + 1) for count in counts],
            n=len(x) if knows_n else None,
            total=told,
            cap=max(x.max(), sizes[-1] + 1) if knows_cap else None,
            k=K,
            q=Q,
            reading=reading,
        )
        for key, truth in measure(x, K, Q).items():
            assert found[key].low - SUMMED <= truth[0] <= found[key].high + SUMMED, key

    @settings(max_examples=40, deadline=None)
    @given(seed=seeds, times=st.integers(2, 5))
    def test_more_firms_of_each_kind(self, seed, times):
        # With every firm and the total some times over, the least unequal population is the old one, so many times;
        # the most unequal one is at least as unequal as that.
        rng = np.random.default_rng(seed)
        edges = np.cumsum(rng.integers(1, 9, 4)).astype(float)
        counts = rng.integers(1, 4, 3).tolist()
        total = float(rng.uniform(np.dot(edges[:3], counts), np.dot(edges[1:], counts)))
        one = bounds_from_classes(edges, counts, total=total, q=Q)
        more = bounds_from_classes(edges, [times * count for count in counts], total=times * total, q=Q)
        for key in ("gini", "hoover", "theil_t", "theil_l", "hhi_times_n", "top0.1", "top0.5"):
            assert near(more[key].low, one[key].low, SUMMED), key
            assert more[key].high >= one[key].high - SUMMED, key
        assert near(more["hhi"].low * times, one["hhi"].low, SUMMED)


def classes(*args: object, **options: object) -> Callable[[], object]:
    return lambda: bounds_from_classes(*args, **options)


def thresholds(*args: object, **options: object) -> Callable[[], object]:
    return lambda: bounds_from_thresholds(*args, **options)


class TestBadInput:
    """One error, that names what was given and says what would be allowed."""

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (classes([(0, 10), (5, 20)], [1, 1]), ["limits[1]: given 5", "allowed: at least 10"]),
            (classes([0, 20, 10], [1, 1, 1]), ["limits[1]: given 20 to 10", "ascending"]),
            (classes([0, 0], [1, 1]), ["limits[0]: given 0 to 0", "ascending"]),
            (classes([0, math.nan], [1, 1]), ["limits[1]: given nan", "not nan"]),
            (classes([0, 10, 20, 30], [1, 1]), ["limits: given 4 for 2 counts", "allowed: 2 lower limits", "3 limits"]),
            (classes([0], [1, 1]), ["limits: given 1 for 2 counts"]),
            (classes([], []), ["counts: given none", "at least one class"]),
            (classes(5, [1]), ["limits: given 5", "a list"]),
            (classes([0, "10"], [1, 1]), ["limits[1]: given '10'", "a number"]),
            (classes([(0, 10), (10, 20, 30)], [1, 1]), ["limits[1]: given (10, 20, 30)", "(low, high) pair"]),
            (classes([(10, 0)], [1]), ["limits[0]: given low 10 above high 0", "low <= high"]),
            (classes([(0, 10), 20], [1, 1]), ["limits[1]: given 20 to 20", "ascending"]),
            (classes([-5, 10], [1, 1]), ["limits[0]: given -5", "at least 0", "losses=True"]),
            (classes([-math.inf, 10], [1, 1]), ["limits[0]: given -inf", "losses=True"]),
            (classes([0, 10], 3), ["counts: given 3", "allowed: a list"]),
            (classes([0, 10], [-1, 1]), ["counts[0]: given -1", "whole numbers of firms, at least 0"]),
            (classes([0, 10], [1, 1.5]), ["counts[1]: given 1.5", "whole numbers"]),
            (classes([0, 10], [(2.1, 2.9), 1]), ["counts[0]: given 2.1 to 2.9", "whole numbers"]),
            (classes([0, 10], [math.inf, 1]), ["counts[0]: given inf", "whole numbers"]),
            (classes([0, 10], [math.nan, 1]), ["counts[0]: given nan", "not nan"]),
            (classes([0, 10], ["3", 1]), ["counts[0]: given '3'", "a number"]),
            (classes([0, 10], [(3, 2), 1]), ["counts[0]: given low 3 above high 2", "low <= high"]),
            (classes([0, 10], [1, (1, math.inf)]), ["counts: given a count without an upper end", "total"]),
            (classes([5, 10], [(1, math.inf), 1]), ["counts: given a count without an upper end"]),
            (classes([0, 10], [2, 1], total=-5), ["total: given -5", "above 0"]),
            (classes([0, 10], [2, 1], total=0), ["total: given 0", "above 0"]),
            (classes([0, 10], [2, 1], total=(-3, 5)), ["total: given -3 to 5", "above 0"]),
            (classes([0, 10], [2, 1], total=math.inf), ["total: given inf"]),
            (classes([-5, 0], [2, 1], losses=True, top=20, total=30), ["total: given 30", "-10 to 20"]),
            (classes([(-10, -5)], [2], losses=True), ["total: given none", "-20 to -10", "above 0"]),
            (classes([0, 10], [0, 0]), ["given"]),
            (classes([-5, 10], [2, 1], n=9, losses=True, top=20), ["counts, n", "an n that counts sum to"]),
            (classes([0, 10], [2, 1], n=1.5), ["n: given 1.5", "whole numbers"]),
            (classes([0, 10], [2, 1], top=5), ["top: given 5", "above 10"]),
            (classes([0, 10, 20], [2, 1], top=25), ["top: given 25", "within the last class"]),
            (classes([0, 10], [2, 1], k=(1.5,)), ["k: given 1.5", "whole numbers of at least 1"]),
            (classes([0, 10], [2, 1], k=(0,)), ["k: given 0", "at least 1"]),
            (classes([0, 10], [2, 1], k=(True,)), ["k: given True"]),
            (classes([0, 10], [2, 1], k=4), ["k: given 4", "a list"]),
            (classes([0, 10], [2, 1], q=(0,)), ["q: given 0", "fractions between 0 and 1"]),
            (classes([0, 10], [2, 1], q=(1,)), ["q: given 1", "between 0 and 1"]),
            (classes([0, 10], [2, 1], q=(math.nan,)), ["q: given nan"]),
            (classes([0, 10], [2, 1], q=("a",)), ["q: given 'a'"]),
            (classes([0, 10], [2, 1], q=(None,)), ["q: given None"]),
            (classes([0, 10], [2, 1], q=0.1), ["q: given 0.1", "a list"]),
            (classes([0, 10, 20, 30], [(0, 500)] * 4), ["counts, n", "at most 200,000", "narrow"]),
            (thresholds([20, 10], [2, 1]), ["thresholds[1]: given 10 after 20", "ascending"]),
            (thresholds([0, 10], [2, 1]), ["thresholds[0]: given 0", "above 0"]),
            (thresholds([(5, 10)], [2]), ["thresholds[0]: given (5, 10)", "one size"]),
            (thresholds(["10"], [2]), ["thresholds[0]: given '10'"]),
            (thresholds([10], [2, 1]), ["thresholds, counts: given 1 and 2", "as many of each"]),
            (thresholds([], []), ["thresholds, counts: given 0 and 0", "at least one"]),
            (thresholds(10, [2]), ["thresholds: given 10", "a list"]),
            (thresholds([10], 2), ["counts: given 2", "a list"]),
            (thresholds([10], [(2, math.inf)]), ["counts: given a count without an upper end"]),
            (thresholds([10], [1], total=0), ["total: given 0", "above 0"]),
            (thresholds([10, 20], [2, 1], cap=15), ["cap: given 15 after 20", "ascending"]),
            (thresholds([10], [2], cap=-1), ["cap: given -1", "above 0"]),
            (thresholds([10], [2], cap=math.inf), ["cap: given inf"]),
            (thresholds([10], [2], reading="up"), ["reading 'up'", "cumulative, bands"]),
            (thresholds([10], [2], total=1e12), ["counts, n", "at most 200,000", "give n"]),
            (thresholds([10], [0], n=0), ["given"]),
            (lambda: feasible_total([-5, 10], [2, 1]), ["limits[0]: given -5", "at least 0"]),
            (lambda: feasible_total([0, 10], [2, -1]), ["counts[1]: given -1"]),
            (lambda: band_counts([20, 10], [2, 1]), ["thresholds[1]: given 10 after 20"]),
        ],
    )
    def test_message(self, call, words):
        with pytest.raises(InputError) as error:
            call()
        for part in [*words, "given" if "reading" not in words[0] else "unknown", "allowed"]:
            assert part in str(error.value), str(error.value)

    @pytest.mark.parametrize(
        ("call", "names", "words"),
        [
            (thresholds([10, 20], [2, 3]), {"counts[0]", "counts[1]"}, "at most 2 for counts[1]"),
            (thresholds([10, 20], [2, (3, 4)], n=5), {"counts[0]", "counts[1]"}, "counts[1]: 3 to 4"),
            (thresholds([10], [5], n=3), {"n", "counts[0]"}, "at most 3"),
            (thresholds([10], [2], total=15), {"counts[0]", "total"}, "at least 20 for total"),
            (thresholds([10], [2], n=3, cap=20, total=60), {"n", "counts[0]", "cap", "total"}, "at most 50 for total"),
            (classes([0, 10], [2, 1], total=5), {"counts[1]", "total"}, "at least 10 for total"),
            (classes([0, 10], [2, 1], n=2), {"counts[0]", "counts[1]", "n"}, "3 for n"),
            (classes([0, 10], [2, 1], n=9), None, "3 for n"),
            (classes([0, 10], [2, 1], top=20, total=100), None, "at most 40 for total"),
            (lambda: band_counts([10], [5], n=3), {"n", "counts[0]"}, "at most 3"),
            (lambda: feasible_total([0, 10], [2, 1], n=9), None, "3 for n"),
        ],
    )
    def test_contradiction(self, call, names, words):
        with pytest.raises(ConflictError) as error:
            call()
        assert words in str(error.value), str(error.value)
        if names is not None:
            assert [{each.name for each in conflict} for conflict in error.value.conflicts] == [names]

    def test_many_combinations_are_refused_at_once(self):
        # All of the 12 million combinations with 5000 firms are never listed.
        with pytest.raises(InputError, match="at most 200,000"):
            bounds_from_classes([0, 1, 2, 3], [0, (0, 5000), (0, 5000), (0, 5000)], n=5000, top=5)

    def test_few_of_many_combinations_are_found(self):
        found = bounds_from_classes([0, 1, 2, 3], [0, (0, 10**6), (0, 10**6), (0, 10**6)], n=2, top=5)
        # 1 and 5: shares 1/6 and 5/6
        assert near(found["gini"].high, 1 / 3, EXACT)


class TestRounding:
    @pytest.mark.parametrize("unit", [1e-3, 0.1, 1 / 3, 1.0, 1e6, 1e13])
    def test_total_at_an_end_of_what_is_feasible(self, unit):
        limits, counts = [unit, 2 * unit, 3 * unit], [3, 2]
        for told, firms in ((unit * 7, [1, 1, 1, 2, 2]), (unit * 12, [2, 2, 2, 3, 3])):
            total = sum(unit * each for each in firms)
            for one in (told, total, (total, 1.5 * total), (0.5 * total, total)):
                try:
                    found = bounds_from_classes(limits, counts, total=one, k=K, q=Q)
                except InputError as error:
                    pytest.fail(f"{one!r}: {error}")
                if not isinstance(one, tuple):
                    for key, value in measure(np.array(firms, dtype=float), K, Q).items():
                        compare(found, {key: (value[0], value[0])}, SUMMED)

    def test_binary_fractions(self):
        # 0.1 + 0.2 is above 0.3, and 0.3 // 0.1 is 2: three firms of 0.1 are 0.3 all the same.
        alike = {"gini": (0, 0), "hhi": (1 / 3, 1 / 3), "cr1": (1 / 3, 1 / 3)}
        compare(bounds_from_thresholds([0.1], [3], n=3, total=0.3), alike, SUMMED)
        compare(bounds_from_classes([0, 0.1], [0, 3], total=0.3), alike, SUMMED)
        compare(bounds_from_classes([0.1, 0.1 + 0.2], [3, 0], total=0.3), alike, SUMMED)
        found = bounds_from_classes([0, 0.1], [0, (1, 3)], total=0.3)
        compare(found, {"hhi": (1 / 3, 1), "cr1": (1 / 3, 1)}, SUMMED)
        # Three of four firms are full with that: the last has nothing, in either way to write it.
        for total in (0.3, 0.1 + 0.2):
            found = bounds_from_classes([0], [4], top=0.1, total=total)
            compare(found, {"theil_l": (0, math.inf), "gini": (0, 1 / 4)}, SUMMED)

    def test_sizes_of_all_orders(self):
        limits, counts = [1e-3, 1.0, 1e6, 1e13], [100, 50, 3, 1]
        found = bounds_from_classes(limits, counts, top=4e13, k=K, q=Q)
        low = np.repeat(limits, counts)
        high = np.repeat([*limits[1:], 4e13], counts)
        n = len(low)
        whole = np.where(np.arange(n) >= n - np.arange(n + 1)[:, None], high, low)
        # The logarithm by itself: the definition in `populations` takes shares of 1e-16 for nothing.
        even = np.clip(np.geomspace(1e-3, 4e13, 800)[:, None], low, high)
        own = [np.log(x.mean(-1)) - np.log(x).mean(-1) for x in (even, whole)]
        for key, values in (measure(whole, K, Q) | {"theil_l": own[1]}).items():
            assert near(found[key].high, float(values.max()), SUMMED), key
        for key, values in (measure(even, K, Q) | {"theil_l": own[0]}).items():
            assert values.min() - 0.01 <= found[key].low <= values.min() + SUMMED, key

    def test_no_negative_zero(self):
        found = bounds_from_classes([0], [(1, 7)], top=0.7, q=(0.1,))
        for key in ("gini", "hoover", "theil_t", "theil_l"):
            assert math.copysign(1, found[key].low) == 1 and found[key].low < EXACT

    def test_a_million_firms(self):
        found = bounds_from_thresholds([1e6, 1e8], [40_000, (500, 600)], n=1_000_000, total=6e11, cap=1e10)
        for low, high in found.values():
            assert 0 <= low <= high and not math.isnan(high)
        # All but the certain firms alike: 500 at 1e8, so hoover is at least their share less their number.
        assert found["hoover"].low >= 500 * 1e8 / 6e11 - 500 / 1e6
