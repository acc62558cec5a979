"""What is rendered and why, what a run leaves behind, what it says; most of it with reports made by the test itself."""

import gc
import json
import os
import shutil
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from clusterlib import paths
from clusterlib.errors import InputError
from clusterlib.report import inputs, render
from clusterlib.report.plan import jobs
from clusterlib.report.produce import Failure, Produced
from clusterlib.report.store import Store
from clusterlib.study import CHECKED, Study

KEY = "en/china-garment/01_figures"


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture
def made(monkeypatch):
    """Stands in for notebooks that run; says what was asked of it."""
    asked = []

    def attempt(job, study, languages, settings, notebook):
        asked.append(job.key)
        table = f"measure,low,high\nfirms,{len(study.figures)},{len(study.figures)}\n"
        files = {each: b"%s" % each.encode() for each in ("ipynb", *settings.formats)}
        return Produced({**files, "csv": table.encode()}, [f"{len(study.figures)} figures"], 0.1)

    monkeypatch.setattr(render, "attempt", attempt)
    return asked


def planned(study, **which):
    return jobs(paths.PLAN, study, **({"clusters": ["china-garment", "baoying-glass"]} | which))


def statuses(outcomes):
    return {outcome.key: outcome.status for outcome in outcomes}


def test_an_unchanged_report_is_not_rendered(study, tmp_path, made):
    first = render.run(planned(study), study, tmp_path)
    assert set(statuses(first.outcomes).values()) == {"ready"} and len(made) == 28
    assert {outcome.reason for outcome in first.outcomes} == {"not there"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    again = render.run(planned(study), study, tmp_path)
    assert set(statuses(again.outcomes).values()) == {"unchanged"} and len(made) == 28
    assert [outcome.findings for outcome in again.outcomes] == [outcome.findings for outcome in first.outcomes]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")} == before
    forced = render.run(planned(study, notebooks=["01_figures"]), study, tmp_path, force=True)
    assert len(made) == 32 and {outcome.reason for outcome in forced.outcomes} == {"forced"}


@pytest.fixture
def own(tmp_path):
    """A copy of the packaged study."""
    folder = tmp_path / "data"
    shutil.copytree(paths.DATA, folder)
    return folder


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_one_changed_figure_renders_its_own_reports_only(own, tmp_path, made):
    out = tmp_path / "out"
    study = Study.load(own)
    render.run(planned(study, data=str(own)), study, out)
    made.clear()
    row = next(
        line for line in (own / "figures.csv").read_text(encoding="utf-8").splitlines() if "baoying-glass" in line
    )
    fields = row.split(",")
    replace(own / "figures.csv", row, row.replace(fields[0], fields[0] + "-renamed", 1))
    with pytest.MonkeyPatch.context() as patch:  # a study need not be sound for this
        patch.setattr("clusterlib.check.require_sound", lambda *_: None)
        changed = Study.load(own)
    outcomes = render.run(planned(changed, data=str(own)), changed, out).outcomes
    about = {outcome.key for outcome in outcomes if outcome.status == "ready"}
    assert about == set(made) and {outcome.reason for outcome in outcomes if outcome.reason} == {"data changed"}
    # All that are about it, and the comparison, which reads all clusters.
    assert {key for key in about if "baoying" in key} == {key for key in statuses(outcomes) if "baoying" in key}
    assert {key.rpartition("/")[2] for key in about if "china" in key} == {"07_comparison"}


def test_each_thing_that_a_report_depends_on_is_a_reason(study, tmp_path, made, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(paths.NOTEBOOKS / "02_concentration.ipynb", folder)
    plan = tmp_path / "plan.toml"

    def reason(parameters="top = 0.1", **how):
        plan.write_text(
            f'[[report]]\nnotebook = "02_concentration"\nparameters = {{ {parameters} }}\n', encoding="utf-8"
        )
        which = {"languages": ["en"], "clusters": ["china-garment"], "folder": folder}
        (outcome,) = render.run(jobs(plan, study, **which), study, tmp_path / "out", **how).outcomes
        return outcome.reason

    assert reason() == "not there" and reason() == ""
    assert reason("top = 0.2") == "top 0.1 -> 0.2"
    assert reason("top = 0.2, n_firms = 500") == "n_firms 0 -> 500"
    assert reason() == "n_firms 500 -> 0, top 0.2 -> 0.1"
    path = folder / "02_concentration.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs = []
    notebook.cells[-1].execution_count = 99
    nbformat.write(notebook, path)
    assert reason() == "", "outputs and counts change whenever somebody opens a notebook"
    notebook.cells[-1].source += "\n"
    nbformat.write(notebook, path)
    assert reason() == "notebook changed"
    monkeypatch.setattr(inputs, "library", lambda: "another")
    assert reason() == "library changed"
    real = inputs.versions
    monkeypatch.setattr(inputs, "versions", lambda formats=(): {**real(formats), "matplotlib": "9.9"})
    assert reason().startswith("matplotlib ") and reason() == ""
    (tmp_path / "out" / "en/china-garment/02_concentration.csv").resolve().unlink()
    assert reason() == "not there"
    assert reason(formats=("html", "docx")) == "no docx yet" or not _can_typeset()
    assert reason() == "", "made in more formats than asked for"


def _can_typeset():
    from clusterlib.report import typeset

    try:
        typeset.require(["docx"])
    except InputError:
        return False
    return True


def test_the_other_language_is_linked_once_it_is_there(study, tmp_path, made):
    which = {"clusters": ["china-garment"], "notebooks": ["01_figures"]}
    alone = render.wanted(planned(study, **which, languages=["en"]), study, tmp_path)
    assert [list(each.links) for each in alone] == [[]]
    render.run(planned(study, **which, languages=["en"]), study, tmp_path)
    (both, _) = render.wanted(planned(study, **which), study, tmp_path)
    assert both.reason == "links changed" and list(both.links) == ["zh"]


def test_nothing_is_written_to_say_what_would_be_rendered(study, tmp_path, made):
    asked = render.wanted(planned(study), study, tmp_path / "none")
    assert {each.reason for each in asked} == {"not there"} and not (tmp_path / "none").exists() and made == []


def test_manifest_says_what_each_report_was_made_of(study, tmp_path, made):
    run = render.run(planned(study, notebooks=["02_concentration"]), study, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["reports"]["zh/china-garment/02_concentration"]
    assert entry["parameters"]["top"] == 0.1 and "data" not in entry["parameters"]
    assert entry["status"] == "ready" and entry["seconds"] == 0.1 and entry["time"] >= run.name[:19]
    assert {len(entry["inputs"][name]) for name in ("notebook", "data", "library")} == {64}
    assert entry["inputs"]["versions"]["matplotlib"] and entry["inputs"]["versions"]["python"]
    assert entry["files"]["csv"] == {
        "bytes": (tmp_path / "zh/china-garment/02_concentration.csv").stat().st_size,
        "sha256": entry["files"]["csv"]["sha256"],
    }
    assert manifest["run"]["run"] == run.name and manifest["run"]["study"] == study.digest
    log = (tmp_path / "render.log").read_text(encoding="utf-8")
    assert "ready zh/china-garment/02_concentration in 0.10 s (not there)" in log and "4 rendered in" in log


def test_summary_for_machines(study, tmp_path, monkeypatch):
    monkeypatch.setattr(render, "attempt", lambda *_: Failure("ValueError: no", "1 / 0", b"{}", 0.2))
    run = render.run(planned(study, notebooks=["01_figures"], languages=["en"]), study, tmp_path)
    told = run.summary()
    assert json.loads(json.dumps(told)) == told
    assert told["status"] == "failed" and told["reports"] == 2 and told["rendered"] == 0
    assert told["failed"][0] == {"key": KEY, "error": "ValueError: no", "cell": "1 / 0"}
    assert all(Path(told[name]).is_absolute() for name in ("index", "changes", "manifest"))
    assert (tmp_path / "failed" / f"{KEY}.ipynb").read_bytes() == b"{}"
    entry = render.read_manifest(tmp_path)[KEY]
    assert entry["partial"] == f"failed/{KEY}.ipynb" and entry["kept"] == "" and entry["cell"] == "1 / 0"


def test_a_failure_is_tried_again_and_forgotten_once_mended(study, tmp_path, made, monkeypatch):
    which = {"notebooks": ["01_figures"], "languages": ["en"], "clusters": ["china-garment"]}
    render.run(planned(study, **which), study, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(render, "attempt", lambda *_: Failure("E: no", "", b"", 0.0))
        (failed,) = render.run(planned(study, **which), study, tmp_path, force=True).outcomes
    assert failed.status == "failed" and failed.findings == [f"{len(study.within('china-garment').figures)} figures"]
    assert render.read_manifest(tmp_path)[KEY]["kept"], "the last good page still stands"
    # Nothing that it depends on has changed, but the last run did not get through.
    (mended,) = render.run(planned(study, **which), study, tmp_path).outcomes
    assert (mended.status, mended.reason) == ("ready", "failed last time")
    assert render.read_manifest(tmp_path)[KEY]["status"] == "ready"


def test_a_disk_that_is_full_for_one_report_fails_that_one(study, tmp_path, made, monkeypatch):
    real = Store.place

    def place(self, key, files, entry):
        if "02_" in key:
            raise OSError(28, "No space left on device", str(self.out))
        real(self, key, files, entry)

    monkeypatch.setattr(Store, "place", place)
    which = {"clusters": ["china-garment"], "languages": ["en"]}
    outcomes = render.run(planned(study, **which), study, tmp_path).outcomes
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    assert [outcome.notebook for outcome in failed] == ["02_concentration"] and "No space left" in failed[0].error
    assert len([outcome for outcome in outcomes if outcome.status == "ready"]) == 6
    assert "No space left" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_worker_that_is_lost_fails_its_report_only(study, tmp_path, made, monkeypatch):
    class Losing(ThreadPoolExecutor):
        def submit(self, fn, job, *args):
            return super().submit(_lost if job.notebook == "03_performance" else fn, job, *args)

    with Losing(2) as pool:
        outcomes = render.run(planned(study, languages=["zh"]), study, tmp_path, executor=pool).outcomes
    failed = {outcome.key: outcome.error for outcome in outcomes if outcome.status == "failed"}
    assert set(failed) == {f"zh/{cluster}/03_performance" for cluster in ("china-garment", "baoying-glass")}
    assert set(failed.values()) == {"ConnectionError: gone"}


def _lost(*_):
    raise ConnectionError("gone")


def test_formats_are_checked_before_anything_starts(study, tmp_path, made):
    with pytest.raises(InputError, match="format: given 'epub'; allowed: html, pdf, docx"):
        render.run(planned(study), study, tmp_path / "out", formats=("html", "epub"))
    assert made == []


def test_a_checked_study_is_not_checked_again_by_the_next_run(study, tmp_path, made, monkeypatch):
    monkeypatch.delenv(CHECKED, raising=False)
    render.run(planned(study, notebooks=["01_figures"]), study, tmp_path)
    calls = []
    monkeypatch.setattr("clusterlib.check.require_sound", lambda path: calls.append(path))
    with render.trusted(tmp_path):
        Study.load()
    assert calls == [] and CHECKED not in os.environ
    with render.trusted(tmp_path / "none"):
        Study.load()
    assert len(calls) == 1
    monkeypatch.setattr(inputs, "library", lambda: "another")  # which may check otherwise
    with render.trusted(tmp_path):
        Study.load()
    assert len(calls) == 2


class TestKernels:
    """With real ones."""

    @pytest.fixture
    def plan(self, tmp_path):
        folder = tmp_path / "notebooks"
        folder.mkdir()

        def write(**cells):
            for name, cell in cells.items():
                spec = {"name": "python3", "display_name": "p", "language": "python"}
                notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
                parameters = 'cluster: str = "china-garment"  # a\nlang: str = "en"  # b\ndata: str = ""  # c'
                notebook.cells = [
                    nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
                    nbformat.v4.new_code_cell(cell),
                    nbformat.v4.new_code_cell("1 + 1"),
                ]
                nbformat.write(notebook, folder / f"{name}.ipynb")
            path = tmp_path / "plan.toml"
            path.write_text("".join(f'[[report]]\nnotebook = "{name}"\n' for name in cells), encoding="utf-8")
            study = Study.load()
            return jobs(path, study, clusters=["china-garment"], languages=["en"], folder=folder)

        return write

    def test_one_that_takes_too_long_is_stopped_at_its_cell(self, study, tmp_path, plan):
        planned = plan(quick="2 + 2", slow="import time\ntime.sleep(600)")
        quick, slow = render.run(planned, study, tmp_path / "out", workers=2, timeout=4).outcomes
        assert quick.status == "ready" and slow.status == "failed"
        assert "Timeout" in slow.error and slow.cell == "import time\ntime.sleep(600)"
        assert (tmp_path / "out/failed/en/china-garment/slow.ipynb").is_file()

    def test_a_sign_that_no_font_of_a_picture_has_fails_the_report(self, study, tmp_path, plan):
        cell = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.set_title('\\u4ea7')\nfig"
        (outcome,) = render.run(plan(boxes=cell), study, tmp_path / "out").outcomes
        assert outcome.status == "failed" and "Glyph 20135" in outcome.error and "empty box" in outcome.error

    def test_a_document_beside_a_study_of_ones_own(self, study, tmp_path):
        shutil.copytree(paths.DATA, tmp_path / "data")
        replace(tmp_path / "data" / "clusters.csv", "Shishi garment cluster", "Shishi garments")
        own = Study.load(tmp_path / "data")
        planned = jobs(paths.PLAN, own, notebooks=["08_read_a_document"], languages=["en"], data=str(tmp_path / "data"))
        (outcome,) = render.run(planned, own, tmp_path / "out").outcomes
        assert (outcome.status, outcome.error) == ("ready", "")

    def test_data_changed_while_they_are_rendered_fail_the_report(self, tmp_path):
        shutil.copytree(paths.DATA, tmp_path / "data")
        own = Study.load(tmp_path / "data")
        planned = jobs(
            paths.PLAN, own, notebooks=["01_figures"], clusters=["china-garment"], languages=["en"],
            data=str(tmp_path / "data"),
        )  # fmt: skip
        replace(tmp_path / "data" / "clusters.csv", "Shishi garment cluster", "Shishi garments")
        (outcome,) = render.run(planned, own, tmp_path / "out").outcomes
        assert outcome.status == "failed" and "data: not what they were when the run began" in outcome.error

    def test_threads_leave_nothing_open(self, study, tmp_path, plan):
        planned = plan(one="3 + 3", two="4 + 4")
        gc.collect()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            outcomes = render.run(planned, study, tmp_path / "out", workers=1).outcomes
            gc.collect()
        assert {outcome.status for outcome in outcomes} == {"ready"}
        assert [each.message for each in said if issubclass(each.category, ResourceWarning)] == []

    def test_in_processes_of_another_pool(self, study, tmp_path, plan):
        with ProcessPoolExecutor(1) as pool:
            (outcome,) = render.run(plan(one="3 + 3"), study, tmp_path / "out", executor=pool).outcomes
        assert (outcome.status, outcome.error) == ("ready", "")
        notebook = nbformat.read(tmp_path / "out/en/china-garment/one.ipynb", as_version=4)
        assert notebook.cells[-2].outputs[0].data["text/plain"] == "6"

    def test_interrupted_it_ends_soon_and_the_next_run_completes(self, study, tmp_path, plan, monkeypatch):
        planned = plan(quick="2 + 2", slow="import time; time.sleep(600)")

        def interrupt(outcome, done, count):
            raise KeyboardInterrupt

        for cold in (False, True):
            with pytest.raises(KeyboardInterrupt):
                render.run(planned, study, tmp_path / f"{cold}", workers=2, cold=cold, progress=interrupt)
        completed = render.run(planned[:1], study, tmp_path / "False")
        assert completed.outcomes[0].status == "unchanged" and (tmp_path / "False" / "index.html").is_file()
        assert completed.changed["new"] == 1, "what the interrupted run has made is told by the one that completes it"
        assert not (tmp_path / "False" / ".work").exists()
