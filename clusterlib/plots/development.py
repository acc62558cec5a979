"""How far a cluster is, its chain, what answers its problems, what its targets need: each as one picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from clusterlib import labels
from clusterlib.analysis.stages import Development, Item, Track
from clusterlib.analysis.targets import Growth, growths
from clusterlib.display import NoPicture, Picture, text_width
from clusterlib.page import Page, result_interval
from clusterlib.plots.canvas import BLUE, GREEN, GREY, ORANGE, RED, WIDTH, listed, picture, told
from clusterlib.study import interval_of

#: Height of a row of a matrix, in inches.
ROW = 0.225
#: State of an element -> its mark; a column of its own says the same.
MARKS: dict[str, dict[str, Any]] = {
    "present": {"marker": "o", "color": BLUE},
    "partly": {"marker": "o", "color": GREEN, "fillstyle": "left", "markerfacecoloralt": "white"},
    "contested": {"marker": "D", "color": ORANGE, "markersize": 6},
    "absent": {"marker": "X", "color": RED},
    "silent": {"marker": "o", "color": GREY, "markerfacecolor": "white"},
}
#: What the range of stages says of a stage -> the tint of its heading; a word there says the same.
TINTS: dict[str, Any] = {"documented": (*BLUE, 0.22), "open": "0.92", "ruled_out": (*RED, 0.16)}
#: State of a link -> how its box looks; its word says the same.
BOXES: dict[str, dict[str, Any]] = {
    "has": {"edgecolor": BLUE, "facecolor": (*BLUE, 0.16), "linestyle": "-", "linewidth": 1.3},
    "weak": {"edgecolor": ORANGE, "facecolor": (*ORANGE, 0.14), "linestyle": "--", "linewidth": 1.3},
    "planned": {"edgecolor": GREEN, "facecolor": "white", "linestyle": ":", "linewidth": 1.6},
    "lacking": {"edgecolor": RED, "facecolor": "white", "linestyle": "-.", "linewidth": 1.3},
}
#: Places of a value chain, the first one first.
POSITIONS = (1, 2, 3, 4, 5, 6)
#: Letters in the boxes of the chain: their size in points, a line in inches, and what fits a line, in widths of a sign.
SMALL, LINE, SIGNS = 7.0, 0.128, 9.6
#: Longest name of a problem beside its row, in widths of a Latin letter; the table has the whole.
LONGEST = 56
#: Headings of columns stand upright if the longest, in widths of a Latin letter, leaves room for no more than this.
FITTING = 46


def checklist(page: Page, found: Development) -> Picture | NoPicture:
    """What is said of every element that a stage requires, stage by stage."""
    if not found.tracks:
        return NoPicture()
    rows: list[tuple[str, str, Item | None]] = []  # name, what the range says of a stage, element
    for track in found.tracks:
        rows.append((page.text(f"track.{track.track}"), "", None))
        for order, stage in enumerate(track.stages, 1):
            name = page.text("plot.checklist.stage", number=str(order), name=labels.label("stage", stage, page.lang))
            rows.append((name, _reached(track, order), None))
            rows += [(page.words(item.element), "", item) for item in track.needed(order)]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for y, (_, reached, item) in enumerate(rows):
            if item is not None:
                ax.axhline(y, color="0.9", lw=0.8, zorder=0)
                looks = {"markersize": 8, "linestyle": "none", **MARKS[item.state]}
                ax.plot([list(MARKS).index(item.state)], [y], **looks)
            elif reached:
                ax.axhspan(y - 0.45, y + 0.45, color=TINTS[reached], lw=0, zorder=0)
                word = page.text(f"stage_reached.{reached}")
                ax.text(len(MARKS) - 0.55, y, word, ha="right", va="center", fontsize="small", color="0.1")
        ax.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize="small")
        for tick, (_, reached, item) in zip(ax.get_yticklabels(), rows, strict=True):
            if item is None:
                tick.set_fontweight("bold")
                tick.set_fontsize("small" if reached else "large")
        _columns(ax, [page.text(f"element_state.{state}") for state in MARKS], len(rows))

    alts = []
    for track in found.tracks:
        for order, stage in enumerate(track.stages, 1):
            items = [
                told(page, page.text(f"element_state.{i.state}"), page.words(i.element)) for i in track.needed(order)
            ]
            name, word = labels.label("stage", stage, page.lang), page.text(f"stage_reached.{_reached(track, order)}")
            alts.append(page.text("plot.checklist.alt.stage", stage=name, reached=word, list=listed(page, items)))
    alt = page.text("plot.checklist.alt", list=("" if page.lang == "zh" else " ").join(alts))
    return _of_words(page, draw, len(rows) * ROW + 0.75, alt, "plot.note.judgement")


def chain(page: Page, found: Development) -> Picture | NoPicture:
    """The value chain from left to right, each link a box that says by word, line and fill how far it is there."""
    if found.links.empty:
        return NoPicture()
    columns = [
        [_box(page, link) for _, link in found.links[found.links["position"] == position].iterrows()]
        for position in POSITIONS
    ]
    heads = [_wrapped(page.text(f"position.{position}"), SIGNS) for position in POSITIONS]
    gap, step = 0.09, WIDTH / len(POSITIONS)
    top = max(map(len, heads)) * LINE + 0.3
    height = top + max(sum(len(lines) * LINE + 0.12 + gap for lines, _ in boxes) for boxes in columns) + 0.08

    def draw(figure: Figure) -> None:
        figure.set_layout_engine("none")  # the boxes have their places in inches
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, WIDTH), ylim=(height, 0))
        ax.set_axis_off()
        for i, (head, boxes) in enumerate(zip(heads, columns, strict=True)):
            left, middle = i * step + 0.05, (i + 0.5) * step
            ax.text(middle, 0.06, "\n".join(head), ha="center", va="top", fontsize=SMALL + 0.5, fontweight="bold")
            arrow = {"arrowstyle": "-|>", "color": "0.6", "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", xy=((i + 1) * step - 0.02, top - 0.13), xytext=(left, top - 0.13), arrowprops=arrow)
            y = top
            if not boxes:
                words = "\n".join(_wrapped(page.text("plot.chain.none"), SIGNS))
                ax.text(middle, y + 0.06, words, ha="center", va="top", fontsize=SMALL, color="0.45", style="italic")
            for lines, state in boxes:
                deep = len(lines) * LINE + 0.12
                ax.add_patch(
                    FancyBboxPatch(
                        (left, y), step - 0.1, deep, boxstyle="round,pad=0,rounding_size=0.05", **BOXES[state]
                    )
                )
                ax.text(middle, y + deep / 2, "\n".join(lines), ha="center", va="center", fontsize=SMALL,
                        linespacing=1.2)  # fmt: skip
                y += deep + gap

    items = []
    for position in POSITIONS:
        of_place = [_link_words(page, link) for _, link in found.links[found.links["position"] == position].iterrows()]
        links = labels.join(of_place, page.lang) or page.text("plot.chain.none")
        items.append(told(page, links, page.text(f"position.{position}")))
    alt = page.text("plot.chain.alt", list=listed(page, items))
    slugs = [slug for slug in found.links["figure"] if slug]
    shown = picture(page, draw, height, alt, slugs)
    words = page.text("plot.note.words")
    return replace(shown, note=("" if page.lang == "zh" else " ").join([shown.note, words]) if slugs else words)


def answers(page: Page, found: Development) -> Picture | NoPicture:
    """Problems by the sorts of instruments that act on them; those on which none acts stand out."""
    if not found.problems:
        return NoPicture()
    counts = [Counter(str(each["category"]) for each in acting) for _, acting in found.problems]
    every = Counter(category for count in counts for category in count)
    categories = sorted(every, key=lambda category: (-every[category], category))
    names = [
        f"{page.mark('problems', problem['problem']).label}  {_short(page.words(problem), LONGEST)}"
        for problem, _ in found.problems
    ]
    headings = [page.text(f"category.{category}") for category in categories] or [""]
    places = {category: x for x, category in enumerate(categories)}
    longest = max(text_width(heading) for heading in headings)
    turned = len(headings) * longest > FITTING

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for y, count in enumerate(counts):
            if count:
                ax.axhline(y, color="0.9", lw=0.8, zorder=0)
            else:
                ax.axhspan(y - 0.45, y + 0.45, color=(*ORANGE, 0.16), lw=0, zorder=0)
                ax.text(-0.4, y, page.text("answers.none"), va="center", fontsize="small", color="0.2", style="italic")
            for category, number in count.items():
                ax.plot([places[category]], [y], "o", color=BLUE, markersize=10)
                ax.text(places[category], y, str(number), color="white", ha="center", va="center_baseline",
                        fontsize="x-small", fontweight="bold")  # fmt: skip
        ax.set_yticks(range(len(names)), names, fontsize="small")
        _columns(ax, headings, len(names), turned=turned)

    items = []
    # Those on which nothing acts come first: they are what the picture is to show.
    for (problem, _), count in sorted(zip(found.problems, counts, strict=True), key=lambda each: bool(each[1])):
        parts = [f"{page.text(f'category.{key}')} {number}" for key, number in count.items()]
        acting = labels.join(parts, page.lang) or page.text("answers.none")
        words = page.words(problem).rstrip("。.")
        items.append(f"{page.mark('problems', problem['problem']).label} {told(page, acting, words)}")
    alt = page.text("plot.answers.alt", list=listed(page, items))
    height = len(names) * ROW + (0.4 + 0.11 * longest if turned else 0.75)
    return _of_words(page, draw, height, alt, "plot.note.reading")


def growth(page: Page, found: Development) -> Picture | NoPicture:
    """The least yearly growth that targets need, by baseline and years, where no baseline is printed or given."""
    grids = [each for each in growths(found.targets, found.result) if each.is_grid]
    if not grids:
        return NoPicture()
    heights = [len(each.starts) * 0.42 + 1.15 for each in grids]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(grids), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, each in zip(axes, grids, strict=True):
            _heat(page, ax, each)

    alts = []
    for each in grids:
        items = []
        for start in each.starts:
            for years, row in start.rows.items():
                gaps = {"start": _start(page, each, start.told), "years": str(years), "growth": page.span(row)}
                items.append(page.text("plot.growth.alt.item", **gaps))
        alts.append(page.text("plot.growth.alt", targets=page.aims(each.targets), list=listed(page, items)))
    slugs = [str(one.figure["figure"]) for each in grids for one in each.targets]
    return picture(page, draw, sum(heights), ("" if page.lang == "zh" else " ").join(alts), slugs)


def _heat(page: Page, ax: Axes, each: Growth) -> None:
    years = list(each.starts[0].rows)
    least = np.array([[start.rows[year]["low"] for year in years] for start in each.starts])
    shades = LogNorm(vmin=max(float(least.min()), 0.1) / 2, vmax=max(float(least.max()), 1.0) * 2)
    look = sns.light_palette(BLUE, as_cmap=True)
    ax.imshow(np.maximum(least, 0.1), aspect="auto", cmap=look, norm=shades)
    for y, start in enumerate(each.starts):
        for x, year in enumerate(years):
            red, green, blue, _ = look(shades(max(float(least[y, x]), 0.1)))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            words = labels.span(result_interval(start.rows[year]), "percent", page.lang)
            ax.text(x, y, words, ha="center", va="center", color="white" if dark else "black")
    names = [
        page.text(
            "plot.growth.start",
            amount=_start(page, each, start.told),
            part=labels.with_unit(labels.number(round(100 * (start.part or 0), 1), page.lang), "percent", page.lang),
        )
        for start in each.starts
    ]
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks(range(len(years)), [str(year) for year in years])
    ax.set_xlabel(page.text("plot.growth.x"))
    ax.set_ylabel(page.text("plot.growth.y"))
    ax.set_title(
        page.text("plot.growth.title", targets=page.aims(each.targets)), fontsize="medium", loc="left", wrap=True
    )
    ax.grid(visible=False)
    sns.despine(ax=ax, left=True, bottom=True)


def _start(page: Page, each: Growth, told: str) -> str:
    return page.amount(told, str(each.targets[0].figure["unit"]))


def _reached(track: Track, order: int) -> str:
    """What the range of stages says of one of them."""
    return "documented" if order <= track.range.low else "open" if order <= track.range.high else "ruled_out"


def _columns(ax: Axes, names: Sequence[str], rows: int, *, turned: bool = False) -> None:
    """Name the columns of a matrix above it."""
    ax.set_xticks(range(len(names)), list(names), fontsize="small", rotation=90 if turned else 0)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)
    ax.tick_params(axis="y", left=False)
    ax.set(xlim=(-0.5, len(names) - 0.5), ylim=(rows - 0.4, -0.6))
    ax.grid(visible=False)
    sns.despine(ax=ax, left=True, bottom=True)


def _of_words(page: Page, draw: Callable[[Figure], None], height: float, alt: str, note: str) -> Picture:
    """A picture that rests on words; its note says where they stand."""
    return replace(picture(page, draw, height, alt, []), note=page.text(note))


def _box(page: Page, link: pd.Series) -> tuple[list[str], str]:
    """Lines of the box of a link, and its state."""
    lines = _wrapped(page.words(link), SIGNS)
    return [*lines, *_wrapped(_state_words(page, link), SIGNS)], str(link["state"])


def _state_words(page: Page, link: pd.Series) -> str:
    state = page.text(f"link_state.{link['state']}")
    if not link["figure"]:
        return f"· {state}"
    figure = page.study.figure(link["figure"])
    span = labels.span(interval_of(figure), figure["unit"], page.lang)
    return f"· {page.text('table.of', caption=state, group=span)} [{page.sources[link['figure']].label}]"


def _link_words(page: Page, link: pd.Series) -> str:
    return f"{page.words(link)} {_state_words(page, link)}"


def _wrapped(text: str, signs: float) -> list[str]:
    """Lines of a text that are at most so many Chinese signs wide: broken between words, or between Chinese signs."""
    pieces: list[str] = []
    for word in text.split(" "):
        start = len(pieces)
        for sign in word:
            wide, closing = text_width(sign) == 2, sign in "，、；：）。”"
            if len(pieces) == start or (not closing and (wide or text_width(pieces[-1][-1]) == 2)):
                pieces.append(sign)
            else:
                pieces[-1] += sign
        if len(pieces) > start:
            pieces[start] = f" {pieces[start]}" if pieces[:start] else pieces[start]
    lines = [""]
    for piece in pieces:
        # A Latin letter of these sizes is a little more than half as wide as a Chinese sign.
        if lines[-1] and text_width(lines[-1] + piece) * 0.54 > signs:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def _short(text: str, most: int) -> str:
    """A text cut at a word where it is too long for its place."""
    if text_width(text) <= most:
        return text
    cut = text
    while text_width(cut) > most - 2:
        cut = cut[:-1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > len(cut) / 2 else cut).rstrip(" ,;，；、") + " …"
