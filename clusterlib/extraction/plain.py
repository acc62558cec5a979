"""Plain numbers: digits or Chinese signs with a multiplier, a unit, a classifier or a noun; ranges of them."""

from __future__ import annotations

import re
from typing import NamedTuple

from clusterlib.errors import InputError
from clusterlib.extraction.qualifiers import CHINESE, DIGITAL, POINT, before, behind
from clusterlib.extraction.tokens import Token
from clusterlib.extraction.vocabulary import (
    AFTER,
    CLASSIFIER_WORDS,
    CLASSIFIERS,
    COUNTED,
    CURRENCIES,
    MONEY,
    NOUN_WORDS,
    NOUNS,
    PARTS,
    UNIT_WORDS,
    UNITS,
    Unit,
    either,
)
from clusterlib.numerals import LARGE, Numeral, adjoining, numeral

#: One number: digits, 多, multiplier, 多, and what follows a large multiplier (1亿2000万).
QUANTITY = re.compile(
    rf"(?P<num>{DIGITAL}|{CHINESE}{{1,15}}+{POINT}|[几数](?=[十百千万亿])|(?=[万亿]))"
    r"(?P<inner>[多余来]|个多(?=百分点|[万亿])|(?<=[十0百])几)?"
    r"(?P<mult>(?: ?[十百千]?(?:万亿|万|亿)|十|百(?!分)|千(?![瓦克米分]))?)(?P<outer>[多余])?"
    rf"(?P<tail>(?<=[万亿])(?:[0-9]{{1,4}}+(?![0-9.])|{CHINESE}{{1,7}}+)(?:[百千]?万|[百千])?(?P<last>[多余])?)?"
)
_PER = "人|吨|亩|平方米|㎡|公斤|千克|斤|千瓦时|度|年|月|天|日|户|件|套|台|米|公里|立方米"
#: Nouns that begin with the sign of a classifier: 12门店 are no 12门.
_BEGUN = either(NOUNS.keys() - CLASSIFIERS.keys() - {word for word in NOUNS if not word.startswith(tuple(CLASSIFIERS))})
#: What may stand directly behind a number.
_BEHIND = re.compile(
    rf" ?(?:(?P<unit>{UNIT_WORDS})(?:/(?P<per>{_PER}))?"
    rf"|(?!{_BEGUN})(?P<classifier>{CLASSIFIER_WORDS})|大(?P<big>[\u4e00-\u9fff]{{0,4}}?{NOUN_WORDS})|(?P<noun>{NOUN_WORDS})"
    r"|(?<=[万亿多余])(?P<none>(?=[，,。；;、：:）)的以左上之级至到—~-]|$)))"
)
_STARTS = {word[0] for words in (UNITS, CLASSIFIERS, NOUNS) for word in words} | set(
    " 大，,。；;、：:）)的以左上之级至到-—–~"
)
_TO = re.compile(r"(?:[-—–~]{1,2}|至|到)(?:近|约)?")
_QUALIFIED = re.compile(rf"(?P<more>[多余](?![种个数样年家次元功方重]))?(?P<after> ?级?(?:{either(AFTER)}))?")
_PARTS = re.compile(either(PARTS))
_SPACED = re.compile(r"(?:[0-9]+ ?[.,]? ?)*[0-9]+ ?[.,]? ?$")
_POINTED = re.compile(r"[0-9]+(?: \.|\. | \. )[0-9]+")
#: Units whose signs are everyday words behind a Chinese numeral.
_EVERYDAY = frozenset(("度", "方", "块钱", "天", "米", "克", "升"))
#: What breaks the noun of 三大… off: a further number, or another phrase.
_BROKEN = re.compile(r"[的类一二两三四五六七八九十百千万亿和与及]")
_ONLY = ("仅", "只", "只有", "仅有", "共有")
#: 前10名 is a rank; 目前20家 is none.
_RANKED = re.compile(r"第|(?<![目此之以日先提当眼年月期门村会产面厂楼战赛])前")
_CURRENCY_SIGNS = {"$": "USD", "¥": "CNY", "€": "EUR", "£": "GBP"} | CURRENCIES
_CURRENCY_BEFORE = re.compile(f"(?:{either(_CURRENCY_SIGNS)})$")
#: A multiplier alone is a number only with a qualifier or as a size: 上百, 过亿, 千万元.
_ALONE = frozenset(("", "百", "千"))


class _Span(NamedTuple):
    """One number and what stands behind it; both numbers of a range."""

    quantity: re.Match[str]
    behind: re.Match[str]
    ends: tuple[Numeral, Numeral] | None
    second: re.Match[str] | None


