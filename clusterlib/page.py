"""What a page is about: a study, a cluster, a language, and the numbers under which it cites printed figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from clusterlib import labels, parameters
from clusterlib.analysis.claims import Claim, Reading
from clusterlib.analysis.sizes import Case, Sizes
from clusterlib.analysis.stages import Track
from clusterlib.analysis.targets import Target
from clusterlib.display import Cell, Data, Source, numbered
from clusterlib.interval import Interval
from clusterlib.labels import Lang
from clusterlib.measures.classes import READINGS
from clusterlib.measures.consistency import Statement
from clusterlib.study import Study, interval_of

#: Significant digits of numbers in a CSV: all that a double carries for sure across platforms.
CSV_FORMAT = "%.10g"
#: An interval at most this wide, relative to the value, lets a sentence give the value alone.
NARROW = 0.1
#: Table of statements in words -> the letter before the number of each of its rows on a page.
LETTERS = {
    "claims": "C",
    "stages": "S",
    "evidence": "E",
    "value_chain": "L",
    "problems": "P",
    "instruments": "I",
    "targets": "T",
}
#: Rules whose words fix a number up to rounding.
FIXING = ("exact", "rounded", "zero")


@dataclass(frozen=True)
class Page:
    """A study seen for one cluster in one language.

    Attributes
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    lang : {"en", "zh"}
        Language of everything shown.
    sources : dict of str to Source
        Printed figures by slug, numbered in the order of the documents, the cluster's own first.
    marks : dict of str to dict of str to Source
        Statements in words by table and key, each table with a letter of its own, the cluster's own first; a table
        is numbered when it is first cited.
    """

    study: Study
    cluster: str
    lang: Lang
    sources: dict[str, Source] = field(repr=False)
    marks: dict[str, dict[str, Source]] = field(default_factory=dict, repr=False)

    def text(self, key: str, **fields: str) -> str:
        """Text of a label in the page's language."""
        return labels.text(key, self.lang, **fields)

    @property
    def name(self) -> str:
        """Name of the cluster."""
        return self.study.label("clusters", self.cluster, self.lang)

    def indicator(self, key: str) -> str:
        """Name of an indicator."""
        return self.study.label("indicators", key, self.lang)

    def measure(self, key: str) -> str:
        """Name of a measure."""
        return labels.measure(key, self.lang)

    def measured(self, row: pd.Series) -> str:
        """Name of the measure of a result row; of the largest firms with how large a part of all they are."""
        if ";top=" in row["group"] and row["measure"] == "top_share":
            return self.text("measure.top_share.of", group=self.group(row["group"]))
        return self.measure(row["measure"])

    def quantity(self, row: pd.Series, *, group: bool = True) -> str:
        """What a row of the result table is a number of: measure, indicator, and the group if it is to be named."""
        measure, of = str(row["measure"]), str(row["group"])
        named = group and of not in ("", "all")
        fields = {"indicator": self.indicator(str(row["indicator"])), "group": self.group(of) if of else ""}
        if labels.has(f"quantity.{measure}"):
            key = f"quantity.{measure}.of" if named and labels.has(f"quantity.{measure}.of") else f"quantity.{measure}"
            return self.text(key, **fields)
        name = self.measure(measure)
        return self.text("quantity.of", measure=name, group=fields["group"]) if named else name

    def reading(self, claim: Claim, reading: Reading) -> str:
        """What one reading of a claim is about, beside the others: what all of them share goes without saying."""
        row = reading.row if reading.result is None else reading.result
        others = [each.row if each.result is None else each.result for each in claim.readings]
        alike = [each for each in others if each["measure"] == row["measure"]]
        name = self.quantity(row, group=len({each["group"] for each in alike}) > 1 or len(others) == 1)
        alike = [each for each in alike if (each["indicator"], each["group"]) == (row["indicator"], row["group"])]
        if len(alike) == 1:
            return name
        parts = [set(str(each["assumption"]).split(";")) for each in alike]
        own = [part for part in str(row["assumption"]).split(";") if part not in set.intersection(*parts)]
        told = self.words(reading.row, "reading").rstrip("。.")
        if own:
            told = self.assumption(";".join(own), str(row["assumption"]))
        return self.text("quantity.with", name=name, assumption=told[:1].lower() + told[1:])

    def stage(self, track: Track, order: int) -> str:
        """Name of a stage with its place on its line; blank for none."""
        if not order:
            return ""
        name = labels.label("stage", track.stages[order - 1], self.lang)
        return self.text("stage.named", number=str(order), all=str(len(track.stages)), name=name)

    def aims(self, targets: Iterable[Target]) -> str:
        """Names of targets: of whom they count, or what they count of all."""
        figures = [each.figure for each in targets]
        names = [
            self.indicator(each["indicator"]) if each["group"] == "all" else self.group(each["group"])
            for each in figures
        ]
        return self.join(list(dict.fromkeys(names)))

    def group(self, key: str) -> str:
        """Name of a group, of the largest firms (``above_scale;top=0.1``), or of a band (``1000000..5000000 CNY``)."""
        if ";top=" in key:
            share = 100 * float(key.partition(";top=")[2])
            return self.text("group.top", q=labels.with_unit(labels.number(share, self.lang), "percent", self.lang))
        if ".." in key:
            return self.band(key)
        if labels.has(f"link_state.{key}"):
            return self.text(f"link_state.{key}")
        return self.study.label("groups", key, self.lang)

    def band(self, key: str) -> str:
        """Name of a size band; ``>`` before a limit says that the limit itself belongs below."""
        limits, _, unit = key.partition(" ")
        low, high = limits.split("..")
        parts = []
        if low != "0":
            kind = "band.above" if low.startswith(">") else "band.from" if high else "band.at_least"
            parts.append(self.text(kind, limit=self.amount(low, unit)))
        if high:
            kind = "band.up_to" if high.startswith(">") else "band.below"
            parts.append(self.text(kind, limit=self.amount(high, unit)))
        return self.text("band.between", low=parts[0], high=parts[1]) if len(parts) == 2 else parts[0]

    def amount(self, limit: str | float, unit: str) -> str:
        """An exact amount, such as a threshold, in its unit."""
        return labels.with_unit(labels.number(float(str(limit).lstrip(">")), self.lang), unit, self.lang)

    def assumption(self, key: str, within: str = "") -> str:
        """An assumption set, or some parts of one, in words."""
        words = []
        for part in filter(None, key.split(";")):
            name, _, value = part.partition("=")
            if name == "scope":
                words.append(labels.label("scope", value, self.lang))
            elif name == "by":
                words.append(self.text("assumption.by", indicator=self.indicator(value)))
            elif name == "cap":
                words.append(self.text("assumption.cap", cap=self.amount(value, self.unit_of(within or key))))
            elif name == "rate":
                words.append(self.text("assumption.rate", rate=value.replace("..", "–")))
            elif name == "scale":
                words.append(self.text("assumption.scale", scale=self.amount(value, "CNY")))
            elif name == "n":
                words.append(self.text("assumption.n", n=labels.number(float(value), self.lang)))
            else:
                words.append(labels.label("assumption", part, self.lang))
        return self.join(words)

    def setting(self, key: str) -> str:
        """How size counts are read and which size none exceeds, inside a sentence after "if"."""
        parts = key.split(";")
        words = [self.text(f"reading.{part}.if") for part in parts if part in READINGS]
        words += [
            self.text("cap.if", cap=self.amount(part[4:], self.unit_of(key)))
            for part in parts
            if part.startswith("cap=")
        ]
        return self.text("and").join(words)

    def assumed(self, key: str) -> tuple[str, str, str, str]:
        """An assumption set of size counts in short words: by what, how read, the largest size, what is used."""
        parts = key.split(";")
        by = next((self.indicator(part[3:]) for part in parts if part.startswith("by=")), "")
        reading = next((self.text(f"reading.{part}") for part in parts if part in READINGS), "")
        caps = (self.amount(part[4:], self.unit_of(key)) for part in parts if part.startswith("cap="))
        by = self.text("assumption.by", indicator=by) if by else ""
        uses = [self.text(f"uses.{part}") for part in parts if part in ("counts", "counts+total")]
        uses += [self.assumption(part) for part in parts if part.startswith("n=")]
        return by, reading, next(caps, self.text("cap.none")), self.join(uses)

    def unit_of(self, key: str) -> str:
        """Unit of sizes in an assumption set: that of the indicator they measure."""
        by = next((part[3:] for part in key.split(";") if part.startswith("by=")), "")
        units = self.study.indicators.loc[self.study.indicators["indicator"] == by, "units"]
        return str(units.iloc[0]).split()[0].split("/")[0] if len(units) else ""

    def statement(self, sizes: Sizes, statement: Statement) -> str:
        """What a statement about sizes is about: ``firms ≥ 5 million CNY``."""
        if statement.of_total:
            return self.text("statement.total", indicator=self.indicator(sizes.by))
        name = self.indicator(sizes.indicator)
        if statement.low == 0:
            return self.text("statement.all", indicator=name)
        if statement.high == math.inf:
            figure = self.study.figures.set_index("figure")["threshold_rule"].get(statement.name, "above")
            return f"{name} {'>' if figure == 'above' else '≥'} {self.amount(statement.low, sizes.unit)}"
        return f"{name} {self.band(f'{statement.low:.0f}..{statement.high:.0f} {sizes.unit}')}"

    def stated_as(self, sizes: Sizes, statement: Statement) -> str:
        """A statement with what it says: the printed words, or the assumed number."""
        name = self.statement(sizes, statement)
        if statement.name in self.sources:
            return f"{name} ({self.study.figure(statement.name)['printed']})"
        span = labels.span(statement.interval, "", self.lang)
        return f"{name} ({self.text('statement.assumed', span=span)})"

    def cap_words(self, sizes: Sizes, case: Case) -> str:
        """The largest size that a case assumes."""
        return self.amount(case.cap, sizes.unit) if case.capped else self.text("cap.none")

    def join(self, parts: Sequence[str]) -> str:
        """Parts that have commas of their own, one after the other."""
        return ("；" if self.lang == "zh" else "; ").join(parts)

    def noted(self, words: str, note: str) -> str:
        """Words with a note in brackets behind them."""
        return f"{words}（{note}）" if self.lang == "zh" else f"{words} ({note})"

    def mark(self, table: str, key: str) -> Source:
        """Source of one statement in words, such as a claim."""
        if table not in self.marks:
            self.marks[table] = _marked(self.study, table, self.cluster, self.lang)
        return self.marks[table][key]

    def cite_marks(self, table: str, keys: Iterable[str]) -> tuple[Source, ...]:
        """Sources of statements of one table, in the order of their numbers."""
        return tuple(sorted((self.mark(table, key) for key in dict.fromkeys(keys)), key=lambda each: each.number))

    def words(self, row: pd.Series, column: str = "") -> str:
        """Text of a row in the page's language: its ``en`` or ``zh``, or a column that has a ``_zh`` beside it."""
        if not column:
            return str(row[self.lang])
        return str(row[f"{column}_zh"] or row[column]) if self.lang == "zh" else str(row[column])

    def where(self, row: pd.Series) -> str:
        """The document's own term, and where it stands."""
        return " · ".join(filter(None, (str(row["term"]), self.place(row))))

    def place(self, row: pd.Series) -> str:
        """Where a printed figure or a statement stands; blank if it has no place."""
        return "" if pd.isna(row["start"]) else place(self.study, row, self.lang)

    def cite_statements(self, statements: Iterable[Statement]) -> tuple[Source, ...]:
        """Sources of the statements that are printed; one that is assumed has none."""
        return self.cite([each.name for each in statements if each.name in self.sources])

    def cite(self, slugs: str | Sequence[str]) -> tuple[Source, ...]:
        """Sources of slugs, in the order of their numbers."""
        names = slugs.split() if isinstance(slugs, str) else list(slugs)
        return tuple(sorted((self.sources[name] for name in dict.fromkeys(names)), key=lambda source: source.number))

    def note(self, slugs: Sequence[str]) -> str:
        """Source note of a table or picture."""
        cited = self.cite(" ".join(slugs))
        if not cited:
            return self.text("source.none")
        return self.text("source.note", numbers=labels.join([str(source.number) for source in cited], self.lang))

    def value(self, row: pd.Series) -> str:
        """The value of a result at the printed numbers; blank where there is none or the words exclude it."""
        interval, value = result_interval(row), row["value"]
        if pd.isna(value) or not interval.low <= value <= interval.high:
            return ""
        return labels.quantity(value, interval, row["unit"], self.lang)

    def span(self, row: pd.Series) -> str:
        """The interval of a result."""
        return labels.span(result_interval(row), row["unit"], self.lang)

    def claim(self, row: pd.Series) -> str:
        """A result inside a sentence: the value where the interval is narrow around it, else the interval in words."""
        value, interval = self.value(row), result_interval(row)
        return value if value and _narrow(row["value"], interval) else labels.words(interval, row["unit"], self.lang)

    def stated(self, figure: pd.Series) -> str:
        """A printed figure inside a sentence: its number where the words fix it up to rounding, else its interval."""
        if figure["rule"] in FIXING:
            return labels.with_unit(labels.number(figure["value"], self.lang), figure["unit"], self.lang)
        return labels.words(interval_of(figure), figure["unit"], self.lang)

    def both(self, row: pd.Series) -> str:
        """Value and interval of a result, ``2.77 (2.7678–2.7694)``; the interval alone where it is wide."""
        value, interval = self.value(row), result_interval(row)
        if not value or interval.is_point or not _narrow(row["value"], interval):
            return self.span(row)
        unit = "percent" if row["unit"] == "percent" else ""
        return f"{value} ({labels.span(interval, unit, self.lang)})"

    def cell(self, row: pd.Series | None, *, cited: bool = False) -> Cell:
        """A numeric cell of one result; blank where the result is not there."""
        if row is None:
            return Cell("", numeric=True)
        return Cell(self.both(row), self.cite(row["figures"]) if cited else (), numeric=True)

    def result(self, result: pd.DataFrame) -> Data:
        """The result table of the page, kept beside it as CSV."""
        count = labels.number(len(result), self.lang)
        return Data(f"{self.text('table.result')}{'：' if self.lang == 'zh' else ': '}{count}", csv_text(result))


