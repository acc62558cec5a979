"""Size counts: bands, what a survival curve can be, totals, bounds, two worlds, and a fitted tail."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from clusterlib import labels
from clusterlib.analysis.sizes import Case, SizeDistribution, Sizes, Tail
from clusterlib.display import NoPicture, Picture
from clusterlib.interval import Interval
from clusterlib.page import Page, band_families, of_sizes
from clusterlib.plots.canvas import (
    BLUE,
    GREEN,
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

#: Share of a decade left free beyond the smallest and largest size.
MARGIN = 0.35


def bands(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Number of firms in each size band, as intervals; one panel for each reading and measure of size."""
    families = band_families(result)
    if not families:
        return NoPicture()
    heights = [len(part) * ROW + 1.2 for _, part in families]

    def draw(figure: Figure) -> None:
        for ax, (assumption, part) in zip(_stack(figure, heights), families, strict=True):
            for y, (_, row) in enumerate(part.iterrows()):
                interval_bar(ax, y, row["low"], row["high"], row["value"])
                _say(ax, row["low"] if np.isnan(row["high"]) else row["high"], y, page.span(row))
            name_rows(ax, [page.group(group) for group in part["group"]])
            ax.set_xlim(0, np.nanmax(part[["low", "high"]].to_numpy()) * 1.25 or 1)
            ax.set_xlabel(page.text("plot.bands.x"))
            by, reading, *_ = page.assumed(assumption)
            ax.set_title(page.join([part for part in (by, reading) if part]))

    items = [f"{page.group(row['group'])} {page.span(row)}" for _, part in families for _, row in part.iterrows()]
    alt = page.text("plot.bands.alt", list=listed(page, items))
    return picture(page, draw, sum(heights), alt, slugs_of(pd.concat([part for _, part in families])))


def survival(page: Page, found: SizeDistribution) -> Picture | NoPicture:
    """Firms at or above each size: the printed intervals, and all that a cumulative reading lets lie between them."""
    shown = [sizes for sizes, _, _ in found.families]
    if not shown:
        return NoPicture()

    def draw(figure: Figure) -> None:
        for ax, sizes in zip(_stack(figure, [3.4] * len(shown)), shown, strict=True):
            _survival_panel(page, ax, sizes)

    items = [
        told(
            page,
            labels.span(count, unit, page.lang),
            f"{page.indicator(sizes.indicator)} ≥ {page.amount(limit, sizes.unit)}",
        )
        for sizes in shown
        for limit, count, unit in _points(sizes)
    ]
    figures = [str(figure["figure"]) for sizes in shown for figure in sizes.figures(cap=True, total=False)]
    alt = page.text("plot.survival.alt", list=listed(page, items))
    return picture(page, draw, 3.4 * len(shown), alt, figures)


def totals(page: Page, found: SizeDistribution) -> Picture | NoPicture:
    """Totals that the counts alone allow, for each reading and cap, against the printed total."""
    shown = [(sizes, [case for case in cases if not case.with_total]) for sizes, cases, _ in found.families]
    shown = [(sizes, cases) for sizes, cases in shown if any(case.consistency.possible for case in cases)]
    if not shown:
        return NoPicture()
    heights = [len(cases) * ROW + 1.3 for _, cases in shown]

    def draw(figure: Figure) -> None:
        for ax, (sizes, cases) in zip(_stack(figure, heights), shown, strict=True):
            _totals_panel(page, ax, sizes, cases)

    items = [
        told(page, labels.span(case.consistency.allowed_total, sizes.unit, page.lang), _case_name(page, sizes, case))
        for sizes, cases in shown
        for case in cases
        if case.consistency.possible
    ]
    printed = [labels.span(sizes.total, sizes.unit, page.lang) for sizes, _ in shown if sizes.total is not None]
    key = "plot.totals.alt" if printed else "plot.totals.alt.alone"
    alt = page.text(key, list=listed(page, items), **({"printed": listed(page, printed)} if printed else {}))
    figures = [str(figure["figure"]) for sizes, _ in shown for figure in sizes.figures(cap=True, total=True)]
    return picture(page, draw, sum(heights), alt, figures, WIDTH + 1.6)


