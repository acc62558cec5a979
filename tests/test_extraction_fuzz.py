"""Any text, and any bytes: the reader never raises, and what it returns keeps its promises; the work stays linear."""

from __future__ import annotations

import math
import sys
from dataclasses import astuple
from random import Random

import pytest
import wordings
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterlib.extraction import COLUMNS, Candidate, figures
from clusterlib.extraction.documents import decode
from clusterlib.rules import RULES

FAST = settings(derandomize=True, deadline=None, max_examples=400)

KINDS = {"count", "level", "share", "rate", "growth_rate", "change", "ratio", "threshold_count"}
STATUSES = {"observed", "planned", "target", "forecast", "restated"}
FLAGS = {"year_in_place_of_number", "period_lost", "orphan_fragment", "part_exceeds_whole", "qualifiers_clash",
         "digits_spaced", "precision_break", "scope_unclear"}  # fmt: skip
GROUPS = {"all", "above_scale", "at_least", "at_most", "between"}
#: Base units, and what they may be divided by.
UNITS = {row[key] for name in ("units", "classifiers", "nouns") for row in wordings.table(name) for key in ["unit"]}
UNITS |= {"item", "index", "permille", "CNY", "kind", "category"}
PER = UNITS | {"year", "month", "day", "person", "household", "shop", "item", "set", "machine"}

#: Signs and words that numbers are made of, and what stands around them.
SIGNS = (
    "0123456789０１２３４５６７８９零〇一二两三四五六七八九十百千万亿壹貳參拾佰仟萬億点點几数多余来半成分之第前号年月日"
    "%％‰.,．，、。；：:;!？！?-—–～~/／+−＋（）()〔〕[]【】“”\"'《》〈〉 　\t\n\r\x00\x0b\x85\u2028\ufeff"
    "$￥¥€£²³㎡℃½Ⅳ①⑩㈠٣๕𝟗𠀀"
    "元亩家个户条种类件项台人倍米吨度方占的为有达是比从至到增降减约近超过上下左右以不没无还尚均其中与和"
)
TOKENS = [
    row["word"] for path in sorted(wordings.WORDS.glob("*.csv")) for row in wordings.table(path.stem) if "word" in row
]
PIECES = st.one_of(
    st.sampled_from(SIGNS), st.sampled_from(SIGNS[:70]), st.sampled_from(TOKENS), st.integers(0, 10**20).map(str)
)
WEIGHTED = st.lists(PIECES, max_size=60).map("".join)


def promises(text: str) -> None:
    """What holds of every row of every text."""
    end = 0
    rows = figures(text, "any")
    for row in rows:
        assert text[row.start : row.end] == row.printed != ""
        assert end <= row.start, "spans overlap or are out of order"
        end = row.end
        kept(row, text)
    assert rows == figures(text, "any")


def kept(row: Candidate, text: str) -> None:
    assert len(astuple(row)) == len(COLUMNS)
    assert 0 <= row.sentence_start <= row.start < row.end <= row.sentence_end <= len(text)
    assert row.document == "any"
    assert row.rule in RULES and row.kind in KINDS and row.status in STATUSES and row.group in GROUPS
    assert set(row.flag.split()) <= FLAGS
    base, _, per = row.unit.partition("/")
    assert row.unit in UNITS or (base in UNITS and per in PER), row.unit
    numbers = [row.value, row.low, row.high, row.threshold]
    assert all(number is None or (isinstance(number, float) and math.isfinite(number)) for number in numbers), numbers
    assert row.value is not None
    assert (row.threshold is None) == (row.threshold_unit == "")
    assert row.low is None or row.high is None or row.low <= row.high
    if row.rule == "about":
        assert row.low is None and row.high is None
    if row.rule in ("exact", "zero"):
        assert row.low == row.value == row.high
    if row.rule == "rounded":
        assert row.low is None or row.low <= row.value
        assert row.high is None or row.value <= row.high or row.kind == "share"


@FAST
@given(WEIGHTED)
def test_any_text_of_numbers_and_words_keeps_the_promises(text: str) -> None:
    promises(text)


@FAST
@given(st.text(max_size=200))
def test_any_text_keeps_the_promises(text: str) -> None:
    promises(text)


@FAST
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=300))
def test_any_chinese_text_keeps_the_promises(text: str) -> None:
    promises(text)


@settings(FAST, max_examples=200)
@given(st.randoms(use_true_random=False), st.sampled_from(wordings.things()), st.data())
def test_a_sentence_cut_and_spoiled_keeps_the_promises(
    random: Random, thing: wordings.Thing, data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from([form for form in wordings.FORMS if wordings.fits(form, thing)]))
    text, _, _ = wordings.embed(random, wordings.FORMS[form](random, thing))
    text = text[-200:]
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    promises(text[first:last])
    promises(text[:first] + data.draw(WEIGHTED) + text[first:])


@FAST
@given(st.one_of(st.binary(max_size=400), WEIGHTED.flatmap(
    lambda text: st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"]).map(
        lambda encoding: text.encode(encoding, "replace")))))  # fmt: skip
def test_any_bytes_are_decoded_and_read(content: bytes) -> None:
    text, _ = decode(content, strict=False)
    promises(text)


@settings(FAST, max_examples=150)
@given(WEIGHTED, st.binary(min_size=1, max_size=8), st.integers(0, 400))
def test_text_with_broken_bytes_inside_is_read(text: str, noise: bytes, at: int) -> None:
    content = text.encode("utf-8")
    text, _ = decode(content[:at] + noise + content[at:], strict=False)
    promises(text)


#: What once made a reader slow, or may: repeated to any length.
HOSTILE = [
    "1", "９", "0.", "1,", "1,234,567,", "1 ", "1 2 . ", "1-", "1-2", "1/2", "1:2:", "1亿2000", "万", "亿",
    "萬", "一", "二三", "十", "数", "几", "半", "余", "多", "点", "一万三", "一-", "一至", "①", "第", "三分之",
    "百分之", "还没有", "翻", "指数", "（", "（）", "((", "）", "“", "“”", "《", "〔", "，", "、", "。", "\n",
    "\r\n", " ", "　", "\ufeff", "t", "的", "大", "三大", "5家", "5%", "5万", "5千", "5家企业", "5至", "5万－",
    "5家，占5%；", "占", "占的5%", "占5%、", "约", "约约5", "超过", "以上", "增长", "增长5%", "达", "其中",
    "其中5家，", "产值过亿元", "产值过亿元的企业", "产值过亿元企业5家", "到2025年", "每年", "每", "人均", "个",
    "元", "市场", "企业集团",
]  # fmt: skip


def calls(text: str) -> int:
    """How often the reader calls a function, in Python or below it."""
    events = 0

    def event(*_: object) -> None:
        nonlocal events
        events += 1

    sys.setprofile(event)
    try:
        figures(text)
    finally:
        sys.setprofile(None)
    return events


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_calls_grow_no_faster_than_the_text(piece: str) -> None:
    once, twice = (calls(piece * (length // len(piece))) for length in (4_000, 8_000))
    assert twice <= 2.2 * once + 400, f"{once} calls for 4,000 characters, {twice} for 8,000"


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_keep_the_promises(piece: str) -> None:
    promises(piece * (2_000 // len(piece)))
