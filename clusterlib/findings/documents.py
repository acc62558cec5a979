"""How many figures a document prints, how many of them are doubtful, and what can be done with the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from clusterlib import labels
from clusterlib.display import Finding, Findings
from clusterlib.marking import Mark, clean

if TYPE_CHECKING:
    from clusterlib.marked import Extraction

#: Statuses in the order in which they are named.
STATUSES = ("observed", "planned", "target", "forecast", "restated")
#: Notes that a sentence carries; a table names the others.
MOST = 12


def document(found: Extraction) -> Findings:
    """What was read in a document, and how much of it is to be looked up."""
    name = clean(found.source.name)
    if not found.rows:
        return Findings([Finding(found.words("finding.document.none", name=name))])
    counts = Counter(row.status for row in found.rows)
    statuses = [
        found.words("finding.document.status", count=str(counts[key]), status=found.words(f"status.{key}"))
        for key in STATUSES
        if counts[key]
    ]
    documents = _counted(found, len(found.source.documents), "document")
    fields = {"name": name, "figures": _counted(found, len(found.rows), "figure"), "documents": documents}
    first = found.words("finding.document", statuses=labels.join(statuses, found.lang), **fields)
    return Findings([Finding(first), _flags(found), _sizes(found), *_shares(found)])


def _flags(found: Extraction) -> Finding:
    flagged = [index for index, row in enumerate(found.rows) if row.flag]
    if not flagged:
        return Finding(found.words("finding.document.flags.none"))
    counts = Counter(flag for index in flagged for flag in found.rows[index].flag.split())
    names = [
        found.words("finding.document.flag", flag=labels.label("flag", flag, found.lang), count=str(count))
        for flag, count in counts.most_common()
    ]
    flags = labels.join(names, found.lang)
    fields = {"figures": _counted(found, len(flagged), "figure"), "flags": flags[:1].upper() + flags[1:]}
    return Finding(found.words("finding.document.flags", **fields), _cited(found, flagged))


def _sizes(found: Extraction) -> Finding:
    sized = [index for index, row in enumerate(found.rows) if row.threshold is not None]
    if not sized:
        return Finding(found.words("finding.document.sizes.none"))
    row = found.rows[sized[0]]
    fields = {"size": found.size(row), "reading": found.reading(row)}
    text = found.words("finding.document.sizes", figures=_counted(found, len(sized), "figure"), **fields)
    return Finding(text, _cited(found, sized))


def _shares(found: Extraction) -> list[Finding]:
    shares = [index for index, row in enumerate(found.rows) if row.kind == "share"]
    if not shares:
        return []
    named = sum(bool(found.rows[index].denominator) for index in shares)
    text = found.words("finding.document.shares", count=str(len(shares)), named=str(named))
    return [Finding(text, _cited(found, shares))]


def _counted(found: Extraction, count: int, unit: str) -> str:
    return labels.with_unit(labels.number(count, found.lang), unit, found.lang)


def _cited(found: Extraction, indices: Sequence[int]) -> tuple[Mark, ...]:
    return tuple(found.marks[index] for index in indices) if len(indices) <= MOST else ()
