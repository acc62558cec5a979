"""Sharp bounds from one share pair, against linear programs, vertex searches and random populations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from populations import (
    KINDS,
    MEASURES,
    WITH_LOSSES,
    all_measures,
    cone_program,
    draw,
    gini_cost,
    least_unordered,
    near,
    ordered_sets,
    ordered_vertices,
    printed_share,
    top_cost,
    top_sum,
    two_groups,
)

from clusterlib.errors import InputError
from clusterlib.measures import inequality
from clusterlib.measures.population import Bound, Population
from clusterlib.measures.share_counts import whole_number_corners
from clusterlib.measures.shares import bounds_from_share, bounds_from_shares, top_share

#: Closed forms against closed forms: a few roundings of double precision.
EXACT = 1e-12
#: Against a solver or a solved vertex: HiGHS keeps constraints to 1e-7 but its vertices are basic solutions; 1e-8
#: leaves room for division by small pivots.
SOLVED = 1e-8
#: A true value may stand outside its bound by rounding of sums over some dozens of firms only; the printed interval
#: itself is computed in binary, with an error of 1e-16 that a factor 1/f or 1/(1-f) (at most some hundreds) enlarges.
INSIDE = 1e-10

ABOVE_SCALE = 0.2537
#: Measures that depend on the number of firms, not on shares of firms alone.
COUNTED = ("hhi", "cr1", "cr4")


def compare(found: dict, expected: dict, tolerance: float, context: object) -> None:
    for key, (low, high) in expected.items():
        assert near(found[key].low, low, tolerance), (context, key, "low", found[key], (low, high))
        assert near(found[key].high, high, tolerance), (context, key, "high", found[key], (low, high))


class TestByHand:
    @pytest.mark.parametrize(
        ("f", "s", "gini", "hoover"),
        [
            # f <= 1/2 <= s: 1 - 4 f (1 - s), (s - f) / min(s, 1 - f)
            (0.1, 0.5, 0.8, 0.8),
            (0.25, 0.75, 0.75, 2 / 3),
            (0.5, 0.5, 0.0, 0.0),
            (0.5, 1.0, 1.0, 1.0),
            # s < 1/2: (s - f) / s
            (0.1, 0.4, 0.75, 0.75),
            (0.3, 0.3, 0.0, 0.0),
            (0.1, 0.496, 0.396 / 0.496, 0.396 / 0.496),
            # f > 1/2: (s - f) / (1 - f)
            (0.6, 0.9, 0.75, 0.75),
            (0.75, 1.0, 1.0, 1.0),
            (0.504, 0.9, 0.396 / 0.496, 0.396 / 0.496),
            # s < f: the rest is the upper group, 0.9 of the value with 0.6 of the firms
            (0.4, 0.1, 0.75, 0.75),
            (0.9, 0.5, 0.8, 0.8),
        ],
    )
    def test_ordered_closed_forms(self, f, s, gini, hoover):
        found = bounds_from_share(f, s)
        compare(found, {"gini": (abs(s - f), gini), "hoover": (abs(s - f), hoover)}, EXACT, (f, s))

    def test_two_regimes_meet_at_one_half(self):
        for f, s in ((0.3, 0.5), (0.5, 0.7)):
            around = [bounds_from_share(f + df, s + ds)["gini"].high for df in (-1e-9, 1e-9) for ds in (-1e-9, 1e-9)]
            assert max(around) - min(around) < 1e-7

    def test_between_groups(self):
        found = bounds_from_share(0.25, 0.5)
        # 1/2 ln 2 + 1/2 ln (2/3) and 1/4 ln (1/2) + 3/4 ln (3/2), by hand
        t, ell = 0.5 * math.log(2) + 0.5 * math.log(2 / 3), 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
        expected = {"share_ratio": (2, 2), "theil_t_between": (t, t), "theil_l_between": (ell, ell)}
        # CV of two groups: 0.25 / sqrt(0.25 * 0.75), so 1 + CV^2 = 4/3
        expected |= {"theil_t": (t, math.inf), "theil_l": (ell, math.inf), "hhi_times_n": (4 / 3, math.inf)}
        # of 4 firms one has half; a second one with the other half makes the sum of squares 1/2
        expected |= {"top_share": (0.5, 0.5), "cr1": (0, 0.5), "cr4": (0, 1), "hhi": (0, 0.5)}
        compare(found, expected, EXACT, "quarter holds half")

    def test_everything_in_the_group(self):
        found = bounds_from_share(0.25, 1.0)
        expected = {"gini": (0.75, 1), "hoover": (0.75, 0.75 / 0.75), "theil_t_between": (math.log(4), math.log(4))}
        expected |= {
            "theil_l_between": (math.inf, math.inf),
            "theil_l": (math.inf, math.inf),
            "hhi_times_n": (4, math.inf),
        }
        compare(found, expected, EXACT, "all of it")

    def test_equality_leaves_nothing_open_when_ordered(self):
        expected = dict.fromkeys(("gini", "hoover", "theil_t", "theil_l", "theil_t_between", "theil_l_between"), (0, 0))
        for n in (None, 10):
            found = bounds_from_share(0.3, 0.3, n=n)
            compare(found, expected | {"hhi_times_n": (1, 1), "top_share": (0.3, 0.3)}, EXACT, n)

    @pytest.mark.parametrize(("n", "n1", "s"), [(2, 1, 0.8), (4, 1, 0.7), (5, 2, 0.6), (10, 9, 0.95)])
    def test_unordered_puts_each_total_in_one_firm(self, n, n1, s):
        found = bounds_from_share(n1 / n, s, n=n, ordered=False)
        a = max(s, 1 - s)
        expected = {
            "gini": (s - n1 / n, 1 - (3 - 2 * a) / n),
            "hhi": ((s**2 / n1 + (1 - s) ** 2 / (n - n1)), s**2 + (1 - s) ** 2),
        }
        compare(found, expected, EXACT, (n, n1, s))
        assert near(found["theil_t"].high, math.log(n) + s * math.log(s) + (1 - s) * math.log(1 - s), EXACT)
        assert near(found["top_share"].high, 1.0 if n1 > 1 else a, EXACT)

    def test_two_firms_are_fixed(self):
        # shares 0.8 and 0.2: G = H = 0.3, HHI = 0.68, whatever is assumed
        for ordered in (True, False):
            for losses in (True, False):
                found = bounds_from_share(0.5, 0.8, n=2, ordered=ordered, losses=losses)
                expected = {"gini": (0.3, 0.3), "hoover": (0.3, 0.3), "hhi": (0.68, 0.68), "top_share": (0.8, 0.8)}
                compare(found, expected, EXACT, (ordered, losses))

    def test_finite_gini_closed_form(self):
        # n1 <= n0 and s >= 1/2: 1 - 4 f (1 - s) - (2 s - 1) / N, derived by hand at the best border k = n1
        for n, n1, s in ((67, 17, 0.6169), (10, 5, 0.5), (1000, 1, 0.9)):
            high = bounds_from_share(n1 / n, s, n=n)["gini"].high
            assert near(high, 1 - 4 * n1 / n * (1 - s) - (2 * s - 1) / n, EXACT)

    def test_losses_ordered_by_hand(self):
        # 4 firms, the largest has 0.7: three at 0.7 and one at -1.1, G = H = 3/4 * (0.7 / 0.25 - 1) = 1.35
        found = bounds_from_share(0.25, 0.7, n=4, losses=True)
        compare(found, {"gini": (0.45, 1.35), "hoover": (0.45, 1.35), "hhi": (0.52, 3 * 0.49 + 1.21)}, EXACT, "loss")
        assert "theil_t" not in found
        assert "theil_l" not in found
        unknown = bounds_from_share(0.25, 0.7, losses=True)
        compare(unknown, {"gini": (0.45, 1.8), "hoover": (0.45, 1.8)}, EXACT, "loss, n unknown")

    def test_losses_unordered_are_unbounded_above(self):
        for n in (None, 3, 50):
            found = bounds_from_share(1 / 3 if n == 3 else 0.5, 0.8, n=n, ordered=False, losses=True)
            assert all(found[key].high == math.inf for key in ("gini", "hoover", "hhi_times_n", "top_share"))
            assert found["gini"].low == pytest.approx(0.8 - (1 / 3 if n == 3 else 0.5), abs=EXACT)

    def test_share_beyond_the_total(self):
        # the group earns 1.2 of the profit, the rest loses 0.2
        found = bounds_from_share(0.5, 1.2, losses=True)
        compare(found, {"share_ratio": (2.4, 2.4), "gini": (0.7, 1.4), "top_share": (1.2, 1.2)}, EXACT, "beyond")
        assert "theil_t_between" not in found
        below = bounds_from_share(0.5, -0.2, losses=True)
        compare(below, {"share_ratio": (-0.4, -0.4), "gini": (0.7, 1.4), "top_share": (1.2, 1.2)}, EXACT, "below zero")

    def test_share_beyond_the_total_in_a_box(self):
        """CV^2 = (s - f)^2 / (f (1 - f)) falls, then rises in f when s > 1: at s = 1.2 its least is at f = 6/7."""
        found = bounds_from_share((0.8, 0.95), 1.2, losses=True)
        # there (12/35)^2 / (6/49) = 0.96; the overshoot (s - f) / (1 - f) is largest at 0.95: 0.25 / 0.05
        compare(found, {"hhi_times_n": (1.96, math.inf), "gini": (0.25, 5), "hoover": (0.25, 5)}, EXACT, "box")
        # of 20 firms 17 come nearest: 0.35^2 / (0.85 * 0.15)
        found = bounds_from_share((0.8, 0.95), 1.2, n=20, losses=True)
        assert near(found["hhi_times_n"].low, 1 + 0.1225 / 0.1275, EXACT)
        # of 10 firms 8 and 9 are equally near: 0.4^2 / 0.16 and 0.3^2 / 0.09
        found = bounds_from_share((0.8, 0.95), 1.2, n=10, losses=True)
        assert near(found["hhi_times_n"].low, 2, EXACT)

    def test_lower_group_is_not_the_top(self):
        # 3 of 10 firms hold a tenth and are the smallest: the three largest hold 0.9 * 3/7 to 1 - (7/3 * 0.1)
        found = bounds_from_share(0.3, 0.1, n=10)
        compare(found, {"top_share": (2.7 / 7, 1 - 0.7 * 0.1 / 0.3)}, EXACT, "bottom three")
        # 7 of 10 hold a tenth: the three others hold 0.9, so seven largest 0.9 + 0.1 * 4/7 up to everything
        found = bounds_from_share(0.7, 0.1)
        compare(found, {"top_share": (0.9 + 0.4 / 7, 1.0)}, EXACT, "bottom seven")

    def test_whole_firms_narrow_the_share(self):
        # 25.37 % of 67 firms are 17, so the ratio to 0.6169 is exactly 0.6169 * 67 / 17
        found = bounds_from_share((0.25365, 0.25375), 0.6169, n=67)
        compare(found, {"share_ratio": (0.6169 * 67 / 17,) * 2, "gini": (0.6169 - 17 / 67,) * 2}, 1, "")
        assert near(found["share_ratio"].low, 0.6169 * 67 / 17, EXACT)
        assert near(found["gini"].low, 0.6169 - 17 / 67, EXACT)
        assert near(found["theil_t"].low, found["theil_t_between"].low, EXACT)

    def test_between_uses_whole_firms_only(self):
        # 2 or 3 of 10 firms hold 24 to 26 percent: equality is impossible, the nearest are 2 with 24 and 3 with 26
        found = bounds_from_share((0.19, 0.31), (0.24, 0.26), n=10)
        at = [s * math.log(s / f) + (1 - s) * math.log((1 - s) / (1 - f)) for f, s in ((0.2, 0.24), (0.3, 0.26))]
        assert near(found["theil_t_between"].low, min(at), EXACT)
        assert near(found["theil_t"].low, min(at), EXACT)
        assert near(found["gini"].low, 0.04, EXACT)


SHARES = (0.02, 0.11, 0.3, 0.45, 0.5, 0.52, 0.77, 0.98, 1.0)
SIZES = (2, 3, 4, 5, 6, 7)


def oracle_ordered(n: int, counts: range, low: float, high: float, *, losses: bool = False) -> dict:
    """Exact range of every measure: maxima at vertices, minima at the two-group vectors on a grid of shares."""
    vectors, tops, least = [], [], []
    for n1, a, b, side in ordered_sets(n, counts, low, high):
        found = ordered_vertices(n, n1, a, b, side, losses=losses)
        assert len(found), (n, n1, a, b, side)
        vectors.append(found)
        tops.append(top_sum(found, n1))
        least += [two_groups(n, n1, s) for s in np.linspace(a, b, 5)]
    vectors, tops, least = np.concatenate(vectors), np.concatenate(tops), np.array(least)
    most, fewest = all_measures(vectors, losses=losses), all_measures(least, losses=losses)
    expected = {key: (fewest[key].min(), most[key].max()) for key in most}
    # Gini and the share of the largest are linear on the ascending cone: their minima are at vertices too.
    expected["gini"] = (most["gini"].min(), most["gini"].max())
    for k in (1, 4):
        largest = top_sum(vectors, min(k, n))
        expected[f"cr{k}"] = (largest.min(), largest.max())
    return expected | {"top_share": (tops.min(), tops.max())}


class TestVertices:
    """Exact search over all extreme populations of 2 to 7 firms."""

    @pytest.mark.parametrize("n", SIZES)
    def test_ordered_points(self, n):
        for n1 in range(1, n):
            for s in (*SHARES, n1 / n, n1 / n + 0.01 * (n - n1) / n, n1 / n * 0.99):
                found = bounds_from_share(n1 / n, s, n=n)
                compare(found, oracle_ordered(n, range(n1, n1 + 1), s, s), SOLVED, (n, n1, s))

    @pytest.mark.parametrize("n", (9, 12))
    def test_ordered_points_with_more_firms(self, n):
        for n1 in (1, 2, n // 2, n - 2, n - 1):
            for s in (n1 / n + 0.005, 0.4, 0.62, 0.95):
                found = bounds_from_share(n1 / n, s, n=n)
                compare(found, oracle_ordered(n, range(n1, n1 + 1), s, s), SOLVED, (n, n1, s))

    @pytest.mark.parametrize("n", SIZES)
    def test_ordered_points_with_losses(self, n):
        for n1 in range(1, n):
            for s in (-0.4, 0.0, 0.2, 0.6, 0.97, 1.0, 1.3):
                found = bounds_from_share(n1 / n, s, n=n, losses=True)
                compare(found, oracle_ordered(n, range(n1, n1 + 1), s, s, losses=True), SOLVED, (n, n1, s))

    @pytest.mark.parametrize("losses", (False, True))
    def test_ordered_boxes(self, losses):
        rng = np.random.default_rng(20260101)
        for _ in range(120):
            n = int(rng.integers(2, 7))
            first = int(rng.integers(1, n))
            last = int(rng.integers(first, n))
            low, high = np.sort(rng.uniform(-0.5, 1.6, 2) if losses else rng.random(2))
            f = ((first - 0.3) / n, (last + 0.3) / n)
            found = bounds_from_share(f, (low, high), n=n, losses=losses)
            expected = oracle_ordered(n, range(first, last + 1), low, high, losses=losses)
            compare(found, expected, SOLVED, (n, first, last, low, high, losses))

    @pytest.mark.parametrize(
        ("n", "first", "last", "low", "high"),
        [
            (10, 3, 3, 0.2, 0.31),  # the one possible f lies inside the share
            (10, 3, 3, 0.3, 0.4),
            (10, 3, 3, 0.2, 0.3),
            (10, 2, 4, 0.25, 0.35),
            (10, 2, 3, 0.24, 0.26),  # between two whole numbers of firms
            (6, 1, 5, 0.01, 0.99),
            (2, 1, 1, 0.4, 0.7),
            (5, 1, 4, 0.5, 0.5),
        ],
    )
    def test_boxes_across_equality(self, n, first, last, low, high):
        found = bounds_from_share(((first - 0.2) / n, (last + 0.2) / n), (low, high), n=n)
        expected = oracle_ordered(n, range(first, last + 1), low, high)
        compare(found, expected, SOLVED, (n, first, last, low, high))

    @pytest.mark.parametrize("losses", (False, True))
    def test_no_mixture_is_outside(self, losses):
        """Interior points as well, so the minima are not taken on trust from the two-group vectors."""
        rng = np.random.default_rng(20260102)
        for _ in range(30):
            n = int(rng.integers(3, 8))
            n1 = int(rng.integers(1, n))
            low, high = np.sort(rng.uniform(-0.2, 1.3, 2) if losses else rng.random(2))
            found = bounds_from_share(n1 / n, (low, high), n=n, losses=losses)
            for _, a, b, side in ordered_sets(n, range(n1, n1 + 1), low, high):
                corners = ordered_vertices(n, n1, a, b, side, losses=losses)
                mixed = rng.dirichlet(np.full(len(corners), 0.3), 200) @ corners
                for key, values in (all_measures(mixed, losses=losses) | {"top_share": top_sum(mixed, n1)}).items():
                    assert found[key].low - INSIDE <= values.min(), (key, n, n1, low, high)
                    assert values.max() <= found[key].high + INSIDE, (key, n, n1, low, high)

    def test_unordered_boxes(self):
        """Vertices of a group and a rest without order: one firm of each holds all of its side's total."""
        rng = np.random.default_rng(20260103)
        for trial in range(100):
            n = int(rng.integers(2, 8))
            first = int(rng.integers(1, n))
            last = first if trial % 2 else int(rng.integers(first, n))
            low, high = np.sort(rng.random(2)) if trial % 3 else np.repeat(rng.random(), 2)
            found = bounds_from_share(((first - 0.3) / n, (last + 0.3) / n), (low, high), n=n, ordered=False)
            vectors, tops, least = [], [], []
            for n1 in range(first, last + 1):
                for s in np.linspace(low, high, 7):
                    x = np.zeros(n)
                    x[0], x[n1] = s, 1 - s
                    vectors.append(x)
                    tops.append(top_sum(x, n1))
                for s in (*np.linspace(low, high, 7), min(max(n1 / n, low), high)):
                    least.append(two_groups(n, n1, s))
            most, fewest = all_measures(np.array(vectors)), all_measures(np.array(least))
            for key, values in most.items():
                expected = (fewest[key].min(), values.max())
                compare(found, {key: expected}, SOLVED, (n, first, last, low, high))
            for k in (1, 4):
                largest = top_sum(np.array(vectors), min(k, n))
                least_largest = top_sum(np.array(least), min(k, n))
                expected = (least_largest.min(), largest.max())
                compare(found, {f"cr{k}": expected}, SOLVED, (n, first, last, low, high))
            assert near(found["top_share"].high, max(tops), SOLVED), (n, first, last, low, high)
            if trial % 5 == 0:
                programs = [least_unordered(n, n1, low, high, k=n1) for n1 in range(first, last + 1)]
                assert near(found["gini"].low, min(gini for gini, _ in programs), SOLVED)
                assert near(found["top_share"].low, min(top for _, top in programs), SOLVED)
                largest = [least_unordered(n, n1, low, high, k=1)[1] for n1 in range(first, last + 1)]
                assert near(found["cr1"].low, min(largest), SOLVED)

    def test_unordered_random_groups_are_inside(self):
        rng = np.random.default_rng(20260104)
        for _ in range(60):
            n = int(rng.integers(2, 9))
            n1 = int(rng.integers(1, n))
            s = rng.random()
            found = bounds_from_share(n1 / n, s, n=n, ordered=False)
            alpha = rng.uniform(0.1, 3)
            x = np.hstack([s * rng.dirichlet([alpha] * n1, 100), (1 - s) * rng.dirichlet([alpha] * (n - n1), 100)])
            for key, values in (all_measures(x) | {"top_share": top_sum(x, n1)}).items():
                assert found[key].low - INSIDE <= values.min(), (key, n, n1, s)
                assert values.max() <= found[key].high + INSIDE, (key, n, n1, s)


