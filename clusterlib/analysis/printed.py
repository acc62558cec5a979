"""Printed figures as rows of the result table, and printed parts against their printed wholes."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from clusterlib.analysis.results import Row, maybe, row, usable
from clusterlib.interval import Interval
from clusterlib.study import Study, interval_of

#: Count -> the count of which it is a part, where that is another indicator.
WHOLES = {"park_firms": "firms"}


def printed_rows(study: Study, cluster: str, *, period: str = "") -> Iterator[Row]:
    """Rows of the printed figures that may enter a calculation, each its own measure: count, level, share, growth."""
    figures = usable(study, cluster, period)
    for _, figure in figures.iterrows():
        counted = figure["kind"] == "threshold_count"
        yield row(
            "count" if counted else str(figure["kind"]),
            interval_of(figure),
            str(figure["unit"]),
            "identity",
            figure,
            indicator=figure["indicator"],
            group=size_group(figure) if counted else figure["group"],
            value=figure["value"],
        )
    yield from _part_rows(figures)


def size_group(figure: pd.Series) -> str:
    """Name of the firms that a threshold count counts: ``5000000.. CNY``, with ``>`` if the size itself is excluded."""
    sign = ">" if figure["threshold_rule"] == "above" else ""
    return f"{sign}{figure['threshold']:.0f}.. {figure['threshold_unit']}"


def percent_of(part: Interval, whole: Interval) -> Interval:
    """Range of a printed part in percent of its printed whole, which is above zero.

    It may pass 100: then the words allow, or even say, that the part is larger than the whole.
    """
    return Interval(100 * part.low / whole.high, 100 * part.high / whole.low)


def _part_rows(figures: pd.DataFrame) -> Iterator[Row]:
    """Counted parts in percent of counted wholes: firms at or above a size, and named groups."""
    counts = figures[figures["kind"].isin(["count", "threshold_count"])]
    for _, part in counts[counts["group"] != "all"].iterrows():
        whole = maybe(figures, WHOLES.get(part["indicator"], part["indicator"]), "all", "count")
        sized = part["kind"] == "threshold_count"
        # Only of firms at or above a size are all firms of the cluster the whole; a zero has no part to show.
        if whole is None or (sized and part["group"] != "at_least") or not part["value"] > 0 or not whole["low"] > 0:
            continue
        yield row(
            "firm_share" if sized else "part_of_whole",
            percent_of(interval_of(part), interval_of(whole)),
            "percent",
            "identity",
            part,
            whole,
            indicator=part["indicator"],
            group=size_group(part) if sized else part["group"],
        )
