"""Reports as a reader finds them: rendered through real kernels, whole or not at all."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from clusterlib import paths
from clusterlib.analysis import concentration
from clusterlib.errors import InputError
from clusterlib.page import csv_text
from clusterlib.report.plan import jobs
from clusterlib.report.render import read_manifest, render
from clusterlib.study import Study
from clusterlib.whole import write_whole


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture(scope="module")
def rendered(study, tmp_path_factory):
    """The two languages of one full report and of one silent one, in a path with a space."""
    out = tmp_path_factory.mktemp("some reports")
    plan = [
        *jobs(paths.PLAN, study, notebooks=["02_concentration"], clusters=["china-garment"]),
        *jobs(paths.PLAN, study, notebooks=["03_performance"], clusters=["qingshanhu-textile"], languages=["zh"]),
    ]
    assert [outcome.status for outcome in render(plan, study, out, workers=2)] == ["ready"] * 3
    return out


class Page(HTMLParser):
    """Collects what the tests ask of a page."""

    VOID = ("meta", "img", "br", "link", "hr", "input")

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.links, self.ids, self.alts, self.lang, self.tags = (
            [],
            [],
            [],
            set(),
            [],
            "",
            set(),
        )
        self.loaded = []
        self.feed(text)
        assert self.open == [], f"tags left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "html":
            self.lang = attrs.get("lang")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(attrs.get("href", ""))
        if tag == "img":
            self.alts.append(attrs.get("alt", ""))
        self.ids |= {attrs["id"]} if "id" in attrs else set()
        self.loaded += [attrs[key] for key in ("src",) if key in attrs]
        self.loaded += [attrs["href"]] if tag == "link" else []

    def handle_startendtag(self, tag, attrs):
        assert tag in self.VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag


def page(out, key):
    return Page((out / f"{key}.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("key", "lang", "pictures"),
    [
        ("en/china-garment/02_concentration", "en", 3),
        ("zh/china-garment/02_concentration", "zh-Hans", 3),
        ("zh/qingshanhu-textile/03_performance", "zh-Hans", 0),
    ],
)
def test_page_stands_alone(rendered, key, lang, pictures):
    found = page(rendered, key)
    assert found.lang == lang
    assert "script" not in found.tags
    assert all(source.startswith("data:") for source in found.loaded), "nothing is fetched"
    assert "@import" not in (rendered / f"{key}.html").read_text(encoding="utf-8")
    assert found.headings[0] == 1 and set(found.headings[1:]) == {2}
    assert len(found.alts) == pictures and all(len(alt) > 20 for alt in found.alts)


def test_every_number_leads_to_its_printed_figure(rendered):
    found = page(rendered, "en/china-garment/02_concentration")
    notes = [link for link in found.links if link.startswith("#source-")]
    assert len(notes) > 20
    assert {link.removeprefix("#") for link in found.links if link.startswith("#")} <= found.ids
    text = (rendered / "en/china-garment/02_concentration.html").read_text(encoding="utf-8")
    assert "70.24%" in text and "characters 1627–1633" in text  # the printed words and their place


def test_page_shows_no_code_and_one_language(rendered):
    english = (rendered / "en/china-garment/02_concentration.html").read_text(encoding="utf-8")
    chinese = (rendered / "zh/china-garment/02_concentration.html").read_text(encoding="utf-8")
    for text in (english, chinese):
        assert "open_page(" not in text and "import findings" not in text and "cluster: str" not in text
    assert "Who holds how much?" in english and "谁占多少？" not in english
    assert "谁占多少？" in chinese and "Who holds how much?" not in chinese
    assert "基尼系数" in chinese and "规模以上企业" in chinese


def test_page_opens_with_the_finding(rendered):
    text = (rendered / "en/china-garment/02_concentration.html").read_text(encoding="utf-8")
    assert text.index("2.769 times their share of firms") < text.index("<h2")


def test_result_table_beside_the_page(rendered, study):
    path = rendered / "en/china-garment/02_concentration.csv"
    assert path.read_text(encoding="utf-8") == csv_text(concentration(study, "china-garment"))
    frame = pd.read_csv(path)
    assert frame["figures"].notna().all()
    assert path.read_bytes() == (rendered / "zh/china-garment/02_concentration.csv").read_bytes()


def test_executed_notebook_is_kept_without_paths_of_this_machine(rendered):
    path = rendered / "en/china-garment/02_concentration.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.papermill.parameters["cluster"] == "china-garment"
    assert str(rendered) not in path.read_text(encoding="utf-8")


def test_index_lists_reports_with_findings(rendered):
    found = page(rendered, "index")
    for key in ("en/china-garment/02_concentration", "zh/china-garment/02_concentration"):
        assert f"{key}.html" in found.links
    text = (rendered / "index.html").read_text(encoding="utf-8")
    assert "2.769 times" in text and "2.769倍" in text


def test_nothing_is_left_behind(rendered):
    names = {path.name for path in rendered.iterdir()}
    assert names == {"en", "zh", "index.html", "changes.html", "manifest.json", "render.log", ".lock"}


PARAMETERS = 'cluster: str = "china-garment"  # a cluster\nlang: str = "en"  # a language\ndata: str = ""  # a folder'


@pytest.fixture
def own(tmp_path):
    """A plan of two small notebooks of the test's own, one of which can be told to fail."""
    folder = tmp_path / "notebooks"
    folder.mkdir()

    def write(name, *cells):
        notebook = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}}
        )
        notebook.cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
        notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(notebook, folder / f"{name}.ipynb")

    plan = tmp_path / "plan.toml"
    plan.write_text('[[report]]\nnotebook = "good"\n\n[[report]]\nnotebook = "bad"\n', encoding="utf-8")
    write("good", "1 + 1")
    write("bad", "40 + 2")
    return folder, plan, tmp_path / "out", write


