"""What other readers of Chinese figures read: run by their interpreter, so it imports nothing of clusterlib.

    PEERS/bin/python benchmarks/peers.py versions           # prints the readers that can run, as JSON
    PEERS/bin/python benchmarks/peers.py READER < texts     # one {"text": ...} a line, one list of results a line

A result is {"start", "end", "value", "unit"}, with "low" and "high" where the peer says an interval, and "loose" where
the peer may be right but should not be called wrong. An environment with the peers:

    python3.11 -m venv PEERS
    PEERS/bin/python -m pip install jionlp ms-recognizers-text-number-with-unit ms-recognizers-text-date-time \
        ms-recognizers-text-sequence

The `ms-` packages (2024) are the later issue of Microsoft Recognizers-Text. The earlier one (2019,
recognizers-text-suite 1.0.2a2) is used where the later is not installed; it needs emoji<2, and misses numbers that the
later finds (1.2亿千瓦时). Do not install both in one environment: they write to the same folders.

recognizers-text: the models for number, percentage, currency, dimension, age and temperature, culture zh-cn. The model
for ranges of numbers is not in the Python packages. Done in its favour:

- of results that overlap, those with a unit are kept before plain numbers, and longer ones before shorter;
- full-width digits, points and signs of percent are made half-width before it sees them;
- its units are put into ours; a number with no unit is `count`, and so is one with a word that it takes for a unit and
  that counts things here (位 as bits, 桶, 罐);
- a fraction (1/4, 三分之一) and 半 are put into percent, and 百分点 into percentage points;
- 度 is kWh where the text is about electricity (电), else degrees Celsius;
- a currency with no number, right before an amount (港币5000万元), is the currency of that amount;
- the models that tell a date or an ordinal see a clause at a time: over commas that for dates joins what is far apart,
  and gives places outside the text;
- what its own models read as a date, a duration, an ordinal or a telephone number, and a bare 一 (which is mostly an
  article), is loose: it counts where it is a figure, and is not held against it elsewhere.

jionlp: extract_money with its parsing; it reads no other figures (parse_money takes the words of an amount, no text).
Done in its favour: its span is taken with the words of the qualifier, its ranges and its `blur+` (at least), `blur-`
(at most, from 0) and `blur` (about, no interval) are intervals, and the lower end of a range is the value. It fails on
some texts with an exception: such a text counts as one in which it finds nothing, and is reported.

quantulum3 (0.10.0) is left out: it has rules for English only (`lang="zh_CN"` raises NotImplementedError), and finds
nothing where a number stands between Chinese characters.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

Found = dict[str, Any]
CULTURE = "zh-cn"
COUNT = "count"
#: Unit of the peer: ours, and how many of ours it is.
DIMENSIONS: dict[str, tuple[str, float]] = {
    "Meter": ("m", 1),
    "Kilometer": ("km", 1),
    "Centimeter": ("m", 0.01),
    "Li": ("km", 0.5),
    "Square meter": ("m2", 1),
    "Square kilometer": ("km2", 1),
    "Hectare": ("ha", 1),
    "Mu": ("mu", 1),
    "Liter": ("L", 1),
    "Cubic meter": ("m3", 1),
    "Kilogram": ("kg", 1),
    "Jin": ("jin", 1),
    "Gram": ("g", 1),
    "Ton": ("t", 1),
    "Year": ("year", 1),
    "Day": ("day", 1),
    "C": ("degC", 1),
    "Bit": (COUNT, 1),
    "Barrel": (COUNT, 1),
    "Pot": (COUNT, 1),
}
CURRENCIES = {
    "Chinese yuan": "CNY",
    "United States dollar": "USD",
    "Dollar": "USD",
    "Hong Kong dollar": "HKD",
    "Euro": "EUR",
    "Japanese yen": "JPY",
    "British pound": "GBP",
    "New Taiwan dollar": "TWD",
    "South Korean won": "KRW",
    "Macau Pataca": "MOP",
    "Australian dollar": "AUD",
    "Canadian dollar": "CAD",
    "Russian ruble": "RUB",
    "Ruble": "RUB",
    "Swiss franc": "CHF",
    "Franc": "CHF",
    "Singapore dollar": "SGD",
}
#: The case that jionlp gives, by how it ends; the first that fits.
CASES = {
    "美元": "USD",
    "港元": "HKD",
    "欧元": "EUR",
    "日元": "JPY",
    "韩元": "KRW",
    "台币": "TWD",
    "澳门元": "MOP",
    "澳门币": "MOP",
    "澳元": "AUD",
    "加元": "CAD",
    "加拿大元": "CAD",
    "新加坡元": "SGD",
    "英镑": "GBP",
    "卢布": "RUB",
    "法郎": "CHF",
    "元": "CNY",
}
#: What makes a date of what the model for dates finds: it also takes 3256.8 for one.
DATED = re.compile("[年月日号时分秒天周季旬]|世纪|星期")


def half_width(text: str) -> str:
    """The text with digits, points and signs of percent in half width, each character in its place."""
    return "".join(unicodedata.normalize("NFKC", c) if "０" <= c <= "９" or c in "．％" else c for c in text)


def recognizers() -> Callable[[str], list[Found]]:
    """Microsoft Recognizers-Text."""
    prefix = recognizers_prefix()
    number = import_module(f"{prefix}recognizers_number")
    unit = import_module(f"{prefix}recognizers_number_with_unit")
    elsewhere = [number.recognize_ordinal]
    for package, name in (("date_time", "recognize_datetime"), ("sequence", "recognize_phone_number")):
        try:
            elsewhere.append(getattr(import_module(f"{prefix}recognizers_{package}"), name))
        except ImportError:
            print(f"recognizers_{package} is not installed: its {name} is not used", file=sys.stderr)
    models = [
        (number.recognize_percentage, _percentage),
        (unit.recognize_currency, _currency),
        (unit.recognize_age, _dimension),
        (unit.recognize_temperature, _dimension),
        (unit.recognize_dimension, _dimension),
        (number.recognize_number, _number),
    ]

    def read(text: str) -> list[Found]:
        text = half_width(text)
        found: list[Found] = []
        for model, convert in models:
            for result in sorted(model(text, CULTURE), key=lambda r: r.start - r.end):
                got = convert(result, text)
                if got is not None and not any(_overlap(got, other) for other in found):
                    found.append(got)
        found = _with_currency_before(found)
        others = [
            {"start": before + r.start, "end": before + r.end + 1}
            for model in elsewhere
            for before, clause in _clauses(text)
            for r in model(clause, CULTURE)
            if model.__name__ != "recognize_datetime" or DATED.search(r.text)
        ]
        for got in found:
            bare = text[got["start"] : got["end"]] == "一"
            got["loose"] = bare or (got["unit"] == COUNT and any(_overlap(got, other) for other in others))
        return sorted(found, key=lambda got: got["start"])

    return read


def recognizers_prefix() -> str:
    """`ms_` where the later issue of the packages is installed."""
    try:
        import_module("ms_recognizers_number_with_unit")
    except ImportError:
        return ""
    return "ms_"


def _clauses(text: str) -> list[tuple[int, str]]:
    return [(found.start(), found[0]) for found in re.finditer("[^，。；！？]+", text)]


def _overlap(one: Found, other: Found) -> bool:
    return bool(one["start"] < other["end"] and other["start"] < one["end"])


def _found(result: Any, value: float | None, unit: str) -> Found:
    return {"start": result.start, "end": result.end + 1, "value": value, "unit": unit}


def _value(result: Any) -> float | None:
    printed = (result.resolution or {}).get("value")
    try:
        return float(str(printed).rstrip("%"))
    except ValueError:
        return None


def _percentage(result: Any, text: str) -> Found | None:
    value = _value(result)
    return value if value is None else _found(result, value, "percentage_point" if "点" in result.text else "percent")


def _number(result: Any, text: str) -> Found | None:
    value = _value(result)
    if value is None:
        return None
    if re.search("分之|/|^半$", result.text):
        return _found(result, value * 100, "percent")
    return _found(result, value, COUNT)


def _dimension(result: Any, text: str) -> Found | None:
    value, name = _value(result), (result.resolution or {}).get("unit")
    if value is None or not name:
        return None
    if name == "Degree":
        return _found(result, value, "kWh" if "电" in text else "degC")
    unit, factor = DIMENSIONS.get(name, (name, 1))
    return _found(result, value * factor, unit)


def _currency(result: Any, text: str) -> Found | None:
    """An amount; a currency with no number has the value None for the time being."""
    name = (result.resolution or {}).get("unit")
    return _found(result, _value(result), CURRENCIES.get(name, name)) if name else None


def _with_currency_before(found: list[Found]) -> list[Found]:
    amounts = [got for got in found if got["value"] is not None]
    for word in found:
        if word["value"] is None:
            for got in amounts:
                if got["start"] == word["end"] and got["unit"] == "CNY":
                    got.update(start=word["start"], unit=word["unit"])
    return amounts


def jionlp() -> Callable[[str], list[Found]]:
    """JioNLP's amounts of money."""
    jio = import_module("jionlp")

    def read(text: str) -> list[Found]:
        return [got for money in jio.ner.extract_money(half_width(text)) if (got := _money(money)) is not None]

    return read


