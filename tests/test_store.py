"""The folder of reports: complete or as it was, one run at a time, whatever a killed run has left."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clusterlib.errors import InputError
from clusterlib.report import store as stores
from clusterlib.report.store import BusyError, Store

KEY = "zh/石狮 服装/02_concentration"
SUFFIXES = ("ipynb", "csv", "html")


def files(mark, suffixes=SUFFIXES):
    return {suffix: f"{suffix} {mark} 产值".encode() for suffix in suffixes}


def entry(mark, suffixes=SUFFIXES, run="r"):
    sizes = {suffix: {"bytes": len(content)} for suffix, content in files(mark, suffixes).items()}
    return {"time": mark, "run": run, "status": "ready", "files": sizes}


def put(store, mark, suffixes=SUFFIXES, key=KEY):
    store.place(key, files(mark, suffixes), entry(mark, suffixes, store.run))


def runs(out, *marks, suffixes=SUFFIXES):
    """One run after the other, each of which replaces the report."""
    for number, mark in enumerate(marks):
        with Store(out) as store:
            store.run = f"{number} {mark}"
            put(store, mark, suffixes)


def shown(out, key=KEY):
    """What a reader finds."""
    found = {}
    for path in (out / key).parent.glob(f"{Path(key).name}.*"):
        if path.is_file():
            found[path.suffix[1:]] = path.read_text(encoding="utf-8").split()[1]
    return found


def everything(out):
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.name != ".lock"}


@pytest.fixture(params=["links", "copies"])
def kind(request, monkeypatch):
    """Where links to folders can be replaced at once, and where they cannot."""
    if request.param == "copies":
        monkeypatch.setattr(Store, "_can_link", lambda self: False)
    elif os.name != "posix":
        pytest.skip("no links to folders here")
    return request.param


def test_a_report_is_replaced_and_nothing_else_is_left(kind, tmp_path):
    runs(tmp_path, "older", "old")
    before = set(map(base, everything(tmp_path)))
    runs(tmp_path, "new")
    assert set(map(base, everything(tmp_path))) == before
    assert shown(tmp_path) == dict.fromkeys(SUFFIXES, "new")
    assert Store(tmp_path).entry(KEY)["time"] == "new" and not (tmp_path / ".work").exists()
    assert Store(tmp_path).before(KEY)[0]["time"] == "old"
    assert Store(tmp_path).before(KEY)[1:] == ("csv old 产值", "csv new 产值")


def base(name):
    """A path without the number of its version."""
    return re.sub(r"-\d{19}\b", "-#", name)


def test_a_format_that_is_no_more_made_goes_with_its_version(kind, tmp_path):
    with Store(tmp_path) as store:
        put(store, "old", (*SUFFIXES, "pdf"))
        assert set(shown(tmp_path)) == {*SUFFIXES, "pdf"}
        (tmp_path / KEY).with_suffix(".txt").write_text("mine own file", encoding="utf-8")
        put(store, "new")
        assert set(shown(tmp_path)) == {*SUFFIXES, "txt"}, "what is not ours stays"
        put(store, "later", (*SUFFIXES, "pdf"))
    assert shown(tmp_path)["pdf"] == "later"


def test_files_of_an_older_layout_are_taken_over(kind, tmp_path):
    (tmp_path / KEY).parent.mkdir(parents=True)
    for suffix in SUFFIXES:
        (tmp_path / f"{KEY}.{suffix}").write_text("x ancient", encoding="utf-8")
    with Store(tmp_path) as store:
        assert store.entry(KEY) == {} and shown(tmp_path) == dict.fromkeys(SUFFIXES, "ancient")
        put(store, "new")
    assert shown(tmp_path) == dict.fromkeys(SUFFIXES, "new")


def test_a_report_with_a_file_missing_or_cut_is_not_there(kind, tmp_path):
    with Store(tmp_path) as store:
        for spoil in (lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1])):
            put(store, "new")
            assert store.entry(KEY)
            spoil((tmp_path / f"{KEY}.csv").resolve())
            assert store.entry(KEY) == {}
        put(store, "mended")
    assert shown(tmp_path) == dict.fromkeys(SUFFIXES, "mended")


class StopError(Exception):
    """A kill at some step."""


def steps():
    """Every call by which the store changes a file system."""
    return ["mkdir", "write_bytes", "write_text", "rename", "replace", "symlink_to", "unlink"]


@pytest.mark.parametrize("first", [True, False])
def test_killed_at_any_step_a_report_is_old_or_new(kind, tmp_path, monkeypatch, first):
    """Stops before each step of a replacement in turn; what follows a kill is a new run, which completes."""
    count = 0
    outcomes = set()
    while True:
        out = tmp_path / str(count)
        if not first:
            runs(out, "older", "old", suffixes=(*SUFFIXES, "pdf"))
        old = shown(out)
        stopped = _stop_at(count, out, monkeypatch)
        seen = shown(out)
        new = dict.fromkeys((*SUFFIXES, "docx"), "new")
        if kind == "links":
            assert seen in (old, new), f"a mixture after step {count}"
        if not stopped:
            assert seen == new
            break
        outcomes.add("new" if seen == new else "old")
        with Store(out) as store:  # the next run first completes what was begun
            assert shown(out) in (old, new)
            assert store.entry(KEY).get("time", "") == ("new" if shown(out) == new else "" if first else "old")
            put(store, "new", (*SUFFIXES, "docx"))
        assert shown(out) == new
        clean = tmp_path / "clean"
        if not clean.exists():
            runs(clean, "old", "new", suffixes=(*SUFFIXES, "docx"))
        left = {base(name) for name in everything(out)} - {base(name) for name in everything(clean)}
        assert left == set()
        count += 1
    assert count > 8 and outcomes >= {"old", "new"}


def _stop_at(count, out, monkeypatch):
    """Replace a report, dying before one step; return whether there was such a step."""
    left = [count]

    def counted(real):
        def step(*args, **kwargs):
            if left[0] == 0:
                raise StopError
            left[0] -= 1
            return real(*args, **kwargs)

        return step

    store = Store(out)
    store.__enter__()
    with monkeypatch.context() as patch:
        for name in steps():
            patch.setattr(Path, name, counted(getattr(Path, name)))
        # A process that is killed does not tidy up.
        patch.setattr(shutil, "rmtree", counted(lambda *args, **kwargs: None))
        try:
            put(store, "new", (*SUFFIXES, "docx"))
            stopped = False
        except StopError:
            stopped = True
    store._lock.release()
    return stopped


def test_readers_see_the_old_or_the_new_while_it_is_replaced(tmp_path):
    if os.name != "posix":
        pytest.skip("no links to folders here")
    wrong, done = [], threading.Event()

    def read():
        while not done.is_set():
            for suffix in SUFFIXES:
                try:
                    text = (tmp_path / f"{KEY}.{suffix}").read_text(encoding="utf-8")
                except OSError as error:
                    text = repr(error)
                if not text.startswith(suffix) or not text.endswith(" 产值"):
                    wrong.append(text)

    with Store(tmp_path) as store:
        put(store, "0")
        reader = threading.Thread(target=read)
        reader.start()
        for mark in range(1, 150):
            put(store, str(mark))
        done.set()
        reader.join()
    assert wrong == []


def test_a_full_disk_leaves_the_report_as_it_was(kind, tmp_path, monkeypatch):
    def full(self, content):
        raise OSError(28, "No space left on device")

    with Store(tmp_path) as store:
        put(store, "old")
        before = everything(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", full)
            with pytest.raises(OSError, match="No space left"):
                put(store, "new")
        assert everything(tmp_path) == before
    assert shown(tmp_path) == dict.fromkeys(SUFFIXES, "old")


HOLD = """
import sys
from pathlib import Path
from clusterlib.report.store import Store
with Store(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.readline()
"""


def test_one_run_at_a_time(tmp_path):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(BusyError, match=f"another run is at work .process {other.pid} on .*allowed: one at a time"):
            Store(tmp_path).__enter__()
        with pytest.raises(BusyError):
            Store(tmp_path, 0.3).__enter__()
        release = threading.Timer(0.3, lambda: (other.stdin.write("\n"), other.stdin.flush()))
        release.start()
        with Store(tmp_path, 30):
            assert other.wait(10) == 0
    finally:
        other.kill()
        other.wait()


def test_a_killed_run_gives_its_name_to_the_one_that_completes_it(tmp_path):
    with Store(tmp_path) as store:
        put(store, "old")
    killed = Store(tmp_path).__enter__()
    killed.run = "earlier"
    (tmp_path / ".work" / "run.json").write_text(json.dumps({"run": "earlier"}), encoding="utf-8")
    (tmp_path / ".work" / "kernel-1").mkdir()
    put(killed, "between")
    killed._lock.release()
    with Store(tmp_path) as store:
        assert store.run == "earlier" and [path.name for path in (tmp_path / ".work").iterdir()] == ["run.json"]
        put(store, "new")
        # Compared with what stood before the run began, not with what it had made before it was killed.
        assert store.before(KEY)[0]["time"] == "old"
    with Store(tmp_path) as store:
        assert store.run != "earlier"


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match="allowed: a folder that can be written"):
            Store(out).__enter__()
    assert stores.Store(tmp_path / "none").entries() == {} and stores.Store(tmp_path / "none").manifest() == {}
    assert not (tmp_path / "none").exists()


def test_partial_notebooks_are_kept_apart_until_mended(tmp_path):
    with Store(tmp_path) as store:
        assert store.fail(KEY, b"") == ""
        kept = store.fail(KEY, b"partial")
        assert kept == f"failed/{KEY}.ipynb" and (tmp_path / kept).read_bytes() == b"partial"
        put(store, "new")
        assert not (tmp_path / "failed").exists()
