"""What a page shows: escaped, linked to its sources, and true for data that are not ours."""

import re
import shutil

import pytest

from clusterlib import findings, fonts, paths, plots, tables
from clusterlib.analysis import concentration, performance
from clusterlib.display import Cell, Finding, Findings, NoPicture, Picture, Source, Table
from clusterlib.errors import ClusterlibError
from clusterlib.page import open_page, page_of
from clusterlib.study import Study

HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture(scope="module")
def study():
    return Study.load()


def edited(tmp_path, *changes):
    folder = tmp_path / "data"
    shutil.copytree(paths.DATA, folder)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    return Study.load(folder)


def sentences(shown):
    return [sentence.text for sentence in shown.sentences]


def test_text_is_escaped_everywhere():
    source = Source(1, "a.b", HOSTILE)
    table = Table(HOSTILE, [HOSTILE], [[Cell(HOSTILE, (source,))]], HOSTILE)
    shown = Findings([Finding(HOSTILE, (source,))])._repr_mimebundle_()["text/html"]
    for markup in (table.html, Table(HOSTILE, [], [], empty=HOSTILE).html, shown):
        assert "<script" not in markup and "&lt;script&gt;" in markup
    assert re.search(r'title="[^"]*&#34;[^"]*"', table.html)  # a quotation mark cannot end the attribute


def test_hostile_label_from_data(tmp_path):
    page = page_of(
        edited(tmp_path, ("clusters.csv", "Shishi garment cluster", "<b onload=x>Shishi</b>")), "shishi-garment", "en"
    )
    assert "<b onload" not in tables.about(page).html
    assert "&lt;b onload" in tables.about(page).html


def test_plain_table_aligns_chinese():
    table = Table("t", ["甲", "b"], [[Cell("一二三"), Cell("1", numeric=True)], [Cell("x"), Cell("22", numeric=True)]])
    assert table.plain.splitlines() == ["t", "甲       b", "------  --", "一二三   1", "x       22"]


def test_numbers_lead_to_their_sources(study):
    page = page_of(study, "china-garment", "en")
    result = concentration(study, "china-garment")
    targets = set(re.findall(r'id="(source-\d+)"', tables.sources(page, result).html))
    links = set(re.findall(r'href="#(source-\d+)"', tables.bounds(page, result).html + tables.fixed(page, result).html))
    assert links and links <= targets
    profit = page.sources["china-garment.above-scale.profit-share"]
    assert "70.24%" in profit.hover and "characters 1627–1633" in profit.hover and "rounded" in profit.hover


def test_findings_carry_the_numbers(study):
    page = page_of(study, "china-garment", "en")
    first, second = sentences(findings.concentration(page, concentration(study, "china-garment")))
    assert first.startswith("Above-scale firms are 25.37% of the firms and hold 70.24% of total profit: ")
    assert first.endswith(" 2.769 times their share of firms.")
    assert "at 0.4486 or more" in second and "no firm makes a loss, at 0.6982 or less" in second
    ratio, sides, split = sentences(findings.performance(page, performance(study, "china-garment")))
    assert "1.185 times the cluster average and 1.569 times that of the other firms" in ratio
    assert "lower in pieces per worker and sales per output" in sides
    assert "2.769 times the average" in split


