"""The look of every picture, and the marks that all share: an interval is a bar, a one-sided bound an arrow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from clusterlib import fonts, labels
from clusterlib.display import Picture
from clusterlib.errors import ClusterlibError
from clusterlib.page import Page

#: Okabe and Ito's colours by way of seaborn's colour-blind palette: group, rest, above, below, mark.
BLUE, ORANGE, GREEN, RED, *_ = sns.color_palette("colorblind")
GREY = (0.45, 0.45, 0.45)
#: Width of a picture in inches, that of a text column; heights follow from what is shown.
WIDTH = 7.2
#: Parts of an alternative text that a listener can be expected to hear out.
MOST_TOLD = 16
ROW = 0.42
#: Units whose axis may have ticks between whole numbers.
MEASURED = ("ratio", "index", "person/shop", "m2")


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


def picture(
    page: Page, draw: Callable[[Figure], None], height: float, alt: str, slugs: Sequence[str], width: float = WIDTH
) -> Picture:
    """Draw a picture in the style of all; a sign that no font has is an error."""
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


def slugs_of(frame: pd.DataFrame) -> list[str]:
    """Printed figures that rows of a result table use, each once."""
    return list(dict.fromkeys(slug for slugs in frame["figures"] for slug in slugs.split()))


def listed(page: Page, items: Sequence[str]) -> str:
    """Join the parts of an alternative text; of many the first, since the table beside the picture has all."""
    shown = list(items[:MOST_TOLD])
    if more := len(items) - len(shown):
        shown.append(page.text("plot.more", count=labels.number(more, page.lang)))
    return page.join(shown)


def told(page: Page, value: str, *names: str) -> str:
    """A part of an alternative text, or a name on a picture: what it is, and then what it has."""
    return page.text("table.of", caption=("，" if page.lang == "zh" else ", ").join(names), group=value)


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


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    """Name the rows of a chart, the first on top."""
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    sns.despine(ax=ax, left=True)


def scale_axis(ax: Axes, part: pd.DataFrame, unit: object, lang: str) -> None:
    """Scale the axis of intervals to their unit: percent to 100, a wide range to a log scale."""
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


def unit_label(page: Page, unit: str) -> str:
    """Label of an axis that shows a unit."""
    return page.text("plot.unit", unit=labels.unit_name(unit, page.lang))
