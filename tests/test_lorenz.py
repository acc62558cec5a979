"""Bounds from points of a Lorenz curve, against linear and quadratic programs, vertex searches and random firms."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from populations import KINDS, MEASURES, all_measures, draw, gini_cost, near, printed_share, top_cost, top_sum
from scipy.optimize import linprog, minimize

from clusterlib.errors import InputError
from clusterlib.measures.lorenz import bounds_from_lorenz
from clusterlib.measures.population import Bound
from clusterlib.measures.shares import bounds_from_share

#: Closed forms against closed forms: a few roundings of double precision.
EXACT = 1e-11
#: Against a solver: HiGHS keeps constraints to 1e-7, but its vertices are basic solutions; SLSQP stops at 1e-13.
SOLVED = 1e-8
#: A true value may stand outside its bound by rounding only; printed intervals are computed in binary.
INSIDE = 1e-9

THEIL = ("theil_t", "theil_l")


def curve_of(x: np.ndarray) -> np.ndarray:
    x = np.sort(x)
    return np.concatenate([[0.0], x.cumsum() / x.sum()])


def spread(rng: np.random.Generator, groups: int, n: int, spread: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers of firms up to each point, and a feasible share at each."""
    counts = np.sort(rng.choice(np.arange(1, n), groups - 1, replace=False))
    x = np.sort(rng.lognormal(0, rng.uniform(0.1, spread), n))
    return counts, curve_of(x)[counts]


