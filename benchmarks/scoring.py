"""How well results of a reader fit the labels of a text: pure functions, no file and no reader.

A label is *found* if a result stands on it: pairs are made one to one, those that share most characters first, then
those whose ends differ least, then those that stand first. Of all labels, found or not, are counted:

- `value+unit`: the values are equal (relative 1e-9) and so are the base units, what stands before the first `/`;
- `full unit`: the same with the whole unit;
- `interval`: both ends are equal, a blank end is equal to a blank end only;
- `rule`, `kind`, `status`: the words are equal; `flag`: the sets of words are;
- `threshold`: size and unit are equal, counted where the label or the result on it has a threshold.

Precision counts results that stand on a label against all results; a second result on a taken label is a false one.

What is granted to a peer (`Result.peer`), which was made for another task and knows no guide of ours:

- where it gives no interval, its value stands for [value, value], which is right for exact figures;
- a plain number (unit `count`) has the unit of any counted thing (firm, person...), of an index and of a multiple;
- the sign of a decline is not asked of it (`下降3.2%` may be 3.2): the word that says it stands outside the figure;
- a second result on a label that is taken (`20` and `50亿元` on `20-50亿元`) is left out, neither right nor wrong;
- so is a result on no label that is the threshold of a label of the text (`亿元` of `产值过亿元企业12家`);
- so is a result on no label that the peer itself reads as something else (`loose`, see peers.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

RELATIVE = 1e-9
MONEY = frozenset(["CNY", "USD", "HKD", "EUR", "JPY", "GBP", "TWD", "KRW", "MOP", "AUD", "CAD", "RUB", "CHF", "SGD"])
#: Units of what is measured; every other unit is that of a counted thing, or of none (times, index).
MEASURED = MONEY.union(
    ["m2", "km2", "mu", "ha", "m", "km", "m3", "t", "kg", "g", "jin", "L", "kWh", "kW", "tce", "degC", "day", "year"],
    ["percent", "percentage_point", "permille"],
)
#: Unit of a peer's number with no unit.
COUNT = "count"
#: The parts of a label that only our own reader gives.
OWN = ("rule", "kind", "status", "threshold", "flag")


@dataclass(frozen=True)
class Figure:
    """What a label says, or a result: characters [start, end) of the text and how they are read."""

    start: int
    end: int
    printed: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    rule: str = ""
    kind: str = ""
    status: str = ""
    threshold: float | None = None
    threshold_unit: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Label(Figure):
    """A figure as a person labelled it. `asked` names the columns that the label's table has."""

    asked: frozenset[str] = frozenset(OWN)


@dataclass(frozen=True)
class Result(Figure):
    """A figure as a reader gives it. A loose one is not held against its reader where it stands on no label."""

    peer: bool = False
    interval: bool = True
    loose: bool = False


@dataclass(frozen=True)
class Matching:
    """Which result stands on which label of one text."""

    pairs: tuple[tuple[Label, Result], ...] = ()
    missed: tuple[Label, ...] = ()
    extra: tuple[Result, ...] = ()


@dataclass
class Score:
    """Counts over any number of texts: what is right, of how many."""

    labels: int = 0
    found: int = 0
    results: int = 0
    right: dict[str, int] = field(default_factory=dict)
    of: dict[str, int] = field(default_factory=dict)

    def share(self, name: str) -> float | None:
        """The share of `recall`, `precision` or a part that is right; none of nothing is None."""
        right, of = {
            "recall": (self.found, self.labels),
            "precision": (self.found, self.results),
        }.get(name, (self.right.get(name, 0), self.of.get(name, 0)))
        return right / of if of else None


def base(unit: str) -> str:
    """The unit without what it is per: `CNY` of `CNY/year`."""
    return unit.partition("/")[0]


