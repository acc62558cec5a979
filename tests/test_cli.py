"""The command line: answers at once, one clear error, exit codes that a machine can use."""

import json
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


class TestRender:
    """Options of `report`, with reports made by the test itself."""

    REPORT = ("report", "--cluster", "china-garment", "--lang", "en", "--notebook", "01_figures")

    @pytest.fixture(autouse=True)
    def made(self, monkeypatch):
        from clusterlib.report import render
        from clusterlib.report.produce import Produced

        def attempt(job, study, languages, settings, notebook):
            files = dict.fromkeys(("ipynb", "csv", *settings.formats), b"made")
            return Produced(files, ["found"], 0.1)

        monkeypatch.setattr(render, "attempt", attempt)
        monkeypatch.setattr("signal.signal", lambda *_: None)

    def test_dry_run(self, capsys, tmp_path):
        arguments = (*self.REPORT, "--out", str(tmp_path / "out"), "--dry-run")
        code, out, _ = run(capsys, *arguments)
        assert code == 0 and out == "en/china-garment/01_figures: not there\n1 report of 1 would be rendered\n"
        assert not (tmp_path / "out").exists()
        code, out, _ = run(capsys, *arguments, "--json")
        assert json.loads(out) == [{"key": "en/china-garment/01_figures", "render": True, "reason": "not there"}]

    def test_summary_goes_to_output_and_to_a_command(self, capsys, tmp_path):
        told = tmp_path / "told.json"
        command = f'{sys.executable} -c "import sys; open(sys.argv[1], chr(119)).write(sys.stdin.read())" "{told}"'
        arguments = (*self.REPORT, "--out", str(tmp_path / "out"), "--json", "--notify", command)
        code, out, err = run(capsys, *arguments)
        assert (code, err, out.count("\n")) == (0, "", 1)
        summary = json.loads(out)
        assert summary == json.loads(told.read_text(encoding="utf-8"))
        assert summary["rendered"] == 1 and summary["status"] == "ready"
        code, out, _ = run(capsys, *arguments)
        assert code == 0 and json.loads(out)["unchanged"] == 1 and json.loads(out)["changed"] == {}

    def test_a_command_that_cannot_be_told_fails_the_run(self, capsys, tmp_path):
        code, _, err = run(capsys, *self.REPORT, "--out", str(tmp_path), "--notify", "exit 7")
        assert code == 1 and err == "clusterlib: notify: given 'exit 7': exit code 7\n"

    def test_another_run_at_work(self, capsys, tmp_path):
        from clusterlib.report.store import Store

        with Store(tmp_path):
            code, _, err = run(capsys, *self.REPORT, "--out", str(tmp_path))
        assert code == 3 and "another run is at work (process" in err and "--wait" in err

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            (("--format", "html,epub"), "given 'epub'; allowed: html, pdf, docx"),
            (("--timeout", "0"), "given '0'; allowed: a whole number from 1"),
            (("--executor", "spark://a:1"), "spark://a:1"),
        ],
    )
    def test_options_that_cannot_be_used(self, capsys, tmp_path, more, message):
        code, _, err = run(capsys, *self.REPORT, "--out", str(tmp_path / "out"), *more)
        assert code == 2 and message in err and "Traceback" not in err

    def test_schedule(self, capsys, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, _ = run(capsys, "schedule", "--at", "07:30", "--data", "数据", "--format", "html,pdf", "--wait")
        assert code == 0 and "\n30 7 * * 1,2,3,4,5 cd " in out
        assert f"--data={tmp_path}/数据" in out and "--format=html,pdf" in out and "--wait" in out
        code, out, _ = run(capsys, "schedule", "systemd", "--write", "units")
        assert code == 0 and out.split() == ["units/clusterlib.service", "units/clusterlib.timer"]
        assert "[Timer]" in (tmp_path / "units/clusterlib.timer").read_text(encoding="utf-8")
        for arguments, message in (
            (("--at", "25:00"), "at: given '25:00'; allowed: HH:MM"),
            (("kron",), "unknown kind of schedule 'kron' (did you mean 'cron'?)"),
        ):
            code, _, err = run(capsys, "schedule", *arguments)
            assert code == 2 and message in err
