"""Speed, as ratios within one run, since machines differ. Nothing here is a test."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from clusterlib import paths
from clusterlib.measures.shares import bounds_from_share
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


def main() -> None:
    """Print one line a measurement."""
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
    share = seconds(lambda: [bounds_from_share((0.25365, 0.25375), (0.61685, 0.61695)) for _ in range(1000)])
    print(f"bounds from a share pair, number of firms unknown: {share:.2f} ms each")
    finite = seconds(lambda: bounds_from_share((0.25365, 0.25375), (0.61685, 0.61695), n=100_000))
    print(f"the same for 100,000 firms: {1000 * finite:.0f} ms")
    start = seconds(
        lambda: subprocess.run([sys.executable, "-m", "clusterlib", "--help"], capture_output=True, check=True)
    )
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], capture_output=True, check=True))
    print(f"clusterlib --help: {start:.2f} s, of which the interpreter itself {bare:.2f} s")


if __name__ == "__main__":
    main()