class TestLinearPrograms:
    """Gini, top shares and each gap p - L(p) are linear on ascending vectors: one program each."""

    @pytest.mark.parametrize("losses", (False, True))
    @pytest.mark.parametrize(("n", "n1"), [(8, 1), (20, 5), (20, 13), (41, 40), (40, 10)])
    def test_gini(self, n, n1, losses):
        for s in (n1 / n + 0.002, 0.35, 0.6169, 0.9, 1.0) + ((-0.3, 1.25) if losses else ()):
            side = "top" if s >= n1 / n else "bottom"
            low, high = cone_program(n, n1, s, s, side, gini_cost(n), losses=losses)
            compare(bounds_from_share(n1 / n, s, n=n, losses=losses), {"gini": (low, high)}, SOLVED, (n, n1, s))

    def test_gini_of_a_box(self):
        n, low, high = 30, 0.28, 0.47
        pieces = ordered_sets(n, range(8, 12), low, high)
        found = [cone_program(n, n1, a, b, side, gini_cost(n)) for n1, a, b, side in pieces]
        expected = (min(each[0] for each in found), max(each[1] for each in found))
        compare(bounds_from_share((0.255, 0.38), (low, high), n=n), {"gini": expected}, SOLVED, "box")

    @pytest.mark.parametrize("losses", (False, True))
    @pytest.mark.parametrize(("n", "n1"), [(9, 1), (14, 4), (14, 11)])
    def test_hoover_is_the_largest_gap(self, n, n1, losses):
        for s in (n1 / n + 0.01, 0.4, 0.7, 0.99):
            side = "top" if s >= n1 / n else "bottom"
            gaps = [cone_program(n, n1, s, s, side, top_cost(n, k), losses=losses)[1] - k / n for k in range(1, n)]
            high = bounds_from_share(n1 / n, s, n=n, losses=losses)["hoover"].high
            assert near(high, max(gaps), SOLVED), (n, n1, s)

    @pytest.mark.parametrize("losses", (False, True))
    @pytest.mark.parametrize(
        ("n1", "s"), [(15, 0.6169), (15, 0.26), (15, 0.1), (40, 0.75), (40, 0.3), (1, 0.5), (59, 0.995)]
    )
    def test_top_share_at_every_whole_firm(self, n1, s, losses):
        n = 60
        side = "top" if s >= n1 / n else "bottom"
        for k in (1, 2, 7, 15, 16, 30, 40, 45, 58, 59):
            expected = cone_program(n, n1, s, s, side, top_cost(n, k), losses=losses)
            found = top_share(k / n, n1 / n, s, losses=losses)
            assert near(found.low, expected[0], SOLVED), (k, found, expected)
            assert near(found.high, expected[1], SOLVED), (k, found, expected)

    @pytest.mark.parametrize("losses", (False, True))
    def test_top_share_of_a_box(self, losses):
        rng = np.random.default_rng(20260105)
        for _ in range(25):
            n = 20
            first = int(rng.integers(1, n))
            last = min(n - 1, first + int(rng.integers(0, 4)))
            low, high = np.sort(rng.uniform(-0.4, 1.5, 2) if losses else rng.random(2))
            k = int(rng.integers(1, n))
            pieces = list(ordered_sets(n, range(first, last + 1), low, high))
            found = [cone_program(n, n1, a, b, side, top_cost(n, k), losses=losses) for n1, a, b, side in pieces]
            bound = top_share(k / n, (first / n, last / n), (low, high), losses=losses)
            # The box holds every f between the whole firms: the bound is outside, and equal where it is at an end.
            assert bound.low <= min(each[0] for each in found) + SOLVED
            assert bound.high >= max(each[1] for each in found) - SOLVED
            if low > last / n:
                assert near(bound.high, max(each[1] for each in found), SOLVED), (first, last, low, high, k)
                assert near(bound.low, min(each[0] for each in found), SOLVED), (first, last, low, high, k)


