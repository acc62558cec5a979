"""Printed shares: what they fix, and what they leave open."""

from __future__ import annotations

import pandas as pd

from clusterlib.display import Cell, Table
from clusterlib.page import Page, of_shares
from clusterlib.tables.parts import by_group, columns, parts_of

_BOUND_COLUMNS = ("gini", "hoover", "theil_t", "theil_l", "hhi_times_n")


def fixed(page: Page, result: pd.DataFrame) -> Table:
    """What a pair of shares fixes: the two shares, their ratio, inequality between the groups."""
    rows = []
    for (indicator, group), part in parts_of(
        result[result["measure"].isin(["share_ratio", "theil_t_between", "theil_l_between"])]
    ):
        by_measure = {row["measure"]: row for _, row in part.iterrows()}
        slugs = by_measure["share_ratio"]["figures"].split()
        shares = [page.study.figure(slug) for slug in slugs]
        rows.append(
            [
                Cell(page.group(group)),
                Cell(page.indicator(indicator)),
                *(Cell(page.stated(share), numeric=True) for share in reversed(shares)),
                *(page.cell(by_measure.get(key)) for key in ("share_ratio", "theil_t_between", "theil_l_between")),
                Cell("", page.cite(slugs)),
            ]
        )
    header = [
        page.text("column.group"), page.text("column.indicator"), page.text("plot.shares.firms"),
        *columns(page, "share", "share_ratio", "theil_t", "theil_l", "sources"),
    ]  # fmt: skip
    return by_group(
        page, Table(page.text("table.shares"), header, rows, page.text("note.nats"), page.text("table.empty"))
    )


def bounds(page: Page, result: pd.DataFrame) -> Table:
    """Sharp bounds by group, indicator and assumption."""
    rows = []
    found = of_shares(result[result["measure"].isin([*_BOUND_COLUMNS, "top_share"])])
    largest = found[found["group"].str.contains(";top=", regex=False)]
    own = found.drop(largest.index)
    for (group, indicator, assumption), part in own.groupby(["group", "indicator", "assumption"], sort=False):
        by_measure = {row["measure"]: row for _, row in part.iterrows()}
        top = largest[
            largest["group"].str.startswith(f"{group};")
            & (largest["indicator"] == indicator)
            & (largest["assumption"] == str(assumption).partition(";n=")[0])
        ]
        rows.append(
            [
                Cell(page.group(str(group))),
                Cell(page.indicator(str(indicator))),
                Cell(page.assumption(str(assumption))),
                *(page.cell(by_measure.get(measure)) for measure in _BOUND_COLUMNS),
                page.cell(top.iloc[0] if len(top) else None),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    top_label = page.group(largest["group"].iloc[0]) if len(largest) else ""
    if own["assumption"].str.contains(";n=", regex=False).any():
        top_label = page.text("column.top_unknown", top=top_label)
    header = [
        *columns(page, "group", "indicator", "assumption", "gini", "hoover", "theil_t", "theil_l"),
        "N × HHI",
        top_label,
        page.text("column.sources"),
    ]
    table = Table(page.text("table.bounds"), header, rows, page.text("note.bounds"), page.text("table.empty"))
    return by_group(page, table)
