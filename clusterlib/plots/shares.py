"""Printed shares: who holds how much, the region of the Lorenz curve, bounds on the Gini coefficient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clusterlib import labels
from clusterlib.analysis import region
from clusterlib.display import NoPicture, Picture
from clusterlib.page import Page, of_shares
from clusterlib.plots.canvas import (
    BLUE,
    GREY,
    ORANGE,
    ROW,
    WIDTH,
    interval_bar,
    listed,
    name_rows,
    picture,
    slugs_of,
    told,
)

#: Points along a Lorenz curve.
CURVE = 101


def shares(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Each group's share of firms and of each indicator, as stacked bars with the printed intervals."""
    lorenz = result[result["measure"] == "lorenz"]
    if lorenz.empty:
        return NoPicture()
    groups = []
    for group, part in lorenz.groupby("group", sort=False):
        firms = part[part["indicator"] == "firms"]
        rest = [page.study.figure(slug) for slug in part.loc[part["indicator"] != "firms", "figures"]]
        largest_first = sorted(rest, key=lambda figure: -float(figure["value"]))
        groups.append((str(group), [*(page.study.figure(slug) for slug in firms["figures"]), *largest_first]))
    heights = [len(figures) * ROW + 1.3 for _, figures in groups]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(groups), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, (group, figures) in zip(axes, groups, strict=True):
            _share_bars(page, ax, figures)
            ax.set_title(page.text("plot.shares.title", group=page.group(group)), pad=22)
        axes[-1].set_xlabel(page.text("plot.shares.x"))

    alts = []
    for group, figures in groups:
        items = [f"{page.indicator(each['indicator'])} {page.stated(each)}" for each in figures]
        alts.append(page.text("plot.shares.alt", group=page.group(group), list=listed(page, items)))
    return picture(page, draw, sum(heights), " ".join(alts), slugs_of(lorenz))


def _share_bars(page: Page, ax: Axes, figures: Sequence[pd.Series]) -> None:
    """Bars of one group; the first figure is its share of firms."""
    names = [page.indicator(each["indicator"]) for each in figures]
    values = [float(each["value"]) for each in figures]
    sns.barplot(x=[100.0] * len(names), y=names, ax=ax, color="0.9", orient="h", width=0.62)
    sns.barplot(x=values, y=names, ax=ax, color=BLUE, orient="h", width=0.62)
    for y, (each, value) in enumerate(zip(figures, values, strict=True)):
        ax.plot([each["low"], each["high"]], [y, y], color="black", lw=1.6)
        ax.plot([each["low"], each["high"]], [y, y], linestyle="none", marker="|", color="black", markersize=7)
        inside = value > 15
        looks: dict[str, Any] = {"ha": "right", "color": "white"} if inside else {"ha": "left", "color": "black"}
        ax.text(value - 1.2 if inside else value + 1.2, y, page.stated(each), va="center", fontweight="bold", **looks)
    ax.axvline(values[0], color=ORANGE, lw=1.8, linestyle="--", zorder=3)
    words = page.text("plot.shares.firms")
    ax.text(values[0], -0.62, words, color="0.25", ha="center", va="bottom", fontsize="small")
    ax.set_xlim(0, 100)
    ax.set(xlabel="", ylabel="")
    ax.grid(visible=False, axis="y")
    sns.despine(ax=ax, left=True)


