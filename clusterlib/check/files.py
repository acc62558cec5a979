"""Can a file be read as a table, and is it what the schema says? Faults by file, line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from clusterlib.check.schema import fields, required, schema
from clusterlib.errors import Fault

_NUMERAL = {
    "integer": re.compile(r"-?[0-9]{1,18}"),
    "number": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?"),
}
#: One row of a table with its line in the file.
Line = tuple[int, dict[str, str]]


def unreadable(path: Path, table: str) -> Iterator[Fault]:
    """What stops a file from being read as a table at all."""
    known = fields(table)
    if not path.is_file():
        yield Fault(path.name, None, "", "no such file", f"a CSV file with the columns {', '.join(required(known))}")
        return
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Fault(
            path.name,
            None,
            "",
            f"text that is not UTF-8 (byte {error.start})",
            "UTF-8, with or without byte order mark",
        )
        return
    if control := re.search(r"[^\S\n\r\t ]|[\x00-\x08\x0e-\x1f\x7f]", text.replace("\u3000", " ").replace("\xa0", " ")):
        line = text.count("\n", 0, control.start()) + 1
        yield Fault(
            path.name, line, "", f"the control character {control.group()!r}", "text without control characters"
        )
        return
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(reader, [])
        last = reader.line_num
        for _ in reader:
            if reader.line_num > last + 1:
                yield Fault(
                    path.name,
                    last + 1,
                    "",
                    "a cell that runs over several lines",
                    "one row a line; is a quotation mark left open?",
                )
                return
            last = reader.line_num
    except csv.Error as error:
        yield Fault(
            path.name,
            reader.line_num,
            "",
            str(error),
            "comma-separated text, quotation marks doubled inside a quoted cell",
        )
        return
    for column in required(known):
        if column not in header:
            yield Fault(path.name, None, column, "no such column", f"the column {column}")
    for column in header:
        if column not in known or header.count(column) > 1:
            found = "the column twice" if column in known else f"the unknown column {column!r}"
            yield Fault(path.name, None, column, found, ", ".join(known))


def rows(path: Path) -> tuple[list[str], list[Line]]:
    """Header and rows of a readable table, blank cells as empty text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        lines = [(reader.line_num, {k: v or "" for k, v in row.items() if k}) for row in reader]
        return list(reader.fieldnames or []), lines


def against_schema(folder: Path, headers: dict[str, list[str]]) -> Iterator[Fault]:
    """Faults that frictionless finds in the readable tables, each against the columns it has."""
    from frictionless import Package

    resources = []
    for resource in schema()["resources"]:
        header = headers.get(resource["name"])
        if header is None:
            continue
        described = {field["name"]: field for field in resource["schema"]["fields"]}
        # Foreign keys are checked below: frictionless reads the table they lead to again for each of them.
        shape = {**resource["schema"], "fields": [described[name] for name in header], "foreignKeys": []}
        resources.append({**resource, "encoding": "utf-8-sig", "schema": shape})
    if not resources:
        return
    for task in Package.from_descriptor({**schema(), "resources": resources}, basepath=str(folder)).validate().tasks:
        file, width = f"{task.name}.csv", len(headers[task.name])
        cut = {error.row_number for error in task.errors if error.type in ("missing-cell", "extra-cell")}
        for number in sorted(cut):
            yield Fault(file, number, "", "another number of cells than the header has", f"{width} cells")
        for error in task.errors:
            found = error.to_descriptor()
            if (number := found.get("rowNumber")) is None or number not in cut:
                yield _schema_fault(file, task.name, number, found)


def foreign_faults(tables: Mapping[str, Sequence[Line]]) -> Iterator[Fault]:
    """Cells that should name a row of another table, or of their own, and do not."""
    for resource in schema()["resources"]:
        name = resource["name"]
        for link in resource["schema"].get("foreignKeys", []):
            (column,), (key,) = link["fields"], link["reference"]["fields"]
            target = link["reference"]["resource"] or name
            if name not in tables or target not in tables:
                continue
            keys = {row.get(key, "") for _, row in tables[target]}
            for line, row in tables[name]:
                cell = row.get(column, "")
                if cell and cell not in keys:
                    near = get_close_matches(cell, keys, 1)
                    hint = f" (did you mean {near[0]!r}?)" if near else ""
                    yield Fault(f"{name}.csv", line, column, repr(cell), f"a key of {target}.csv{hint}")


def numeral_faults(table: str, rows: list[Line]) -> Iterator[Fault]:
    """Numbers that some readers take and others do not: full-width digits, digits with underscores."""
    numeric = {name: field["type"] for name, field in fields(table).items() if field["type"] in ("number", "integer")}
    for line, row in rows:
        for column, kind in numeric.items():
            cell = row.get(column, "")
            if cell and not _NUMERAL[kind].fullmatch(cell):
                yield Fault(f"{table}.csv", line, column, repr(cell), f"{_article(kind)} in plain digits, or blank")


def _schema_fault(file: str, table: str, row: int | None, error: dict[str, Any]) -> Fault:
    column = error.get("fieldName", "")
    note = error.get("note", "") or error.get("message", "")
    cell = error.get("cell")
    known = fields(table)
    match error["type"]:
        case "type-error":
            allowed = {"boolean": "yes or no"}.get(
                known[column]["type"], f"{_article(known[column]['type'])}, or blank"
            )
            return Fault(file, row, column, repr(cell), allowed)
        case "constraint-error":
            return Fault(
                file, row, column, "nothing" if cell in ("", "None", None) else repr(cell), _allowed(known[column])
            )
        case "primary-key":
            return Fault(file, row, next(iter(known)), "a key that stands above or is missing", "each key once")
        case "blank-row":
            return Fault(file, row, "", "a blank line", "one row a line")
        case _:
            return Fault(file, row, column, note, "what data/datapackage.json describes")


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _allowed(field: dict[str, Any]) -> str:
    rules = field.get("constraints", {})
    parts = []
    if "enum" in rules:
        parts.append("one of " + ", ".join(rules["enum"]))
    if "pattern" in rules:
        parts.append(f"text that matches {rules['pattern']}")
    for rule, words in (("minimum", "at least {}"), ("maximum", "at most {}"), ("maxLength", "at most {} characters")):
        if rule in rules:
            parts.append(words.format(rules[rule]))
    return "; ".join(parts) or "not blank"