class TestUnknownNumber:
    PAIRS = (
        (0.25, 0.6169),
        (0.1, 0.3),
        (0.6, 0.9),
        (0.05, 0.06),
        (0.5, 0.5),
        (0.4, 0.1),
        (0.9, 0.2),
        (0.2, 1.0),
        (0.7, 0.0),
    )

    @pytest.mark.parametrize(("f", "s"), PAIRS)
    @pytest.mark.parametrize("ordered", (True, False))
    def test_never_below_a_finite_number(self, f, s, ordered):
        for losses in (False, True):
            unknown = bounds_from_share(f, s, ordered=ordered, losses=losses)
            for n in (20, 40, 60, 100, 740, 2000):
                known = bounds_from_share(f, s, n=n, ordered=ordered, losses=losses)
                for key, bound in unknown.items():
                    assert known[key].high <= bound.high + EXACT, (key, n)
                    # what counts firms comes as close to nothing as one likes
                    low = 0.0 if key in COUNTED else known[key].low
                    assert near(low, bound.low, 1e-9), (key, n)

    @pytest.mark.parametrize(("f", "s"), PAIRS)
    def test_is_the_limit(self, f, s):
        n = 40_000
        for losses in (False, True):
            unknown, known = (bounds_from_share(f, s, n=size, losses=losses) for size in (None, n))
            for key in ("gini", "hoover", "top_share"):
                assert unknown[key].high - known[key].high <= 20 / n, key
        if 0 < abs(s - f) < 0.02:
            return  # the one large firm outweighs the zeros only beyond some 1e8 firms
        for key in ("theil_t", "hhi_times_n"):
            few, many = (bounds_from_share(f, s, n=size)[key].high for size in (2000, n))
            assert (many > few + 0.01) == (bounds_from_share(f, s)[key].high == math.inf), key

    def test_unordered_limit(self):
        known = bounds_from_share(0.25, 0.6, n=200_000, ordered=False)
        assert 1 - known["gini"].high < 1e-4
        assert 1 - known["hoover"].high < 1e-4

    def test_a_range_of_sizes_is_the_union(self):
        sizes = range(66, 72)
        each = []
        for n in sizes:
            try:
                each.append(bounds_from_share((0.245, 0.255), (0.6, 0.65), n=n))
            except InputError:
                assert not any(0.245 <= k / n <= 0.255 for k in range(n))
        together = bounds_from_share((0.245, 0.255), (0.6, 0.65), n=(66, 71))
        assert len(each) > 1
        expected = {key: (min(b[key].low for b in each), max(b[key].high for b in each)) for key in together}
        compare(together, expected, EXACT, "66 to 71")

    def test_many_firms_in_chunks(self):
        # above CHUNK borders: 1 - 4 f (1 - s) - (2 s - 1) / N again, by hand
        n = 400_000
        high = bounds_from_share(0.25, 0.6, n=n)["gini"].high
        assert near(high, 1 - 0.4 - 0.2 / n, EXACT)


