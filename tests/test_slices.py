"""A report about a cluster sees only what concerns it: the page is the same, and other rows cannot change it."""

import ast
import importlib
import json
import pkgutil
import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from studies import bare

from clusterlib import paths, plots
from clusterlib.check import ALL_TABLES, STATEMENTS
from clusterlib.display import Picture
from clusterlib.errors import InputError
from clusterlib.labels import LANGS
from clusterlib.page import LETTERS, open_page, page_of
from clusterlib.parameters import notebook_path, reads
from clusterlib.study import Study

CLUSTERS = ("china-garment", "shishi-garment", "baoying-glass", "xiangfan-district", "qingshanhu-textile", "park-model")
WITHIN_CLUSTER = (
    "01_figures", "02_concentration", "03_performance", "04_size_distribution", "05_claims", "06_development",
)  # fmt: skip
OWN = [name for name in STATEMENTS if name != "stages"]


@cache
def packaged():
    return Study.load()


@cache
def within(cluster):
    return packaged().within(cluster)


def shown(notebook, cluster, monkeypatch, languages=LANGS):
    """All words that the code cells of a notebook show, run here; the labels of the statements that it may cite."""
    study = packaged()
    monkeypatch.setattr(Study, "load", lambda folder="": study)
    names, expressions = {}, []
    for cell in json.loads(notebook_path(notebook).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"])).body
        if isinstance(body[-1], ast.Expr):
            expressions.append(compile(ast.Expression(body.pop().value), notebook, "eval"))
        exec(compile(ast.Module(body, []), notebook, "exec"), names)
        if "parameters" in cell["metadata"]["tags"]:
            names["cluster"] = cluster
    assert len(expressions) > 5
    seen, labels = [], {}
    for lang in languages:  # what is computed does not know the language
        names["page"] = page_of(names["page"].study, cluster, lang)
        seen += [words for each in expressions for words in strings(eval(each, names)._repr_mimebundle_())]
        labels |= {(lang, *place): label for place, label in labels_of(names["page"]).items()}
    return seen, labels


def strings(bundle):
    match bundle:
        case str():
            yield str(bundle)
        case dict():
            for value in bundle.values():
                yield from strings(value)
        case _:
            for value in bundle:
                yield from strings(value)


def labels_of(page):
    return {(table, key): source.label for table, marks in page.marks.items() for key, source in marks.items()}


def both(notebook, cluster, monkeypatch, languages=LANGS):
    """What a notebook shows within the cluster, and what it shows with the whole study.

    Statements of other clusters that a page cites are numbered among those that it may cite, so that their labels
    are smaller within the cluster. What stands behind each label, and their order, must be the same.
    """
    seen, labels = shown(notebook, cluster, monkeypatch, languages)
    with monkeypatch.context() as patched:
        patched.setattr(Study, "within", lambda study, cluster: study)
        expected, before = shown(notebook, cluster, monkeypatch, languages)
    assert labels.keys() <= before.keys()
    told = {before[place]: label for place, label in labels.items()}
    pattern = re.compile(rf"(?<![A-Za-z0-9])[{''.join(LETTERS.values())}][0-9]+(?![0-9])")
    return seen, [pattern.sub(lambda found: told.get(found[0], found[0]), words) for words in expected]


@pytest.fixture
def undrawn(monkeypatch):
    """Pictures with all their words and no drawing, which is slow."""

    def words_alone(page, draw, height, alt, slugs, width=0):
        return Picture("", alt, page.note(slugs))

    for module in pkgutil.iter_modules(plots.__path__):
        found = importlib.import_module(f"clusterlib.plots.{module.name}")
        if hasattr(found, "picture"):
            monkeypatch.setattr(found, "picture", words_alone)


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("notebook", WITHIN_CLUSTER)
def test_a_page_shows_what_it_shows_with_the_whole_study(notebook, cluster, monkeypatch, undrawn):
    seen, expected = both(notebook, cluster, monkeypatch)
    assert seen == expected


@pytest.mark.parametrize("notebook", ["01_figures", "06_development"])
def test_a_page_draws_what_it_draws_with_the_whole_study(notebook, monkeypatch):
    # matplotlib names a clip after the last bits of its frame, which are not the same in every run.
    seen, expected = (
        [re.sub(r"\bp[0-9a-f]{10}\b", "clip", words) for words in each]
        for each in both(notebook, "shishi-garment", monkeypatch, ["zh"])
    )
    assert seen == expected and any("<svg" in words for words in seen)


def test_these_are_all_the_pages():
    assert tuple(packaged().reported) == CLUSTERS
    tagged = [path.stem for path in sorted(paths.NOTEBOOKS.glob("*.ipynb")) if reads(path) == "cluster"]
    assert tuple(tagged) == WITHIN_CLUSTER


def test_only_a_notebook_that_says_so_reads_one_cluster(monkeypatch):
    study = packaged()
    monkeypatch.setattr(Study, "load", lambda folder="": study)
    assert open_page("05_claims", cluster="shishi-garment", lang="en").study.about == "shishi-garment"
    assert open_page("07_comparison", cluster="shishi-garment", lang="en").study.about == ""


def test_without_the_tag_a_notebook_reads_the_study(tmp_path):
    content = json.loads(notebook_path("01_figures").read_text(encoding="utf-8"))
    (cell,) = [each for each in content["cells"] if "parameters" in each["metadata"]["tags"]]
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert reads(path) == "cluster"
    cell["metadata"]["tags"].remove("reads-cluster")
    path.write_text(json.dumps(content), encoding="utf-8")
    assert reads(path) == "study"
    cell["metadata"]["tags"].clear()
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine.ipynb: given 0 cells tagged parameters; allowed: one"):
        reads(path)


def test_an_unknown_cluster_is_told_with_every_known_one(monkeypatch):
    study = packaged()
    monkeypatch.setattr(Study, "load", lambda folder="": study)
    with pytest.raises(InputError, match=r"'baoying-glas' \(did you mean 'baoying-glass'.*china-garment.*park-model"):
        open_page("01_figures", cluster="baoying-glas", lang="en")
    with pytest.raises(InputError, match=r"'baoying-glas' \(did you mean 'baoying-glass'"):
        packaged().within("baoying-glas")


def test_within_the_same_cluster_is_the_same_and_within_another_an_error():
    slice_ = within("shishi-garment")
    assert slice_.within("shishi-garment") is slice_
    # Its document names the other cluster, but little of what concerns that one is here.
    with pytest.raises(InputError, match=r"'china-garment', in a study within 'shishi-garment'; allowed"):
        slice_.within("china-garment")


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_rows_stand_as_in_the_study(cluster):
    study, slice_ = packaged(), within(cluster)
    for name in ALL_TABLES:
        whole, part = getattr(study, name), getattr(slice_, name)
        key = whole.columns[0]
        there = whole[whole[key].isin(part[key])].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, there, check_exact=True)
        assert list(part.dtypes) == list(whole.dtypes)
    for table in OWN:
        assert list(slice_.said(table, cluster).iloc[:, 0]) == list(study.said(table, cluster).iloc[:, 0])
    assert list(slice_.printed_beside(cluster)["figure"]) == list(study.printed_beside(cluster)["figure"])
    assert slice_.documents_of(cluster) == study.documents_of(cluster)
    assert len(slice_.figures) < len(study.figures) and len(slice_.claims) < len(study.claims)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_every_name_in_a_row_is_there(cluster):
    """As a study of its own the slice is sound: no row names one that is missing."""
    from clusterlib.check.files import foreign_faults

    slice_ = within(cluster)
    tables = {}
    for name in ALL_TABLES:
        cells = getattr(slice_, name).astype(object).to_dict("records")
        tables[name] = [(line, {key: str(value) for key, value in row.items()}) for line, row in enumerate(cells, 2)]
    assert list(foreign_faults(tables)) == []


