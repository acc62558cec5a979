"""Plain numbers in, plain numbers out: one module a family of measures."""

from clusterlib.measures.inequality import atkinson, cr, gini, hhi, hoover, theil_l, theil_t
from clusterlib.measures.performance import Decomposition, decompose, relative
from clusterlib.measures.shares import bounds_from_share

__all__ = [
    "Decomposition",
    "atkinson",
    "bounds_from_share",
    "cr",
    "decompose",
    "gini",
    "hhi",
    "hoover",
    "relative",
    "theil_l",
    "theil_t",
]
