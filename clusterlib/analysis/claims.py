"""Claims that documents make in words, held against the intervals of the result table. No verdict is typed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pandas as pd

from clusterlib.analysis.exports import RATE, checked_rate
from clusterlib.analysis.numbers import all_numbers
from clusterlib.analysis.results import COLUMNS
from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.measures.verdicts import EXTREME, VERDICTS, Judgement, Verdict, combine, judge, margin_of
from clusterlib.study import Study, interval_of

#: Columns of the table of claims, behind those of the result table.
CLAIM_COLUMNS = [*COLUMNS, "claim", "comparison", "bound", "bound_high", "verdict"]
#: Measures that are whole numbers.
WHOLE = frozenset({"count", "band_count", "links"})


@dataclass(frozen=True)
class Reading:
    """A claim in one reading, against one number.

    Attributes
    ----------
    row : Series
        The row of claims.csv.
    result : Series or None
        The row of the result table; None if no printed figure gives it.
    bound : Interval or None
        What the number is compared with, the margin included; None if the claim names no yardstick.
    judgement : Judgement or None
        What comes of it; None if there is nothing to compare.
    margin : float
        Margin up to which a claim that says "clearly" is still supported, as a fraction of the bound; nan for others.
    """

    row: pd.Series
    result: pd.Series | None
    bound: Interval | None
    judgement: Judgement | None
    margin: float = math.nan

    @property
    def verdict(self) -> Verdict:
        """Verdict in this reading."""
        return "undecidable" if self.judgement is None else self.judgement.verdict


@dataclass(frozen=True)
class Claim:
    """A claim of a document with all its readings.

    Attributes
    ----------
    row : Series
        The row of claims.csv that states it.
    readings : tuple of Reading
        Each way to read it, against each number that it then means; empty if no figure can decide it.
    verdict : str
        One of `VERDICTS`, from the readings.
    contradicts : tuple of str
        Claims of the same document that it cannot stand beside.
    """

    row: pd.Series
    readings: tuple[Reading, ...]
    verdict: Verdict
    contradicts: tuple[str, ...]

    @property
    def key(self) -> str:
        """Key of the claim."""
        return str(self.row["claim"])

    @property
    def surprise(self) -> int:
        """Place in the order of surprise: refuted first, then doubtful, disputed, borne out, what nothing decides."""
        if self.verdict in ("contradicted", "mixed", "only_at_the_extreme"):
            return VERDICTS.index(self.verdict)
        if self.doubtful:
            return 3
        if self.contradicts:
            return 4
        if self.verdict == "supported":
            return 5
        return 6 if any(reading.result is not None for reading in self.readings) else 7

    @property
    def doubtful(self) -> bool:
        """Whether it is left open as a whole and false in one reading."""
        false = any(reading.verdict == "contradicted" for reading in self.readings)
        return self.verdict == "undecidable" and false


@dataclass(frozen=True)
class Claims:
    """The claims about one cluster.

    Attributes
    ----------
    claims : tuple of Claim
        The surprising ones first.
    pairs : tuple of (Series, Series)
        Rows of claims.csv that cannot stand side by side in one document without a reservation, each pair once; one
        of the two may be about another cluster.
    result : DataFrame
        One row for each claim, reading and number, columns `CLAIM_COLUMNS`.
    numbers : DataFrame
        The result table against which they are held.
    """

    claims: tuple[Claim, ...]
    pairs: tuple[tuple[pd.Series, pd.Series], ...]
    result: pd.DataFrame
    numbers: pd.DataFrame

    @property
    def cited(self) -> pd.DataFrame:
        """Rows of the result table that a page on the claims cites: those compared, and the ratios beside them."""
        ratios = self.numbers[self.numbers["reference"] == "cluster_average"]
        frames = [frame for frame in (self.result, ratios) if len(frame)]
        return pd.concat([frame[["figures"]] for frame in frames]) if frames else self.result[["figures"]]


def judged_claims(
    study: Study,
    cluster: str,
    *,
    margin: float = 0.0,
    extreme: float = EXTREME,
    rate_low: float = RATE.low,
    rate_high: float = RATE.high,
    period: str = "",
) -> Claims:
    """Hold the claims about a cluster against what its printed figures fix or bound.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    margin : float, default 0
        By what fraction of the bound a number must clear it where the document says "clearly".
    extreme : float, default 0.1
        A claim that is true in at most this part of an interval, at its end, is true only at the extreme.
    rate_low, rate_high : float
        Range of yuan for a dollar.
    period : str, default ""
        Use only figures printed for this period; "" uses all.

    Returns
    -------
    Claims
        Empty if the study has no claims about the cluster.

    Raises
    ------
    InputError
        If a parameter is outside its range, or two figures answer the same question.

    Examples
    --------
    >>> found = judged_claims(Study.load(), "china-garment")
    >>> [claim.verdict for claim in found.claims if claim.key.endswith("productivity-above-average")]
    ['mixed']
    """
    if not 0 <= margin < 1:
        raise InputError(f"margin: given {margin!r}; allowed: a fraction from 0 to below 1")
    if not 0 <= extreme < 1:
        raise InputError(f"extreme: given {extreme!r}; allowed: a fraction from 0 to below 1")
    rate = checked_rate(rate_low, rate_high)
    rows = study.said("claims", cluster)
    largest = [int(key[2:]) for key in set(rows["measure"]) if re.fullmatch(r"cr[1-9][0-9]*", key)]
    numbers = all_numbers(study, cluster, largest=largest, rate=rate, period=period)
    claims = []
    for _, main in rows[rows["reading_of"] == ""].iterrows():
        told = rows[(rows["claim"] == main["claim"]) | (rows["reading_of"] == main["claim"])]
        readings = tuple(
            reading
            for _, row in told.iterrows()
            if row["measure"]
            for reading in _readings(study, row, numbers, margin=margin, extreme=extreme)
        )
        verdict = combine([reading.verdict for reading in readings])
        claims.append(Claim(main, readings, verdict, tuple(main["contradicts"].split())))
    # Claims that say "clearly" before the others; else in the order of the documents.
    claims.sort(key=lambda claim: (claim.surprise, not claim.row["emphatic"]))
    return Claims(tuple(claims), tuple(_pairs(study, claims)), _table(cluster, claims), numbers)


def _readings(study: Study, row: pd.Series, numbers: pd.DataFrame, *, margin: float, extreme: float) -> list[Reading]:
    found = numbers[numbers["measure"] == row["measure"]]
    for column in ("indicator", "group", "reference"):
        if row[column]:
            found = found[found[column] == row[column]]
    wanted = [part for part in row["assumption"].split(";") if part]
    found = found[[_has(assumption, wanted) for assumption in found["assumption"]]]
    bound = _bound(study, row)
    if found.empty:
        return [Reading(row, None, bound, None)]
    return [_judged(row, result, bound, margin=margin, extreme=extreme) for _, result in found.iterrows()]


def _has(assumption: str, wanted: list[str]) -> bool:
    """Whether an assumption set has every part wanted; ``cap`` stands for any ``cap=…``."""
    parts = assumption.split(";")
    names = {part.partition("=")[0] for part in parts if "=" in part}
    return all(part in parts or part in names for part in wanted)


def _bound(study: Study, row: pd.Series) -> Interval | None:
    if not row["comparison"]:
        return None
    if row["bound_figure"]:
        return interval_of(study.figure(row["bound_figure"]))
    return Interval(row["bound"], row["bound"] if pd.isna(row["bound_high"]) else row["bound_high"])


def _judged(row: pd.Series, result: pd.Series, bound: Interval | None, *, margin: float, extreme: float) -> Reading:
    if bound is None:
        return Reading(row, result, None, None)
    interval, comparison = interval_of(result), row["comparison"]
    spare = math.nan
    if row["emphatic"] and comparison != "between" and bound.low > 0:
        spare = margin_of(interval, comparison, bound.low)
        factor = 1 + margin if comparison in ("above", "at_least") else 1 - margin
        bound = Interval(bound.low * factor, bound.high * factor)
    whole = row["measure"] in WHOLE
    judgement = judge(interval, comparison, bound, whole=whole, extreme=extreme)
    return Reading(row, result, bound, judgement, spare)


def _pairs(study: Study, claims: list[Claim]) -> list[tuple[pd.Series, pd.Series]]:
    """Each pair of claims that name each other once, the earlier one first; one may be about another cluster."""
    rows = {str(row["claim"]): row for _, row in study.claims.iterrows()}
    pairs: dict[frozenset[str], tuple[pd.Series, pd.Series]] = {}
    for claim in claims:
        for key in claim.contradicts:
            both = sorted((claim.row, rows[key]), key=lambda row: (row["start"], row["claim"]))
            pairs.setdefault(frozenset((claim.key, key)), (both[0], both[1]))
    return list(pairs.values())


def _table(cluster: str, claims: list[Claim]) -> pd.DataFrame:
    rows = []
    for claim in claims:
        for reading in claim.readings or (Reading(claim.row, None, None, None),):
            own = dict.fromkeys(COLUMNS, "") | {"value": math.nan, "low": math.nan, "high": math.nan}
            if reading.result is not None:
                own |= {column: reading.result[column] for column in COLUMNS}
            ends = (math.nan, math.nan) if reading.bound is None else reading.bound
            rows.append(
                own
                | {"cluster": cluster, "claim": reading.row["claim"], "comparison": reading.row["comparison"]}
                | {"bound": ends[0], "bound_high": ends[1], "verdict": reading.verdict}
            )
    frame = pd.DataFrame(rows, columns=CLAIM_COLUMNS)
    bounds = ["bound", "bound_high"]
    frame[bounds] = frame[bounds].astype(float)
    frame[bounds] = frame[bounds].where(frame[bounds].abs() != math.inf)
    return frame
