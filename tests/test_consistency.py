"""Contradictions between printed statements, against integer programs, plain enumeration and a case worked by hand."""

from __future__ import annotations

import math
import pickle
import random
import re
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from clusterlib.errors import InputError
from clusterlib.interval import Interval
from clusterlib.measures.classes import band_counts, threshold_statements
from clusterlib.measures.consistency import (
    ConflictError,
    Statement,
    allowed_total,
    at_least,
    between,
    conflicts,
    examine,
    firms,
    left_of,
    none_above,
    possible,
    require_possible,
    total,
)
from clusterlib.measures.counting import Counts

FAST = settings(derandomize=True, deadline=None, max_examples=80)
#: Sizes, counts and totals of the random cases are multiples of 1/2, so whatever differs differs by 1/2 at least;
#: rounding and the tolerances of HiGHS (1e-6) stay far below.
APART = 1e-3
#: More firms in a cell than any case of the integer program needs, and a count that only an endless one reaches.
MANY, ENDLESS = 400, 150
#: Sums of a few dozen terms, scaled.
EXACT = 1e-9

Pair = tuple[float, float]


def cells_of(statements: Sequence[Statement]) -> list[Pair]:
    """Ranges between neighbouring limits, the last one open."""
    ends = {0.0} | {end for each in statements if not each.of_total for end in (each.low, each.high)}
    return list(pairwise(sorted(ends | {math.inf})))


def program(statements: Sequence[Statement], objective: Statement | None = None, sign: int = 1) -> float | None:
    """Least (or greatest, for sign -1) count or total by an integer program; None if nothing is possible.

    Each cell has a whole number of firms and a mass between its limits times that number; a cell without firms has
    none. Whole numbers stop at MANY, masses of an open cell at 1000 a firm.
    """
    cells = cells_of(statements)
    k = len(cells)
    rows, low, high = [], [], []
    for i, (a, b) in enumerate(cells):
        number, mass = np.zeros(2 * k), np.zeros(2 * k)
        number[i], mass[k + i] = 1, 1
        rows += [mass - a * number, mass - (b if b < math.inf else 1000) * number]
        low += [0, -math.inf]
        high += [math.inf, 0]
    everything = np.concatenate([np.zeros(k), np.ones(k)])

    def row(statement: Statement) -> np.ndarray:
        if statement.of_total:
            return everything
        return np.array([float(statement.low <= a and b <= statement.high) for a, b in cells] + [0.0] * k)

    for each in statements:
        rows.append(row(each))
        low.append(each.interval.low)
        high.append(each.interval.high)
    # Above 0: limits are whole, so the greatest total of any firms with a size is 1 at least.
    rows.append(everything)
    low.append(APART)
    high.append(math.inf)
    solved = milp(
        np.zeros(2 * k) if objective is None else sign * row(objective),
        constraints=LinearConstraint(np.array(rows), low, high),
        bounds=Bounds(0, [MANY] * k + [math.inf] * k),
        integrality=[1] * k + [0] * k,
    )
    assert solved.status in (0, 2), solved.message
    return None if solved.status == 2 else sign * solved.fun


class Every:
    """All numbers of firms in the cells, up to a most in each or in all, and the totals that each allows."""

    def __init__(self, statements: Sequence[Statement], each: int | None = None, together: int | None = None) -> None:
        self.statements = list(statements)
        cells = cells_of(statements)
        limit = each if each is not None else together
        grid = np.stack(
            [axis.ravel() for axis in np.meshgrid(*[np.arange(limit + 1)] * len(cells), indexing="ij")], axis=1
        )
        self.cells = cells
        self.numbers = grid if together is None else grid[grid.sum(axis=1) <= together]
        self.least = self.numbers @ np.array([a for a, _ in cells])
        greatest = self.numbers[:, :-1] @ np.array([b for _, b in cells[:-1]]) if len(cells) > 1 else 0.0
        self.greatest = np.where(self.numbers[:, -1] > 0, math.inf, greatest)
        self.true = [self.holds(each) for each in statements]

    def count(self, low: float, high: float) -> np.ndarray:
        return self.numbers[:, [low <= a and b <= high for a, b in self.cells]].sum(axis=1)

    def holds(self, statement: Statement) -> np.ndarray:
        low, high = statement.interval
        if statement.of_total:
            return (self.least <= high) & (self.greatest >= low) & (self.greatest > 0)
        count = self.count(statement.low, statement.high)
        return (low <= count) & (count <= high)

    def possible(self, places: Sequence[int]) -> np.ndarray:
        """Which numbers of firms agree with the statements at these places."""
        return np.logical_and.reduce([self.greatest > 0, *(self.true[i] for i in places)])

    def left(self, statement: Statement, rows: np.ndarray) -> Pair:
        """Least and greatest number of firms in these rows."""
        count = self.count(statement.low, statement.high)[rows]
        return count.min(), count.max()

    def left_of_total(self, told: Interval, rows: np.ndarray) -> Pair:
        """Least and greatest total inside an interval into which each of these rows reaches."""
        return np.maximum(self.least[rows], told.low).min(), np.minimum(self.greatest[rows], told.high).max()


def some_interval(rng: random.Random, most: int, *, endless: float = 0.15) -> Pair:
    low = rng.randint(0, most)
    kind = rng.random()
    if kind < 0.35:
        return low, low
    if kind < 0.35 + endless:
        return low, math.inf
    if kind < 0.9:
        return low, low + rng.randint(0, 3)
    return low + rng.choice((0, 0.5)), low + rng.choice((0.5, 1.5, 3))