def ranges(page: Page, result: pd.DataFrame) -> Picture | NoPicture:
    """Bounds on the concentration ratio, the HHI and the Gini coefficient, one bar for each set of assumptions."""
    bounds = of_sizes(result)
    if bounds.empty:
        return NoPicture()
    largest = max((key for key in set(bounds["measure"]) if key.startswith("cr")), key=lambda key: int(key[2:]))
    measures = [largest, "hhi", "gini"]
    parts = [bounds[bounds["measure"] == key] for key in measures]
    assumptions = list(dict.fromkeys(pd.concat(parts)["assumption"]))
    height = (len(assumptions) * 0.29 + 1.15) * len(parts)

    def draw(figure: Figure) -> None:
        for ax, key, part in zip(_stack(figure, [1.0] * len(parts)), measures, parts, strict=True):
            scale = 1 if part["unit"].iloc[0] == "percent" else 100
            for y, (_, row) in enumerate(part.iterrows()):
                color = BLUE if "counts+total" in row["assumption"] else ORANGE
                interval_bar(ax, y, row["low"] * scale, row["high"] * scale, color=color)
                words = _short(page, row["assumption"])
                ax.text(1.02, y, words, transform=ax.get_yaxis_transform(), va="center", fontsize="small", color="0.35")
            name_rows(ax, [page.span(row) for _, row in part.iterrows()])
            ax.set_xlim(0, 103)
            ax.set_xticks(
                [0, 20, 40, 60, 80, 100], [_tick(tick, scale, page.lang) for tick in (0, 20, 40, 60, 80, 100)]
            )
            ax.set_title(page.measure(key), fontsize="medium")
            ax.set_xlabel("")

    items = [
        told(page, page.span(row), page.measure(key), page.assumption(row["assumption"]))
        for key, part in zip(measures, parts, strict=True)
        for _, row in part.iterrows()
    ]
    alt = page.text("plot.ranges.alt", list=listed(page, items))
    return picture(page, draw, height, alt, slugs_of(bounds), WIDTH + 2.6)


def worlds(page: Page, found: SizeDistribution) -> Picture | NoPicture:
    """Lorenz curves of the least and the most unequal firms that the same printed words allow, with and without cap."""
    panels = [
        (sizes, case)
        for sizes, cases, _ in found.families
        for case in cases
        if "gini" in case.bounds and case.reading == cases[0].reading and case.with_total == (sizes.total is not None)
    ]
    if not panels:
        return NoPicture()

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        handles: dict[str, Any] = {}
        for ax, (sizes, case) in zip(axes, panels, strict=True):
            bound = case.bounds["gini"]
            curves = {key: world.lorenz for key, world in (("least", bound.least), ("most", bound.most)) if world}
            for (key, curve), color in zip(curves.items(), (BLUE, ORANGE), strict=False):
                x, y = (np.array(each) * 100 for each in zip(*curve, strict=True))
                handles[key] = ax.plot(x, y, color=color, lw=2)[0]
            handles["equal"] = ax.plot([0, 100], [0, 100], color=GREY, lw=1, linestyle=":")[0]
            ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
            ax.set_title(f"{_cap(page, sizes, case)}\n{_gini_words(page, bound)}", fontsize="medium")
        names = {key: page.text("plot.lorenz.equal" if key == "equal" else f"world.{key}") for key in handles}
        figure.legend(handles.values(), names.values(), loc="outside upper left", ncols=3, frameon=False)
        figure.supxlabel(page.text("plot.lorenz.x"), fontsize="medium")
        figure.supylabel(page.text("plot.lorenz.y"), fontsize="medium")

    items = [told(page, _gini_words(page, case.bounds["gini"]), page.assumption(case.assumption)) for _, case in panels]
    figures = [str(each["figure"]) for sizes, _ in panels for each in sizes.figures(cap=True, total=True)]
    return picture(page, draw, 4.3, page.text("plot.worlds.alt", list=listed(page, items)), figures)


