"""Executed notebook to a page that opens offline, and the index of all pages."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

from clusterlib import fonts, labels
from clusterlib.labels import LANGS
from clusterlib.report.plan import Job
from clusterlib.study import Study

if TYPE_CHECKING:
    from nbformat import NotebookNode

_WORDS = ("contents", "index", "data", "notebook", "language.other")
#: Characters of a digest that tell studies apart for a reader.
SHORT = 8
#: One exporter serves all pages; it keeps state while it works.
_EXPORTER = threading.Lock()


def other_languages(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """For each job, the other languages in which the same report is rendered."""
    keys = {job.key for job in jobs}
    return {
        job.key: [lang for lang in LANGS if lang != job.lang and job.key.replace(job.lang, lang, 1) in keys]
        for job in jobs
    }


def report(notebook: NotebookNode, job: Job, study: Study, findings: Sequence[str], languages: Sequence[str]) -> str:
    """Make the page of an executed notebook: no code, one file, its language only.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook.
    job : Job
        What it was rendered for.
    study : Study
        The data behind it, unless the job is about a document.
    findings : sequence of str
        Sentences for the description of the page.
    languages : sequence of str
        Other languages of the same report, to link to.
    """
    moment = labels.date(_now(), job.lang)
    if job.document:
        name = job.document.path.name
        fields = {"time": moment, "name": name, "digest": job.document.digest[:SHORT]}
        rendered = labels.text("report.read", job.lang, **fields)
    else:
        name = study.label("clusters", job.cluster, job.lang)
        rendered = labels.text("report.rendered", job.lang, time=moment, digest=study.digest[:SHORT])
    title = _title(job.notebook, job.lang)
    page = {
        "title": title,
        "cluster": name,
        "lang": job.lang,
        "html_lang": {"zh": "zh-Hans"}.get(job.lang, job.lang),
        "description": findings[0] if findings else "",
        "style": _style(),
        "csv": f"{job.notebook}.csv",
        "ipynb": f"{job.notebook}.ipynb",
        "languages": [(lang, quote(f"../../{lang}/{job.folder}/{job.notebook}.html")) for lang in languages],
        "rendered": rendered,
        "text": {key: labels.text(f"report.{key}", job.lang) for key in _WORDS},
    }  # fmt: skip
    with _EXPORTER:
        body, _ = _exporter().from_notebook_node(notebook, resources={"page": page})
    return _with_font(_with_contents(str(body)))


def index(study: Study, reports: Mapping[str, Mapping[str, Any]], out: Path) -> str:
    """Make the page that lists all reports: by cluster, notebook and language, then those about documents."""
    order = {cluster: i for i, cluster in enumerate(study.clusters["cluster"])}
    clusters = []
    for cluster in sorted(
        {entry["cluster"] for entry in reports.values() if entry["cluster"]},
        key=lambda key: (order.get(key, len(order)), key),
    ):
        of_cluster = {key: entry for key, entry in reports.items() if entry["cluster"] == cluster}
        notebooks = sorted({entry["notebook"] for entry in of_cluster.values()})
        rows = [
            {
                "titles": {lang: _title(notebook, lang) for lang in LANGS},
                "reports": {lang: _entry(of_cluster.get(f"{lang}/{cluster}/{notebook}"), out) for lang in LANGS},
            }
            for notebook in notebooks
        ]
        clusters.append(
            {"key": cluster, "names": {lang: study.label("clusters", cluster, lang) for lang in LANGS}, "rows": rows}
        )
    if documents := _documents(reports, out):
        names = {lang: labels.text("index.documents", lang) for lang in LANGS}
        clusters.append({"key": "documents-read", "names": names, "rows": documents})
    failed = [entry for _, entry in sorted(reports.items()) if entry["status"] == "failed"]
    moment = labels.date(_now(), "en")
    environment = jinja2.Environment(loader=_templates(), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = environment.get_template("index.html.j2").render(
        clusters=clusters, failed=failed, count=len(reports), langs=LANGS, style=_style(), t=labels.text, moment=moment
    )
    return _with_font(page)


def _documents(reports: Mapping[str, Mapping[str, Any]], out: Path) -> list[dict[str, Any]]:
    """Rows of the index for reports about documents: each by the name of its file."""
    about = {key: entry for key, entry in reports.items() if entry.get("document")}
    rows = []
    for folder, notebook in sorted({(entry["document"], entry["notebook"]) for entry in about.values()}):
        entries = {lang: about.get(f"{lang}/{folder}/{notebook}") for lang in LANGS}
        file = next(entry["file"] for entry in entries.values() if entry)
        rows.append(
            {
                "titles": {lang: f"{_title(notebook, lang)} · {file}" for lang in LANGS},
                "reports": {lang: _entry(entry, out) for lang, entry in entries.items()},
            }
        )
    return rows


def _entry(entry: Mapping[str, Any] | None, out: Path) -> dict[str, Any] | None:
    if entry is None:
        return None
    shown = (out / f"{entry['key']}.html").is_file()
    return {
        **entry,
        "href": quote(f"{entry['key']}.html") if shown else "",
        "moment": labels.date(entry["time"], entry["lang"]),
    }


def _title(notebook: str, lang: str) -> str:
    key = f"title.{notebook}"
    return labels.text(key, lang) if labels.has(key) else notebook


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="minutes")


@cache
def _style() -> str:
    return str(_file("style.css").read_text(encoding="utf-8"))


def _file(name: str) -> Any:
    return resources.files("clusterlib.report").joinpath("templates").joinpath(name)


def _templates() -> jinja2.BaseLoader:
    return jinja2.FileSystemLoader(str(_file("")))


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(_file(""))],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def _with_contents(page: str) -> str:
    """Number the h2 headings as anchors and list them in the place the template keeps for the contents."""
    entries: list[str] = []

    def anchor(match: re.Match[str]) -> str:
        entries.append(match["text"])
        return f'<h2 id="section-{len(entries)}">{match["text"]}</h2>'

    page = re.sub(r"<h2[^>]*>(?P<text>.*?)(?:<a class=\"anchor-link\"[^>]*>.*?</a>)?</h2>", anchor, page, flags=re.S)
    items = "".join(
        f'<li><a href="#section-{i}">{html.escape(_plain(text))}</a></li>' for i, text in enumerate(entries, 1)
    )
    return page.replace("<!--contents-->", f"<ol>{items}</ol>", 1)


def _with_font(page: str) -> str:
    """Embed the Chinese signs of a page, for machines without a font that has them."""
    return page.replace("/*font*/", fonts.face(page), 1)


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))
