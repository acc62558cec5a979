"""English and Chinese: nothing missing, and rounding never cuts an interval."""

import math
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterlib import labels
from clusterlib.errors import InputError
from clusterlib.interval import Interval

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", labels.keys())
def test_both_languages_say_the_same(key):
    row = labels._table()[key]
    assert row["en"].strip() and row["zh"].strip()
    assert gaps(row["en"]) == gaps(row["zh"])


def test_chinese_is_chinese():
    """No label is left in English; frames around other labels, and units and formulas, have no word of their own."""
    words = {key: re.sub(r"\{\w+\}", "", row["zh"]) for key, row in labels._table().items()}
    latin = {key for key, word in words.items() if re.search("[A-Za-z]{3}", word) and not CHINESE.search(word)}
    # The switch to the other language names it in its own tongue.
    assert latin == {"report.language.other", "measure.hhi_times_n"}


def test_unknown_label_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown label 'measure.ginni' \(did you mean 'measure.gini'\?\)"):
        labels.text("measure.ginni", "en")


def test_unknown_language():
    with pytest.raises(InputError, match=r"unknown language 'de'.*allowed: en, zh"):
        labels.text("measure.gini", "de")


def test_an_open_gap_is_an_error():
    with pytest.raises(InputError, match=r"table.of: given \['group'\]"):
        labels.text("table.of", "en", group="x")


def test_braces_in_data_are_plain_text():
    assert labels.text("table.of", "en", caption="{x}", group="{0.__class__}") == "{x}: {0.__class__}"


@pytest.mark.parametrize(
    ("value", "lang", "decimals", "shown"),
    [
        (6e9, "en", None, "6 billion"),
        (6e9, "zh", None, "60亿"),
        (20_250_000, "en", None, "20.25 million"),
        (20_250_000, "zh", None, "2,025万"),
        (450_000, "zh", None, "45万"),
        (450_000, "en", None, "450,000"),
        (10_001, "zh", None, "10,001"),
        (1e12, "zh", None, "1万亿"),
        (-8.707, "en", 1, "−8.7"),
        (1.0, "en", 3, "1.000"),
    ],
)
def test_numbers(value, lang, decimals, shown):
    assert labels.number(value, lang, decimals) == shown


@pytest.mark.parametrize(
    ("interval", "unit", "lang", "shown"),
    [
        (Interval(201, 299), "firm", "en", "201–299 firms"),
        (Interval(1, 1), "firm", "en", "1 firm"),
        (Interval(201, 299), "firm", "zh", "201–299家"),
        (Interval(6e9, math.inf), "CNY/year", "zh", "≥ 60亿元/年"),
        (Interval(2e9, 3e9), "CNY/year", "en", "2–3 billion CNY a year"),
        (Interval(25.365, 25.375), "percent", "en", "25.365–25.375%"),
        (Interval(-math.inf, 5), "percent", "en", "≤ 5%"),
        (Interval(-math.inf, math.inf), "percent", "en", "no hard interval"),
        (Interval(0.44861, 0.69811), "index", "en", "0.4486–0.6982"),
        (Interval(0.44861, 1), "index", "en", "0.4486–1"),
        (Interval(8_416_600, 8_450_000), "CNY", "en", "8,416,600–8,450,000 CNY"),
        (Interval(857265.3, math.inf), "CNY/year/shop", "zh", "≥ 85.7万元/店·年"),
        (Interval(-0.0888, -0.0885), "log", "en", "−0.0888 … −0.0885"),
        (Interval(5, 5), "loom", "en", "5 loom"),
    ],
)
def test_spans(interval, unit, lang, shown):
    assert labels.span(interval, unit, lang) == shown


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.floats(1e-6, 1e13), st.floats(0, 3))
def test_rounding_only_widens(low, width):
    high = low * (1 + width)
    shown_low, shown_high, _ = labels.ends(Interval(low, high))
    assert shown_low <= low * (1 + 1e-12) and shown_high >= high * (1 - 1e-12)
    # and stays useful: at most a step of a hundredth of the width at each end, or four decimals
    step = max((high - low) / 30, 1e-4) if high > low else low / 50
    assert low - shown_low <= step + 1e-9 * low and shown_high - high <= step + 1e-9 * high


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.floats(1e-3, 1e6), st.floats(1e-6, 1))
def test_a_value_has_no_more_digits_than_its_interval(value, half):
    interval = Interval(value * (1 - half / 2), value * (1 + half / 2))
    decimals = labels.value_decimals(value, interval)
    leading = 10.0 ** math.floor(math.log10(value))
    fewer = round(value, decimals - 1)
    assert 10.0**-decimals >= min((interval.high - interval.low) / 8, leading) * (1 - 1e-9) or (
        not interval.low <= fewer <= interval.high
    )


def test_dates():
    assert labels.date("2026-01-05T08:00:30+08:00", "zh") == "2026年1月5日 08:00"
    assert labels.date("2026-01-05T08:00:30+08:00", "en") == "5 Jan 2026, 08:00"
