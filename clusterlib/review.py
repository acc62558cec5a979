"""What the reader finds in a document, beside the figures that a study has of it."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pandas as pd

from clusterlib.errors import InputError
from clusterlib.extraction import Candidate
from clusterlib.extraction.documents import Source
from clusterlib.study import Study

#: What is compared, numbers within the relative slack of decimal text against binary.
COMPARED = ("value", "low", "high", "unit", "rule", "threshold")
SAME = 1e-9

_LINE_END = re.compile(r"\r\n?|\n")
#: Rows of the study that have one place: two clusters may share a figure.
_Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, as the study has it and as the reader has it; what one of them lacks is blank.

    Attributes
    ----------
    file, document : str
        Which file, and which document of the study; outside of its documents, the reader's key.
    outcome : {"found", "missed", "extra"}
        In both, in the study only, or read only.
    differs : str
        Which columns of a figure in both say something else, separated by spaces: ``printed``, or one of `COMPARED`.
    figure : str
        Key of the study.
    line, start, end : int or None
        Where it stands in the file; None for a missed figure where the file holds another version of the text.
    printed, value, low, high, unit, rule, threshold
        What the study says.
    read_printed, read_value, read_low, read_high, read_unit, read_rule, read_threshold
        What the reader says.
    """

    file: str
    document: str
    outcome: str
    differs: str
    figure: str
    line: int | None
    start: int | None
    end: int | None
    printed: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    rule: str
    threshold: float | None
    read_printed: str
    read_value: float | None
    read_low: float | None
    read_high: float | None
    read_unit: str
    read_rule: str
    read_threshold: float | None


@dataclass(frozen=True)
class Review:
    """One file against the study.

    Attributes
    ----------
    file : str
        Name of the file.
    known_by : {"sha256", "source", "document"}
        What of documents.csv says that the study's documents stand in it.
    same_text : bool
        Whether the printed words stand where the study says; otherwise they were matched by their order.
    documents : list of str
        The documents of the study that stand in it.
    rows : list of Compared
        In the order of the text.
    """

    file: str
    known_by: str
    same_text: bool
    documents: list[str]
    rows: list[Compared]


def review(study: Study, source: Source, candidates: Sequence[Candidate], path: str | Path = "-") -> Review:
    """Compare what was read in a file with the figures of a study.

    Parameters
    ----------
    study : Study
        Its documents.csv says, by digest, name or key, which of its documents stand in the file.
    source : Source
        The text of the file.
    candidates : sequence of Candidate
        What was read in it, in the order of the text.
    path : str or Path, default "-"
        The file, for the digest of its bytes.

    Returns
    -------
    Review
        Figures are matched by place. Where most printed words do not stand where the study says, the file holds
        another version of the text, and they are matched by words and order.

    Raises
    ------
    InputError
        If no document of the study stands in the file.
    """
    known_by, own = _documents(study.documents, source, path)
    groups = _by_place(study.figures[study.figures["document"].isin(own["document"])])
    standing = {index for index, rows in enumerate(groups) if _words_stand(source.text, rows[0])}
    same_text = 2 * len(standing) >= len(groups)
    if not same_text:
        standing = set()
    pairs = _matched_by_place(groups, sorted(standing), candidates)
    taken = set(pairs.values())
    pairs |= _matched_by_words(
        groups,
        [index for index in range(len(groups)) if index not in standing],
        candidates,
        [index for index in range(len(candidates)) if index not in taken],
    )
    homes = _homes(own, groups, candidates, pairs, same_text)
    ends = [match.end() for match in _LINE_END.finditer(source.text)]
    rows = []
    at = 0
    for index, group in enumerate(groups):
        read = candidates[pairs[index]] if index in pairs else None
        place = (read.start, read.end) if read else (group[0]["start"], group[0]["end"]) if index in standing else None
        at = place[0] if place else at
        rows += [(at, _row(source.name, row["document"], row, read, place, ends)) for row in group]
    for index in set(range(len(candidates))) - set(pairs.values()):
        read = candidates[index]
        rows.append((read.start, _row(source.name, homes[index], {}, read, (read.start, read.end), ends)))
    rows.sort(key=lambda pair: pair[0])
    return Review(source.name, known_by, same_text, list(own["document"]), [row for _, row in rows])


