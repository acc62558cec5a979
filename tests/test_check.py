"""A faulty data folder: every fault named with file, line, column, what was found and what is allowed."""

import csv

import pytest
from studies import figures_alone

from clusterlib import paths
from clusterlib.check import check, digest
from clusterlib.errors import DataError, Fault, InputError
from clusterlib.study import Study


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "a study"
    figures_alone(copy)
    return copy


def edit(folder, file, *changes):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def drop_column(folder, file, column):
    path = folder / file
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    at = rows[0].index(column)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([row[:at] + row[at + 1 :] for row in rows])


def places(faults):
    return {(fault.file, fault.row, fault.column) for fault in faults}


CASES = {
    "unknown cluster": ("figures.csv", (",china-garment,", ",chinagarment,"), (2, "cluster"), "'chinagarment'"),
    "not a number": ("figures.csv", ("3,3,3,economic_circle", "x,3,3,economic_circle"), (2, "value"), "'x'"),
    "unknown status": ("figures.csv", (",observed,", ",seen,"), (2, "status"), "'seen'"),
    "low above high": (
        "figures.csv",
        ("3,3,3,economic_circle", "3,4,3,economic_circle"),
        (2, "low"),
        "low 4 above high 3",
    ),
    "unit of another family": ("figures.csv", ("CNY/year,at_least", "firm,at_least"), (10, "unit"), "'firm'"),
    "share above 100": ("figures.csv", ("60,60,100,percent", "60,60,101,percent"), (12, "low"), "60 to 101"),
    "interval not that of the words": (
        "figures.csv",
        ("25.37,25.365,25.375", "25.37,25.36,25.375"),
        (13, "low"),
        "'25.36'",
    ),
    "unknown flag": ("figures.csv", ("precision_break", "rough"), (18, "flag"), "'rough'"),
    "place of another length": ("figures.csv", (",84,89,", ",84,90,"), (2, "end"), "6 characters"),
    "place outside the document": ("figures.csv", (",84,89,", ",9084,9089,"), (2, "start"), "9084 to 9089"),
    "restates itself": (
        "figures.csv",
        ("restated,shishi-garment.streets,", "restated,shishi-garment.streets.again,"),
        (6, "restates"),
        "'shishi-garment.streets.again'",
    ),
    "key twice": ("figures.csv", ("shishi-garment.markets", "shishi-garment.streets"), (5, "figure"), "a key"),
    "bad slug": ("clusters.csv", ("shishi-garment,", "../shishi,"), (3, "cluster"), "'../shishi'"),
    "cut row": ("groups.csv", ("logistics,logistics", "logistics,log,istics,x"), (21, ""), "another number of cells"),
    "control character": ("figures.csv", ("三大经济圈", "三大\x1b济圈"), (2, ""), "\\x1b"),
    "full-width digits": ("figures.csv", ("3,3,3,economic_circle", "３,3,3,economic_circle"), (2, "value"), "'３'"),
    "digits with underscore": ("figures.csv", (",84,89,", ",8_4,89,"), (2, "start"), "'8_4'"),
    "not yes or no": ("clusters.csv", ("shishi-article,no", "shishi-article,maybe"), (2, "inferred"), "'maybe'"),
}


@pytest.mark.parametrize("case", CASES)
def test_fault_is_named(folder, case):
    file, change, (line, column), found = CASES[case]
    edit(folder, file, change)
    faults = [fault for fault in check(folder) if (fault.file, fault.row, fault.column) == (file, line, column)]
    assert faults, [str(fault) for fault in check(folder)]
    assert any(found in fault.found for fault in faults), [fault.found for fault in faults]
    assert all(fault.allowed for fault in faults)


def test_all_faults_come_in_one_list(folder):
    edit(folder, "figures.csv", (",china-garment,", ",chinagarment,"), ("18,18,18,street", "18,19,18,street"))
    edit(folder, "clusters.csv", ("shishi-article,no", "shishi-article,maybe"))
    assert places(check(folder)) >= {
        ("figures.csv", 2, "cluster"),
        ("figures.csv", 4, "low"),
        ("clusters.csv", 2, "inferred"),
    }


def test_missing_file_is_one_fault(folder):
    (folder / "groups.csv").unlink()
    assert [(fault.file, fault.found) for fault in check(folder)] == [("groups.csv", "no such file")]


def test_missing_required_column(folder):
    drop_column(folder, "figures.csv", "indicator")
    assert [(fault.row, fault.column, fault.found) for fault in check(folder)] == [
        (None, "indicator", "no such column")
    ]


def test_optional_columns_may_be_missing(folder):
    for column in ("note_zh", "scope_zh", "line"):
        drop_column(folder, "figures.csv", column)
    assert check(folder) == []
    assert (Study.load(folder).figures["note_zh"] == "").all()


