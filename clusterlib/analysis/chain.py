"""The links of a value chain: how many a cluster is said to have, to plan, to lack or to be weak in.

Documents name some links and pass over others, so a count of those named is a lower end: there may be more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from clusterlib.analysis.results import Row, row
from clusterlib.interval import Interval
from clusterlib.study import Study

#: What a document says of a link.
LINK_STATES = ("has", "weak", "planned", "lacking")


def link_rows(study: Study, cluster: str) -> Iterator[Row]:
    """Rows that bound the number of links by state from below; none where the documents name no link."""
    links = study.said("value_chain", cluster)
    if links.empty:
        return
    for state in LINK_STATES:
        count = int((links["state"] == state).sum())
        yield row("links", Interval(count, math.inf), "link", "bound",
                  indicator="value_chain", group=state, value=count)  # fmt: skip
