"""`clusterlib extract`: files in, a table out, in every format, whole or not at all."""

import csv
import errno
import io
import json
import math
import os
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest

from clusterlib.cli import main
from clusterlib.errors import InputError
from clusterlib.extraction import COLUMNS, files, output
from clusterlib.extraction.files import FileRead, read_file, read_files
from clusterlib.whole import write_whole

TEXT = (
    "全镇有皮鞋厂２００多家，年产值１２.５亿元，占全镇工业总产值的25.37%。\r\n"
    "其中年销售500万元以上的企业30家，出口下降3.2%；园区占地约3.5万亩。\r\n"
    "第二篇：乙镇\r\n乙镇从业人员近５万人。\r\n"
)
FIGURES = ["２００多家", "１２.５亿元", "25.37%", "30家", "3.2%", "约3.5万亩", "近５万人"]


def run(capsys, *arguments):
    try:
        code = main([str(each) for each in arguments])
    except SystemExit as exit_:  # argparse leaves this way
        code = exit_.code
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.txt"
    path.write_bytes(TEXT.encode("utf-8"))
    return path


def cells(text):
    """Rows of a CSV table, cells as text."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == COLUMNS
    return [dict(zip(header, row, strict=True)) for row in rows]


def typed(row):
    """A row of a CSV table as the other formats have it."""
    numbers = {"value", "low", "high", "threshold"}
    places = {"start", "end", "sentence_start", "sentence_end"}
    return {
        name: (float(cell) if cell else None) if name in numbers else int(cell) if name in places else cell
        for name, cell in row.items()
    }


def test_csv_on_standard_output(capsys, report):
    code, out, err = run(capsys, "extract", report)
    rows = cells(out)
    assert code == 0 and "\r\n" not in out
    assert [row["printed"] for row in rows] == FIGURES
    assert all(TEXT[int(row["start"]) : int(row["end"])] == row["printed"] for row in rows)
    assert [row["document"] for row in rows] == ["report#0"] * 6 + ["report#2"]
    assert (rows[1]["value"], rows[1]["low"], rows[1]["high"]) == ("1250000000", "1245000000", "1255000000")
    assert (rows[3]["threshold"], rows[5]["low"], rows[5]["high"]) == ("5000000", "", "")
    flagged = sum(bool(row["flag"]) for row in rows)
    assert err == f"7 figures from 2 documents, {flagged} flagged\n"


def test_every_format_says_the_same(capsys, report, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    for suffix in output.FORMATS:
        code, out, _ = run(capsys, "extract", report, "-o", tmp_path / f"out.{suffix}")
        assert (code, out) == (0, "")
    table = (tmp_path / "out.csv").read_bytes()
    assert b"\r\n" not in table
    from_csv = [typed(row) for row in cells(table.decode("utf-8"))]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    from_parquet = pq.read_table(tmp_path / "out.parquet")
    assert [json.loads(line) for line in lines] == from_csv == from_parquet.to_pylist()
    assert "２００多家" in lines[0] and '"value": 1250000000,' in lines[1] and '"low": null' in lines[5]
    assert tuple(from_parquet.column_names) == COLUMNS
    assert {str(from_parquet.schema.field(name).type) for name in ("value", "threshold")} == {"double"}
    assert str(from_parquet.schema.field("start").type) == "int64"
    rows = read_file(report)[1]
    assert [tuple(row.values()) for row in from_csv] == [astuple(row) for row in rows]


def test_format_overrules_the_suffix(capsys, report, tmp_path):
    run(capsys, "extract", report, "--format", "jsonl", "-o", tmp_path / "figures.txt")
    run(capsys, "extract", report, "-o", tmp_path / "figures.JSONL")
    assert (tmp_path / "figures.txt").read_bytes() == (tmp_path / "figures.JSONL").read_bytes()


@pytest.mark.parametrize("format", output.FORMATS)
def test_a_text_without_figures_is_a_table_without_rows(capsys, tmp_path, format):
    if format == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / "empty.txt"
    path.write_bytes(b"")
    code, _, err = run(capsys, "extract", path, "-o", tmp_path / f"out.{format}")
    assert code == 0 and err == "0 figures from 1 document, 0 flagged\n"
    if format == "csv":
        assert cells((tmp_path / "out.csv").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [(2e7, "20000000"), (25.37, "25.37"), (1e-7, "0.0000001"), (1.5e16, "15000000000000000"), (-0.0, "0"), (7, "7"),
     (6e22, "60000000000000000000000"), (-3.25, "-3.25"), (100 / 3, "33.333333333333336")],
)  # fmt: skip
def test_numbers_have_no_exponent_and_lose_nothing(given, expected):
    assert output.number(given) == expected and float(expected) == given


def test_cells_that_a_table_could_break_on_come_back_as_they_are(tmp_path):
    row = files.figures("甲县有企业5家。", "=1+1")[0]
    hostile = ['=HYPERLINK("x")', "-5家", "+1", "@a", 'he said "5"', "a,b", "a\rb", "a\nb", "a\r\nb", " a ", "'", ""]
    from dataclasses import replace

    rows = [replace(row, printed=cell, value=math.nan, low=-math.inf) for cell in hostile]
    back = cells(output.table(rows, "csv").decode("utf-8"))
    assert [each["printed"] for each in back] == hostile
    assert {each["document"] for each in back} == {"=1+1"}
    assert {(each["value"], each["low"], each["high"]) for each in back} == {("", "", "5")}
    lines = [json.loads(line) for line in output.table(rows, "jsonl").decode("utf-8").split("\n")[:-1]]
    assert [each["printed"] for each in lines] == hostile and {each["value"] for each in lines} == {None}


def test_saved_text_holds_the_places(capsys, tmp_path):
    path = tmp_path / "report.txt"
    path.write_bytes(TEXT.encode("gbk"))
    code, out, _ = run(capsys, "extract", path, "--text", tmp_path / "text.txt")
    saved = (tmp_path / "text.txt").read_bytes().decode("utf-8")
    assert code == 0 and saved == TEXT
    assert [saved[int(row["start"]) : int(row["end"])] for row in cells(out)] == FIGURES


def test_texts_of_several_documents_go_into_a_folder(capsys, tmp_path):
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "report.txt").write_text(f"{folder}有企业5家。", encoding="utf-8")
    (tmp_path / "other.txt").write_text("有企业6家。", encoding="utf-8")
    names = [tmp_path / name for name in ("north/report.txt", "south/report.txt", "other.txt")]
    code, out, _ = run(capsys, "extract", *names, "--text", tmp_path / "texts")
    assert code == 0
    rows = cells(out)
    assert [row["document"] for row in rows] == ["north/report", "south/report", "other"]
    for row in rows:
        saved = (tmp_path / "texts" / f"{row['document']}.txt").read_text(encoding="utf-8")
        assert saved[int(row["start"]) : int(row["end"])] == row["printed"]
    # One input and a folder that is there: into it.
    assert run(capsys, "extract", tmp_path / "other.txt", "--text", tmp_path / "texts/north")[0] == 0
    assert (tmp_path / "texts/north/other.txt").is_file()


def test_standard_input(report):
    command = [sys.executable, "-m", "clusterlib", "extract", "-"]
    # A terminal of another encoding: the table is UTF-8 all the same.
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, input=TEXT.encode("gbk"), capture_output=True, env=environment, check=True)
    rows = cells(done.stdout.decode("utf-8"))
    assert [row["printed"] for row in rows] == FIGURES and rows[0]["document"] == "stdin#0"


def test_nothing_heavy_is_imported(report):
    script = (
        "import sys\nfrom clusterlib.cli import main\nmain(['extract', sys.argv[1], '--format', 'jsonl'])\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'matplotlib', 'frictionless', 'pypdf', 'multiprocessing'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, report], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.endswith("heavy: []\n")


def test_one_unreadable_file_stops_no_other(capsys, report, tmp_path):
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01\x02")
    code, out, err = run(capsys, "extract", bad, report, tmp_path / "gone.txt")
    assert code == 1 and [row["printed"] for row in cells(out)] == FIGURES
    first, second, third = err.splitlines()
    assert first.startswith("clusterlib: bad.txt: given binary data") and "gone.txt" in second
    assert third.startswith("7 figures from 2 documents")


def test_only_unreadable_files(capsys, tmp_path):
    out = tmp_path / "out.csv"
    code, _, err = run(capsys, "extract", tmp_path / "a.txt", tmp_path / "b.txt", "-o", out)
    assert code == 2 and "a.txt" in err and "b.txt" in err and "Traceback" not in err and not out.exists()


ERRORS = [
    (("{file}", "-o", "{folder}/missing/out.csv"), "allowed: a file in a folder that can be written"),
    (("{file}", "-o", "{folder}"), "and no format; allowed: a name that ends in .csv, .jsonl, .parquet"),
    (("{file}", "-o", "{folder}", "--format", "csv"), "allowed: a file in a folder that can be written"),
    (("{file}", "-o", "{folder}/out.xlsx"), "out.xlsx' and no format; allowed: a name that ends in .csv"),
    (("{file}", "--format", "nonsense"), "invalid choice: 'nonsense'"),
    (("{file}", "-o", "{file}", "--format", "csv"), "which is read; allowed: another file"),
    (("{file}", "--text", "{file}"), "which is read; allowed: another file"),
    (("{file}", "--text", "{folder}/missing/text.txt"), "text: given"),
    (("{file}", "--text", "{folder}"), "which is read; allowed: another file"),
    (("{file}", "{folder}/x", "--text", "{file}"), "for 2 documents; allowed: a folder"),
    (("{file}", "{folder}/../{name}/report.txt"), "more than once; allowed: each file once"),
    (("{file}", "--jobs", "0"), "given '0'; allowed: a whole number from 1"),
    ((), "the following arguments are required: FILE"),
    (("{folder}",), "allowed: a readable file"),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_one_clear_error(capsys, report, arguments, message):
    folder = report.parent
    names = {"file": report, "folder": folder, "name": folder.name}
    code, out, err = run(capsys, "extract", *(each.format(**names) for each in arguments))
    assert (code, out) == (2, "") and message in err and "Traceback" not in err
    assert [path.name for path in folder.iterdir()] == ["report.txt"]
    assert report.read_bytes() == TEXT.encode("utf-8")


def test_parquet_is_not_for_a_terminal(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(InputError, match="given parquet for a terminal"):
        output.usable(None, "parquet")


def test_parquet_without_its_library(capsys, report, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = run(capsys, "extract", report, "-o", tmp_path / "out.parquet")
    assert code == 2 and "pip install 'clusterlib[parquet]'" in err


def test_a_full_disk_leaves_the_old_table(capsys, report, tmp_path, monkeypatch):
    target = tmp_path / "out.csv"
    target.write_text("old", encoding="utf-8")
    before = sorted(tmp_path.iterdir())

    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(handle, mode):
        os.close(handle)
        return Full()

    monkeypatch.setattr("clusterlib.whole.os.fdopen", opened)
    code, out, err = run(capsys, "extract", report, "-o", target)
    assert (code, out) == (1, "") and "No space left on device" in err and "out.csv" in err
    assert target.read_text(encoding="utf-8") == "old" and sorted(tmp_path.iterdir()) == before


def test_a_table_is_written_through_a_link_and_into_a_device(tmp_path):
    (tmp_path / "real.csv").write_text("old", encoding="utf-8")
    (tmp_path / "real.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_whole(tmp_path / "link.csv", "new\r\n")
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "real.csv").read_bytes() == b"new\r\n"
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o600
    write_whole(Path(os.devnull), "gone")
    assert not Path(os.devnull).is_file()


def test_a_reader_that_has_had_enough_is_no_error(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("有企业5家。" * 4000, encoding="utf-8")
    command = [sys.executable, "-m", "clusterlib", "extract", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 0 and b"Traceback" not in err and b"Exception" not in err


@pytest.mark.parametrize(
    "name", ["=cmd.txt", "-x.txt", "a,b\"c'.txt", "a\nb.txt", "a\x1b[31mb.txt", "数据.txt", " .txt"]
)
def test_hostile_names(capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("有企业5家。", encoding="utf-8")
    code, out, err = run(capsys, "extract", "--text", "texts", "--", name, "gone\x1b.txt")
    assert code == 1 and "\x1b" not in err
    (row,) = cells(out)
    assert row["document"] == Path(name).stem
    assert (tmp_path / "texts" / f"{Path(name).stem}.txt").is_file()


def test_a_name_that_is_no_text(capsys, tmp_path):
    name = os.fsencode(tmp_path) + "/统计.txt".encode("gbk")
    try:
        Path(os.fsdecode(name)).write_text("有企业5家。", encoding="utf-8")
    except OSError:
        pytest.skip("the file system takes names in UTF-8 only")
    code, out, _ = run(capsys, "extract", os.fsdecode(name))
    assert code == 0 and cells(out)[0]["document"] == "统计"


def keys(reads):
    return [[document.key for document in read.source.documents] for read in reads]


def made(folder, *names, text="有企业5家。"):
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return paths


NAMES = [
    (("a.txt", "b.txt"), ["a", "b"]),
    (("x/a.txt", "y/a.txt", "b.txt"), ["x/a", "y/a", "b"]),
    (("n/1/a.txt", "s/1/a.txt", "n/2/a.txt"), ["n/1/a", "s/1/a", "2/a"]),
    (("d/a.txt", "d/a.text"), ["a.txt", "a.text"]),
    (("d/a.txt", "d/A.text"), ["a.txt", "A.text"]),
]


@pytest.mark.parametrize(("names", "expected"), NAMES)
def test_document_keys_are_unique(tmp_path, names, expected):
    reads = read_files(made(tmp_path, *names))
    assert keys(reads) == [[key] for key in expected] == [[row.document for row in read.rows] for read in reads]
    assert [read.key for read in reads] == expected


def test_documents_of_files_of_one_stem(tmp_path):
    reads = read_files(made(tmp_path, "x/a.txt", "y/a.txt", text="第1篇：有企业5家。\n第2篇：有企业6家。"))
    assert keys(reads) == [["x/a#1", "x/a#2"], ["y/a#1", "y/a#2"]]
    assert [[row.document for row in read.rows] for read in reads] == keys(reads)


def test_processes_give_what_one_gives(tmp_path, monkeypatch):
    paths = [*made(tmp_path, "x/a.txt", "y/a.txt", "b.txt"), tmp_path / "gone.txt"]
    seen = []
    many = read_files(paths, workers=2, progress=lambda read, done, count: seen.append((read.path, done, count)))
    assert many == read_files(paths, workers=1)
    assert [read.path for read in many] == [str(path) for path in paths] and "gone.txt" in many[-1].error
    assert sorted(path for path, _, _ in seen) == sorted(map(str, paths))
    assert [done for _, done, _ in seen] == [1, 2, 3, 4] and {count for _, _, count in seen} == {4}


def test_little_to_read_starts_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_in_processes", lambda *_: pytest.fail("a pool for nothing"))
    assert len(read_files(made(tmp_path, "a.txt", "b.txt"))) == 2
    assert read_files([]) == []


def test_a_fault_of_ours_stops_no_other_file(tmp_path, monkeypatch):
    def fails(path):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(files, "read_file", fails)
    (read,) = read_files(made(tmp_path, "a.txt"))
    assert read == FileRead(str(tmp_path / "a.txt"), "a", error="a.txt: ZeroDivisionError: oh")


def test_a_process_that_dies_stops_no_other_file(tmp_path, monkeypatch):
    class Done:
        def __init__(self, path):
            self.path = path

        def result(self):
            from concurrent.futures.process import BrokenProcessPool

            if self.path.name == "a.txt" or not single:
                raise BrokenProcessPool
            return files._read_one(self.path)

    class Pool:
        def submit(self, function, path):
            return Done(path)

        def shutdown(self, **_):
            single.append(True)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    single = []
    monkeypatch.setattr(files, "_pool", lambda workers: Pool())
    monkeypatch.setattr("concurrent.futures.as_completed", list)
    first, second = read_files(made(tmp_path, "a.txt", "b.txt"), workers=2)
    assert "has died" in first.error and not second.error and len(second.rows) == 1


def test_progress_on_a_terminal(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _, _, err = run(capsys, "extract", *made(tmp_path, "a.txt", "b\x1b.txt"))
    assert "[1/2] a" in err and "[2/2] b\ufffd\n" in err and err.endswith("2 figures from 2 documents, 0 flagged\n")
