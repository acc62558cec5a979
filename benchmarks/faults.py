"""Kill runs at random moments: every report must be old or new, no process may run on, and nothing may be left.

Small reports are rendered again and again, in turn to two states of a parameter, and each run is killed once: its main
process, its group, all of its processes, or the process that its kernels are forked from, at a moment chosen at random
from the whole run or from the part in which reports are put in place. Meanwhile a reader keeps reading all files. Then
the next run must complete what was begun. Besides, a process that does nothing but put reports in place is killed many
times more. Processes are looked for in /proc, so elsewhere than on Linux that part is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat

from clusterlib.report.store import Store

CLUSTERS, NOTEBOOKS = ("china-garment", "baoying-glass"), ("first", "second")
KEYS = tuple(f"en/{cluster}/{notebook}" for cluster in CLUSTERS for notebook in NOTEBOOKS)
SUFFIXES = ("csv", "html", "ipynb")
STATES = ("1", "2")
#: Name of the environment variable by which the processes of one run are known.
MARK = "CLUSTERLIB_FAULTS"
#: Seconds in which the processes of a killed run must be gone, and in which a run must end.
GRACE, PATIENCE = 10.0, 180.0
#: Seconds between two readings of all files: the processors are for the runs.
PAUSE = 0.01
LINUX = sys.platform == "linux"
SHARED_MEMORY = Path("/dev/shm")
#: What is killed, with what.
HOWS = {
    "main": ("main", signal.SIGKILL),
    "group": ("group", signal.SIGKILL),
    "everything": ("everything", signal.SIGKILL),
    "forking": ("forking", signal.SIGKILL),
    "SIGTERM": ("main", signal.SIGTERM),
    "SIGINT": ("group", signal.SIGINT),
}
TURNS = ("main", "SIGTERM", "main", "group", "forking", "main", "SIGINT", "everything")
#: Every so many kills hit the first run into an empty folder.
FRESH = 5

_CELLS = (
    'cluster: str = "china-garment"  # cluster\nlang: str = "en"  # language\ndata: str = ""  # folder\n'
    "years: int = 1  # state",
    'from IPython.display import display\n\nrows = "".join(f"{number},{years}\\n" for number in range(100))\n'
    'shown = f"<h2>State {years}</h2>" + "<p>a line</p>" * 2000\n'
    'display({"text/csv": "number,state\\n" + rows, "text/html": shown, "text/plain": ""}, raw=True)',
)
#: The command line with the notebooks of a folder.
_RUN = "import sys\nfrom pathlib import Path\nfrom clusterlib import cli, paths\n"
_RUN += "paths.NOTEBOOKS = Path(sys.argv.pop(1))\nsys.exit(cli.main(sys.argv[1:]))"
#: Put reports in place, over and over: arguments are the folder, the number of the first state, and files as JSON.
_PLACE = """
import itertools, json, sys
from pathlib import Path
from clusterlib.report.store import Store
files = json.loads(Path(sys.argv[3]).read_text())
with Store(Path(sys.argv[1])) as store:
    print("ready", flush=True)
    for turn in itertools.count(int(sys.argv[2])):
        for key in files:
            made = {suffix: content[turn % 2].encode() for suffix, content in files[key].items()}
            entry = {"key": key, "files": {suffix: {"bytes": len(content)} for suffix, content in made.items()}}
            store.place(key, made, entry)
            store.write("manifest.json", json.dumps(entry))
