"""Speed, as ratios within one run, since machines differ. Nothing here is a test.

`python benchmarks/bench.py` measures what takes minutes; name what to measure otherwise: bounds, reports, changes,
profile, pdf, nbval, faults. Reports are measured on a sample of the plan, unless --all.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from clusterlib import paths
from clusterlib.measures.classes import bounds_from_classes, bounds_from_thresholds, threshold_statements
from clusterlib.measures.consistency import examine
from clusterlib.measures.shares import bounds_from_share, bounds_from_shares
from clusterlib.report.plan import Job, jobs
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


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock and of processors, those of all processes that were started and waited for."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s, {self.processor:.1f} s of processors"

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.processor + other.processor)


def command(*arguments: str | Path) -> Spent:
    """Run a module of this Python as a command line; it must succeed."""
    start = time.perf_counter()
    before = os.times()
    subprocess.run([sys.executable, "-m", *map(str, arguments)], check=True, capture_output=True)
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    return Spent(time.perf_counter() - start, used)


def median(work: Callable[[], Spent], repeats: int) -> Spent:
    """The repetition that took the median of the times by the clock."""
    return sorted((work() for _ in range(repeats)), key=lambda spent: spent.wall)[repeats // 2]


def sample(study: Study, count: int) -> list[Job]:
    """So many reports of the plan, every notebook as often as any other; 0 for all."""
    groups: dict[str, list[Job]] = defaultdict(list)
    planned = jobs(paths.PLAN, study)
    for job in planned:
        groups[job.notebook].append(job)
    if not count:
        return planned
    # From each end in turn: both languages, and clusters that print much and little.
    turns = [
        [group[at] for each in range(len(group)) for at in (each, -1 - each)][: len(group)] for group in groups.values()
    ]
    return [job for turn in itertools.zip_longest(*turns) for job in turn if job][:count]


def plan_of(chosen: Sequence[Job], folder: Path) -> Path:
    """A plan that asks for these reports and no others."""
    path = folder / "plan.toml"
    tables = []
    for job in chosen:
        about = f"files = ['{job.document.path}']" if job.document else f"clusters = ['{job.cluster}']"
        tables.append(f"[[report]]\nnotebook = '{job.notebook}'\nlanguages = ['{job.lang}']\n{about}\n")
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def by_hand(job: Job, folder: Path) -> Spent:
    """The command lines a user would type for one report: papermill, then nbconvert."""
    target = folder / "typed.ipynb"
    parameters = [part for name, value in job.parameters.items() for part in ("-p", name, str(value))]
    quiet = ("--log-level", "ERROR")
    execute = command("papermill", "--no-progress-bar", *quiet, job.path, target, "-k", "python3", *parameters)
    return execute + command("jupyter", "nbconvert", "--to", "html", "--no-input", *quiet, target)


def reports(study: Study, count: int, repeats: int) -> None:
    """Print what reports cost, against the command lines that a user would type one after the other."""
    chosen = sample(study, count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = ("clusterlib", "report", "--plan", plan_of(chosen, folder), "--out", folder / "out")
        ours = median(lambda: command(*run, "--force"), repeats)
        unchanged = median(lambda: command(*run), repeats)
        cold = command(*run, "--force", "--cold")
        theirs = sum((by_hand(job, folder) for job in chosen), Spent(0, 0))
    many = len(chosen)
    print(f"{many} reports, clusterlib report --force: {ours}; {ours.processor / many:.2f} s of processors each")
    print(f"papermill and nbconvert, one after the other: {theirs}; {theirs.processor / many:.2f} s each")
    print(
        f"that is {theirs.wall / ours.wall:.1f} times by the clock, {theirs.processor / ours.processor:.1f} times the"
    )
    print(f"processors, on {os.cpu_count()} of them")
    print(f"with --cold: {cold}; {cold.processor / ours.processor:.1f} times the processors of forked kernels")
    print(f"again, nothing changed: {unchanged}")
    start = seconds(lambda: command("clusterlib", "--help"))
    bare = seconds(lambda: command("site"))
    print(f"clusterlib --help: {start:.2f} s, of which the interpreter itself {bare:.2f} s")


def changes(study: Study, count: int) -> None:
    """Print what one changed figure costs: 70.24% of a document becomes 70.25%."""
    chosen = sample(study, count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(paths.DATA, folder / "data")
        plan = plan_of(chosen, folder)
        run = ("clusterlib", "report", "--plan", plan, "--out", folder / "out", "--data", folder / "data")
        whole = command(*run)
        figures = folder / "data" / "figures.csv"
        text = figures.read_text(encoding="utf-8")
        for old, new in (("70.24%", "70.25%"), ("70.24,70.235,70.245", "70.25,70.245,70.255")):
            if text.count(old) != 1:
                raise SystemExit(f"figures.csv: given {old} {text.count(old)} times; choose another figure")
            text = text.replace(old, new)
        figures.write_text(text, encoding="utf-8")
        from clusterlib.report.render import wanted

        changed = Study.load(folder / "data")
        again = jobs(plan, changed, data=str(folder / "data"))
        rendered = sum(bool(each.reason) for each in wanted(again, changed, folder / "out"))
        spent = command(*run)
    print(f"one figure changed: {rendered} of {len(chosen)} reports are rendered: {spent}; all of them: {whole}")


def profile(study: Study, count: int) -> None:
    """Print where the time of a report goes, by notebook, one report at a time; seconds by the clock."""
    import nbformat

    from clusterlib import fonts
    from clusterlib.report import pages
    from clusterlib.report.render import read_manifest, run

    chosen = sample(study, count)
    parts = ("start", "drawing", "other cells", "between", "page", "font", "the rest")
    rows: dict[str, list[list[float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        run(chosen, study, out, workers=1)
        entries = read_manifest(out)
        pages.report(nbformat.read(out / f"{chosen[0].key}.ipynb", 4), chosen[0], study, [], [])  # imports and caches
        for job in chosen:
            notebook = nbformat.read(out / f"{job.key}.ipynb", 4)
            done = [cell for cell in notebook.cells if cell.metadata.get("papermill", {}).get("start_time")]
            begun = _moment(notebook.metadata.papermill.start_time)
            first, last = _moment(done[0].metadata.papermill.start_time), _moment(done[-1].metadata.papermill.end_time)
            drawing = sum(cell.metadata.papermill.duration for cell in done if _draws(cell))
            cells = sum(cell.metadata.papermill.duration for cell in done)
            page = (out / f"{job.key}.html").read_text(encoding="utf-8")
            font = seconds(partial(fonts.face, page), 1)
            both = seconds(partial(pages.report, notebook, job, study, [], []), 1)
            row = [first - begun, drawing, cells - drawing, last - first - cells, both - font, font]
            whole = entries[job.key]["seconds"]
            rows[job.notebook].append([*row, whole - sum(row), whole])
    print(f"{'seconds of a report':22}" + "".join(f"{part:>13}" for part in (*parts, "in all")))
    for notebook, measured in sorted(rows.items()):
        print(f"{notebook:22}" + "".join(f"{statistics.mean(column):13.2f}" for column in zip(*measured, strict=True)))
    every = [row for measured in rows.values() for row in measured]
    print(f"{'all':22}" + "".join(f"{statistics.mean(column):13.2f}" for column in zip(*every, strict=True)))


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _draws(cell: Any) -> bool:
    return any("image/svg+xml" in output.get("data", {}) for output in cell.get("outputs", []))


def pdf(study: Study, count: int) -> None:
    """Print what a PDF costs once the page is there."""
    from clusterlib.report.render import run
    from clusterlib.report.typeset import typeset

    chosen = sample(study, count)
    with tempfile.TemporaryDirectory() as name:
        run(chosen, study, Path(name))
        made = [(Path(name) / f"{job.key}.html").read_text(encoding="utf-8") for job in chosen]
    typeset(made[0], "pdf")  # reads the fonts
    times = [seconds(partial(typeset, page, "pdf"), 1) for page in made]
    print(
        f"PDF of a page: {statistics.median(times):.2f} s, {min(times):.2f} to {max(times):.2f} s ({len(made)} pages)"
    )


def nbval() -> None:
    """Print what it takes to run all notebooks and compare what they show with what is stored."""
    run = ("pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", paths.NOTEBOOKS)
    one = command(*run, "-n", "0")
    two = command(*run, "-n", "2", "--dist", "loadscope")
    print(f"nbval over the notebooks: {one}; with -n 2: {two}; {one.wall / two.wall:.1f} times as fast")


def faults() -> None:
    """Kill runs, and print what is found."""
    subprocess.run([sys.executable, str(Path(__file__).with_name("faults.py"))], check=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = ("bounds", "reports", "changes", "profile", "pdf", "nbval", "faults")
    parser.add_argument("what", nargs="*", help=f"some of {', '.join(names)} (default: all but the last two)")
    parser.add_argument("--sample", type=int, default=12, metavar="N", help="reports of the plan (default: 12)")
    parser.add_argument("--all", action="store_true", help="every report of the plan")
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help="runs of which the median counts")
    options = parser.parse_args(arguments)
    for name in options.what:
        if name not in names:
            parser.error(f"given {name!r}; allowed: {', '.join(names)}")
    count = 0 if options.all else options.sample
    study = Study.load()
    measured: dict[str, Callable[[], None]] = {
        "bounds": bounds,
        "reports": lambda: reports(study, count, options.repeats),
        "changes": lambda: changes(study, count),
        "profile": lambda: profile(study, count),
        "pdf": lambda: pdf(study, count),
        "nbval": nbval,
        "faults": faults,
    }
    for name in options.what or names[:-2]:
        print(f"-- {name}", flush=True)
        measured[name]()


if __name__ == "__main__":
    main()