def some_statements(rng: random.Random, *, most: int = 5, gaps: bool = False, endless: float = 0.15) -> list[Statement]:
    """Random statements of every kind; with gaps, narrow ranges with firms stand between wide ones without."""
    sizes: list[int] = []
    for _ in range(rng.randint(1, 2 if gaps else 3)):
        sizes.append((sizes[-1] if sizes else 0) + rng.randint(*((3, 9) if gaps else (1, 6))))
    said = []
    if gaps:
        before = 0
        for size in sizes:
            said.append(between(before, size, 0, f"none from {before} to {size}"))
            before = size + rng.randint(1, 2)
            if rng.random() < 0.8:
                said.append(between(size, before, some_interval(rng, most, endless=endless), f"from {size}"))
        said.append(none_above(before) if rng.random() < 0.8 else at_least(before, some_interval(rng, 1)))
        sizes.append(before)
    else:
        edges = [0, *sizes, math.inf]
        for _ in range(rng.randint(1, 4)):
            low = rng.choice(edges[:-1])
            high = rng.choice([edge for edge in edges if edge > low])
            said.append(between(low, high, 0 if rng.random() < 0.15 else some_interval(rng, most, endless=endless)))
        if rng.random() < 0.5:
            said.append(none_above(sizes[-1] + rng.randint(1, 4)))
    if rng.random() < 0.4:
        said.append(firms(some_interval(rng, most + 2, endless=endless)))
    if rng.random() < 0.85:
        amount = rng.randint(1, 4 * sizes[-1]) - rng.choice((0, 0, 0.5))
        width = rng.choice((0, 0, 0.5, 1, 5, math.inf))
        said.append(total((0 if rng.random() < 0.1 else amount, amount + width)))
    if rng.random() < 0.05:
        said.append(total((1, rng.randint(1, 30)), "another total"))
    rng.shuffle(said)
    return said


def same(found: Pair, expected: Pair) -> bool:
    return all(
        a == b or abs(a - b) < EXACT or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, expected, strict=True)
    )


class TestAgainstIntegerPrograms:
    @pytest.mark.parametrize(("gaps", "seed", "cases"), [(False, 1, 1000), (True, 2, 1000)])
    def test_possible(self, gaps, seed, cases):
        rng = random.Random(seed)
        answers = []
        for _ in range(cases):
            said = some_statements(rng, gaps=gaps)
            expected = program(said) is not None
            assert possible(said) == expected, [str(each) for each in said]
            answers.append(expected)
        assert 0.2 < np.mean(answers) < 0.8

    @pytest.mark.parametrize(("gaps", "seed", "cases"), [(False, 3, 120), (True, 4, 120)])
    def test_what_is_left_of_each_with_endless_counts(self, gaps, seed, cases):
        rng = random.Random(seed)
        seen = 0
        for _ in range(cases):
            said = some_statements(rng, gaps=gaps, endless=0.4)
            if not possible(said):
                continue
            for survivor in examine(said).survivors:
                low, high = (program(said, survivor.statement, sign) for sign in (1, -1))
                high = math.inf if high > ENDLESS else high
                low = 0 if survivor.statement.of_total and low <= APART else low
                assert abs(survivor.interval.low - low) < APART, [survivor, *map(str, said)]
                assert survivor.interval.high == high or abs(survivor.interval.high - high) < APART, [survivor, said]
                seen += 1
        assert seen > 100


