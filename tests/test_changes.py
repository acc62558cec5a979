"""What changed since the last run: compared row by row, said in words, shown in both languages."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import asdict
from typing import ClassVar

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markup import Markup
from studies import reprinted

from clusterlib import findings, fonts
from clusterlib.analysis import concentration, judged_claims
from clusterlib.analysis.results import COLUMNS
from clusterlib.labels import LANGS
from clusterlib.marked import extract
from clusterlib.page import csv_text, page_of
from clusterlib.report import changes
from clusterlib.report.changes import changed
from clusterlib.report.differences import compare
from clusterlib.study import Study
from clusterlib.tables.documents import document_result

BEFORE, AFTER = "2026-11-27T08:00:00+08:00", "2026-11-28T09:30:00+08:00"
CLUSTER = "china-garment"
HEAD = ",".join(COLUMNS)


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture(autouse=True)
def no_font(request, monkeypatch):
    """Signs of a font are cut out for one page only: that takes longer than all the rest."""
    if not request.node.name.startswith("test_the_page_says_it"):
        monkeypatch.setattr(fonts, "face", lambda text: "")


def entry(notebook, lang="en", cluster=CLUSTER, document="", sentences=(), **more):
    """A report as the manifest has it."""
    return {
        "key": f"{lang}/{document or cluster}/{notebook}",
        "notebook": notebook,
        "cluster": "" if document else cluster,
        "document": document,
        "file": f"{document}.txt" if document else "",
        "lang": lang,
        "status": "ready",
        "time": AFTER,
        "findings": list(sentences),
        "kept": "",
        "replaced": BEFORE,
        **more,
    }


def replaced(notebook, before, after, langs=("en",), sentences=({}, {}), **more):
    """The changes of one report in some languages."""
    return [
        changed(
            entry(notebook, lang, sentences=sentences[1].get(lang, ()), **more),
            entry(notebook, lang, sentences=sentences[0].get(lang, ()), time=BEFORE, **more),
            before,
            after,
        )
        for lang in langs
    ]


def shown(study, replaced_reports, since=BEFORE):
    page = Markup(changes.page(study, replaced_reports, since))
    page.check()
    return page


def table(*rows, columns=COLUMNS):
    """CSV of rows given as dicts, blank where nothing is given."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


GINI = {"cluster": CLUSTER, "measure": "gini", "indicator": "sales", "group": "above_scale", "assumption": "ordered",
        "low": "0.3631", "high": "0.6113", "unit": "index"}  # fmt: skip