def gastwirth(f: np.ndarray, mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Trapezoids and two-point groups, written out."""
    p, share = np.cumsum(f), np.cumsum(f * mean)
    total = 1 - sum(f[j] * (2 * share[j] - f[j] * mean[j]) for j in range(len(f)))
    assert abs(p[-1] - 1) + abs(share[-1] - 1) < 1e-9
    for fj, m, a, b in zip(f, mean, low, high, strict=True):
        total += fj**2 * ((m - a) if math.isinf(b) else (m - a) * (b - m) / (b - a) if b > a else 0)
    return float(total)


def quadratic_program(p: np.ndarray, share: np.ndarray) -> float:
    """Largest Gini by the dual: lines above the parabola p (1 - p), whose square excesses at the points are r.

    Minimise ``sum (mean[k+1] - mean[k]) r[k]**2`` with ``r[k-1] + r[k] >= f[k]``: convex, solved by SLSQP.
    """
    f, mean = np.diff(p, prepend=0, append=1), None
    mean = np.diff(share, prepend=0, append=1) / f
    weight = np.diff(mean, prepend=0)
    sums = np.eye(len(f)) + np.eye(len(f), k=1)
    base = gastwirth(f, mean, mean, mean)
    found = minimize(
        lambda r: weight @ r**2,
        np.ones(len(f)),
        jac=lambda r: 2 * weight * r,
        constraints={"type": "ineq", "fun": lambda r: sums @ r - f, "jac": lambda r: sums},
        bounds=[(0, None)] * len(f),
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 2000},
    )
    assert found.success or found.status == 8, found.message
    r = np.maximum(found.x, 0)
    for k in range(len(f) - 1, -1, -1):  # whatever SLSQP left open is paid for
        r[k] = max(r[k], f[k] - (r[k + 1] if k + 1 < len(f) else 0.0))
    return base + float(weight @ r**2)


def coordinate_ascent(p: np.ndarray, share: np.ndarray) -> float:
    """The border of each pair of groups in turn at its own optimum: stalls at a group without spread."""
    f = np.diff(p, prepend=0, append=1)
    mean = np.diff(share, prepend=0, append=1) / f
    t = np.concatenate([[0.0], (mean[:-1] + mean[1:]) / 2, [math.inf]])
    for _ in range(5000):
        for k in range(1, len(f)):
            below = f[k - 1] * (mean[k - 1] - t[k - 1])
            if k == len(f) - 1:
                best = t[k - 1] + below / f[k]
            else:
                above = f[k] * (t[k + 1] - mean[k])
                best = (below * t[k + 1] + above * t[k - 1]) / (below + above) if below + above > 0 else t[k]
            t[k] = min(max(best, mean[k - 1]), mean[k])
    return gastwirth(f, mean, t[:-1], t[1:])


def cone(n: int, boxes: list[tuple[int, int, float, float]], costs: list[np.ndarray], limits: tuple = ()) -> list:
    """Least and greatest of each cost over ascending vectors: at most high at the first count, low at the second."""
    ascending = np.eye(n)[:-1] - np.eye(n)[1:]
    rows, ends = list(ascending), [0.0] * (n - 1)
    for first, last, low, high in boxes:
        rows += [(np.arange(n) < first).astype(float), -(np.arange(n) < last).astype(float)]
        ends += [high, -low]
    edges = [(0, None)] * n
    for (start, end), (low, high) in limits:
        edges[start:end] = [(low / n, None if math.isinf(high) else high / n)] * (end - start)
    found = []
    for cost in costs:
        both = []
        for sign in (1, -1):
            solved = linprog(
                sign * cost, A_ub=np.array(rows), b_ub=ends, A_eq=np.ones((1, n)), b_eq=[1.0], bounds=edges,
                method="highs",
            )  # fmt: skip
            assert solved.status == 0, solved.message
            both.append(sign * solved.fun)
        found.append(tuple(both))
    return found


def hoover_costs(n: int) -> list[np.ndarray]:
    return [(np.arange(n) >= j) - (n - j) / n for j in range(1, n)]


def linear_bounds(n: int, boxes: list[tuple[int, int, float, float]], limits: tuple = ()) -> dict[str, float]:
    costs = [gini_cost(n), top_cost(n, 1), top_cost(n, 3), *hoover_costs(n)]
    gini, one, three, *gaps = cone(n, boxes, costs, limits)
    return {"gini": gini[1], "cr1": one[1], "cr3": three[1], "hoover": max(gap[1] for gap in gaps)}


def vertices(n: int, boxes: list[tuple[int, float, float]]) -> np.ndarray:
    """Every vertex of the ascending vectors with total 1 whose sums up to the counts are in the intervals."""
    rows = [np.eye(n)[0], *(np.eye(n)[1:] - np.eye(n)[:-1])]
    ends = [0.0] * n
    for count, low, high in boxes:
        held = (np.arange(n) < count).astype(float)
        rows += [held, -held]
        ends += [low, -high]
    a, b = np.array(rows), np.array(ends)
    chosen = np.array(list(combinations(range(len(a)), n - 1)))
    systems = np.concatenate([np.ones((len(chosen), 1, n)), a[chosen]], axis=1)
    targets = np.concatenate([np.ones((len(chosen), 1)), b[chosen]], axis=1)
    solvable = np.abs(np.linalg.det(systems)) > 0.5  # integer matrices
    points = np.linalg.solve(systems[solvable], targets[solvable][..., None])[..., 0]
    return np.unique(np.round(points[(points @ a.T >= b - 1e-9).all(-1)], 13), axis=0)


def measures_of(population, n: int | None) -> dict[str, float]:
    """Measures of an atomic population by the plain sums, without the library's own."""
    w, v = np.array(population.counts, dtype=float), np.array(population.values)
    w, v = w / w.sum(), v / (w @ v / w.sum())
    gaps = np.abs(v[:, None] - v)
    share = w * v
    with np.errstate(divide="ignore"):
        found = {
            "gini": float(w @ gaps @ w) / 2,
            "hoover": float(w @ np.abs(v - 1)) / 2,
            "theil_t": float(sum(s * math.log(x) for s, x in zip(share, v, strict=True) if s > 0)),
            "theil_l": float(-(w * np.log(v)).sum()),
            "hhi_times_n": float(w @ v**2),
        }
    found |= {f"{key}_between": found[key] for key in THEIL}
    if n is not None:
        x = np.repeat(v / n, np.rint(w * n).astype(int))
        found |= {"hhi": found["hhi_times_n"] / n} | {f"cr{k}": float(top_sum(x, min(k, n))) for k in (1, 2, 3, 4)}
    return found


def check_populations(found: dict[str, Bound], boxes: list, n: int | None) -> None:
    """Each population has its end of the bound, and (unless not sharp) meets every box."""
    for key, bound in found.items():
        for end, population in ((bound.low, bound.least), (bound.high, bound.most)):
            if population is None:
                continue
            assert near(population.n, n or 1, 1e-9)
            assert near(population.total, population.n, 1e-8)
            assert min(population.values) >= 0
            value = measures_of(population, n)[key]
            assert near(value, end, 2e-8), (key, value, end, population)
            corners = np.array(population.lorenz)
            for left, right, low, high in boxes:
                if n is None:
                    at = np.interp([left, right], corners[:, 0], corners[:, 1])
                    meets = at[0] <= high + 1e-8 and at[1] >= low - 1e-8
                else:
                    at = np.interp(np.arange(round(left * n), round(right * n) + 1) / n, corners[:, 0], corners[:, 1])
                    meets = ((at >= low - 1e-8) & (at <= high + 1e-8)).any()
                assert meets or not bound.sharp, (key, population, left, right, low, high)


class TestByHand:
    def test_three_groups(self):
        """Means 0.4, 0.75, 5; r = 0.2, 0.3, 0.1 in the dual: 0.4 * 0.04 + 0.35 * 0.09 + 4.25 * 0.01 = 0.09."""
        found = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5])
        assert near(found["gini"].low, 0.47, EXACT)
        assert near(found["gini"].high, 0.56, EXACT)
        # the mean lies in group 2 or 3: 0.1 * 4 + 0.4 * 0.35 * 4 / 4.6, or 0.1 * 4.25
        assert near(found["hoover"].low, 0.4, EXACT)
        assert near(found["hoover"].high, 0.4 + 0.4 * 0.35 * 4 / 4.6, EXACT)
        t = 0.2 * math.log(0.4) + 0.3 * math.log(0.75) + 0.5 * math.log(5)
        ell = -0.5 * math.log(0.4) - 0.4 * math.log(0.75) - 0.1 * math.log(5)
        for key, value in (("theil_t", t), ("theil_l", ell)):
            assert found[key].high == math.inf
            assert near(found[key].low, value, EXACT)
            for end in found[f"{key}_between"]:
                assert near(end, value, EXACT)
        assert near(found["hhi_times_n"].low, 0.5 * 0.16 + 0.4 * 0.5625 + 0.1 * 25, EXACT)
        assert found["hhi_times_n"].high == math.inf
        assert found["gini"].most is None
        assert all(bound.sharp for bound in found.values())
        least = found["gini"].least
        assert np.allclose(least.values, [0.4, 0.75, 5])
        assert np.allclose(least.counts, [0.5, 0.4, 0.1])

    def test_limits_known(self):
        """Two-point groups at 0 and 0.5, 0.5 and 1, 1 and 10: a fifth, a half, a half, four ninths."""
        found = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], limits=[0, 0.5, 1, 10])
        counts = {0: 0.1, 0.5: 0.4 + 0.2, 1: 0.2 + 0.1 * 5 / 9, 10: 0.1 * 4 / 9}
        assert near(found["gini"].high, 0.47 + 0.02 + 0.16 * 0.125 + 0.01 * 20 / 9, EXACT)
        assert near(found["hoover"].high, sum(w * max(0, 1 - x) for x, w in counts.items()), EXACT)
        assert near(found["hhi_times_n"].high, sum(w * x**2 for x, w in counts.items()), EXACT)
        assert near(found["theil_t"].high, sum(w * x * math.log(x) for x, w in counts.items() if x), EXACT)
        assert found["theil_l"].high == math.inf
        assert np.allclose(found["gini"].most.values, list(counts))
        assert np.allclose(found["gini"].most.counts, list(counts.values()))

    def test_open_top_class(self):
        found = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], limits=[0.2, 0.5, 1, math.inf])
        assert near(found["gini"].high, 0.47 + 0.25 * 0.2 * 0.1 / 0.3 + 0.16 * 0.125 + 0.01 * 4, EXACT)
        assert found["theil_t"].high == found["hhi_times_n"].high == math.inf
        # all of the top at 1 but for one; a third at 0.2; the others at 0.5 and 1
        counts = {0.2: 0.5 / 3, 0.5: 1 / 3 + 0.2, 1: 0.3}
        assert near(found["theil_l"].high, -sum(w * math.log(x) for x, w in counts.items()), EXACT)
        assert found["theil_l"].most is None

    def test_a_steep_line_that_ends_in_nothing(self):
        # Half of the firms or more have a third or more, the limit is so many times the mean: the most unequal firms
        # are some with nothing and some at the limit, whatever digits it has.
        for limit in (19.262450158232053, 19.1, 7 / 3, 1e4 / 3):
            found = bounds_from_lorenz([(0.5, 1)], [(1 / 3, 1)], limits=[0, limit, math.inf])
            assert found["theil_l"].high == math.inf

    @pytest.mark.parametrize(("p", "top", "n"), [(0.8, 5, None), (0.8, 5, 5), (5 / 6, 6, None), (5 / 6, 6, 6)])
    def test_limits_that_leave_nothing_below(self, p, top, n):
        # All but a fifth (a sixth) have nothing, the rest stand at the upper limit: five (six) times the mean.
        found = bounds_from_lorenz([p], [(0, 0.01)], limits=[0, 1, top], n=n)
        assert found["theil_l_between"].high == found["theil_l"].high == math.inf

    def test_half_of_two_firms(self):
        # 23 firms with nothing, two with half each
        assert bounds_from_lorenz([24 / 25], [0.5], n=25)["theil_l"].high == math.inf

    def test_ten_firms_within_limits(self):
        """Sums 2, 3, 5 of 5, 4, 1 firms: four at 0.5 and one at 0; two at 0.5, two at 1; one."""
        found = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], limits=[0, 0.5, 1, 10], n=10)
        x = np.array([0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1, 5])
        for key in ("gini", "hoover", "theil_t", "hhi"):
            assert near(found[key].high, float(MEASURES[key](x)), EXACT), key
        assert near(found["cr4"].high, 0.75, EXACT)
        assert near(found["cr4"].low, 0.5 + 3 * 0.075, EXACT)
        assert found["gini"].most.counts == (1, 6, 2, 1)

    def test_all_equal(self):
        for n in (None, 10):
            found = bounds_from_lorenz([0.1, 0.3, 0.7], [0.1, 0.3, 0.7], n=n)
            for key, bound in found.items():
                value = {"hhi_times_n": 1, "hhi": 0.1, "cr1": 0.1, "cr4": 0.4}.get(key, 0)
                assert near(bound.low, value, EXACT), key
                assert near(bound.high, value, EXACT), key
                assert bound.sharp

    def test_equal_top_groups_leave_only_the_first_open(self):
        """Means 0.5, 1.25, 1.25: the first third holds zeros and firms at 1.25, two fifths of it the latter."""
        for p in ([1 / 3, 0.6], [1 / 3, 2 / 3]):
            share = [1 / 6, 1 - (1 - p[1]) * 1.25]
            found = bounds_from_lorenz(p, share)
            zeros = 1 / 3 * 0.6
            assert near(found["gini"].high, zeros, 1e-9)
            assert near(found["theil_t"].high, math.log(1.25), 1e-9)
            assert near(found["hhi_times_n"].high, 1.25, 1e-9)
            assert found["theil_l"].high == math.inf
            assert found["theil_t"].sharp

    def test_ends_are_implied(self):
        assert bounds_from_lorenz([0, 0.5, 1], [0, 0.2, 1]) == bounds_from_lorenz([0.5], [0.2])

    def test_named_measures(self):
        names = [
            "gini", "hoover", "theil_t", "theil_l", "theil_t_between", "theil_l_between", "hhi_times_n",
        ]  # fmt: skip
        assert list(bounds_from_lorenz([0.5, 0.9], [0.2, 0.5])) == names
        assert list(bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], n=10, k=(2,))) == [*names, "hhi", "cr2"]

    def test_more_firms_wanted_than_there_are(self):
        found = bounds_from_lorenz([0.5], [0.2], n=2)
        assert near(found["cr4"].low, 1, EXACT)
        assert near(found["cr4"].high, 1, EXACT)