class TestAgainstEnumeration:
    """With at most 7 firms in all, every population's numbers of firms are listed."""

    MOST = 7

    def cases(self, seed: int, number: int, *, gaps: bool) -> list[tuple[list[Statement], Every]]:
        rng = random.Random(seed)
        found = []
        for _ in range(number):
            said = some_statements(rng, most=3, gaps=gaps)
            low = rng.randint(0, self.MOST)
            said.append(firms((low, rng.randint(low, self.MOST)), "all firms"))
            found.append((said, Every(said, together=self.MOST)))
        return found

    @pytest.mark.parametrize(("gaps", "seed"), [(False, 5), (True, 6)])
    def test_everything(self, gaps, seed):
        counted = {"possible": 0, "impossible": 0, "unread": 0, "conditions": 0}
        for said, every in self.cases(seed, 350, gaps=gaps):
            agree = every.possible(range(len(said)))
            # two totals must overlap in one total of one population, which rows alone do not say
            told = Interval(
                max((each.interval.low for each in said if each.of_total), default=0),
                min((each.interval.high for each in said if each.of_total), default=math.inf),
            )
            agree &= (every.least <= told.high) & (every.greatest >= told.low) & (told.low <= told.high)
            found = examine(said)
            context = [str(each) for each in said]
            assert found.possible == agree.any(), context
            self.readings_agree(said, every, agree, found.readings, counted)
            counts = [i for i, each in enumerate(said) if not each.of_total]
            rows = np.logical_and.reduce([every.true[i] for i in counts])
            hull = (every.least[rows].min(), every.greatest[rows].max()) if rows.any() else (math.nan, math.nan)
            assert same(found.allowed_total, hull), context
            if not found.possible:
                counted["impossible"] += 1
                assert found.survivors == found.conditions == ()
                continue
            counted["possible"] += 1
            assert found.conflicts == ()
            assert [each.statement for each in found.survivors] == said
            for survivor in found.survivors:
                if survivor.statement.of_total:
                    expected = every.left_of_total(told, agree)
                else:
                    expected = every.left(survivor.statement, agree)
                assert same(survivor.interval, expected), (survivor, context)
            self.conditions_agree(said, every, agree, found, context)
            counted["conditions"] += len(found.conditions) > 0
        assert all(number >= 10 for number in counted.values()), counted

    @staticmethod
    def readings_agree(said, every, agree, readings, counted):
        counts = [each for each in said if not each.of_total]
        sizes = sorted({size for each in counts for size in (each.low, each.high)} - {math.inf})
        # Counts at or above each size follow from the statements if these have full rank.
        rows = [[(size == each.low) - (size == each.high) for size in sizes] for each in counts]
        if np.linalg.matrix_rank(np.array(rows)) < len(sizes) or any(math.isinf(e.interval.high) for e in counts):
            assert readings is None
            counted["unread"] += 1
            return
        read = np.stack([every.count(each.low, each.high) for each in counts], axis=1)[agree]
        printed = [math.floor(high) - math.ceil(low) + 1 for low, high in (each.interval for each in counts)]
        assert readings == (len(np.unique(read, axis=0)), math.prod(max(0, number) for number in printed))

    @staticmethod
    def conditions_agree(said, every, agree, found, context):
        narrowed = [each for each in found.survivors if each.narrowed and not each.statement.of_total]
        if not narrowed:
            assert found.conditions == ()
            return
        pivot = found.conditions[0].statement
        chosen = next(each for each in narrowed if each.statement is pivot)
        assert all(not each.share < chosen.share for each in narrowed), context
        count = every.count(pivot.low, pivot.high)
        assert [each.value for each in found.conditions] == sorted(set(count[agree])), context
        for condition in found.conditions:
            rows = agree & (count == condition.value)
            others = {id(each.statement): each.interval for each in condition.others}
            for each in said:
                if each is pivot or each.of_total:
                    assert id(each) not in others
                    continue
                left = every.left(each, rows)
                low, high = each.interval
                whole = (math.ceil(low), math.floor(high) if high < math.inf else high)
                assert same(others.get(id(each), left), left), context
                assert (id(each) in others) == (left != whole), context

    def test_totals_with_ends_in_gaps(self):
        """Few firms in narrow ranges: an end of the printed total often falls where no total can be."""
        rng = random.Random(12)
        jumps, impossible = 0, 0
        for _ in range(400):
            before, said = 0, []
            for _ in range(rng.randint(1, 2)):
                size = before + rng.randint(4, 12)
                said += [between(before, size, 0), between(size, size + 1, (low := rng.randint(0, 2), low + 2))]
                before = size + 1
            amount = rng.randint(1, 60)
            told = Interval(amount, amount + rng.randint(0, 20))
            said += [none_above(before), firms((0, self.MOST)), total(told)]
            every = Every(said, together=self.MOST)
            agree = every.possible(range(len(said)))
            assert possible(said) == agree.any()
            if not agree.any():
                impossible += 1
                continue
            left = left_of(said[:-1], said[-1])
            assert left == every.left_of_total(told, agree), [str(each) for each in said]
            hull = allowed_total(said)
            jumps += left != (max(told.low, hull.low), min(told.high, hull.high))
        assert min(jumps, impossible) > 60

    @pytest.mark.parametrize("reading", ["cumulative", "bands"])
    def test_band_counts(self, reading):
        rng = random.Random(7)
        seen = 0
        for _ in range(150):
            sizes = sorted(rng.sample(range(1, 9), rng.randint(1, 3)))
            counts = [(low := rng.randint(0, 3), low + rng.randint(0, 2)) for _ in sizes]
            if reading == "cumulative":
                counts.sort(reverse=True)
            n = (low := rng.randint(2, self.MOST), rng.randint(low, self.MOST))
            amount = rng.randint(1, 30)
            more = {
                "n": n,
                "total": rng.choice((None, (amount, amount + rng.randint(0, 6)))),
                "cap": rng.choice((None, 12)),
                "reading": reading,
            }
            said = threshold_statements(sizes, counts, **more)
            every = Every(said, together=self.MOST)
            agree = every.possible(range(len(said)))
            if not agree.any():
                with pytest.raises(ConflictError):
                    band_counts(sizes, counts, **more)
                continue
            seen += 1
            edges = [0, *sizes, more["cap"] or math.inf]
            for found, (low, high) in zip(band_counts(sizes, counts, **more), pairwise(edges), strict=True):
                band = every.count(low, high)[agree]
                assert found == (band.min(), band.max()), (sizes, counts, more)
        assert seen > 60

    def test_readings_without_the_number_of_firms(self):
        """An open number of firms lets the total be anything above its least."""
        said = threshold_statements([10, 20], [(2, 4), (1, 3)], total=50)
        # c10 >= c20 and 10 * (c10 + c20) <= 50: 2 and 1, 2 and 2, 3 and 1, 3 and 2, 4 and 1
        assert examine(said).readings == (5, 9)
        assert examine([total(5)]).readings == (1, 1)

    def test_repeated_and_derived_counts_must_agree(self):
        said = [firms(9), at_least(10, (1, 3)), at_least(10, (2, 4)), between(0, 10, (6, 7))]
        # the count at 10 is 2 or 3 in both sentences, and 7 or 6 are below
        assert examine(said).readings == (2, 18)

    def test_bands_that_nothing_ties_to_the_rest_are_not_counted(self):
        assert examine([between(10, 20, (1, 2))]).readings is None

    def test_nothing_is_left_beside_a_contradiction(self):
        assert all(math.isnan(end) for end in left_of([firms(2), at_least(1, 3)], between(0, 1, (0, math.inf))))
        assert all(math.isnan(end) for end in left_of([firms(2), none_above(1)], total((5, 6))))
        assert all(math.isnan(end) for end in allowed_total([firms(2), at_least(1, 3)]))