def truth(x: np.ndarray, n1: int, f: float, s: float, *, losses: bool) -> dict[str, float]:
    found = {key: float(values[0]) for key, values in all_measures(x, losses=losses).items()}
    if not losses:
        found["theil_l"] = math.inf if (x == 0).any() else float(MEASURES["theil_l"](x, zero=0.0))
    found |= {f"cr{k}": float(top_sum(x, min(k, len(x)))) for k in (1, 4)}
    return found | {"top_share": float(top_sum(x, n1)), "share_ratio": s / f}


class TestRecovery:
    """Hide a population behind two rounded shares: its own measures must be inside the bounds."""

    @pytest.mark.parametrize("group", ("top", "bottom", "random"))
    @pytest.mark.parametrize("kind", (*KINDS, "losses"))
    def test_truth_is_inside(self, kind, group):
        rng = np.random.default_rng([20260106, (*KINDS, "losses").index(kind), len(group)])
        losses = kind == "losses"
        for trial in range(30):
            x = np.sort(draw(rng, kind))
            n = len(x)
            n1 = int(rng.integers(1, n))
            if group == "random":
                rng.shuffle(x)
            held = x[:n1] if group == "bottom" else x[n - n1 :]
            f, s = n1 / n, held.sum() / x.sum()
            decimals = int(rng.integers(1, 6))
            shares = printed_share(f, decimals), printed_share(s, decimals, clip=not losses)
            true = truth(x, n1, f, s, losses=losses)
            size = (None, n, (max(2, n - 3), n + 2))[trial % 3]
            for ordered in (False,) if group == "random" else (True, False):
                found = bounds_from_share(*shares, n=size, ordered=ordered, losses=losses)
                assert ("hhi" in found) == (size is not None or not losses)
                assert {"cr1", "cr4"} < set(found)
                for key, bound in found.items():
                    assert bound.low <= bound.high, (key, bound)
                    if key in true:
                        context = (key, bound, true[key], shares, size, ordered)
                        assert bound.low <= true[key] + INSIDE * max(1, abs(bound.low)), context
                        assert true[key] <= bound.high + INSIDE * max(1, abs(bound.high)), context
                if losses:
                    assert not {"theil_t", "theil_l"} & set(found)

    @pytest.mark.parametrize("kind", (*KINDS, "losses"))
    def test_lorenz_curve_is_inside(self, kind):
        rng = np.random.default_rng([20260107, (*KINDS, "losses").index(kind)])
        losses = kind == "losses"
        for trial in range(25):
            x = np.sort(draw(rng, kind))
            n = len(x)
            n1 = int(rng.integers(1, n))
            lorenz = np.concatenate([[0], x.cumsum() / x.sum()])
            decimals = int(rng.integers(1, 5))
            ordered = trial % 2 == 0
            held = x[n - n1 :] if ordered else rng.permutation(x)[:n1]
            s = printed_share(held.sum() / x.sum(), decimals, clip=not losses)
            for q in (0.0, 1.0, *rng.random(8), *(rng.integers(1, n, 4) / n)):
                true = 1 - np.interp(1 - q, np.arange(n + 1) / n, lorenz)
                low, high = top_share(q, printed_share(n1 / n, decimals), s, ordered=ordered, losses=losses)
                assert low - INSIDE <= true <= high + INSIDE, (q, low, true, high, ordered)

    def test_whole_and_none(self):
        for ordered in (True, False):
            for losses in (True, False):
                assert top_share(0.0, 0.25, 0.6, ordered=ordered, losses=losses) == (0, 0)
                assert top_share(1.0, 0.25, 0.6, ordered=ordered, losses=losses) == (1, 1)


