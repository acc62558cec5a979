"""Run jobs: papermill executes the notebook, the page and the table are made from what it shows.

A report is written to a staging folder and moved into place when all its files are there; one that fails leaves the
last good one where it is, and its partial notebook under `failed/`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from clusterlib.display import FINDINGS
from clusterlib.errors import InputError
from clusterlib.report import pages
from clusterlib.report.plan import Job
from clusterlib.study import CHECKED, Study
from clusterlib.whole import write_whole

#: Files of one report, in the order in which they are put in place: the page last.
SUFFIXES = (".ipynb", ".csv", ".html")
KERNEL_MANAGER = "clusterlib.report.kernel.LocalKernelManager"
#: papermill and nbclient share state while they start; executing is safe in threads, importing them is not.
_IMPORT = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """What became of one report.

    Attributes
    ----------
    key, notebook, cluster, lang : str
        Which report.
    status : {"ready", "failed"}
        Whether it was rendered.
    time : str
        When, ISO 8601 with offset.
    seconds : float
        How long it took.
    findings : list of str
        The sentences that open the page.
    error : str
        What went wrong, and in which cell.
    document, file : str
        Of a report about a document: its folder, and the name of the file.
    """

    key: str
    notebook: str
    cluster: str
    lang: str
    status: str
    time: str
    seconds: float
    findings: list[str] = field(default_factory=list)
    error: str = ""
    document: str = ""
    file: str = ""


def render(
    jobs: Sequence[Job],
    study: Study,
    out: Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[Outcome, int, int], None] | None = None,
) -> list[Outcome]:
    """Render reports and the index.

    Parameters
    ----------
    jobs : sequence of Job
        What to render.
    study : Study
        The data behind it, checked.
    out : Path
        Output folder; reports stand at ``<lang>/<cluster or document>/<notebook>.{ipynb,csv,html}``.
    workers : int, optional
        How many at a time; by default one for each processor.
    executor : Executor, optional
        Where to run them instead of threads of this process.
    progress : callable, optional
        Called after each report with its outcome, the number done and the number of all.

    Returns
    -------
    list of Outcome
        One for each job, in their order. A failed report is an outcome, not an exception.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=".stage-", dir=out)).rmdir()
    except OSError as error:
        raise InputError(f"out: given {str(out)!r}; allowed: a folder that can be written ({error.strerror})") from None
    languages = pages.other_languages(jobs)
    previous = os.environ.get(CHECKED)
    os.environ[CHECKED] = study.digest
    pool = executor or ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1)
    done: dict[str, Outcome] = {}
    try:
        waiting: set[Future[Outcome]] = {pool.submit(_render_one, job, study, out, languages[job.key]) for job in jobs}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                outcome = future.result()
                done[outcome.key] = outcome
                if progress:
                    progress(outcome, len(done), len(jobs))
    finally:
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
        if previous is None:
            os.environ.pop(CHECKED, None)
        else:
            os.environ[CHECKED] = previous
    outcomes = [done[job.key] for job in jobs]
    _write_manifest(out, study, outcomes)
    return outcomes