class TestConflicts:
    """Every subset, by enumeration.

    A cell with more firms than every least count and than the least total over the smallest limit can lose one: all
    that is stated stays true. So cells up to that number are enough.
    """

    @pytest.mark.parametrize(("gaps", "seed"), [(False, 8), (True, 9)])
    def test_smallest_sets(self, gaps, seed):
        rng = random.Random(seed)
        seen, larger = 0, 0
        while seen < 120:
            said = some_statements(rng, most=3, gaps=gaps)
            lows = [each.interval.low for each in said if not each.of_total]
            told = max((each.interval.low for each in said if each.of_total), default=0)
            smallest = min(size for cell in cells_of(said) for size in cell if size > 0)
            most = max(1, math.ceil(max(lows, default=0)), math.ceil(told / smallest) if smallest < math.inf else 1)
            if len(said) > 6 or (most + 1) ** len(cells_of(said)) > 60_000 or sum(e.of_total for e in said) > 1:
                continue
            every = Every(said, each=most)
            truth = {
                chosen: bool(every.possible(chosen).any())
                for size in range(len(said) + 1)
                for chosen in combinations(range(len(said)), size)
            }
            if truth[tuple(range(len(said)))]:
                continue
            seen += 1
            place = {id(each): i for i, each in enumerate(said)}
            found = [tuple(place[id(each)] for each in conflict) for conflict in conflicts(said)]
            assert found == sorted(set(found), key=lambda each: (len(each), each))
            for chosen in found:
                assert not truth[chosen]
                assert all(truth[part] for part in combinations(chosen, len(chosen) - 1))
            for chosen, true in truth.items():
                assert true == (not any(set(each) <= set(chosen) for each in found)), [str(each) for each in said]
            larger += max(map(len, found)) > 2
            assert {tuple(conflict) for conflict in examine(said).conflicts} == set(conflicts(said))
        assert larger > 20

    def test_each_pair_of_a_rising_row(self):
        said = [at_least(size, size) for size in range(1, 13)]
        assert [len(each) for each in conflicts(said)] == [2] * 66

    def test_the_same_sentence_twice(self):
        twice = at_least(5, 3)
        assert examine([twice, twice, firms(3)]).possible
        assert len(conflicts([twice, twice, firms(2)])) == 2


# The case behind the module. Of a county's 201-299 firms 80 had sales of 1 million yuan or more, 30 of 5 million or
# more, "more than twenty" (21-29) of 10 million or more, 4 of 50 million or more; none was above 100 million (an
# assumption); together they sold "more than 2 billion" (2-3 billion).
#
# Largest total with c firms at 10 million and N in all, in millions: 4 firms at 100, c - 4 at 50, 30 - c at 10, 50 at 5
# and N - 80 at 1, so 400 + 50 c - 200 + 300 - 10 c + 250 + N - 80 = 670 + 40 c + N.
# It reaches 2000 if N >= 1330 - 40 c: c = 26 needs 290, 27 needs 250, 28 needs 210, 29 needs 170, so 201; c = 25 would
# need 330. Surviving readings: 10 + 50 + 90 + 99 = 249 of 9 * 99 = 891. The largest total is 670 + 1160 + 299 = 2129.
# Smallest total: 4 at 50, 17 at 10 (c = 21), 9 at 5, 50 at 1, the rest at 0: 200 + 170 + 45 + 50 = 465.
NAMES = ("n", "at 1 million", "at 5 million", "at 10 million", "at 50 million", "cap", "total")


def county(c: Pair | float = (21, 29), reading: str = "cumulative", amount: Pair = (2e9, 3e9)) -> list[Statement]:
    more = {"n": (201, 299), "cap": 1e8, "total": amount, "reading": reading, "names": NAMES[1:5]}
    return threshold_statements([1e6, 5e6, 1e7, 5e7], [80, 30, c, 4], **more)


