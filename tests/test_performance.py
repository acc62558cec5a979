"""Relative performance and its decomposition: by hand, and against samples of the whole box."""

from __future__ import annotations

import math
from itertools import pairwise, product

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterlib.errors import InputError
from clusterlib.measures.performance import REFERENCES, decompose, per_unit, relative

FAST = settings(derandomize=True, deadline=None, max_examples=50)
#: A handful of roundings of double precision.
ROUNDING = 1e-12
#: mpmath rounds its intervals outward at 53 bits, so they may be wider by a few units in the last place.
OUTWARD = 1e-13
#: Percent of a whole near zero: cancellation in the logarithms.
CANCELLED = 1e-7

#: Printed shares of the above-scale firms in all garment clusters, percent: firms, workers, output, sales, profit.
FIRMS, WORKERS, OUTPUT, SALES, PROFIT = ABOVE_SCALE = (0.2537, 0.5687, 0.6741, 0.6169, 0.7024)
STEPS = ("workers_per_firm", "output_per_worker", "sales_per_output", "profit_margin")


def printed(share: float) -> tuple[float, float]:
    """Two decimals of a percent: half a unit of the last place."""
    return share - 0.00005, share + 0.00005


shares = st.tuples(st.floats(0.01, 0.95), st.floats(0, 0.04)).map(lambda pair: (pair[0], pair[0] + pair[1]))


class TestRelative:
    @pytest.mark.parametrize(
        ("value", "base", "average", "rest"),
        [
            # quotients of the printed percents, by GNU bc: 67.41/56.87; (67.41/32.59)/(56.87/43.13)
            (OUTPUT, WORKERS, 1.185335, 1.568687),
            # 70.24/25.37; (70.24/29.76)/(25.37/74.63)
            (PROFIT, FIRMS, 2.768624, 6.942958),
            # 61.69/67.41; (61.69/38.31)/(67.41/32.59)
            (SALES, OUTPUT, 0.915146, 0.778507),
            (0.5, 0.5, 1, 1),
            (0.6, 0.5, 1.2, 1.5),
            (0.2, 0.5, 0.4, 0.25),
            (0.0, 0.5, 0, 0),
        ],
    )
    def test_by_hand(self, value, base, average, rest):
        for reference, expected in (("cluster_average", average), ("rest", rest)):
            low, high = relative(value, base, reference)
            assert low == high
            assert low == pytest.approx(expected, abs=1e-6)

    def test_default_is_the_average(self):
        assert relative(0.6, 0.5) == relative(0.6, 0.5, "cluster_average")

    def test_printed_intervals(self):
        # corners of the box, by hand: 67.405/56.875 and 67.415/56.865
        low, high = relative(printed(OUTPUT), printed(WORKERS))
        assert low == pytest.approx(67.405 / 56.875, rel=ROUNDING)
        assert high == pytest.approx(67.415 / 56.865, rel=ROUNDING)
        low, high = relative(printed(OUTPUT), printed(WORKERS), "rest")
        assert low == pytest.approx(67.405 / 32.595 * 43.125 / 56.875, rel=ROUNDING)
        assert high == pytest.approx(67.415 / 32.585 * 43.135 / 56.865, rel=ROUNDING)

    def test_reference_can_be_nothing(self):
        assert relative(0.5, (0, 0.5)) == (1, math.inf)
        assert relative((0.5, 1), 0.5, "rest") == (1, math.inf)
        assert relative((0, 1), (0, 1), "rest") == (0, math.inf)
        assert relative(1, 0.5, "rest") == (math.inf, math.inf)

    @FAST
    @given(shares, shares)
    def test_against_interval_arithmetic(self, value, base):
        """Each share once, so that interval arithmetic is exact but for its own rounding."""
        y, x = mpmath.iv.mpf(value), mpmath.iv.mpf(base)
        for reference, expected in (("cluster_average", y / x), ("rest", (1 / x - 1) / (1 / y - 1))):
            found = relative(value, base, reference)
            assert found.low == pytest.approx(float(expected.a), rel=OUTWARD * 100)
            assert found.high == pytest.approx(float(expected.b), rel=OUTWARD * 100)

    @FAST
    @given(shares, shares)
    def test_exchange(self, value, base):
        """What the group is to the rest, the rest is to the group, upside down."""
        low, high = relative(value, base, "rest")
        there = relative((1 - value[1], 1 - value[0]), (1 - base[1], 1 - base[0]), "rest")
        assert there == (pytest.approx(1 / high), pytest.approx(1 / low))
        back = relative(base, value, "rest")
        assert back == (pytest.approx(1 / high), pytest.approx(1 / low))

    @FAST
    @given(shares, shares)
    def test_rest_is_farther_than_average(self, value, base):
        near, far = relative(value[0], base[0]).low, relative(value[0], base[0], "rest").low
        assert far >= near * (1 - ROUNDING) if near >= 1 else far <= near * (1 + ROUNDING)

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            ((67.41, 0.5), r"value_share: given 67\.41.*between 0 and 1"),
            ((0.5, 56.87), r"base_share: given 56\.87.*between 0 and 1"),
            ((-0.1, 0.5), r"value_share: given -0\.1"),
            ((0.5, (0.4, 1.1)), r"base_share: given 0\.4 to 1\.1"),
            ((math.nan, 0.5), r"value_share: .*nan"),
            (((0.5, 0.4), 0.5), r"value_share: given low 0\.5 above high 0\.4"),
            ((0.5, 0.5, "others"), r"reference: given 'others'; allowed: cluster_average, rest"),
        ],
    )
    def test_refused_with_words(self, args, words):
        with pytest.raises(InputError, match=words):
            relative(*args)


