"""The words that the reader knows: one line each in `words/*.csv`, compiled once into look-ups and patterns.

To teach it a unit, a noun, a qualifier or a stop-word, add a line to the file of that name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from clusterlib.numerals import PLAIN

_FOLDER = Path(__file__).parent / "words"


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _words(name: str) -> list[str]:
    return [row["word"] for row in _rows(name)]


def either(words: Iterable[str]) -> str:
    """Pattern of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def guarded(rows: list[dict[str, str]]) -> str:
    """As `either`, each word unless a sign of its column `not_before` makes it part of another word (单 of 单元)."""
    rows = sorted(rows, key=lambda row: (-len(row["word"]), row["word"]))
    return "|".join(
        re.escape(row["word"].translate(FOLD)) + (f"(?![{row['not_before']}])" if row["not_before"] else "")
        for row in rows
    )


class Backward:
    """Words looked for from the end of a text: the one that ends last, and of these the longest.

    >>> Backward(["产值", "总产值"]).last("总产值的增长")
    ('总产值', 3)
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._pattern = re.compile(either(word[::-1] for word in words))

    def last(self, text: str) -> tuple[str, int] | None:
        """The word and its end, or None."""
        found = self._pattern.search(text[::-1])
        return (found[0][::-1], len(text) - found.start()) if found else None


class Unit(NamedTuple):
    """What a number is measured in.

    Attributes
    ----------
    unit : str
        In the vocabulary of figures: ``CNY``, ``m2``, ``percent``.
    factor : int
        How many of it one printed unit is.
    nature : {"money", "measure", "percent", "points", "permille", "times"}
        How it behaves.
    """

    unit: str
    factor: int
    nature: str


#: Sign for sign, so that places stay: full-width to plain, traditional to simplified where the words below need it.
FOLD = PLAIN | {ord(row["traditional"]): ord(row["simplified"]) for row in _rows("signs")}
del FOLD[ord("，")]  # kept apart from the separator of thousands
FOLD_NEEDED = re.compile("[" + "".join(map(chr, FOLD)).replace("]", r"\]").replace("\\\\", r"\\") + "]+")

UNITS = {row["word"].translate(FOLD): Unit(row["unit"], int(row["factor"]), row["nature"]) for row in _rows("units")}
#: Classifier -> unit, "" where the noun decides.
CLASSIFIERS = {row["word"].translate(FOLD): row["unit"] for row in _rows("classifiers") if row["article"] != "skip"}
#: Classifiers that 一 turns into an article, and that count abstract things as easily as firms.
UNIT_WORDS = guarded(_rows("units"))
CLASSIFIER_WORDS = guarded([row for row in _rows("classifiers") if row["article"] != "skip"])
LOOSE = {row["word"] for row in _rows("classifiers") if row["article"] == "yes"}
#: 国家级 and 市级 are no countries and no cities.
NOUNS = {row["word"].translate(FOLD): row["unit"] for row in _rows("nouns")}
NOUN_WORDS = f"(?:{either(NOUNS)})(?!级)"
#: Parts of a model, a plan or an argument: counting them is no statistic. Durations are none either.
PARTS = tuple(_words("parts"))
#: What a level is of: "flow" over a time, "size" (a flow that is yearly where nothing else is said) or "stock".
MEASURES = {row["word"]: row["nature"] for row in _rows("measures")}
BEFORE = {row["word"]: row["rule"] for row in _rows("qualifiers") if row["place"] == "before"}
AFTER = {row["word"].translate(FOLD): row["rule"] for row in _rows("qualifiers") if row["place"] == "after"}
#: Qualifier -> signs before it that make it part of another word (附近, 节约).
NOT_BEFORE = {row["qualifier"]: row["signs"] for row in _rows("not_before")}
STOPWORDS = _words("stopwords")
GROWTH = {row["word"]: row["direction"] for row in _rows("growth") if row["kind"] == "growth"}
#: Words that say which way percentage points go.
POINTS = {row["word"]: row["direction"] for row in _rows("growth")}
#: Currencies named before the number: 新台币320亿元.
CURRENCIES = {word: unit.unit for word, unit in UNITS.items() if unit.nature == "money" and len(word) > 1}
STATUSES = {row["word"]: row["status"] for row in _rows("statuses")}
LAID_DOWN = _words("laid_down")
ZEROS = {row["word"]: row["side"] for row in _rows("zeros")}

PERCENT = Unit("percent", 1, "percent")
PERMILLE = Unit("permille", 1, "permille")
TIMES = Unit("times", 1, "times")
INDEX = Unit("index", 1, "index")
#: Money without a word for it: 80亿.
MONEY = Unit("CNY", 1, "money")
#: Things, whose noun is not known yet.
COUNTED = Unit("", 1, "count")
