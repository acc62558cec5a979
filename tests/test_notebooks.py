"""The notebooks: thin, checked by nbval, and really checked: a changed figure or formula is noticed."""

import json
import shutil
import subprocess
import sys

import pytest

from clusterlib import paths
from clusterlib.parameters import declared

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_table_is_kept_for_comparison(path):
    code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
    for cell in code:
        tags, source = cell["metadata"].get("tags", []), "".join(cell["source"])
        shows_table = source.startswith(("tables.", "page.result"))
        assert shows_table <= ("keep_output" in tags and "nbval-check-output" in tags), source
        if "keep_output" in tags:
            assert cell["outputs"] and cell["execution_count"], f"{source}: run `make notebooks`"
        else:
            assert not cell["outputs"]
        assert "def " not in source and "class " not in source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_prose_comes_in_both_languages(path):
    prose = [
        tag
        for cell in cells(path)
        if cell["cell_type"] == "markdown"
        for tag in cell["metadata"]["tags"]
        if tag != "title"
    ]
    assert prose and prose == ["lang-en", "lang-zh"] * (len(prose) // 2)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_explain_themselves(path):
    parameters = declared(path)
    if "file" in parameters:  # about a document, whatever the study
        assert list(parameters) == ["file", "lang"]
    else:
        assert list(parameters)[:3] == ["cluster", "lang", "data"]
    for parameter in parameters.values():
        # papermill --help-notebook skips a line with a second "=".
        assert parameter.help and "=" not in parameter.help


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_reads_the_same_parameters(path):
    from papermill import inspect_notebook

    seen = inspect_notebook(path)
    assert {name: (entry["inferred_type_name"], entry["help"]) for name, entry in seen.items()} == {
        name: (parameter.type, parameter.help) for name, parameter in declared(path).items()
    }


@pytest.fixture
def copy(tmp_path):
    """A copy of the project that can be damaged."""
    for name in ("clusterlib", "data", "notebooks"):
        shutil.copytree(
            paths.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    (tmp_path / "reports").mkdir()
    return tmp_path


def nbval(folder, notebook):
    """Run nbval on one notebook of the copy; the copy's library comes first."""
    import os

    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        ".",
    ]
    return subprocess.run(
        [*command, f"notebooks/{notebook}.ipynb"], cwd=folder, env=environment, capture_output=True, text=True
    )  # fmt: skip


def replace(path, *changes):
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.mark.skipif(not (paths.ROOT / "pyproject.toml").is_file(), reason="needs a checkout")
class TestRegressionsAreNoticed:
    def test_the_copy_itself_passes(self, copy):
        done = nbval(copy, "03_performance")
        assert done.returncode == 0, done.stdout[-2000:]

    def test_a_changed_figure(self, copy):
        replace(copy / "data" / "figures.csv", ("67.41%", "67.42%"), ("67.41,67.405,67.415", "67.42,67.415,67.425"))
        done = nbval(copy, "03_performance")
        assert done.returncode == 1 and "1.1855" in done.stdout, done.stdout[-2000:]  # 67.42 / 56.87

    def test_a_changed_formula(self, copy):
        replace(
            copy / "clusterlib" / "measures" / "share_formulas.py", ("1 - 4 * f * (1 - s))", "1 - 3 * f * (1 - s))")
        )
        done = nbval(copy, "02_concentration")
        assert done.returncode == 1 and "FAILED" in done.stdout, done.stdout[-2000:]

    def test_a_changed_size_count(self, copy):
        numbers = ("4,4,4,firm,exact,,,目前", "5,5,5,firm,exact,,,目前")
        replace(copy / "data" / "figures.csv", ("4812,4814,44,4家", "4812,4814,44,5家"), numbers)
        done = nbval(copy, "04_size_distribution")
        assert done.returncode == 1 and "FAILED" in done.stdout, done.stdout[-2000:]
