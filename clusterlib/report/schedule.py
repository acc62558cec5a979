"""Entries for schedulers: cron, systemd, GitHub Actions, the Task Scheduler of Windows. Nothing is installed.

Each entry names the interpreter and every path in full, since a scheduler has another working folder and another PATH,
and each is quoted by the rules of its scheduler, which differ.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from clusterlib import __version__, paths
from clusterlib.errors import InputError, unknown

KINDS = ("cron", "systemd", "github", "windows")
#: When to run: every day, Monday to Friday, the first of the month, or days of the week by name.
EVERY = ("day", "weekday", "month")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORKING = (0, 1, 2, 3, 4)
#: Options of `report` that are paths.
PATHS = ("data", "plan", "out", "file")
#: A run that takes longer is stopped, in hours.
HOURS = 2
#: Bytes of a command that every cron reads.
_LONGEST_COMMAND = 998
#: What no scheduler can keep in one line: control signs, line ends, halves of signs, what is no sign.
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_PLAIN = re.compile(r"[A-Za-z0-9_@+=:,./-]+")
_ENGLISH = dict(zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True)
class _When:
    """A time of day, on some days of the week (0 is Monday) or else on the first of the month."""

    hour: int
    minute: int
    days: tuple[int, ...]

    @property
    def clock(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def words(self) -> str:
        if not self.days:
            return f"on the first of the month at {self.clock}"
        if len(self.days) == len(DAYS):
            return f"every day at {self.clock}"
        if self.days == _WORKING:
            return f"Monday to Friday at {self.clock}"
        return f"{', '.join(_ENGLISH[DAYS[day]] for day in self.days)} at {self.clock}"

    def cron(self, day_of_month: int = 1) -> str:
        """The five fields of cron, whose week begins on Sunday."""
        if not self.days:
            return f"{self.minute} {self.hour} {day_of_month} * *"
        week = ",".join(str(day) for day in sorted((day + 1) % 7 for day in self.days))
        return f"{self.minute} {self.hour} * * {'*' if len(self.days) == len(DAYS) else week}"


def command(kind: str, folder: Path, options: Mapping[str, object]) -> list[str]:
    """Build the command that a scheduler is to run: `clusterlib report` with its options.

    Parameters
    ----------
    kind : {"cron", "systemd", "github", "windows"}
        On GitHub paths are relative to the root of the repository, elsewhere absolute.
    folder : Path
        Where relative paths begin; for GitHub the root of the repository.
    options : mapping
        Options of `report` by name without dashes, as a parser of command lines holds them: a list is an option given
        several times, a tuple one value with commas, True a flag; what is empty is left out.

    Raises
    ------
    InputError
        If the kind is unknown, or a path for GitHub lies outside of the repository.

    Examples
    --------
    >>> command("github", Path("."), {"data": "data", "lang": ["en", "zh"], "format": ("html", "pdf")})[6:]
    ['--data=data', '--lang=en', '--lang=zh', '--format=html,pdf', '--out=reports']
    """
    _known(kind)
    hosted = kind == "github"
    line = ["python" if hosted else sys.executable, "-X", "utf8", "-m", "clusterlib", "report"]
    out = options.get("out") or ("reports" if hosted else paths.reports())
    for name, value in {**options, "out": out}.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            line.append(option)
        elif value:
            several = value if isinstance(value, list) else [",".join(value) if isinstance(value, tuple) else value]
            line += [f"{option}={_placed(name, each, folder, hosted) if name in PATHS else each}" for each in several]
    return line


def schedule(
    kind: str,
    command: Sequence[str],
    *,
    at: str = "06:00",
    every: str = "weekday",
    name: str = "clusterlib",
    folder: Path,
    requirement: str = "",
    offset: timedelta | None = None,
) -> dict[str, str]:
    """Write the entry of a scheduler, ready to use; comments in it say where to put it.

    Parameters
    ----------
    kind : {"cron", "systemd", "github", "windows"}
        A line of a crontab; a timer and a service of systemd; a workflow; a task as XML (ASCII, whatever the paths).
    command : sequence of str
        The program and its arguments, as `command` builds them.
    at : str, default "06:00"
        HH:MM on the clock of this machine.
    every : str, default "weekday"
        ``day``, ``weekday`` (Monday to Friday), ``month`` (its first day), or days such as ``mon,thu``.
    name : str, default "clusterlib"
        What the entry is called: ASCII letters and digits, with single ``-`` or ``_`` between them.
    folder : Path
        The working folder of the command; not used on GitHub.
    requirement : str, optional
        Of GitHub: what pip installs; by default this version of clusterlib, with what the command needs.
    offset : timedelta, optional
        Of GitHub, which has no clock but UTC: how far `at` is ahead of UTC; by default as on this machine today.

    Returns
    -------
    dict
        File name to text: two files for systemd, one for the others.

    Raises
    ------
    InputError
        If one of these cannot be used, or something in the command cannot be said to that scheduler.

    Examples
    --------
    >>> entry = schedule("cron", ["/opt/py/bin/python", "50% 石"], at="07:30", every="mon,thu", folder=Path("/s"))
    >>> print(entry["clusterlib.cron"])
    # clusterlib: Monday, Thursday at 07:30. Put the next line in your crontab (crontab -e).
    # cron mails what the run says, which is nothing unless something went wrong.
    30 7 * * 1,4 cd /s && /opt/py/bin/python '50'\\%' 石'
    <BLANKLINE>
    """
    _known(kind)
    when = _when(at, every)
    if not _NAME.fullmatch(name) or len(name) > 50:
        raise InputError(
            f"name: given {name!r}; allowed: 1 to 50 ASCII letters and digits, with single - or _ between them"
        )
    if not command:
        raise InputError("command: given nothing; allowed: a program and its arguments")
    for text in (*command, str(folder), requirement):
        if _UNSPEAKABLE.search(text):
            raise InputError(f"{kind}: given {text!r}; allowed: text without line ends and other control characters")
    if kind == "cron":
        return {f"{name}.cron": _cron(command, when, name, folder)}
    if kind == "systemd":
        return _systemd(command, when, name, folder)
    if kind == "github":
        return {f"{name}.yml": _github(command, when, name, requirement, offset)}
    return {f"{name}.xml": _windows(command, when, name, folder)}


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise unknown("kind of schedule", kind, KINDS)


def _when(at: str, every: str) -> _When:
    moment = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", at)
    if not moment:
        raise InputError(f"at: given {at!r}; allowed: HH:MM from 00:00 to 23:59")
    words = every.split(",")
    if every == "month":
        days: tuple[int, ...] = ()
    elif every in EVERY:
        days = _WORKING if every == "weekday" else tuple(range(len(DAYS)))
    elif set(words) <= set(DAYS):
        days = tuple(sorted({DAYS.index(word) for word in words}))
    else:
        raise InputError(f"every: given {every!r}; allowed: {', '.join(EVERY)}, or days such as mon,thu")
    return _When(int(moment[1]), int(moment[2]), days)


def _placed(name: str, path: object, folder: Path, hosted: bool) -> str:
    """A path that holds where the scheduler runs; not resolved, since a link may be meant to be moved."""
    whole = os.path.normpath(folder.absolute() / str(path))
    if not hosted:
        return whole
    inside = os.path.relpath(whole, os.path.normpath(folder.absolute()))
    if Path(inside).parts[:1] == (os.pardir,):
        raise InputError(f"{name}: given {str(path)!r}; allowed on GitHub: a path within the repository, {folder}")
    return Path(inside).as_posix()


def _cron(command: Sequence[str], when: _When, name: str, folder: Path) -> str:
    line = f"cd {_for_sh(str(folder), cron=True)} && {' '.join(_for_sh(word, cron=True) for word in command)}"
    if len(line.encode("utf-8")) > _LONGEST_COMMAND:
        raise InputError(
            f"cron: given a command of {len(line.encode('utf-8'))} bytes; allowed: {_LONGEST_COMMAND} (shorter paths, "
            "a plan that says what to render, or systemd)"
        )
    return (
        f"# {name}: {when.words}. Put the next line in your crontab (crontab -e).\n"
        "# cron mails what the run says, which is nothing unless something went wrong.\n"
        f"{when.cron()} {line}\n"
    )


def _for_sh(text: str, cron: bool = False) -> str:
    """One word for sh. Of cron too: it ends a command at %, and some crons drop the backslash before it, some do not.

    So a percent sign stands outside of quotes with its backslash, and another backslash never before a second one. A
    dollar sign stands alone, so that GitHub sees no expression.
    """
    if _PLAIN.fullmatch(text):
        return text
    alone = {"'": '"\'"', "%": "\\%" if cron else "'%'"}
    parts = re.findall(r"['%$\\]|[^'%$\\]+", text)
    return "".join(alone.get(part, f"'{part}'") for part in parts) or "''"


def _systemd(command: Sequence[str], when: _When, name: str, folder: Path) -> dict[str, str]:
    if "$" in command[0]:
        # Substituted or not according to the version; an argument is always.
        raise InputError(f"systemd: given the program {command[0]!r}; allowed: a path without $")
    date = "*-*-*" if when.days else "*-*-01"
    week = "" if len(when.days) in (0, len(DAYS)) else ",".join(DAYS[day].capitalize() for day in when.days) + " "
    home = "~/.config/systemd/user"
    service = (
        f"# Save as {home}/{name}.service\n"
        "[Unit]\n"
        f"Description=Render reports ({name})\n"
        "\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"WorkingDirectory={str(folder).rstrip('/').replace('%', '%%')}/\n"
        f"ExecStart={' '.join(map(_for_systemd, command))}\n"
        "# 3: another run is at work, and will do it.\n"
        "SuccessExitStatus=3\n"
        f"TimeoutStartSec={HOURS}h\n"
        "Nice=10\n"
    )
    timer = (
        f"# Save as {home}/{name}.timer, then:\n"
        f"#   systemctl --user daemon-reload && systemctl --user enable --now {name}.timer\n"
        "# So that it runs while you are not logged in: loginctl enable-linger\n"
        f"# What a run said: journalctl --user --unit {name}.service\n"
        "[Unit]\n"
        f"Description={name}: {when.words}\n"
        "\n"
        "[Timer]\n"
        f"OnCalendar={week}{date} {when.clock}:00\n"
        "# A run that was missed is made up for when the machine is on again.\n"
        "Persistent=true\n"
        "\n"
        "[Install]\n"
        "WantedBy=timers.target\n"
    )
    return {f"{name}.service": service, f"{name}.timer": timer}


def _for_systemd(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        text = text.replace(sign, written)
    return f'"{text}"'


def _github(command: Sequence[str], when: _When, name: str, requirement: str, offset: timedelta | None) -> str:
    out = next((word.removeprefix("--out=") for word in command if word.startswith("--out=")), "reports")
    if re.search(r"[*?\[\]!#~$\\]", out) or out in ("", "."):
        # The actions read these as patterns.
        raise InputError(
            f"out: given {out!r}; allowed on GitHub: a folder in the repository, without * ? [ ] ! # ~ $ \\"
        )
    requirement = requirement or _requirement(command)
    ahead = offset if offset is not None else datetime.now().astimezone().utcoffset() or timedelta()
    hours, minutes = divmod(int(abs(ahead).total_seconds()) // 60, 60)
    zone = f"UTC{'-' if ahead < timedelta() else '+'}{hours:02}:{minutes:02}"
    shift, minute = divmod(when.hour * 60 + when.minute - int(ahead.total_seconds()) // 60, 24 * 60)
    there = _When(minute // 60, minute % 60, tuple((day + shift) % 7 for day in when.days))
    note = f"{when.words[0].upper()}{when.words[1:]} {zone}, in UTC: GitHub has no other clock."
    if not when.days and shift < 0:
        note += " By this clock the first of the month, by yours the second."
    script = " ".join(map(_for_sh, command))
    quoted = json.dumps(out, ensure_ascii=False)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"""\
