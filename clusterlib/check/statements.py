"""Are the tables of what documents say in words coherent: places, claims and what decides them, answers, evidence?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clusterlib import labels
from clusterlib.check.figures import Complaint
from clusterlib.check.files import Line

Rows = Mapping[str, dict[str, str]]
Tables = Mapping[str, Sequence[Line]]


def statement_faults(table: str, row: dict[str, str], tables: Tables) -> Iterator[Complaint]:
    """Complaints about one row of a table of statements.

    Parameters
    ----------
    table : str
        Which table, such as ``claims``.
    row : dict of str to str
        The row; its numbers can be read.
    tables : mapping of str to lines
        All tables of the folder that can be read.
    """
    yield from _place_faults(row, _keyed(tables, "documents", "document"))
    match table:
        case "claims":
            yield from _claim_faults(row, tables)
        case "evidence":
            yield from _evidence_faults(row, tables)
        case "instruments":
            yield from _answer_faults(row, tables)
        case "targets":
            yield from _target_faults(row, _keyed(tables, "figures", "figure"))
        case "stages":
            yield from _stage_faults(row, tables)


def _keyed(tables: Tables, table: str, key: str) -> Rows:
    return {row[key]: row for _, row in tables.get(table, [])}


def _place_faults(row: dict[str, str], documents: Rows) -> Iterator[Complaint]:
    if not row.get("start") or not row.get("end"):
        return
    start, end = int(row["start"]), int(row["end"])
    document = documents.get(row["document"])
    if document and document["start"].isdigit() and document["end"].isdigit():
        first, last = int(document["start"]), int(document["end"])
        if not first <= start < end <= last:
            yield "start", f"{start} to {end}", f"inside the document, {first} to {last}"
    if len(row.get("term", "")) > end - start:
        yield "term", repr(row["term"]), f"a term inside the {end - start} characters from start to end"


def _claim_faults(row: dict[str, str], tables: Tables) -> Iterator[Complaint]:
    claims = _keyed(tables, "claims", "claim")
    main = claims.get(row.get("reading_of", ""))
    if row.get("reading_of") and (main is None or main.get("reading_of") or main["document"] != row["document"]):
        yield "reading_of", repr(row["reading_of"]), "a claim of the same document that is itself no reading"
    for key in row.get("contradicts", "").split():
        other = claims.get(key)
        if other is None or key == row["claim"] or other["document"] != row["document"]:
            yield "contradicts", repr(key), "another claim of the same document"
        elif row["claim"] not in other.get("contradicts", "").split():
            yield "contradicts", repr(key), f"a claim that names {row['claim']} in its turn"
    yield from _test_faults(row, _keyed(tables, "figures", "figure"))


def _test_faults(row: dict[str, str], figures: Rows) -> Iterator[Complaint]:
    measure, comparison = row.get("measure", ""), row.get("comparison", "")
    low, high, figure = (row.get(column, "") for column in ("bound", "bound_high", "bound_figure"))
    if measure and not labels.is_measure(measure):
        yield "measure", repr(measure), "a measure of the result table, such as output_per_worker"
    if not measure and (comparison or low or high or figure):
        yield "measure", "nothing", "the measure that is compared"
    if not comparison and (low or high or figure):
        yield "comparison", "nothing", "how the measure must stand to the bound"
    if comparison == "between" and bool(figure) == bool(low and high):
        yield "bound", repr(low or figure), "bound and bound_high, or bound_figure"
    elif comparison and comparison != "between" and (not low or high or figure):
        yield "bound", repr(low or figure), f"one bound for {comparison}"
    if low and high and float(low) > float(high):
        yield "bound", f"{low} above {high}", "bound <= bound_high"
    if figure and figure in figures and not (figures[figure]["low"] or figures[figure]["high"]):
        yield "bound_figure", repr(figure), "a figure with an interval"
    if not comparison and not row.get("needs"):
        yield "needs", "nothing", "what would decide a claim that no figure decides"


def _evidence_faults(row: dict[str, str], tables: Tables) -> Iterator[Complaint]:
    placed = all(row.get(column) for column in ("document", "start", "end"))
    if row["state"] == "silent":
        if any(row.get(column) for column in ("document", "start", "end", "term")):
            yield "state", "silent with a place", "a blank place, for there is nothing to point at"
        pair = (row["cluster"], row["element"])
        if sum((each["cluster"], each["element"]) == pair for _, each in tables["evidence"]) > 1:
            yield "state", "silent beside another row of the same element", "silent alone"
    elif not placed:
        yield "start", "nothing", f"the place that shows it {row['state']}"


def _answer_faults(row: dict[str, str], tables: Tables) -> Iterator[Complaint]:
    problems = _keyed(tables, "problems", "problem")
    for key in row.get("answers", "").split() if "problems" in tables else ():
        if key not in problems:
            yield "answers", repr(key), "keys of problems.csv, separated by spaces"


def _target_faults(row: dict[str, str], figures: Rows) -> Iterator[Complaint]:
    figure, baseline = figures.get(row["figure"]), figures.get(row.get("baseline", ""))
    if figure and figure["status"] not in ("target", "planned"):
        yield "figure", f"a figure that is {figure['status']}", "a figure that is planned or a target"
    if baseline and baseline["status"] != "observed":
        yield "baseline", f"a figure that is {baseline['status']}", "an observed figure"
    if figure and baseline and figure["unit"] != baseline["unit"]:
        yield "baseline", f"a figure in {baseline['unit']}", f"a figure in {figure['unit']}, as the target"


def _stage_faults(row: dict[str, str], tables: Tables) -> Iterator[Complaint]:
    for _, other in tables["stages"]:
        same_stage = (row["track"], row["stage"]) == (other["track"], other["stage"])
        same_place = (row["track"], row["order"]) == (other["track"], other["order"])
        if same_stage != same_place:
            yield (
                "order",
                f"{row['order']} for {row['stage']}",
                f"one order a stage; {other['stage']} has {other['order']}",
            )
            return
