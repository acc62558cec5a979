"""What a report depends on, as digests, and why it must be rendered: because one of them is not what it was."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from clusterlib import parameters
from clusterlib.report.plan import Job
from clusterlib.study import Study

#: Packages that what a reader sees passes through.
_DRAWING = (
    "fonttools", "ipykernel", "jinja2", "matplotlib", "mpl-font", "nbconvert", "numpy", "pandas", "papermill", "scipy",
    "seaborn",
)  # fmt: skip
_TYPESETTING = {"pdf": ("typst",), "docx": ("pypandoc-binary", "typst")}
#: Of the library: code, words, templates.
_SUFFIXES = {".py", ".csv", ".json", ".j2", ".css", ".typ", ".xml"}
#: Parameters that say where something is; what is there has a digest.
_PLACES = ("data", "file")


@cache
def library() -> str:
    """SHA-256 of the library's files, as they were when this process first asked."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in _SUFFIXES and relative.parts[0] != "_study":
            digest.update(f"{relative.as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def versions(formats: Sequence[str] = ()) -> dict[str, str]:
    """Versions of what draws a report, by package."""
    names = dict.fromkeys(name for each in formats for name in _TYPESETTING.get(each, ()))
    return {"python": platform.python_version(), **{name: _version(name) for name in [*_DRAWING, *names]}}


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def reads(job: Job) -> str:
    """What of a study a report can read: ``cluster`` or ``study``."""
    return parameters.reads(job.path) if job.cluster else "study"


def read(job: Job, study: Study) -> Study:
    """The part of a study that a report can read: all it may depend on."""
    return study.within(job.cluster) if reads(job) == "cluster" else study


def of(job: Job, part: Study, languages: Sequence[str], formats: Sequence[str]) -> dict[str, Any]:
    """All that one report depends on.

    Parameters
    ----------
    job : Job
        Which report.
    part : Study
        What it reads.
    languages : sequence of str
        Other languages that it links to.
    formats : sequence of str
        What is made of it.

    Returns
    -------
    dict
        Digests of ``notebook``, ``data``, ``library``; ``parameters``, ``links`` and ``versions`` themselves.
    """
    about = {"name": job.document.path.name, "digest": job.document.digest} if job.document else {"digest": part.digest}
    return {
        "notebook": notebook(job.path),
        "parameters": {name: value for name, value in job.parameters.items() if name not in _PLACES},
        "data": hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest(),
        "library": library(),
        "links": list(languages),
        "versions": versions(formats),
    }


def notebook(path: Path) -> str:
    """SHA-256 of what a notebook does: not of outputs, counts and ids, which change whenever somebody opens it."""
    cells = [
        (cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("tags", []))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    ]
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()


def changed(now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """What is not as it was, in words; "" if all is."""
    words = [f"{name} changed" for name in ("notebook", "data", "library", "links") if now[name] != before.get(name)]
    for name, values in (("parameters", now["parameters"]), ("versions", now["versions"])):
        old = before.get(name)
        old = old if isinstance(old, Mapping) else {}
        words += [
            f"{each} {_shown(old.get(each))} -> {_shown(values.get(each))}"
            for each in dict.fromkeys([*values, *old])
            if values.get(each) != old.get(each)
            # Other formats than before bring other programs with them.
            and not (name == "versions" and (each in values) != (each in old))
        ]
    return ", ".join(words)


def _shown(value: object) -> str:
    return "none" if value in (None, "") else str(value)
