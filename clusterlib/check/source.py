"""Do the words of a study stand where it says? Against the file that holds the documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from clusterlib.check.files import Line
from clusterlib.check.schema import STATEMENTS
from clusterlib.errors import Fault


def against_source(
    source: Path, tables: Mapping[str, Sequence[Line]], bad_rows: set[tuple[str, int | None]]
) -> Iterator[Fault]:
    """Faults of the places in all tables, and of the file's SHA-256."""
    text, actual = _read(source)
    documents = [row for _, row in tables.get("documents", [])]
    here = {row["document"] for row in documents if row["sha256"] == actual}
    for line, row in tables.get("documents", []):
        if row["source"] == source.name and row["sha256"] != actual:
            yield Fault("documents.csv", line, "sha256", row["sha256"], f"{actual}, the digest of {source.name}")
    if not here:
        names = sorted({row["source"] for row in documents})
        if source.name not in names:
            yield Fault(
                "documents.csv", None, "source", f"no document with the digest of {source.name}", ", ".join(names)
            )
        here = {row["document"] for row in documents if row["source"] == source.name}
    for table in ("figures", *STATEMENTS):
        for line, row in tables.get(table, []):
            file = f"{table}.csv"
            if row["document"] not in here or (file, line) in bad_rows:
                continue
            for column, found, allowed in _misplaced(table, row, text):
                yield Fault(file, line, column, found, f"{allowed} in {source.name}" if column != "line" else allowed)


def _read(source: Path) -> tuple[str, str]:
    """The text that the places count in, and the digest of the file."""
    from clusterlib.extraction.documents import read_source

    text = read_source(source).text
    return text, hashlib.sha256(source.read_bytes()).hexdigest()


def _misplaced(table: str, row: dict[str, str], text: str) -> Iterator[tuple[str, str, str]]:
    start = int(row["start"])
    if table == "figures":
        places = [
            ("printed", row["start"], row["printed"]),
            ("threshold_printed", row.get("threshold_start", ""), row.get("threshold_printed", "")),
        ]
        for column, first, words in places:
            if words and first:
                stands = text[int(first) : int(first) + len(words)]
                if stands != words:
                    yield column, repr(words), f"{stands!r}, which stands at {first}"
    elif row.get("term") and row["term"] not in text[start : int(row["end"])]:
        yield "term", repr(row["term"]), f"a term that stands between {start} and {row['end']}"
    if row.get("line") and int(row["line"]) != text.count("\n", 0, start) + 1:
        yield "line", row["line"], f"{text.count(chr(10), 0, start) + 1}, the line of character {start}"
