"""Result table to picture. A drawing computes nothing; intervals are bars, one-sided bounds are arrows."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from clusterlib import fonts, labels
from clusterlib.analysis import region
from clusterlib.display import NoPicture, Picture
from clusterlib.errors import ClusterlibError
from clusterlib.page import Page
from clusterlib.study import interval_of

#: Okabe and Ito's colours by way of seaborn's colour-blind palette: group, rest, above, below, mark.
BLUE, ORANGE, GREEN, RED, *_ = sns.color_palette("colorblind")
GREY = (0.45, 0.45, 0.45)
#: Width of a picture in inches, that of a text column; heights follow from what is shown.
WIDTH = 7.2
ROW = 0.42
#: Points along a Lorenz curve.
CURVE = 101


@contextmanager
def style() -> Iterator[None]:
    """The look of every picture; leaves the caller's settings as they were."""
    look = sns.axes_style("whitegrid") | sns.plotting_context("paper", font_scale=1.05)
    look |= {
        "font.family": fonts.families(),
        "axes.unicode_minus": True,
        "svg.fonttype": "path",
        "svg.hashsalt": "clusterlib",
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "grid.color": "0.88",
        "axes.edgecolor": "0.6",
    }
    with rc_context(look):
        yield


def _picture(
    page: Page, draw: Callable[[Figure], None], height: float, alt: str, slugs: Sequence[str], width: float = WIDTH
) -> Picture:
    with style():
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        buffer = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=r"Glyph .* missing")
            try:
                figure.savefig(buffer, format="svg", metadata={"Date": None})
            except UserWarning as missing:
                raise ClusterlibError(f"{missing}; install a font with Chinese: pip install mpl-font") from None
    return Picture(buffer.getvalue(), alt, page.note(slugs))


def _slugs(frame: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(slug for slugs in frame["figures"] for slug in slugs.split()))


def _listed(page: Page, items: Sequence[str]) -> str:
    return ("；" if page.lang == "zh" else "; ").join(items)


def interval_bar(ax: Axes, y: float, low: float, high: float, value: float = np.nan, color: Any = BLUE) -> Axes:
    """Draw one interval: a bar from low to high, an arrow where an end is open, a dot at the value."""
    if np.isnan(low) and np.isnan(high):
        return ax
    if np.isnan(high) or np.isnan(low):
        start, sign = (low, 1) if np.isnan(high) else (high, -1)
        ax.plot([start], [y], marker="|", color=color, markersize=10, markeredgewidth=2)
        _arrow(ax, start, y, sign, color)
        return ax
    ax.plot([low, high], [y, y], color=color, lw=5, solid_capstyle="butt", alpha=0.45)
    ax.plot([low, high], [y, y], linestyle="none", marker="|", color=color, markersize=10, markeredgewidth=1.8)
    if not np.isnan(value) and low <= value <= high:
        ax.plot([value], [y], marker="o", color=color, markersize=5)
    return ax


def _arrow(ax: Axes, start: float, y: float, sign: int, color: Any) -> None:
    ax.annotate(
        "", xy=(start, y), xycoords="data", xytext=(sign * 40, 0), textcoords="offset points",
        arrowprops={"arrowstyle": "<|-", "color": color, "lw": 2, "shrinkA": 0, "shrinkB": 0}, annotation_clip=False,
    )  # fmt: skip


