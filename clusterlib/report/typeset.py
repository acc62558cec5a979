"""A report's page as a document to print or send on: PDF through typst, Word through pandoc.

A page has few kinds of element, so it goes to the PDF without a markup between: as data that the template sets. No
sign of a page is ever read as a command, and names, spans and alternative texts arrive whole.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html.parser import HTMLParser
from importlib import import_module, resources
from typing import Any, Literal
from xml.etree.ElementTree import Element, tostring

from clusterlib import fonts
from clusterlib.errors import ClusterlibError, InputError, unknown

FORMATS = ("pdf", "docx")

#: What a page holds as the template reads it: text, or a kind with its content.
Node = str | dict[str, Any]
Row = list[dict[str, Any]]

#: Points: the margin beside the text, and the width of the text on A4, upright and turned.
MARGIN = 54.0
UPRIGHT = 595.28 - 2 * MARGIN
TURNED = 841.89 - 2 * MARGIN
#: Points between two columns of a table, and between a text and its readings.
GAP = 9.0
BESIDE = 14.0
#: Part of its own size that a picture is shown in, points of the tallest, and pixels per inch where it is no drawing.
SHRUNK = 0.88
TALLEST = 610.0
SHARP = 220.0
#: Signs from which on a cell may be broken across pages, and points from which on a table is worth a turned page.
TALL = 1500
LONG = 260.0
#: Sizes of type in tables, in points: the first that reads with ease is taken, else the last.
SIZES = (8.8, 8.3, 7.8, 7.3)
#: A table reads with ease if its rows have at most so many lines on average, or no broken line is narrower than so many
#: Chinese signs.
LINES = 3.0
EASY = 12.0
#: Seconds that pandoc may take.
PATIENCE = 60

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_UNSHOWN = frozenset(
    (
        "button", "footer", "h1", "head", "header", "input", "link", "meta", "nav", "script", "select", "style",
        "template", "textarea", "title",
    )
)  # fmt: skip
_BLOCKS = frozenset(
    (
        "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "figure", "footer", "h1", "h2",
        "h3", "h4", "h5", "h6", "header", "html", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul",
    )
)  # fmt: skip
_HEADINGS = {"h2": 1, "h3": 2, "h4": 3, "h5": 3, "h6": 3}
_INLINE = {
    "b": "strong", "code": "code", "em": "strong", "i": "strong", "small": "small", "strong": "strong", "sub": "sub",
    "sup": "sup",
}  # fmt: skip
#: Looks of a page that have a style of their own in Word.
_STYLES = {"findings": "Findings", "note": "Note", "silent": "Silent"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Where a line may break: behind a dash, at a blank, and between Chinese signs, of which a few should stay together.
_WORD = re.compile(r"[^\s\u2e80-\uffff]*?[–/-](?=\S)|[^\s\u2e80-\uffff]+|[\u2e80-\uffff]{1,4}")
_HEADING_WORD = re.compile(_WORD.pattern.replace("1,4", "1,6"))
_NUMBER = re.compile(r"[^ ]+")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_BREAK: dict[str, Any] = {"kind": "break", "content": []}
_DRAWING = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")
"""


def require(formats: Iterable[str]) -> None:
    """Raise InputError at once if there is no such format, or what makes it is not installed.

    Parameters
    ----------
    formats : iterable of str
        Of `FORMATS`.

    Examples
    --------
    >>> require(["odt"])
    Traceback (most recent call last):
    clusterlib.errors.InputError: unknown format 'odt'; allowed: pdf, docx
    """
    for each in formats:
        if each not in FORMATS:
            raise unknown("format", each, FORMATS)
        for library in ("typst", "pypandoc") if each == "docx" else ("typst",):
            try:
                module = import_module(library)
                if library == "pypandoc":
                    module.get_pandoc_path()
            except (ImportError, OSError):
                name = library.removeprefix("py")
                raise InputError(
                    f"format: given {each}, and {name} is not installed; allowed: after pip install 'clusterlib[pdf]'"
                ) from None


