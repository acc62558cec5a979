"""Performance: who performs how much better, and what each unit stands for."""

from __future__ import annotations

import pandas as pd

from clusterlib import labels
from clusterlib.display import Finding, Findings
from clusterlib.findings.parts import sentence, words
from clusterlib.page import Page, result_interval

#: How many levels per unit the opening sentences name; the table below has all.
MOST_DENSITIES = 3
#: The ratio that stands first where it is known, then the others in the order of the table.
LEADING_RATIO = "output_per_worker"


def performance(page: Page, result: pd.DataFrame) -> Findings:
    """Who performs how much better, where the advantage comes from, and what each unit stands for."""
    sentences: list[Finding] = []
    ratios = result[result["reference"] != ""]
    for group in dict.fromkeys(ratios["group"]):
        sentences += _performance_sentences(page, ratios[ratios["group"] == group])
    levels = result[result["assumption"].str.startswith("scope=")]
    for measure in list(dict.fromkeys(levels["measure"]))[:MOST_DENSITIES]:
        row = levels[levels["measure"] == measure].iloc[0]
        text = sentence(page,
            "finding.performance.density", measure=page.text(f"measure.{measure}"),
            span=words(page, row), scope=page.assumption(row["assumption"]),
        )  # fmt: skip
        sentences.append(Finding(text, page.cite(row["figures"])))
    return Findings(sentences or [Finding(sentence(page, "finding.performance.none"))])


def _performance_sentences(page: Page, ratios: pd.DataFrame) -> list[Finding]:
    sentences = []
    plain = ratios[ratios["measure"] != "contribution"]
    group = page.group(ratios["group"].iloc[0])
    measures = list(dict.fromkeys(plain["measure"]))
    if measures:
        lead = LEADING_RATIO if LEADING_RATIO in measures else measures[0]
        rows = {row["reference"]: row for _, row in plain[plain["measure"] == lead].iterrows()}
        text = sentence(page,
            "finding.performance.ratio", measure=page.text(f"measure.{lead}"), group=group,
            average=page.claim(rows["cluster_average"]),
            rest=page.claim(rows["rest"]),
        )  # fmt: skip
        sentences.append(Finding(text, page.cite(rows["rest"]["figures"])))
        against = plain[plain["reference"] == "cluster_average"]
        sides: dict[str, list[str]] = {"higher": [], "lower": [], "open": []}
        for _, row in against.iterrows():
            interval = result_interval(row)
            side = "higher" if interval.low > 1 else "lower" if interval.high < 1 else "open"
            sides[side].append(page.text(f"measure.{row['measure']}"))
        parts = [
            page.text(f"finding.performance.{side}", list=labels.join(names, page.lang))
            for side, names in sides.items()
            if names
        ]
        separator = "；" if page.lang == "zh" else "; "
        text = sentence(page, "finding.performance.sides", group=group, sides=separator.join(parts))
        sentences.append(Finding(text, page.cite(" ".join(against["figures"]))))
    split = ratios[(ratios["measure"] == "contribution") & (ratios["reference"] == "cluster_average")]
    percents = split[split["unit"] == "percent"]
    total = plain[(plain["measure"] == "profit_per_firm") & (plain["reference"] == "cluster_average")]
    if len(percents) and len(total) and percents["low"].notna().all():
        row = total.iloc[0]
        key = "finding.performance.split" if result_interval(row).low > 1 else "finding.performance.split.deficit"
        items = [
            page.text(
                "finding.performance.split.item",
                percent=page.claim(each),
                factor=page.text(f"factor.{each['indicator']}"),
            )
            for _, each in percents.iterrows()
        ]
        text = sentence(page, key, total=page.claim(row), list=labels.join(items, page.lang))
        sentences.append(Finding(text, page.cite(" ".join(percents["figures"]))))
    return sentences
