"""The binned Pareto fit: closed forms, an independent likelihood in high precision, and simulation."""

from __future__ import annotations

import dataclasses
import math

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from clusterlib.errors import InputError
from clusterlib.measures.tail import _mean, _variance, fit_tail, implied_total, log_log_slope

pytestmark = pytest.mark.filterwarnings("error")  # no division by zero or overflow on the way

FAST = settings(derandomize=True, deadline=None, max_examples=50)
#: Rounding of double precision, enlarged where nearly all firms stand in one bin.
ROUNDING = 1e-12
#: The independent root finders stop here.
SOLVED = 1e-9
#: Chance that a correct method fails a simulated check: the seeds are fixed, so that a pass stays a pass.
CHANCE = 0.001

#: Baoying glass: 80 firms above 1 million yuan, 30 above 5 million, "more than 20" above 10 million, 4 above 50.
BAOYING = (1e6, 5e6, 1e7, 5e7)

#: Edges, counts, cap.
TABLES = [
    (BAOYING, (50, 5, 21, 4), None),
    ((1, 2, 4, 8, 16), (500, 260, 110, 70, 60), None),
    ((20, 21, 23, 30), (3, 0, 5, 41), None),
    ((1, 10), (99_999, 1), None),
    ((1, 2), (1, 99_999), None),
    ((1, 3, 9), (0, 12, 0), None),
    ((1, 10, 100, 1000), (0, 3, 0, 2), None),
    ((1, 2, 4), (70, 20, 10), 8),
    ((1, 2, 4), (70, 20, 10), 5000),
    ((1, 2, 10), (10, 30, 60), 12),
    ((1, 2, 3), (0, 4, 0), 100),
    ((10, 11, 12), (340, 330, 290), 13),
]


def log_likelihood(z, edges, counts, cap=None):
    """From the definition, in the precision of mpmath."""
    tails = [mpmath.mpf(edge) ** -z for edge in edges] + [0 if cap is None else mpmath.mpf(cap) ** -z]
    shares = [(tails[i] - tails[i + 1]) / (tails[0] - tails[-1]) for i in range(len(edges))]
    return mpmath.fsum(count * mpmath.log(share) for count, share in zip(counts, shares, strict=True) if count)


def reference(edges, counts, cap=None):
    """Independent maximum, standard error and profile ends: a coarse search, then a root in 40 digits."""
    with mpmath.workdps(40):

        def value(z):
            return log_likelihood(mpmath.mpf(z), edges, counts, cap)

        grid = np.concatenate([np.geomspace(1e-6, 60, 200), [] if cap is None else -np.geomspace(1e-3, 60, 200)])
        grid.sort()
        best = int(np.argmax([float(value(z)) for z in grid]))
        around = mpmath.mpf(grid[best - 1]), mpmath.mpf(grid[best + 1])
        top = mpmath.findroot(lambda z: mpmath.diff(value, z), around, solver="anderson", maxsteps=200)
        error = 1 / mpmath.sqrt(-mpmath.diff(value, top, 2))

        def excess(z):
            return float(2 * (value(top) - value(z))) - stats.chi2.ppf(0.95, 1)

        low = top - 40 * error if cap is not None else top * mpmath.mpf("1e-9")
        ends = [
            optimize.brentq(excess, *sorted((float(top), float(far))), xtol=1e-15) for far in (low, top + 40 * error)
        ]
        return float(top), float(error), ends


def counted(rng, exponent, edges, n):
    """Counts of n firms drawn from the law by the inverse of its distribution."""
    sizes = edges[0] * (1 - rng.random(n)) ** (-1 / exponent)
    return np.histogram(sizes, bins=[*edges, np.inf])[0]


@pytest.mark.parametrize("z", [-900, -30, -2, -0.59, -7e-5, -1e-9, 0, 1e-9, 7e-5, 0.59, 0.61, 3, 30, 900])
def test_moments_of_a_cut_exponential(z):
    """From its definition in 60 digits, on both sides of where the series takes over (here at 0.6)."""
    width = 0.5
    with mpmath.workdps(60):
        t = mpmath.mpf(z) * mpmath.mpf(width)
        mean = 1 / mpmath.mpf(z) - width / mpmath.expm1(t) if z else mpmath.mpf(width) / 2
        variance = 1 / mpmath.mpf(z) ** 2 - (width / 2 / mpmath.sinh(t / 2)) ** 2 if z else mpmath.mpf(width) ** 2 / 12
    assert _mean(z, np.array([width]))[0] == pytest.approx(float(mean), rel=1e-14)
    assert _variance(z, np.array([width]))[0] == pytest.approx(float(variance), rel=ROUNDING)
    if z > 0:
        assert _mean(z, np.array([np.inf]))[0] == pytest.approx(1 / z, rel=1e-15)
        assert _variance(z, np.array([np.inf]))[0] == pytest.approx(1 / z**2, rel=1e-15)