def typeset(page: str, format: str) -> bytes:
    """Make a document of a page: it needs nothing of the machine, the folder or the index that the page stood in.

    Parameters
    ----------
    page : str
        The whole HTML of a report, as `clusterlib.report.pages.report` makes it.
    format : {"pdf", "docx"}
        What to make.

    Returns
    -------
    bytes
        The file; the same page gives the same bytes.

    Raises
    ------
    InputError
        If there is no such format, or what makes it is not installed.
    ClusterlibError
        If the page has a sign that no font of a PDF has, or the page cannot be set.
    """
    require([format])
    report = _Report(_Reader(page).root)
    return _pdf(report) if format == "pdf" else _docx(report)


class _Reader(HTMLParser):
    """A page as a tree."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Element("root")
        self._open = [self.root]
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data


class _Report:
    """What a page says, as the data that the template reads."""

    def __init__(self, root: Element) -> None:
        self.main = next(root.iter("main"), root)
        self.lang = next((each.get("lang", "") for each in root.iter("html")), "").partition("-")[0] or "en"
        self.locale = {"en": "en-GB", "zh": "zh-CN"}.get(self.lang, self.lang)
        self.title = _first(root, "h1")
        self.cluster = _first(root, "p", "kicker")
        descriptions = (each.get("content", "") for each in root.iter("meta") if each.get("name") == "description")
        self.description = next(descriptions, "")
        footer = next(root.iter("footer"), Element("footer"))
        lines = (_text(each) for each in footer.iter("p") if next(each.iter("a"), None) is None)
        #: When and from what the page was made; what the footer links to does not come along.
        self.line = " · ".join(filter(None, lines))
        links = {each.get("href", "")[1:] for each in self.main.iter("a") if each.get("href", "").startswith("#")}
        self._linked = links & {each.get("id", "") for each in self.main.iter()}
        self._named: set[str] = set()
        self._level = 0

    def data(self) -> dict[str, Any]:
        """The page as the template reads it."""
        return {
            "lang": self.lang,
            "name": " · ".join(filter(None, (self.title, self.cluster))) or "clusterlib",
            "title": self.title,
            "cluster": self.cluster,
            "description": self.description,
            "keywords": [word for word in (self.title, self.cluster, "clusterlib") if word],
            "date": _date(self.line),
            "line": self.line,
            "margin": MARGIN,
            "sections": _sections(self._blocks(self.main, UPRIGHT)),
        }

    def leads(self, element: Element) -> str:
        """Name on the page that a link leads to; nothing if it leads elsewhere, or nowhere."""
        start, name = element.get("href", "")[:1], element.get("href", "")[1:]
        return name if start == "#" and name in self._linked else ""

    def table(self, element: Element, width: float) -> dict[str, Any] | None:
        """A table set into a width; None if it has no row."""
        caption = next(element.iter("caption"), None)
        head: list[Row] = []
        rows: list[Row] = []
        for part in element:
            for row in [part] if part.tag == "tr" else part.findall("tr"):
                if cells := self._row(row):
                    (head if part.tag == "thead" else rows).append(cells)
        if not rows:
            return None
        content = [] if caption is None else self._line(caption)
        table = {"kind": "table", "caption": content, "head": head, "rows": rows}
        _fit(table, width)
        return table

    def _blocks(self, parent: Element, width: float) -> list[dict[str, Any]]:
        """What stands on its own lines: paragraphs, tables, pictures; text between them is a paragraph."""
        found: list[dict[str, Any]] = []
        loose: list[Node] = [_collapsed(parent.text or "")]
        for child in parent:
            if child.tag in _BLOCKS:
                found += [*_paragraph(loose), *self._block(child, width)]
                loose = []
            else:
                loose += self._inline(child)
            loose.append(_collapsed(child.tail or ""))
        return found + _paragraph(loose)

    def _block(self, element: Element, width: float) -> Iterator[dict[str, Any]]:
        tag, looks = element.tag, element.get("class", "").split()
        if tag == "nav" and "contents" in looks:
            yield {"kind": "contents", "title": _first(element, "p")}
        elif tag in _UNSHOWN:
            return
        elif tag in _HEADINGS:
            # A level that is left out is an error in a document for all readers.
            self._level = min(_HEADINGS[tag], self._level + 1)
            yield self._target(element, {"kind": "heading", "level": self._level, "content": self._line(element)})
        elif tag == "table":
            if table := self.table(element, width):
                yield table
        elif tag in ("ol", "ul"):
            items = [self._blocks(item, width) for item in element.findall("li")]
            yield {"kind": "list", "ordered": tag == "ol", "items": items}
        elif tag == "pre":
            yield {"kind": "quote", "content": list(self._inside(element, kept=True))}
        elif tag == "figure":
            yield from self._figure(element)
        elif "findings" in looks:
            yield {"kind": "findings", "content": self._blocks(element, width)}
        elif "g" in looks:
            yield from self._beside(element, width)
        elif tag in ("dd", "dt", "p", "summary"):
            look = next((look for look in looks if look in ("note", "silent")), "")
            yield from _paragraph(self._begun(element, self._line(element)), look)
        else:
            yield from self._blocks(element, width)

    def _figure(self, element: Element) -> Iterator[dict[str, Any]]:
        caption = next(element.iter("figcaption"), None)
        note = [] if caption is None else self._line(caption)
        for image in element.iter("img"):
            alt = image.get("alt", "") or _plain(note) or self.title
            if svg := _svg(image):
                yield {"kind": "picture", "svg": svg, "alt": alt, "width": _shown_width(svg), "note": note}
            else:
                yield from _paragraph([alt], "note")

    def _beside(self, element: Element, width: float) -> Iterator[dict[str, Any]]:
        """A paragraph of a document, and the readings of its figures beside it."""
        text = next((each for each in element if "t" in each.get("class", "").split()), Element("div"))
        content = list(self._inside(text, kept=True))
        while content and content[-1] == _BREAK:
            content.pop()
        tables = (self.table(each, (width - BESIDE) / 2) for each in element.iter("table"))
        beside = [table for table in tables if table]
        if content or beside:
            yield {"kind": "beside", "content": content, "beside": beside, "gap": BESIDE}

    def _row(self, element: Element) -> Row:
        flagged = "w" in element.get("class", "").split()
        row: Row = []
        for cell in element:
            if cell.tag in ("td", "th"):
                numeric = "num" in cell.get("class", "").split()
                content = [_warned(node) for node in self._line(cell)] if flagged else self._line(cell)
                if not row:
                    content = self._begun(element, content)
                row.append(
                    {
                        "content": [part for node in content for part in _together(node)] if numeric else content,
                        "numeric": numeric,
                        "columns": _count(cell.get("colspan", "")),
                        "rows": _count(cell.get("rowspan", "")),
                        "tall": len(_plain(content)) > TALL or _count(cell.get("rowspan", "")) > 1,
                    }
                )
        return row

    def _line(self, element: Element) -> list[Node]:
        return _trimmed(list(self._inside(element)))

    def _inside(self, element: Element, kept: bool = False) -> Iterator[Node]:
        """Text and marks of an element; `kept` is white space that is shown as it is."""
        read = _lines if kept else _one
        yield from read(element.text or "")
        for child in element:
            yield from self._inline(child, kept)
            yield from read(child.tail or "")

    def _inline(self, element: Element, kept: bool = False) -> Iterator[Node]:
        tag = element.tag
        if tag in _UNSHOWN:
            return
        if tag == "br":
            yield _BREAK
            return
        node: dict[str, Any] = {"kind": _INLINE.get(tag, "plain"), "content": list(self._inside(element, kept))}
        if tag == "mark":
            node |= {"kind": "mark", "flagged": "w" in element.get("class", "").split()}
        elif tag == "a" and (name := self.leads(element)):
            node |= {"kind": "link", "to": name}
        self._target(element, node)
        if node["kind"] == "plain" and "id" not in node:
            yield from node["content"]
        else:
            yield node

    def _target(self, element: Element, node: dict[str, Any]) -> dict[str, Any]:
        """Name a node that links lead to; of two with one name the first has it, as in a browser."""
        name = element.get("id", "")
        if name in self._linked and name not in self._named:
            self._named.add(name)
            node["id"] = name
        return node

    def _begun(self, element: Element, content: list[Node]) -> list[Node]:
        """Content that begins with the name of its paragraph or row."""
        start = self._target(element, {"kind": "plain", "content": []})
        return [start, *content] if "id" in start else content


class _Columns:
    """Widths of a table's columns, in units of the size of type.

    No word is broken; what is left goes, a sign at a time, to the column where it makes the rows most lower.
    """

    def __init__(self, head: Sequence[Row], rows: Sequence[Row]) -> None:
        import numpy as np

        placed = [*_placed(head), *_placed(rows)]
        self.count: int = max(at + cell["columns"] for row in placed for at, cell in row)
        #: What each cell takes on one line, rows by columns; a heading may well have two.
        self._wholes = np.zeros((len(placed), self.count))
        least = np.zeros(self.count)
        for index, row in enumerate(placed):
            for at, cell in row:
                if cell["columns"] == 1:
                    whole, word = _measure(cell, index < len(head))
                    least[at] = max(least[at], word)
                    lines = 2 if index < len(head) else cell["rows"]
                    self._wholes[index, at] = max(min(whole, word), whole / lines)
        self._most = np.maximum(self._wholes.max(axis=0), least)
        self._steps = [least]

    def space(self, size: float, width: float) -> float:
        """What is left for text if the table is so many points wide."""
        return (width - GAP * (self.count - 1)) / size

    def share(self, space: float) -> Any:
        """Widths that together fill that space, or less if no line is broken then."""
        import numpy as np

        while self._steps[-1].sum() < min(space, self._most.sum() - 0.01):
            widths = self._steps[-1].copy()
            # A row is as high as its highest cell; the fourth power says so smoothly.
            broken = np.where(self._wholes > widths, self._wholes / np.maximum(widths, 0.1), 0.0) ** 4
            gain = (broken / np.maximum(broken.sum(axis=1, keepdims=True), 1.0) ** 0.75).sum(axis=0)
            best = int(np.where(widths < self._most, gain / np.maximum(widths, 0.1), -1.0).argmax())
            widths[best] = min(widths[best] + 1.0, self._most[best])
            self._steps.append(widths)
        fitting = [widths for widths in self._steps if widths.sum() <= space]
        if not fitting:
            return self._steps[0] * space / self._steps[0].sum()
        rest = space - fitting[-1].sum() if fitting[-1].sum() < self._most.sum() - 0.01 else 0.0
        return fitting[-1] + rest / self.count

    def lines(self, widths: Any) -> Any:
        """About how many lines each row has."""
        import numpy as np

        return np.ceil(np.maximum(self._wholes, 0.1) / np.maximum(widths, 0.1) - 1e-6).max(axis=1)

    def easy(self, space: float) -> bool:
        """Whether it reads with ease in that space."""
        widths = self.share(space)
        broken = (self._wholes > widths + 0.01).any(axis=0)
        fits = self._steps[0].sum() <= space
        return bool(fits and (self.lines(widths).mean() <= LINES or widths[broken].min(initial=EASY) >= EASY))


def _placed(rows: Sequence[Row]) -> list[list[tuple[int, dict[str, Any]]]]:
    """Cells with their columns; what spans several rows moves those of the rows below."""
    placed = []
    taken: dict[int, int] = {}
    for row in rows:
        cells, at = [], 0
        for cell in row:
            while at in taken:
                at += 1
            cells.append((at, cell))
            taken |= {at + i: cell["rows"] for i in range(cell["columns"])}
            at += cell["columns"]
        placed.append(cells)
        taken = {at: left - 1 for at, left in taken.items() if left > 1}
    return placed


def _fit(table: dict[str, Any], width: float) -> None:
    """Give a table its size of type, widths of columns and height, in points, and say whether it reads with ease."""
    columns = _Columns(table["head"], table["rows"])
    size = next((size for size in SIZES[:-1] if columns.easy(columns.space(size, width))), SIZES[-1])
    widths = columns.share(columns.space(size, width))
    last = columns.count - 1
    table |= {
        "size": size,
        "widths": [float(each) * size + GAP / 2 * ((i > 0) + (i < last)) for i, each in enumerate(widths)],
        "gap": GAP,
        "height": float(columns.lines(widths).sum() * 1.4 * size + 7 * len(table["rows"])),
        "easy": size > SIZES[-1],
    }


def _measure(cell: dict[str, Any], bold: bool) -> tuple[float, float]:
    """Width of a cell on one line and of its longest word, in units of the size of type."""
    text = _plain(cell["content"])
    words = (_HEADING_WORD if bold else _NUMBER if cell["numeric"] else _WORD).findall(text)
    factor = 1.08 if bold else 1.01
    return factor * fonts.width(text) + 0.05, factor * max(map(fonts.width, words), default=0.0) + 0.05


def _sections(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Blocks by main heading; where a long table is too wide for an upright page, and no picture, pages are turned."""
    found: list[dict[str, Any]] = [{"turned": False, "blocks": []}]
    for block, after in itertools.zip_longest(blocks, blocks[1:]):
        if block["kind"] == "heading" and block["level"] == 1:
            found.append({"turned": False, "blocks": []})
        # What leads to a picture or a table stays with it.
        found[-1]["blocks"].append({**block, "kept": after is not None and after["kind"] in ("picture", "table")})
    for section in found:
        tables = [block for block in section["blocks"] if block["kind"] == "table"]
        wide = any(not table["easy"] and table["height"] > LONG for table in tables)
        if wide and all(block["kind"] != "picture" for block in section["blocks"]):
            section["turned"] = True
            for table in tables:
                _fit(table, TURNED)
    return found


