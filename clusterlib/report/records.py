"""What became of each report of a run: its entry, the log, and the pages and the manifest about all of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clusterlib.report import inputs
from clusterlib.report.plan import Job
from clusterlib.report.produce import Failure, Produced
from clusterlib.report.store import MANIFEST, Store, now
from clusterlib.study import Study

if TYPE_CHECKING:
    from clusterlib.report.changes import Changed

logger = logging.getLogger("clusterlib.report")


@dataclass(frozen=True)
class Outcome:
    """What became of one report.

    Attributes
    ----------
    key, notebook, cluster, lang : str
        Which report.
    status : {"ready", "unchanged", "failed"}
        Rendered; left as it stands, since nothing that it depends on has changed; or not rendered.
    reason : str
        Why it had to be rendered; "" if it had not.
    time : str
        When it was rendered or failed, ISO 8601 with offset.
    seconds : float
        How long that took.
    findings : list of str
        The sentences that open the page.
    error, cell : str
        What went wrong, and the source of the cell in which it did.
    document, file : str
        Of a report about a document: its folder, and the name of the file.
    """

    key: str
    notebook: str
    cluster: str
    lang: str
    status: str
    reason: str = ""
    time: str = ""
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    error: str = ""
    cell: str = ""
    document: str = ""
    file: str = ""


@dataclass(frozen=True)
class Wanted:
    """A job with all that its report depends on.

    Attributes
    ----------
    job : Job
        The job.
    part : Study
        What it reads of the study.
    links : sequence of str
        Other languages that it links to.
    inputs : dict
        What it depends on.
    reason : str
        Why it must be rendered; "" if it need not.
    """

    job: Job
    part: Study = field(repr=False)
    links: Sequence[str]
    inputs: dict[str, Any] = field(repr=False)
    reason: str


class Records:
    """What becomes of each report of a run, and what is written about all of them.

    Parameters
    ----------
    store : Store
        The folder of reports.
    study : Study
        The data behind them.
    count : int
        How many reports are asked for.
    progress : callable, optional
        Called after each report with its outcome, the number done and the number of all.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        By key.
    """

    def __init__(
        self, store: Store, study: Study, count: int, progress: Callable[[Outcome, int, int], None] | None
    ) -> None:
        self._store, self._study, self._count, self._progress = store, study, count, progress
        self._start = time.perf_counter()
        self._before = store.manifest()
        self._entries: dict[str, dict[str, Any]] = {}
        self.outcomes: dict[str, Outcome] = {}

    def keep(self, asked: Wanted) -> None:
        """Leave a report as it stands."""
        entry = self._store.entry(asked.job.key)
        self._done(asked, "unchanged", entry)

    def take(self, asked: Wanted, made: Produced | Failure) -> None:
        """Put a report in place, or keep what there is of one that failed."""
        job, document = asked.job, asked.job.document
        old = self._store.entry(job.key)
        entry: dict[str, Any] = {
            "key": job.key, "notebook": job.notebook, "cluster": job.cluster, "lang": job.lang,
            "document": document.slug if document else "", "file": document.path.name if document else "",
            "time": now(), "seconds": made.seconds, "inputs": asked.inputs, "run": self._store.run,
            "replaced": old.get("time", ""), "parameters": asked.inputs["parameters"],
        }  # fmt: skip
        if isinstance(made, Produced):
            files = {
                suffix: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for suffix, content in made.files.items()
            }
            entry |= {"status": "ready", "findings": made.findings, "files": files, "error": "", "cell": ""}
            try:
                self._store.place(job.key, made.files, entry)
            except OSError as error:  # a full disk fails this report; the next may be smaller
                made = Failure(f"{type(error).__name__}: {error}", "", b"", made.seconds)
        if isinstance(made, Failure):
            partial = ""
            with contextlib.suppress(OSError):
                partial = self._store.fail(job.key, made.partial)
            # The page that stands there, if any, is the last good one.
            kept = {"findings": old.get("findings", []), "files": old.get("files", {}), "kept": old.get("time", "")}
            entry |= {"status": "failed", "error": made.error, "cell": made.cell, "partial": partial, **kept}
        self._done(asked, entry["status"], entry)

    def _done(self, asked: Wanted, status: str, entry: dict[str, Any]) -> None:
        job = asked.job
        self._entries[job.key] = entry
        told = {name: entry[name] for name in ("time", "seconds", "findings", "error", "cell", "document", "file")}
        outcome = Outcome(job.key, job.notebook, job.cluster, job.lang, status, asked.reason, **told)
        self.outcomes[job.key] = outcome
        if status != "unchanged":
            logger.info("%s %s in %.2f s (%s)%s", status, job.key, outcome.seconds, asked.reason, _because(outcome))
        if self._progress:
            self._progress(outcome, len(self.outcomes), self._count)

    def finish(self) -> tuple[float, dict[str, Any]]:
        """Write the manifest, the index, and what has changed, unless nothing was rendered and all of it is there.

        Returns
        -------
        seconds : float
            How long the run took.
        changed : dict
            What has changed since the run before the last that replaced reports, counted.
        """
        standing = self._store.entries()
        reports = dict(standing)
        known: dict[str, dict[str, Any]] = {**self._before.get("reports", {}), **self._entries}
        for key, entry in known.items():
            if entry.get("status") == "failed" and self._mendable(entry):
                reports[key] = entry
        last = self._before.get("run", {})
        seconds = round(time.perf_counter() - self._start, 2)
        run = {"run": self._store.run, "time": now(), "seconds": seconds, "changed": last.get("changed", {})}
        run |= {"study": self._study.digest, "library": inputs.library()}
        rendered = [each for each in self.outcomes.values() if each.status != "unchanged"]
        if not run["changed"] or any(entry["run"] == self._store.run for entry in standing.values()):
            run["changed"] = self._tell_changes(last.get("time", ""))
        if rendered or reports != self._before.get("reports") or not (self._store.out / "index.html").is_file():
            self._list(reports, run["changed"])
        manifest = {"run": run, "reports": reports}
        self._store.write(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        logger.info("run %s: %d rendered in %.2f s", self._store.run, len(rendered), seconds)
        return seconds, run["changed"]

    def _tell_changes(self, since: str) -> dict[str, Any]:
        """Write what this run has changed; return it counted."""
        from clusterlib.report import changes

        replaced = self._changes(self._store.run)
        self._store.write("changes.html", changes.page(self._study, replaced, since))
        return {"run": self._store.run, "since": since, **changes.summary(replaced)}

    def _list(self, reports: Mapping[str, dict[str, Any]], changed: Mapping[str, Any]) -> None:
        from clusterlib.report import listing

        page = listing.index(
            self._study, reports, self._store.out, self._changes(changed["run"]), str(changed["since"])
        )
        self._store.write("index.html", page)

    def _mendable(self, entry: Mapping[str, Any]) -> bool:
        """Whether this study, or another run on the same document, could still mend a failure."""
        key = entry["key"]
        later = self.outcomes[key].status != "failed" if key in self.outcomes else False
        return not later and (entry["cluster"] in self._study.reported or bool(entry.get("document")))

    def _changes(self, run: str) -> list[Changed]:
        """What a run has changed in the reports that stand since."""
        from clusterlib.report import changes

        found = []
        for key, entry in self._store.entries().items():
            if entry["run"] == run:
                before, old, new = self._store.before(key)
                found.append(changes.changed(entry, before or None, old, new))
        return found


def _because(outcome: Outcome) -> str:
    return f": {outcome.error}" if outcome.error else ""
