"""Claims: the verdicts, the numbers behind them, what would decide the others, and which cannot stand side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from clusterlib import labels
from clusterlib.analysis.claims import Claim, Claims, Reading
from clusterlib.display import Cell, Source, Table
from clusterlib.interval import outward
from clusterlib.page import Page
from clusterlib.tables.parts import anchored_mark, columns


def verdicts(page: Page, found: Claims) -> Table:
    """Claims about which a number is printed, the surprising ones first, each with its verdict and what it rests on."""
    rows = [
        [
            anchored_mark(page, "claims", claim.key),
            Cell(page.words(claim.row)),
            Cell(page.text(f"verdict.{claim.verdict}")),
            Cell(_because(page, claim), _sources(page, claim.readings)),
            Cell(page.words(claim.row, "note")),
            Cell(page.where(claim.row)),
        ]
        for claim in found.claims
        if _numbered(claim)
    ]
    header = columns(page, "no", "claim", "verdict", "because", "note", "place")
    empty = page.text("claims.none" if not found.claims else "claims.no_number")
    return Table(page.text("table.verdicts"), header, rows, page.text("note.verdicts"), empty)


def claim_numbers(page: Page, found: Claims) -> Table:
    """Every number that a claim is held against: one row for each reading and set of assumptions."""
    rows = []
    for claim in found.claims:
        for reading in claim.readings if _numbered(claim) else ():
            rows.append(_number_row(page, claim, reading))
    keys = ["no", "read_as", "number", "assumption", "interval", "must_be", "verdict", "margin", "sources"]
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
            Cell(page.where(claim.row)),
        ]
        for claim in found.claims
        if not _numbered(claim)
    ]
    header = columns(page, "no", "claim", "topic", "needs", "place")
    empty = page.text("claims.none" if not found.claims else "claims.all_numbered")
    return Table(page.text("table.undecided"), header, rows, page.text("note.undecided"), empty)


def claim_pairs(page: Page, found: Claims) -> Table:
    """Claims of one document that cannot both be true as they stand."""
    rows = []
    for pair in found.pairs:
        notes = dict.fromkeys(filter(None, (page.words(row, "note") for row in pair)))
        rows.append([*(_paired(page, row) for row in pair), Cell(page.join(list(notes)))])
    header = columns(page, "claim", "against", "note")
    return Table(page.text("table.pairs"), header, rows, page.text("note.pairs"), page.text("claims.no_pair"))


def counted_links(page: Page, found: Claims) -> Table:
    """Links of the value chain that a claim is held against: what the documents say of each, and where."""
    readings = [each for claim in found.claims for each in claim.readings if each.row["measure"] == "links"]
    states = {str(each.result["group"]) for each in readings if each.result is not None}
    links = page.study.said("value_chain", page.cluster)
    rows = [
        [
            anchored_mark(page, "value_chain", link["link"]),
            Cell(page.words(link)),
            Cell(page.text(f"link_state.{link['state']}")),
            Cell(page.where(link)),
        ]
        for _, link in links[links["state"].isin(states)].iterrows()
    ]
    caption, note, empty = (page.text(key) for key in ("table.counted_links", "note.counted_links", "links.none"))
    return Table(caption, columns(page, "no", "link", "link_state", "place"), rows, note, empty)


def _paired(page: Page, row: pd.Series) -> Cell:
    """One claim of a pair: cited where the page has it, else with its cluster and place."""
    if row["cluster"] == page.cluster:
        return Cell(page.words(row), page.cite_marks("claims", [row["claim"]]))
    name = page.study.label("clusters", row["cluster"], page.lang)
    return Cell(page.text("claim.of", claim=page.words(row), cluster=name, place=page.where(row)))


def _full_name(page: Page, reading: Reading) -> str:
    """What number a reading is about, with what it is relative to."""
    row = reading.row if reading.result is None else reading.result
    name = page.quantity(row)
    if not row["reference"]:
        return name
    return page.text("number.against", number=name, reference=page.text(f"reference.{row['reference']}"))


def _bound_words(page: Page, reading: Reading) -> str:
    """What the number would have to be for the claim to be true."""
    if reading.bound is None:
        return page.text("bound.none") if not reading.row["comparison"] else ""
    unit = "" if reading.result is None else str(reading.result["unit"])
    if reading.row["comparison"] == "between":
        return labels.words(reading.bound, unit, page.lang)
    amount = labels.with_unit(labels.number(reading.bound.low, page.lang), unit, page.lang)
    return page.text(f"bound.{reading.row['comparison']}", bound=amount)


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


def _sources(page: Page, readings: Sequence[Reading]) -> tuple[Source, ...]:
    """Printed figures behind readings, and the links that were counted."""
    results = [each.result for each in readings if each.result is not None]
    states = {str(each["group"]) for each in results if each["measure"] == "links"}
    links = page.study.said("value_chain", page.cluster)
    counted = page.cite_marks("value_chain", links.loc[links["state"].isin(states), "link"])
    return (*page.cite(" ".join(str(each["figures"]) for each in results)), *counted)


def _told(page: Page, claim: Claim, reading: Reading) -> str:
    name = page.reading(claim, reading)
    if reading.result is None:
        return page.text("number.not_printed", number=name)
    told = page.text("number.is", number=name, value=page.claim(reading.result))
    if reading.verdict == "supported" and not math.isnan(reading.margin):
        return page.text("number.margin", number=told, margin=_margin(page, reading))
    return told


def _margin(page: Page, reading: Reading) -> str:
    """Margin in percent, rounded down: no larger one is claimed."""
    return labels.with_unit(labels.number(outward(100 * reading.margin, 1, up=False), page.lang), "percent", page.lang)


def _number_row(page: Page, claim: Claim, reading: Reading) -> list[Cell]:
    result = reading.result
    shown = "" if result is None else page.both(result)
    return [
        Cell("", page.cite_marks("claims", [claim.key])),
        Cell(page.words(reading.row, "reading")),
        Cell(_full_name(page, reading)),
        Cell("" if result is None else page.assumption(str(result["assumption"]))),
        Cell(shown or page.text("number.none"), numeric=bool(shown)),
        Cell(_bound_words(page, reading)),
        Cell(page.text(f"verdict.{reading.verdict}")),
        Cell("" if math.isnan(reading.margin) else _margin(page, reading), numeric=True),
        Cell("", _sources(page, [reading])),
    ]