def _money(money: dict[str, Any]) -> Found | None:
    start, end = money["offset"]
    detail = money["detail"]
    case = detail["case"]
    unit = next((ours for theirs, ours in CASES.items() if case.endswith(theirs)), case)
    got: Found = {"start": start, "end": end, "unit": unit}
    if isinstance(detail["num"], list):
        low, high = (float(n) for n in detail["num"])
        return {**got, "value": low, "low": low, "high": high}
    value = float(detail["num"])
    intervals = {"blur+": (value, None), "blur-": (0.0, value), "blur": (None, None)}
    low_high = intervals.get(detail["definition"])
    got["value"] = value
    return got if low_high is None else {**got, "low": low_high[0], "high": low_high[1]}


READERS = {"recognizers-text": recognizers, "jionlp": jionlp}
PACKAGES = {
    "recognizers-text": ["ms-recognizers-text-number-with-unit", "recognizers-text-number-with-unit"],
    "jionlp": ["jionlp"],
}


def versions() -> dict[str, str]:
    """Package and version of every reader that is installed here."""
    found: dict[str, str] = {}
    for reader, packages in PACKAGES.items():
        for package in packages:
            try:
                found.setdefault(reader, f"{package} {version(package)}")
            except PackageNotFoundError:
                continue
    return found


def main() -> None:
    """Read texts from standard input; what the peers print goes to standard error."""
    out = sys.stdout
    asked = sys.argv[1] if len(sys.argv) == 2 else ""
    if asked != "versions" and asked not in READERS:
        sys.exit(f"given {sys.argv[1:]}; allowed: versions, {', '.join(READERS)}")
    with redirect_stdout(sys.stderr):
        if asked == "versions":
            print(json.dumps(versions()), file=out)
            return
        read = READERS[asked]()
        failures: list[str] = []
        for line in sys.stdin:
            text = json.loads(line)["text"]
            try:
                results = read(text)
            except Exception as error:  # a peer's fault in one text is no reason to lose the others
                failures.append(f"{type(error).__name__}: {error}: {text[:60]}")
                results = []
            print(json.dumps(results, ensure_ascii=False), file=out)
        for failure in failures:
            print(f"{asked} failed: {failure}", file=sys.stderr)


if __name__ == "__main__":
    main()
