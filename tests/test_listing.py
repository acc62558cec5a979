"""The index: what failed comes first, every report is found, in either language, with a script or without."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from markup import Markup

from clusterlib import fonts
from clusterlib.report import listing
from clusterlib.report.changes import changed
from clusterlib.study import Study

BEFORE, AFTER = "2026-11-27T08:00:00+08:00", "2026-11-28T09:30:00+08:00"
NOWHERE = Path("nowhere")
SILENT = {
    "en": "The documents print no share and no size class for this cluster, so no concentration measure can be "
    "computed or bounded.",
    "zh": "文献没有印出该集群的比重或规模分组，因此无法计算或界定任何集中度指标。",
}


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture(autouse=True)
def no_font(request, monkeypatch):
    if request.node.name != "test_chinese_signs_are_embedded":
        monkeypatch.setattr(fonts, "face", lambda text: "")


def entry(notebook, lang, cluster="", document="", **more):
    """A report as the manifest has it."""
    key = f"{lang}/{document or cluster}/{notebook}"
    return {
        "key": key,
        "notebook": notebook,
        "cluster": cluster,
        "document": document,
        "file": f"{document}.txt" if document else "",
        "lang": lang,
        "status": "ready",
        "time": AFTER,
        "seconds": 1.0,
        "findings": [{"en": "It holds 25.37% of the firms.", "zh": "占企业数的25.37%。"}[lang], f"second {lang}"],
        "error": "",
        "cell": "",
        "kept": "",
        "partial": "",
        "files": {suffix: {"sha256": "0", "bytes": 1} for suffix in ("html", "csv", "ipynb")},
        "parameters": {},
        "run": "r",
        "replaced": "",
        **more,
    }


def both(notebook, cluster="", document="", **more):
    return {each["key"]: each for each in (entry(notebook, lang, cluster, document, **more) for lang in ("en", "zh"))}


def failure(**more):
    return {
        "status": "failed",
        "error": "ValueError: <b>no</b>",
        "cell": "x = 1\nraise ValueError('<b>no</b>')",
        "partial": "failed/en/a b/02.ipynb",
        **more,
    }


@pytest.fixture
def reports():
    """Two clusters, in the other order than the study's, one silent and one failed report, and a document."""
    return {
        **both("02_concentration", "shishi-garment"),
        **both("01_figures", "shishi-garment"),
        **both("01_figures", "china-garment"),
        **both("08_read_a_document", document="报-告"),
    }


def shown(study, reports, changes=(), since="", out=NOWHERE):
    page = Markup(listing.index(study, reports, out, changes, since))
    page.check()
    return page


def cards(study, reports, lang="en"):
    """Text of each report in a language, by the address of its title."""
    markup = listing.index(study, reports, NOWHERE)
    part = markup.partition(f'id="{lang}"')[2].partition('<div class="language"')[0]
    found = re.findall(r"<article.*?</article>", part, re.S)
    return {
        (re.findall(r'<h3><a href="(.*?)"', card) or [re.findall(r"<h3>(.*?)[<]", card)[0]])[0]: card for card in found
    }


