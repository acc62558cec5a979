"""Two result tables compared row by row: what changed, what is new and what is gone."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Sort = Literal["figure", "verdict", "result", "table"]
How = Literal["changed", "added", "removed", "moved", "rewritten"]
Row = Mapping[str, str]

#: Where something stands: a change of these alone is none of what is printed.
PLACES = ("line", "start", "end", "threshold_start", "sentence_start", "sentence_end")
#: Columns that say a number.
NUMBERS = ("value", "low", "high")
#: Columns that say something else of a thing than its name.
SAYING = ("soft_low", "soft_high", "unit", "printed", "figures", "flag", "note", "basis", "verdict", "bound")
#: Columns that name a result.
RESULT = ("cluster", "measure", "indicator", "group", "reference", "assumption")
#: Columns that name a figure read in a document.
READ = ("document", "kind", "noun", "unit", "group", "threshold", "threshold_unit", "denominator")
#: Decimal numbers of a table have ten digits: a difference of one in the last of them says nothing.
SAME = 1.5e-9

_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(frozen=True)
class Change:
    """One row of a result table that is not what it was.

    Attributes
    ----------
    sort : {"figure", "verdict", "result", "table"}
        What the row is: a printed figure, the verdict on a claim, any other result, or the table itself.
    how : {"changed", "added", "removed", "moved", "rewritten"}
        What happened to it; moved: only its place in the document changed; rewritten: the same rows, written or ordered
        otherwise.
    columns : tuple of str
        Which columns of a changed row differ; of a table, which one of the two has alone.
    before, after : dict of str to str
        The row as it stood and as it stands; empty where there is none. Of a table: its columns, blank.
    """

    sort: Sort
    how: How
    columns: tuple[str, ...] = ()
    before: Row = field(default_factory=dict)
    after: Row = field(default_factory=dict)

    @property
    def row(self) -> Row:
        """The row as it stands, or as it last stood."""
        return self.after or self.before


def compare(before: str, after: str) -> list[Change]:
    """Compare two result tables, given as CSV.

    Rows are matched by the columns that name what is measured: the figure, the claim, or measure, indicator, group,
    reference and assumption; of a table with other columns, by those that hold words. Rows that share a name are
    matched in their order if there are equally many of them, else they are called removed and added.

    Parameters
    ----------
    before, after : str
        The tables; "" is none. Any text is read as well as it can be.

    Returns
    -------
    list of Change
        In the order of the later table, rows that are gone at the end; empty only if the two say the same line by line.

    Examples
    --------
    >>> head = "measure,indicator,group,low,high"
    >>> (change,) = compare(head + "\\ngini,sales,all,0.4,0.5", head + "\\ngini,sales,all,0.4,")
    >>> change.how, change.columns, change.before["high"], change.after["high"]
    ('changed', ('high',), '0.5', '')
    """
    if before.splitlines() == after.splitlines():
        return []
    (old_header, old), (new_header, new) = _read(before), _read(after)
    shared = [column for column in new_header if column in old_header]
    found: list[Change] = []
    if old_header and new_header and (differ := set(old_header) ^ set(new_header)):
        names = tuple(name for name in dict.fromkeys([*old_header, *new_header]) if name in differ)
        found.append(Change("table", "changed", names, dict.fromkeys(old_header, ""), dict.fromkeys(new_header, "")))
    pairs, gone = _matched(old, new, shared)
    for i, row in enumerate(new):
        if i not in pairs:
            found.append(Change(_sort(row), "added", (), {}, row))
        elif different := tuple(column for column in shared if not _same(pairs[i][column], row[column])):
            told = tuple(column for column in different if column not in PLACES)
            sort = "result" if _sort(row) == "verdict" and "verdict" not in told else _sort(row)
            found.append(Change(sort, "changed" if told else "moved", told or different, pairs[i], row))
    found += [Change(_sort(row), "removed", (), row, {}) for row in gone]
    return found or [Change("table", "rewritten")]


def number(text: str) -> float:
    """Number of a cell; nan if it holds none.

    >>> number("1.5e3"), number("")
    (1500.0, nan)
    """
    return float(text) if _is_number(text) else math.nan


def plain(text: str) -> str:
    """A cell as it is compared for equality.

    >>> plain("1.50") == plain("1.5"), plain("a")
    (True, 'a')
    """
    return f"{float(text):.15g}" if _is_number(text) else text


def _read(text: str) -> tuple[list[str], list[Row]]:
    """Header and rows of a CSV; a cell that is missing is blank, and what stands beyond the header is left out."""
    try:
        lines = list(filter(any, csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))))
    except csv.Error:  # no CSV: then each line is a row
        lines = [["line"], *([line] for line in text.splitlines() if line)]
    header, *rows = lines or [[]]
    return list(dict.fromkeys(header)), [dict(zip(header, [*row, *[""] * len(header)], strict=False)) for row in rows]


def _sort(row: Row) -> Sort:
    """What a row is, by its columns."""
    if "printed" in row and ("figure" in row or "noun" in row):
        return "figure"
    return "verdict" if row.get("verdict") and "claim" in row else "result"


def _matched(old: list[Row], new: list[Row], shared: list[str]) -> tuple[dict[int, Row], list[Row]]:
    """For each row of the later table, by its index, the row that it was; and the rows that are gone."""
    pairs: dict[int, Row] = {}
    left, free = dict(enumerate(old)), dict(enumerate(new))
    alike = [column for column in shared if column not in PLACES]
    for names in [alike, *_names(shared, [*old, *new])] if alike else []:
        mine_by, theirs_by = _by_name(left, names), _by_name(free, names)
        for name, theirs in theirs_by.items():
            mine = mine_by.get(name, [])
            # Rows that agree in all are one another, however many there are; others only if none is left over.
            if names is alike or len(mine) == len(theirs):
                for i, j in zip(mine, theirs, strict=False):
                    pairs[j] = left.pop(i)
                    del free[j]
    return pairs, list(left.values())


def _by_name(rows: Mapping[int, Row], names: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = {}
    for i, row in rows.items():
        found.setdefault(tuple(plain(row[name]) for name in names), []).append(i)
    return found


def _names(shared: list[str], rows: list[Row]) -> list[list[str]]:
    """Columns that name a row, the strictest first."""

    def kept(*columns: str) -> list[str]:
        return [column for column in columns if column in shared]

    if "figure" in shared:
        return [["figure"]]
    if "claim" in shared:
        return [kept("claim", *RESULT, "unit"), kept("claim", *RESULT), ["claim"]]
    if "noun" in shared and "printed" in shared:
        return [kept(*READ, "printed"), kept(*READ), kept(*READ[:5])]
    if "measure" in shared:
        return [kept(*RESULT, "unit"), kept(*RESULT)]
    told = {*NUMBERS, *SAYING, *PLACES}
    words = [
        column
        for column in shared
        if column not in told and any(row[column] and not _is_number(row[column]) for row in rows)
    ]
    return [words, words[:1]]


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip()))


def _same(before: str, after: str) -> bool:
    if not (_is_number(before) and _is_number(after)):
        return before == after
    # Whole numbers are exact; others carry the last digit of a binary number.
    whole = before.strip("+- ").isdecimal() and after.strip("+- ").isdecimal()
    return math.isclose(float(before), float(after), rel_tol=0 if whole else SAME)