def lorenz(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Lorenz curves: the region in which each must lie, with and without the assumption on order."""
    pairs = result[result["measure"] == "share_ratio"]
    if pairs.empty:
        return NoPicture()
    panels = [(row, *(page.study.figure(slug) for slug in row["figures"].split())) for _, row in pairs.iterrows()]
    several = pairs["group"].nunique() > 1
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    grid = np.linspace(0, 1, CURVE)
    assumed = set(result["assumption"].str.split(";").str[0])

    def draw(figure: Figure) -> None:
        axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
        for ax in axes.flat[len(panels) :]:
            ax.set_visible(False)
        handles: dict[str, Any] = {}
        for ax, (row, value, firms) in zip(axes.flat, panels, strict=False):
            for name, color, alpha in (("unordered", ORANGE, 0.22), ("ordered", BLUE, 0.45)):
                if name in assumed:
                    edges = region(firms, value, list(grid), ordered=name == "ordered")
                    low, high = ([100 * max(0.0, edge[i]) for edge in edges] for i in (0, 1))
                    handles[name] = ax.fill_between(100 * grid, low, high, color=color, alpha=alpha, lw=0)
            handles["equal"] = ax.plot([0, 100], [0, 100], color=GREY, lw=1, linestyle=":")[0]
            handles["point"] = ax.plot(*_lorenz_point(firms, value), "o", color="black", markersize=4.5)[0]
            ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
            title = page.indicator(row["indicator"])
            ax.set_title(told(page, page.group(row["group"]), title) if several else title, fontsize="medium")
        named = {key: page.text(f"plot.lorenz.{key}") for key in handles}
        figure.legend(handles.values(), named.values(), loc="outside upper left", ncols=2, frameon=False)
        figure.supxlabel(page.text("plot.lorenz.x"), fontsize="medium")
        figure.supylabel(page.text("plot.lorenz.y"), fontsize="medium")

    ginis = of_shares(result[result["measure"] == "gini"])
    items = []
    for row, value, firms in panels:
        point = _lorenz_point(firms, value)
        p, share = (labels.with_unit(labels.number(end, page.lang), "percent", page.lang) for end in point)
        of_row = ginis[(ginis["indicator"] == row["indicator"]) & (ginis["group"] == row["group"])]
        span = page.span(of_row.iloc[0]) if len(of_row) else ""
        items.append(
            page.text("plot.lorenz.alt.item", indicator=page.indicator(row["indicator"]), p=p, l=share, span=span)
        )
    alt = page.text("plot.lorenz.alt", list=listed(page, items))
    return picture(page, draw, 2.6 * down + 1.0, alt, slugs_of(pairs))


def _lorenz_point(firms: pd.Series, value: pd.Series) -> tuple[float, float]:
    """The printed point of the Lorenz curve: the group that has less than its share of firms comes first."""
    p, share = float(firms["value"]), float(value["value"])
    return (p, share) if share < p else (round(100 - p, 9), round(100 - share, 9))


def gini_bounds(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Bounds on the Gini coefficient by indicator, one bar for each assumption."""
    ginis = of_shares(result[result["measure"] == "gini"])
    if ginis.empty:
        return NoPicture()
    styles = {"ordered": BLUE, "unordered": ORANGE}
    several = ginis["group"].nunique() > 1
    rows, names = [], []
    for (group, indicator), part in ginis.groupby(["group", "indicator"], sort=False):
        name = page.indicator(str(indicator))
        rows += [row for _, row in part.iterrows()]
        names += [told(page, page.group(str(group)), name) if several else name, *[""] * (len(part) - 1)]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for y, row in enumerate(rows):
            losses = "losses" in row["assumption"]
            interval_bar(ax, y, row["low"], row["high"], color=styles[row["assumption"].split(";")[0]])
            words = page.assumption(row["assumption"])
            ax.text(1.02, y, words, transform=ax.get_yaxis_transform(), va="center", fontsize="small",
                    color="0.35", style="normal" if not losses else "italic")  # fmt: skip
        name_rows(ax, names)
        finite = ginis["high"].dropna()
        ax.set_xlim(0, max(1.0, finite.max() if len(finite) else 1.0) * 1.03)
        ax.set_xlabel(page.text("plot.bounds.x"))
        ax.set_title(page.text("plot.bounds.title"))

    items = [
        told(page, page.span(row), page.indicator(row["indicator"]), page.assumption(row["assumption"])) for row in rows
    ]
    alt = page.text("plot.bounds.alt", list=listed(page, items))
    return picture(page, draw, len(rows) * 0.34 + 1.0, alt, slugs_of(ginis), WIDTH + 1.6)
