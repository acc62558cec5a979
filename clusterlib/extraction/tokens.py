"""A number as it stands in a text, and the interval that its words allow once it is known what they are said of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clusterlib.extraction.vocabulary import Unit
from clusterlib.numerals import Numeral
from clusterlib.rules import HALF_AND_MORE, Reading, between, fraction, interval

NAN = math.nan


@dataclass(slots=True)
class Token:
    """A number in the text with what stands directly around it; its interval waits for what it is said of.

    Attributes
    ----------
    start, end : int
        Characters of the figure with its qualifiers and unit.
    form : {"number", "range", "fraction", "half", "doubling", "zero"}
        How it is printed.
    number : Numeral
        The numeral; the lower one of a range.
    unit : Unit
        What it is measured in; nature "count" where things are counted.
    second : Numeral or None
        The upper end of a range.
    word : str
        Unit or classifier as printed, "" where there is none.
    noun : str
        The noun that stands directly behind the number, "" otherwise.
    more : str
        As in `clusterlib.rules.interval`.
    rules : tuple
        Rules of the qualifiers before and behind.
    large : bool
        Whether 万 or 亿 stands in the number.
    per : str
        What the unit is divided by, as printed.
    spaced : bool
        Whether blanks stand inside the number.
    chinese : bool
        Whether the number is written in Chinese signs.
    bare : bool
        Whether the number is a multiplier alone (过亿).
    negative : bool
        Whether a minus sign stands before it.
    """

    start: int
    end: int
    form: str
    number: Numeral
    unit: Unit
    second: Numeral | None = None
    word: str = ""
    noun: str = ""
    more: str = ""
    rules: tuple[str | None, str | None] = (None, None)
    large: bool = False
    per: str = ""
    spaced: bool = False
    chinese: bool = False
    bare: bool = False
    negative: bool = False


def reading(token: Token, *, counted: bool, floor: float, top: float = math.inf, exact: bool = False) -> Reading | None:
    """The interval that the words of a token allow; None where 多 leaves a count no room.

    Parameters
    ----------
    token : Token
        A number with what stands around it.
    counted, exact : bool
        As in `clusterlib.rules.interval`.
    floor, top : float
        What the quantity cannot leave.
    """
    number = token.number
    if token.form == "fraction" and token.second:
        return fraction(number.whole, token.second.whole, rules=token.rules, open_end=token.more)
    if token.form == "half":
        if token.more or token.rules[0] == "above" or token.rules[1] in ("at_least", "above"):
            return HALF_AND_MORE
        return fraction(1, 2, rules=token.rules)
    if token.form == "doubling":
        if token.more:  # 翻一番多: not twice as much again
            return Reading(number.value, number.value, 2 * number.value, "more_than")
        return Reading(number.value, number.value, number.value, "exact")
    if token.second:
        if "about" in token.rules:
            return Reading(number.value, NAN, NAN, "about")
        return between(number.value, token.second.value)
    return interval(
        number, counted=counted, rules=token.rules, more=token.more, large=token.large, exact=exact, floor=floor,
        top=top,
    )  # fmt: skip
