"""What to render: reports/plan.toml times clusters, or documents, times languages.

Every parameter is checked, and every document read, before a kernel starts.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterlib import parameters, paths
from clusterlib.errors import InputError, unknown
from clusterlib.extraction.documents import read_source
from clusterlib.labels import LANGS
from clusterlib.study import REPORTED, Study

_KEYS = {"notebook": str, "clusters": list, "kinds": list, "files": list, "languages": list, "parameters": dict}
_NAMES = {str: "text", list: "a list", dict: "a table"}
#: Parameters that the plan itself sets.
_OWN = {"cluster": "clusters", "lang": "languages", "data": "the option --data", "file": "files"}
#: Names that some system keeps for devices, and signs of a slug at most.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])")
_LONGEST = 60


@dataclass(frozen=True)
class Document:
    """A file that a report is about.

    Attributes
    ----------
    path : Path
        Where it is.
    slug : str
        Its name as a folder, unique in a plan.
    digest : str
        SHA-256 of the file.
    """

    path: Path
    slug: str
    digest: str


@dataclass(frozen=True)
class Job:
    """One report to render.

    Attributes
    ----------
    notebook, cluster, lang : str
        What it shows; a report about a document has no cluster.
    path : Path
        The notebook's file.
    parameters : dict
        All parameters of the notebook, checked.
    document : Document, optional
        The document that it is about, if it is about one.
    """

    notebook: str
    cluster: str
    lang: str
    path: Path
    parameters: dict[str, Any] = field(repr=False)
    document: Document | None = None

    @property
    def folder(self) -> str:
        """What it is about, as the name of a folder."""
        return self.document.slug if self.document else self.cluster

    @property
    def key(self) -> str:
        """Where the report stands below the output folder, without a suffix."""
        return f"{self.lang}/{self.folder}/{self.notebook}"


def jobs(
    plan: Path,
    study: Study,
    *,
    notebooks: Sequence[str] = (),
    clusters: Sequence[str] = (),
    languages: Sequence[str] = (),
    files: Sequence[str | Path] = (),
    data: str = "",
    folder: Path | None = None,
) -> list[Job]:
    """Read a plan as a list of jobs.

    Parameters
    ----------
    plan : Path
        A TOML file of ``[[report]]`` tables: ``notebook``, and optionally ``clusters``, or ``kinds`` of clusters
        (``cluster`` unless it says ``model`` as well), ``languages``, ``parameters``. A notebook about a document has
        ``files`` instead of clusters, as paths from the folder of the plan (of the packaged one: from `paths.ROOT`).
    study : Study
        The data: it says which clusters there are.
    notebooks, clusters, languages : sequence of str, default all
        Only these; where clusters are named, no report about a document.
    files : sequence of str or Path, default those of the plan
        Documents to report on, instead of those of the plan; then no report about a cluster, unless clusters are named.
    data : str, default ""
        Data folder to pass to the notebooks; "" is the packaged study.
    folder : Path, optional
        Where the notebooks are; by default those of the library.

    Raises
    ------
    InputError
        If the plan cannot be read, or names something that does not exist, or a document cannot be read.
    """
    entries = _entries(plan)
    planned = list(dict.fromkeys(entry["notebook"] for entry in entries))
    _known("notebook of the plan", notebooks, planned)
    _known("cluster", clusters, study.reported)
    _known("language", languages, LANGS)
    found: dict[str, Job] = {}
    documents = _Documents(plan)
    for entry in entries:
        notebook = entry["notebook"]
        path = parameters.notebook_path(notebook, folder)
        _known("cluster", entry.get("clusters", []), study.reported)
        _known("kind of cluster", entry.get("kinds", []), REPORTED)
        _known("language", entry.get("languages", []), LANGS)
        if notebooks and notebook not in notebooks:
            continue
        reads = "file" in parameters.declared(path)
        for key in ("clusters", "kinds") if reads else ("files",):
            if key in entry:
                allowed = "files" if reads else "clusters"
                raise InputError(f"{plan.name}, {notebook}: given {key}; allowed: {allowed}")
        about: list[tuple[str, Document | None]]
        if reads and (files or not clusters):
            about = [("", document) for document in documents.of(entry, files)]
        elif not reads and (clusters or not files):
            named = entry.get("clusters") or study.of_kind(*entry.get("kinds", ["cluster"]))
            about = [(cluster, None) for cluster in named if not clusters or cluster in clusters]
        else:
            about = []
        for cluster, document in about:
            for lang in entry.get("languages") or LANGS:
                if languages and lang not in languages:
                    continue
                subject = {"file": str(document.path)} if document else {"cluster": cluster, "data": data}
                given = {**entry.get("parameters", {}), **subject, "lang": lang}
                checked = parameters.check(notebook, given, study, folder)
                job = Job(notebook, cluster, lang, path, checked, document)
                if job.key in found:
                    raise InputError(f"{plan.name}: given {job.key} twice; allowed: each report once")
                found[job.key] = job
    if not found:
        raise InputError(
            f"{plan.name}: given no report for the clusters, files and languages named; allowed: at least one (a "
            "cluster of kind model has the reports that name its kind, a file those that have `files`)"
        )
    return list(found.values())


def slug(name: str) -> str:
    """The stem of a file as the name of a folder that any system can hold.

    >>> slug("石狮 服装/报告(终稿)"), slug("../.."), slug("CON")
    ('石狮-服装-报告-终稿', 'document', 'document-con')
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())
    safe = "-".join(words)[:_LONGEST].strip("-_") or "document"
    return f"document-{safe}" if _DEVICES.fullmatch(safe) else safe


