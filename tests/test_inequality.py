"""Inequality of a full vector: closed forms, brute-force definitions, and the axioms as properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from populations import MEASURES as DEFINITIONS
from populations import top_sum

from clusterlib.errors import InputError
from clusterlib.measures.inequality import atkinson, cr, gini, hhi, hoover, theil_l, theil_t

#: Sums of some dozens of terms of size 1 in double precision.
ROUNDING = 1e-12
#: The axioms are checked on values between 1e-3 and 1e6: a mean over n firms then loses up to 9 digits of a small one,
#: and a logarithm carries that loss on.
AXIOM = 1e-9

FAST = settings(derandomize=True, deadline=None, max_examples=20)
FUNCTIONS = {"gini": gini, "hoover": hoover, "theil_t": theil_t, "theil_l": theil_l, "hhi": hhi}
RELATIVE = (gini, hoover, theil_t, theil_l, atkinson)
EVERY = (*RELATIVE, hhi)

positive = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=12)
with_zeros = st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e6)), min_size=1, max_size=12).filter(any)


class TestByHand:
    @pytest.mark.parametrize("n", (1, 2, 3, 7, 100))
    def test_equal_firms(self, n):
        for measure in RELATIVE:
            assert measure([5.0] * n) == pytest.approx(0, abs=ROUNDING)
        assert hhi([5.0] * n) == pytest.approx(1 / n, abs=ROUNDING)
        assert cr([5.0] * n, 1) == pytest.approx(1 / n, abs=ROUNDING)

    @pytest.mark.parametrize("n", (2, 3, 10, 1000))
    def test_monopoly(self, n):
        x = [0.0] * (n - 1) + [7.0]
        assert gini(x) == pytest.approx(1 - 1 / n, abs=ROUNDING)
        assert hoover(x) == pytest.approx(1 - 1 / n, abs=ROUNDING)
        assert theil_t(x) == pytest.approx(math.log(n), abs=ROUNDING)
        assert theil_l(x) == math.inf
        assert atkinson(x) == 1
        assert atkinson(x, epsilon=2) == 1
        assert atkinson(x, epsilon=0.5) == pytest.approx(1 - 1 / n, abs=ROUNDING)  # 1 - (sqrt(n) / n)^2
        assert hhi(x) == 1
        assert cr(x, 1) == 1

    def test_half_have_everything(self):
        # the classic of pysal's inequality tests: Theil T is ln 2
        x = [0, 0, 0, 10, 10, 10]
        assert gini(x) == 0.5
        assert hoover(x) == 0.5
        assert theil_t(x) == pytest.approx(math.log(2), abs=ROUNDING)
        assert theil_l(x) == math.inf
        assert hhi(x) == pytest.approx(1 / 3, abs=ROUNDING)
        assert [cr(x, k) for k in (1, 2, 3, 6)] == pytest.approx([1 / 3, 2 / 3, 1, 1], abs=ROUNDING)

    def test_two_groups(self):
        # 2 of 8 firms share 0.6 equally, the rest 0.4: f = 0.25, s = 0.6
        x = [3.0, 3.0] + [2 / 3] * 6
        assert gini(x) == pytest.approx(0.35, abs=ROUNDING)
        assert hoover(x) == pytest.approx(0.35, abs=ROUNDING)
        assert theil_t(x) == pytest.approx(0.6 * math.log(2.4) + 0.4 * math.log(0.4 / 0.75), abs=ROUNDING)
        assert theil_l(x) == pytest.approx(0.25 * math.log(1 / 2.4) + 0.75 * math.log(0.75 / 0.4), abs=ROUNDING)
        assert hhi(x) == pytest.approx(0.36 / 2 + 0.16 / 6, abs=ROUNDING)

    def test_one_two_three(self):
        # shares 1/6, 1/3, 1/2: G = (-2 + 0 + 6) / (3 * 6), H = 1/2 - 1/3, HHI = (1 + 4 + 9) / 36
        x = [2, 3, 1]
        assert gini(x) == pytest.approx(2 / 9, abs=ROUNDING)
        assert hoover(x) == pytest.approx(1 / 6, abs=ROUNDING)
        assert hhi(x) == pytest.approx(14 / 36, abs=ROUNDING)
        assert cr(x, 2) == pytest.approx(5 / 6, abs=ROUNDING)
        assert theil_t(x) == pytest.approx(math.log(0.5) / 6 + math.log(1.5) / 2, abs=ROUNDING)
        assert theil_l(x) == pytest.approx(-(math.log(0.5) + math.log(1.5)) / 3, abs=ROUNDING)

    def test_atkinson(self):
        # of 1 and 4, mean 2.5: power means 2.25 (1/2), geometric 2, harmonic 1.6
        assert atkinson([1, 4], epsilon=0.5) == pytest.approx(0.1, abs=ROUNDING)
        assert atkinson([1, 4]) == pytest.approx(0.2, abs=ROUNDING)
        assert atkinson([1, 4], epsilon=2) == pytest.approx(0.36, abs=ROUNDING)
        # the poorest alone counts in the limit: 1 - 1 / 2.5; at epsilon 5001 the mean is 2^(1/5000) times the least
        assert atkinson([1, 4], epsilon=5001) == pytest.approx(1 - 2 ** (1 / 5000) / 2.5, abs=1e-9)
        assert atkinson([1, 4], epsilon=1 + 1e-6) == pytest.approx(0.2, abs=1e-6)

    def test_losses(self):
        # -1, 1, 3: total 3; pairs differ by 2, 2, 4, mean difference 16/9, G = 8/9; H = 1/2 (2/3 + 0 + 2/3)
        x = [3, -1, 1]
        assert gini(x) == pytest.approx(8 / 9, abs=ROUNDING)
        assert hoover(x) == pytest.approx((2 / 3 + 0 + 2 / 3) / 2, abs=ROUNDING)
        assert hhi(x) == pytest.approx(11 / 9, abs=ROUNDING)
        assert cr(x, 1) == pytest.approx(1, abs=ROUNDING)
        assert cr(x, 2) == pytest.approx(4 / 3, abs=ROUNDING)
        assert gini([-5, 6]) == pytest.approx(5.5, abs=ROUNDING)  # may exceed 1

    def test_weights(self):
        # a million firms with 1 each and one with a million: half each
        x, weights = [1.0, 1e6], [1_000_000, 1]
        n = 1_000_001
        assert hoover(x, weights) == pytest.approx(0.5 - 1 / n, abs=ROUNDING)
        assert gini(x, weights) == pytest.approx(0.5 - 1 / n, abs=ROUNDING)
        assert hhi(x, weights) == pytest.approx(0.25 + 0.25e-6, abs=ROUNDING)
        assert cr(x, 1, weights) == pytest.approx(0.5, abs=ROUNDING)
        assert cr(x, 500_001, weights) == pytest.approx(0.75, abs=ROUNDING)
        assert theil_t(x, weights) == pytest.approx(0.5 * math.log(n / 2e6) + 0.5 * math.log(n / 2), abs=ROUNDING)

    def test_nobody_has_weight_zero(self):
        for measure in EVERY:
            assert measure([1, 4, 0, 9], [1, 1, 0, 0]) == pytest.approx(measure([1, 4]), abs=ROUNDING)
        assert cr([9, 4, 1], 1, [0, 1, 1]) == pytest.approx(0.8, abs=ROUNDING)

    def test_part_of_a_firm(self):
        assert cr([6, 3, 1], 1.5) == pytest.approx(0.75, abs=ROUNDING)
        assert cr([6, 3, 1], 0.5) == pytest.approx(0.3, abs=ROUNDING)

    def test_plain_numbers(self):
        for measure in EVERY:
            assert type(measure([1, 2])) is float
        assert type(cr([1, 2], 1)) is float


class TestDefinitions:
    @pytest.mark.parametrize("name", FUNCTIONS)
    @FAST
    @given(x=with_zeros)
    def test_brute_force(self, name, x):
        expected = float(DEFINITIONS[name](x, **({"zero": 0.0} if name == "theil_l" else {})))
        assert FUNCTIONS[name](x) == pytest.approx(expected, rel=AXIOM, abs=AXIOM)

    @FAST
    @given(x=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9))
    def test_brute_force_with_losses(self, x):
        assume(sum(x) > 1)
        for name in ("gini", "hoover", "hhi"):
            assert FUNCTIONS[name](x) == pytest.approx(float(DEFINITIONS[name](x)), rel=AXIOM, abs=AXIOM)

    @FAST
    @given(x=with_zeros, data=st.data())
    def test_concentration_ratio(self, x, data):
        k = data.draw(st.integers(1, len(x)))
        assert cr(x, k) == pytest.approx(float(top_sum(x, k)), rel=AXIOM)

    @FAST
    @given(x=positive, epsilon=st.floats(0.1, 4))
    def test_atkinson_power_mean(self, x, epsilon):
        assume(abs(epsilon - 1) > 1e-3)
        mean = sum(x) / len(x)
        power = math.fsum((each / mean) ** (1 - epsilon) for each in x) / len(x)
        assert atkinson(x, epsilon=epsilon) == pytest.approx(1 - power ** (1 / (1 - epsilon)), rel=AXIOM, abs=AXIOM)

    @FAST
    @given(x=positive)
    def test_known_relations(self, x):
        n = len(x)
        assert n * hhi(x) == pytest.approx(1 + (np.std(x) / np.mean(x)) ** 2, rel=AXIOM)
        assert atkinson(x) == pytest.approx(1 - math.exp(-theil_l(x)), rel=AXIOM, abs=AXIOM)
        assert hoover(x) <= gini(x) + ROUNDING
        assert -ROUNDING <= gini(x) <= 1 - 1 / n + ROUNDING
        assert -ROUNDING <= theil_t(x) <= math.log(n) + ROUNDING
        assert 2 * hoover(x) ** 2 <= theil_t(x) + AXIOM  # Pinsker's inequality


class TestAxioms:
    @pytest.mark.parametrize("measure", EVERY)
    @FAST
    @given(x=positive, data=st.data())
    def test_order_does_not_matter(self, measure, x, data):
        shuffled = data.draw(st.permutations(x))
        assert measure(shuffled) == pytest.approx(measure(x), rel=AXIOM, abs=AXIOM)

    @pytest.mark.parametrize("measure", EVERY)
    @FAST
    @given(x=with_zeros, scale=st.floats(1e-6, 1e6))
    def test_unit_does_not_matter(self, measure, x, scale):
        assert measure([scale * each for each in x]) == pytest.approx(measure(x), rel=AXIOM, abs=AXIOM)

    @pytest.mark.parametrize("measure", RELATIVE)
    @FAST
    @given(x=with_zeros, times=st.integers(2, 4))
    def test_replication(self, measure, x, times):
        assert measure(x * times) == pytest.approx(measure(x), rel=AXIOM, abs=AXIOM)

    @FAST
    @given(x=positive, times=st.integers(2, 4))
    def test_concentration_counts_firms(self, x, times):
        assert hhi(x * times) == pytest.approx(hhi(x) / times, rel=AXIOM)
        assert cr(x * times, times) == pytest.approx(cr(x, 1), rel=AXIOM)

    @pytest.mark.parametrize("measure", EVERY)
    @FAST
    @given(x=st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=10), part=st.floats(0, 1), data=st.data())
    def test_progressive_transfer_never_raises(self, measure, x, part, data):
        i, j = data.draw(st.lists(st.integers(0, len(x) - 1), min_size=2, max_size=2, unique=True))
        poor, rich = min(x[i], x[j]), max(x[i], x[j])
        moved = part * (rich - poor)
        after = list(x)
        after[i], after[j] = poor + moved, rich - moved
        assert measure(after) <= measure(x) + AXIOM
        assert cr(after, 1) <= cr(x, 1) + AXIOM

    @pytest.mark.parametrize("measure", EVERY)
    def test_a_real_transfer_lowers(self, measure):
        if measure is not hoover:  # hoover is flat on one side of the mean
            assert measure([1, 2, 6, 11]) > measure([1, 2, 7, 10]) + 1e-3
        assert measure([1, 5, 6, 8]) > measure([2, 5, 6, 7]) + 1e-3

    @pytest.mark.parametrize("measure", EVERY)
    @FAST
    @given(
        classes=st.lists(st.tuples(st.floats(1e-3, 1e6), st.integers(0, 4)), min_size=1, max_size=8),
        k=st.integers(1, 3),
    )
    def test_weights_are_repetition(self, measure, classes, k):
        values, counts = zip(*classes, strict=True)
        repeated = np.repeat(values, counts)
        assume(len(repeated) >= k)
        assert measure(values, counts) == pytest.approx(measure(repeated), rel=AXIOM, abs=AXIOM)
        assert cr(values, k, counts) == pytest.approx(cr(repeated, k), rel=AXIOM)

    @pytest.mark.parametrize("measure", EVERY)
    def test_leading_axes_are_populations(self, measure):
        rng = np.random.default_rng(7)
        x, weights = rng.lognormal(size=(2, 3, 5)), rng.integers(1, 4, (2, 3, 5))
        found = measure(x, weights)
        assert found.shape == (2, 3)
        for place in np.ndindex(2, 3):
            assert found[place] == pytest.approx(measure(x[place], weights[place]), rel=ROUNDING)
        one_weight_for_all = measure(x, [1, 2, 3, 4, 5])
        assert one_weight_for_all[1, 2] == pytest.approx(measure(x[1, 2], [1, 2, 3, 4, 5]), rel=ROUNDING)
        one_vector_many_weights = measure(x[0, 0], weights)
        assert one_vector_many_weights[1, 1] == pytest.approx(measure(x[0, 0], weights[1, 1]), rel=ROUNDING)
        assert cr(x, 2).shape == (2, 3)
        assert cr(x, 2)[0, 1] == pytest.approx(cr(x[0, 1], 2), rel=ROUNDING)

    @pytest.mark.parametrize("measure", EVERY)
    def test_input_is_left_alone(self, measure):
        x, weights = np.array([3.0, 0.0, 1.0]), np.array([1.0, 0.0, 2.0])
        measure(x, weights)
        assert x.tolist() == [3, 0, 1]
        assert weights.tolist() == [1, 0, 2]


class TestInput:
    @pytest.mark.parametrize("measure", EVERY)
    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (([],), "x: given no firm"),
            ((5.0,), "x: given no firm"),
            (([[], []],), "x: given no firm"),
            (([1, math.nan],), "x: given a value that is not finite"),
            (([1, math.inf],), "x: given a value that is not finite"),
            (([0, 0],), "x: given a total of 0; allowed: a total above 0"),
            (([1, 2], [0, 0]), "x: given a total of 0"),
            (([1, 2], [1, -1]), "weights: given a negative or infinite"),
            (([1, 2], [1, math.inf]), "weights: given a negative or infinite"),
            (([1, 2], [1, math.nan]), "weights: given a negative or infinite"),
            (([1, 2, 3], [1, 2]), "shapes fit"),
            ((["a", "b"],), "arrays of numbers"),
            (([[1, 2], [3]],), "arrays of numbers"),
            ((None,), "x: "),
            (([[1, 2], [0, 0]],), "x: given a total of 0"),
        ],
    )
    def test_refused_with_words(self, measure, args, words):
        with pytest.raises(InputError, match=words):
            measure(*args)

    @pytest.mark.parametrize("measure", (theil_t, theil_l, atkinson))
    def test_no_losses_in_logarithms(self, measure):
        with pytest.raises(InputError, match="x: given the negative value -1; allowed: values of at least 0"):
            measure([-1, 5])

    @pytest.mark.parametrize("measure", (gini, hoover, hhi))
    def test_total_must_be_positive(self, measure):
        with pytest.raises(InputError, match="x: given a total of -1"):
            measure([-3, 2])

    @pytest.mark.parametrize("k", (0, -1, 4, 3.01, math.nan, math.inf))
    def test_number_of_firms(self, k):
        with pytest.raises(InputError, match=r"k: given .*at most the number of firms, 3"):
            cr([1, 2, 3], k)

    @pytest.mark.parametrize("epsilon", (0, -1, math.nan, math.inf))
    def test_aversion(self, epsilon):
        with pytest.raises(InputError, match=r"epsilon: given .*above 0"):
            atkinson([1, 2], epsilon=epsilon)
