"""The few exceptions of the library. Each message says what was given, where, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class ClusterlibError(Exception):
    """Base of all errors raised on purpose; the command line shows its message without a traceback."""


class InputError(ClusterlibError, ValueError):
    """An argument that cannot be used: unknown, of the wrong type, or impossible as a statistic."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a data folder.

    Attributes
    ----------
    file : str
        File name inside the data folder.
    row : int or None
        Line of the file, the header being line 1; None if the fault is of the whole file.
    column : str
        Column name; empty if the fault is of the whole row or file.
    found : str
        What stands there.
    allowed : str
        What may stand there.
    """

    file: str
    row: int | None
    column: str
    found: str
    allowed: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f" line {self.row}"
        if self.column:
            place += f", {self.column}"
        return f"{place}: found {self.found}; allowed: {self.allowed}"


class DataError(ClusterlibError, ValueError):
    """A data folder that does not hold what its schema promises. `faults` lists everything found."""

    def __init__(self, folder: object, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(f"{folder}: {count}\n{lines}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_data_error, (str(self), self.faults))


def _rebuild_data_error(message: str, faults: list[Fault]) -> DataError:
    error = DataError.__new__(DataError)
    Exception.__init__(error, message)
    error.faults = faults
    return error


def unknown(what: str, given: object, allowed: Iterable[object]) -> InputError:
    """Build the error for a name that is not in a list, with the nearest name that is.

    Examples
    --------
    >>> str(unknown("cluster", "baoying", ["baoying-glass", "shishi-garment"]))
    "unknown cluster 'baoying' (did you mean 'baoying-glass'?); allowed: baoying-glass, shishi-garment"
    """
    names = [str(name) for name in allowed]
    near = get_close_matches(str(given), names, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return InputError(f"unknown {what} {given!r}{hint}; allowed: {', '.join(names) or 'none'}")
