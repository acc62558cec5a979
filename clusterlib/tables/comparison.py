"""Clusters side by side: what is printed for several, what for one only, the ratios that stand beside each other."""

from __future__ import annotations

import pandas as pd

from clusterlib import labels
from clusterlib.analysis.printed import size_group
from clusterlib.analysis.standing import ABOVE_SCALE, Comparison, Standing
from clusterlib.display import Cell, Table
from clusterlib.page import Page
from clusterlib.tables.parts import columns, interval_text


def standings(page: Page, found: Comparison) -> Table:
    """Indicators that several clusters print: what each prints, whether it can be compared, and why not."""
    shared = [each for each in found.standings if len(each.figures) > 1]
    own = found.clusters[0]
    shown = [key for key in found.clusters if key == own or any(key in each.figures for each in shared)]
    rows = []
    for each in shared:
        verdict = [
            Cell(page.text(f"comparable.{each.comparable}")),
            Cell(labels.join([page.text(f"reason.{reason}") for reason in each.reasons], page.lang)),
        ]
        name = page.indicator(each.indicator)
        for group in _groups(each):
            cells = [_figures_cell(page, each, key, group) for key in shown]
            rows.append([Cell(name), Cell(page.group(group)), *cells, *verdict])
            # The name and the verdict stand once, beside the first of several rows.
            name, verdict = "", [Cell(""), Cell("")]
    names = [page.study.label("clusters", key, page.lang) for key in shown]
    header = [*columns(page, "indicator", "group"), *names, *columns(page, "comparable", "why")]
    return Table(
        page.text("table.standings"), header, rows, page.text("note.standings"), page.text("table.standings.empty")
    )


def alone(page: Page, found: Comparison) -> Table:
    """Indicators that one cluster alone prints, the page's own first."""
    rows = []
    for cluster in found.clusters:
        name = page.study.label("clusters", cluster, page.lang)
        for each in found.standings:
            if list(each.figures) != [cluster]:
                continue
            figures = each.figures[cluster]
            words = page.join([_words(page, figure, named=True) for _, figure in figures.iterrows()])
            cells = [Cell(page.indicator(each.indicator)), Cell(words), Cell("", page.cite(list(figures["figure"])))]
            rows.append([Cell(name), *cells])
            name = ""
    header = columns(page, "cluster", "indicator", "interval", "sources")
    return Table(page.text("table.alone"), header, rows, page.text("note.alone"), page.text("table.empty"))


def definitions(page: Page, found: Comparison) -> Table:
    """What the printed amounts of money measure: the same unit is not the same thing."""
    indicators = {row["indicator"]: row for _, row in page.study.indicators.iterrows()}
    rows = []
    for each in found.standings:
        indicator = indicators.get(each.indicator)
        if indicator is None or indicator["unit_family"] != "money":
            continue
        printed = {key: figures[figures["kind"] == "level"] for key, figures in each.figures.items()}
        names = [page.study.label("clusters", key, page.lang) for key, figures in printed.items() if len(figures)]
        slugs = [str(slug) for figures in printed.values() for slug in figures["figure"]]
        if not slugs:
            continue
        rows.append(
            [
                Cell(page.indicator(each.indicator)),
                Cell(page.words(indicator, "definition")),
                Cell(labels.join(names, page.lang), page.cite(slugs)),
            ]
        )
    header = columns(page, "indicator", "definition", "printed_for")
    return Table(page.text("table.definitions"), header, rows, page.text("note.definitions"), page.text("table.empty"))


def side_by_side(page: Page, found: Comparison) -> Table:
    """Measures without a unit of their own that the page's cluster and another one have."""
    rows = []
    shown = found.beside
    for _, part in shown.groupby("measure", sort=False):
        name = page.measured(part.iloc[0])
        for cluster, own in part.groupby("cluster", sort=False):
            what = page.indicator(own["indicator"].iloc[0])
            who = page.noted(page.study.label("clusters", str(cluster), page.lang), what)
            for _, row in own.iterrows():
                rows.append(
                    [
                        Cell(name),
                        Cell(who),
                        Cell(_assumption(page, row)),
                        Cell(page.span(row), page.cite(row["figures"])),
                    ]
                )
                name = who = ""  # each stands once, beside the first of its rows
    header = columns(page, "measure", "cluster", "assumption", "interval")
    return Table(
        page.text("table.side_by_side"), header, rows, _reservations(page, found, shown),
        page.text("table.side_by_side.empty", cluster=page.name),
    )  # fmt: skip


