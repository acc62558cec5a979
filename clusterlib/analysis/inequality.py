"""Concentration: printed shares and size counts together, in one result table."""

from __future__ import annotations

import pandas as pd

from clusterlib.analysis import sizes
from clusterlib.analysis.results import Row, table, usable
from clusterlib.analysis.shares import ASSUME, Assume, share_groups, share_rows
from clusterlib.errors import InputError, unknown
from clusterlib.study import Study


def concentration(
    study: Study,
    cluster: str,
    *,
    assume: Assume = "both",
    losses: bool = True,
    n_firms: int = 0,
    top: float = 0.1,
    period: str = "",
) -> pd.DataFrame:
    """What the printed shares and size counts of a cluster say about concentration.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    assume : {"both", "ordered", "unordered"}
        Whether the firms of a group are taken to be the largest in the indicator.
    losses : bool, default True
        For indicators that may be negative for single firms: add the bounds that allow it.
    n_firms : int, default 0
        Number of firms, where it is known from elsewhere; 0 is unknown, or what is printed.
    top : float, default 0.1
        Fraction of firms whose share is bounded as ``top_share``.
    period : str, default ""
        Use only figures printed for this period; "" uses all.

    Returns
    -------
    DataFrame
        The result table, columns `COLUMNS`; empty if nothing is printed. Blank ends (nan) are unbounded. Size counts
        are read as cumulative; `clusterlib.analysis.size_distribution` has the other reading, and what of them can be
        true at once.

    Raises
    ------
    InputError
        If a parameter is outside its range, or two figures answer the same question.

    Examples
    --------
    >>> rows = concentration(Study.load(), "china-garment")
    >>> row = rows[(rows.measure == "gini") & (rows.indicator == "sales") & (rows.assumption == "ordered")].iloc[0]
    >>> print(f"{row.low:.4f} {row.high:.4f}")
    0.3631 0.6114
    """
    if assume not in ASSUME:
        raise unknown("assumption", assume, ASSUME)
    if not 0 < top < 1:
        raise InputError(f"top: given {top!r}; allowed: a fraction between 0 and 1")
    rows: list[Row] = []
    for group, shares in share_groups(usable(study, cluster, period)):
        rows += share_rows(study, group, shares, assume=assume, losses=losses, n_firms=n_firms, top=top)
    for each in sizes.printed_sizes(study, cluster, period=period, n_firms=n_firms):
        for case in sizes.cases_of(each, readings=("cumulative",), k=(1, 4), top=top):
            rows += sizes.case_rows(each, case)
    return table(cluster, rows)