def _paragraph(content: Sequence[Node], look: str = "") -> list[dict[str, Any]]:
    """A paragraph, unless there is nothing in it."""
    trimmed = _trimmed(content)
    return [{"kind": "paragraph", "look": look, "content": trimmed}] if trimmed else []


def _trimmed(content: Sequence[Node]) -> list[Node]:
    """A line without blanks at its ends."""
    kept = [node for node in content if node != ""]
    while kept and kept[0] == " ":
        del kept[0]
    while kept and kept[-1] == " ":
        del kept[-1]
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip(" ")
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip(" ")
    return kept


def _plain(content: Sequence[Node]) -> str:
    return "".join(node if isinstance(node, str) else _plain(node["content"]) for node in content)


def _warned(node: Node) -> Node:
    """What stands out in the row of a flagged figure."""
    if isinstance(node, str):
        return node
    kind = "warning" if node["kind"] == "strong" else node["kind"]
    return {**node, "kind": kind, "content": [_warned(each) for each in node["content"]]}


def _together(node: Node) -> Iterator[Node]:
    """A number with its sign and its dash, which no line may break."""
    if not isinstance(node, str):
        yield node
        return
    for part in re.split(r"( +)", re.sub(r"(?<=[≥≤<>…]) | (?=…)", "\u00a0", node)):
        yield {"kind": "together", "content": [part]} if re.search(r"[–-]", part) else part


