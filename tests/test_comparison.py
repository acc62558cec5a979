"""Clusters side by side: what can be compared, which order is settled, and exports only at a stated rate."""

import json
import re
import shutil
import sys
from functools import cache

import pytest

from clusterlib import findings, paths, plots, tables
from clusterlib.analysis.numbers import all_numbers
from clusterlib.analysis.standing import comparison as compare
from clusterlib.analysis.standing import orders, own_rows, printed_used
from clusterlib.display import NoPicture, Picture
from clusterlib.errors import InputError
from clusterlib.page import page_of as open_page
from clusterlib.study import Study

NEW_TABLES = ("claims", "stages", "evidence", "value_chain", "problems", "instruments", "targets")
BAOYING, CHINA, SHISHI = "baoying-glass", "china-garment", "shishi-garment"


STUDY = Study.load()


@pytest.fixture(scope="module")
def study():
    return STUDY


@cache
def numbers_of_packaged(cluster):
    return all_numbers(STUDY, cluster)


@pytest.fixture(scope="module", autouse=True)
def computed_once():
    """The numbers of a cluster are the same whichever cluster stands first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sys.modules[compare.__module__], "all_numbers",
            lambda study, key: numbers_of_packaged(key) if study is STUDY else all_numbers(study, key),
        )  # fmt: skip
        yield


@cache
def of_packaged(cluster, **more):
    return compare(STUDY, cluster, **more)


def comparison(study, cluster, **more):
    """The comparison, computed once for each cluster of the packaged study."""
    return of_packaged(cluster, **more) if study is STUDY else compare(study, cluster, **more)


@pytest.fixture(scope="module")
def baoying(study):
    return comparison(study, BAOYING)


@cache
def page_of_packaged(cluster, lang):
    return open_page(STUDY, cluster, lang)


def page_of(study, cluster, lang):
    """The page, opened once for each cluster and language of the packaged study."""
    return page_of_packaged(cluster, lang) if study is STUDY else open_page(study, cluster, lang)


def copied(tmp_path, change=lambda lines: lines):
    """A copy of the data without the tables of words, its printed figures changed line by line."""
    folder = tmp_path / "data"
    shutil.copytree(paths.DATA, folder)
    for name in NEW_TABLES:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    path = folder / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], *change(lines[1:])]) + "\n", encoding="utf-8")
    return Study.load(folder)


def again(lines, slug, *changes):
    """The line of a figure once more, changed: the same words said of another cluster."""
    line = next(line for line in lines if line.startswith(f"{slug},"))
    for old, new in changes:
        assert old in line
        line = line.replace(old, new)
    return [*lines, line]


def shown(page, found):
    """Everything that the notebook shows, in its order."""
    return [
        findings.comparison(page, found),
        tables.standings(page, found),
        tables.definitions(page, found),
        tables.alone(page, found),
        plots.side_by_side(page, found),
        tables.side_by_side(page, found),
        plots.exports(page, found),
        tables.exports(page, found),
        tables.gaps(page, own_rows(found), "comparison"),
        tables.sources(page, found.result, printed_used(found)),
        page.result(found.result),
    ]


def sentences(page, found):
    return [each.text for each in findings.comparison(page, found).sentences]


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def html(each):
    bundle = each._repr_mimebundle_()
    return (bundle[0] if isinstance(bundle, tuple) else bundle).get("text/html", "")


def everything_shown(study, cluster, lang):
    page, found = page_of(study, cluster, lang), comparison(study, cluster)
    parts = shown(page, found)
    page_html = "".join(html(each) for each in parts)
    links = set(re.findall(r'href="#(source-\w+)"', page_html))
    anchors = re.findall(r'id="(source-\w+)"', page_html)
    assert links <= set(anchors) and len(anchors) == len(set(anchors))
    for each in parts:
        if isinstance(each, Picture):
            assert len(each.alt) > 40 and each.note and each.svg.startswith("<?xml")
    return parts


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("cluster", STUDY.reported)
def test_every_cluster_in_both_languages(study, cluster, lang):
    parts = everything_shown(study, cluster, lang)
    drawn = [each for each in parts if isinstance(each, Picture)]
    assert len(drawn) == {BAOYING: 2, CHINA: 1}.get(cluster, 0)


def test_a_study_without_the_tables_of_words(tmp_path):
    everything_shown(copied(tmp_path), BAOYING, "zh")


def test_a_study_without_any_figure(tmp_path):
    study = copied(tmp_path, lambda lines: [])
    parts = everything_shown(study, BAOYING, "en")
    page, found = page_of(study, BAOYING, "en"), comparison(study, BAOYING)
    assert sentences(page, found) == [
        "The documents print no figure about Baoying glass craft cluster: "
        "it stands beside no other cluster, and nothing is filled in."
    ]
    assert tables.standings(page, found).plain.endswith("No indicator is printed for more than one cluster.")
    assert not any(each.rows for each in parts[1:4]) and all(isinstance(parts[i], NoPicture) for i in (4, 6))


def test_almost_nothing_can_be_compared(study, baoying):
    """Firms: a count in Baoying, a share in China. Clusters: a share in China, three planned in the district."""
    page = page_of(study, BAOYING, "en")
    first = sentences(page, baoying)[0]
    assert first.startswith("Of 28 indicators printed for any cluster, 2 are printed for more than one; none can be")
    assert first.endswith("For Baoying glass craft cluster, 9 are printed, 1 of them for another cluster as well.")
    rows = texts(tables.standings(page, baoying))
    head = tables.standings(page, baoying).header
    assert head[2:5] == [
        "Baoying glass craft cluster",
        "China's garment clusters",
        "Clusters of a district of Xiangfan (name stripped)",
    ]
    assert rows[0][:3] == ["firms", "all", "201–299 firms"] and rows[0][5] == "no"
    assert "a count and a share" in rows[0][6]
    by_group = {row[1]: row[2:5] for row in rows}
    assert by_group["at 5 million CNY and above"] == ["30 firms", "", ""]
    assert by_group["above 100 million CNY"] == ["0 firms", "", ""]
    assert by_group["above-scale firms"] == ["", "25.365–25.375%", ""]
    assert by_group["clusters given priority"] == ["", "", "3 clusters (planned)"]
    assert [row[5] for row in rows].count("no") == 2 and "plan or target" in rows[8][6]


def test_what_one_cluster_alone_prints(study, baoying):
    page = page_of(study, BAOYING, "en")
    rows = texts(tables.alone(page, baoying))
    assert len(rows) == 26 and rows[0][0] == "Baoying glass craft cluster"  # 28 less firms and clusters
    words = {row[1]: row[2] for row in rows}
    assert words["shops"] == "10,001–19,999 shops; 6,001–6,999 shops (garment shops)"
    assert words["output value"].count("targeted") == 3
    measured = {row[0]: row[1] for row in texts(tables.definitions(page, baoying))}
    # Shares of output are no amounts of money; turnover of shops, production-and-sales and targets are.
    assert "neither output nor sales" in measured["production-and-sales"]
    assert "not the output of factories" in measured["shop sales"] and "gross industrial output" not in measured


def test_a_figure_that_two_clusters_print_alike(tmp_path):
    study = copied(
        tmp_path, lambda lines: again(lines, "baoying-glass.firms", ("baoying-glass.firms,", "other.firms,"),
                                      (",baoying-glass,", f",{SHISHI},")))  # fmt: skip
    page, found = page_of(study, SHISHI, "en"), comparison(study, SHISHI)
    firms = next(each for each in found.standings if each.indicator == "firms")
    assert firms.comparable == "yes" and firms.reasons == ()
    assert "1 can be compared as they stand and none with a reservation" in sentences(page, found)[0]
    assert texts(tables.standings(page, found))[0][:4] == ["firms", "all", "201–299 firms", ""]
    lacking = [row[0] for row in texts(tables.gaps(page, own_rows(found), "comparison"))]
    assert not any("same kind" in each for each in lacking) and len(lacking) == 2


def test_a_figure_of_another_period_is_compared_with_a_reservation(tmp_path):
    def last_year(lines):
        lines = again(lines, "baoying-glass.firms", ("baoying-glass.firms,", "other.firms,"),
                      (",baoying-glass,", f",{SHISHI},"))  # fmt: skip
        return [line.replace(",目前,", ",去年,") if line.startswith("other.firms,") else line for line in lines]

    found = comparison(copied(tmp_path, last_year), SHISHI)
    firms = next(each for each in found.standings if each.indicator == "firms")
    assert firms.comparable == "reservation" and firms.reasons == ("period",)


def test_two_plans_are_no_comparison(tmp_path):
    def two_plans(lines):
        lines = again(lines, "xiangfan-district.clusters", ("xiangfan-district.clusters,", "x.plan,"),
                      (",xiangfan-district,", f",{SHISHI},"))  # fmt: skip
        return [line for line in lines if not line.startswith("china-garment.market-based")]

    found = comparison(copied(tmp_path, two_plans), SHISHI)
    clusters = next(each for each in found.standings if each.indicator == "clusters")
    assert clusters.comparable == "no" and clusters.reasons == ("status",)


def test_who_is_more_unequal(study, baoying):
    """Only if Baoying's counts are cumulative and China's above-scale firms are the largest by sales."""
    settled = {each.measure: each for each in orders(baoying)}
    assert {key: each.side for key, each in settled.items()} == {
        "above_scale_share": "lower", "gini": "higher", "hoover": "higher", "top_share": "higher",
    }  # fmt: skip
    for key in ("gini", "hoover", "top_share"):
        ours, theirs = settled[key].pair
        assert "cumulative" in ours["assumption"] and theirs["assumption"] == "ordered"
        assert (settled[key].settled, settled[key].pairs) == (2, 8)  # four readings of Baoying, two of China
        assert ours["assumption"].startswith("no_cap")  # the largest size is not needed for it
    page = page_of(study, BAOYING, "en")
    second = sentences(page, baoying)[1]
    assert second.startswith(
        "Firms are more unequal in Baoying glass craft cluster than in China's garment clusters, if"
    )
    assert "above-scale firms and the others do not overlap in sales revenue (China's garment clusters)" in second
    assert "Gini coefficient at least 0.7392 against at most 0.6114" in second
    assert second.endswith("Under 6 of 8 pairs of assumptions the intervals overlap, and the order is open.")
    other_way = sentences(page_of(study, CHINA, "en"), comparison(study, CHINA))[1]
    assert other_way.startswith("Firms are less unequal in China's garment clusters")
    assert "Gini coefficient at most 0.6114 against at least 0.7392" in other_way


@pytest.mark.parametrize(
    ("above_scale", "span", "side"),
    [
        (5e6, "10.03–14.93%", "lower"),  # 30 of 201 to 299 firms
        (1e6, "26.75–39.81%", "higher"),  # 80 of them
        (2e6, "10.03–39.81%", "open"),  # at least 30, at most 80
        (2e7, "1.33–14.43%", "lower"),  # at least 4, at most 29
    ],
)
def test_above_scale_is_a_stated_size(study, above_scale, span, side):
    """25.37 % of China's firms are above scale, by whatever limit held when they were counted."""
    page, found = page_of(study, BAOYING, "en"), comparison(study, BAOYING, above_scale=above_scale)
    order = next(each for each in orders(found) if each.measure == "above_scale_share")
    assert order.side == side
    row = texts(tables.side_by_side(page, found))[0]
    assert row[3] == span and row[2].startswith(f"above scale from {above_scale / 1e6:.0f} million CNY; ")
    words = "\n".join(sentences(page, found))
    kind = {
        "lower": "A smaller share in Baoying",
        "higher": "A larger share in Baoying",
        "open": "The order of Baoying",
    }
    assert kind[side] in words


