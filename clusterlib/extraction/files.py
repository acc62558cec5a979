"""Files to rows: one, or many at a time."""

from __future__ import annotations

import os
import signal
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from clusterlib.errors import ClusterlibError, InputError
from clusterlib.extraction.candidates import COLUMNS, Candidate, figures
from clusterlib.extraction.documents import Source, decode, read_source
from clusterlib.extraction.output import require_writable
from clusterlib.whole import write_whole

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

#: Bytes that another process is worth starting for; of formats that must be unpacked first, a part of it.
_WORTH = 1_000_000
_UNPACKED = {".docx": 20, ".odt": 20, ".pdf": 20, ".html": 20, ".htm": 20, ".xhtml": 20}

#: All of a row but its document.
_CELLS = attrgetter(*COLUMNS[1:])


@dataclass(frozen=True)
class FileRead:
    """What became of one file.

    Attributes
    ----------
    path : str
        Which, as given.
    key : str
        What the keys of its documents begin with: the stem, after as many folders as tell it from the other files.
    source : Source or None
        Its text; None if it could not be read.
    rows : list of Candidate
        Its figures.
    error : str
        Why it could not be read, in one line.
    """

    path: str
    key: str
    source: Source | None = None
    rows: list[Candidate] = field(default_factory=list)
    error: str = ""


def read_file(path: str | Path) -> tuple[Source, list[Candidate]]:
    """Read a file and the figures that it prints.

    Parameters
    ----------
    path : str or Path
        The file; ``-`` is standard input.

    Returns
    -------
    source : Source
        Its text and documents.
    rows : list of Candidate
        In the order of the text, the offsets being those of the whole text: ``source.text[row.start:row.end]``.

    Raises
    ------
    InputError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "survey.txt"
    ...     _ = path.write_text("第一篇：集群有200多家企业。\\n第二篇：年产值60亿元。", encoding="utf-8")
    ...     source, rows = read_file(path)
    >>> [(row.document, row.printed) for row in rows]
    [('survey#1', '200多家'), ('survey#2', '60亿元')]
    """
    source = read_source(path)
    starts = [document.start for document in source.documents]
    keys = [document.key for document in source.documents]
    if len(keys) == 1:
        return source, figures(source.text, keys[0])
    rows = figures(source.text)
    return source, [_of_document(row, keys[max(bisect_right(starts, row.start) - 1, 0)]) for row in rows]


def read_files(
    paths: Sequence[str | Path],
    workers: int | None = None,
    progress: Callable[[FileRead, int, int], None] | None = None,
) -> list[FileRead]:
    """Read many files at a time.

    In a script of its own, call it under ``if __name__ == "__main__":``, as for any pool of processes.

    Parameters
    ----------
    paths : sequence of str or Path
        The files, each once; ``-`` is standard input.
    workers : int, optional
        How many at a time; by default one for each processor, fewer where there is little to read.
    progress : callable, optional
        Called after each file with what became of it, the number done and the number of all.

    Returns
    -------
    list of FileRead
        In the order given, document keys unique. A file that cannot be read has an `error` and stops no other.

    Raises
    ------
    InputError
        If a file is given twice.
    """
    places = [str(path) if str(path) == "-" else os.path.abspath(path) for path in paths]  # noqa: PTH100
    times = Counter(places)
    if twice := [str(path) for path, place in zip(paths, places, strict=True) if times[place] > 1]:
        raise InputError(f"documents: given {twice[0]!r} more than once; allowed: each file once")
    workers = min(workers or _useful(paths), len(paths))
    done: dict[int, FileRead] = {}
    for index, read in _all_alone(paths) if workers < 2 else _in_processes(paths, workers):
        done[index] = read
        if progress:
            progress(read, len(done), len(paths))
    return _told_apart([done[index] for index in range(len(paths))])


def save_texts(reads: Sequence[FileRead], path: str | Path, inputs: Sequence[str | Path] = ()) -> list[Path]:
    """Save the texts that the places of rows refer to, sign for sign, as UTF-8.

    Parameters
    ----------
    reads : sequence of FileRead
        What `read_files` returned.
    path : str or Path
        The file for the text of a single one, unless it is a folder; for several the folder, made if need be.
    inputs : sequence of str or Path
        Files that must not be replaced, beside those that were read.

    Returns
    -------
    list of Path
        The files, named by their keys.
    """
    path = Path(path)
    texts = {read.key: read.source.text for read in reads if read.source}
    targets = {key: path / f"{key}.txt" for key in texts}
    if len(reads) == 1 and not path.is_dir():
        targets = dict.fromkeys(texts, path)
    elif path.exists() and not path.is_dir():
        raise InputError(f"text: given {str(path)!r} for {len(reads)} documents; allowed: a folder")
    for target in targets.values():
        if target.parent != path.parent:
            target.parent.mkdir(parents=True, exist_ok=True)
        require_writable("text", target, [*inputs, *(read.path for read in reads)])
    for key, target in targets.items():
        write_whole(target, texts[key])
    return list(targets.values())


