"""How well do readers of Chinese figures read? Ours, and two peers, on sentences that people labelled.

    .venv/bin/python benchmarks/readers.py                                   # ours, on every set
    .venv/bin/python benchmarks/readers.py --peers PEERS/bin/python          # and the peers (how: peers.py)
    .venv/bin/python benchmarks/readers.py --set unseen --errors             # every miss, extra and difference
    .venv/bin/python benchmarks/readers.py --documents FILE --data data      # against the figures of a study

A set is two tables in tests/reading: `SET_sentences.csv` (sentence, style, text) and `SET_labels.csv` (sentence,
printed, nth, value, low, high, unit, rule, kind, status, threshold, threshold_unit, flag). `nth` says which of equal
words is meant, from 1; blank is 1. How results are scored, and what is granted to the peers, says scoring.py.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scoring import OWN, Figure, Label, Matching, Result, Score, match, of_money, parts, score

ROOT = Path(__file__).resolve().parents[1]
OURS = "clusterlib"
PEERS = Path(__file__).with_name("peers.py")
SHARED = ("recall", "precision", "value+unit", "full unit", "interval")
NUMBERS = ("value", "low", "high", "threshold")
WORDS = ("printed", "unit", "rule", "kind", "status", "threshold_unit", "flag")
#: Characters of a long text that are shown on each side of a figure.
CONTEXT = 30
Reader = Callable[[Sequence["Passage"]], list[list[Result]]]


@dataclass(frozen=True)
class Passage:
    """A text and its labels."""

    group: str
    name: str
    style: str
    text: str
    labels: tuple[Label, ...]


class NotReadableError(Exception):
    """A table or a reader that cannot be used; the message says why."""


def rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows of a table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            return list(table.fieldnames or []), [{k: v or "" for k, v in row.items() if k} for row in table]
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadableError(f"{path}: {error}") from None


def label(row: Mapping[str, str], start: int, end: int, asked: Iterable[str], where: str) -> Label:
    """The label that a row of a table is."""
    try:
        numbers: dict[str, Any] = {name: float(row[name]) if row.get(name) else None for name in NUMBERS}
    except ValueError as error:
        raise NotReadableError(f"{where}: {row['printed']}: {error}") from None
    words: dict[str, Any] = {name: row.get(name, "") for name in WORDS}
    return Label(start, end, asked=frozenset(asked), **numbers, **words)


def sets(folder: Path, wanted: str | None) -> list[Passage]:
    """The passages of the sets in a folder, or of one of them."""
    names = sorted(path.name.removesuffix("_sentences.csv") for path in folder.glob("*_sentences.csv"))
    if wanted is not None and wanted not in names:
        raise NotReadableError(f"--set: given {wanted}; allowed: {', '.join(names) or f'nothing, {folder} has no set'}")
    if not names:
        raise NotReadableError(f"{folder} has no set (SET_sentences.csv and SET_labels.csv)")
    return [passage for name in names if wanted in (None, name) for passage in one_set(folder, name)]


def one_set(folder: Path, name: str) -> list[Passage]:
    """The passages of one set."""
    file = folder / f"{name}_labels.csv"
    header, labelled = rows(file)
    _, sentences = rows(folder / f"{name}_sentences.csv")
    of: dict[str, list[dict[str, str]]] = {row["sentence"]: [] for row in sentences}
    for row in labelled:
        if row["sentence"] not in of:
            raise NotReadableError(f"{file}: {row['printed']}: no sentence {row['sentence']}")
        of[row["sentence"]].append(row)
    passages = []
    for sentence in sentences:
        text, key = sentence["text"], sentence["sentence"]
        labels = []
        for row in of[key]:
            start = place(text, row["printed"], int(row.get("nth") or 1))
            if start is None:
                raise NotReadableError(f"{file}: sentence {key}: no {row['printed']} number {row.get('nth') or 1}")
            end = start + len(row["printed"])
            labels.append(label(row, start, end, set(OWN).intersection(header), f"{file}: sentence {key}"))
        labels.sort(key=lambda figure: figure.start)
        passages.append(Passage(name, key, sentence["style"], text, tuple(labels)))
    return passages


def place(text: str, words: str, nth: int) -> int | None:
    """Where the words stand for the nth time."""
    start = -1
    for _ in range(nth):
        start = text.find(words, start + 1)
        if start < 0 or not words:
            return None
    return start if nth > 0 else None


def documents(file: Path, data: Path) -> list[Passage]:
    """The documents of a study that stand in a file, with the study's figures as labels."""
    try:
        content = file.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadableError(f"{file}: {error}") from None
    header, figures = rows(data / "figures.csv")
    _, listed = rows(data / "documents.csv")
    digest = hashlib.sha256(content).hexdigest()
    here = [row for row in listed if row["sha256"] == digest] or [row for row in listed if row["source"] == file.name]
    if not here:
        raise NotReadableError(f"{data / 'documents.csv'}: no document with the name or the digest of {file}")
    passages = []
    for document in here:
        key, first, last = document["document"], int(document["start"]), int(document["end"])
        labels = []
        for row in figures:
            if row["document"] == key:
                start, end = int(row["start"]), int(row["end"])
                if text[start:end] != row["printed"]:
                    found = text[start:end]
                    raise NotReadableError(f"{data / 'figures.csv'}: {row['figure']}: {found!r} at {start} in {file}")
                labels.append(label(row, start - first, end - first, set(OWN).intersection(header), row["figure"]))
        labels.sort(key=lambda figure: figure.start)
        passages.append(Passage(file.name, key, key, text[first:last], tuple(labels)))
    return passages


