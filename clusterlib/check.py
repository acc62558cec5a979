"""Is a data folder what its schema promises? All faults in one list.

frictionless checks what data/datapackage.json can say (types, required cells, keys, foreign keys); this module
adds what it cannot: interval order, units against indicators, printed words against intervals, places in the source.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from clusterlib import paths
from clusterlib.errors import DataError, Fault, InputError
from clusterlib.printed import RULES, read

#: Flag -> what it says. Figures with a flag of `UNUSABLE` are shown, and enter no calculation.
FLAGS = {
    "year_in_place_of_number": "a year stands where another number stood",
    "period_lost": "the period is stripped or overwritten",
    "orphan_fragment": "the words around it are gone",
    "precision_break": "rounded more coarsely than its neighbours",
    "part_exceeds_whole": "a part is larger than its whole",
    "qualifiers_clash": "two qualifiers contradict each other",
    "scope_unclear": "who is counted is not said",
}
UNUSABLE = frozenset({"year_in_place_of_number", "orphan_fragment", "part_exceeds_whole"})

_NUMERAL = {
    "integer": re.compile(r"-?[0-9]{1,18}"),
    "number": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?"),
}
#: Relative slack when a printed interval is compared with the one in the table (decimal text against binary).
SAME = 1e-9
TABLES = ("documents", "clusters", "indicators", "groups", "figures")


@cache
def schema() -> dict[str, Any]:
    """Read the packaged datapackage.json: the schema of every study."""
    described: dict[str, Any] = json.loads((paths.DATA / "datapackage.json").read_text(encoding="utf-8"))
    return described


def fields(table: str) -> dict[str, dict[str, Any]]:
    """Columns of a table in the order of the schema, with their descriptions."""
    for resource in schema()["resources"]:
        if resource["name"] == table:
            return {field["name"]: field for field in resource["schema"]["fields"]}
    raise KeyError(table)


def check(folder: Path, source: Path | None = None) -> list[Fault]:
    """List every fault of a data folder, in the order of file, line and column.

    Parameters
    ----------
    folder : Path
        A folder with the five tables.
    source : Path, optional
        The file that holds the documents. With it, its SHA-256 and the place of every printed figure are checked.

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
    tables: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for name in TABLES:
        stops = list(_unreadable(folder / f"{name}.csv", name))
        faults += stops
        if not stops:
            headers[name], tables[name] = _rows(folder / f"{name}.csv")
    faults += _against_schema(folder, headers)
    bad_rows: set[tuple[str, int | None]] = {(fault.file, fault.row) for fault in faults}
    for name, rows in tables.items():
        for fault in _numeral_faults(name, rows):
            if (fault.file, fault.row, fault.column) not in {(each.file, each.row, each.column) for each in faults}:
                faults.append(fault)
            bad_rows.add((fault.file, fault.row))
    if "figures" in tables:
        units = {row["indicator"]: row for _, row in tables.get("indicators", [])}
        documents = {row["document"]: row for _, row in tables.get("documents", [])}
        figures = {row["figure"]: row for _, row in tables["figures"]}
        for line, row in tables["figures"]:
            if ("figures.csv", line) in bad_rows:
                continue
            for column, found, allowed in _figure_faults(row, units, documents, figures):
                faults.append(Fault("figures.csv", line, column, found, allowed))
    if source is not None:
        faults += _against_source(source, tables, bad_rows)
    return sorted(faults, key=lambda fault: (fault.file, fault.row or 0, fault.column))