def run(own, study):
    folder, plan, out, _ = own
    planned = jobs(plan, study, clusters=["china-garment"], languages=["en"], folder=folder)
    return {outcome.notebook: outcome for outcome in render(planned, study, out, workers=1)}


def test_a_failed_report_leaves_the_good_one(own, study):
    _, _, out, write = own
    assert {outcome.status for outcome in run(own, study).values()} == {"ready"}
    good = (out / "en/china-garment/bad.html").read_bytes()
    write("bad", "40 + 2", "raise ValueError('<b>no</b>')")
    outcomes = run(own, study)
    assert outcomes["good"].status == "unchanged" and outcomes["bad"].status == "failed"
    assert outcomes["bad"].error == "ValueError: <b>no</b>"
    assert outcomes["bad"].cell == "raise ValueError('<b>no</b>')"
    assert (out / "en/china-garment/bad.html").read_bytes() == good
    assert (out / "failed/en/china-garment/bad.ipynb").is_file()
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;no&lt;/b&gt;" in index and "<b>no" not in index and "last good one" in index
    # Mended, it is replaced, and the partial notebook goes.
    write("bad", "41 + 1")
    assert run(own, study)["bad"].status == "ready"
    assert not (out / "failed/en/china-garment/bad.ipynb").exists()
    assert "last good one" not in (out / "index.html").read_text(encoding="utf-8")


def test_a_kernel_that_dies_stops_only_its_report(own, study):
    own[3]("bad", "import os; os._exit(1)")
    outcomes = run(own, study)
    assert outcomes["good"].status == "ready"
    assert outcomes["bad"].status == "failed" and "DeadKernelError" in outcomes["bad"].error
    assert outcomes["bad"].cell == "import os; os._exit(1)"
    partial = own[2] / "failed/en/china-garment/bad.ipynb"
    assert "os._exit" in partial.read_text(encoding="utf-8")


def test_another_kernel_of_the_same_name_is_not_used(own, study, tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["no-such-program"], "display_name": "another", "language": "python"}', encoding="utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert {outcome.status for outcome in run(own, study).values()} == {"ready"}


def test_any_executor_will_do(own, study):
    folder, plan, out, _ = own
    planned = jobs(plan, study, clusters=["china-garment"], languages=["en"], folder=folder)
    with ThreadPoolExecutor(1) as executor:
        outcomes = render(planned, study, out, executor=executor)
    assert [outcome.status for outcome in outcomes] == ["ready", "ready"]


def test_a_partial_run_keeps_the_others_in_the_index(own, study):
    folder, plan, out, _ = own
    run(own, study)
    planned = jobs(plan, study, notebooks=["good"], clusters=["china-garment"], languages=["zh"], folder=folder)
    render(planned, study, out, workers=1)
    assert set(read_manifest(out)) == {"en/china-garment/good", "en/china-garment/bad", "zh/china-garment/good"}


def test_a_damaged_manifest_is_replaced(own, study):
    out = own[2]
    out.mkdir()
    (out / "manifest.json").write_text("{", encoding="utf-8")
    run(own, study)
    assert (
        json.loads((out / "manifest.json").read_text(encoding="utf-8"))["reports"].keys() == read_manifest(out).keys()
    )


