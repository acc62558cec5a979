"""Sizes: tie "at or above …" to the count or level of those that have the size; series of them are cumulative."""

from __future__ import annotations

import itertools
import re

from clusterlib.extraction.counts import head
from clusterlib.extraction.figure import Figure
from clusterlib.extraction.places import BREAK, STRAY_YEAR
from clusterlib.extraction.vocabulary import LAID_DOWN, MEASURES, NOUN_WORDS, NOUNS, either

_RULES = ("at_least", "above", "at_most", "below")
_LAID_DOWN = re.compile(either(LAID_DOWN))
#: Behind a size: what is of that size. 500万元以上企业, 过亿元的企业.
_SIZED = re.compile(
    rf"(?:级)?(?:之间)?(?:的|及以上|之)?(?P<rest>[\u4e00-\u9fff（）()“”]{{0,10}}?)(?P<noun>{NOUN_WORDS}|大户|强企|单位)"
)
#: Between a size and its count where the noun was named before: 超过百亿元的有7家.
_ELLIPSIS = re.compile(r"^(?:级)?的?(?:企业|则|也|就|还)?(?:共|已|仅|只)?有?(?:仅|达|达到)?$")
#: Between a size and the share of those that have it: 100万元以下的占七成.
_MAKES_UP = re.compile(rf"级?组?的?(?:{NOUN_WORDS})?(?:数量|个数)?(?:仅|只|约|则|就)?占(?:比|到|了)?(?:约|达|为)?")
_REST_ENDS = re.compile(r"通过|获|被|实现|完成|占|在|已|将|是|为|和|与|及|了|等|中|上|有")
#: Between a count and the size that it reaches: 12家企业产值超过亿元.
_REACHES = re.compile(rf"^(?:{NOUN_WORDS})?[^，。；：]{{0,14}}?(?:{either(MEASURES)})[^，。；：]{{0,4}}$")
_TOTAL = re.compile(r"实现|完成|共计|合计|累计|总共|创造|贡献|带动")
_CHANGED_TO = re.compile(r"^[^，。；]{0,8}(?:到|至|为)[^，。；]{0,8}$")
_BAND = re.compile(r"^之间的?(?:居多|占|为主|较多)")
_AGED = ("人口", "的人口", "老年人", "的老人", "老人", "人员", "的", "者")
#: 一档为2亿元以上: classes are named, nothing is counted.
_NAMED = re.compile(r"(?:[一二三四五六]档|[大中小微]型(?:企业)?|[一二三]类(?:企业)?)(?:则)?[为是][^，。；]{0,12}$")
#: Between a number of things each must have and those that have it: 10件以上专利的仅9家.
_HAVING = re.compile(rf"(?:{NOUN_WORDS})的(?:企业|单位)?(?:仅|只|有|达)*$")
#: What a multiplier alone needs before it to be an amount: 库存达百亿元.
_SAID = ("达", "达到", "为", "是", "有", "了")
_LONGEST_GAP = 24
#: Those that a size in something else than money may be of.
_SIZEABLE = frozenset(
    (
        *("firm", "self_employed", "shop", "household", "farm", "cooperative", "group", "industry", "cluster"),
        *("project", "product", "brand", "market", "park", "base", "zone", "greenhouse", "building", "station"),
        *("village", "town", "county", "city", "province", "berth", "ship", "machine", "vehicle"),
    )
)


def tie_sizes(text: str, figures: list[Figure]) -> list[Figure]:
    """Tie sizes to their counts; drop what only names a size.

    Parameters
    ----------
    text : str
        Folded text.
    figures : list of Figure
        In the order of the text.

    Returns
    -------
    list of Figure
        A size with a count behind it is one figure, not two; a size without one is none.
    """
    kept: list[Figure] = []
    dropped: set[int] = set()
    for index, size in enumerate(figures):
        if index in dropped:
            continue
        if not _may_be_size(size):
            kept.append(size)
            continue
        if _listed_size(text, figures, index):
            dropped.add(index + 1)
            continue
        owner = None if _is_age(size) else _owner(text, figures, index)
        if owner is not None:
            _tie(text, figures[owner], size, _sized(size))
        elif not _names_a_size(size):
            kept.append(size)
    for earlier, later in itertools.pairwise(kept):
        _carry(text, earlier, later)
    _note_series(kept)
    return kept


def _listed_size(text: str, figures: list[Figure], index: int) -> bool:
    """Whether two sizes are named for the same things: 超过500万元、1000万元的企业."""
    if index + 1 == len(figures):
        return False
    size, after = figures[index], figures[index + 1]
    gap = text[size.token.end : after.token.start]
    same = size.kind == after.kind == "level" and size.token.unit == after.token.unit
    return same and gap in ("、", "和", "及", "或") and _sized(after) is not None


def _may_be_size(figure: Figure) -> bool:
    token = figure.token
    if figure.kind not in ("level", "count", "rate", "share") or token.form not in ("number", "range"):
        return False
    if token.unit.nature in ("percent", "permille"):
        return False
    return token.form == "range" or token.bare or any(rule in _RULES for rule in token.rules)