def ours(passages: Sequence[Passage]) -> list[list[Result]]:
    """What clusterlib reads."""
    from clusterlib.extraction import figures

    return [[candidate(found) for found in figures(passage.text)] for passage in passages]


def candidate(found: Any) -> Result:
    """A result from a candidate of clusterlib's. What it lacks is blank."""
    flag = getattr(found, "flag", None) or getattr(found, "flags", None) or ""
    words: dict[str, Any] = {n: getattr(found, n, None) or "" for n in ("printed", "unit", "rule", "kind", "status")}
    numbers: dict[str, Any] = {name: getattr(found, name, None) for name in NUMBERS}
    return Result(
        found.start,
        found.end,
        **words,
        **numbers,
        threshold_unit=getattr(found, "threshold_unit", None) or "",
        flag=flag if isinstance(flag, str) else " ".join(flag),
    )


def peer(python: str, name: str) -> Reader:
    """A reader that is run by another interpreter, a line of text at a time."""

    def read(passages: Sequence[Passage]) -> list[list[Result]]:
        lines = [(i, before, line) for i, passage in enumerate(passages) for before, line in with_offsets(passage.text)]
        told = "".join(json.dumps({"text": line}) + "\n" for _, _, line in lines)
        answers = ask(python, name, told).splitlines()
        if len(answers) != len(lines):
            raise NotReadableError(f"{name}: {len(answers)} answers to {len(lines)} lines")
        results: list[list[Result]] = [[] for _ in passages]
        for (i, before, line), answer in zip(lines, answers, strict=True):
            for found in json.loads(answer):
                results[i].append(
                    Result(
                        before + found["start"],
                        before + found["end"],
                        line[found["start"] : found["end"]],
                        found["value"],
                        found.get("low"),
                        found.get("high"),
                        found["unit"],
                        peer=True,
                        interval="low" in found,
                        loose=found.get("loose", False),
                    )
                )
        return results

    return read


def with_offsets(text: str) -> list[tuple[int, str]]:
    """The lines of a text and where each begins."""
    lines, before = [], 0
    for line in text.splitlines(keepends=True):
        lines.append((before, line))
        before += len(line)
    return lines