class TestFigurePrintedOtherwise:
    """The whole way: one printed figure changed in the data, everything computed anew."""

    @pytest.fixture(scope="class")
    @classmethod
    def studies(cls, study, tmp_path_factory):
        folder = tmp_path_factory.mktemp("changed") / "data"
        return study, reprinted(folder, "china-garment.above-scale.profit-share", "48.24%", 48.24, 48.235, 48.245)

    @pytest.fixture(scope="class")
    @classmethod
    def reports(cls, studies):
        figures, results, claims, sentences = [], [], [], []
        for each in studies:
            figures.append(csv_text(each.figures_of(CLUSTER)))
            result = concentration(each, CLUSTER)
            results.append(csv_text(result))
            claims.append(csv_text(judged_claims(each, CLUSTER).result))
            told = {lang: findings.concentration(page_of(each, CLUSTER, lang), result) for lang in LANGS}
            sentences.append({lang: [each.text for each in told[lang].sentences] for lang in LANGS})
        return [
            *replaced("01_figures", *figures, LANGS),
            *replaced("02_concentration", *results, LANGS, sentences),
            *replaced("05_claims", *claims, LANGS),
        ]

    def test_what_changed_is_what_rests_on_it(self, reports):
        by_notebook = {report.notebook: report.rows for report in reports}
        (figure,) = by_notebook["01_figures"]
        assert (figure.sort, figure.how, figure.row["figure"]) == (
            "figure",
            "changed",
            "china-garment.above-scale.profit-share",
        )
        assert {"printed", "value", "low", "high"} <= set(figure.columns) <= {*figure.before} - {"start", "end", "line"}
        results = by_notebook["02_concentration"]
        assert len(results) > 5 and {change.how for change in results} == {"changed"}
        assert all("china-garment.above-scale.profit-share" in change.row["figures"] for change in results)
        verdicts = {change.row["claim"]: change for change in by_notebook["05_claims"] if change.sort == "verdict"}
        seventy = verdicts["china-garment.seventy-of-profit"]
        assert (seventy.before["verdict"], seventy.after["verdict"]) == ("supported", "contradicted")

    def test_every_row_that_differs_is_told(self, studies, reports):
        """Against a merge by pandas, which knows nothing of the matching here."""
        report = next(each for each in reports if each.notebook == "02_concentration")
        told = {tuple(change.row[name] for name in COLUMNS[:6]) for change in report.rows}
        one, other = (concentration(each, CLUSTER) for each in studies)
        both = one.merge(other, on=COLUMNS[:6], validate="one_to_one")
        assert len(both) == len(one) == len(other)
        pairs = [(both[f"{name}_x"].fillna(-1), both[f"{name}_y"].fillna(-1)) for name in ("value", "low", "high")]
        differ = both[pd.concat([abs(x - y) > 1e-8 * abs(x) for x, y in pairs], axis=1).any(axis=1)]
        assert told == set(differ[COLUMNS[:6]].itertuples(index=False, name=None))

    def test_the_page_says_it_in_both_languages(self, study, reports):
        page = shown(study, reports)
        assert "font/woff" in changes.page(study, reports, BEFORE)
        english, chinese = page.said("en"), page.said("zh-Hans")
        assert re.search(r"1 figure, \d+ verdicts and \d+ results changed since 27 Nov 2026, 08:00\.", english)
        assert re.search(r"自2026年11月27日 08:00以来，1个数字、\d+个判定、\d+项结果有变化。", chinese)
        for text, words in (
            (english, ["China's garment clusters", "“70.24%” · 70.235–70.245%", "“48.24%” · 48.235–48.245%"]),
            (english, ["supported: 70.24%", "contradicted: 48.24%", "earn seventy percent", "Gini coefficient"]),
            (english, ["total profit; the two groups do not overlap in this indicator"]),
            (chinese, ["全国服装产业集群", "“70.24%” · 70.235–70.245%", "得到支持：70.24%", "与数字相矛盾：48.24%"]),
            (chinese, ["创造七成以上利润", "基尼系数", "两组企业在该指标上互不交错"]),
        ):
            for each in words:
                assert each in text, each
        assert "china-garment.above-scale" not in english + chinese, "no key is shown where there is a name"
        assert {"en/china-garment/05_claims.html", "zh/china-garment/05_claims.html"} <= set(page.links)

    def test_a_result_in_several_reports_counts_once(self, reports):
        counts = changes.summary(reports)
        assert counts["figures"] == {"changed": 1, "added": 0, "removed": 0}
        results = {
            tuple(change.row[name] for name in COLUMNS[:6])
            for report in reports
            for change in report.rows
            if change.sort == "result"
        }
        rows = [change for report in reports for change in report.rows if change.sort == "result"]
        assert counts["results"]["changed"] == len(results) < len(rows) / 2
        assert (counts["reports"], counts["sentences"], counts["same"], counts["new"]) == (3, 1, 0, 0)

    def test_changed_sentences_are_marked(self, study, reports):
        page = shown(study, reports)
        assert "70.24%" in page.said("en", "del") and "70.24%" not in page.said("en", "ins")
        assert "67.41%" in page.said("zh-Hans", "ins")

    def test_a_change_can_be_kept_as_json(self, reports):
        assert json.loads(json.dumps(asdict(reports[0])))["rows"][0]["after"]["printed"] == "48.24%"
        json.dumps(changes.summary(reports))