class TestEstimate:
    @pytest.mark.parametrize(("first", "last"), [(3, 1), (1, 1), (50, 30), (1, 2000), (99_999, 1)])
    @pytest.mark.parametrize("edges", [(1, 2), (5e6, 2e7), (0.3, 0.31), (1e6, 1e6 + 1)])
    def test_two_bins_closed_form(self, edges, first, last):
        # the share in the last bin is r ** -zeta; error from the information h1 (ln r)^2 r^zeta / (r^zeta - 1)^2
        fit = fit_tail(edges, [first, last])
        log_ratio, n = math.log1p((edges[1] - edges[0]) / edges[0]), first + last
        assert fit.exponent == pytest.approx(math.log1p(first / last) / log_ratio, rel=ROUNDING)
        assert fit.standard_error == pytest.approx(math.sqrt(first / (n * last)) / log_ratio, rel=ROUNDING)
        assert fit.density_exponent == fit.exponent + 1
        assert (fit.n, fit.lowest, fit.last_edge, fit.cap) == (n, edges[0], edges[1], None)

    def test_equal_ratios_closed_form(self):
        # bins of ratio 2: shares 1 - q, q (1 - q), q^2, so ln L = 85 ln(1 - q) + 27 ln q and q = 27 / 112
        fit = fit_tail([1, 2, 4], [60, 25, 1])
        assert 2**-fit.exponent == pytest.approx(27 / 112, rel=ROUNDING)

    def test_cap_closed_form(self):
        # two bins of ratio 2 below the cap hold 1 : 2 ** -zeta, so two in three firms make exponent 1, half make 0
        assert fit_tail([1, 2], [2, 1], cap=4).exponent == pytest.approx(1, rel=ROUNDING)
        assert fit_tail([1, 2], [1, 1], cap=4).exponent == pytest.approx(0, abs=ROUNDING)
        assert fit_tail([1, 2], [1, 2], cap=4).exponent == pytest.approx(-1, rel=ROUNDING)
        # at exponent 0 log sizes are uniform: two-point information n (1/2)(1/2)(ln 2)^2
        assert fit_tail([1, 2], [8, 8], cap=4).standard_error == pytest.approx(1 / (2 * math.log(2)), rel=ROUNDING)

    @pytest.mark.parametrize(("edges", "counts", "cap"), TABLES)
    def test_against_independent_likelihood(self, edges, counts, cap):
        top, error, ends = reference(edges, counts, cap)
        fit = fit_tail(edges, counts, cap=cap, replications=1)
        assert fit.exponent == pytest.approx(top, rel=ROUNDING, abs=1e-15)
        assert fit.standard_error == pytest.approx(error, rel=1e-10)
        assert list(fit.profile) == pytest.approx(ends, rel=SOLVED)
        half = stats.norm.ppf(0.975) * error
        assert list(fit.wald) == pytest.approx([top - half, top + half], rel=SOLVED)

    @FAST
    @given(
        st.lists(st.tuples(st.floats(0.01, 3), st.integers(0, 400)), min_size=2, max_size=6),
        st.booleans(),
    )
    def test_score_changes_sign(self, bins, capped):
        counts = [count for _, count in bins]
        assume(sum(counts) > 0 and max(counts[0], counts[-1]) < sum(counts))
        edges = np.exp(np.cumsum([step for step, _ in bins]))
        cap = 3 * edges[-1] if capped else None
        fit = fit_tail(edges, counts, cap=cap, replications=1)
        step = 1e-6 * fit.standard_error
        with mpmath.workdps(40):
            below, above = (
                mpmath.diff(lambda z: log_likelihood(z, edges, counts, cap), mpmath.mpf(fit.exponent) + shift)
                for shift in (-step, step)
            )
        assert below > 0 > above
        assert fit.profile.low < fit.exponent < fit.profile.high
        assert capped or fit.profile.low > 0

    def test_far_cap_is_no_cap(self):
        free, capped = fit_tail(BAOYING, (50, 5, 21, 4)), fit_tail(BAOYING, (50, 5, 21, 4), cap=1e60)
        assert capped.exponent == pytest.approx(free.exponent, rel=ROUNDING)
        assert capped.standard_error == pytest.approx(free.standard_error, rel=ROUNDING)
        assert capped.p_value == free.p_value

    def test_cap_lowers_the_exponent(self):
        # part of the thin top is then the cap's doing
        assert fit_tail(BAOYING, (50, 5, 21, 4), cap=1e8).exponent < fit_tail(BAOYING, (50, 5, 21, 4)).exponent

    @pytest.mark.parametrize("scale", [2.0**20, 1e-6, 7])
    def test_unit_does_not_matter(self, scale):
        here = fit_tail(BAOYING, (50, 5, 21, 4))
        there = fit_tail(np.array(BAOYING) * scale, (50, 5, 21, 4))
        for name in ("exponent", "standard_error", "wald", "profile", "ks", "p_value", "g_squared"):
            assert getattr(there, name) == pytest.approx(getattr(here, name), rel=ROUNDING)
        assert there.lowest == pytest.approx(here.lowest * scale)

    def test_replication_narrows_only(self):
        once, often = fit_tail(BAOYING, (50, 5, 21, 4)), fit_tail(BAOYING, (5000, 500, 2100, 400))
        assert often.exponent == pytest.approx(once.exponent, rel=ROUNDING)
        assert often.standard_error == pytest.approx(once.standard_error / 10, rel=ROUNDING)
        assert often.g_squared == pytest.approx(once.g_squared * 100, rel=1e-10)

    @pytest.mark.parametrize("exponent", [0.7, 1.06, 3.0])
    def test_recovers_the_exponent(self, exponent):
        edges = [2, 3, 5, 10, 20, 50]
        counts = counted(np.random.default_rng(5), exponent, edges, 1_000_000)
        fit = fit_tail(edges, counts, replications=1)
        assert abs(fit.exponent - exponent) < stats.norm.isf(CHANCE / 2) * fit.standard_error
        assert fit.standard_error < 0.01

    def test_intervals_cover(self):
        rng, edges, exponent, samples = np.random.default_rng(2), [1, 2, 3, 5, 10, 30], 1.1, 300
        fits = [fit_tail(edges, counted(rng, exponent, edges, 150), replications=1) for _ in range(samples)]
        least, most = stats.binom.interval(1 - CHANCE, samples, 0.95)
        for name in ("wald", "profile"):
            covered = sum(getattr(fit, name).low <= exponent <= getattr(fit, name).high for fit in fits)
            assert least <= covered <= most

    @pytest.mark.parametrize("above_ten", range(21, 30))
    def test_baoying(self, above_ten):
        counts = (50, 30 - above_ten, above_ten - 4, 4)
        top, error, _ = reference(BAOYING, counts)
        fit = fit_tail(BAOYING, counts)
        assert fit.exponent == pytest.approx(top, rel=ROUNDING)
        assert fit.standard_error == pytest.approx(error, rel=ROUNDING)
        # 50 of 80 below five times the lowest edge alone would make ln(80 / 30) / ln 5 = 0.61
        assert 0.60 < fit.exponent < 0.66
        assert not fit.has_mean
        assert fit.mean_in_doubt

    def test_whether_there_is_a_mean(self):
        sure, unsure = fit_tail([1, 2], [3000, 1000]), fit_tail([1, 2], [3, 1])  # exponent 2 both
        assert (sure.has_mean, sure.mean_in_doubt) == (True, False)
        assert (unsure.has_mean, unsure.mean_in_doubt) == (True, True)
        capped = fit_tail(BAOYING, (50, 5, 21, 4), cap=1e9)
        assert (capped.has_mean, capped.mean_in_doubt) == (True, False)