class TestBoxes:
    @pytest.mark.parametrize("ordered", (True, False))
    @pytest.mark.parametrize("losses", (True, False))
    def test_wider_input_gives_wider_output(self, ordered, losses):
        rng = np.random.default_rng(20260108)
        for trial in range(80):
            a, b, c, d = np.sort(rng.random(4))
            inner_f, outer_f = (b, c), (a, d)
            a, b, c, d = np.sort(rng.uniform(-0.4, 1.5, 4) if losses else rng.random(4))
            inner_s, outer_s = (b, c), (a, d)
            n = None if trial % 2 else 30
            try:
                inner = bounds_from_share(inner_f, inner_s, n=n, ordered=ordered, losses=losses)
            except InputError:
                continue  # no whole number of 30 firms fits the narrow share
            outer = bounds_from_share(outer_f, outer_s, n=n, ordered=ordered, losses=losses)
            for key in outer:
                assert outer[key].low <= inner[key].low + EXACT, (key, inner_f, outer_f, inner_s, outer_s, n)
                assert inner[key].high <= outer[key].high + EXACT, (key, inner_f, outer_f, inner_s, outer_s, n)
            for q in (0.1, 0.5, 0.9):
                narrow = top_share(q, inner_f, inner_s, ordered=ordered, losses=losses)
                wide = top_share(q, outer_f, outer_s, ordered=ordered, losses=losses)
                assert wide.low <= narrow.low + EXACT
                assert narrow.high <= wide.high + EXACT

    @pytest.mark.parametrize("losses", (True, False))
    @pytest.mark.parametrize("ordered", (True, False))
    def test_box_is_the_union_of_its_points(self, ordered, losses):
        """With n unknown: every point is inside, and some point on a fine grid with the corners comes close."""
        rng = np.random.default_rng(20260109)
        for _ in range(7):
            f = np.sort(rng.uniform(0.02, 0.98, 2))
            s = np.sort(rng.uniform(-0.3, 1.4, 2) if losses else rng.random(2))
            box = bounds_from_share(tuple(f), tuple(s), ordered=ordered, losses=losses)
            points = [
                bounds_from_share(a, b, ordered=ordered, losses=losses)
                for a in (*np.linspace(*f, 17), *np.clip(s, *f))
                for b in {*np.linspace(*s, 17), a if s[0] <= a <= s[1] else s[0]}
            ]
            for key, bound in box.items():
                if key in COUNTED:
                    continue  # a share of firms given as a point allows a whole number of very many firms only
                low, high = min(p[key].low for p in points), max(p[key].high for p in points)
                assert bound.low <= low + EXACT, (key, f, s)
                assert high <= bound.high + EXACT, (key, f, s)
                assert high == bound.high or near(high, bound.high, 1e-9), (key, f, s)
                assert near(low, bound.low, 2e-2 if key == "hhi_times_n" else 1e-9), (key, f, s, low, bound.low)

    def test_exchange_of_groups(self):
        for n in (None, 20):
            for f, s in (((0.25, 0.35), (0.5, 0.6)), (0.3, 0.55), ((0.2, 0.4), (0.3, 0.35))):
                ff, ss = ((f, f) if isinstance(f, float) else f), ((s, s) if isinstance(s, float) else s)
                here = bounds_from_share(f, s, n=n)
                there = bounds_from_share((1 - ff[1], 1 - ff[0]), (1 - ss[1], 1 - ss[0]), n=n)
                for key in here.keys() - {"share_ratio", "top_share"}:
                    compare(here, {key: there[key]}, 1e-9, (n, f, s))

    def test_low_is_never_above_high(self):
        """Where the data fix a measure, rounding may not turn its ends round."""
        for n in range(2, 13):
            for n1 in range(1, n):
                for losses in (False, True):
                    for s in (n1 / n, (n1 + 1e-9) / n, 1.0):
                        found = bounds_from_share(n1 / n, s, n=n, losses=losses)
                        assert all(low <= high for low, high in found.values()), (n, n1, s, found)

    def test_shares_that_can_be_nothing(self):
        found = bounds_from_share((0.0, 0.3), (0.1, 0.2))
        assert found["share_ratio"] == (pytest.approx(1 / 3), math.inf)
        assert found["gini"] == (0, 1)
        assert found["theil_t_between"].high == math.inf
        assert bounds_from_share((0.5, 1.0), 0.0)["gini"] == (0.5, 1.0)


def fewest_largest(n: int, n1: int, s: float) -> tuple[np.ndarray, ...]:
    """Where n1 of n firms have s and are the largest: at each border t, the firms below at t, what is left, the top."""
    n0, below = n - n1, 1 - s
    highest, lowest = s / n1, below / n0
    steps = below / np.arange(1, n0 + 1)
    border = np.concatenate([[highest], steps[(steps <= highest * (1 + 1e-12)) & (steps >= lowest)]])
    border = border[border > 0] if below > 0 else np.array([highest, 0.0])
    standing = np.where(border > 0, np.minimum(n0, np.floor(below / np.where(border > 0, border, 1) + 1e-9)), n0)
    return border, standing, below - standing * border, s - (n1 - 1) * border


def counted(n: int, n1: int, s: float, ks: tuple[int, ...]) -> dict[str, float]:
    """Most the k largest of n firms can have, and the largest sum of squares, over all borders."""
    border, standing, left, top = fewest_largest(n, n1, s)
    found = {"hhi": ((standing + n1 - 1) * border**2 + left**2 + top**2).max()}
    for k in ks:
        at_border = np.minimum(k - 1, n1 - 1 + standing)
        found[f"cr{k}"] = (top + at_border * border + np.where(k - 1 > n1 - 1 + standing, left, 0)).max()
    return found


def over_numbers(f: tuple[float, float], s: tuple[float, float], most: int, ks: tuple[int, ...]) -> dict[str, float]:
    """The same over every number of firms up to `most` that has a whole number in the interval of `f`."""
    best: dict[str, float] = {}
    for n in range(2, most + 1):
        for n1 in range(1, n):
            if not f[0] - 1e-14 <= n1 / n <= f[1] + 1e-14:
                continue
            for group, share, possible in ((n1, s[1], s[1] >= n1 / n), (n - n1, 1 - s[0], s[0] <= n1 / n)):
                if possible:
                    for key, value in counted(n, group, share, ks).items():
                        best[key] = max(best.get(key, 0.0), value)
    return best


