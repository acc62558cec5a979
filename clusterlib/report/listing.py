"""The index of all reports: what failed, what changed, and every report by cluster, notebook and language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clusterlib import labels
from clusterlib.labels import LANGS
from clusterlib.report import pages
from clusterlib.report.changes import Changed, filled, sentence, summary
from clusterlib.study import Study

Entry = Mapping[str, Any]

#: Files of a report beside its page, in the order in which they are linked.
FILES = ("pdf", "docx", "csv", "ipynb")
#: What the first sentence of a report says that has nothing to report on, and the gaps in it.
_SILENT = tuple(
    f"finding.{name}.none"
    for name in ("figures", "concentration", "performance", "sizes", "claims", "development", "comparison", "document")
)
_GAPS = ("cluster", "name")
#: Lines of a cell that are shown at most.
_LINES = 12


def index(
    study: Study, reports: Mapping[str, Entry], out: Path, changes: Sequence[Changed] = (), since: str = ""
) -> str:
    """Make the page that lists all reports, in both languages.

    Parameters
    ----------
    study : Study
        The data: it names and orders the clusters.
    reports : dict of str to dict
        Entries of the manifest by key.
    out : Path
        Output folder, in which the page will stand; looked into where an entry does not say which files there are.
    changes : sequence of Changed
        What the last run changed.
    since : str, default ""
        When the run before was, ISO 8601; "" if there was none.

    Returns
    -------
    str
        HTML that fetches nothing and needs no script to be read.
    """
    counts = summary(changes)
    groups = [_Group(list(entries), out) for entries in _together(reports.values())]
    order = {cluster: i for i, cluster in enumerate(study.clusters["cluster"])}
    groups.sort(key=lambda each: (each.document, order.get(each.cluster, len(order)), each.cluster, each.notebook))
    bodies: dict[str, dict[str, Any]] = {}
    for lang in LANGS:
        clusters = [group for group in groups if not group.document]
        bodies[lang] = {
            "counts": _counts(groups, lang),
            "changes": sentence(counts, since, lang) if since or counts["reports"] else "",
            "failed": [_failure(group, study, lang) for group in groups if group.failed],
            "columns": [pages.title(notebook, lang) for notebook in _notebooks(clusters)],
            "grid": _grid(clusters, study, lang),
            "sections": _sections(groups, study, lang),
            "all": len(groups),
        }
    return filled("index.html.j2", bodies)


class _Group:
    """One report with its languages."""

    def __init__(self, entries: list[Entry], out: Path) -> None:
        self.entries = {str(entry["lang"]): entry for entry in entries}
        first = entries[0]
        self.notebook, self.cluster = str(first["notebook"]), str(first.get("cluster", ""))
        self.document, self.file = str(first.get("document", "")), str(first.get("file", ""))
        self.failed = [entry for entry in entries if entry["status"] == "failed"]
        self._out = out

    def name(self, study: Study, lang: str) -> str:
        """What it is about."""
        return self.file or study.label("clusters", self.cluster, lang)

    def chosen(self, lang: str) -> Entry:
        """The report in a language: one with a page, else the one that there is."""
        own = self.entries.get(lang)
        if own is not None and (self.href(own) or own["status"] == "failed"):
            return own
        return next((entry for entry in self.entries.values() if self.href(entry)), next(iter(self.entries.values())))

    def href(self, entry: Entry) -> str:
        """Address of the page of an entry; blank if it has none."""
        return self._link(entry, "html") if "html" in self.files(entry) else ""

    def files(self, entry: Entry) -> list[str]:
        """Suffixes of the files of an entry."""
        if "files" in entry:
            return list(entry["files"])
        return [suffix for suffix in ("html", *FILES) if (self._out / f"{entry['key']}.{suffix}").is_file()]

    def links(self, entry: Entry, lang: str) -> list[dict[str, str]]:
        """Links to the files beside the page."""
        files = self.files(entry)
        return [
            {"href": self._link(entry, suffix), "text": labels.text(f"file.{suffix}", lang)}
            for suffix in FILES
            if suffix in files
        ]

    def silent(self, entry: Entry) -> bool:
        """Whether its first sentence says that nothing is printed for it."""
        first = next(iter(entry.get("findings", ())), "")
        return any(_says(first, key, str(entry["lang"])) for key in _SILENT)

    @staticmethod
    def _link(entry: Entry, suffix: str) -> str:
        return quote(f"{entry['key']}.{suffix}")


def _says(sentence: str, key: str, lang: str) -> bool:
    """Whether a sentence is a label, whatever stands in its gap."""
    start, gap, end = labels.text(key, lang, **dict.fromkeys(_GAPS, "\0")).partition("\0")
    return sentence.startswith(start) and sentence.endswith(end) if gap else sentence == start


def _together(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Languages of each report together."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: str(entry["key"])):
        folder = str(entry.get("document") or entry.get("cluster", ""))
        found.setdefault((folder, str(entry["notebook"])), []).append(entry)
    return list(found.values())


def _notebooks(groups: Sequence[_Group]) -> list[str]:
    return sorted({group.notebook for group in groups})


def _counts(groups: Sequence[_Group], lang: str) -> str:
    """How many reports there are, how many failed, and when the last was made."""
    if not groups:
        return labels.text("index.none", lang)
    times = [str(entry["time"]) for group in groups for entry in group.entries.values()]
    fields = {"reports": _reports(len(groups), lang), "time": labels.date(max(times, key=_moment), lang)}
    failed = sum(bool(group.failed) for group in groups)
    if not failed:
        return labels.text("index.counts", lang, **fields)
    return labels.text("index.counts.failed", lang, failed=labels.number(failed, lang), **fields)


def _reports(count: int, lang: str) -> str:
    return labels.with_unit(labels.number(count, lang), "report", lang)


def _moment(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _failure(group: _Group, study: Study, lang: str) -> dict[str, Any]:
    """A report that failed: why, in which cell, and what stands instead."""
    reasons = {(entry.get("error", ""), entry.get("cell", "")): None for entry in group.failed}
    entry = next((entry for entry in group.failed if entry["lang"] == lang), group.failed[0])
    kept = str(entry.get("kept", ""))
    return {
        "title": pages.title(group.notebook, lang),
        "name": group.name(study, lang),
        "reasons": [{"error": error, "cell": _first_lines(str(cell))} for error, cell in reasons],
        "partial": quote(str(entry.get("partial", ""))),
        "kept": labels.text("index.kept.since", lang, time=labels.date(kept, lang)) if kept else "",
        "href": group.href(entry) if kept else "",
    }


def _first_lines(cell: str) -> str:
    lines = cell.strip("\n").splitlines()
    return "\n".join([*lines[:_LINES], *(["…"] if len(lines) > _LINES else [])])


def _grid(groups: Sequence[_Group], study: Study, lang: str) -> list[dict[str, Any]]:
    """Clusters times notebooks, each cell a link."""
    found = {(group.cluster, group.notebook): group for group in groups}
    rows = []
    for number, cluster in enumerate(dict.fromkeys(group.cluster for group in groups), 1):
        cells = [found.get((cluster, notebook)) for notebook in _notebooks(groups)]
        rows.append(
            {
                "id": f"{lang}-{number}",
                "name": study.label("clusters", cluster, lang),
                "cells": [_state(cell, lang) if cell else None for cell in cells],
            }
        )
    return rows


def _state(group: _Group, lang: str) -> dict[str, str]:
    entry = group.chosen(lang)
    state = "failed" if group.failed else "silent" if group.silent(entry) else "ready"
    return {
        "title": pages.title(group.notebook, lang),
        "href": group.href(entry),
        "hreflang": pages.html_lang(str(entry["lang"])),
        "state": state,
        "word": labels.text(f"index.{state}", lang),
    }


def _sections(groups: Sequence[_Group], study: Study, lang: str) -> list[dict[str, Any]]:
    """Reports by cluster, then those about documents."""
    sections: dict[str, dict[str, Any]] = {}
    for group in groups:
        key = "" if group.document else f"cluster {group.cluster}"
        if key not in sections:
            name = labels.text("index.documents", lang) if group.document else group.name(study, lang)
            sections[key] = {"id": f"{lang}-{len(sections) + 1}", "name": name, "cards": []}
        sections[key]["cards"].append(_card(group, study, lang))
    return list(sections.values())


def _card(group: _Group, study: Study, lang: str) -> dict[str, Any]:
    """One report: its title, what it finds, its state, and its files."""
    entry = group.chosen(lang)
    shown = pages.html_lang(str(entry["lang"]))
    title = pages.title(group.notebook, lang)
    findings = [str(sentence) for sentence in entry.get("findings", ())]
    others = [other for key, other in group.entries.items() if other is not entry and group.href(other)]
    kept = str(entry.get("kept", "")) if entry["status"] == "failed" else str(entry["time"])
    return {
        **_state(group, lang),
        "title": f"{title} · {group.file}" if group.document else title,
        "failed": entry["status"] == "failed",
        "finding": findings[0] if findings else "",
        "lang": shown,
        "foreign": str(entry["lang"]) != lang,
        "language": labels.text("language", str(entry["lang"])),
        "moment": labels.date(kept, lang) if kept else "",
        "links": group.links(entry, lang),
        "others": [
            {
                "href": group.href(other),
                "lang": pages.html_lang(str(other["lang"])),
                "text": labels.text("language", str(other["lang"])),
            }
            for other in others
        ],
        "search": " ".join([title, group.name(study, lang), *findings]),
    }