def _sized(size: Figure) -> re.Match[str] | None:
    """What is of that size, where it stands directly behind."""
    if size.kind == "count" and not size.token.rules[1]:
        return None
    found = _SIZED.match(size.behind)
    if found and size.kind == "count":  # 10件以上发明专利的企业: the firms, not the patents
        found = _SIZED.match(size.behind, found.end())
    if not found or _REST_ENDS.search(found["rest"]):
        return None
    return found if size.token.unit.nature == "money" or NOUNS.get(found["noun"], "firm") in _SIZEABLE else None


def _is_age(size: Figure) -> bool:
    """Whether it is an age that says who is counted: 60岁及以上人口."""
    return size.token.unit.unit == "year" and size.behind.startswith(_AGED)


def _names_a_size(size: Figure) -> bool:
    if _BAND.match(size.behind) or _is_age(size) or (size.kind == "level" and _NAMED.search(size.clause)):
        return True
    if size.kind == "level" and size.behind == "的":
        return True
    said = size.kind == "level" and (size.noun or size.clause.endswith(_SAID))
    if size.token.bare and not any(size.token.rules) and not said:
        return True  # 亿元 by itself; 产值百亿元 is a level
    return size.kind == "level" and _sized(size) is not None and not _LAID_DOWN.search(size.clause)


def _owner(text: str, figures: list[Figure], index: int) -> int | None:
    """Index of the count or level that a size belongs to."""
    size, sized = figures[index], _sized(figures[index])
    after = figures[index + 1] if index + 1 < len(figures) else None
    if after and size.kind in ("level", "count"):
        gap = text[size.token.end : after.token.start]
        if len(gap) <= _LONGEST_GAP and not BREAK.search(gap):
            if sized and after.token.unit.nature in ("count", "money") and after.kind in ("count", "level", "change"):
                return index + 1
            if after.kind == "share" and _MAKES_UP.fullmatch(gap):
                return index + 1
            if size.kind == "count" and after.token.unit.nature == "count" and _HAVING.match(gap):
                return index + 1
            if after.token.unit.nature == "count" and _ELLIPSIS.match(gap) and after.token.word != size.token.word:
                return index + 1
    before = figures[index - 1] if index else None
    if not before or before.kind not in ("count", "change") or before.token.unit.nature != "count":
        return None
    gap = text[before.token.end : size.token.start]
    if len(gap) > _LONGEST_GAP or BREAK.search(gap) or size.token.form == "range":
        return None
    if sized:
        return index - 1 if NOUNS.get(sized["noun"], "") in (before.unit, "") and len(gap) <= 16 else None
    reaches = (
        before.token.form in ("number", "zero")
        and size.kind == "level"
        and _REACHES.match(gap)
        and not _TOTAL.search(gap)
    )
    return index - 1 if reaches and (not size.behind or size.behind.startswith("的")) else None


def _tie(text: str, owner: Figure, size: Figure, sized: re.Match[str] | None) -> None:
    owner.threshold = size.token.number.value
    owner.threshold_unit = size.token.unit.unit or size.unit
    rules = [rule for rule in size.token.rules if rule]
    rule = "at_least" if not rules or len(set(rules)) > 1 else rules[0]
    owner.group = "at_least" if rule in ("at_least", "above") else "at_most"
    if size.token.second:
        owner.group = "between"
        owner.notes.append(f"of a size up to {size.token.second.value:.15g} {owner.threshold_unit}")
    elif rule in ("above", "below"):
        owner.notes.append("the size itself is excluded")
    if owner.token.unit.nature == "count":
        owner.kind = "threshold_count"
        if sized and (owner.unit == "item" or owner.token.form == "zero"):
            owner.noun, owner.unit = sized["noun"], NOUNS.get(head(sized["noun"]), owner.unit)
        elif owner.unit in ("item", size.unit) and (owner.token.word == "家" or owner.token.form == "zero"):
            owner.unit = "firm"
    if STRAY_YEAR.search(text, max(0, size.token.start - 5), size.token.start):
        owner.flag("orphan_fragment", "a year stands before the size without a word between")
    if len(set(rules)) > 1:
        owner.flag(
            "qualifiers_clash", "the size has two qualifiers that contradict each other; the wider reading is kept"
        )


def _carry(text: str, earlier: Figure, later: Figure) -> None:
    """由2家增加到6家: the second count is of the same size."""
    if (
        earlier.kind == "threshold_count"
        and later.kind == "count"
        and later.noun == earlier.noun
        and later.sentence == earlier.sentence
        and _CHANGED_TO.match(text[earlier.token.end : later.token.start])
    ):
        later.kind, later.group = "threshold_count", earlier.group
        later.threshold, later.threshold_unit = earlier.threshold, earlier.threshold_unit


def _note_series(figures: list[Figure]) -> None:
    """Counts at or above rising sizes: the larger are among the smaller."""
    series: list[Figure] = []
    for figure in [*figures, None]:
        tied = figure is not None and figure.kind == "threshold_count" and figure.group == "at_least"
        if figure is not None and tied and (not series or _continues(series[-1], figure)):
            series.append(figure)
            continue
        if figure is not None and not tied and series and figure.sentence == series[-1].sentence:
            continue
        if len(series) > 1:
            for place, each in enumerate(series, 1):
                each.notes.append(f"cumulative series, {place} of {len(series)}")
        series = [figure] if figure is not None and tied else []


def _continues(last: Figure, figure: Figure) -> bool:
    return (
        figure.sentence == last.sentence
        and figure.unit == last.unit
        and figure.threshold_unit == last.threshold_unit
        and figure.threshold != last.threshold
    )