def ask(python: str, asked: str, told: str = "") -> str:
    """What peers.py answers under another interpreter."""
    try:
        done = subprocess.run(
            [python, "-X", "utf8", str(PEERS), asked], input=told, encoding="utf-8", capture_output=True, check=True
        )
    except OSError as error:
        raise NotReadableError(f"--peers: given {python}: {error}") from None
    except subprocess.CalledProcessError as error:
        raise NotReadableError(f"{asked}: {error.stderr.strip()}") from None
    for line in done.stderr.splitlines():
        if " failed: " in line or "not installed" in line:
            print(line, file=sys.stderr)
    return done.stdout


def blocks(passages: Sequence[Passage]) -> list[tuple[str, str, list[int]]]:
    """Set, style, and the passages of it; a set of several styles has a block of all."""
    found: dict[tuple[str, str], list[int]] = {}
    for i, passage in enumerate(passages):
        found.setdefault((passage.group, passage.style), []).append(i)
    ordered = []
    for group in dict.fromkeys(group for group, _ in found):
        mine = [(style, places) for (other, style), places in found.items() if other == group]
        ordered += [(group, style, places) for style, places in mine]
        if len(mine) > 1:
            ordered.append((group, "all", [i for _, places in mine for i in places]))
    return ordered


def percent(share: float | None) -> str:
    """A share as a cell."""
    return "-" if share is None else f"{100 * share:.1f}"


def markdown(header: Sequence[str], lines: Iterable[Sequence[object]], left: int) -> str:
    """A table of markdown, its first columns to the left."""
    rule = ["---" if i < left else "---:" for i in range(len(header))]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in (header, rule, *lines))


def report(passages: Sequence[Passage], matchings: Mapping[str, list[Matching]]) -> str:
    """All tables."""

    def lines(
        readers: Iterable[str], names: Sequence[str], only: Callable[[Matching], Matching] = lambda m: m
    ) -> list[list[object]]:
        found: list[list[object]] = []
        for group, style, places in blocks(passages):
            for reader in readers:
                total: Score = score(only(matchings[reader][i]) for i in places)
                shares = [percent(total.share(name)) for name in names]
                found.append([group, style, reader, total.labels, total.results, *shares])
        return found

    first = ["set", "style", "reader", "labels", "results"]
    told = ["All figures, in percent (what is granted to peers: scoring.py, peers.py):"]
    told.append(markdown([*first, *SHARED], lines(matchings, SHARED), 3))
    if len(matchings) > 1:
        told.append("Money only, all that some peers read:")
        told.append(markdown([*first, *SHARED], lines(matchings, SHARED, of_money), 3))
    if OURS in matchings:
        told.append("What ours alone says (threshold: of the labels or results that have one):")
        told.append(markdown([*first, *OWN], lines([OURS], OWN), 3))
    return "\n\n".join(told)


def number(value: float | None) -> str:
    """A number as briefly as it can be told exactly."""
    return "" if value is None else f"{value:.12g}"


def told(figure: Figure) -> str:
    """What a label or a result says, in brief."""
    said = f"{number(figure.value)} [{number(figure.low)},{number(figure.high)}] {figure.unit}"
    words = [figure.rule, figure.kind, figure.status, figure.flag]
    if figure.threshold is not None:
        words.append(f">={number(figure.threshold)} {figure.threshold_unit}")
    return " ".join([said, *filter(None, words)])


def shown(text: str, figure: Figure) -> str:
    """The text with the figure marked; of a long text what stands about it."""
    long = len(text) > 4 * CONTEXT
    start = max(0, figure.start - CONTEXT) if long else 0
    end = figure.end + CONTEXT if long else len(text)
    marked = f"{text[start : figure.start]}【{text[figure.start : figure.end]}】{text[figure.end : end]}"
    return " ".join(marked.split("\n"))


def difference(label: Label, result: Result) -> str:
    """What of a result is not as labelled, label≠result of every part; of a peer, what it says at all."""
    wrong = [name for name, ok in parts(label, result).items() if not ok]
    said = []
    if "value+unit" in wrong or "full unit" in wrong:
        said.append(f"{number(label.value)} {label.unit}≠{number(result.value)} {result.unit}")
    if "interval" in wrong and result.interval:
        said.append(f"[{number(label.low)},{number(label.high)}]≠[{number(result.low)},{number(result.high)}]")
    if result.peer:
        return "; ".join(said)
    if "threshold" in wrong:
        sizes = [f"{number(f.threshold)} {f.threshold_unit}".strip() or "none" for f in (label, result)]
        said.append(f"threshold {sizes[0]}≠{sizes[1]}")
    for name in ("rule", "kind", "status", "flag"):
        if name in wrong:
            said.append(f"{name} {getattr(label, name) or 'none'}≠{getattr(result, name) or 'none'}")
    return "; ".join(said)


