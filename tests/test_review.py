"""What the reader finds beside what a study has: by place, by words and order, by digest, name or key."""

import csv
import hashlib
import io
import json

import pytest
from places import source
from studies import figures_alone

from clusterlib import check
from clusterlib.cli import main
from clusterlib.errors import InputError
from clusterlib.extraction.files import read_file
from clusterlib.review import COMPARED, review, summary
from clusterlib.study import Study

#: A text of our own, and what a study of it says: words, value, low, high, unit, rule, indicator, document, threshold.
FIRST = "第1篇：甲镇\n甲镇有玻璃企业20多家，其中年销售500万元以上的企业8家，\n还建成2个园区。\n"
SECOND = "第2篇：乙县\r\n乙县有玻璃企业60家。\r\n"
TEXT = FIRST + SECOND
FIGURES = {
    "firms": ("20多家", 20, 21, 29, "firm", "more_than", "firms", "first", ""),
    "large": ("8家", 8, 8, 8, "firm", "exact", "firms", "first", 5_000_000),
    "second-firms": ("60家", 60, 60, 60, "firm", "exact", "firms", "second", ""),
}


def run(capsys, *arguments):
    code = main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def write(folder, table, rows):
    """Rows of a study's own table, in the columns of the schema."""
    columns = list(check.fields(table))
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def made(folder, **changes):
    """A small study of the text, `changes` being cells of figures to set: {figure: {column: cell}}."""
    figures_alone(folder)
    digest = hashlib.sha256(TEXT.encode("utf-8")).hexdigest()
    second = TEXT.index("第2篇")
    spans = {"first": (0, second), "second": (second, len(TEXT))}
    names = {"title": "t", "title_en": "t", "kind": "report", "language": "zh", "source": "towns.txt", "sha256": digest}
    write(folder, "documents", [
        {"document": key, "number": number, "start": start, "end": end} | names
        for number, (key, (start, end)) in enumerate(spans.items(), 1)
    ])  # fmt: skip
    cluster = {
        "cluster": "glass",
        "en": "Glass",
        "zh": "玻璃",
        "kind": "cluster",
        "level": "town",
        "document": "first",
        "inferred": "no",
    }
    write(folder, "clusters", [cluster | {"place": "x", "place_zh": "甲", "industry": "glass", "industry_zh": "玻璃"}])
    rows = []
    for key, (printed, value, low, high, unit, rule, indicator, document, threshold) in FIGURES.items():
        start = TEXT.index(printed)
        rows.append({
            "figure": key, "document": document, "start": start, "end": start + len(printed),
            "line": TEXT.count("\n", 0, start) + 1, "printed": printed, "cluster": "glass", "scope": "s",
            "scope_zh": "s", "indicator": indicator, "group": "at_least" if threshold else "all",
            "threshold": threshold, "threshold_unit": "CNY" if threshold else "",
            "threshold_indicator": "sales" if threshold else "", "threshold_rule": "at_least" if threshold else "",
            "kind": "threshold_count" if threshold else "count", "status": "observed", "value": value, "low": low,
            "high": high, "unit": unit, "rule": rule,
        } | changes.get(key, {}))  # fmt: skip
    write(folder, "figures", rows)
    return folder


@pytest.fixture
def data(tmp_path):
    return made(tmp_path / "data")


@pytest.fixture
def towns(tmp_path):
    path = tmp_path / "towns.txt"
    path.write_bytes(TEXT.encode("utf-8"))
    return path


def compared(data, path):
    return review(Study.load(data), *read_file(path), path)


def by_key(result):
    return {row.figure or row.read_printed: row for row in result.rows}


def test_found_missed_and_extra_by_place(data, towns):
    result = compared(data, towns)
    assert (result.known_by, result.same_text, result.documents) == ("sha256", True, ["first", "second"])
    rows = by_key(result)
    assert {key: row.outcome for key, row in rows.items()} == {
        "firms": "found", "large": "found", "2个": "extra", "second-firms": "found",
    }  # fmt: skip
    assert all(not row.differs for row in result.rows)
    assert all(TEXT[row.start : row.end] == (row.printed or row.read_printed) for row in result.rows)
    assert [(row.document, row.line) for row in result.rows] == [
        ("first", 2),
        ("first", 2),
        ("first", 3),
        ("second", 5),
    ]
    assert rows["large"].threshold == rows["large"].read_threshold == 5e6
    assert (rows["2个"].value, rows["2个"].unit, rows["2个"].read_value) == (None, "", 2)


def test_differences_are_named(tmp_path, towns):
    change = {"unit": "shop", "indicator": "shops"}
    longer = {"printed": "有玻璃企业20多家", "start": TEXT.index("有玻璃企业20"), "end": TEXT.index("20多家") + 4}
    data = made(tmp_path / "data", **{"second-firms": change, "large": {"threshold": 6_000_000}})
    rows = by_key(compared(data, towns))
    assert rows["second-firms"].differs == "unit" and rows["large"].differs == "threshold"
    # A row whose words reach further overlaps.
    study = Study.load(data)
    for column, cell in longer.items():
        study.figures.loc[study.figures["figure"] == "firms", column] = cell
    result = review(study, *read_file(towns), towns)
    rows = by_key(result)
    assert (rows["firms"].outcome, rows["firms"].differs) == ("found", "printed")
    assert summary([result]).splitlines()[2:4] == [
        "       2          2       0      1  first",
        "       1          1       0      0  second",
    ]
    assert "  different second line 5: 60家 (second-firms): unit shop, read firm" in summary([result])
    assert "large): threshold 6000000, read 5000000" in summary([result])


