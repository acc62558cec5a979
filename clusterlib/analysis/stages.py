"""How far a cluster is along a model's stages, and what answers its problems: readings of words, kept apart as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from clusterlib.analysis.chain import link_rows
from clusterlib.analysis.results import Row, row, table
from clusterlib.analysis.targets import Target, money_rows, target_rows, targets_of
from clusterlib.interval import Interval
from clusterlib.measures.checklist import StageRange, State, merged, stage_range
from clusterlib.study import Study

#: Basis of what is read from words, not measured.
JUDGEMENT = "judgement"
#: Aspect of a model's elements that decides whether a stage is reached.
REQUIRED = "required"


@dataclass(frozen=True)
class Item:
    """One element of the model, and what is said of it.

    Attributes
    ----------
    element : Series
        The row of stages.csv.
    state : {"present", "partly", "absent", "silent", "contested"}
        What the documents say, all places together.
    said : tuple of Series
        The rows of evidence.csv that say it; empty where the documents are silent.
    assessed : bool
        Whether somebody has looked: False where evidence.csv has no row at all.
    """

    element: pd.Series
    state: State
    said: tuple[pd.Series, ...]
    assessed: bool


@dataclass(frozen=True)
class Track:
    """One line of stages, and the range of stages that agrees with what is said.

    Attributes
    ----------
    track : str
        Key of the line.
    stages : tuple of str
        Keys of its stages, the first one first.
    items : tuple of Item
        Its elements of every aspect, by stage.
    range : StageRange
        Stages that agree with what is said; positions in it count the required elements of a stage.
    """

    track: str
    stages: tuple[str, ...]
    items: tuple[Item, ...]
    range: StageRange

    def needed(self, order: int) -> list[Item]:
        """Required elements of a stage, by its number from 1."""
        stage = self.stages[order - 1]
        return [each for each in self.items if each.element["stage"] == stage and each.element["aspect"] == REQUIRED]

    @property
    def open(self) -> list[Item]:
        """Elements that keep the lower end from rising."""
        return [self.needed(self.range.low + 1)[i] for i in self.range.open]

    @property
    def ruled_out(self) -> list[Item]:
        """Elements that keep the upper end from rising."""
        return [self.needed(self.range.high + 1)[i] for i in self.range.ruled_out]


@dataclass(frozen=True)
class Development:
    """What the documents say about the development of one cluster.

    Attributes
    ----------
    tracks : tuple of Track
        Stage readings; empty if the study has no evidence about the cluster.
    links : DataFrame
        Links of its value chain.
    problems : tuple of (Series, tuple of Series)
        Each problem, and the instruments that act on it.
    unaimed : tuple of Series
        Instruments that act on no problem named.
    targets : tuple of Target
        Targets and plans.
    result : DataFrame
        The result table, columns `COLUMNS`.
    figures : tuple of str
        Printed figures that links, instruments and targets name, beside those of the result table.
    """

    tracks: tuple[Track, ...]
    links: pd.DataFrame
    problems: tuple[tuple[pd.Series, tuple[pd.Series, ...]], ...]
    unaimed: tuple[pd.Series, ...]
    targets: tuple[Target, ...]
    result: pd.DataFrame
    figures: tuple[str, ...] = ()


def development(study: Study, cluster: str, *, baseline: float = 0.0, years: int = 5) -> Development:
    """Read the stage of a cluster, its chain, its problems and instruments, and what its targets need.

    Parameters
    ----------
    study : Study
        The data.
    cluster : str
        Key of the cluster.
    baseline : float, default 0
        Level that the targets start from, in their unit; 0 is what is printed, or a grid where nothing is.
    years : int, default 5
        Years until the targets, where no grid is made.

    Returns
    -------
    Development
        Empty parts where the study has nothing about the cluster.

    Raises
    ------
    InputError
        If a parameter is outside its range.

    Examples
    --------
    >>> found = development(Study.load(), "xiangfan-district")
    >>> [(track.track, track.range.low) for track in found.tracks]
    [('formation', 0), ('radiation', 0)]
    """
    tracks = tuple(_tracks(study, cluster))
    problems, unaimed = _answers(study, cluster)
    targets = targets_of(study, cluster)
    rows: list[Row] = [*_track_rows(tracks), *link_rows(study, cluster), *_problem_rows(problems)]
    rows += target_rows(targets, baseline=baseline, years=years)
    rows += money_rows(targets)
    links = study.said("value_chain", cluster)
    named = [*links["figure"], *study.said("instruments", cluster)["money"]]
    named += [each["money"] for _, acting in problems for each in acting]
    named += [each.row[column] for each in targets for column in ("figure", "baseline", "money")]
    figures = tuple(dict.fromkeys(str(slug) for slug in named if slug))
    return Development(tracks, links, tuple(problems), tuple(unaimed), targets, table(cluster, rows), figures)


def elements(study: Study) -> list[pd.Series]:
    """Elements of the model, by track, stage and place in the document."""
    frame = study.stages
    tracks = {track: i for i, track in enumerate(dict.fromkeys(frame["track"]))}
    frame = frame.assign(place=frame["track"].map(tracks)).sort_values(["place", "order"], kind="stable")
    return [each for _, each in frame.drop(columns="place").iterrows()]


def checklist(study: Study, cluster: str) -> list[Item]:
    """Every element of the model, and what the documents say of it in one cluster."""
    evidence = study.said("evidence", cluster)
    items = []
    for element in elements(study):
        rows = [each for _, each in evidence[evidence["element"] == element["element"]].iterrows()]
        said = tuple(each for each in rows if each["state"] != "silent")
        items.append(Item(element, merged([each["state"] for each in said]), said, bool(rows)))
    return items


def _tracks(study: Study, cluster: str) -> Iterator[Track]:
    items = checklist(study, cluster)
    if not any(item.assessed for item in items):
        return
    for track in dict.fromkeys(item.element["track"] for item in items):
        own = [item for item in items if item.element["track"] == track]
        stages = tuple(dict.fromkeys(str(item.element["stage"]) for item in own))
        needed = [
            [item.state for item in own if item.element["stage"] == stage and item.element["aspect"] == REQUIRED]
            for stage in stages
        ]
        yield Track(str(track), stages, tuple(own), stage_range(needed))


def _answers(study: Study, cluster: str) -> tuple[list[tuple[pd.Series, tuple[pd.Series, ...]]], list[pd.Series]]:
    """Problems of a cluster with what acts on each, wherever it is recommended; instruments that act on none."""
    every = [each for _, each in study.instruments.iterrows()]
    problems = []
    for _, problem in study.said("problems", cluster).iterrows():
        acting = tuple(each for each in every if problem["problem"] in each["answers"].split())
        problems.append((problem, acting))
    own = study.said("instruments", cluster)
    return problems, [each for _, each in own[own["answers"] == ""].iterrows()]


def _track_rows(tracks: Sequence[Track]) -> Iterator[Row]:
    for track in tracks:
        reached = Interval(track.range.low, track.range.high)
        yield row("stage", reached, "stage", JUDGEMENT, indicator=track.track,
                  group="all", value=reached.low if reached.is_point else None)  # fmt: skip


def _problem_rows(problems: Sequence[tuple[pd.Series, tuple[pd.Series, ...]]]) -> Iterator[Row]:
    if not problems:
        return
    answered = sum(bool(acting) for _, acting in problems)
    for group, count in (("answered", answered), ("unanswered", len(problems) - answered)):
        yield row("problems", Interval(count, count), "problem", JUDGEMENT,
                  indicator="problems", group=group, value=count)  # fmt: skip