def test_unknown_column(folder):
    edit(folder, "groups.csv", ("group,en,zh", "group,en,zh,comment"))
    assert any("unknown column 'comment'" in fault.found for fault in check(folder))


def test_byte_order_mark_is_accepted(folder):
    path = folder / "figures.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check(folder) == []
    assert Study.load(folder).figures["figure"].iloc[0] == "china-garment.economic-circles"


@pytest.mark.parametrize("content", [b"\xc8\xfd\xb4\xf3", b"\x00\xff\xfe" * 100, "figure\n三".encode("gb18030")])
def test_odd_encoding(folder, content):
    (folder / "figures.csv").write_bytes(content)
    (fault,) = [fault for fault in check(folder) if fault.file == "figures.csv"]
    assert "not UTF-8" in fault.found and "UTF-8" in fault.allowed


def test_open_quotation_mark(folder):
    edit(folder, "figures.csv", ("全国服装产业：", '"全国服装产业：'))
    assert any(fault.file == "figures.csv" and fault.row for fault in check(folder))


def test_empty_file_names_the_columns(folder):
    (folder / "groups.csv").write_text("", encoding="utf-8")
    assert {fault.column for fault in check(folder) if fault.file == "groups.csv"} == {"group", "en", "zh"}


def test_not_a_folder(tmp_path):
    with pytest.raises(InputError, match=r"allowed: a folder with documents\.csv"):
        check(tmp_path / "nowhere")


SOURCE = "甲乙丙\n第二行有12家。"


@pytest.fixture
def small(tmp_path):
    """A study of one figure, and the text it was read from: 12家 stands at 8, in line 2."""
    folder, text = tmp_path / "small", tmp_path / "text.txt"
    folder.mkdir()
    text.write_text(SOURCE, encoding="utf-8")
    import hashlib

    sha = hashlib.sha256(text.read_bytes()).hexdigest()
    tables = {
        "documents": f"document,number,title,language,source,sha256,start,end\nd,1,t,zh,text.txt,{sha},0,12\n",
        "clusters": "cluster,en,zh,kind,document,inferred\nc,C,丙,cluster,d,no\n",
        "indicators": "indicator,en,zh,unit_family,units,negative,definition\nfirms,firms,企业,count,firm,no,Firms.\n",
        "groups": "group,en,zh\nall,all,全部\n",
        "figures": (
            "figure,document,start,end,line,printed,cluster,scope,indicator,group,kind,status,value,low,high,unit,rule\n"
            "f,d,8,11,2,12家,c,all,firms,all,count,observed,12,12,12,firm,exact\n"
        ),
    }
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder, text


def test_source_agrees(small):
    assert SOURCE[8:11] == "12家"
    assert check(*small) == []


def test_source_of_another_digest(small):
    folder, text = small
    text.write_text(SOURCE + "。", encoding="utf-8")
    assert any(fault.column == "sha256" for fault in check(folder, text))


def test_figure_at_another_place(small):
    folder, text = small
    edit(folder, "figures.csv", ("f,d,8,11,2", "f,d,7,10,1"))
    faults = {fault.column: fault for fault in check(folder, text)}
    assert faults["printed"].found == "'12家'" and "'有12'" in faults["printed"].allowed
    assert faults["line"].allowed.startswith("2")


def test_source_that_cannot_be_read(small):
    folder, text = small
    with pytest.raises(InputError, match="allowed: a readable file"):
        check(folder, text.with_name("gone.txt"))
    text.write_bytes(b"12\x0034\x00\x00" * 9)
    with pytest.raises(InputError, match=r"given .*; allowed: "):
        check(folder, text)


def test_source_in_another_encoding(small):
    folder, text = small
    before = check(folder, text)
    text.write_bytes(text.read_bytes().decode("utf-8").encode("gb18030"))
    after = check(folder, text)
    assert [fault for fault in after if fault.column != "sha256"] == [
        fault for fault in before if fault.column != "sha256"
    ]


def test_loading_a_faulty_study_lists_the_faults(folder):
    edit(folder, "figures.csv", (",china-garment,", ",chinagarment,"))
    with pytest.raises(
        DataError, match=r"figures.csv line 2, cluster: found 'chinagarment'; allowed: a key of clusters.csv"
    ):
        Study.load(folder)


def test_a_digest_that_was_checked_is_not_checked_again(folder, monkeypatch):
    edit(folder, "figures.csv", (",china-garment,", ",chinagarment,"))
    monkeypatch.setenv("CLUSTERLIB_CHECKED", digest(paths.DATA))
    with pytest.raises(DataError):
        Study.load(folder)


def test_a_data_error_survives_pickling():
    import pickle

    error = DataError("here", [Fault("a.csv", 2, "b", "c", "d")])
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.faults == error.faults
