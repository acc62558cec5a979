"""Plain numbers in, plain numbers out: one module a family of measures."""

from clusterlib.measures.classes import band_counts, bounds_from_classes, bounds_from_thresholds, feasible_total
from clusterlib.measures.consistency import ConflictError, Consistency, Statement, examine
from clusterlib.measures.inequality import atkinson, cr, gini, hhi, hoover, theil_l, theil_t
from clusterlib.measures.lorenz import bounds_from_lorenz
from clusterlib.measures.performance import Decomposition, decompose, relative
from clusterlib.measures.population import Bound, Population
from clusterlib.measures.shares import bounds_from_share, bounds_from_shares
from clusterlib.measures.tail import TailFit, fit_tail, implied_total, log_log_slope

__all__ = [
    "Bound",
    "ConflictError",
    "Consistency",
    "Decomposition",
    "Population",
    "Statement",
    "TailFit",
    "atkinson",
    "band_counts",
    "bounds_from_classes",
    "bounds_from_lorenz",
    "bounds_from_share",
    "bounds_from_shares",
    "bounds_from_thresholds",
    "cr",
    "decompose",
    "examine",
    "feasible_total",
    "fit_tail",
    "gini",
    "hhi",
    "hoover",
    "implied_total",
    "log_log_slope",
    "relative",
    "theil_l",
    "theil_t",
]
