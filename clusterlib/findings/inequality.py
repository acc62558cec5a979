"""Concentration: who holds how much, what that bounds, and firms by size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clusterlib.display import Finding, Findings
from clusterlib.findings.parts import ends, sentence, words
from clusterlib.page import Page, band_families, of_sizes, result_interval


def concentration(page: Page, result: pd.DataFrame) -> Findings:
    """Who holds how much, and how far that bounds the Gini coefficient; firms by size."""
    sentences = []
    ratios = result[result["measure"] == "share_ratio"]
    for group in dict.fromkeys(ratios["group"]):
        sentences += _share_sentences(page, result, ratios[ratios["group"] == group])
    for _, bands in band_families(result):
        sentences.append(_band_sentence(page, bands))
    sentences += _size_sentences(page, result)
    return Findings(sentences or [Finding(sentence(page, "finding.concentration.none"))])


def _share_sentences(page: Page, result: pd.DataFrame, ratios: pd.DataFrame) -> list[Finding]:
    with np.errstate(divide="ignore"):
        row = ratios.iloc[int(np.abs(np.log(ratios["value"].to_numpy())).argmax())]
    value, firms = (page.study.figure(slug) for slug in row["figures"].split())
    cited = page.cite(row["figures"])
    indicator = page.indicator(row["indicator"])
    shares = {"f": page.stated(firms), "s": page.stated(value)}
    sentences = [
        Finding(
            sentence(
                page, "finding.concentration.share", group=page.group(row["group"]),
                indicator=indicator, ratio=page.claim(row), **shares,
            ),
            cited,
        )
    ]  # fmt: skip
    ginis = result[
        (result["measure"] == "gini") & (result["indicator"] == row["indicator"]) & (result["group"] == row["group"])
    ]
    ordered = ginis[ginis["assumption"].str.startswith("ordered") & ~ginis["assumption"].str.contains("losses")]
    shown = ordered if len(ordered) else ginis
    if shown.empty:
        return sentences
    bounds, ratio = result_interval(shown.iloc[0]), result_interval(row)
    if ratio.low <= 1 <= ratio.high:
        same = sentence(page, "finding.concentration.same", group=page.group(row["group"]))
        return [*sentences, Finding(same, cited)]
    low, high = ends(page, bounds)
    fields = {"indicator": indicator, "low": low}
    key = "finding.concentration.gini"
    if ordered.empty:
        key += ".unordered"
    elif bounds.high >= 1:
        key += ".open"
    else:
        fields |= {"high": high, "side": page.text("side.largest" if ratio.low > 1 else "side.smallest")}
        if page.study.indicators.set_index("indicator")["negative"][row["indicator"]]:
            key += ".no_loss"
    sentences.append(Finding(sentence(page, key, **fields), cited))
    return sentences


def _size_sentences(page: Page, result: pd.DataFrame) -> list[Finding]:
    """What the size counts bound, with as much of what is printed as can be true."""
    bounds = of_sizes(result)
    sentences = []
    for indicator, part in bounds[bounds["measure"].isin(["gini", "cr4"])].groupby("indicator", sort=False):
        used = part["assumption"]
        fullest = used[used.str.contains("counts+total", regex=False)]
        assumption = (fullest if len(fullest) else used).iloc[0]
        rows = {row["measure"]: row for _, row in part[part["assumption"] == assumption].iterrows()}
        key = "finding.sizes.ranges.total" if len(fullest) else "finding.sizes.ranges"
        text = sentence(
            page, key, setting=page.setting(assumption), measure=page.measure("cr4"),
            by=page.indicator(str(indicator)), share=page.span(rows["cr4"]), gini=page.span(rows["gini"]),
        )  # fmt: skip
        text += page.text("stop")
        sentences.append(Finding(text, page.cite(rows["gini"]["figures"])))
    return sentences


def _band_sentence(page: Page, bands: pd.DataFrame) -> Finding:
    first, last = bands.iloc[0], bands.iloc[-1]
    measured = first["assumption"].partition(";by=")[2].partition(";")[0] or first["indicator"]
    fields = {
        "by": page.indicator(measured),
        "top_count": words(page, last),
        "top_band": page.band(last["group"]),
    }
    key = "finding.concentration.bands.top"
    if first["group"].startswith("0.."):
        key = "finding.concentration.bands"
        fields |= {"low_count": words(page, first), "low_band": page.band(first["group"])}
    return Finding(sentence(page, key, **fields), page.cite(f"{first['figures']} {last['figures']}"))
