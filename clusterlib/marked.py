"""A document with its figures marked: what was read, in words, beside the words that it was read from."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from clusterlib import labels, parameters, paths
from clusterlib.display import Cell, Table
from clusterlib.extraction import COLUMNS, Candidate
from clusterlib.extraction import documents as files
from clusterlib.extraction.files import read_file
from clusterlib.interval import Interval
from clusterlib.labels import Lang
from clusterlib.marking import Mark, clean, marked_text

#: Rows that a plain text shows; the frame has them all.
SHOWN = 60
NUMBERS = ("value", "low", "high", "threshold")
_UP_TO = re.compile(r"of a size up to (\S+) ")
_EXCLUDED = "the size itself is excluded"


@dataclass(frozen=True, repr=False)
class Extraction:
    """What was read in a file: as rows, as a frame, and as the text with its figures marked.

    Attributes
    ----------
    source : Source
        The file: its name, text, encoding and documents.
    rows : list of Candidate
        Its figures, in the order of the text.
    lang : {"en", "zh"}
        Language of what is shown.
    """

    source: files.Source
    rows: list[Candidate]
    lang: Lang = field(default="en")

    @property
    def text(self) -> str:
        """The text that offsets point into."""
        return self.source.text

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame with the columns of `clusterlib extract`; blank numbers are NaN."""
        content = [[getattr(row, column) for column in COLUMNS] for row in self.rows]
        return pd.DataFrame(content, columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, float))

    @cached_property
    def marks(self) -> list[Mark]:
        """A note for each row, numbered from 1; the same file has the same anchors on every page."""
        content = f"{self.lang}\0{self.source.name}\0{self.text}".encode("utf-8", "surrogatepass")
        prefix = f"f{hashlib.blake2s(content, digest_size=3).hexdigest()}"
        return [
            Mark(
                number, f"{row.document}:{row.start}", self.hover(row), prefix=prefix, start=row.start, end=row.end,
                printed=clean(row.printed), reading=self.reading(row), detail=self.detail(row), flag=self.flags(row),
            )
            for number, row in enumerate(self.rows, 1)
        ]  # fmt: skip

    @cached_property
    def _lines(self) -> list[int]:
        return [match.end() for match in re.finditer("\r\n|\r|\n", self.text)]

    def line(self, row: Candidate) -> int:
        """Line of the text that a figure stands in, from 1."""
        return bisect.bisect_right(self._lines, row.start) + 1

    def series(self) -> list[list[int]]:
        """Indices of rows that stand at several sizes in one sentence."""
        found: list[list[int]] = []
        before = None
        for index, row in enumerate(self.rows):
            key = (row.document, row.sentence_start, row.unit, row.threshold_unit, row.group)
            if row.threshold is None:
                continue
            if key == before:
                found[-1].append(index)
            else:
                found.append([index])
            before = key
        return found

    def falls(self, series: Sequence[int]) -> bool:
        """Whether numbers can include those of larger sizes: none is surely above one at a smaller size."""
        rows = sorted((self.rows[index] for index in series), key=lambda row: row.threshold or 0)
        smaller_first = rows if rows[0].group != "at_most" else rows[::-1]
        return all(
            later.low is None or earlier.high is None or later.low <= earlier.high
            for earlier, later in itertools.pairwise(smaller_first)
        )

    def words(self, key: str, **fields: str) -> str:
        """Text of a label in the language of what is shown."""
        return labels.text(key, self.lang, **fields)

    def reading(self, row: Candidate) -> str:
        """The interval of a figure with its unit."""
        low = -math.inf if row.low is None else row.low
        high = math.inf if row.high is None else row.high
        if low == 0 and 0 < high < math.inf:  # 0–2万, not 0–20,000
            return labels.with_unit(f"0–{labels.number(high, self.lang)}", _unit(row), self.lang)
        return labels.span(Interval(low, high), _unit(row), self.lang)

    def number(self, row: Candidate) -> str:
        """The numeral of a figure times its multiplier, with its unit."""
        return "" if row.value is None else labels.with_unit(labels.number(row.value, self.lang), _unit(row), self.lang)

    def size(self, row: Candidate) -> str:
        """The size that a figure counts from, or up to; blank where it counts all."""
        if row.threshold is None:
            return ""

        def amount(limit: float) -> str:
            return labels.with_unit(labels.number(limit, self.lang), row.threshold_unit, self.lang)

        if to := _UP_TO.search(row.note):
            return f"{amount(row.threshold)}–{amount(float(to[1]))}"
        signs = {"at_most": ("≤", "<")}.get(row.group, ("≥", ">"))
        return f"{signs[_EXCLUDED in row.note]} {amount(row.threshold)}"

    def about(self, row: Candidate) -> str:
        """What a figure is said of, as printed, and its group where that is more than a size."""
        group = labels.label("group", row.group, self.lang)
        named = group if row.group not in ("", "all", "at_least", "at_most", "between") else ""
        return " · ".join(filter(None, (named, clean(row.noun))))

    def kind(self, row: Candidate) -> str:
        """What sort of figure it is."""
        return labels.label("kind", row.kind, self.lang)

    def status(self, row: Candidate) -> str:
        """What the document claims it to be."""
        return labels.label("status", row.status, self.lang)

    def rule(self, row: Candidate) -> str:
        """The rule by which the words give the interval."""
        return labels.label("rule", row.rule, self.lang)

    def flags(self, row: Candidate) -> str:
        """What is wrong with a figure; blank for nothing."""
        return labels.join([labels.label("flag", flag, self.lang) for flag in row.flag.split()], self.lang)

    def why(self, row: Candidate) -> str:
        """Why a figure is flagged."""
        gap = "" if self.lang == "zh" else " "
        return gap.join(labels.label("why", flag, self.lang) for flag in row.flag.split())

    def whole(self, row: Candidate) -> str:
        """The whole of a share, as printed, or that it is not named; blank for any other figure."""
        if row.kind != "share":
            return ""
        whole = clean(row.denominator)
        return self.words("marked.whole", whole=whole) if whole else self.words("marked.whole.none")

    def detail(self, row: Candidate) -> str:
        """What sort of figure it is, as short as it can be said: what is observed goes without saying."""
        size = self.size(row)
        parts = (
            self.words("marked.size", size=size) if size else self.kind(row),
            self.status(row) if row.status != "observed" else "",
            self.whole(row),
        )
        return " · ".join(filter(None, parts))

    def hover(self, row: Candidate) -> str:
        """The whole reading of a figure, line by line."""
        number, noun, size = self.number(row), self.about(row), self.size(row)
        lines = (
            self.reading(row),
            self.words("marked.number", number=number) if number and row.low != row.high else "",
            self.rule(row),
            f"{self.kind(row)} · {self.status(row)}",
            self.words("marked.about", noun=noun) if noun else "",
            self.words("marked.size", size=size) if size else "",
            self.whole(row),
            f"! {self.flags(row)}" if row.flag else "",
            self.why(row),
        )
        return "\n".join(filter(None, lines))

    def __repr__(self) -> str:
        header = [self.words(f"column.{key}") for key in ("line", "printed", "interval", "kind", "flag")]
        rows = [
            [
                Cell(str(self.line(row)), numeric=True),
                Cell(clean(row.printed)),
                Cell(self.reading(row), numeric=True),
                Cell(self.kind(row)),
                Cell(self.flags(row)),
            ]
            for row in self.rows[:SHOWN]
        ]
        more = len(self.rows) - len(rows)
        note = self.words("marked.more", count=labels.number(more, self.lang)) if more else ""
        return Table(clean(self.source.name), header, rows, note, self.words("marked.none")).plain

    def _repr_html_(self) -> str:
        keys = ("figure", "flagged", "")
        legend = (
            [self.words(f"marked.legend.{key}".rstrip(".")) for key in keys]
            if self.rows
            else [self.words("marked.none")]
        )
        documents = self.source.documents
        headings = {each.start: each.key for each in documents} if len(documents) > 1 else {}
        return marked_text(self.text, self.marks, headings, legend)