class TestEveryReport:
    def test_each_is_linked_in_its_language(self, study, reports):
        page = shown(study, reports)
        for key in reports:
            for suffix in ("html", "csv", "ipynb"):
                assert f"{key}.{suffix}" in [unquote(link) for link in page.links], key

    def test_a_card_says_what_one_looks_for(self, study, reports):
        card = cards(study, reports)["en/shishi-garment/02_concentration.html"]
        for words in ("Concentration", "It holds 25.37% of the firms.", "28 Nov 2026, 09:30", "table (CSV)", "中文"):
            assert words in card, words
        assert 'href="zh/shishi-garment/02_concentration.html" lang="zh-Hans"' in card
        chinese = cards(study, reports, "zh")["zh/shishi-garment/02_concentration.html"]
        for words in ("集中度", "占企业数的25.37%。", "2026年11月28日 09:30", "结果表（CSV）", "English"):
            assert words in chinese, words

    def test_clusters_stand_in_the_order_of_the_study_and_documents_last(self, study, reports):
        page = shown(study, {**reports, **both("01_figures", "unheard-of")})
        heads = [text for lang, tags, text in page.texts if "h2" in tags and lang == "en"]
        assert heads == [
            "Clusters and reports",
            "China's garment clusters",
            "Shishi garment cluster",
            "unheard-of",
            "Documents",
        ]
        assert "A document read · 报-告.txt" in page.said("en", "h3")

    def test_files_that_are_there_are_linked(self, study):
        files = {suffix: {} for suffix in ("html", "csv", "ipynb", "pdf", "docx")}
        (card,) = cards(study, both("01_figures", "china-garment", files=files)).values()
        assert re.findall(r">(PDF|Word|table \(CSV\)|notebook)<", card) == ["PDF", "Word", "table (CSV)", "notebook"]

    def test_an_entry_of_an_older_manifest_is_looked_up(self, study, tmp_path):
        old = both("01_figures", "china-garment")
        for each in old.values():
            del each["files"]
        (tmp_path / "zh/china-garment").mkdir(parents=True)
        (tmp_path / "zh/china-garment/01_figures.html").touch()
        links = shown(study, old, out=tmp_path).links
        assert "zh/china-garment/01_figures.html" in links and "en/china-garment/01_figures.html" not in links

    def test_a_report_in_one_language_only_is_shown_in_both(self, study):
        only = {key: each for key, each in both("02_concentration", "china-garment").items() if key.startswith("zh")}
        (card,) = cards(study, only).values()
        assert 'href="zh/china-garment/02_concentration.html"' in card and "Concentration" in card
        assert '<p class="finding" lang="zh-Hans">占企业数的25.37%。</p>' in card

    def test_where_one_language_has_no_page_the_other_is_linked(self, study):
        reports = both("02_concentration", "china-garment")
        reports["en/china-garment/02_concentration"]["files"] = {}
        assert list(cards(study, reports)) == ["zh/china-garment/02_concentration.html"]

    def test_silent_reports_are_shown_as_such(self, study, reports):
        for each in both("02_concentration", "china-garment").values():
            reports[each["key"]] = {**each, "findings": [SILENT[each["lang"]]]}
        page = shown(study, reports)
        assert "nothing printed on this" in cards(study, reports)["en/china-garment/02_concentration.html"]
        assert "原文无此内容" in cards(study, reports, "zh")["zh/china-garment/02_concentration.html"]
        assert "nothing printed on this" not in cards(study, reports)["en/shishi-garment/02_concentration.html"]
        # China and Shishi times two notebooks, and the legend.
        signs = [text for lang, tags, text in page.texts if "table" in tags and lang == "en" and text in "●○✕"]
        assert sorted(signs) == ["○", "●", "●", "●"]

    @pytest.mark.parametrize("name", ["qingshanhu-textile", "大 集群"])
    def test_a_silent_sentence_with_a_name_in_it(self, study, name):
        said = (
            f"The documents print no figure about {name}: it stands beside no other cluster, and nothing is filled in."
        )
        one = entry("07_comparison", "en", "china-garment", findings=[said])
        assert "nothing printed on this" in next(iter(cards(study, {one["key"]: one}).values()))
        one["findings"] = [said + " Not so."]
        assert "nothing printed on this" not in next(iter(cards(study, {one["key"]: one}).values()))

    def test_no_report_at_all(self, study):
        page = shown(study, {})
        assert "There is no report yet." in page.said("en") and "尚无报告。" in page.said("zh-Hans")
        assert not any(tag == "form" for tag, _ in page.tags)

    def test_counts(self, study, reports):
        assert "4 reports, last rendered 28 Nov 2026, 09:30." in shown(study, reports).said("en")
        reports["en/china-garment/01_figures"].update(failure(), time="2026-11-28T09:00:00+00:00")
        assert "4 reports, of which 1 failed; last rendered 28 Nov 2026, 09:00." in shown(study, reports).said("en")
        assert "4份报告，其中1份失败" in shown(study, reports).said("zh-Hans")


class TestFailures:
    def test_they_come_first_with_error_cell_and_what_stands(self, study, reports):
        for lang in ("en", "zh"):
            reports[f"{lang}/china-garment/01_figures"].update(failure(kept=BEFORE))
        markup = listing.index(study, reports, NOWHERE)
        assert "&lt;b&gt;no&lt;/b&gt;" in markup and "<b>no" not in markup
        assert markup.index("Failed reports") < markup.index("Clusters and reports")
        page = shown(study, reports)
        text = page.said("en")
        assert "The page that stands is the last good one, rendered 27 Nov 2026, 08:00." in text
        assert "raise ValueError('<b>no</b>')" in page.said("en", "pre")
        assert "failed/en/a%20b/02.ipynb" in page.links
        assert text.count("ValueError: <b>no</b>") == 1, "what is the same in both languages is said once"
        assert "现有页面为上次成功的页面，2026年11月27日 08:00生成。" in page.said("zh-Hans")
        card = cards(study, reports)["en/china-garment/01_figures.html"]
        assert "failed" in card and "27 Nov 2026" in card and "28 Nov 2026" not in card

    def test_one_without_a_page_is_not_linked(self, study):
        failed = both("01_figures", "china-garment", **failure(files={}, findings=[], partial=""))
        page = shown(study, failed)
        assert "There is no page of it yet." in page.said("en")
        assert not any(link.endswith((".html", ".ipynb")) for link in page.links)
        assert "✕" in page.said("en", "table")

    def test_a_long_cell_is_cut(self, study):
        cell = "\n".join(f"line_{i} = {i}" for i in range(100))
        shown_cell = shown(study, both("01_figures", "china-garment", **failure(cell=cell))).said("en", "pre")
        assert "line_5 = 5" in shown_cell and "line_50" not in shown_cell and shown_cell.endswith("…")

    def test_what_failed_in_one_language_links_the_page_of_the_other(self, study):
        reports = both("01_figures", "china-garment")
        reports["en/china-garment/01_figures"].update(failure(files={}, findings=[]))
        assert "zh/china-garment/01_figures.html" in shown(study, reports).links
        assert "ValueError" in shown(study, reports).said("zh-Hans"), "a failure is told in both"


