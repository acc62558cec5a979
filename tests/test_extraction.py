"""The reader of prose: what is a figure, what is none, and what its row says. All sentences are invented."""

from __future__ import annotations

import csv
import math
from importlib import import_module
from pathlib import Path

import pytest
from places import source

from clusterlib.extraction import COLUMNS, figures, vocabulary
from clusterlib.extraction.scan import folded
from clusterlib.extraction.vocabulary import CLASSIFIERS, NOUNS, UNITS
from clusterlib.printed import read
from clusterlib.rules import RULES, declined
from clusterlib.study import Study

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
WORDS = Path(vocabulary.__file__).parent / "words"
READING = Path(__file__).parent / "reading"
KINDS = {"count", "level", "share", "rate", "growth_rate", "change", "ratio", "threshold_count"}
STATUSES = {"observed", "planned", "target", "forecast", "restated"}
FLAGS = {
    "year_in_place_of_number", "period_lost", "orphan_fragment", "part_exceeds_whole", "qualifiers_clash",
    "digits_spaced", "precision_break",
}  # fmt: skip


def one(text):
    rows = figures(text)
    assert len(rows) == 1, [row.printed for row in rows]
    return rows[0]


def cells(row, *names):
    return tuple(getattr(row, name) for name in names)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "printed", "value", "low", "high", "unit", "rule"),
        [
            ("现有织机1,250台。", "1,250台", 1250, 1250, 1250, "machine", "exact"),
            ("全镇有工厂二百五十家。", "二百五十家", 250, 250, 250, "firm", "exact"),
            ("從業人員３．５萬人。", "３．５萬人", 35_000, 34_500, 35_500, "person", "rounded"),
            ("年产值突破百亿元。", "突破百亿元", 1e10, 1e10, None, "CNY/year", "above"),
            ("出口额不足３千万美元。", "不足３千万美元", 3e7, 0, 3e7, "USD", "below"),
            ("总投资1亿2000万元。", "1亿2000万元", 1.2e8, 119_995_000, 120_005_000, "CNY", "rounded"),
            ("占地十几万亩。", "十几万亩", 100_000, 100_000, 200_000, "mu", "several"),
            ("投资数十亿元。", "数十亿元", 2e9, 2e9, 1e10, "CNY", "several"),
            ("有三四万人就业。", "三四万人", 30_000, 30_000, 40_000, "person", "range"),
            ("有二萬三千餘人。", "二萬三千餘人", 23_000, 23_001, 23_999, "person", "more_than"),
            ("有工人上千名。", "上千名", 1000, 1000, None, "person", "at_least"),
            ("资产从20亿元到50亿元不等。", "20亿元到50亿元", 2e9, 2e9, 5e9, "CNY", "range"),
            ("投资三至五亿元。", "三至五亿元", 3e8, 3e8, 5e8, "CNY", "range"),
            ("面积2 5 . 3 7平方公里。", "2 5 . 3 7平方公里", 25.37, 25.365, 25.375, "km2", "rounded"),
            ("装机1.2万千瓦。", "1.2万千瓦", 12_000, 11_500, 12_500, "kW", "rounded"),
            ("用电量3亿千瓦时。", "3亿千瓦时", 3e8, 2.5e8, 3.5e8, "kWh", "rounded"),
            ("订单翻了两番。", "翻了两番", 4, 4, 4, "times", "exact"),
            ("订单翻了一番多。", "翻了一番多", 2, 2, 4, "times", "more_than"),
            ("基尼系数为0.468。", "0.468", 0.468, 0.4675, 0.4685, "index", "rounded"),
        ],
    )  # fmt: skip
    def test_reads(self, text, printed, value, low, high, unit, rule):
        row = one(text)
        assert cells(row, "printed", "unit", "rule") == (printed, unit, rule)
        assert row.value == pytest.approx(value, rel=1e-15)
        for found, expected in ((row.low, low), (row.high, high)):
            assert found == (expected if expected is None else pytest.approx(expected, rel=1e-15))

    @pytest.mark.parametrize(
        ("words", "value", "low", "high", "rule"),
        [
            ("近五成", 50, 0, 50, "below"),
            ("七成", 70, 65, 75, "rounded"),
            ("三成多", 30, 30, 40, "more_than"),
            ("六到七成", 60, 60, 70, "range"),
            ("三分之一强", 100 / 3, 100 / 3, 100, "fraction"),
            ("四分之三", 75, 75, 75, "fraction"),
            ("一半多", 50, 50, 100, "half_and_more"),
            ("一半", 50, 50, 50, "fraction"),
            ("百分之二十五", 25, 24.5, 25.5, "rounded"),
            ("约30%", 30, None, None, "about"),
            ("60%以上", 60, 60, 100, "at_least"),
            ("不超过15%", 15, 0, 15, "at_most"),
            ("15%-20%", 15, 15, 20, "range"),
            ("1/3", 100 / 3, 100 / 3, 100 / 3, "fraction"),
        ],
    )
    def test_shares(self, words, value, low, high, rule):
        row = one(f"这类企业占全镇的{words}。")
        assert cells(row, "printed", "unit", "kind", "rule") == (words, "percent", "share", rule)
        assert row.value == pytest.approx(value)
        assert (row.low, row.high) == tuple(end if end is None else pytest.approx(end) for end in (low, high))

    def test_growth_decline_and_points(self):
        up, down, points = figures("产值比上年增长5.2%，利润同比下降近3%，利润率回落0.4个百分点。")
        assert cells(up, "value", "unit", "kind") == (5.2, "percent/year", "growth_rate")
        assert cells(down, "value", "low", "high", "unit") == (-3, -3, 0, "percent/year")
        assert cells(points, "value", "unit", "kind") == (-0.4, "percentage_point", "change")
        level, growth = figures("出口增长到20亿元，增长25%。")
        assert (level.kind, growth.kind, growth.unit) == ("level", "growth_rate", "percent")

    def test_a_list_says_its_verb_once(self):
        first, second, third = figures("产值、税收和出口同比分别下降5.2%、3.1%和8%。")
        assert [row.value for row in (first, second, third)] == [-5.2, -3.1, -8]
        assert {row.unit for row in (first, second, third)} == {"percent/year"}

    @pytest.mark.parametrize(
        ("text", "unit"),
        [
            ("产值达80亿，居首位。", "CNY/year"),
            ("户籍人口8万，外来人口超过3万。", "person"),
            ("从业人员近2万。", "person"),
        ],
    )
    def test_a_unit_that_is_not_printed(self, text, unit):
        assert {row.unit for row in figures(text)} == {unit}

    def test_sectors(self):
        rows = figures("三次产业结构为5.2∶41.3∶53.5。")
        assert [(row.value, row.kind) for row in rows] == [(5.2, "share"), (41.3, "share"), (53.5, "share")]
        assert not figures("该市城乡比例为1∶2∶3。")


