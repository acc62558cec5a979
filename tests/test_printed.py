"""Printed words to intervals: every named rule, in half and full width, and what must be refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterlib.errors import InputError
from clusterlib.extraction.scan import folded
from clusterlib.numerals import chinese_integer
from clusterlib.printed import LONGEST, read
from clusterlib.rules import RULES, Reading

FAST = settings(derandomize=True, deadline=None, max_examples=80)
#: Reference values below are decimal literals; the reader works in fractions and rounds once.
ONE_ROUNDING = 1e-15
INF = math.inf
NAN = math.nan

WORDS = "0123456789０９一二两三十百千万亿多余几约近超过以上下左右不到半成分之/.,%家元强弱 "
FULL_WIDTH = str.maketrans("0123456789.%/,", "０１２３４５６７８９．％／，")


def same(found: Reading, value: float, low: float, high: float, rule: str) -> bool:
    pairs = zip((found.value, found.low, found.high), (value, low, high), strict=True)
    close = all(math.isclose(a, b, rel_tol=ONE_ROUNDING) or (math.isnan(a) and math.isnan(b)) for a, b in pairs)
    return close and found.rule == rule


COUNTS = [
    # exact
    ("18条", 18, 18, 18, "exact"),
    ("4家", 4, 4, 4, "exact"),
    ("0家", 0, 0, 0, "exact"),
    ("1,234家", 1234, 1234, 1234, "exact"),
    ("5百家", 500, 500, 500, "exact"),
    ("三大经济圈", 3, 3, 3, "exact"),
    ("两类", 2, 2, 2, "exact"),
    ("十八条", 18, 18, 18, "exact"),
    ("二百五十家", 250, 250, 250, "exact"),
    ("两千零三家", 2003, 2003, 2003, "exact"),
    ("20家超市", 20, 20, 20, "exact"),
    ("20", 20, 20, 20, "exact"),
    # a count in 万 or 亿 is rounded like a measured figure
    ("3万人", 30_000, 25_000, 35_000, "rounded"),
    ("1.5万人", 15_000, 14_500, 15_500, "rounded"),
    ("五百万人", 5e6, 4.995e6, 5.005e6, "rounded"),
    ("23.5人", 23.5, 23.45, 23.55, "rounded"),
    ("二万五千家", 25_000, 24_500, 25_500, "rounded"),
    ("1亿2千万人", 1.2e8, 1.15e8, 1.25e8, "rounded"),
    # tone only
    ("仅20家", 20, 20, 20, "exact"),
    ("只有20家", 20, 20, 20, "exact"),
    ("达20家", 20, 20, 20, "exact"),
    ("达到20家", 20, 20, 20, "exact"),
    ("高达20家", 20, 20, 20, "exact"),
    ("共有20家", 20, 20, 20, "exact"),
    ("已有20家", 20, 20, 20, "exact"),
    # more than
    ("20多家", 20, 21, 29, "more_than"),
    ("10多家", 10, 11, 19, "more_than"),
    ("200多家", 200, 201, 299, "more_than"),
    ("250多家", 250, 251, 259, "more_than"),
    ("6000多家", 6000, 6001, 6999, "more_than"),
    ("1万多家", 10000, 10001, 19999, "more_than"),
    ("3万多人", 30000, 30001, 39999, "more_than"),
    ("3000余种", 3000, 3001, 3999, "more_than"),
    ("3万余人", 30000, 30001, 39999, "more_than"),
    ("1.5万多家", 15000, 15001, 15999, "more_than"),
    ("二十多家", 20, 21, 29, "more_than"),
    ("一百二十多家", 120, 121, 129, "more_than"),
    ("百余家", 100, 101, 199, "more_than"),
    ("十多万人", 100_000, 100_001, 199_999, "more_than"),
    ("十万多人", 100_000, 100_001, 109_999, "more_than"),
    ("10多万人", 100_000, 100_001, 199_999, "more_than"),
    ("10万多人", 100_000, 100_001, 109_999, "more_than"),
    ("20万多人", 200_000, 200_001, 209_999, "more_than"),
    ("3多万人", 30_000, 30_001, 39_999, "more_than"),
    ("万余种", 10_000, 10_001, 19_999, "more_than"),
    # several
    ("十几家", 10, 11, 19, "several"),
    ("二十几家", 20, 21, 29, "several"),
    ("20几家", 20, 21, 29, "several"),
    ("几十家", 20, 20, 99, "several"),
    ("数十家", 20, 20, 99, "several"),
    ("几百家", 200, 200, 999, "several"),
    ("数千家", 2_000, 2_000, 9_999, "several"),
    ("几万人", 20_000, 20_000, 99_999, "several"),
    # ranges
    ("20-30家", 20, 20, 30, "range"),
    ("20～30家", 20, 20, 30, "range"),
    ("20至30家", 20, 20, 30, "range"),
    ("20家到30家", 20, 20, 30, "range"),
    ("三至五家", 3, 3, 5, "range"),
    ("三四家", 3, 3, 4, "range"),
    ("两三家", 2, 2, 3, "range"),
    ("三四十家", 30, 30, 40, "range"),
    ("一两百家", 100, 100, 200, "range"),
    ("3-5万人", 30_000, 30_000, 50_000, "range"),
    ("20-30家左右", 20, NAN, NAN, "about"),
    # at least, above
    ("20家以上", 20, 20, INF, "at_least"),
    ("达20家以上", 20, 20, INF, "at_least"),
    ("上万种", 10_000, 10_000, INF, "at_least"),
    ("上百家", 100, 100, INF, "at_least"),
    ("20多家以上", 20, 20, INF, "at_least"),
    *((f"{word}20家", 20, 20, INF, "above") for word in ("超", "超过", "突破", "过", "逾")),
    ("超过20多家", 20, 20, INF, "above"),
    # at most, below: a count starts at 0
    ("20家以下", 20, 0, 20, "at_most"),
    ("20家以内", 20, 0, 20, "at_most"),
    *((f"{word}20家", 20, 0, 20, "below") for word in ("不到", "不足", "近", "将近", "接近")),
    # about
    ("约20家", 20, NAN, NAN, "about"),
    ("大约20家", 20, NAN, NAN, "about"),
    ("20家左右", 20, NAN, NAN, "about"),
    ("20家上下", 20, NAN, NAN, "about"),
    ("约20多家", 20, NAN, NAN, "about"),
    # clashing qualifiers keep the wider
    ("约20家以上", 20, NAN, NAN, "about"),
    ("超过20家左右", 20, NAN, NAN, "about"),
    ("超20家以上", 20, 20, INF, "at_least"),
    ("近20家以上", 20, 20, INF, "at_least"),
    ("近20家以下", 20, 0, 20, "at_most"),
    # zero
    *((word, 0, 0, 0, "zero") for word in ("还没有", "没有", "空白", "尚无", "均没有")),
]

MEASURED = [
    ("45万平方米", 450_000, 445_000, 455_000, "rounded"),
    ("45.0万平方米", 450_000, 449_500, 450_500, "rounded"),
    ("100亿元", 1e10, 9.95e9, 1.005e10, "rounded"),
    ("1.2万亿元", 1.2e12, 1.15e12, 1.25e12, "rounded"),
    ("5千克", 5, 4.5, 5.5, "rounded"),
    ("12万千瓦", 120_000, 115_000, 125_000, "rounded"),
    ("3兆瓦", 3_000, 2_500, 3_500, "rounded"),
    ("20-50亿元", 2e9, 2e9, 5e9, "range"),
    ("8000万至1亿元", 8e7, 8e7, 1e8, "range"),
    ("三四万元", 3e4, 3e4, 4e4, "range"),
    ("数十亿元", 2e9, 2e9, 1e10, "several"),
    ("不低于5亿元", 5e8, 5e8, INF, "at_least"),
    ("1亿2千万元", 1.2e8, 1.15e8, 1.25e8, "rounded"),
    ("一倍多", 1, 1, 2, "more_than"),
    ("亿元", 1e8, 0.5e8, 1.5e8, "rounded"),
    ("3.5元/㎡", 3.5, 3.45, 3.55, "rounded"),
    ("60亿元以上", 6e9, 6e9, INF, "at_least"),
    ("突破100亿元", 1e10, 1e10, INF, "above"),
    ("20多亿元", 2e9, 2e9, 3e9, "more_than"),
    ("25亿多元", 2.5e9, 2.5e9, 2.6e9, "more_than"),
    ("２０００万美元以上", 2e7, 2e7, INF, "at_least"),
    ("2025万元左右", 2.025e7, NAN, NAN, "about"),
    ("近100亿元", 1e10, -INF, 1e10, "below"),
    ("100亿元以下", 1e10, -INF, 1e10, "at_most"),
    ("2个百分点", 2, 1.5, 2.5, "rounded"),
    ("-1.85‰", -1.85, -1.855, -1.845, "rounded"),
    ("零下5℃", -5, -5.5, -4.5, "rounded"),
    ("百亿元", 1e10, 5e9, 1.5e10, "rounded"),
    ("百余亿元", 1e10, 1e10, 2e10, "more_than"),
]

SHARES = [
    ("25.37%", 25.37, 25.365, 25.375, "rounded"),
    ("50%", 50, 49.5, 50.5, "rounded"),
    ("50.0%", 50, 49.95, 50.05, "rounded"),
    ("0.5%", 0.5, 0.45, 0.55, "rounded"),
    ("100%", 100, 99.5, 100, "rounded"),
    ("0%", 0, 0, 0.5, "rounded"),
    ("60%以上", 60, 60, 100, "at_least"),
    ("达60%以上", 60, 60, 100, "at_least"),
    ("超过60%", 60, 60, 100, "above"),
    ("60%以下", 60, 0, 60, "at_most"),
    ("近60%", 60, 0, 60, "below"),
    ("60多%", 60, 60, 70, "more_than"),
    ("90多%", 90, 90, 100, "more_than"),
    ("约60%", 60, NAN, NAN, "about"),
    ("近60%以上", 60, 0, 60, "below"),
    ("近40%以上", 40, 40, 100, "at_least"),
    ("一半多", 50, 50, 100, "half_and_more"),
    ("一半以上", 50, 50, 100, "half_and_more"),
    ("半数以上", 50, 50, 100, "half_and_more"),
    ("过半", 50, 50, 100, "half_and_more"),
    ("过半数", 50, 50, 100, "half_and_more"),
    ("超过一半", 50, 50, 100, "half_and_more"),
    ("1/4", 25, 25, 25, "fraction"),
    ("1/3", 100 / 3, 100 / 3, 100 / 3, "fraction"),
    ("三分之一", 100 / 3, 100 / 3, 100 / 3, "fraction"),
    ("三分之二", 200 / 3, 200 / 3, 200 / 3, "fraction"),
    ("四分之三", 75, 75, 75, "fraction"),
    ("百分之二十五", 25, 24.5, 25.5, "rounded"),
    ("百分之二十五点三", 25.3, 25.25, 25.35, "rounded"),
    ("百分之八十以上", 80, 80, 100, "at_least"),
    ("一半", 50, 50, 50, "fraction"),
    ("近一半", 50, 0, 50, "below"),
    ("两成", 20, 15, 25, "rounded"),
    ("3成", 30, 25, 35, "rounded"),
    ("三成多", 30, 30, 40, "more_than"),
    ("近五成", 50, 0, 50, "below"),
    ("七成以上", 70, 70, 100, "at_least"),
    ("七八成", 70, 70, 80, "range"),
    ("3%-5%", 3, 3, 5, "range"),
    ("十分之一", 10, 10, 10, "fraction"),
    ("三分之一强", 100 / 3, 100 / 3, 100, "fraction"),
    ("1/4弱", 25, 0, 25, "fraction"),
    ("超过1/4", 25, 25, 100, "above"),
    ("1/4以上", 25, 25, 100, "at_least"),
    ("近三分之一", 100 / 3, 0, 100 / 3, "below"),
    ("约1/4", 25, NAN, NAN, "about"),
    ("空白", 0, 0, 0, "zero"),
]

EVERY = (
    [(*case, {"counted": True}) for case in COUNTS]
    + [(*case, {"counted": False}) for case in MEASURED]
    + [(*case, {"counted": False, "share": True}) for case in SHARES]
)


class TestRules:
    @pytest.mark.parametrize(("words", "value", "low", "high", "rule", "how"), EVERY)
    def test_read(self, words, value, low, high, rule, how):
        found = read(words, **how)
        assert same(found, value, low, high, rule), found
        assert same(read(words.translate(FULL_WIDTH), **how), value, low, high, rule)

    def test_every_rule_is_tried(self):
        assert {case[4] for case in EVERY} == set(RULES)

    def test_laid_down(self):
        assert same(read("50万元", counted=False, exact=True), 500_000, 500_000, 500_000, "exact")

    def test_growth_is_not_capped(self):
        assert same(read("30%以上", counted=False), 30, 30, INF, "at_least")
        assert same(read("120%", counted=False), 120, 115, 125, "rounded") is False  # the last digit is the 0
        assert same(read("120%", counted=False), 120, 119.5, 120.5, "rounded")

    def test_place_of_more_matters(self):
        first, last = read("十多万", counted=False), read("十万多", counted=False)
        assert (first.low, first.high) == (100_000, 200_000)
        assert (last.low, last.high) == (100_000, 110_000)

    def test_spaces(self):
        assert read(" 20 多 家 ", counted=True) == read("20多家", counted=True)
        assert read("\u300020\u3000家", counted=True).value == 20

    @pytest.mark.parametrize("words", ("2００多家", "200多家", "２００多家", "二百多家"))
    def test_width_does_not_matter(self, words):
        assert read(words, counted=True) == Reading(200, 201, 299, "more_than")


class TestRefused:
    @pytest.mark.parametrize(
        "words",
        [
            "", " ", "家", "约", "%", "多家", "以上", "规模以上", "abc", "?", "None", "nan", "inf", "1e5", "0x10",
            "--5%", "+5%", "5-", "5家8家", "5家,8家", "20 30家",
            "25.37%和67.41%", "1.2.3", "5.", ".5", "1,2,3", "12,34家", "1,2345家", ",5", "1..2",
            "1/4的企业", "1/0", "零分之一", "5/4", "1/", "/4", "约三分之一强", "1/2/3",
            "5年半", "5个半月", "1千5百家", "万万家", "亿万家",
            "30-20家", "一百二家", "两千五家", "十百家",
            "几家", "十数家",
            "5几家", "20家多", "20家不到", "20家以上的企业", "/5", "20/", "20家/",
            "²家", "5½家", "½", "①家", "٣家", "५家",
            "20\n30家", "20\x00家", "20家;DROP", "<b>20</b>家", "20家\u202e", "=1+1", "20(家)", "{20}", "20家。",
            "9" + "亿" * 60, "亿" * 40, "万" * 64, "多" * 30, "零" * 30 + "分之一", "约" * 30, "20" + "以上" * 5,
        ],
    )  # fmt: skip
    def test_not_one_figure(self, words):
        for how in ({"counted": True}, {"counted": False}, {"counted": False, "share": True}):
            with pytest.raises(InputError, match=r"given .*; allowed: "):
                read(words, **how)

    @pytest.mark.parametrize("words", ("25多家", "5余家", "0多家", "250家多", "101余种"))
    def test_no_room_for_more(self, words):
        with pytest.raises(InputError, match=r"given .*; allowed: "):
            read(words, counted=True)

    @pytest.mark.parametrize("words", ("-5%", "-5家"))
    def test_nothing_counted_is_negative(self, words):
        for how in ({"counted": True}, {"counted": False, "share": True}):
            with pytest.raises(InputError, match=r"given .*; allowed: "):
                read(words, **how)

    @pytest.mark.parametrize("words", ("120%", "120%以上", "超过101%", "5000"))
    def test_no_share_above_the_whole(self, words):
        with pytest.raises(InputError, match="at most 100 %"):
            read(words, counted=False, share=True)

    def test_too_long(self):
        assert read("1" * LONGEST, counted=True).value == float("1" * LONGEST)
        for words in ("1" * (LONGEST + 1), "家" * 10**6, "1," * 10**5, "(" * 10**5):
            with pytest.raises(InputError, match=rf"given {len(words)} characters; allowed: at most {LONGEST}"):
                read(words, counted=True)

    @FAST
    @given(st.one_of(st.text(max_size=9), st.text(WORDS, max_size=9)), st.booleans(), st.booleans())
    def test_any_text_is_read_or_refused(self, words, counted, share):
        try:
            found = read(words, counted=counted, share=share)
        except InputError:
            return
        assert found.rule in RULES
        assert not found.low > found.high
        if share:
            assert not (found.low < 0 or found.high > 100)


def spelled(number: int) -> str:
    """Chinese for 1 to 9999, place by place; the reference for reading it."""
    text, gap = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + "零一二三四五六七八九"[digit] + unit
        gap = False
    return text


class TestNumbers:
    @FAST
    @given(st.integers(0, 10**12))
    def test_whole_numbers_come_back(self, number):
        for words in (f"{number}家", f"{number:,}家", f"{number}家".translate(FULL_WIDTH)):
            assert read(words, counted=True) == Reading(number, number, number, "exact")

    @FAST
    @given(
        st.integers(0, 10**6),
        st.integers(0, 4),
        st.sampled_from([("", 0), ("千", 3), ("万", 4), ("亿", 8), ("万亿", 12)]),
    )
    def test_measured_numbers_come_back(self, digits, decimals, multiplier):
        sign, power = multiplier
        words = f"{digits / 10**decimals:.{decimals}f}{sign}元"
        found = read(words, counted=False)
        unit = 10.0 ** (power - decimals)
        assert found.rule == "rounded"
        assert found.value == pytest.approx(digits * unit, rel=1e-14)
        assert found.low == pytest.approx((digits - 0.5) * unit, rel=1e-14)
        assert found.high == pytest.approx((digits + 0.5) * unit, rel=1e-14)

    @FAST
    @given(st.integers(1, 9999))
    def test_chinese_numbers_come_back(self, number):
        words = spelled(number)
        assert chinese_integer(words) == number
        assert chinese_integer(words.replace("二千", "两千").replace("二百", "两百")) == number
        assert read(words + "家", counted=True).value == number
        assert read(words + "万元", counted=False).value == number * 10_000

    @pytest.mark.parametrize(
        ("words", "number"),
        [
            ("十", 10),
            ("十八", 18),
            ("百", 100),
            ("千", 1000),
            ("零", 0),
            ("〇", 0),
            ("二五〇", 250),
            ("二〇二五", 2025),
            ("两", 2),
        ],
    )
    def test_short_forms(self, words, number):
        assert chinese_integer(words) == number

    @pytest.mark.parametrize(
        "words", ("", "万", "abc", "一百二", "三四", "十百", "零三十", "两千五", "一百零零三", "几")
    )
    def test_not_a_numeral(self, words):
        with pytest.raises(InputError, match=r"numeral: given .*二百五十"):
            chinese_integer(words)


class TestFold:
    def test_length_stays(self):
        text = "２００多家，2５％\u3000（Ａ）～。、"
        assert folded(text) == "200多家，25% (A)~。、"
        assert len(folded(text)) == len(text)

    @FAST
    @given(st.text())
    def test_once_is_enough(self, text):
        assert len(folded(text)) == len(text)
        assert folded(folded(text)) == folded(text)
