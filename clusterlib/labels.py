"""Keys to English and Chinese: texts, numbers with units, fonts."""

from __future__ import annotations

import csv
import io
import math
import re
import string
from functools import cache
from importlib import resources
from typing import Literal, get_args

from clusterlib.errors import InputError, unknown
from clusterlib.interval import Interval, outward

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = get_args(Lang)

#: Decimals beyond which a ratio or share says nothing to a reader.
MOST_DECIMALS = 4
PERCENT_DECIMALS = 3
VALUE_DECIMALS = 3
MOST_EXACT = 6
#: An interval is shown with steps of at most this part of its width.
STEPS = 300
#: From this scale on a number is still short with a third decimal.
BILLION = 1e9
#: Significant digits where only one end is known.
OPEN_DIGITS = 3

#: Units that are not written behind a number.
DIMENSIONLESS = ("", "ratio", "index", "nats", "log")

_LARGEST = re.compile(r"cr[1-9][0-9]*")
_SCALES = {
    "en": ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}


@cache
def _table() -> dict[str, dict[str, str]]:
    content = resources.files("clusterlib").joinpath("labels.csv").read_text(encoding="utf-8")
    return {row["key"]: row for row in csv.DictReader(io.StringIO(content, newline=""))}


def check_lang(lang: str) -> Lang:
    """Return `lang` if there is such a language, else raise InputError."""
    for known in LANGS:
        if lang == known:
            return known
    raise unknown("language", lang, LANGS)


def keys() -> list[str]:
    """All keys of the label table."""
    return list(_table())


def has(key: str) -> bool:
    """Whether there is a label for a key."""
    return key in _table()


def text(key: str, lang: str, **fields: str) -> str:
    """Text of a key in a language, its named gaps filled.

    Raises
    ------
    InputError
        If there is no such key or language, or a gap is left open.

    Examples
    --------
    >>> text("measure.gini", "en"), text("measure.gini", "zh")
    ('Gini coefficient', '基尼系数')
    """
    lang = check_lang(lang)
    row = _table().get(key)
    if row is None:
        raise unknown("label", key, [k for k in _table() if k.split(".")[0] == key.split(".")[0]])
    try:
        return string.Formatter().vformat(row[lang], (), fields)
    except KeyError as missing:
        raise InputError(f"label {key}: given {sorted(fields)}; allowed: with {missing}") from None


def label(kind: str, key: str, lang: str) -> str:
    """Label of a key that may come from data: the key itself where the table has none.

    >>> label("unit", "firm", "zh"), label("unit", "loom", "zh")
    ('家', 'loom')
    """
    return text(f"{kind}.{key}", lang) if has(f"{kind}.{key}") else key


def measure(key: str, lang: str) -> str:
    """Name of a measure; of ``cr4`` the share of the four largest firms.

    >>> measure("cr4", "en"), measure("gini", "zh")
    ('share of the 4 largest firms', '基尼系数')
    """
    if _LARGEST.fullmatch(key) and key != "cr1":
        return text("measure.cr", lang, k=key[2:])
    return text(f"measure.{key}", lang)


def is_measure(key: str) -> bool:
    """Whether the result table may have a measure of this name."""
    return bool(_LARGEST.fullmatch(key)) or has(f"measure.{key}")


