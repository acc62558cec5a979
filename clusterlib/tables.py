"""Result table to display table. Formatting never touches the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from clusterlib import labels
from clusterlib.display import Cell, Table
from clusterlib.errors import unknown
from clusterlib.page import Page, band_families, place
from clusterlib.study import interval_of

_BOUND_COLUMNS = ("gini", "hoover", "theil_t", "theil_l", "hhi_times_n")


def about(page: Page) -> Table:
    """Who and what the page is about, and what of that is inferred rather than printed."""
    cluster = page.study.cluster(page.cluster)
    documents = page.study.documents
    keys = dict.fromkeys([cluster["document"], *page.study.figures_of(page.cluster)["document"]])
    titles = [
        page.text("document.number", number=str(row["number"])) + (": " if page.lang == "en" else "：")
        + str(row["title"] if page.lang == "zh" or not row["title_en"] else f"{row['title_en']} ({row['title']})")
        for _, row in documents[documents["document"].isin(keys)].iterrows()
    ]  # fmt: skip
    facts = [
        ("cluster", page.name),
        ("place", _in_language(cluster, "place", page.lang)),
        ("industry", _in_language(cluster, "industry", page.lang)),
        ("documents", ("；" if page.lang == "zh" else "; ").join(titles)),
        ("inferred" if cluster["inferred"] else "note", _in_language(cluster, "note", page.lang)),
    ]
    rows = [[Cell(page.text(f"about.{key}")), Cell(str(text))] for key, text in facts if text]
    return Table(page.text("table.about"), ["", ""], rows)


def figures(page: Page) -> Table:
    """Every printed figure of the cluster, with interval, rule and place."""
    own = page.study.figures_of(page.cluster)
    return _figure_table(page, page.text("table.figures"), own)


def others(page: Page) -> Table:
    """Figures that the same documents print about others, so that nobody attributes them to this cluster."""
    own = set(page.study.figures_of(page.cluster)["figure"])
    beside = [slug for slug in page.sources if slug not in own]
    frame = page.study.figures[page.study.figures["figure"].isin(beside)]
    rows = [
        [
            _anchored(page, figure),
            Cell(figure["printed"]),
            Cell(page.study.label("clusters", figure["cluster"], page.lang)),
            Cell(_scope(page, figure)),
        ]
        for _, figure in frame.iterrows()
    ]
    header = _columns(page, "source", "printed", "cluster", "scope")
    return Table(page.text("table.others"), header, rows, empty=page.text("table.empty"))


def flags(page: Page) -> Table:
    """Printed figures with a flag, and what is wrong with them."""
    own = page.study.figures_of(page.cluster)
    rows = [
        [
            Cell("", page.cite(figure["figure"])),
            Cell(figure["printed"]),
            Cell(_flags(page, figure)),
            Cell(_in_language(figure, "note", page.lang)),
        ]
        for _, figure in own[own["flag"] != ""].iterrows()
    ]
    header = _columns(page, "source", "printed", "flag", "note")
    return Table(page.text("table.flags"), header, rows, empty=page.text("table.empty"))


def sources(page: Page, result: pd.DataFrame) -> Table:
    """The printed figures that a result table uses: where every number of the page comes from."""
    used = dict.fromkeys(slug for slugs in result["figures"] for slug in slugs.split())
    frame = page.study.figures[page.study.figures["figure"].isin(used)]
    return _figure_table(page, page.text("table.sources"), frame)


#: Question -> what must be printed to answer it -> whether a result table shows that it is.
NEEDED: dict[str, dict[str, Callable[[pd.DataFrame], bool]]] = {
    "figures": {"figures": lambda figures: bool((figures["status"] == "observed").any())},
    "concentration": {
        "share_pair": lambda result: bool((result["measure"] == "gini").any()),
        "size_classes": lambda result: bool((result["measure"] == "band_count").any()),
    },
    "performance": {
        "performance_shares": lambda result: bool((result["reference"] != "").any()),
        "levels": lambda result: bool(result["assumption"].str.startswith("scope=").any()),
    },
}


def gaps(page: Page, result: pd.DataFrame, question: str) -> Table:
    """What is not printed and would be needed to answer a question.

    Parameters
    ----------
    page : Page
        The page.
    result : DataFrame
        Its result table; for ``figures`` the printed figures.
    question : {"figures", "concentration", "performance"}
        The question.
    """
    if question not in NEEDED:
        raise unknown("question", question, NEEDED)
    lacking = [key for key, printed in NEEDED[question].items() if not printed(result)]
    rows = [[Cell(page.text(f"missing.{key}")), Cell(page.text(f"missing.{key}.for"))] for key in lacking]
    return Table(page.text("table.gaps"), _columns(page, "needed", "for"), rows, empty=page.text("missing.nothing"))


def fixed(page: Page, result: pd.DataFrame) -> Table:
    """What a pair of shares fixes: the two shares, their ratio, inequality between the groups."""
    rows = []
    for (indicator, group), part in _parts(
        result[result["measure"].isin(["share_ratio", "theil_t_between", "theil_l_between"])]
    ):
        by_measure = {row["measure"]: row for _, row in part.iterrows()}
        slugs = by_measure["share_ratio"]["figures"].split()
        shares = [page.study.figure(slug) for slug in slugs]
        rows.append(
            [
                Cell(page.group(group)),
                Cell(page.indicator(indicator)),
                *(Cell(page.stated(share), numeric=True) for share in reversed(shares)),
                *(page.cell(by_measure.get(key)) for key in ("share_ratio", "theil_t_between", "theil_l_between")),
                Cell("", page.cite(slugs)),
            ]
        )
    header = [
        page.text("column.group"), page.text("column.indicator"), page.text("plot.shares.firms"),
        *_columns(page, "share", "share_ratio", "theil_t", "theil_l", "sources"),
    ]  # fmt: skip
    return _by_group(
        page, Table(page.text("table.shares"), header, rows, page.text("note.nats"), page.text("table.empty"))
    )


def bounds(page: Page, result: pd.DataFrame) -> Table:
    """Sharp bounds by group, indicator and assumption."""
    rows = []
    found = result[result["measure"].isin([*_BOUND_COLUMNS, "top_share"])]
    largest = found[found["group"].str.contains(";top=", regex=False)]
    own = found.drop(largest.index)
    for (group, indicator, assumption), part in own.groupby(["group", "indicator", "assumption"], sort=False):
        by_measure = {row["measure"]: row for _, row in part.iterrows()}
        top = largest[
            largest["group"].str.startswith(f"{group};")
            & (largest["indicator"] == indicator)
            & (largest["assumption"] == str(assumption).partition(";n=")[0])
        ]
        rows.append(
            [
                Cell(page.group(str(group))),
                Cell(page.indicator(str(indicator))),
                Cell(page.assumption(str(assumption))),
                *(page.cell(by_measure.get(measure)) for measure in _BOUND_COLUMNS),
                page.cell(top.iloc[0] if len(top) else None),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    top_label = page.group(largest["group"].iloc[0]) if len(largest) else ""
    if own["assumption"].str.contains(";n=", regex=False).any():
        top_label = page.text("column.top_unknown", top=top_label)
    header = [
        *_columns(page, "group", "indicator", "assumption", "gini", "hoover", "theil_t", "theil_l"),
        "N × HHI",
        top_label,
        page.text("column.sources"),
    ]
    table = Table(page.text("table.bounds"), header, rows, page.text("note.bounds"), page.text("table.empty"))
    return _by_group(page, table)


def bands(page: Page, result: pd.DataFrame) -> Table:
    """Firms by size band, from counts above thresholds."""
    rows = [
        [
            Cell(page.assumption(assumption.partition("cumulative;")[2])),
            Cell(page.group(row["group"])),
            page.cell(row),
            Cell("", page.cite(row["figures"])),
        ]
        for assumption, part in band_families(result)
        for _, row in part.iterrows()
    ]
    header = [*_columns(page, "by", "band"), page.text("plot.bands.x"), page.text("column.sources")]
    table = Table(page.text("table.bands"), header, rows, page.text("note.bands"), page.text("table.empty"))
    return _by_group(page, table)


def relative(page: Page, result: pd.DataFrame) -> Table:
    """Ratios of performance against the cluster average and against the other firms."""
    rows = []
    for (measure, group), part in _parts(
        result[(result["reference"] != "") & (result["measure"] != "contribution")], "measure", "group"
    ):
        by_reference = {row["reference"]: row for _, row in part.iterrows()}
        rows.append(
            [
                Cell(page.group(group)),
                Cell(page.text(f"measure.{measure}")),
                *(page.cell(by_reference.get(reference)) for reference in ("cluster_average", "rest")),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    header = _columns(page, "group", "measure", "times_average", "times_rest", "sources")
    return _by_group(
        page, Table(page.text("table.relative"), header, rows, page.text("note.relative"), page.text("table.empty"))
    )


def decomposition(page: Page, result: pd.DataFrame) -> Table:
    """The advantage in profit per firm, split into factors, against both references."""
    rows = []
    found = result[result["measure"] == "contribution"]
    for (group, reference, factor), part in found.groupby(["group", "reference", "indicator"], sort=False):
        by_unit = {row["unit"]: row for _, row in part.iterrows()}
        rows.append(
            [
                Cell(page.group(str(group))),
                Cell(page.text(f"reference.{reference}")),
                Cell(page.text(f"factor.{factor}")),
                *(page.cell(by_unit.get(unit)) for unit in ("log", "percent")),
                Cell("", page.cite(part["figures"].iloc[0])),
            ]
        )
    header = _columns(page, "group", "reference", "factor", "log", "percent", "sources")
    note, empty = page.text("note.decomposition"), page.text("table.empty")
    return _by_group(page, Table(page.text("table.decomposition"), header, rows, note, empty))


def densities(page: Page, result: pd.DataFrame) -> Table:
    """Levels per unit, each with the scope it assumes."""
    found = result[result["assumption"].str.startswith("scope=")]
    rows = [
        [
            Cell(page.text(f"measure.{row['measure']}")),
            Cell(page.assumption(row["assumption"])),
            Cell(page.value(row), numeric=True),
            Cell(page.span(row), numeric=True),
            Cell("", page.cite(row["figures"])),
        ]
        for _, row in found.iterrows()
    ]
    header = _columns(page, "measure", "assumption", "value", "interval", "sources")
    return Table(page.text("table.densities"), header, rows, page.text("note.densities"), page.text("table.empty"))


def _by_group(page: Page, table: Table) -> Table:
    """Drop the first column, the group, where it is the same in every row: the caption then names it."""
    groups = {row[0].text for row in table.rows}
    if len(groups) != 1:
        return table
    caption = page.text("table.of", caption=table.caption, group=groups.pop())
    return replace(table, caption=caption, header=table.header[1:], rows=[row[1:] for row in table.rows])


def _figure_table(page: Page, caption: str, frame: pd.DataFrame) -> Table:
    rows = [
        [
            _anchored(page, figure),
            Cell(_printed(figure)),
            Cell(interval_text(figure, page.lang), numeric=True),
            Cell(page.indicator(figure["indicator"])),
            Cell(page.group(figure["group"])),
            Cell(_scope(page, figure)),
            Cell(page.text(f"status.{figure['status']}")),
            Cell(labels.label("rule", figure["rule"], page.lang)),
            Cell(_flags(page, figure)),
            Cell(place(page.study, figure, page.lang)),
        ]
        for _, figure in frame.iterrows()
    ]
    header = _columns(
        page, "source", "printed", "interval", "indicator", "group", "scope", "status", "rule", "flag", "place"
    )
    return Table(caption, header, rows, empty=page.text("table.empty"))


def interval_text(figure: pd.Series, lang: str) -> str:
    """Interval of a printed figure, as a reader sees it."""
    return labels.span(interval_of(figure), figure["unit"], lang)


def _flags(page: Page, figure: pd.Series) -> str:
    return labels.join([labels.label("flag", flag, page.lang) for flag in figure["flag"].split()], page.lang)


def _printed(figure: pd.Series) -> str:
    return (
        f"{figure['threshold_printed']}: {figure['printed']}" if figure["threshold_printed"] else str(figure["printed"])
    )


def _anchored(page: Page, figure: pd.Series) -> Cell:
    number = page.sources[figure["figure"]].number
    return Cell(str(number), anchor=f"source-{number}")


def _scope(page: Page, figure: pd.Series) -> str:
    return _in_language(figure, "scope", page.lang)


def _in_language(row: pd.Series, column: str, lang: str) -> str:
    """Text of a column in a language; English where there is no translation."""
    return str(row[f"{column}_zh"] or row[column]) if lang == "zh" else str(row[column])


def _columns(page: Page, *keys: str) -> list[str]:
    return [page.text(f"column.{key}") for key in keys]


def _parts(frame: pd.DataFrame, *by: str) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    keys: Sequence[str] = by or ("indicator", "group")
    return [((str(key[0]), str(key[1])), part) for key, part in frame.groupby(list(keys), sort=False)]
