"""Clusters side by side: measures on one scale, and exports against the total at a stated exchange rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from clusterlib.analysis.exports import TOTAL
from clusterlib.analysis.standing import SCALE_FREE, Comparison
from clusterlib.display import NoPicture, Picture
from clusterlib.page import Page
from clusterlib.plots.canvas import (
    BLUE,
    GREY,
    ORANGE,
    ROW,
    interval_bar,
    listed,
    name_rows,
    picture,
    scale_axis,
    slugs_of,
    told,
)

#: Height of a row in inches, and of what stands above and below the rows of a panel.
LINE, FRAME = 0.27, 1.0
#: Points from the open end of an interval to the words behind its arrow, and from a closed one.
BEHIND_ARROW, BEHIND_BAR = 46, 8


def side_by_side(page: Page, found: Comparison) -> Picture | NoPicture:
    """Measures that the page's cluster shares with others: one panel each, one bar for each set of assumptions."""
    shown = found.beside
    if shown.empty:
        return NoPicture()
    panels = [part for _, part in shown.groupby("measure", sort=False)]
    heights = [(len(part) + part["cluster"].nunique()) * LINE + FRAME for part in panels]

    def draw(figure: Figure) -> None:
        if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
            engine.set(h_pad=0.1)  # more air between the axis of one panel and the title of the next
        axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, part in zip(axes, panels, strict=True):
            _panel(page, found, ax, part)

    items = [
        told(page, page.span(row), page.measured(row), _name(page, row["cluster"]), page.assumption(row["assumption"]))
        for _, row in shown.iterrows()
    ]
    alt = page.text("plot.side_by_side.alt", list=listed(page, items))
    return picture(page, draw, sum(heights), alt, slugs_of(shown))


def exports(page: Page, found: Comparison) -> Picture | NoPicture:
    """Exports against the total over the range of exchange rates, one bar for each reading of the words."""
    own = found.exports[(found.exports["cluster"] == found.clusters[0]) & (found.exports["measure"] == "export_share")]
    if own.empty:
        return NoPicture()
    rate = own["assumption"].iloc[0].partition(";")[0]  # the range of rates stands first
    shown = own[own["assumption"].str.startswith(f"{rate};")]
    names = ["\n".join(page.assumption(part) for part in each.split(";")[1:]) for each in shown["assumption"]]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for y, (_, row) in enumerate(shown.iterrows()):
            interval_bar(ax, y, row["low"], row["high"])
            _say(page, ax, y, row)
        name_rows(ax, names)
        ax.set_xlim(0, max(100.0, 1.25 * float(np.nanmax(shown[["low", "high"]].to_numpy()))))
        ax.axvline(50, color=GREY, lw=1.4, linestyle="--")
        ax.annotate(page.text("plot.exports.half"), (50, 1), xycoords=("data", "axes fraction"), xytext=(4, -3),
                    textcoords="offset points", va="top", fontsize="small", color="0.3")  # fmt: skip
        ax.set_xlabel(page.text("plot.exports.x", total=page.indicator(TOTAL)))
        ax.set_title(page.assumption(rate))

    items = [
        told(page, page.span(row), page.assumption(row["assumption"].partition(";")[2])) for _, row in shown.iterrows()
    ]
    alt = page.text("plot.exports.alt", rate=page.assumption(rate), list=listed(page, items))
    return picture(page, draw, len(shown) * (ROW + 0.08) + 1.1, alt, slugs_of(shown))


def _panel(page: Page, found: Comparison, ax: Axes, part: pd.DataFrame) -> None:
    names: list[str] = []
    for cluster, rows in part.groupby("cluster", sort=False):
        color = BLUE if cluster == found.clusters[0] else ORANGE
        # The name has a row of its own above the bars, so that it can be long and never lies on one.
        words = _name(page, str(cluster))
        if rows["measure"].iloc[0] in SCALE_FREE:
            words = page.text("table.of", caption=words, group=page.indicator(rows["indicator"].iloc[0]))
        ax.text(0.005, len(names) + 0.1, words, transform=ax.get_yaxis_transform(), va="center", fontweight="bold",
                fontsize="small", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
        names.append("")
        for _, row in rows.iterrows():
            interval_bar(ax, len(names), row["low"], row["high"], row["value"], color)
            ax.text(1.02, len(names), page.span(row), transform=ax.get_yaxis_transform(), va="center", fontsize="small")
            names.append(_short(page, row["assumption"]))
    name_rows(ax, names)
    ax.tick_params(axis="y", labelsize="small")
    scale_axis(ax, part, part["unit"].iloc[0], page.lang)
    if part["unit"].iloc[0] == "index":
        ax.set_xlim(0, 1)
    ax.set_xlabel(page.text(f"plot.side_by_side.x.{part['measure'].iloc[0]}"), fontsize="small")
    ax.set_title(page.measured(part.iloc[0]), fontsize="medium")


def _name(page: Page, cluster: str) -> str:
    return page.study.label("clusters", cluster, page.lang)


def _short(page: Page, assumption: str) -> str:
    """An assumption set beside a bar: how counts are read and what the largest size is, or how shares are ordered."""
    if "scale=" in assumption:
        return page.assumption(assumption.partition(";")[0])
    _, reading, cap, _ = page.assumed(assumption)
    if not reading:
        return page.text(f"short.{assumption.partition(';')[0]}")
    return page.join([reading, page.text("plot.cap" if "cap=" in assumption else "plot.no_cap", cap=cap)])


def _say(page: Page, ax: Axes, y: float, row: pd.Series) -> None:
    """The interval in words behind its bar or arrow."""
    is_open = np.isnan(row["high"])
    x, away = (row["low"], BEHIND_ARROW) if is_open else (row["high"], BEHIND_BAR)
    look: dict[str, Any] = {"va": "center", "fontsize": "small"}
    ax.annotate(page.span(row), (x, y), xytext=(away, 0), textcoords="offset points", **look)