class TestMeaning:
    @pytest.mark.parametrize(
        "text",
        [
            "全镇年销售５００万元以上的企业30家。",
            "年销售500万元及以上企业有30家。",
            "全镇有30家年销售500万元以上的企业。",
            "全镇有30家企业年销售超过500万元。",
            "年销售过500万元的有30家企业。",
        ],
    )
    def test_a_size_belongs_to_its_count(self, text):
        row = one(text)
        assert cells(row, "value", "unit", "kind", "threshold", "threshold_unit") == (
            30, "firm", "threshold_count", 5e6, "CNY",
        )  # fmt: skip

    def test_cumulative_series(self):
        rows = figures("其中产值超千万元的企业60家，超5000万元的20多家，超亿元的4家。")
        assert [row.threshold for row in rows] == [1e7, 5e7, 1e8]
        assert [row.unit for row in rows] == ["firm"] * 3
        assert [row.note.rpartition("; ")[2] for row in rows] == [f"cumulative series, {n} of 3" for n in (1, 2, 3)]

    def test_a_size_without_a_count_is_no_figure(self):
        assert not figures("大力培育产值过亿元企业。")
        level = one("亿元以上企业实现产值120亿元。")
        assert cells(level, "value", "threshold") == (1.2e10, 1e8)

    def test_the_whole_runs_along_a_list(self):
        rows = figures("规模以上企业仅占集群企业总数的2.5%，产值却占到集群产值的67.4%，销售收入占61.7%。")
        assert [row.denominator for row in rows] == ["集群企业总数", "集群产值", "集群销售收入"]
        assert {row.group for row in rows} == {"above_scale"}

    @pytest.mark.parametrize(
        ("text", "printed", "low", "high", "rule"),
        [
            ("铁路运量约占全县运量的9%。", "约占全县运量的9%", None, None, "about"),
            ("规模不到全国平均水平的1/3。", "不到全国平均水平的1/3", 0, 100 / 3, "below"),
            ("产量超过全国总量的六成。", "超过全国总量的六成", 60, 100, "above"),
            ("附近占全县的9%。", "9%", 8.5, 9.5, "rounded"),
        ],
    )
    def test_a_qualifier_before_the_whole(self, text, printed, low, high, rule):
        row = one(text)
        assert cells(row, "printed", "low", "rule") == (printed, low, rule)
        assert row.high == (high if high is None else pytest.approx(high))
        assert read(row.printed, counted=False, share=True).rule == rule

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("现有企业30家。", "observed"),
            ("规划建设面积45万平方米。", "planned"),
            ("力争产值突破100亿元。", "target"),
            ("到2030年产值达到100亿元。", "target"),
            ("预计全年出口3亿美元。", "forecast"),
            ("产值由2010年的12亿元增加到2015年的60亿元。", "observed"),
        ],
    )
    def test_status(self, text, status):
        assert {row.status for row in figures(text)} == {status}

    def test_said_again(self):
        rows = figures("这些企业占企业总数的25.4%，用工占职工总数的56.9%。仅占1/4的企业，用了一半多的职工。")
        assert [row.status for row in rows] == ["observed", "observed", "restated", "restated"]
        assert (rows[2].low, rows[2].high, rows[2].rule) == (None, None, "fraction")
        assert f"the figure at {rows[0].start}" in rows[2].note
        alone = one("仅占1/4的企业有研发机构。")
        assert (alone.status, alone.low, alone.high) == ("observed", 25, 25)

    @pytest.mark.parametrize(
        ("text", "unit"),
        [
            ("全县上市公司还没有。", "firm"),
            ("该镇尚无国家级品牌。", "brand"),
            ("全镇没有一家企业通过认证。", "firm"),
            ("研究院尚为空白。", "institute"),
        ],
    )
    def test_zero_without_a_digit(self, text, unit):
        assert cells(one(text), "value", "low", "high", "unit", "rule") == (0, 0, 0, unit, "zero")

    @pytest.mark.parametrize("text", ["企业间没有建立联系。", "还没有形成合力。", "优势几乎为零。", "尚无定论。"])
    def test_no_zero(self, text):
        assert not figures(text)

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("企业数不超过30家。", "at_most"), ("产值没有超过30亿元。", "at_most"), ("投资不低于5亿元。", "at_least"),
            ("产值未达到3亿元。", "below"), ("至少有30家。", "exact"),
        ],
    )  # fmt: skip
    def test_negation_belongs_to_its_number(self, text, rule):
        assert one(text).rule == rule

    def test_per_year_per_head(self):
        rows = figures("2023年完成产值8亿元，人均收入2.5万元，每年开发新品300种，均价6元/公斤。")
        assert [row.unit for row in rows] == ["CNY/year", "CNY/person", "kind/year", "CNY/kg"]
        half = figures("2023年上半年完成产值8亿元。")
        assert half[0].unit == "CNY"

    def test_laid_down_money_is_exact(self):
        assert cells(one("对企业奖励30万元。"), "low", "high", "rule") == (300_000, 300_000, "exact")