def test_findings_follow_other_data(tmp_path):
    """Output share cut to 20 %: the group is then the smaller one, and every sentence turns with it."""
    shares = [
        ("67.41%", "20.00%", "67.41,67.405,67.415", "20,19.995,20.005"),
        ("70.24%", "19.00%", "70.24,70.235,70.245", "19,18.995,19.005"),
        ("61.69%", "21.00%", "61.69,61.685,61.695", "21,20.995,21.005"),
        ("56.87%", "22.00%", "56.87,56.865,56.875", "22,21.995,22.005"),
        (",50%,", ",24%,", "50,49.5,50.5", "24,23.5,24.5"),
    ]
    changes = [("figures.csv", *pair) for share in shares for pair in (share[:2], share[2:])]
    study = edited(tmp_path, *changes)
    page = page_of(study, "china-garment", "en")
    first, second = sentences(findings.concentration(page, concentration(study, "china-garment")))
    assert "hold 24% of product volume" in first
    assert "the smallest in product volume" in second
    ratio, sides, split = sentences(findings.performance(page, performance(study, "china-garment")))
    assert "0.909 times the cluster average" in ratio  # 20 / 22
    assert "lower in output per worker" in sides
    assert "of this shortfall" in split and "0.749 times" in split  # 19 / 25.37


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("cluster", ["xiangfan-district", "qingshanhu-textile"])
def test_silence_is_said(study, cluster, lang):
    page = page_of(study, cluster, lang)
    for analysis, find, question in (
        (concentration, findings.concentration, "concentration"),
        (performance, findings.performance, "performance"),
    ):
        result = analysis(study, cluster)
        (sentence,) = sentences(find(page, result))
        assert ("print no" in sentence) if lang == "en" else ("没有印出" in sentence)
        assert len(tables.gaps(page, result, question).rows) == 2
        assert not tables.sources(page, result).rows
    for draw in (
        plots.shares,
        plots.lorenz,
        plots.gini_bounds,
        plots.bands,
        plots.relative,
        plots.waterfall,
        plots.densities,
    ):
        assert isinstance(draw(page, concentration(study, cluster)), NoPicture)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("cluster", Study.load().reported)
def test_every_picture_draws_with_words_and_source(study, cluster, lang):
    page = page_of(study, cluster, lang)
    concentrated, performed = concentration(study, cluster), performance(study, cluster)
    drawn = [plots.figures(page)]
    drawn += [draw(page, concentrated) for draw in (plots.shares, plots.lorenz, plots.gini_bounds, plots.bands)]
    drawn += [draw(page, performed) for draw in (plots.relative, plots.waterfall, plots.densities)]
    pictures = [each for each in drawn if isinstance(each, Picture)]
    assert pictures or cluster == "qingshanhu-textile"
    for picture in pictures:
        assert picture.svg.startswith("<?xml") and len(picture.alt) > 20 and picture.note
        assert "Date" not in picture.svg
        assert picture._repr_mimebundle_()[1]["image/svg+xml"]["alt"] == picture.alt


def test_pictures_are_reproducible(study):
    page = page_of(study, "baoying-glass", "zh")
    result = concentration(study, "baoying-glass")
    assert plots.bands(page, result).svg == plots.bands(page, result).svg


def test_a_missing_glyph_is_an_error(study, monkeypatch):
    monkeypatch.setattr(fonts, "families", lambda: ["DejaVu Sans"])
    with pytest.raises(ClusterlibError, match="pip install mpl-font"):
        plots.figures(page_of(study, "shishi-garment", "zh"))


def test_font_face_holds_the_signs():
    import base64
    import io

    from fontTools.ttLib import TTFont

    css = fonts.face("集群 abc 占比")
    data = re.search(r"base64,([^)]+)\)", css)[1]
    signs = set(TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap())
    assert signs == {ord(sign) for sign in "集群占比"}
    assert fonts.face("plain") == ""


def test_a_value_outside_its_interval_is_not_shown(study):
    """1万多家 starts from 10,000, which 多 excludes: the quotient of the bare numbers is no value."""
    page = page_of(study, "shishi-garment", "en")
    result = performance(study, "shishi-garment")
    row = result[result["measure"] == "shops_per_street"].iloc[0]
    assert row["value"] < row["low"] and page.value(row) == ""


def test_open_page_checks_its_parameters():
    with pytest.raises(ClusterlibError, match=r"unknown cluster 'shishi'.*did you mean 'shishi-garment'"):
        open_page("01_figures", cluster="shishi", lang="en")
