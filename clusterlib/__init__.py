"""From printed statistics on industrial clusters to intervals, sharp bounds and reports that show their sources."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clusterlib.analysis import concentration as concentration
    from clusterlib.analysis import performance as performance
    from clusterlib.measures.inequality import (
        atkinson as atkinson,
    )
    from clusterlib.measures.inequality import cr as cr
    from clusterlib.measures.inequality import gini as gini
    from clusterlib.measures.inequality import hhi as hhi
    from clusterlib.measures.inequality import hoover as hoover
    from clusterlib.measures.inequality import theil_l as theil_l
    from clusterlib.measures.inequality import theil_t as theil_t
    from clusterlib.measures.shares import bounds_from_share as bounds_from_share
    from clusterlib.printed import read as read
    from clusterlib.study import Study as Study

__version__ = "0.1.0"

#: Public name -> module. Loaded when first used, so that the command line answers at once.
_HOMES = {
    "Study": "clusterlib.study",
    "atkinson": "clusterlib.measures.inequality",
    "bounds_from_share": "clusterlib.measures.shares",
    "concentration": "clusterlib.analysis",
    "cr": "clusterlib.measures.inequality",
    "gini": "clusterlib.measures.inequality",
    "hhi": "clusterlib.measures.inequality",
    "hoover": "clusterlib.measures.inequality",
    "performance": "clusterlib.analysis",
    "read": "clusterlib.printed",
    "theil_l": "clusterlib.measures.inequality",
    "theil_t": "clusterlib.measures.inequality",
}

__all__ = [
    "Study",
    "atkinson",
    "bounds_from_share",
    "concentration",
    "cr",
    "gini",
    "hhi",
    "hoover",
    "performance",
    "read",
    "theil_l",
    "theil_t",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
