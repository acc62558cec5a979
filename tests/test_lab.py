"""Jobs of JupyterLab: what stands in a job's form is checked, and the files are those of a report."""

import importlib
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupyter_scheduler", reason="jupyter-scheduler is not installed")

from jupyter_scheduler import orm
from jupyter_scheduler.models import CreateJob, DescribeJob, Status
from jupyter_scheduler.scheduler import Scheduler

from clusterlib import check, paths
from clusterlib.errors import InputError
from clusterlib.report import lab
from clusterlib.report.produce import Failure, Produced
from clusterlib.study import CHECKED

NOTEBOOK = "02_concentration"


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A scheduler as the server makes it, but that each job runs at once, in this process."""
    (tmp_path / "root").mkdir()
    for each in (NOTEBOOK, "08_read_a_document"):
        shutil.copy(paths.NOTEBOOKS / f"{each}.ipynb", tmp_path / "root")
    url = f"sqlite:///{tmp_path}/scheduler.sqlite"
    orm.create_tables(url)

    class AtOnce:
        pid = 0

        def __init__(self, target):
            self.start = target

    class Context:
        Process = AtOnce

    monkeypatch.setattr("jupyter_scheduler.scheduler.mp.get_context", lambda method: Context)
    return Scheduler(
        root_dir=str(tmp_path / "root"),
        environments_manager=lab.ReportEnvironmentManager(),
        db_url=url,
        task_runner_class=None,
        staging_path=str(tmp_path / "staging"),
        execution_manager_class=lab.ReportExecutionManager,
    )


def run(server, notebook, formats, **parameters) -> tuple[DescribeJob, dict[str, Path]]:
    """The job as the server then tells it, and its files by format."""
    key = server.create_job(
        CreateJob(
            input_uri=f"{notebook}.ipynb", runtime_environment_name="python", name="a job", parameters=parameters,
            output_formats=formats,
        )
    )  # fmt: skip
    job = server.get_job(key)
    staged = {name: Path(path) for name, path in server.get_staging_paths(job).items() if name != "input"}
    return job, {name: path for name, path in staged.items() if path.exists()}


@pytest.fixture(autouse=True)
def checked(monkeypatch):
    """The packaged study is checked by tests of its own; other data are checked here."""
    monkeypatch.setenv(CHECKED, check.digest(paths.DATA))


def test_a_report_is_rendered_with_the_values_of_the_form(server):
    job, made = run(
        server, NOTEBOOK, ["ipynb", "html", "csv"], cluster="china-garment", lang='"zh"', top=0.2, losses=False
    )
    assert (job.status, job.status_message) == (Status.COMPLETED, None)
    assert set(made) == {"ipynb", "html", "csv"}
    notebook = nbformat.read(made["ipynb"], as_version=4)
    values = notebook.metadata.papermill.parameters
    assert (values["lang"], values["top"], values["losses"]) == ("zh", 0.2, False)
    assert values["cluster"] == "china-garment" and values["assume"] == "both"
    page = made["html"].read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page and "集中度" in page and "import findings" not in page
    links = re.findall(r'<a href="([^"#]*)"', re.sub(r"<main.*</main>", "", page, flags=re.DOTALL))
    assert links == [made["csv"].name, made["ipynb"].name]
    assert made["csv"].read_text(encoding="utf-8").count("\n") > 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"top": "0,2"}, "02_concentration, top: given '0,2'; allowed: float (fraction"),
        ({"top": "1.5"}, "02_concentration, top: given 1.5; allowed: above 0 and below 1"),
        ({"n_firms": "3.5"}, "02_concentration, n_firms: given '3.5'; allowed: int"),
        ({"losses": "maybe"}, "02_concentration, losses: given 'maybe'; allowed: bool"),
        ({"lang": "'fr'"}, "unknown lang 'fr'"),
        ({"cluster": "shishi"}, "unknown cluster 'shishi' (did you mean 'shishi-garment'?); allowed: "),
        ({"clutser": "shishi-garment"}, "unknown parameter of 02_concentration 'clutser' (did you mean 'cluster'?)"),
        ({"top": "__import__('os').getpid()"}, "02_concentration, top: given \"__import__('os').getpid()\"; allowed"),
    ],
)
def test_a_wrong_parameter_is_said_with_the_job_and_nothing_runs(server, monkeypatch, given, message):
    monkeypatch.setattr(lab, "attempt", lambda *_: pytest.fail("it ran"))
    job, made = run(server, NOTEBOOK, ["ipynb", "html"], **given)
    assert job.status == Status.FAILED and job.status_message.startswith(message)
    assert made == {}


def test_faulty_data_are_said_with_the_job(server):
    shutil.copytree(paths.DATA, Path(server.root_dir) / "my data")
    figures = Path(server.root_dir) / "my data" / "figures.csv"
    figures.write_text(figures.read_text(encoding="utf-8").replace(",observed,", ",seen,", 1), encoding="utf-8")
    job, _ = run(server, NOTEBOOK, ["html"], data="my data")
    assert job.status == Status.FAILED and "figures.csv line" in job.status_message


def test_paths_begin_where_jupyterlab_shows_files(server):
    root = Path(server.root_dir)
    shutil.copytree(paths.DATA, root / "data")
    job, study = lab.job_of(root / f"{NOTEBOOK}.ipynb", {"data": "data", "cluster": "baoying-glass"}, root)
    assert study.folder == root / "data" and job.parameters["data"] == str(root / "data")
    assert job.key == f"en/baoying-glass/{NOTEBOOK}"
    (root / "a report.txt").write_text("企业数占比达到60%以上。\n", encoding="utf-8")
    read, _ = lab.job_of(root / "08_read_a_document.ipynb", {"file": "a report.txt", "lang": "zh"}, root)
    assert read.document.path == root / "a report.txt" and read.key == "zh/a-report/08_read_a_document"
    example, _ = lab.job_of(root / "08_read_a_document.ipynb", {}, root)
    assert example.document.path == paths.EXAMPLE
    with pytest.raises(InputError, match="gone"):
        lab.job_of(root / "08_read_a_document.ipynb", {"file": "gone.txt"}, root)


def test_a_failing_notebook_keeps_what_it_came_to(server, monkeypatch):
    failure = Failure("InputError: no figures", "x = 1\nresult = concentration()", b"as far as it came", 1.0)
    monkeypatch.setattr(lab, "attempt", lambda *_: failure)
    job, made = run(server, NOTEBOOK, ["ipynb", "html"])
    assert job.status == Status.FAILED
    assert job.status_message == "InputError: no figures in the cell 'result = concentration()'"
    assert {name: path.read_bytes() for name, path in made.items()} == {"ipynb": b"as far as it came"}


def test_only_the_formats_asked_for_are_made(server, monkeypatch):
    asked = []

    def attempt(job, study, languages, settings):
        asked.append(settings.formats)
        return Produced({each: each.encode() for each in ("ipynb", "csv", "html", *settings.formats)}, [], 0.0)

    monkeypatch.setattr(lab, "attempt", attempt)
    job, made = run(server, NOTEBOOK, ["csv", "pdf"])
    assert job.status == Status.COMPLETED and asked == [("pdf",)]
    assert {name: path.read_bytes() for name, path in made.items()} == {"csv": b"csv", "pdf": b"pdf"}


def test_another_notebook_runs_as_the_scheduler_runs_it(server):
    cells = [
        nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print('x is', sum(x))"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    nbformat.write(notebook, Path(server.root_dir) / "plain.ipynb")
    job, made = run(server, "plain", ["ipynb", "html", "csv", "pdf", "docx"], x="[2, 3]")
    assert (job.status, job.status_message) == (Status.COMPLETED, None)
    assert job.output_formats == ["ipynb", "html"] and set(made) == {"ipynb", "html"}
    assert nbformat.read(made["ipynb"], as_version=4).cells[-1].outputs[0].text == "x is 5\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('cluster: str = "a"\nlang: str = "en"', True),
        ('file: str = ""\nlang: str = "en"\nx = 1', True),
        ('cluster = "a"\nlang = "en"', False),
        ('lang: str = "en"', False),
        ("x: int = 1", False),
    ],
)
def test_what_is_a_report(tmp_path, source, expected):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    assert lab.is_report(path) is expected


def test_every_notebook_of_the_study_is_a_report_and_other_files_are_none(tmp_path):
    assert all(map(lab.is_report, paths.NOTEBOOKS.glob("*.ipynb")))
    for number, text in enumerate(("", "[]", '{"cells": 3}', '{"cells": [{}]}')):
        path = tmp_path / f"{number}.ipynb"
        path.write_text(text, encoding="utf-8")
        assert not lab.is_report(path)


def test_form_fields_become_the_declared_types():
    read = {"float": ["0.2", "1", "x"], "int": ["3", "3.5"], "bool": ["true", "False", "1"]}
    assert {kind: [lab.typed(text, kind) for text in texts] for kind, texts in read.items()} == {
        "float": [0.2, 1.0, "x"], "int": [3, "3.5"], "bool": [True, False, "1"],
    }  # fmt: skip
    texts = ["zh", "'zh'", '"石狮"', "'open", '"a" + "b"', "5", "", "[1]"]
    assert [lab.typed(text, "str") for text in texts] == ["zh", "zh", "石狮", "'open", '"a" + "b"', "5", "", "[1]"]


def test_the_form_offers_what_can_be_made(monkeypatch):
    manager = lab.ReportEnvironmentManager()
    (environment,) = manager.list_environments()
    assert environment.output_formats[:3] == ["ipynb", "html", "csv"]
    assert set(environment.output_formats) <= set(manager.output_formats_mapping())

    def missing(formats):
        if set(formats):
            raise InputError("format: not installed")

    monkeypatch.setattr(lab.typeset, "require", missing)
    assert manager.list_environments()[0].output_formats == ["ipynb", "html", "csv"]


def test_configuration_names_what_there_is():
    settings = json.loads(Path(lab.__file__).with_name("lab.json").read_text(encoding="utf-8"))
    for trait, module in (("Scheduler.execution_manager_class", "executors.ExecutionManager"),
                          ("SchedulerApp.environment_manager_class", "environments.EnvironmentManager")):  # fmt: skip
        section, _, name = trait.partition(".")
        where, _, what = settings[section].pop(name).rpartition(".")
        base_module, _, base = module.rpartition(".")
        expected = getattr(importlib.import_module(f"jupyter_scheduler.{base_module}"), base)
        assert issubclass(getattr(importlib.import_module(where), what), expected)
    assert settings == {"Scheduler": {}, "SchedulerApp": {}}
