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
from clusterlib.page import Page, band_families
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
        "text.parse_math": False,  # a dollar in a label is a dollar
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
    if row["kind"] == "threshold_count":
        sign = ">" if row["threshold_rule"] == "above" else "≥"
        name = f"{name} {sign} {page.amount(row['threshold'], row['threshold_unit'])}"
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
    """Each group's share of firms and of each indicator, as stacked bars with the printed intervals."""
    lorenz = result[result["measure"] == "lorenz"]
    if lorenz.empty:
        return NoPicture()
    groups = []
    for group, part in lorenz.groupby("group", sort=False):
        firms = part[part["indicator"] == "firms"]
        rest = part[part["indicator"] != "firms"].sort_values("value", ascending=False)
        groups.append((str(group), [page.study.figure(slug) for slug in pd.concat([firms, rest])["figures"]]))
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
        alts.append(page.text("plot.shares.alt", group=page.group(group), list=_listed(page, items)))
    return _picture(page, draw, sum(heights), " ".join(alts), _slugs(lorenz))


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
            ax.set_title(f"{title}: {page.group(row['group'])}" if several else title, fontsize="medium")
        named = {key: page.text(f"plot.lorenz.{key}") for key in handles}
        figure.legend(handles.values(), named.values(), loc="outside upper left", ncols=2, frameon=False)
        figure.supxlabel(page.text("plot.lorenz.x"), fontsize="medium")
        figure.supylabel(page.text("plot.lorenz.y"), fontsize="medium")

    ginis = result[result["measure"] == "gini"]
    items = []
    for row, value, firms in panels:
        point = _lorenz_point(firms, value)
        p, share = (labels.with_unit(labels.number(end, page.lang), "percent", page.lang) for end in point)
        of_row = ginis[(ginis["indicator"] == row["indicator"]) & (ginis["group"] == row["group"])]
        span = page.span(of_row.iloc[0]) if len(of_row) else ""
        items.append(
            page.text("plot.lorenz.alt.item", indicator=page.indicator(row["indicator"]), p=p, l=share, span=span)
        )
    alt = page.text("plot.lorenz.alt", list=_listed(page, items))
    return _picture(page, draw, 2.6 * down + 1.0, alt, _slugs(pairs))


def _lorenz_point(firms: pd.Series, value: pd.Series) -> tuple[float, float]:
    """The printed point of the Lorenz curve: the group that has less than its share of firms comes first."""
    p, share = float(firms["value"]), float(value["value"])
    return (p, share) if share < p else (round(100 - p, 9), round(100 - share, 9))


def gini_bounds(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Bounds on the Gini coefficient by indicator, one bar for each assumption."""
    ginis = result[result["measure"] == "gini"]
    if ginis.empty:
        return NoPicture()
    styles = {"ordered": BLUE, "unordered": ORANGE}
    several = ginis["group"].nunique() > 1
    rows, names = [], []
    for (group, indicator), part in ginis.groupby(["group", "indicator"], sort=False):
        name = page.indicator(str(indicator))
        rows += [row for _, row in part.iterrows()]
        names += [f"{name}: {page.group(str(group))}" if several else name, *[""] * (len(part) - 1)]

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
    alt = page.text("plot.bounds.alt", list=_listed(page, items))
    return _picture(page, draw, len(rows) * 0.34 + 1.0, alt, _slugs(ginis), WIDTH + 1.6)


def bands(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Number of firms in each size band, as intervals; one panel for each measure of size."""
    families = band_families(result)
    if not families:
        return NoPicture()
    heights = [len(part) * ROW + 1.2 for _, part in families]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(families), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, (assumption, part) in zip(axes, families, strict=True):
            for y, (_, row) in enumerate(part.iterrows()):
                interval_bar(ax, y, row["low"], row["high"], row["value"])
                right = row["high"] if not np.isnan(row["high"]) else row["low"]
                ax.annotate(
                    page.span(row), (right, y), xytext=(8, 0), textcoords="offset points", va="center", fontsize="small"
                )
            _rows(ax, [page.group(group) for group in part["group"]])
            ax.set_xlim(0, np.nanmax(part[["low", "high"]].to_numpy()) * 1.25 or 1)
            ax.set_xlabel(page.text("plot.bands.x"))
            ax.set_title(page.assumption(assumption.partition("cumulative;")[2]))

    items = [f"{page.group(row['group'])} {page.span(row)}" for _, part in families for _, row in part.iterrows()]
    alt = page.text("plot.bands.alt", list=_listed(page, items))
    return _picture(page, draw, sum(heights), alt, _slugs(result[result["measure"] == "band_count"]))


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
        f"{page.text('measure.' + row['measure'])}, {page.text('reference.' + row['reference'])}: {page.both(row)}"
        for _, row in found.iterrows()
    ]
    alt = page.text("plot.relative.alt", list=_listed(page, items))
    return _picture(page, draw, sum(heights), alt, _slugs(found))


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
    _rows(ax, [page.text(f"measure.{measure}") for measure in measures])
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
