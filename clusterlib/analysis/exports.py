"""Exports in dollars against a total in yuan: only at a stated exchange rate, which no document prints."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from clusterlib.analysis.results import Row, maybe, row, usable
from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.study import Study, interval_of

#: Yearly average of yuan for a dollar between 2010 and 2015, outward to one decimal: the years around the twelfth
#: five-year plan that the survey names. An assumption of the reader, not a printed figure.
RATE = Interval(6.1, 6.8)
#: Exports and the total they are compared with.
EXPORTS = ("direct_exports", "indirect_exports")
TOTAL = "production_sales"


def checked_rate(low: float, high: float) -> Interval:
    """Return a range of exchange rates; InputError unless both ends are above zero and in order."""
    if not 0 < low <= high < float("inf"):
        raise InputError(f"rate_low, rate_high: given {low!r} and {high!r}; allowed: 0 < rate_low <= rate_high")
    return Interval(float(low), float(high))


def export_rows(study: Study, cluster: str, *, rate: Interval = RATE, period: str = "") -> Iterator[Row]:
    """Rows of exports in percent of production-and-sales.

    Goods supplied to other exporters may be exported again by the direct exporters, so both are added or only the
    larger is taken (``sum``, ``larger``). Words like 以上 leave exports without an upper end; the reading ``at_number``
    takes them at the number they start from.
    """
    exports, total = _told(study, cluster, period)
    if total is None or not exports:
        return
    ways = {"direct" if exports[0]["indicator"] == EXPORTS[0] else "indirect": 1} if len(exports) == 1 else {}
    for name in ways or ("sum", "larger"):
        for opened in (True, False):
            dollars = [_dollars(each, opened=opened) for each in exports]
            merge = max if name == "larger" else sum
            low, high = merge(each.low for each in dollars), merge(each.high for each in dollars)
            told = interval_of(total)
            share = Interval(100 * low * rate.low / told.high, 100 * high * rate.high / told.low)
            rates = f"rate={rate.low:g}" if rate.is_point else f"rate={rate.low:g}..{rate.high:g}"
            assumption = ";".join([rates, name, "open" if opened else "at_number"])
            yield row("export_share", share, "percent", "identity", *exports, total,
                      indicator=EXPORTS[0], group="all", assumption=assumption)  # fmt: skip


def break_even_rows(study: Study, cluster: str, *, period: str = "") -> Iterator[Row]:
    """Row of the exchange rate at which exports, at their printed numbers and added, would be half of the total."""
    exports, total = _told(study, cluster, period)
    dollars = sum(float(each["value"]) for each in exports)
    if total is None or not dollars > 0:
        return
    low, high = interval_of(total)
    yield row("break_even_rate", Interval(low / 2 / dollars, high / 2 / dollars), "CNY/USD", "identity",
              *exports, total, indicator=EXPORTS[0], group="all", assumption="sum;at_number")  # fmt: skip


def _told(study: Study, cluster: str, period: str) -> tuple[list[pd.Series], pd.Series | None]:
    """Exports printed in dollars, and the total printed in yuan; None without one above zero."""
    figures = usable(study, cluster, period)
    exports = [each for key in EXPORTS if (each := maybe(figures, key, "all", "level")) is not None]
    total = maybe(figures, TOTAL, "all", "level")
    if total is not None and not (str(total["unit"]).startswith("CNY") and total["low"] > 0):
        total = None
    return [each for each in exports if str(each["unit"]).startswith("USD")], total


def _dollars(figure: pd.Series, *, opened: bool) -> Interval:
    own = interval_of(figure)
    return own if opened or own.high < float("inf") else Interval(own.low, max(own.low, float(figure["value"])))
