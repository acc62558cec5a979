"""What tables share: column labels, source cells, texts in a language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from clusterlib import labels
from clusterlib.display import Cell, Table
from clusterlib.page import Page, place
from clusterlib.study import interval_of


def by_group(page: Page, table: Table, leading: int = 1) -> Table:
    """Drop leading columns that are the same in every row: the caption then names what stands there."""
    names: list[str] = []
    for _ in range(leading):
        of_column = {row[0].text for row in table.rows}
        if len(of_column) != 1:
            break
        names += of_column
        table = replace(table, header=table.header[1:], rows=[row[1:] for row in table.rows])
    if not any(names):
        return table
    return replace(
        table, caption=page.text("table.of", caption=table.caption, group=page.join(list(filter(None, names))))
    )


def figure_table(page: Page, caption: str, frame: pd.DataFrame) -> Table:
    """Printed figures with interval, rule and place."""
    rows = [
        [
            anchored(page, figure),
            Cell(printed_words(figure)),
            Cell(interval_text(figure, page.lang), numeric=True),
            Cell(page.indicator(figure["indicator"])),
            Cell(page.group(figure["group"])),
            Cell(page.words(figure, "scope")),
            Cell(page.text(f"status.{figure['status']}")),
            Cell(labels.label("rule", figure["rule"], page.lang)),
            Cell(flag_names(page, figure)),
            Cell(place(page.study, figure, page.lang)),
        ]
        for _, figure in frame.iterrows()
    ]
    header = columns(
        page, "source", "printed", "interval", "indicator", "group", "scope", "status", "rule", "flag", "place"
    )
    return without_blank_columns(Table(caption, header, rows, empty=page.text("table.empty")))


def without_blank_columns(table: Table) -> Table:
    """A table without the columns that no row fills; they would only make it wide."""
    if not table.rows:
        return table
    kept = [i for i in range(len(table.header)) if any(row[i].text or row[i].sources for row in table.rows)]
    header, rows = [table.header[i] for i in kept], [[row[i] for i in kept] for row in table.rows]
    return replace(table, header=header, rows=rows)


def interval_text(figure: pd.Series, lang: str) -> str:
    """Interval of a printed figure, as a reader sees it."""
    return labels.span(interval_of(figure), figure["unit"], lang)


def flag_names(page: Page, figure: pd.Series) -> str:
    """Flags of a printed figure in words."""
    return labels.join([labels.label("flag", flag, page.lang) for flag in figure["flag"].split()], page.lang)


def printed_words(figure: pd.Series) -> str:
    """A printed figure, its threshold before it; both are Chinese on every page, and so is the colon between them."""
    return "：".join(filter(None, (str(figure["threshold_printed"]), str(figure["printed"]))))


def anchored(page: Page, figure: pd.Series) -> Cell:
    """Cell with the number of a source, to which the links of the page lead."""
    source = page.sources[figure["figure"]]
    return Cell(source.label, anchor=source.anchor)


def anchored_mark(page: Page, table: str, key: str) -> Cell:
    """Cell with the label of a statement in words, to which the links of the page lead."""
    source = page.mark(table, key)
    return Cell(source.label, anchor=source.anchor)


def columns(page: Page, *keys: str) -> list[str]:
    """Labels of columns."""
    return [page.text(f"column.{key}") for key in keys]


def parts_of(frame: pd.DataFrame, *by: str) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of a result table by two of its columns."""
    keys: Sequence[str] = by or ("indicator", "group")
    return [((str(key[0]), str(key[1])), part) for key, part in frame.groupby(list(keys), sort=False)]
