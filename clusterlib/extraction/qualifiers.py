"""Qualifiers around a number, and the signs that numbers are made of."""

from __future__ import annotations

from clusterlib.extraction.vocabulary import AFTER, BEFORE, NOT_BEFORE

#: A sign of a Chinese numeral; 千 of 千瓦, 千克 and 千米 belongs to the unit.
CHINESE = "(?:[零〇一二两三四五六七八九十百]|千(?![瓦克米]))"
#: A number in plain digits.
DIGITAL = r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?:\.[0-9]{1,9})?+|[0-9]{1,64}+(?:\.[0-9]{1,9})?+|\.[0-9]{1,9}+)(?![0-9])"
#: Decimals of a Chinese numeral: 三点五.
POINT = "(?:点[零〇一二三四五六七八九]{1,6}+)?"

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


def behind(word: str | None) -> str | None:
    """Rule of a qualifier behind a number; None where there is none.

    >>> behind("以上"), behind(None)
    ('at_least', None)
    """
    return AFTER.get(word.strip().removeprefix("级")) if word else None