class TestCounty:
    def test_barely_possible(self):
        found = examine(county())
        assert found.possible
        assert found.barely
        assert found.readings == (249, 891)
        assert found.allowed_total == (465e6, 2129e6)
        left = {each.statement.name: each.interval for each in found.survivors if each.narrowed}
        assert left == {"at 10 million": (26, 29), "total": (2000e6, 2129e6)}
        shares = {each.statement.name: each.share for each in found.survivors}
        assert shares["at 10 million"] == pytest.approx(4 / 9)
        assert shares["total"] == pytest.approx(0.129)
        # nothing of a count without room could be left out
        assert math.isnan(shares["at 1 million"])

    def test_conditions(self):
        expected = {26: (290, 299), 27: (250, 299), 28: (210, 299), 29: None}
        found = {
            int(each.value): {left.statement.name: left.interval for left in each.others}
            for each in examine(county()).conditions
        }
        assert found == {c: {"n": left} if left else {} for c, left in expected.items()}

    def test_contradiction_with_fewer_large_firms(self):
        said = county((21, 25))
        found = examine(said)
        assert not found.possible
        # at most 670 + 1000 + 299; all statements are needed for that
        assert found.allowed_total == (465e6, 1969e6)
        assert [[each.name for each in conflict] for conflict in found.conflicts] == [list(NAMES)]
        assert found.readings == (0, 495)
        for each in said:
            assert possible([other for other in said if other is not each])
        with pytest.raises(
            ConflictError, match=r"n: 201 to 299; .*\(allowed: at most 1\.969e\+09 for total\)$"
        ) as error:
            require_possible(said)
        assert error.value.conflicts == (tuple(said),)
        assert all(name in str(error.value) for name in NAMES)

    def test_what_each_would_have_to_say(self):
        """Each of the seven, if the other six are true, from the formula above with one letter open."""
        said = county((21, 25))
        # Largest totals in millions with 25 at 10 million; N firms, b at 1 million, a at 5 million, d at 50 million:
        # 4 * 100 + 21 * 50 + 5 * 10 + 50 * 5 + N - 80 = 1670 + N
        # 4 * 100 + 21 * 50 + 5 * 10 + (b - 30) * 5 + 299 - b = 1649 + 4 b
        # 4 * 100 + 21 * 50 + (a - 25) * 10 + (80 - a) * 5 + 219 = 1819 + 5 a
        # d * 100 + (25 - d) * 50 + 5 * 10 + 50 * 5 + 219 = 1769 + 50 d
        expected = {"n": 330, "at 1 million": 88, "at 5 million": 37, "at 10 million": 26, "at 50 million": 5}
        for name, least in expected.items():
            one = next(each for each in said if each.name == name)
            others = [each for each in said if each is not one]
            assert left_of(others, Statement(name, Interval(0, math.inf), one.low, one.high)).low == least

    def test_any_statement_less_is_possible(self):
        said = county((21, 25))
        for i in range(len(said)):
            assert possible(said[:i] + said[i + 1 :])

    def test_bands(self):
        # 80 from 1 to 5, 30 from 5 to 10, c from 10 to 50, 4 from 50 to 100, the rest of 299 below 1:
        # 400 + 50 c + 300 + 400 + (299 - 114 - c) = 1285 + 49 c = 2706 at c = 29;
        # and 1187 + 49 c = 2216 for the fewest of both, so every reading is possible.
        found = examine(county(reading="bands"))
        assert found.readings == (891, 891)
        assert found.allowed_total.high == 2706e6
        # 200 + 210 + 150 + 80
        assert found.allowed_total.low == 640e6
        assert [each.statement.name for each in found.survivors if each.narrowed] == ["total"]
        assert band_counts([1e6, 5e6, 1e7, 5e7], [80, 30, (21, 29), 4], n=(201, 299), reading="bands")[0] == (58, 164)

    def test_band_counts_that_the_total_narrows(self):
        found = band_counts([1e6, 5e6, 1e7, 5e7], [80, 30, (21, 29), 4], n=(201, 299), total=(2e9, 3e9), cap=1e8)
        assert found == [(121, 219), (50, 50), (1, 4), (22, 25), (4, 4)]


class TestGaps:
    """One to three firms of 10 to 12, so totals of 10-12, 20-24, 30-36 and no others."""

    SAID = (between(0, 10, 0), none_above(12), firms((0, 3)))

    @pytest.mark.parametrize(
        ("amount", "left"),
        [
            ((1, 100), (10, 36)),
            ((11, 29), (11, 24)),
            ((13, 29), (20, 24)),
            ((5, 21), (10, 21)),
            ((25, 31), (30, 31)),
            ((24, 30), (24, 30)),
            ((24.5, 29.5), None),
            ((1, 9), None),
            ((37, 99), None),
            (22, (22, 22)),
            (27, None),
            ((0, 9), None),
            ((0, 10), (10, 10)),
        ],
    )
    def test_total(self, amount, left):
        said = [*self.SAID, total(amount)]
        assert possible(said) == (left is not None)
        if left:
            assert examine(said).survivors[-1].interval == left

    def test_no_total_is_not_a_small_total(self):
        """Nothing is not above nothing, however low the total may be."""
        assert not possible([firms((0, 1)), between(0, 200, 0), none_above(300), total((0, 100))])
        assert not possible([firms(0)])
        assert examine([firms((0, 3)), at_least(10, 0)]).readings == (3, 4)
        left = examine([firms((0, 3)), at_least(10, 0), total((0, 5))]).survivors
        assert [each.interval for each in left] == [(1, 3), (0, 0), (0, 5)]
        assert not left[-1].narrowed

    def test_reading_in_the_gap_is_no_condition(self):
        # totals of 0, 2-2.5, 4-5 or 6-7.5, or with the large one 20-28.5
        said = [between(0, 2, 0), between(2, 2.5, (0, 3)), between(2.5, 20, 0), between(20, 21, (0, 1)), none_above(21)]
        found = examine([*said, total((6, 8))])
        assert [each.interval for each in found.survivors if each.narrowed] == [(3, 3), (0, 0), (6, 7.5)]
        # 50 is one of 10 and two of 20, or three of 10 and one of 20; with two of 10 it is out of reach
        said = [between(0, 10, 0), between(10, 10.1, (0, 4)), between(10.1, 20, 0), between(20, 20.1, (1, 2))]
        found = examine([*said, none_above(20.1), total(50)])
        assert [(each.value, *(other.interval for other in each.others)) for each in found.conditions] == [
            (1, (2, 2)),
            (3, (1, 1)),
        ]
        # only two firms of 10 to 12 make up a total of 13 to 29
        narrow = [between(0, 10, 0), none_above(12), firms((0, 20)), at_least(10, (0, 20))]
        split = examine([*narrow, total((13, 29))])
        assert [each.value for each in split.conditions] == [2]

    def test_endless_counts_end(self):
        """With no end to the firms below 8, a search among them must not run away upwards."""
        said = [between(2, 4, 0), between(4, 8, 0), at_least(16, 0), total((7, 17))]
        # any number of firms below 2 make up whatever one or two of 8 to 16 do not
        assert examine(said).survivors[-1].interval == (7, 17)
        assert not possible([between(0, 10, 0), none_above(12), total(27)])
        assert left_of([between(0, 10, 0), none_above(12), total((25, 1e6))], firms((0, math.inf))) == (3, 100_000)


