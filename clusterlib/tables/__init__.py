"""Result table to display table. Formatting never touches the numbers."""

from clusterlib.tables.claims import claim_numbers, claim_pairs, undecided, verdicts
from clusterlib.tables.printed import NEEDED, about, figures, flags, gaps, others, sources
from clusterlib.tables.ratios import decomposition, densities, relative
from clusterlib.tables.shares import bounds, fixed
from clusterlib.tables.sizes import bands, consistency, readings, size_bounds, size_inequality, tails, worlds

__all__ = [
    "NEEDED",
    "about",
    "bands",
    "bounds",
    "claim_numbers",
    "claim_pairs",
    "consistency",
    "decomposition",
    "densities",
    "figures",
    "fixed",
    "flags",
    "gaps",
    "others",
    "readings",
    "relative",
    "size_bounds",
    "size_inequality",
    "sources",
    "tails",
    "undecided",
    "verdicts",
    "worlds",
]
