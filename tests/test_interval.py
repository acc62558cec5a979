"""Intervals: reading them, ranges over boxes, and rounding outward."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterlib.errors import InputError
from clusterlib.interval import Interval, as_interval, outward, over_corners, quotient

FAST = settings(derandomize=True, deadline=None, max_examples=100)
#: `outward` forgives this relative error of the scaled number; anything larger must move outward.
FORGIVEN = 1e-9


class TestAsInterval:
    @pytest.mark.parametrize(
        ("given_", "low", "high"),
        [
            (3, 3, 3),
            (0.25, 0.25, 0.25),
            ((1, 2), 1, 2),
            ([1, 2], 1, 2),
            (Interval(1, 2), 1, 2),
            ((1, 1), 1, 1),
            ((5, math.inf), 5, math.inf),
            ((-math.inf, math.inf), -math.inf, math.inf),
            (np.float64(0.5), 0.5, 0.5),
            ((np.int64(1), np.float32(2)), 1, 2),
            (Fraction(1, 4), 0.25, 0.25),
            (Decimal("0.5"), 0.5, 0.5),
        ],
    )
    def test_read(self, given_, low, high):
        found = as_interval(given_, "share")
        assert found == (low, high)
        assert isinstance(found, Interval)
        assert all(type(end) is float for end in found)

    @pytest.mark.parametrize(
        ("given_", "words"),
        [
            ((2, 1), "share: given low 2 above high 1; allowed: low <= high"),
            (math.nan, "share: given nan; allowed: numbers, not nan"),
            ((math.nan, 1), "not nan"),
            ((1, math.nan), "not nan"),
            ((), r"share: given \(\); allowed: a number or a \(low, high\) pair"),
            ((1,), "pair of numbers"),
            ((1, 2, 3), "pair of numbers"),
            ((1, 2, 3, 4, 5), "pair of numbers"),
            (None, "share: given None"),
            ((None, 1), "pair of numbers"),
            ("0.3", "share: given '0.3'"),
            ("ab", "pair of numbers"),
            (("0.1", "0.2"), "pair of numbers"),
            ((1, "2"), "pair of numbers"),
            (b"1", "pair of numbers"),
            ({1: 2}, "pair of numbers"),
            (((1, 2), 3), "pair of numbers"),
            (1j, "pair of numbers"),
            (10**400, "pair of numbers"),
            (np.array([0.1, 0.2]), "pair of numbers"),
        ],
    )
    def test_refused_with_words(self, given_, words):
        with pytest.raises(InputError, match=words):
            as_interval(given_, "share")

    def test_point(self):
        assert as_interval(2, "x").is_point
        assert not as_interval((2, 3), "x").is_point


class TestOverCorners:
    def test_signs(self):
        # products of -1..2 and -3..4: corners 3, -4, -6, 8
        assert over_corners(lambda a, b: a * b, Interval(-1, 2), Interval(-3, 4)) == (-6, 8)
        assert over_corners(lambda a: -a, Interval(1, 2)) == (-2, -1)
        assert isinstance(over_corners(lambda a: a, Interval(1, 2)), Interval)

    @FAST
    @given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0, 5)), min_size=3, max_size=3), st.data())
    def test_holds_every_inner_point(self, ends, data):
        box = [Interval(low, low + width) for low, width in ends]
        found = over_corners(lambda a, b, c: (a + b) / (b + c), *box)
        point = [data.draw(st.floats(*each)) for each in box]
        value = (point[0] + point[1]) / (point[1] + point[2])
        assert found.low * (1 - 1e-12) <= value <= found.high * (1 + 1e-12)


class TestQuotient:
    @pytest.mark.parametrize(
        ("a", "b", "expected"),
        [(6, 3, 2), (0, 3, 0), (1, 0, math.inf), (math.inf, 2, math.inf), (2, math.inf, 0), (math.inf, 0, math.inf)],
    )
    def test_defined(self, a, b, expected):
        assert quotient(a, b) == expected

    @pytest.mark.parametrize(("a", "b"), [(0, 0), (math.inf, math.inf)])
    def test_undefined(self, a, b):
        assert math.isnan(quotient(a, b))


class TestOutward:
    @pytest.mark.parametrize(
        ("value", "decimals", "low", "high"),
        [
            (1.18514, 3, 1.185, 1.186),
            (-1.18514, 3, -1.186, -1.185),
            (0.25, 2, 0.25, 0.25),
            (0.1 + 0.2, 1, 0.3, 0.3),
            (2.675, 2, 2.67, 2.68),
            (0.0001, 2, 0.0, 0.01),
            (-0.0001, 2, -0.01, 0.0),
            (0, 2, 0, 0),
            (7.2, 0, 7, 8),
            (1234, -2, 1200, 1300),
            (1200, -2, 1200, 1200),
            (math.inf, 2, math.inf, math.inf),
            (-math.inf, 2, -math.inf, -math.inf),
            (1e308, 3, 1e308, 1e308),
        ],
    )
    def test_by_hand(self, value, decimals, low, high):
        assert outward(value, decimals, up=False) == low
        assert outward(value, decimals, up=True) == high

    def test_nan_stays(self):
        assert math.isnan(outward(math.nan, 2, up=True))

    @FAST
    @given(st.floats(-1e6, 1e6), st.integers(0, 6))
    def test_never_inward_and_never_far(self, value, decimals):
        low, high = outward(value, decimals, up=False), outward(value, decimals, up=True)
        unit = 10.0**-decimals
        slack = FORGIVEN * max(unit, abs(value))
        assert value - unit - slack <= low <= value + slack
        assert value - slack <= high <= value + unit + slack
        for end in (low, high):
            assert f"{end:.{decimals}f}" == f"{round(end, decimals):.{decimals}f}"
            assert outward(end, decimals, up=True) == outward(end, decimals, up=False) == end
