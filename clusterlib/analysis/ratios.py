"""Performance: relative ratios of a group, a decomposition of its advantage, levels per unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pandas as pd

from clusterlib.analysis.results import Row, maybe, row, table, usable
from clusterlib.analysis.shares import share_groups
from clusterlib.interval import Interval
from clusterlib.measures.performance import REFERENCES, decompose, per_unit, relative
from clusterlib.study import Study, interval_of

#: Ratio of a group's shares -> (value indicator, base indicator).
RATIOS = {
    "output_per_worker": ("output", "workers"),
    "sales_per_worker": ("sales", "workers"),
    "profit_per_worker": ("profit", "workers"),
    "volume_per_worker": ("volume", "workers"),
    "profit_margin": ("profit", "sales"),
    "profit_per_output": ("profit", "output"),
    "sales_per_output": ("sales", "output"),
    "unit_value": ("output", "volume"),
    "workers_per_firm": ("workers", "firms"),
    "output_per_firm": ("output", "firms"),
    "sales_per_firm": ("sales", "firms"),
    "profit_per_firm": ("profit", "firms"),
}

#: The advantage in profit per firm, step by step: the indicators, and the name of each step.
PATH = ("firms", "workers", "output", "sales", "profit")
STEPS = ("workers_per_firm", "output_per_worker", "sales_per_output", "profit_margin")

#: Levels per unit: measure -> [(numerator, its group, denominator, its group, unit, scope assumed), ...].
DENSITIES: dict[str, list[tuple[str, str, str, str, str, str]]] = {
    "sales_per_shop": [
        ("shop_sales", "all", "shops", "garment_shops", "CNY/year/shop", "garment_shops"),
        ("shop_sales", "all", "shops", "all", "CNY/year/shop", "all_shops"),
    ],
    "sales_per_person": [("shop_sales", "all", "commerce_staff", "all", "CNY/year/person", "streets")],
    "persons_per_shop": [
        ("commerce_staff", "all", "shops", "garment_shops", "person/shop", "garment_shops"),
        ("commerce_staff", "all", "shops", "all", "person/shop", "all_shops"),
    ],
    "shops_per_street": [("shops", "all", "streets", "all", "shop/street", "all_shops")],
    "garment_shop_share": [("shops", "garment_shops", "shops", "all", "percent", "all_shops")],
    "production_sales_per_firm": [("production_sales", "all", "firms", "all", "CNY/year/firm", "all_firms")],
    "exports_per_exporter": [("direct_exports", "all", "firms", "exporting", "USD/year/firm", "exporting")],
} | {
    measure: [(value, "all", base, "all", f"CNY/year/{'person' if base == 'workers' else 'firm'}", "all_firms")]
    for measure, (value, base) in RATIOS.items()
    if value in ("output", "sales", "profit") and base in ("workers", "firms")
}


def performance(study: Study, cluster: str, *, period: str = "") -> pd.DataFrame:
    """What the printed figures of a cluster say about performance: relative ratios, a decomposition, levels per unit.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    period : str, default ""
        Use only figures printed for this period; "" uses all.

    Returns
    -------
    DataFrame
        The result table, columns `COLUMNS`; empty if nothing is printed. No assumption on order enters: these
        are aggregates of groups.

    Raises
    ------
    InputError
        If two figures answer the same question.

    Examples
    --------
    >>> rows = performance(Study.load(), "china-garment")
    >>> round(rows[(rows.measure == "output_per_worker") & (rows.reference == "rest")].value.item(), 3)
    1.569
    """
    figures = usable(study, cluster, period)
    rows: list[dict[str, object]] = []
    for group, shares in share_groups(figures):
        rows += list(_ratio_rows(group, shares))
        rows += list(_decomposition_rows(group, shares))
    rows += list(_density_rows(figures))
    return table(cluster, rows)


def _ratio_rows(group: str, shares: dict[str, pd.Series]) -> Iterator[Row]:
    for measure, (numerator, denominator) in RATIOS.items():
        if numerator not in shares or denominator not in shares:
            continue
        value, base = shares[numerator], shares[denominator]
        for reference in REFERENCES:
            interval = relative(interval_of(value, 0.01), interval_of(base, 0.01), reference)
            point = relative(value["value"] / 100, base["value"] / 100, reference).low
            yield row(
                measure,
                interval,
                "ratio",
                "identity",
                value,
                base,
                indicator=numerator,
                group=group,
                reference=reference,
                value=point,
            )


def _decomposition_rows(group: str, shares: dict[str, pd.Series]) -> Iterator[Row]:
    if any(indicator not in shares for indicator in PATH):
        return
    figures = [shares[indicator] for indicator in PATH]
    boxes = [interval_of(figure, 0.01) for figure in figures]
    if any(not 0 < box.low <= box.high < 1 for box in boxes):
        return
    for reference in REFERENCES:
        split = decompose(boxes, STEPS, reference, values=[figure["value"] / 100 for figure in figures])
        for step in split.contributions:
            own = {"indicator": step.factor, "group": group, "reference": reference}
            yield row("contribution", step.log_range, "log", "identity", *figures, value=step.log, **own)
            if math.isfinite(step.percent_range.low):  # without bound where the whole advantage can be nil
                yield row(
                    "contribution", step.percent_range, "percent", "identity", *figures, value=step.percent, **own
                )
        yield row("contribution", split.log_range, "log", "identity", figures[0], figures[-1],
                   value=split.log, indicator="all", group=group, reference=reference)  # fmt: skip


def _density_rows(figures: pd.DataFrame) -> Iterator[Row]:
    for measure, variants in DENSITIES.items():
        for numerator, top_group, denominator, bottom_group, unit, scope in variants:
            top = maybe(figures, numerator, top_group, "level", "count")
            bottom = maybe(figures, denominator, bottom_group, "level", "count")
            if top is None or bottom is None or interval_of(top).low < 0 or interval_of(bottom).low < 0:
                continue
            interval = per_unit(interval_of(top), interval_of(bottom))
            if not interval.low < math.inf:  # nothing to divide by
                continue
            scale: Callable[[float], float] = (lambda share: min(100.0, 100 * share)) if unit == "percent" else float
            value = scale(top["value"] / bottom["value"]) if bottom["value"] > 0 else math.nan
            yield row(measure, Interval(*(scale(end) for end in interval)), unit, "identity", top, bottom,
                       indicator=numerator, group=top_group, assumption=f"scope={scope}", value=value)  # fmt: skip
