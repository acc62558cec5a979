"""Run jobs: what has changed is rendered, here or wherever an executor does it, and put in place; then the index."""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from clusterlib import check, fonts
from clusterlib.errors import InputError
from clusterlib.labels import LANGS
from clusterlib.report import inputs, warm
from clusterlib.report.plan import Job
from clusterlib.report.produce import Failure, Produced, Settings, attempt
from clusterlib.report.records import Outcome, Records, Wanted, logger
from clusterlib.report.store import MANIFEST, Store
from clusterlib.study import CHECKED, Study

#: What can be made of a report besides the executed notebook and the table.
FORMATS = ("html", "pdf", "docx")
LOG = "render.log"
_LOG_BYTES = 1 << 20
#: From so many pages on it pays to cut the signs of all of them out of the font first.
_MANY = 4


def wanted(
    jobs: Sequence[Job], study: Study, out: Path, *, formats: Sequence[str] = ("html",), force: bool = False
) -> list[Wanted]:
    """Say which reports must be rendered, and why; nothing is rendered or written.

    Parameters
    ----------
    jobs : sequence of Job
        What is asked for.
    study : Study
        The data behind it.
    out : Path
        Output folder.
    formats : sequence of str
        What to make of each: some of `FORMATS`.
    force : bool, default False
        Render whatever has changed or not.

    Raises
    ------
    InputError
        If there is no such format.
    """
    for each in formats:
        if each not in FORMATS:
            raise InputError(f"format: given {each!r}; allowed: {', '.join(FORMATS)}")
    store = Store(out)
    failed = {key for key, entry in store.manifest().get("reports", {}).items() if entry.get("status") == "failed"}
    standing = store.entries()
    keys = {job.key for job in jobs} | set(standing)
    parts: dict[tuple[str, str], Study] = {}
    found = []
    for job in jobs:
        # Many reports read the same: all of a study, or one cluster of it.
        place = (inputs.reads(job), job.cluster)
        part = parts[place] if place in parts else parts.setdefault(place, inputs.read(job, study))
        others = {lang: job.key.replace(job.lang, lang, 1) for lang in LANGS if lang != job.lang}
        links = [lang for lang, key in others.items() if key in keys]
        depends = inputs.of(job, part, links, formats)
        reason = "forced" if force else _reason(depends, standing.get(job.key, {}), formats, job.key in failed)
        found.append(Wanted(job, part, links, depends, reason))
    return found