class TestTwoGroups:
    """One point is one group against the rest."""

    CASES = (
        (0.75, 0.3, None), (0.9, 0.6, None), (0.4, 0.1, None), (0.75, 0.3831, 8), (0.9, 0.5, 10), (0.2, 0.19, 40),
        ((0.7, 0.8), (0.3, 0.35), None), ((0.2, 0.6), (0.1, 0.15), None), ((0.2, 0.6), (0.1, 0.3), None),
        ((0.2, 0.6), (0.1, 0.15), 12), ((0.7, 0.8), (0.3, 0.35), 20), ((0.3, 0.5), (0.25, 0.3), 7), (0.5, 0.0, 6),
    )  # fmt: skip

    @pytest.mark.parametrize(("p", "share", "n"), CASES)
    def test_agrees_with_share_pair(self, p, share, n):
        f, s = ((1 - x[1], 1 - x[0]) if isinstance(x, tuple) else 1 - x for x in (p, share))
        expected = bounds_from_share(f, s, n=n)
        found = bounds_from_lorenz([p], [share], n=n)
        for key in found.keys() & expected.keys():
            low, high = expected[key]
            if isinstance(p, tuple) and p[0] < share[1] and key == "hoover":
                continue  # the share pair allows a group above average below, see the next test
            assert near(found[key].low, low, EXACT), (key, found[key], expected[key])
            assert near(found[key].high, high, EXACT), (key, found[key], expected[key])
            assert found[key].sharp
        check_populations(found, [(*((p, p) if isinstance(p, float) else p), *np.broadcast_to(share, 2))], n)

    def test_smallest_firms_come_first(self):
        """A box across the diagonal: here the group below is the smaller one, for a share pair it may be either."""
        found, pair = bounds_from_lorenz([(0.4, 0.6)], [(0.3, 0.9)]), bounds_from_share((0.4, 0.6), (0.1, 0.7))
        assert near(found["gini"].high, bounds_from_share((0.4, 0.6), (0.6, 0.7))["gini"].high, EXACT)
        assert found["gini"].high < pair["gini"].high - 0.1
        assert found["gini"].low == pair["gini"].low == 0


