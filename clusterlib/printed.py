"""One printed figure to its interval.

`read` takes the figure alone (``2００多家``, ``60亿元以上``, ``25.37%``) and what kind of figure it is, and returns the
numeral, the closed interval that the words allow, and the name of the rule. `clusterlib.extraction` finds the figures
in a text; both read them by the same grammar and the same rules.
"""

from __future__ import annotations

import math
import re
import unicodedata

from clusterlib.errors import InputError
from clusterlib.extraction.plain import QUANTITY, plain
from clusterlib.extraction.qualifiers import APART, before, behind
from clusterlib.extraction.scan import folded
from clusterlib.extraction.special import special
from clusterlib.extraction.tokens import Token, reading
from clusterlib.extraction.vocabulary import AFTER, BEFORE, COUNTED, either
from clusterlib.numerals import LARGE, numeral
from clusterlib.rules import ZERO, Reading, declined

#: No printed figure is longer; a longer text is not one figure.
LONGEST = 64

_TONE = re.compile(r"(?:仅有?|只有|达到?|高达|共有|已有)?")  # changes the tone, not the interval
_BLANKS = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_ZERO = re.compile(
    r"(?:还|尚|均|都)?没有|空白|(?:尚|还)无|未有|没有一[家个项件户]|[尚还]?无一[家个]|(?:尚|仍|还)?[为是](?:空白|零)|尚属空白"
)
_APART = re.compile(APART.pattern.removesuffix("$"))
_QUALIFIER = re.compile(f"(?:{either(BEFORE)})?")
_SIGN = re.compile("[0-9一二两三四五六七八九十百千万亿几数]")
_LAST_DIGITS = re.compile(r"[0-9.,] ([0-9][0-9.,]*)[^0-9]*$")
_UNKNOWN_UNIT = re.compile(rf"(?P<rest>[\w%‰/·㎡℃]*?)(?P<after>{either(AFTER)})?")
#: Words that would change the number, where they would be taken for a unit: the figure is then refused.
_LEFTOVER = re.compile(r"^[多余几数成半/]|[个年月倍成]半|[半多余/]$|分之|不到|不足|超过|以[上下内]")


def read(printed: str, *, counted: bool, share: bool = False, exact: bool = False) -> Reading:
    """Read one printed figure as an interval.

    Parameters
    ----------
    printed : str
        The figure with its qualifier and unit, as it stands in the document.
    counted : bool
        Whether whole things are counted (firms, shops). Measured quantities are rounded, and so are counts
        in 万 and 亿 and with decimals; other counts are not.
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
    words = _BLANKS.sub("", folded(printed))
    if whole := _APART.match(words):
        words = whole["word"] + words[whole.end() :]
    if _ZERO.fullmatch(words):
        return ZERO
    token = _only_token(words)
    if token is None or (token.negative and (counted or share)):
        raise InputError(
            f"printed: given {printed!r}; allowed: a number with its qualifier and unit, such as 2００多家"
        )
    found = reading(
        token,
        counted=counted,
        floor=0.0 if share or counted else -math.inf,
        top=100.0 if share else math.inf,
        exact=exact,
    )
    if found is None:
        raise InputError(f"printed: given {printed!r}; allowed: 多 and 余 after a round number, such as 20多家")
    if token.negative:
        found = declined(found)
    if share and found.value > 100:
        raise InputError(f"printed: given {printed!r}; allowed: a share of at most 100 %")
    return found


def _only_token(words: str) -> Token | None:
    """The one number that the words are, or None."""
    tone = _TONE.match(words)
    start = tone.end() if tone else 0
    qualifier = _QUALIFIER.match(words, start)
    places = [qualifier.end() if qualifier else start, start, 0]
    if first := _SIGN.search(words, start):  # 新台币320亿元
        places.append(first.start())
    if apart := _LAST_DIGITS.search(words):  # 2 5 . 3 7 %: read from its last digits, as in a text
        places.append(apart.start(1))
    for at in dict.fromkeys(places):
        if at >= len(words):
            continue
        tokens = special(words, at, start) or plain(words, at, start, articles=True)
        if tokens and len(tokens) == 1 and tokens[0].start in (0, start) and tokens[0].end == len(words):
            return None if tokens[0].form == "zero" else tokens[0]
    return _in_unknown_unit(words, qualifier.end() if qualifier else start, start)


def _in_unknown_unit(words: str, at: int, start: int) -> Token | None:
    """A number whose unit or noun the vocabulary does not have."""
    quantity = QUANTITY.match(words, at)
    rule, left = before(words, at, start)
    if not quantity or left != start:
        return None
    num, inner, mult, outer, tail, _ = quantity.groups()
    rest = _UNKNOWN_UNIT.fullmatch(words, quantity.end())
    if not rest or tail or num in ("几", "数") or num.startswith(".") or not _is_unit(rest["rest"]):
        return None
    try:
        number = numeral(num, mult)
    except InputError:
        return None
    more = "several inside" if inner == "几" else "inner" if inner else "outer" if outer else ""
    rules = ("about" if inner == "来" else rule, behind(rest["after"]))
    large = not LARGE.keys().isdisjoint(mult)
    return Token(left, len(words), "number", number, COUNTED, word=rest["rest"], more=more, rules=rules, large=large)


def _is_unit(rest: str) -> bool:
    """Whether what follows the number can be its unit: no further number, and no word that would change it."""
    numbers = [c for c in rest if c in "两" or (unicodedata.numeric(c, None) is not None and c not in "²³")]
    return not numbers and not _LEFTOVER.search(rest)