def summary(reviews: Sequence[Review]) -> str:
    """Say in lines of text how many figures of each document were found, and name every other one."""
    return "\n".join(line for each in reviews for line in _lines(each)) + "\n"


def _lines(result: Review) -> Iterator[str]:
    yield _plain(f"{result.file}: {len(result.documents)} of the study's documents, known by {result.known_by}")
    if not result.same_text:
        yield "  another version of the text: figures matched by words and order, not by place"
    yield f"{'found':>8}{'different':>11}{'missed':>8}{'extra':>7}  document"
    counts = Counter((row.document, row.outcome) for row in result.rows)
    different = Counter(row.document for row in result.rows if row.differs)
    for key in dict.fromkeys([*result.documents, *(row.document for row in result.rows)]):
        found, missed, extra = (counts[key, outcome] for outcome in ("found", "missed", "extra"))
        yield _plain(f"{found:8}{different[key]:11}{missed:8}{extra:7}  {key}")
    for outcome in ("missed", "extra", "different"):
        for row in result.rows:
            if outcome == row.outcome or (outcome == "different" and row.differs):
                line = "place unknown" if row.line is None else f"line {row.line}"
                yield _plain(f"  {outcome:10}{row.document} {line}: {row.printed or row.read_printed} {_detail(row)}")


def _detail(row: Compared) -> str:
    if row.outcome == "extra":
        value = "" if row.read_value is None else f"{row.read_value:.15g} "
        return f"({value}{row.read_unit}, {row.read_rule})"
    pairs = (
        f"{name} {_shown(getattr(row, name))}, read {_shown(getattr(row, f'read_{name}'))}"
        for name in row.differs.split()
    )
    return f"({row.figure})" + (": " + "; ".join(pairs) if row.differs else "")


def _shown(cell: object) -> str:
    return "blank" if cell in (None, "") else f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _documents(documents: pd.DataFrame, source: Source, path: str | Path) -> tuple[str, pd.DataFrame]:
    """By what documents of the study are known to stand in a file, and their rows."""
    digests = [hashlib.sha256(source.text.encode("utf-8")).hexdigest()]
    if str(path) != "-":
        digests.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    keys = {Path(source.name).stem, *(document.key.rpartition("/")[2] for document in source.documents)}
    for column, known in (("sha256", digests), ("source", [source.name]), ("document", keys)):
        rows = documents[documents[column].isin(known)]
        if len(rows):
            return column, rows
    raise InputError(
        f"{source.name}: given a file that holds no document of the study; allowed: a copy or another version of "
        f"{', '.join(sorted(set(documents['source'])))}, or a file named after a document "
        f"({', '.join(documents['document'])})"
    )


def _by_place(figures: pd.DataFrame) -> list[_Rows]:
    groups: dict[tuple[int, int], _Rows] = {}
    for row in figures.sort_values(["start", "end"], kind="stable").to_dict("records"):
        cells = {str(name): None if pd.isna(cell) else cell for name, cell in row.items()}
        groups.setdefault((int(row["start"]), int(row["end"])), []).append(cells)
    return list(groups.values())


def _words_stand(text: str, row: Mapping[str, Any]) -> bool:
    return text[row["start"] : row["end"]] == str(row["printed"])