class TestFlags:
    @pytest.mark.parametrize(
        ("text", "flag"),
        [
            ("年产值2015万元左右。", "year_in_place_of_number"),
            ("到“”末，产值突破100亿元。", "period_lost"),
            ("设立专项资金（年拿20万元，重点扶持。", "orphan_fragment"),
            ("有企业50家，其中规模以上80家。", "part_exceeds_whole"),
            ("过20家以上。", "qualifiers_clash"),
            ("占全国的2 5 . 3 7 %。", "digits_spaced"),
        ],
    )
    def test_flagged_and_left_as_printed(self, text, flag):
        flagged = [row for row in figures(text) if flag in row.flag.split()]
        assert len(flagged) == 1 and flagged[0].note
        assert flagged[0].value is not None

    def test_coarser_than_its_neighbours(self):
        rows = figures("产值占67.41%，销售占61.69%，利润占70.24%，产量占50%。")
        assert [row.flag for row in rows] == ["", "", "", "precision_break"]

    @pytest.mark.parametrize(
        "text", ["投资2000万元。", "1）企业30家。", "（一）现有企业30家。", "有企业30家（含分厂）。"]
    )
    def test_nothing_wrong(self, text):
        assert one(text).flag == ""


class TestNotFigures:
    @pytest.mark.parametrize(
        "text",
        [
            "一是加快发展，二是提高质量。",
            "1、市场导向原则。",
            "（三）第三方面。",
            "在316国道旁有汽车4S店。",
            "政发〔2015〕69号。",
            "2023年3月15日，“十四五”期间，近三年来。",
            "长江三角洲、六堡、万宝粮油、三明市。",
            "半成品、十分、一般、统一、进一步。",
            "电话：0514-88123456，版本2.0.1。",
            "具备四大要素、三个阶段、两个方面。",
            "建设一个基地，引进一批企业。",
            "进入全国百强、前10名、500强。",
            "几家企业、数名专家、许多人。",
            "第十二条规定，第3位。",
            "国内外两种资源、两个市场。",
            "PM2.5、5G、3D打印、ISO9001、G20。",
            "一带一路、千方百计、四通八达、八纵八横。",
            "为期3年，3个月内，24小时服务。",
        ],
    )
    def test_none(self, text):
        assert not figures(text), [row.printed for row in figures(text)]