def open_page(notebook: str, *, cluster: str, lang: str, data: str = "", **more: Any) -> Page:
    """Check the parameters of a notebook, load the study, and open a page on a cluster.

    The page of a notebook that reads one cluster only, see `clusterlib.parameters.reads`, has the study within that
    cluster: it can show nothing that other clusters would change.

    Parameters
    ----------
    notebook : str
        Name of the notebook, such as ``02_concentration``.
    cluster : str
        Key of the cluster.
    lang : {"en", "zh"}
        Language.
    data : str, default ""
        Data folder; "" is the packaged study.
    **more
        The notebook's other parameters.

    Raises
    ------
    InputError, DataError
        If a parameter or the data cannot be used.
    """
    study = Study.load(data)
    parameters.check(notebook, {"cluster": cluster, "lang": lang, "data": data, **more}, study)
    if parameters.reads(parameters.notebook_path(notebook)) == "cluster":
        study = study.within(cluster)
    return page_of(study, cluster, lang)


def page_of(study: Study, cluster: str, lang: str) -> Page:
    """Open a page without a notebook.

    >>> page_of(Study.load(), "shishi-garment", "zh").name
    '石狮服装产业集群'
    """
    checked = labels.check_lang(lang)
    own = list(study.figures_of(cluster)["figure"])
    beside = list(study.printed_beside(cluster)["figure"])
    rest = study.figures["figure"]
    ordered = dict.fromkeys([*own, *beside, *rest])
    rows = {str(figure["figure"]): figure for _, figure in study.figures.iterrows()}
    sources = numbered(list(ordered), lambda slug: _hover(study, rows[slug], checked))
    return Page(study, cluster, checked, sources)


