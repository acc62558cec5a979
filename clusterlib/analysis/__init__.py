"""From a study and a cluster to the result table: one row a number, with its assumption, basis and printed figures."""

from clusterlib.analysis.claims import Claims, judged_claims
from clusterlib.analysis.inequality import concentration
from clusterlib.analysis.ratios import performance
from clusterlib.analysis.results import COLUMNS
from clusterlib.analysis.shares import ASSUME, region
from clusterlib.analysis.sizes import READ_AS, SizeDistribution, size_distribution
from clusterlib.analysis.stages import development
from clusterlib.analysis.standing import comparison

__all__ = [
    "ASSUME",
    "COLUMNS",
    "READ_AS",
    "Claims",
    "SizeDistribution",
    "comparison",
    "concentration",
    "development",
    "judged_claims",
    "performance",
    "region",
    "size_distribution",
]
