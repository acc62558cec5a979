"""One report: papermill executes the notebook, the files of the report are made from what it shows.

Nothing is written but into a folder of its own, and the files come back as bytes: a report can be produced in another
process or on another machine, as long as it has the same library, notebooks and data.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clusterlib import check, paths
from clusterlib.display import FINDINGS
from clusterlib.errors import ClusterlibError
from clusterlib.report import inputs, warm
from clusterlib.report.plan import Job
from clusterlib.study import CHECKED, Study

#: papermill and nbclient share state while they start; executing is safe in threads, importing them is not.
_IMPORT = threading.Lock()
_EMPTY_BOX = re.compile(r"Glyph \d+ .*? missing from (?:current )?font.*")


@dataclass(frozen=True)
class Settings:
    """How reports are produced; the same for all of one run.

    Attributes
    ----------
    formats : tuple of str
        What to make besides the executed notebook and the table: ``html``, ``pdf``, ``docx``.
    warm : bool
        Whether kernels are forked from a warm parent, where that can be done.
    timeout : float or None
        Seconds that one notebook may take.
    run : str
        Name of the run, unlike that of any other.
    folder : str
        Where files of kernels may lie for a while; "" is the folder for temporary files.
    library : str
        Digest of the library that asks for the reports.
    checked : str
        Digest of the study that was checked, so that no kernel need do it again.
    """

    formats: tuple[str, ...] = ("html",)
    warm: bool = True
    timeout: float | None = None
    run: str = ""
    folder: str = ""
    library: str = ""
    checked: str = ""


@dataclass(frozen=True)
class Produced:
    """A report.

    Attributes
    ----------
    files : dict of str to bytes
        By suffix: ``ipynb``, ``csv``, ``html`` and the other formats asked for.
    findings : list of str
        The sentences that open the page.
    seconds : float
        How long it took.
    """

    files: dict[str, bytes]
    findings: list[str]
    seconds: float


@dataclass(frozen=True)
class Failure:
    """A report that could not be made.

    Attributes
    ----------
    error : str
        What went wrong.
    cell : str
        Source of the cell in which it did; "" if it was no cell.
    partial : bytes
        The notebook as far as it was executed; b"" if it was not.
    seconds : float
        How long it took.
    """

    error: str
    cell: str
    partial: bytes
    seconds: float


def attempt(
    job: Job, study: Study, languages: Sequence[str], settings: Settings, notebook: str = ""
) -> Produced | Failure:
    """Produce a report, or say why not: whatever one report raises must not stop the others.

    Parameters
    ----------
    job, study, languages, settings
        As for `produce`.
    notebook : str, optional
        Digest of the notebook that was asked for.
    """
    start = time.perf_counter()
    seen: list[Any] = []
    try:
        _require_same(job, settings, notebook)
        return produce(job, study, languages, settings, seen)
    except Exception as error:
        partial, cell = b"", ""
        if seen:
            import nbformat

            _tidy(seen[0], job)
            partial = nbformat.writes(seen[0]).encode("utf-8")
            cell = "" if isinstance(error, ClusterlibError) else _stopped(seen[0])
        return Failure(_describe(error), cell, partial, round(time.perf_counter() - start, 2))


def produce(
    job: Job, study: Study, languages: Sequence[str], settings: Settings, seen: list[Any] | None = None
) -> Produced:
    """Produce a report.

    Parameters
    ----------
    job : Job
        Which report.
    study : Study
        The data behind it, or the part of it that it reads.
    languages : sequence of str
        Other languages of the same report, to link to.
    settings : Settings
        How.
    seen : list, optional
        Gets the notebook before it is executed, so that a caller has what there is of it when it fails.

    Raises
    ------
    Exception
        Whatever executing the notebook raises.
    """
    start = time.perf_counter()
    import nbformat

    from clusterlib.report import pages

    notebook = _execute(job, settings, [] if seen is None else seen)
    _tidy(notebook, job)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    _refuse_empty_boxes(outputs)
    tables = [output["data"]["text/csv"] for output in outputs if "text/csv" in output.get("data", {})]
    findings = [each["text"] for output in outputs for each in output.get("data", {}).get(FINDINGS, [])]
    page = pages.report(notebook, job, study, findings, languages)
    files = {
        "ipynb": nbformat.writes(notebook).encode("utf-8"),
        "csv": (_joined(tables[-1]) if tables else "").encode("utf-8"),
        "html": page.encode("utf-8"),
    }
    for each in settings.formats:
        if each != "html":
            from clusterlib.report.typeset import typeset

            files[each] = typeset(page, each)
    return Produced(files, findings, round(time.perf_counter() - start, 2))


def _require_same(job: Job, settings: Settings, notebook: str) -> None:
    """Refuse to make another report than the one asked for: on another machine, or from files edited meanwhile."""
    if settings.library not in ("", inputs.library()):
        raise ClusterlibError("library: another version here than where the run began; restart this worker")
    if notebook not in ("", inputs.notebook(job.path)):
        raise ClusterlibError(f"{job.path.name}: not what it was when the run began; run again")
    if job.cluster and settings.checked not in ("", check.digest(Path(job.parameters.get("data") or paths.DATA))):
        raise ClusterlibError("data: not what they were when the run began; run again")


def _execute(job: Job, settings: Settings, seen: list[Any]) -> Any:
    with _IMPORT:
        import papermill

        from clusterlib.report import engine
        from clusterlib.report.kernel import manager

        for name in ("papermill", "nbclient", "traitlets"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    more: dict[str, Any] = {}
    if settings.timeout is not None:
        deadline = time.monotonic() + settings.timeout
        # Of each cell: what is left for all of them.
        more["timeout_func"] = lambda _: max(1, round(deadline - time.monotonic()))
    parent = warm.parent(settings.run) if settings.warm and warm.available() else None
    place = tempfile.TemporaryDirectory(prefix="kernel-", dir=settings.folder or None, ignore_cleanup_errors=True)
    with place as folder, _event_loop():
        return papermill.execute_notebook(
            job.path,
            None,
            parameters=job.parameters,
            progress_bar=False,
            report_mode=True,
            engine_name=engine.NAME,
            kernel_name="python3",
            language="python",
            kernel_manager_class=manager(Path(folder), settings.run, parent, {CHECKED: settings.checked}),
            shutdown_kernel="immediate",  # all that it had to say has been heard
            seen=seen,
            **more,
        )


@contextlib.contextmanager
def _event_loop() -> Iterator[None]:
    """An event loop for the clients of kernels, who would make one for each thread and leave it open."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread():
            loop.close()
            asyncio.set_event_loop(None)


def _tidy(notebook: Any, job: Job) -> None:
    """Take paths of this machine out of a notebook; they are of no use to a reader."""
    notebook.metadata.papermill.update(input_path=job.path.name, output_path=f"{job.notebook}.ipynb")
    if job.document:
        _name_only(notebook, job.document.path)


def _stopped(notebook: Any) -> str:
    """Source of the last cell that was begun; "" if none was."""
    begun = [cell.source for cell in notebook.cells if cell.metadata.get("papermill", {}).get("start_time")]
    return begun[-1].strip() if begun else ""


def _refuse_empty_boxes(outputs: Sequence[Any]) -> None:
    for output in outputs:
        if output.output_type == "stream" and (box := _EMPTY_BOX.search(_joined(output.text))):
            raise ClusterlibError(f"{box[0].strip()} A picture would show an empty box")


def _name_only(notebook: Any, file: Path) -> None:
    """Leave the name of a document where papermill has put its place on this machine."""
    notebook.metadata.papermill.parameters["file"] = file.name
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(r"(?m)^file = .*$", lambda _: f"file = {json.dumps(file.name)}", cell.source)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _describe(error: Exception) -> str:
    """What failed, on one line."""
    name, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", str(error))
    return f"{name}: {str(value).strip()}"
