"""Executed notebook to a page that opens offline."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

from clusterlib import fonts, labels
from clusterlib.report.markup import finished
from clusterlib.report.plan import Job
from clusterlib.report.store import now
from clusterlib.study import Study

if TYPE_CHECKING:
    from nbformat import NotebookNode

_WORDS = ("contents", "index", "data", "notebook", "language.other", "skip", "sideways", "findings")
#: Characters of a digest that tell studies apart for a reader.
SHORT = 8
#: One exporter serves all pages; it keeps state while it works.
_EXPORTER = threading.Lock()


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
    moment = labels.date(now(), job.lang)
    if job.document:
        name = job.document.path.name
        fields = {"time": moment, "name": name, "digest": job.document.digest[:SHORT]}
        rendered = labels.text("report.read", job.lang, **fields)
    else:
        name = study.label("clusters", job.cluster, job.lang)
        rendered = labels.text("report.rendered", job.lang, time=moment, digest=study.digest[:SHORT])
    page = {
        "title": title(job.notebook, job.lang),
        "cluster": name,
        "lang": job.lang,
        "html_lang": html_lang(job.lang),
        "description": findings[0] if findings else "",
        "style": style(),
        "csv": f"{job.notebook}.csv",
        "ipynb": f"{job.notebook}.ipynb",
        "languages": [(lang, quote(f"../../{lang}/{job.folder}/{job.notebook}.html")) for lang in languages],
        "rendered": rendered,
        "text": {key: labels.text(f"report.{key}", job.lang) for key in _WORDS},
    }  # fmt: skip
    with _EXPORTER:
        body, _ = _exporter().from_notebook_node(notebook, resources={"page": page})
    return with_font(finished(_with_contents(str(body)), job.lang))


def title(notebook: str, lang: str) -> str:
    """Title of a notebook's reports; its name if it has none."""
    key = f"title.{notebook}"
    return labels.text(key, lang) if labels.has(key) else notebook


def html_lang(lang: str) -> str:
    """Language of a page as HTML names it."""
    return {"zh": "zh-Hans"}.get(lang, lang)


@cache
def style() -> str:
    """The style of pages."""
    return str(template_file("style.css").read_text(encoding="utf-8"))


def template_file(name: str) -> Any:
    """A file among the templates."""
    return resources.files("clusterlib.report").joinpath("templates").joinpath(name)


def templates() -> jinja2.BaseLoader:
    """Loader of the templates."""
    return jinja2.FileSystemLoader(str(template_file("")))


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(template_file(""))],
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


def with_font(page: str) -> str:
    """Embed the Chinese signs of a page, for machines without a font that has them."""
    return page.replace("/*font*/", fonts.face(page), 1)


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))
