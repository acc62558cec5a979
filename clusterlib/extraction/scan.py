"""One linear scan over the folded text: every number with its qualifiers and its unit, as tokens with places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clusterlib.extraction.plain import plain
from clusterlib.extraction.special import special
from clusterlib.extraction.tokens import Token
from clusterlib.extraction.vocabulary import FOLD, FOLD_NEEDED, STOPWORDS, ZEROS

#: Where a figure may begin: signs of numbers, and the first signs of words that are one.
_ANCHOR = re.compile(
    r"[0-9][0-9,.]*+|\.[0-9]++|[一二两三四五六七八九十百千万亿几数半翻指系" + "".join({word[0] for word in ZEROS}) + "]"
)
_RUN = re.compile(r"[0-9零〇一二两三四五六七八九十百千万亿几]+")
#: ７６，４２０: a comma as wide as the digits around it separates thousands; between plain digits it separates figures.
_WIDE_SEPARATOR = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")


def _stops() -> dict[tuple[int, int], set[str]]:
    """Stop-words by the place of a sign of numbers in them, and their length."""
    stops: dict[tuple[int, int], set[str]] = {}
    for word in STOPWORDS:
        for found in _ANCHOR.finditer(word):
            stops.setdefault((found.start(), len(word)), set()).add(word)
    return stops


_GOES_ON = frozenset("十百千万亿")
_STOPS = sorted(_stops().items(), key=lambda each: -each[0][1])
_STOP_SIGNS = {word[at] for (at, _), words in _STOPS for word in words}


def folded(text: str) -> str:
    """Copy of a text, as long, in plain digits and simplified signs.

    >>> folded("產值１．５億元")
    '产值1.5亿元'
    """
    text = _WIDE_SEPARATOR.sub(",", text)
    return FOLD_NEEDED.sub(lambda found: found[0].translate(FOLD), text)


def scan(text: str) -> Iterator[Token]:
    """Find the numbers of a folded text.

    Parameters
    ----------
    text : str
        From `folded`.

    Yields
    ------
    Token
        In the order of the text, none overlapping another.
    """
    read = seen = 0  # end of the last figure, and of what cannot begin another one
    for anchor in _ANCHOR.finditer(text):
        at = anchor.start()
        if at < seen:
            continue
        if text[at] in _STOP_SIGNS and (stopped := _stopped(text, at)):
            seen = stopped
            continue
        tokens = special(text, at, read) or plain(text, at, read)
        if tokens:
            yield from tokens
            read = seen = tokens[-1].end
        elif found := _RUN.match(text, at):
            seen = found.end()


def _stopped(text: str, at: int) -> int:
    """End of the stop-word that covers the place, 0 where none does."""
    for (offset, length), words in _STOPS:
        end = at - offset + length
        if at >= offset and text[at - offset : end] in words:
            if end == at + 1 and text[end : end + 1] in _GOES_ON:
                continue  # 订单一百多个 is no 单一
            if text[end - 1 : end + 1] == "分之":
                continue  # 十分之一 is no 十分
            return end
    return 0
