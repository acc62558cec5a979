"""What was read in a document: every figure, what is flagged, sizes and their numbers, shares and their wholes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clusterlib.display import Cell, Data, Table
from clusterlib.marking import Mark, clean

if TYPE_CHECKING:  # the other pages need not wait for the reader
    from clusterlib.extraction import Candidate
    from clusterlib.marked import Extraction


def document_figures(found: Extraction) -> Table:
    """Every figure that was read, with interval, rule and line."""
    rows = [
        [
            Cell("", (mark,)),
            *_document(found, row),
            Cell(str(found.line(row)), numeric=True),
            Cell(mark.printed),
            Cell(mark.reading, numeric=True),
            Cell(found.about(row)),
            Cell(found.kind(row)),
            Cell(found.status(row)),
            Cell(found.rule(row)),
            Cell("!" if row.flag else ""),
        ]
        for mark, row in _pairs(found)
    ]
    keys = ("line", "printed", "interval", "noun", "kind", "status", "rule", "flag")
    return _table(found, "document_figures", rows, keys)


def document_flags(found: Extraction) -> Table:
    """Figures that carry a flag: what is wrong, and why."""
    rows = [
        [
            Cell("", (mark,)),
            *_document(found, row),
            Cell(mark.printed),
            Cell(found.flags(row)),
            Cell(found.why(row)),
        ]
        for mark, row in _pairs(found)
        if row.flag
    ]
    return _table(found, "document_flags", rows, ("printed", "flag", "why"))


def document_sizes(found: Extraction) -> Table:
    """Numbers of those at or above a size; several in one sentence are a series."""
    rows = []
    for number, series in enumerate(found.series(), 1):
        key = "series.falling" if found.falls(series) else "series.banded"
        name = found.words(key, number=str(number)) if len(series) > 1 else str(number)
        for index in series:
            row, mark = found.rows[index], found.marks[index]
            rows.append(
                [
                    Cell(name),
                    *_document(found, row),
                    Cell(found.size(row), numeric=True),
                    Cell(mark.reading, (mark,), numeric=True),
                    Cell(mark.printed),
                    Cell(found.about(row)),
                    Cell(found.status(row)),
                ]
            )
    return _table(found, "document_sizes", rows, ("size", "interval", "printed", "noun", "status"), first="series")


def document_shares(found: Extraction) -> Table:
    """Shares, what has them, and of which whole they are."""
    rows = [
        [
            Cell("", (mark,)),
            *_document(found, row),
            Cell(mark.printed),
            Cell(mark.reading, numeric=True),
            Cell(found.about(row)),
            Cell(clean(row.denominator)),
            Cell(found.status(row)),
        ]
        for mark, row in _pairs(found)
        if row.kind == "share"
    ]
    return _table(found, "document_shares", rows, ("printed", "interval", "noun", "whole", "status"))


def document_result(found: Extraction) -> Data:
    """All rows as `clusterlib extract` writes them, kept beside the page."""
    gap = "：" if found.lang == "zh" else ": "
    from clusterlib.extraction import output

    csv = output.table(found.rows, "csv").decode("utf-8")
    return Data(f"{found.words('table.document_result')}{gap}{len(found.rows)}", csv)


def _pairs(found: Extraction) -> Iterator[tuple[Mark, Candidate]]:
    return zip(found.marks, found.rows, strict=True)


def _document(found: Extraction, row: Candidate) -> list[Cell]:
    """Which document, where the file holds several."""
    return [Cell(clean(row.document))] if len(found.source.documents) > 1 else []


def _table(found: Extraction, name: str, rows: list[list[Cell]], keys: tuple[str, ...], first: str = "source") -> Table:
    several = ["document"] if len(found.source.documents) > 1 else []
    header = [found.words(f"column.{key}") for key in (first, *several, *keys)]
    caption, empty = found.words(f"table.{name}"), found.words(f"table.{name}.empty")
    return Table(caption, header, rows, found.words(f"note.{name}"), empty)