class TestCountedFirms:
    """Shares of the k largest and HHI: number of firms known, by programs and vertices, and over all numbers."""

    @pytest.mark.parametrize("losses", (False, True))
    @pytest.mark.parametrize(("n", "n1"), [(2, 1), (8, 1), (20, 5), (20, 13), (41, 40), (40, 10)])
    def test_largest_are_linear_programs(self, n, n1, losses):
        ks = sorted({1, 2, 4, n1, n1 + 1, n - 1})
        for s in (n1 / n + 0.002, n1 / n, 0.2, 0.6169, 0.97, 1.0) + ((-0.3, 1.25) if losses else ()):
            side = "top" if s >= n1 / n else "bottom"
            found = bounds_from_share(n1 / n, s, n=n, losses=losses, k=[*ks, n, n + 7])
            for k in ks:
                if k < n:
                    expected = cone_program(n, n1, s, s, side, top_cost(n, k), losses=losses)
                    compare(found, {f"cr{k}": expected}, SOLVED, (n, n1, s, k))
            assert found[f"cr{n}"] == found[f"cr{n + 7}"] == (1, 1)

    @pytest.mark.parametrize("losses", (False, True))
    def test_largest_in_a_box_are_linear_programs(self, losses):
        rng = np.random.default_rng(20260110)
        for _ in range(40):
            n = int(rng.integers(3, 25))
            first = int(rng.integers(1, n))
            last = min(n - 1, first + int(rng.integers(0, 4)))
            low, high = np.sort(rng.uniform(-0.4, 1.5, 2) if losses else rng.random(2))
            k = int(rng.integers(1, n))
            pieces = ordered_sets(n, range(first, last + 1), low, high)
            programs = [cone_program(n, n1, a, b, side, top_cost(n, k), losses=losses) for n1, a, b, side in pieces]
            expected = (min(each[0] for each in programs), max(each[1] for each in programs))
            f = ((first - 0.3) / n, (last + 0.3) / n)
            found = bounds_from_share(f, (low, high), n=n, losses=losses, k=(k,))
            compare(found, {f"cr{k}": expected}, SOLVED, (n, first, last, low, high, k))

    def test_unordered(self):
        for n in (3, 8, 50):
            for s in (0.1, 0.5, 0.8):
                found = bounds_from_share(1 / n, s, n=n, ordered=False, k=(1, 2, n))
                highs = [found[f"cr{k}"].high for k in (1, 2, n)]
                assert highs == pytest.approx([max(s, 1 - s), 1, 1], abs=EXACT)
                free = bounds_from_share(1 / n, s, n=n, ordered=False, losses=True, k=(1, n - 1, n))
                assert [free[f"cr{k}"].high for k in (1, n - 1, n)] == [math.inf, math.inf, 1]
        found = bounds_from_share((0.2, 0.3), (0.4, 0.7), ordered=False, k=(1, 2))
        compare(found, {"cr1": (0, 0.7), "cr2": (0, 1), "hhi": (0, 0.58)}, EXACT, "n unknown")
        assert bounds_from_share((0.2, 0.3), 0.4, ordered=False, losses=True)["cr4"] == (0, math.inf)

    def test_borders_are_the_vertices(self):
        """The reference used below, and the sum of squares with n known, against every extreme population."""
        for n in range(2, 8):
            for n1 in range(1, n):
                for s in (n1 / n, n1 / n + 0.01 * (n - n1) / n, 0.45, 0.62, 0.77, 0.9, 1.0):
                    if s < n1 / n:
                        continue
                    vectors = ordered_vertices(n, n1, s, s, "top")
                    expected = {f"cr{k}": top_sum(vectors, min(k, n)).max() for k in (1, 2, 4)}
                    expected["hhi"] = MEASURES["hhi"](vectors).max()
                    for key, value in counted(n, n1, s, (1, 2, 4)).items():
                        assert near(value, expected[key], SOLVED), (n, n1, s, key)

    def test_squares_are_largest_at_an_end(self):
        """With n known only the highest and lowest border are looked at: the reference looks at all."""
        rng = np.random.default_rng(20260111)
        for _ in range(400):
            n = int(rng.integers(8, 200))
            n1 = int(rng.integers(1, n))
            s = n1 / n + (1 - n1 / n) * rng.random() ** rng.integers(1, 5)
            expected = counted(n, n1, s, (1, 4))
            found = bounds_from_share(n1 / n, s, n=n)
            for key, value in expected.items():
                assert near(found[key].high, value, 1e-11), (n, n1, s, key)

    @pytest.mark.parametrize(
        ("printed", "numbers"),
        [
            ((0.25365, 0.25375), 700),  # 17 of 67
            ((0.7462, 0.7463), 700),
            ((0.105, 0.115), 300),
            ((0.3335, 0.3345), 900),
            ((0.50005, 0.50015), 4100),  # 1667 of 3333, one more than half
            ((0.0195, 0.0205), 700),
            ((0.955, 0.965), 700),
            ((0.25, 0.25), 100),
            ((0.6, 0.6), 100),
            ((0.15, 0.4), 60),
            ((0.0, 0.05), 200),
            ((0.0, 1.0), 40),
            ((0.9, 1.0), 60),
        ],
    )
    def test_over_all_numbers_of_firms(self, printed, numbers):
        ks = (1, 2, 4, 11)
        middle = sum(printed) / 2
        shares = [(0.6169, 0.6169), (0.3, 0.32), (middle, middle), (0.93, 0.97), (0.0, 0.1), (1.0, 1.0)]
        if numbers > 1000:
            shares = shares[:2]
        shares += [(middle + 0.004, middle + 0.006)] if middle < 0.9 else []
        for s in shares:
            found = bounds_from_share(printed, s, k=ks)
            expected = over_numbers(printed, s, numbers, ks)
            for key, value in expected.items():
                assert found[key].low == 0
                assert near(found[key].high, value, 1e-11), (printed, s, key, found[key], value)
                assert found[key].most.n <= numbers

    def test_above_scale_firms(self):
        # 17 of 67 have 61.69 %: fifty firms at 0.3831/50, so do sixteen of the group; no other number gives more
        found = bounds_from_share((0.25365, 0.25375), 0.6169)
        border = 0.3831 / 50
        top = 0.6169 - 16 * border
        expected = {"cr1": (0, top), "cr4": (0, top + 3 * border), "hhi": (0, top**2 + 66 * border**2)}
        compare(found, expected, EXACT, "67 firms")
        assert found["hhi"].most == Population.of([border, top], [66, 1])

    def test_many_firms_only(self):
        # 25.37 % exactly is 2537 of 10,000 firms, and not a part of fewer
        high = bounds_from_share(0.2537, 0.6169)["cr1"].high
        assert near(high, 1 - 0.9999 * 0.3831 / 0.7463, EXACT)
        # no number of firms gives this share: the limit (s - f) / (1 - f) for many
        f = math.sqrt(0.5)
        found = bounds_from_share(f, 0.9)
        limit = (0.9 - f) / (1 - f)
        assert near(found["cr1"].high, limit, 1e-6)
        assert near(found["cr4"].high, limit, 1e-6)
        assert near(found["hhi"].high, limit**2, 1e-6)
        assert found["hhi"].high > limit**2
        few = over_numbers((f, f), (0.9, 0.9), 300, (1, 4))
        assert few == {}

    def test_one_firm_may_be_the_group(self):
        # f may be next to nothing: one firm has 0.3, and so have two others, the fourth has a tenth
        found = bounds_from_share((0, 0.3), 0.3, k=(1, 3, 4))
        compare(found, {"cr1": (0, 0.3), "cr3": (0, 0.9), "cr4": (0, 1), "hhi": (0, 0.28)}, EXACT, "one firm")

    def test_corners(self):
        """The first is the fewest firms; one of them has the least (a - k) / b and the most convex function."""
        rng = np.random.default_rng(20260112)
        for trial in range(150):
            low = rng.random() ** (1 + trial % 3)
            high = min(1.0, low + 10.0 ** -rng.uniform(0.5, 3))
            n = np.arange(2, 4001)
            a = np.maximum(1, np.ceil(low * n))
            fits = (a <= high * n) & (a < n)
            assert fits.any()
            pairs = np.stack([a, n - a])[:, fits]
            corners = list(whole_number_corners(low, high))
            assert corners[0] == tuple(pairs[:, 0]), (low, high)
            assert corners[0][0] == pairs[0].min() and corners[0][1] == pairs[1].min()
            assert all(x >= 1 and y >= 1 and low - 1e-14 <= x / (x + y) <= high + 1e-14 for x, y in corners)
            for k in (1, 2, 5, 30):
                least = ((pairs[0] - k) / pairs[1]).min()
                found = min((x - k) / y for x, y in corners)
                assert found <= least + EXACT * max(1, abs(least)), (low, high, k)
                reached = [(x - k) / y for x, y in corners if x + y <= 4000]
                assert near(min(reached), least, EXACT) or found < least, (low, high, k)

    def test_losses_over_all_numbers_of_firms(self):
        """The largest of each number of firms by linear programs; the bound is reached or, for many firms, near."""
        for f, s in (((0.3, 0.4), 0.6), ((0.26, 0.3), 0.5), ((0.5, 0.5), 0.8), ((0.3, 0.4), 0.2), ((0.6, 0.7), 0.9)):
            found = bounds_from_share(f, s, losses=True, k=(1, 2, 4))
            for k in (1, 2, 4):
                best = 1.0 if any(f[0] <= n1 / n <= f[1] for n in range(2, k + 1) for n1 in range(1, n)) else 0.0
                for n in range(k + 1, 26):
                    for n1 in range(1, n):
                        if f[0] - 1e-14 <= n1 / n <= f[1] + 1e-14:
                            for _, a, b, side in ordered_sets(n, range(n1, n1 + 1), s, s):
                                best = max(best, cone_program(n, n1, a, b, side, top_cost(n, k), losses=True)[1])
                assert near(found[f"cr{k}"].high, best, SOLVED), (f, s, k)
        # the group has 1.2 of the total; one of many firms has what the rest lacks: 1 + 0.2 / (1 - f), f = 0.4
        beyond = bounds_from_share((0.3, 0.4), 1.2, losses=True, k=(1, 4))
        assert near(beyond["cr1"].high, 1 + 0.2 / 0.6, EXACT)
        assert beyond["cr1"].most is None
        # a group of two of five firms (one apart) has four times 0.6: k = 4 firms at 0.6, one firm with a loss
        assert near(beyond["cr4"].high, 4 * 0.6, EXACT)
        below = bounds_from_share((0.6, 0.7), -0.2, losses=True, k=(1, 4))
        compare(below, {key: beyond[key] for key in ("cr1", "cr4")}, EXACT, "the other group")
        known = [cone_program(n, n1, 1.2, 1.2, "top", top_cost(n, 1), losses=True)[1] for n, n1 in ((40, 16), (80, 32))]
        assert known[0] < known[1] < beyond["cr1"].high < known[1] + 0.01


