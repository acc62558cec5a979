"""Rows to a file or to standard output: CSV, JSON lines or Parquet, with the same columns and the same numbers.

Cells hold what the rows hold. Nothing is put before a cell that a spreadsheet would take for a formula: the table is
data first, and `printed` must stay what the text prints.
"""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from clusterlib.errors import InputError, unknown
from clusterlib.extraction.candidates import Candidate
from clusterlib.whole import write_whole

FORMATS = ("csv", "jsonl", "parquet")


def write(rows: Sequence[Any], target: str | Path | None = None, format: str = "", *, kind: type = Candidate) -> None:
    """Write rows as a table.

    Parameters
    ----------
    rows : sequence of Candidate
        What to write.
    target : str or Path, optional
        The file, written whole or not at all; by default standard output.
    format : {"", "csv", "jsonl", "parquet"}
        Blank: by the suffix of `target`, CSV on standard output.
    kind : type, default Candidate
        The dataclass that the rows are of: its fields are the columns.

    Raises
    ------
    InputError
        If the format is unknown or `target` is no file that can be written.
    OSError
        If writing fails.

    Examples
    --------
    >>> import tempfile
    >>> from clusterlib.extraction import figures
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "figures.csv"
    ...     write(figures("年产值2000万元。", "survey"), path)
    ...     print(path.read_text(encoding="utf-8").splitlines()[1][:48])
    survey,3,9,2000万元,20000000,19995000,20005000,CNY
    """
    format = usable(target, format)
    data = table(rows, format, kind)
    if target is None:
        to_stdout(data)
    else:
        write_whole(Path(target), data)


def usable(target: str | Path | None, format: str = "", inputs: Sequence[str | Path] = ()) -> str:
    """Check where a table is to go before it takes long to make; return its format.

    Parameters
    ----------
    target, format
        As in `write`.
    inputs : sequence of str or Path
        Files that it must not replace.

    Examples
    --------
    >>> usable(None), usable("figures.jsonl"), usable("figures.txt", "csv")
    ('csv', 'jsonl', 'csv')
    """
    if format and format not in FORMATS:
        raise unknown("format", format, FORMATS)
    if target is not None:
        path = Path(target)
        if not format:
            format = path.suffix.lower().removeprefix(".")
            if format not in FORMATS:
                allowed = ", ".join(f".{each}" for each in FORMATS)
                raise InputError(f"output: given {str(target)!r} and no format; allowed: a name that ends in {allowed}")
        require_writable("output", path, inputs)
    elif format == "parquet" and sys.stdout.isatty():
        raise InputError("output: given parquet for a terminal; allowed: a file, or csv or jsonl")
    if format == "parquet":
        _pyarrow()
    return format or "csv"


def require_writable(what: str, path: Path, inputs: Sequence[str | Path] = ()) -> None:
    """Raise an `InputError` where a file cannot be written, or is one of those that are read."""
    try:
        here = path.exists()
        # A table made from a document must not take its place; a device may be read and written.
        own = path.is_file() and any(
            str(each) != "-" and Path(each).exists() and path.samefile(each) for each in inputs
        )
        possible = not path.is_dir() and os.access(path if here else path.parent, os.W_OK)
    except (OSError, ValueError):  # a name that no file can have
        own = possible = False
    if own:
        raise InputError(f"{what}: given {str(path)!r}, which is read; allowed: another file")
    if not possible:
        raise InputError(f"{what}: given {str(path)!r}; allowed: a file in a folder that can be written")


def table(rows: Sequence[Any], format: str, kind: type = Candidate) -> bytes:
    """The table as the bytes of a file; parameters as in `write`."""
    if format == "parquet":
        return _parquet(rows, kind)
    names = [field.name for field in fields(kind)]
    if format == "csv":
        lines = [",".join(map(_quoted, names))]
        lines += [",".join(_csv_cell(getattr(row, name)) for name in names) for row in rows]
    else:
        keys = [(name, json.dumps(name)) for name in names]
        lines = [
            "{" + ", ".join(f"{key}: {_json_cell(getattr(row, name))}" for name, key in keys) + "}" for row in rows
        ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def number(given: float) -> str:
    """The shortest digits that give the number back, never with an exponent.

    Examples
    --------
    >>> number(2e7), number(25.37), number(1e-7), number(6e22)
    ('20000000', '25.37', '0.0000001', '60000000000000000000000')
    """
    if abs(given) < 1e15 and given == int(given):
        return str(int(given))
    digits = repr(given)
    return f"{Decimal(digits):f}" if "e" in digits else digits.removesuffix(".0")


def to_stdout(data: bytes) -> None:
    """Write to standard output as it is, whatever the terminal's encoding; quiet if the reader has had enough."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # What Python still flushes at its end must go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and not math.isfinite(cell))


def _csv_cell(cell: Any) -> str:
    if isinstance(cell, str):
        return _quoted(cell)
    return "" if _blank(cell) else number(cell)


def _quoted(text: str) -> str:
    # The csv module leaves a lone carriage return bare, and a reader would end the row there.
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


def _json_cell(cell: Any) -> str:
    if isinstance(cell, str):
        return json.dumps(cell, ensure_ascii=False)
    return "null" if _blank(cell) else number(cell)


def _parquet(rows: Sequence[Any], kind: type) -> bytes:
    pyarrow = _pyarrow()
    types = {"str": pyarrow.string(), "int": pyarrow.int64(), "float": pyarrow.float64()}
    casts: dict[str, Callable[[Any], object]] = {"str": str, "int": int, "float": float}
    columns = {}
    for field in fields(kind):
        name = str(field.type).removesuffix(" | None")
        cells = (getattr(row, field.name) for row in rows)
        columns[field.name] = pyarrow.array([None if _blank(c) else casts[name](c) for c in cells], types[name])
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def _pyarrow() -> Any:
    try:
        import pyarrow  # type: ignore[import-untyped]
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ImportError:
        raise InputError(
            "format: given parquet, and pyarrow is not installed; allowed: after pip install 'clusterlib[parquet]'"
        ) from None
    return pyarrow
