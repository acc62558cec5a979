"""Claims: the verdicts, the numbers behind them, what would decide the others, and which cannot stand side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

from clusterlib import labels
from clusterlib.analysis.claims import Claim, Claims, Reading
from clusterlib.display import Cell, Table
from clusterlib.page import Page
from clusterlib.tables.parts import anchored_mark, columns


def verdicts(page: Page, found: Claims) -> Table:
    """Claims about which a number is printed, the surprising ones first, each with its verdict and what it rests on."""
    rows = [
        [
            anchored_mark(page, "claims", claim.key),
            Cell(page.words(claim.row)),
            Cell(page.text(f"verdict.{claim.verdict}")),
            Cell(_because(page, claim)),
            Cell(page.words(claim.row, "note")),
            Cell(str(claim.row["term"])),
            Cell(page.place(claim.row)),
        ]
        for claim in found.claims
        if _numbered(claim)
    ]
    header = columns(page, "no", "claim", "verdict", "because", "note", "term", "place")
    empty = page.text("claims.none" if not found.claims else "claims.no_number")
    return Table(page.text("table.verdicts"), header, rows, page.text("note.verdicts"), empty)


def claim_numbers(page: Page, found: Claims) -> Table:
    """Every number that a claim is held against: one row for each reading and set of assumptions."""
    rows = []
    for claim in found.claims:
        for reading in claim.readings if _numbered(claim) else ():
            rows.append(_number_row(page, claim, reading))
    keys = ["no", "reading", "number", "assumption", "interval", "must_be", "verdict", "margin", "sources"]
    note, empty = page.text("note.numbers"), page.text("table.empty")
    return Table(page.text("table.numbers"), columns(page, *keys), rows, note, empty)


def undecided(page: Page, found: Claims) -> Table:
    """Claims that no printed figure can decide, and the figure that would."""
    rows = [
        [
            anchored_mark(page, "claims", claim.key),
            Cell(page.words(claim.row)),
            Cell(page.text(f"topic.{claim.row['topic']}")),
            Cell(page.words(claim.row, "needs")),
            Cell(str(claim.row["term"])),
            Cell(page.place(claim.row)),
        ]
        for claim in found.claims
        if not _numbered(claim)
    ]
    header = columns(page, "no", "claim", "topic", "needs", "term", "place")
    empty = page.text("claims.none" if not found.claims else "claims.all_numbered")
    return Table(page.text("table.undecided"), header, rows, page.text("note.undecided"), empty)


def claim_pairs(page: Page, found: Claims) -> Table:
    """Claims of one document that cannot both be true as they stand."""
    rows = []
    for first, second in found.pairs:
        said = [
            Cell(page.words(each.row), page.cite_marks("claims", [each.key])) for each in (first, second)
        ]  # fmt: skip
        notes = dict.fromkeys(filter(None, (page.words(each.row, "note") for each in (first, second))))
        rows.append([*said, Cell(page.join(list(notes)))])
    header = columns(page, "claim", "against", "note")
    return Table(page.text("table.pairs"), header, rows, page.text("note.pairs"), page.text("claims.no_pair"))


def number_name(page: Page, reading: Reading, among: Sequence[Reading] = ()) -> str:
    """What number a reading is about; what all readings of the claim share is left out."""
    row = reading.row if reading.result is None else reading.result
    name = page.measure(str(row["measure"]))
    others = [each.row if each.result is None else each.result for each in among]
    same = [each for each in others if each["measure"] == row["measure"]]
    details = []
    if row["indicator"] and (not among or len({each["indicator"] for each in same}) > 1):
        details.append(_indicator(page, str(row["indicator"])))
    if row["group"] not in ("", "all") and (not among or len({each["group"] for each in same}) > 1):
        details.append(page.group(str(row["group"])))
    if row["reference"] and not among:
        details.append(page.text("number.against", reference=page.text(f"reference.{row['reference']}")))
    if among and len({each["assumption"] for each in same}) > 1:
        details.append(page.assumption(str(row["assumption"])))
    if not details:
        return name
    return page.text("number.of", measure=name, details=page.text("comma").join(details))


def bound_words(page: Page, reading: Reading) -> str:
    """What the number would have to be for the claim to be true."""
    if reading.bound is None:
        return page.text("bound.none") if not reading.row["comparison"] else ""
    unit = "" if reading.result is None else str(reading.result["unit"])
    if reading.row["comparison"] == "between":
        return labels.words(reading.bound, unit, page.lang)
    amount = labels.with_unit(labels.number(reading.bound.low, page.lang), unit, page.lang)
    return page.text(f"bound.{reading.row['comparison']}", bound=amount)


def _indicator(page: Page, key: str) -> str:
    return page.text("number.value_chain") if key == "value_chain" else page.indicator(key)


def _numbered(claim: Claim) -> bool:
    return any(reading.result is not None for reading in claim.readings)


def _because(page: Page, claim: Claim) -> str:
    """Which readings bear a claim out, which do not, and what would decide the rest."""
    parts = []
    for verdict in ("supported", "contradicted", "only_at_the_extreme"):
        told = [_told(page, claim, each) for each in claim.readings if each.verdict == verdict]
        if told:
            parts.append(page.text(f"because.{verdict}", list=labels.join(told, page.lang)))
    if claim.verdict == "undecidable":
        told = [_told(page, claim, each) for each in claim.readings if each.verdict == "undecidable"]
        parts.append(page.text("because.undecidable", list=labels.join(told, page.lang)))
    needs = page.words(claim.row, "needs")
    if claim.verdict == "undecidable" and needs:
        parts.append(page.text("because.needs", needs=needs.rstrip("。.")))
    return page.join(parts)


def _told(page: Page, claim: Claim, reading: Reading) -> str:
    name = number_name(page, reading, claim.readings)
    if reading.result is None:
        return page.text("number.not_printed", number=name)
    return page.text("number.is", number=name, value=page.claim(reading.result))


def _number_row(page: Page, claim: Claim, reading: Reading) -> list[Cell]:
    result = reading.result
    shown = "" if result is None else page.both(result)
    margin = "" if math.isnan(reading.margin) else labels.number(100 * reading.margin, page.lang, 1)
    return [
        Cell("", page.cite_marks("claims", [claim.key])),
        Cell(page.words(reading.row)),
        Cell(number_name(page, reading)),
        Cell("" if result is None else page.assumption(str(result["assumption"]))),
        Cell(shown or page.text("number.none"), numeric=bool(shown)),
        Cell(bound_words(page, reading)),
        Cell(page.text(f"verdict.{reading.verdict}")),
        Cell(labels.with_unit(margin, "percent", page.lang) if margin else "", numeric=True),
        Cell("", () if result is None else page.cite(str(result["figures"]))),
    ]