def join(parts: list[str], lang: str) -> str:
    """Join the parts of an enumeration.

    >>> join(["a", "b", "c"], "en"), join(["甲", "乙"], "zh")
    ('a, b and c', '甲、乙')
    """
    if lang == "zh":
        return "、".join(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def number(value: float, lang: str, decimals: int | None = None) -> str:
    """Format a number: grouped digits, or in billions and 万, 亿 where that is exact at the decimals asked for.

    Parameters
    ----------
    value : float
        A finite number.
    lang : {"en", "zh"}
        Language.
    decimals : int, optional
        Decimals to keep, negative for tens and hundreds; by default as many as the number has, at most six.

    Examples
    --------
    >>> number(6e9, "en"), number(6e9, "zh"), number(10001, "zh"), number(1.18533, "en", 3)
    ('6 billion', '60亿', '10,001', '1.185')
    """
    shown = round(value, decimals) if decimals is not None else value
    for scale, word in _SCALES[check_lang(lang)]:
        if abs(shown) >= scale:
            scaled = shown / scale
            places = 3 if scale >= BILLION else 2
            if math.isclose(scaled, round(scaled, places), rel_tol=1e-12):
                return _trim(f"{scaled:,.{places}f}") + word
            break
    if decimals is not None and decimals > 0:
        return _minus(f"{shown:,.{decimals}f}")
    return _minus(_trim(f"{shown:,.6f}"))


def value_decimals(value: float, interval: Interval) -> int:
    """Decimals of a value such that its interval moves the last one by four units at most; one digit is always kept,
    and up to three where fewer would round the value out of its interval.

    >>> value_decimals(1.18533, Interval(1.18514, 1.18553)), value_decimals(0.6, Interval(0.3, 0.7))
    (3, 1)
    """
    leading = -math.floor(math.log10(abs(value))) if value else 0
    width = interval.high - interval.low
    if not math.isfinite(width):
        return leading + 1
    if width == 0:
        return 0 if value == round(value) else min(MOST_EXACT, max(leading + 3, 0))
    decimals = min(VALUE_DECIMALS, max(math.floor(math.log10(8 / width)), leading))
    while decimals < VALUE_DECIMALS and not interval.low <= round(value, decimals) <= interval.high:
        decimals += 1
    return decimals


def ends(interval: Interval, most: int = MOST_DECIMALS) -> tuple[float, float, int]:
    """Both ends rounded outward to the steps that a reader needs, and the decimals of the steps.

    >>> ends(Interval(0.448600001, 0.698))
    (0.4486, 0.698, 4)
    """
    low, high = interval
    width = high - low
    if math.isfinite(width) and width > 0:
        decimals = min(most, math.ceil(-math.log10(width / STEPS)))
    else:
        finite = next((abs(end) for end in (low, high) if math.isfinite(end) and end), 1.0)
        decimals = min(6, OPEN_DIGITS - 1 - math.floor(math.log10(finite)))
    return outward(low, decimals, up=False), outward(high, decimals, up=True), decimals


def quantity(value: float, interval: Interval, unit: str, lang: str) -> str:
    """Format a value with as many digits as its interval carries, and its unit.

    >>> quantity(25.37, Interval(25.365, 25.375), "percent", "en")
    '25.37%'
    """
    return with_unit(number(value, lang, value_decimals(value, interval)), unit, lang)


def span(interval: Interval, unit: str, lang: str) -> str:
    """Format an interval with its unit; rounding only ever widens it.

    Examples
    --------
    >>> span(Interval(201, 299), "firm", "en"), span(Interval(6e9, math.inf), "CNY/year", "en")
    ('201–299 firms', '≥ 6 billion CNY a year')
    >>> span(Interval(25.365, 25.375), "percent", "zh")
    '25.365–25.375%'
    """
    low, high = interval
    if low == high:
        return with_unit(number(low, lang), unit, lang)
    whole = all(not math.isfinite(end) or (end == round(end) and abs(end) < 1e6) for end in interval)
    if not whole:
        low, high, _ = ends(interval, PERCENT_DECIMALS if unit.startswith("percent") else MOST_DECIMALS)
        if unit in ("index", "nats"):  # one step for a whole column, so that equal ends look equal
            low, high = (outward(end, MOST_DECIMALS, up=i == 1) for i, end in enumerate(interval))
    if math.isinf(low) and math.isinf(high):
        return text("span.none", lang)
    if math.isinf(high):
        return f"≥ {with_unit(number(low, lang), unit, lang)}"
    if math.isinf(low):
        return f"≤ {with_unit(number(high, lang), unit, lang)}"
    first, second = _pair(low, high, lang)
    return with_unit(f"{first}–{second}" if low >= 0 else f"{first} … {second}", unit, lang)


def _pair(low: float, high: float, lang: str) -> tuple[str, str]:
    """Both ends in their scales, one for both named once; in plain digits if one of them is not exact in it."""
    first, second = number(low, lang), number(high, lang)
    scales = [
        next((word for _, word in _SCALES[check_lang(lang)] if end.endswith(word)), "") for end in (first, second)
    ]
    if all(scales):
        return (first.removesuffix(scales[0]) if scales[0] == scales[1] else first), second
    return tuple(_minus(_trim(f"{end:,.6f}")) for end in (low, high))  # type: ignore[return-value]


def words(interval: Interval, unit: str, lang: str) -> str:
    """An interval inside a sentence.

    >>> words(Interval(6e9, math.inf), "CNY/year", "en"), words(Interval(2, 3), "firm", "zh")
    ('at least 6 billion CNY a year', '2–3家')
    """
    shown = span(interval, unit, lang)
    for sign, key in (("≥ ", "span.at_least"), ("≤ ", "span.at_most")):
        if shown.startswith(sign):
            return text(key, lang, end=shown.removeprefix(sign))
    return shown


def with_unit(formatted: str, unit: str, lang: str) -> str:
    """Put a unit behind a formatted number.

    >>> with_unit("5", "CNY/year/shop", "en"), with_unit("5万", "CNY/year/shop", "zh")
    ('5 CNY a year per shop', '5万元/店·年')
    """
    if unit in DIMENSIONLESS:
        return formatted
    if has(f"unit.{unit}"):
        return (
            formatted + text(f"unit.{unit}", lang)
            if lang == "zh" or unit == "percent"
            else f"{formatted} {_plural(unit, formatted)}"
        )
    first, *rest = unit.split("/")
    shown = with_unit(formatted, first, lang) if has(f"unit.{first}") else f"{formatted} {first}".strip()
    names = [label("per", part, lang) for part in rest]
    if lang == "zh":  # 万元/店·年: what counts comes before the year
        return f"{shown}/{'·'.join(reversed(names))}" if names else shown
    return shown + "".join(" a year" if name == "year" else f" per {name}" for name in names)


def unit_name(unit: str, lang: str) -> str:
    """Name of a unit alone, for an axis."""
    return with_unit("", unit, lang).strip().lstrip("/")


def date(moment: str, lang: str) -> str:
    """Show an ISO date and time, ``2026-11-23T08:00``, as readers write it.

    >>> date("2026-11-23T08:00", "en"), date("2026-11-23T08:00", "zh")
    ('23 Nov 2026, 08:00', '2026年11月23日 08:00')
    """
    day, _, clock = moment.partition("T")
    year, month, number_of_day = day.split("-")
    if lang == "zh":
        return f"{year}年{int(month)}月{int(number_of_day)}日 {clock[:5]}".strip()
    name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][int(month) - 1]
    return f"{int(number_of_day)} {name} {year}, {clock[:5]}".rstrip(", ")


def _plural(unit: str, formatted: str) -> str:
    singular = text(f"unit.{unit}", "en")
    if formatted == "1" or f"unit.{unit}.many" not in _table():
        return singular
    return text(f"unit.{unit}.many", "en")


def _trim(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _minus(digits: str) -> str:
    return digits.replace("-", "−")