def test_reservations_are_named(study, baoying):
    note = tables.side_by_side(page_of(study, BAOYING, "en"), baoying).note
    scale_free = re.search(r"Reservations for Gini coefficient, Hoover index and share of the largest 10% .*?\.", note)[
        0
    ]
    for words in ("different indicators", "a country beside a county", "counts of firms by size"):
        assert words in scale_free
    assert "5 million CNY until 2010 and 20 million since 2011" in note


def test_exports_only_at_a_rate(study, baoying):
    """20 and 40 million dollars, against 2 to 3 billion yuan, at 6.1 to 6.8 yuan for a dollar."""
    page = page_of(study, BAOYING, "en")
    rows = texts(tables.exports(page, baoying))
    assert rows[0] == ["6.1–6.8 yuan for a US dollar", "both kinds of exports added", "≥ 12.2%", "12.2–20.4%", ""]
    assert rows[1][2:4] == ["≥ 8.13%", "8.13–13.6%"]  # 40 million × 6.1 / 3 billion; × 6.8 / 2 billion
    assert rows[2][:1] + rows[2][3:4] == ["6.1 yuan for a US dollar", "12.2–18.3%"]
    assert rows[-1][0] == "16.66–25 CNY per US dollar" and len(rows) == 7  # 1 and 1.5 billion by 60 million
    last = sentences(page, baoying)[-1]
    assert "12.2–20.4% (both kinds of exports added) and 8.13–13.6% (only the larger" in last
    assert "half only at 16.66–25 CNY per US dollar; below 16.66 they stay under half" in last
    assert "set no upper end" in last
    assert texts(tables.exports(page_of(study, BAOYING, "zh"), baoying))[-1][0] == "16.66–25元/美元"
    picture = plots.exports(page, baoying)
    assert "12.2–20.4%" in picture.alt and "≥ 8.13%" in picture.alt


