"""Result table to picture. A drawing computes nothing; intervals are bars, one-sided bounds are arrows."""

from clusterlib.plots.claims import claims
from clusterlib.plots.printed import figures
from clusterlib.plots.ratios import densities, relative, waterfall
from clusterlib.plots.shares import gini_bounds, lorenz, shares
from clusterlib.plots.sizes import bands, ranges, survival, tails, totals, worlds

__all__ = [
    "bands",
    "claims",
    "densities",
    "figures",
    "gini_bounds",
    "lorenz",
    "ranges",
    "relative",
    "shares",
    "survival",
    "tails",
    "totals",
    "waterfall",
    "worlds",
]
