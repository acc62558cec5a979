"""The commands. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clusterlib import __version__
from clusterlib.errors import ClusterlibError, DataError, InputError

if TYPE_CHECKING:
    from clusterlib.extraction.files import FileRead
    from clusterlib.report.render import Outcome

#: Exit codes: a report failed or data are faulty; the command could not be understood or carried out.
FAILED, MISUSED = 1, 2
INTERRUPTED = 130
#: Formats of a table of rows.
FORMATS = ("csv", "jsonl", "parquet")


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
    report.add_argument("--cluster", action="append", default=[], metavar="KEY", help="only this cluster (repeatable)")
    report.add_argument(
        "--notebook", action="append", default=[], metavar="NAME", help="only this notebook (repeatable)"
    )
    report.add_argument(
        "--lang", action="append", default=[], metavar="LANG", help="only this language, en or zh (repeatable)"
    )
    report.add_argument(
        "--file", action="append", default=[], type=Path, metavar="FILE",
        help="a document to read, instead of those of the plan (repeatable)",
    )  # fmt: skip
    report.add_argument("--data", default="", metavar="DIR", help="data folder (default: the packaged study)")
    report.add_argument(
        "--plan", type=Path, metavar="FILE", help="what to render (default: the packaged reports/plan.toml)"
    )
    report.add_argument("--out", type=Path, metavar="DIR", help="where to (default: reports)")
    report.add_argument("--jobs", type=_positive, metavar="N", help="how many at a time (default: processors)")

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


def _report(options: argparse.Namespace) -> int:
    from clusterlib import paths
    from clusterlib.report.plan import jobs
    from clusterlib.report.render import render
    from clusterlib.study import Study

    study = Study.load(options.data)
    data = str(Path(options.data).resolve()) if options.data else ""
    planned = jobs(
        options.plan or paths.PLAN, study,
        notebooks=options.notebook, clusters=options.cluster, languages=options.lang, files=options.file, data=data,
    )  # fmt: skip
    out = options.out or paths.reports()
    outcomes = render(planned, study, out, workers=options.jobs, progress=_progress if sys.stderr.isatty() else None)
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    for outcome in failed:
        print(f"clusterlib: {outcome.key} failed: {outcome.error}", file=sys.stderr)
    if sys.stderr.isatty():
        print(f"{len(outcomes) - len(failed)} of {len(outcomes)} reports: {out / 'index.html'}", file=sys.stderr)
    return FAILED if failed else 0


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