def equal(one: float | None, other: float | None) -> bool:
    """Whether two numbers are equal but for rounding in the last places; a blank is equal to a blank only."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-12)


def overlap(one: Figure, other: Figure) -> int:
    """How many characters two figures share."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def match(labels: Sequence[Label], results: Sequence[Result]) -> Matching:
    """Pair labels and results one to one, best overlap first."""
    near = sorted(
        (-shared, abs(label.start - result.start) + abs(label.end - result.end), result.start, i, j)
        for i, label in enumerate(labels)
        for j, result in enumerate(results)
        if (shared := overlap(label, result))
    )
    result_on: dict[int, int] = {}
    taken: set[int] = set()
    for *_, i, j in near:
        if i not in result_on and j not in taken:
            result_on[i] = j
            taken.add(j)
    on_a_label = {j for *_, j in near}
    return Matching(
        tuple((labels[i], results[j]) for i, j in sorted(result_on.items())),
        tuple(label for i, label in enumerate(labels) if i not in result_on),
        tuple(
            result
            for j, result in enumerate(results)
            if j not in taken and not (result.peer and (result.loose or j in on_a_label or _is_size(result, labels)))
        ),
    )


def _is_size(result: Result, labels: Iterable[Label]) -> bool:
    """Whether a result is the size from which a label counts."""
    return any(
        has_threshold(label) and equal(label.threshold, result.value) and label.threshold_unit == result.unit
        for label in labels
    )


def same_value(label: Label, result: Result) -> bool:
    """Whether the values are equal; a peer's may lack the sign."""
    if equal(label.value, result.value):
        return True
    if not result.peer or label.value is None or result.value is None:
        return False
    return equal(abs(label.value), abs(result.value))


def same_unit(label: Label, result: Result) -> bool:
    """Whether the whole units are equal; a peer's plain number has the unit of any counted thing."""
    if result.peer and result.unit == COUNT:
        return label.unit not in MEASURED and "/" not in label.unit
    return label.unit == result.unit


def same_base(label: Label, result: Result) -> bool:
    """Whether the units are equal before the first `/`; a peer's plain number has the unit of any counted thing."""
    if result.peer and result.unit == COUNT:
        return base(label.unit) not in MEASURED
    return base(label.unit) == base(result.unit)


def same_interval(label: Label, result: Result) -> bool:
    """Whether both ends are equal; a value with no interval is [value, value]."""
    low, high = result.low, result.high
    if not result.interval:
        low = high = result.value
    return equal(label.low, low) and equal(label.high, high)


def parts(label: Label, result: Result) -> dict[str, bool]:
    """What of a label its result has right. Parts that the label's table does not hold are not asked."""
    value = same_value(label, result)
    right = {
        "value+unit": value and same_base(label, result),
        "full unit": value and same_unit(label, result),
        "interval": same_interval(label, result),
        "rule": label.rule == result.rule,
        "kind": label.kind == result.kind,
        "status": label.status == result.status,
        "flag": set(label.flag.split()) == set(result.flag.split()),
    }
    if has_threshold(label) or has_threshold(result):
        right["threshold"] = equal(label.threshold, result.threshold) and label.threshold_unit == result.threshold_unit
    return {name: ok for name, ok in right.items() if name not in OWN or name in label.asked}


def has_threshold(figure: Figure) -> bool:
    """Whether a figure counts those at or above a size."""
    return figure.threshold is not None or bool(figure.threshold_unit)


def score(matchings: Iterable[Matching]) -> Score:
    """Count what is right over any number of texts."""
    total = Score()
    for matching in matchings:
        total.labels += len(matching.pairs) + len(matching.missed)
        total.found += len(matching.pairs)
        total.results += len(matching.pairs) + len(matching.extra)
        for label, result in matching.pairs:
            for name, ok in parts(label, result).items():
                total.of[name] = total.of.get(name, 0) + 1
                total.right[name] = total.right.get(name, 0) + ok
        for label in matching.missed:
            for name in parts(label, Result(label.start, label.start)):
                total.of[name] = total.of.get(name, 0) + 1
    return total


def of_money(matching: Matching) -> Matching:
    """The labels in money, the results on them, and the results in money that stand on no label.

    A result in money on a label in something else is a false one.
    """
    return Matching(
        tuple((label, result) for label, result in matching.pairs if base(label.unit) in MONEY),
        tuple(label for label in matching.missed if base(label.unit) in MONEY),
        tuple(result for result in matching.extra if base(result.unit) in MONEY)
        + tuple(r for label, r in matching.pairs if base(label.unit) not in MONEY and base(r.unit) in MONEY),
    )