def _rows(ax: Axes, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    sns.despine(ax=ax, left=True)


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
            _rows(ax, [_figure_name(page, row) for _, row in part.iterrows()])
            _scale(ax, part, unit, page.lang)
            ax.set_xlabel(_unit(page, str(unit)))

    items = [
        f"{_figure_name(page, row)} {labels.span(interval_of(row), row['unit'], page.lang)}"
        for _, row in shown.iterrows()
    ]
    return _picture(
        page, draw, sum(heights), page.text("plot.figures.alt", list=_listed(page, items)), list(shown["figure"])
    )


#: Units whose axis may have ticks between whole numbers.
MEASURED = ("ratio", "index", "person/shop", "m2")


def _unit(page: Page, unit: str) -> str:
    return page.text("plot.unit", unit=labels.unit_name(unit, page.lang))


def _figure_name(page: Page, row: pd.Series) -> str:
    name = page.indicator(row["indicator"])
    if row["group"] == "at_least":
        name = f"{name} ≥ {page.money(row['threshold'], row['threshold_unit'])}"
    elif row["group"] != "all":
        name = f"{name}: {page.group(row['group'])}"
    number = page.sources[row["figure"]].number
    mark = "" if row["status"] == "observed" else f", {page.text('status.' + row['status'])}"
    return f"{name}{mark} [{number}]"


def _scale(ax: Axes, part: pd.DataFrame, unit: object, lang: str) -> None:
    ends = pd.concat([part["low"], part["high"]]).dropna()
    positive = ends[ends > 0]
    if unit == "percent":
        ax.set_xlim(0, 100)
    elif len(positive) and positive.max() > 50 * positive.min() and (ends > 0).all():
        ax.set_xscale("log")
        ax.set_xlim(positive.min() / 3, positive.max() * 5)
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.set_xlim(0, ends.max() * 1.35 or 1)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=unit not in MEASURED and ends.max() >= 1))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: labels.number(value, lang)))