def require_sound(folder: Path) -> None:
    """Raise a `DataError` that lists all faults, if there are any."""
    if faults := check(folder):
        raise DataError(folder, faults)


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the tables in a folder."""
    total = hashlib.sha256()
    for name in TABLES:
        path = folder / f"{name}.csv"
        total.update(name.encode())
        total.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return total.hexdigest()


def _unreadable(path: Path, table: str) -> Iterator[Fault]:
    """What stops a file from being read as a table at all."""
    known = fields(table)
    if not path.is_file():
        yield Fault(path.name, None, "", "no such file", f"a CSV file with the columns {', '.join(_required(known))}")
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
    for column in _required(known):
        if column not in header:
            yield Fault(path.name, None, column, "no such column", f"the column {column}")
    for column in header:
        if column not in known or header.count(column) > 1:
            found = "the column twice" if column in known else f"the unknown column {column!r}"
            yield Fault(path.name, None, column, found, ", ".join(known))


def _required(known: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, field in known.items() if field.get("constraints", {}).get("required")]


def _against_schema(folder: Path, headers: dict[str, list[str]]) -> Iterator[Fault]:
    """Faults that frictionless finds in the readable tables, each against the columns it has."""
    from frictionless import Package

    resources = []
    for resource in schema()["resources"]:
        header = headers.get(resource["name"])
        if header is None:
            continue
        described = {field["name"]: field for field in resource["schema"]["fields"]}
        links = [
            link
            for link in resource["schema"].get("foreignKeys", [])
            if set(link["fields"]) <= set(header) and (link["reference"]["resource"] or resource["name"]) in headers
        ]
        shape = {**resource["schema"], "fields": [described[name] for name in header], "foreignKeys": links}
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
        case "foreign-key":
            column, value, lookup = _foreign(note)
            return Fault(file, row, column, value, f"a key of {lookup}")
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
    if "minimum" in rules:
        parts.append(f"at least {rules['minimum']}")
    return "; ".join(parts) or "not blank"


def _foreign(note: str) -> tuple[str, str, str]:
    quoted = note.split('"')
    if len(quoted) >= 6:
        return quoted[1], repr(quoted[3]), f"{quoted[5]}.csv" if quoted[5] else "this file"
    return "", note, "the table it refers to"


def _numeral_faults(table: str, rows: list[tuple[int, dict[str, str]]]) -> Iterator[Fault]:
    """Numbers that some readers take and others do not: full-width digits, digits with underscores."""
    numeric = {name: field["type"] for name, field in fields(table).items() if field["type"] in ("number", "integer")}
    for line, row in rows:
        for column, kind in numeric.items():
            cell = row.get(column, "")
            if cell and not _NUMERAL[kind].fullmatch(cell):
                yield Fault(f"{table}.csv", line, column, repr(cell), f"{_article(kind)} in plain digits, or blank")


def _rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows = [(reader.line_num, {k: v or "" for k, v in row.items() if k}) for row in reader]
        return list(reader.fieldnames or []), rows


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


Complaint = tuple[str, str, str]


def _figure_faults(
    row: dict[str, str],
    indicators: dict[str, dict[str, str]],
    documents: dict[str, dict[str, str]],
    figures: dict[str, dict[str, str]],
) -> Iterator[Complaint]:
    value, low, high = (_number(row[column]) for column in ("value", "low", "high"))
    yield from _interval_faults(row["rule"], value, low, high)
    yield from _share_faults(row, low, high)
    if unknown_flags := set(row.get("flag", "").split()) - set(FLAGS):
        yield "flag", repr(" ".join(sorted(unknown_flags))), "any of " + ", ".join(FLAGS)
    yield from _unit_faults(row, indicators)
    yield from _threshold_faults(row)
    start, end = int(row["start"]), int(row["end"])
    if end - start != len(row["printed"]):
        yield "end", f"{end - start} characters from start to end", f"{len(row['printed'])}, as many as printed has"
    document = documents.get(row["document"])
    if document and document["start"].isdigit() and document["end"].isdigit():
        first, last = int(document["start"]), int(document["end"])
        if not first <= start <= end <= last:
            yield "start", f"{start} to {end}", f"inside the document, {first} to {last}"
    if row["status"] == "restated":
        again = figures.get(row.get("restates", ""))
        if again is None or again["status"] == "restated":
            yield "restates", repr(row.get("restates", "")), "the figure that is said again, itself not a restatement"
    elif row.get("restates"):
        yield "restates", repr(row["restates"]), "blank unless the status is restated"
    yield from _reading_faults(row, indicators, value, low, high)


def _interval_faults(rule: str, value: float | None, low: float | None, high: float | None) -> Iterator[Complaint]:
    if any(number is not None and not math.isfinite(number) for number in (value, low, high)):
        yield "value", "nan or an infinity", "finite numbers; blank is unbounded or unreadable"
    if low is not None and high is not None and low > high:
        yield "low", f"low {low:g} above high {high:g}", "low <= high; swap them?"
    elif rule in ("exact", "rounded", "zero") and value is not None:
        if low is None or high is None:
            yield "low", "a blank end", f"both ends, rule {rule} bounds the figure on both sides"
        elif not low <= value <= high:
            yield "value", f"{value:g} outside {low:g} to {high:g}", f"low <= value <= high for rule {rule}"


def _share_faults(row: dict[str, str], low: float | None, high: float | None) -> Iterator[Complaint]:
    if row["kind"] != "share":
        return
    if (low is not None and low < 0) or (high is not None and high > 100):
        yield "low", f"{row['low']} to {row['high']}", "a share between 0 and 100 percent"
    if not row.get("denominator"):
        yield "denominator", "nothing", "of what it is a share"


def _unit_faults(row: dict[str, str], indicators: dict[str, dict[str, str]]) -> Iterator[Complaint]:
    indicator = indicators.get(row["indicator"])
    if indicator is None:
        return
    allowed = {"share": ["percent"], "growth_rate": ["percent/year", "percent"]}.get(
        row["kind"], indicator["units"].split()
    )
    if row["unit"] not in allowed:
        yield "unit", repr(row["unit"]), f"{' or '.join(allowed)} for a {row['kind']} of {row['indicator']}"


def _threshold_faults(row: dict[str, str]) -> Iterator[Complaint]:
    has = bool(row.get("threshold"))
    if (row["kind"] == "threshold_count") != has:
        yield "threshold", repr(row.get("threshold", "")), "a number for a threshold_count, blank for every other kind"
    if has and not row.get("threshold_unit"):
        yield "threshold_unit", "nothing", "the unit of the threshold"
    if row.get("threshold_rule", "") not in ("", "at_least", "above"):
        yield "threshold_rule", repr(row["threshold_rule"]), "at_least or above"
    if bool(row.get("threshold_printed")) != bool(row.get("threshold_start")):
        yield "threshold_start", repr(row.get("threshold_start", "")), "a place if the threshold is printed, else blank"


def _reading_faults(
    row: dict[str, str],
    indicators: dict[str, dict[str, str]],
    value: float | None,
    low: float | None,
    high: float | None,
) -> Iterator[Complaint]:
    """Does the interval follow from the printed words? A blank value is a printed figure that cannot be read."""
    indicator = indicators.get(row["indicator"])
    if indicator is None or value is None or (row["rule"] == "fraction" and low is None and high is None):
        return
    share = row["kind"] == "share"
    counted = indicator["unit_family"] == "count" and row["kind"] not in ("share", "growth_rate")
    try:
        reading = read(row["printed"], counted=counted, share=share, exact=row["rule"] == "exact")
    except InputError:
        yield "printed", repr(row["printed"]), "a number with its qualifier and unit, such as 2００多家"
        return
    if reading.rule != row["rule"]:
        yield "rule", row["rule"], f"{reading.rule} for {row['printed']} ({RULES[reading.rule]})"
        return
    for column, given, expected in (
        ("value", value, reading.value),
        ("low", low, reading.low),
        ("high", high, reading.high),
    ):
        blank = not math.isfinite(expected)
        if (given is None) != blank or (given is not None and not math.isclose(given, expected, rel_tol=SAME)):
            yield (
                column,
                repr(row[column]),
                f"{'blank' if blank else f'{expected:.15g}'}, by rule {row['rule']} for {row['printed']}",
            )


def _against_source(
    source: Path, tables: dict[str, list[tuple[int, dict[str, str]]]], bad_rows: set[tuple[str, int | None]]
) -> Iterator[Fault]:
    try:
        content = source.read_bytes()
        text = content.decode("utf-8")
    except OSError as error:
        raise InputError(f"source: given {str(source)!r}; allowed: a readable file ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(
            f"source: given {str(source)!r}, which is not UTF-8; allowed: the file the offsets refer to"
        ) from None
    actual = hashlib.sha256(content).hexdigest()
    here = {row["document"] for _, row in tables.get("documents", []) if row["sha256"] == actual}
    for line, row in tables.get("documents", []):
        if row["source"] == source.name and row["sha256"] != actual:
            yield Fault("documents.csv", line, "sha256", row["sha256"], f"{actual}, the digest of {source.name}")
    if not here:
        names = sorted({row["source"] for _, row in tables.get("documents", [])})
        if source.name not in names:
            yield Fault(
                "documents.csv", None, "source", f"no document with the digest of {source.name}", ", ".join(names)
            )
        here = {row["document"] for _, row in tables.get("documents", []) if row["source"] == source.name}
    for line, row in tables.get("figures", []):
        if row["document"] not in here or ("figures.csv", line) in bad_rows:
            continue
        places = [
            ("printed", row["start"], row["printed"]),
            ("threshold_printed", row.get("threshold_start", ""), row.get("threshold_printed", "")),
        ]
        for column, start, words in places:
            if words and start:
                stands = text[int(start) : int(start) + len(words)]
                if stands != words:
                    yield Fault(
                        "figures.csv",
                        line,
                        column,
                        repr(words),
                        f"{stands!r}, which stands at {start} in {source.name}",
                    )
        if row.get("line") and int(row["line"]) != text.count("\n", 0, int(row["start"])) + 1:
            expected = text.count("\n", 0, int(row["start"])) + 1
            yield Fault("figures.csv", line, "line", row["line"], f"{expected}, the line of character {row['start']}")