class _Documents:
    """The documents of a plan: each read once, each with a name of its own."""

    def __init__(self, plan: Path) -> None:
        self._plan = plan
        self._base = paths.ROOT if plan.resolve() == paths.PLAN.resolve() else plan.resolve().parent
        self._known: dict[Path, Document] = {}

    def of(self, entry: dict[str, Any], files: Sequence[str | Path]) -> list[Document]:
        """Documents of an entry, or those given instead of them."""
        named = [Path(file).absolute() for file in files] or [self._base / file for file in entry.get("files", [])]
        if not named:
            raise InputError(f'{self._plan.name}, {entry["notebook"]}: given no file; allowed: files = ["report.txt"]')
        return [self._read(path) for path in named]

    def _read(self, path: Path) -> Document:
        place = path.resolve()
        if place not in self._known:
            read_source(path)  # raises where a kernel would fail later
            taken = {document.slug for document in self._known.values()}
            stem = slug(path.stem)
            name = next(each for each in _numbered(stem) if each not in taken)
            self._known[place] = Document(path, name, hashlib.sha256(path.read_bytes()).hexdigest())
        return self._known[place]


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in itertools.count(2))


def _entries(plan: Path) -> list[dict[str, Any]]:
    try:
        with plan.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise InputError(f"plan: given {str(plan)!r}; allowed: a readable file ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"plan: {plan.name} is not TOML ({error}); allowed: [[report]] tables") from None
    entries = content.get("report")
    if set(content) != {"report"} or not isinstance(entries, list) or not entries:
        raise InputError(
            f"{plan.name}: given {', '.join(content) or 'nothing'}; allowed: [[report]] tables, at least one"
        )
    for number, entry in enumerate(entries, 1):
        place = f"{plan.name}, report {number}"
        if not isinstance(entry, dict) or "notebook" not in entry:
            raise InputError(f'{place}: given no notebook; allowed: notebook = "name"')
        for key, value in entry.items():
            if key not in _KEYS:
                raise unknown(f"key of {place}", key, _KEYS)
            if not isinstance(value, _KEYS[key]):
                raise InputError(f"{place}, {key}: given {value!r}; allowed: {_NAMES[_KEYS[key]]}")
        if not all(isinstance(file, str) and file for file in entry.get("files", [])):
            raise InputError(f"{place}, files: given {entry['files']!r}; allowed: a list of paths")
        for name, instead in _OWN.items():
            if name in entry.get("parameters", {}):
                raise InputError(f"{place}, parameters: given {name}; allowed: {instead} instead")
    return entries


def _known(what: str, names: Sequence[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            raise unknown(what, name, allowed)