def read_manifest(out: Path) -> dict[str, dict[str, Any]]:
    """Outcomes of all reports in an output folder, by key; empty if there are none or the file is damaged."""
    try:
        reports: dict[str, dict[str, Any]] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["reports"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return reports


def _render_one(job: Job, study: Study, out: Path, languages: list[str]) -> Outcome:
    start = time.perf_counter()
    stage = out / f".stage-{uuid.uuid4().hex}"
    try:
        stage.mkdir()
        findings = _produce(job, study, stage, languages)
        _put_in_place(job, stage, out)
        outcome = _outcome(job, "ready", start, findings=findings)
    except Exception as error:  # whatever one report raises must not stop the others
        _keep_partial(job, stage, out)
        outcome = _outcome(job, "failed", start, error=_describe(error))
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return outcome


def _outcome(job: Job, status: str, start: float, findings: list[str] | None = None, error: str = "") -> Outcome:
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    seconds = round(time.perf_counter() - start, 2)
    document, file = (job.document.slug, job.document.path.name) if job.document else ("", "")
    return Outcome(
        job.key, job.notebook, job.cluster, job.lang, status, moment, seconds, findings or [], error, document, file
    )


def _produce(job: Job, study: Study, stage: Path, languages: list[str]) -> list[str]:
    """Execute the notebook into the staging folder and write page and table beside it; return its findings."""
    with _IMPORT:
        import nbformat
        import papermill

        for name in ("papermill", "nbclient", "traitlets"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    executed = stage / f"{job.notebook}.ipynb"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = papermill.execute_notebook(
            job.path,
            executed,
            parameters=job.parameters,
            progress_bar=False,
            report_mode=True,
            kernel_name="python3",
            kernel_manager_class=KERNEL_MANAGER,
        )
    # Paths of this machine are of no use to a reader.
    notebook.metadata.papermill.update(input_path=job.path.name, output_path=executed.name)
    if job.document:
        _name_only(notebook, job.document.path)
    nbformat.write(notebook, executed)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    tables = [output["data"]["text/csv"] for output in outputs if "text/csv" in output.get("data", {})]
    (stage / f"{job.notebook}.csv").write_text(_joined(tables[-1]) if tables else "", encoding="utf-8")
    findings = [each["text"] for output in outputs for each in output.get("data", {}).get(FINDINGS, [])]
    page = pages.report(notebook, job, study, findings, languages)
    (stage / f"{job.notebook}.html").write_text(page, encoding="utf-8")
    return findings


def _name_only(notebook: Any, file: Path) -> None:
    """Leave the name of a document where papermill has put its place on this machine."""
    notebook.metadata.papermill.parameters["file"] = file.name
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(r"(?m)^file = .*$", lambda _: f"file = {json.dumps(file.name)}", cell.source)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _put_in_place(job: Job, stage: Path, out: Path) -> None:
    target = out / job.key
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in SUFFIXES:
        (stage / f"{job.notebook}{suffix}").replace(target.with_name(f"{job.notebook}{suffix}"))
    _partial(job, out).unlink(missing_ok=True)


def _partial(job: Job, out: Path) -> Path:
    return out / "failed" / job.lang / job.folder / f"{job.notebook}.ipynb"


def _keep_partial(job: Job, stage: Path, out: Path) -> None:
    executed = stage / f"{job.notebook}.ipynb"
    if executed.is_file():
        kept = _partial(job, out)
        kept.parent.mkdir(parents=True, exist_ok=True)
        executed.replace(kept)


def _describe(error: Exception) -> str:
    """One line: what failed, and the cell it failed in."""
    name, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", str(error))
    cell = getattr(error, "source", "")
    place = f" in the cell {cell.strip().splitlines()[-1]!r}" if isinstance(cell, str) and cell.strip() else ""
    return f"{name}: {str(value).strip()}{place}"


def _write_manifest(out: Path, study: Study, outcomes: Sequence[Outcome]) -> None:
    reports = read_manifest(out)
    for outcome in outcomes:
        before = reports.get(outcome.key, {})
        entry = {**asdict(outcome), "study": study.digest}
        if outcome.status == "failed":
            # The page that stands there, if any, is the last good one.
            entry["kept"] = before.get("kept") or (before.get("time", "") if before.get("status") == "ready" else "")
            entry["findings"] = before.get("findings", [])
        reports[outcome.key] = entry
    reports = {key: entry for key, entry in reports.items() if _still_there(key, entry, out, study)}
    write_whole(
        out / "manifest.json", json.dumps({"reports": reports}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    )
    write_whole(out / "index.html", pages.index(study, reports, out))


def _still_there(key: str, entry: dict[str, Any], out: Path, study: Study) -> bool:
    """A page, or a failure that this study, or another run on the same document, could still mend."""
    mendable = entry["cluster"] in study.reported or bool(entry.get("document"))
    return (out / f"{key}.html").is_file() or (entry["status"] == "failed" and mendable)