def shares(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """One group's share of firms and of each indicator, as stacked bars with the printed intervals."""
    lorenz = result[(result["measure"] == "lorenz")]
    if lorenz.empty:
        return NoPicture()
    group = lorenz["group"].iloc[0]
    part = lorenz[lorenz["group"] == group]
    firms = part[part["indicator"] == "firms"]
    rest = part[part["indicator"] != "firms"].sort_values("value", ascending=False)
    ordered = pd.concat([firms, rest])
    names = [page.indicator(key) for key in ordered["indicator"]]
    own = [(100 - row["high"], 100 - row["value"], 100 - row["low"]) for _, row in ordered.iterrows()]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        values = [value for _, value, _ in own]
        sns.barplot(x=[100.0] * len(names), y=names, ax=ax, color="0.9", orient="h", width=0.62)
        sns.barplot(x=values, y=names, ax=ax, color=BLUE, orient="h", width=0.62)
        for y, (low, value, high) in enumerate(own):
            ax.plot([low, high], [y, y], color="black", lw=1.6)
            ax.plot([low, high], [y, y], linestyle="none", marker="|", color="black", markersize=7)
            shown = labels.quantity(value, interval_of(pd.Series({"low": low, "high": high})), "percent", page.lang)
            inside = value > 15
            ax.text(value - 1.2 if inside else value + 1.2, y, shown, va="center", ha="right" if inside else "left",
                    color="white" if inside else "black", fontweight="bold")  # fmt: skip
        if len(firms):
            ax.axvline(values[0], color=ORANGE, lw=1.8, linestyle="--", zorder=3)
            ax.text(
                values[0],
                -0.62,
                page.text("plot.shares.firms"),
                color="0.25",
                ha="center",
                va="bottom",
                fontsize="small",
            )
        ax.set_xlim(0, 100)
        ax.set_xlabel(page.text("plot.shares.x"))
        ax.set_ylabel("")
        ax.grid(visible=False, axis="y")
        sns.despine(ax=ax, left=True)
        ax.set_title(page.text("plot.shares.title", group=page.group(group)), pad=22)

    items = [
        f"{name} {labels.quantity(value, interval_of(pd.Series({'low': low, 'high': high})), 'percent', page.lang)}"
        for name, (low, value, high) in zip(names, own, strict=True)
    ]
    alt = page.text("plot.shares.alt", group=page.group(group), list=_listed(page, items))
    return _picture(page, draw, len(names) * ROW + 1.3, alt, _slugs(ordered))


def lorenz(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Lorenz curves: the region in which each must lie, with and without the assumption on order."""
    points = result[result["measure"] == "lorenz"]
    firms = points[points["indicator"] == "firms"]
    if firms.empty:
        return NoPicture()
    group = firms["group"].iloc[0]
    part = points[(points["group"] == group) & (points["indicator"] != "firms")]
    across = min(3, len(part))
    down = -(-len(part) // across)
    grid = np.linspace(0, 1, CURVE)
    assumed = set(result["assumption"].str.split(";").str[0])

    def draw(figure: Figure) -> None:
        axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
        for ax in axes.flat[len(part) :]:
            ax.set_visible(False)
        handles: dict[str, Any] = {}
        for ax, (_, row) in zip(axes.flat, part.iterrows(), strict=False):
            share = page.study.figure(row["figures"])
            for name, color, alpha in (("unordered", ORANGE, 0.22), ("ordered", BLUE, 0.45)):
                if name in assumed:
                    edges = region(
                        page.study.figure(firms["figures"].iloc[0]), share, list(grid), ordered=name == "ordered"
                    )
                    low, high = ([100 * max(0.0, edge[i]) for edge in edges] for i in (0, 1))
                    handles[name] = ax.fill_between(100 * grid, low, high, color=color, alpha=alpha, lw=0)
            handles["equal"] = ax.plot([0, 100], [0, 100], color=GREY, lw=1, linestyle=":")[0]
            handles["point"] = ax.plot([firms["value"].iloc[0]], [row["value"]], "o", color="black", markersize=4.5)[0]
            ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
            ax.set_title(page.indicator(row["indicator"]), fontsize="medium")
        named = {key: page.text(f"plot.lorenz.{key}", group=page.group(group)) for key in handles}
        figure.legend(handles.values(), named.values(), loc="outside upper left", ncols=2, frameon=False)
        figure.supxlabel(page.text("plot.lorenz.x"), fontsize="medium")
        figure.supylabel(page.text("plot.lorenz.y"), fontsize="medium")

    ginis = result[(result["measure"] == "gini") & (result["group"] == group)]
    p = page.value(firms.iloc[0])
    items = [
        page.text("plot.lorenz.alt.item", indicator=page.indicator(row["indicator"]), p=p, l=page.value(row),
                  span=page.span(ginis[ginis["indicator"] == row["indicator"]].iloc[0]))
        for _, row in part.iterrows()
    ]  # fmt: skip
    alt = page.text("plot.lorenz.alt", list=_listed(page, items))
    return _picture(page, draw, 2.6 * down + 1.0, alt, _slugs(pd.concat([firms, part])))


def gini_bounds(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Bounds on the Gini coefficient by indicator, one bar for each assumption."""
    ginis = result[result["measure"] == "gini"]
    if ginis.empty:
        return NoPicture()
    order = list(dict.fromkeys(ginis["indicator"]))
    styles = {"ordered": BLUE, "unordered": ORANGE}
    rows = [row for key in order for _, row in ginis[ginis["indicator"] == key].iterrows()]
    names = [
        f"{page.indicator(row['indicator'])}" if i == 0 or rows[i - 1]["indicator"] != row["indicator"] else ""
        for i, row in enumerate(rows)
    ]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for y, row in enumerate(rows):
            losses = "losses" in row["assumption"]
            interval_bar(ax, y, row["low"], row["high"], color=styles[row["assumption"].split(";")[0]])
            words = page.assumption(row["assumption"])
            ax.text(1.02, y, words, transform=ax.get_yaxis_transform(), va="center", fontsize="small",
                    color="0.35", style="normal" if not losses else "italic")  # fmt: skip
        _rows(ax, names)
        finite = ginis["high"].dropna()
        ax.set_xlim(0, max(1.0, finite.max() if len(finite) else 1.0) * 1.03)
        ax.set_xlabel(page.text("plot.bounds.x"))
        ax.set_title(page.text("plot.bounds.title"))

    items = [
        f"{page.indicator(row['indicator'])}, {page.assumption(row['assumption'])}: {page.span(row)}" for row in rows
    ]
    return _picture(
        page,
        draw,
        len(rows) * 0.34 + 1.0,
        page.text("plot.bounds.alt", list=_listed(page, items)),
        _slugs(ginis),
        WIDTH + 1.6,
    )


def bands(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Number of firms in each size band, as intervals."""
    found = result[result["measure"] == "band_count"]
    if found.empty:
        return NoPicture()
    names = [page.group(group) for group in found["group"]]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for y, (_, row) in enumerate(found.iterrows()):
            interval_bar(ax, y, row["low"], row["high"], row["value"])
            right = row["high"] if not np.isnan(row["high"]) else row["low"]
            ax.annotate(
                page.span(row), (right, y), xytext=(8, 0), textcoords="offset points", va="center", fontsize="small"
            )
        _rows(ax, names)
        ax.set_xlim(0, np.nanmax(found[["low", "high"]].to_numpy()) * 1.25)
        ax.set_xlabel(page.text("plot.bands.x"))

    items = [f"{name} {page.span(row)}" for name, (_, row) in zip(names, found.iterrows(), strict=True)]
    return _picture(
        page, draw, len(names) * ROW + 1.0, page.text("plot.bands.alt", list=_listed(page, items)), _slugs(found)
    )


def relative(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Ratios of performance with their intervals, against both references."""
    found = result[(result["reference"] != "") & (result["measure"] != "contribution")]
    if found.empty:
        return NoPicture()
    group = found["group"].iloc[0]
    found = found[found["group"] == group]
    measures = list(dict.fromkeys(found["measure"]))
    colors = {"cluster_average": BLUE, "rest": ORANGE}
    offsets = {"cluster_average": -0.14, "rest": 0.14}

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        handles = {}
        for _, row in found.iterrows():
            y = measures.index(row["measure"]) + offsets[row["reference"]]
            interval_bar(ax, y, row["low"], row["high"], row["value"], colors[row["reference"]])
            handles[row["reference"]] = ax.plot([], [], "o", color=colors[row["reference"]])[0]
            if not np.isnan(row["value"]):
                ax.annotate(
                    page.value(row),
                    (row["value"], y),
                    xytext=(9, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize="small",
                    color="0.3",
                )
        _rows(ax, [page.text(f"measure.{measure}") for measure in measures])
        ax.axvline(1, color=GREY, lw=1)
        ax.set_xscale("log")
        numbers = found[["low", "high"]].to_numpy()
        ends = numbers[~np.isnan(numbers) & (numbers > 0)]
        ax.set_xlim(min(0.5, ends.min() * 0.8), max(2.0, ends.max() * 1.5))
        ticks = [
            tick
            for tick in (0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 20, 50, 100)
            if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]
        ]
        ax.set_xticks(ticks, [labels.number(tick, page.lang) for tick in ticks])
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel(page.text("plot.relative.x"))
        ax.legend(handles.values(), [page.text(f"reference.{key}") for key in handles], loc="lower right", frameon=True)
        ax.set_title(page.text("plot.relative.title", group=page.group(group)))

    items = [
        f"{page.text('measure.' + row['measure'])}, {page.text('reference.' + row['reference'])}: {page.both(row)}"
        for _, row in found.iterrows()
    ]
    return _picture(
        page, draw, len(measures) * 0.46 + 1.2, page.text("plot.relative.alt", list=_listed(page, items)), _slugs(found)
    )


def waterfall(page: Page, result: pd.DataFrame, reference: str = "cluster_average") -> Picture | NoPicture:
    """The advantage in profit per firm as a product of factors, step by step."""
    split = result[
        (result["measure"] == "contribution") & (result["reference"] == reference) & (result["unit"] == "log")
    ]
    if split.empty:
        return NoPicture()
    split = split[split["group"] == split["group"].iloc[0]]
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
        ax.set_title(page.text("plot.waterfall.title"), pad=10)
        sns.despine(ax=ax)

    items = [f"{name} × {value}" for name, value in zip(names, shown, strict=False)]
    return _picture(
        page, draw, 3.6, page.text("plot.waterfall.alt", total=total, list=_listed(page, items)), _slugs(split)
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
            _rows(ax, [page.assumption(row["assumption"]) for _, row in part.iterrows()])
            _scale(ax, part, part["unit"].iloc[0], page.lang)
            ax.set_xlabel(_unit(page, part["unit"].iloc[0]))
            ax.set_title(page.text(f"measure.{measure}"), fontsize="medium")

    items = [
        f"{page.text('measure.' + row['measure'])}, {page.assumption(row['assumption'])}: {page.span(row)}"
        for _, row in found.iterrows()
    ]
    return _picture(page, draw, sum(heights), page.text("plot.densities.alt", list=_listed(page, items)), _slugs(found))