def otherwise(value):
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case _:
            return 1 if pd.isna(value) else value + 1


def with_rows(study, name, rows):
    """A study with other rows in one table."""
    old = getattr(study, name)
    return replace(study, **{name: pd.DataFrame(rows, columns=old.columns).astype(dict(old.dtypes))})


def records(frame):
    return frame.astype(object).to_dict("records")


def with_cell(study, name, key, column):
    frame = getattr(study, name).copy()
    (index,) = frame.index[frame.iloc[:, 0] == key]
    frame.at[index, column] = otherwise(frame.astype(object).at[index, column])
    return replace(study, **{name: frame})


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_rows_that_do_not_concern_it_change_nothing(cluster):
    study, digest = packaged(), within(cluster).digest
    changed, fewer, more = study, study, study
    outside = 0
    for name in ALL_TABLES:
        inside = set(getattr(within(cluster), name).iloc[:, 0])
        rows = records(getattr(study, name))
        key = next(iter(rows[0]))
        others = [row for row in rows if row[key] not in inside]
        outside += len(others)
        changed = with_rows(changed, name, [
            row if row[key] in inside else {column: otherwise(value) for column, value in row.items()} for row in rows
        ])  # fmt: skip
        fewer = with_rows(fewer, name, [row for row in rows if row[key] in inside])
        more = with_rows(more, name, [*({**row, key: f"{row[key]}-too"} for row in others), *rows])
    assert outside > 100
    for other in (changed, fewer, more):
        assert other.within(cluster).digest == digest