def plain(text: str, at: int, done: int, *, articles: bool = False) -> list[Token] | None:
    """The number that begins at a place, or None.

    Parameters
    ----------
    text : str
        Folded text.
    at : int
        Where it begins, without a qualifier.
    done : int
        What stands before this place belongs to another figure.
    articles : bool, default False
        Whether 一家 and the parts of a plan count as well.
    """
    if not _may_begin(text, at) or not (span := _span(text, at)):
        return None
    quantity, follows = span.quantity, span.behind
    digital = text[at] in "0123456789."
    num, inner, mult, outer, tail, last_more = quantity.groups()
    start, spaced = at, False
    if digital and at and text[at - 1] == " ":
        start, spaced, num = _joined(text, at, num, done)
    if num.startswith("."):
        return None
    unit_word, per, classifier, big, noun, _ = follows.groups()
    currency, first = _currency(text, start, done)
    rule, left = before(text, first, done)
    minus = _minus(text, start, done) if left == start else 0
    qualified = _QUALIFIED.match(text, follows.end())
    if qualified and qualified["more"] and not unit_word:
        qualified = None  # 2倍多, but not 20家多
    more, after = qualified.groups() if qualified else (None, None)
    graded = text.startswith("级", follows.end())  # 百亿级企业
    if num in _ALONE and not (rule or after or inner or outer or unit_word or graded):
        return None
    if not articles and not _is_statistic(text, start, follows, num, digital or bool(inner or mult or span.ends)):
        return None
    numbers = span.ends or _numbers(num, mult, tail.rstrip("多余") if tail else None)
    if numbers is None:
        return None
    number, upper = numbers
    unit = UNITS[unit_word] if unit_word else COUNTED if classifier or big or noun else MONEY
    if currency and unit.nature in ("money", "count"):
        unit = Unit(currency, 1, "money")
    if unit.factor != 1:
        number, upper = number.times(unit.factor), upper and upper.times(unit.factor)
    last = "about" if inner == "来" else behind(after)
    if span.second:
        inner, outer = span.second["inner"], span.second["outer"]
    outer = outer or last_more
    body = text[start : follows.start(follows.lastgroup or 0)]
    return [
        Token(
            left - minus, qualified.end() if qualified else follows.end(), "range" if upper else "number", number, unit,
            second=upper, word=unit_word or classifier or ("大" if big else ""), noun=big or noun or "",
            more=_open(num, inner, outer, more, unit), rules=(rule, last), large=not LARGE.keys().isdisjoint(body),
            per=per or "", spaced=spaced, chinese=not digital, bare=num in _ALONE and not inner and not outer,
            negative=minus > 0,
        )
    ]  # fmt: skip


def _may_begin(text: str, at: int) -> bool:
    """Whether a number can begin here: not within another one, a name or an ordinal."""
    last = text[at - 1] if at else ""
    if not last:
        return True
    if last in "第前" and _RANKED.search(text, max(0, at - 2), at):
        return False
    return text[at] not in "0123456789." or not (last in ".0123456789/" or (last.isascii() and last.isalnum()))


def _span(text: str, at: int) -> _Span | None:
    quantity = QUANTITY.match(text, at)
    if not quantity:
        return None
    end = quantity.end()
    if end < len(text) and text[end] not in _STARTS:
        return None
    follows = _BEHIND.match(text, end)
    place = follows.end() if follows else end
    if place < len(text) and text[place] in "-—–~至到" and (range_ := _range(text, place, quantity, follows)):
        return range_
    if not follows or (at and text[at - 1] == "号" and follows["classifier"]):  # 88号3幢
        return None
    return _Span(quantity, follows, None, None)


def _range(text: str, place: int, quantity: re.Match[str], follows: re.Match[str] | None) -> _Span | None:
    """20-50亿元, 3%到5%: two numbers of one unit."""
    to = _TO.match(text, place)
    second = QUANTITY.match(text, to.end()) if to else None
    last = _BEHIND.match(text, second.end()) if second else None
    if not second or not last:
        return None
    own_unit = follows is not None and follows["none"] is None
    if follows and own_unit and follows.lastgroup != last.lastgroup and follows["unit"] != last["unit"]:
        return None
    ends = _ends(quantity, own_unit, second)
    return _Span(quantity, last, ends, second) if ends else None


def _ends(first: re.Match[str], own_unit: bool, second: re.Match[str]) -> tuple[Numeral, Numeral] | None:
    """Both ends of a range; what multiplies the second multiplies the first too, unless it has a unit of its own."""
    if not first["num"] or not second["num"]:
        return None
    shared, own = second["mult"].strip(), first["mult"].strip()
    try:
        low, high = numeral(first["num"], own if own or own_unit else shared), numeral(second["num"], shared)
    except InputError:
        return None
    return (low, high) if low.value < high.value else None


