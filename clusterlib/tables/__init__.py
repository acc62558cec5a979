"""Result table to display table. Formatting never touches the numbers."""

from clusterlib.tables.claims import claim_numbers, claim_pairs, counted_links, undecided, verdicts
from clusterlib.tables.comparison import alone, definitions, exports, side_by_side, standings
from clusterlib.tables.development import (
    chain,
    checklist,
    growth,
    instruments,
    model,
    money,
    problems,
    stage_reading,
    targets,
)
from clusterlib.tables.documents import (
    document_figures,
    document_flags,
    document_result,
    document_shares,
    document_sizes,
)
from clusterlib.tables.printed import NEEDED, about, figures, flags, gaps, others, sources
from clusterlib.tables.ratios import decomposition, densities, relative
from clusterlib.tables.shares import bounds, fixed
from clusterlib.tables.sizes import bands, consistency, readings, size_bounds, size_inequality, tails, worlds

__all__ = [
    "NEEDED",
    "about",
    "alone",
    "bands",
    "bounds",
    "chain",
    "checklist",
    "claim_numbers",
    "claim_pairs",
    "consistency",
    "counted_links",
    "decomposition",
    "definitions",
    "densities",
    "document_figures",
    "document_flags",
    "document_result",
    "document_shares",
    "document_sizes",
    "exports",
    "figures",
    "fixed",
    "flags",
    "gaps",
    "growth",
    "instruments",
    "model",
    "money",
    "others",
    "problems",
    "readings",
    "relative",
    "side_by_side",
    "size_bounds",
    "size_inequality",
    "sources",
    "stage_reading",
    "standings",
    "tails",
    "targets",
    "undecided",
    "verdicts",
    "worlds",
]
