"""The named rules: from a numeral and the words around it to the closed interval that they allow."""

from __future__ import annotations

import math
from typing import NamedTuple

from clusterlib.numerals import Numeral

#: Rule name -> what the words look like. The order is the one of the dictionary in data/README.md.
RULES = {
    "exact": "a count in full, or a sum laid down",
    "rounded": "a measured figure, or a count in 万 or 亿: half a unit of the last printed digit to either side",
    "more_than": "多, 余",
    "several": "几, 数: 十几, 几十, 数百",
    "range": "20-50, 从…到…, 三至五, 三四",
    "at_least": "以上, 不低于, 至少, 上(万)",
    "above": "超, 超过, 突破, 过, 逾",
    "at_most": "以下, 以内, 不超过, 至多",
    "below": "不到, 不足, 近, 将近, 接近",
    "about": "约, 左右, 上下: no hard interval",
    "zero": "还没有, 没有, 空白",
    "half_and_more": "一半多, 过半",
    "fraction": "1/4, 三分之一",
}


class Reading(NamedTuple):
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


def interval(
    number: Numeral,
    *,
    counted: bool,
    rules: tuple[str | None, str | None] = (None, None),
    more: str = "",
    large: bool = False,
    exact: bool = False,
    floor: float = -math.inf,
    top: float = math.inf,
) -> Reading | None:
    """What a numeral and the words around it allow, by the named rules.

    Parameters
    ----------
    number : Numeral
        Numeral with its multiplier.
    counted, exact : bool
        As in `read`.
    rules : (str or None, str or None)
        Rules of the words before and behind; of two that contradict each other the wider one is kept.
    more : {"", "inner", "outer", "several inside", "several"}
        多 or 余 before the multiplier (20多亿) or behind it (1万多), 几 inside (十几), or 几 or 数 for a digit (几十).
    large : bool, default False
        Whether 万 or 亿 stands in the number: a count is then rounded.
    floor, top : float
        What the quantity cannot leave: 0 and 100 for a share.

    Returns
    -------
    Reading or None
        None where 多 stands behind a count that leaves no room for more.

    Examples
    --------
    >>> interval(Numeral(20), counted=True, more="inner")
    Reading(value=20.0, low=21.0, high=29.0, rule='more_than')
    >>> interval(Numeral(1, 0, 100), counted=True, more="several")
    Reading(value=200.0, low=200.0, high=999.0, rule='several')
    """
    value = number.value
    rule = _wider(*rules, value - floor, top - value) if rules != (None, None) else None
    if rule is not None:
        return Reading(2 * value if more == "several" else value, *_ends(rule, value, floor, top), rule)
    if more == "several":
        return Reading(2 * value, 2 * value, min(10 * value - counted, top), "several")
    if more:
        # 20多亿 leaves the tens of 亿 open, 1万多 only what follows the 万.
        steps = 1 if more == "outer" else number.nonzero_place
        name = "several" if more == "several inside" else "more_than"
        end = number.plus(steps)
        if not counted:
            return Reading(value, value, min(end, top), name)
        return Reading(value, value + 1, end - 1, name) if end - value >= 2 else None
    if exact or (counted and not large and not number.decimals):
        return Reading(value, value, value, "exact")
    return Reading(value, max(number.plus(-1, of=2), floor), min(number.plus(1, of=2), top), "rounded")


def declined(reading: Reading) -> Reading:
    """The same figure as a decline.

    >>> declined(Reading(5.0, 0.0, 5.0, "below"))
    Reading(value=-5.0, low=-5.0, high=0.0, rule='below')
    """
    low = 0 - reading.high
    return Reading(0 - reading.value, low, 0 - reading.low if reading.low != -math.inf else 0.0, reading.rule)


def between(low: float, high: float) -> Reading:
    """What a printed range allows: its ends.

    >>> between(20, 50)
    Reading(value=20, low=20, high=50, rule='range')
    """
    return Reading(low, low, high, "range")


def fraction(
    part: int, whole: int, *, rules: tuple[str | None, str | None] = (None, None), open_end: str = ""
) -> Reading:
    """What a fraction of a whole allows, in percent.

    Parameters
    ----------
    part, whole : int
        Numerator and denominator, 0 <= part <= whole, whole > 0.
    rules : (str or None, str or None)
        As in `interval`.
    open_end : {"", "above", "below"}
        强 and 多 open it above, 弱 below.

    Examples
    --------
    >>> fraction(1, 4, open_end="above")
    Reading(value=25.0, low=25.0, high=100.0, rule='fraction')
    """
    percent = 100 * part / whole
    if open_end:
        low, high = (0.0, percent) if open_end == "below" else (percent, 100.0)
        return Reading(percent, low, high, "fraction")
    rule = _wider(*rules, percent, 100 - percent)
    low, high = (percent, percent) if rule is None else _ends(rule, percent, 0.0, 100.0)
    return Reading(percent, low, high, rule or "fraction")


#: 一半多 and 过半.
HALF_AND_MORE = Reading(50.0, 50.0, 100.0, "half_and_more")
ZERO = Reading(0.0, 0.0, 0.0, "zero")


def _wider(first: str | None, last: str | None, below: float, above: float) -> str | None:
    """Rule of the qualifiers; of two that clash the wider one, `below` and `above` being the room on each side."""
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