class TestLargestGini:
    """Exact points, limits unknown: the quadratic dual, written out for SLSQP."""

    @pytest.mark.parametrize("groups", (2, 3, 4, 6, 9))
    def test_quadratic_program(self, groups):
        rng = np.random.default_rng([20260201, groups])
        for _ in range(12):
            counts, share = spread(rng, groups, 200)
            found = bounds_from_lorenz(list(counts / 200), list(share))["gini"]
            assert found.sharp
            assert near(found.high, quadratic_program(counts / 200, share), SOLVED), (counts, share)

    STALLED = ([0.009, 0.267, 0.657], [0.0022, 0.1393, 0.3714])

    def test_where_coordinate_ascent_stalls(self):
        p, share = map(np.array, self.STALLED)
        found = bounds_from_lorenz(list(p), list(share))["gini"].high
        assert found - coordinate_ascent(p, share) > 1e-3
        assert near(found, quadratic_program(p, share), SOLVED)

    def test_stalled_case_is_reached(self):
        """A population of a thousand firms shows that the larger value is right: a vertex of the ascending cone."""
        p, share = map(np.array, self.STALLED)
        n = 1000
        boxes = [(round(a * n), round(a * n), b, b) for a, b in zip(p, share, strict=True)]
        found = bounds_from_lorenz(list(p), list(share), n=n)["gini"]
        ((_, high),) = cone_by_jumps(n, boxes, [gini_cost(n)])
        assert near(found.high, high, SOLVED)
        assert high > coordinate_ascent(p, share) + 1e-3

    def test_never_below_coordinate_ascent(self):
        rng = np.random.default_rng(20260202)
        for _ in range(6):
            counts, share = spread(rng, int(rng.integers(3, 6)), 100, 2.5)
            found = bounds_from_lorenz(list(counts / 100), list(share))["gini"].high
            assert found >= coordinate_ascent(counts / 100, share) - EXACT


def cone_by_jumps(n: int, boxes: list[tuple[int, int, float, float]], costs: list[np.ndarray]) -> list:
    """As `cone`, in the differences of neighbours: few rows, so that a thousand firms are solved in no time."""
    later = np.tril(np.ones((n, n)))  # x = later @ jumps
    rows = [(np.arange(n) < count).astype(float) @ later for box in boxes for count in box[:2]]
    signs = np.array([1, -1] * len(boxes))
    ends = [end for _, _, low, high in boxes for end in (high, -low)]
    found = []
    for cost in costs:
        solved = linprog(
            -cost @ later, A_ub=signs[:, None] * np.array(rows), b_ub=ends, A_eq=[later.sum(0)], b_eq=[1.0],
            method="highs",
        )  # fmt: skip
        assert solved.status == 0
        found.append((math.nan, -solved.fun))
    return found


