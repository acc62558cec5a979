"""What a page shows: escaped, linked to its sources, and true for data that are not ours."""

import re
import subprocess
import sys

import pytest
from studies import figures_alone

from clusterlib import findings, fonts, plots, tables
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
    figures_alone(folder)
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
    assert "hold 19% of total profit" in first  # 19 / 25.37 is farthest from 1
    assert "the smallest in total profit" in second
    ratio, sides, split = sentences(findings.performance(page, performance(study, "china-garment")))
    assert "0.909 times the cluster average" in ratio  # 20 / 22
    assert "lower in output per worker" in sides
    assert "of this shortfall" in split and "0.749 times" in split  # 19 / 25.37


OUTPUT = ("67.41%", "67.41,67.405,67.415,percent,rounded", ",1603,1609,")


def with_output_share(tmp_path, printed, numbers):
    end = 1603 + len(printed)
    changes = zip(OUTPUT, (printed, numbers, f",1603,{end},"), strict=True)
    return edited(tmp_path, *(("figures.csv", *change) for change in changes))


def test_open_words_are_never_a_point(tmp_path):
    """60%以上 of the output: sentences and tables give the interval, not what 60 would mean."""
    study = with_output_share(tmp_path, "60%以上", "60,60,100,percent,at_least")
    page = page_of(study, "china-garment", "en")
    # No third sentence: at 100 % the others have nothing, and no logarithm is left to split.
    ratio, sides = sentences(findings.performance(page, performance(study, "china-garment")))
    assert "1.054–1.759 times the cluster average" in ratio  # 60/56.875 and 100/56.865
    assert "not told apart in profit per output and sales per output" in sides  # 70.24/100 to 70.24/60 holds 1
    table = tables.fixed(page, concentration(study, "china-garment")).plain
    assert "60–100%" in table and "2.364–3.943" in table  # 60/25.375 and 100/25.365


def test_equal_shares_are_not_called_larger(tmp_path):
    folder = tmp_path / "data"
    figures_alone(folder)
    path = folder / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if ".above-scale." not in line or ".firm-share," in line or ".output-share," in line]
    text = "\n".join(kept) + "\n"
    text = text.replace("67.41%", "25.37%").replace("67.41,67.405,67.415", "25.37,25.365,25.375")
    path.write_text(text, encoding="utf-8")
    study = Study.load(folder)
    page = page_of(study, "china-garment", "en")
    _, same = sentences(findings.concentration(page, concentration(study, "china-garment")))
    assert same == "The printed shares do not tell above-scale firms from the average firm of the cluster."


def test_a_share_of_everything_sets_no_upper_bound(tmp_path):
    study = with_output_share(tmp_path, "100%", "100,99.5,100.0,percent,rounded")
    page = page_of(study, "china-garment", "en")
    first, second = sentences(findings.concentration(page, concentration(study, "china-garment")))
    assert "hold 100% of gross industrial output" in first
    assert second.endswith("at 0.7412 or more and set it no bound above.")  # 0.995 - 0.25375


def test_pages_do_not_wait_for_what_they_do_not_use():
    wanted = "from clusterlib import findings, plots, tables; import sys; before = set(sys.modules); import scipy.stats"
    told = "print(*(name for name in ('seaborn', 'scipy.stats', 'clusterlib.extraction') if name in before))"
    done = subprocess.run([sys.executable, "-c", f"{wanted}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["seaborn"]


def test_two_groups_keep_apart(tmp_path):
    """A second group with shares of its own: no row of a table mixes the two."""
    folder = tmp_path / "data"
    figures_alone(folder)
    with (folder / "groups.csv").open("a", encoding="utf-8") as groups:
        groups.write("state_owned,state-owned firms,国有企业\n")
    path = folder / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in list(lines):
        for name, printed, numbers in (("firm", "10%", "10,9.5,10.5"), ("sales", "30%", "30,29.5,30.5")):
            if line.startswith(f"china-garment.above-scale.{name}-share,"):
                fields = line.split(",")
                start = int(fields[2])
                fields[0], fields[3], fields[5] = f"state.{name}", str(start + 3), printed
                other = ",".join(fields).replace(",above_scale,", ",state_owned,")
                lines.append(re.sub(r"observed,,[\d.]+,[\d.]+,[\d.]+,", f"observed,,{numbers},", other))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    study = Study.load(folder)
    page = page_of(study, "china-garment", "en")
    result = concentration(study, "china-garment", losses=False)
    table = tables.bounds(page, result)
    own = {(row[0].text, row[1].text, row[2].text): row[3].text for row in table.rows}
    ordered = "the two groups do not overlap in this indicator"
    assert own["above-scale firms", "sales revenue", ordered] == "0.3631–0.6114"
    assert own["state-owned firms", "sales revenue", ordered].startswith("0.19–")  # 0.295 - 0.105
    for draw in (plots.shares, plots.lorenz, plots.gini_bounds):
        assert "state-owned firms" in draw(page, result).svg or "state-owned firms" in draw(page, result).alt


def test_thresholds_of_another_measure_and_unit(tmp_path):
    """Counts by size in dollars stand apart from counts in yuan, and 过 excludes its number."""
    folder = tmp_path / "data"
    figures_alone(folder)
    path = folder / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith("baoying-glass.firms.5m,"))
    other = line.replace("baoying-glass.firms.5m", "baoying-glass.exporters.1m", 1)
    other = other.replace("5000000,CNY,production_sales,at_least", "1000000,USD,direct_exports,above")
    assert "USD" in other
    path.write_text("\n".join([*lines, other]) + "\n", encoding="utf-8")
    study = Study.load(folder)
    page = page_of(study, "baoying-glass", "en")
    result = concentration(study, "baoying-glass")
    yuan, dollars, *_ = sentences(findings.concentration(page, result))
    assert yuan.startswith("By production-and-sales") and "4 firms at 50 million CNY and above" in yuan
    assert dollars.startswith("By direct exports") and "30 firms above 1 million USD" in dollars
    bands = [(row[0].text, row[2].text) for row in tables.bands(page, result).rows]
    assert ("by direct exports", "up to 1 million USD") in bands and (
        "by production-and-sales",
        "below 1 million CNY",
    ) in bands


def test_a_dollar_in_a_label_is_a_dollar(tmp_path):
    study = edited(tmp_path, ("groups.csv", "above-scale firms", "$\\frac$ firms of US$5m"))
    page = page_of(study, "china-garment", "en")
    assert plots.shares(page, concentration(study, "china-garment")).svg


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
    assert pictures or cluster in ("qingshanhu-textile", "park-model")
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
