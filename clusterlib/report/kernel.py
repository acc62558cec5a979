"""The kernels of reports: forked from a warm parent where there is one, and no port that another could take."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import weakref
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from clusterlib.report.warm import Parent

#: Name of the provisioner among the entry points of jupyter_client.
PROVISIONER = "clusterlib-warm"
#: A report has no use for the history of the cells typed before.
_ARGUMENTS = ["--HistoryManager.enabled=False"]
#: Managers of this process whose kernels may still run, and the runs that shall have no more of them.
_managers: weakref.WeakSet[LocalKernelManager] = weakref.WeakSet()
_ended: set[str] = set()


class EagerClient(AsyncKernelClient):  # type: ignore[misc]
    """A client that is ready as soon as its kernel is; jupyter's own then listens for 0.2 s whether more is to come."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and its output is heard.

        Raises
        ------
        RuntimeError
            If it dies, or does not answer in time (in seconds).
        """
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while time.monotonic() < deadline:
            self.kernel_info()
            with contextlib.suppress(Empty):  # not heard: ask again
                reply = await self.get_shell_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.get_iopub_msg(timeout=0.2)
                    self._handle_kernel_info_reply(reply)
                    return
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it answered")
        raise RuntimeError(f"the kernel did not answer in {timeout:g} seconds")


class LocalKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A kernel manager that talks through ipc where there is such a thing, and through TCP elsewhere."""

    client_factory = EagerClient
    #: Where kernels are forked from; None starts ordinary ones.
    warm: Parent | None = None
    #: Folder for the files of one kernel; whoever makes it removes it.
    folder: Path | None = None
    #: What a kernel finds in its environment besides that of this process.
    environment: Mapping[str, str] = {}
    #: The run that it is for.
    run: str = ""

    @property
    def kernel_spec(self) -> KernelSpec:
        """This Python's own kernel, whatever else is registered on the machine under the same name."""
        spec = get_kernel_dict()
        spec["argv"] += _ARGUMENTS
        if self._life:
            module = spec["argv"].index("-m")
            program = f"from clusterlib.report.warm import follow; follow({self._life[0]})"
            spec["argv"][module : module + 2] = ["-c", program]
        if self.warm:
            spec["metadata"] = {**spec.get("metadata", {}), "kernel_provisioner": {"provisioner_name": PROVISIONER}}
        return KernelSpec(**spec)

    def __init__(self, **settings: Any) -> None:
        self._sockets = ""
        # Forked kernels have such a pipe from their parent.
        self._life = os.pipe() if os.name == "posix" and not self.warm else ()
        if sys.platform == "linux":
            # Names of sockets that are no files: none is left behind, whatever is killed.
            settings |= {"transport": "ipc", "ip": f"@clusterlib-{uuid.uuid4().hex}"}
        elif os.name == "posix":
            # A short path: the name of a socket may have about a hundred characters.
            self._sockets = tempfile.mkdtemp(prefix="kernel-")
            settings |= {"transport": "ipc", "ip": str(Path(self._sockets) / "s")}
        if self.folder:
            settings["connection_file"] = str(self.folder / "kernel.json")
        super().__init__(**settings)

    async def _async_launch_kernel(self, kernel_cmd: list[str], **settings: Any) -> None:
        # What cells print comes by message; a scheduled run that went well must be quiet.
        settings = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **settings}
        if self._life:
            settings["pass_fds"] = self._life[:1]
        settings["env"] = {**settings.get("env", os.environ), **self.environment}
        _managers.add(self)
        if self.run in _ended:
            raise RuntimeError("the run was interrupted")
        await super()._async_launch_kernel(kernel_cmd, **settings)

    def cleanup_ipc_files(self) -> None:
        """Remove the sockets and their folder; let go of the kernel."""
        super().cleanup_ipc_files()
        for descriptor in self._life:
            os.close(descriptor)
        self._life = ()
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Starts kernels by forking them from the `warm` parent of their manager."""

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> KernelConnectionInfo:
        """Fork a kernel."""
        environment = settings.get("env") or os.environ
        folder = str(settings.get("cwd") or Path.cwd())
        # Of the command, what stands behind the interpreter and the module it would run.
        self.process = self.parent.warm.fork(cmd[cmd.index("-m") + 2 :], environment, folder)
        self.pid = self.pgid = self.process.pid  # each kernel leads a group
        self.cwd = folder
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the kernel, without looking for it ten times a second."""
        if self.process is None:
            return 0
        code = await asyncio.to_thread(self.process.wait)
        self.process = None
        return int(code)


def end(run: str) -> None:
    """Kill the kernels of a run that was interrupted, and start no more."""
    _ended.add(run)
    for each in list(_managers):
        process = getattr(each.provisioner, "process", None)
        if each.run == run and process is not None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if os.name == "posix" else process.kill()


def manager(
    folder: Path, run: str = "", warm: Parent | None = None, environment: Mapping[str, str] | None = None
) -> type[LocalKernelManager]:
    """Class of the manager of one kernel.

    Parameters
    ----------
    folder : Path
        Folder for its files.
    run : str
        The run that it is for.
    warm : Parent, optional
        Where to fork it from.
    environment : mapping of str to str, optional
        What it finds in its environment besides that of this process.
    """
    own = {"folder": folder, "run": run, "warm": warm, "environment": environment or {}}
    return type("KernelManager", (LocalKernelManager,), own)