# Save as .github/workflows/{name}.yml in the repository that holds the data folder.
name: {name}
on:
  schedule:
    # {note}
    - cron: "{there.cron(2 if shift > 0 else 1)}"
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: {name}
  cancel-in-progress: false
jobs:
  report:
    runs-on: ubuntu-latest
    timeout-minutes: {HOURS * 60}
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "{version}"
      # Where pip has no clusterlib to install but the repository holds its source, let it install "." instead.
      - run: {json.dumps(f"python -m pip install {_for_sh(requirement)}", ensure_ascii=False)}
      # Reports of earlier runs, so that unchanged ones are not rendered again; the repository's own files stay.
      - uses: actions/cache/restore@v4
        with:
          path: {quoted}
          key: {name}-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
          restore-keys: {name}-
      - run: git checkout -- .
      - run: {json.dumps(script, ensure_ascii=False)}
      # After a failure too: the reports that went well, and the log.
      - if: ${{{{ !cancelled() }}}}
        uses: actions/cache/save@v4
        with:
          path: {quoted}
          key: {name}-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
      - if: ${{{{ !cancelled() }}}}
        uses: actions/upload-artifact@v4
        with:
          name: {name}
          path: {quoted}
          if-no-files-found: error
"""


def _requirement(command: Sequence[str]) -> str:
    formats = {each for word in command if word.startswith("--format=") for each in word[9:].split(",")}
    needed = {
        "documents": any(word.startswith("--file=") for word in command),
        "pdf": bool(formats & {"pdf", "docx"}),
    }
    extras = ",".join(extra for extra, there in needed.items() if there)
    return f"clusterlib[{extras}]=={__version__}" if extras else f"clusterlib=={__version__}"


def _windows(command: Sequence[str], when: _When, name: str, folder: Path) -> str:
    for text in (*command, str(folder)):
        if re.search(r"%[^%]+%|\$\(", text):
            raise InputError(
                f"windows: given {text!r}; allowed: no text between two % and no $(, which Windows takes for variables"
            )
    if not when.days:
        months = "".join(f"<{month} />" for month in _MONTHS)
        days = f"<ScheduleByMonth><DaysOfMonth><Day>1</Day></DaysOfMonth><Months>{months}</Months></ScheduleByMonth>"
    else:
        week = "".join(f"<{_ENGLISH[DAYS[day]]} />" for day in when.days)
        days = f"<ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek>{week}</DaysOfWeek></ScheduleByWeek>"
    return f"""\
<!-- {name}: {when.words}. Save as {name}.xml, then in PowerShell, in the same folder:
       Register-ScheduledTask -TaskName {name} -Xml (Get-Content -Raw {name}.xml)
     It runs while you are logged in; the Task Scheduler can change that. -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Render reports ({name})</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2024-01-01T{when.clock}:00</StartBoundary>
      {days}
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <StartWhenAvailable>true</StartWhenAvailable>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT{HOURS}H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{_for_xml(command[0])}</Command>
      <Arguments>{_for_xml(subprocess.list2cmdline(command[1:]))}</Arguments>
      <WorkingDirectory>{_for_xml(str(folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def _for_xml(text: str) -> str:
    """Text of XML in ASCII, so that no code page between here and the Task Scheduler can spoil a Chinese path."""
    return escape(text).encode("ascii", "xmlcharrefreplace").decode("ascii")