class TestGoodnessOfFit:
    def test_statistics_by_hand(self):
        # bins of ratio 2: shares 1 - q, q (1 - q), q^2, so ln L = 13 ln(1 - q) + 12 ln q and q = 12 / 25
        fit = fit_tail([1, 2, 4], [7, 6, 3])
        q = 12 / 25
        expected = 16 * np.array([1 - q, q * (1 - q), q * q])
        assert 2**-fit.exponent == pytest.approx(q, rel=ROUNDING)
        assert fit.ks == pytest.approx(max(abs(7 - expected[0]), abs(3 - expected[2])) / 16, rel=ROUNDING)
        found = stats.power_divergence([7, 6, 3], expected, lambda_="log-likelihood").statistic
        assert fit.g_squared == pytest.approx(found, rel=1e-10)
        assert fit.degrees == 1

    def test_empty_bins(self):
        # 0 ln 0 = 0: only the two bins with firms count
        fit = fit_tail([1, 10, 100, 1000], [0, 3, 0, 2])
        q = 10**-fit.exponent
        by_hand = 2 * (3 * math.log(3 / (5 * q * (1 - q))) + 2 * math.log(2 / (5 * q**3)))
        assert fit.g_squared == pytest.approx(by_hand, rel=ROUNDING)

    def test_perfect_fit(self):
        fit = fit_tail([1, 2, 4, 8], [8, 4, 2, 2])
        assert fit.exponent == pytest.approx(1, rel=ROUNDING)
        assert fit.ks == pytest.approx(0, abs=ROUNDING)
        assert fit.g_squared == pytest.approx(0, abs=ROUNDING)
        assert fit.p_value == 1

    def test_two_bins_are_always_fitted(self):
        fit = fit_tail([1, 2], [3, 1])
        assert math.isnan(fit.p_value)
        assert fit.ks == pytest.approx(0, abs=ROUNDING)
        assert (fit.g_squared, fit.degrees) == (pytest.approx(0, abs=ROUNDING), 0)

    def test_bootstrap_again_one_by_one(self):
        """The same draws, each refitted with a general minimiser on another form of the likelihood."""
        counts, replications, seed = np.array([50, 8, 18, 4]), 150, 9
        n, logs = counts.sum(), np.log(BAOYING)

        def above(z):
            return np.exp(-z * (logs - logs[0]))

        def gap(row):
            if n in (row[0], row[-1]):
                return 0.0, 0.0
            loss = lambda z: -float(row @ np.log(-np.diff(np.append(above(z), 0))))  # noqa: E731
            z = optimize.minimize_scalar(loss, bounds=(0.01, 20), method="bounded", options={"xatol": 1e-10}).x
            observed = np.cumsum(row[::-1])[::-1] / n
            return z, np.abs(observed - above(z)).max()

        exponent, observed = gap(counts)
        draws = np.random.default_rng(seed).multinomial(n, -np.diff(np.append(above(exponent), 0)), replications)
        far = sum(gap(row)[1] >= observed - 1e-7 for row in draws)
        fit = fit_tail(BAOYING, counts, seed=seed, replications=replications)
        assert fit.ks == pytest.approx(observed, abs=1e-7)
        assert fit.p_value == (1 + far) / (1 + replications)
        assert 0.01 < fit.p_value < 0.9  # so that the comparison says something

    def test_few_firms_at_the_limits(self):
        """Samples with all firms in one bin occur, and are fitted exactly."""
        fit = fit_tail([1, 2, 4], [1, 1, 1], replications=500)
        assert 0 < fit.p_value <= 1

    def test_p_value_is_uniform_under_the_law(self):
        rng, edges, samples = np.random.default_rng(6), [1, 2, 3, 5, 10, 20, 50], 200
        found = [
            fit_tail(edges, counted(rng, 0.9, edges, 400), seed=i, replications=99).p_value for i in range(samples)
        ]
        assert stats.kstest(found, "uniform").pvalue > CHANCE
        for level in (0.05, 0.1, 0.5):
            least, most = stats.binom.interval(1 - CHANCE, samples, level)
            assert least <= sum(p <= level for p in found) <= most

    def test_p_value_is_small_for_another_law(self):
        # log sizes uniform up to the last edge: the same number in each doubling, nobody in the open bin
        fit = fit_tail([1, 2, 4, 8, 16], [100, 100, 100, 100, 0])
        assert fit.p_value == 1 / 1001
        assert fit.g_squared > stats.chi2.isf(CHANCE, fit.degrees)
        # the same counts follow a law with a cap exactly
        assert fit_tail([1, 2, 4, 8], [100, 100, 100, 100], cap=16).p_value == 1

    def test_same_seed_same_result(self):
        one, same, other = (fit_tail(BAOYING, (50, 5, 21, 4), seed=seed, replications=200) for seed in (3, 3, 4))
        assert one == same
        assert (one.seed, one.replications) == (3, 200)
        assert dataclasses.replace(one, seed=0, p_value=0) == dataclasses.replace(other, seed=0, p_value=0)

    def test_global_generator_is_left_alone(self):
        before = np.random.get_state()[1].copy()
        fit_tail(BAOYING, (50, 5, 21, 4))
        assert np.array_equal(before, np.random.get_state()[1])