def _reason(depends: Mapping[str, Any], entry: Mapping[str, Any], formats: Sequence[str], failed: bool) -> str:
    if not entry:
        return "not there"
    if failed:
        return "failed last time"
    missing = [f"no {each} yet" for each in formats if each not in entry["files"]]
    return ", ".join(filter(None, [inputs.changed(depends, entry["inputs"]), *missing]))


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes
    ----------
    name : str
        When it began, or the run that it completed.
    out : Path
        Output folder.
    seconds : float
        How long it took.
    outcomes : list of Outcome
        One for each job, in their order.
    changed : dict
        What has changed in the reports that the last run replaced, counted.
    """

    name: str
    out: Path
    seconds: float
    outcomes: list[Outcome]
    changed: dict[str, Any]

    def summary(self) -> dict[str, Any]:
        """What a machine wants to know of the run, ready for JSON."""
        count = Counter(outcome.status for outcome in self.outcomes)
        failed = [
            {"key": each.key, "error": each.error, "cell": each.cell}
            for each in self.outcomes
            if each.status == "failed"
        ]
        return {
            "run": self.name,
            "status": "failed" if failed else "ready",
            "seconds": self.seconds,
            "reports": len(self.outcomes),
            "rendered": count["ready"],
            "unchanged": count["unchanged"],
            "failed": failed,
            "replaced": [each.key for each in self.outcomes if each.status == "ready"],
            "changed": self.changed if self.changed.get("run") == self.name else {},
            "index": str((self.out / "index.html").resolve()),
            "changes": str((self.out / "changes.html").resolve()),
            "manifest": str((self.out / MANIFEST).resolve()),
        }


def render(jobs: Sequence[Job], study: Study, out: Path, **how: Any) -> list[Outcome]:
    """Render as `run` does, and return the outcomes only."""
    return run(jobs, study, out, **how).outcomes


def run(
    jobs: Sequence[Job],
    study: Study,
    out: Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[Outcome, int, int], None] | None = None,
    formats: Sequence[str] = ("html",),
    force: bool = False,
    cold: bool = False,
    timeout: float | None = None,
    waiting: float = 0,
) -> Run:
    """Render the reports of which something has changed, and the index.

    Parameters
    ----------
    jobs : sequence of Job
        What to render.
    study : Study
        The data behind it, checked.
    out : Path
        Output folder; reports stand at ``<lang>/<cluster or document>/<notebook>.{ipynb,csv,html,…}``.
    workers : int, optional
        How many at a time; by default one for each processor, and one more.
    executor : Executor, optional
        Where to run them instead of threads of this process. Its workers need the same library, and notebooks and data
        at the same paths.
    progress : callable, optional
        Called after each report with its outcome, the number done and the number of all.
    formats : sequence of str, default html
        What to make of each, besides the executed notebook and the table: some of `FORMATS`.
    force : bool, default False
        Render reports of which nothing has changed, too.
    cold : bool, default False
        Start an ordinary kernel for each report, instead of forking it from a warm parent, as is done where there are
        more reports than workers.
    timeout : float, optional
        Seconds that one notebook may take.
    waiting : float, default 0
        Seconds to wait for another run in the same folder to end; negative waits as long as it takes.

    Returns
    -------
    Run
        Its outcomes, and how it went. A failed report is an outcome, not an exception.

    Raises
    ------
    InputError
        If the folder cannot be written, there is no such format, or a program for it is missing.
    BusyError
        If another run is at work in the folder.
    """
    if set(formats) - {"html"} and set(formats) <= set(FORMATS):
        from clusterlib.report.typeset import require

        require([each for each in formats if each != "html"])
    with Store(out, waiting) as store, _logged(out):
        work = Records(store, study, len(jobs), progress)
        asked = wanted(jobs, study, out, formats=formats, force=force)
        formats = tuple(dict.fromkeys(["html", *formats]))
        # One more than processors: while a page is made of one notebook, its kernel waits.
        count, most = sum(bool(each.reason) for each in asked), workers or (os.cpu_count() or 1) + 1
        # Importing once for all costs more than it saves where each kernel serves one report anyway.
        fork = not cold and (executor is not None or count > most)
        name, scratch = uuid.uuid4().hex, "" if executor else str(store.work)
        settings = Settings(formats, fork, timeout, name, scratch, inputs.library(), study.digest)
        logger.info("run %s: %d of %d reports to render", store.run, count, len(asked))
        for each in asked:
            if not each.reason:
                work.keep(each)
        if count >= _MANY:
            fonts.expect(_words(study, jobs))
        with _pool(executor, min(most, count), name) as pool:
            todo: dict[Future[Produced | Failure], Wanted] = {
                pool.submit(attempt, each.job, each.part, each.links, settings, each.inputs["notebook"]): each
                for each in asked
                if each.reason
            }
            pending = set(todo)
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    work.take(todo[future], _result(future))
        seconds, changed = work.finish()
        return Run(store.run, out, seconds, [work.outcomes[job.key] for job in jobs], changed)


def read_manifest(out: Path) -> dict[str, dict[str, Any]]:
    """What is known of all reports in an output folder, by key; empty if there are none or the file is damaged."""
    reports: dict[str, dict[str, Any]] = Store(out).manifest().get("reports", {})
    return reports


@contextlib.contextmanager
def trusted(out: Path) -> Iterator[None]:
    """Let the study be loaded unchecked if the last run into this folder, with this library, has checked the same."""
    run = Store(out).manifest().get("run", {})
    checked = run.get("study", "") if run.get("library") == inputs.library() else ""
    before = os.environ.get(CHECKED)
    try:
        if checked:
            os.environ[CHECKED] = checked
        yield
    finally:
        os.environ.pop(CHECKED, None)
        if before is not None:
            os.environ[CHECKED] = before


def _words(study: Study, jobs: Sequence[Job]) -> str:
    """What pages are made of: the tables of the study, the notebooks."""
    cells = [str(cell) for table in check.ALL_TABLES for cell in getattr(study, table).to_numpy().ravel()]
    return "".join(cells + [path.read_text(encoding="utf-8") for path in {job.path for job in jobs}])


def _result(future: Future[Produced | Failure]) -> Produced | Failure:
    try:
        return future.result()
    except Exception as error:  # the worker is gone, or could not send what it had
        return Failure(f"{type(error).__name__}: {error}", "", b"", 0.0)


@contextlib.contextmanager
def _pool(executor: Executor | None, workers: int, run: str) -> Iterator[Executor]:
    """Where reports are made: threads of this process, each with a kernel at a time, unless somewhere else is given."""
    if executor is not None:
        yield executor
        return
    threads = ThreadPoolExecutor(max_workers=max(1, workers))
    with warnings.catch_warnings():  # for all threads at once, since filters are those of the process
        warnings.simplefilter("ignore")
        try:
            yield threads
        except BaseException:  # interrupted: what is not done is not wanted any more
            from clusterlib.report import kernel

            threads.shutdown(wait=False, cancel_futures=True)
            kernel.end(run)
            warm.close(run)
            raise
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
            warm.close(run)


class _Log(RotatingFileHandler):
    """A log that a full disk leaves incomplete, instead of filling the terminal as well."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Do without."""


@contextlib.contextmanager
def _logged(out: Path) -> Iterator[None]:
    """Write what the run says, with times, to a file beside the reports."""
    handler = _Log(out / LOG, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
        handler.close()