def _count(span: str) -> int:
    return min(max(int(span), 1), 100) if span.isdecimal() else 1


def _one(text: str) -> Iterator[Node]:
    yield _collapsed(text)


def _lines(text: str) -> Iterator[Node]:
    for number, line in enumerate(_LINE_ENDS.split(text)):
        if number:
            yield _BREAK
        yield line


def _collapsed(text: str) -> str:
    """White space as a browser shows it; a line end inside a Chinese sentence is no blank."""
    text = re.sub(r"(?<=[\u2e80-\uffff])[ \t]*[\r\n]\s*(?=[\u2e80-\uffff])", "", text)
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def _text(element: Element) -> str:
    return _collapsed("".join(element.itertext())).strip()


def _first(parent: Element, tag: str, look: str = "") -> str:
    found = (each for each in parent.iter(tag) if not look or look in each.get("class", "").split())
    return next(map(_text, found), "")


def _date(line: str) -> dict[str, int] | None:
    """Day that a page names, in the words of `clusterlib.labels.date`."""
    if found := re.search(r"(\d{4})年(\d{1,2})月(\d{1,2})日", line):
        year, month, day = (int(part) for part in found.groups())
    elif found := re.search(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})", line):
        day, month, year = int(found[1]), _MONTHS.index(found[2]) + 1, int(found[3])
    else:
        return None
    return {"year": year, "month": month, "day": day}


