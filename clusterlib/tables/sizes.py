"""Size counts: what is stated, whether it can all be true, what it bounds, two worlds it allows, a tail as a model."""

from __future__ import annotations

import pandas as pd

from clusterlib import labels
from clusterlib.analysis.sizes import Case, SizeDistribution, Sizes, Tail, headline
from clusterlib.display import Cell, Table
from clusterlib.interval import Interval
from clusterlib.measures.consistency import Statement, Survivor
from clusterlib.measures.population import Population
from clusterlib.page import Page, band_families, of_sizes
from clusterlib.tables.parts import by_group, columns


def bands(page: Page, result: pd.DataFrame) -> Table:
    """Firms by size band, from counts above thresholds."""
    rows = []
    for assumption, part in band_families(result):
        by, reading, *_ = page.assumed(assumption)
        for _, row in part.iterrows():
            band, sources = Cell(page.group(row["group"])), Cell("", page.cite(row["figures"]))
            rows.append([Cell(by), Cell(reading), band, page.cell(row), sources])
    header = [*columns(page, "by", "reading", "band"), page.text("plot.bands.x"), page.text("column.sources")]
    table = Table(page.text("table.bands"), header, rows, page.text("note.bands"), page.text("table.empty"))
    return by_group(page, table, leading=2)


def consistency(page: Page, found: SizeDistribution) -> Table:
    """Whether the printed statements about sizes can all be true, and what is left of them, for each assumption."""
    rows = []
    for sizes, cases, _ in found.families:
        for case in cases:
            if case.with_total != (sizes.total is not None):
                continue
            examined = case.consistency
            allowed = examined.allowed_total
            told = "" if sizes.total is None else labels.span(sizes.total, sizes.unit, page.lang)
            rows.append(
                [
                    Cell(page.text(f"reading.{case.reading}")),
                    Cell(page.cap_words(sizes, case), numeric=True),
                    Cell(
                        "" if allowed.low != allowed.low else labels.span(allowed, sizes.unit, page.lang), numeric=True
                    ),
                    Cell(told, numeric=True),
                    Cell(_verdict(page, case)),
                    Cell(_left(page, sizes, case), page.cite_statements(_named(case))),
                ]
            )
    header = columns(page, "reading", "cap", "allowed_total", "printed_total", "verdict", "left")
    note, empty = page.text("note.consistency"), page.text("table.empty")
    return Table(page.text("table.consistency"), header, rows, note, empty)


def readings(page: Page, found: SizeDistribution) -> Table:
    """Reading by reading: what one count being so leaves of the others."""
    rows = []
    for sizes, cases, _ in found.families:
        for case in cases:
            for condition in case.consistency.conditions if case.with_total or sizes.total is None else ():
                name, number = page.statement(sizes, condition.statement), labels.number(condition.value, page.lang)
                stated = page.text("table.of", caption=name, group=number)
                others = [_survivor(page, sizes, each) for each in condition.others]
                rows.append(
                    [
                        Cell(page.text(f"reading.{case.reading}")),
                        Cell(page.cap_words(sizes, case), numeric=True),
                        Cell(stated, page.cite_statements([condition.statement])),
                        Cell(page.join(others) or page.text("left.all")),
                    ]
                )
    header = columns(page, "reading", "cap", "if", "then")
    return Table(page.text("table.readings"), header, rows, empty=page.text("readings.none"))


def size_bounds(page: Page, result: pd.DataFrame) -> Table:
    """Sharp bounds on the shares of the largest firms, HHI and Gini from size counts, by set of assumptions."""
    found = of_sizes(result)
    shares = [key for key in dict.fromkeys(found["measure"]) if key.startswith("cr")]
    tops = [page.group(top) for top in dict.fromkeys(found.loc[found["measure"] == "top_share", "group"])]
    keys = {key: key.upper() for key in shares} | dict.fromkeys(["top_share"] if tops else [], "".join(tops[:1]))
    keys |= {"hhi": "HHI", "gini": page.text("column.gini")}
    return _bounds_table(page, found, keys, page.text("table.size_bounds"), page.text("note.size_bounds"))


def size_inequality(page: Page, result: pd.DataFrame) -> Table:
    """Sharp bounds on the other inequality measures from size counts, by set of assumptions."""
    keys = {key: page.text(f"column.{key}") for key in ("hoover", "theil_t", "theil_l")} | {"hhi_times_n": "N × HHI"}
    return _bounds_table(page, of_sizes(result), keys, page.text("table.size_inequality"), "")


