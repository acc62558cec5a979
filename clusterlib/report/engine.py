"""How papermill executes the notebooks of reports: it keeps hold of one that fails, and writes nothing meanwhile."""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine, papermill_engines

#: Name under which papermill knows it.
NAME = "clusterlib"


class KeepingEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine; whoever asks has the notebook also when it does not come to its end."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, seen: list[Any], **settings: Any) -> None:
        """Execute a notebook.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            The notebook with its state.
        kernel_name : str
            Name of the kernel.
        seen : list
            Gets the notebook.
        **settings
            What papermill's own engine takes.
        """
        seen.append(nb_man.nb)
        super().execute_managed_notebook(nb_man, kernel_name, **settings)


papermill_engines.register(NAME, KeepingEngine)
