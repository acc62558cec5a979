"""Verdicts: against a scan of the numbers in the interval, by hand at the borders, and their combination."""

import math
import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusterlib.errors import InputError
from clusterlib.measures.checklist import STATES, merged, stage_range
from clusterlib.measures.growth import required_growth
from clusterlib.measures.verdicts import COMPARISONS, VERDICTS, combine, judge, margin_of

TRUE = {
    "above": lambda x, b: x > b[0],
    "at_least": lambda x, b: x >= b[0],
    "below": lambda x, b: x < b[0],
    "at_most": lambda x, b: x <= b[0],
    "between": lambda x, b: b[0] <= x <= b[1],
}


@pytest.mark.parametrize("comparison", COMPARISONS)
@given(st.data())
def test_whole_numbers_against_a_scan(comparison, data):
    low = data.draw(st.integers(0, 30))
    high = data.draw(st.integers(low, low + 30))
    bound = sorted(data.draw(st.lists(st.integers(-2, 64), min_size=2, max_size=2)))
    given_bound = tuple(bound) if comparison == "between" else bound[0]
    found = judge((low, high), comparison, given_bound, whole=True)
    holds = [TRUE[comparison](x, bound) for x in range(low, high + 1)]
    assert (found.verdict == "supported") == all(holds)
    assert (found.verdict == "contradicted") == (not any(holds))
    assert found.part == pytest.approx(sum(holds) / len(holds))
    at_end = holds[0] or holds[-1]
    mixed = any(holds) and not all(holds)
    assert (found.verdict == "only_at_the_extreme") == (mixed and at_end and sum(holds) / len(holds) <= 0.1)


@pytest.mark.parametrize("comparison", COMPARISONS)
@given(st.data())
def test_real_numbers_against_a_fine_scan(comparison, data):
    low, width = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 8))
    bound = sorted(data.draw(st.lists(st.integers(-1, 17), min_size=2, max_size=2)))
    given_bound = tuple(bound) if comparison == "between" else bound[0]
    found = judge((low, low + width), comparison, given_bound)
    scan = [low + width * i / 4096 for i in range(4097)]
    holds = [TRUE[comparison](x, bound) for x in [*scan, *(b for b in bound if low <= b <= low + width)]]
    assert (found.verdict == "supported") == all(holds)
    assert (found.verdict == "contradicted") == (not any(holds))
    if any(holds) and not all(holds):
        assert found.part == pytest.approx(sum(holds) / len(holds), abs=1e-3)


@pytest.mark.parametrize(
    ("interval", "comparison", "bound", "verdict"),
    [
        ((50, 100), "above", 50, "undecidable"),  # false at 50 itself
        ((50, 100), "at_least", 50, "supported"),
        ((30, 50), "above", 50, "contradicted"),
        ((30, 50), "at_least", 50, "only_at_the_extreme"),
        ((50, 50), "above", 50, "contradicted"),
        ((50, math.inf), "at_least", 60, "undecidable"),
        ((13, math.inf), "below", 13, "contradicted"),
        ((13, math.inf), "at_most", 13, "undecidable"),
        ((-math.inf, math.inf), "at_most", 13, "undecidable"),
        ((0.465e9, 2.129e9), "between", (2e9, 3e9), "only_at_the_extreme"),
        ((0.465e9, 2.706e9), "between", (2e9, 3e9), "undecidable"),
        ((1.9e9, 3.1e9), "between", (2e9, 2.01e9), "undecidable"),  # rare, but not at an end
        ((25.365, 25.375), "between", (25, 25), "contradicted"),
        ((25.365, 25.375), "between", (24.5, 25.5), "supported"),
    ],
)
def test_borders(interval, comparison, bound, verdict):
    assert judge(interval, comparison, bound).verdict == verdict


