"""The page on development: what the documents say, by hand; judgements marked; silence said; every label anchored."""

import csv
import re
import shutil
from functools import cache

import pytest

from clusterlib import findings, labels, paths, plots, tables
from clusterlib.analysis.stages import development
from clusterlib.display import NoPicture, Picture
from clusterlib.page import page_of
from clusterlib.plots.development import SIGNS, _short, _wrapped
from clusterlib.study import Study

TABLES = (
    tables.stage_reading,
    tables.checklist,
    tables.chain,
    tables.problems,
    tables.instruments,
    tables.targets,
    tables.growth,
    tables.money,
)
PICTURES = (plots.checklist, plots.chain, plots.answers, plots.growth)
NEW = ("claims", "stages", "evidence", "value_chain", "problems", "instruments", "targets")


@cache
def packaged():
    return Study.load()


@cache
def page_and_development(cluster, lang):
    return page_of(packaged(), cluster, lang), development(packaged(), cluster)


@pytest.fixture(scope="module")
def study():
    return packaged()


def opened(study, cluster, lang="en", **more):
    if study is packaged() and not more:
        return page_and_development(cluster, lang)
    return page_of(study, cluster, lang), development(study, cluster, **more)


def copied(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(paths.DATA, folder)
    return folder


def sentences(page, found):
    return [sentence.text for sentence in findings.development(page, found).sentences]


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def row_of(table, label):
    (row,) = [row for row in table.rows if row[0].text == label]
    return row


def label_of(page, table, key):
    return page.mark(table, key).label


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("cluster", packaged().reported)
def test_every_label_leads_to_its_row(study, cluster, lang):
    page, found = opened(study, cluster, lang)
    shown = [str(table(page, found).html) for table in TABLES]
    shown.append(str(findings.development(page, found)._repr_mimebundle_()["text/html"]))
    shown.append(str(tables.sources(page, found.result, found.figures).html))
    shown.append(str(tables.gaps(page, found.result, "development").html))
    html = "".join(shown)
    ids = re.findall(r'id="(source-\w+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#(source-\w+)"', html)) <= set(ids)


#: Every cluster once, those with the most to draw in both languages.
DRAWN = {
    "china-garment": ["en"],
    "shishi-garment": ["zh"],
    "baoying-glass": ["en", "zh"],
    "xiangfan-district": ["en", "zh"],
    "qingshanhu-textile": ["zh"],
    "park-model": ["en"],
}


@pytest.mark.parametrize(("cluster", "lang"), [(key, lang) for key, langs in DRAWN.items() for lang in langs])
def test_every_picture_draws_with_words_and_source(study, cluster, lang):
    assert set(DRAWN) == set(study.reported)
    page, found = opened(study, cluster, lang)
    pictures = [draw(page, found) for draw in PICTURES]
    for picture in pictures:
        if isinstance(picture, Picture):
            assert picture.svg.startswith("<?xml") and len(picture.alt) > 20 and picture.note
        else:
            assert isinstance(picture, NoPicture)
    drawn = [isinstance(picture, Picture) for picture in pictures]
    assert drawn == ([False] * 4 if cluster == "park-model" else [True] * 3 + [cluster == "xiangfan-district"])


def test_the_stage_is_an_interval_and_called_a_judgement(study):
    """Baoying: policy and facilities are there (two of two); ruinous competition denies market norms of stage 2."""
    page, found = opened(study, "baoying-glass")
    formation, radiation = sentences(page, found)[:2]
    assert "judgement" in formation and "judgement" in radiation
    assert "documented up to stage 1 of 3, concentration (集中), ruled out beyond" in formation
    assert "3 of 4 in stage 2 left open; 1 of 4 in stage 2 said to be missing" in formation
    assert "no stage is documented in full" in radiation and "stage 1 of 3, radiation-receiving centre" in radiation
    table = tables.stage_reading(page, found)
    assert "judgement" in table.caption and "judgement" in table.note
    first, second = table.rows
    assert first[1].text == first[2].text == "stage 1 of 3, concentration (集中)"
    assert first[4].text == "market norms: missing"
    assert [source.label for source in first[4].sources] == ["S16"]
    assert second[1].text == "no stage"


def test_a_document_without_a_figure_says_so(study):
    for cluster, told in (("qingshanhu-textile", True), ("xiangfan-district", False)):
        last = sentences(*opened(study, cluster))[-1]
        assert ("print no figure" in last) == told
    assert "prints no statistic" in sentences(*opened(study, "park-model"))[0]