class TestWhatChanged:
    def report(self, first=False):
        now = entry("01_figures", "en", "china-garment", replaced=BEFORE)
        return changed(now, None if first else now, "a,b\nx,1", "a,b\nx,2")

    def test_it_is_said_and_linked(self, study, reports):
        page = shown(study, reports, [self.report()], BEFORE)
        assert "1 result changed since 27 Nov 2026, 08:00." in page.said("en")
        assert "自2026年11月27日 08:00以来，1项结果有变化。" in page.said("zh-Hans")
        assert {"changes.html#en", "changes.html#zh"} <= set(page.links)

    def test_nothing_changed(self, study, reports):
        assert "Nothing changed since 27 Nov 2026, 08:00." in shown(study, reports, [], BEFORE).said("en")

    def test_a_first_run_has_nothing_to_say(self, study, reports):
        page = shown(study, reports, [self.report(first=True)])
        assert not any("changes.html" in link for link in page.links)


def test_hostile_names_are_text(study):
    name = "<img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}</script>"
    reports = {
        **both(name, name, findings=[name], file=name),
        **both(name, document=name, **failure(error=name, cell=name, partial=name, findings=[name])),
    }
    markup = listing.index(study, reports, NOWHERE)
    page = Markup(markup)
    page.check()
    assert "<img" not in markup and markup.count("</script>") == markup.count("<script>") == 2
    assert not any(attribute.startswith("on") for _, attributes in page.tags for attribute in attributes)
    assert name in page.said("en") and name in page.said("zh-Hans")
    assert f"en/{name}/{name}.html" in [unquote(link) for link in page.links]


def test_chinese_signs_are_embedded(study, reports):
    markup = listing.index(study, reports, NOWHERE)
    assert "font/woff;base64," in markup
    assert not re.search(r"@import|url\((?!data:)", markup)


def test_all_can_be_read_without_a_script(study, reports):
    """Both languages stand there, nothing is hidden but the search, and the address shows one of them."""
    markup = re.sub(r"<script>.*?</script>", "", listing.index(study, reports, NOWHERE), flags=re.S)
    page = Markup(markup)
    assert {tag for tag, attributes in page.tags if "hidden" in attributes} == {"form"}
    assert "It holds 25.37% of the firms." in page.said("en") and "占企业数的25.37%。" in page.said("zh-Hans")
    assert page.links[:2] == ["#en", "#zh"]
    assert ".language:target" in markup


#: What a reader would do, and what is noted after each step.
SCRIPT = """
<script>
window.addEventListener("load", function () {
  var notes = [];
  function note() {
    var part = document.querySelector(".language:not([hidden])");
    var left = Array.prototype.filter.call(part.querySelectorAll(".card"), function (card) {
      return card.offsetParent !== null;
    });
    notes.push([document.documentElement.lang, document.title, left.length, part.querySelector("output").textContent]);
  }
  function type(text) {
    var input = document.querySelector(".language:not([hidden]) input");
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    note();
  }
  note();
  type("  FIRMS china ");
  type("second");
  type("zzz");
  type("");
  window.addEventListener("hashchange", function () {
    type("２５．３７ 石狮");
    window.dispatchEvent(new Event("beforeprint"));
    note();
    window.dispatchEvent(new Event("afterprint"));
    note();
    var result = document.createElement("pre");
    result.id = "notes";
    result.textContent = JSON.stringify(notes);
    document.body.appendChild(result);
  });
  document.querySelector('.languages a[href="#zh"]').click();
});
</script>
"""


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_language_and_search_in_a_browser(study, reports, tmp_path):
    markup = listing.index(study, reports, NOWHERE)
    file = tmp_path / "index.html"
    file.write_text(markup.replace("</body>", SCRIPT + "</body>"), encoding="utf-8")
    command = [
        "chromium",
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--lang=en-US",
        "--virtual-time-budget=3000",
    ]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    notes = json.loads(re.search(r'<pre id="notes">(.*?)</pre>', done.stdout, re.S)[1])
    english, chinese = ["en", "Industrial clusters as printed: reports"], ["zh-Hans", "产业集群原文数字：报告"]
    assert notes == [
        [*english, 4, ""],
        [*english, 1, "1 of 4 reports"],  # all words, in whatever case, in the finding and in the name of the cluster
        [*english, 4, "4 of 4 reports"],  # in a sentence that is not shown
        [*english, 0, "No report has these words."],
        [*english, 4, ""],
        [*chinese, 2, "4份报告中的2份"],  # full-width digits are digits
        [*chinese, 4, ""],  # paper shows all
        [*chinese, 2, "4份报告中的2份"],
    ]