class TestCompare:
    def test_the_same_is_no_change(self):
        assert compare(table(GINI), table(GINI)) == []
        assert compare(table(GINI), table(GINI).replace("\n", "\r\n")) == []
        assert compare("", "") == []

    @pytest.mark.parametrize(
        ("before", "after", "same"),
        [
            ("0.50", "0.5", True),
            ("5e-1", "0.5", True),
            ("0.6113574755", "0.6113574756", True),  # the last of ten digits
            ("0.6113", "0.6114", False),
            ("3855000000", "3855000001", False),  # a whole number is exact
            ("0.5", "", False),
            ("", "0", False),
            ("1_0", "10", False),
        ],
    )
    def test_numbers_are_compared_as_numbers(self, before, after, same):
        found = compare(table({**GINI, "high": before}), table({**GINI, "high": after}))
        assert [change.how for change in found] == (["rewritten"] if same else ["changed"])
        if not same:
            assert found[0].columns == ("high",)

    def test_rows_of_one_name_are_told_apart_by_their_unit(self):
        log = {**GINI, "measure": "contribution", "unit": "log"}
        part = {**log, "unit": "percent", "low": "10", "high": "20"}
        (change,) = compare(table(log, part), table({**part, "high": "30"}, log))
        assert change.row["unit"] == "percent" and (change.before["high"], change.after["high"]) == ("20", "30")

    def test_a_row_more_of_one_name_is_new(self):
        again = {**GINI, "high": "0.7"}
        (change,) = compare(table(GINI), table(GINI, again))
        assert (change.how, change.after["high"], change.before) == ("added", "0.7", {})
        (change,) = compare(table(GINI, again), table(GINI))
        assert (change.how, change.before["high"], change.after) == ("removed", "0.7", {})

    def test_which_of_several_a_row_became_is_not_guessed(self):
        rows = [{**GINI, "high": high} for high in ("0.6", "0.7", "0.8")]
        assert [change.how for change in compare(table(rows[0]), table(*rows[1:]))] == ["added", "added", "removed"]

    def test_a_claim_that_gains_a_number_stays_one_claim(self):
        columns = [*COLUMNS, "claim", "verdict"]
        before = table({"cluster": CLUSTER, "claim": "c", "verdict": "undecidable"}, columns=columns)
        after = table({**GINI, "claim": "c", "verdict": "supported"}, columns=columns)
        (change,) = compare(before, after)
        assert (change.sort, change.how) == ("verdict", "changed") and "verdict" in change.columns

    def test_another_number_behind_the_same_verdict_is_a_result(self):
        columns = [*COLUMNS, "claim", "verdict"]
        rows = [{**GINI, "claim": "c", "verdict": "supported", "high": high} for high in ("0.5", "0.6")]
        (change,) = compare(*(table(row, columns=columns) for row in rows))
        assert change.sort == "result"

    def test_a_document_edited(self, tmp_path):
        texts = ["全镇企业200多家，从业人员2万人。商店350多家。", "首先，全镇企业300多家，从业人员2万人。商店350多家。"]
        tables = []
        for text in texts:
            (tmp_path / "a.txt").write_text(text, encoding="utf-8")
            tables.append(document_result(extract(tmp_path / "a.txt")).csv)
        found = compare(*tables)
        assert Counter(change.how for change in found) == {"changed": 1, "moved": 2}
        assert {change.sort for change in found} == {"figure"}
        (change,) = (change for change in found if change.how == "changed")
        assert (change.before["printed"], change.after["printed"]) == ("200多家", "300多家")
        assert "start" not in change.columns

    def test_columns_of_another_version(self, study):
        before, after = "measure,low\ngini,1\n", "measure,low,high end,\ngini,1,2,3\n"
        (change,) = compare(before, after)
        assert (change.sort, change.columns, list(change.before)) == ("table", ("high end", ""), ["measure", "low"])
        page = shown(study, replaced("02_concentration", before, after))
        assert "Columns added: high end and –." in page.said("en")

    def test_a_table_of_unknown_columns(self):
        before, after = "town,looms,state\nA,3,old\nB,4,old\n", "town,looms,state\nB,5,old\nA,3,new\nC,1,new\n"
        found = {change.row["town"]: change for change in compare(before, after)}
        assert {town: (change.how, change.columns) for town, change in found.items()} == {
            "A": ("changed", ("state",)),
            "B": ("changed", ("looms",)),
            "C": ("added", ()),
        }

    CELLS = st.sampled_from(["", "a", "b", "1", "1.0", "2", '"', "x,y", "<b>", "线"])
    FRAMES = st.sampled_from([COLUMNS, ["figure", "printed", "start"], ["document", "noun", "printed", "kind"],
                              ["claim", "verdict", "low"], ["x", "y"], ["low", "high"], ["start"]])  # fmt: skip

    @settings(derandomize=True, deadline=None, max_examples=80)
    @given(st.data())
    def test_changes_lead_from_the_one_to_the_other(self, data):
        """Taken away and put in place, they turn the earlier table into the later one."""
        columns = data.draw(self.FRAMES)
        rows = st.lists(st.lists(self.CELLS, min_size=len(columns), max_size=len(columns)), max_size=5)
        before, after = ([dict(zip(columns, row, strict=True)) for row in data.draw(rows)] for _ in range(2))
        found = compare(table(*before, columns=columns), table(*after, columns=columns))

        def counted(rows):
            # Rows without any cell are no rows; 1.0 is 1.
            told = [tuple(row[name].replace("1.0", "1") for name in columns) for row in rows]
            return Counter(row for row in told if any(row))

        gone = counted([change.before for change in found if change.before and change.sort != "table"])
        come = counted([change.after for change in found if change.after and change.sort != "table"])
        assert counted(before) - gone + come == counted(after) and not gone - counted(before)
        assert all(change.how in ("added", "removed", "moved") or change.columns for change in found if change.row)

    @settings(derandomize=True, deadline=None, max_examples=80)
    @given(st.text(max_size=60), st.text(max_size=60))
    @example("\ufeffa\n1", "a\n1")
    @example('"', "a" * 140_000)
    @example("\n\n,,\n", ",\n\0\n")
    @example("a,a\n1,2", "a\n1,2,3")
    def test_any_text_can_be_compared(self, before, after):
        assert (compare(before, after) == []) == (before.splitlines() == after.splitlines())


