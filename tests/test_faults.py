"""Runs killed at random moments: the machinery of benchmarks/faults.py, a few kills of the fifty that it makes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import faults


def test_killed_runs_leave_whole_reports_and_nothing_else(capsys):
    wrong = faults.main(["--kills", "1", "--placing", "3", "--how", "main", "--cold"])
    assert wrong == 0, capsys.readouterr().out


def test_what_is_wrong_is_found(tmp_path):
    ground = faults.Ground(tmp_path / "runs")
    lasting = {state: f"State {state}".encode() for state in faults.STATES}
    ground.known = {(key, suffix): lasting for key in faults.KEYS for suffix in faults.SUFFIXES}
    key = faults.KEYS[0]
    place = (ground.out / key).parent
    place.mkdir(parents=True)
    for content, state in ((b"State 1", "1"), (b"State 2", "2"), (b"State", "broken")):
        (place / "first.csv").write_bytes(content)
        assert ground.state(key, "csv") == state
    assert ground.state(key, "html") == "missing"
    with faults.Reader(ground) as reader:
        wait_for(lambda: reader.faults)
    assert set(reader.faults) == {f"a reader found {key}.csv broken"}
    (place / "first.csv").write_bytes(b"State 1")
    with faults.Reader(ground) as reader:
        wait_for(lambda: reader.count > 2 * len(ground.known))
        assert reader.faults == []
        (place / "first.csv").unlink()
        wait_for(lambda: reader.faults)
    assert set(reader.faults) == {f"a reader found {key}.csv missing"}


def wait_for(happens):
    deadline = time.monotonic() + 10
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.mark.skipif(not faults.LINUX, reason="there is no /proc")
def test_the_processes_of_a_run_are_found():
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={**os.environ, faults.MARK: "x"}
    ) as run:
        assert list(faults.processes("x")) == [run.pid]
        assert faults.processes("y") == {}
        assert faults.kill("main", run, "x")
    assert faults.processes("x") == {}