class TestTables:
    @pytest.mark.parametrize("path", sorted(WORDS.glob("*.csv")), ids=lambda path: path.stem)
    def test_one_line_a_word(self, path):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len({len(row) for row in rows}) == 1 and len(rows) > 1
        key = 2 if path.stem == "qualifiers" else 1
        words = [tuple(row[:key]) for row in rows]
        assert len(words) == len(set(words)), [word for word in words if words.count(word) > 1]
        assert all(word[0] == word[0].strip() != "" for word in words)


class TestRows:
    def test_places_hold_in_the_text_as_it_is(self):
        text = "\ufeff甲。\r\n全鎮有企業２００多家，\r其中規上30家。"
        rows = figures(text, document="d")
        assert [text[row.start : row.end] for row in rows] == [row.printed for row in rows] == ["２００多家", "30家"]
        assert {row.document for row in rows} == {"d"}
        assert all(text[row.sentence_start : row.sentence_end].count(row.printed) for row in rows)

    def test_folding_keeps_every_place(self):
        text = "".join(map(chr, [*range(0x20, 0x3000, 7), *range(0x3000, 0xFFFF, 5)]))
        assert len(folded(text)) == len(text)

    def test_columns(self):
        assert COLUMNS == (
            "document", "start", "end", "printed", "value", "low", "high", "unit", "kind", "status", "rule",
            "threshold", "threshold_unit", "group", "denominator", "noun",
            "sentence_start", "sentence_end", "flag", "note",
        )  # fmt: skip

    @pytest.mark.parametrize("name", ["tuned", "second", "unseen"])
    def test_what_is_extracted_can_be_checked(self, name):
        """`clusterlib check` reads the printed words of a row by themselves, and must find its interval in them."""
        measured = {unit.unit for unit in UNITS.values()} | {"index"}
        for text in sentences(name).values():
            for row in figures(text):
                if row.value is None or row.status == "restated":
                    continue
                counted = row.unit.partition("/")[0] not in measured
                share = row.kind == "share" and row.unit == "percent"
                found = read(row.printed, counted=counted, share=share, exact=row.rule == "exact")
                if row.kind in ("growth_rate", "change") and row.value < 0 < found.value:
                    found = declined(found)
                elif row.low == 0 and math.isinf(found.low):
                    found = found._replace(low=0.0)
                ends = [end if math.isfinite(end) else None for end in (found.low, found.high)]
                assert (found.value, *ends, found.rule) == (row.value, row.low, row.high, row.rule), row

    @pytest.mark.parametrize("name", ["tuned", "second", "unseen"])
    def test_vocabularies(self, name):
        units = {unit.unit for unit in UNITS.values()} | {*NOUNS.values(), *CLASSIFIERS.values(), "index", "item"}
        for text in sentences(name).values():
            for row in figures(text):
                assert text[row.start : row.end] == row.printed
                assert row.kind in KINDS and row.status in STATUSES and row.rule in RULES
                assert row.unit.partition("/")[0] in units, row
                assert set(row.flag.split()) <= FLAGS
                assert row.low is None or row.high is None or row.low <= row.high


