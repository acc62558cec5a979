"""Result table to picture. A drawing computes nothing; intervals are bars, one-sided bounds are arrows."""

from clusterlib.plots import lean  # noqa: F401, before anything that imports seaborn
from clusterlib.plots.claims import claims
from clusterlib.plots.comparison import exports, side_by_side
from clusterlib.plots.development import answers, chain, checklist, growth
from clusterlib.plots.printed import figures
from clusterlib.plots.ratios import densities, relative, waterfall
from clusterlib.plots.shares import gini_bounds, lorenz, shares
from clusterlib.plots.sizes import bands, ranges, survival, tails, totals, worlds

__all__ = [
    "answers",
    "bands",
    "chain",
    "checklist",
    "claims",
    "densities",
    "exports",
    "figures",
    "gini_bounds",
    "growth",
    "lorenz",
    "ranges",
    "relative",
    "shares",
    "side_by_side",
    "survival",
    "tails",
    "totals",
    "waterfall",
    "worlds",
]
