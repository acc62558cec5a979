"""The packaged study: expectations are typed from the documents, read by hand, not computed."""

import re

import pytest
from places import source

from clusterlib import paths
from clusterlib.check import check
from clusterlib.study import Study


@pytest.fixture(scope="module")
def study():
    return Study.load()


def test_packaged_study_has_no_fault():
    assert check(paths.DATA) == []


def test_every_printed_figure_stands_at_its_place():
    assert check(paths.DATA, source()) == []


# slug, printed, low, high, unit, rule: typed from the documents; the intervals by the rules of data/README.md.
PRINTED = [
    ("china-garment.above-scale.firm-share", "25.37%", 25.365, 25.375, "percent", "rounded"),
    ("china-garment.above-scale.output-share", "67.41%", 67.405, 67.415, "percent", "rounded"),
    ("china-garment.above-scale.sales-share", "61.69%", 61.685, 61.695, "percent", "rounded"),
    ("china-garment.above-scale.profit-share", "70.24%", 70.235, 70.245, "percent", "rounded"),
    ("china-garment.above-scale.worker-share", "56.87%", 56.865, 56.875, "percent", "rounded"),
    ("china-garment.above-scale.volume-share", "50%", 49.5, 50.5, "percent", "rounded"),
    ("shishi-garment.shops", "1万多家", 10001, 19999, "shop", "more_than"),
    ("shishi-garment.garment-shops", "6000多家", 6001, 6999, "shop", "more_than"),
    ("shishi-garment.commerce-staff", "3万多人", 30001, 39999, "person", "more_than"),
    ("shishi-garment.shop-sales", "60亿元以上", 6e9, None, "CNY/year", "at_least"),
    ("shishi-garment.international-brands", "还没有", 0, 0, "brand", "zero"),
    ("baoying-glass.firms", "2００多家", 201, 299, "firm", "more_than"),
    ("baoying-glass.firms.1m", "８０家", 80, 80, "firm", "exact"),
    ("baoying-glass.firms.10m", "20多家", 21, 29, "firm", "more_than"),
    ("baoying-glass.production-sales", "20多亿元", 2e9, 3e9, "CNY/year", "more_than"),
    ("baoying-glass.firms.100m", "还没有", 0, 0, "firm", "zero"),
    ("baoying-glass.growth-firms.production-sales", "2025万元左右", None, None, "CNY/year", "about"),
    ("xiangfan-district.logistics.output-target", "突破100亿元", 1e10, None, "CNY/year", "above"),
    ("xiangfan-district.fund", "50万元", 500000, 500000, "CNY/year", "exact"),
]


@pytest.mark.parametrize(("slug", "printed", "low", "high", "unit", "rule"), PRINTED)
def test_figure_as_read_by_hand(study, slug, printed, low, high, unit, rule):
    row = study.figure(slug)
    assert (row["printed"], row["unit"], row["rule"]) == (printed, unit, rule)
    for end, expected in ((row["low"], low), (row["high"], high)):
        assert (end != end) if expected is None else end == pytest.approx(expected, abs=1e-9)


def test_documents_without_statistics_have_no_row(study):
    silent = {"stage-model", "qingshanhu-advice"}
    assert silent <= set(study.documents["document"])
    assert not silent & set(study.figures["document"])


def test_attribution(study):
    clusters = study.figures.set_index("figure")["cluster"]
    # Printed in a text about Shishi, said of the whole country; a list of the province; another town's example.
    assert set(clusters[clusters.index.str.contains("above-scale")]) == {"china-garment"}
    assert clusters["china-garment.market-based.cluster-share"] == "china-garment"
    assert clusters["jiangsu-list.clusters"] == "jiangsu-list"
    assert clusters["jiangyin-lingang.clusters"] == "jiangyin-lingang"
    assert clusters["shishi-garment.national-brands"] == "shishi-garment"


def test_targets_and_plans_are_not_observations(study):
    status = study.figures.set_index("figure")["status"]
    assert set(status[status.index.str.endswith("output-target")]) == {"target"}
    assert status["shishi-garment.mall-floor-area"] == "planned"
    assert study.usable("xiangfan-district").empty


def test_inferred_identity_is_said(study):
    district = study.cluster("xiangfan-district")
    assert district["inferred"] and "inferred" in district["note"] and "读作" in district["note_zh"]


def test_suspect_numbers_are_flagged_and_not_used(study):
    figure = study.figure("baoying-glass.growth-firms.production-sales")
    assert "year_in_place_of_number" in figure["flag"]
    assert figure["figure"] not in set(study.usable("baoying-glass")["figure"])


def test_every_text_has_chinese(study):
    for column in ("scope", "note", "denominator"):
        english, chinese = study.figures[column] != "", study.figures[f"{column}_zh"] != ""
        assert (english == chinese).all()


def test_no_sentence_of_the_documents_is_copied():
    """Facts and our own words: no cell shares a long run of Chinese with the source, titles and names apart."""
    text = source().read_text(encoding="utf-8")
    longest_name = 12  # 服装产业集群分析建议 and the like: names of things, not sentences
    for path in sorted(paths.DATA.glob("*.csv")):
        if path.stem == "documents":
            continue
        for run in re.findall(r"[\u4e00-\u9fff，；：（）]{13,}", path.read_text(encoding="utf-8")):
            for i in range(len(run) - longest_name):
                assert run[i : i + longest_name + 1] not in text, f"{path.name}: {run[i : i + longest_name + 1]}"
