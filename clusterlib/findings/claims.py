"""Claims: how many the figures bear out, which they do not, and what no claim mentions."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from clusterlib import labels
from clusterlib.analysis.claims import Claim, Claims, Reading
from clusterlib.display import Finding, Findings
from clusterlib.findings.parts import sentence
from clusterlib.interval import Interval
from clusterlib.measures.verdicts import VERDICTS
from clusterlib.page import Page, result_interval

#: How many claims the opening sentences name; the table below has all.
MOST_NAMED = 4
#: Verdicts that a reader would not expect of a printed claim.
SURPRISING = ("contradicted", "mixed", "only_at_the_extreme")


def claims(page: Page, found: Claims) -> Findings:
    """How many claims the printed figures decide, the surprising ones by name, and contradictions."""
    if not found.claims:
        return Findings([Finding(sentence(page, "finding.claims.none"))])
    sentences = [_count(page, found)]
    sentences += [_named(page, each) for each in found.claims if each.verdict in SURPRISING or each.doubtful][
        :MOST_NAMED
    ]
    if found.pairs:
        keys = [row["claim"] for pair in found.pairs for row in pair if row["cluster"] == page.cluster]
        text = sentence(page, "finding.claims.pairs", count=labels.number(len(found.pairs), page.lang))
        sentences.append(Finding(text, page.cite_marks("claims", keys)))
    return Findings(sentences + _unmentioned(page, found))


def _count(page: Page, found: Claims) -> Finding:
    counts = Counter(claim.verdict for claim in found.claims)
    fields = {"all": labels.number(len(found.claims), page.lang), "cluster": page.name}
    if set(counts) == {"undecidable"}:
        printed = any(reading.result is not None for claim in found.claims for reading in claim.readings)
        key = "finding.claims.undecided" if printed else "finding.claims.silent"
        return Finding(sentence(page, key, **fields))
    parts = [
        page.text(f"finding.claims.{verdict}", count=labels.number(counts[verdict], page.lang))
        for verdict in VERDICTS
        if counts[verdict] and verdict != "undecidable"
    ]
    fields |= {"decided": labels.join(parts, page.lang), "open": labels.number(counts["undecidable"], page.lang)}
    return Finding(sentence(page, "finding.claims", **fields))


def _named(page: Page, claim: Claim) -> Finding:
    quoted = page.text("quoted", words=page.words(claim.row).rstrip("。."))
    sides = {
        verdict: _told(page, claim, [each for each in claim.readings if each.verdict == verdict])
        for verdict in VERDICTS
    }
    false = [*sides["contradicted"], *sides["only_at_the_extreme"]]
    fields = {"claim": quoted, "false": labels.join(false, page.lang)}
    if claim.verdict == "mixed":
        fields["true"] = labels.join(sides["supported"], page.lang)
    if claim.verdict == "only_at_the_extreme":
        extreme = next(each for each in claim.readings if each.verdict == "only_at_the_extreme")
        assert extreme.judgement is not None and extreme.result is not None
        fields["part"] = labels.words(extreme.judgement.true_in, str(extreme.result["unit"]), page.lang)
        fields["assumption"] = page.assumption(str(extreme.result["assumption"]))
    if claim.doubtful:
        fields["open"] = labels.join(sides["undecidable"], page.lang)
    text = sentence(page, f"finding.claims.{claim.verdict}.named", **fields)
    slugs = [str(each.result["figures"]) for each in claim.readings if each.result is not None]
    return Finding(text, (*page.cite_marks("claims", [claim.key]), *page.cite(" ".join(slugs))))


def _told(page: Page, claim: Claim, readings: list[Reading]) -> list[str]:
    """Numbers of some readings; those that differ in their assumptions alone together, as the range of all."""
    alike: dict[str, list[Reading]] = {}
    for each in readings:
        row = each.row if each.result is None else each.result
        alike.setdefault(page.quantity(row), []).append(each)
    return [_numbers(page, claim, each) for each in alike.values()]


def _numbers(page: Page, claim: Claim, readings: list[Reading]) -> str:
    results = [each.result for each in readings if each.result is not None]
    if len(results) < 2:
        name = page.reading(claim, readings[0])
        return page.text("number.is", number=name, value=page.claim(results[0])) if results else name
    ends = [result_interval(each) for each in results]
    whole = Interval(min(each.low for each in ends), max(each.high for each in ends))
    name = page.text("quantity.readings", name=page.quantity(results[0]), count=labels.number(len(results), page.lang))
    return page.text("number.is", number=name, value=labels.words(whole, str(results[0]["unit"]), page.lang))


def _unmentioned(page: Page, found: Claims) -> list[Finding]:
    """Ratios against the average that no claim speaks of, where the group falls short of it."""
    used = {str(each.row["measure"]) for claim in found.claims for each in claim.readings}
    numbers = found.numbers
    ratios = numbers[(numbers["reference"] == "cluster_average") & (numbers["measure"] != "contribution")]
    short = [row for _, row in ratios.iterrows() if row["measure"] not in used and result_interval(row).high < 1]
    return [_short(page, row) for row in short]


def _short(page: Page, row: pd.Series) -> Finding:
    fields = {"measure": page.measure(str(row["measure"])), "group": page.group(str(row["group"]))}
    text = sentence(page, "finding.claims.unmentioned", value=page.claim(row), **fields)
    return Finding(text, page.cite(str(row["figures"])))