def extract(path: str | Path | tuple[files.Source, Sequence[Candidate]], lang: str = "en") -> Extraction:
    """Read the figures of a document and show them in its text.

    Parameters
    ----------
    path : str or Path, or the result of `read_file`
        Text, HTML, docx, odt, or a PDF that carries its text.
    lang : {"en", "zh"}, default "en"
        Language of what is shown.

    Raises
    ------
    InputError
        If the file cannot be read, or there is no such language.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "town.txt"
    ...     _ = path.write_text("全镇有企业200多家。\\n其中年销售500万元以上的企业30家。", encoding="utf-8")
    ...     found = extract(path)
    >>> found
    town.txt
    line  printed       interval  kind           flag
    ----  -------  -------------  -------------  ----
       1  200多家  201–299 firms  count
       2  30家          30 firms  count by size
    >>> found.frame[["printed", "low", "high", "threshold"]].to_dict("records")[1]
    {'printed': '30家', 'low': 30.0, 'high': 30.0, 'threshold': 5000000.0}
    """
    checked = labels.check_lang(lang)
    source, rows = read_file(path) if isinstance(path, str | Path) else path
    return Extraction(source, list(rows), checked)


def open_document(notebook: str, *, file: str, lang: str) -> Extraction:
    """Check the parameters of a notebook about a document and read it; no file named is the packaged example.

    Raises
    ------
    InputError
        If the parameters or the file cannot be used.
    """
    parameters.check(notebook, {"file": file, "lang": lang})
    return extract(Path(file) if file else paths.EXAMPLE, lang)


def _unit(row: Candidate) -> str:
    """Unit of a figure to be shown: what has no unit of its own is counted in pieces only where the words say so."""
    unit, slash, per = row.unit.partition("/")
    return f"thing{slash}{per}" if unit == "item" and "件" not in row.printed else row.unit