def holds(population: Population, f: tuple[float, float], s: tuple[float, float], *, ordered: bool, n: bool) -> bool:
    """Whether some group with a share of firms in f and of the total in s can be picked out of the population."""
    values, counts = np.array(population.values), np.array(population.counts)
    corners = np.array(population.lorenz)
    firms = counts.sum()
    if n:
        numbers = np.arange(1, round(firms))
        parts = numbers[(numbers / firms >= f[0] - 1e-9) & (numbers / firms <= f[1] + 1e-9)] / firms
    else:
        # the group's share is at an end, at a corner of the Lorenz curve, or equal to its value share
        parts = np.clip([*np.linspace(*f, 21), *corners[:, 0], *(1 - corners[:, 0]), *s], *f)
    bottom = np.interp(parts, *corners.T)
    top = 1 - np.interp(1 - parts, *corners.T)
    if ordered:
        return any(((side >= s[0] - INSIDE) & (side <= s[1] + INSIDE)).any() for side in (top, bottom))
    if not n:
        return bool(((bottom <= s[1] + INSIDE) & (top >= s[0] - INSIDE)).any())
    taken = np.stack(np.meshgrid(*(np.arange(c + 1) for c in counts)), -1).reshape(-1, len(counts))
    held = taken @ values / (counts @ values)
    inside = (held >= s[0] - INSIDE) & (held <= s[1] + INSIDE)
    return bool(np.isclose(taken[inside].sum(-1)[:, None] / firms, parts, atol=1e-9).any())


class TestPopulations:
    """What is shown at an end agrees with the two shares and has the measure it is shown for."""

    @pytest.mark.parametrize("known", (True, False))
    @pytest.mark.parametrize("ordered", (True, False))
    @pytest.mark.parametrize("losses", (True, False))
    def test_ends_are_reached(self, ordered, losses, known):
        rng = np.random.default_rng(20260113)
        seen = {"least": set(), "most": set()}
        for trial in range(150):
            n = int(rng.integers(2, 13))
            first = int(rng.integers(1, n))
            last = first if trial % 2 else int(rng.integers(first, n))
            f = (first / n, last / n)
            s = np.sort(rng.uniform(-0.3, 1.4, 2) if losses else rng.random(2)) if trial % 3 else rng.random(1)
            s = (first / n,) * 2 if trial % 25 == 0 else (float(s[0]), float(s[-1]))
            found = bounds_from_share(f, s, n=n if known else None, ordered=ordered, losses=losses, k=(1, 2, 4))
            for key, bound in found.items():
                assert isinstance(bound, Bound) and bound.sharp
                for name, population, end in (("least", bound.least, bound.low), ("most", bound.most, bound.high)):
                    if population is None:
                        continue
                    seen[name].add(key)
                    firms = known or key in COUNTED or key == "cr2"
                    context = (key, name, f, s, n, population, end)
                    if firms:
                        assert near(population.total, 1, INSIDE), context
                        assert all(count == round(count) for count in population.counts), context
                    else:
                        assert near(population.n, 1, INSIDE) and near(population.total, 1, INSIDE), context
                    if known:
                        assert population.n == n, context
                    assert holds(population, f, s, ordered=ordered, n=firms), context
                    x, w = population.values, population.counts
                    if key.startswith("cr"):
                        value = inequality.cr(x, min(int(key[2:]), population.n), w)
                    elif key == "hhi_times_n":
                        value = inequality.hhi(x, w) * population.n if firms else squares(population)
                    elif key in ("top_share", "share_ratio") or "between" in key:
                        continue
                    else:
                        value = getattr(inequality, key)(x, w)
                    assert near(value, end, 1e-9), (*context, value)
        always = {"gini", "hoover", "hhi_times_n"} | (set() if losses else {"theil_t", "theil_l"})
        assert always < seen["least"]
        if known:
            free = losses and not ordered
            assert free or always | {"hhi", "cr1", "cr4", "top_share"} < seen["most"]
        elif ordered and not losses:
            assert {"gini", "hoover", "hhi", "cr1", "cr4", "top_share"} < seen["most"]

    def test_top_share_is_reached(self):
        rng = np.random.default_rng(20260114)
        for trial in range(200):
            n = int(rng.integers(2, 40))
            n1 = int(rng.integers(1, n))
            s = float(rng.random())
            for size in (n, None):
                for ordered in (True, False):
                    bound = bounds_from_share(n1 / n, s, n=size, ordered=ordered)["top_share"]
                    for population, end in ((bound.least, bound.low), (bound.most, bound.high)):
                        corners = np.array(population.lorenz)
                        assert near(1 - np.interp(1 - n1 / n, *corners.T), end, INSIDE), (trial, n, n1, s, size, end)

    def test_approached_only(self):
        found = bounds_from_share(0.1, 0.6)
        assert found["gini"].most is found["theil_t"].most is found["hhi"].least is None
        # with less than half, the border is the group's mean and firms stand there or at nothing: (s - f) / s
        assert bounds_from_share(0.1, 0.4)["gini"].most == Population.of([0.0, 4.0], [0.75, 0.25])
        assert bounds_from_share((0.0, 0.1), 0.4)["gini"].most is None

    def test_two_equal_groups(self):
        assert bounds_from_share(0.25, 0.5)["gini"].least == Population.of([2 / 3, 2], [0.75, 0.25])
        assert bounds_from_share(0.25, 0.5, n=8)["theil_t"].least == Population.of([0.5 / 6, 0.25], [6, 2])
        assert bounds_from_share(0.25, 0.25, n=8)["gini"].most == Population.of([0.125], [8])


def squares(population: Population) -> float:
    """Mean of the squared values over the square of the mean, firms as shares."""
    values, counts = np.array(population.values), np.array(population.counts)
    return float((counts * values**2).sum() * counts.sum() / (counts * values).sum() ** 2)