class TestChanged:
    def test_a_new_report_has_nothing_to_compare(self):
        report = changed(entry("01_figures", sentences=["a"]), None, "", "x\n1")
        assert report.first and report.rows == () and not report.different

    def test_a_report_that_never_stood_is_new(self):
        assert changed(entry("01_figures"), entry("01_figures", status="failed", kept=""), "", "x\n1").first

    def test_a_report_that_failed_since_is_compared_with_its_last_page(self):
        failed = entry("01_figures", status="failed", kept=BEFORE, time="2026-11-27T20:00:00+08:00")
        report = changed(entry("01_figures", replaced=""), failed, "x\n1", "x\n2")
        assert (report.first, report.before, report.different) == (False, BEFORE, True)

    def test_nothing_but_the_time(self, study):
        reports = replaced("02_concentration", table(GINI), table(GINI), LANGS)
        assert not any(report.different for report in reports)
        page = shown(study, reports)
        assert "Nothing changed since 27 Nov 2026, 08:00." in page.said("en")
        assert "Rendered again with the same content: 1 report." in page.said("en")
        assert "自2026年11月27日 08:00以来没有变化。" in page.said("zh-Hans")


class TestSentence:
    def counts(self, **more):
        return {**changes.summary([]), **more}

    def test_the_first_run(self):
        assert changes.sentence(self.counts(new=3), "", "en").startswith("This is the first run")

    def test_only_new_rows(self):
        counts = self.counts(results={"changed": 0, "added": 2, "removed": 1}, reports=1)
        assert changes.sentence(counts, BEFORE, "en") == (
            "No figure, result or verdict changed since 27 Nov 2026, 08:00. New: 2 results. No longer there: 1 result."
        )
        assert changes.sentence(counts, BEFORE, "zh") == (
            "自2026年11月27日 08:00以来，数字、结果和判定均无变化。新增：2项结果。不再出现：1项结果。"
        )


