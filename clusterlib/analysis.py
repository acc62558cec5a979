"""From a study and a cluster to the result table: one row a number, with its assumption, basis and printed figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, get_args

import pandas as pd

from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval
from clusterlib.measures.performance import REFERENCES, decompose, per_unit, relative
from clusterlib.measures.shares import bounds_from_share, top_share
from clusterlib.study import Study, interval_of

Assume = Literal["both", "ordered", "unordered"]
ASSUME: tuple[Assume, ...] = get_args(Assume)

COLUMNS = [
    "cluster", "measure", "indicator", "group", "reference", "assumption",
    "value", "low", "high", "unit", "basis", "figures",
]  # fmt: skip

#: Measure -> unit of the bounds of one share pair, in the order of the table.
SHARE_MEASURES = {
    "gini": "index",
    "hoover": "index",
    "theil_t": "nats",
    "theil_l": "nats",
    "hhi_times_n": "index",
    "hhi": "index",
    "top_share": "percent",
}

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
        Number of firms, where it is known from elsewhere; 0 is unknown.
    top : float, default 0.1
        Fraction of firms whose share is bounded as ``top_share``.
    period : str, default ""
        Use only figures printed for this period; "" uses all.

    Returns
    -------
    DataFrame
        The result table, columns `COLUMNS`; empty if nothing is printed. Blank ends (nan) are unbounded.

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
    figures = _figures(study, cluster, period)
    rows: list[dict[str, object]] = []
    for group, shares in share_groups(figures):
        rows += _share_rows(study, group, shares, assume=assume, losses=losses, n_firms=n_firms, top=top)
    for counts in size_counts(figures):
        rows += _band_rows(figures, counts)
    return _table(cluster, rows)


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
    figures = _figures(study, cluster, period)
    rows: list[dict[str, object]] = []
    for group, shares in share_groups(figures):
        rows += list(_ratio_rows(group, shares))
        rows += list(_decomposition_rows(group, shares))
    rows += list(_density_rows(figures))
    return _table(cluster, rows)


def share_groups(figures: pd.DataFrame) -> list[tuple[str, dict[str, pd.Series]]]:
    """Groups with printed shares: group -> indicator -> the figure of its share."""
    shares = figures[figures["kind"] == "share"]
    groups = []
    for group in dict.fromkeys(shares["group"]):
        of_group = shares[shares["group"] == group]
        groups.append(
            (group, {key: _only(of_group, key, group, "share") for key in dict.fromkeys(of_group["indicator"])})
        )
    return groups


def size_counts(figures: pd.DataFrame) -> list[pd.DataFrame]:
    """Counts above thresholds, one frame for each indicator counted and each threshold indicator, ascending."""
    counts = figures[figures["kind"] == "threshold_count"]
    frames = []
    for _, part in counts.groupby(["indicator", "group", "threshold_indicator", "threshold_unit"], sort=False):
        frame = part.sort_values("threshold", kind="stable")
        twice = frame[frame["threshold"].duplicated(keep=False)]
        if len(twice):
            raise _ambiguous(twice)
        frames.append(frame)
    return frames


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


def _figures(study: Study, cluster: str, period: str) -> pd.DataFrame:
    figures = study.usable(cluster)
    if not period:
        return figures
    # A period that only other clusters have figures for leaves this one silent; one that nobody has is a mistake.
    periods = list(dict.fromkeys(study.figures["period"][study.figures["period"] != ""]))
    if period not in periods:
        raise unknown("period", period, periods)
    return figures[figures["period"] == period]


def _only(figures: pd.DataFrame, indicator: str, group: str, *kinds: str) -> pd.Series:
    found = figures[(figures["indicator"] == indicator) & (figures["group"] == group) & figures["kind"].isin(kinds)]
    if len(found) > 1:
        raise _ambiguous(found)
    return found.iloc[0]


def _maybe(figures: pd.DataFrame, indicator: str, group: str, *kinds: str) -> pd.Series | None:
    found = figures[(figures["indicator"] == indicator) & (figures["group"] == group) & figures["kind"].isin(kinds)]
    return _only(figures, indicator, group, *kinds) if len(found) else None


def _ambiguous(found: pd.DataFrame) -> InputError:
    names = ", ".join(f"{row['figure']} ({row['period'] or 'no period'})" for _, row in found.iterrows())
    return InputError(
        f"figures: given {names} for the same question; allowed: one, so choose a period or mark restatements"
    )


Row = dict[str, object]


def _row(measure: str, interval: Interval, unit: str, basis: str, *figures: pd.Series, **more: object) -> Row:
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


def _table(cluster: str, rows: list[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["cluster"] = cluster
    numbers = ["value", "low", "high"]
    frame[numbers] = frame[numbers].astype(float)
    frame[numbers] = frame[numbers].where(frame[numbers].abs() != math.inf)
    text = [column for column in COLUMNS if column not in numbers]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), "")
    return frame


def _share_rows(
    study: Study, group: str, shares: dict[str, pd.Series], *, assume: Assume, losses: bool, n_firms: int, top: float
) -> Iterator[Row]:
    firms = shares.get("firms")
    if firms is None or not 0 < firms["value"] < 100:
        return
    f = interval_of(firms, 0.01)
    negative = study.indicators.set_index("indicator")["negative"]
    yield _row(
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
        yield _row(
            "share_ratio", fixed["share_ratio"], "ratio", "identity", value, firms, value=at["share_ratio"].low, **own
        )
        yield _row("lorenz", _complement(value), "percent", "identity", value, value=100 - value["value"], **own)
        for measure in ("theil_t_between", "theil_l_between"):
            yield _row(measure, fixed[measure], "nats", "identity", value, firms, value=at[measure].low, **own)
        for name, ordered, with_losses in scenarios(bool(negative[indicator]), assume=assume, losses=losses):
            bounds = bounds_from_share(f, s, n=n_firms or None, ordered=ordered, losses=with_losses)
            assumption = name + (f";n={n_firms}" if n_firms else "")
            for measure, unit in SHARE_MEASURES.items():
                if measure in bounds:
                    scale = 100 if unit == "percent" else 1
                    interval = Interval(*(end * scale for end in bounds[measure]))
                    fixed_by_order = measure == "top_share" and ordered and s.low >= f.high
                    point = value["value"] if fixed_by_order else None
                    yield _row(measure, interval, unit, "identity" if fixed_by_order else "bound", value, firms,
                               assumption=assumption, value=point, **own)  # fmt: skip
            largest = top_share(top, f, s, ordered=ordered, losses=with_losses)
            yield _row("top_share", Interval(*(100 * end for end in largest)), "percent", "bound", value, firms,
                       assumption=name, indicator=indicator, group=f"{group};top={top:g}")  # fmt: skip


def _complement(share: pd.Series) -> Interval:
    low, high = interval_of(share)
    return Interval(100 - high, 100 - low)


def _band_rows(figures: pd.DataFrame, counts: pd.DataFrame) -> Iterator[Row]:
    """Firms between neighbouring thresholds, each count read as including the larger firms."""
    steps = [figure for _, figure in counts.iterrows()]
    limits = [f"{'>' if step['threshold_rule'] == 'above' else ''}{step['threshold']:.0f}" for step in steps]
    first = counts.iloc[0]
    everybody = _maybe(figures, first["indicator"], "all", "count") if first["group"] == "at_least" else None
    if everybody is not None:
        steps, limits = [everybody, *steps], ["0", *limits]
    ends = _nested([interval_of(step) for step in steps], steps)
    by = f";by={first['threshold_indicator']}" if first["threshold_indicator"] else ""
    for i, (step, interval) in enumerate(zip(steps, ends, strict=True)):
        last = i + 1 == len(steps)
        upper = Interval(0, 0) if last else ends[i + 1]
        band = Interval(max(0.0, interval.low - upper.high), interval.high - upper.low)
        used = [step] if last else [step, steps[i + 1]]
        limit = f"{limits[i]}..{'' if last else limits[i + 1]} {first['threshold_unit']}"
        yield _row("band_count", band, str(step["unit"]), "identity", *used, assumption=f"cumulative{by}",
                   indicator=step["indicator"], group=limit, value=band.low if band.is_point else None)  # fmt: skip


def _nested(counts: list[Interval], figures: list[pd.Series]) -> list[Interval]:
    """Tighten counts of nested sets: none is larger than the one before it."""
    highs, lows = [each.high for each in counts], [each.low for each in counts]
    for i in range(1, len(counts)):
        highs[i] = min(highs[i], highs[i - 1])
    for i in range(len(counts) - 2, -1, -1):
        lows[i] = max(lows[i], lows[i + 1])
    for i, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if low > high:
            names = " and ".join(
                f"{figure['figure']} ({figure['printed']})" for figure in figures[max(0, i - 1) : i + 2]
            )
            raise InputError(f"size counts: given {names}; allowed: counts that do not rise with the threshold")
    return [Interval(low, high) for low, high in zip(lows, highs, strict=True)]


def _ratio_rows(group: str, shares: dict[str, pd.Series]) -> Iterator[Row]:
    for measure, (numerator, denominator) in RATIOS.items():
        if numerator not in shares or denominator not in shares:
            continue
        value, base = shares[numerator], shares[denominator]
        for reference in REFERENCES:
            interval = relative(interval_of(value, 0.01), interval_of(base, 0.01), reference)
            point = relative(value["value"] / 100, base["value"] / 100, reference).low
            yield _row(
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
            yield _row("contribution", step.log_range, "log", "identity", *figures, value=step.log, **own)
            if math.isfinite(step.percent_range.low):  # without bound where the whole advantage can be nil
                yield _row(
                    "contribution", step.percent_range, "percent", "identity", *figures, value=step.percent, **own
                )
        yield _row("contribution", split.log_range, "log", "identity", figures[0], figures[-1],
                   value=split.log, indicator="all", group=group, reference=reference)  # fmt: skip


def _density_rows(figures: pd.DataFrame) -> Iterator[Row]:
    for measure, variants in DENSITIES.items():
        for numerator, top_group, denominator, bottom_group, unit, scope in variants:
            top = _maybe(figures, numerator, top_group, "level", "count")
            bottom = _maybe(figures, denominator, bottom_group, "level", "count")
            if top is None or bottom is None or interval_of(top).low < 0 or interval_of(bottom).low < 0:
                continue
            interval = per_unit(interval_of(top), interval_of(bottom))
            if not interval.low < math.inf:  # nothing to divide by
                continue
            scale: Callable[[float], float] = (lambda share: min(100.0, 100 * share)) if unit == "percent" else float
            value = scale(top["value"] / bottom["value"]) if bottom["value"] > 0 else math.nan
            yield _row(measure, Interval(*(scale(end) for end in interval)), unit, "identity", top, bottom,
                       indicator=numerator, group=top_group, assumption=f"scope={scope}", value=value)  # fmt: skip
