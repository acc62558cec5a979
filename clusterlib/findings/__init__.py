"""The sentences that open a page: generated from the numbers, true for any data, each with its sources."""

from clusterlib.findings.claims import claims
from clusterlib.findings.comparison import comparison
from clusterlib.findings.development import development
from clusterlib.findings.documents import document
from clusterlib.findings.inequality import concentration
from clusterlib.findings.printed import figures
from clusterlib.findings.ratios import performance
from clusterlib.findings.sizes import sizes

__all__ = [
    "claims",
    "comparison",
    "concentration",
    "development",
    "document",
    "figures",
    "performance",
    "sizes",
]
