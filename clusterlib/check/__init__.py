"""Is a data folder what its schema promises? All faults in one list.

frictionless checks what data/datapackage.json can say of one table (types, required cells, keys); the modules here add
foreign keys and what a schema cannot say: interval order, units against indicators, printed words against intervals,
places in the source, claims against what is to decide them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from clusterlib.check import files
from clusterlib.check.figures import FLAGS, UNUSABLE, figure_faults
from clusterlib.check.schema import ALL_TABLES, REFERS, STATEMENTS, TABLES, fields, schema
from clusterlib.check.source import against_source
from clusterlib.check.statements import statement_faults
from clusterlib.errors import DataError, Fault, InputError

__all__ = [
    "ALL_TABLES",
    "FLAGS",
    "STATEMENTS",
    "TABLES",
    "UNUSABLE",
    "check",
    "digest",
    "fields",
    "require_sound",
    "schema",
]


def check(folder: Path, source: Path | None = None) -> list[Fault]:
    """List every fault of a data folder, in the order of file, line and column.

    Parameters
    ----------
    folder : Path
        A folder with the five tables, and any of those of statements.
    source : Path, optional
        The file that holds the documents. With it, its SHA-256 and the place of every row are checked.

    Returns
    -------
    list of Fault
        Empty if the folder is sound.

    Raises
    ------
    InputError
        If `folder` is no folder, or `source` cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"data: given {str(folder)!r}; allowed: a folder with {', '.join(f'{t}.csv' for t in TABLES)}")
    faults: list[Fault] = []
    headers: dict[str, list[str]] = {}
    tables: dict[str, list[files.Line]] = {}
    for name in ALL_TABLES:
        path = folder / f"{name}.csv"
        if name in STATEMENTS and not path.exists():
            continue
        stops = list(files.unreadable(path, name))
        faults += stops
        if not stops:
            headers[name], tables[name] = files.rows(path)
    faults += files.against_schema(folder, headers)
    faults += files.foreign_faults(tables)
    for name, (column, other) in REFERS.items():
        named = any(row.get(column) for _, row in tables.get(name, []))
        if named and not (folder / f"{other}.csv").exists():
            faults.append(
                Fault(f"{name}.csv", None, column, f"no {other}.csv beside it", f"{other}.csv, to which it refers")
            )
    bad_rows: set[tuple[str, int | None]] = {(fault.file, fault.row) for fault in faults}
    for name, lines in tables.items():
        for fault in files.numeral_faults(name, lines):
            if (fault.file, fault.row, fault.column) not in {(each.file, each.row, each.column) for each in faults}:
                faults.append(fault)
            bad_rows.add((fault.file, fault.row))
    faults += _row_faults(tables, bad_rows)
    if source is not None:
        faults += against_source(source, tables, bad_rows)
    return sorted(faults, key=lambda fault: (fault.file, fault.row or 0, fault.column))


def require_sound(folder: Path) -> None:
    """Raise a `DataError` that lists all faults, if there are any."""
    if faults := check(folder):
        raise DataError(folder, faults)


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the tables in a folder."""
    total = hashlib.sha256()
    for name in ALL_TABLES:
        path = folder / f"{name}.csv"
        total.update(name.encode())
        total.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return total.hexdigest()


def _row_faults(tables: dict[str, list[files.Line]], bad_rows: set[tuple[str, int | None]]) -> list[Fault]:
    """Faults of single rows, where the row can be read at all."""
    indicators = {row["indicator"]: row for _, row in tables.get("indicators", [])}
    documents = {row["document"]: row for _, row in tables.get("documents", [])}
    figures = {row["figure"]: row for _, row in tables.get("figures", [])}
    faults = []
    for name in ("figures", *STATEMENTS):
        for line, row in tables.get(name, []):
            if (f"{name}.csv", line) in bad_rows:
                continue
            if name == "figures":
                complaints = figure_faults(row, indicators, documents, figures)
            else:
                complaints = statement_faults(name, row, tables)
            faults += [Fault(f"{name}.csv", line, *complaint) for complaint in complaints]
    return faults