def test_one_rate(study):
    found = comparison(study, BAOYING, rate_low=7, rate_high=7)
    rows = texts(tables.exports(page_of(study, BAOYING, "en"), found))
    assert rows[0][0] == "7 yuan for a US dollar" and rows[0][3] == "14–21%"  # 420 million of 2 to 3 billion
    assert len(rows) == 3


@pytest.mark.parametrize("given", [{"rate_low": 0}, {"rate_low": 7, "rate_high": 6}, {"above_scale": 0}])
def test_parameters_are_checked(study, given):
    with pytest.raises(InputError, match=next(iter(given))):
        comparison(study, BAOYING, **given)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_silence_is_said(study, lang):
    cluster = "qingshanhu-textile"
    page, found = page_of(study, cluster, lang), comparison(study, cluster)
    none, counts = sentences(page, found)
    assert ("print no figure" in none) if lang == "en" else ("没有印出" in none)
    assert page.name not in counts
    assert not tables.side_by_side(page, found).rows and page.name in tables.side_by_side(page, found).empty
    assert not tables.exports(page, found).rows and page.name in tables.exports(page, found).empty
    assert len(tables.gaps(page, own_rows(found), "comparison").rows) == 3


def test_a_cluster_with_figures_of_its_own_kind(study):
    """Shops, streets and brands of Shishi stand beside nothing; no measure of others is passed off as its own."""
    page, found = page_of(study, SHISHI, "en"), comparison(study, SHISHI)
    counts, none = sentences(page, found)
    assert counts.endswith("9 are printed, none of them for another cluster as well.")
    assert none.startswith("No measure on a common scale") and not orders(found) and found.beside.empty
    assert {*found.result["cluster"]} == {BAOYING, CHINA}  # the result table keeps all clusters


def test_the_notebook_shows_what_is_tested():
    cells = json.loads((paths.NOTEBOOKS / "07_comparison.ipynb").read_text(encoding="utf-8"))["cells"]
    calls = [line for cell in cells for line in "".join(cell["source"]).splitlines() if cell["cell_type"] == "code"]
    for name in ("standings", "definitions", "alone", "side_by_side", "exports", "gaps", "sources"):
        assert any(line.startswith(f"tables.{name}(page, ") for line in calls), name