class TestPage:
    def test_the_first_run(self, study):
        page = shown(study, [changed(entry("01_figures"), None, "", "x")], "")
        assert "first run" in page.said("en") and "New reports" in page.said("en")
        assert "What is printed" in page.said("en") and "原文数字一览" in page.said("zh-Hans")

    def test_no_report_at_all(self, study):
        assert "Nothing changed since" in shown(study, []).said("en")

    def test_a_blank_end_is_unbounded(self, study):
        page = shown(study, replaced("02_concentration", table(GINI), table({**GINI, "high": ""})))
        assert "≥ 0.3631" in page.said("en")

    def test_a_change_that_rounding_hides_is_shown_in_all_digits(self, study):
        pair = (table({**GINI, "high": end}) for end in ("0.611300001", "0.611300002"))
        text = shown(study, replaced("02_concentration", *pair)).said("en")
        assert "0.611300001" in text and "0.611300002" in text

    def test_what_else_changed_is_named(self, study):
        figures = study.figures_of(CLUSTER).head(1)
        after = figures.assign(status="planned", start=999, note_zh="新注")
        text = shown(study, replaced("01_figures", csv_text(figures), csv_text(after), LANGS))
        assert "status: observed → planned" in text.said("en") and "note: – → 新注" in text.said("en")
        assert "性质: 实绩 → 规划" in text.said("zh-Hans").replace("：", ": ")
        assert "start" not in text.said("en")

    def test_words_of_a_table_are_shown_in_the_language_of_the_page(self, study):
        figures = study.figures_of(CLUSTER).head(1).assign(scope="those", scope_zh="那些")
        after = figures.assign(scope="these", scope_zh="这些")
        page = shown(study, replaced("01_figures", csv_text(figures), csv_text(after), LANGS))
        assert "those → these" in page.said("en") and "那些" not in page.said("en")
        assert "那些 → 这些" in page.said("zh-Hans") and "those" not in page.said("zh-Hans")

    def test_places_alone_are_counted(self, study):
        figures = study.figures_of(CLUSTER)
        after = csv_text(figures.assign(start=figures["start"] + 1, end=figures["end"] + 1))
        reports = replaced("01_figures", csv_text(figures), after)
        assert changes.summary(reports)["moved"] == len(figures)
        assert f"With a new place and otherwise the same: {len(figures)} figures." in shown(study, reports).said("en")

    def test_more_rows_than_one_reads_are_folded(self, study):
        pair = (table(*({**GINI, "measure": f"cr{k}", "high": high} for k in range(2, 40))) for high in ("0.7", "0.8"))
        page = shown(study, replaced("02_concentration", *pair))
        assert f"{38 - changes.SHOWN} results more" in page.said("en", "details")
        assert "share of the 39 largest firms" in page.said("en", "details")

    def test_a_result_of_another_cluster_stands_under_its_own_name(self, study):
        own = replaced("02_concentration", table(GINI), table({**GINI, "high": "0.7"}))
        beside = replaced("07_comparison", table(GINI), table({**GINI, "high": "0.7"}), cluster="shishi-garment")
        page = shown(study, [*own, *beside])
        assert "Shishi" not in page.said("en") and "en/shishi-garment/07_comparison.html" not in page.links
        assert changes.summary([*own, *beside])["results"]["changed"] == 1
        # Alone, the report in which it was seen is linked.
        assert "en/shishi-garment/07_comparison.html" in shown(study, beside).links

    def test_a_report_in_one_language_only_is_linked_from_both(self, study):
        page = shown(study, replaced("02_concentration", table(GINI), table({**GINI, "high": "0.7"}), ("zh",)))
        assert page.links.count("zh/china-garment/02_concentration.html") == 2
        assert "Gini coefficient" in page.said("en")

    NAME = '<script>alert("x")</script>&{0}{lang}'
    FIGURE = ("figure", "printed", "kind", "threshold")
    BAD: ClassVar = {**GINI, "cluster": NAME, "measure": NAME, "group": "a..b..c", "unit": "loom/<i>"}
    HOSTILE = (
        "",
        "no header",
        "\0",
        '"open',
        "\ufeff\n,,,\n",
        f"{HEAD}\n",
        table({**BAD, "assumption": "cap=x;n=y;baseline=x"}),
        table({**GINI, "measure": "top_share", "group": "all;top=x", "reference": NAME}),
        table({**GINI, "measure": "problems", "group": "answered", "low": "9", "high": "1"}),
        table({"measure": "stage", "indicator": "formation", "assumption": "rate=;scope=;scale=q;by=;years="}),
        table({"figure": "f", "printed": NAME, "kind": "share", "threshold": "x"}, columns=FIGURE),
        table({"noun": "", "printed": "", "low": "9" * 40}, columns=["noun", "printed", "low"]),
        table({"claim": NAME, "verdict": NAME}, columns=["claim", "verdict"]),
        f"<b>,y\n{NAME},1\n",
    )  # fmt: skip

    def test_strange_tables_and_hostile_names(self, study):
        """Every strange table beside every other: shown as text, or not at all, never an error."""
        reports = []
        for i, before in enumerate(self.HOSTILE):
            after = self.HOSTILE[(i + 1) % len(self.HOSTILE)]
            for pair in ((before, after), (before, before.replace(",1\n", ",2\n").replace("0.6113", "0.7"))):
                reports += replaced(f"n<b>{len(reports)}", *pair, cluster=f"c'{i}<b>")
        reports += replaced("08_read_a_document", self.HOSTILE[-3], self.HOSTILE[1], document="d<b>")
        assert sum(report.different for report in reports) >= 18
        page = shown(study, reports)
        markup = changes.page(study, reports, BEFORE)
        assert "<script>alert" not in markup and "<b>" not in markup and "<i>" not in markup
        assert '<script>alert("x")</script>' in page.said("en"), "shown as text"
        assert "en/c%270%3Cb%3E/n%3Cb%3E0.html" in page.links

    def test_old_and_new_sentence_can_both_be_read(self):
        sentence = st.lists(st.sampled_from(["firms", "12", "−3%", "集", "群", " ", ", ", "<b>", "."]), max_size=8).map(
            "".join
        )

        @settings(derandomize=True, deadline=None, max_examples=100)
        @given(sentence, sentence)
        def check(old, new):
            edited = str(changes._edited(old, new))
            page = {tag: re.sub(rf"<{tag}>.*?</{tag}>", "", edited, flags=re.S) for tag in ("del", "ins")}
            told = {
                tag: re.sub(r"</?(del|ins)>", "", text).replace("&lt;", "<").replace("&gt;", ">")
                for tag, text in page.items()
            }
            assert (told["ins"], told["del"]) == (old, new)

        check()

    def test_sentences_are_paired_with_what_they_were(self, study):
        old = ["There are 3 firms in the cluster.", "Profit is 5 CNY.", "Sales are large."]
        new = ["Sales are large.", "Something else entirely was found.", "There are 4 firms in the cluster."]
        (report,) = replaced("02_concentration", "", "", sentences=({"en": old}, {"en": new}))
        assert [str(each) for each in changes._reworded(report)] == [
            "<ins>Something else entirely was found.</ins>",
            "There are <del>3</del><ins>4</ins> firms in the cluster.",
            "<del>Profit is 5 CNY.</del>",
        ]

    def test_sentences_in_another_order_are_no_change(self):
        (report,) = replaced("02_concentration", "", "", sentences=({"en": ["a", "b"]}, {"en": ["b", "a"]}))
        assert not report.different


def test_a_table_reads_as_pandas_reads_it(study):
    """Whatever stands in a table of the library is found again cell by cell."""
    frame = concentration(study, CLUSTER).head(5)
    found = compare("", csv_text(frame))
    again = pd.read_csv(io.StringIO(csv_text(frame)), dtype=str, keep_default_na=False)
    assert [dict(change.after) for change in found] == again.to_dict("records")