def test_nothing_denied_leaves_the_upper_end_open(study):
    """The opinion of Xiangfan calls no required element missing, so no stage is ruled out."""
    page, found = opened(study, "xiangfan-district")
    table = tables.stage_reading(page, found)
    assert [row[2].text for row in table.rows] == [
        "stage 3 of 3, cluster (集群)",
        "stage 3 of 3, outward-radiating centre (向外辐射中心)",
    ]
    assert {row[4].text for row in table.rows} == {"nothing: it is the last stage"}
    assert "ruled out" in plots.checklist(*opened(study, "baoying-glass")).alt
    assert ", ruled out" not in plots.checklist(page, found).alt


def test_each_place_keeps_its_own_reading(study):
    """Supply among firms: a fairly complete chain by one place, none forming by another; together contested."""
    page, found = opened(study, "baoying-glass")
    rows = texts(tables.checklist(page, found))
    label = label_of(page, "stages", "formation.cluster.industrial-complementarity")
    first = next(i for i, row in enumerate(rows) if row[0] == label)
    said = [rows[first], *(row for row in rows[first + 1 : first + 3] if not row[0])]
    assert rows[first][4] == "contested"
    assert {row[5].split(" · ")[1].split(":")[0] for row in said} == {"partly", "present", "missing"}
    assert all(re.match(r"E\d+ · ", row[5]) and "document 3, line" in row[6] for row in said)
    silent = next(row for row in rows if row[4] == "not said")
    assert silent[5:] == ["", ""]
    assert sum(bool(row[0]) for row in rows) == 44  # 32 required elements and 12 features; the rest is not looked for


def test_the_model_has_a_page_of_its_own(study):
    page, found = opened(study, "park-model")
    table = tables.checklist(page, found)
    assert table == tables.model(page) and len(table.rows) == 73
    assert [row[0].text for row in table.rows[:2]] == ["S1", "S2"]
    assert "model itself" in tables.stage_reading(page, found).empty
    (only,) = sentences(page, found)
    assert "73 elements, 32 of them required" in only
    assert len(tables.gaps(page, found.result, "development").rows) == 4


def test_the_chain_shows_numbers_where_they_are_printed(study):
    """The survey prints 200多家 of glass firms and 2 oxygen plants; no number of technology service firms."""
    page, found = opened(study, "baoying-glass")
    table = tables.chain(page, found)
    oxygen = row_of(table, label_of(page, "value_chain", "baoying-glass.link-oxygen"))
    assert [cell.text for cell in oxygen[1:5]] == ["materials and energy", "oxygen plants", "there", "2 firms"]
    assert oxygen[4].sources[0].slug == "baoying-glass.suppliers.oxygen"
    firms = row_of(table, label_of(page, "value_chain", "baoying-glass.link-glass-firms"))
    assert firms[4].text == "201–299 firms"
    services = row_of(table, label_of(page, "value_chain", "baoying-glass.link-technology-services"))
    assert services[3].text == "lacking" and services[4].text == ""
    alt = plots.chain(page, found).alt
    assert "oxygen plants · there: 2 firms" in alt and "technology service firms · lacking" in alt
    of_chain = next(text for text in sentences(page, found) if text.startswith("Links"))
    assert of_chain.endswith("28, of which 11 are there, 7 weak, 8 planned and 2 lacking.")


def test_a_problem_without_an_instrument_is_said(study):
    """The survey names the exchange rate as a risk and recommends nothing about it."""
    page, found = opened(study, "baoying-glass")
    rate = row_of(tables.problems(page, found), label_of(page, "problems", "baoying-glass.problem-exchange-rate"))
    assert rate[3].text == "no instrument" and not rate[3].sources
    alt = plots.answers(page, found).alt
    label = label_of(page, "problems", "baoying-glass.problem-exchange-rate")
    assert next(part for part in alt.split("; ") if part.startswith(f"{label} ")).endswith("no instrument")
    counts = [text for text in sentences(page, found) if text.startswith("Problems named")]
    assert "44, of which 16 without" in counts[0] and "our reading" in counts[0]
    assert "our reading" in tables.problems(page, found).note


def test_what_acts_across_clusters_names_the_cluster(study):
    """The article's advice to all garment clusters acts on problems of Shishi: shown on both pages."""
    page, found = opened(study, "shishi-garment")
    brands = label_of(page, "instruments", "china-garment.measure-brands")
    assert row_of(tables.instruments(page, found), brands)[1].text.endswith("[of China's garment clusters]")
    few = row_of(tables.problems(page, found), label_of(page, "problems", "shishi-garment.problem-few-brand-firms"))
    assert brands in [source.label for source in few[3].sources]
    page, found = opened(study, "china-garment")
    theirs = [
        text[1] for text in texts(tables.problems(page, found)) if text[1].endswith("[of Shishi garment cluster]")
    ]
    assert len(theirs) == 11  # low technology, grade, value added, information, four on brands, three on talent
    assert any(text.startswith("Problems named: 13,") for text in sentences(page, found))  # its own only


