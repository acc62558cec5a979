"""How fast are figures read, and does the work grow with the text? Characters a second on one core, and 2x against 1x.

    .venv/bin/python benchmarks/extraction.py [FILE ...]

Reads FILEs (your own documents), a dense text (the labelled sentences of tests/reading, one figure in twenty
characters), each as many lines and as one, and hostile texts of a million characters. Times are of this process alone
(processor time, the best of three), so that other work on the machine counts little; ratios are within one run. Last,
many files by one process and by two.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from pathlib import Path

from clusterlib.extraction import figures
from clusterlib.extraction.documents import read_source
from clusterlib.extraction.files import read_files

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3
SIZE = 1_000_000
HOSTILE = {
    "one digit": "7",
    "万": "万",
    "一": "一",
    "半": "半",
    "数": "数",
    "opening brackets": "（",
    "nested brackets": "",
    "digits driven apart": "1 ",
    "commas and digits": "1,",
    "percent": "5%",
}


def seconds(text: str) -> float:
    """Processor time of reading a text."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        figures(text)
        times.append(time.process_time() - start)
    return min(times)


def line(name: str, text: str, size: int = SIZE) -> str:
    """A row of the table: a text of a million characters, twice as much, and as one line."""
    once = (text * (size // len(text) + 1))[:size]
    first, twice = seconds(once), seconds(once + once)
    flat = once.replace("\n", "").replace("\r", "")
    whole = seconds(flat)
    count = len(figures(once))
    rate, flat_rate = len(once) / first / 1e6, len(flat) / whole / 1e6
    return f"| {name} | {count:,} | {rate:.2f} | {flat_rate:.2f} | {twice / first:.2f} |"


def labelled() -> str:
    """The sentences of tests/reading, one a line."""
    texts = []
    for path in sorted((ROOT / "tests" / "reading").glob("*_sentences.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["text"] for row in csv.DictReader(file)]
    return "\n".join(texts) + "\n"


def parallel(text: str) -> str:
    """Reading eight files by one process and by two."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(8):
            paths.append(Path(folder) / f"{number}.txt")
            paths[-1].write_text(text * (SIZE // len(text) + 1), encoding="utf-8")
        times = []
        for workers in (1, 2):
            start = time.perf_counter()
            read_files(paths, workers=workers)
            times.append(time.perf_counter() - start)
    return f"8 files of a million characters: {times[0]:.1f} s by one process, ratio {times[0] / times[1]:.2f} by two"


def main() -> None:
    """Print the table."""
    texts = {Path(name).name: read_source(name).text for name in sys.argv[1:]}
    dense = labelled()
    print("| text of a million characters (percent: a tenth) | figures | million a second | as one line | 2x / 1x |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, text in texts.items():
        print(line(name, text))
    print(line("labelled sentences", dense))
    for name, unit in HOSTILE.items():
        size = SIZE // 10 if name == "percent" else SIZE  # every other character is a figure
        print(line(name, unit * size if unit else "（" * (size // 2) + "）" * (size // 2), size))
    print(parallel(next(iter(texts.values()), dense)))


if __name__ == "__main__":
    main()
