"""A number with its meaning, and the words around it that give it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from clusterlib.extraction.places import BREAK, BREAK_BACKWARDS, REACH, Places
from clusterlib.extraction.tokens import Token, reading
from clusterlib.rules import ZERO, Reading, declined

NAN = math.nan


@dataclass(slots=True)
class Figure:
    """A token with its meaning: what becomes a row.

    Attributes
    ----------
    token : Token
        The number as it stands there.
    sentence : (int, int)
        Characters of the sentence.
    before, clause, behind : str
        What stands before it in the sentence, before it in the clause, and behind it in the clause.
    reading : Reading
        The interval that the words allow.
    sign : {1, -1}
        -1 for a decline.
    threshold, threshold_unit
        For those at or above a size: the size, and what it measures.
    flags, notes : list of str
        What is wrong with it, and why.
    kind, status, unit, noun, group, denominator : str
        Cells of its row.
    """

    token: Token
    sentence: tuple[int, int]
    before: str
    clause: str
    behind: str
    kind: str = ""
    status: str = "observed"
    unit: str = ""
    noun: str = ""
    group: str = "all"
    denominator: str = ""
    sign: int = 1
    reading: Reading = ZERO
    threshold: float = NAN
    threshold_unit: str = ""
    flags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def flag(self, name: str, why: str) -> None:
        """Say what is wrong with it, and why."""
        self.flags.append(name)
        self.notes.append(why)

    def read(self, *, counted: bool, floor: float, top: float = math.inf, exact: bool = False) -> bool:
        """Set the interval; False where its words leave none."""
        found = reading(self.token, counted=counted, floor=floor, top=top, exact=exact)
        if found is None:
            return False
        self.reading = found if self.sign > 0 else declined(found)
        return True


def around(text: str, token: Token, places: Places) -> Figure:
    """A figure with the words around it, at most `REACH` of them on each side.

    Parameters
    ----------
    text : str
        Folded text.
    token : Token
        A number in it.
    places : Places
        Of the same text.
    """
    start, end = places.sentence(token.start)
    before = text[max(start, token.start - REACH) : token.start]
    behind = text[token.end : min(end, token.end + REACH // 2)]
    cut = BREAK.search(behind)
    last = BREAK_BACKWARDS.search(before[::-1])
    clause = before[len(before) - last.start() :] if last else before
    return Figure(token, (start, end), before, clause, behind[: cut.start()] if cut else behind)