def _svg(image: Element) -> str:
    """The drawing that an image holds; nothing if it holds something else."""
    head, _, data = image.get("src", "").partition(",")
    return base64.b64decode(data).decode("utf-8") if head == "data:image/svg+xml;base64" else ""


def _shown_width(svg: str) -> float:
    """Points that a drawing is wide in a document, from the size that its first tag gives."""
    tag = svg[svg.find("<svg") :].partition(">")[0]
    sides = (re.search(rf'\s{side}="([\d.]+)(?:pt|px)?"', tag) for side in ("width", "height"))
    width, height = (float(side[1]) if side else UPRIGHT for side in sides)
    return width * min(SHRUNK, UPRIGHT / width, TALLEST / height)


def _pdf(report: _Report) -> bytes:
    data = report.data()
    shown = [data["title"], data["cluster"], data["line"], *_shown(data["sections"])]
    if lacking := fonts.lacking("".join(shown)):
        named = ", ".join(f"U+{ord(sign):04X}" + f" {sign}" * sign.isprintable() for sign in lacking)
        raise ClusterlibError(f"PDF of {report.title!r}: given {named}; allowed: signs that the fonts have")
    # Readers of a screen find headings, cells and alternative texts where the standard for them puts them.
    return _compiled(
        report.title, _template("report.typ"), "pdf", pdf_standards=["ua-1"],
        sys_inputs={"page": json.dumps(data, ensure_ascii=False)},
    )  # fmt: skip


