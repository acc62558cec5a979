"""A file to text: encodings, formats, the documents inside, and everything that is not a text."""

import codecs
import importlib.util
import io
import subprocess
import sys
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterlib.errors import InputError
from clusterlib.extraction import documents
from clusterlib.extraction.documents import Document, Source, decode, read_source, split, write_text

pandoc_needed = pytest.mark.skipif(importlib.util.find_spec("pypandoc") is None, reason="pypandoc_binary is missing")
pypdf_needed = pytest.mark.skipif(importlib.util.find_spec("pypdf") is None, reason="pypdf is missing")

SIMPLIFIED = [
    "全镇有玻璃企业２００多家。",
    "年产值60亿元以上",
    "其中出口占25.37%，内销占七成。",
    "河东区的皮鞋集群吸纳就业1.2万人；",
    "我们走访了十二家厂。",
    "产业集群发展调研报告",
    "去年全县工业增加值增长百分之十八。",
    "规模以上企业不足三分之一",
    "龙头企业：4家",
    "这些作坊没有自己的品牌。",
    "前四家企业占全行业销售收入的一半多",
    "园区规划面积3000亩，已建成1800亩。",
    "专业市场年成交额突破百亿元大关",
    "拉链、纽扣、织带和印花都能在镇上配齐。",
    "他说：“订单多，工人少。”",
    "缺乏研发机构，产品雷同",
    "金融机构对中小企业贷款余额约5.6亿元",
    "全国每三双袜子就有一双产自这里",
    "户均年收入8万元左右",
    "技术人员仅占职工总数的3%。",
    "附表：各镇织机台数",
    "平均利润率由12%降到4%",
    "请看第五节。",
]
TRADITIONAL = [
    "全鎮有玻璃企業２００多家。",
    "年產值60億元以上",
    "其中出口佔25.37%，內銷佔七成。",
    "河東區的皮鞋聚落吸納就業1.2萬人；",
    "我們走訪了十二家廠。",
    "產業聚落發展調查報告",
    "去年全縣工業增加值成長百分之十八。",
    "大型企業不足三分之一",
    "龍頭企業：4家",
    "這些作坊沒有自己的品牌。",
    "前四家企業佔全行業銷售收入的一半多",
    "園區規劃面積3000畝，已建成1800畝。",
    "專業市場年成交額突破百億元大關",
    "拉鍊、鈕扣、織帶和印花都能在鎮上配齊。",
    "他說：「訂單多，工人少。」",
    "缺乏研發機構，產品雷同",
    "銀行對中小企業放款餘額約5.6億元",
    "全國每三雙襪子就有一雙產自這裡",
    "每戶年收入8萬元左右",
    "技術人員僅佔職工總數的3%。",
    "附表：各鎮織機臺數",
    "平均利潤率由12%降到4%",
    "請看第五節。",
]
TEXT = "第一篇：甲镇{0}　有200多家，占25.37%。{0}{0}第二篇：乙县{0}年产值６０亿元"


def refused(path):
    with pytest.raises(InputError) as raised:
        read_source(path)
    return str(raised.value)