def sentences(name):
    with (READING / f"{name}_sentences.csv").open(encoding="utf-8", newline="") as file:
        return {row["sentence"]: row["text"] for row in csv.DictReader(file)}


class TestAgainstPeople:
    """Sentences that were labelled by hand; the last set was labelled before the reader first saw it."""

    @pytest.mark.parametrize(
        ("name", "recall", "precision", "value_unit", "interval"),
        [("tuned", 0.99, 0.99, 0.99, 0.99), ("second", 0.98, 0.98, 0.95, 0.97), ("unseen", 0.98, 0.98, 0.95, 0.97)],
    )
    def test_labelled_sentences(self, monkeypatch, name, recall, precision, value_unit, interval):
        monkeypatch.syspath_prepend(BENCHMARKS)
        readers, scoring = import_module("readers"), import_module("scoring")
        passages = readers.one_set(READING, name)
        results = readers.ours(passages)
        found = scoring.score(
            scoring.match(passage.labels, each) for passage, each in zip(passages, results, strict=True)
        )
        assert found.labels > 300
        assert found.share("recall") >= recall and found.share("precision") >= precision
        assert found.share("value+unit") >= value_unit and found.share("interval") >= interval

    def test_the_documents_of_the_study(self):
        text = source().read_bytes().decode("utf-8")
        rows, table = figures(text), Study.load().figures
        by_start = {row.start: row for row in rows}
        for _, wanted in table.iterrows():
            row = by_start.get(wanted["start"])
            assert row is not None, wanted["figure"]
            assert (row.printed, row.unit, row.rule) == (wanted["printed"], wanted["unit"], wanted["rule"])
            for name in ("value", "low", "high", "threshold"):
                cell = getattr(row, name)
                if math.isnan(wanted[name]):
                    assert cell is None
                else:
                    assert cell == pytest.approx(wanted[name], rel=1e-12), wanted["figure"]
        assert len(rows) <= len(table) / 0.95
        documents = Study.load().documents
        silent = documents[documents["document"].isin(["stage-model", "qingshanhu-advice"])]
        assert len(silent) == 2
        for _, document in silent.iterrows():
            assert not [row for row in rows if document["start"] <= row.start < document["end"]]
