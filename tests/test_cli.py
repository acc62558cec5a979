"""The command line: answers at once, one clear error, exit codes that a machine can use."""

import subprocess
import sys

import pytest
from studies import figures_alone

from clusterlib.cli import main


def run(capsys, *arguments):
    try:
        code = main(list(arguments))
    except SystemExit as exit_:  # argparse leaves this way
        code = exit_.code
    out, err = capsys.readouterr()
    return code, out, err


def test_help_imports_nothing_heavy():
    """What makes help slow is what it imports; timing it would only measure the machine."""
    script = (
        "import sys\nfrom clusterlib.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'papermill', 'nbconvert', 'frictionless', 'jinja2'}\n"
        "heavy &= set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")
    assert all(word in done.stdout for word in ("report", "check", "list"))


def test_without_a_command_it_explains_itself(capsys):
    code, out, _ = run(capsys)
    assert code == 0 and "commands" in out


def test_module_can_be_run():
    done = subprocess.run([sys.executable, "-m", "clusterlib", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("clusterlib ")


def test_list(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "baoying-glass" in out and "宝应" in out and "02_concentration" in out and "n_firms: int = 0" in out


def test_check_of_sound_data(capsys):
    code, out, err = run(capsys, "check")
    assert code == 0 and "no fault" in out and err == ""


def test_check_of_faulty_data(capsys, tmp_path):
    folder = tmp_path / "data"
    figures_alone(folder)
    (folder / "groups.csv").unlink()
    text = (folder / "figures.csv").read_text(encoding="utf-8").replace(",observed,", ",seen,", 1)
    (folder / "figures.csv").write_text(text, encoding="utf-8")
    code, out, err = run(capsys, "check", str(folder))
    assert code == 1 and out == ""
    assert (
        "2 faults" in err
        and "groups.csv: found no such file" in err
        and "figures.csv line 2, status: found 'seen'" in err
    )
    assert "Traceback" not in err


ERRORS = [
    (
        ("report", "--cluster", "shishi"),
        2,
        "unknown cluster 'shishi' (did you mean 'shishi-garment'?); allowed: china-garment",
    ),
    (("report", "--lang", "fr"), 2, "unknown language 'fr'"),
    (("report", "--notebook", "04_nothing"), 2, "unknown notebook of the plan '04_nothing'"),
    (("report", "--data", "/nowhere"), 2, "data: given '/nowhere'; allowed: a folder"),
    (("report", "--plan", "/nowhere.toml"), 2, "plan: given '/nowhere.toml'; allowed: a readable file"),
    (("report", "--jobs", "0"), 2, "given '0'; allowed: a whole number from 1"),
    (("check", "--source", "/nowhere.txt"), 2, "given '/nowhere.txt'; allowed: a readable file"),
    (("chekc",), 2, "invalid choice: 'chekc'"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), ERRORS)
def test_one_clear_error(capsys, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    given, out, err = run(capsys, *arguments)
    assert (given, out) == (code, "")
    assert message in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_the_traceback(capsys):
    code, _, err = run(capsys, "check", "/nowhere", "--debug")
    assert code == 2 and "Traceback" in err


def test_report_is_quiet_without_a_terminal_and_fails_by_exit_code(capsys, tmp_path, monkeypatch):
    arguments = ("report", "--cluster", "qingshanhu-textile", "--lang", "en", "--notebook", "01_figures", "--out")
    assert run(capsys, *arguments, str(tmp_path / "out")) == (0, "", "")
    assert (tmp_path / "out/en/qingshanhu-textile/01_figures.html").is_file()
    monkeypatch.setattr("clusterlib.report.produce.produce", lambda *_: 1 / 0)
    code, _, err = run(capsys, *arguments, str(tmp_path / "out"), "--force")
    assert code == 1
    assert err == "clusterlib: en/qingshanhu-textile/01_figures failed: ZeroDivisionError: division by zero\n"


def test_output_that_cannot_be_written(capsys, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run(capsys, "report", "--out", str(tmp_path / "file"))
    assert code == 2 and "allowed: a folder that can be written" in err and "Traceback" not in err