class TestLinearPrograms:
    """Gini, largest firms and each gap p - L(p) are linear on ascending vectors."""

    @pytest.mark.parametrize(("n", "groups"), [(6, 3), (12, 3), (20, 4), (25, 6), (9, 2)])
    def test_exact_points(self, n, groups):
        rng = np.random.default_rng([20260203, n, groups])
        for _ in range(4):
            counts, share = spread(rng, groups, n)
            found = bounds_from_lorenz(list(counts / n), list(share), n=n, k=(1, 3))
            boxes = [(c, c, s, s) for c, s in zip(counts, share, strict=True)]
            for key, high in linear_bounds(n, boxes).items():
                assert near(found[key].high, high, SOLVED), (key, counts, share)
                assert found[key].sharp
            check_populations(found, [(c / n, c / n, s, s) for c, s in zip(counts, share, strict=True)], n)

    @pytest.mark.parametrize(("n", "groups"), [(10, 3), (20, 4), (16, 5)])
    def test_shares_in_intervals(self, n, groups):
        rng = np.random.default_rng([20260204, n, groups])
        for _ in range(4):
            counts, share = spread(rng, groups, n)
            wide = rng.uniform(0, 0.06, (2, groups - 1))
            low, high = np.maximum(share - wide[0], 0), np.minimum(share + wide[1], counts / n)
            high = np.minimum.accumulate(high[::-1])[::-1]
            low = np.minimum(np.maximum.accumulate(low), high)
            found = bounds_from_lorenz(list(counts / n), list(zip(low, high, strict=True)), n=n, k=(1, 3))
            boxes = [(c, c, a, b) for c, a, b in zip(counts, low, high, strict=True)]
            for key, most in linear_bounds(n, boxes).items():
                assert near(found[key].high, most, SOLVED), (key, counts, low, high)
            costs = {"gini": gini_cost(n), "cr1": top_cost(n, 1), "cr3": top_cost(n, 3)}
            for key, (least, _) in zip(costs, cone(n, boxes, list(costs.values())), strict=True):
                assert near(found[key].low, least, SOLVED), (key, counts, low, high)
            check_populations(found, [(c / n, c / n, a, b) for c, _, a, b in boxes], n)

    def test_firms_in_intervals(self):
        """A union over whole numbers of firms."""
        rng = np.random.default_rng(20260205)
        n = 14
        for trial in range(6):
            counts, share = spread(rng, 3, n, 1.0)
            p = [(max((c - rng.integers(0, 2)) / n - 0.01, 0), (c + rng.integers(0, 2)) / n + 0.01) for c in counts]
            half = 0.0 if trial % 3 == 0 else 0.02
            value = [(s - half, s + half) for s in share]
            found = bounds_from_lorenz(p, value, n=n, k=(1, 3))
            programs = []
            for c in product(range(1, n), repeat=2):
                if c[0] < c[1] and all(a <= count / n <= b for count, (a, b) in zip(c, p, strict=True)):
                    try:
                        programs.append(linear_bounds(n, [(x, x, *ends) for x, ends in zip(c, value, strict=True)]))
                    except AssertionError:
                        continue  # impossible for these numbers of firms
            for key in programs[0]:
                assert near(found[key].high, max(each[key] for each in programs), SOLVED), (key, p, value)
                assert found[key].sharp

    def test_boxes_with_number_unknown(self):
        """A fine grid of firms comes within 3 / n of the bound, from inside."""
        rng = np.random.default_rng(20260206)
        n = 400
        for _ in range(6):
            counts, share = spread(rng, int(rng.integers(3, 6)), n, 1.2)
            width = np.minimum(rng.integers(0, 20, len(counts)), np.diff(counts, prepend=0, append=n).min() // 3)
            half = rng.uniform(0, 0.03)
            boxes = [(c - w, c + w, max(s - half, 0), s + half) for c, w, s in zip(counts, width, share, strict=True)]
            given = [(a / n, b / n) for a, b, _, _ in boxes], [(low, high) for _, _, low, high in boxes]
            found = bounds_from_lorenz(*given)
            gaps = [(np.arange(n) >= j) - (n - j) / n for j in range(5, n, 30)]
            (_, high), *tops = cone_by_jumps(n, boxes, [gini_cost(n), *gaps])
            assert found["gini"].sharp
            assert found["hoover"].sharp
            assert high - EXACT <= found["gini"].high <= high + 3 / n, (given, high)
            assert max(top for _, top in tops) - EXACT <= found["hoover"].high
            check_populations(found, [(a / n, b / n, low, high) for a, b, low, high in boxes], None)

    def test_boxes_by_their_slopes(self):
        """With number and limits unknown: a line through each lower corner turns between its upper corners.

        The area below the highest of the lines is convex in their slopes; a direct search finds its least.
        """
        rng = np.random.default_rng(20260207)
        for trial in range(8):
            counts, share = spread(rng, 3 + trial % 2, 100, 1.0)
            p, half = np.clip([counts / 100 - 0.02, counts / 100 + 0.02], 0, 1), (0.005, 0.02)[trial % 2]
            value = np.clip([share - half, share + half], 0, 1)
            found = bounds_from_lorenz(list(zip(*p, strict=True)), list(zip(*value, strict=True)))["gini"]
            best = by_slopes(p, value)
            assert best <= found.high + EXACT, (p, value)
            assert best >= found.high - 1e-6, (p, value)

    def test_the_corner_is_not_the_most(self):
        """Wide boxes: the lower corners lie on a curve, but another one through the boxes is more unequal."""
        p, value = np.array([[0.17, 0.29], [0.23, 0.35]]), np.array([[0.05, 0.17], [0.11, 0.23]])
        found = bounds_from_lorenz([(0.17, 0.23), (0.29, 0.35)], [(0.05, 0.11), (0.17, 0.23)])["gini"]
        assert near(found.high, by_slopes(p, value), 1e-6)
        assert found.high > bounds_from_lorenz([0.23, 0.35], [0.05, 0.17])["gini"].high + 0.1


def by_slopes(p: np.ndarray, value: np.ndarray) -> float:
    """Largest Gini over curves through boxes; rows are the low and the high ends."""
    (left, right), (low, high) = p, value
    edges = []
    for a, y in zip(right, low, strict=True):
        above = [(u, v) for u, v in zip([0, *left, 1], [0, *high, 1], strict=True) if u != a]
        flat = max((y - v) / (a - u) for u, v in above if u < a)
        edges.append((max(0.0, flat), max(flat, min((y - v) / (a - u) for u, v in above if u > a))))

    def area(slopes: np.ndarray) -> float:
        slope, cut = np.append(slopes, 0.0), np.append(low - slopes * right, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = (cut[:, None] - cut) / (slope - slope[:, None])
        at = np.unique(np.concatenate([[0, 1], at[(at > 0) & (at < 1)]]))
        lines = (cut + slope * at[:, None]).max(-1)
        return float(np.diff(at) @ (lines[1:] + lines[:-1]) / 2)

    starts = [np.array(corner) for corner in product(*[(a, (a + b) / 2, b) for a, b in edges])]
    best = min(starts, key=area)
    for method in ("Powell", "Nelder-Mead") * 3:
        options = {"xtol": 1e-12, "ftol": 1e-13} if method == "Powell" else {"xatol": 1e-11, "fatol": 1e-13}
        best = min(best, minimize(area, best, bounds=edges, method=method, options=options).x, key=area)
    return 1 - 2 * area(best)


class TestLimits:
    @pytest.mark.parametrize("top", (6.0, math.inf))
    @pytest.mark.parametrize("half", (0.0, 0.01))
    def test_linear_programs(self, top, half):
        rng = np.random.default_rng([20260208, top == 6, half > 0])
        n, edges = 20, [0.0, 0.4, 0.9, 1.6, top]
        for _ in range(5):
            counts = np.sort(rng.choice(np.arange(2, n - 1), 3, replace=False))
            x = np.concatenate(
                [rng.uniform(a, min(b, 6), c) for a, b, c in
                 zip(edges[:-1], edges[1:], np.diff(counts, prepend=0, append=n), strict=True)]
            )  # fmt: skip
            limits, x = np.array(edges) / x.mean(), x / x.mean()
            share = curve_of(x)[counts]
            low, high = np.maximum(share - half, 0), share + half
            found = bounds_from_lorenz(
                list(counts / n), list(zip(low, high, strict=True)), limits=list(limits), n=n, k=(1, 3)
            )
            boxes = [(c, c, a, b) for c, a, b in zip(counts, low, high, strict=True)]
            ends = [0, *counts, n]
            inside = tuple(
                ((ends[j], ends[j + 1]), (limits[j], limits[j + 1])) for j in range(len(ends) - 1)
            )  # fmt: skip
            for key, most in linear_bounds(n, boxes, inside).items():
                assert near(found[key].high, most, SOLVED), (key, x, half)
            ((least, _),) = cone(n, boxes, [gini_cost(n)], inside)
            assert near(found["gini"].low, least, SOLVED)
            assert all(bound.sharp for bound in found.values())
            check_populations(found, [(c / n, c / n, a, b) for c, _, a, b in boxes], n)
            unknown = bounds_from_lorenz(list(counts / n), list(zip(low, high, strict=True)), limits=list(limits))
            for key, bound in unknown.items():
                assert bound.high >= found[key].high - EXACT
                assert near(bound.low, found[key].low, EXACT)

    def test_closed_form(self):
        rng = np.random.default_rng(20260209)
        for _ in range(20):
            counts, share = spread(rng, 4, 50)
            f = np.diff(counts / 50, prepend=0, append=1)
            mean = np.diff(share, prepend=0, append=1) / f
            edges = np.array([mean[0] / 2, *(mean[:-1] + mean[1:]) / 2, mean[-1] * 3])
            found = bounds_from_lorenz(list(counts / 50), list(share), limits=list(edges))
            low, high = edges[:-1], edges[1:]
            upper = (mean - low) / (high - low) * f
            assert near(found["gini"].high, gastwirth(f, mean, low, high), EXACT)
            assert near(found["hhi_times_n"].high, (f * ((low + high) * mean - low * high)).sum(), EXACT)
            ell = -(upper * np.log(high) + (f - upper) * np.log(low)).sum()
            assert near(found["theil_l"].high, ell, EXACT)
            t = (upper * high * np.log(high) + (f - upper) * low * np.log(low)).sum()
            assert near(found["theil_t"].high, t, EXACT)
            assert bounds_from_lorenz(list(counts / 50), list(share))["gini"].high >= found["gini"].high - EXACT

    def test_large_number_approaches(self):
        for limits in (None, [0, 0.5, 1, 10]):
            unknown = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], limits=limits)
            known = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], limits=limits, n=100_000)
            for key in ("gini", "hoover"):
                assert 0 <= unknown[key].high - known[key].high <= 1e-4, (limits, key)


