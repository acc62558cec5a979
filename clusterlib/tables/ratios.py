"""Performance: ratios against a reference, the split of an advantage, levels per unit."""

from __future__ import annotations

import pandas as pd

from clusterlib.display import Cell, Table
from clusterlib.page import Page
from clusterlib.tables.parts import by_group, columns, parts_of


def relative(page: Page, result: pd.DataFrame) -> Table:
    """Ratios of performance against the cluster average and against the other firms."""
    rows = []
    for (measure, group), part in parts_of(
        result[(result["reference"] != "") & (result["measure"] != "contribution")], "measure", "group"
    ):
        by_reference = {row["reference"]: row for _, row in part.iterrows()}
        rows.append(
            [
                Cell(page.group(group)),
                Cell(page.text(f"measure.{measure}")),
                *(page.cell(by_reference.get(reference)) for reference in ("cluster_average", "rest")),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    header = columns(page, "group", "measure", "times_average", "times_rest", "sources")
    return by_group(
        page, Table(page.text("table.relative"), header, rows, page.text("note.relative"), page.text("table.empty"))
    )


def decomposition(page: Page, result: pd.DataFrame) -> Table:
    """The advantage in profit per firm, split into factors, against both references."""
    rows = []
    found = result[result["measure"] == "contribution"]
    for (group, reference, factor), part in found.groupby(["group", "reference", "indicator"], sort=False):
        by_unit = {row["unit"]: row for _, row in part.iterrows()}
        rows.append(
            [
                Cell(page.group(str(group))),
                Cell(page.text(f"reference.{reference}")),
                Cell(page.text(f"factor.{factor}")),
                *(page.cell(by_unit.get(unit)) for unit in ("log", "percent")),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    header = columns(page, "group", "reference", "factor", "log", "percent", "sources")
    note, empty = page.text("note.decomposition"), page.text("table.empty")
    return by_group(page, Table(page.text("table.decomposition"), header, rows, note, empty))


def densities(page: Page, result: pd.DataFrame) -> Table:
    """Levels per unit, each with the scope it assumes."""
    found = result[result["assumption"].str.startswith("scope=")]
    rows = [
        [
            Cell(page.text(f"measure.{row['measure']}")),
            Cell(page.assumption(row["assumption"])),
            Cell(page.value(row), numeric=True),
            Cell(page.span(row), numeric=True),
            Cell("", page.cite(row["figures"])),
        ]
        for _, row in found.iterrows()
    ]
    header = columns(page, "measure", "assumption", "value", "interval", "sources")
    return Table(page.text("table.densities"), header, rows, page.text("note.densities"), page.text("table.empty"))
