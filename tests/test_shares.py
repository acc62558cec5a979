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
from clusterlib.measures.shares import bounds_from_share, top_share

#: Closed forms against closed forms: a few roundings of double precision.
EXACT = 1e-12
#: Against a solver or a solved vertex: HiGHS keeps constraints to 1e-7 but its vertices are basic solutions; 1e-8
#: leaves room for division by small pivots.
SOLVED = 1e-8
#: A true value may stand outside its bound by rounding of sums over some dozens of firms only; the printed interval
#: itself is computed in binary, with an error of 1e-16 that a factor 1/f or 1/(1-f) (at most some hundreds) enlarges.
INSIDE = 1e-10

ABOVE_SCALE = 0.2537


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
        compare(found, expected | {"top_share": (0.5, 0.5)}, EXACT, "quarter holds half")
        assert "hhi" not in found

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
            assert near(found["top_share"].high, max(tops), SOLVED), (n, first, last, low, high)
            if trial % 5 == 0:
                programs = [least_unordered(n, n1, low, high, k=n1) for n1 in range(first, last + 1)]
                assert near(found["gini"].low, min(gini for gini, _ in programs), SOLVED)
                assert near(found["top_share"].low, min(top for _, top in programs), SOLVED)

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
                    assert near(known[key].low, bound.low, 1e-9), (key, n)

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
                assert ("hhi" in found) == (size is not None)
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
            "gini", "hoover", "hhi_times_n", "top_share", "theil_t", "theil_l",
        ]  # fmt: skip
        assert set(WITH_LOSSES) < set(bounds_from_share(0.25, 0.6, n=8, losses=True))
