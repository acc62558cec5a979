"""Warm kernels: forked from one process that has imported what notebooks import, instead of importing it each time.

The process is a program of its own: no event loop, no zmq context and no thread of Python is there to be forked. It
lives as long as the run that started it, and its kernels as long as it: each end of every socket and pipe notices when
the other is gone, however it went.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

#: What is imported before the first kernel is forked. The parent lives no longer than one run, so the project's own
#: code in it is that of the run. The backend for pictures in a notebook is not among it: it looks for its kernel.
PRELOADED = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "clusterlib.plots",
    "clusterlib.tables",
    "clusterlib.findings",
    "clusterlib.analysis",
    "clusterlib.marked",
)
#: Seconds after which a parent without kernels ends: where a run goes to workers, nobody tells them that it is over.
IDLE = 60.0
#: Seconds that a parent has to kill its kernels and end; they also end with it.
_GRACE = 1.0
#: Bytes of a request at most; an environment has a few thousand.
_LONGEST = 1 << 20


def available() -> bool:
    """Whether kernels can be forked here. On macOS they can, but its system libraries do not survive it for sure."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "darwin"


#: The parents that this process forks from, by the run that each belongs to.
_own: dict[str, Parent] = {}
_OWN = threading.Lock()


def parent(run: str) -> Parent:
    """Parent for the kernels of one run, started at its first call."""
    with _OWN:
        for name, each in list(_own.items()):
            if not each.alive():
                _own.pop(name).close()
        if run not in _own:
            _own[run] = Parent()
        return _own[run]


def close(run: str = "") -> None:
    """End the parent of a run, or all that this process has, and with it every kernel."""
    with _OWN:
        for name in [run] if run else list(_own):
            if name in _own:
                _own.pop(name).close()


class Parent:
    """The process that kernels are forked from, as seen by the run that owns it; closed, it takes its kernels along.

    Parameters
    ----------
    preloaded : sequence of str
        Names of the modules that it imports before the first kernel.
    """

    def __init__(self, preloaded: Sequence[str] = PRELOADED) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            theirs.set_inheritable(True)
            program = f"from clusterlib.report.warm import serve; serve({theirs.fileno()}, {list(preloaded)})"
            # A session of its own: an interrupt at the terminal is for the run, which ends its kernels in its own way.
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> Parent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> Forked:
        """Start a kernel.

        Parameters
        ----------
        arguments : sequence of str
            What an ordinary kernel would get on its command line.
        environment : mapping of str to str
            All of its environment.
        folder : str
            Where it works.

        Raises
        ------
        OSError
            If the process that kernels are forked from is gone.
        """
        request = json.dumps({"arguments": list(arguments), "environment": dict(environment), "folder": folder})
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, self._lock:
            socket.send_fds(self._socket, [request.encode()], [theirs.fileno()])
        return Forked(ours)

    def alive(self) -> bool:
        """Whether the process still runs; left alone for long, it ends."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process and every kernel that still runs."""
        self._socket.close()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:  # it is still importing
            self._process.kill()
            self._process.wait()