def errors(passages: Sequence[Passage], matchings: Sequence[Matching]) -> list[str]:
    """Every miss, extra and difference, one line each, in the order of the texts."""
    lines = []
    for passage, matching in zip(passages, matchings, strict=True):
        here: list[tuple[Figure, str, str]] = [(label, "MISS", told(label)) for label in matching.missed]
        here += [(result, "EXTRA", told(result)) for result in matching.extra]
        here += [(label, "DIFF", said) for label, result in matching.pairs if (said := difference(label, result))]
        for figure, what, said in sorted(here, key=lambda line: line[0].start):
            lines.append(f"{what:5} {passage.group}/{passage.name} {said} | {shown(passage.text, figure)}")
    return lines


def arguments() -> argparse.Namespace:
    """The options of this run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter of an environment that has the peers")
    parser.add_argument("--set", metavar="NAME", help="one set only")
    parser.add_argument("--folder", type=Path, default=ROOT / "tests" / "reading", help="where the sets are")
    parser.add_argument("--errors", nargs="?", const=OURS, metavar="READER", help="list what a reader has wrong (ours)")
    parser.add_argument("--documents", type=Path, metavar="FILE", help="score on documents of a study, in this file")
    parser.add_argument("--data", type=Path, metavar="DIR", default=ROOT / "data", help="the study (data)")
    return parser.parse_args()


def main() -> None:
    """Run every reader on every text, and print how it did."""
    options = arguments()
    if options.documents:
        passages = documents(options.documents, options.data)
    else:
        passages = sets(options.folder, options.set)
    readers: dict[str, tuple[str, Reader]] = {OURS: ("this checkout", ours)}
    try:
        from clusterlib.extraction import figures  # noqa: F401
    except ImportError as error:
        print(f"{OURS} is left out: {error}", file=sys.stderr)
        del readers[OURS]
    if options.peers:
        found = json.loads(ask(options.peers, "versions"))
        if not found:
            print(f"--peers: {options.peers} has none of the peers (peers.py says what to install)", file=sys.stderr)
        readers |= {name: (version, peer(options.peers, name)) for name, version in found.items()}
    if not readers:
        raise NotReadableError("no reader can run")
    if options.errors and options.errors not in readers:
        raise NotReadableError(f"--errors: given {options.errors}; allowed: {', '.join(readers)}")

    print(f"Run: {shlex.join(['readers.py', *sys.argv[1:]])} (Python {platform.python_version()})")
    for group in dict.fromkeys(passage.group for passage in passages):
        mine = [passage for passage in passages if passage.group == group]
        print(f"- {group}: {len(mine)} texts, {sum(len(passage.labels) for passage in mine)} labels")
    matchings: dict[str, list[Matching]] = {}
    for name, (version, read) in readers.items():
        begun = time.perf_counter()
        results = read(passages)
        print(f"- {name}: {version}, {time.perf_counter() - begun:.1f} s with its start")
        matchings[name] = [
            match(passage.labels, [named(result, passage.text) for result in found])
            for passage, found in zip(passages, results, strict=True)
        ]
    print()
    print(report(passages, matchings))
    if options.errors:
        lines = errors(passages, matchings[options.errors])
        print(f"\n{len(lines)} errors of {options.errors} (label≠result):")
        print("\n".join(lines))


def named(result: Result, text: str) -> Result:
    """The result with its words as the text has them."""
    return replace(result, printed=text[result.start : result.end])


if __name__ == "__main__":
    try:
        main()
    except NotReadableError as error:
        sys.exit(str(error))
