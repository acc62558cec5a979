"""A document with its figures marked: what is said of each, nothing of the text lost, nothing of it run."""

import csv
import re
from html.parser import HTMLParser

import pytest

from clusterlib import extract, findings, labels, parameters, paths, tables
from clusterlib.errors import InputError
from clusterlib.extraction import COLUMNS
from clusterlib.extraction.files import read_file
from clusterlib.marked import open_document
from clusterlib.marking import Mark, blocks, clean

TEXT = (
    "第一段没有数字，\r\n只有文字。\r\n\r\n全县有企业２00多家，其中年销售500万元以上的企业30家，1000万元以上的企业8家。"
    "规模以上企业产值占全县产值的67.41%，从业人员近5万人。\r\n商铺销售额2023万元。\r\n结束。"
)


@pytest.fixture
def write(tmp_path):
    def written(text, name="report.txt"):
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8"))
        return path

    return written


@pytest.fixture
def found(write):
    return extract(write(TEXT))


class Shown(HTMLParser):
    """What a browser would make of it: text, ids, links, tags that are open at the end."""

    def __init__(self, markup):
        super().__init__()
        self.ids, self.links, self.tags, self.open, self.tips, self.text = [], [], set(), [], [], ""
        self._parts = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.open.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.tips += [given["data-tip"]] if "data-tip" in given else []
        assert not [name for name in given if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "sup" not in self.open and "style" not in self.open and "table" not in self.open:
            self.text += data


class TestReadings:
    def test_in_both_languages(self, write):
        path = write(TEXT)
        for lang, readings in (
            ("en", ["201–299 firms", "30 firms", "8 firms", "67.405–67.415%", "0–50,000 persons"]),
            ("zh", ["201–299家", "30家", "8家", "67.405–67.415%", "0–5万人"]),
        ):
            found = extract(path, lang)
            assert [mark.reading for mark in found.marks][:5] == readings

    def test_a_size_stands_beside_its_count(self, found):
        assert [found.size(row) for row in found.rows[:4]] == ["", "≥ 5 million CNY", "≥ 10 million CNY", ""]
        assert "of a size ≥ 5 million CNY" in found.marks[1].hover

    def test_a_size_of_its_own_kind(self, write):
        (row,) = (extract(write("其中利润超过1亿元的企业3家。"))).rows
        found = extract(write("其中利润超过1亿元的企业3家。"))
        assert found.size(row) == "> 100 million CNY"

    def test_the_hover_text_says_all(self, found):
        share = found.marks[3].hover.split("\n")
        assert share[0] == "67.405–67.415%" and share[1] == "the number: 67.41%"
        assert "share · observed" in share and any("产值" in line for line in share[4:])
        flagged = next(mark for mark in found.marks if mark.flag)
        assert flagged.printed == "2023万元" and "shape of a year" in flagged.hover

    def test_an_open_end_and_none(self, write):
        found = extract(write("年产值60亿元以上，占地约3.5万亩。"))
        assert [mark.reading for mark in found.marks] == ["≥ 6 billion CNY a year", "no hard interval"]

    def test_things_are_pieces_only_where_it_says_so(self, write):
        readings = [mark.reading for mark in extract(write("生产服装600万件，设有展台120个。"), "en").marks]
        assert readings[0].endswith("pieces") or readings[0].endswith("pieces a year")
        assert readings[1] == "120 items"

    def test_every_word_of_the_reader_has_a_label(self):
        folder = paths.ROOT / "clusterlib" / "extraction" / "words"
        if not folder.is_dir():
            pytest.skip("needs a checkout")
        for name, column, kind in (
            ("units", "unit", "unit"),
            ("classifiers", "unit", "unit"),
            ("nouns", "unit", "unit"),
            ("statuses", "status", "status"),
            ("qualifiers", "rule", "rule"),
        ):
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                words = {row[column] for row in csv.DictReader(file)} - {""}
            assert [word for word in sorted(words) if not labels.has(f"{kind}.{word}") and word != "index"] == []


class TestFrame:
    def test_columns_and_blanks(self, found):
        frame = found.frame
        assert tuple(frame.columns) == COLUMNS and len(frame) == len(found.rows)
        assert frame["threshold"].isna().sum() == len(frame) - 2
        assert (frame["flag"] == "").sum() == len(frame) - 1
        assert all(found.text[row.start : row.end] == row.printed for row in frame.itertuples())

    def test_a_document_without_a_figure(self, write):
        found = extract(write("只有文字。"))
        assert found.frame.empty and tuple(found.frame.columns) == COLUMNS
        assert str(found) == "report.txt · No figure is read in this text."
        assert "No figure is read" in found._repr_html_() and "只有文字" in found._repr_html_()
        (sentence,) = findings.document(found).sentences
        assert sentence.text.startswith("report.txt prints no figure")
        for table in (tables.document_figures, tables.document_flags, tables.document_sizes, tables.document_shares):
            assert not table(found).rows and table(found).empty
        assert tables.document_result(found).csv.splitlines() == [",".join(COLUMNS)]

    def test_an_empty_file(self, write):
        found = extract(write(""))
        assert not found.rows and Shown(found._repr_html_()).open == []

    def test_text_form(self, found):
        lines = str(found).splitlines()
        assert lines[0] == "report.txt" and "201–299 firms" in str(found)
        assert lines[3].split()[0] == "4"  # the line of the file, line ends as they are

    def test_a_long_text_form_is_cut_and_says_so(self, write):
        found = extract(write("企业80家。\n" * 100))
        assert str(found).splitlines()[-1] == "… and 40 more" and len(found.frame) == 100

    def test_what_read_file_gives_will_do(self, write):
        path = write(TEXT)
        assert extract(read_file(path))._repr_html_() == extract(path)._repr_html_()


class TestMarkedText:
    @pytest.mark.parametrize("lang", labels.LANGS)
    def test_whole_and_linked_both_ways(self, write, lang):
        found = extract(write(TEXT), lang)
        shown = Shown(found._repr_html_())
        assert shown.open == [] and "script" not in shown.tags and "img" not in shown.tags
        assert len(shown.ids) == len(set(shown.ids)) == 2 * len(found.rows)
        assert sorted(link.removeprefix("#") for link in shown.links) == sorted(shown.ids)
        assert len(shown.tips) == len(found.rows)

    def test_nothing_of_the_text_is_lost(self, found):
        shown = Shown(found._repr_html_()).text
        body = shown[shown.index("第一段") :]
        squeezed = re.sub(r"\s", "", body)
        assert squeezed == re.sub(r"\s", "", TEXT)
        assert "，\n只有" in body

    def test_flags_are_told_by_more_than_colour(self, found):
        markup = found._repr_html_()
        number = next(i for i, row in enumerate(found.rows, 1) if row.flag)
        assert f"{number}!</sup>" in markup and "dashed" in markup

    def test_equal_each_time_and_apart_from_others(self, write):
        first, again = extract(write(TEXT)), extract(write(TEXT))
        other = extract(write(TEXT, "other.txt"))
        assert first._repr_html_() == again._repr_html_()
        assert not set(Shown(first._repr_html_()).ids) & set(Shown(other._repr_html_()).ids)

    def test_it_fetches_nothing(self, found):
        markup = found._repr_html_()
        assert not re.search(r"url\(|@import|https?:|src=", markup)

    def test_hostile_text_stays_text(self, write):
        hostile = (
            '<script>alert(1)</script>企业"80家"</div><img src=x onerror=alert(1)>，'
            "销售额占<b>\u202e全县\u0007</b>的12%。"
        )
        found = extract(write(hostile, "a<b>.txt"))
        shown = Shown(found._repr_html_())
        assert shown.open == [] and not shown.tags & {"script", "img"}
        assert "<script>" in shown.text and "\u202e" not in found._repr_html_() + str(found)
        assert "[U+202E]" in shown.text and "[U+0007]" in shown.text
        for table in (tables.document_figures(found), tables.document_shares(found)):
            assert "<b>" not in table.html and "\u202e" not in table.html
        assert "<b>" not in findings.document(found)._repr_mimebundle_()["text/html"]

    def test_documents_of_one_file_are_told_apart(self, write):
        found = extract(write("第一篇：企业80家。\n第二篇：企业90家。\n"))
        shown = Shown(found._repr_html_()).text
        assert shown.index("report#1") < shown.index("企业80家") < shown.index("report#2")
        assert [cell.text for cell in tables.document_figures(found).rows[1]][1] == "report#2"
        assert "2 figures in 2 documents" in findings.document(found).sentences[0].text

    def test_a_figure_across_lines_is_not_cut(self):
        text = "a\n12\n家b\nc"
        cut = blocks(text, [Mark(1, "", "", start=2, end=6)])
        assert [(text[start:end], len(marks)) for start, end, marks in cut] == [("a\n", 0), ("12\n家b\n", 1), ("c", 0)]

    def test_plain_text_stays_light(self, write):
        plain = "这里只有文字，没有数字。\n" * 30_000
        found = extract(write(plain + "企业80家。\n" + plain))
        assert len(found._repr_html_().encode()) < 1.01 * len((plain + plain).encode()) + 10_000

    def test_dense_text_stays_bearable(self, write):
        dense = "其中企业80家，产值12.5亿元，增长8.3%，占全县的25.37%。\n" * 2_000
        found = extract(write(dense))
        assert len(found.rows) == 8_000
        assert len(found._repr_html_().encode()) < 25 * len(dense.encode())


def test_clean_names_what_would_turn_the_text():
    assert clean("甲\u2067乙\ud800丙\u200b丁") == "甲[U+2067]乙[U+D800]丙丁"


class TestSeries:
    def test_counts_that_fall_can_be_cumulative(self, found):
        assert found.series() == [[1, 2]] and found.falls([1, 2])
        rows = tables.document_sizes(found).rows
        assert [[cell.text for cell in row][:3] for row in rows] == [
            ["1: can be cumulative", "≥ 5 million CNY", "30 firms"],
            ["1: can be cumulative", "≥ 10 million CNY", "8 firms"],
        ]

    def test_counts_that_rise_cannot(self, write):
        found = extract(write("年销售500万元以上的企业30家，1000万元以上的企业80家。"))
        assert not found.falls(found.series()[0])
        assert tables.document_sizes(found).rows[0][0].text == "1: cannot be cumulative"


class TestPage:
    def test_findings_come_with_their_notes(self, found):
        first, flags, sizes, shares = findings.document(found).sentences
        assert first.text == f"Read in report.txt: {len(found.rows)} figures in 1 document, {len(found.rows)} observed."
        assert flags.text.startswith("Flagged, to be looked up on the page: 1 figure. A year stands")
        assert [source.number for source in sizes.sources] == [2, 3]
        assert shares.text == "Shares: 1, 1 of them with their whole named."

    @pytest.mark.parametrize("lang", labels.LANGS)
    def test_every_link_has_its_mark(self, lang):
        found = open_document("08_read_a_document", file="", lang=lang)
        ids = set(Shown(found._repr_html_()).ids)
        shown = [
            findings.document(found)._repr_mimebundle_()["text/html"],
            *(
                table(found).html
                for table in (
                    tables.document_figures, tables.document_flags, tables.document_sizes, tables.document_shares,
                )
            ),
        ]  # fmt: skip
        links = re.findall(r'href="#([^"]*)"', "".join(shown))
        assert len(links) > len(found.rows) and set(links) <= ids

    def test_the_table_beside_the_page_is_that_of_the_command(self, found):
        rows = list(csv.DictReader(tables.document_result(found).csv.splitlines()))
        assert len(rows) == len(found.rows) and tuple(rows[0]) == COLUMNS
        assert rows[0]["printed"] == "２00多家" and rows[0]["low"] == "201"

    def test_the_example_shows_what_there_is(self):
        found = open_document("08_read_a_document", file="", lang="zh")
        assert found.text.startswith("本文为虚构示例")
        assert {row.kind for row in found.rows} >= {
            "count", "level", "share", "growth_rate", "change", "ratio", "threshold_count",
        }  # fmt: skip
        assert {row.status for row in found.rows} >= {"observed", "planned", "target", "forecast"}
        assert {row.rule for row in found.rows} >= {
            "exact", "rounded", "more_than", "at_least", "above", "below", "about", "zero", "range",
        }  # fmt: skip
        assert {flag for row in found.rows for flag in row.flag.split()} >= {
            "year_in_place_of_number", "period_lost", "orphan_fragment", "part_exceeds_whole", "qualifiers_clash",
        }  # fmt: skip
        assert {"USD/year", "CNY/person"} <= {row.unit for row in found.rows}
        printed = " ".join(row.printed for row in found.rows)
        assert not re.search("4S|316|1234567|第三|16号", printed)

    def test_errors_name_what_is_allowed(self, tmp_path):
        with pytest.raises(InputError, match=r"none\.txt"):
            extract(tmp_path / "none.txt")
        with pytest.raises(InputError, match="unknown lang 'de'"):
            open_document("08_read_a_document", file="", lang="de")
        with pytest.raises(InputError, match="unknown parameter of 08_read_a_document"):
            parameters.check("08_read_a_document", {"cluster": "china-garment"})


def test_escaped_once_only(write):
    markup = extract(write("企业A&B等80家。"))._repr_html_()
    assert "A&amp;B" in markup and "A&amp;amp;B" not in markup
