"""The sentences that open a page: generated from the numbers, true for any data, each with its sources."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clusterlib import labels
from clusterlib.display import Finding, Findings
from clusterlib.interval import Interval
from clusterlib.page import Page, band_families, result_interval

#: How many levels per unit the opening sentences name; the table below has all.
MOST_DENSITIES = 3
#: The ratio that stands first where it is known, then the others in the order of the table.
LEADING_RATIO = "output_per_worker"


def figures(page: Page) -> Findings:
    """How many figures are printed about the cluster, and of what sort."""
    own = page.study.figures_of(page.cluster)
    if own.empty:
        return Findings([Finding(_text(page, "finding.figures.none"))])
    counts = own["status"].value_counts()
    statuses = [
        page.text("finding.figures.status", count=str(counts[status]), status=page.text(f"status.{status}"))
        for status in ("observed", "planned", "target", "restated")
        if status in counts
    ]
    flagged = int((own["flag"] != "").sum())
    key = "finding.figures" if flagged else "finding.figures.unflagged"
    fields = {"count": str(len(own)), "statuses": labels.join(statuses, page.lang), "flagged": str(flagged)}
    sentences = [Finding(_text(page, key, **fields))]
    observed = own[own["status"] == "observed"]
    one_sided = observed[observed["low"].isna() ^ observed["high"].isna()]
    if len(one_sided):
        words = _text(page, "finding.figures.open", count=str(len(one_sided)))
        sentences.append(Finding(words, page.cite(list(one_sided["figure"]))))
    return Findings(sentences)


def concentration(page: Page, result: pd.DataFrame) -> Findings:
    """Who holds how much, and how far that bounds the Gini coefficient; firms by size."""
    sentences = []
    ratios = result[result["measure"] == "share_ratio"]
    for group in dict.fromkeys(ratios["group"]):
        sentences += _share_sentences(page, result, ratios[ratios["group"] == group])
    for _, bands in band_families(result):
        sentences.append(_band_sentence(page, bands))
    return Findings(sentences or [Finding(_text(page, "finding.concentration.none"))])


def performance(page: Page, result: pd.DataFrame) -> Findings:
    """Who performs how much better, where the advantage comes from, and what each unit stands for."""
    sentences: list[Finding] = []
    ratios = result[result["reference"] != ""]
    for group in dict.fromkeys(ratios["group"]):
        sentences += _performance_sentences(page, ratios[ratios["group"] == group])
    levels = result[result["assumption"].str.startswith("scope=")]
    for measure in list(dict.fromkeys(levels["measure"]))[:MOST_DENSITIES]:
        row = levels[levels["measure"] == measure].iloc[0]
        words = _text(page,
            "finding.performance.density", measure=page.text(f"measure.{measure}"),
            span=_words(page, row), scope=page.assumption(row["assumption"]),
        )  # fmt: skip
        sentences.append(Finding(words, page.cite(row["figures"])))
    return Findings(sentences or [Finding(_text(page, "finding.performance.none"))])


def _share_sentences(page: Page, result: pd.DataFrame, ratios: pd.DataFrame) -> list[Finding]:
    with np.errstate(divide="ignore"):
        row = ratios.iloc[int(np.abs(np.log(ratios["value"].to_numpy())).argmax())]
    value, firms = (page.study.figure(slug) for slug in row["figures"].split())
    cited = page.cite(row["figures"])
    indicator = page.indicator(row["indicator"])
    shares = {"f": page.stated(firms), "s": page.stated(value)}
    sentences = [
        Finding(
            _text(
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
        same = _text(page, "finding.concentration.same", group=page.group(row["group"]))
        return [*sentences, Finding(same, cited)]
    low, high = _ends(page, bounds)
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
    sentences.append(Finding(_text(page, key, **fields), cited))
    return sentences


def _band_sentence(page: Page, bands: pd.DataFrame) -> Finding:
    first, last = bands.iloc[0], bands.iloc[-1]
    measured = first["assumption"].partition(";by=")[2] or first["indicator"]
    fields = {
        "by": page.indicator(measured),
        "top_count": _words(page, last),
        "top_band": page.band(last["group"]),
    }
    key = "finding.concentration.bands.top"
    if first["group"].startswith("0.."):
        key = "finding.concentration.bands"
        fields |= {"low_count": _words(page, first), "low_band": page.band(first["group"])}
    return Finding(_text(page, key, **fields), page.cite(f"{first['figures']} {last['figures']}"))


def _performance_sentences(page: Page, ratios: pd.DataFrame) -> list[Finding]:
    sentences = []
    plain = ratios[ratios["measure"] != "contribution"]
    group = page.group(ratios["group"].iloc[0])
    measures = list(dict.fromkeys(plain["measure"]))
    if measures:
        lead = LEADING_RATIO if LEADING_RATIO in measures else measures[0]
        rows = {row["reference"]: row for _, row in plain[plain["measure"] == lead].iterrows()}
        words = _text(page,
            "finding.performance.ratio", measure=page.text(f"measure.{lead}"), group=group,
            average=page.claim(rows["cluster_average"]),
            rest=page.claim(rows["rest"]),
        )  # fmt: skip
        sentences.append(Finding(words, page.cite(rows["rest"]["figures"])))
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
        words = _text(page, "finding.performance.sides", group=group, sides=separator.join(parts))
        sentences.append(Finding(words, page.cite(" ".join(against["figures"]))))
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
        words = _text(page, key, total=page.claim(row), list=labels.join(items, page.lang))
        sentences.append(Finding(words, page.cite(" ".join(percents["figures"]))))
    return sentences


def _text(page: Page, key: str, **fields: str) -> str:
    """A sentence; it begins with a capital, whatever name stands first."""
    sentence = page.text(key, **fields)
    return sentence[:1].upper() + sentence[1:]


def _words(page: Page, row: pd.Series) -> str:
    return labels.words(result_interval(row), row["unit"], page.lang)


def _ends(page: Page, interval: Interval) -> tuple[str, str]:
    low, high, decimals = labels.ends(interval)
    return labels.number(low, page.lang, decimals), labels.number(high, page.lang, decimals)