def test_the_extreme_is_a_parameter():
    assert judge((0, 10), "at_least", 9, extreme=0.1).verdict == "only_at_the_extreme"
    assert judge((0, 10), "at_least", 9, extreme=0.05).verdict == "undecidable"


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.sampled_from(COMPARISONS[:4]))
def test_a_narrower_interval_never_reverses_a_verdict(low, width, cut_low, cut_high, comparison):
    wide = (low, low + width)
    narrow = (min(low + cut_low, low + width), max(low + width - cut_high, min(low + cut_low, low + width)))
    before, after = judge(wide, comparison, 10).verdict, judge(narrow, comparison, 10).verdict
    if before in ("supported", "contradicted"):
        assert after == before


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["supported"], "supported"),
        (["supported", "contradicted"], "mixed"),
        (["supported", "only_at_the_extreme"], "mixed"),
        (["contradicted", "only_at_the_extreme"], "only_at_the_extreme"),
        (["supported", "undecidable"], "undecidable"),
        (["contradicted", "undecidable"], "undecidable"),
        (["supported", "contradicted", "undecidable"], "mixed"),
        ([], "undecidable"),
    ],
)
def test_readings_combine(verdicts, expected):
    for order in (verdicts, verdicts[::-1], verdicts * 2):
        assert combine(order) == expected


def test_combining_twice_changes_nothing():
    for pair in product(VERDICTS, repeat=2):
        assert combine([combine(pair)]) == combine(pair)


def test_margin_is_where_the_verdict_turns():
    random.seed(4)
    for _ in range(200):
        low = random.uniform(0.5, 2)
        interval, comparison = (low, low + random.uniform(0, 0.2)), random.choice(["above", "below"])
        margin = margin_of(interval, comparison, 1.0)
        sign = 1 if comparison == "above" else -1
        inside, outside = (judge(interval, comparison, 1 + sign * (margin + step)).verdict for step in (-1e-9, 1e-9))
        assert inside == "supported" and outside != "supported"


@pytest.mark.parametrize(
    "call",
    [
        lambda: judge((1, 2), "over", 1),
        lambda: judge((1, 2), "above", (1, 2)),
        lambda: judge((2, 1), "above", 1),
        lambda: judge((1, 2), "above", float("nan")),
        lambda: judge((1, 2), "above", 1, extreme=1),
        lambda: judge((1.2, 1.8), "above", 1, whole=True),
        lambda: combine(["true"]),
        lambda: margin_of((1, 2), "between", 1),
        lambda: margin_of((1, 2), "above", 0),
        lambda: required_growth(0, 1, 1),
        lambda: required_growth(1, 1, 0),
        lambda: required_growth(1, -1, 1),
        lambda: stage_range([["there"]]),
        lambda: merged(["there"]),
    ],
)
def test_impossible_input_is_named(call):
    with pytest.raises(InputError, match=r"given|unknown"):
        call()


def test_growth_by_hand():
    assert required_growth(200, 100, 1) == pytest.approx((1, 1))
    assert required_growth((1e10, math.inf), (2.5e9, 5e9), 2) == pytest.approx((math.sqrt(2) - 1, math.inf))
    assert required_growth(50, 100, 1) == pytest.approx((-0.5, -0.5))
    assert required_growth(100, (0, 50), 1) == pytest.approx((1, math.inf))


@given(st.floats(1, 1e12), st.floats(1, 1e12), st.floats(0.25, 40))
def test_growth_leads_to_the_target(target, baseline, years):
    rate = required_growth(target, baseline, years).low
    assert 1 + rate == pytest.approx((target / baseline) ** (1 / years), rel=1e-9, abs=1e-15)


def test_stages_against_every_way_to_fill_what_is_open():
    """Brute force: an open element is there or not; the stage reached is the last with all elements there."""
    random.seed(7)
    for _ in range(300):
        stages = [[random.choice(STATES) for _ in range(random.randint(0, 3))] for _ in range(3)]
        slots = [state for stage in stages for state in stage]
        reached = set()
        for answer in product([True, False], repeat=len(slots)):
            if any((state == "present" and not there) or (state == "absent" and there)
                   for state, there in zip(slots, answer, strict=True)):  # fmt: skip
                continue
            filled, count = iter(answer), 0
            complete = [all([next(filled) for _ in stage]) for stage in stages]  # noqa: C419 - every answer is taken
            while count < len(complete) and complete[count]:
                count += 1
            reached.add(count)
        found = stage_range(stages)
        assert (found.low, found.high) == (min(reached), max(reached))
