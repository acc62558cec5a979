"""Clusters side by side: how little of them can be compared, who is more unequal where that is settled, exports."""

from __future__ import annotations

import pandas as pd

from clusterlib import labels
from clusterlib.analysis.exports import TOTAL
from clusterlib.analysis.standing import SCALE_FREE, Comparison, Order, orders
from clusterlib.display import Finding, Findings
from clusterlib.findings.parts import ends, sentence
from clusterlib.interval import Interval
from clusterlib.page import Page, result_interval


def comparison(page: Page, found: Comparison) -> Findings:
    """How little can stand side by side, where an order is settled or open, and what exports are of the total."""
    own = found.clusters[0]
    sentences = [_counts(page, found)] if found.standings else []
    if not any(own in each.figures for each in found.standings):
        return Findings([Finding(sentence(page, "finding.comparison.none", cluster=page.name)), *sentences])
    settled = orders(found)
    if not settled:
        sentences.append(Finding(sentence(page, "finding.comparison.no_ratio", cluster=page.name)))
    sentences += _settled(page, found, [each for each in settled if each.side != "open"])
    sentences += _open(page, found, [each for each in settled if each.side == "open"])
    sentences += _exports(page, found.exports[found.exports["cluster"] == own])
    return Findings(sentences)


def _counts(page: Page, found: Comparison) -> Finding:
    several = [each for each in found.standings if len(each.figures) > 1]
    numbers = {
        "all": len(found.standings),
        "several": len(several),
        "yes": sum(each.comparable == "yes" for each in found.standings),
        "reserved": sum(each.comparable == "reservation" for each in found.standings),
    }
    text = sentence(page, "finding.comparison.counts", **{key: _number(page, each) for key, each in numbers.items()})
    own = [each for each in found.standings if found.clusters[0] in each.figures]
    if own:
        shared = _number(page, sum(len(each.figures) > 1 for each in own))
        text += page.text("finding.comparison.own", cluster=page.name, own=_number(page, len(own)), shared=shared)
    slugs = [str(slug) for each in several for figures in each.figures.values() for slug in figures["figure"]]
    return Finding(text, page.cite(slugs))


def _number(page: Page, number: int) -> str:
    return labels.number(number, page.lang) if number else page.text("finding.comparison.zero")


def _settled(page: Page, found: Comparison, settled: list[Order]) -> list[Finding]:
    """One sentence for all measures that are in the same order under the same assumptions."""
    same: dict[tuple[object, ...], list[Order]] = {}
    for each in settled:
        kind = "unequal" if each.measure in SCALE_FREE else "share"
        ours, theirs = each.pair
        key = (kind, each.other, each.side, ours["assumption"], theirs["assumption"], each.settled, each.pairs)
        same.setdefault(key, []).append(each)
    # Who is more unequal comes first.
    ordered = sorted(same.items(), key=lambda each: each[0][0] != "unequal")
    return [_order(page, found, f"finding.comparison.{kind}", together) for (kind, *_), together in ordered]


def _order(page: Page, found: Comparison, key: str, together: list[Order]) -> Finding:
    first = together[0]
    other = page.study.label("clusters", first.other, page.lang)
    items = [
        page.text("finding.comparison.item", measure=page.measured(each.pair[0]),
                  own=_end(page, each.pair[0], upper=each.side == "lower"),
                  other=_end(page, each.pair[1], upper=each.side == "higher"))
        for each in together
    ]  # fmt: skip
    conditions = [*_conditions(page, first.pair[0], page.name), *_conditions(page, first.pair[1], other)]
    condition = page.text("finding.comparison.if", list=page.text("and").join(conditions)) if conditions else ""
    fields = {"own": page.name, "other": other, "condition": condition, "list": labels.join(items, page.lang)}
    text = sentence(page, f"{key}.{first.side}", **fields)
    if any(found.reservations[each.measure] for each in together):
        text += page.text("finding.comparison.reserved")
    if first.settled < first.pairs:
        left = labels.number(first.pairs - first.settled, page.lang)
        text += page.text("finding.comparison.rest", left=left, all=labels.number(first.pairs, page.lang))
    return Finding(text, page.cite(" ".join(row["figures"] for each in together for row in each.pair)))


def _end(page: Page, row: pd.Series, *, upper: bool) -> str:
    """The end of an interval that decides an order: ``at least 0.7392``."""
    low, high = result_interval(row)
    return labels.words(Interval(-float("inf"), high) if upper else Interval(low, float("inf")), row["unit"], page.lang)


def _conditions(page: Page, row: pd.Series, cluster: str) -> list[str]:
    """What a row assumes, with whose it is; nothing where it is printed or needs no assumption."""
    parts = row["assumption"].split(";")
    words = [
        page.text("finding.comparison.scale", scale=page.amount(part.partition("=")[2], "CNY"))
        for part in parts
        if part.startswith("scale=")
    ]
    words += [page.setting(row["assumption"])] if page.setting(row["assumption"]) else []
    if "ordered" in parts:
        indicator, group = page.indicator(row["indicator"]), page.group(row["group"].partition(";")[0])
        words.append(page.text("finding.comparison.ordered", group=group, indicator=indicator))
    return [page.noted(page.text("and").join(words), cluster)] if words else []


def _open(page: Page, found: Comparison, left: list[Order]) -> list[Finding]:
    sentences = []
    for other in dict.fromkeys(each.other for each in left):
        own = [each for each in left if each.other == other]
        rows = found.ratios[found.ratios["measure"].isin([each.measure for each in own])]
        rows = rows[rows["cluster"].isin([found.clusters[0], other])]
        text = sentence(
            page, "finding.comparison.open", own=page.name, other=page.study.label("clusters", other, page.lang),
            list=labels.join([page.measured(each.pair[0]) for each in own], page.lang),
        )  # fmt: skip
        sentences.append(Finding(text, page.cite(" ".join(rows["figures"]))))
    return sentences


def _exports(page: Page, own: pd.DataFrame) -> list[Finding]:
    shares = own[own["measure"] == "export_share"]
    if shares.empty:
        return []
    rate = shares["assumption"].iloc[0].partition(";")[0]  # the range of rates stands first
    at_rate = shares[shares["assumption"].str.startswith(f"{rate};")]
    numbers = at_rate[at_rate["assumption"].str.endswith(";at_number")]
    items = [
        page.noted(page.span(row), page.assumption(row["assumption"].split(";")[1]))
        for _, row in numbers.iterrows()
    ]  # fmt: skip
    text = sentence(
        page, "finding.comparison.exports", rate=page.assumption(rate), cluster=page.name,
        total=page.indicator(TOTAL), list=labels.join(items, page.lang),
    )  # fmt: skip
    for _, row in own[own["measure"] == "break_even_rate"].iterrows():
        below, _ = ends(page, result_interval(row))
        text += page.text("finding.comparison.exports.half", span=page.span(row), below=below)
    if at_rate["high"].isna().any():
        text += page.text("finding.comparison.exports.open")
    return [Finding(text, page.cite(" ".join(shares["figures"])))]