def exports(page: Page, found: Comparison) -> Table:
    """Exports of the cluster against its total at each exchange rate, and the rate at which they would be half."""
    own = found.exports[found.exports["cluster"] == found.clusters[0]]
    shares = own[own["measure"] == "export_share"]
    cases: dict[tuple[str, str], dict[str, pd.Series]] = {}
    for _, row in shares.iterrows():
        rate, ways, words = row["assumption"].split(";")
        cases.setdefault((rate, ways), {})[words] = row
    rows: list[list[Cell]] = []
    named = ""
    for (rate, ways), by_words in cases.items():
        sources = page.cite(next(iter(by_words.values()))["figures"])
        rows.append(
            [
                Cell(page.assumption(rate) if rate != named else ""),
                Cell(page.assumption(ways)),
                page.cell(by_words.get("open")),
                page.cell(by_words.get("at_number")),
                Cell("", sources),
            ]
        )
        named = rate
    for _, row in own[own["measure"] == "break_even_rate"].iterrows():
        half = Cell(page.text("exports.half"), numeric=True)
        words = page.assumption(row["assumption"].partition(";")[0])
        rows.append([Cell(page.span(row)), Cell(words), page.cell(None), half, Cell("", page.cite(row["figures"]))])
    header = columns(page, "rate", "exports", "words_open", "words_number", "sources")
    return Table(
        page.text("table.exports"), header, rows, page.text("note.exports"),
        page.text("table.exports.empty", cluster=page.name),
    )  # fmt: skip


def _groups(each: Standing) -> list[str]:
    """Groups of an indicator in the order of the documents, those of the page's own cluster first."""
    return list(dict.fromkeys(_group(figure) for frame in each.figures.values() for _, figure in frame.iterrows()))


def _group(figure: pd.Series) -> str:
    return size_group(figure) if figure["kind"] == "threshold_count" else str(figure["group"])


def _figures_cell(page: Page, each: Standing, cluster: str, group: str) -> Cell:
    if cluster not in each.figures:
        return Cell("")
    found = [figure for _, figure in each.figures[cluster].iterrows() if _group(figure) == group]
    words = page.join([_words(page, figure, named=False) for figure in found])
    return Cell(words, page.cite([str(figure["figure"]) for figure in found]))


def _words(page: Page, figure: pd.Series, *, named: bool) -> str:
    """Interval of a printed figure with what a reader must not overlook: its group, and that it is a plan or target."""
    marks = [page.group(_group(figure))] if named and _group(figure) != "all" else []
    marks += [page.text(f"status.{figure['status']}")] if figure["status"] != "observed" else []
    words = interval_text(figure, page.lang)
    return page.noted(words, ("，" if page.lang == "zh" else ", ").join(marks)) if marks else words


def _assumption(page: Page, row: pd.Series) -> str:
    """What a row assumes; by which indicator is left out where the cell beside says it."""
    return page.assumption(row["assumption"]).removesuffix(page.join(["", page.assumption(f"by={row['indicator']}")]))


def _reservations(page: Page, found: Comparison, shown: pd.DataFrame) -> str:
    """Why the values of a measure are not of the same thing, once for all measures with the same reservations."""
    same: dict[tuple[str, ...], list[str]] = {}
    for _, row in shown.drop_duplicates("measure").iterrows():
        same.setdefault(found.reservations[row["measure"]], []).append(page.measured(row))
    parts = [
        page.text("note.reservations", measures=labels.join(names, page.lang),
                  reasons=page.join([page.text(f"reservation.{reason}") for reason in reasons]))
        for reasons, names in same.items()
        if reasons
    ]  # fmt: skip
    scales = {part.partition("=")[2] for each in shown["assumption"] for part in each.split(";") if "scale=" in part}
    parts += [
        page.text("note.above_scale", scale=page.amount(scale, "CNY"), earlier=page.amount(ABOVE_SCALE, "CNY"))
        for scale in sorted(scales)
    ]
    return page.text("note.side_by_side") + "".join(parts)
