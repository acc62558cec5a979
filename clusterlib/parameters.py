"""The parameters of the notebooks: what each takes, and whether a value may be used. Nothing starts before they fit."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from clusterlib import paths
from clusterlib.analysis import ASSUME, READ_AS
from clusterlib.errors import InputError, unknown
from clusterlib.labels import LANGS
from clusterlib.measures.performance import REFERENCES
from clusterlib.study import Study

#: Parameter -> the values it may have, where they are few.
CHOICES: dict[str, tuple[str, ...]] = {"lang": LANGS, "assume": ASSUME, "reference": REFERENCES, "reading": READ_AS}
#: Parameter -> (lowest, highest, whether the ends are allowed).
RANGES: dict[str, tuple[float, float, bool]] = {
    "n_firms": (0, 1_000_000, True),
    "top": (0, 1, False),
    "cap": (0, 1e15, True),
    "largest": (1, 1000, True),
    "seed": (0, 2**31 - 1, True),
    "replications": (1, 100_000, True),
    "margin": (0, 0.99, True),
    "extreme": (0, 0.5, True),
    "rate_low": (0.01, 1000, True),
    "rate_high": (0.01, 1000, True),
    "baseline": (0, 1e15, True),
    "years": (1, 100, True),
    "above_scale": (1, 1e15, True),
}
#: Parameters of which the first may not exceed the second.
ORDERED = (("rate_low", "rate_high"),)
#: Tag of the parameters cell of a notebook that sees one cluster of a study only.
READS_CLUSTER = "reads-cluster"
_TYPES = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One parameter, as the notebook's parameters cell declares it.

    Attributes
    ----------
    name : str
        Its name.
    type : str
        ``str``, ``int``, ``float`` or ``bool``.
    default : object
        Its default.
    help : str
        The comment behind it.
    """

    name: str
    type: str
    default: object
    help: str


def notebook_path(notebook: str, folder: Path | None = None) -> Path:
    """Path of a notebook by its name, such as ``02_concentration``; InputError if there is none."""
    folder = folder or paths.NOTEBOOKS
    names = sorted(path.stem for path in folder.glob("*.ipynb"))
    if notebook not in names:
        raise unknown("notebook", notebook, names)
    return folder / f"{notebook}.ipynb"


def declared(path: Path) -> dict[str, Parameter]:
    """Read the parameters of a notebook from its cell tagged ``parameters``, without running it.

    Raises
    ------
    InputError
        If the file is no notebook or the cell holds anything but lines ``name: type = default  # help``.
    """
    source, _ = _parameters_cell(path)
    lines = source.splitlines()
    parameters = {}
    try:
        nodes = ast.parse(source).body
    except SyntaxError as error:
        line = lines[(error.lineno or 1) - 1].strip()
        raise InputError(f"{path.name}: given {line!r} in the parameters cell; allowed: name: type = default") from None
    for node in nodes:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as value) if (
                kind in _TYPES
            ):
                help_text = lines[node.lineno - 1].partition("#")[2].strip()
                parameters[name] = Parameter(name, kind, ast.literal_eval(value), help_text)
            case _:
                raise InputError(
                    f"{path.name}: given {ast.unparse(node)!r} in the parameters cell; allowed: name: type = default"
                )
    return parameters


def reads(path: Path) -> Literal["cluster", "study"]:
    """What of a study a notebook sees, so that a renderer knows on which rows its report depends.

    Parameters
    ----------
    path : Path
        The notebook's file.

    Returns
    -------
    {"cluster", "study"}
        ``cluster`` if its parameters cell is tagged ``reads-cluster`` as well: its page has `Study.within` the cluster.
        ``study`` if it is not: the whole study, as a notebook needs that holds clusters against each other.

    Raises
    ------
    InputError
        If the file is no notebook, or has not one cell tagged ``parameters``.

    Examples
    --------
    >>> reads(notebook_path("01_figures")), reads(notebook_path("07_comparison"))
    ('cluster', 'study')
    """
    _, tags = _parameters_cell(path)
    return "cluster" if READS_CLUSTER in tags else "study"


def check(
    notebook: str, given: Mapping[str, Any], study: Study | None = None, folder: Path | None = None
) -> dict[str, Any]:
    """Check parameters against a notebook and a study; return all of them, defaults filled in.

    A notebook about a document, which has no parameter `cluster`, needs no study.

    Raises
    ------
    InputError
        If a name is unknown, a value has another type, or is outside what is allowed; the message names the
        allowed ones.
    """
    parameters = declared(notebook_path(notebook, folder))
    for name in given:
        if name not in parameters:
            raise unknown(f"parameter of {notebook}", name, parameters)
    values = {name: given.get(name, parameter.default) for name, parameter in parameters.items()}
    for name, value in values.items():
        _check_value(notebook, parameters[name], value, study)
    for low, high in ORDERED:
        if low in values and values[low] > values[high]:
            raise InputError(
                f"{notebook}, {low}: given {values[low]!r} above {high} {values[high]!r}; allowed: {low} <= {high}"
            )
    return values


def _parameters_cell(path: Path) -> tuple[str, list[str]]:
    """Source and tags of the one cell tagged ``parameters``."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"notebook: given {path.name}; allowed: a readable .ipynb file") from None
    tagged = [(cell, cell.get("metadata", {}).get("tags", [])) for cell in cells]
    found = [("".join(cell["source"]), list(tags)) for cell, tags in tagged if "parameters" in tags]
    if len(found) != 1:
        raise InputError(f"{path.name}: given {len(found)} cells tagged parameters; allowed: one")
    return found[0]


def _check_value(notebook: str, parameter: Parameter, value: object, study: Study | None) -> None:
    name, kind = parameter.name, _TYPES[parameter.type]
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not fits and not (kind is float and isinstance(value, int) and not isinstance(value, bool)):
        raise InputError(f"{notebook}, {name}: given {value!r}; allowed: {parameter.type} ({parameter.help})")
    if study and name == "cluster" and value not in set(study.reported):
        raise unknown("cluster", value, study.reported)
    if study and name == "period" and value and value not in set(study.figures["period"]):
        raise unknown("period", value, sorted(set(study.figures["period"]) - {""}))
    if name == "n_firms" and value == 1:
        raise InputError(f"{notebook}, {name}: given 1; allowed: 0 (unknown), or from 2")
    if name in CHOICES and value not in CHOICES[name]:
        raise unknown(name, value, CHOICES[name])
    if name in RANGES and isinstance(value, int | float):
        low, high, closed = RANGES[name]
        if not (low <= value <= high if closed else low < value < high):
            span = f"from {low:g} to {high:g}" if closed else f"above {low:g} and below {high:g}"
            raise InputError(f"{notebook}, {name}: given {value!r}; allowed: {span}")
