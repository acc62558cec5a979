"""Printed figures: who they are about, what stands where, what is wrong with them, what is lacking."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from clusterlib.analysis.standing import SCALE_FREE
from clusterlib.display import Cell, Table
from clusterlib.errors import unknown
from clusterlib.page import Page
from clusterlib.tables.parts import anchored, columns, figure_table, flag_names


def about(page: Page) -> Table:
    """Who and what the page is about, and what of that is inferred rather than printed."""
    cluster = page.study.cluster(page.cluster)
    documents = page.study.documents
    keys = page.study.documents_of(page.cluster)
    titles = [
        page.text("document.number", number=str(row["number"])) + (": " if page.lang == "en" else "：")
        + str(row["title"] if page.lang == "zh" or not row["title_en"] else f"{row['title_en']} ({row['title']})")
        for _, row in documents[documents["document"].isin(keys)].iterrows()
    ]  # fmt: skip
    facts = [
        ("cluster", page.name),
        ("place", page.words(cluster, "place")),
        ("industry", page.words(cluster, "industry")),
        ("documents", ("；" if page.lang == "zh" else "; ").join(titles)),
        ("inferred" if cluster["inferred"] else "note", page.words(cluster, "note")),
    ]
    rows = [[Cell(page.text(f"about.{key}")), Cell(str(text))] for key, text in facts if text]
    return Table(page.text("table.about"), ["", ""], rows)


def figures(page: Page) -> Table:
    """Every printed figure of the cluster, with interval, rule and place."""
    own = page.study.figures_of(page.cluster)
    return figure_table(page, page.text("table.figures"), own)


def others(page: Page) -> Table:
    """Figures that the same documents print about others, so that nobody attributes them to this cluster."""
    frame = page.study.printed_beside(page.cluster)
    rows = [
        [
            anchored(page, figure),
            Cell(figure["printed"]),
            Cell(page.study.label("clusters", figure["cluster"], page.lang)),
            Cell(page.words(figure, "scope")),
        ]
        for _, figure in frame.iterrows()
    ]
    header = columns(page, "source", "printed", "cluster", "scope")
    return Table(page.text("table.others"), header, rows, empty=page.text("table.empty"))


def flags(page: Page) -> Table:
    """Printed figures with a flag, and what is wrong with them."""
    own = page.study.figures_of(page.cluster)
    rows = [
        [
            Cell("", page.cite(figure["figure"])),
            Cell(figure["printed"]),
            Cell(flag_names(page, figure)),
            Cell(page.words(figure, "note")),
        ]
        for _, figure in own[own["flag"] != ""].iterrows()
    ]
    header = columns(page, "source", "printed", "flag", "note")
    return Table(page.text("table.flags"), header, rows, empty=page.text("table.empty"))


def sources(page: Page, result: pd.DataFrame, more: Sequence[str] = ()) -> Table:
    """The printed figures that a result table uses, and more named beside it: where every number comes from."""
    used = {*more, *(slug for slugs in result["figures"] for slug in slugs.split())}
    frame = page.study.figures[page.study.figures["figure"].isin(used)]
    return figure_table(page, page.text("table.sources"), frame)


#: Question -> what must be printed to answer it -> whether a result table shows that it is.
NEEDED: dict[str, dict[str, Callable[[pd.DataFrame], bool]]] = {
    "figures": {"figures": lambda figures: bool((figures["status"] == "observed").any())},
    "claims": {
        "claims": lambda result: len(result) > 0,
        "decidable": lambda result: bool((result["low"].notna() | result["high"].notna()).any()),
    },
    "concentration": {
        "share_pair": lambda result: bool((result["measure"] == "share_ratio").any()),
        "size_classes": lambda result: bool((result["measure"] == "band_count").any()),
    },
    "sizes": {
        "size_classes": lambda result: bool((result["measure"] == "band_count").any()),
        "size_total": lambda result: bool(result["assumption"].str.contains("counts+total", regex=False).any()),
        "largest_size": lambda result: bool(result["assumption"].str.startswith("cap=").any()),
    },
    "performance": {
        "performance_shares": lambda result: bool((result["reference"] != "").any()),
        "levels": lambda result: bool(result["assumption"].str.startswith("scope=").any()),
    },
    "comparison": {
        "comparable_figures": lambda result: bool((result["measure"] == "comparable").any()),
        "common_measure": lambda result: bool(result["measure"].isin((*SCALE_FREE, "above_scale_share")).any()),
        "exports_and_total": lambda result: bool((result["measure"] == "export_share").any()),
        # No table of a study holds exchange rates, so that one is lacking wherever there is something to convert.
        "exchange_rate": lambda result: not (result["measure"] == "export_share").any(),
    },
    "development": {
        "evidence": lambda result: bool((result["measure"] == "stage").any()),
        "chain": lambda result: bool((result["measure"] == "links").any()),
        "problems": lambda result: bool((result["measure"] == "problems").any()),
        # A printed baseline stands beside the target among the figures of the row.
        "target_baseline": lambda result: bool(
            result.loc[result["measure"] == "required_growth", "figures"].str.contains(" ", regex=False).any()
        ),
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
    question : {"figures", "claims", "concentration", "sizes", "performance", "development", "comparison"}
        The question.
    """
    if question not in NEEDED:
        raise unknown("question", question, NEEDED)
    lacking = [key for key, printed in NEEDED[question].items() if not printed(result)]
    rows = [[Cell(page.text(f"missing.{key}")), Cell(page.text(f"missing.{key}.for"))] for key in lacking]
    return Table(page.text("table.gaps"), columns(page, "needed", "for"), rows, empty=page.text("missing.nothing"))
