"""From a text to rows: one candidate for every printed figure."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from clusterlib.extraction.figure import Figure
from clusterlib.extraction.flags import add_flags
from clusterlib.extraction.meaning import understand
from clusterlib.extraction.places import Places
from clusterlib.extraction.scan import folded, scan


@dataclass(frozen=True, slots=True)
class Candidate:
    """One printed figure as a row for review; blank cells are None.

    Attributes
    ----------
    document : str
        Which document.
    start, end : int
        Characters of `printed` in the text.
    printed : str
        As printed, with qualifier and unit.
    value, low, high : float or None
        In base units; None for an open end or no hard interval.
    unit, kind, status, rule : str
        As data/README.md defines them.
    threshold : float or None
        For a count or level of those at or above a size: the size in base units.
    threshold_unit, group, denominator, noun : str
        What the size measures, who is counted, the whole of a share, what is counted or measured, as printed.
    sentence_start, sentence_end : int
        Characters of the sentence around it.
    flag, note : str
        What is wrong with it, and why in words.
    """

    document: str
    start: int
    end: int
    printed: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    kind: str
    status: str
    rule: str
    threshold: float | None
    threshold_unit: str
    group: str
    denominator: str
    noun: str
    sentence_start: int
    sentence_end: int
    flag: str
    note: str


#: Columns of the table, in order.
COLUMNS = tuple(field.name for field in fields(Candidate))


def figures(text: str, document: str = "") -> list[Candidate]:
    """Read the printed figures of a text.

    Parameters
    ----------
    text : str
        Chinese prose, as it is.
    document : str, default ""
        Key to write into the rows.

    Returns
    -------
    list of Candidate
        In the order of the text; ``text[row.start:row.end] == row.printed``.

    Examples
    --------
    >>> for row in figures("全镇有企业２００多家，其中年销售５００万元以上的企业30家。"):
    ...     print(row.printed, row.unit, row.low, row.high, row.rule, row.threshold)
    ２００多家 firm 201.0 299.0 more_than None
    30家 firm 30.0 30.0 exact 5000000.0
    """
    with _no_collection():
        plain = folded(text)
        places = Places.of(plain)
        found = understand(plain, list(scan(plain)), places)
        add_flags(plain, found, places)
        return [_row(text, document, figure) for figure in found]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare the search for cycles, of which none are made: it costs a third of the time on a long text."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _row(text: str, document: str, figure: Figure) -> Candidate:
    token, reading = figure.token, figure.reading
    return Candidate(
        document, token.start, token.end, text[token.start : token.end],
        reading.value, _cell(reading.low), _cell(reading.high),
        figure.unit, figure.kind, figure.status, reading.rule,
        _cell(figure.threshold), figure.threshold_unit, figure.group, figure.denominator, figure.noun,
        *figure.sentence, " ".join(dict.fromkeys(figure.flags)), "; ".join(dict.fromkeys(figure.notes)),
    )  # fmt: skip


def _cell(number: float) -> float | None:
    return number if math.isfinite(number) else None