class TestRounding:
    def test_totals_equal_on_paper(self):
        assert possible([firms(3), between(0, 0.1, 0), total((0, 0.3))])  # 3 * 0.1 > 0.3 in binary
        assert possible([firms(3), none_above(0.7), total((2.1, 9))])  # 3 * 0.7 < 2.1
        assert examine([firms((3, 4)), between(0, 0.1, 0), none_above(0.1 + 1e-6), total((0, 0.3))]).readings == (1, 2)
        assert not possible([firms(3), between(0, 0.1, 0), total((0, 0.2999999))])

    def test_halves_of_a_firm_narrow_nothing(self):
        found = examine([firms((2.5, 6.2)), none_above(10)])
        assert not found.barely
        assert found.survivors[0].interval == (3, 6)
        assert found.survivors[0].share == 1

    def test_large_counts_are_exact(self):
        said = [firms(10_000_001), at_least(10, (0, 1e7))]
        assert left_of(said, between(0, 10, (0, math.inf))) == (1, 10_000_001)


class TestMessages:
    """A person must be able to act on them: which statements, and what one of them would have to say."""

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            (
                [firms(5), at_least(10, 6)],
                "firms: 5; firms at or above 10: 6 (allowed: at most 5 for firms at or above 10)",
            ),
            ([firms((2.2, 2.8))], "firms: 2.2 to 2.8 (allowed: a whole number for firms)"),
            ([firms(0)], "firms: 0 (allowed: 1 or more for firms)"),
            ([firms(0), total(5)], "firms: 0 (allowed: 1 or more for firms)"),
            ([total(5, "here"), total((6, 7), "there")], "here: 5; there: 6 to 7 (allowed: at most 5 for there)"),
            (
                [at_least(10, (2, 3)), none_above(5)],
                "firms at or above 10: 2 to 3; firms above 5: 0 (allowed: 0 for firms at or above 10)",
            ),
            (
                [firms(5), at_least(1, 3), between(0, 1, (3, 9))],
                "firms: 5; firms at or above 1: 3; firms from 0 to 1: 3 to 9 (allowed: 2 for firms from 0 to 1)",
            ),
            (
                [firms(3), none_above(10), total((40, math.inf))],
                "firms: 3; firms above 10: 0; total: 40 or more (allowed: at most 30 for total)",
            ),
            (
                [firms(3), at_least(10, 3), total((0, 29))],
                "firms at or above 10: 3; total: at most 29 (allowed: at least 30 for total)",
            ),
            (
                [between(0, 10, 0), none_above(12), total(27)],
                "firms from 0 to 10: 0; firms above 12: 0; total: 27 (allowed: at most 24 or at least 30 for total)",
            ),
            # six digits would make these two look alike
            (
                [firms(1234567), at_least(10, 1234568)],
                "firms: 1234567; firms at or above 10: 1234568 (allowed: at most 1234567 for firms at or above 10)",
            ),
        ],
    )
    def test_words(self, said, words):
        with pytest.raises(ConflictError) as error:
            require_possible(said)
        assert str(error.value) == f"statements: given what cannot all be true: {words}"

    def test_every_smallest_set_is_named(self):
        with pytest.raises(ConflictError) as error:
            require_possible([at_least(1, 5, "one"), at_least(2, 6, "two"), at_least(3, 7, "three")])
        assert str(error.value).partition("true: ")[2].split(" | ") == [
            "one: 5; two: 6 (allowed: at most 5 for two)",
            "one: 5; three: 7 (allowed: at most 5 for three)",
            "two: 6; three: 7 (allowed: at most 6 for three)",
        ]

    @pytest.mark.parametrize("seed", [10, 11])
    def test_what_is_allowed_is_possible_and_nearest(self, seed):
        """With the statement changed to what the message allows, the set can be true; between the ends it cannot."""
        rng = random.Random(seed)
        form = re.compile(
            r"^(?:(at most|at least) )?([\d.]+)(?: to ([\d.]+)| (or more)| or at least ([\d.]+))? for (.+)$"
        )
        totals, counts = 0, 0
        for _ in range(150):
            said = [replaced(each, f"s{i}") for i, each in enumerate(some_statements(rng, gaps=seed == 11))]
            try:
                require_possible(said)
            except ConflictError as error:
                for conflict, words in zip(
                    error.conflicts, re.findall(r"\(allowed: ([^)]*)\)", str(error)), strict=True
                ):
                    if words.startswith(("a whole", "no s")):
                        continue
                    side, first, last, more, second, name = form.match(words).groups()
                    one = next(each for each in conflict if each.name == name)
                    others = [each for each in conflict if each is not one]
                    if one.of_total:
                        ends = [float(first)] + ([float(second)] if second else [])
                        low = float(first) if side == "at most" else 0
                        high = ends[-1] if side == "at least" or second else math.inf
                        totals += 1
                    else:
                        low = 0 if side == "at most" else float(first)
                        high = math.inf if more else float(last or first)
                        ends = [low] + ([high] if high < math.inf else [])
                        counts += 1
                    for end in ends:
                        assert program([*others, changed(one, end, end)]) is not None, words
                    if one.of_total:
                        assert high - low <= 1 or program([*others, changed(one, low + 0.5, high - 0.5)]) is None, words
                    else:
                        assert low == 0 or program([*others, changed(one, 0, low - 1)]) is None, words
                        assert math.isinf(high) or program([*others, changed(one, high + 1, math.inf)]) is None, words
        assert min(totals, counts) > 10

    @pytest.mark.parametrize("name", ["{0}", "%s", "a: 5; b | c", "企业总数", "", "line\nbreak", "\\1"])
    def test_hostile_names_are_printed_as_they_are(self, name):
        with pytest.raises(ConflictError) as error:
            require_possible([firms(5, name), at_least(10, 6, name)])
        shown = name or "firms"
        assert f"true: {shown}: 5; {name or 'firms at or above 10'}: 6 (allowed: " in str(error.value)

    def test_pickles(self):
        with pytest.raises(ConflictError) as error:
            require_possible(county((21, 25)))
        back = pickle.loads(pickle.dumps(error.value))
        assert (type(back), str(back), back.conflicts) == (ConflictError, str(error.value), error.value.conflicts)

    def test_many_statements_name_one_set(self):
        said = [at_least(size, size) for size in range(1, 41)]
        with pytest.raises(ConflictError) as error:
            require_possible(said)
        assert [len(each) for each in error.value.conflicts] == [2]
        for listed in (conflicts, examine):
            with pytest.raises(InputError, match=r"statements: given 40; allowed: .*16 at once"):
                listed(said)
        with pytest.raises(InputError, match="statements: given 0; allowed: 1 to 16"):
            examine([])

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda: firms(-1), r"firms: given -1; allowed: a number of firms, at least 0"),
            (lambda: firms((-3, -1)), r"firms: given -3 to -1; allowed: a number of firms, at least 0"),
            (lambda: firms(math.inf), r"firms: given inf; allowed: a number of firms"),
            (lambda: firms(math.nan), r"firms: given nan; allowed: numbers"),
            (lambda: firms((5, 3)), r"firms: given low 5 above high 3"),
            (lambda: firms("5"), r"firms: given '5'"),
            (
                lambda: at_least(-1, 3),
                r"firms at or above -1: given sizes -1 to inf; allowed: from at least 0, ascending",
            ),
            (lambda: at_least(math.inf, 3), r"given sizes inf to inf"),
            (lambda: at_least(math.nan, 3), r"given sizes nan to inf"),
            (lambda: between(5, 5, 3, "five"), r"five: given sizes 5 to 5; allowed: from at least 0, ascending"),
            (lambda: between(5, math.nan, 3), r"given sizes 5 to nan"),
            (lambda: none_above(0), r"cap: given 0; allowed: a size above 0"),
            (lambda: none_above(math.nan, "largest"), r"largest: given nan; allowed: a size above 0"),
            (lambda: total(0), r"total: given 0; allowed: a finite total above 0"),
            (lambda: total((-5, 0), "sum"), r"sum: given -5 to 0; allowed: a finite total above 0"),
            (lambda: total(math.inf), r"total: given inf; allowed: a finite total above 0"),
        ],
    )
    def test_refused_at_the_door(self, make, words):
        with pytest.raises(InputError, match=words):
            make()

    def test_below_zero_is_cut_off(self):
        assert firms((-3, 2)).interval == (0, 2)
        assert total((-5, 2)).interval == (0, 2)

    def test_printed(self):
        assert [str(firms(each)) for each in (3, (0, 3), (2, 3), (2, math.inf))] == [
            "firms: 3", "firms: at most 3", "firms: 2 to 3", "firms: 2 or more",
        ]  # fmt: skip