"""


class Ground:
    """A folder for runs: two notebooks, a plan for each state, a folder for reports, one for temporary files."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder, self.out, self.scratch, self._options = folder, folder / "reports", folder / "tmp", options
        #: What a file holds in each state, by key and suffix.
        self.known: Mapping[tuple[str, str], Mapping[str, bytes]] = {}
        (folder / "notebooks").mkdir(parents=True)
        self.scratch.mkdir()
        for name in NOTEBOOKS:
            cells = [nbformat.v4.new_code_cell(source) for source in _CELLS]
            cells[0].metadata.tags = ["parameters"]
            notebook = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
            nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")
        for state in STATES:
            reports = "".join(
                f'[[report]]\nnotebook = "{name}"\nclusters = {json.dumps(CLUSTERS)}\nlanguages = ["en"]\n'
                f"parameters = {{ years = {state} }}\n"
                for name in NOTEBOOKS
            )
            (folder / f"{state}.toml").write_text(reports, encoding="utf-8")

    def start(self, state: str, mark: str) -> subprocess.Popen[bytes]:
        """Begin a run."""
        command = [sys.executable, "-c", _RUN, str(self.folder / "notebooks"), "report", "--jobs", "2", *self._options]
        command += ["--plan", str(self.folder / f"{state}.toml"), "--out", str(self.out)]
        return self._start(command, mark)

    def start_placing(self, turn: int, mark: str) -> subprocess.Popen[bytes]:
        """Begin to put reports in place."""
        files = self.folder / "files.json"
        if not files.exists():
            told = {key: {suffix: [self.known[key, suffix][state].decode() for state in STATES] for suffix in SUFFIXES}
                    for key in KEYS}  # fmt: skip
            files.write_text(json.dumps(told), encoding="utf-8")
        return self._start([sys.executable, "-c", _PLACE, str(self.out), str(turn), str(files)], mark)

    def _start(self, command: Sequence[str], mark: str) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), root]))
        environment = {**os.environ, "TMPDIR": str(self.scratch), MARK: mark, "PYTHONPATH": path}
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def state(self, key: str, suffix: str) -> str:
        """State of a file as a reader finds it: 1 or 2, "missing", or "broken"."""
        try:
            content = (self.out / f"{key}.{suffix}").read_bytes()
        except FileNotFoundError:
            return "missing"
        found = _lasting(suffix, content)
        return next((state for state, lasting in self.known[key, suffix].items() if lasting == found), "broken")

    def states(self) -> dict[str, str]:
        """State of each report; several where its files differ."""
        return {key: "/".join(sorted({self.state(key, suffix) for suffix in SUFFIXES})) for key in KEYS}

    def listing(self) -> set[str]:
        """Names of all that is in the folder of reports and in that for temporary files."""
        shown = {path.relative_to(self.folder).as_posix() for root in (self.out, self.scratch)
                 for path in root.rglob("*")}  # fmt: skip
        # A version is named by its time; what it keeps of the one before depends on whether there was one.
        return {re.sub(r"-\d{15,}", "-TIME", name) for name in shown if Path(name).stem != "before"}


def _lasting(suffix: str, content: bytes) -> bytes:
    """Of a file, what is the same whenever it is rendered."""
    if suffix == "html":
        return re.sub(rb"Rendered \d[\w ]+, \d\d:\d\d", b"", content)
    if suffix == "ipynb":
        try:
            notebook = json.loads(content)
        except ValueError:
            return b""
        notebook["metadata"].get("papermill", {}).clear()
        for cell in notebook["cells"]:
            cell["id"] = cell["metadata"] = ""
        return json.dumps(notebook).encode()
    return content


class Reader(threading.Thread):
    """Reads all files over and over; once a file is there, it must stay there, whole, in one state or the other."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(daemon=True)
        self._ground, self._done, self._there = ground, threading.Event(), set()
        self.faults: list[str] = []
        self.count = 0

    def run(self) -> None:
        """Read until told to stop."""
        while not self._done.wait(PAUSE):
            for key in KEYS:
                for suffix in SUFFIXES:
                    state = self._ground.state(key, suffix)
                    self.count += 1
                    if state in STATES:
                        self._there.add((key, suffix))
                    elif state == "broken" or (key, suffix) in self._there:
                        self.faults.append(f"a reader found {key}.{suffix} {state}")

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()


def processes(mark: str) -> dict[int, str]:
    """Command lines of the processes of a run, by number; empty where there is no /proc."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*") if LINUX else ():
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return found


def kill(how: str, run: subprocess.Popen[bytes], mark: str) -> bool:
    """Kill what is to be killed; False if it is not there (yet, or any more)."""
    target, number = HOWS[how]
    if target == "main":
        chosen = [run.pid]
    elif target == "group":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, number)
        return run.poll() is None or number == signal.SIGKILL
    else:
        # A kernel has the command line of the process that it was forked from, which started first.
        found = sorted(processes(mark).items())
        chosen = [pid for pid, command in found if target == "everything" or "warm import serve" in command]
        chosen = chosen if target == "everything" else chosen[:1]
    for pid in chosen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return bool(chosen)