def test_hostile_data_reach_the_page_as_text(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(paths.DATA, folder)
    clusters = folder / "clusters.csv"
    text = clusters.read_text(encoding="utf-8").replace("Shishi garment cluster", "<img src=x onerror=alert(1)>")
    clusters.write_text(text, encoding="utf-8")
    study = Study.load(folder)
    planned = jobs(
        paths.PLAN, study, notebooks=["01_figures"], clusters=["shishi-garment"], languages=["en"], data=str(folder)
    )  # fmt: skip
    (outcome,) = render(planned, study, tmp_path / "out", workers=1)
    assert outcome.status == "ready"
    for name in ("en/shishi-garment/01_figures", "index"):
        markup = (tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8")
        assert "<img src=x" not in markup and "&lt;img src=x" in markup


def test_writing_is_whole_or_not_at_all(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "new \ud800")  # cannot be encoded: the file is being written when it fails
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


ENTRY = '[[report]]\nnotebook = "{}"\n{}'
#: A plan, and the error it must give.
PLANS = [
    ("", r"given nothing; allowed: \[\[report\]\] tables"),
    ("report = 3", r"allowed: \[\[report\]\] tables"),
    ("[[report", "plan.toml is not TOML"),
    ("[[report]]", "report 1: given no notebook"),
    (ENTRY.format("02_concentrated", ""), "unknown notebook '02_concentrated' .did you mean '02_concentration'"),
    (ENTRY.format("01_figures", 'lang = "en"'), "unknown key of plan.toml, report 1 'lang'"),
    (ENTRY.format("01_figures", 'languages = ["de"]'), "unknown language 'de'"),
    (ENTRY.format("01_figures", 'clusters = "all"'), "clusters: given 'all'; allowed: a list"),
    (ENTRY.format("01_figures", 'clusters = ["shishi"]'), "unknown cluster 'shishi'"),
    (
        ENTRY.format("02_concentration", 'parameters = { asume = "both" }'),
        "unknown parameter of 02_concentration 'asume'",
    ),
    (ENTRY.format("02_concentration", 'parameters = { top = "x" }'), "top: given 'x'; allowed: float"),
    (ENTRY.format("02_concentration", "parameters = { n_firms = true }"), "n_firms: given True; allowed: int"),
    (
        ENTRY.format("02_concentration", "parameters = { top = 1.0 }"),
        "top: given 1.0; allowed: above 0 and below 1",
    ),
    (
        ENTRY.format("02_concentration", "parameters = { n_firms = 1 }"),
        "n_firms: given 1; allowed: 0 .unknown., or from 2",
    ),
    (ENTRY.format("02_concentration", 'parameters = { period = "1999" }'), "unknown period '1999'"),
    (ENTRY.format("05_claims", "parameters = { margin = -0.5 }"), "margin: given -0.5; allowed: from 0 to 0.99"),
    (
        ENTRY.format("07_comparison", "parameters = { rate_low = 7.0 }"),
        "rate_low: given 7.0 above rate_high 6.8; allowed: rate_low <= rate_high",
    ),
    (ENTRY.format("06_development", "parameters = { years = 0 }"), "years: given 0; allowed: from 1 to 100"),
    (ENTRY.format("01_figures", 'kinds = ["town"]'), "unknown kind of cluster 'town'"),
    (
        ENTRY.format("02_concentration", 'parameters = { lang = "en" }'),
        "parameters: given lang; allowed: languages instead",
    ),
    (ENTRY.format("01_figures", ENTRY.format("01_figures", "")), "given en/china-garment/01_figures twice"),
    (ENTRY.format("08_read_a_document", ""), "08_read_a_document: given no file; allowed: files"),
    (ENTRY.format("08_read_a_document", 'files = "a.txt"'), "files: given 'a.txt'; allowed: a list"),
    (ENTRY.format("08_read_a_document", "files = [3]"), "files: given .3.; allowed: a list of paths"),
    (ENTRY.format("08_read_a_document", 'files = ["none.txt"]'), r"none\.txt"),
    (ENTRY.format("08_read_a_document", 'clusters = ["china-garment"]'), "given clusters; allowed: files"),
    (ENTRY.format("01_figures", 'files = ["none.txt"]'), "given files; allowed: clusters"),
    (
        ENTRY.format("08_read_a_document", 'parameters = { file = "a.txt" }'),
        "parameters: given file; allowed: files instead",
    ),
]


@pytest.mark.parametrize(("plan", "message"), PLANS)
def test_a_plan_is_checked_before_anything_starts(plan, message, study, tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(plan, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        jobs(path, study)


def test_the_plan_covers_every_cluster_in_both_languages(study):
    planned = {job.key for job in jobs(paths.PLAN, study)}
    expected = {
        f"{lang}/{cluster}/{path.stem}"
        for path in paths.NOTEBOOKS.glob("*.ipynb")
        for cluster in (["report"] if path.stem == "08_read_a_document" else study.of_kind("cluster"))
        for lang in ("en", "zh")
    }
    # A model has no figures: what its document says in words is reported, and that it prints none.
    model = [
        f"{lang}/park-model/{name}" for name in ("01_figures", "05_claims", "06_development") for lang in ("en", "zh")
    ]
    assert planned == expected | set(model)


def test_a_plan_that_is_not_there(study, tmp_path):
    with pytest.raises(InputError, match="allowed: a readable file"):
        jobs(Path(tmp_path / "none.toml"), study)


class TestDocuments:
    """Reports about files, not clusters."""

    NOTEBOOK = "08_read_a_document"

    @pytest.fixture
    def two(self, tmp_path):
        """A plan of two files of one stem, in other folders than the plan's."""
        for name, text in (("a/报 告.txt", "企业80家。"), ("b/报-告.txt", "企业<b>90家。")):
            path = tmp_path / "texts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        plan = tmp_path / "plan.toml"
        files = '["texts/a/报 告.txt", "texts/b/报-告.txt"]'
        plan.write_text(f'[[report]]\nnotebook = "{self.NOTEBOOK}"\nfiles = {files}\n', encoding="utf-8")
        return plan

    def test_each_has_a_folder_of_its_own(self, two, study):
        planned = jobs(two, study, languages=["zh"])
        assert [job.key for job in planned] == [f"zh/报-告/{self.NOTEBOOK}", f"zh/报-告-2/{self.NOTEBOOK}"]
        assert {job.cluster for job in planned} == {""} and len({job.document.digest for job in planned}) == 2

    def test_a_file_named_for_the_run_replaces_those_of_the_plan(self, two, study):
        file = two.parent / "texts" / "b" / "报-告.txt"
        (job,) = jobs(paths.PLAN, study, files=[file], languages=["en"])
        assert job.key == f"en/报-告/{self.NOTEBOOK}" and job.parameters == {"file": str(file), "lang": "en"}

    def test_clusters_leave_documents_out_unless_both_are_named(self, two, study):
        file = two.parent / "texts" / "b" / "报-告.txt"
        about = {"clusters": ["china-garment"], "languages": ["en"]}
        assert not any(job.document for job in jobs(paths.PLAN, study, **about))
        both = [job.notebook for job in jobs(paths.PLAN, study, files=[file], **about)]
        assert self.NOTEBOOK in both and "01_figures" in both
        with pytest.raises(InputError, match="given no report for the clusters, files and languages"):
            jobs(paths.PLAN, study, notebooks=[self.NOTEBOOK], clusters=["china-garment"])

    def test_a_file_that_cannot_be_read_stops_the_plan(self, two, study, tmp_path):
        (tmp_path / "picture.png").write_bytes(bytes(range(256)) * 40)
        for name in ("picture.png", "none.txt"):
            with pytest.raises(InputError, match=name):
                jobs(paths.PLAN, study, files=[tmp_path / name])

    def test_page_and_index(self, two, study, tmp_path):
        out = tmp_path / "out"
        planned = [job for job in jobs(two, study) if job.folder == "报-告-2"]
        outcomes = render(planned, study, out, workers=2)
        assert [(outcome.status, outcome.error) for outcome in outcomes] == [("ready", "")] * 2
        key = f"zh/报-告-2/{self.NOTEBOOK}"
        found = page(out, key)
        assert found.lang == "zh-Hans" and "script" not in found.tags
        assert found.headings[0] == 1 and set(found.headings[1:]) == {2}
        assert {link.removeprefix("#") for link in found.links if link.startswith("#")} <= found.ids
        assert "../../en/%E6%8A%A5-%E5%91%8A-2/08_read_a_document.html" in found.links
        text = (out / f"{key}.html").read_text(encoding="utf-8")
        assert "90家" in text and "<b>90" not in text and "文件报-告.txt" in text
        for suffix in (".ipynb", ".html", ".csv"):  # no path of this machine
            assert str(tmp_path) not in (out / f"{key}{suffix}").read_text(encoding="utf-8")
        notebook = nbformat.read(out / f"{key}.ipynb", as_version=4)
        assert notebook.metadata.papermill.parameters["file"] == "报-告.txt"
        assert pd.read_csv(out / f"{key}.csv")["printed"].to_list() == ["90家"]
        index = (out / "index.html").read_text(encoding="utf-8")
        assert ">Documents<" in index and "报-告.txt" in index
        assert read_manifest(out)[key]["document"] == "报-告-2"
        # Another run keeps it in the index.
        render([], study, out, workers=1)
        assert key in read_manifest(out) and ">Documents<" in (out / "index.html").read_text(encoding="utf-8")
