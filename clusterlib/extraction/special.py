"""Figures that are no plain number with a unit: fractions, 成, halves, 翻番, three sectors, indices, zeros."""

from __future__ import annotations

import re
from collections.abc import Callable

from clusterlib.errors import InputError
from clusterlib.extraction.qualifiers import CHINESE, DIGITAL, POINT, before, behind
from clusterlib.extraction.tokens import Token
from clusterlib.extraction.vocabulary import AFTER, COUNTED, INDEX, PERCENT, PERMILLE, TIMES, ZEROS, either
from clusterlib.numerals import DIGITS, Numeral, adjoining, numeral

_AFTER = either(AFTER)
_ZERO = re.compile(either(ZEROS))
_DOUBLING = re.compile(r"翻了?(?P<times>[一两二三四1-4])?(?:番|倍)(?P<more>多)?")
_INDEX = re.compile(
    r"(?:指数|系数)(?:[（(][A-Z]{2,5}[)）])?(?:约|达到|达|为|是|报|录得)?"
    r"(?P<num>[0-9]{1,6}(?:\.[0-9]{1,4})?)(?![0-9.%]|[ ]?[-—–~]?[0-9])(?P<after>左右)?"
)
_HALF = re.compile(rf"(?:一半|半数)(?P<more>多)?(?P<after>{_AFTER})?")
_FRACTION = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}|{CHINESE}{{1,5}})分之(?P<part>{DIGITAL}|{CHINESE}{{1,7}}{POINT})(?P<more>[多余])?"
    rf"(?P<after>{_AFTER}|[强弱](?![势化烈调制]))?"
)
_SLASHED = re.compile(
    rf"(?P<part>[0-9]{{1,3}})/(?P<whole>[0-9]{{1,3}})(?![0-9/.,年月日号])(?P<more>多)?(?P<after>{_AFTER}|[强弱])?"
)
_TENTHS = re.compile(
    r"(?:(?P<low>[一二两三四五六七八九0-9])成?(?:到|至|[-—–~]))?"
    r"(?P<num>[一二两三四五六七八九]{1,2}|[0-9](?:\.[0-9])?)成(?P<more>多)?"
    rf"(?![立为本了员功果就交长熟品都绩份套色见型语衣全人半])(?P<after>{_AFTER})?"
)
_PART = r"([0-9]{1,3}(?:\.[0-9]{1,3})?)"
_SECTORS = re.compile(rf"{_PART} ?[:∶比] ?{_PART} ?[:∶比] ?{_PART}(?![0-9:∶])")
_HUNDREDS = {100: PERCENT, 1000: PERMILLE}

Tokens = list[Token] | None


def special(text: str, at: int, done: int) -> Tokens:
    """The figures that begin at a place, or None.

    Parameters
    ----------
    text : str
        Folded text.
    at : int
        Where they begin, without a qualifier.
    done : int
        What stands before this place belongs to another figure.
    """
    sign = text[at]
    if sign in _BY_SIGN:
        return _BY_SIGN[sign](text, at, done)
    if sign == "一" and (tokens := _half(text, at, done)):
        return tokens
    if found := _FRACTION.match(text, at):
        return _fraction(text, found, done)
    if found := _TENTHS.match(text, at):
        return _tenths(text, found, done)
    if sign.isdigit():
        return _digits(text, at, done)
    return None


def _zero(text: str, at: int, done: int) -> Tokens:
    found = _ZERO.match(text, at)
    return [Token(at, found.end(), "zero", Numeral(0), COUNTED, word=found[0])] if found else None


def _doubling(text: str, at: int, done: int) -> Tokens:
    if not (found := _DOUBLING.match(text, at)):
        return None
    times = 2 ** (numeral(found["times"]).whole if found["times"] else 1)
    more = "outer" if found["more"] else ""
    return [Token(at, found.end(), "doubling", Numeral(times), TIMES, word=found[0], more=more)]


def _index(text: str, at: int, done: int) -> Tokens:
    if not (found := _INDEX.match(text, at)):
        return None
    rules = (None, "about" if found["after"] else None)
    return [Token(found.start("num"), found.end(), "number", numeral(found["num"]), INDEX, rules=rules)]


def _half(text: str, at: int, done: int) -> Tokens:
    if found := _HALF.match(text, at):
        rule, start = before(text, at, done)
        rules = (rule, behind(found["after"]))
        more = "above" if found["more"] else ""
        return [Token(start, found.end(), "half", Numeral(1), PERCENT, word="半", more=more, rules=rules)]
    # 过半, 近半 at the end of a phrase; 半 alone is in too many words.
    if text[at] == "半" and at > done and text[at - 1] in "过近" and text[at + 1 : at + 2] in _PHRASE_ENDS:
        rule = "above" if text[at - 1] == "过" else "below"
        return [Token(at - 1, at + 1, "half", Numeral(1), PERCENT, word="半", rules=(rule, None))]
    return None


_PHRASE_ENDS = frozenset(("", *"的数，。；、：！？）)!?;:, \r\n"))
_BY_SIGN: dict[str, Callable[[str, int, int], Tokens]] = {
    **dict.fromkeys((word[0] for word in ZEROS), _zero),
    "翻": _doubling,
    "指": _index,
    "系": _index,
    "半": _half,
}


def _digits(text: str, at: int, done: int) -> Tokens:
    if at and text[at - 1] in "0123456789./-":
        return None
    if found := _SLASHED.match(text, at):
        return _fraction(text, found, done)
    if found := _SECTORS.match(text, at):
        return _sectors(found)
    return None


def _fraction(text: str, found: re.Match[str], done: int) -> Tokens:
    rule, start = before(text, found.start(), done)
    after = found["after"] or ""
    rules = (rule, behind(after))
    try:
        whole, part = numeral(found["whole"]), numeral(found["part"])
    except InputError:
        return None
    if whole.whole in _HUNDREDS and "/" not in found[0]:
        more = "inner" if found["more"] else ""
        unit = _HUNDREDS[whole.whole]
        return [Token(start, found.end(), "number", part, unit, word="%", more=more, rules=rules, chinese=True)]
    if part.decimals or not 0 < part.whole < whole.whole:
        return None
    open_end = "below" if after == "弱" else "above" if after == "强" or found["more"] else ""
    if open_end and rule:
        return None
    return [Token(start, found.end(), "fraction", part, PERCENT, second=whole, word="/", more=open_end, rules=rules)]


def _tenths(text: str, found: re.Match[str], done: int) -> Tokens:
    rule, start = before(text, found.start(), done)
    rules = (rule, behind(found["after"]))
    digits = found["num"]
    if found["low"] or (len(digits) == 2 and digits[0] in DIGITS):
        ends = (numeral(found["low"]).whole, numeral(digits).whole) if found["low"] else adjoining(digits)
        if not ends or ends[0] >= ends[1]:
            return None
        low, high = (Numeral(end, 0, 10) for end in ends)
        return [Token(start, found.end(), "range", low, PERCENT, second=high, word="成", rules=rules, chinese=True)]
    more = "inner" if found["more"] else ""
    number = numeral(digits, "十")
    return [Token(start, found.end(), "number", number, PERCENT, word="成", more=more, rules=rules, chinese=True)]


def _sectors(found: re.Match[str]) -> Tokens:
    """Shares of three sectors that add up to a hundred."""
    parts = [numeral(found[n]) for n in (1, 2, 3)]
    if not 99 <= sum(part.value for part in parts) <= 101:
        return None
    return [Token(*found.span(n), "number", part, PERCENT, word="%") for n, part in enumerate(parts, 1)]
