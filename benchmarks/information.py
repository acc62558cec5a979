"""How much do printed statistics tell? The width of what they leave open, by what is printed and how precisely.

Draws clusters as statistics find them (50 to 500 firms, lognormal sales), prints each in every type of statement and
in three ways of wording, reads the words back, and bounds four measures. The table that it prints has the median width
of each bound, and how many of all bounds have a trivial end, at what equal firms or a monopoly would have.
It is the same at every run, and takes about a minute:

    .venv/bin/python benchmarks/information.py
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from populations import half_distance_hoover, mean_difference_gini, squared_shares, top_sum
from printing import Pen, at_or_above, one_style, part, typical

from clusterlib.measures.classes import bounds_from_classes, bounds_from_thresholds
from clusterlib.measures.lorenz import bounds_from_lorenz
from clusterlib.measures.shares import bounds_from_share

CLUSTERS = 400
SEED = 2_025
#: Sales from which firms are counted, in yuan. The middle one is that of firms above scale (规模以上).
SIZES = (5_000_000, 20_000_000, 100_000_000)
SCALE = SIZES[1]
LARGEST = 4
#: Rounding of an end that is trivial on paper.
ROUNDING = 1e-9

Bounds = Mapping[str, tuple[float, float]]
Statement = Callable[[np.ndarray, Pen], Bounds]


def number_of_firms(x: np.ndarray, pen: Pen) -> Bounds:
    """Nothing but how many firms there are."""
    return bounds_from_classes([0], [pen.count(len(x))])


def counts(x: np.ndarray, pen: Pen, *, n: bool = False, total: bool = False, cap: bool = False) -> Bounds:
    """Firms at or above each size, and what is printed beside."""
    return bounds_from_thresholds(
        [pen.size(size) for size in SIZES],
        [pen.count(count) for count in at_or_above(x, SIZES)],
        n=pen.count(len(x)) if n else None,
        total=pen.amount(int(x.sum())) if total else None,
        cap=pen.size(none_above(x)) if cap else None,
    )


def none_above(x: np.ndarray) -> int:
    """A size of one digit that no firm reaches."""
    digit = 10 ** math.floor(math.log10(x.max()))
    return int(max(x.max() // digit * digit + digit, 2 * SIZES[-1]))


def share_pair(x: np.ndarray, pen: Pen, *, n: bool = True, ordered: bool = True) -> Bounds:
    """Shares of the firms above scale; the number of all firms, where printed, to the last one."""
    firms, value = part(x, np.flatnonzero(x >= SCALE))
    return bounds_from_share(pen.share(firms), pen.share(value), n=len(x) if n else None, ordered=ordered)


def shares_of_largest(x: np.ndarray, pen: Pen, *, limits: bool = False, of: tuple[int, ...] = ()) -> Bounds:
    """Share that the firms at or above each size have, or so many of the largest; all counts to the last firm."""
    ordered = np.sort(x)
    n = len(x)
    known = {count: size for count, size in zip(at_or_above(x, SIZES), SIZES, strict=True) if 0 < count < n}
    largest = of or tuple(known)
    shares = [pen.share(part(ordered, np.arange(n - count, n))[1]) for count in largest]
    return bounds_from_lorenz(
        [1 - count / n for count in largest],
        [(1 - share.high, 1 - share.low) for share in shares],
        limits=[0, *(size * n / x.sum() for size in known.values()), math.inf] if limits else None,
        n=n,
    )


ANY, COUNTED, MEASURED = ("–",), ("exact", "多"), ("exact", "rounded", "多")

#: What is printed, and in which wordings it differs: a number of firms is never rounded.
STATEMENTS: tuple[tuple[str, tuple[str, ...], Statement], ...] = (
    ("number of firms", ANY, number_of_firms),
    ("firms at or above three sizes", COUNTED, counts),
    ("… and number of firms", COUNTED, partial(counts, n=True)),
    ("… and total", MEASURED, partial(counts, n=True, total=True)),
    ("… and a size that none exceeds", MEASURED, partial(counts, n=True, total=True, cap=True)),
    ("share pair, firms chosen otherwise", MEASURED, partial(share_pair, ordered=False)),
    ("share pair, firms above a size, number of firms open", MEASURED, partial(share_pair, n=False)),
    ("share pair, firms above a size", MEASURED, share_pair),
    ("share of the four largest", MEASURED, partial(shares_of_largest, of=(LARGEST,))),
    ("share of the firms above each of three sizes", MEASURED, shares_of_largest),
    ("… and these sizes in units of the mean", MEASURED, partial(shares_of_largest, limits=True)),
)

MEASURES: dict[str, tuple[str, Callable[[np.ndarray], float]]] = {
    "gini": ("Gini", mean_difference_gini),
    "hoover": ("Hoover", half_distance_hoover),
    "hhi": ("HHI", squared_shares),
    "cr4": ("CR4", partial(top_sum, k=LARGEST)),
}


def is_trivial(key: str, ends: tuple[float, float], n: int) -> bool:
    """Whether an end is no better than what n equal firms have, or n firms of which two have everything."""
    relative = key in ("gini", "hoover")
    low = 0.0 if relative else 1 / n if key == "hhi" else LARGEST / n
    high = 1 - 2 / n if relative else 1.0
    return ends[0] <= low + ROUNDING or ends[1] >= high - ROUNDING


def row(label: str, style: str, values: list[float], trivial: str) -> str:
    """Format one line of the table."""
    return f"| {label} | {style} | {' | '.join(f'{value:.2g}' for value in values)} | {trivial} |"


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(SEED)
    clusters = [typical(rng) for _ in range(CLUSTERS)]
    print(f"| printed | words | {' | '.join(name for name, _ in MEASURES.values())} | one end trivial |")
    print(f"|---|---|{'--:|' * (len(MEASURES) + 1)}")
    for label, styles, statement in STATEMENTS:
        for style in styles:
            found = [statement(x, one_style("exact" if style == "–" else style)) for x in clusters]
            widths = [float(np.median([bounds[key][1] - bounds[key][0] for bounds in found])) for key in MEASURES]
            trivial = np.mean(
                [
                    is_trivial(key, bounds[key], len(x))
                    for bounds, x in zip(found, clusters, strict=True)
                    for key in MEASURES
                ]
            )
            print(row(label, style, widths, f"{trivial:.0%}"), flush=True)
    true = [float(np.median([true_of(x) for x in clusters])) for _, true_of in MEASURES.values()]
    print(row("*the measures themselves, median*", "", true, ""))


if __name__ == "__main__":
    main()
