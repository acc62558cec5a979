"""Is one printed figure what its row says: interval order, units, thresholds, and the interval that its words give?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from clusterlib.errors import InputError
from clusterlib.rules import RULES, declined

#: Flag -> what it says. Figures with a flag of `UNUSABLE` are shown, and enter no calculation.
FLAGS = {
    "year_in_place_of_number": "a year stands where another number stood",
    "period_lost": "the period is stripped or overwritten",
    "orphan_fragment": "the words around it are gone",
    "precision_break": "rounded more coarsely than its neighbours",
    "part_exceeds_whole": "a part is larger than its whole",
    "qualifiers_clash": "two qualifiers contradict each other",
    "scope_unclear": "who is counted is not said",
    "digits_spaced": "blanks stand inside the number",
}
UNUSABLE = frozenset({"year_in_place_of_number", "orphan_fragment", "part_exceeds_whole"})

#: Relative slack when a printed interval is compared with the one in the table (decimal text against binary).
SAME = 1e-9

#: Units of the kinds that do not have those of their indicator.
_UNITS = {
    "share": ["percent"],
    "growth_rate": ["percent/year", "percent", "permille", "times"],
    "rate": ["percent", "permille"],
    "ratio": ["times"],
    "change": ["percentage_point"],
}
#: Kinds whose decline is a negative number.
_SIGNED = ("growth_rate", "change")

#: A fault of one row: column, what was found, what is allowed.
Complaint = tuple[str, str, str]


def figure_faults(
    row: dict[str, str],
    indicators: dict[str, dict[str, str]],
    documents: dict[str, dict[str, str]],
    figures: dict[str, dict[str, str]],
) -> Iterator[Complaint]:
    """Complaints about one printed figure."""
    value, low, high = (_number(row[column]) for column in ("value", "low", "high"))
    yield from _interval_faults(row["rule"], value, low, high)
    yield from _share_faults(row, low, high)
    if unknown_flags := set(row.get("flag", "").split()) - set(FLAGS):
        yield "flag", repr(" ".join(sorted(unknown_flags))), "any of " + ", ".join(FLAGS)
    yield from _unit_faults(row, indicators)
    yield from _threshold_faults(row)
    start, end = int(row["start"]), int(row["end"])
    if end - start != len(row["printed"]):
        yield "end", f"{end - start} characters from start to end", f"{len(row['printed'])}, as many as printed has"
    document = documents.get(row["document"])
    if document and document["start"].isdigit() and document["end"].isdigit():
        first, last = int(document["start"]), int(document["end"])
        if not first <= start <= end <= last:
            yield "start", f"{start} to {end}", f"inside the document, {first} to {last}"
    if row["status"] == "restated":
        again = figures.get(row.get("restates", ""))
        if again is None or again["status"] == "restated":
            yield "restates", repr(row.get("restates", "")), "the figure that is said again, itself not a restatement"
    elif row.get("restates"):
        yield "restates", repr(row["restates"]), "blank unless the status is restated"
    yield from _reading_faults(row, indicators, value, low, high)


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


def _interval_faults(rule: str, value: float | None, low: float | None, high: float | None) -> Iterator[Complaint]:
    if any(number is not None and not math.isfinite(number) for number in (value, low, high)):
        yield "value", "nan or an infinity", "finite numbers; blank is unbounded or unreadable"
    if low is not None and high is not None and low > high:
        yield "low", f"low {low:g} above high {high:g}", "low <= high; swap them?"
    elif rule in ("exact", "rounded", "zero") and value is not None:
        if low is None or high is None:
            yield "low", "a blank end", f"both ends, rule {rule} bounds the figure on both sides"
        elif not low <= value <= high:
            yield "value", f"{value:g} outside {low:g} to {high:g}", f"low <= value <= high for rule {rule}"


def _share_faults(row: dict[str, str], low: float | None, high: float | None) -> Iterator[Complaint]:
    if row["kind"] != "share":
        return
    if (low is not None and low < 0) or (high is not None and high > 100):
        yield "low", f"{row['low']} to {row['high']}", "a share between 0 and 100 percent"
    if not row.get("denominator"):
        yield "denominator", "nothing", "of what it is a share"


def _unit_faults(row: dict[str, str], indicators: dict[str, dict[str, str]]) -> Iterator[Complaint]:
    indicator = indicators.get(row["indicator"])
    if indicator is None:
        return
    own = indicator["units"].split()
    allowed = _UNITS.get(row["kind"], own) + (own if row["kind"] == "change" else [])
    if row["unit"] not in allowed:
        yield "unit", repr(row["unit"]), f"{' or '.join(allowed)} for a {row['kind']} of {row['indicator']}"


def _threshold_faults(row: dict[str, str]) -> Iterator[Complaint]:
    has = bool(row.get("threshold"))
    if row["kind"] == "threshold_count" and not has:
        yield "threshold", repr(row.get("threshold", "")), "a number for a threshold_count"
    if has and not row.get("threshold_unit"):
        yield "threshold_unit", "nothing", "the unit of the threshold"
    if row.get("threshold_rule", "") not in ("", "at_least", "above"):
        yield "threshold_rule", repr(row["threshold_rule"]), "at_least or above"
    if bool(row.get("threshold_printed")) != bool(row.get("threshold_start")):
        yield "threshold_start", repr(row.get("threshold_start", "")), "a place if the threshold is printed, else blank"


def _reading_faults(
    row: dict[str, str],
    indicators: dict[str, dict[str, str]],
    value: float | None,
    low: float | None,
    high: float | None,
) -> Iterator[Complaint]:
    """Does the interval follow from the printed words? A blank value is a printed figure that cannot be read."""
    indicator = indicators.get(row["indicator"])
    if indicator is None or value is None or (row["rule"] == "fraction" and low is None and high is None):
        return
    from clusterlib.printed import read  # a study whose digest is known need not wait for the grammar

    share = row["kind"] == "share"
    counted = indicator["unit_family"] == "count" and row["kind"] not in ("share", "growth_rate")
    try:
        reading = read(row["printed"], counted=counted, share=share, exact=row["rule"] == "exact")
        if value < 0 < reading.value and row["kind"] in _SIGNED:
            reading = declined(reading)
        elif low == 0 and math.isinf(reading.low) and (row["kind"] in _SIGNED or indicator["negative"] != "yes"):
            reading = reading._replace(low=0.0)  # it cannot be negative, and the row says so
    except InputError:
        yield "printed", repr(row["printed"]), "a number with its qualifier and unit, such as 2００多家"
        return
    if reading.rule != row["rule"]:
        yield "rule", row["rule"], f"{reading.rule} for {row['printed']} ({RULES[reading.rule]})"
        return
    for column, given, expected in (
        ("value", value, reading.value),
        ("low", low, reading.low),
        ("high", high, reading.high),
    ):
        blank = not math.isfinite(expected)
        if (given is None) != blank or (given is not None and not math.isclose(given, expected, rel_tol=SAME)):
            yield (
                column,
                repr(row[column]),
                f"{'blank' if blank else f'{expected:.15g}'}, by rule {row['rule']} for {row['printed']}",
            )