def replaced(statement: Statement, name: str) -> Statement:
    return Statement(name, statement.interval, statement.low, statement.high, statement.of_total)


def changed(statement: Statement, low: float, high: float) -> Statement:
    return Statement(statement.name, Interval(low, high), statement.low, statement.high, statement.of_total)


class TestSearch:
    """Jumping totals are a knapsack: the search is bounded, and says so."""

    @staticmethod
    def items(sizes: Sequence[int], amount: float, most: float) -> list[Statement]:
        """Any numbers of firms of even sizes, and nothing between: an odd total needs every combination."""
        before, said = 0.0, []
        for size in sizes:
            said += [between(before, size, 0), between(size, size + 1e-9, (0, most))]
            before = size + 1e-9
        return [*said, none_above(before), total(amount)]

    def test_few_items_are_decided(self):
        # 2002, 4014 and 8058 make up 14074 at once; their sums are even, so 14073 is out of reach
        assert possible(self.items([2002, 4014, 8058], 14074, 1000))
        assert not possible(self.items([2002, 4014, 8058], 14073, 1000))

    @pytest.mark.parametrize("most", [1000, 1e5, math.inf])
    def test_many_items_fail_clearly(self, most):
        sizes = [2 * (1000 + 37 * i * i) for i in range(12)]
        with pytest.raises(InputError, match=r"total: given 1000001, too narrow to search .*; allowed: a wider total"):
            possible(self.items(sizes, 1000001, most))

    def test_deep_halving_needs_no_recursion(self):
        """Sixty counts of up to 2^20: halved one after the other they are deeper than Python can call."""
        said = self.items([2 * (10_000 + i) for i in range(60)], 2.0**37 + 1, 2.0**20)
        with pytest.raises(InputError, match="too narrow to search"):
            possible(said)

    def test_wide_intervals(self, monkeypatch):
        """Counts 100,000 wide do not need 100,000 steps: that would take minutes here."""
        sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
        said = threshold_statements(
            sizes,
            [(10 * (10 - i), 100_000 - 9_000 * i) for i in range(10)],
            n=(1000, 150_000),
            cap=2000,
            total=(1e6, 2e6),
        )
        assert len(said) == 13
        searched = []
        original = Counts.total_of
        monkeypatch.setattr(Counts, "total_of", lambda self, counts: searched.append(1) or original(self, counts))
        assert examine(said).possible
        assert len(searched) < 20_000


