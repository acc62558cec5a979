"""Numerals as they are printed: full-width and plain digits, separators, Chinese signs, 万 and 亿; whole numbers only.

A numeral is kept as whole digits, decimals and a multiplier, so that the place of its last digit is known and every
end of an interval is rounded to a float once.
"""

from __future__ import annotations

from typing import NamedTuple

from clusterlib.errors import InputError

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1_000}
LARGE = {"万": 10_000, "亿": 100_000_000}
MULTIPLIERS = TENS | LARGE

#: Full-width digits, letters and signs to plain ones, sign for sign.
PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _power(decimals: int) -> int:
    power: int = 10**decimals
    return power


class Numeral(NamedTuple):
    """A printed numeral: ``whole / 10**decimals * multiplier``.

    Attributes
    ----------
    whole : int
        The digits without their point.
    decimals : int
        How many of them stand after the point.
    multiplier : int
        What 万, 亿 and the unit multiply it by.
    """

    whole: int
    decimals: int = 0
    multiplier: int = 1

    @property
    def value(self) -> float:
        """The number."""
        return self.whole * self.multiplier / _power(self.decimals)

    def plus(self, steps: int, of: int = 1) -> float:
        """The number and `steps` times one `of`-th of its last place, rounded once.

        >>> Numeral(2537, 2).plus(-1, of=2)
        25.365
        """
        return (of * self.whole + steps) * self.multiplier / (of * _power(self.decimals))

    @property
    def nonzero_place(self) -> int:
        """Place of the last non-zero digit, counted in places of the last digit: 100 for 6,300."""
        place, whole = 1, self.whole
        while whole and whole % 10 == 0:
            place, whole = place * 10, whole // 10
        return place

    def times(self, factor: int) -> Numeral:
        """The numeral in a unit that is smaller by a whole factor."""
        return self._replace(multiplier=self.multiplier * factor)


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
        if sign in DIGITS:
            digit = DIGITS[sign] if digit is None else digit * 10 + DIGITS[sign]
        elif sign in TENS:
            total += (1 if digit is None else digit) * TENS[sign]
            digit = None
    total += digit or 0
    if not _spells(numeral.replace("两", "二").replace("〇", "零"), total):
        raise InputError(f"numeral: given {numeral!r}; allowed: a Chinese numeral below 万, such as 二百五十")
    return total


def _spells(numeral: str, number: int) -> bool:
    """Whether the numeral is the usual way to write the number: 一百二 is 120 to some, 三四 is three to four to all."""
    if all(sign in DIGITS for sign in numeral):  # 二〇二五
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


def numeral(digits: str, multiplier: str = "") -> Numeral:
    """Read digits, plain or Chinese, and what multiplies them.

    Raises
    ------
    InputError
        As `chinese_integer`.

    Examples
    --------
    >>> numeral("1,250.5", "万")
    Numeral(whole=12505, decimals=1, multiplier=10000)
    >>> numeral("三百五十").value, numeral("", "亿").value
    (350.0, 100000000.0)
    """
    product = 1
    for sign in multiplier:
        product *= MULTIPLIERS[sign]
    if not digits:  # 上万: the multiplier alone
        return Numeral(1, 0, product)
    if digits[-1].isascii():
        plain = digits.replace(",", "")
        before, _, after = plain.partition(".")
        return Numeral(int(before + after), len(after), product)
    before, point, after = digits.partition("点")
    if point:  # 三点五
        tail = "".join(str(DIGITS[sign]) for sign in after)
        return Numeral(int(f"{chinese_integer(before)}{tail}"), len(tail), product)
    return Numeral(chinese_integer(before), 0, product)


def adjoining(digits: str) -> tuple[int, int] | None:
    """Both ends of two neighbouring digits said in one breath, or None.

    >>> adjoining("三四"), adjoining("十七八"), adjoining("二三十"), adjoining("三百"), adjoining("一二三")
    ((3, 4), (17, 18), (20, 30), None, None)
    """
    for at in range(len(digits) - 1):
        first, second = DIGITS.get(digits[at]), DIGITS.get(digits[at + 1])
        if first and second == first + 1:
            head, tail = digits[:at], digits[at + 2 :]
            if (head and head[-1] in DIGITS) or (tail and tail[0] in DIGITS):
                return None
            try:
                return chinese_integer(head + digits[at] + tail), chinese_integer(head + digits[at + 1] + tail)
            except InputError:
                return None
    return None
