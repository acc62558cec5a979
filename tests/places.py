"""Where the tests find the source of the packaged study: only its makers have it, so tests that need it skip."""

import os
from pathlib import Path

import pytest

NAME = "000_63c8a4e47e25f558.txt"


def source() -> Path:
    """The source file, named by CLUSTERLIB_SOURCE or lying in a folder `shared` beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "documents" / NAME
    path = Path(os.environ.get("CLUSTERLIB_SOURCE", beside))
    if not path.is_file():
        pytest.skip("the documents are not part of the project: set CLUSTERLIB_SOURCE to their file")
    return path
