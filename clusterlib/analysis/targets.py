"""Targets and plans: the growth they need from a stated baseline, and the money set aside for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from clusterlib.analysis.results import Row, row
from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.measures.growth import required_growth
from clusterlib.study import Study, interval_of

#: Baselines of the grid, as parts of the target's printed number, and its years.
PARTS = (0.1, 0.25, 0.5, 0.75, 0.9)
YEARS = (1, 2, 3, 5, 10)


@dataclass(frozen=True)
class Target:
    """A target or plan, with the printed figures it rests on.

    Attributes
    ----------
    row : Series
        The row of targets.csv.
    figure : Series
        The printed target.
    baseline, money : Series or None
        The observed figure that it starts from, and the money meant to serve it, where they are printed.
    """

    row: pd.Series
    figure: pd.Series
    baseline: pd.Series | None
    money: pd.Series | None

    @property
    def grows(self) -> bool:
        """Whether growth towards it can be computed: a target level, not a plan."""
        return bool(self.figure["status"] == "target" and self.figure["kind"] == "level" and self.figure["low"] > 0)


def targets_of(study: Study, cluster: str) -> tuple[Target, ...]:
    """Targets and plans of one cluster."""
    return tuple(
        Target(
            each,
            study.figure(each["figure"]),
            study.figure(each["baseline"]) if each["baseline"] else None,
            study.figure(each["money"]) if each["money"] else None,
        )
        for _, each in study.said("targets", cluster).iterrows()
    )


@dataclass(frozen=True)
class Start:
    """A baseline, and the yearly growth that leads from it to a target.

    Attributes
    ----------
    told : str
        The level as a number, or the key of the printed figure that it is.
    part : float or None
        The level as a part of the target's printed number; None where the level is a printed figure.
    rows : dict of int to Series
        Rows of the result table by years.
    """

    told: str
    part: float | None
    rows: dict[int, pd.Series]


@dataclass(frozen=True)
class Growth:
    """Targets that need the same growth, and the baselines for which it is computed."""

    targets: tuple[Target, ...]
    starts: tuple[Start, ...]

    @property
    def is_grid(self) -> bool:
        """Whether no baseline is printed or given, so that several are tried."""
        return len(self.starts) > 1


def target_rows(targets: Sequence[Target], *, baseline: float, years: int) -> Iterator[Row]:
    """Rows of the yearly growth that each target needs: from the baseline given or printed, else from a grid."""
    if not 0 <= baseline < float("inf"):
        raise InputError(f"baseline: given {baseline!r}; allowed: 0 (as printed, or a grid), or a level above 0")
    if years < 1:
        raise InputError(f"years: given {years!r}; allowed: a whole number of years, at least 1")
    for target in targets:
        if not target.grows:
            continue
        if baseline:
            yield _growth_row(target, Interval(baseline, baseline), f"{baseline:.12g}", years, ())
            continue
        if target.baseline is not None:
            told = str(target.baseline["figure"])
            low, high = interval_of(target.baseline)
            yield _growth_row(target, Interval(max(0.0, low), high), told, years, (target.baseline,))
            continue
        for part in PARTS:
            for each in YEARS:
                start = part * target.figure["value"]
                yield _growth_row(target, Interval(start, start), f"{start:.12g}", each, ())


def told_of(assumption: str) -> tuple[str, int]:
    """Baseline and years of a row of required growth: a level as a number or the printed figure that is it.

    >>> told_of("baseline=5000000000;years=5")
    ('5000000000', 5)
    """
    told, _, years = assumption.removeprefix("baseline=").rpartition(";years=")
    return told, int(years)


def growths(targets: Sequence[Target], result: pd.DataFrame) -> list[Growth]:
    """Required growth by target, those with equal numbers together."""
    found: dict[tuple[object, ...], Growth] = {}
    rows = result[result["measure"] == "required_growth"]
    for target in targets:
        own = rows[rows["figures"].str.split().str[0] == target.figure["figure"]]
        starts: dict[str, Start] = {}
        for _, each in own.iterrows():
            told, years = told_of(each["assumption"])
            grid = target.baseline is None or told != target.baseline["figure"]
            part = float(told) / float(target.figure["value"]) if grid else None
            starts.setdefault(told, Start(told, part, {})).rows[years] = each
        if not starts:
            continue
        numbers = (
            (s.told, s.part, *((y, r["low"], str(r["high"])) for y, r in s.rows.items())) for s in starts.values()
        )
        key = (target.figure["unit"], *numbers)
        before = found[key].targets if key in found else ()
        found[key] = Growth((*before, target), tuple(starts.values()))
    return list(found.values())


def money_rows(targets: Sequence[Target]) -> Iterator[Row]:
    """Rows of the money of a year in percent of the yearly level aimed at: for each target, then for all it serves."""
    served: dict[str, list[Target]] = {}
    for target in targets:
        money = target.money
        if money is None or not target.grows or money["unit"] != target.figure["unit"]:
            continue
        served.setdefault(str(money["figure"]), []).append(target)
        yield _money_row([target], money, str(target.figure["group"]))
    for together in served.values():
        money = together[0].money
        if len(together) > 1 and money is not None:
            yield _money_row(together, money, "all")


def _growth_row(target: Target, start: Interval, told: str, years: int, extra: Sequence[pd.Series]) -> Row:
    growth = required_growth(interval_of(target.figure), start, years)
    return row(
        "required_growth", Interval(100 * growth.low, 100 * growth.high), "percent/year", "identity",
        target.figure, *extra, indicator=target.figure["indicator"], group=target.figure["group"],
        assumption=f"baseline={told};years={years}",
    )  # fmt: skip


def _money_row(targets: Sequence[Target], money: pd.Series, group: str) -> Row:
    aims = [interval_of(target.figure) for target in targets]
    low, high = sum(aim.low for aim in aims), sum(aim.high for aim in aims)
    told = interval_of(money)
    share = Interval(100 * told.low / high if high < float("inf") else 0.0, 100 * told.high / low)
    figures = [money, *(target.figure for target in targets)]
    return row("money_share", share, "percent", "identity", *figures, indicator=money["indicator"], group=group)
