"""Studies of the tests' own: the packaged tables, changed or cut."""

import csv
import shutil

from clusterlib import paths
from clusterlib.check import STATEMENTS
from clusterlib.study import Study


def changed(folder, *changes, without=()):
    """A copy of the packaged study in a new folder: cells set by (table, key, column, value), tables left out.

    A value of None removes the row.
    """
    shutil.copytree(paths.DATA, folder)
    for table in without:
        (folder / f"{table}.csv").unlink()
    for table, key, column, value in changes:
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        found = [row for row in rows if row[0] == key]
        assert len(found) == 1, (table, key)
        if value is None:
            rows.remove(found[0])
        else:
            found[0][header.index(column)] = str(value)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return folder


def reprinted(folder, figure, printed, value, low, high):
    """A copy of the packaged study in which one figure is printed otherwise, with the interval its words allow."""
    rows = {"printed": printed, "value": value, "low": low, "high": high}
    start = int(Study.load().figure(figure)["start"])
    rows["end"] = start + len(printed)
    return Study.load(changed(folder, *(("figures", figure, column, cell) for column, cell in rows.items())))


def figures_alone(folder):
    """A copy of the packaged tables of printed figures: no claims, no chain, no model, no policy."""
    ignored = shutil.ignore_patterns(*(f"{table}.csv" for table in STATEMENTS))
    shutil.copytree(paths.DATA, folder, ignore=ignored, dirs_exist_ok=True)
    return folder


def bare(folder):
    """A study of printed figures alone."""
    return Study.load(figures_alone(folder))
