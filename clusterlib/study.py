"""A data folder, loaded and checked: its tables as plain pandas frames."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from clusterlib import check, paths
from clusterlib.errors import InputError, unknown
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
        SHA-256 of the tables; of a study within one cluster, of the rows that it holds.
    about : str
        Key of the cluster whose rows alone the study holds; blank if it holds all. See `within`.

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
    about: str = ""

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
        tables: dict[str, Any] = {name: _read(path / f"{name}.csv", name) for name in check.ALL_TABLES}
        return cls(folder=path, digest=digest, **tables)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in ("figures", "clusters", "documents"))
        about = f", within {self.about}" if self.about else ""
        return f"Study({self.folder}{about}: {counts})"

    def within(self, cluster: str) -> Study:
        """Keep what concerns one cluster: what is made from the result depends on these rows, and on no other.

        Parameters
        ----------
        cluster : str
            Key of the cluster.

        Returns
        -------
        Study
            Its figures and those that its documents print beside them; its statements; the problems of others that its
            instruments act on, the instruments of others that act on its problems, the claims that its claims
            contradict; whatever these rows name. The model, if there is evidence to hold against it. All indicators
            and groups. Rows keep their order; `digest` is of these rows, whatever stands in others.

        Raises
        ------
        InputError
            If there is no such cluster, or the study is already within another.

        Examples
        --------
        >>> study = Study.load()
        >>> within = study.within("baoying-glass")
        >>> len(study.figures), len(within.figures), within.documents_of("baoying-glass")
        (54, 24, ['baoying-survey'])
        """
        if self.about == cluster:
            return self
        if self.about:
            raise InputError(f"cluster: given {cluster!r}, in a study within {self.about!r}; allowed: {self.about!r}")
        keys = _named(self, _seeds(self, cluster))
        tables: dict[str, Any] = {name: _chosen(getattr(self, name), keys[name]) for name in check.ALL_TABLES}
        return replace(self, **tables, about=cluster, digest=_digest(cluster, tables))

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
        return str(dict(zip(_keys(frame), frame[lang], strict=True)).get(key, key))


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


#: Keys of rows by table.
_Keys = dict[str, set[str]]


def _seeds(study: Study, cluster: str) -> _Keys:
    """Keys of the rows that concern a cluster, before what these rows name."""
    frames: dict[str, pd.DataFrame] = {name: getattr(study, name) for name in check.STATEMENTS if name != "stages"}
    own = {name: frame[frame["cluster"] == cluster] for name, frame in frames.items()}
    keys = {name: set(_keys(frame)) for name, frame in own.items()}
    keys["clusters"] = {cluster}
    keys["documents"] = set(study.documents_of(cluster))
    keys["figures"] = {*_keys(study.figures_of(cluster)), *_keys(study.printed_beside(cluster))}
    # No foreign key says these: cells with several keys, and instruments of others that act on its problems.
    keys["claims"].update(_split(own["claims"]["contradicts"]))
    answers = zip(_keys(study.instruments), study.instruments["answers"], strict=True)
    keys["instruments"].update(key for key, acts_on in answers if not keys["problems"].isdisjoint(acts_on.split()))
    keys["problems"].update(_split(own["instruments"]["answers"]))
    # A cluster is read against every element of the model, the elements it says nothing about as well.
    modelled = len(own["evidence"]) or study.cluster(cluster)["kind"] == "model"
    keys["stages"] = set(_keys(study.stages)) if modelled else set()
    # Pages also name indicators and groups that no figure of the cluster has: measures are told by names of their own.
    return keys | {name: set(_keys(getattr(study, name))) for name in ("indicators", "groups")}


def _named(study: Study, keys: _Keys) -> _Keys:
    """Add the keys of all rows that the rows named so far refer to."""
    links = [
        (resource["name"], link["fields"][0], link["reference"]["resource"] or resource["name"])
        for resource in check.schema()["resources"]
        for link in resource["schema"].get("foreignKeys", [])
    ]
    grown = True
    while grown:
        before = sum(map(len, keys.values()))
        for name, column, target in links:
            frame: pd.DataFrame = getattr(study, name)
            rows = zip(_keys(frame), frame[column], strict=True)
            keys[target].update([named for key, named in rows if named and key in keys[name]])
        grown = sum(map(len, keys.values())) > before
    return keys


def _keys(frame: pd.DataFrame) -> pd.Series:
    """The column of keys of a table: its first."""
    return frame.iloc[:, 0]


def _split(cells: pd.Series) -> set[str]:
    return {key for cell in cells for key in cell.split()}


def _chosen(frame: pd.DataFrame, keys: Collection[str]) -> pd.DataFrame:
    # Numbered anew: the old numbers of the rows tell how many others stand before them.
    return frame[_keys(frame).isin(keys)].reset_index(drop=True)


def _digest(cluster: str, tables: dict[str, pd.DataFrame]) -> str:
    content = [[name, list(frame), frame.to_numpy(object).tolist()] for name, frame in tables.items()]
    # A whole number that is missing is the one value that JSON does not know.
    return hashlib.sha256(json.dumps([cluster, content], default=lambda missing: None).encode()).hexdigest()


def _read(path: Path, table: str) -> pd.DataFrame:
    """Read a table that is sound, or need not be there."""
    header, rows = [], []
    if path.exists() or table in check.TABLES:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = filter(None, csv.reader(file))
    cells = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    blank = ("",) * len(rows)
    return pd.DataFrame(
        {name: _column(cells.get(name, blank), field["type"]) for name, field in check.fields(table).items()}
    )


def _column(cells: Collection[str], kind: str) -> pd.Series:
    """Cells of one column in the type that the schema gives it."""
    values: list[Any]
    match kind:
        case "number":
            return pd.Series([float(cell or "nan") for cell in cells], dtype=float)
        case "integer":
            values = [int(cell) if cell else None for cell in cells]
            return pd.Series(values, dtype="Int64")
        case "boolean":
            return pd.Series([cell == "yes" for cell in cells], dtype=bool)
        case _:
            return pd.Series(list(cells), dtype=object)


def _row(frame: pd.DataFrame, column: str, key: str) -> pd.Series:
    (places,) = (frame[column] == key).to_numpy().nonzero()
    if not len(places):
        raise unknown(column, key, frame[column])
    row: pd.Series = frame.iloc[places[0]]
    return row