def _numbers(num: str, mult: str, tail: str | None) -> tuple[Numeral, Numeral | None] | None:
    """The numeral, and the upper one where two digits are said in one breath; None where the signs spell no number."""
    mult = mult.strip()
    try:
        if num in ("几", "数"):
            return numeral("", mult), None
        if num in _ALONE:
            return numeral("", num + mult), None  # 百亿元: no digit is printed, only the place
        if num and num[0] not in "0123456789." and (ends := adjoining(num)):
            return numeral(str(ends[0]), mult), numeral(str(ends[1]), mult)
        number = numeral(num, mult)
        return (_with_tail(number, tail) if tail else number), None
    except InputError:
        return None


def _with_tail(number: Numeral, tail: str) -> Numeral:
    """1亿2000万, 一万三千五百: one number in two breaths."""
    digits = tail.rstrip("百千万亿") if tail[0] in "0123456789" else tail.rstrip("万")
    rest = numeral(digits, tail[len(digits) :])
    if tail[0] not in "0123456789":  # 二万五千 ends with its thousands, as 2.5万 does
        rest = Numeral(rest.whole // rest.nonzero_place, 0, rest.multiplier * rest.nonzero_place)
    whole, place = number.whole * number.multiplier, rest.multiplier
    if number.decimals or whole % place or rest.whole * place >= number.multiplier:
        raise InputError(f"numeral: given {tail!r} behind a larger one; allowed: a smaller number")
    return Numeral(whole // place + rest.whole, 0, place)


def _currency(text: str, start: int, done: int) -> tuple[str, int]:
    """The currency named before a number, $3 or 新台币3亿元, and where the number starts with it."""
    found = _CURRENCY_BEFORE.search(text, max(done, start - 4), start)
    return (_CURRENCY_SIGNS[found[0]], found.start()) if found else ("", start)


def _minus(text: str, start: int, done: int) -> int:
    """How long the minus before a number is: 零下5, -5, but not 2015-2020."""
    if start - 2 >= done and text[start - 2 : start] == "零下":
        return 2
    if start > done and text[start - 1] in "-−":
        last = text[start - 2 : start - 1] if start >= 2 else ""
        return 0 if last.isascii() and last.isalnum() else 1
    return 0


def _joined(text: str, at: int, num: str, done: int) -> tuple[int, bool, str]:
    """A number whose digits a scan has driven apart: where it starts, whether it is one, and its digits."""
    found = _SPACED.search(text, max(done, at - 24), at)
    if not found:
        return at, False, num
    start = found.start()
    pieces = text[start:at] + num
    groups = re.split(r" ?[.,] ?| ", pieces)
    single = all(len(each) == 1 for each in groups[:-1]) and len(groups[-1]) <= 2
    thousands = len(groups[0]) <= 3 and all(len(each) == 3 for each in groups[1:]) and "." not in pieces
    last = text[start - 1] if start else ""
    apart = not last or (last not in "0123456789.年月" and not (last.isascii() and last.isalnum()))
    if apart and (single or thousands or _POINTED.fullmatch(pieces)):
        return start, True, pieces.replace(" ", "")
    return at, False, num


def _is_statistic(text: str, start: int, follows: re.Match[str], num: str, more: bool) -> bool:
    """Whether a number says how many or how much: it is no article, no part of a plan, no everyday word."""
    if follows["unit"]:
        return more or len(num) > 1 or follows["unit"] not in _EVERYDAY
    if follows["noun"]:
        # 12镇, 5000万人口; a lone Chinese sign before a noun is part of a word or an article.
        return more or len(num) > 1
    if follows["big"]:
        return not _PARTS.match(text, follows.start("big")) and not _BROKEN.search(follows["big"])
    if follows["classifier"]:
        if _PARTS.match(text, follows.end()):
            return False
        return num != "一" or more or text[max(0, start - 2) : start].endswith(_ONLY)
    return True


def _open(num: str, inner: str | None, outer: str | None, behind_unit: str | None, unit: Unit) -> str:
    """Where 多, 余, 几 or 数 open the number, as `clusterlib.rules.interval` names it."""
    if num in ("几", "数"):
        return "several"
    if inner == "几":
        return "several inside"
    if inner in ("多", "余", "个多"):
        return "inner"
    if behind_unit:
        return "inner" if unit.nature == "percent" else "outer"
    return "outer" if outer else ""
