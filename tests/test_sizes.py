"""Size counts of a study: rows and page, by hand for Baoying and for studies with something wrong or missing."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from studies import figures_alone

from clusterlib import findings, paths, plots, tables
from clusterlib.analysis import COLUMNS, concentration, size_distribution
from clusterlib.errors import InputError
from clusterlib.page import page_of
from clusterlib.study import Study

BY = "by=production_sales"
#: Sums of a few hundred doubles.
SUMMED = 1e-9


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture(scope="module")
def baoying(study):
    return size_distribution(study, "baoying-glass", replications=50)


@pytest.fixture
def changed(tmp_path):
    """The packaged study with rows of figures.csv left out or rewritten."""

    def change(*, drop=(), rewrite=()):
        folder = tmp_path / "data"
        figures_alone(folder)
        path = folder / "figures.csv"
        text = path.read_text(encoding="utf-8")
        for old, new in rewrite:
            assert text.count(old) == 1, (old, text.count(old))
            text = text.replace(old, new)
        lines = [line for line in text.splitlines() if line.split(",")[0] not in drop]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Study.load(folder)

    return change


def row(found, measure, assumption, **where):
    result = found.result if hasattr(found, "result") else found
    rows = result[(result["measure"] == measure) & (result["assumption"] == assumption)]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, rows
    return rows.iloc[0]


def every_picture_and_table(study, cluster, found, lang="en"):
    """All that notebook 04 shows, as text: nothing of it may fail."""
    page = page_of(study, cluster, lang)
    shown = [draw(page, found) for draw in (plots.survival, plots.totals, plots.worlds, plots.tails)]
    shown += [plots.ranges(page, found.result), plots.bands(page, found.result)]
    texts = [each.alt for each in shown if hasattr(each, "alt")]
    listed = [tables.consistency, tables.readings, tables.worlds, tables.tails]
    texts += [table(page, found).plain for table in listed]
    texts += [table(page, found.result).plain for table in (tables.bands, tables.size_bounds, tables.size_inequality)]
    texts += [tables.gaps(page, found.result, "sizes").plain, tables.sources(page, found.result).plain]
    return [sentence.text for sentence in findings.sizes(page, found).sentences], "\n".join(texts)


class TestBaoyingByHand:
    def test_total_that_the_counts_allow(self, baoying):
        # least: 80 - 30 firms at 1 million, 30 - 21 at 5, 21 - 4 at 10, 4 at 50, the others at nothing
        least = (50 * 1 + 9 * 5 + 17 * 10 + 4 * 50) * 1e6
        # greatest: 4 at 100, 29 - 4 at 50, 30 - 29 at 10, 50 at 5, 299 - 80 at 1
        greatest = (4 * 100 + 25 * 50 + 1 * 10 + 50 * 5 + 219 * 1) * 1e6
        capped = row(baoying, "total", f"cap=100000000;counts;cumulative;{BY}", basis="bound")
        assert (capped["low"], capped["high"]) == (least, greatest) == (465e6, 2129e6)
        free = row(baoying, "total", f"no_cap;counts;cumulative;{BY}", basis="bound")
        assert free["low"] == least and math.isnan(free["high"])
        # by band: 80 at 5, 30 at 10, 29 at 50, 4 at 100 and 299 - 143 below 1 million at most
        bands = row(baoying, "total", f"cap=100000000;counts;bands;{BY}", basis="bound")
        assert (bands["low"], bands["high"]) == (640e6, (4 * 100 + 29 * 50 + 30 * 10 + 80 * 5 + 156) * 1e6)

    def test_only_readings_with_26_firms_or_more_reach_the_printed_total(self, baoying):
        # 4 * 100 + (c - 4) * 50 + (30 - c) * 10 + 50 * 5 + (n - 80) >= 2000 million, so 40 c + n >= 1330
        survive = {(n, c) for n in range(201, 300) for c in range(21, 30) if 40 * c + n >= 1330}
        (_, cases, _), *_ = baoying.families
        case = next(case for case in cases if case.reading == "cumulative" and case.capped and case.with_total)
        assert case.consistency.barely and case.consistency.readings == (len(survive), 891)
        left = {each.statement.name: each.interval for each in case.consistency.survivors}
        assert left["baoying-glass.firms.10m"] == (min(c for _, c in survive), 29)
        assert left["baoying-glass.production-sales"] == (2e9, 2.129e9)
        for condition in case.consistency.conditions:
            least = min(n for n, c in survive if c == condition.value)
            assert [each.interval.low for each in condition.others] == ([least] if least > 201 else [])

    def test_four_largest(self, baoying):
        # most: 4 of 100 million in 2,000; least: all that is left of 2,129 after everybody else is full, 203.2 at least
        full = row(baoying, "cr4", f"cap=100000000;counts+total;cumulative;{BY}")
        assert full["high"] == pytest.approx(100 * 400 / 2000)
        # without a cap: everybody else at the lower limit, 4 take what is left of 3,000: (3000 - 265) / 3000
        free = row(baoying, "cr4", f"no_cap;counts+total;cumulative;{BY}")
        assert free["high"] == pytest.approx(100 * (3000 - 50 - 45 - 170) / 3000)

    def test_gini_at_full_enumeration(self, baoying):
        """Each of the 891 readings by the definition of the Gini coefficient at both extremal vectors, written out."""
        low, high = math.inf, -math.inf
        for n, c in itertools.product(range(201, 300, 7), range(21, 30)):
            floors = np.repeat([0, 1, 5, 10, 50], [n - 80, 50, 30 - c, c - 4, 4]).astype(float)
            tops = np.repeat([1, 5, 10, 50, 100], [n - 80, 50, 30 - c, c - 4, 4]).astype(float)
            if tops.sum() < 2000:
                continue
            filled = floors.copy()
            for i in range(n - 1, -1, -1):  # fill the largest first, up to 2,000 million
                filled[i] += min(tops[i] - floors[i], 2000 - filled.sum())
            high = max(high, gini(filled))
            below, above = 0.0, 100.0
            for _ in range(50):
                level = (below + above) / 2
                below, above = (level, above) if np.clip(level, floors, tops).sum() <= 2000 else (below, level)
            low = min(low, gini(np.clip(below, floors, tops)))
        found = row(baoying, "gini", f"cap=100000000;counts+total;cumulative;{BY}")
        # every 7th number of firms only, the last of them 299 - 0: the ends lie at 201 and 299
        assert found["low"] <= low + 1e-6 and found["high"] >= high - SUMMED
        assert found["high"] == pytest.approx(high, abs=5e-4)

    def test_no_cap_has_an_equally_unequal_world(self, baoying):
        free = row(baoying, "gini", f"no_cap;counts;cumulative;{BY}")
        assert free["high"] == pytest.approx(1 - 1 / 299)  # one firm has all but nothing of it

    def test_model_refuses_a_total(self, baoying):
        assert set(baoying.result[baoying.result["basis"] == "model"]["measure"]) == {
            "pareto_tail", "pareto_exponent", "pareto_p_value", "log_log_slope",
        }  # fmt: skip
        tail = row(baoying, "pareto_tail", f"no_cap;counts;cumulative;{BY}")
        density = row(baoying, "pareto_exponent", f"no_cap;counts;cumulative;{BY}")
        assert tail["high"] < 1 and density["low"] == pytest.approx(tail["low"] + 1)

    def test_every_row_says_what_it_rests_on(self, study, baoying):
        assert list(baoying.result.columns) == COLUMNS
        assert set(baoying.result["basis"]) == {"bound", "model"}
        for _, each in baoying.result.iterrows():
            used = set(each["figures"].split())
            assert all(study.figure(slug)["cluster"] == "baoying-glass" for slug in used)
            assert ("baoying-glass.firms.100m" in used) == each["assumption"].startswith("cap=")
            assert ("baoying-glass.production-sales" in used) == ("counts+total" in each["assumption"])
            assert not each["low"] > each["high"]

    def test_concentration_uses_the_same_engine(self, study, baoying):
        result = concentration(study, "baoying-glass")
        for measure in ("gini", "hhi", "cr4", "theil_t"):
            assumption = f"cap=100000000;counts+total;cumulative;{BY}"
            one, other = row(result, measure, assumption), row(baoying, measure, assumption)
            assert (one["low"], one["high"]) == (other["low"], other["high"])
        assert not result["assumption"].str.contains("bands").any()

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_page(self, study, baoying, lang):
        sentences, text = every_picture_and_table(study, "baoying-glass", baoying, lang)
        assert "249" in sentences[0] and "891" in sentences[0]
        assert ("26–29" in text) and ("290–299" in text)
        assert ("infinite" if lang == "en" else "无穷大") in sentences[-1]


class TestParameters:
    def test_a_cap_of_ones_own(self, study):
        found = size_distribution(study, "baoying-glass", cap=2e8, reading="cumulative", replications=1)
        capped = row(found, "total", f"cap=200000000;counts;cumulative;{BY}", basis="bound")
        assert capped["high"] == 2129e6 + 4 * 100e6
        assert "baoying-glass.firms.100m" not in capped["figures"]

    def test_a_cap_below_a_counted_size_is_a_contradiction(self, study):
        found = size_distribution(study, "baoying-glass", cap=2e7, reading="cumulative", replications=1)
        assert not found.result["assumption"].str.startswith("cap=20000000;counts+total").any()
        sentences, text = every_picture_and_table(study, "baoying-glass", found)
        assert "contradict each other" in sentences[0] and "4家" in sentences[0] and "assumed" in sentences[0]
        assert "smallest contradicting sets" in text

    def test_a_number_of_firms_of_ones_own(self, study):
        found = size_distribution(study, "baoying-glass", n_firms=250, reading="cumulative", replications=1)
        one = row(found, "total", f"cap=100000000;counts;n=250;cumulative;{BY}", basis="bound")
        assert one["high"] == 2129e6 - 49e6 and "baoying-glass.firms " not in one["figures"] + " "
        assert "250 firms" in every_picture_and_table(study, "baoying-glass", found)[1]

    def test_fewer_firms_than_a_class(self, study):
        found = size_distribution(study, "baoying-glass", n_firms=70, reading="cumulative", replications=1)
        sentences, _ = every_picture_and_table(study, "baoying-glass", found)
        assert "contradict" in sentences[0] and "all firms" in sentences[0]

    def test_any_number_of_largest_firms(self, study):
        found = size_distribution(study, "baoying-glass", largest=30, reading="cumulative", replications=1)
        assert {"cr1", "cr30"} <= set(found.result["measure"])
        assert "30 largest firms" in " ".join(every_picture_and_table(study, "baoying-glass", found)[0])

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"reading": "both ways"}, "unknown reading 'both ways'.*allowed: both, cumulative, bands"),
            ({"cap": -1}, "cap: given -1; allowed: 0 .as printed., or a size above 0"),
            ({"cap": math.nan}, "cap: given nan"),
            ({"top": 1.5}, "top: given 1.5; allowed: a fraction between 0 and 1"),
            ({"largest": 0}, "largest: given 0; allowed: a whole number of firms, at least 1"),
            ({"replications": 0}, "replications: given 0"),
            ({"period": "1066"}, "unknown period '1066'"),
        ],
    )
    def test_impossible_parameters(self, study, wrong, message):
        with pytest.raises(InputError, match=message):
            size_distribution(study, "baoying-glass", **wrong)


class TestStudiesWithSomethingWrong:
    def test_counts_that_rise_with_the_threshold_are_named(self, changed):
        study = changed(
            rewrite=[("4783,4786,44,３０家", "4783,4786,44,９０家"), ("30,30,30,firm,exact", "90,90,90,firm,exact")]
        )
        found = size_distribution(study, "baoying-glass", reading="cumulative", replications=1)
        assert found.result.empty
        sentences, text = every_picture_and_table(study, "baoying-glass", found)
        assert "contradict each other" in sentences[0] and "８０家" in sentences[0] and "９０家" in sentences[0]
        assert "smallest contradicting sets" in text
        # Read as bands, the same words are possible.
        bands = size_distribution(study, "baoying-glass", reading="bands", replications=1)
        assert "gini" in set(bands.result["measure"])

    def test_total_out_of_reach(self, changed):
        numbers = ("2000000000,2000000000,3000000000", "9000000000,9000000000,10000000000")
        study = changed(rewrite=[("20多亿元,baoying", "90多亿元,baoying"), numbers])
        found = size_distribution(study, "baoying-glass", reading="cumulative", replications=1)
        sentences, _ = every_picture_and_table(study, "baoying-glass", found)
        assert "contradict" in sentences[0] and "2.129 billion" in sentences[0] and "90多亿元" in sentences[0]
        # Without the cap a single firm can have it all.
        assert row(found, "gini", f"no_cap;counts+total;cumulative;{BY}")["high"] > 0.99

    def test_total_with_an_upper_end_only(self, changed):
        numbers = ("2000000000,2000000000,3000000000,CNY/year,more_than", "2000000000,,2000000000,CNY/year,below")
        study = changed(rewrite=[("4819,4824,44,20多亿元", "4819,4825,44,不到20亿元"), numbers])
        found = size_distribution(study, "baoying-glass", replications=1)
        every_picture_and_table(study, "baoying-glass", found)
        told = row(found, "total", f"cap=100000000;counts+total;cumulative;{BY}", basis="bound")
        assert (told["low"], told["high"]) == (465e6, 2e9)
        assert row(found, "gini", f"no_cap;counts+total;cumulative;{BY}")["high"] < 1

    def test_number_of_firms_not_printed(self, changed):
        study = changed(drop=["baoying-glass.firms", "baoying-glass.production-sales"])
        found = size_distribution(study, "baoying-glass", replications=1)
        gini_free = row(found, "gini", f"no_cap;counts;cumulative;{BY}")
        assert (gini_free["low"], gini_free["high"]) == (0, 1)  # unknown small firms, none or ever so many
        assert row(found, "cr4", f"cap=100000000;counts;cumulative;{BY}")["high"] == pytest.approx(100 * 400 / 665)
        every_picture_and_table(study, "baoying-glass", found)
        every_picture_and_table(study, "baoying-glass", found, "zh")

    def test_no_cap_printed(self, changed):
        study = changed(drop=["baoying-glass.firms.100m"])
        found = size_distribution(study, "baoying-glass", replications=1)
        assert not found.result["assumption"].str.startswith("cap=").any()
        _, text = every_picture_and_table(study, "baoying-glass", found)
        assert "a size that no firm exceeds" in text

    def test_a_single_threshold(self, changed):
        study = changed(drop=[f"baoying-glass.firms.{each}" for each in ("1m", "5m", "10m")])
        found = size_distribution(study, "baoying-glass", replications=1)
        assert not (found.result["basis"] == "model").any()  # one class has no slope
        _, text = every_picture_and_table(study, "baoying-glass", found)
        assert "A Pareto tail fitted to the counts: a model · Nothing is printed" in text

    def test_a_count_without_an_upper_end(self, changed):
        rewrite = [
            ("4812,4814,44,4家", "4811,4815,44,4家以上"),
            ("4,4,4,firm,exact,,,目前", "4,4,,firm,at_least,,,目前"),
        ]
        study = changed(rewrite=rewrite)
        found = size_distribution(study, "baoying-glass", reading="cumulative", replications=1)
        every_picture_and_table(study, "baoying-glass", found)
        assert row(found, "cr4", f"cap=100000000;counts+total;cumulative;{BY}")["high"] == pytest.approx(20)
        # Neither number of firms nor total: nothing bounds that count, and the page says so.
        study = changed(rewrite=rewrite, drop=["baoying-glass.firms", "baoying-glass.production-sales"])
        found = size_distribution(study, "baoying-glass", replications=1)
        _, text = every_picture_and_table(study, "baoying-glass", found)
        assert "without an upper end" in text

    def test_silence(self, study):
        for cluster in ("china-garment", "shishi-garment", "xiangfan-district", "qingshanhu-textile"):
            found = size_distribution(study, cluster)
            assert found.families == () and found.result.empty and list(found.result.columns) == COLUMNS
            sentences, text = every_picture_and_table(study, cluster, found)
            assert len(sentences) == 1 and "no number of firms" in sentences[0]
            assert "Nothing is printed for this table." in text

    def test_two_measures_of_size(self, changed):
        line = next(
            line
            for line in (paths.DATA / "figures.csv").read_text(encoding="utf-8").splitlines()
            if line.startswith("baoying-glass.firms.5m,")
        )
        other = line.replace("baoying-glass.firms.5m", "baoying-glass.exporters.1m", 1)
        other = other.replace("5000000,CNY,production_sales,at_least", "1000000,USD,direct_exports,above")
        study = changed(rewrite=[(line, f"{line}\n{other}")])
        found = size_distribution(study, "baoying-glass", reading="cumulative", replications=1)
        assert [sizes.by for sizes, _, _ in found.families] == ["production_sales", "direct_exports"]
        sentences, text = every_picture_and_table(study, "baoying-glass", found)
        assert "1 million USD" in text and any("direct exports" in each for each in sentences)


def gini(x):
    """Mean absolute difference of all pairs over twice the mean."""
    return np.abs(x[:, None] - x).mean() / (2 * x.mean())


def test_result_survives_csv(baoying, tmp_path):
    path = tmp_path / "result.csv"
    baoying.result.to_csv(path, index=False)
    again = pd.read_csv(path, keep_default_na=False, na_values={"value": "", "low": "", "high": ""})
    assert list(again.columns) == COLUMNS and len(again) == len(baoying.result)
    assert again["low"].equals(baoying.result["low"].reset_index(drop=True))