def _marked(study: Study, table: str, cluster: str, lang: Lang) -> dict[str, Source]:
    frame: pd.DataFrame = getattr(study, table)
    if "cluster" in frame:
        frame = frame.iloc[(frame["cluster"] != cluster).to_numpy().argsort(kind="stable")]
    rows = frame.set_index(frame.columns[0], drop=False)

    def hover(key: str) -> str:
        row = rows.loc[key]
        where: str = "" if pd.isna(row["start"]) else place(study, row, lang)
        return " · ".join(part for part in (str(row[lang]), str(row["term"]), where, key) if part)

    return numbered(list(rows.index), hover, LETTERS[table])


def _narrow(value: float, interval: Interval) -> bool:
    """Whether a value says nearly as much as its interval."""
    return interval.high - interval.low <= NARROW * abs(value)


def result_interval(row: pd.Series) -> Interval:
    """Interval of a result row; a blank end is infinite."""
    return interval_of(row)


def of_shares(result: pd.DataFrame) -> pd.DataFrame:
    """Rows of a result table that bound a measure from printed shares."""
    return result[result["assumption"].str.startswith(("ordered", "unordered"))]


def of_sizes(result: pd.DataFrame) -> pd.DataFrame:
    """Rows of a result table that bound a measure from size counts; the counts of bands are not among them."""
    counted = result["assumption"].str.startswith(("cap=", "no_cap")) & (result["basis"] == "bound")
    return result[counted & (result["measure"] != "band_count")]


