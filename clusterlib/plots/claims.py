"""Claims: each number against what the claim needs it to be."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from clusterlib import labels
from clusterlib.analysis.claims import Claim, Claims, Reading
from clusterlib.display import NoPicture, Picture
from clusterlib.interval import Interval
from clusterlib.page import Page
from clusterlib.plots.canvas import BLUE, GREY, ORANGE, RED, interval_bar, listed, name_rows, picture, slugs_of, told
from clusterlib.study import interval_of

#: Height of one number in inches: a page may show thirty.
ROW = 0.34
#: An interval with ends in at most this ratio looks like a point, and is marked as one.
DOT = 1.05
#: More marks than this on the axis would touch each other.
MOST_TICKS = 9
COLORS = {"supported": BLUE, "contradicted": RED, "only_at_the_extreme": ORANGE, "undecidable": GREY}
#: Numbers of a claim that agree in these differ in their assumptions alone.
_SAME = ("measure", "indicator", "group", "reference")


def claims(page: Page, found: Claims) -> Picture | NoPicture:
    """Numbers behind the claims, each as a multiple of the bound that its claim names."""
    shown = [(claim, each) for claim in found.claims for each in claim.readings if _drawable(each)]
    if not shown:
        return NoPicture()

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        _scale(page, ax, [reading for _, reading in shown])
        for y, (_, reading) in enumerate(shown):
            _bar(ax, y, reading)
            ax.annotate(page.text(f"verdict.{reading.verdict}"), (1.01, y), xycoords=ax.get_yaxis_transform(),
                        va="center", fontsize="small", color="0.25")  # fmt: skip
        name_rows(ax, [_name(page, claim, reading) for claim, reading in shown])

    items = [
        told(
            page,
            page.noted(labels.span(_relative(reading), "ratio", page.lang), page.text(f"verdict.{reading.verdict}")),
            _name(page, claim, reading),
        )
        for claim, reading in shown
    ]
    frame = pd.DataFrame([reading.result for _, reading in shown])
    alt = page.text("plot.claims.alt", list=listed(page, items))
    return picture(page, draw, len(shown) * ROW + 1.2, alt, slugs_of(frame))


def _drawable(reading: Reading) -> bool:
    """Whether a number can be put against its bound: both there, and the bound above zero."""
    if reading.judgement is None or reading.result is None or reading.bound is None:
        return False
    low, high = interval_of(reading.result)
    return reading.bound.low > 0 and high > 0 and (math.isfinite(low) or math.isfinite(high))


def _relative(reading: Reading) -> Interval:
    assert reading.result is not None and reading.bound is not None
    low, high = interval_of(reading.result)
    return Interval(low / reading.bound.low, high / reading.bound.low)


def _name(page: Page, claim: Claim, reading: Reading) -> str:
    result = reading.result
    assert result is not None
    alike = [each.result for each in claim.readings if each.result is not None]
    alike = [each for each in alike if (each[list(_SAME)] == result[list(_SAME)]).all()]
    name = f"{page.mark('claims', claim.key).label} {page.quantity(result, group=False)}"
    if len(alike) > 1:  # under several sets of assumptions: in the order of the table below
        return page.noted(name, str(1 + next(i for i, each in enumerate(alike) if each is result)))
    return name


def _bar(ax: Axes, y: float, reading: Reading) -> None:
    """The interval of a number, and behind it the part of the axis in which the claim is true."""
    assert reading.bound is not None
    start, end = ax.get_xlim()
    match reading.row["comparison"]:
        case "between":
            left, right = 1.0, min(end, reading.bound.high / reading.bound.low)
        case "below" | "at_most":
            left, right = start, 1.0
        case _:
            left, right = 1.0, end
    ax.fill_betweenx([y - 0.42, y + 0.42], left, right, color="0.93", lw=0, zorder=0)
    color = COLORS[reading.verdict]
    low, high = (end if math.isfinite(end) else math.nan for end in _relative(reading))
    low = max(low, start)  # a logarithmic axis has no zero
    interval_bar(ax, y, low, high, color=color)
    if high / low < DOT:
        ax.plot([math.sqrt(low * high)], [y], "o", color=color, markersize=5)


def _scale(page: Page, ax: Axes, readings: list[Reading]) -> None:
    """An axis with every number above zero, and with 1, the bound."""
    ends = [end for reading in readings for end in _relative(reading) if math.isfinite(end) and end > 0]
    ends += [each.bound.high / each.bound.low for each in readings if each.bound and each.bound.high < math.inf]
    ax.set_xscale("log")
    low, high = min(0.7, *ends) / 1.3, max(1.6, *ends) * 1.5
    ax.set_xlim(low, high)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    ticks = [
        tick for power in powers for tick in (10.0**power, 2 * 10.0**power, 5 * 10.0**power) if low <= tick <= high
    ]
    ax.set_xticks(ticks if len(ticks) <= MOST_TICKS else [tick for tick in ticks if math.log10(tick).is_integer()])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: labels.number(value, page.lang)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.axvline(1, color=GREY, lw=1)
    ax.set_xlabel(page.text("plot.claims.x"))
