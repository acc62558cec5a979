"""Counts at size thresholds: what of them can be true at once, what that bounds, and a tail fitted as a model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal, get_args

import pandas as pd

from clusterlib.analysis.results import Row, ambiguous, maybe, row, table, usable
from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval
from clusterlib.measures import consistency
from clusterlib.measures.classes import READINGS, Reading, band_counts, bounds_from_thresholds
from clusterlib.measures.consistency import Consistency, Statement
from clusterlib.measures.population import Bound
from clusterlib.measures.tail import TailFit, fit_tail, implied_total, log_log_slope
from clusterlib.study import Study, interval_of

ReadAs = Literal["both", "cumulative", "bands"]
READ_AS: tuple[ReadAs, ...] = get_args(ReadAs)

#: Measure -> unit; measures of the largest firms are in percent.
UNITS = {
    "gini": "index",
    "hoover": "index",
    "theil_t": "nats",
    "theil_l": "nats",
    "hhi_times_n": "index",
    "hhi": "index",
}


@dataclass(frozen=True)
class Sizes:
    """Counts of one kind of firm at thresholds of one measure of size, with what is printed beside them.

    Attributes
    ----------
    indicator : str
        What is counted.
    by, unit : str
        Indicator that the thresholds measure, and their unit.
    counts : tuple of Series
        Printed counts, by ascending threshold.
    firms : Interval or None
        Number of all firms: printed, or assumed.
    firms_figure, total_figure, cap_figure : Series or None
        The printed number of all firms, their total, and a printed zero above some size; None where there is none.
    cap : float
        Size that no firm exceeds, printed or assumed; infinite if neither.
    n_assumed : int
        The number of firms that was assumed; 0 if it was not.
    """

    indicator: str
    by: str
    unit: str
    counts: tuple[pd.Series, ...]
    firms: Interval | None
    firms_figure: pd.Series | None
    total_figure: pd.Series | None
    cap_figure: pd.Series | None
    cap: float
    n_assumed: int = 0

    @property
    def thresholds(self) -> list[float]:
        """Thresholds, ascending, in base units."""
        return [float(each["threshold"]) for each in self.counts]

    @property
    def intervals(self) -> list[Interval]:
        """Number of firms at each threshold, as the words allow."""
        return [interval_of(each) for each in self.counts]

    @property
    def total(self) -> Interval | None:
        """Total of all firms, as the words allow; None if it is not printed."""
        return None if self.total_figure is None else interval_of(self.total_figure)

    def figures(self, *, cap: bool, total: bool) -> list[pd.Series]:
        """Printed figures that an analysis with or without cap and total uses."""
        extra = [self.cap_figure if cap else None, self.total_figure if total else None]
        return [each for each in (self.firms_figure, *self.counts, *extra) if each is not None]


@dataclass(frozen=True)
class Case:
    """One reading of the counts under one set of assumptions.

    Attributes
    ----------
    reading : {"cumulative", "bands"}
        Whether each count includes the larger firms.
    cap : float
        Size that no firm exceeds; infinite if none is assumed.
    with_total : bool
        Whether the printed total is taken to be true as well.
    assumption : str
        All of this, as the result table names it.
    consistency : Consistency
        Whether it can all be true.
    bounds : dict of str to Bound
        By measure; empty if it cannot be true, or `refused`.
    bands : list of Interval
        Firms below the first threshold, then from each to the next; empty as `bounds`.
    refused : str
        Why there are no bounds although it can be true.
    """

    reading: Reading
    cap: float
    with_total: bool
    assumption: str
    consistency: Consistency
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    bands: Sequence[Interval] = ()
    refused: str = ""

    @property
    def capped(self) -> bool:
        """Whether a largest size is assumed."""
        return math.isfinite(self.cap)


@dataclass(frozen=True)
class Tail:
    """A Pareto tail fitted to the counts of one reading: a model, not a bound.

    Attributes
    ----------
    reading : {"cumulative", "bands"}
        How the counts are read.
    assumption : str
        As the result table names it.
    counts : tuple of tuple of int
        Firms in each class at the readings with the least and the greatest exponent; one if the counts are exact.
    fits : tuple of TailFit
        The fit at each of these readings.
    slopes : tuple of float
        Exponents of the log-log regression at the same readings, for comparison only.
    totals : tuple of float
        Totals of the firms at or above the lowest threshold that the fits imply; empty if `refused`.
    refused : str
        Why no total is extrapolated.
    """

    reading: Reading
    assumption: str
    counts: tuple[tuple[int, ...], ...]
    fits: tuple[TailFit, ...]
    slopes: tuple[float, ...]
    totals: tuple[float, ...]
    refused: str


@dataclass(frozen=True)
class SizeDistribution:
    """What the size counts of a cluster say: per kind of count the cases and the tails, and the result table.

    Attributes
    ----------
    families : tuple of (Sizes, tuple of Case, tuple of Tail)
        One for each kind of firm and measure of size that is counted.
    result : DataFrame
        The result table, columns `COLUMNS`; empty if nothing is printed.
    """

    families: tuple[tuple[Sizes, tuple[Case, ...], tuple[Tail, ...]], ...]
    result: pd.DataFrame


def size_distribution(
    study: Study,
    cluster: str,
    *,
    cap: float = 0.0,
    reading: ReadAs = "both",
    n_firms: int = 0,
    largest: int = 4,
    top: float = 0.1,
    period: str = "",
    seed: int = 0,
    replications: int = 1000,
) -> SizeDistribution:
    """What counts of firms at size thresholds say about the size distribution.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    cap : float, default 0
        Size that no firm exceeds, in the unit of the thresholds; 0 is the printed one, if any.
    reading : {"both", "cumulative", "bands"}
        Whether each count includes the larger firms, or only those up to the next threshold.
    n_firms : int, default 0
        Number of firms, where it is known from elsewhere; 0 is what is printed.
    largest : int, default 4
        Number of firms whose concentration ratio is bounded, besides that of the largest one.
    top : float, default 0.1
        Fraction of firms whose share is bounded.
    period : str, default ""
        Use only figures printed for this period; "" uses all.
    seed, replications : int
        Of the bootstrap that judges the fit of the tail.

    Returns
    -------
    SizeDistribution
        Each reading with the printed counts alone and with the total, with and without the cap.

    Raises
    ------
    InputError
        If a parameter is outside its range, or two figures answer the same question.

    Examples
    --------
    >>> found = size_distribution(Study.load(), "baoying-glass", reading="cumulative", replications=1)
    >>> rows = found.result.set_index(["measure", "assumption"])
    >>> by = "cumulative;by=production_sales"
    >>> row = rows.loc[("cr4", f"cap=100000000;counts+total;{by}")]
    >>> print(f"{row.low:.2f} {row.high:.2f}")  # 4 of 100 million in 2 billion are 20 %
    13.55 20.00
    """
    if reading not in READ_AS:
        raise unknown("reading", reading, READ_AS)
    if not 0 <= cap < math.inf:
        raise InputError(f"cap: given {cap!r}; allowed: 0 (as printed), or a size above 0")
    if not 0 < top < 1:
        raise InputError(f"top: given {top!r}; allowed: a fraction between 0 and 1")
    if largest < 1:
        raise InputError(f"largest: given {largest!r}; allowed: a whole number of firms, at least 1")
    readings = [each for each in READINGS if reading in ("both", each)]
    families: list[tuple[Sizes, tuple[Case, ...], tuple[Tail, ...]]] = []
    rows: list[Row] = []
    for each in printed_sizes(study, cluster, period=period, cap=cap, n_firms=n_firms):
        cases = tuple(cases_of(each, readings=readings, k=sorted({1, largest}), top=top))
        tails = tuple(_tails(each, readings, seed=seed, replications=replications))
        families.append((each, cases, tails))
        for case in cases:
            rows += case_rows(each, case)
        for tail in tails:
            rows += _tail_rows(each, tail)
    return SizeDistribution(tuple(families), table(cluster, rows))


def printed_sizes(study: Study, cluster: str, *, period: str = "", cap: float = 0.0, n_firms: int = 0) -> list[Sizes]:
    """Counts above thresholds of a cluster, one for each kind of firm and measure of size.

    A printed zero above some size is no count of the series but its cap. It is taken from all observed figures, the
    flagged ones as well: it enters as an assumption that is named, beside the results without it.
    """
    figures = usable(study, cluster, period)
    counts = figures[(figures["kind"] == "threshold_count") & (figures["high"] != 0)]
    everything = study.figures_of(cluster)
    zeros = everything[
        (everything["kind"] == "threshold_count") & (everything["status"] == "observed") & (everything["high"] == 0)
    ]
    if period:
        zeros = zeros[zeros["period"].isin(["", period])]
    found = []
    keys = ["indicator", "group", "threshold_indicator", "threshold_unit"]
    for key, part in counts.groupby(keys, sort=False):
        indicator, group, by, unit = (str(each) for each in key)
        frame = part.sort_values("threshold", kind="stable")
        twice = frame[frame["threshold"].duplicated(keep=False)]
        if len(twice):
            raise ambiguous(twice)
        # Only of firms at or above a size are all firms of the cluster the whole.
        whole = group == "at_least"
        firms_figure = maybe(figures, indicator, "all", "count") if whole and not n_firms else None
        total_figure = maybe(figures, by, "all", "level") if whole and by else None
        if total_figure is not None and str(total_figure["unit"]).split("/")[0] != unit:
            total_figure = None
        own = zeros[(zeros[keys] == list(key)).all(axis=1)].sort_values("threshold", kind="stable")
        cap_figure = own.iloc[0] if len(own) and not cap else None
        known = Interval(n_firms, n_firms) if n_firms and whole else None
        if firms_figure is not None:
            known = interval_of(firms_figure)
        limit = cap or (math.inf if cap_figure is None else float(cap_figure["threshold"]))
        found.append(
            Sizes(
                indicator, by, unit, tuple(each for _, each in frame.iterrows()),
                known, firms_figure, total_figure, cap_figure, limit, n_firms if whole else 0,
            )
        )  # fmt: skip
    return found


def cases_of(sizes: Sizes, *, readings: Sequence[Reading], k: Sequence[int], top: float) -> Iterator[Case]:
    """Every reading with and without total and cap, as far as they are printed or assumed."""
    caps = [math.inf] if math.isinf(sizes.cap) else [sizes.cap, math.inf]
    totals = [False] if sizes.total is None else [False, True]
    for reading, cap, with_total in product(readings, caps, totals):
        assumption = _assumption(sizes, reading, cap=cap, basis="counts+total" if with_total else "counts")
        examined = consistency.examine(_statements(sizes, reading, cap, with_total=with_total))
        case = Case(reading, cap, with_total, assumption, examined)
        yield _with_bounds(sizes, case, k, top) if examined.possible else case


def headline(cases: Sequence[Case]) -> Case | None:
    """The case that uses most of what is printed and has bounds: with total and cap if they can be true."""
    usable = [case for case in cases if case.bounds]
    return max(usable, key=lambda case: (case.with_total, case.capped, case.reading == "cumulative"), default=None)


def case_rows(sizes: Sizes, case: Case) -> Iterator[Row]:
    """Rows of the result table of one case."""
    figures = sizes.figures(cap=case.capped, total=case.with_total)
    own = {"indicator": sizes.by or sizes.indicator, "group": "all", "assumption": case.assumption}
    allowed = case.consistency.allowed_total
    if case.with_total:
        left = [each.interval for each in case.consistency.survivors if each.statement.of_total]
    else:
        left = [] if math.isnan(allowed.low) else [allowed]
    for each in left:
        yield row("total", each, f"{sizes.unit}/year", "bound", *figures, **own)
    for measure, bound in case.bounds.items():
        if measure == "total":  # as above, where there are no bounds as well
            continue
        unit = UNITS.get(measure, "percent")
        interval = Interval(*(100 * end for end in bound)) if unit == "percent" else bound
        name, group = ("top_share", f"all;top={measure[3:]}") if measure.startswith("top") else (measure, "all")
        yield row(name, interval, unit, "bound", *figures, **{**own, "group": group})
    limits = [0.0, *sizes.thresholds, case.cap]
    signs = ["", *(">" if each["threshold_rule"] == "above" else "" for each in sizes.counts), ""]
    for i, band in enumerate(case.bands):
        if i == 0 and sizes.firms is None:
            continue
        edge = "" if math.isinf(limits[i + 1]) else f"{signs[i + 1]}{limits[i + 1]:.0f}"
        yield row("band_count", band, str(sizes.counts[0]["unit"]), "bound", *figures,
                  **{**own, "indicator": sizes.indicator, "group": f"{signs[i]}{limits[i]:.0f}..{edge} {sizes.unit}"},
                  value=band.low if band.is_point else None)  # fmt: skip


def _assumption(sizes: Sizes, reading: str, *, cap: float, basis: str) -> str:
    parts = ["no_cap" if math.isinf(cap) else f"cap={cap:.0f}", basis]
    parts += [f"n={sizes.n_assumed}"] if sizes.n_assumed else []
    parts += [reading] + ([f"by={sizes.by}"] if sizes.by else [])
    return ";".join(part for part in parts if part)


def _statements(sizes: Sizes, reading: Reading, cap: float, *, with_total: bool) -> list[Statement]:
    """The statements of a case, each named by its printed figure or, if assumed, by its parameter."""
    thresholds = sizes.thresholds
    ends = [math.inf] * len(thresholds) if reading == "cumulative" else [*thresholds[1:], math.inf]
    said = []
    if sizes.firms is not None:
        name = "n_firms" if sizes.firms_figure is None else str(sizes.firms_figure["figure"])
        said.append(consistency.firms(sizes.firms, name))
    said += [
        consistency.between(low, high, interval, str(figure["figure"]))
        for figure, interval, low, high in zip(sizes.counts, sizes.intervals, thresholds, ends, strict=True)
    ]
    if math.isfinite(cap):
        said.append(consistency.none_above(cap, "cap" if sizes.cap_figure is None else str(sizes.cap_figure["figure"])))
    if with_total and sizes.total is not None and sizes.total_figure is not None:
        said.append(consistency.total(sizes.total, str(sizes.total_figure["figure"])))
    return said


def _with_bounds(sizes: Sizes, case: Case, k: Sequence[int], top: float) -> Case:
    thresholds, counts, n = sizes.thresholds, sizes.intervals, sizes.firms
    total = sizes.total if case.with_total else None
    cap = case.cap if case.capped else None
    bands = band_counts(thresholds, counts, n=n, total=total, cap=cap, reading=case.reading)
    try:
        bounds = bounds_from_thresholds(
            thresholds, counts, n=n, total=total, cap=cap, k=k, q=(top,), reading=case.reading
        )
    except InputError as error:  # a count without an end, or too many combinations: the page says so
        return replace(case, bands=bands, refused=str(error))
    return replace(case, bands=bands, bounds=bounds)


def _tails(sizes: Sizes, readings: Sequence[Reading], *, seed: int, replications: int) -> Iterator[Tail]:
    """A tail for each reading that counts firms in two classes or more.

    The exponent is the root of a score that is linear in the counts, so its extremes lie at corners of their box.
    """
    for reading in readings:
        corners = [counts for counts in _corners(sizes, reading) if sum(map(bool, counts)) > 1]
        if not corners or len(sizes.thresholds) < 2:
            continue
        fits = sorted(
            (fit_tail(sizes.thresholds, counts, seed=seed, replications=1).exponent, counts) for counts in corners
        )
        ends = dict.fromkeys((fits[0][1], fits[-1][1]))
        chosen = tuple(fit_tail(sizes.thresholds, each, seed=seed, replications=replications) for each in ends)
        slopes = tuple(log_log_slope(sizes.thresholds, each) for each in ends)
        refused = ""
        totals: tuple[float, ...] = ()
        try:
            totals = tuple(implied_total(each) for each in chosen)
        except InputError as error:
            refused = str(error)
        assumption = _assumption(sizes, reading, cap=math.inf, basis="counts")
        yield Tail(reading, assumption, tuple(ends), chosen, slopes, totals, refused)


def _corners(sizes: Sizes, reading: Reading) -> Iterator[tuple[int, ...]]:
    """Firms in each class at the corners of the printed intervals; none if a count has no upper end."""
    ends = [sorted({each.low, each.high}) for each in sizes.intervals]
    if any(not math.isfinite(end) for each in ends for end in each):
        return
    for corner in product(*ends):
        if reading == "bands":
            yield tuple(int(count) for count in corner)
            continue
        classes = [int(count - larger) for count, larger in zip(corner, [*corner[1:], 0.0], strict=True)]
        if min(classes) >= 0:
            yield tuple(classes)


def _tail_rows(sizes: Sizes, tail: Tail) -> Iterator[Row]:
    figures = list(sizes.counts)
    group = f"{sizes.thresholds[0]:.0f}.. {sizes.unit}"
    own = {"indicator": sizes.by or sizes.indicator, "group": group, "assumption": tail.assumption}
    exponents = [fit.exponent for fit in tail.fits]
    point = exponents[0] if len(exponents) == 1 else None
    profile = Interval(min(fit.profile.low for fit in tail.fits), max(fit.profile.high for fit in tail.fits))
    for measure, shift in (("pareto_tail", 0.0), ("pareto_exponent", 1.0)):
        ends = Interval(profile.low + shift, profile.high + shift)
        yield row(measure, ends, "index", "model", *figures, **own, value=None if point is None else point + shift)
    p_values = [fit.p_value for fit in tail.fits if not math.isnan(fit.p_value)]
    if p_values:
        ends = Interval(min(p_values), max(p_values))
        yield row("pareto_p_value", ends, "index", "model", *figures, **own)
    yield row("log_log_slope", Interval(min(tail.slopes), max(tail.slopes)), "index", "model", *figures, **own)
    if tail.totals:
        ends = Interval(min(tail.totals), max(tail.totals))
        yield row("total", ends, f"{sizes.unit}/year", "model", *figures, **own)