def test_growth_and_money_by_hand(study):
    page, found = opened(study, "xiangfan-district")
    grid = {row[0].text: [cell.text for cell in row[1:-1]] for row in tables.growth(page, found).rows}
    half = grid["5 billion CNY a year"]
    # 2 ** (1 / t) - 1 for 1, 2, 3, 5, 10 years: 100, 41.42, 25.99, 14.87, 7.177 %; rounded towards the open side.
    assert half == ["50%", "≥ 100%", "≥ 41.4%", "≥ 25.9%", "≥ 14.8%", "≥ 7.17%"]
    assert grid["1 billion CNY a year"][1] == "≥ 900%"  # tenfold in a year
    shares = [[cell.text for cell in row] for row in tables.money(page, found).rows]
    # 500,000 / 10 billion; 500,000 / 30 billion.
    assert [row[2] for row in shares] == ["at most 0.005%"] * 3 + ["at most 0.00167%"]
    assert shares[0][3] == "at most 0.5 CNY" and shares[3][3] == "at most 0.167 CNY"
    growth, money = sentences(page, found)[-2:]
    assert "without a printed baseline: 3" in growth and "at least 14.8% a year" in growth
    assert "at most 0.00167%" in money
    picture = plots.growth(page, found)
    assert "from 5 billion CNY a year in 5 years ≥ 14.8%" in picture.alt
    assert len(re.findall(r"\d+", picture.note)) == 3  # the three printed targets


def test_targets_are_no_achievements(study):
    page, found = opened(study, "xiangfan-district")
    rows = texts(tables.targets(page, found))
    assert [row[4] for row in rows] == ["targeted"] * 3 + ["planned"]
    assert {row[6] for row in rows} == {"none printed"}
    assert rows[0][3] == "≥ 10 billion CNY a year" and "stripped" in rows[0][5]
    plan = sentences(*opened(study, "shishi-garment"))[-1]
    assert plan.startswith("Plans printed: 1;")


def test_a_given_baseline_needs_no_grid(study):
    """From 4 billion to more than 10 billion in 5 years: 2.5 ** 0.2 - 1 is 20.11 %."""
    page, found = opened(study, "xiangfan-district", baseline=4e9, years=5)
    (row,) = tables.growth(page, found).rows
    assert [cell.text for cell in row[:-1]] == ["4 billion CNY a year", "40%", "≥ 20.1%"]
    assert isinstance(plots.growth(page, found), NoPicture)
    assert any("baseline assumed, 4 billion" in text and "at least 20.1%" in text for text in sentences(page, found))
    assert "target_baseline" in lacking(page, found)


def test_a_printed_baseline_is_cited(tmp_path):
    """From 20多亿 (2 to 3 billion) to more than 10 billion: at least (10 / 3) ** 0.2 - 1, 27.23 %."""
    figure, path = "baoying-glass.production-sales", copied(tmp_path) / "targets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    next(row for row in rows if row["target"].endswith("car-parts-output"))["baseline"] = figure
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    study = Study.load(path.parent)
    page, found = opened(study, "xiangfan-district")
    rows = tables.growth(page, found).rows
    printed = next(row for row in rows if row[1].sources)
    assert printed[1].sources[0].slug == figure and "≥ 27.2%" in [cell.text for cell in printed]
    assert any("From the printed baseline" in text and "at least 27.2%" in text for text in sentences(page, found))
    assert "target_baseline" not in lacking(page, found)


def lacking(page, found):
    told = {row[0].text for row in tables.gaps(page, found.result, "development").rows}
    keys = ("evidence", "chain", "problems", "target_baseline")
    return {key for key in keys if labels.text(f"missing.{key}", page.lang) in told}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_study_without_words_says_so(tmp_path, lang):
    folder = copied(tmp_path)
    for table in NEW:
        (folder / f"{table}.csv").unlink()
    study = Study.load(folder)
    for cluster in ("baoying-glass", "park-model"):
        page, found = opened(study, cluster, lang)
        (only,) = sentences(page, found)
        assert ("nothing is said" in only) if lang == "en" else ("不说明" in only)
        for table in TABLES:
            shown = table(page, found)
            assert not shown.rows and shown.empty and shown.caption
        assert all(isinstance(draw(page, found), NoPicture) for draw in PICTURES)
        assert lacking(page, found) == {"evidence", "chain", "problems", "target_baseline"}
        assert not tables.sources(page, found.result, found.figures).rows


def test_lines_fit_their_boxes():
    for text in (
        "industry, university and research cooperation",
        "中小企业产品研发服务，含检验检测",
        "汽车4S店 of Dongfeng",
    ):
        lines = _wrapped(text, SIGNS)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(len(line.encode("gbk")) * 0.54 <= SIGNS for line in lines)
        assert not any(line.startswith("，") for line in lines)
    assert _short("A problem that is told at length", 16) == "A problem …"
    assert _short("short", 16) == "short"