def file(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("codec", "mark", "named"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8"),
        ("gbk", b"", "gb18030"),
        ("gb18030", b"", "gb18030"),
        ("gb18030", b"\x84\x31\x95\x33", "gb18030"),
        ("big5", b"", "cp950"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
    ],
)
def test_every_encoding_gives_the_same_text_and_offsets(tmp_path, codec, mark, named, end):
    text = TEXT.format(end)
    if codec == "big5":
        text = text.translate(str.maketrans("镇县产亿", "鎮縣產億")).replace("占", "佔")
    path = file(tmp_path, "study.txt", mark + text.encode(codec))
    source = read_source(path)
    assert (source.name, source.text, source.encoding) == ("study.txt", text, named)
    second = text.index("第二篇")
    assert source.documents == (Document("study#1", 0, second), Document("study#2", second, len(text)))
    saved = tmp_path / "saved.txt"
    write_text(source, saved)
    again = read_source(saved)
    assert again.text == text and again.encoding == "utf-8"
    assert saved.read_bytes() == text.encode("utf-8")


@pytest.mark.parametrize("text", SIMPLIFIED)
def test_a_sentence_in_gbk_is_known(text):
    assert decode(text.encode("gbk")) == (text, "gb18030")


@pytest.mark.parametrize("text", TRADITIONAL)
def test_a_sentence_in_big5_is_known(text):
    assert decode(text.encode("cp950")) == (text, "cp950")


@pytest.mark.parametrize("text", [text for text in TRADITIONAL if len(text) > 8])
def test_traditional_script_in_gbk_is_known(text):
    assert decode(text.encode("gbk")) == (text, "gb18030")


def test_signs_of_hong_kong():
    text = "呢個區嘅廠有200幾間，佢哋嘅產值係10億。"
    assert decode(text.encode("big5hkscs")) == (text, "big5hkscs")


def test_a_rare_sign_of_four_bytes():
    text = "企业名称：𠮷野家具有限公司，年产值8亿元。"
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@pytest.mark.parametrize("cut", range(documents._SAMPLE - 3, documents._SAMPLE + 2))
def test_the_sample_may_cut_a_sign(cut):
    for codec, text in (("gbk", SIMPLIFIED[4]), ("cp950", TRADITIONAL[4]), ("gb18030", "𠮷的一是。")):
        data = (text * 10_000).encode(codec)
        begin = len("x") if cut % 2 else 0
        assert decode(b"x" * begin + data[: cut + 20], strict=False)[1].startswith(codec.replace("gbk", "gb18030"))


def test_chinese_after_a_long_head_in_english():
    text = "Survey of firms\n" * 10_000 + SIMPLIFIED[0]
    assert decode(text.encode("gbk")) == (text, "gb18030")


def test_damaged_utf_8_is_not_read_as_something_else():
    data = ("".join(SIMPLIFIED)).encode()
    with pytest.raises(InputError, match="which utf-8 does not have there"):
        decode(data[:100] + data[101:])
    assert decode(data[:-1], strict=False) == ("".join(SIMPLIFIED)[:-1] + "\ufffd", "utf-8 (1 replaced)")


def test_an_undecodable_byte_is_named():
    data = SIMPLIFIED[0].encode("gbk")
    with pytest.raises(InputError) as raised:
        decode(data + b"\xff\n", where="a.txt")
    assert str(raised.value) == (
        f"a.txt: given byte 0xff at offset {len(data)}, which gb18030 does not have there; allowed: UTF-8, GB18030 "
        "(GBK, GB2312), Big5, UTF-16 with a byte order mark"
    )
    assert decode(data + b"\xff\n", strict=False) == (SIMPLIFIED[0] + "\ufffd\n", "gb18030 (1 replaced)")


def test_detection_is_quick():
    for data in ((SIMPLIFIED[0] * 40_000).encode("gbk"), (TRADITIONAL[0] * 40_000).encode("cp950")):
        took = []
        for _ in range(3):
            begin = time.perf_counter()
            decode(data)
            took.append(time.perf_counter() - begin)
        assert len(data) > 900_000 and min(took) < 0.1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_never_fail_unless_strict(data):
    text, encoding = decode(data, strict=False)
    text.encode("utf-8")
    codec, _, replaced = encoding.partition(" (")
    if not replaced:
        assert decode(data) == (text, encoding)
        assert data.decode(codec).lstrip("\ufeff") == text
    else:
        with pytest.raises(InputError, match="allowed: UTF-8"):
            decode(data)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_a_mark_decides_whatever_follows(text, codec):
    assert decode(text.encode(codec))[0] == text.lstrip("\ufeff")


@settings(max_examples=200, deadline=None)
@given(st.text("第篇一十〇3９：:\r\n　 甲", max_size=60))
def test_documents_cover_the_text(text):
    found = split(text, "a")
    assert "".join(text[each.start : each.end] for each in found) == text
    assert found[0].start == 0 and found[-1].end == len(text)
    assert len({each.key for each in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["a"]),
        ("甲镇有企业", ["a"]),
        ("第一篇：甲", ["a"]),
        ("\n 　第一篇：甲\n第二篇:乙", ["a#1", "a#2"]),
        ("总序\n第一篇：甲", ["a#0", "a#1"]),
        ("第１２篇：甲\r　　第十三篇：乙\r\n第0014篇：丙", ["a#12", "a#13", "a#14"]),
        (
            "第二十篇：\n第一百零五篇：\n第一〇六篇：\n第两百篇：\n第百篇：",
            ["a#20", "a#105", "a#106", "a#200", "a#100"],
        ),
        ("第一篇：甲\n第一篇：乙\n第一篇：丙", ["a#1", "a#1-2", "a#1-3"]),
        ("序\n第〇篇：甲", ["a#0", "a#0-2"]),
        ("见第二篇：乙\n第三篇", ["a"]),
        ("第99999999999篇：甲\n第篇：乙", ["a"]),
    ],
)
def test_split(text, keys):
    assert [each.key for each in split(text, "a")] == keys


def test_blanks_before_a_heading_belong_to_its_document():
    text = "\n\n第一篇：甲\n　第二篇：乙"
    assert [text[each.start : each.end] for each in split(text, "a")] == ["\n\n第一篇：甲\n", "　第二篇：乙"]


