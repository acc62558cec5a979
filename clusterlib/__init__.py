"""From printed statistics on industrial clusters to intervals, sharp bounds and reports that show their sources."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clusterlib.analysis import comparison as comparison
    from clusterlib.analysis import concentration as concentration
    from clusterlib.analysis import development as development
    from clusterlib.analysis import judged_claims as judged_claims
    from clusterlib.analysis import performance as performance
    from clusterlib.analysis import size_distribution as size_distribution
    from clusterlib.marked import extract as extract
    from clusterlib.measures.classes import band_counts as band_counts
    from clusterlib.measures.classes import bounds_from_classes as bounds_from_classes
    from clusterlib.measures.classes import bounds_from_thresholds as bounds_from_thresholds
    from clusterlib.measures.classes import feasible_total as feasible_total
    from clusterlib.measures.classes import threshold_statements as threshold_statements
    from clusterlib.measures.consistency import examine as examine
    from clusterlib.measures.inequality import atkinson as atkinson
    from clusterlib.measures.inequality import cr as cr
    from clusterlib.measures.inequality import gini as gini
    from clusterlib.measures.inequality import hhi as hhi
    from clusterlib.measures.inequality import hoover as hoover
    from clusterlib.measures.inequality import theil_l as theil_l
    from clusterlib.measures.inequality import theil_t as theil_t
    from clusterlib.measures.lorenz import bounds_from_lorenz as bounds_from_lorenz
    from clusterlib.measures.shares import bounds_from_share as bounds_from_share
    from clusterlib.measures.shares import bounds_from_shares as bounds_from_shares
    from clusterlib.measures.tail import fit_tail as fit_tail
    from clusterlib.measures.verdicts import judge as judge
    from clusterlib.printed import read as read
    from clusterlib.study import Study as Study

__version__ = "0.1.0"

#: Public name -> module. Loaded when first used, so that the command line answers at once.
_HOMES = {
    "Study": "clusterlib.study",
    "atkinson": "clusterlib.measures.inequality",
    "band_counts": "clusterlib.measures.classes",
    "bounds_from_classes": "clusterlib.measures.classes",
    "bounds_from_lorenz": "clusterlib.measures.lorenz",
    "bounds_from_share": "clusterlib.measures.shares",
    "bounds_from_shares": "clusterlib.measures.shares",
    "bounds_from_thresholds": "clusterlib.measures.classes",
    "comparison": "clusterlib.analysis",
    "concentration": "clusterlib.analysis",
    "cr": "clusterlib.measures.inequality",
    "development": "clusterlib.analysis",
    "examine": "clusterlib.measures.consistency",
    "extract": "clusterlib.marked",
    "feasible_total": "clusterlib.measures.classes",
    "fit_tail": "clusterlib.measures.tail",
    "gini": "clusterlib.measures.inequality",
    "hhi": "clusterlib.measures.inequality",
    "hoover": "clusterlib.measures.inequality",
    "judge": "clusterlib.measures.verdicts",
    "judged_claims": "clusterlib.analysis",
    "performance": "clusterlib.analysis",
    "read": "clusterlib.printed",
    "size_distribution": "clusterlib.analysis",
    "theil_l": "clusterlib.measures.inequality",
    "theil_t": "clusterlib.measures.inequality",
    "threshold_statements": "clusterlib.measures.classes",
}

__all__ = [
    "Study",
    "atkinson",
    "band_counts",
    "bounds_from_classes",
    "bounds_from_lorenz",
    "bounds_from_share",
    "bounds_from_shares",
    "bounds_from_thresholds",
    "comparison",
    "concentration",
    "cr",
    "development",
    "examine",
    "extract",
    "feasible_total",
    "fit_tail",
    "gini",
    "hhi",
    "hoover",
    "judge",
    "judged_claims",
    "performance",
    "read",
    "size_distribution",
    "theil_l",
    "theil_t",
    "threshold_statements",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
