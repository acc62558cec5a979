"""How the kernels of reports talk: through sockets in the file system where there are any, so no port can be taken."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager


class LocalKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A kernel manager that uses ipc on systems that have it, each kernel in a folder of its own, and TCP elsewhere."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """This Python's own kernel, whatever else is registered on the machine under the same name."""
        return KernelSpec(**get_kernel_dict())

    def __init__(self, **settings: Any) -> None:
        if os.name == "posix":
            # A short path: the name of a socket may have about a hundred characters.
            self._sockets = tempfile.mkdtemp(prefix="kernel-")
            settings |= {"transport": "ipc", "ip": str(Path(self._sockets) / "s")}
        super().__init__(**settings)

    async def _async_launch_kernel(self, kernel_cmd: list[str], **settings: Any) -> None:
        # What cells print comes by message. Stderr itself would only carry the interrupt by which a kernel is stopped,
        # and a scheduled run that went well must be quiet.
        await super()._async_launch_kernel(kernel_cmd, **{"stderr": subprocess.DEVNULL, **settings})

    def cleanup_ipc_files(self) -> None:
        """Remove the sockets and their folder."""
        super().cleanup_ipc_files()
        if os.name == "posix":
            shutil.rmtree(self._sockets, ignore_errors=True)