def test_a_figure_of_two_clusters_is_found_twice(data, towns):
    study = Study.load(data)
    again = study.figures[study.figures["figure"] == "firms"].assign(figure="again")
    study.figures.loc[len(study.figures)] = again.iloc[0]
    rows = by_key(review(study, *read_file(towns), towns))
    assert rows["firms"].outcome == rows["again"].outcome == "found"


def test_a_figure_that_the_reader_does_not_have(data, towns):
    text, candidates = read_file(towns)
    result = review(Study.load(data), text, [each for each in candidates if each.printed != "8家"], towns)
    missed = by_key(result)["large"]
    assert (missed.outcome, missed.line, missed.read_printed, missed.read_value) == ("missed", 2, "", None)
    assert "  missed    first line 2: 8家 (large)" in summary([result])


def test_another_version_is_matched_by_words_and_order(data, towns):
    version = "序。\n" + TEXT.replace("60家", "６0 家").replace("8家", "9家").replace("甲镇有", "甲镇今有")
    towns.write_bytes(version.encode("gbk"))
    result = compared(data, towns)
    assert (result.known_by, result.same_text) == ("source", False)
    assert [(row.document, row.outcome, row.printed or row.read_printed) for row in result.rows] == [
        ("first", "found", "20多家"), ("first", "missed", "8家"), ("first", "extra", "9家"), ("first", "extra", "2个"),
        ("second", "found", "60家"),
    ]  # fmt: skip
    rows = by_key(result)
    assert (rows["large"].line, rows["large"].start) == (None, None)
    assert version[rows["second-firms"].start : rows["second-firms"].end] == "６0 家"
    told = summary([result])
    assert "another version of the text: figures matched by words and order" in told
    assert "missed    first place unknown: 8家 (large)" in told


def test_words_that_reach_further_in_another_version(tmp_path, towns):
    data = made(tmp_path / "data")
    study = Study.load(data)
    study.figures.loc[study.figures["figure"] == "firms", "printed"] = "玻璃企业20多家"
    towns.write_text("序。" + TEXT, encoding="utf-8")
    row = by_key(review(study, *read_file(towns), towns))["firms"]
    assert (row.outcome, row.differs, row.read_printed) == ("found", "printed", "20多家")


def test_one_row_out_of_place_does_not_make_another_version(data, towns):
    study = Study.load(data)
    study.figures.loc[study.figures["figure"] == "large", ["start", "end"]] = [0, 2]
    result = review(study, *read_file(towns), towns)
    assert result.same_text and by_key(result)["large"].outcome == "found"


def test_known_by_name_or_key(data, tmp_path, towns):
    other = tmp_path / "second.txt"
    other.write_text("乙县有玻璃企业60家。", encoding="utf-8")
    result = compared(data, other)
    assert (result.known_by, result.same_text, result.documents) == ("document", False, ["second"])
    assert [row.outcome for row in result.rows] == ["found"]
    renamed = tmp_path / "renamed.txt"
    renamed.write_bytes(TEXT.encode("utf-8-sig"))  # the text is the same, the bytes are not
    assert compared(data, renamed).known_by == "sha256"


def test_a_file_of_no_document(capsys, data, tmp_path):
    path = tmp_path / "other.txt"
    path.write_text("有企业5家。", encoding="utf-8")
    with pytest.raises(InputError, match=r"other\.txt: given a file that holds no document of the study; allowed: .*"):
        compared(data, path)
    code, out, err = run(capsys, "compare", path, "--data", data)
    assert (code, out) == (2, "") and "towns.txt" in err and "(first, second)" in err and err.count("\n") == 1


def test_command_says_it_in_lines(capsys, data, towns):
    code, out, err = run(capsys, "compare", towns, "--data", data)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "towns.txt: 2 of the study's documents, known by sha256",
        "   found  different  missed  extra  document",
        "       2          0       0      1  first",
        "       1          0       0      0  second",
        "  extra     first line 3: 2个 (2 park, exact)",
    ]


def test_command_writes_rows(capsys, data, towns, tmp_path):
    assert run(capsys, "compare", towns, "--data", data, "-o", tmp_path / "out.csv") == (0, "", "")
    code, out, _ = run(capsys, "compare", towns, "--data", data, "--format", "jsonl")
    lines = [json.loads(line) for line in out.splitlines()]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert code == 0 and [row["outcome"] for row in rows] == [line["outcome"] for line in lines]
    assert lines[1]["read_threshold"] == 5000000 and rows[1]["read_threshold"] == "5000000"
    pytest.importorskip("pyarrow")
    assert run(capsys, "compare", towns, "--data", data, "-o", tmp_path / "out.parquet") == (0, "", "")


def test_command_goes_on_after_a_file_of_no_document(capsys, data, towns, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("有企业5家。", encoding="utf-8")
    code, out, err = run(capsys, "compare", other, tmp_path / "gone.txt", towns, "--data", data)
    assert code == 1 and out.startswith("towns.txt: 2 of") and "gone.txt" in err and "other.txt: given a file" in err


def test_faults_of_the_study_are_told(capsys, data, towns, tmp_path):
    (data / "groups.csv").unlink()
    code, _, err = run(capsys, "compare", towns, "--data", data)
    assert code == 1 and "groups.csv: found no such file" in err
    code, _, err = run(capsys, "compare", towns, "--data", tmp_path / "nowhere")
    assert code == 2 and "allowed: a folder" in err


def test_the_packaged_study_is_found_in_its_source():
    path = source()
    result = review(Study.load(), *read_file(path), path)
    assert (result.known_by, result.same_text) == ("sha256", True)
    assert [row for row in result.rows if row.outcome != "found" or row.differs] == []
    assert len(result.rows) == 54 and set(COMPARED) <= set(type(result.rows[0]).__slots__)
