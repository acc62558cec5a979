"""Rows of result tables in the words of a reader, in either language."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from clusterlib import labels
from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.labels import Lang
from clusterlib.page import Page
from clusterlib.report.differences import NUMBERS, RESULT, SAYING, Change, Row, number
from clusterlib.study import Study

#: Columns that the words of a number, or of a verdict, already say.
_SAID = frozenset({*NUMBERS, "soft_low", "soft_high", "unit", "printed", "verdict"})
#: Columns of keys that have a label, as `labels.label` knows them.
_KEYS = ("status", "rule", "flag", "kind")
#: Groups of problems, which are no groups of firms.
_STATES = ("answered", "unanswered")
#: Columns of a table of unknown make that a cell names at most.
_MOST = 6


class Words:
    """Rows about one cluster, or a document, in words; what the study cannot name is shown by its key.

    Parameters
    ----------
    study : Study
        The data that names things.
    cluster : str
        Key of the cluster that the rows are about; "" for a document.
    lang : {"en", "zh"}
        Language.

    Examples
    --------
    >>> words = Words(Study.load(), "china-garment", "en")
    >>> row = {"measure": "gini", "indicator": "sales", "group": "above_scale", "assumption": "ordered"}
    >>> words.name(Change("result", "added", after=row))
    ('Gini coefficient, above-scale firms', 'sales revenue; the two groups do not overlap in this indicator')
    >>> words.said(Change("result", "added"), {"low": "0.3631", "high": "0.62", "unit": "index"})
    '0.3631–0.62'
    """

    def __init__(self, study: Study, cluster: str, lang: Lang) -> None:
        self._study = study
        self._lang = lang
        self._page = Page(study, cluster, lang, {})
        self._claims = dict(zip(study.claims["claim"], study.claims[lang], strict=True))

    def name(self, change: Change) -> tuple[str, str]:
        """What a row is about, and what else tells it from others."""
        row = change.row
        if "printed" in row and "figure" in row:
            return self._figure(row)
        if "printed" in row and "noun" in row:
            return self._read(row)
        if change.sort == "verdict":
            beside = self._result(row) if row.get("measure") else ()
            return str(self._claims.get(row["claim"], row["claim"])), self._join(*beside)
        if row.get("measure"):
            return self._result(row)
        named = [text for column, text in row.items() if column not in (*NUMBERS, *SAYING, *change.columns)]
        return self._join(*list(filter(None, named))[:_MOST]), ""

    def both(self, change: Change) -> tuple[str, str]:
        """What a row said and what it says; in all digits where fewer do not show the change."""
        before, after = (self.said(change, row) for row in (change.before, change.after))
        if before == after and not set(NUMBERS).isdisjoint(change.columns):
            return self._digits(change.before), self._digits(change.after)
        return before, after

    def said(self, change: Change, row: Row) -> str:
        """What a row says: its number, verdict or printed words; blank for one that is not there."""
        if not row:
            return ""
        amount = self._number(row)
        if change.sort == "verdict":
            verdict = labels.label("verdict", row.get("verdict", ""), self._lang)
            return labels.text("number.is", self._lang, number=verdict, value=amount) if amount else verdict
        if "printed" in row:
            printed = labels.text("quoted", self._lang, words=row["printed"]) if row["printed"] else ""
            return " · ".join(filter(None, (printed, amount)))
        if amount or row.get("measure"):
            return amount or labels.text("number.none", self._lang)
        shown = change.columns or tuple(column for column, text in row.items() if text)
        return self._page.join([f"{column}: {row.get(column, '')}" for column in shown[:_MOST]])

    def beside(self, change: Change) -> list[str]:
        """Other columns that changed, each from what to what."""
        if change.how != "changed" or not (self._number(change.row) or {"printed", "measure"} & change.row.keys()):
            return []  # the words of such a row are its columns
        found = []
        for column in change.columns:
            base = column.removesuffix("_zh")
            twins = {base, f"{base}_zh"} <= {*change.columns}
            if column in _SAID or (twins and (column == base) == (self._lang == "zh")):
                continue
            name = labels.label("column", base, self._lang)
            before, after = (self._cell(base, row.get(column, "")) for row in (change.before, change.after))
            found.append(labels.text("changes.field", self._lang, name=name, before=before or "–", after=after or "–"))
        return found

    def _figure(self, row: Row) -> tuple[str, str]:
        """A printed figure of a study: what it counts or measures, of what size; then who, when and how sure."""
        named = {**row, "measure": row.get("kind", "")}
        if size := self._size(row, ">" if row.get("threshold_rule") == "above" else "≥"):
            named["group"] = ""
        indicator = self._study.label("indicators", row.get("indicator", ""), self._lang)
        instead = self._grouped(indicator or row["figure"], named.get("group", ""))
        name = self._tried(lambda: self._page.quantity(_series(named)), "")
        if not labels.has(f"quantity.{named['measure']}"):
            name = instead
        scope = (row.get("scope_zh") if self._lang == "zh" else "") or row.get("scope", "")
        status = row.get("status", "")
        told = "" if status in ("", "observed") else labels.label("status", status, self._lang)
        return " ".join(filter(None, (name or instead, size))), self._join(scope, row.get("period", ""), told)

    def _read(self, row: Row) -> tuple[str, str]:
        """A figure read in a document: the words beside it, then kind, size and whole."""
        kind = labels.label("kind", row.get("kind", ""), self._lang)
        size = self._size(row, "≤" if row.get("group") == "at_most" else "≥")
        name = row["noun"] or kind or row["printed"]
        return name, self._join("" if name == kind else kind, size, row.get("denominator", ""))

    def _size(self, row: Row, sign: str) -> str:
        limit = row.get("threshold", "")
        if not limit:
            return ""
        return f"{sign} {self._tried(lambda: self._page.amount(limit, row.get('threshold_unit', '')), limit)}"

    def _result(self, row: Row) -> tuple[str, str]:
        """A result: measure and group; then indicator, what it is relative to, and what is assumed."""
        measure, indicator, group = (row.get(column, "") for column in ("measure", "indicator", "group"))
        if labels.is_measure(measure):
            shown = _series({**row, "group": ""} if group in _STATES else row)
            instead = self._grouped(labels.measure(measure, self._lang), group)
            of_top = ";top=" in group and measure == "top_share"
            name = self._tried(lambda: self._page.measured(shown) if of_top else self._page.quantity(shown), instead)
        elif labels.has(f"result.{measure}"):
            factor = labels.label("factor", indicator, self._lang)
            name = self._grouped(labels.text(f"result.{measure}", self._lang, factor=factor), group)
        else:
            name = self._grouped(measure, group)
        of = self._of(measure, indicator)
        reference = row.get("reference", "")
        if reference:
            relative = labels.text("column.reference", self._lang)
            gap = "：" if self._lang == "zh" else " "
            reference = f"{relative}{gap}{labels.label('reference', reference, self._lang)}"
        state = labels.text(f"problem_state.{group}", self._lang) if group in _STATES else ""
        scale = labels.text("column.log", self._lang) if row.get("unit") == "log" else ""
        assumed = self._assumption(row.get("assumption", ""))
        return name, self._join("" if of in name else of, state, reference, scale, assumed)

    def _of(self, measure: str, indicator: str) -> str:
        """Name of the indicator of a result, where the measure does not say it."""
        if labels.has(f"track.{indicator}"):
            return labels.text(f"track.{indicator}", self._lang)
        name = self._study.label("indicators", indicator, self._lang)
        # What a known measure has in the column of indicators without a row in their table is a mere key.
        known = name != indicator or not (labels.is_measure(measure) or labels.has(f"result.{measure}"))
        return name if known else ""

    def _grouped(self, name: str, group: str) -> str:
        if group in ("", "all"):
            return name
        words = self._tried(lambda: self._page.group(group), group)
        return labels.text("quantity.of", self._lang, measure=name, group=words) if name else words

    def _assumption(self, key: str) -> str:
        """An assumption set in words, each part that has none by its key."""
        words = []
        for part in filter(None, key.split(";")):
            name, _, value = part.partition("=")
            if name == "baseline" and number(value) == number(value):
                amount = labels.number(float(value), self._lang)
                words.append(labels.text("changes.baseline", self._lang, amount=amount))
            elif name == "years":
                words.append(labels.text("changes.years", self._lang, years=value))
            else:
                words.append(self._part(part, key))
        return self._join(*words)

    def _part(self, part: str, key: str) -> str:
        return self._tried(lambda: self._page.assumption(part, key), part)

    def _number(self, row: Row) -> str:
        """Value and interval of a row with its unit; blank if it has neither."""
        value, low, high = (number(row.get(column, "")) for column in NUMBERS)
        if math.isnan(value) and math.isnan(low) and math.isnan(high):
            return ""
        if "low" not in row and "high" not in row:
            low = high = value
        unit = row.get("unit", "")
        if "printed" in row:  # the printed words stand beside it: the interval is what they allow
            ends = Interval(-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)
            return self._tried(lambda: labels.span(ends, unit, self._lang), self._digits(row))
        result = pd.Series({"value": value, "low": low, "high": high, "unit": unit}, dtype=object)
        return self._tried(lambda: self._page.both(result), self._digits(row))

    def _digits(self, row: Row) -> str:
        """The numbers of a row as the table has them."""
        interval = f"{row.get('low') or '−∞'} … {row.get('high') or '∞'}" if "low" in row or "high" in row else ""
        unit = labels.unit_name(row.get("unit", ""), self._lang)
        return " ".join(filter(None, (self._join(row.get("value", ""), interval), unit)))

    def _cell(self, column: str, text: str) -> str:
        if column in _KEYS:
            return labels.join([labels.label(column, part, self._lang) for part in text.split()], self._lang)
        if column == "indicator":
            return self._study.label("indicators", text, self._lang)
        if column == "group" and text:
            return self._tried(lambda: self._page.group(text), text)
        return text

    def _join(self, *parts: str) -> str:
        return self._page.join([part for part in parts if part])

    @staticmethod
    def _tried(words: Callable[[], str], instead: str) -> str:
        """Words for what a table says; its key where it says what the library would not have written."""
        try:
            return words()
        except (InputError, ValueError, KeyError, IndexError, OverflowError):
            return instead


def _series(row: Row) -> pd.Series:
    return pd.Series({**dict.fromkeys(RESULT, ""), **row}, dtype=object)