def _shown(node: Any) -> Iterator[str]:
    """All text in a part of the data that is drawn with a font."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _shown(each)
    else:
        for key in ("beside", "blocks", "caption", "content", "head", "items", "note", "title"):
            yield from _shown(node.get(key, []))
        if node.get("kind") == "table":
            yield from _shown(node["rows"])


def _compiled(title: str, source: bytes, format: Literal["pdf", "png"], **options: Any) -> bytes:
    import typst

    try:
        made: bytes = typst.compile(source, font_paths=_fonts(), ignore_system_fonts=True, format=format, **options)
    except typst.TypstError as error:
        raise ClusterlibError(f"{format} of {title!r}: typst cannot set the page: {error}") from error
    return made


@cache
def _fonts() -> Any:
    import typst

    folders = sorted({str(path.parent) for path in fonts.files()})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def _template(name: str) -> bytes:
    return resources.files("clusterlib.report").joinpath("templates").joinpath(name).read_bytes()


def _docx(report: _Report) -> bytes:
    import pypandoc

    _for_word(report, report.main)
    about = {"title": report.title, "subtitle": report.cluster, "date": report.line, "lang": report.locale}
    done = subprocess.run(
        [
            pypandoc.get_pandoc_path(), "--from", "html+east_asian_line_breaks", "--to", "docx", "--sandbox",
            "--shift-heading-level-by=-1", "--output=-", *(f"--metadata={key}:{value}" for key, value in about.items()),
        ],
        input=tostring(report.main, encoding="utf-8", method="html"), capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        raise ClusterlibError(f"docx of {report.title!r}: pandoc cannot set the page: {said}")
    return _styled(done.stdout, report)


def _for_word(report: _Report, parent: Element) -> None:
    """Change a page into what pandoc reads rightly: pictures as pixels, looks as styles, names where it keeps them."""
    for child in list(parent):
        if child.tag in _UNSHOWN:
            parent.remove(child)
            continue
        _for_word(report, child)
        looks = child.get("class", "").split()
        style = next((_STYLES[look] for look in looks if look in _STYLES), "")
        if child.tag == "a" and not report.leads(child):
            child.tag, child.attrib = "span", {}
        elif child.tag == "figure":
            child.text, child[:] = None, [*child.iter("img"), *child.iter("figcaption")]
        elif child.tag == "img" and (svg := _svg(child)):
            width = _shown_width(svg)
            data = _compiled(report.title, _DRAWING, "png", ppi=SHARP, sys_inputs={"svg": svg})
            child.set("src", f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}")
            child.set("width", f"{width / 72:.3f}in")
        elif child.tag == "tr" and "id" in child.attrib and len(child):
            first = child[0]
            name = Element("span", {"id": child.attrib.pop("id")})
            name.tail, first.text = first.text, None
            first.insert(0, name)
        elif child.tag == "table" and (table := report.table(child, UPRIGHT)):
            shares = (100 * width / sum(table["widths"]) for width in table["widths"])
            group = Element("colgroup")
            group.extend(Element("col", {"style": f"width: {share:.1f}%"}) for share in shares)
            child.insert(1 if child[0].tag == "caption" else 0, group)
        elif child.tag in ("td", "th") and "num" in looks:
            child.set("style", "text-align: right")
        elif "t" in looks:
            _break_lines(child)
        elif style and child.tag == "p":  # what is around a paragraph gives its style
            inner = Element("p")
            inner.text, inner[:] = child.text, list(child)
            child.tag, child.text, child[:] = "div", None, [inner]
        if style:
            child.set("data-custom-style", style)


def _break_lines(element: Element) -> None:
    """Show the line ends of a text, those inside its marks as well."""
    children = list(element)
    first, *others = _LINE_ENDS.split(element.text or "")
    element.text, element[:] = first, [_line_break(line) for line in others]
    for child in children:
        _break_lines(child)
        first, *others = _LINE_ENDS.split(child.tail or "")
        child.tail = first
        element.extend([child, *map(_line_break, others)])


def _line_break(tail: str) -> Element:
    made = Element("br")
    made.tail = tail
    return made


def _styled(document: bytes, report: _Report) -> bytes:
    """A Word file on A4 in our styles, made on the day that the page names."""
    day = _date(report.line) or {"year": 1980, "month": 1, "day": 1}
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(".xml"):
                data = _restyled(name, data.decode("utf-8"), "{year}-{month:02}-{day:02}".format(**day)).encode("utf-8")
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _restyled(name: str, text: str, day: str) -> str:
    if name == "word/styles.xml":
        for style in re.findall(r"<w:style .*?</w:style>", _template("report.styles.xml").decode("utf-8")):
            key = re.search(r'w:styleId="\w+"', style)
            text = re.sub(rf"<w:style [^>]*{key[0] if key else ''}.*?</w:style>\s*", "", text, flags=re.S)
            text = text.replace("</w:styles>", f"{style}\n</w:styles>")
        return re.sub(r'(<w:szC?s? w:val=)"24"', r'\1"21"', text, count=2)
    if name == "word/document.xml":
        text = re.sub(r"<w:tbl>.*?</w:tbl>", lambda table: _whole_rows(table[0]), text, flags=re.S)
        twips = {side: round(20 * points) for side, points in (("x", MARGIN), ("w", 595.28), ("h", 841.89))}
        page = (
            f'<w:pgSz w:w="{twips["w"]}" w:h="{twips["h"]}"/><w:pgMar w:top="1280" w:bottom="1120" '
            f'w:left="{twips["x"]}" w:right="{twips["x"]}" w:header="560" w:footer="560" w:gutter="0"/>'
        )
        text = text.replace("</w:sectPr>", f"{page}</w:sectPr>")
        return re.sub(r'descr="data:[^"]*"', 'descr=""', text)
    if name == "docProps/core.xml":
        text = text.replace("<dc:creator></dc:creator>", "<dc:creator>clusterlib</dc:creator>")
        return re.sub(r">[\d-]+T[\d:]+Z<", f">{day}T00:00:00Z<", text)
    return text


def _whole_rows(table: str) -> str:
    """A table in its own size of type, no row broken across pages."""
    table = table.replace('<w:pStyle w:val="Compact" />', '<w:pStyle w:val="TableText" />')
    table = table.replace("<w:tr><w:tc>", "<w:tr><w:trPr><w:cantSplit /></w:trPr><w:tc>")
    return table.replace("<w:trPr><w:tblHeader", "<w:trPr><w:cantSplit /><w:tblHeader")