class TestManyClusters:
    """All rows at once give what one row gives alone."""

    @pytest.mark.parametrize("ordered", (True, False))
    @pytest.mark.parametrize("losses", (True, False))
    def test_rows_are_single_results(self, ordered, losses):
        rng = np.random.default_rng(20260115)
        m = 900
        f = np.sort(rng.random((m, 2)), axis=1)
        s = np.sort(rng.uniform(-0.4, 1.5, (m, 2)) if losses else rng.random((m, 2)), axis=1)
        f[:200, 1] = f[:200, 0]
        s[100:300, 1] = s[100:300, 0]
        s[300:350] = f[300:350]
        s[350:400, 0] = np.minimum(f[350:400, 1], s[350:400, 1])
        f[400:420, 0] = 0
        f[420:440, 1] = 1
        s[440:460] = 0
        s[460:480] = 1
        f[480:500], s[480:500] = [0, 1], [0, 1]
        f[500:560], s[500:560] = np.round(f[500:560], 1), np.round(s[500:560], 1)
        f[560:570], s[560:570] = 0.5, 0.5
        f[570:580], s[570:580] = [0, 0.3], 0
        f[580:590], s[580:590] = [0.6, 1], 1
        f[(f[:, 1] == 0) | (f[:, 0] == 1)] = 0.25
        found = bounds_from_shares(f, s, ordered=ordered, losses=losses)
        seen = set()
        for row in range(m):
            one = bounds_from_share(tuple(f[row]), tuple(s[row]), ordered=ordered, losses=losses)
            for key, ends in found.items():
                if key in one:
                    seen.add(key)
                    for at in (0, 1):
                        assert near(ends[row, at], one[key][at], EXACT), (key, f[row], s[row])
                else:
                    assert np.isnan(ends[row]).all(), (key, f[row], s[row])
        assert seen == set(found) == set(one) - {*COUNTED} | {"theil_t_between", "theil_l_between"}

    def test_points(self):
        f, s = [0.1, 0.25, 0.4], [0.5, 0.6169, 0.1]
        found = bounds_from_shares(f, s)
        pairs = bounds_from_shares(np.stack([f, f], axis=1), s)
        for key, ends in found.items():
            assert ends.shape == (3, 2)
            assert (ends == pairs[key]).all()
        # 1 - 4 f (1 - s), and (0.9 - 0.6) / 0.4 for the rest, by hand
        assert found["gini"][:, 1] == pytest.approx([0.8, 1 - 0.3831, 0.75], abs=EXACT)
        assert bounds_from_shares([], [])["gini"].shape == (0, 2)

    @pytest.mark.parametrize(
        ("f", "s", "words"),
        [
            ([0.1, 0.2, 25.37], [0.5] * 3, r"row 2: count_share: given 25\.37; .*0\.2537"),
            ([0.1, 0.2], [0.5, -0.1], r"row 1: value_share: given -0\.1.*losses=True"),
            ([0.1, 0.0], [0.5, 0.1], r"row 1: count_share: given 0;.*some of the firms"),
            ([0.1, math.nan], [0.5, 0.1], r"row 1: count_share: .*nan"),
            ([0.1, 0.1], [0.5, math.nan], r"row 1: value_share: .*nan"),
            ([[0.3, 0.2]], [0.5], r"row 0: count_share: given low 0\.3 above high 0\.2"),
            ([0.1, 0.2], [0.5], r"given 2 and 1 rows"),
            ([[0.1, 0.2, 0.3]], [0.5], r"count_share: allowed: .*shape \(m, 2\)"),
            (0.1, 0.5, r"count_share: allowed: .*shape \(m,\)"),
            ([0.1], ["half"], r"value_share: allowed: numbers"),
            ([0.1, 0.2], [0.5, [0.1, 0.2]], r"value_share: allowed: numbers"),
        ],
    )
    def test_refused_with_the_row(self, f, s, words):
        with pytest.raises(InputError, match=words):
            bounds_from_shares(f, s)

    def test_infinite_share(self):
        with pytest.raises(InputError, match=r"row 0: value_share: given inf; allowed: finite"):
            bounds_from_shares([0.1], [math.inf], losses=True)


class TestInput:
    @pytest.mark.parametrize(
        ("args", "more", "words"),
        [
            ((25.37, 0.6), {}, r"count_share: given 25\.37.*0\.2537"),
            ((0.25, 61.69), {}, r"value_share: given 61\.69.*between 0 and 1.*losses=True"),
            ((0.25, -0.1), {}, r"value_share: given -0\.1"),
            ((0.25, 1.01), {"n": 8}, r"value_share: given 1\.01"),
            ((0.0, 0.5), {}, r"count_share: given 0;.*some of the firms, not all"),
            ((1.0, 0.5), {}, r"count_share: given 1;.*some of the firms, not all"),
            ((1.2, 0.5), {"losses": True}, r"count_share: given 1\.2"),
            ((0.25, math.inf), {"losses": True}, r"value_share: given inf.*finite"),
            ((math.nan, 0.5), {}, r"count_share: .*nan"),
            ((0.25, (0.5, math.nan)), {}, r"value_share: .*nan"),
            (((0.3, 0.2), 0.5), {}, r"count_share: given low 0\.3 above high 0\.2"),
            ((0.25, (0.6, 0.5)), {}, r"value_share: given low 0\.6 above high 0\.5"),
            (((0.1, 0.2, 0.3, 0.4, 0.5), 0.5), {}, r"count_share: given \(0\.1.*pair"),
            ((0.25, ()), {}, r"value_share: given \(\)"),
            ((0.25, None), {}, r"value_share: given None"),
            ((0.25, "0.5"), {}, r"value_share: given '0\.5'"),
            (
                (0.2537, 0.6),
                {"n": 67},
                r"count_share, n: given 0\.2537 of n=67.*17/67 = 25\.3731%.*pair if it is rounded",
            ),
            (((0.25365, 0.25375), 0.6), {"n": 66}, r"whole number of firms"),
            (((0.2, 0.3), 0.6), {"n": (2, 3)}, r"whole number of firms"),
            ((0.5, 0.6), {"n": 1}, r"n: given 1; allowed: at least 2"),
            ((0.5, 0.6), {"n": 0}, r"at least 2"),
            ((0.5, 0.6), {"n": -4}, r"at least 2"),
            ((0.5, 0.6), {"n": True}, r"n: given True; allowed: a whole number"),
            ((0.5, 0.6), {"n": (2, True)}, r"n: given \(2, True\)"),
            ((0.5, 0.6), {"n": 10.0}, r"n: given 10\.0; allowed: a whole number"),
            ((0.5, 0.6), {"n": math.nan}, r"n: given nan"),
            ((0.5, 0.6), {"n": "10"}, r"n: given '10'"),
            ((0.5, 0.6), {"n": (20, 10)}, r"n: given \(20, 10\).*low <= high"),
            ((0.5, 0.6), {"n": (1, 2, 3, 4, 5)}, r"n: given \(1, 2, 3, 4, 5\).*pair"),
            ((0.5, 0.6), {"n": ()}, r"n: given \(\).*pair"),
            ((0.5, 0.6), {"k": (0,)}, r"k: given \(0,\); allowed: whole numbers of at least 1"),
            ((0.5, 0.6), {"k": (1, 4.0)}, r"k: given \(1, 4\.0\); allowed: whole numbers"),
            ((0.5, 0.6), {"k": (True,), "n": 8}, r"k: given \(True,\)"),
            ((0.5, 0.6), {"k": "4"}, r"k: given '4'"),
            ((0.5, 0.6), {"k": 4}, r"k: given 4; allowed"),
            ((0.5, 0.6), {"k": (math.nan,)}, r"k: given \(nan,\)"),
        ],
    )
    def test_refused_with_words(self, args, more, words):
        with pytest.raises(InputError, match=words):
            bounds_from_share(*args, **more)

    @pytest.mark.parametrize("q", (-0.01, 1.01, 10, math.nan))
    def test_top_share_range(self, q):
        with pytest.raises(InputError, match=r"q: given .*between 0 and 1"):
            top_share(q, 0.25, 0.6)

    def test_numpy_numbers_are_numbers(self):
        plain = bounds_from_share(0.25, 0.6, n=8)
        assert bounds_from_share(np.float64(0.25), np.float64(0.6), n=np.int64(8)) == plain

    def test_above_scale_needs_67_firms(self):
        # 25.37 % to two decimals: 17 of 67 is the first whole number of firms that rounds to it
        fits = [n for n in range(2, 80) if any(round(100 * k / n, 2) == 25.37 for k in range(1, n))]
        assert fits[0] == 67
        for n in range(2, 80):
            try:
                bounds_from_share((0.25365, 0.25375), 0.6, n=n)
            except InputError:
                assert n not in fits
            else:
                assert n in fits

    def test_named_measures(self):
        assert list(bounds_from_share(ABOVE_SCALE, 0.6169)) == [
            "share_ratio", "theil_t_between", "theil_l_between",
            "gini", "hoover", "hhi_times_n", "hhi", "top_share", "theil_t", "theil_l", "cr1", "cr4",
        ]  # fmt: skip
        assert list(bounds_from_share(0.25, 0.6, n=8, losses=True, k=(2, 20))) == [
            "share_ratio", "theil_t_between", "theil_l_between",
            "gini", "hoover", "hhi_times_n", "hhi", "top_share", "cr2", "cr20",
        ]  # fmt: skip
        assert "hhi" not in bounds_from_share(0.25, 0.6, losses=True)
        assert set(WITH_LOSSES) < set(bounds_from_share(0.25, 0.6, n=8, losses=True))
