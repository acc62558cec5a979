"""What to render: reports/plan.toml times clusters times languages, every parameter checked before a kernel starts."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterlib import parameters
from clusterlib.errors import InputError, unknown
from clusterlib.labels import LANGS
from clusterlib.study import REPORTED, Study

_KEYS = {"notebook": str, "clusters": list, "kinds": list, "languages": list, "parameters": dict}
_NAMES = {str: "text", list: "a list", dict: "a table"}
#: Parameters that the plan itself sets.
_OWN = {"cluster": "clusters", "lang": "languages", "data": "the option --data"}


@dataclass(frozen=True)
class Job:
    """One report to render.

    Attributes
    ----------
    notebook, cluster, lang : str
        What it shows.
    path : Path
        The notebook's file.
    parameters : dict
        All parameters of the notebook, checked.
    """

    notebook: str
    cluster: str
    lang: str
    path: Path
    parameters: dict[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """Where the report stands below the output folder, without a suffix."""
        return f"{self.lang}/{self.cluster}/{self.notebook}"


def jobs(
    plan: Path,
    study: Study,
    *,
    notebooks: Sequence[str] = (),
    clusters: Sequence[str] = (),
    languages: Sequence[str] = (),
    data: str = "",
    folder: Path | None = None,
) -> list[Job]:
    """Read a plan as a list of jobs.

    Parameters
    ----------
    plan : Path
        A TOML file of ``[[report]]`` tables: ``notebook``, and optionally ``clusters``, or ``kinds`` of clusters
        (``cluster`` unless it says ``model`` as well), ``languages``, ``parameters``.
    study : Study
        The data: it says which clusters there are.
    notebooks, clusters, languages : sequence of str, default all
        Only these.
    data : str, default ""
        Data folder to pass to the notebooks; "" is the packaged study.
    folder : Path, optional
        Where the notebooks are; by default those of the library.

    Raises
    ------
    InputError
        If the plan cannot be read, or names something that does not exist.
    """
    entries = _entries(plan)
    planned = list(dict.fromkeys(entry["notebook"] for entry in entries))
    _known("notebook of the plan", notebooks, planned)
    _known("cluster", clusters, study.reported)
    _known("language", languages, LANGS)
    found: dict[str, Job] = {}
    for entry in entries:
        notebook = entry["notebook"]
        path = parameters.notebook_path(notebook, folder)
        _known("cluster", entry.get("clusters", []), study.reported)
        _known("kind of cluster", entry.get("kinds", []), REPORTED)
        _known("language", entry.get("languages", []), LANGS)
        if notebooks and notebook not in notebooks:
            continue
        for cluster in entry.get("clusters") or study.of_kind(*entry.get("kinds", ["cluster"])):
            for lang in entry.get("languages") or LANGS:
                if (clusters and cluster not in clusters) or (languages and lang not in languages):
                    continue
                given = {**entry.get("parameters", {}), "cluster": cluster, "lang": lang, "data": data}
                job = Job(notebook, cluster, lang, path, parameters.check(notebook, given, study, folder))
                if job.key in found:
                    raise InputError(f"{plan.name}: given {job.key} twice; allowed: each report once")
                found[job.key] = job
    if not found:
        raise InputError(
            f"{plan.name}: given no report for the clusters and languages named; allowed: at least one (a cluster of "
            "kind model has the reports that name its kind)"
        )
    return list(found.values())


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
        for name, instead in _OWN.items():
            if name in entry.get("parameters", {}):
                raise InputError(f"{place}, parameters: given {name}; allowed: {instead} instead")
    return entries


def _known(what: str, names: Sequence[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            raise unknown(what, name, allowed)
