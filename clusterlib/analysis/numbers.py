"""Everything that the printed figures of a cluster say as numbers, in one table for claims to be held against."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from clusterlib.analysis import sizes
from clusterlib.analysis.chain import link_rows
from clusterlib.analysis.exports import RATE, export_rows
from clusterlib.analysis.printed import printed_rows
from clusterlib.analysis.ratios import performance
from clusterlib.analysis.results import Row, row, table, usable
from clusterlib.analysis.shares import share_groups, share_rows
from clusterlib.interval import Interval
from clusterlib.measures.classes import READINGS
from clusterlib.study import Study

#: Fraction of firms whose share is bounded as ``top_share``.
TOP = 0.1


def all_numbers(
    study: Study, cluster: str, *, largest: Collection[int] = (1, 4), rate: Interval = RATE, period: str = ""
) -> pd.DataFrame:
    """Every measure that the printed figures of a cluster fix or bound, under every set of assumptions.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    largest : collection of int, default (1, 4)
        Numbers of largest firms whose concentration ratios are bounded.
    rate : Interval, default `RATE`
        Yuan for a dollar.
    period : str, default ""
        Use only figures printed for this period; "" uses all.

    Returns
    -------
    DataFrame
        The result table; empty if nothing is printed.

    Examples
    --------
    >>> rows = all_numbers(Study.load(), "china-garment")
    >>> rows[(rows.measure == "share") & (rows.indicator == "profit")].value.item()
    70.24
    """
    rows: list[Row] = list(printed_rows(study, cluster, period=period))
    for group, shares in share_groups(usable(study, cluster, period)):
        rows += share_rows(study, group, shares, assume="both", losses=True, n_firms=0, top=TOP)
    for each in sizes.printed_sizes(study, cluster, period=period):
        for case in sizes.cases_of(each, readings=READINGS, k=sorted({1, *largest}), top=TOP):
            rows += sizes.case_rows(each, case)
            rows += _consistency_rows(each, case)
    rows += export_rows(study, cluster, rate=rate, period=period)
    rows += link_rows(study, cluster)
    ratios = performance(study, cluster, period=period)
    frames = [frame for frame in (table(cluster, rows), ratios) if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else ratios


def _consistency_rows(each: sizes.Sizes, case: sizes.Case) -> Iterator[Row]:
    """Row of the share of whole-number readings of the statements that can be true at once, where they are counted."""
    examined = case.consistency
    if examined.readings is None and examined.possible:
        return
    left, every = examined.readings or (0, 1)
    part = 100 * left / every if examined.possible else 0.0
    figures = each.figures(cap=case.capped, total=case.with_total)
    yield row("possible_readings", Interval(part, part), "percent", "identity", *figures,
              indicator=each.by or each.indicator, group="all", assumption=case.assumption, value=part)  # fmt: skip
