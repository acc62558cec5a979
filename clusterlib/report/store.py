"""The folder of rendered reports: each report complete or as it was, whatever is killed when.

A report's files stand in a version folder under `.versions`. One link, `.<notebook>`, says which version counts; what
a reader opens, `<notebook>.html` and the others, are links through it: replacing that one link replaces all of them at
once. Where there are no links (Windows), files are moved one by one, and the next run completes what a killed one left.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from clusterlib.errors import ClusterlibError, InputError

MANIFEST = "manifest.json"
#: Formats of a report's files.
SUFFIXES = ("ipynb", "csv", "html", "pdf", "docx")
_VERSIONS = ".versions"
_WORK = ".work"
_LOCK = ".lock"
_RUN = "run.json"
_ENTRY = "entry.json"
#: What a version keeps of the one that it replaced.
_BEFORE = ("before.json", "before.csv")
_WAITING = 0.2


class BusyError(ClusterlibError):
    """Another run is writing to the folder."""


class Store:
    """A folder of reports, opened by one run at a time.

    Parameters
    ----------
    out : Path
        The folder; it is made if it is not there.
    wait : float, default 0
        Seconds to wait for another run to end; negative waits as long as it takes.

    Attributes
    ----------
    out : Path
        The folder.
    work : Path
        Folder for what is not done yet; what is in it goes at the end of a run, or before the next one begins.
    run : str
        Name of this run: the time at which it began; that of one that came to no end, which this one completes.

    Raises
    ------
    InputError
        If the folder cannot be written.
    BusyError
        If another run is at work in it.
    """

    def __init__(self, out: Path, wait: float = 0) -> None:
        self.out = out
        self.work = out / _WORK
        self._lock = FileLock(out / _LOCK)
        self._wait = wait
        self._replaced: list[Path] = []
        self.run = ""

    def __enter__(self) -> Store:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=self._wait, poll_interval=_WAITING)
        except Timeout:
            raise BusyError(f"{self.out}: {self._whose()}; allowed: one at a time (--wait waits for it)") from None
        except OSError as error:
            raise InputError(
                f"out: given {str(self.out)!r}; allowed: a folder that can be written ({error.strerror})"
            ) from None
        try:
            self._begin()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        for version in self._replaced:
            shutil.rmtree(version, ignore_errors=True)
        if error is None:  # else the next run completes this one, under its name, and clears what it has left
            shutil.rmtree(self.work, ignore_errors=True)
        self._lock.release()

    def _whose(self) -> str:
        about = _json(self.work / _RUN)
        who = f" (process {about['process']} on {about['host']}, since {about['time']})" if about.get("process") else ""
        return f"another run is at work{who}"

    def _begin(self) -> None:
        try:
            self.work.mkdir(exist_ok=True)
            begun = datetime.now().astimezone().isoformat(timespec="microseconds")
            self.run = str(_json(self.work / _RUN).get("run") or begun)
            about = {"run": self.run, "process": os.getpid(), "host": socket.gethostname(), "time": now()}
            self._write(self.work / _RUN, json.dumps(about).encode())
            self._links = self._can_link()
        except OSError as error:
            raise InputError(
                f"out: given {str(self.out)!r}; allowed: a folder that can be written ({error.strerror})"
            ) from None
        self._recover()

    def entries(self) -> dict[str, dict[str, Any]]:
        """What is known of each complete report, by key."""
        return {key: entry for key in self._keys() if (entry := self.entry(key))}

    def entry(self, key: str) -> dict[str, Any]:
        """What is known of the report at a key; empty if there is none, or a file of it is not as it was."""
        version = self._current(key)
        entry = _json(version / _ENTRY) if version else {}
        for suffix, file in entry.get("files", {}).items():
            try:
                if self._path(key, suffix).stat().st_size != file["bytes"]:
                    return {}
            except OSError:
                return {}
        return entry

    def before(self, key: str) -> tuple[dict[str, Any], str, str]:
        """What a report replaced: its entry (empty if there was none), its table, and the table that stands now."""
        version = self._current(key)
        if not version:
            return {}, "", ""
        return _json(version / _BEFORE[0]), _text(version / _BEFORE[1]), _text(self._path(key, "csv"))

    def place(self, key: str, files: Mapping[str, bytes], entry: Mapping[str, Any]) -> None:
        """Put a report in place of the one that stands at a key, all files at once.

        Parameters
        ----------
        key : str
            ``<lang>/<cluster or document>/<notebook>``.
        files : mapping of str to bytes
            Its files by suffix.
        entry : mapping
            What is to be known of it.

        Raises
        ------
        OSError
            If it cannot be written; the one that stood there still stands.
        """
        home, name = self._home(key)
        old = self._current(key)
        staged = home / _VERSIONS / f".{name}-{time.time_ns()}"
        try:
            staged.mkdir(parents=True)
            for suffix, content in files.items():
                (staged / f"{name}.{suffix}").write_bytes(content)
            if old:
                # Replaced twice by one run, which was killed in between: compared with what stood before both.
                twice = _json(old / _ENTRY).get("run") == self.run
                replaced = [old / name for name in _BEFORE] if twice else [old / _ENTRY, self._path(key, "csv")]
                for kept, path in zip(_BEFORE, replaced, strict=True):
                    (staged / kept).write_text(_text(path), encoding="utf-8")
            (staged / _ENTRY).write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
            version = staged.rename(staged.with_name(staged.name[1:]))
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        self._publish(home, name, version)
        self._failed(key).unlink(missing_ok=True)
        _prune(self._failed(key).parent, self.out)

    def fail(self, key: str, partial: bytes) -> str:
        """Keep the partial notebook of a report that failed, apart; return where, "" if there is none."""
        path = self._failed(key)
        if not partial:
            return ""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write(path, partial)
        return path.relative_to(self.out).as_posix()

    def write(self, name: str, text: str) -> None:
        """Write a file about all reports, whole or not at all; OSError if that cannot be done."""
        self._write(self.out / name, text.encode("utf-8"))

    def _write(self, path: Path, content: bytes) -> None:
        staged = self.work / "file"
        staged.write_bytes(content)
        staged.replace(path)

    def manifest(self) -> dict[str, Any]:
        """What the last run has written about all reports; empty if there was none or the file is damaged."""
        manifest = _json(self.out / MANIFEST)
        return manifest if isinstance(manifest.get("reports"), dict) else {}

    def _home(self, key: str) -> tuple[Path, str]:
        folder, _, name = key.rpartition("/")
        return self.out / folder, name

    def _path(self, key: str, suffix: str) -> Path:
        home, name = self._home(key)
        return home / f"{name}.{suffix}"

    def _failed(self, key: str) -> Path:
        return self.out / "failed" / f"{key}.ipynb"

    def _current(self, key: str) -> Path | None:
        """Version folder that counts at a key."""
        home, name = self._home(key)
        mark = home / f".{name}"
        try:
            target = str(mark.readlink()) if mark.is_symlink() else mark.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        return home / target

    def _keys(self) -> Iterator[str]:
        for versions in sorted(self.out.glob(f"*/*/{_VERSIONS}")):
            home = versions.parent
            marks = sorted(each.name[1:] for each in home.glob(".*") if each != versions)
            yield from (f"{home.relative_to(self.out).as_posix()}/{name}" for name in marks)

    def _publish(self, home: Path, name: str, version: Path) -> None:
        """Let a complete version count, and drop the others."""
        target = f"{_VERSIONS}/{version.name}"
        if self._links:
            files = {f"{name}.{suffix}" for suffix in SUFFIXES if (version / f"{name}.{suffix}").is_file()}
            older = {file for file in files if (home / file).exists() and not (home / file).is_symlink()}
            for file in sorted(files - older):  # a link through a mark that is not there yet leads nowhere
                self._link(f".{name}/{file}", home / file)
            self._link(target, home / f".{name}")
            for file in sorted(older):
                self._link(f".{name}/{file}", home / file)
        else:
            files = {f"{name}.{suffix}" for suffix in _json(version / _ENTRY).get("files", {})}
            for file in sorted(files, key=lambda file: file.endswith(".html")):  # the page last
                if (version / file).is_file():
                    (version / file).replace(home / file)
            self._write(home / f".{name}", target.encode())
        for file in {f"{name}.{suffix}" for suffix in SUFFIXES} - files:
            (home / file).unlink(missing_ok=True)  # of a format that this version does not have
        # A reader may be on its way through the link as it was: what it led to goes at the end of the run.
        self._replaced += [path for path in (home / _VERSIONS).iterdir() if path != version and _name(path) == name]

    def _link(self, target: str, place: Path) -> None:
        """Make a link, or replace one, at once."""
        if not place.is_symlink() or str(place.readlink()) != target:
            staged = self.work / "link"
            staged.unlink(missing_ok=True)
            staged.symlink_to(target)
            staged.replace(place)

    def _can_link(self) -> bool:
        if os.name != "posix":  # elsewhere a link to a folder cannot be replaced at once
            return False
        try:
            self._link(".", self.work / "linked")
        except OSError:
            return False
        return True

    def _recover(self) -> None:
        """Complete what a killed run has left: a whole version that does not count yet counts, a part of one goes."""
        for path in self.work.iterdir():
            if path.name != _RUN:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for versions in self.out.glob(f"*/*/{_VERSIONS}"):
            for path in versions.glob(".*"):
                shutil.rmtree(path, ignore_errors=True)
            whole = sorted(versions.iterdir())
            newest = {_name(path): path for path in whole}
            for name, version in newest.items():
                current = self._current(f"{versions.parent.relative_to(self.out).as_posix()}/{name}")
                if current != version or sum(_name(path) == name for path in whole) > 1:
                    self._publish(versions.parent, name, version)


def _name(version: Path) -> str:
    """Name of the report that a version folder belongs to."""
    return version.name.rpartition("-")[0].lstrip(".")


def now() -> str:
    """The time with its offset, ISO 8601, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _prune(folder: Path, root: Path) -> None:
    """Remove a folder and those above it that are empty, up to a root."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _text(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_bytes().decode("utf-8", "replace")
    return ""
