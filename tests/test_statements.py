"""Tables of what documents say in words: every fault named with its place, and the tables may be missing."""

import csv

import pytest
from places import source
from studies import bare, changed

from clusterlib import paths
from clusterlib.check import STATEMENTS, check
from clusterlib.study import Study


@pytest.fixture(scope="module")
def study():
    return Study.load()


CHAIN = "baoying-glass.chain-complete"
TOTAL = "baoying-glass.total-against-counts"
#: table, key, column, value -> column of the fault, words in it.
FAULTS = {
    "unknown measure": (("claims", CHAIN, "measure", "linkz"), "measure", "a measure of the result table"),
    "no measure": (("claims", CHAIN, "measure", ""), "measure", "the measure that is compared"),
    "unknown comparison": (("claims", CHAIN, "comparison", "beats"), "comparison", "one of above, at_least"),
    "no comparison": (("claims", CHAIN, "comparison", ""), "comparison", "how the measure must stand"),
    "no bound": (("claims", CHAIN, "bound", ""), "bound", "one bound for at_most"),
    "a bound that is no number": (("claims", CHAIN, "bound", "none"), "bound", "a number"),
    "no yardstick": (("claims", TOTAL, "bound_figure", ""), "bound", "bound and bound_high, or bound_figure"),
    "yardstick that is no figure": (("claims", TOTAL, "bound_figure", "nothing"), "bound_figure", "figures.csv"),
    "yardstick without interval": (
        ("claims", TOTAL, "bound_figure", "baoying-glass.growth-firms.production-sales"),
        "bound_figure",
        "a figure with an interval",
    ),
    "claim on nobody": (("claims", CHAIN, "cluster", "baoying"), "cluster", "clusters.csv"),
    "contradiction of another document": (
        ("claims", CHAIN, "contradicts", "qingshanhu-textile.dyeing-exists"),
        "contradicts",
        "another claim of the same document",
    ),
    "one-sided contradiction": (
        ("claims", CHAIN, "contradicts", "baoying-glass.many-firms"),
        "contradicts",
        f"a claim that names {CHAIN}",
    ),
    "reading of a reading": (
        ("claims", f"{CHAIN}.weak", "reading_of", f"{CHAIN}.weak"),
        "reading_of",
        "itself no reading",
    ),
    "nothing would decide it": (("claims", "baoying-glass.price-low", "needs", ""), "needs", "what would decide"),
    "place outside the document": (("claims", CHAIN, "start", "12"), "start", "inside the document, 4392 to 7650"),
    "term longer than its place": (("claims", CHAIN, "end", "5261"), "term", "a term inside the"),
    "term too long": (("claims", CHAIN, "term", "产" * 13), "term", ""),
    "unknown state": (("value_chain", "baoying-glass.link-oxygen-plants", "state", "had"), "state", "one of has"),
    "unknown category": (("problems", "*", "category", "weather"), "category", "one of scale"),
    "answer to no problem": (("instruments", "*", "answers", "all-of-them"), "answers", "keys of problems.csv"),
    "money that is no figure": (("instruments", "*", "money", "a-lot"), "money", "figures.csv"),
    "target that is observed": (
        ("targets", "*", "figure", "baoying-glass.production-sales"), "figure", "planned or a target",
    ),
    "baseline that is a plan": (
        ("targets", "*", "baseline", "shishi-garment.mall-floor-area"), "baseline", "an observed figure",
    ),
    "element unknown": (("evidence", "*", "element", "formation.luck"), "element", "stages.csv"),
    "silent with a place": (("evidence", "*", "state", "silent"), "state", "blank place"),
    "two orders for one stage": (("stages", "*", "order", "3"), "order", "one order a stage"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "column", "words"), FAULTS.values(), ids=FAULTS)
def test_fault_is_named_with_its_place(study, tmp_path, change, column, words):
    table, key, changed_column, value = change
    if key == "*":
        key = getattr(study, table).iloc[0, 0]
    elif key not in set(getattr(study, table).iloc[:, 0]):
        key = getattr(study, table).loc[lambda frame: frame["cluster"] == "baoying-glass"].iloc[0, 0]
    folder = changed(tmp_path / "data", (table, key, changed_column, value))
    line = 2 + list(getattr(study, table).iloc[:, 0]).index(key)
    faults = check(folder)
    # One wrong cell may be wrong for another row as well, as a contradiction is for its partner.
    assert any(
        (fault.file, fault.row, fault.column) == (f"{table}.csv", line, column) and words in fault.allowed
        for fault in faults
    ), [str(fault) for fault in faults]


def test_silent_beside_another_row(study, tmp_path):
    evidence = study.evidence[study.evidence["state"] == "silent"].iloc[0]
    placed = study.evidence[(study.evidence["state"] != "silent") & (study.evidence["cluster"] == evidence["cluster"])]
    folder = changed(tmp_path / "data", ("evidence", placed.iloc[0]["evidence"], "element", evidence["element"]))
    assert any("silent alone" in fault.allowed for fault in check(folder))


def test_evidence_without_a_model(tmp_path):
    folder = changed(tmp_path / "data", without=["stages"])
    (fault,) = check(folder)
    assert (fault.file, fault.column) == ("evidence.csv", "element") and "stages.csv" in fault.allowed


def test_a_table_that_cannot_be_read_is_the_only_fault(tmp_path):
    """Nothing that refers to it is called wrong."""
    for table in STATEMENTS:
        folder = changed(tmp_path / table)
        path = folder / f"{table}.csv"
        path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
        (fault,) = check(folder)
        assert fault.file == f"{table}.csv" and "not UTF-8" in fault.found


