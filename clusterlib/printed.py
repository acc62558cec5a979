"""Printed words to an interval: the named rules, as data/README.md lists them.

`read` takes one printed figure (``2００多家``, ``60亿元以上``, ``25.37%``) and returns the numeral, the closed
interval that the words allow, and the name of the rule. It does not look for figures in a text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from clusterlib.errors import InputError

#: Rule name -> what the words look like. The order is the one of the dictionary in data/README.md.
RULES = {
    "exact": "a count, or a sum laid down",
    "rounded": "a measured figure: half a unit of the last printed digit to either side",
    "more_than": "多, 余",
    "at_least": "以上, 上(万)",
    "above": "超, 超过, 突破, 过, 逾",
    "at_most": "以下, 以内",
    "below": "不到, 不足, 近, 将近, 接近",
    "about": "约, 左右, 上下: no hard interval",
    "zero": "还没有, 没有, 空白",
    "half_and_more": "一半多, 过半",
    "fraction": "1/4, 三分之一",
}

#: No printed figure is longer; a longer text is not one figure.
LONGEST = 64

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_PREFIX = {
    "超过": "above", "超": "above", "突破": "above", "逾": "above", "过": "above",
    "不到": "below", "不足": "below", "将近": "below", "接近": "below", "近": "below",
    "大约": "about", "约": "about",
    "上": "at_least",
}  # fmt: skip
_SUFFIX = {
    "以上": "at_least", "以下": "at_most", "以内": "at_most", "左右": "about", "上下": "about",
}  # fmt: skip
_TONE = r"(?:仅有?|只有|达到?|高达|共有|已有)?"  # changes the tone, not the interval
_FIGURE = re.compile(
    rf"{_TONE}(?P<prefix>{'|'.join(_PREFIX)})?"
    r"(?P<numeral>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|[零〇一二两三四五六七八九十百千]+|(?=[万亿]))"
    r"(?P<inner>[多余]|(?<=[十0])几)?"
    r"(?P<multiplier>(?:[百千]?(?:万亿|万|亿)|[百千])?)"
    r"(?P<outer>[多余])?"
    rf"(?P<rest>个百分点|[\w%‰/·㎡℃]*?)(?P<suffix>{'|'.join(_SUFFIX)})?"
)
#: Words that would change the number, where the pattern would take them for a unit: the figure is then refused.
_LEFTOVER = re.compile(r"^[多余几数成半/]|[个年月倍成]半|[半多余/]$|分之|不到|不足|超过|以[上下内]")
_FRACTION = re.compile(
    rf"{_TONE}(?P<prefix>{'|'.join(_PREFIX)})?"
    r"(?:(?P<n>[0-9]+)/(?P<d>[0-9]+)|(?P<zd>[一二三四五六七八九十百]+)分之(?P<zn>[零一二三四五六七八九十百]+))"
    rf"(?P<suffix>{'|'.join(_SUFFIX)}|[强弱多])?"
)
_ZERO = re.compile(r"(?:还|尚|均|都)?没有|空白|尚无|未有")
_HALF_AND_MORE = re.compile(r"(?:一半|半数)(?:多|以上)|过半数?|超过(?:一半|半数)")


@dataclass(frozen=True)
class Reading:
    """What one printed figure says.

    Attributes
    ----------
    value : float
        The numeral times its multiplier, in base units.
    low, high : float
        The closed interval that the words allow; infinite where they set no end, nan where they set no
        hard interval at all (rule ``about``).
    rule : str
        A key of `RULES`.
    """

    value: float
    low: float
    high: float
    rule: str


def fold(text: str) -> str:
    """Turn full-width digits, letters and signs into plain ones; the length stays the same.

    >>> fold("２００多家，2５%")
    '200多家,25%'
    """
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in text)


def chinese_integer(numeral: str) -> int:
    """Value of a Chinese numeral below 万.

    Raises
    ------
    InputError
        If it is none, or can be read in two ways (一百二, 三四).

    Examples
    --------
    >>> chinese_integer("二百五十"), chinese_integer("十八"), chinese_integer("两千零三")
    (250, 18, 2003)
    """
    total, digit = 0, None
    for sign in numeral:
        if sign in _DIGITS:
            digit = _DIGITS[sign] if digit is None else digit * 10 + _DIGITS[sign]
        elif sign in _SMALL:
            total += (1 if digit is None else digit) * _SMALL[sign]
            digit = None
    total += digit or 0
    if not _spells(numeral.replace("两", "二").replace("〇", "零"), total):
        raise InputError(f"numeral: given {numeral!r}; allowed: a Chinese numeral below 万, such as 二百五十")
    return total


def _spells(numeral: str, number: int) -> bool:
    """Whether the numeral is the usual way to write the number: 一百二 is 120 to some, 三四 is three to four to all."""
    if all(sign in _DIGITS for sign in numeral):  # 二〇二五
        return len(numeral) == 1 or (not numeral.startswith("零") and ("零" in numeral or len(numeral) > 2))
    spelled = ""
    for place, unit in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            spelled += "零一二三四五六七八九"[digit] + unit
        elif spelled and not spelled.endswith("零"):
            spelled += "零"
    spelled = spelled.rstrip("零")
    return numeral in (spelled, spelled.removeprefix("一"))


def read(printed: str, *, counted: bool, share: bool = False, exact: bool = False) -> Reading:
    """Read one printed figure as an interval.

    Parameters
    ----------
    printed : str
        The figure with its qualifier and unit, as it stands in the document.
    counted : bool
        Whether whole things are counted (firms, shops). Measured quantities are rounded, counts are not.
    share : bool, default False
        Whether it is a share: ``以上`` then stops at 100.
    exact : bool, default False
        Whether a measured figure is laid down rather than measured (a fund of 50万元 a year).

    Returns
    -------
    Reading
        In base units: 万 and 亿 multiplied out, percent as printed.

    Raises
    ------
    InputError
        If there is no number in the words, more than one, or one that its unit or qualifier contradicts.

    Examples
    --------
    >>> read("2００多家", counted=True)
    Reading(value=200.0, low=201.0, high=299.0, rule='more_than')
    >>> read("20多亿元", counted=False)
    Reading(value=2000000000.0, low=2000000000.0, high=3000000000.0, rule='more_than')
    >>> read("25.37%", counted=False, share=True).low
    25.365
    >>> read("60亿元以上", counted=False)
    Reading(value=6000000000.0, low=6000000000.0, high=inf, rule='at_least')
    >>> read("还没有", counted=True)
    Reading(value=0.0, low=0.0, high=0.0, rule='zero')
    """
    if len(printed) > LONGEST:
        raise InputError(f"printed: given {len(printed)} characters; allowed: at most {LONGEST}, one figure alone")
    words = re.sub(r"(?<![0-9])\s+|\s+(?![0-9])", "", fold(printed))
    top = 100.0 if share else math.inf
    floor = 0.0 if share or counted else -math.inf
    if _ZERO.fullmatch(words):
        return Reading(0.0, 0.0, 0.0, "zero")
    if _HALF_AND_MORE.fullmatch(words):
        return Reading(50.0, 50.0, 100.0, "half_and_more")
    if found := _FRACTION.fullmatch(words):
        return _read_fraction(found)
    found = _FIGURE.fullmatch(words)
    if not found or not _is_unit(found["rest"]):
        raise InputError(
            f"printed: given {printed!r}; allowed: a number with its qualifier and unit, such as 2００多家"
        )
    numeral, multiplier = found["numeral"], _multiplier(found["multiplier"])
    coefficient, last_place, nonzero_place = _coefficient(numeral)
    value = float(coefficient * multiplier)
    if share and value > 100:
        raise InputError(f"printed: given {printed!r}; allowed: a share of at most 100 %")
    rule = _qualifier(found, value - floor, top - value)
    if rule is None and (found["inner"] or found["outer"]):
        # 20多亿 leaves the tens of 亿 open, 1万多 only what follows the 万.
        grain = float((nonzero_place if found["inner"] else last_place) * multiplier)
        if counted and grain < 2:
            raise InputError(f"printed: given {printed!r}; allowed: 多 and 余 after a round number, such as 20多家")
        if counted:
            return Reading(value, value + 1, value + grain - 1, "more_than")
        return Reading(value, value, min(value + grain, top), "more_than")
    if rule is not None:
        return Reading(value, *_ends(rule, value, floor, top), rule)
    if counted or exact:
        return Reading(value, value, value, "exact")
    half = last_place * multiplier / 2
    centre = coefficient * multiplier
    low, high = float(centre - half), float(centre + half)
    return Reading(value, max(low, 0.0) if share else low, min(high, top), "rounded")


def _read_fraction(found: re.Match[str]) -> Reading:
    if found["n"]:
        part, whole = int(found["n"]), int(found["d"])
    else:
        part, whole = chinese_integer(found["zn"]), chinese_integer(found["zd"])
    if whole == 0:
        raise InputError(f"printed: given {found.group()!r}; allowed: a fraction with a denominator above zero")
    percent = 100 * part / whole
    if percent > 100:
        raise InputError(f"printed: given {found.group()!r}; allowed: a fraction of at most 1")
    if found["suffix"] in ("强", "多", "弱"):
        if found["prefix"]:
            raise InputError(f"printed: given {found.group()!r}; allowed: a fraction with one qualifier")
        low, high = (0.0, percent) if found["suffix"] == "弱" else (percent, 100.0)
        return Reading(percent, low, high, "fraction")
    rule = _qualifier(found, percent, 100 - percent)
    low, high = (percent, percent) if rule is None else _ends(rule, percent, 0.0, 100.0)
    return Reading(percent, low, high, rule or "fraction")


def _qualifier(found: re.Match[str], below: float, above: float) -> str | None:
    """Rule of the qualifiers; of two that clash the wider one, `below` and `above` being the room on each side."""
    first, last = _PREFIX.get(found["prefix"] or ""), _SUFFIX.get(found["suffix"] or "")
    if first is None or last is None or first == last:
        return first or last
    if "about" in (first, last):
        return "about"
    # 超 and 以上 together include the number itself, and so do 近 and 以下.
    room = {"above": above, "at_least": above, "below": below, "at_most": below}
    order = list(room)
    return max(first, last, key=lambda rule: (room[rule], order.index(rule)))


def _ends(rule: str, value: float, floor: float, top: float) -> tuple[float, float]:
    if rule in ("at_least", "above"):
        return value, top
    if rule in ("at_most", "below"):
        return floor, value
    return math.nan, math.nan


def _is_unit(rest: str) -> bool:
    """Whether what follows the number can be its unit: no further number, and no word that would change it."""
    if rest == "个百分点":
        return True
    numbers = [c for c in rest if c in "两" or (unicodedata.numeric(c, None) is not None and c not in "²³")]
    return not numbers and not _LEFTOVER.search(rest)


def _multiplier(signs: str) -> Fraction:
    product = Fraction(1)
    for sign in signs:
        product *= _SMALL.get(sign) or _LARGE[sign]
    return product


def _coefficient(numeral: str) -> tuple[Fraction, Fraction, Fraction]:
    """Value of the numeral, the place of its last digit, and the place of its last non-zero digit."""
    if not numeral:  # 上万: the multiplier alone
        return Fraction(1), Fraction(1), Fraction(1)
    digits = numeral.replace(",", "") if numeral[0].isascii() else str(chinese_integer(numeral))
    decimals = len(digits.partition(".")[2])
    last_place = Fraction(1, 10**decimals)
    whole = digits.replace(".", "")
    trailing_zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
    return Fraction(digits), last_place, last_place * 10**trailing_zeros
