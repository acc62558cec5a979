"""Result tables: numbers checked by hand, and what every row must carry."""

import math

import pytest
from studies import figures_alone

from clusterlib.analysis import COLUMNS, concentration, performance
from clusterlib.errors import InputError
from clusterlib.measures.shares import bounds_from_share
from clusterlib.study import Study

#: Hand computations are rounded to four decimals.
BY_HAND = 5e-5


@pytest.fixture(scope="module")
def study():
    return Study.load()


def one(result, **where):
    for column, value in where.items():
        result = result[result[column] == value]
    assert len(result) == 1, result
    return result.iloc[0]


# Quotients of the printed shares, worked out on paper: 67.41/56.87, (67.41/32.59)/(56.87/43.13), 70.24/25.37, ...
RELATIVE = [
    ("output_per_worker", "cluster_average", 1.1853),
    ("output_per_worker", "rest", 1.5687),
    ("profit_per_firm", "cluster_average", 2.7686),
    ("volume_per_worker", "cluster_average", 0.8792),
    ("sales_per_output", "cluster_average", 0.9151),
    ("profit_margin", "cluster_average", 1.1386),
    ("unit_value", "cluster_average", 1.3482),
    ("workers_per_firm", "cluster_average", 2.2416),
]


@pytest.mark.parametrize(("measure", "reference", "value"), RELATIVE)
def test_relative_performance_by_hand(study, measure, reference, value):
    row = one(performance(study, "china-garment"), measure=measure, reference=reference)
    assert row["value"] == pytest.approx(value, abs=BY_HAND)
    assert row["low"] < row["value"] < row["high"]


def test_interval_comes_from_the_rounding_of_both_shares(study):
    row = one(performance(study, "china-garment"), measure="output_per_worker", reference="cluster_average")
    assert row["low"] == pytest.approx(67.405 / 56.875, rel=1e-12)
    assert row["high"] == pytest.approx(67.415 / 56.865, rel=1e-12)


def test_contributions_add_up(study):
    result = performance(study, "china-garment")
    for reference in ("cluster_average", "rest"):
        parts = result[(result["measure"] == "contribution") & (result["reference"] == reference)]
        logs = parts[(parts["unit"] == "log") & (parts["indicator"] != "all")]["value"].sum()
        whole = one(parts, unit="log", indicator="all")
        assert logs == pytest.approx(whole["value"], rel=1e-12)
        assert parts[parts["unit"] == "percent"]["value"].sum() == pytest.approx(100, rel=1e-12)
    # ln 2.76862 = 1.01835
    whole = one(result, measure="contribution", indicator="all", reference="cluster_average")
    assert whole["value"] == pytest.approx(1.01835, abs=1e-5)


# s - f at the nearest corner, 1 - 4 f (1 - s) at the farthest; sales: 0.61685 - 0.25375, 1 - 4 * 0.25365 * 0.38305.
GINI = [("sales", 0.3631, 0.61136), ("profit", 0.4486, 0.69811), ("workers", 0.3149, 0.56245)]


@pytest.mark.parametrize(("indicator", "low", "high"), GINI)
def test_gini_bounds_by_hand(study, indicator, low, high):
    row = one(concentration(study, "china-garment"), measure="gini", indicator=indicator, assumption="ordered")
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=BY_HAND)
    loose = one(concentration(study, "china-garment"), measure="gini", indicator=indicator, assumption="unordered")
    assert (loose["low"], loose["high"]) == (row["low"], 1)


def test_losses_only_where_an_indicator_can_be_negative(study):
    result = concentration(study, "china-garment")
    with_losses = result[result["assumption"].str.contains("losses_allowed")]
    assert set(with_losses["indicator"]) == {"profit"}
    row = one(with_losses, measure="gini", assumption="ordered;losses_allowed")
    # (s - f) / f at the farthest corner, 0.70245 and 0.25365; without a maximum if groups may overlap.
    assert row["high"] == pytest.approx((0.70245 - 0.25365) / 0.25365, rel=1e-12)
    assert math.isnan(one(with_losses, measure="gini", assumption="unordered;losses_allowed")["high"])
    assert not concentration(study, "china-garment", losses=False)["assumption"].str.contains("losses").any()


def test_assumption_can_be_chosen(study):
    assert set(concentration(study, "china-garment", assume="ordered", losses=False)["assumption"]) == {"", "ordered"}


def test_number_of_firms_tightens_the_bounds(study):
    # 10,000 firms: between 2,537 and 2,537 of them are 25.37 %.
    result = concentration(study, "china-garment", n_firms=10_000)
    known = one(result, measure="gini", indicator="sales", assumption="ordered;n=10000")
    unknown = one(concentration(study, "china-garment"), measure="gini", indicator="sales", assumption="ordered")
    assert unknown["low"] <= known["low"] < known["high"] <= unknown["high"]
    assert "hhi" in set(result["measure"])
    with pytest.raises(InputError, match="a whole number of firms"):
        concentration(study, "china-garment", n_firms=50)