def _matched_by_place(
    groups: Sequence[_Rows], standing: Sequence[int], candidates: Sequence[Candidate]
) -> dict[int, int]:
    """Group -> candidate of the same place, else the one that overlaps it most."""
    spans = {(read.start, read.end): index for index, read in enumerate(candidates)}
    places = {index: (groups[index][0]["start"], groups[index][0]["end"]) for index in standing}
    pairs = {index: spans[place] for index, place in places.items() if place in spans}
    taken = set(pairs.values())
    starts = [read.start for read in candidates]
    for index, (start, end) in places.items():
        if index in pairs:
            continue
        overlaps = []
        at = bisect_left(starts, end) - 1
        while at >= 0 and candidates[at].end > start:
            if at not in taken:
                overlaps.append((min(end, candidates[at].end) - max(start, candidates[at].start), at))
            at -= 1
        if overlaps:
            pairs[index] = max(overlaps)[1]
            taken.add(pairs[index])
    return pairs


def _matched_by_words(
    groups: Sequence[_Rows], wanted: Sequence[int], candidates: Sequence[Candidate], free: Sequence[int]
) -> dict[int, int]:
    """Group -> candidate of the same words in the same order; between those, of the same value in other words."""
    ours = [_words(groups[index][0]["printed"]) for index in wanted]
    theirs = [_words(candidates[index].printed) for index in free]
    pairs: dict[int, int] = {}
    for tag, i, i_end, j, j_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs |= {wanted[i + k]: free[j + k] for k in range(i_end - i)}
        elif tag == "replace":
            at = j
            for k in range(i, i_end):
                for other in range(at, j_end):
                    alike = ours[k] in theirs[other] or theirs[other] in ours[k]
                    if alike and _same(groups[wanted[k]][0]["value"], candidates[free[other]].value):
                        pairs[wanted[k]] = free[other]
                        at = other + 1
                        break
    return pairs


def _words(printed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", printed).split())


def _homes(
    own: pd.DataFrame,
    groups: Sequence[_Rows],
    candidates: Sequence[Candidate],
    pairs: Mapping[int, int],
    same_text: bool,
) -> list[str]:
    """The study's document that each candidate stands in: by place, else that of most matches in the reader's one."""
    matches: dict[str, Counter[str]] = {}
    for index, at in pairs.items():
        matches.setdefault(candidates[at].document, Counter())[groups[index][0]["document"]] += 1
    spans = own[own["start"].notna() & own["end"].notna()].sort_values("start") if same_text else own[:0]
    starts, ends, keys = list(spans["start"]), list(spans["end"]), list(spans["document"])
    homes = []
    for read in candidates:
        at = bisect_right(starts, read.start) - 1
        if at >= 0 and read.start < ends[at]:
            homes.append(keys[at])
        elif read.document in matches and not same_text:
            homes.append(matches[read.document].most_common(1)[0][0])
        else:
            homes.append(read.document)
    return homes


def _row(
    file: str, document: str, row: Mapping[str, Any], read: Candidate | None, place: tuple[int, int] | None,
    ends: Sequence[int],
) -> Compared:  # fmt: skip
    ours = [row.get(name) for name in COMPARED]
    theirs = [getattr(read, name) if read else None for name in COMPARED]
    differs = ""
    if row and read:
        differing = ["printed"] if _words(row["printed"]) != _words(read.printed) else []
        differing += [name for name, a, b in zip(COMPARED, ours, theirs, strict=True) if not _same(a, b)]
        differs = " ".join(differing)
    start, end = place or (None, None)
    line = None if start is None else bisect_right(ends, start) + 1
    outcome = "found" if row and read else "missed" if row else "extra"

    def typed(printed: str, cells: list[Any]) -> tuple[Any, ...]:
        value, low, high, unit, rule, threshold = cells
        return printed, value, low, high, unit or "", rule or "", threshold

    return Compared(
        file, document, outcome, differs, row.get("figure", ""), line, start, end,
        *typed(row.get("printed", ""), ours), *typed(read.printed if read else "", theirs),
    )  # fmt: skip


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=SAME)
    return (ours or None) == (theirs or None)
