"""The text of a document as HTML, its figures marked, each paragraph beside the readings of its own figures."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape

from clusterlib.display import Source

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_ENDS = re.compile("\r\n|\r")
_END = re.compile(r"(?:\r\n|\r|\n)\Z")
#: Signs that no reader sees and that need no place, and those that would turn or break what stands around them.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\x0c]")
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200c-\u200f\u202a-\u202e\u2061-\u206f\ud800-\udfff\ufffe\uffff]"
)
#: Looks of its own, so that it shows in a notebook as on a page. What is flagged differs in colour, line and sign.
STYLE = """
.marked{color:#1b1f24;background:#fff;max-width:62rem;line-height:1.7;margin:1rem 0}
.marked .g{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));
gap:.2rem 1.6rem;align-items:start}
.marked .t{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 .5rem}.marked .t:empty{height:.6rem}
.marked .d{font-weight:650;border-top:1px solid #d9dee4;margin:1rem 0 .3rem;padding-top:.4rem}
.marked .k{color:#5b6470;font-size:.85rem;margin:0 0 .8rem}
.marked mark{position:relative;background:#dcedf8;color:inherit;border-bottom:2px solid #0173b2;padding:.05em .1em;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.marked mark.w{background:#fde3c8;border-bottom:2px dashed #9c2a00}
.marked mark a{color:inherit;text-decoration:none}
.marked sup{font-size:.65em;line-height:0;color:#0a5c8c;user-select:none;-webkit-user-select:none;padding-left:.15em}
.marked .w sup,.marked .w b{color:#9c2a00}
.marked mark:target,.marked tr:target{outline:3px solid #e3b505}
.marked mark a::after{content:attr(data-tip);display:none;position:absolute;left:0;top:calc(100% + .25rem);z-index:9;
width:max-content;max-width:21rem;white-space:pre-line;background:#1b1f24;color:#fff;font:400 .82rem/1.5 inherit;
font-size:.82rem;line-height:1.5;text-align:left;padding:.5rem .7rem;border-radius:.3rem;box-shadow:0 2px 8px #0004}
.marked mark a:hover::after,.marked mark a:focus::after{display:block}
.marked table{border-collapse:collapse;width:100%;min-width:0;margin:.2rem 0 .9rem;font-size:.82rem;line-height:1.4}
.marked td,.marked td:first-child{min-width:0;text-align:left;vertical-align:top;
border:0;border-bottom:1px solid #d9dee4;padding:.2rem .5rem .2rem 0;white-space:normal;overflow-wrap:anywhere}
.marked td:first-child{width:2.2rem;white-space:nowrap}.marked td:nth-child(2){width:30%}
.marked tr{background:none}.marked tr.w td:first-child{border-left:3px double #9c2a00;padding-left:.3rem}
.marked small{color:#5b6470;font-size:.92em}.marked .w small b{font-weight:600}
@media(max-width:52rem){
.marked mark a::after{position:fixed;left:.5rem;right:.5rem;bottom:.5rem;top:auto;width:auto;max-width:none}}
@media print{.marked .g{display:block}.marked mark a::after{display:none!important}.marked tr{break-inside:avoid}}
""".strip().replace("\n", "")


@dataclass(frozen=True)
class Mark(Source):
    """A figure in its text, as a note: links lead to the mark, and the mark leads to the row beside it.

    Attributes
    ----------
    prefix : str
        What the anchors of one text begin with.
    start, end : int
        Characters of the figure in the text.
    printed, reading, detail, flag : str
        What the row beside the text says: the words, the interval, what sort of figure it is, what is wrong with it.
    """

    prefix: str = "figure"
    start: int = 0
    end: int = 0
    printed: str = ""
    reading: str = ""
    detail: str = ""
    flag: str = ""

    @property
    def anchor(self) -> str:
        """Where links to it lead."""
        return f"{self.prefix}-{self.number}"

    @property
    def row(self) -> str:
        """Where the mark itself leads."""
        return f"{self.prefix}-row-{self.number}"


class Block(NamedTuple):
    """Lines that are shown together: characters of the text, and the figures in them."""

    start: int
    end: int
    marks: Sequence[Mark]


def marked_text(text: str, marks: Sequence[Mark], headings: dict[int, str], legend: Sequence[str]) -> str:
    """The text with its figures marked, and beside each paragraph the table of its figures, linked both ways.

    Parameters
    ----------
    text : str
        As it is; line ends are kept.
    marks : sequence of Mark
        Its figures, in the order of the text.
    headings : dict of int to str
        Where a document begins and what it is called, if it is to be said.
    legend : sequence of str
        What to write above: one text, or the words for a mark, for a flagged one, and how to use them.
    """
    parts = [Markup("<style>{}</style>").format(Markup(STYLE)), _legend(legend)]
    for block in blocks(text, marks, headings):
        if block.start in headings:
            parts.append(Markup('<p class="d">{}</p>').format(clean(headings[block.start])))
        parts.append(_block(text, block))
    return str(Markup('<div class="marked">\n{}\n</div>').format(Markup("\n").join(parts)))


def blocks(text: str, marks: Sequence[Mark], starts: Container[int] = ()) -> list[Block]:
    """Cut a text into its lines; lines without a figure stay together, and no figure is cut.

    >>> marks = [Mark(1, "", "", start=4, end=6)]
    >>> [(block.start, block.end) for block in blocks("a\\nb\\n5家\\nc", marks)]
    [(0, 4), (4, 7), (7, 8)]
    """
    result: list[Block] = []
    at = index = 0
    while at < len(text):
        start, first = at, index
        at = _line_end(text, at)
        while index < len(marks) and marks[index].start < at:
            while marks[index].end > at:  # a figure may be broken across lines
                at = _line_end(text, at)
            index += 1
        if index == first and result and not result[-1].marks and start not in starts:
            result[-1] = Block(result[-1].start, at, ())
        else:
            result.append(Block(start, at, marks[first:index]))
    return result


def clean(text: str) -> str:
    """Text without signs that hide or turn what stands around them: such a sign is named instead.

    >>> clean("a\\u202eb\\u200bc")
    'a[U+202E]bc'
    """
    return _UNSAFE.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", _UNSEEN.sub("", text))


def _legend(words: Sequence[str]) -> Markup:
    if len(words) == 1:
        return Markup('<p class="k">{}</p>').format(words[0])
    return Markup('<p class="k"><mark>{}</mark> <mark class="w">{}<sup>!</sup></mark> {}</p>').format(*words)


def _block(text: str, block: Block) -> Markup:
    pieces, at = [], block.start
    for mark in block.marks:
        pieces += [_plain(text[at : mark.start]), _mark(mark, text[mark.start : mark.end])]
        at = mark.end
    pieces.append(_plain(_END.sub("", text[at : block.end])))
    shown = Markup('<div class="t">{}</div>').format(Markup("").join(pieces))
    if not block.marks:
        return Markup('<div class="g">{}</div>').format(shown)
    rows = Markup("").join(map(_row, block.marks))
    return Markup('<div class="g">{}<table><tbody>{}</tbody></table></div>').format(shown, rows)


def _mark(mark: Mark, printed: str) -> Markup:
    return Markup('<mark id="{}"{}><a href="#{}" data-tip="{}">{}<sup>\u2060{}{}</sup></a></mark>').format(
        mark.anchor, _look(mark), mark.row, mark.hover, _plain(printed), mark.number, "!" if mark.flag else ""
    )


def _row(mark: Mark) -> Markup:
    flag = Markup(" <b>! {}</b>").format(mark.flag) if mark.flag else ""
    return Markup(
        '<tr id="{}"{}><td><a href="#{}">{}{}</a></td><td>{}</td><td>{} <small>· {}{}</small></td></tr>'
    ).format(
        mark.row, _look(mark), mark.anchor, mark.number, "!" if mark.flag else "",
        mark.printed, mark.reading, mark.detail, flag,
    )  # fmt: skip


def _look(mark: Mark) -> Markup:
    return Markup(' class="w"') if mark.flag else Markup("")


def _plain(text: str) -> Markup:
    return escape(clean(_ENDS.sub("\n", text)))


def _line_end(text: str, at: int) -> int:
    match = _LINE.match(text, at)
    return match.end() if match else len(text)