class TestOuterBounds:
    """Theil indices and HHI of n firms, limits unknown: every vertex is inside, and the bound says it may be wide."""

    @pytest.mark.parametrize("n", (5, 6, 7))
    def test_vertices_are_inside(self, n):
        rng = np.random.default_rng([20260210, n])
        for trial in range(6):
            counts, share = spread(rng, 3, n)
            half = 0.0 if trial % 2 else 0.01
            value = [(max(s - half, 0), s + half) for s in share]
            found = bounds_from_lorenz(list(counts / n), value, n=n, k=(1, 2))
            corners = vertices(n, [(c, *ends) for c, ends in zip(counts, value, strict=True)])
            for key, values in all_measures(corners).items():
                assert values.max() <= found[key].high + INSIDE, (key, counts, value)
                if key in ("gini", "hoover"):
                    assert near(values.max(), found[key].high, SOLVED)
                if found[key].sharp:
                    assert near(values.max(), found[key].high, SOLVED)
            mixed = rng.dirichlet(np.full(len(corners), 0.3), 100) @ corners
            for key, values in all_measures(mixed).items():
                assert values.min() >= found[key].low - INSIDE, (key, counts, value)

    def test_says_so(self):
        found = bounds_from_lorenz([0.5, 0.9], [0.2, 0.5], n=10)
        assert {key for key, bound in found.items() if not bound.sharp} == {"theil_t", "hhi", "hhi_times_n"}
        assert all(found[key].most is None for key in ("theil_t", "hhi", "hhi_times_n"))

    def test_interval_of_firms_with_limits(self):
        """Corners inside the limits: sharp, by the two exact points at the corners; else it says so."""
        p, value, limits = [(0.49, 0.51), (0.89, 0.91)], [(0.19, 0.21), (0.49, 0.51)], [0, 0.5, 1, 10]
        found = bounds_from_lorenz(p, value, limits=limits)
        least = bounds_from_lorenz([0.49, 0.89], [0.21, 0.51], limits=limits)
        most = bounds_from_lorenz([0.51, 0.91], [0.19, 0.49], limits=limits)
        for key, bound in found.items():
            assert bound.sharp
            assert near(bound.low, least[key].low, EXACT)
            assert near(bound.high, most[key].high, EXACT)
        tight = bounds_from_lorenz(p, value, limits=[0, 0.39, 1, 10])
        assert not tight["gini"].sharp
        inner = bounds_from_lorenz([0.51, 0.9], [0.19, 0.5], limits=[0, 0.39, 1, 10])
        for key, bound in tight.items():
            assert bound.low <= inner[key].low + EXACT
            assert inner[key].high <= bound.high + EXACT