class Forked:
    """A forked kernel, with the methods of a `subprocess.Popen` that a provisioner uses.

    Raises
    ------
    OSError
        If it could not be started.
    """

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket) -> None:
        self._line = line.makefile("rb")
        line.close()
        self._lock = threading.Lock()
        self.returncode: int | None = None
        first = self._line.readline()
        if not first:
            raise OSError("no kernel could be forked: the process that forks them is gone")
        self.pid = int(first)
        os.set_blocking(self._line.fileno(), False)

    def poll(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        with self._lock:
            if self.returncode is None:
                self._look()
        return self.returncode

    def _look(self) -> None:
        code = self._line.read()
        if code is not None:  # b"" where the forking process is gone, and the kernel with it
            self.returncode = int(code or -signal.SIGKILL)
            self._line.close()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the kernel."""
        while self.poll() is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._line, selectors.EVENT_READ)
                if not selector.select(timeout) and timeout is not None:
                    raise subprocess.TimeoutExpired(["kernel"], timeout)
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def serve(inherited: int, preloaded: Sequence[str]) -> None:
    """Be the process that kernels are forked from, until whoever owns the other end of a socket closes it.

    Parameters
    ----------
    inherited : int
        File descriptor of the socket that requests come by.
    preloaded : sequence of str
        Names of the modules to import first.
    """
    if sys.path[0] == "":
        del sys.path[0]  # a kernel puts it back
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _preload(preloaded)
    with _Parent(inherited) as parent:
        parent.run()


def _preload(names: Sequence[str]) -> None:
    import builtins
    import gc
    import importlib
    from types import SimpleNamespace

    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    # While it is imported, pandas asks whether it is in a kernel; here it must take the answer of the kernels to come.
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None, config={})  # type: ignore[attr-defined]
    try:
        for name in names:
            with contextlib.suppress(ImportError):  # whoever needs it will say what is missing
                importlib.import_module(name)
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]
    gc.collect()
    gc.freeze()  # what all kernels share must not be written to, not even by the counts of a collection


class _Parent:
    """The forking process from within: one loop over requests and the ends of kernels."""

    def __init__(self, inherited: int) -> None:
        self._requests = socket.socket(fileno=inherited)
        self._requests.set_inheritable(False)
        self._lines: dict[int, socket.socket] = {}
        #: Open in this process only, so that a kernel which reads from it learns when this process is gone.
        self._life, self._alive = os.pipe()
        self._wakeup, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> _Parent:
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._requests, selectors.EVENT_READ)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self._lines:
            _kill(pid)
        for pid in self._lines:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def run(self) -> None:
        """Fork a kernel for each request, tell how each ends; return when the owner is gone or asks no more."""
        while ready := self._selector.select(None if self._lines else IDLE):
            for key, _ in ready:
                if key.fileobj is self._wakeup:
                    self._wakeup.recv(1024)
                    self._bury()
                elif key.fileobj is self._requests:
                    request, descriptors, _, _ = socket.recv_fds(self._requests, _LONGEST, 1)
                    if not request:
                        return
                    self._fork(json.loads(request), socket.socket(fileno=descriptors[0]))
                else:  # nobody waits for this kernel any more
                    self._selector.unregister(key.fileobj)
                    _kill(key.data)

    def _fork(self, request: dict[str, Any], line: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._leave(line)
            _become_kernel(request, self._life)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)  # in both, so that neither is early
        self._lines[pid] = line
        self._selector.register(line, selectors.EVENT_READ, pid)
        with contextlib.suppress(OSError):
            line.sendall(b"%d\n" % pid)

    def _leave(self, line: socket.socket) -> None:
        """In a kernel: let go of everything that belongs to the forking process."""
        signal.set_wakeup_fd(-1)
        self._selector.close()
        os.close(self._alive)
        for each in (line, self._requests, self._wakeup, self._woken, *self._lines.values()):
            each.close()

    def _bury(self) -> None:
        for pid in list(self._lines):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                line = self._lines.pop(pid)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(line)
                with contextlib.suppress(OSError):
                    line.sendall(b"%d" % os.waitstatus_to_exitcode(status))
                line.close()
                _kill(pid)  # what the kernel has started and left


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _become_kernel(request: Mapping[str, Any], life: int) -> None:
    """Be a kernel, in a process just forked; never return."""
    code = 1
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        threading.Thread(target=_die_with_parent, args=(life,), daemon=True).start()
        _reseed()
        _run_kernel(request["arguments"])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        os._exit(code)  # nothing of the forking process may run on


def follow(life: int) -> None:
    """Be an ordinary kernel, of the arguments of this process, which ends with whoever started it.

    ipykernel looks for its parent once a second, and leaves what it has started itself.

    Parameters
    ----------
    life : int
        File descriptor of a pipe that only the one who started it can write to.
    """
    import runpy

    threading.Thread(target=_die_with_parent, args=(life,), daemon=True).start()
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)


def _die_with_parent(life: int) -> None:
    os.read(life, 1)  # nothing is ever written: it returns when the last writer is gone
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _reseed() -> None:
    """Give this kernel random numbers of its own, as every ordinary one has."""
    import random

    import numpy as np

    random.seed()
    np.random.seed()


def _run_kernel(arguments: Sequence[str]) -> None:
    import atexit

    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *arguments]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(list(arguments))
    app.start()
    atexit._run_exitfuncs()
