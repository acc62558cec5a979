"""What is wrong with a printed figure. Flags never change a reading."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from clusterlib.extraction.figure import Figure
from clusterlib.extraction.places import STRAY_YEAR, Places
from clusterlib.extraction.vocabulary import NOUNS
from clusterlib.rules import Reading

#: 2000 is a round number more often than a year.
_YEAR = re.compile(r"(?:19[5-9][0-9]|20(?!00)[0-4][0-9])$")
_DIGITS = re.compile(r"[0-9]+")
_YEARLESS = frozenset(("money", "count", "measure"))
_RESTATED = frozenset(("count", "share"))
_LOOK_BACK = 10
#: What points back at things that were counted before.
_DEFINITE = ("在", "这", "该", "上述", "以上", "这些")
#: Rules that say a number again in rounder words.
_ROUNDER = ("fraction", "half_and_more", "at_least", "about", "more_than", "below", "above")


def add_flags(text: str, figures: Sequence[Figure], places: Places) -> None:
    """Flag figures, and mark those that say again what another one prints.

    Parameters
    ----------
    text : str
        Folded text.
    figures : sequence of Figure
        In the order of the text.
    places : Places
        Of the same text.
    """
    for index, figure in enumerate(figures):
        _by_itself(text, figure, places)
        if figure.kind in _RESTATED:
            _restated(figure, figures[max(0, index - _LOOK_BACK) : index], places)
        if index and figure.sentence == figures[index - 1].sentence:
            _against(figure, figures[index - 1])
        if figure.kind == "share":
            _coarser(figure, figures[max(0, index - 6) : index + 7])


def _by_itself(text: str, figure: Figure, places: Places) -> None:
    token = figure.token
    start, end = token.start, token.end
    if token.spaced:
        figure.flag("digits_spaced", "blanks stand inside the number")
    if token.unit.nature in _YEARLESS and not (token.chinese or token.number.decimals):
        digits = _DIGITS.search(text, start, end)
        if digits and _YEAR.fullmatch(digits[0]):
            figure.flag("year_in_place_of_number", f"{digits[0]} is shaped like a year")
    first, last = token.rules
    if (first and last and first != last) or (token.more and (first or last) and token.form == "number"):
        figure.flag("qualifiers_clash", "two qualifiers contradict each other; the wider interval is kept")
    if places.stray and places.has_stray_bracket(start - 6, end + 2):
        figure.flag("orphan_fragment", "a bracket beside it has no partner")
    if start and STRAY_YEAR.search(text, max(0, start - 5), start):
        figure.flag("orphan_fragment", "a year stands before it without a word between")
    if places.stripped and places.has_stripped(max(figure.sentence[0], start - 90), min(figure.sentence[1], end + 60)):
        figure.flag("period_lost", "empty quotation marks stand in its sentence")
    if figure.kind == "share" and figure.reading.value > 100:
        figure.flag("part_exceeds_whole", "a share of more than 100 percent")


def _restated(figure: Figure, earlier: Sequence[Figure], places: Places) -> None:
    paragraph = -1
    for other in reversed(earlier):
        if other.unit != figure.unit or not _says_again(figure, other):
            continue
        paragraph = places.paragraph(figure.token.start) if paragraph < 0 else paragraph
        if places.paragraph(other.token.start) != paragraph:
            return
        figure.status = "restated"
        figure.notes.append(f"says again the figure at {other.token.start}")
        figure.denominator = figure.denominator or other.denominator
        if figure.reading.rule == "fraction":
            figure.reading = Reading(figure.reading.value, math.nan, math.nan, "fraction")
            figure.notes.append("says a more exact figure again, so it gives no interval")
        return


def _says_again(figure: Figure, earlier: Figure) -> bool:
    """Whether a figure says an earlier one again: the same count, or a rounder word for the same share."""
    new, old = figure.reading, earlier.reading
    if (
        figure.sentence == earlier.sentence
        or figure.kind != earlier.kind
        or new.rule == "zero"
        or figure.threshold_unit
        or earlier.threshold_unit
    ):
        return False
    if figure.kind == "count":
        again = figure.clause.endswith(_DEFINITE) or (figure.noun == earlier.noun and figure.noun in NOUNS)
        return new == old and again and figure.token.word == earlier.token.word
    if figure.kind != "share" or old.rule != "rounded" or new.rule not in _ROUNDER or not _same_thing(figure, earlier):
        return False
    if new.rule == "fraction":
        return abs(new.value - old.value) < 1
    return new.low - 1e-9 <= old.value <= new.high + 1e-9 and abs(new.value - old.value) < 10


def _same_thing(figure: Figure, earlier: Figure) -> bool:
    """Whether two shares are of wholes that share a word of two signs."""
    one, other = figure.denominator, earlier.denominator + earlier.noun
    return any(one[at : at + 2] in other for at in range(len(one) - 1))


def _against(figure: Figure, previous: Figure) -> None:
    """A part larger than its whole."""
    if (
        figure.clause.startswith("其中")
        and figure.unit == previous.unit
        and figure.kind in ("count", "level", "threshold_count")
        and previous.kind in ("count", "level")
        and figure.reading.low > previous.reading.high
    ):
        figure.flag("part_exceeds_whole", "a part is larger than what it is part of")


def _coarser(figure: Figure, around: Sequence[Figure]) -> None:
    """A share printed more coarsely than those beside it."""
    if figure.token.number.decimals or figure.reading.rule != "rounded" or figure.token.form != "number":
        return
    beside = [
        each.token.number.decimals
        for each in around
        if each is not figure
        and each.sentence == figure.sentence
        and each.kind == "share"
        and each.reading.rule == "rounded"
    ]
    if len(beside) >= 3 and all(beside):
        figure.flag("precision_break", "printed more coarsely than the shares beside it")