def tails(page: Page, found: SizeDistribution) -> Picture | NoPicture:
    """The fitted Pareto tails through the printed counts: a model."""
    shown = [(sizes, [tail for tail in tails if tail.reading == "cumulative"] or list(tails))
             for sizes, _, tails in found.families if tails]  # fmt: skip
    if not shown:
        return NoPicture()

    def draw(figure: Figure) -> None:
        for ax, (sizes, fitted) in zip(_stack(figure, [3.2] * len(shown)), shown, strict=True):
            _tail_panel(page, ax, sizes, fitted)

    items = [
        page.text(
            "plot.tails.alt.item", exponent=labels.number(fit.exponent, page.lang, 2), n=labels.number(fit.n, page.lang)
        )
        for _, fitted in shown
        for tail in fitted
        for fit in tail.fits
    ]
    figures = [str(figure["figure"]) for sizes, _ in shown for figure in sizes.counts]
    return picture(page, draw, 3.2 * len(shown), page.text("plot.tails.alt", list=listed(page, items)), figures)


def _stack(figure: Figure, heights: Sequence[float]) -> list[Axes]:
    return list(figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": list(heights)})[:, 0])


def _short(page: Page, assumption: str) -> str:
    """An assumption set beside a bar."""
    _, reading, cap, uses = page.assumed(assumption)
    key = "plot.cap" if "cap=" in assumption else "plot.no_cap"
    return page.join([reading, page.text(key, cap=cap), uses])


def _say(ax: Axes, x: float, y: float, words: str) -> None:
    ax.annotate(words, (x, y), xytext=(8, 0), textcoords="offset points", va="center", fontsize="small")


def _tick(value: float, scale: int, lang: str) -> str:
    return (
        labels.with_unit(labels.number(value, lang), "percent", lang)
        if scale == 1
        else labels.number(value / 100, lang)
    )


def _gini_words(page: Page, bound: Interval) -> str:
    return f"{page.text('column.gini')} {labels.span(bound, 'index', page.lang)}"


def _case_name(page: Page, sizes: Sizes, case: Case) -> str:
    return page.join([page.text(f"reading.{case.reading}"), _cap(page, sizes, case)])


def _cap(page: Page, sizes: Sizes, case: Case) -> str:
    return page.text("plot.cap" if case.capped else "plot.no_cap", cap=page.cap_words(sizes, case))


def _points(sizes: Sizes) -> list[tuple[float, Interval, str]]:
    units = [str(figure["unit"]) for figure in sizes.counts]
    return list(zip(sizes.thresholds, sizes.intervals, units, strict=True))


def _survival_panel(page: Page, ax: Axes, sizes: Sizes) -> None:
    """Between two thresholds the curve can be anything that falls from the one count to the other."""
    limits = sizes.thresholds
    highest = sizes.firms.high if sizes.firms is not None else math.inf
    lows, highs = _envelope(sizes)
    if not math.isfinite(highest):
        highest = 2 * max(each for each in highs if math.isfinite(each))
    ends = _size_limits(limits, sizes.cap)
    stop = min(sizes.cap, ends[1])
    corners = [ends[0], *limits, stop]
    upper = [min(each, highest) for each in (highest, *highs)]
    lower = [*lows, 0.0]
    for left, right, top, bottom in zip(corners[:-1], corners[1:], upper, lower, strict=True):
        ax.fill_between([left, right], max(bottom, 0.5), top, color=BLUE, alpha=0.18, lw=0)
    for limit, count, _ in _points(sizes):
        top = min(count.high, highest)
        ax.plot([limit, limit], [max(count.low, 0.5), top], color=BLUE, lw=5, alpha=0.6, solid_capstyle="butt")
        ax.plot([limit, limit], [max(count.low, 0.5), top], linestyle="none", marker="_", color=BLUE, markersize=11)
        words = labels.span(count, "", page.lang)
        ax.annotate(words, (limit, top), xytext=(4, 5), textcoords="offset points", fontsize="small")
    if sizes.firms is not None:
        ax.axhspan(max(sizes.firms.low, 0.5), highest, xmax=0.012, color=BLUE)
        words = page.text("statement.all", indicator=labels.span(sizes.firms, "", page.lang))
        ax.annotate(words, (ends[0], highest), xytext=(10, 4), textcoords="offset points", fontsize="small")
    if math.isfinite(sizes.cap):
        ax.axvline(sizes.cap, color=ORANGE, lw=1.6, linestyle="--")
        ax.annotate(page.text("plot.survival.cap"), (sizes.cap, highest), xytext=(-4, -2), textcoords="offset points",
                    ha="right", va="top", fontsize="small", color="0.25")  # fmt: skip
    _log_axes(page, ax, sizes, ends, highest)
    ax.set_title(page.text("plot.survival.title", indicator=page.indicator(sizes.by)))


def _envelope(sizes: Sizes) -> tuple[list[float], list[float]]:
    """Least and greatest number of firms at each threshold, none below that of the next."""
    lows = np.maximum.accumulate([each.low for each in sizes.intervals][::-1])[::-1]
    highs = np.minimum.accumulate([each.high for each in sizes.intervals])
    return lows.tolist(), highs.tolist()


def _size_limits(limits: Sequence[float], cap: float) -> tuple[float, float]:
    last = cap if math.isfinite(cap) else limits[-1]
    return limits[0] / 10**MARGIN, last * (1.25 if math.isfinite(cap) else 10**MARGIN)


def _log_axes(page: Page, ax: Axes, sizes: Sizes, ends: tuple[float, float], highest: float) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*ends)
    ax.set_ylim(0.5, highest * 2.2)
    ax.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: labels.number(value, page.lang)))
    ticks = [each for each in (*sizes.thresholds, sizes.cap) if math.isfinite(each)]
    ax.set_xticks(ticks, [labels.number(tick, page.lang) for tick in ticks])
    ax.minorticks_off()
    unit = labels.unit_name(sizes.unit, page.lang)
    ax.set_xlabel(page.text("plot.survival.x", indicator=page.indicator(sizes.by), unit=unit))
    ax.set_ylabel(page.text("plot.survival.y"))