def truth(x: np.ndarray, counts: np.ndarray) -> dict[str, float]:
    found = {key: float(values[0]) for key, values in all_measures(x).items()}
    found["theil_l"] = math.inf if (x == 0).any() else float(MEASURES["theil_l"](x, zero=0.0))
    parts = np.split(np.sort(x), counts)
    means = np.concatenate([np.full(len(part), part.mean()) for part in parts])
    found["theil_t_between"] = float(MEASURES["theil_t"](means))
    found["theil_l_between"] = math.inf if (means == 0).any() else float(MEASURES["theil_l"](means, zero=0.0))
    return found | {f"cr{k}": float(top_sum(x, min(k, len(x)))) for k in (1, 4)}


class TestRecovery:
    """Hide a population behind rounded points: its own measures must be inside the bounds."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_truth_is_inside(self, kind):
        rng = np.random.default_rng([20260211, KINDS.index(kind)])
        for trial in range(15):
            x = np.sort(draw(rng, kind))
            n = len(x)
            groups = int(rng.integers(2, min(n, 6) + 1))
            counts = np.sort(rng.choice(np.arange(1, n), groups - 1, replace=False))
            decimals = int(rng.integers(1, 4))
            p = [printed_share(c / n, decimals) if trial % 2 else c / n for c in counts]
            share = [printed_share(s, decimals) for s in curve_of(x)[counts]]
            limits = None
            if trial % 5 >= 3:
                edges = [0.0, *((x[counts - 1] + x[counts]) / 2 / x.mean()), x[-1] / x.mean() * 1.5]
                limits = edges if (np.diff(edges) > 0).all() else None
            for size in (None, n):
                found = bounds_from_lorenz(p, share, n=size, limits=limits)
                assert all(found[key].sharp for key in ("gini", "hoover")) or limits or size
                for key, value in truth(x, counts).items():
                    if key in found:
                        low, high = found[key]
                        context = (key, (low, high), value, p, share, size, limits)
                        assert low <= value + INSIDE * max(1, abs(low)), context
                        assert value <= high + INSIDE * max(1, abs(high)), context


class TestProperties:
    @pytest.mark.parametrize("n", (None, 60))
    def test_another_point_narrows_wider_intervals_widen(self, n):
        rng = np.random.default_rng(20260212)
        for _ in range(8):
            counts, share = spread(rng, 4, 60, 1.0)
            p = list(counts / 60)
            all_points = bounds_from_lorenz(p, list(share), n=n)
            fewer = bounds_from_lorenz(p[:1] + p[2:], [share[0], share[2]], n=n)
            wider = bounds_from_lorenz(p, [(max(s - 0.01, 0), s + 0.01) for s in share], n=n)
            widest = bounds_from_lorenz(
                [(max(x - 0.02, 0), x + 0.02) for x in p], [(max(s - 0.02, 0), s + 0.02) for s in share], n=n
            )
            for key, bound in all_points.items():
                if key not in ("theil_t_between", "theil_l_between"):  # these belong to the groups
                    assert fewer[key].low <= bound.low + EXACT, key
                    assert bound.high <= fewer[key].high + EXACT, key
                for inner, outer in ((bound, wider[key]), (wider[key], widest[key])):
                    assert outer.low <= inner.low + EXACT, key
                    assert inner.high <= outer.high + EXACT, key

    def test_replication_raises_the_most_only(self):
        rng = np.random.default_rng(20260213)
        for _ in range(5):
            counts, share = spread(rng, 4, 12)
            once, thrice, ever = (bounds_from_lorenz(list(counts / 12), list(share), n=n) for n in (12, 36, None))
            for key in ("gini", "hoover", "theil_t", "theil_l", "hhi_times_n"):
                assert near(once[key].low, thrice[key].low, EXACT)
                assert once[key].high <= thrice[key].high + EXACT, key
                assert thrice[key].high <= ever[key].high + EXACT, key

    def test_least_is_least_for_all_measures_at_once(self):
        """The highest curve is itself allowed, so one population has every lower end."""
        rng = np.random.default_rng(20260214)
        for _ in range(10):
            counts, share = spread(rng, 5, 60, 1.0)
            p = [(max(c / 60 - 0.02, 0), min(c / 60 + 0.02, 1)) for c in counts]
            value = [(s * 0.9, min(s * 1.1, 1)) for s in share]
            found = bounds_from_lorenz(p, value)
            assert len({bound.least for bound in found.values()}) == 1
            inside = [(*a, *b) for a, b in zip(p, value, strict=True)]
            check_populations(found, inside, None)


class TestInput:
    @pytest.mark.parametrize(
        ("args", "more", "words"),
        [
            (([0.5], [0.2, 0.3]), {}, r"p, cumulative_share: given 1 and 2 entries"),
            (([], []), {}, r"p: given no point"),
            (([0, 1], [0, 1]), {}, r"p: given no point"),
            ((0.5, [0.2]), {}, r"p: given 0\.5; allowed: a sequence"),
            (([50.0], [0.2]), {}, r"p: given 50;.*25\.37 % is 0\.2537"),
            (([0.5], [-0.2]), {}, r"cumulative_share: given -0\.2;.*between 0 and 1"),
            (([0.5], [math.nan]), {}, r"cumulative_share: .*nan"),
            (([0.5], [(0.3, 0.2)]), {}, r"cumulative_share: given low 0\.3 above high 0\.2"),
            (([0.5], [0.6]), {}, r"cumulative_share: given 0\.6 at p = 0\.5 \(point 1\).*smallest firms come first"),
            (([0.0, 0.5], [0.1, 0.2]), {}, r"p: given 0 at point 1; allowed: some of the firms, not all"),
            (([0.5, 1.0], [0.2, 0.9]), {}, r"p: given 1 at point 2; allowed: some of the firms, not all"),
            (([0.5, 0.4], [0.1, 0.2]), {}, r"p: given 0\.5 at point 1 and 0\.4 at point 2; allowed: ascending"),
            (([0.5, 0.5], [0.1, 0.1]), {}, r"p: given 0\.5 at point 1 and 0\.5 at point 2"),
            (([0.5, 0.6], [0.3, 0.2]), {}, r"cumulative_share: given 0\.3 at point 1 and 0\.2 at point 2"),
            (([0.2, 0.5], [0.1, 0.2]), {}, r"given point 1 \(0\.2, 0\.1\) and point 2 \(0\.5, 0\.2\).*hold together"),
            (
                ([0.2, 0.4, 0.5, 0.8], [0.1, 0.2, 0.31, 0.6]),
                {},
                r"point 3 \(0\.5, 0\.31\) and point 4 \(0\.8, 0\.6\), which cannot hold together",
            ),
            (
                ([0.3, 0.5, 0.6], [0.06, 0.2, 0.25]),
                {},
                r"point 1 .* and point 2 .* and point 3 .*, which cannot hold together",
            ),
            (([0.5], [0.2]), {"limits": [0, 1]}, r"limits: given 2; allowed: 3, one more than the 2 groups"),
            (([0.5], [0.2]), {"limits": [0, 2, 1]}, r"limits: given 0, 2, 1; allowed: ascending"),
            (([0.5], [0.2]), {"limits": [-1, 1, 2]}, r"limits: given -1, 1, 2"),
            (([0.5], [0.2]), {"limits": [0, 1, math.nan]}, r"limits: .*nan"),
            (([0.5], [0.2]), {"limits": [0, math.inf, math.inf]}, r"limits: given 0, inf, inf"),
            (([0.5], [0.2]), {"limits": [0, (1, 2), 3]}, r"limits: given an interval"),
            (
                ([0.5, 0.9], [0.2, 0.5]),
                {"limits": [0, 0.3, 0.8, 4]},
                r"group 1 with a mean of 0\.4 outside 0 to 0\.3 and group 3 with a mean of 5 outside 0\.8 to 4",
            ),
            (
                ([0.5, 0.9], [(0.1, 0.3), (0.3, 0.5)]),
                {"limits": [0, 0.3, 0.32, math.inf]},
                r"cumulative_share, limits: given point 1 \(0\.5, 0\.1 to 0\.3\) and .*allowed: points that leave",
            ),
            (([0.5], [0.2]), {"n": 7}, r"p, n: given 0\.5 of n=7 at point 1.*nearest: 3/7 = 42\.8571%, 4/7"),
            (([0.5, 0.75], [0.1, 0.3]), {"n": 2}, r"n: given 2; allowed: at least as many firms as groups, 3"),
            (([(0.1, 0.3), (0.2, 0.4)], [0.1, 0.2]), {"n": 4}, r"p, n: given 2 points of n=4; allowed: ascending"),
            (([0.5], [0.2]), {"n": 2.0}, r"n: given 2\.0; allowed: a whole number"),
            (([0.5], [0.2]), {"n": True}, r"n: given True"),
            (([0.5], [0.2]), {"n": 0}, r"n: given 0"),
            (([0.5], [0.2]), {"n": 2, "k": (0,)}, r"k: given 0; allowed: whole numbers"),
            (([0.5], [0.2]), {"k": (1.5,)}, r"k: given 1\.5"),
        ],
    )
    def test_refused_with_words(self, args, more, words):
        with pytest.raises(InputError, match=words):
            bounds_from_lorenz(*args, **more)

    def test_no_whole_number_of_firms_fits_all_points(self):
        """Of 10 firms 2 to 4 hold exactly a tenth and 5 to 6 exactly 0.3: 3 and 6 do, 2 and 6 do, 4 and 5 do not."""
        found = bounds_from_lorenz([(0.2, 0.4), (0.5, 0.6)], [0.1, 0.3], n=10)
        assert found["gini"].sharp
        with pytest.raises(InputError, match=r"which cannot hold together|whole numbers of firms can make up"):
            bounds_from_lorenz([(0.38, 0.42), (0.48, 0.62)], [0.2, 0.22], n=10)

    def test_numpy_numbers_are_numbers(self):
        plain = bounds_from_lorenz([0.5], [0.2], n=8)
        assert bounds_from_lorenz(np.array([0.5]), np.array([0.2]), n=np.int64(8)) == plain