def band_families(result: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Size bands of a result table as the counts alone give them, by how and by what measure: (assumption, rows)."""
    bands = result[(result["measure"] == "band_count") & result["assumption"].str.startswith("no_cap;counts;")]
    bands = bands.assign(unit_of_limit=bands["group"].str.partition(" ")[2] if len(bands) else "")
    families = bands.groupby(["indicator", "assumption", "unit_of_limit"], sort=False)
    return [(str(key[1]), part) for key, part in families]


def csv_text(frame: pd.DataFrame) -> str:
    """A result table as CSV text, equal on every platform."""
    return frame.to_csv(index=False, float_format=CSV_FORMAT, lineterminator="\n")


def place(page_study: Study, figure: pd.Series, lang: str) -> str:
    """Where a figure stands: document, line, characters."""
    documents = page_study.documents
    # Every page asks for hundreds of places; a frame that is filtered for each takes most of its time.
    number = dict(zip(documents["document"], documents["number"], strict=True))[figure["document"]]
    line = "?" if pd.isna(figure["line"]) else str(figure["line"])
    where = labels.text("place.line", lang, line=line, start=str(figure["start"]), end=str(figure["end"]))
    return (
        f"{labels.text('document.number', lang, number=str(number))}, {where}"
        if lang == "en"
        else (f"{labels.text('document.number', lang, number=str(number))}，{where}")
    )


def _hover(study: Study, figure: pd.Series, lang: str) -> str:
    rule = labels.label("rule", figure["rule"], lang)
    return f"{figure['printed']} · {place(study, figure, lang)} · {rule} · {figure['figure']}"