class TestDecompose:
    def test_above_scale(self):
        # ln of 56.87/25.37, 67.41/56.87, 61.69/67.41 and 70.24/61.69, by GNU bc -l
        found = decompose(ABOVE_SCALE, STEPS, values=ABOVE_SCALE)
        logs = [step.log for step in found.contributions]
        assert logs == pytest.approx([0.8072006, 0.1700254, -0.0886715, 0.1297961], abs=1e-7)
        assert found.log == pytest.approx(math.log(70.24 / 25.37), rel=ROUNDING)
        assert [step.factor for step in found.contributions] == list(STEPS)
        assert math.exp(found.log) == pytest.approx(2.7686, abs=5e-5)

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_steps_add_up(self, reference):
        found = decompose([printed(s) for s in ABOVE_SCALE], STEPS, reference, values=ABOVE_SCALE)
        assert math.fsum(step.log for step in found.contributions) == pytest.approx(found.log, rel=ROUNDING)
        assert math.fsum(step.percent for step in found.contributions) == pytest.approx(100, rel=ROUNDING)
        relative_whole = relative(PROFIT, FIRMS, reference).low
        assert math.exp(found.log) == pytest.approx(relative_whole, rel=ROUNDING)
        for step, (base, value) in zip(found.contributions, pairwise(ABOVE_SCALE), strict=True):
            assert math.exp(step.log) == pytest.approx(relative(value, base, reference).low, rel=ROUNDING)
            box = relative(printed(value), printed(base), reference)
            assert [math.exp(end) for end in step.log_range] == pytest.approx(list(box), rel=ROUNDING)
            assert step.log_range.low <= step.log <= step.log_range.high
            assert step.percent_range.low <= step.percent <= step.percent_range.high

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_box_is_sharp(self, reference):
        """Dense samples stay inside; the ends are attained at corners; naive division of ranges is wider."""
        rng = np.random.default_rng(11)
        boxes = [(0.2, 0.25), (0.3, 0.4), (0.33, 0.38), (0.6, 0.7)]
        found = decompose(boxes, ("a", "b", "c"), reference, values=[0.22, 0.35, 0.35, 0.65])
        draws = np.array(boxes)[:, 0] + rng.random((4000, 4)) * np.diff(boxes).T
        points = np.concatenate([draws, list(product(*boxes))])
        logs = np.log(points / (1 - points)) if reference == "rest" else np.log(points)
        steps, whole = np.diff(logs), logs[:, -1] - logs[:, 0]
        assert (whole.min(), whole.max()) == pytest.approx(tuple(found.log_range), rel=ROUNDING)
        for j, step in enumerate(found.contributions):
            percent = 100 * steps[:, j] / whole
            assert (steps[:, j].min(), steps[:, j].max()) == pytest.approx(tuple(step.log_range), abs=ROUNDING)
            assert (percent.min(), percent.max()) == pytest.approx(tuple(step.percent_range), rel=ROUNDING)
            if j != 1:  # the steps at both ends share a figure with the whole
                naive = [100 * a / b for a in step.log_range for b in found.log_range]
                assert max(naive) > step.percent_range.high + 1

    @FAST
    @given(st.lists(shares, min_size=2, max_size=5), st.data())
    def test_any_point_of_any_box_is_inside(self, boxes, data):
        point = [data.draw(st.floats(*box)) for box in boxes]
        names = [str(i) for i in range(len(boxes) - 1)]
        for reference in REFERENCES:
            wide = decompose(boxes, names, reference, values=point)
            assert wide.log_range.low - ROUNDING <= wide.log <= wide.log_range.high + ROUNDING
            for step in wide.contributions:
                assert step.log_range.low - ROUNDING <= step.log <= step.log_range.high + ROUNDING
                if math.isfinite(step.percent):
                    slack = CANCELLED * max(1, abs(step.percent))
                    assert step.percent_range.low - slack <= step.percent <= step.percent_range.high + slack

    def test_whole_of_nothing(self):
        found = decompose([0.3, 0.6, 0.3], ("up", "down"), values=[0.3, 0.6, 0.3])
        assert found.log == 0
        assert [step.log for step in found.contributions] == pytest.approx([math.log(2), -math.log(2)])
        assert all(math.isnan(step.percent) for step in found.contributions)
        assert all(step.percent_range == (-math.inf, math.inf) for step in found.contributions)

    def test_whole_that_can_be_nothing(self):
        found = decompose([(0.3, 0.4), 0.6, (0.35, 0.5)], ("up", "down"), values=[0.3, 0.6, 0.5])
        assert all(step.percent_range == (-math.inf, math.inf) for step in found.contributions)
        assert found.contributions[0].percent == pytest.approx(100 * math.log(2) / math.log(5 / 3))

    def test_one_step_is_everything(self):
        found = decompose([(0.2, 0.3), (0.5, 0.6)], ("only",), values=[0.25, 0.55])
        (step,) = found.contributions
        assert step.percent_range == (pytest.approx(100), pytest.approx(100))

    @pytest.mark.parametrize(
        ("boxes", "names", "values", "words"),
        [
            ([0.2, 0.3], ("a", "b"), [0.2, 0.3], r"given 2, 2, 2; allowed: k \+ 1, k, k \+ 1"),
            ([0.2, 0.3], ("a",), [0.2], r"given 2, 1, 1"),
            ([0.0, 0.3], ("a",), [0.1, 0.3], r"shares\[0\]: given 0 to 0.*strictly between"),
            ([0.2, 1.0], ("a",), [0.2, 0.9], r"shares\[1\]: given 1 to 1"),
            ([0.2, 30], ("a",), [0.2, 0.3], r"shares\[1\]: given 30"),
            ([0.2, 0.3], ("a",), [0.0, 0.3], r"shares\[0\]"),
            ([0.2, math.nan], ("a",), [0.2, 0.3], r"shares\[1\]: .*nan"),
        ],
    )
    def test_refused_with_words(self, boxes, names, values, words):
        with pytest.raises(InputError, match=words):
            decompose(boxes, names, values=values)

    def test_unknown_reference(self):
        with pytest.raises(InputError, match=r"reference: given 'others'; allowed: cluster_average, rest"):
            decompose([0.2, 0.3], ("a",), "others", values=[0.2, 0.3])


