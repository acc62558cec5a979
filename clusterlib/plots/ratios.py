"""Performance: ratios against a reference, the split of an advantage, levels per unit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from clusterlib import labels
from clusterlib.display import NoPicture, Picture
from clusterlib.page import Page
from clusterlib.plots.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    ROW,
    interval_bar,
    listed,
    name_rows,
    picture,
    scale_axis,
    slugs_of,
    told,
    unit_label,
)


def relative(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Ratios of performance with their intervals, against both references; one panel for each group."""
    found = result[(result["reference"] != "") & (result["measure"] != "contribution")]
    if found.empty:
        return NoPicture()
    groups = [(str(group), part) for group, part in found.groupby("group", sort=False)]
    heights = [part["measure"].nunique() * 0.46 + 1.2 for _, part in groups]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(groups), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, (group, part) in zip(axes, groups, strict=True):
            _ratio_panel(page, ax, part)
            ax.set_title(page.text("plot.relative.title", group=page.group(group)))
        axes[-1].set_xlabel(page.text("plot.relative.x"))

    items = [
        told(page, page.both(row), page.text(f"measure.{row['measure']}"), page.text(f"reference.{row['reference']}"))
        for _, row in found.iterrows()
    ]
    alt = page.text("plot.relative.alt", list=listed(page, items))
    return picture(page, draw, sum(heights), alt, slugs_of(found))


def _ratio_panel(page: Page, ax: Axes, part: pd.DataFrame) -> None:
    measures = list(dict.fromkeys(part["measure"]))
    colors = {"cluster_average": BLUE, "rest": ORANGE}
    offsets = {"cluster_average": -0.14, "rest": 0.14}
    handles = {}
    for _, row in part.iterrows():
        y = measures.index(row["measure"]) + offsets[row["reference"]]
        interval_bar(ax, y, row["low"], row["high"], row["value"], colors[row["reference"]])
        handles[row["reference"]] = ax.plot([], [], "o", color=colors[row["reference"]])[0]
        if row["value"] > 0:
            ax.annotate(page.claim(row), (row["value"], y), xytext=(9, 0), textcoords="offset points", va="center",
                        fontsize="small", color="0.3")  # fmt: skip
    name_rows(ax, [page.text(f"measure.{measure}") for measure in measures])
    ax.axvline(1, color=GREY, lw=1)
    ax.set_xscale("log")
    numbers = part[["low", "high"]].to_numpy()
    ends = [1.0, *numbers[~np.isnan(numbers) & (numbers > 0)]]
    ax.set_xlim(min(0.5, min(ends) * 0.8), max(2.0, max(ends) * 1.5))
    low, high = ax.get_xlim()
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 20, 50, 100) if low <= tick <= high]
    ax.set_xticks(ticks, [labels.number(tick, page.lang) for tick in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
    names = [page.text(f"reference.{key}") for key in handles]
    # Above the axes: inside, it would hide a point.
    ax.legend(handles.values(), names, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderpad=0)


def waterfall(page: Page, result: pd.DataFrame, reference: str = "cluster_average") -> Picture | NoPicture:
    """The advantage in profit per firm as a product of factors, step by step."""
    split = result[
        (result["measure"] == "contribution") & (result["reference"] == reference) & (result["unit"] == "log")
    ]
    if split.empty:
        return NoPicture()
    group = split["group"].iloc[0]  # the first, if there are several: the title names it, the table has all
    split = split[split["group"] == group]
    steps, whole = split[split["indicator"] != "all"], split[split["indicator"] == "all"].iloc[0]
    factors = np.exp(steps["value"].to_numpy())
    levels = np.concatenate([[1.0], np.cumprod(factors)])
    names = [page.text(f"factor.{key}") for key in steps["indicator"]] + [page.text("factor.all")]
    shown = [labels.number(factor, page.lang, 3) for factor in factors]
    total = labels.number(float(np.exp(whole["value"])), page.lang, 3)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for x, (start, end) in enumerate(pairwise(levels)):
            ax.bar(x, abs(end - start), bottom=min(start, end), color=GREEN if end >= start else RED, width=0.6)
            ax.plot([x - 0.3, x + 1.3], [end, end], color=GREY, lw=0.8)
            low, high = np.exp(steps["low"].iloc[x]) * start, np.exp(steps["high"].iloc[x]) * start
            ax.plot([x, x], [low, high], color="black", lw=1.6)
            ax.annotate(f"× {shown[x]}", (x, max(start, end)), xytext=(0, 4), textcoords="offset points", ha="center")
        last = len(factors)
        ax.bar(last, levels[-1] - 1, bottom=1, color=BLUE, width=0.6)
        ax.plot([last, last], [np.exp(whole["low"]), np.exp(whole["high"])], color="black", lw=1.6)
        ax.annotate(
            total, (last, max(levels[-1], 1)), xytext=(0, 4), textcoords="offset points", ha="center", fontweight="bold"
        )
        ax.axhline(1, color=GREY, lw=1)
        ax.set_yscale("log")
        ax.set_ylim(min(0.9, levels.min() * 0.9), levels.max() * 1.18)
        ticks = [
            tick
            for tick in (0.2, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 20)
            if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]
        ]
        ax.set_yticks(ticks, [labels.number(tick, page.lang) for tick in ticks])
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_xticks(range(len(names)), [_two_lines(name) for name in names])
        ax.grid(visible=False, axis="x")
        ax.set_ylabel(page.text("plot.waterfall.y", reference=page.text(f"reference.{reference}")))
        caption = page.text("plot.waterfall.title")
        ax.set_title(page.text("table.of", caption=caption, group=page.group(group)), pad=10)
        sns.despine(ax=ax)

    items = [f"{name} × {value}" for name, value in zip(names, shown, strict=False)]
    return picture(
        page, draw, 3.6, page.text("plot.waterfall.alt", total=total, list=listed(page, items)), slugs_of(split)
    )


def _two_lines(name: str) -> str:
    return name.replace(" (", "\n(").replace("（", "\n（")


def densities(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Levels per unit, one small panel for each measure, since their units differ."""
    found = result[result["assumption"].str.startswith("scope=")]
    if found.empty:
        return NoPicture()
    measures = list(dict.fromkeys(found["measure"]))
    parts = [found[found["measure"] == measure] for measure in measures]
    heights = [len(part) * ROW + 1.05 for part in parts]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(parts), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, measure, part in zip(axes, measures, parts, strict=True):
            for y, (_, row) in enumerate(part.iterrows()):
                interval_bar(ax, y, row["low"], row["high"], row["value"])
            name_rows(ax, [page.assumption(row["assumption"]) for _, row in part.iterrows()])
            scale_axis(ax, part, part["unit"].iloc[0], page.lang)
            ax.set_xlabel(unit_label(page, part["unit"].iloc[0]))
            ax.set_title(page.text(f"measure.{measure}"), fontsize="medium")

    items = [
        told(page, page.span(row), page.text(f"measure.{row['measure']}"), page.assumption(row["assumption"]))
        for _, row in found.iterrows()
    ]
    return picture(page, draw, sum(heights), page.text("plot.densities.alt", list=listed(page, items)), slugs_of(found))
