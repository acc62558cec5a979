"""How far a cluster is, its chain, its problems and what acts on them, its targets: what is said, and our reading."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from clusterlib import labels
from clusterlib.analysis.stages import REQUIRED, Development, Item, Track, elements
from clusterlib.analysis.targets import Growth, Start, Target, growths
from clusterlib.display import Cell, Source, Table
from clusterlib.interval import Interval
from clusterlib.page import Page, result_interval
from clusterlib.tables.parts import (
    anchored_mark,
    by_group,
    columns,
    interval_text,
    printed_words,
    without_blank_columns,
)

#: The money of a year is shown per this much of the target as well: percents of it are hard to picture.
PER = 10_000


def stage_reading(page: Page, found: Development) -> Table:
    """Each line of stages: how far is documented, how far is not ruled out, and what holds both ends. A judgement."""
    rows = [
        [
            Cell(page.text(f"track.{track.track}")),
            Cell(page.stage(track, track.range.low) or page.text("stage.none")),
            Cell(page.stage(track, track.range.high) or page.text("stage.none")),
            _items(page, track.open, last=track.range.low == len(track.stages)),
            _items(page, track.ruled_out, last=track.range.high == len(track.stages)),
        ]
        for track in found.tracks
    ]
    header = columns(page, "track", "documented", "not_ruled_out", "would_raise", "would_be_wrong")
    empty = page.text("development.empty.model" if _is_model(page) else "development.empty.stages")
    return Table(page.text("table.stage_reading"), header, rows, page.text("note.stage_reading"), empty)


def checklist(page: Page, found: Development) -> Table:
    """Every element of the model that was looked for, and what the documents say of it; on its own page the model."""
    if _is_model(page):
        return model(page)
    rows = []
    for track in found.tracks:
        for item in _by_stage(track):
            if item.assessed:
                rows += _item_rows(page, item)
    header = columns(page, "no", "element", "stage", "aspect", "reading_of_words", "said", "place")
    left_out = sum(not item.assessed for track in found.tracks for item in track.items)
    note = page.text("note.checklist", count=labels.number(left_out, page.lang))
    return Table(page.text("table.checklist"), header, rows, note, page.text("development.empty.stages"))


def model(page: Page) -> Table:
    """The model: its elements, what each is to its stage, and where it stands."""
    rows = [
        [
            anchored_mark(page, "stages", element["element"]),
            Cell(page.words(element)),
            Cell(labels.label("stage_short", element["stage"], page.lang)),
            Cell(page.text(f"aspect.{element['aspect']}")),
            Cell(page.words(element, "definition")),
            Cell(page.where(element)),
        ]
        for element in elements(page.study)
    ]
    header = columns(page, "no", "element", "stage", "aspect", "meant", "place")
    note, empty = page.text("note.model"), page.text("development.empty.elements")
    return Table(page.text("table.model"), header, rows, note, empty)


def chain(page: Page, found: Development) -> Table:
    """The links of the value chain, by their place in it, with the number of firms where one is printed."""
    links = found.links.sort_values("position", kind="stable")
    rows = [
        [
            anchored_mark(page, "value_chain", link["link"]),
            Cell(page.text(f"position.{link['position']}")),
            Cell(page.words(link)),
            Cell(page.text(f"link_state.{link['state']}")),
            _figure(page, link["figure"]),
            Cell(page.words(link, "note")),
            Cell(page.where(link)),
        ]
        for _, link in links.iterrows()
    ]
    header = columns(page, "no", "position", "link", "link_state", "how_many", "note", "place")
    note, empty = page.text("note.chain"), page.text("development.empty.chain")
    return without_blank_columns(Table(page.text("table.chain"), header, rows, note, empty))


def problems(page: Page, found: Development) -> Table:
    """The problems named, and the instruments that act on each by our reading."""
    shown = _instruments(page, found)
    rows = []
    for problem in _problems(page, found):
        own = problem["cluster"] == page.cluster
        acting = [each["instrument"] for each in shown if problem["problem"] in each["answers"].split()]
        rows.append(
            [
                anchored_mark(page, "problems", problem["problem"]),
                Cell(_of(page, problem)),
                Cell(page.text(f"category.{problem['category']}")),
                Cell("" if acting or not own else page.text("answers.none"), page.cite_marks("instruments", acting)),
                Cell(page.where(problem)),
            ]
        )
    header = columns(page, "no", "problem", "category", "answered_by", "place")
    empty = page.text("development.empty.problems")
    return Table(page.text("table.problems"), header, rows, page.text("note.answers"), empty)


def instruments(page: Page, found: Development) -> Table:
    """The instruments of the cluster, and those of others that act on its problems."""
    shown = _instruments(page, found)
    cited = {problem["problem"] for problem in _problems(page, found)}
    rows = []
    for each in shown:
        acts_on = [key for key in each["answers"].split() if key in cited]
        rows.append(
            [
                anchored_mark(page, "instruments", each["instrument"]),
                Cell(_of(page, each)),
                Cell(page.text(f"category.{each['category']}")),
                Cell(page.text(f"instrument_status.{each['status']}")),
                Cell("" if acts_on else page.text("acts_on.none"), page.cite_marks("problems", acts_on)),
                Cell(page.words(each, "target")),
                _by_whom(page, each),
                Cell(page.where(each)),
            ]
        )
    keys = ["no", "instrument", "category", "status", "acts_on", "aims_at", "by_whom", "place"]
    empty = page.text("development.empty.instruments")
    table = Table(page.text("table.instruments"), columns(page, *keys), rows, page.text("note.instruments"), empty)
    return without_blank_columns(table)


def targets(page: Page, found: Development) -> Table:
    """Targets and plans as printed: never an achievement."""
    rows = [
        [
            anchored_mark(page, "targets", each.row["target"]),
            Cell(page.words(each.row)),
            Cell(printed_words(each.figure), page.cite(each.figure["figure"])),
            Cell(interval_text(each.figure, page.lang), numeric=True),
            Cell(page.text(f"status.{each.figure['status']}")),
            Cell(page.words(each.row, "deadline") or page.text("deadline.none")),
            _figure(page, each.row["baseline"], page.text("baseline.none")),
            _figure(page, each.row["money"]),
            Cell(page.words(each.row, "note")),
            Cell(page.where(each.row)),
        ]
        for each in found.targets
    ]
    keys = ["no", "target", "printed", "interval", "status", "deadline", "baseline", "money", "note", "place"]
    empty = page.text("development.empty.targets")
    table = Table(page.text("table.targets"), columns(page, *keys), rows, page.text("note.targets"), empty)
    return without_blank_columns(table)


def growth(page: Page, found: Development) -> Table:
    """Growth a year that the targets need, from the baseline given or printed, else from several that are assumed."""
    needed = growths(found.targets, found.result)
    years = sorted({year for each in needed for start in each.starts for year in start.rows})
    rows = [
        [
            Cell(page.aims(each.targets)),
            _baseline(page, each, start),
            Cell(_part(page, start), numeric=True),
            *(_needed(page, start.rows.get(year)) for year in years),
            Cell("", _sources_of(page, each.targets)),
        ]
        for each in needed
        for start in each.starts
    ]
    in_years = [page.text("column.in_years" if year > 1 else "column.in_a_year", years=str(year)) for year in years]
    header = [*columns(page, "target", "baseline", "part_of_target"), *in_years, *columns(page, "sources")]
    note = page.text("note.growth.grid" if any(each.is_grid for each in needed) else "note.growth")
    return by_group(page, Table(page.text("table.growth"), header, rows, note, page.text("development.empty.growth")))


def money(page: Page, found: Development) -> Table:
    """The money of a year against each target it serves, and against all of them together."""
    rows = []
    aims = {str(each.figure["figure"]): each for each in found.targets}
    for _, row in found.result[found.result["measure"] == "money_share"].iterrows():
        money_slug, *served = row["figures"].split()
        told, unit = result_interval(row), str(page.study.figure(money_slug)["unit"]).split("/")[0]
        per = Interval(told.low * PER / 100, told.high * PER / 100)
        rows.append(
            [
                Cell(
                    page.aims([aims[slug] for slug in served]),
                    page.cite_marks("targets", [aims[slug].row["target"] for slug in served]),
                ),
                _figure(page, money_slug),
                Cell(page.claim(row) if told.low else _at_most(page, told.high, row["unit"]), numeric=True),
                Cell(labels.words(per, unit, page.lang) if per.low else _at_most(page, per.high, unit), numeric=True),
                Cell("", page.cite(served)),
            ]
        )
    header = columns(page, "target", "money", "money_share", "per_ten_thousand", "sources")
    note, empty = page.text("note.money"), page.text("development.empty.money")
    return Table(page.text("table.money"), header, rows, note, empty)


def _is_model(page: Page) -> bool:
    return bool(page.study.cluster(page.cluster)["kind"] == "model")


def _items(page: Page, items: Sequence[Item], *, last: bool) -> Cell:
    """Elements that hold an end, with their state."""
    if last:
        return Cell(page.text("stage.last"))
    states = [
        page.text("table.of", caption=page.words(item.element), group=page.text(f"element_state.{item.state}"))
        for item in items
    ]
    return Cell(page.join(states), page.cite_marks("stages", [item.element["element"] for item in items]))


def _by_stage(track: Track) -> list[Item]:
    """Elements of a line, stage by stage, the required ones first."""
    order = {stage: i for i, stage in enumerate(track.stages)}
    return sorted(track.items, key=lambda item: (order[item.element["stage"]], item.element["aspect"] != REQUIRED))


def _item_rows(page: Page, item: Item) -> list[list[Cell]]:
    """Rows of one element: a row for each place that speaks of it; one short row where none does."""
    element = item.element
    leading = [
        anchored_mark(page, "stages", element["element"]),
        Cell(page.words(element)),
        Cell(labels.label("stage_short", element["stage"], page.lang)),
        Cell(page.text(f"aspect.{element['aspect']}")),
        Cell(page.text(f"element_state.{item.state}")),
    ]
    if not item.said:
        return [[*leading, Cell(""), Cell("")]]
    rows = []
    for said in item.said:
        several = len(item.said) > 1
        words = page.words(said)
        if several:  # what this place says of it, since the reading beside it is of all places together
            words = page.text("table.of", caption=page.text(f"element_state.{said['state']}"), group=words)
        source = page.mark("evidence", said["evidence"])
        rows.append([*leading, Cell(f"{source.label} · {words}", anchor=source.anchor), Cell(page.where(said))])
        leading = [Cell("") for _ in leading]
    return rows


def _figure(page: Page, slug: str, otherwise: str = "") -> Cell:
    """A printed figure as its interval, cited."""
    if not slug:
        return Cell(otherwise)
    return Cell(interval_text(page.study.figure(slug), page.lang), page.cite(slug))


def _by_whom(page: Page, instrument: pd.Series) -> Cell:
    """Who is responsible, by when and with what money, in one cell: few instruments have all."""
    money = _figure(page, instrument["money"])
    parts = [page.words(instrument, "body"), page.words(instrument, "deadline"), money.text]
    return Cell(page.join([part for part in parts if part]), money.sources)


def _needed(page: Page, row: pd.Series | None) -> Cell:
    """Growth a year; the header says that it is a year's."""
    return Cell("" if row is None else labels.span(result_interval(row), "percent", page.lang), numeric=True)


