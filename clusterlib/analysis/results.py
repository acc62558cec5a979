"""The result table: its columns, how a row is made, and which printed figures answer a question."""

from __future__ import annotations

import math

import pandas as pd

from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval
from clusterlib.study import Study

COLUMNS = [
    "cluster", "measure", "indicator", "group", "reference", "assumption",
    "value", "low", "high", "unit", "basis", "figures",
]  # fmt: skip

Row = dict[str, object]


def row(measure: str, interval: Interval, unit: str, basis: str, *figures: pd.Series, **more: object) -> Row:
    """One row: a measure, its interval, and the printed figures behind it; blank in what is not given."""
    slugs = dict.fromkeys(str(figure["figure"]) for figure in figures)
    return {
        "measure": measure,
        "low": interval.low,
        "high": interval.high,
        "unit": unit,
        "basis": basis,
        "figures": " ".join(slugs),
        **more,
    }


def table(cluster: str, rows: list[Row]) -> pd.DataFrame:
    """Rows as the result table of a cluster; infinite ends become blank."""
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["cluster"] = cluster
    numbers = ["value", "low", "high"]
    frame[numbers] = frame[numbers].astype(float)
    frame[numbers] = frame[numbers].where(frame[numbers].abs() != math.inf)
    text = [column for column in COLUMNS if column not in numbers]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), "")
    return frame


def usable(study: Study, cluster: str, period: str) -> pd.DataFrame:
    """Figures of a cluster that may enter a calculation, of one period if one is given."""
    figures = study.usable(cluster)
    if not period:
        return figures
    # A period that only other clusters have figures for leaves this one silent; one that nobody has is a mistake.
    # Within one cluster nobody can tell which it is: there the parameters have been checked with the whole study.
    periods = list(dict.fromkeys(study.figures["period"][study.figures["period"] != ""]))
    if not study.about and period not in periods:
        raise unknown("period", period, periods)
    return figures[figures["period"] == period]


def only(figures: pd.DataFrame, indicator: str, group: str, *kinds: str) -> pd.Series:
    """The one figure of an indicator and a group; InputError if there are several."""
    found = figures[(figures["indicator"] == indicator) & (figures["group"] == group) & figures["kind"].isin(kinds)]
    if len(found) > 1:
        raise ambiguous(found)
    return found.iloc[0]


def maybe(figures: pd.DataFrame, indicator: str, group: str, *kinds: str) -> pd.Series | None:
    """As `only`; None if there is none."""
    found = figures[(figures["indicator"] == indicator) & (figures["group"] == group) & figures["kind"].isin(kinds)]
    return only(figures, indicator, group, *kinds) if len(found) else None


def ambiguous(found: pd.DataFrame) -> InputError:
    """Build the error for several figures that answer the same question."""
    names = ", ".join(f"{row['figure']} ({row['period'] or 'no period'})" for _, row in found.iterrows())
    return InputError(
        f"figures: given {names} for the same question; allowed: one, so choose a period or mark restatements"
    )