def statements(draw: st.DrawFn) -> list[Statement]:
    return some_statements(random.Random(draw(st.integers(0, 10**9))), gaps=draw(st.booleans()))


random_statements = st.composite(statements)()


class TestProperties:
    @FAST
    @given(random_statements, st.integers(0, 10), st.integers(0, 3), st.integers(0, 3))
    def test_wider_is_never_less_possible(self, said, place, below, above):
        place %= len(said)
        low, high = said[place].interval
        wide = changed(said[place], max(0, low - below), high + above)
        wider = [*said[:place], wide, *said[place + 1 :]]
        assert possible(wider) >= possible(said)
        if possible(said):
            for each in said:
                if each is not said[place]:
                    inner, outer = (left_of([o for o in s if o is not each], each) for s in (said, wider))
                    assert outer.low <= inner.low
                    assert inner.high <= outer.high

    @FAST
    @given(random_statements)
    def test_fewer_are_never_less_possible(self, said):
        if possible(said):
            assert all(possible([*said[:i], *said[i + 1 :]]) for i in range(len(said)))

    @FAST
    @given(random_statements, st.randoms(use_true_random=False))
    def test_order_means_nothing(self, said, rng):
        other = list(said)
        rng.shuffle(other)
        here, there = examine(said), examine(other)
        assert (here.possible, here.readings, here.allowed_total[1] == here.allowed_total[1]) == (
            there.possible, there.readings, there.allowed_total[1] == there.allowed_total[1],
        )  # fmt: skip
        assert {frozenset(map(id, each)) for each in here.conflicts} == {frozenset(map(id, c)) for c in there.conflicts}
        assert {id(each.statement): each.interval for each in here.survivors} == {
            id(each.statement): each.interval for each in there.survivors
        }

    @FAST
    @given(random_statements, st.sampled_from([0.25, 1e-6, 0.1, 7, 1e4 / 3, 1e8]))
    def test_another_unit_changes_nothing(self, said, factor):
        scaled = [
            Statement(
                each.name,
                Interval(*(end * factor for end in each.interval)) if each.of_total else each.interval,
                each.low * factor,
                each.high * factor,
                each.of_total,
            )
            for each in said
        ]
        here, there = examine(said), examine(scaled)
        assert (here.possible, here.readings) == (there.possible, there.readings)
        assert [[said.index(e) for e in each] for each in here.conflicts] == [
            [scaled.index(e) for e in each] for each in there.conflicts
        ]
        for a, b in zip(here.survivors, there.survivors, strict=True):
            unit = factor if a.statement.of_total else 1
            assert b.interval == pytest.approx([end * unit for end in a.interval], rel=EXACT)

    @FAST
    @given(
        st.lists(st.one_of(st.integers(0, 30), st.floats(0, 1e6)), min_size=1, max_size=40),
        st.lists(st.integers(1, 10**6) | st.integers(1, 30), min_size=1, max_size=5, unique=True),
        st.randoms(use_true_random=False),
    )
    def test_what_is_true_is_possible(self, sizes, limits, rng):
        """Statements read off a population, each as an interval around the truth, and the truth survives."""
        assume(sum(sizes) > 0)
        x = np.array(sizes, dtype=float)
        edges = [0, *sorted(limits), math.inf]

        def around(truth: float) -> Pair:
            return truth - rng.choice((0, 0, 1, 5)), truth + rng.choice((0, 0, 1, 5, math.inf))

        said, truths = [], []
        for _ in range(rng.randint(1, 7)):
            low, high = sorted(rng.sample(range(len(edges)), 2))
            truths.append(int(((x >= edges[low]) & (x < edges[high])).sum()))
            said.append(between(edges[low], edges[high], around(truths[-1])))
        amount = x.sum()
        said.append(total((amount * rng.choice((1, 0.9, 0)), amount * rng.choice((1, 1.1)))))
        said.append(none_above(max(x.max(), edges[-2]) * 1.5))
        require_possible(said)
        found = examine(said)
        assert found.allowed_total.low * (1 - EXACT) <= amount <= found.allowed_total.high * (1 + EXACT)
        for survivor, truth in zip(found.survivors, [*truths, amount, 0], strict=True):
            low, high = survivor.interval
            assert low * (1 - EXACT) <= truth <= high * (1 + EXACT), survivor
