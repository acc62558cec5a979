"""What opening sentences share: a sentence in a language, an interval inside it."""

from __future__ import annotations

import pandas as pd

from clusterlib import labels
from clusterlib.interval import Interval
from clusterlib.page import Page, result_interval


def sentence(page: Page, key: str, **fields: str) -> str:
    """A sentence; it begins with a capital, whatever name stands first."""
    text = page.text(key, **fields)
    return text[:1].upper() + text[1:]


def words(page: Page, row: pd.Series) -> str:
    """The interval of a result inside a sentence."""
    return labels.words(result_interval(row), row["unit"], page.lang)


def ends(page: Page, interval: Interval) -> tuple[str, str]:
    """Both ends of an interval, rounded outward."""
    low, high, decimals = labels.ends(interval)
    return labels.number(low, page.lang, decimals), labels.number(high, page.lang, decimals)