class TestLogLogSlope:
    def test_by_hand(self):
        assert log_log_slope([1, 2, 4], [12, 3, 1]) == pytest.approx(-2, rel=ROUNDING)
        assert log_log_slope([1, 2], [3, 1]) == pytest.approx(-2, rel=ROUNDING)
        assert log_log_slope([5, 10], [0, 4]) == pytest.approx(0, abs=ROUNDING)

    @pytest.mark.parametrize("above_ten", range(21, 30))
    def test_against_polyfit(self, above_ten):
        counts = (50, 30 - above_ten, above_ten - 4, 4)
        expected = np.polyfit(np.log(BAOYING), np.log([80, 30, above_ten, 4]), 1)[0]
        assert log_log_slope(BAOYING, counts) == pytest.approx(expected, rel=1e-10)
        assert log_log_slope(np.array(BAOYING) / 1e4, counts) == pytest.approx(expected, rel=1e-10)

    def test_empty_last_bin(self):
        with pytest.raises(InputError, match="counts: given 0 in the last bin; allowed: at least 1"):
            log_log_slope([1, 2, 4], [3, 1, 0])


class TestImpliedTotal:
    def test_by_hand(self):
        assert implied_total(fit_tail([1, 2], [3, 1])) == pytest.approx(8, rel=ROUNDING)
        assert implied_total(fit_tail([5, 10], [3, 1])) == pytest.approx(40, rel=ROUNDING)
        # exponent 1 cut off at 4 times the edge: mean ln 4 / (1 - 1/4)
        fit = fit_tail([1, 2], [2, 1], cap=4)
        assert implied_total(fit) == pytest.approx(4 * math.log(4), rel=ROUNDING)
        assert implied_total(fit, cap=4) == implied_total(fit)

    @pytest.mark.parametrize("exponent", [3.0, 1.2, 1.0 + 1e-9, 1.0, 1.0 - 1e-9, 0.6, 1e-9, 0.0, -1.5])
    def test_against_integration(self, exponent):
        fit, cap = fit_tail(BAOYING, (50, 5, 21, 4), replications=1), 3e8
        mass, weight = (
            integrate.quad(lambda x, power=power: x**power, 1, cap / 1e6, epsrel=1e-12, limit=500)[0]
            for power in (-exponent - 1, -exponent)
        )
        expected = 80 * 1e6 * weight / mass
        assert implied_total(fit, cap=cap, exponent=exponent) == pytest.approx(expected, rel=1e-8)

    def test_fitted_exponent_is_the_default(self):
        fit = fit_tail(BAOYING, (50, 5, 21, 4))
        assert implied_total(fit, cap=1e9) == implied_total(fit, cap=1e9, exponent=fit.exponent)

    def test_falls_in_the_exponent_and_rises_in_the_cap(self):
        fit = fit_tail(BAOYING, (50, 5, 21, 4))
        low, high = (implied_total(fit, cap=1e9, exponent=end) for end in (fit.profile.high, fit.profile.low))
        assert 80e6 < low < implied_total(fit, cap=1e9) < high < 80e9
        assert implied_total(fit, cap=1e10) > implied_total(fit, cap=1e9)

    def test_far_cap_is_no_cap(self):
        fit = fit_tail([1, 2], [3, 1])
        assert implied_total(fit, cap=1e15) == pytest.approx(implied_total(fit), rel=ROUNDING)

    @pytest.mark.parametrize("exponent", [None, 1.0, 0.5, -1.0])
    def test_infinite_mean_is_refused(self, exponent):
        with pytest.raises(InputError, match=r"without a cap; allowed: above 1, or a cap: the mean is infinite"):
            implied_total(fit_tail(BAOYING, (50, 5, 21, 4)), exponent=exponent)

    def test_refused_with_words(self):
        free, capped = fit_tail([1, 2], [3, 1]), fit_tail([1, 2], [2, 1], cap=4)
        for cap in (2, 1.5, math.inf, math.nan):
            with pytest.raises(
                InputError, match=r"cap: given .*; allowed: None, or a finite size above the last edge 2"
            ):
                implied_total(free, cap=cap)
        with pytest.raises(InputError, match="cap: given 5 for a fit cut off at 4; allowed: the same, or a new fit"):
            implied_total(capped, cap=5)
        with pytest.raises(InputError, match="exponent: given nan; allowed: a finite number"):
            implied_total(free, exponent=math.nan)


