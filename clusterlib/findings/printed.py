"""How many figures are printed, and of what sort."""

from __future__ import annotations

from clusterlib import labels
from clusterlib.display import Finding, Findings
from clusterlib.findings.parts import sentence
from clusterlib.page import Page


def figures(page: Page) -> Findings:
    """How many figures are printed about the cluster, and of what sort."""
    own = page.study.figures_of(page.cluster)
    if own.empty:
        return Findings([Finding(sentence(page, "finding.figures.none"))])
    counts = own["status"].value_counts()
    statuses = [
        page.text("finding.figures.status", count=str(counts[status]), status=page.text(f"status.{status}"))
        for status in ("observed", "planned", "target", "restated")
        if status in counts
    ]
    flagged = int((own["flag"] != "").sum())
    key = "finding.figures" if flagged else "finding.figures.unflagged"
    fields = {"count": str(len(own)), "statuses": labels.join(statuses, page.lang), "flagged": str(flagged)}
    sentences = [Finding(sentence(page, key, **fields))]
    observed = own[own["status"] == "observed"]
    one_sided = observed[observed["low"].isna() ^ observed["high"].isna()]
    if len(one_sided):
        text = sentence(page, "finding.figures.open", count=str(len(one_sided)))
        sentences.append(Finding(text, page.cite(list(one_sided["figure"]))))
    return Findings(sentences)