def _sources_of(page: Page, aims: Sequence[Target]) -> tuple[Source, ...]:
    marks = page.cite_marks("targets", [str(each.row["target"]) for each in aims])
    return (*marks, *page.cite([str(each.figure["figure"]) for each in aims]))


def _problems(page: Page, found: Development) -> list[pd.Series]:
    """The problems of the cluster, then those of others on which its own instruments act."""
    own = [problem for problem, _ in found.problems]
    answered = {key for keys in page.study.said("instruments", page.cluster)["answers"] for key in keys.split()}
    every = page.study.problems
    others = every[every["problem"].isin(answered) & (every["cluster"] != page.cluster)]
    return [*own, *(each for _, each in others.iterrows())]


def _instruments(page: Page, found: Development) -> list[pd.Series]:
    """The instruments of the cluster, then those of others that act on its problems."""
    own = [each for _, each in page.study.said("instruments", page.cluster).iterrows()]
    others = {
        str(each["instrument"]): each
        for _, acting in found.problems
        for each in acting
        if each["cluster"] != page.cluster
    }
    return [*own, *sorted(others.values(), key=lambda each: page.mark("instruments", each["instrument"]).number)]


def _of(page: Page, row: pd.Series) -> str:
    """A statement in words, with the cluster that it is about where that is another."""
    if row["cluster"] == page.cluster:
        return page.words(row)
    name = page.study.label("clusters", row["cluster"], page.lang)
    return page.text("statement.of_cluster", words=page.words(row), cluster=name)


def _baseline(page: Page, each: Growth, start: Start) -> Cell:
    if start.part is None:
        return _figure(page, start.told)
    return Cell(page.amount(start.told, str(each.targets[0].figure["unit"])), numeric=True)


def _part(page: Page, start: Start) -> str:
    if start.part is None:
        return ""
    return labels.with_unit(labels.number(round(100 * start.part, 1), page.lang), "percent", page.lang)


def _at_most(page: Page, high: float, unit: str) -> str:
    """The upper end alone, where the lower one is only that money is not negative."""
    return labels.words(Interval(-math.inf, high), unit, page.lang)
