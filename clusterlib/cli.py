"""The commands. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from clusterlib import __version__
from clusterlib.errors import ClusterlibError, DataError, InputError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from clusterlib.extraction.files import FileRead
    from clusterlib.report.records import Outcome, Wanted

#: Exit codes: a report failed or data are faulty; the command could not be understood or carried out; another run is at
#: work in the folder; interrupted at the keyboard, or ended by a signal.
FAILED, MISUSED, BUSY = 1, 2, 3
INTERRUPTED, ENDED = 130, 143
#: Formats of a table of rows, and of a report.
FORMATS = ("csv", "jsonl", "parquet")
REPORT_FORMATS = ("html", "pdf", "docx")
#: Options of what to render, and how.
RENDERING = (
    "data", "plan", "file", "out", "cluster", "notebook", "lang", "format", "jobs", "timeout", "executor", "cold",
    "force", "wait", "notify",
)  # fmt: skip
#: Seconds that a command which is told of a run may take.
NOTIFY_SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    if "run" not in options:
        _parser().print_help()
        return 0
    try:
        _spare_uri_grammars()
        code: int = options.run(options)
    except DataError as error:
        _say(error, options.debug)
        code = FAILED
    except ClusterlibError as error:
        _say(error, options.debug)
        code = MISUSED
    except OSError as error:
        _say(error, options.debug)
        code = FAILED
    except KeyboardInterrupt:
        _say("interrupted", False)
        code = INTERRUPTED
    return code


def _say(error: object, debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc()
    print(f"clusterlib: {error}", file=sys.stderr)


def _spare_uri_grammars() -> None:
    """Keep jsonschema from building grammars for URIs at import: two seconds, and nothing here has a URI to check."""
    if "jsonschema" not in sys.modules:
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clusterlib",
        description="From printed statistics on industrial clusters to reports that show their sources.",
    )
    parser.add_argument("--version", action="version", version=f"clusterlib {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    report = _command(commands, "report", _report, "render reports: notebooks × clusters × languages")
    _renders(report)
    report.add_argument("--dry-run", action="store_true", help="say what would be rendered, and why; render nothing")
    report.add_argument("--json", action="store_true", help="print the summary of the run as JSON")

    schedule = _command(
        commands,
        "schedule",
        _schedule,
        "print what a scheduler needs to render reports: cron, systemd, GitHub, Windows",
    )
    schedule.add_argument(
        "kind", nargs="?", default="cron", metavar="KIND", help="cron, systemd, github or windows (default: cron)"
    )
    schedule.add_argument("--at", default="06:00", metavar="HH:MM", help="time of day (default: 06:00)")
    schedule.add_argument(
        "--every", default="weekday", metavar="WHEN", help="day, weekday, month, or mon,thu (default: weekday)"
    )
    schedule.add_argument("--name", default="clusterlib", metavar="NAME", help="what the entry is called")
    schedule.add_argument("--write", type=Path, metavar="DIR", help="save as files there instead of printing")
    _renders(schedule)

    check = _command(commands, "check", _check, "check a data folder: types, keys, intervals, units, places")
    check.add_argument(
        "data", nargs="?", default="", metavar="DATA_DIR", help="data folder (default: the packaged study)"
    )
    check.add_argument(
        "--source", type=Path, metavar="FILE", help="the file that holds the documents: check every place in it"
    )

    listing = _command(commands, "list", _list, "list clusters and notebooks with their parameters")
    listing.add_argument("--data", default="", metavar="DIR", help="data folder (default: the packaged study)")

    extract = _command(commands, "extract", _extract, "read the printed figures of documents into a table of rows")
    _reads(extract)
    extract.add_argument(
        "--text", type=Path, metavar="PATH",
        help="save the text that the places refer to: a file, or a folder for several documents",
    )  # fmt: skip

    compare = _command(commands, "compare", _compare, "compare what is read in documents with the figures of a study")
    _reads(compare)
    compare.add_argument("--data", default="", metavar="DIR", help="data folder (default: the packaged study)")
    return parser


def _renders(command: argparse.ArgumentParser) -> None:
    """Options of what to render, and how."""
    command.add_argument("--cluster", action="append", default=[], metavar="KEY", help="only this cluster (repeatable)")
    command.add_argument(
        "--notebook", action="append", default=[], metavar="NAME", help="only this notebook (repeatable)"
    )
    command.add_argument(
        "--lang", action="append", default=[], metavar="LANG", help="only this language, en or zh (repeatable)"
    )
    command.add_argument(
        "--file", action="append", default=[], type=Path, metavar="FILE",
        help="a document to read, instead of those of the plan (repeatable)",
    )  # fmt: skip
    command.add_argument("--data", default="", metavar="DIR", help="data folder (default: the packaged study)")
    command.add_argument(
        "--plan", type=Path, metavar="FILE", help="what to render (default: the packaged reports/plan.toml)"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="where to (default: reports)")
    command.add_argument(
        "--format", type=_formats, default=("html",), metavar="F,...", help="html, pdf, docx (default: html)"
    )
    command.add_argument("--jobs", type=_positive, metavar="N", help="how many at a time (default: processors + 1)")
    command.add_argument("--timeout", type=_positive, metavar="S", help="seconds that one report may take")
    command.add_argument(
        "--executor", default="", metavar="dask://HOST:PORT", help="run on a dask cluster instead of this machine"
    )
    command.add_argument("--cold", action="store_true", help="start an ordinary kernel for each report")
    command.add_argument("--force", action="store_true", help="render also what has not changed")
    command.add_argument("--wait", action="store_true", help="wait for another run in the same folder to end")
    command.add_argument(
        "--notify", default="", metavar="COMMAND", help="give COMMAND the summary of the run on standard input"
    )


def _reads(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="text, .html, .docx, .odt or .pdf; - is standard input"
    )
    command.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to (default: standard output)")
    command.add_argument("--format", default="", choices=FORMATS, help="of the table (default: by the suffix of --out)")
    command.add_argument("--jobs", type=_positive, metavar="N", help="how many files at a time (default: processors)")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: object, help_text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")
    command.set_defaults(run=run)
    return command


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: a whole number from 1")
    return number


def _formats(text: str) -> tuple[str, ...]:
    formats = tuple(text.split(","))
    for each in formats:
        if each not in REPORT_FORMATS:
            raise argparse.ArgumentTypeError(f"given {each!r}; allowed: {', '.join(REPORT_FORMATS)}")
    return formats


def _report(options: argparse.Namespace) -> int:
    from clusterlib import paths
    from clusterlib.report import render
    from clusterlib.report.plan import jobs
    from clusterlib.report.store import BusyError
    from clusterlib.study import Study

    out = options.out or paths.reports()
    with render.trusted(out):
        study = Study.load(options.data)
    data = str(Path(options.data).resolve()) if options.data else ""
    planned = jobs(
        options.plan or paths.PLAN, study,
        notebooks=options.notebook, clusters=options.cluster, languages=options.lang, files=options.file, data=data,
    )  # fmt: skip
    if options.dry_run:
        asked = render.wanted(planned, study, out, formats=options.format, force=options.force)
        return _foretell(asked, options.json)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # an end in good order, like an interrupt
    try:
        with _executor(options.executor) as executor:
            run = render.run(
                planned, study, out, workers=options.jobs, executor=executor, formats=options.format,
                force=options.force, cold=options.cold, timeout=options.timeout, waiting=-1 if options.wait else 0,
                progress=_progress if sys.stderr.isatty() else None,
            )  # fmt: skip
    except BusyError as error:
        _say(error, options.debug)
        return BUSY
    failed = [outcome for outcome in run.outcomes if outcome.status == "failed"]
    for outcome in failed:
        print(f"clusterlib: {outcome.key} failed: {_failure(outcome)}", file=sys.stderr)
    if sys.stderr.isatty():
        kept = sum(outcome.status == "unchanged" for outcome in run.outcomes)
        rendered = len(run.outcomes) - kept - len(failed)
        print(f"{rendered} rendered, {kept} unchanged, {len(failed)} failed: {out / 'index.html'}", file=sys.stderr)
    if options.json:
        print(json.dumps(run.summary(), ensure_ascii=False))
    told = _notify(options.notify, json.dumps(run.summary(), ensure_ascii=False)) if options.notify else True
    return FAILED if failed or not told else 0


def _failure(outcome: Outcome) -> str:
    """What went wrong, and the last line of the cell in which it did."""
    return f"{outcome.error} in the cell {outcome.cell.splitlines()[-1]!r}" if outcome.cell else outcome.error


def _foretell(asked: list[Wanted], as_json: bool) -> int:
    """Say what a run would render, and why."""
    if as_json:
        rows = [{"key": each.job.key, "render": bool(each.reason), "reason": each.reason} for each in asked]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for each in asked:
        if each.reason:
            print(f"{each.job.key}: {each.reason}")
    print(f"{_counted(sum(bool(each.reason) for each in asked), 'report')} of {len(asked)} would be rendered")
    return 0


def _executor(address: str) -> AbstractContextManager[Executor | None]:
    if not address:
        return nullcontext()
    from clusterlib.report.cluster import connect

    return connect(address)


def _notify(command: str, summary: str) -> bool:
    """Run a command with the summary of the run on its standard input; say so if it fails."""
    try:
        # Standard output is for the summary alone: what the command says is said where errors are.
        code = subprocess.run(command, shell=True, input=summary.encode(), stdout=2, timeout=NOTIFY_SECONDS).returncode
        fault = f"exit code {code}" if code else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        fault = f"not done in {NOTIFY_SECONDS} s" if isinstance(error, subprocess.TimeoutExpired) else str(error)
    if fault:
        print(f"clusterlib: notify: given {command!r}: {fault}", file=sys.stderr)
    return not fault


def _schedule(options: argparse.Namespace) -> int:
    from clusterlib.report.schedule import command, schedule
    from clusterlib.whole import write_whole

    given = {name: getattr(options, name) for name in RENDERING}
    folder = Path.cwd()
    entry = schedule(
        options.kind, command(options.kind, folder, given),
        at=options.at, every=options.every, name=options.name, folder=folder,
    )  # fmt: skip
    if not options.write:
        print("\n".join(entry.values()), end="")
        return 0
    options.write.mkdir(parents=True, exist_ok=True)
    for name, text in entry.items():
        write_whole(options.write / name, text)
        print(options.write / name)
    return 0


def _progress(outcome: Outcome | FileRead, done: int, count: int) -> None:
    key = "".join(sign if sign.isprintable() else "\ufffd" for sign in outcome.key)
    print(f"\r\x1b[K[{done}/{count}] {key}", end="\n" if done == count else "", file=sys.stderr, flush=True)


def _check(options: argparse.Namespace) -> int:
    from clusterlib import paths
    from clusterlib.check import check

    folder = Path(options.data) if options.data else paths.DATA
    if faults := check(folder, options.source):
        raise DataError(folder, faults)
    print(f"{folder}: no fault" + ("" if options.source else " (places not checked: no --source)"))
    return 0


def _list(options: argparse.Namespace) -> int:
    from clusterlib import parameters, paths
    from clusterlib.study import Study

    study = Study.load(options.data)
    print("clusters")
    for key in study.reported:
        print(f"  {key:24}{study.label('clusters', key, 'en')} · {study.label('clusters', key, 'zh')}")
    print("notebooks")
    for path in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
        print(f"  {path.stem}")
        for parameter in parameters.declared(path).values():
            print(f"    {parameter.name}: {parameter.type} = {parameter.default!r}  {parameter.help}")
    return 0


def _extract(options: argparse.Namespace) -> int:
    from clusterlib.extraction import files, output

    output.usable(options.out, options.format, options.files)
    several = len(options.files) > 1
    if options.text and not several and not options.text.is_dir():
        output.require_writable("text", options.text, options.files)
    reads = _read(options)
    if options.text:
        files.save_texts(reads, options.text, [options.out] if options.out else [])
    rows = [row for read in reads for row in read.rows]
    output.write(rows, options.out, options.format)
    count = sum(len(read.source.documents) for read in reads if read.source)
    flagged = sum(bool(row.flag) for row in rows)
    print(f"{_counted(len(rows), 'figure')} from {_counted(count, 'document')}, {flagged} flagged", file=sys.stderr)
    return FAILED if any(read.error for read in reads) else 0


def _read(options: argparse.Namespace) -> list[FileRead]:
    """Read the files of a command; say which could not be read, and stop if none could."""
    from clusterlib.extraction.files import read_files

    progress = _progress if len(options.files) > 1 and sys.stderr.isatty() else None
    reads = read_files(options.files, workers=options.jobs, progress=progress)
    errors = [read.error for read in reads if read.error]
    if len(errors) == len(reads):
        raise InputError("\n".join(errors))
    for error in errors:
        _say(error, False)
    return reads


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _compare(options: argparse.Namespace) -> int:
    from clusterlib import review
    from clusterlib.extraction import output
    from clusterlib.study import Study

    output.usable(options.out, options.format, options.files)
    study = Study.load(options.data)
    reads = _read(options)
    results, errors = [], []
    for read in reads:
        if read.source:
            try:
                results.append(review.review(study, read.source, read.rows, read.path))
            except InputError as error:
                errors.append(error)
    if not results:
        raise errors[0]
    for unknown in errors:
        _say(unknown, False)
    if options.out or options.format:
        rows = [row for each in results for row in each.rows]
        output.write(rows, options.out, options.format, kind=review.Compared)
    else:
        output.to_stdout(review.summary(results).encode("utf-8"))
    return FAILED if len(results) < len(reads) else 0
