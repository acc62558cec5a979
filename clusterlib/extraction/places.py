"""Where things stand in a text: sentences, clauses, paragraphs, brackets. Each text is walked through once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

#: How far a figure looks around itself for what it is said of; keeps the work linear on a text without full stops.
REACH = 90

_SENTENCE = re.compile(r"[。！？!?]+[”’」』）)]*|[\r\n]+")
_LINE = re.compile(r"[\r\n]+")
_BRACKET = re.compile(r"[（(）)\r\n]")
#: Quotation marks that a period was stripped out of: 到“”末.
_STRIPPED = re.compile(r"“\s*”|\"\s*\"|〔\s*〕|\[\s*\]|《[^》“\r\n]{0,6}“(?![^”\r\n]*”)")
#: A year at the end, with no word behind it: 2025 in 2025过亿元.
STRAY_YEAR = re.compile(r"(?<![0-9])(?:19[5-9]|20[0-4])[0-9]$")
#: Ends of clauses.
BREAK = re.compile(r"[，；：;:。！？\r\n]|,(?![0-9]{3})")
#: The same in a text that is read backwards.
BREAK_BACKWARDS = re.compile(r"[，；：;:。！？\r\n]|(?<![0-9]{3}),")


@dataclass(frozen=True, slots=True)
class Places:
    """Ends of sentences and paragraphs, brackets without a partner, and empty quotation marks, of one text."""

    length: int
    ends: list[int]
    lines: list[int]
    stray: list[int]
    stripped: list[int]

    @classmethod
    def of(cls, text: str) -> Places:
        """Walk through a folded text.

        >>> Places.of("甲。乙\\n丙）").ends
        [2, 4, 6]
        """
        ends = [found.end() for found in _SENTENCE.finditer(text)]
        if not ends or ends[-1] < len(text):
            ends.append(len(text))
        return cls(
            len(text),
            ends,
            [found.end() for found in _LINE.finditer(text)],
            _stray_brackets(text),
            [found.start() for found in _STRIPPED.finditer(text)],
        )

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end of the sentence around a place."""
        index = bisect_right(self.ends, at)
        start = self.ends[index - 1] if index else 0
        return start, self.ends[index] if index < len(self.ends) else self.length

    def paragraph(self, at: int) -> int:
        """Number of the paragraph around a place."""
        return bisect_right(self.lines, at)

    def has_stray_bracket(self, start: int, end: int) -> bool:
        """Whether a bracket without a partner stands between two places."""
        return _any_between(self.stray, start, end)

    def has_stripped(self, start: int, end: int) -> bool:
        """Whether empty quotation marks stand between two places."""
        return _any_between(self.stripped, start, end)


def _any_between(places: list[int], start: int, end: int) -> bool:
    index = bisect_left(places, start)
    return index < len(places) and places[index] < end


def _stray_brackets(text: str) -> list[int]:
    """Places of brackets without a partner in their paragraph; a list number such as 1） has none by custom."""
    stray: list[int] = []
    opened: list[int] = []
    for found in _BRACKET.finditer(text):
        sign, at = found[0], found.start()
        if sign in "（(":
            opened.append(at)
        elif sign in "）)":
            if opened:
                opened.pop()
            elif not text[max(0, at - 3) : at].strip(" 　\r\n").isalnum() or (at >= 4 and text[at - 4 : at].isalnum()):
                stray.append(at)
        else:
            stray += opened
            opened.clear()
    return sorted(stray + opened)