@pytest.mark.parametrize("table", ALL_TABLES)
def test_any_cell_of_its_rows_changes_the_digest(table):
    cluster = "xiangfan-district" if table == "targets" else "shishi-garment"
    slice_ = within(cluster)
    frame = getattr(slice_, table)
    own = frame[frame["cluster"] == cluster] if "cluster" in frame else frame
    key = own.iloc[-1, 0]
    digests = {slice_.digest}
    for column in frame.columns:
        if (table, column) != ("clusters", "cluster"):
            digests.add(with_cell(packaged(), table, key, column).within(cluster).digest)
    assert len(digests) == len(frame.columns) + (table != "clusters")


def with_figure(study, like, **cells):
    rows = records(study.figures)
    (row,) = [row for row in rows if row["figure"] == like]
    return with_rows(study, "figures", [*rows, {**row, "figure": "added", **cells}])


def test_a_figure_that_its_document_prints_about_another_changes_the_digest():
    study = packaged()
    like = study.printed_beside("baoying-glass")["figure"].iloc[0]
    more = with_figure(study, like)
    changed = [each for each in CLUSTERS if more.within(each).digest != within(each).digest]
    assert changed == ["baoying-glass"]
    assert "added" in page_of(more.within("baoying-glass"), "baoying-glass", "en").sources


def test_a_figure_of_its_own_changes_its_page_and_those_it_stands_beside():
    study = packaged()
    more = with_figure(study, study.figures_of("shishi-garment")["figure"].iloc[0])
    changed = [each for each in CLUSTERS if more.within(each).digest != within(each).digest]
    assert changed == ["china-garment", "shishi-garment"]


def test_order_matters_where_the_page_shows_it():
    rows = records(packaged().figures)
    turned = with_rows(packaged(), "figures", rows[::-1])
    assert turned.within("baoying-glass").digest != within("baoying-glass").digest
    assert turned.within("park-model").digest == within("park-model").digest  # it has none


def test_what_a_row_names_in_another_document_is_there():
    """A claim of one cluster held against a figure that another document prints about another one."""
    claims = records(packaged().claims)
    (claim,) = [
        row for row in claims if row["claim"] == packaged().said("claims", "qingshanhu-textile")["claim"].iloc[0]
    ]
    claim["bound_figure"] = "xiangfan-district.fund"
    slice_ = with_rows(packaged(), "claims", claims).within("qingshanhu-textile")
    assert list(slice_.figures["figure"]) == ["xiangfan-district.fund"]
    assert "xiangfan-district" in set(slice_.clusters["cluster"])
    page = page_of(slice_, "qingshanhu-textile", "en")
    assert "document 4" in page.sources["xiangfan-district.fund"].hover
    assert slice_.printed_beside("qingshanhu-textile").empty


def test_instruments_of_others_that_act_on_its_problems_are_there():
    instruments = records(packaged().instruments)
    problem = packaged().said("problems", "baoying-glass")["problem"].iloc[0]
    (far,) = [
        row
        for row in instruments
        if row["instrument"] == packaged().said("instruments", "xiangfan-district")["instrument"].iloc[0]
    ]
    far["answers"] = f"{far['answers']} {problem}".strip()
    study = with_rows(packaged(), "instruments", instruments)
    assert far["instrument"] in set(study.within("baoying-glass").instruments["instrument"])
    assert problem in set(study.within("xiangfan-district").problems["problem"])


def test_the_model_is_there_for_those_who_are_held_against_it():
    study = packaged()
    evidence = [row for row in records(study.evidence) if row["cluster"] != "qingshanhu-textile"]
    unheld = with_rows(study, "evidence", evidence)
    assert unheld.within("qingshanhu-textile").stages.empty
    assert len(unheld.within("shishi-garment").stages) == len(study.stages)
    assert len(within("park-model").stages) == len(study.stages)


def test_a_study_of_figures_alone(tmp_path):
    study = bare(tmp_path / "data")
    slice_ = study.within("shishi-garment")
    assert len(slice_.figures) == 23 and all(getattr(slice_, name).empty for name in STATEMENTS)
    assert slice_.digest != within("shishi-garment").digest


def test_two_clusters_that_share_all_rows_have_digests_of_their_own():
    study = packaged()
    for name in OWN:
        study = with_rows(study, name, [])
    slices = [study.within(each) for each in ("china-garment", "shishi-garment")]
    assert slices[0].figures.equals(slices[1].figures) and slices[0].clusters.equals(slices[1].clusters)
    assert slices[0].digest != slices[1].digest
