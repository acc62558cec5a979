"""What the numbers are said of: each token becomes a figure, or is dropped as none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from clusterlib.extraction.counts import count, counts_the_noun
from clusterlib.extraction.figure import Figure, around
from clusterlib.extraction.places import Places
from clusterlib.extraction.qualifiers import apart
from clusterlib.extraction.quantities import measure
from clusterlib.extraction.sizes import tie_sizes
from clusterlib.extraction.tokens import Token
from clusterlib.extraction.vocabulary import COUNTED, MONEY, STATUSES, Backward

_LIST = re.compile(r"(?:[、和与及或]|以及)?\s*")
_LAST_STATUS = Backward(STATUSES)
#: To a later year: 到“十四五”末, 到2025年; not "from … to the … of that year".
_TARGET = re.compile(
    r"(?<![加少高降长展升减猛增落由从])[到至](?:[“\"]?[^，。；由从]{0,8}?[”\"]?(?:末|底|时)(?![的已])|20[0-9]{2}年(?![的底末]))[^。；]{0,80}$"
)


def understand(text: str, tokens: Sequence[Token], places: Places) -> list[Figure]:
    """Give each token its meaning and drop what is no figure.

    Parameters
    ----------
    text : str
        Folded text.
    tokens : sequence of Token
        From `clusterlib.extraction.scan.scan`, in order.
    places : Places
        Of the same text.
    """
    found: list[Figure] = []
    counted: list[Figure] = []
    for token in tokens:
        figure = around(text, token, places)
        figure.status = _status(figure)
        earlier = found[-1] if found and found[-1].sentence == figure.sentence else None
        if token.unit is MONEY and counts_the_noun(figure):
            token.unit = COUNTED  # 人口8万: no unit, but what is counted stands before it
        if token.unit.nature == "count":
            if not count(figure, counted):
                continue
            counted.append(figure)
        else:
            _reach_back(figure, earlier)
            gap = text[earlier.token.end : token.start] if earlier else "."
            measure(figure, earlier, listed=len(gap) <= 3 and bool(_LIST.fullmatch(gap)))
        found.append(figure)
    figures = tie_sizes(text, found)
    _inherit_wholes(figures)
    return figures


def _reach_back(figure: Figure, earlier: Figure | None) -> None:
    """Take in a qualifier that stands before the whole of a share or a multiple: 约占全县产值的9%."""
    token = figure.token
    if token.unit.nature not in ("percent", "permille", "times") or token.rules[0] or not figure.clause.endswith("的"):
        return
    if found := apart(figure.clause):
        start = token.start - len(figure.clause) + found[1]
        if not earlier or start >= earlier.token.end:
            token.start, token.rules = start, (found[0], token.rules[1])


def _status(figure: Figure) -> str:
    before = figure.before
    last = _LAST_STATUS.last(before)
    if last and last[0] in ("计划", "规划") and before[last[1] : last[1] + 1] in tuple("，。；、"):
        last = None  # the plan itself, not what is planned
    if last and STATUSES[last[0]] != "observed":
        return STATUSES[last[0]]
    target = _TARGET.search(before)
    return "target" if target and (not last or target.start() > last[1]) else "observed"


def _inherit_wholes(figures: Sequence[Figure]) -> None:
    """Along a list of shares the whole is named once: …占…的25%，销售收入占62%."""
    for earlier, figure in itertools.pairwise(figures):
        if figure.kind != "share" or figure.denominator or earlier.kind != "share" or "占" not in figure.clause:
            continue
        if earlier.sentence != figure.sentence or not earlier.denominator:
            continue
        part = earlier.noun.split("企业")[-1] if "企业" in earlier.noun else earlier.noun
        whole = earlier.denominator
        # 产值占集群产值的67%: the whole of 销售收入 beside it is the sales of the cluster.
        figure.denominator = whole.removesuffix(part) + figure.noun if part and whole.endswith(part) else whole
        figure.notes.append("the whole is the one of the share before it")