def _totals_panel(page: Page, ax: Axes, sizes: Sizes, cases: Sequence[Case]) -> None:
    for y, case in enumerate(cases):
        allowed = case.consistency.allowed_total
        if not case.consistency.possible:
            ax.text(0.02, y, page.text("verdict.contradict"), transform=ax.get_yaxis_transform(), va="center")
            continue
        high = math.nan if math.isinf(allowed.high) else allowed.high
        interval_bar(ax, y, allowed.low, high, color=BLUE)
    name_rows(ax, [_case_name(page, sizes, case) for case in cases])
    edges = [end for case in cases for end in case.consistency.allowed_total if math.isfinite(end)]
    if sizes.total is not None:
        right = sizes.total.high if math.isfinite(sizes.total.high) else max(*edges, sizes.total.low) * 1.3
        left = max(sizes.total.low, 0.0) if math.isfinite(sizes.total.low) else 0.0
        ax.axvspan(left, right, color=ORANGE, alpha=0.3, lw=0)
        ax.text(
            (left + right) / 2, -0.62, page.text("column.printed_total"), ha="center", va="bottom", fontsize="small"
        )
        edges += [left, right]
    ax.set_xlim(0, max(edges) * 1.12)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: labels.number(value, page.lang)))
    ax.set_xlabel(page.text("plot.totals.x", indicator=page.indicator(sizes.by),
                            unit=labels.unit_name(sizes.unit, page.lang)))  # fmt: skip


def _tail_panel(page: Page, ax: Axes, sizes: Sizes, fitted: Sequence[Tail]) -> None:
    ends = _size_limits(sizes.thresholds, sizes.cap)
    handles: dict[str, Any] = {}
    highest = 1.0
    for tail, color in zip(fitted, (ORANGE, GREEN), strict=False):
        for fit in tail.fits:
            x = np.geomspace(fit.lowest, ends[1], 60)
            curve = ax.plot(x, fit.n * (x / fit.lowest) ** -fit.exponent, color=color, lw=1.6, linestyle="--")[0]
            handles.setdefault("plot.tails.model", curve)
            highest = max(highest, fit.n)
    for limit, count, _ in _points(sizes):
        if math.isfinite(count.high):
            highest = max(highest, count.high)
            ax.plot(
                [limit, limit], [max(count.low, 0.5), count.high], color=BLUE, lw=5, alpha=0.6, solid_capstyle="butt"
            )
            handles["plot.tails.printed"] = ax.plot(
                [limit, limit],
                [max(count.low, 0.5), count.high],
                linestyle="none",
                marker="_",
                color=BLUE,
                markersize=11,
            )[0]
    _log_axes(page, ax, sizes, ends, highest)
    ax.set_ylim(0.5, highest * 1.6)
    names = [page.text(key) for key in handles]
    ax.legend(handles.values(), names, loc="lower left", frameon=False)
    ax.set_title(page.text("plot.tails.title"))
