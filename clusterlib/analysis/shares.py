"""Printed shares of one group: what they fix, and what they leave open about concentration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import pandas as pd

from clusterlib.analysis.results import Row, only, row
from clusterlib.interval import Interval
from clusterlib.measures.shares import bounds_from_share, top_share
from clusterlib.study import Study, interval_of

Assume = Literal["both", "ordered", "unordered"]
ASSUME: tuple[Assume, ...] = get_args(Assume)

#: Measure -> unit of the bounds of one share pair, in the order of the table.
SHARE_MEASURES = {
    "gini": "index",
    "hoover": "index",
    "theil_t": "nats",
    "theil_l": "nats",
    "hhi_times_n": "index",
    "hhi": "index",
    "cr1": "percent",
    "cr4": "percent",
    "top_share": "percent",
}


def share_groups(figures: pd.DataFrame) -> list[tuple[str, dict[str, pd.Series]]]:
    """Groups with printed shares: group -> indicator -> the figure of its share."""
    shares = figures[figures["kind"] == "share"]
    groups = []
    for group in dict.fromkeys(shares["group"]):
        of_group = shares[shares["group"] == group]
        groups.append(
            (group, {key: only(of_group, key, group, "share") for key in dict.fromkeys(of_group["indicator"])})
        )
    return groups


def scenarios(indicator_negative: bool, *, assume: Assume, losses: bool) -> list[tuple[str, bool, bool]]:
    """Assumption sets of one indicator: (name, ordered, losses)."""
    names = [name for name in ("ordered", "unordered") if assume in ("both", name)]
    sets = [(name, name == "ordered", False) for name in names]
    if indicator_negative and losses:
        sets += [(f"{name};losses_allowed", name == "ordered", True) for name in names]
    return sets


def region(
    firms: pd.Series, value: pd.Series, p: Sequence[float], *, ordered: bool, losses: bool = False
) -> list[Interval]:
    """Lower and upper Lorenz ordinate at each cumulative share of firms, from one printed share pair.

    Parameters
    ----------
    firms, value : Series
        Figures of the group's share of firms and of the indicator, in percent.
    p : sequence of float
        Cumulative shares of firms, smallest first, fractions.
    ordered, losses : bool
        As for `bounds_from_share`.

    Returns
    -------
    list of Interval
        Fractions of the total.
    """
    f, s = interval_of(firms, 0.01), interval_of(value, 0.01)
    tops = [top_share(1 - each, f, s, ordered=ordered, losses=losses) for each in p]
    return [Interval(1 - each.high, 1 - each.low) for each in tops]


def share_rows(
    study: Study, group: str, shares: dict[str, pd.Series], *, assume: Assume, losses: bool, n_firms: int, top: float
) -> Iterator[Row]:
    """Rows of the result table from one group's share of firms and of each indicator; none without the first."""
    firms = shares.get("firms")
    if firms is None or not 0 < firms["value"] < 100:
        return
    f = interval_of(firms, 0.01)
    negative = study.indicators.set_index("indicator")["negative"]
    yield row(
        "lorenz",
        _complement(firms),
        "percent",
        "identity",
        firms,
        indicator="firms",
        group=group,
        value=100 - firms["value"],
    )
    for indicator, value in shares.items():
        if indicator == "firms":
            continue
        s = interval_of(value, 0.01)
        fixed = bounds_from_share(f, s)
        at = bounds_from_share(firms["value"] / 100, value["value"] / 100)
        own = {"indicator": indicator, "group": group}
        yield row(
            "share_ratio", fixed["share_ratio"], "ratio", "identity", value, firms, value=at["share_ratio"].low, **own
        )
        yield row("lorenz", _complement(value), "percent", "identity", value, value=100 - value["value"], **own)
        for measure in ("theil_t_between", "theil_l_between"):
            yield row(measure, fixed[measure], "nats", "identity", value, firms, value=at[measure].low, **own)
        for name, ordered, with_losses in scenarios(bool(negative[indicator]), assume=assume, losses=losses):
            bounds = bounds_from_share(f, s, n=n_firms or None, ordered=ordered, losses=with_losses)
            assumption = name + (f";n={n_firms}" if n_firms else "")
            for measure, unit in SHARE_MEASURES.items():
                if measure in bounds:
                    scale = 100 if unit == "percent" else 1
                    interval = Interval(*(end * scale for end in bounds[measure]))
                    fixed_by_order = measure == "top_share" and ordered and s.low >= f.high
                    point = value["value"] if fixed_by_order else None
                    yield row(measure, interval, unit, "identity" if fixed_by_order else "bound", value, firms,
                               assumption=assumption, value=point, **own)  # fmt: skip
            largest = top_share(top, f, s, ordered=ordered, losses=with_losses)
            yield row("top_share", Interval(*(100 * end for end in largest)), "percent", "bound", value, firms,
                       assumption=name, indicator=indicator, group=f"{group};top={top:g}")  # fmt: skip


def _complement(share: pd.Series) -> Interval:
    low, high = interval_of(share)
    return Interval(100 - high, 100 - low)