def end(run: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Wait for the end of a run; its exit code, and what it said on stderr."""
    try:
        _, said = run.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        run.kill()
        _, said = run.communicate()
        return 1000, "did not end"
    return run.returncode, said.decode("utf-8", "replace")


def gone(mark: str) -> tuple[float, dict[int, str]]:
    """Wait for the processes of a run to be gone; seconds that took, and those that are still there (and killed)."""
    begun = time.monotonic()
    while (left := processes(mark)) and time.monotonic() - begun < GRACE:
        time.sleep(0.05)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return time.monotonic() - begun, left


def shared() -> set[str]:
    """Names in the shared memory of the machine that no process holds any more."""
    names = {path.name for path in SHARED_MEMORY.iterdir()} if SHARED_MEMORY.is_dir() else set()
    for maps in Path("/proc").glob("[0-9]*/maps") if names else ():
        with contextlib.suppress(OSError):
            names -= set(re.findall(rf"{SHARED_MEMORY}/(\S+)", maps.read_text(encoding="utf-8", errors="replace")))
    return names


def reference(ground: Ground) -> tuple[float, float]:
    """Run both states unkilled, and learn from them; return seconds of a run, and when its first report is placed."""
    times = []
    known: dict[tuple[str, str], dict[str, bytes]] = {(key, suffix): {} for key in KEYS for suffix in SUFFIXES}
    for state in STATES:
        begun, before = time.monotonic(), _versions(ground)
        run = ground.start(state, "reference")
        while run.poll() is None and _versions(ground) <= before:
            time.sleep(0.005)
        first = time.monotonic() - begun
        code, said = end(run)
        times.append((time.monotonic() - begun, first))
        if code:
            raise SystemExit(f"the run that is not killed ends with exit code {code}: {said}")
        for key, suffix in known:
            content = (ground.out / f"{key}.{suffix}").read_bytes()
            known[key, suffix][state] = _lasting(suffix, content)
    ground.known = known
    assert all(lasting["1"] != lasting["2"] for lasting in known.values()), "the states cannot be told apart"
    return min(times)


def _versions(ground: Ground) -> set[str]:
    return {path.name for path in ground.out.glob("*/*/.versions/*")}


def moments(kills: int, whole: float, chance: random.Random) -> list[tuple[str, float]]:
    """When to kill: half of them spread over the whole run, half over what follows once reports are put in place."""
    chosen = [("start", whole * (number + chance.random()) / max(1, kills // 2)) for number in range(kills // 2)]
    chosen += [("placing", 0.25 * whole * chance.random() ** 2) for _ in range(kills - len(chosen))]
    chance.shuffle(chosen)
    return chosen


def one_kill(ground: Ground, how: str, after: str, wait: float, state: str, left: set[str]) -> tuple[str, list[str]]:
    """Kill one run, check, run again, check; what happened in words, and all that was wrong.

    Parameters
    ----------
    ground : Ground
        Where; its reports stand in the other state, or are not there.
    how : str
        Key of `HOWS`.
    after : {"start", "placing"}
        From when to count.
    wait : float
        Seconds from then to the kill.
    state : str
        State to render.
    left : set of str
        What an unkilled run leaves.
    """
    mark, memory = uuid.uuid4().hex, shared()
    old, faults = ground.states(), []
    allowed = {"missing"} if "missing" in old.values() else {old[KEYS[0]]}
    with Reader(ground) as reader:
        before = _versions(ground)
        run = ground.start(state, mark)
        while after == "placing" and run.poll() is None and _versions(ground) <= before:
            time.sleep(0.001)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(wait)
        hit = kill(how, run, mark)
        begun = time.monotonic()
        code, said = end(run)
        ended = time.monotonic() - begun
        lasted, running = gone(mark)
        states = ground.states()
        faults += [f"process {pid} runs on: {command[:80]}" for pid, command in running.items()]
        faults += [f"{key} is {found}" for key, found in states.items() if found not in allowed | {state}]
        if code == 1000 or "Traceback" in said:
            faults.append(f"it said: {said.strip()[-300:]}")
        begun = time.monotonic()
        code_after, said_after = end(ground.start(state, mark))
        seconds = time.monotonic() - begun
    faults += sorted(set(reader.faults))
    if code_after or said_after:
        faults.append(f"the next run ends with exit code {code_after}: {said_after.strip()[-300:]}")
    faults += [f"{key} is {found} after the next run" for key, found in ground.states().items() if found != state]
    listing = ground.listing()
    faults += [f"left: {name}" for name in sorted(listing - left)]
    faults += [f"lost: {name}" for name in sorted(left - listing)]
    faults += [f"left in shared memory: {name}" for name in sorted(shared() - memory)]
    shutil.rmtree(ground.scratch)
    ground.scratch.mkdir()
    told = f"{how} {wait:5.2f} s after {after}{'' if hit else ' (not there)'}: exit code {code} in {ended:.1f} s, "
    told += f"processes gone in {lasted:.1f} s; {' '.join(_count(states))}; next run {seconds:.1f} s, "
    return told + f"{reader.count} files read", faults


def _count(states: Mapping[str, str]) -> Iterator[str]:
    for state, count in sorted(Counter(states.values()).items()):
        yield f"{count} × {state}"


def kill_runs(ground: Ground, kills: int, chance: random.Random, hows: Sequence[str] = TURNS) -> dict[str, int]:
    """Kill runs; print a line for each, and return what was wrong, counted."""
    whole, first = reference(ground)
    left = ground.listing()
    print(f"a run takes {whole:.1f} s, its first report is in place after {first:.1f} s")
    wrong: Counter[str] = Counter()
    for number, (after, wait) in enumerate(moments(kills, whole, chance)):
        if number % FRESH == FRESH - 1:
            shutil.rmtree(ground.out)
        how = hows[number % len(hows)]
        told, faults = one_kill(ground, how, after, wait, STATES[number % 2], left)
        print(f"{number + 1:3} {told}: {'; '.join(faults) or 'good'}", flush=True)
        wrong.update(_kind(fault) for fault in faults)
    return dict(wrong)


def kill_placing(ground: Ground, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill a process that puts reports in place, time and again; return what was wrong, counted."""
    wrong: Counter[str] = Counter()
    with Reader(ground) as reader:
        for number in range(kills):
            run = ground.start_placing(number % 2, "placing")
            assert run.stdout
            run.stdout.readline()
            time.sleep(0.2 * chance.random())
            run.kill()
            end(run)
            wrong.update(f"{found} after a kill" for found in ground.states().values() if found not in STATES)
    # What the last one left, the next opening must mend.
    with Store(ground.out):
        pass
    wrong.update(_kind(fault) for fault in reader.faults)
    wrong.update(_kind(f"left: {name}") for name in ground.listing() - _expected(ground))
    told = "; ".join(wrong) or "good"
    print(f"{kills} kills while reports are put in place, {reader.count} files read: {told}", flush=True)
    return dict(wrong)


def _expected(ground: Ground) -> set[str]:
    names = {"reports/.lock", "reports/manifest.json", "reports/en"}
    for key in KEYS:
        folder, _, name = key.rpartition("/")
        version = f"reports/{folder}/.versions/{name}-TIME"
        names |= {f"reports/{folder}", f"reports/{folder}/.versions", f"reports/{folder}/.{name}"}
        names |= {version, f"{version}/entry.json", *(f"{version}/{name}.{suffix}" for suffix in SUFFIXES)}
        names |= {f"reports/{key}.{suffix}" for suffix in SUFFIXES}
    return names


def _kind(fault: str) -> str:
    """A fault without the names and numbers that differ from kill to kill."""
    return re.sub(r"-\w{6,}|[a-z0-9_]{8}(?=/|$)|\d{2,}", "…", fault)[:100]


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, print what happened, return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="of runs")
    parser.add_argument("--placing", type=int, default=200, help="kills of a process that only puts reports in place")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--how", action="append", choices=HOWS, help="only this way (repeatable; default: in turns)")
    parser.add_argument("--cold", action="store_true", help="start ordinary kernels")
    options = parser.parse_args(arguments)
    if not LINUX:
        print("no /proc here: whether processes run on is not checked")
    hows = options.how or (TURNS if LINUX else ("main", "SIGTERM", "SIGINT"))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it may be ignored, by runs as well
    wrong: Counter[str] = Counter()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        ground = Ground(Path(folder) / "runs", ["--cold"] if options.cold else [])
        wrong.update(kill_runs(ground, options.kills, chance, hows))
        if options.placing:
            placing = Ground(Path(folder) / "placing")
            placing.known = ground.known
            wrong.update(kill_placing(placing, options.placing, chance))
    for fault, count in sorted(wrong.items(), key=lambda pair: -pair[1]):
        print(f"{count:4} × {fault}")
    print(f"{options.kills} runs killed, {options.placing} kills while placing: {sum(wrong.values())} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