def test_shishi_densities_by_hand(study):
    result = performance(study, "shishi-garment")
    garment = one(result, measure="sales_per_shop", assumption="scope=garment_shops")
    assert garment["low"] == pytest.approx(6e9 / 6999, rel=1e-12) and math.isnan(garment["high"])
    assert one(result, measure="sales_per_shop", assumption="scope=all_shops")["low"] == pytest.approx(6e9 / 19999)
    people = one(result, measure="persons_per_shop", assumption="scope=all_shops")
    assert (people["low"], people["high"]) == pytest.approx((30001 / 19999, 39999 / 10001))
    streets = one(result, measure="shops_per_street")
    assert (streets["low"], streets["high"]) == pytest.approx((10001 / 18, 19999 / 18))
    share = one(result, measure="garment_shop_share")
    assert (share["low"], share["high"]) == pytest.approx((100 * 6001 / 19999, 100 * 6999 / 10001))


def test_baoying_bands_by_hand(study):
    result = concentration(study, "baoying-glass")
    counted = "no_cap;counts;cumulative;by=production_sales"
    bands = result[(result["measure"] == "band_count") & (result["assumption"] == counted)].set_index("group")
    assert list(bands["low"]) == [201 - 80, 80 - 30, 30 - 29, 21 - 4, 4]
    assert list(bands["high"]) == [299 - 80, 80 - 30, 30 - 21, 29 - 4, 4]
    assert list(bands.index)[:2] == ["0..1000000 CNY", "1000000..5000000 CNY"] and bands.index[-1] == "50000000.. CNY"


def test_a_target_is_no_performance(study):
    assert concentration(study, "xiangfan-district").empty and performance(study, "xiangfan-district").empty
    assert concentration(study, "qingshanhu-textile").empty and performance(study, "qingshanhu-textile").empty


@pytest.mark.parametrize("cluster", Study.load().reported)
@pytest.mark.parametrize("analysis", [concentration, performance])
def test_every_row_says_what_it_rests_on(study, analysis, cluster):
    result = analysis(study, cluster)
    assert list(result.columns) == COLUMNS
    assert set(result["basis"]) <= {"identity", "bound"}
    assert set(result["reference"]) <= {"", "cluster_average", "rest"}
    for _, row in result.iterrows():
        assert row["figures"]
        for slug in row["figures"].split():
            assert study.figure(slug)["cluster"] == cluster
        assert not row["low"] > row["high"]
        assert not (math.isnan(row["low"]) and math.isnan(row["high"]))


def test_result_agrees_with_the_public_function(study):
    direct = bounds_from_share((0.25365, 0.25375), (0.61685, 0.61695))["hoover"]
    row = one(concentration(study, "china-garment"), measure="hoover", indicator="sales", assumption="ordered")
    assert (row["low"], row["high"]) == pytest.approx(tuple(direct), rel=1e-12)


def test_changing_the_data_changes_the_result(tmp_path):
    folder = tmp_path / "data"
    figures_alone(folder)
    path = folder / "figures.csv"
    text = (
        path.read_text(encoding="utf-8")
        .replace("67.41%", "68.41%")
        .replace("67.41,67.405,67.415", "68.41,68.405,68.415")
    )
    path.write_text(text, encoding="utf-8")
    row = one(
        performance(Study.load(folder), "china-garment"), measure="output_per_worker", reference="cluster_average"
    )
    assert row["value"] == pytest.approx(68.41 / 56.87)


def test_two_answers_to_one_question(tmp_path):
    """The same share for another year is not picked by chance: a period must be chosen."""
    folder = tmp_path / "data"
    figures_alone(folder)
    path = folder / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    again = next(line for line in lines if line.startswith("china-garment.above-scale.sales-share,"))
    again = again.replace("sales-share", "sales-share.2006", 1).replace("销售收入,,,,", "销售收入,2006年,,,")
    assert "2006年" in again
    path.write_text("\n".join([*lines, again]) + "\n", encoding="utf-8")
    study = Study.load(folder)
    with pytest.raises(InputError, match=r"sales-share \(no period\).*sales-share.2006 \(2006年\)"):
        concentration(study, "china-garment")
    with pytest.raises(InputError, match=r"unknown period '2007年'.*allowed: .*2006年"):
        concentration(study, "china-garment", period="2007年")
    assert concentration(study, "china-garment", period="2006年").empty  # no share of firms for that year


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"assume": "sorted"}, "unknown assumption 'sorted'.*allowed: both, ordered, unordered"),
        ({"top": 1.5}, "top: given 1.5; allowed: a fraction between 0 and 1"),
        ({"n_firms": 1}, "n: given 1; allowed: at least 2 firms"),
    ],
)
def test_impossible_parameters(study, wrong, message):
    with pytest.raises(InputError, match=message):
        concentration(study, "china-garment", **wrong)


def test_unknown_cluster_names_the_nearest(study):
    with pytest.raises(InputError, match="did you mean 'baoying-glass'"):
        performance(study, "baoying")
