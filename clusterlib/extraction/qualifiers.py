"""Qualifiers around a number, and the signs that numbers are made of."""

from __future__ import annotations

import re

from clusterlib.extraction.vocabulary import AFTER, BEFORE, NOT_BEFORE, either

#: A sign of a Chinese numeral; 千 of 千瓦, 千克 and 千米 belongs to the unit.
CHINESE = "(?:[零〇一二两三四五六七八九十百]|千(?![瓦克米]))"
#: A number in plain digits.
DIGITAL = r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?:\.[0-9]{1,9})?+|[0-9]{1,64}+(?:\.[0-9]{1,9})?+|\.[0-9]{1,9}+)(?![0-9])"
#: Decimals of a Chinese numeral: 三点五.
POINT = "(?:点[零〇一二三四五六七八九]{1,6}+)?"

_SHORT = [word for word, rule in BEFORE.items() if rule in ("about", "above", "below") and len(word) < 3]
#: A qualifier that the whole stands behind: 约占全县产值的9%, 不到全国平均水平的1/3.
APART = re.compile(
    rf"(?P<word>{either(_SHORT)})"
    r"(?P<whole>占(?:到|了|据)?[^，。；：0-9%占]{1,24}|[^，。；：0-9%占]{0,8}(?:平均|水平|同期|总[数量额])[^，。；：0-9%]{0,8})的$"
)

_LENGTHS = sorted({len(word) for word in BEFORE}, reverse=True)


def before(text: str, at: int, done: int = 0) -> tuple[str | None, int]:
    """Rule of the qualifier that ends at a place, and where it starts.

    Parameters
    ----------
    text : str
        Folded text.
    at : int
        Where the number begins.
    done : int, default 0
        What stands before this place belongs to another figure.

    Examples
    --------
    >>> before("产值超过了3亿元", 5), before("附近3家", 2)
    (('above', 2), (None, 2))
    """
    end = at - 1 if at and text[at - 1] == "了" else at
    for length in _LENGTHS:
        start = end - length
        if start < done:
            continue
        word = text[start:end]
        if word in BEFORE:
            if start and text[start - 1] in NOT_BEFORE.get(word, ""):
                continue
            if word == "上" and text[at : at + 1] not in ("百", "千", "万", "亿"):
                continue
            return BEFORE[word], start
    return None, at


def apart(clause: str) -> tuple[str, int] | None:
    """The rule of a qualifier that stands before the whole of a number, and where it starts.

    >>> apart("铁路运量约占全部运量的"), apart("附近占地的")
    (('about', 4), None)
    """
    found = APART.search(clause)
    if not found or clause[found.start() - 1 : found.start()] in tuple(NOT_BEFORE.get(found["word"], "")):
        return None
    return BEFORE[found["word"]], found.start()


def behind(word: str | None) -> str | None:
    """Rule of a qualifier behind a number; None where there is none.

    >>> behind("以上"), behind(None)
    ('at_least', None)
    """
    return AFTER.get(word.strip().removeprefix("级")) if word else None