def _bounds_table(page: Page, found: pd.DataFrame, keys: dict[str, str], caption: str, note: str) -> Table:
    rows = []
    for assumption, part in found.groupby("assumption", sort=False):
        by_measure = {row["measure"]: row for _, row in part.iterrows()}
        if not keys.keys() & by_measure.keys():
            continue
        by, reading, cap, uses = page.assumed(str(assumption))
        rows.append(
            [
                *(Cell(by), Cell(reading), Cell(cap, numeric=True), Cell(uses)),
                *(page.cell(by_measure.get(key)) for key in keys),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    header = [*columns(page, "by", "reading", "cap", "uses"), *keys.values(), page.text("column.sources")]
    return by_group(page, Table(caption, header, rows, note, page.text("table.empty")), leading=2)


def worlds(page: Page, found: SizeDistribution) -> Table:
    """The least and the most unequal firms, by the Gini coefficient, that the same printed words allow."""
    rows = []
    for sizes, cases, _ in found.families:
        case = headline(cases)
        bound = case.bounds.get("gini") if case else None
        if case is None or bound is None:
            continue
        for key, world in (("least", bound.least), ("most", bound.most)):
            rows += _atoms(page, sizes, key, world)
    header = columns(page, "world", "firms", "size_each", "share_of_total")
    assumed = [page.assumption(case.assumption) for _, cases, _ in found.families if (case := headline(cases))]
    note = page.text("note.worlds", assumption=page.join(assumed)) if rows else ""
    return Table(page.text("table.worlds"), header, rows, note, page.text("table.empty"))


def tails(page: Page, found: SizeDistribution) -> Table:
    """The Pareto tail: a model, with what it does not allow to say."""
    rows = []
    for sizes, _, fitted in found.families:
        for tail in fitted:
            rows += _fits(page, sizes, tail)
    keys = ["reading", "firms_by_class", "exponent", "standard_error", "wald", "profile", "p_value", "slope"]
    header = columns(page, *keys, "implied_total", "sources")
    replications = {tail.fits[0].replications for _, _, fitted in found.families for tail in fitted}
    note = page.text("note.tails", count=labels.number(max(replications), page.lang)) if replications else ""
    return Table(page.text("table.tails"), header, rows, note, page.text("table.empty"))


def _verdict(page: Page, case: Case) -> str:
    examined = case.consistency
    if not examined.possible:
        return page.text("verdict.contradict")
    if not examined.barely:
        return page.text("verdict.all")
    if examined.readings is None:
        return page.text("verdict.part")
    left, every = (labels.number(each, page.lang) for each in examined.readings)
    return page.text("verdict.every" if left == every else "verdict.count", left=left, all=every)


def _named(case: Case) -> list[Statement]:
    """Statements that the last cell names: those that contradict each other, else those that are narrowed."""
    if not case.consistency.possible:
        return [each for conflict in case.consistency.conflicts for each in conflict]
    return [each.statement for each in case.consistency.survivors if each.narrowed]


def _left(page: Page, sizes: Sizes, case: Case) -> str:
    if not case.consistency.possible:
        sets = [" + ".join(page.stated_as(sizes, each) for each in conflict) for conflict in case.consistency.conflicts]
        return page.text("left.conflict", sets=" | ".join(sets))
    narrowed = [_survivor(page, sizes, each) for each in case.consistency.survivors if each.narrowed]
    refused = [case.refused] if case.refused else []
    return page.join([*narrowed, *refused]) or page.text("left.all")


def _survivor(page: Page, sizes: Sizes, each: Survivor) -> str:
    name = page.statement(sizes, each.statement)
    unit = sizes.unit if each.statement.of_total else ""
    shown = labels.span(each.interval, unit, page.lang)
    return page.text("left.of", name=name, left=shown, printed=labels.span(each.statement.interval, unit, page.lang))


def _atoms(page: Page, sizes: Sizes, key: str, world: Population | None) -> list[list[Cell]]:
    name = page.text(f"world.{key}")
    if world is None:
        return [[Cell(name), Cell(page.text("world.none")), Cell("", numeric=True), Cell("", numeric=True)]]
    rows = []
    for value, count in reversed(list(zip(world.values, world.counts, strict=True))):
        share = 100 * value * count / world.total
        rows.append(
            [
                Cell(name),
                Cell(labels.number(count, page.lang), numeric=True),
                Cell(
                    labels.with_unit(labels.number(value, page.lang, _decimals(value)), sizes.unit, page.lang),
                    numeric=True,
                ),
                Cell(labels.with_unit(labels.number(share, page.lang, 1), "percent", page.lang), numeric=True),
            ]
        )
        name = ""
    return rows


def _decimals(value: float) -> int:
    """Sizes inside a world are illustrations: a few digits are enough."""
    return 0 if value < 1e6 else -4


def _fits(page: Page, sizes: Sizes, tail: Tail) -> list[list[Cell]]:
    rows = []
    for i, (fit, slope) in enumerate(zip(tail.fits, tail.slopes, strict=True)):
        refused = page.text("tail.refused") if tail.refused else ""
        total = (
            labels.with_unit(labels.number(tail.totals[i], page.lang, -6), sizes.unit, page.lang)
            if tail.totals
            else refused
        )
        rows.append(
            [
                Cell(page.text(f"reading.{tail.reading}")),
                Cell(" / ".join(labels.number(count, page.lang) for count in tail.counts[i])),
                Cell(labels.number(fit.exponent, page.lang, 2), numeric=True),
                Cell(labels.number(fit.standard_error, page.lang, 2), numeric=True),
                Cell(_two_digits(page, fit.wald), numeric=True),
                Cell(_two_digits(page, fit.profile), numeric=True),
                Cell("" if fit.p_value != fit.p_value else labels.number(fit.p_value, page.lang, 3), numeric=True),
                Cell(labels.number(-slope, page.lang, 2), numeric=True),
                Cell(total),
                Cell("", page.cite([str(figure["figure"]) for figure in sizes.counts])),
            ]
        )
    return rows


def _two_digits(page: Page, interval: Interval) -> str:
    return "–".join(labels.number(end, page.lang, 2) for end in interval)