@pytest.mark.parametrize("table", [table for table in STATEMENTS if table != "stages"])
def test_any_of_the_tables_may_be_missing(tmp_path, table):
    without = {"problems": ["problems", "instruments"]}.get(table, [table])
    study = Study.load(changed(tmp_path / "data", without=without))
    assert getattr(study, table).empty


def test_a_study_of_figures_alone(tmp_path):
    study = bare(tmp_path / "data")
    for table in STATEMENTS:
        frame = getattr(study, table)
        assert frame.empty and "document" in frame


def test_term_that_does_not_stand_there(study, tmp_path):
    folder = changed(tmp_path / "data", ("claims", CHAIN, "term", "创新"))
    (fault,) = check(folder, source())
    assert fault.column == "term" and "a term that stands between" in fault.allowed


def test_line_that_is_wrong(study, tmp_path):
    folder = changed(tmp_path / "data", ("problems", study.problems.iloc[0, 0], "line", "1"))
    (fault,) = check(folder, source())
    assert (fault.file, fault.column) == ("problems.csv", "line")


def test_every_statement_has_a_place_and_a_term(study):
    for table in STATEMENTS:
        frame = getattr(study, table)
        placed = frame[frame["state"] != "silent"] if table == "evidence" else frame
        assert placed["start"].notna().all() and (placed["term"] != "").all() and placed["line"].notna().all(), table


def test_own_words_in_both_languages(study):
    for table in STATEMENTS:
        frame = getattr(study, table)
        assert (
            frame["zh"].str.contains(r"[\u4e00-\u9fff]").all()
            and not frame["en"].str.contains(r"[\u4e00-\u9fff]").any()
        ), table
        for column in [name for name in frame if name.endswith("_zh")]:
            english = frame[column.removesuffix("_zh")]
            assert ((english == "") == (frame[column] == "")).all(), (table, column)


def test_keys_are_plain_and_in_the_order_of_the_documents(study):
    order = {key: i for i, key in enumerate(study.documents["document"])}
    for table in STATEMENTS:
        frame = getattr(study, table)
        placed = frame[frame["start"].notna()]
        places = [(order[row["document"]], row["start"]) for _, row in placed.iterrows()]
        assert places == sorted(places), table


def test_evidence_is_complete(study):
    """Every cluster and every element that is required or a feature: something is said, or silence is."""
    looked = {(row["cluster"], row["element"]) for _, row in study.evidence.iterrows()}
    wanted = study.stages.loc[study.stages["aspect"].isin(["required", "feature"]), "element"]
    assert looked == {(cluster, element) for cluster in study.of_kind("cluster") for element in wanted}


def test_evidence_comes_from_the_documents_of_the_cluster(study):
    for _, row in study.evidence[study.evidence["state"] != "silent"].iterrows():
        assert row["document"] in study.documents_of(row["cluster"])


# Typed from document 2 by hand.
REQUIRED = {
    ("formation", "concentration"): ["政策环境", "设施配套"],
    ("formation", "agglomeration"): ["区位优势", "产业基础", "市场规范", "服务配套"],
    ("formation", "cluster"): ["人文环境", "集群特色", "产业配套", "创新企业家"],
}


@pytest.mark.parametrize(("stage", "terms"), REQUIRED.items())
def test_required_elements_of_the_model(study, stage, terms):
    frame = study.stages
    found = frame[(frame["track"] == stage[0]) & (frame["stage"] == stage[1]) & (frame["aspect"] == "required")]
    assert len(found) == len(terms)
    for term, shown in zip(terms, found["term"], strict=True):
        assert term in shown or shown in term


def test_stages_of_the_model(study):
    stages = {track: list(dict.fromkeys(part["stage"])) for track, part in study.stages.groupby("track", sort=False)}
    assert stages == {
        "formation": ["concentration", "agglomeration", "cluster"],
        "radiation": ["receiving_centre", "inward_centre", "outward_centre"],
    }


def test_targets_are_five_and_no_observation(study):
    targets = study.targets.set_index("figure")
    status = study.figures.set_index("figure")["status"]
    assert set(targets.index) == {
        "xiangfan-district.auto-parts.output-target", "xiangfan-district.textile-food.output-target",
        "xiangfan-district.logistics.output-target", "xiangfan-district.fund", "shishi-garment.mall-floor-area",
    }  # fmt: skip
    assert set(status[targets.index]) == {"target", "planned"}
    assert (targets["baseline"] == "").all()  # none is printed


def test_suppliers_of_the_chain_carry_their_counts(study):
    chain = study.value_chain.set_index("figure")
    for group, term in (("oxygen", "氧气厂"), ("tubes", "棒管"), ("cartons", "纸箱"), ("printing", "彩印")):
        row = chain.loc[f"baoying-glass.suppliers.{group}"]
        assert row["state"] == "has" and row["position"] in (1, 2, 4) and (row["term"] in term or term in row["term"])


def test_hostile_text_is_only_text(tmp_path):
    words = "<script>alert('x')</script> \"; DROP TABLE claims; --"
    folder = changed(tmp_path / "data", ("claims", CHAIN, "en", words))
    assert check(folder) == []
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as file:
        assert words in {row["en"] for row in csv.DictReader(file)}


def test_packaged_tables_are_sound_against_the_source():
    assert check(paths.DATA, source()) == []
