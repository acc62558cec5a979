"""What only the whole page can say: which words are in the other language, and the ways back from a source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clusterlib import labels

_CHINESE = r"[\u2e80-\u9fff\uf900-\ufaff\uff01-\uffef]"
#: Runs of Chinese signs; what stands between two of them, such as digits or quotation marks, belongs to them.
_RUN = re.compile(rf"{_CHINESE}(?:[\w%.·—–/“”‘’ ]{{0,12}}{_CHINESE})*")
_PIECE = re.compile(r"<[^>]*>|[^<]+")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>[^>]*)>")
#: Elements whose text no reader hears, and those that never close.
_SILENT = ("script", "style", "title")
_VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr")
_CITED = re.compile(r'<a class="src" href="#(?P<source>source-\w+)"|<h2 id="section-(?P<section>\d+)">')
_ROW = re.compile(r'(?P<cell><(?P<tag>t[hd])\b[^>]*><span id="(?P<source>source-\w+)">.*?</span>)</(?P=tag)>')


def finished(page: str, lang: str) -> str:
    """Give a whole page its ways back from sources and the language of its Chinese words.

    Parameters
    ----------
    page : str
        The page, its h2 headings numbered as ``section-1``, ``section-2``.
    lang : {"en", "zh"}
        Its language.
    """
    page = with_ways_back(page, lang)
    return page if lang == "zh" else with_chinese_named(page)


def with_ways_back(page: str, lang: str) -> str:
    """Link the row of each source back to where the page uses it, once for each section.

    >>> row = '<th scope="row"><span id="source-7">7</span></th>'
    >>> shown = with_ways_back('<a class="src" href="#source-7">7</a>' + row, "en")
    >>> '<a class="src" id="use-7-0" href="#source-7">7</a>' in shown, 'href="#use-7-0"' in shown
    (True, True)
    """
    used: dict[str, list[int]] = {}
    section = 0

    def cited(match: re.Match[str]) -> str:
        nonlocal section
        if match["section"]:
            section = int(match["section"])
            return match[0]
        uses = used.setdefault(match["source"], [])
        if section in uses:
            return match[0]
        uses.append(section)
        anchor = _anchor(match["source"], section)
        return match[0].replace('class="src"', f'class="src" id="{anchor}"')

    page = _CITED.sub(cited, page)

    def row(match: re.Match[str]) -> str:
        return f"{match['cell']}{_back(match['source'], used.get(match['source'], []), lang)}</{match['tag']}>"

    return _ROW.sub(row, page)


def with_chinese_named(page: str) -> str:
    """Say of Chinese words on a page in another language that they are Chinese, so that they are read and drawn so.

    >>> with_chinese_named('<p title="多">more (多)</p><p lang="zh-Hans">多</p>')
    '<p title="多">more (<span lang="zh-Hans">多</span>)</p><p lang="zh-Hans">多</p>'
    """
    parts = []
    depth, told = 0, 0  # how deep in elements, and from where on one of them names its language or is not read
    for piece in _PIECE.findall(page):
        tag = _TAG.fullmatch(piece)
        if tag and tag["name"] not in _VOID and not tag["rest"].endswith("/"):
            if tag["end"]:
                told = 0 if depth == told else told
                depth -= 1
            else:
                depth += 1
                names_itself = tag["name"] in _SILENT or re.search(r'\blang="zh', tag["rest"])
                told = depth if names_itself and not told else told
        elif not tag and not told and not piece.startswith("<"):
            piece = _RUN.sub(r'<span lang="zh-Hans">\g<0></span>', piece)
        parts.append(piece)
    return "".join(parts)


def _anchor(source: str, section: int) -> str:
    return f"use-{source.removeprefix('source-')}-{section}"


def _back(source: str, sections: Sequence[int], lang: str) -> str:
    """Links back; they are no landmark, and a printed page has no use for them."""
    if not sections:
        return ""
    links = " ".join(
        f'<a href="#{_anchor(source, section)}" aria-label="{_words(section, lang)}" title="{_words(section, lang)}">'
        f"↑{section or ''}</a>"
        for section in sections
    )
    return f' <nav class="back" role="none">{links}</nav>'


def _words(section: int, lang: str) -> str:
    return labels.text("report.back", lang, section=str(section)) if section else labels.text("report.back.top", lang)
