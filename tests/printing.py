"""Populations of firms, and what a document would print about them, in Chinese words read back by the library.

A pen words one number at a time. Of the wordings it knows only those that are true of the number are ever written,
and what `clusterlib.printed.read` makes of the words must hold the number: that is asserted before anything else.
Words of the rule ``about`` (约, 左右) set no hard interval and are not written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from populations import KINDS, draw

from clusterlib.interval import Interval
from clusterlib.printed import read
from clusterlib.rules import Reading

#: A third is no binary fraction, so a printed end that equals the number on paper may miss it by a rounding.
SAME_NUMBER = 1e-12
#: Fractions are printed down to tenths.
SMALLEST_PART = 10
SIMPLE = {Fraction(part, whole) for whole in range(2, SMALLEST_PART + 1) for part in range(1, whole)}
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

Wordings = dict[str, list[str]]


# Firms


def typical(rng: np.random.Generator) -> np.ndarray:
    """A cluster as statistics find it: 50 to 500 firms, lognormal sales around ten million yuan, none alike."""
    return np.rint(1e7 * rng.lognormal(0, rng.uniform(1.5, 2), int(rng.integers(50, 501))))


def mixture(rng: np.random.Generator) -> np.ndarray:
    """Many workshops of much the same size and a few factories a hundred times as large."""
    workshops = rng.lognormal(0, rng.uniform(0.1, 1), int(rng.integers(3, 200)))
    factories = rng.lognormal(math.log(100), rng.uniform(0.1, 1.5), int(rng.integers(1, 12)))
    return np.concatenate([workshops, factories])


FIRMS = (*KINDS, "mixture", "typical")


def firms(rng: np.random.Generator, kind: str) -> np.ndarray:
    """Sales of each firm in whole yuan, ascending; the total is above 0."""
    if kind == "typical":
        return np.sort(typical(rng))
    x = mixture(rng) if kind == "mixture" else draw(rng, kind)
    x = np.sort(np.rint(x * 10.0 ** int(rng.integers(5, 9))))
    assert x.sum() > 0
    return x


# Words


def chinese(number: int) -> str:
    """A whole number from 1 to 9,999 as it is written out.

    >>> chinese(2003), chinese(10), chinese(250)
    ('二千零三', '十', '二百五十')
    """
    every = "".join("零一二三四五六七八九"[int(c)] + unit for c, unit in zip(f"{number:04d}", "千百十 ", strict=True))
    spelled = re.sub("零+", "零", re.sub("零[千百十]", "零", every.strip())).strip("零")
    return spelled.removeprefix("一") if spelled.startswith("一十") else spelled


def _rounded(number: Fraction, decimals: int) -> str:
    """Half up, as statistics are rounded; digits after the point are kept."""
    whole = math.floor(number * 10**decimals + Fraction(1, 2))
    return f"{whole / 10**decimals:.{decimals}f}"


def _open_words(number: Fraction, unit: str, places: Sequence[int], most: float = math.inf) -> Wordings:
    """Words that start from a round number below or above: finest places first."""
    found: Wordings = {key: [] for key in ("at_least", "above", "below", "at_most")}
    for place in places:
        start = math.floor(number / place) * place
        end = start + place
        if start > 0:
            found["at_least"].append(f"{start}{unit}以上")
            if start < number:
                found["above"] += [f"{word}{start}{unit}" for word in ("超过", "超", "突破", "逾", "过")]
        if end > most:
            continue
        found["below"] += [f"{word}{end}{unit}" for word in ("不到", "不足", "近", "将近", "接近")]
        last = start if start == number and start else end  # 以下 includes the number itself
        found["at_most"] += [f"{last}{unit}以下", f"{last}{unit}以内"]
    return found


def count_words(count: int) -> Wordings:
    """True wordings of a number of firms by rule; within a rule from fine to coarse.

    >>> count_words(234)["more_than"]
    ['230多家', '230余家', '二百三十多家', '200多家', '200余家', '二百多家']
    """
    found: Wordings = {"exact": [f"{count}家"], "more_than": []} | _open_words(Fraction(count), "家", (10, 100))
    if count == 0:
        return found | {"zero": ["还没有", "没有", "空白"]}
    found["exact"] += [f"共有{count}家", f"{chinese(count)}家"]
    tens = count // 10 * 10
    found["range"] = [f"{tens}-{tens + 10}家", f"{tens}至{tens + 10}家"] if tens else []
    found["several"] = ["十几家"] if 10 < count < 20 else []
    for zeros, unit in ((1, "十"), (2, "百"), (3, "千")):
        if 2 * 10**zeros <= count < 10 ** (zeros + 1):
            found["several"] += [f"几{unit}家", f"数{unit}家"]
    for place in (10, 100, 1000):
        start = count // place * place
        if 0 < start < count:
            found["more_than"] += [f"{start}多家", f"{start}余家", f"{chinese(start)}多家"]
    return found


def share_words(share: Fraction) -> Wordings:
    """True wordings of a share by rule, from fine to coarse.

    >>> share_words(Fraction(1, 4))["fraction"], share_words(Fraction(61, 100))["half_and_more"]
    (['四分之一', '1/4', '五分之一强'], ['一半以上', '过半', '超过一半'])
    """
    percent = 100 * share
    found: Wordings = {"rounded": [f"{_rounded(percent, decimals)}%" for decimals in (2, 1, 0)], "more_than": []}
    found |= _open_words(percent, "%", (1, 10), most=100)
    start = math.floor(percent / 10) * 10
    if 0 < start < percent:
        found["more_than"] = [f"{start}多%", f"{start}余%"]
    if share >= Fraction(1, 2):
        found["half_and_more"] = ["一半以上"] + (["过半", "超过一半"] if share > Fraction(1, 2) else [])
    found["fraction"] = list(_fraction_words(share))
    return found


def _fraction_words(share: Fraction) -> Iterator[str]:
    if share in SIMPLE:
        yield from (f"{chinese(share.denominator)}分之{chinese(share.numerator)}", f"{share}")
    if share:
        upper = math.floor(1 / share)  # the share is at most one upper-th
        if Fraction(1, upper + 1) < share and upper + 1 <= SMALLEST_PART:
            yield f"{chinese(upper + 1)}分之一强"
        if upper > 1 and share * upper < 1 and upper <= SMALLEST_PART:
            yield f"{chinese(upper)}分之一弱"


def amount_words(amount: int) -> Wordings:
    """True wordings of an amount of money by rule, from fine to coarse.

    >>> amount_words(2_130_000_000)["rounded"], amount_words(2_130_000_000)["more_than"]
    (['21.30亿元', '21.3亿元', '21亿元', '213,000万元'], ['21亿多元', '20多亿元', '20余亿元'])
    """
    size, unit = next((10**zeros, unit) for zeros, unit in ((8, "亿"), (4, "万"), (0, "")) if amount >= 10**zeros)
    exact = Fraction(amount, size)
    whole = math.floor(exact)
    places = [10**zeros for zeros in range(len(str(whole)))]
    found: Wordings = {"rounded": [f"{_rounded(exact, decimals)}{unit}元" for decimals in (2, 1, 0)], "more_than": []}
    found |= _open_words(exact, f"{unit}元", places[-2:])
    if unit == "亿":
        found["rounded"].append(f"{math.floor(Fraction(amount, 10**4) + Fraction(1, 2)):,}万元")
    if unit and whole < exact:
        found["more_than"].append(f"{whole}{unit}多元")
    for place in places[1:]:
        start = whole // place * place
        if start < exact:
            found["more_than"] += [f"{start}多{unit}元", f"{start}余{unit}元"]
    return found


def size_words(size: int) -> str:
    """A size limit in words: limits are laid down, so all digits are given."""
    for zeros, unit in ((8, "亿"), (4, "万")):
        if size >= 10**zeros and size % 10 ** (zeros - 2) == 0:
            return f"{size / 10**zeros:.2f}".rstrip("0").rstrip(".") + f"{unit}元"
    return f"{size}元"


# Pens

Choose = Callable[[Wordings], Iterator[str]]


@dataclass
class Pen:
    """Writes numbers in words, and reads them back as intervals.

    Attributes
    ----------
    choose : callable
        Puts the wordings of a number in the order in which they are tried; the first that is narrow enough is taken.
    said : list of str
        Everything written so far: what a failure shows.
    rules : set of str
        The rules that the words were read by.
    """

    choose: Choose
    said: list[str] = field(default_factory=list)
    rules: set[str] = field(default_factory=set)

    def count(self, count: int, *, widest: float = math.inf, most: float = math.inf) -> Interval:
        """A number of firms, read as at most `widest` whole numbers where no more than `most` can be true."""
        for words in self.choose(count_words(count)):
            reading = read(words, counted=True)
            if min(reading.high, most) - reading.low + 1 <= widest:
                return self._written(words, reading, count)
        return self._written(f"{count}家", read(f"{count}家", counted=True), count)

    def share(self, share: Fraction, *, widest: float = 1.0) -> Interval:
        """A share, as a fraction, read as an interval of at most that width."""
        for words in self.choose(share_words(share)):
            reading = read(words, counted=False, share=True)
            if reading.high - reading.low <= 100 * widest:
                break
        else:
            words = f"{_rounded(100 * share, 2)}%"
            reading = read(words, counted=False, share=True)
        low, high = self._written(words, reading, 100 * share)
        return Interval(low / 100, high / 100)

    def amount(self, amount: int) -> Interval:
        """An amount of sales in yuan: words without an end below begin at nothing, as no firm sells less."""
        words = next(self.choose(amount_words(amount)))
        low, high = self._written(words, read(words, counted=False), amount)
        return Interval(max(0.0, low), high)

    def size(self, size: int) -> float:
        """A size limit in yuan."""
        words = size_words(size)
        return self._written(words, read(words, counted=False, exact=True), size).low

    def _written(self, words: str, reading: Reading, number: Fraction | int) -> Interval:
        self.said.append(words)
        self.rules.add(reading.rule)
        slack = SAME_NUMBER * float(number)
        assert reading.low - slack <= number <= reading.high + slack, f"{words} is not true of {number}"
        return Interval(reading.low, reading.high)


def any_words(rng: np.random.Generator) -> Pen:
    """A pen that takes any true wording, each rule as likely as the next, now and then in full-width digits."""

    def choose(wordings: Wordings) -> Iterator[str]:
        rules = [rule for rule, words in wordings.items() if words]
        for at in rng.permutation(len(rules)):
            words = wordings[rules[at]]
            chosen = words[int(rng.integers(len(words)))]
            yield chosen.translate(WIDE) if rng.random() < 0.2 else chosen

    return Pen(choose)


def one_style(style: str) -> Pen:
    """A pen that always prints alike: ``exact`` to the last digit, ``rounded``, or ``多`` where a number allows it."""

    def choose(wordings: Wordings) -> Iterator[str]:
        if style == "多" and wordings["more_than"]:
            coarse = [words for words in wordings["more_than"] if "多" in words and words[0].isascii()]
            yield coarse[-1]
        if "exact" in wordings:
            yield wordings["exact"][0]
        else:
            yield wordings["rounded"][0 if style == "exact" else 2]

    return Pen(choose)


# Statements


def part(x: np.ndarray, members: np.ndarray) -> tuple[Fraction, Fraction]:
    """Exact shares of all firms and of the total that some of the firms have."""
    return Fraction(len(members), len(x)), Fraction(int(x[members].sum()), int(x.sum()))


def lower_part(x: np.ndarray, rank: int) -> tuple[Fraction, Fraction]:
    """The point of the Lorenz curve behind the smallest firms, that many of an ascending vector."""
    return part(x, np.arange(rank))


def at_or_above(x: np.ndarray, sizes: Sequence[float]) -> list[int]:
    """Number of firms of at least each size."""
    return [int((x >= size).sum()) for size in sizes]


def in_bands(x: np.ndarray, sizes: Sequence[float]) -> list[int]:
    """Number of firms from each size to below the next, from the last size on without end."""
    cumulated = [*at_or_above(x, sizes), 0]
    return [cumulated[i] - cumulated[i + 1] for i in range(len(sizes))]


def round_size(size: float, digits: int) -> int:
    """The nearest size above 0 with so few digits, as limits are chosen."""
    return max(1, int(float(f"{size:.{digits - 1}e}")))