def _useful(paths: Sequence[str | Path]) -> int:
    """Number of processes that the size of the files is worth."""
    size = 0
    for path in map(Path, paths):
        try:
            size += path.stat().st_size * _UNPACKED.get(path.suffix.lower(), 1)
        except (OSError, ValueError):
            continue
    return min(os.cpu_count() or 1, 1 + size // _WORTH)


def _all_alone(paths: Sequence[str | Path]) -> Iterator[tuple[int, FileRead]]:
    yield from ((index, _read_one(path)) for index, path in enumerate(paths))


def _in_processes(paths: Sequence[str | Path], workers: int) -> Iterator[tuple[int, FileRead]]:
    """Each file with its place in the order given, as they are done."""
    from concurrent.futures import as_completed
    from concurrent.futures.process import BrokenProcessPool

    left: dict[Future[FileRead], int] = {}
    broken = []
    pool = _pool(workers)
    try:
        for index, path in enumerate(paths):
            if str(path) != "-":
                left[pool.submit(_read_one, path)] = index
        for index, path in enumerate(paths):
            if str(path) == "-":  # standard input is this process's own
                yield index, _read_one(path)
        for future in as_completed(left):
            try:
                yield left[future], future.result()
            except BrokenProcessPool:
                broken.append(left[future])
    finally:
        pool.shutdown(cancel_futures=True)
    for index in sorted(broken):  # one of them killed its process and took the others with it
        with _pool(1) as single:
            try:
                yield index, single.submit(_read_one, paths[index]).result()
            except BrokenProcessPool:
                yield index, _failed(paths[index], "the process that read it has died (out of memory?)")


def _pool(workers: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Children that are interrupted end without a word: this process says it.
    return ProcessPoolExecutor(workers, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_DFL))


def _read_one(path: str | Path) -> FileRead:
    try:
        source, rows = read_file(path)
    except ClusterlibError as error:
        return _failed(path, str(error))
    except Exception as error:  # whatever one file raises must not stop the others
        return _failed(path, f"{type(error).__name__}: {error}")
    return FileRead(str(path), _labels(str(path))[0], source, rows)


def _failed(path: str | Path, error: str) -> FileRead:
    name = Path(path).name
    said = error if name in error else f"{name}: {error}"
    return FileRead(str(path), _labels(str(path))[0], error="".join(c if c.isprintable() else "\ufffd" for c in said))


def _told_apart(reads: list[FileRead]) -> list[FileRead]:
    """The same with unique document keys: files that share one are named with their folder, then the one above it."""
    labels = [_labels(read.path) for read in reads]
    depths = [0] * len(reads)
    while True:
        names = [_names(read, label[depth]) for read, label, depth in zip(reads, labels, depths, strict=True)]
        times = Counter(name for each in names for name in each)
        rising = [
            index
            for index, each in enumerate(names)
            if any(times[name] > 1 for name in each) and depths[index] + 1 < len(labels[index])
        ]
        if not rising:
            return [_named(read, label[depth]) for read, label, depth in zip(reads, labels, depths, strict=True)]
        for index in rising:
            depths[index] += 1


def _names(read: FileRead, label: str) -> set[str]:
    """What a file of that label would use up: itself and the keys of its documents; some systems fold their case."""
    documents = read.source.documents if read.source else ()
    return {label.casefold(), *((label + document.key[len(read.key) :]).casefold() for document in documents)}


def _named(read: FileRead, label: str) -> FileRead:
    if read.source is None or label == read.key:
        return read
    new = {document.key: label + document.key[len(read.key) :] for document in read.source.documents}
    documents = tuple(replace(document, key=new[document.key]) for document in read.source.documents)
    rows = [_of_document(row, new[row.document]) for row in read.rows]
    return replace(read, key=label, source=replace(read.source, documents=documents), rows=rows)


def _of_document(row: Candidate, key: str) -> Candidate:
    return Candidate(key, *_CELLS(row))


def _labels(path: str) -> list[str]:
    """Names of a file, the shortest first: stem, folder/stem ..., then with the suffix, where only that differs."""
    if path == "-":
        return ["stdin"]
    place = Path(os.path.abspath(path))  # noqa: PTH100 (a link keeps the name it was given by)
    folders = [_decoded(part) for part in place.parent.parts[1:]]
    return [
        "/".join([*folders[len(folders) - depth :], _decoded(last)])
        for last in (place.stem, place.name)
        for depth in range(len(folders) + 1)
    ]


def _decoded(name: str) -> str:
    return decode(os.fsencode(name), strict=False)[0]