class TestPerUnit:
    @pytest.mark.parametrize(
        ("top", "bottom", "low", "high"),
        [
            (6, 3, 2, 2),
            ((30001, 39999), (6001, 6999), 30001 / 6999, 39999 / 6001),
            ((6e9, math.inf), (6001, 6999), 6e9 / 6999, math.inf),
            (6, (3, math.inf), 0, 2),
            ((1, 2), (0, 4), 0.25, math.inf),
            (0, (1, 4), 0, 0),
            ((6, math.inf), (3, math.inf), 0, math.inf),
        ],
    )
    def test_by_hand(self, top, bottom, low, high):
        assert per_unit(top, bottom) == (low, high)

    @FAST
    @given(shares, shares)
    def test_against_interval_arithmetic(self, top, bottom):
        expected = mpmath.iv.mpf(top) / mpmath.iv.mpf(bottom)
        found = per_unit(top, bottom)
        assert found.low == pytest.approx(float(expected.a), rel=OUTWARD)
        assert found.high == pytest.approx(float(expected.b), rel=OUTWARD)

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            ((-1, 2), "numerator: given -1; allowed: at least 0"),
            ((1, (-2, 3)), "denominator: given -2"),
            ((1, None), "denominator"),
        ],
    )
    def test_refused_with_words(self, args, words):
        with pytest.raises(InputError, match=words):
            per_unit(*args)
