"""A data folder, loaded and checked: its tables as plain pandas frames."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clusterlib import check, paths
from clusterlib.errors import unknown
from clusterlib.interval import Interval

#: A renderer that has checked a folder passes its digest on, so that each kernel need not check it again.
CHECKED = "CLUSTERLIB_CHECKED"

#: Kinds of clusters that reports are about.
REPORTED = ("cluster", "model")


@dataclass(frozen=True)
class Study:
    """The tables of one data folder.

    Attributes
    ----------
    folder : Path
        Where the tables were read.
    documents, clusters, indicators, groups, figures : DataFrame
        As data/README.md describes them; text columns hold text (blank is ""), numbers are floats (blank is nan).
    claims, stages, evidence, value_chain, problems, instruments, targets : DataFrame
        What the documents say in words; empty where the folder has no such table.
    digest : str
        SHA-256 of the tables.

    Examples
    --------
    >>> study = Study.load()
    >>> study.figure("china-garment.above-scale.profit-share")["printed"]
    '70.24%'
    """

    folder: Path
    documents: pd.DataFrame
    clusters: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame
    figures: pd.DataFrame
    claims: pd.DataFrame
    stages: pd.DataFrame
    evidence: pd.DataFrame
    value_chain: pd.DataFrame
    problems: pd.DataFrame
    instruments: pd.DataFrame
    targets: pd.DataFrame
    digest: str

    @classmethod
    def load(cls, folder: str | os.PathLike[str] = "") -> Study:
        """Load a data folder and check it.

        Parameters
        ----------
        folder : path, optional
            The folder; by default the packaged study of five documents.

        Raises
        ------
        DataError
            If the tables are not what their schema promises; the message lists every fault.
        InputError
            If there is no such folder.
        """
        path = Path(folder) if folder else paths.DATA
        digest = check.digest(path)
        if os.environ.get(CHECKED) != digest:
            check.require_sound(path)
        tables = {name: _read(path / f"{name}.csv", name) for name in check.ALL_TABLES}
        return cls(folder=path, digest=digest, **tables)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in ("figures", "clusters", "documents"))
        return f"Study({self.folder}: {counts})"

    @property
    def reported(self) -> list[str]:
        """Keys of the clusters that reports are about (the others are only named beside them)."""
        return self.of_kind(*REPORTED)

    def of_kind(self, *kinds: str) -> list[str]:
        """Keys of the clusters of some kinds, in the order of the table."""
        return list(self.clusters.loc[self.clusters["kind"].isin(kinds), "cluster"])

    def said(self, table: str, cluster: str) -> pd.DataFrame:
        """Rows about one cluster of a table of statements, such as ``claims``, in the order of the documents."""
        self.cluster(cluster)
        frame: pd.DataFrame = getattr(self, table)
        return frame[frame["cluster"] == cluster]

    def cluster(self, key: str) -> pd.Series:
        """Row of one cluster; InputError with the nearest name if there is none."""
        return _row(self.clusters, "cluster", key)

    def figure(self, key: str) -> pd.Series:
        """Row of one printed figure; InputError with the nearest name if there is none."""
        return _row(self.figures, "figure", key)

    def figures_of(self, cluster: str) -> pd.DataFrame:
        """Printed figures of one cluster, in the order of the documents."""
        self.cluster(cluster)
        return self.figures[self.figures["cluster"] == cluster]

    def documents_of(self, cluster: str) -> list[str]:
        """Keys of the documents that describe a cluster or print a figure about it."""
        own = {self.cluster(cluster)["document"], *self.figures_of(cluster)["document"]}
        return [str(key) for key in self.documents["document"] if key in own]

    def printed_beside(self, cluster: str) -> pd.DataFrame:
        """Figures that the documents of a cluster print about others."""
        same = self.figures["document"].isin(self.documents_of(cluster))
        return self.figures[same & (self.figures["cluster"] != cluster)]

    def usable(self, cluster: str) -> pd.DataFrame:
        """Figures that may enter a calculation: observed, readable, with an interval that is bounded somewhere."""
        figures = self.figures_of(cluster)
        unusable = figures["flag"].map(lambda flags: bool(set(flags.split()) & check.UNUSABLE))
        bounded = figures["low"].notna() | figures["high"].notna()
        return figures[(figures["status"] == "observed") & ~unusable & bounded]

    def label(self, table: str, key: str, lang: str) -> str:
        """Name of a cluster, indicator or group in a language; the key itself if there is no row."""
        frame: pd.DataFrame = getattr(self, table)
        rows = frame.loc[frame.iloc[:, 0] == key, lang]
        return str(rows.iloc[0]) if len(rows) else key


def interval_of(figure: pd.Series, scale: float = 1.0) -> Interval:
    """Interval of one printed figure; a blank end is infinite.

    Parameters
    ----------
    figure : Series
        A row of the figures table.
    scale : float, default 1
        Factor on both ends: 0.01 turns percent into a fraction.
    """
    low = -float("inf") if pd.isna(figure["low"]) else float(figure["low"]) * scale
    high = float("inf") if pd.isna(figure["high"]) else float(figure["high"]) * scale
    return Interval(low, high)


def _read(path: Path, table: str) -> pd.DataFrame:
    described = check.fields(table)
    if path.exists() or table in check.TABLES:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    else:
        frame = pd.DataFrame(columns=list(described), dtype=str)
    for name, field in described.items():
        if name not in frame:
            frame[name] = ""
        kind = field["type"]
        if kind == "number":
            frame[name] = pd.to_numeric(frame[name].replace("", None)).astype(float)
        elif kind == "integer":
            frame[name] = pd.to_numeric(frame[name].replace("", None)).astype("Int64")
        elif kind == "boolean":
            frame[name] = frame[name].isin(["yes"])
        else:
            frame[name] = frame[name].astype(object)
    return frame[list(described)]


def _row(frame: pd.DataFrame, column: str, key: str) -> pd.Series:
    rows = frame[frame[column] == key]
    if rows.empty:
        raise unknown(column, key, frame[column])
    return rows.iloc[0]