class TestRefused:
    @pytest.mark.parametrize("function", [fit_tail, log_log_slope])
    @pytest.mark.parametrize(
        ("edges", "counts", "words"),
        [
            ([1, 1, 2], [1, 1, 1], r"edges: given 1, 1, 2; allowed: lower edges, positive, finite, strictly ascending"),
            ([2, 1], [1, 1], r"edges: given 2, 1; "),
            ([0, 1], [1, 1], r"edges: given 0, 1; "),
            ([-1, 1], [1, 1], r"edges: given -1, 1; "),
            ([1, math.inf], [1, 1], r"edges: given 1, inf; "),
            ([1, math.nan], [1, 1], r"edges: given 1, nan; "),
            ([1e-300, 1e300], [1, 1], r"edges: given 1e-300, 1e\+300; "),
            ([], [], r"edges: given \[\]; allowed: a flat, non-empty sequence of numbers"),
            ([[1, 2]], [1, 1], r"edges: given \[\[1, 2\]\]; allowed: a flat"),
            (["1", "2"], [1, 1], r"edges: given \['1', '2'\]; allowed: a flat"),
            ([1, None], [1, 1], r"edges: given \[1, None\]; allowed: a flat"),
            ([1, [2, 3]], [1, 1], r"edges: given \[1, \[2, 3\]\]; allowed: a flat"),
            (5, [1, 1], r"edges: given 5; allowed: a flat"),
            ([5], [1], r"edges: given 1; allowed: at least 2, as one bin says nothing about an exponent"),
            ([1, 2, 3], [1, 1], r"counts: given 2 for 3 edges; allowed: one for each lower edge, the last bin is open"),
            ([1, 2], [-1, 1], r"counts: given -1, 1; allowed: whole numbers of firms, at least 0"),
            ([1, 2], [1.5, 1], r"counts: given 1\.5, 1; allowed: whole numbers"),
            ([1, 2], [1, math.nan], r"counts: given 1, nan; allowed: whole numbers"),
            ([1, 2], [1, math.inf], r"counts: given 1, inf; allowed: whole numbers"),
            ([1, 2], [True, True], r"counts: given \[True, True\]; allowed: a flat"),
            ([1, 2], [0, 0], r"counts: given a total of 0; allowed: at least 1 firm"),
            ([1, 2], [1e30, 1], r"counts: given a total of 1e\+30; allowed: .*at most 2\*\*53"),
        ],
    )
    def test_bins(self, function, edges, counts, words):
        with pytest.raises(InputError, match=words):
            function(edges, counts)

    @pytest.mark.parametrize(
        ("counts", "cap", "words"),
        [
            ([7, 0, 0], None, r"counts: given all 7 in the first bin; allowed: a firm outside it, .*is infinite"),
            ([0, 0, 7], None, r"counts: given all 7 in the last bin; allowed: a firm outside it, .*is zero"),
            ([7, 0, 0], 9, r"given all 7 in the first bin; .*is infinite"),
            ([0, 0, 7], 9, r"given all 7 in the last bin; .*is minus infinity"),
        ],
    )
    def test_no_finite_exponent(self, counts, cap, words):
        with pytest.raises(InputError, match=words):
            fit_tail([1, 2, 4], counts, cap=cap)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"cap": 2}, r"cap: given 2; allowed: None, or a finite size above the last edge 2"),
            ({"cap": 1.0}, r"cap: given 1\.0; "),
            ({"cap": math.inf}, r"cap: given inf; "),
            ({"cap": math.nan}, r"cap: given nan; "),
            ({"cap": "4"}, r"cap: given '4'; "),
            ({"replications": 0}, r"replications: given 0; allowed: a whole number, at least 1"),
            ({"replications": 10.0}, r"replications: given 10\.0; "),
            ({"replications": True}, r"replications: given True; "),
            ({"seed": -1}, r"seed: given -1; allowed: a whole number, at least 0"),
            ({"seed": None}, r"seed: given None; "),
        ],
    )
    def test_options(self, options, words):
        with pytest.raises(InputError, match=words):
            fit_tail([1, 2], [3, 1], **options)

    def test_caller_keeps_the_arrays(self):
        edges, counts = np.array([1.0, 2.0]), np.array([3, 1])
        fit_tail(edges, counts)
        assert (edges.tolist(), counts.tolist()) == ([1, 2], [3, 1])
