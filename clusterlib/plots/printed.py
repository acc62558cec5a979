"""Printed figures as intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from clusterlib import labels
from clusterlib.display import NoPicture, Picture
from clusterlib.page import Page
from clusterlib.plots.canvas import (
    BLUE,
    ORANGE,
    ROW,
    interval_bar,
    listed,
    name_rows,
    picture,
    scale_axis,
    told,
    unit_label,
)
from clusterlib.study import interval_of


def figures(page: Page) -> Picture | NoPicture:
    """Printed figures that leave something open, as intervals.

    Shares have one axis; every other indicator its own, since figures of different kinds are not to be ranked.
    """
    own = page.study.figures_of(page.cluster)
    bounded = own["low"].notna() | own["high"].notna()
    shown = own[bounded & (own["low"] != own["high"]) & (own["status"] != "restated")]
    if shown.empty:
        return NoPicture()
    panel = shown["indicator"].where(shown["unit"] != "percent", "")
    panels = [(unit, part) for (unit, _), part in shown.groupby(["unit", panel], sort=False)]
    heights = [len(part) * ROW + 1.0 for _, part in panels]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, (unit, part) in zip(axes, panels, strict=True):
            for y, (_, row) in enumerate(part.iterrows()):
                interval_bar(
                    ax, y, row["low"], row["high"], row["value"], BLUE if row["status"] == "observed" else ORANGE
                )
            name_rows(ax, [_figure_name(page, row) for _, row in part.iterrows()])
            scale_axis(ax, part, unit, page.lang)
            ax.set_xlabel(unit_label(page, str(unit)))

    items = [
        f"{_figure_name(page, row)} {labels.span(interval_of(row), row['unit'], page.lang)}"
        for _, row in shown.iterrows()
    ]
    return picture(
        page, draw, sum(heights), page.text("plot.figures.alt", list=listed(page, items)), list(shown["figure"])
    )


def _figure_name(page: Page, row: pd.Series) -> str:
    name = page.indicator(row["indicator"])
    if row["kind"] == "threshold_count":
        sign = ">" if row["threshold_rule"] == "above" else "≥"
        name = f"{name} {sign} {page.amount(row['threshold'], row['threshold_unit'])}"
    elif row["group"] != "all":
        name = told(page, page.group(row["group"]), name)
    number = page.sources[row["figure"]].label
    if row["status"] != "observed":
        name = page.noted(name, page.text(f"status.{row['status']}"))
    return f"{name} [{number}]"