def test_split_is_linear():
    begin = time.perf_counter()
    split("第\n" * 200_000 + "第一" * 100_000 + "　" * 200_000 + "\n第1篇：" * 20_000, "a")
    assert time.perf_counter() - begin < 2


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("第一篇：甲\r\n第二篇：乙".encode("gbk"))))
    source = read_source("-")
    assert source == Source(
        "stdin", "第一篇：甲\r\n第二篇：乙", "gb18030", (Document("stdin#1", 0, 7), Document("stdin#2", 7, 12))
    )


def test_an_empty_file_is_an_empty_text(tmp_path):
    assert read_source(file(tmp_path, "a.txt", b"")) == Source("a.txt", "", "utf-8", (Document("a", 0, 0),))


@pytest.mark.skipif(sys.platform != "linux", reason="only there a file may be named in any bytes")
def test_a_file_named_in_gbk(tmp_path):
    path = tmp_path / "产业集群调研报告.txt".encode("gbk").decode("utf-8", "surrogateescape")
    path.write_bytes(b"60")
    assert read_source(path).documents[0].key == "产业集群调研报告"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"MZ\x90\0\x03\0\0\0", "a.txt: given binary data (a zero byte at offset 3); allowed: text, .html"),
        ("a.txt", "企业60家".encode("utf-16-le"), "; UTF-16 with a byte order mark"),
        ("a.txt", codecs.BOM_UTF32_LE + "企".encode("utf-32-le"), "a.txt: given binary data (a zero at sign 0)"),
        ("a.txt", codecs.BOM_UTF16_LE + b"a\0b", "a.txt: given byte 0x62 at offset 4, which utf-16 does not have"),
        ("a.txt", b"caf\xe9 au lait", "a.txt: given byte 0xe9 at offset 3, which utf-8 does not have"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docx: given a damaged docx or odt (File is not a zip file)"),
        ("a.docx", b"PK\x03\x04junk", "a.docx: given a damaged docx or odt"),
        ("a.txt", b"PK\x03\x04junk", "a.txt: given a damaged docx or odt"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, name, data, said):
    message = refused(file(tmp_path, name, data))
    assert said in message and "; allowed: " in message


def test_what_cannot_be_opened_is_refused(tmp_path):
    assert refused(tmp_path / "none.txt").endswith("allowed: a readable file (No such file or directory)")
    assert refused(tmp_path).startswith(f"document: given {str(tmp_path)!r}; allowed: a readable file (")
    assert "allowed: a readable file" in refused("a\0b")
    assert "allowed: a readable file" in refused("")


def test_an_unreadable_file_is_refused(tmp_path, monkeypatch):
    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", closed)
    assert refused(tmp_path / "a.txt").endswith("a readable file (Permission denied)")


def test_a_large_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 2_000_000)
    assert refused(file(tmp_path, "a.txt", b"a" * 2_000_001)).endswith("given a larger file; allowed: at most 2 MB")
    assert len(read_source(file(tmp_path, "b.txt", b"a" * 2_000_000)).text) == 2_000_000


def archive(**entries):
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return stored.getvalue()


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 2_000_000)
    path = file(tmp_path, "a.docx", archive(word__document_xml=b" " * 2_000_001))
    assert refused(path) == "a.docx: given an archive of more; allowed: at most 2 MB unpacked"


def test_another_archive_is_refused(tmp_path):
    path = file(tmp_path, "a.xlsx", archive(xl__workbook_xml=b"<x/>"))
    assert refused(path).startswith("a.xlsx: given a zip archive that is neither docx nor odt; allowed: ")


@pandoc_needed
def test_a_docx_without_sense_is_refused(tmp_path):
    path = file(tmp_path, "a.docx", archive(word__document_xml=b"<x/>"))
    assert refused(path).startswith("a.docx: given docx that pandoc cannot read (")


