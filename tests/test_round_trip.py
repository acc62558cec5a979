"""Round trip: numbers with units and qualifiers in every notation, embedded in sentences, are all read back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import cycle
from random import Random

import pytest
import wordings
from hypothesis import given, settings
from hypothesis import strategies as st
from wordings import AFTER, BEFORE, FORMS, NOTATIONS, SHARES, TRADITIONAL, Phrase, Thing

from clusterlib.extraction import Candidate, figures

THINGS = wordings.things()
QUALIFIERS = [(word, "") for word in BEFORE if word != "上"] + [("", word) for word in AFTER]
#: Failures shown of one test: enough to see what they share.
SHOWN = 12


def same(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)


def misread(row: Candidate, phrase: Phrase) -> list[str]:
    numbers = [name for name in ("value", "low", "high") if not same(getattr(row, name), getattr(phrase, name))]
    wrong = numbers + [name for name in ("printed", "unit", "rule") if getattr(row, name) != getattr(phrase, name)]
    return [f"{name}: read {getattr(row, name)}, expected {getattr(phrase, name)}" for name in wrong]


def faults(texts: Iterable[tuple[str, int, list[str], Phrase]]) -> list[str]:
    """What is read otherwise than it was written."""
    listed = []
    for text, start, printed, phrase in texts:
        rows = figures(text)
        found = [row.printed for row in rows]
        wrong = [f"found {found}"] if found != printed else misread(rows[-1], phrase)
        if not wrong and rows[-1].start != start:
            wrong = [f"starts at {rows[-1].start}, expected {start}"]
        if wrong:
            shown = text if len(text) < 60 else f"…{text[max(0, start - 12) : start + 40]}…"
            listed.append(f"{shown!r}, {printed[-1]}: " + "; ".join(wrong))
    return listed


def written(random: Random, phrases: Iterable[Phrase]) -> Iterator[tuple[str, int, list[str], Phrase]]:
    for phrase in phrases:
        yield *wordings.embed(random, phrase), phrase


def check(texts: Iterable[tuple[str, int, list[str], Phrase]]) -> None:
    listed = faults(texts)
    assert not listed, f"{len(listed)} misread:\n" + "\n".join(listed[:SHOWN])


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_unit_is_read_in_every_notation(notation: str) -> None:
    random = Random(notation)
    write = NOTATIONS[notation]
    fitting = [thing for thing in THINGS if wordings.allowed(notation, thing)]
    check(written(random, (wordings.qualified(write(random, thing), thing) for thing in fitting)))


@pytest.mark.parametrize("form", FORMS)
def test_every_unit_is_read_in_every_open_form(form: str) -> None:
    random = Random(form)
    fitting = [thing for thing in THINGS if wordings.fits(form, thing)]
    check(written(random, (FORMS[form](random, thing) for thing in fitting for _ in range(2))))


@pytest.mark.parametrize(("before", "after"), QUALIFIERS)
def test_every_unit_is_read_with_every_qualifier(before: str, after: str) -> None:
    random = Random(before + after)
    fitting = [thing for thing in THINGS if sensible(before, thing)]
    check(written(random, (wordings.qualified(wordings.plain(random, t), t, before, after) for t in fitting)))


def sensible(before: str, thing: Thing) -> bool:
    """Not 低于5个百分点: that compares two shares."""
    return thing.nature != "points" or before not in ("高于", "低于", "少于", "多于", "大于", "小于")


def test_every_qualifier_is_read_in_every_notation() -> None:
    random = Random("qualifiers")
    others = {notation: cycle([t for t in THINGS if wordings.allowed(notation, t)]) for notation in NOTATIONS}

    def phrases() -> Iterator[Phrase]:
        for notation, write in NOTATIONS.items():
            for before, after in QUALIFIERS:
                thing = next(each for each in others[notation] if sensible(before, each))
                yield wordings.qualified(write(random, thing), thing, before, after)

    check(written(random, phrases()))


@pytest.mark.parametrize("joint", wordings.JOINTS)
def test_every_unit_is_read_in_a_range(joint: str) -> None:
    random = Random(joint)
    check(written(random, (wordings.span(random, thing, joint) for thing in THINGS)))


@pytest.mark.parametrize("form", SHARES)
def test_shares_are_read_in_every_form(form: str) -> None:
    random = Random(form)
    check(written(random, (SHARES[form](random) for _ in range(400))))


def test_a_qualifier_may_be_followed_by_a_tone() -> None:
    random = Random(1)
    pairs = [(before, thing) for before in ("超过", "突破", "超出") for thing in THINGS if thing.nature != "points"]
    numbers = [wordings.qualified(wordings.decimal(random, t), t, before, done="了") for before, t in pairs
               if wordings.allowed("decimal", t)]  # fmt: skip
    check(written(random, numbers))


def test_a_number_directly_on_its_noun_takes_it_in() -> None:
    random = Random(2)
    classifiers = {each.word for each in wordings.classified()}  # 6名牌 is six of 牌 to the eye
    alone = [
        thing for thing in wordings.nouns() if len(thing.noun) > 1 and thing.noun[0] not in classifiers | set("4企")
    ]
    check(("全镇有" + p.printed + "。", 3, [p.printed], p) for p in (wordings.bare(random, thing) for thing in alone))
    check(("形成" + p.printed + "。", 2, [p.printed], p) for p in (wordings.great(random) for _ in range(60)))


def test_every_word_is_read_in_traditional_signs() -> None:
    random = Random(3)

    def phrases() -> Iterator[Phrase]:
        for thing in THINGS:
            yield wordings.qualified(wordings.plain(random, thing), thing)
            if wordings.allowed("formal_scaled", thing):
                yield wordings.qualified(wordings.formal_scaled(random, thing), thing)
            for form in ("more_inside", "several"):
                if wordings.fits(form, thing):
                    yield FORMS[form](random, thing)
        for thing in (THINGS[0], wordings.classified()[0]):
            for before, after in QUALIFIERS:
                yield wordings.qualified(wordings.plain(random, thing), thing, before, after)

    def texts() -> Iterator[tuple[str, int, list[str], Phrase]]:
        for text, start, printed, phrase in written(random, phrases()):
            other, again = wordings.traditional(text, phrase)
            yield other, start, [each.translate(TRADITIONAL) for each in printed], again

    check(texts())


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.randoms(use_true_random=False), st.sampled_from(THINGS), st.data())
def test_any_figure_is_read_back(random: Random, thing: Thing, data: st.DataObject) -> None:
    forms = [form for form in FORMS if wordings.fits(form, thing)]
    notations = [notation for notation in NOTATIONS if wordings.allowed(notation, thing)]
    name = data.draw(st.sampled_from([*notations, *forms, *(SHARES if thing.nature == "percent" else ())]))
    if name in NOTATIONS:
        pairs = [("", ""), *(pair for pair in QUALIFIERS if sensible(pair[0], thing))]
        phrase = wordings.qualified(NOTATIONS[name](random, thing), thing, *data.draw(st.sampled_from(pairs)))
    else:
        phrase = (FORMS | SHARES)[name](random, thing)
    check(written(random, [phrase]))


# -- qualifiers that contradict each other ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed", "value", "low", "high", "rule"),
    [
        ("投资过100万元以上。", "过100万元以上", 1e6, 1e6, None, "at_least"),
        ("投资超过３亿元以上。", "超过３亿元以上", 3e8, 3e8, None, "at_least"),
        ("内销占约30%以上。", "约30%以上", 30, None, None, "about"),
        ("内销占近三成左右。", "近三成左右", 30, None, None, "about"),
        ("全镇有企业近20多家。", "近20多家", 20, 0, 20, "below"),
        ("存粮不足200多万吨。", "不足200多万吨", 2e6, 0, 2e6, "below"),
        ("全镇有企业约50家左右。", "约50家左右", 50, None, None, "about"),
    ],
)
def test_two_qualifiers_keep_the_wider_interval(
    text: str, printed: str, value: float, low: float | None, high: float | None, rule: str
) -> None:
    (row,) = figures(text)
    assert (row.printed, row.rule) == (printed, rule)
    assert same(row.value, value) and same(row.low, low) and same(row.high, high)
    assert ("qualifiers_clash" in row.flag) == (printed != "约50家左右")  # said twice is no contradiction


# -- below zero, and numbers without digits ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed", "value", "low", "high", "unit"),
    [
        ("利润-5.2亿元。", "-5.2亿元", -5.2e8, -5.25e8, -5.15e8, "CNY"),
        ("利润为－５.２亿元。", "－５.２亿元", -5.2e8, -5.25e8, -5.15e8, "CNY"),
        ("室温零下5℃。", "零下5℃", -5, -5.5, -4.5, "degC"),
        ("室温-5℃。", "-5℃", -5, -5.5, -4.5, "degC"),
        ("比重提高1个多百分点。", "1个多百分点", 1, 1, 2, "percentage_point"),
        ("库存达百亿元。", "百亿元", 1e10, 0.5e10, 1.5e10, "CNY"),
    ],
)
def test_other_numbers(text: str, printed: str, value: float, low: float, high: float, unit: str) -> None:
    (row,) = figures(text)
    assert (row.printed, row.unit) == (printed, unit)
    assert same(row.value, value) and same(row.low, low) and same(row.high, high)


# -- growth -----------------------------------------------------------------------------------------------------------

UP = (
    "增长", "增长了", "增幅为", "增速达", "涨幅为", "递增", "上涨", "上升", "提高", "提升", "增加",
    "加快", "扩大", "增产", "增收", "净增", "上浮", "上调", "增", "涨", "升", "同比增长", "增长率为",
)  # fmt: skip
DOWN = (
    "下降", "下降了", "降低", "减少", "回落", "下滑", "下跌", "降幅为", "跌幅达", "萎缩",
    "负增长", "缩减", "缩小", "收窄", "压缩", "减产", "减", "降", "下浮", "下调", "同比下降",
)  # fmt: skip
OPEN_ENDS = {"at_least": (5.0, None), "above": (5.0, None), "at_most": (0.0, 5.0), "below": (0.0, 5.0),
             "about": (None, None)}  # fmt: skip


def test_growth_is_read_with_its_direction_and_every_qualifier() -> None:
    wrong = []
    for word in (*UP, *DOWN):
        for before, after in [("", ""), *QUALIFIERS]:
            if before in ("高于", "低于", "多于", "少于", "大于", "小于", "约有", "约占"):
                continue  # not said of growth
            rule = BEFORE.get(before) or AFTER.get(after) or "rounded"
            low, high = OPEN_ENDS.get(rule, (4.95, 5.05))
            value = 5.0
            if word in DOWN:
                value = -5.0
                low, high = None if high is None else -high, None if low is None else -low
            unit = "percent/year" if "同比" in word else "percent"
            phrase = Phrase(f"{before}5%{after}" if rule != "rounded" else "5.0%", value, low, high, unit, rule)
            text = f"产品价格{word}{phrase.printed}。"
            rows = figures(text)
            if [row.printed for row in rows] != [phrase.printed]:
                wrong.append(f"{text}: found {[row.printed for row in rows]}")
                continue
            said = misread(rows[0], phrase)
            if rows[0].kind != "growth_rate":
                said.append(f"kind: {rows[0].kind}")
            if "-0.0" in (str(rows[0].low), str(rows[0].high)):
                said.append("minus zero")
            if said:
                wrong.append(f"{text}: " + "; ".join(said))
    assert not wrong, f"{len(wrong)} misread:\n" + "\n".join(wrong[:SHOWN])


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "unit", "kind"),
    [
        ("销售增长2.5倍。", 2.5, 2.45, 2.55, "times", "growth_rate"),
        ("销售增长近三成。", 30, 0, 30, "percent", "growth_rate"),
        ("用工减少两成以上。", -20, None, -20, "percent", "growth_rate"),
        ("用工减少百分之十二。", -12, -12.5, -11.5, "percent", "growth_rate"),
        ("用工减少20%多。", -20, -30, -20, "percent", "growth_rate"),
        ("比重提高1.2个百分点。", 1.2, 1.15, 1.25, "percentage_point", "change"),
        ("比重下降近2个百分点。", -2, -2, 0, "percentage_point", "change"),
        ("比重回落两个百分点以上。", -2, None, -2, "percentage_point", "change"),
        ("增速快于全省2.3个百分点。", 2.3, 2.25, 2.35, "percentage_point", "change"),
        ("增速低于全省2.3个百分点。", -2.3, -2.35, -2.25, "percentage_point", "change"),
        ("比上年增加3家。", 3, 3, 3, "item", "change"),
        ("企业比上年减少12家。", -12, -12, -12, "firm", "change"),
        ("库存增加20亿元。", 2e9, 1.95e9, 2.05e9, "CNY", "change"),
        ("库存减少20亿元。", -2e9, -2.05e9, -1.95e9, "CNY", "change"),
        ("规模翻一番。", 2, 2, 2, "times", "ratio"),
        ("规模翻两番。", 4, 4, 4, "times", "ratio"),
    ],
)
def test_growth_and_change(
    text: str, value: float, low: float | None, high: float | None, unit: str, kind: str
) -> None:
    (row,) = figures(text)
    assert (row.unit, row.kind) == (unit, kind)
    assert same(row.value, value) and same(row.low, low) and same(row.high, high)


# -- sizes tied to their counts ---------------------------------------------------------------------------------------

SIZES = [
    ("过亿元", 1e8, "CNY", "at_least"),
    ("超过1000万元", 1e7, "CNY", "at_least"),
    ("500万元以上", 5e6, "CNY", "at_least"),
    ("１.５亿元以上", 1.5e8, "CNY", "at_least"),
    ("不低于２０００万元", 2e7, "CNY", "at_least"),
    ("上千万元", 1e7, "CNY", "at_least"),
    ("突破十亿元", 1e9, "CNY", "at_least"),
    ("五千万元以上", 5e7, "CNY", "at_least"),
    ("300万美元以上", 3e6, "USD", "at_least"),
    ("逾50亿元", 5e9, "CNY", "at_least"),
    ("超百亿元", 1e10, "CNY", "at_least"),
    ("达到3000万元以上", 3e7, "CNY", "at_least"),
    ("500万元以下", 5e6, "CNY", "at_most"),
    ("不足1000万元", 1e7, "CNY", "at_most"),
]
COUNTS = [
    ("12家", 12, 12, 12),
    ("20多家", 20, 21, 29),
    ("近30家", 30, 0, 30),
    ("８０家", 80, 80, 80),
    ("十家", 10, 10, 10),
    ("三家", 3, 3, 3),
    ("二十余家", 20, 21, 29),
    ("1,250家", 1250, 1250, 1250),
    ("百余家", 100, 101, 199),
    ("40家左右", 40, None, None),
]
ORDERS = (
    "产值{size}的企业{count}。",
    "产值{size}企业{count}。",
    "产值{size}的企业有{count}。",
    "产值{size}的企业达到{count}，另有作坊。",
    "有{count}产值{size}的企业。",
    "企业中，产值{size}的有{count}。",
    "全镇产值{size}的服装企业{count}。",
    "年产值{size}的企业共{count}；",
    "（产值{size}的企业{count}）",
)


@pytest.mark.parametrize("order", ORDERS)
def test_a_size_is_tied_to_its_count_in_each_order(order: str) -> None:
    wrong = []
    for size, threshold, unit, group in SIZES:
        for printed, value, low, high in COUNTS:
            if order.startswith("有") and printed.endswith("左右"):
                continue
            text = order.format(size=size, count=printed)
            found = [(r.printed, r.value, r.low, r.high, r.unit, r.kind, r.threshold, r.threshold_unit, r.group)
                     for r in figures(text)]  # fmt: skip
            if found != [(printed, value, low, high, "firm", "threshold_count", threshold, unit, group)]:
                wrong.append(f"{text} {found}")
    assert not wrong, f"{len(wrong)} misread:\n" + "\n".join(wrong[:SHOWN])


@pytest.mark.parametrize(
    ("text", "printed", "threshold", "threshold_unit"),
    [
        ("12家企业产值超过亿元。", "12家", 1e8, "CNY"),
        ("经营面积1000平方米以上的门店15家。", "15家", 1000, "m2"),
        ("种植面积超过50亩的农户30户。", "30户", 50, "mu"),
        ("职工百人以上的企业18家。", "18家", 100, "person"),
        ("职工300人以上的企业18家。", "18家", 300, "person"),
        ("投资过亿元的项目7个。", "7个", 1e8, "CNY"),
    ],
)
def test_sizes_of_other_kinds(text: str, printed: str, threshold: float, threshold_unit: str) -> None:
    (row,) = figures(text)
    assert (row.printed, row.kind) == (printed, "threshold_count")
    assert (row.threshold, row.threshold_unit) == (threshold, threshold_unit)


def test_a_series_of_sizes_keeps_each_with_its_count() -> None:
    rows = figures("产值超50亿元企业2家、超10亿元企业12家、超亿元企业40家。")
    assert [(row.value, row.threshold) for row in rows] == [(2, 5e9), (12, 1e9), (40, 1e8)]


# -- shares and their wholes ------------------------------------------------------------------------------------------

WHOLES = ("全县工业总产值", "全镇产量", "全国市场", "集群销售额", "全省同行业产量")
PARTS = ("甲镇", "乙镇", "丙镇", "丁镇", "戊镇", "己镇")


@pytest.mark.parametrize("length", range(2, 7))
@pytest.mark.parametrize("whole", WHOLES)
def test_the_whole_is_inherited_along_a_list(length: int, whole: str) -> None:
    random = Random(whole + str(length))
    for joint in "，、；":
        shares = [f"{random.randint(100, 1600) / 100:.2f}%" for _ in range(length)]
        said = [f"{part}占{share}" for part, share in zip(PARTS, shares, strict=False)]
        said[0] = f"{PARTS[0]}占{whole}的{shares[0]}"
        text = joint.join(said) + "。"
        rows = figures(text)
        assert [row.printed for row in rows] == shares, text
        assert [(row.kind, row.denominator) for row in rows] == [("share", whole)] * length, text


@pytest.mark.parametrize("length", range(2, 7))
@pytest.mark.parametrize("whole", WHOLES)
def test_the_whole_is_shared_by_a_row_of_shares(length: int, whole: str) -> None:
    random = Random(whole + str(length))
    shares = [f"{random.randint(10, 160) / 10:.1f}%" for _ in range(length)]
    for listed in ("、".join(shares), "、".join(shares[:-1]) + "和" + shares[-1]):
        text = "、".join(PARTS[:length]) + f"分别占{whole}的{listed}。"
        rows = figures(text)
        assert [row.printed for row in rows] == shares, text
        assert [(row.kind, row.denominator) for row in rows] == [("share", whole)] * length, text


@pytest.mark.parametrize(
    "text", ["占比从３%提高到５%。", "内销占 2 5 . 3 7 %。", "内销占比为5%。", "内销占5%，外销占一成。"]
)
def test_no_whole_is_made_up(text: str) -> None:
    assert {row.denominator for row in figures(text)} == {""}
