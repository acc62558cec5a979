"""The packaged datapackage.json: the schema of every study, and which tables a study may leave out."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from clusterlib import paths

#: Tables that every study has.
TABLES = ("documents", "clusters", "indicators", "groups", "figures")
#: Tables of what documents say in words -> the column of their key. A study may lack any of them.
STATEMENTS = {
    "claims": "claim",
    "stages": "element",
    "evidence": "evidence",
    "value_chain": "link",
    "problems": "problem",
    "instruments": "instrument",
    "targets": "target",
}
#: Table -> the column that names rows of another table, and that table; foreign keys cannot say that it must be there.
REFERS = {"evidence": ("element", "stages"), "instruments": ("answers", "problems")}
ALL_TABLES = (*TABLES, *STATEMENTS)


@cache
def schema() -> dict[str, Any]:
    """Read the packaged datapackage.json: the schema of every study."""
    described: dict[str, Any] = json.loads((paths.DATA / "datapackage.json").read_text(encoding="utf-8"))
    return described


def fields(table: str) -> dict[str, dict[str, Any]]:
    """Columns of a table in the order of the schema, with their descriptions."""
    for resource in schema()["resources"]:
        if resource["name"] == table:
            return {field["name"]: field for field in resource["schema"]["fields"]}
    raise KeyError(table)


def required(known: dict[str, dict[str, Any]]) -> list[str]:
    """Columns that a table must have."""
    return [name for name, field in known.items() if field.get("constraints", {}).get("required")]
