"""What a notebook shows: tables, pictures and sentences, each as text and as HTML, escaped and free of random ids."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

#: Mime type under which a page hands its findings to the renderer.
FINDINGS = "application/vnd.clusterlib.findings+json"


@dataclass(frozen=True)
class Source:
    """A printed figure, or a statement in words, as a note: its number on the page, and what a reader sees on hover."""

    number: int
    slug: str
    hover: str
    letter: str = ""

    @property
    def label(self) -> str:
        """How the page cites it: ``7`` for a printed figure, ``C7`` for a statement of the kind with that letter."""
        return f"{self.letter}{self.number}"

    @property
    def anchor(self) -> str:
        """Where links to it lead."""
        return f"source-{self.label}"

    @property
    def html(self) -> Markup:
        """Link to the row that shows it with its place."""
        return Markup('<a class="src" href="#{}" title="{}">{}</a>').format(self.anchor, self.hover, self.label)


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the sources behind it, and whether it holds a number."""

    text: str
    sources: tuple[Source, ...] = ()
    numeric: bool = False
    anchor: str = ""

    @property
    def html(self) -> Markup:
        """Escaped text with its source links, and the anchor if it is a target of links."""
        parts = [escape(self.text)] if self.text else []
        if self.sources:
            parts.append(Markup(", ").join(source.html for source in self.sources))
        inner = Markup(" ").join(parts)
        return Markup('<span id="{}">{}</span>').format(self.anchor, inner) if self.anchor else inner

    @property
    def plain(self) -> str:
        """Text with the numbers of its sources in brackets."""
        numbers = ",".join(source.label for source in self.sources)
        return f"{self.text} [{numbers}]".strip() if numbers else self.text


@dataclass(frozen=True)
class Table:
    """A table in named parts: caption, header, rows, note. An empty one says so.

    Attributes
    ----------
    caption : str
        What it shows.
    header : sequence of str
        Column labels.
    rows : sequence of sequence of Cell
        The body.
    note : str
        Source or remark under the table.
    empty : str
        What to say where there is no row.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    empty: str = ""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}

    @property
    def html(self) -> str:
        """A plain HTML table; its looks are the page's."""
        if not self.rows:
            return Markup('<p class="silent"><strong>{}</strong> · {}</p>').format(self.caption, self.empty)
        head = Markup("").join(
            Markup('<th scope="col"{}>{}</th>').format(Markup(' class="num"') if numeric else "", label)
            for label, numeric in zip(self.header, self._numeric, strict=True)
        )
        if any(self.header):
            head = Markup("<thead><tr>{}</tr></thead>\n").format(head)
        else:
            head = Markup("")
        body = Markup("\n").join(
            Markup("<tr>{}{}</tr>").format(
                _row_name(row[0], spans) if spans else "", Markup("").join(map(_other, row[1:]))
            )
            for row, spans in zip(self.rows, self._spans, strict=True)
        )
        note = Markup('<p class="note">{}</p>').format(self.note) if self.note else ""
        return Markup(
            '<div class="table" role="group" tabindex="0" aria-label="{}"><table>\n<caption><span>{}</span></caption>\n'
            "{}<tbody>\n{}\n</tbody>\n</table></div>{}"
        ).format(self.caption, self.caption, head, body, note)

    @property
    def _spans(self) -> list[int]:
        """How many rows the first cell of each row names: a blank one leaves it to the row above, which is 0."""
        spans: list[int] = []
        named = 0
        for i, row in enumerate(self.rows):
            if row[0].html or not i:
                named = i
                spans.append(1)
            else:
                spans[named] += 1
                spans.append(0)
        return spans

    @property
    def _numeric(self) -> list[bool]:
        return [all(row[i].numeric for row in self.rows) for i in range(len(self.header))]

    @property
    def plain(self) -> str:
        """Aligned text; Chinese characters take two places."""
        if not self.rows:
            return f"{self.caption} · {self.empty}"
        grid = [list(self.header), *([cell.plain for cell in row] for row in self.rows)]
        widths = [max(text_width(row[i]) for row in grid) for i in range(len(self.header))]
        if not any(self.header):
            grid = grid[1:]
        lines = [
            "  ".join(_pad(text, w, n) for text, w, n in zip(row, widths, self._numeric, strict=True)).rstrip()
            for row in grid
        ]
        if any(self.header):
            lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.caption, *lines, *([self.note] if self.note else [])])


@dataclass(frozen=True)
class Picture:
    """A chart with its alternative text and source note.

    Attributes
    ----------
    svg : str
        The drawing.
    alt : str
        What it shows, in words and numbers, for those who do not see it.
    note : str
        Source, under the picture.
    """

    svg: str = field(repr=False)
    alt: str
    note: str = ""

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, Any]]:
        metadata = {"image/svg+xml": {"alt": self.alt, "note": self.note}}
        return {"image/svg+xml": self.svg, "text/plain": f"{self.alt}\n{self.note}".strip()}, metadata


@dataclass(frozen=True)
class NoPicture:
    """Where nothing is printed there is nothing to draw; the table beside it says so."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": "", "text/plain": ""}


@dataclass(frozen=True)
class Finding:
    """One sentence that the numbers carry, with the printed figures behind it."""

    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Findings:
    """The sentences that open a page."""

    sentences: Sequence[Finding]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        items = Markup("\n").join(
            Markup("<p>{}{}</p>").format(
                sentence.text,
                Markup(" <sup>{}</sup>").format(Markup(", ").join(source.html for source in sentence.sources))
                if sentence.sources
                else "",
            )
            for sentence in self.sentences
        )
        return {
            "text/html": Markup('<div class="findings">\n{}\n</div>').format(items),
            "text/plain": "\n".join(sentence.text for sentence in self.sentences),
            FINDINGS: [
                {"text": sentence.text, "figures": [source.slug for source in sentence.sources if not source.letter]}
                for sentence in self.sentences
            ],
        }


@dataclass(frozen=True)
class Data:
    """A result table to be kept beside the page: a line to read, and the whole as CSV."""

    line: str
    csv: str = field(repr=False)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {
            "text/html": Markup('<p class="note">{}</p>').format(self.line),
            "text/plain": self.line,
            "text/csv": self.csv,
        }


def numbered(slugs: Sequence[str], hover: Callable[[str], str], letter: str = "") -> dict[str, Source]:
    """Number printed figures, or statements of one kind, in the order given."""
    return {slug: Source(i, slug, hover(slug), letter) for i, slug in enumerate(slugs, 1)}


def text_width(text: str) -> int:
    """Width of a text in Latin letters; a Chinese sign takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _row_name(cell: Cell, rows: int) -> Markup:
    """The first cell of a row, which is the header of all rows that it names."""
    scope = Markup(' scope="rowgroup" rowspan="{}"').format(rows) if rows > 1 else Markup(' scope="row"')
    return Markup("<th{}{}>{}</th>").format(scope, _look(cell), cell.html)


def _other(cell: Cell) -> Markup:
    return Markup("<td{}>{}</td>").format(_look(cell), cell.html)


def _look(cell: Cell) -> Markup:
    return Markup(' class="num"') if cell.numeric else Markup("")


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - text_width(text))
    return space + text if right else text + space
