"""Entries for schedulers: what a scheduler reads from them, by its own rules, is the command that was meant."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clusterlib import __version__
from clusterlib.cli import _parser
from clusterlib.errors import InputError
from clusterlib.report.schedule import KINDS, command, schedule

#: Words that some shell, cron, unit file, expression or markup reads as something else.
HOSTILE = [
    "two words", "it's", 'say "so"', "50%", "a%b%%c", "$HOME", "$$", "`id`", "back\\slash", "\\\\two", "\\%", "tail\\",
    "石狮 服装", "a&b|c;d>e<f", "*?[x]~", "#no", "!x", "", "${{ github.token }}", "-x", "{a,b}", "<!-- x -->", "=",
    "'%'",
]  # fmt: skip
ECHO = [sys.executable, "-c", "import json, os, sys; print(json.dumps([os.getcwd(), *sys.argv[1:]]))"]
#: Text that can be said to any scheduler.
words = st.lists(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), max_size=12), min_size=1, max_size=4
)


def entry(kind, words, folder=Path("/srv/study"), **settings):
    return schedule(kind, words, folder=folder, **settings)


def only(kind, words, **settings):
    (text,) = entry(kind, words, **settings).values()
    return text


def cron_line(text):
    (line,) = [line for line in text.splitlines() if line and not line.startswith("#")]
    return line.split(" ", 5)


def cron_command(line, stripped):
    """What cron hands to sh: up to the first % that has no backslash; `stripped` says which backslashes it drops."""
    found, escaped = "", False
    for sign in line:
        if escaped:
            found = found[:-1] + sign if sign in stripped else found + sign
            escaped = False
        elif sign == "%":
            break
        else:
            found += sign
            escaped = sign == "\\"
    return found


@pytest.mark.parametrize("stripped", ["", "%", "%\\"], ids=["keeps all", "drops before %", "drops before \\ too"])
def test_cron_hands_every_word_over_unchanged(tmp_path, stripped):
    folder = tmp_path / "a 'b' 10% $x 石狮 \\"
    folder.mkdir()
    line = cron_line(only("cron", [*ECHO, *HOSTILE], folder=folder))[5]
    done = subprocess.run(
        ["/bin/sh", "-c", cron_command(line, stripped)], env={}, capture_output=True, check=True, cwd=tmp_path
    )
    assert json.loads(done.stdout) == [str(folder), *HOSTILE]


@given(words=words)
def test_cron_any_words(words):
    line = cron_line(only("cron", ["/bin/x", *words]))[5]
    for stripped in ("", "%", "%\\"):
        assert shlex.split(cron_command(line, stripped)) == ["cd", "/srv/study", "&&", "/bin/x", *words]


@pytest.mark.parametrize(
    ("at", "every", "fields"),
    [
        ("06:00", "weekday", "0 6 * * 1,2,3,4,5"),
        ("23:59", "day", "59 23 * * *"),
        ("00:05", "sun,mon", "5 0 * * 0,1"),
        ("07:30", "month", "30 7 1 * *"),
    ],
)
def test_cron_times(at, every, fields):
    assert cron_line(only("cron", ["/bin/x"], at=at, every=every))[:5] == fields.split()


def test_cron_says_when_a_command_is_too_long():
    with pytest.raises(InputError, match=r"cron: given a command of \d+ bytes; allowed: 998"):
        entry("cron", ["/bin/x", "石" * 400])


def unit_words(line):
    """Words of a command line in a unit file: quotes, then C escapes, then specifiers, then variables."""
    found = []
    for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"\'\\]+)(?=\s|$)', line):
        text = re.sub(r"\\(.)", r"\1", quoted) if quoted or not plain else plain
        for sign in "%$":
            assert sign not in text.replace(2 * sign, ""), f"a single {sign} in {text!r}"
            text = text.replace(2 * sign, sign)
        found.append(text)
    return found


def setting(text, name):
    (value,) = re.findall(rf"(?m)^{name}=(.*)$", text)
    return value


@given(words=words)
def test_systemd_any_words(words):
    service = entry("systemd", ["/bin/x", *words, *HOSTILE])["clusterlib.service"]
    assert unit_words(setting(service, "ExecStart")) == ["/bin/x", *words, *HOSTILE]


def test_systemd_unit_runs_once_and_catches_up():
    units = entry("systemd", ["/bin/x"], folder=Path("/srv/100% 石狮 "), at="05:45", every="tue,sat", name="my-study")
    service, timer = units["my-study.service"], units["my-study.timer"]
    assert setting(service, "Type") == "oneshot" and setting(service, "SuccessExitStatus") == "3"
    assert setting(service, "WorkingDirectory") == "/srv/100%% 石狮 /"
    assert setting(timer, "OnCalendar") == "Tue,Sat *-*-* 05:45:00" and setting(timer, "Persistent") == "true"
    assert "systemctl --user enable --now my-study.timer" in timer


def test_systemd_itself_accepts_the_units(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not on this machine")
    folder = tmp_path / "a folder of 100% 石狮"
    folder.mkdir()
    for number, every in enumerate(("day", "weekday", "month", "mon,sun")):
        units = entry("systemd", [*ECHO, *HOSTILE], folder=folder, every=every, name=f"study{number}")
        for name, text in units.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [analyze, "--user", "verify", *map(str, sorted(tmp_path.glob("study*")))],
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    if "Failed to initialize manager" in done.stderr:
        pytest.skip(f"systemd-analyze does not work here: {done.stderr.strip()}")
    complaints = [line for line in done.stderr.splitlines() if "study" in line and "deprecated" not in line]
    assert (done.returncode, complaints) == (0, [])


def test_systemd_refuses_a_program_that_it_might_substitute_in():
    with pytest.raises(InputError, match=r"systemd: given the program '/a/\$b/python'; allowed: a path without \$"):
        entry("systemd", ["/a/$b/python"])


def workflow(words, **settings):
    text = only("github", words, **{"offset": timedelta(hours=8), **settings})
    read = yaml.safe_load(text)
    # YAML takes the word "on" for true.
    return text, read, read[True], read["jobs"]["report"]["steps"]


def test_github_workflow_asks_for_little_and_keeps_reports():
    text, read, on, steps = workflow(["python", "-m", "clusterlib", "report", "--out=my reports/石狮"])
    assert read["permissions"] == {"contents": "read"}
    assert read["concurrency"] == {"group": "clusterlib", "cancel-in-progress": False}
    assert set(on) == {"schedule", "workflow_dispatch"}
    used = [step["uses"].partition("@")[0] for step in steps if "uses" in step]
    assert used == [
        "actions/checkout", "actions/setup-python", "actions/cache/restore", "actions/cache/save",
        "actions/upload-artifact",
    ]  # fmt: skip
    kept = [step["with"]["path"] for step in steps if "path" in step.get("with", {})]
    assert kept == ["my reports/石狮"] * 3
    restored, saved = (step["with"] for step in steps if "cache" in step.get("uses", ""))
    assert saved["key"] == restored["key"] and restored["key"].startswith(restored["restore-keys"])
    assert steps[2]["run"] == f"python -m pip install clusterlib=={__version__}" and "http" not in text


def test_github_installs_what_the_command_needs():
    _, _, _, steps = workflow(["python", "--format=html,docx", "--file=a.pdf"])
    assert shlex.split(steps[2]["run"])[-1] == f"clusterlib[documents,pdf]=={__version__}"


def test_github_runs_the_words_and_sees_no_expression_in_them(tmp_path):
    text, _, _, steps = workflow([*ECHO, *HOSTILE], requirement="clusterlib[pdf]==1.0")
    assert shlex.split(steps[2]["run"])[-1] == "clusterlib[pdf]==1.0"
    script = next(step["run"] for step in steps if "json.dumps" in step.get("run", ""))
    done = subprocess.run(["/bin/sh", "-e", "-c", script], capture_output=True, check=True, cwd=tmp_path, env={})
    assert json.loads(done.stdout)[1:] == HOSTILE
    assert set(re.findall(r"\$\{\{ *(.*?) *\}\}", text)) == {"github.run_id", "github.run_attempt", "!cancelled()"}


@pytest.mark.parametrize(
    ("at", "every", "ahead", "fields"),
    [
        ("06:00", "weekday", 8, "0 22 * * 0,1,2,3,4"),
        ("08:00", "sun", 8, "0 0 * * 0"),
        ("07:59", "sun", 8, "59 23 * * 6"),
        ("22:00", "sat", -5, "0 3 * * 0"),
        ("06:15", "day", 5.5, "45 0 * * *"),
        ("09:00", "month", 8, "0 1 1 * *"),
        ("06:00", "month", 8, "0 22 1 * *"),
        ("22:00", "month", -5, "0 3 2 * *"),
    ],
)
def test_github_keeps_utc(at, every, ahead, fields):
    text, _, on, _ = workflow(["python"], at=at, every=every, offset=timedelta(hours=ahead))
    assert on["schedule"] == [{"cron": fields}]
    assert f"at {at} UTC{'+' if ahead > 0 else '-'}0" in text
    assert ("by yours the second" in text) == (fields == "0 22 1 * *")


@pytest.mark.parametrize("out", ["re*ports", "!x", ".", "", "~/x", "${{ x }}"])
def test_github_refuses_an_output_folder_that_is_a_pattern(out):
    with pytest.raises(InputError, match=r"^out: given .*; allowed on GitHub: a folder in the repository"):
        workflow(["python", f"--out={out}"])


def windows_words(line):
    """Words of a command line as the C library of Windows splits it."""
    found, word, quoted, i = [], None, False, 0
    while i < len(line):
        slashes = len(line[i:]) - len(line[i:].lstrip("\\"))
        i += slashes
        before_quote = line[i : i + 1] == '"'
        if slashes:
            word = (word or "") + "\\" * (slashes // 2 if before_quote else slashes)
        if before_quote and slashes % 2:
            word += '"'
        elif before_quote:
            quoted, word = not quoted, word or ""
        elif line[i : i + 1] in (" ", "\t") and not quoted:
            found, word = ([*found, word] if word is not None else found), None
        else:
            word = (word or "") + line[i : i + 1]
        i += 1
    return [*found, word] if word is not None else found


@given(words=words)
def test_windows_any_words(words):
    program, folder = r"C:\Program Files\石 & Co\python.exe", Path("C:\\a <b>\\石狮")
    mild = [word for word in [*words, *HOSTILE] if not re.search(r"%[^%]+%|\$\(", word)]
    text = only("windows", [program, *mild], folder=folder)
    assert text.isascii()
    task = ElementTree.fromstring(text)
    space = {"t": re.match(r"\{(.*)\}", task.tag)[1]}
    found = {name: task.findtext(f".//t:{name}", namespaces=space) for name in ("Command", "WorkingDirectory")}
    assert found == {"Command": program, "WorkingDirectory": str(folder)}
    assert windows_words(task.findtext(".//t:Arguments", namespaces=space)) == mild


@pytest.mark.parametrize(
    ("every", "inside"),
    [
        ("mon,thu", ["ScheduleByWeek", "Monday", "Thursday"]),
        ("day", ["ScheduleByWeek", "Saturday", "Sunday"]),
        ("month", ["ScheduleByMonth", "Day", "December"]),
    ],
)
def test_windows_task_catches_up_and_never_runs_twice_at_once(every, inside):
    task = ElementTree.fromstring(only("windows", ["x.exe"], every=every, at="23:05"))
    found = {element.tag.partition("}")[2]: element.text for element in task.iter()}
    assert found["MultipleInstancesPolicy"] == "IgnoreNew" and found["StartWhenAvailable"] == "true"
    assert found["StartBoundary"].endswith("T23:05:00") and set(inside) <= set(found)


@pytest.mark.parametrize("word", ["%PATH%", "a%b c%d", "$(Arg0)"])
def test_windows_refuses_what_it_would_take_for_a_variable(word):
    with pytest.raises(InputError, match=r"^windows: given .*; allowed: no text between two % and no \$\("):
        entry("windows", ["x.exe", word])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["a\nb", "a\rb", "a\x00b", "a\u2028b", "a\udc80b", "a\x85b"])
def test_no_scheduler_takes_line_ends(kind, word):
    for words, folder in ((["/bin/x", word], Path("/s")), (["/bin/x"], Path("/s") / word)):
        with pytest.raises(InputError, match=rf"^{kind}: given .*allowed: text without line ends"):
            entry(kind, words, folder=folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"at": "25:00"}, "at: given '25:00'; allowed: HH:MM from 00:00 to 23:59"),
        ({"at": "6:00"}, "at: given '6:00'; allowed: HH:MM"),
        ({"at": "06:00\n"}, "at: given '06:00\\n'; allowed: HH:MM"),
        ({"every": "monday"}, "every: given 'monday'; allowed: day, weekday, month, or days such as mon,thu"),
        ({"every": "mon, thu"}, "every: given 'mon, thu'; allowed: day"),
        ({"name": "a b"}, "name: given 'a b'; allowed: 1 to 50 ASCII letters"),
        ({"name": "a--b"}, "name: given 'a--b'; allowed"),
        ({"name": "石狮"}, "name: given '石狮'; allowed"),
    ],
)
def test_one_clear_error(settings, message):
    for kind in KINDS:
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            entry(kind, ["/bin/x"], **settings)


def test_unknown_kind_and_empty_command():
    with pytest.raises(InputError, match=r"unknown kind of schedule 'crom' \(did you mean 'cron'\?\)"):
        entry("crom", ["/bin/x"])
    with pytest.raises(InputError, match="command: given nothing"):
        entry("cron", [])


def test_command_is_what_report_understands_from_any_folder(tmp_path):
    given_ = {
        "data": "data", "plan": Path("p.toml"), "out": "my reports", "file": [Path("a b.txt"), Path("-c.txt")],
        "cluster": ["china-garment", "shishi-garment"], "lang": ["zh"], "notebook": [], "jobs": 2, "debug": False,
        "format": ("html", "pdf"), "dry_run": True,
    }  # fmt: skip
    line = command("cron", tmp_path, given_)
    assert line[:6] == [sys.executable, "-X", "utf8", "-m", "clusterlib", "report"]
    options = _parser().parse_args(line[5:])
    assert (options.data, options.plan) == (str(tmp_path / "data"), tmp_path / "p.toml")
    assert options.file == [tmp_path / "a b.txt", tmp_path / "-c.txt"] and options.out == tmp_path / "my reports"
    assert options.cluster == ["china-garment", "shishi-garment"] and options.lang == ["zh"]
    assert (options.notebook, options.jobs, options.debug) == ([], 2, False)
    assert options.format == ("html", "pdf") and options.dry_run


def test_output_folder_is_always_named(tmp_path):
    assert Path(command("systemd", tmp_path, {})[-1].removeprefix("--out=")).is_absolute()
    assert command("github", tmp_path, {})[-1] == "--out=reports"


def test_github_paths_are_those_of_the_repository(tmp_path):
    line = command("github", tmp_path, {"data": tmp_path / "my" / "data", "out": "./site/"})
    assert line[0] == "python" and line[-2:] == ["--data=my/data", "--out=site"]
    with pytest.raises(InputError, match=r"data: given '.*elsewhere'; allowed on GitHub: a path within the repository"):
        command("github", tmp_path, {"data": "../elsewhere"})
