"""Where the packaged study lies: beside the library in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_LIBRARY = Path(__file__).resolve().parent
_CHECKOUT = (_LIBRARY.parent / "data" / "datapackage.json").is_file()

#: Folder that holds `data`, `examples`, `notebooks` and `reports/plan.toml`.
ROOT = _LIBRARY.parent if _CHECKOUT else _LIBRARY / "_study"
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
PLAN = ROOT / "reports" / "plan.toml"
#: An invented report, which shows what is read in a document.
EXAMPLE = ROOT / "examples" / "report.txt"


def reports() -> Path:
    """Default folder for rendered reports: the one of the checkout, else `reports` where the command runs."""
    return ROOT / "reports" if _CHECKOUT else Path.cwd() / "reports"
