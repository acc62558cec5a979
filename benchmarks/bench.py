"""Speed, as ratios within one run, since machines differ. Nothing here is a test."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from clusterlib import paths
from clusterlib.measures.classes import bounds_from_classes, bounds_from_thresholds, threshold_statements
from clusterlib.measures.consistency import examine
from clusterlib.measures.shares import bounds_from_share, bounds_from_shares
from clusterlib.report.plan import jobs
from clusterlib.report.render import render
from clusterlib.study import Study

REPEATS = 3


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median wall time of a piece of work."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


#: Counts at thresholds as one document prints them: 80, 30, more than 20 and 4 of more than 200 firms, and a total of
#: more than 2 billion; none above 100 million.
SIZES, COUNTS, FIRMS, TOTAL, CAP = (1e6, 5e6, 1e7, 5e7), (80, 30, (21, 29), 4), (201, 299), (2e9, 3e9), 1e8
#: A million firms in ten classes, from a thousand to a trillion yuan.
MANY = [500_000, 200_000, 100_000, 100_000, 50_000, 30_000, 10_000, 5_000, 4_000, 1_000]
CLUSTERS = 100_000


def bounds() -> None:
    """Print what bounds cost."""
    share = seconds(lambda: [bounds_from_share((0.25365, 0.25375), (0.61685, 0.61695)) for _ in range(1000)])
    print(f"bounds from a share pair, number of firms unknown: {share:.2f} ms each")
    finite = seconds(lambda: bounds_from_share((0.25365, 0.25375), (0.61685, 0.61695), n=100_000))
    print(f"the same for 100,000 firms: {1000 * finite:.0f} ms")
    rng = np.random.default_rng(0)
    firms = np.sort(rng.uniform(0.01, 0.99, (CLUSTERS, 2)), axis=1)
    values = np.sort(rng.uniform(0.01, 0.99, (CLUSTERS, 2)), axis=1)
    many = seconds(lambda: bounds_from_shares(firms, values))
    print(f"bounds from {CLUSTERS:,} share pairs at once: {many:.2f} s")

    def box() -> None:
        """Every whole-number reading, every measure, with and without cap and total."""
        for cap in (None, CAP):
            for total in (None, TOTAL):
                bounds_from_thresholds(SIZES, COUNTS, n=FIRMS, total=total, cap=cap, q=(0.1,))

    together = seconds(box)

    def one_by_one() -> None:
        """A tenth of the readings of one assumption set, as classes with exact counts."""
        for n in range(FIRMS[0], FIRMS[1] + 1, 10):
            for c in range(26, 30):
                if 40 * c + n >= 1330:  # the others cannot reach the total
                    classes = [n - 80, 50, 30 - c, c - 4, 4]
                    bounds_from_classes([0, *SIZES], classes, total=TOTAL, top=CAP, q=(0.1,))

    enumerated = seconds(one_by_one, repeats=1)
    print(f"891 readings x 9 measures x 4 assumption sets: {together:.3f} s")
    print(f"reading by reading, 1/10 of one assumption set: {enumerated:.2f} s, {enumerated / together:.0f} times that")
    limits = [10.0**power for power in range(3, 13)]
    classes = seconds(lambda: bounds_from_classes(limits, MANY, total=(1e15, 9e15)))
    print(f"10 classes of 1,000,000 firms, total an interval: {1000 * classes:.1f} ms")
    told = threshold_statements(SIZES, COUNTS, n=FIRMS, total=TOTAL, cap=CAP)
    print(f"can 7 statements all be true, and what is left of each: {1000 * seconds(lambda: examine(told)):.0f} ms")


def reports() -> None:
    """Print what reports cost, against the command lines that a user would type."""
    study = Study.load()
    chosen = jobs(paths.PLAN, study, clusters=["china-garment"])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        ours = seconds(lambda: render(chosen, study, out / "ours"))

        def by_hand() -> None:
            """The command lines a user would type: papermill, then nbconvert, one report after the other."""
            for number, job in enumerate(chosen):
                target = out / f"{number}.ipynb"
                parameters = [part for name, value in job.parameters.items() for part in ("-p", name, str(value))]
                papermill = [sys.executable, "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR"]
                subprocess.run([*papermill, str(job.path), str(target), *parameters], check=True, capture_output=True)
                convert = [
                    sys.executable,
                    "-m",
                    "jupyter",
                    "nbconvert",
                    "--to",
                    "html",
                    "--no-input",
                    "--log-level",
                    "ERROR",
                ]
                subprocess.run([*convert, str(target)], check=True, capture_output=True)

        theirs = seconds(by_hand, repeats=1)
    print(f"{len(chosen)} reports: {ours:.1f} s; papermill and nbconvert command lines: {theirs:.1f} s")
    print(f"ratio {theirs / ours:.1f}")
    start = seconds(
        lambda: subprocess.run([sys.executable, "-m", "clusterlib", "--help"], capture_output=True, check=True)
    )
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], capture_output=True, check=True))
    print(f"clusterlib --help: {start:.2f} s, of which the interpreter itself {bare:.2f} s")


if __name__ == "__main__":
    bounds()
    reports()
