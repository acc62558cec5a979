"""Which printed figures of different clusters can stand side by side, which cannot and why; the few ratios that can."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from clusterlib.analysis.exports import RATE, break_even_rows, checked_rate, export_rows
from clusterlib.analysis.numbers import TOP, all_numbers
from clusterlib.analysis.printed import percent_of
from clusterlib.analysis.results import Row, maybe, row, table, usable
from clusterlib.analysis.sizes import Sizes, printed_sizes
from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.study import Study, interval_of

Comparable = Literal["yes", "reservation", "no"]

#: Indicators by which the size of a firm is measured, the first that a cluster prints is taken.
SIZE_INDICATORS = ("sales", "output", "production_sales")
#: Measures without a unit of money, firms or place, so that clusters of any size have them on one scale.
SCALE_FREE = ("gini", "hoover", "top_share")
#: Yearly revenue from which a firm counted as above scale until 2010, in yuan; 20 million since 2011.
ABOVE_SCALE = 5e6


@dataclass(frozen=True)
class Standing:
    """One indicator across clusters.

    Attributes
    ----------
    indicator : str
        Key of the indicator.
    figures : dict of str to DataFrame
        Printed figures by cluster, restatements left out.
    comparable : {"yes", "reservation", "no"}
        Whether figures of two clusters can be compared.
    reasons : tuple of str
        Why not, or with what reservation: ``one_cluster``, ``kind``, ``group``, ``unit``, ``status``, ``threshold``,
        ``open``, ``scope``, ``period``.
    """

    indicator: str
    figures: dict[str, pd.DataFrame]
    comparable: Comparable
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """What of several clusters can stand side by side.

    Attributes
    ----------
    clusters : tuple of str
        Keys, the one the page is about first.
    standings : tuple of Standing
        Every indicator that any of them prints.
    ratios : DataFrame
        Result rows of measures that two clusters or more have, with the clusters' keys.
    reservations : dict of str to tuple of str
        By measure, why its values are not of the same thing: ``indicator``, ``level``, ``form``.
    exports : DataFrame
        Result rows of exports against the total at several exchange rates.
    result : DataFrame
        The result table: ratios and exports.
    """

    clusters: tuple[str, ...]
    standings: tuple[Standing, ...]
    ratios: pd.DataFrame
    reservations: dict[str, tuple[str, ...]]
    exports: pd.DataFrame
    result: pd.DataFrame

    @property
    def beside(self) -> pd.DataFrame:
        """The ratios in which the cluster of the page stands beside another one."""
        own = self.ratios.loc[self.ratios["cluster"] == self.clusters[0], "measure"]
        return self.ratios[self.ratios["measure"].isin(own)]


@dataclass(frozen=True)
class Order:
    """How the cluster of the page and another one stand in one measure.

    Attributes
    ----------
    other : str
        Key of the other cluster.
    measure : str
        The measure.
    side : {"higher", "lower", "open"}
        Where the cluster of the page stands; open if the intervals overlap under every pair of assumptions.
    pair : tuple of Series
        The row of each; where the order is settled, under the assumptions that leave the widest intervals.
    settled, pairs : int
        Under how many pairs of assumptions it stands on this side, and how many pairs there are.
    """

    other: str
    measure: str
    side: Literal["higher", "lower", "open"]
    pair: tuple[pd.Series, pd.Series]
    settled: int
    pairs: int


def comparison(
    study: Study,
    cluster: str,
    *,
    above_scale: float = ABOVE_SCALE,
    rate_low: float = RATE.low,
    rate_high: float = RATE.high,
) -> Comparison:
    """Put a cluster beside the others of the study.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster that stands first.
    above_scale : float, default 5 million
        Size from which a firm is taken to be above scale, where a document counts firms by size instead.
    rate_low, rate_high : float
        Range of yuan for a dollar.

    Returns
    -------
    Comparison
        Empty parts where nothing can stand side by side.

    Raises
    ------
    InputError
        If a parameter is outside its range, or two figures answer the same question.

    Examples
    --------
    >>> found = comparison(Study.load(), "baoying-glass")
    >>> shares = found.ratios[found.ratios.measure == "above_scale_share"].set_index("cluster")
    >>> print(f"{shares.low['baoying-glass']:.2f} to {shares.high['baoying-glass']:.2f}")  # 30 of 201 to 299 firms
    10.03 to 14.93
    """
    if not 0 < above_scale < float("inf"):
        raise InputError(f"above_scale: given {above_scale!r}; allowed: a size above 0")
    rate = checked_rate(rate_low, rate_high)
    every = [key for key in study.of_kind("cluster") if key != cluster]
    clusters = (cluster, *every)
    parts = [table(key, list(_ratio_rows(study, key, above_scale))) for key in clusters]
    ratios = _joint(parts)
    shared = ratios.groupby("measure")["cluster"].nunique() if len(ratios) else pd.Series(dtype=int)
    ratios = ratios[ratios["measure"].isin(shared[shared > 1].index)]
    reservations = {str(measure): tuple(_reservations(study, part)) for measure, part in ratios.groupby("measure")}
    exports = _joint([table(key, list(_export_rows(study, key, rate))) for key in clusters])
    return Comparison(
        clusters,
        tuple(_standings(study, clusters)),
        ratios,
        reservations,
        exports,
        _joint([ratios, exports]),
    )


def orders(found: Comparison) -> list[Order]:
    """Compare the cluster of the page with each other one, measure by measure and under all pairs of assumptions.

    >>> first, *_ = [each for each in orders(comparison(Study.load(), "china-garment")) if each.measure == "gini"]
    >>> first.other, first.side, first.settled, first.pairs
    ('baoying-glass', 'lower', 2, 8)
    """
    rows = found.ratios
    own = rows[rows["cluster"] == found.clusters[0]]
    every: list[Order] = []
    for other in found.clusters[1:]:
        for measure, ours in own.groupby("measure", sort=False):
            theirs = rows[(rows["cluster"] == other) & (rows["measure"] == measure)]
            every += _order(other, str(measure), ours, theirs)
    return every


def _order(other: str, measure: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> Iterator[Order]:
    pairs = [(one, two) for _, one in ours.iterrows() for _, two in theirs.iterrows()]
    sides: dict[Literal["higher", "lower"], list[tuple[pd.Series, pd.Series]]] = {
        "higher": [(one, two) for one, two in pairs if interval_of(one).low > interval_of(two).high],
        "lower": [(one, two) for one, two in pairs if interval_of(one).high < interval_of(two).low],
    }
    for side, settled in sides.items():
        if settled:
            yield Order(other, measure, side, max(settled, key=_widths), len(settled), len(pairs))
    if pairs and not any(sides.values()):
        yield Order(other, measure, "open", pairs[0], 0, len(pairs))


def _widths(pair: tuple[pd.Series, pd.Series]) -> float:
    """Width of both intervals: the wider, the less is assumed."""
    return sum(interval.high - interval.low for interval in map(interval_of, pair))


def printed_used(found: Comparison) -> list[str]:
    """Keys of the printed figures that stand in the standings; the result table has its own."""
    return [str(slug) for each in found.standings for frame in each.figures.values() for slug in frame["figure"]]


def own_rows(found: Comparison) -> pd.DataFrame:
    """Result rows of the cluster of the page, and a row ``comparable`` for each of its indicators that stands beside
    that of another cluster: what of the page's questions its printed figures answer.
    """
    own = found.clusters[0]
    alike = [
        row("comparable", Interval(-math.inf, math.inf), "", "identity",
            *(figure for _, figure in each.figures[own].iterrows()), indicator=each.indicator)
        for each in found.standings
        if each.comparable != "no" and own in each.figures
    ]  # fmt: skip
    return _joint([found.result[found.result["cluster"] == own], table(own, alike)])


def _joint(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def _standings(study: Study, clusters: Sequence[str]) -> Iterator[Standing]:
    figures = study.figures[(study.figures["status"] != "restated") & study.figures["cluster"].isin(clusters)]
    order = {key: i for i, key in enumerate(study.indicators["indicator"])}
    for indicator in sorted(set(figures["indicator"]), key=lambda key: order.get(key, len(order))):
        own = figures[figures["indicator"] == indicator]
        by_cluster = {key: own[own["cluster"] == key] for key in clusters if (own["cluster"] == key).any()}
        comparable, reasons = _comparable(by_cluster)
        yield Standing(str(indicator), by_cluster, comparable, reasons)


def _comparable(figures: dict[str, pd.DataFrame]) -> tuple[Comparable, tuple[str, ...]]:
    """Whether two clusters print the same thing: one kind of observed figure of one group in one unit."""
    if len(figures) < 2:
        return "no", ("one_cluster",)
    keys = ["kind", "group", "unit", "status", "threshold", "threshold_unit", "threshold_indicator", "threshold_rule"]
    seen: dict[tuple[object, ...], list[pd.Series]] = {}
    for frame in figures.values():
        for _, figure in frame.drop_duplicates(keys).iterrows():
            key = tuple("" if pd.isna(figure[name]) else figure[name] for name in keys)
            seen.setdefault(key, []).append(figure)
    shared = [rows for key, rows in seen.items() if len(rows) > 1 and key[3] == "observed"]
    if not shared:
        differing = [name for name in keys[:4] if len({key[i] for key in seen for i in [keys.index(name)]}) > 1]
        if not differing:  # sizes differ, or all are plans and targets
            differing = ["threshold" if any(key[3] == "observed" for key in seen) else "status"]
        return "no", tuple(differing)
    rows = [figure for each in shared for figure in each]
    periods = {str(figure["period"]) for figure in rows}
    reasons = ["open"] if any(pd.isna(figure["low"]) or pd.isna(figure["high"]) for figure in rows) else []
    reasons += ["scope"] if any("scope_unclear" in figure["flag"] for figure in rows) else []
    reasons += ["period"] if any(not period for period in periods) or len(periods) > 1 else []
    return ("reservation" if reasons else "yes"), tuple(reasons)


def _ratio_rows(study: Study, cluster: str, above_scale: float) -> Iterator[Row]:
    """Measures of one cluster that have no unit of their own."""
    yield from _above_scale_rows(study, cluster, above_scale)
    numbers = all_numbers(study, cluster)
    bounds = numbers[numbers["measure"].isin(SCALE_FREE) & numbers["basis"].isin(["bound", "identity"])]
    by = next((key for key in SIZE_INDICATORS if (bounds["indicator"] == key).any()), "")
    bounds = bounds[bounds["indicator"] == by]
    bounds = bounds[~bounds["assumption"].str.contains("losses_allowed")]
    # The share of the group itself is printed, not bounded; of the largest tenth every cluster has one.
    bounds = bounds[(bounds["measure"] != "top_share") | bounds["group"].str.endswith(f"top={TOP:g}")]
    totals = bounds["assumption"].str.contains("counts+total", regex=False)
    if totals.any():
        bounds = bounds[totals]
    for _, each in bounds.iterrows():
        yield {str(key): value for key, value in each.items()}


def _above_scale_rows(study: Study, cluster: str, above_scale: float) -> Iterator[Row]:
    """Firms above scale in percent of all firms: as printed, or counted from the size that the definition names."""
    figures = usable(study, cluster, "")
    printed = maybe(figures, "firms", "above_scale", "share")
    if printed is not None:
        yield row("above_scale_share", interval_of(printed), "percent", "identity", printed,
                  indicator="firms", group="above_scale", assumption="as_printed", value=printed["value"])  # fmt: skip
        return
    for sizes in printed_sizes(study, cluster):
        if sizes.unit != "CNY" or sizes.firms is None or sizes.firms_figure is None or not sizes.firms.low > 0:
            continue
        count, used = _firms_from(sizes, above_scale)
        yield row("above_scale_share", percent_of(count, sizes.firms), "percent", "bound", *used, sizes.firms_figure,
                  indicator="firms", group="above_scale",
                  assumption=f"scale={above_scale:.0f};cumulative;by={sizes.by}")  # fmt: skip


def _firms_from(sizes: Sizes, size: float) -> tuple[Interval, list[pd.Series]]:
    """Firms at or above a size, between the counts at the thresholds on either side of it."""
    at = dict(zip(sizes.thresholds, sizes.counts, strict=True))
    below = max((each for each in at if each <= size), default=None)
    above = min((each for each in at if each >= size), default=None)
    upper = sizes.firms_figure if below is None else at[below]
    lower = None if above is None else at[above]
    used = [figure for figure in (upper, lower) if figure is not None]
    most = math.inf if upper is None else interval_of(upper).high
    return Interval(0.0 if lower is None else interval_of(lower).low, most), used


def _reservations(study: Study, part: pd.DataFrame) -> Iterator[str]:
    """Why values of one measure are not of the same thing, although they have the same scale."""
    clusters = study.clusters.set_index("cluster")
    if part["indicator"].nunique() > 1:
        yield "indicator"
    if len({clusters.at[key, "level"] for key in part["cluster"]}) > 1:
        yield "level"
    if len({assumption.startswith(("ordered", "unordered", "as_printed")) for assumption in part["assumption"]}) > 1:
        yield "form"


def _export_rows(study: Study, cluster: str, rate: Interval) -> Iterator[Row]:
    """Exports against the total over the range of rates and at each end of it, and the rate that makes them half."""
    for at in dict.fromkeys([rate, Interval(rate.low, rate.low), Interval(rate.high, rate.high)]):
        yield from export_rows(study, cluster, rate=at)
    yield from break_even_rows(study, cluster)