@pandoc_needed
def test_a_file_that_takes_pandoc_too_long_is_refused(tmp_path, monkeypatch):
    def never(command, *, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", never)
    path = file(tmp_path, "a.docx", archive(word__document_xml=b"<x/>"))
    assert refused(path) == "a.docx: given docx that pandoc reads for over 60 s; allowed: less"


@pytest.mark.parametrize(
    ("module", "name", "data"),
    [("pypandoc", "a.html", b"<p>60"), ("pypdf", "a.pdf", b"%PDF-1.4")],
)
def test_a_missing_library_is_named(tmp_path, monkeypatch, module, name, data):
    monkeypatch.setitem(sys.modules, module, None)
    message = refused(file(tmp_path, name, data))
    assert message.endswith("is not installed; allowed: after pip install 'clusterlib[documents]'")


@pandoc_needed
@pytest.mark.parametrize("mark", ["utf-8", "gb2312", "big5", "iso-8859-1", "utf-16"])
def test_html_by_its_charset_or_its_bytes(tmp_path, mark):
    page = (
        f'<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset={mark}">'
        "<title>不</title><style>p {}</style></head><body><h1>第一篇：甲</h1><p>有<b>２００</b>多家企\n业。</p>"
        "<h1>第二篇：乙</h1><p>60&nbsp;万人</p><script>var a;</script></body></html>"
    )
    codec = {"gb2312": "gbk", "iso-8859-1": "gbk"}.get(mark, mark)
    page = page.replace("企\n业", "公\n司") if codec == "big5" else page
    source = read_source(file(tmp_path, "page.htm", page.encode(codec)))
    assert source.encoding == {"gbk": "gb18030", "big5": "cp950"}.get(codec, codec)
    assert [each.key for each in source.documents] == ["page#1", "page#2"]
    firms = "公司" if codec == "big5" else "企业"
    assert source.text == f"第一篇：甲\n\n有２００多家{firms}。\n\n第二篇：乙\n\n60\u00a0万人\n"


@pandoc_needed
def test_html_from_standard_input(monkeypatch):
    page = '<html><meta charset="gbk"><p>卧</p></html>'.encode("gbk")  # too short for its bytes to tell
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page)))
    assert read_source("-").text == "卧\n"


@pandoc_needed
def test_a_page_in_a_text_file_is_taken_as_it_is(tmp_path):
    assert read_source(file(tmp_path, "a.txt", b"<html>60</html>")).text == "<html>60</html>"


@pandoc_needed
@pytest.mark.parametrize("format", ["docx", "odt"])
def test_documents_of_word_processors(tmp_path, format):
    import pypandoc

    written = """# 第一篇：玻璃

集群有２００多家**企业**，年产值60亿元，占25.37%。“很好”——说的是去年。

| 镇 | 企业（家） |
|----|-----------|
| 甲 | 1,024     |

# 第二篇：服装

其他。
"""
    path = tmp_path / f"study.{format}"
    subprocess.run(
        [pypandoc.get_pandoc_path(), "--from", "markdown", "--output", str(path)], input=written.encode(), check=True
    )
    source = read_source(path)
    assert source.encoding == format
    assert [each.key for each in source.documents] == ["study#1", "study#2"]
    assert "\n集群有２００多家企业，年产值60亿元，占25.37%。“很好”——说的是去年。\n" in source.text
    assert "1,024" in source.text and "\r" not in source.text
    disguised = tmp_path / "study.bin"
    path.rename(disguised)
    assert read_source(disguised).text == source.text


@pytest.fixture(scope="module")
def pdf():
    """Two pages with text."""
    pytest.importorskip("pypdf")
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    from clusterlib import fonts

    stored = io.BytesIO()
    with PdfPages(stored) as pages:
        for lines in (("第一篇：玻璃", "集群有２００多家企业，"), ("第二篇：服装", "年产值60亿元，占25.37%。")):
            figure = Figure()
            for row, line in enumerate(lines):
                figure.text(0.1, 0.8 - 0.2 * row, line, font=fonts.bundled())
            pages.savefig(figure)
    return stored.getvalue()


@pypdf_needed
def test_a_pdf_with_text(tmp_path, pdf):
    source = read_source(file(tmp_path, "study.pdf", pdf))
    assert source.text == "第一篇：玻璃\n集群有２００多家企业，\n第二篇：服装\n年产值60亿元，占25.37%。"
    assert source.encoding == "pdf"
    assert [each.key for each in source.documents] == ["study#1", "study#2"]
    assert read_source(file(tmp_path, "study", pdf)).text == source.text


def blank_pdf(password=None):
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    if password is not None:
        writer.encrypt(password, "owner", algorithm="RC4-128")
    stored = io.BytesIO()
    writer.write(stored)
    return stored.getvalue()


@pypdf_needed
def test_pdfs_that_cannot_be_read_say_why(tmp_path, pdf, capfd):
    def said(data):
        return refused(file(tmp_path, "a.pdf", data))

    without = "a.pdf: given a PDF without text (scanned?); allowed: one that carries its text"
    assert said(blank_pdf()) == without
    assert said(blank_pdf("")) == without  # locked against changes only
    assert said(blank_pdf("secret")) == "a.pdf: given an encrypted PDF; allowed: one that opens without a password"
    for data in (b"", b"hello", b"%PDF-1.7\n", pdf[: len(pdf) // 2], b"%PDF-1.7\n" + bytes(range(256))):
        assert said(data).startswith(("a.pdf: given a damaged PDF (", "a.pdf: given a PDF without text"))
    assert capfd.readouterr().err == ""
