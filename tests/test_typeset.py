"""Documents as a reader opens them: what a PDF and a Word file say, where their links lead, what they refuse."""

import base64
import io
import re
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pypdf
import pytest
from markupsafe import escape

from clusterlib import fonts
from clusterlib.display import Cell, Finding, Findings, Source, Table
from clusterlib.errors import ClusterlibError, InputError
from clusterlib.marking import Mark, marked_text
from clusterlib.report.typeset import require, typeset

#: What would be markup in typst, HTML or Word, and must arrive as it is.
HOSTILE = (
    '#import "x"', "#{1/0}", "*bold*", "_soft_", "$x^2$", "@source-1", "<source-1>", "= title", "- item", "/ a: b",
    "back\\slash", "\\u{41}", "`raw`", "[x](y)", "//comment", "/*comment*/", "~", "---", "'quoted'", '"quoted"',
    "&amp;",
)  # fmt: skip
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="518.4pt" height="{height}pt" viewBox="0 0 518.4 {height}">'
    '<rect x="10" y="10" width="300" height="50" fill="#0173b2"/></svg>'
)
ONE, TWO = Source(1, "a.firms", "200多家 · line 1"), Source(2, "a.supply", "文字", letter="C")


def figure(height=144, alt="Bar chart: 5 firms.", note="Source: printed figure 1."):
    data = base64.b64encode(SVG.format(height=height).encode()).decode()
    return (
        f'<figure><div class="picture"><img src="data:image/svg+xml;base64,{data}" alt="{alt}"></div>'
        f"<figcaption>{note}</figcaption></figure>"
    )


def sources(count=2):
    rows = [[Cell("1", anchor=ONE.anchor), Cell("200多家"), Cell("201–299", numeric=True)]]
    rows += [[Cell("C2", anchor=TWO.anchor), Cell("配套齐全"), Cell("", numeric=True)]]
    rows += [[Cell(str(i)), Cell("另有企业"), Cell(f"{i}–{i + 1}", numeric=True)] for i in range(3, count + 1)]
    return str(Table("Printed figures used", ["no.", "printed", "interval"], rows, note="Open ends: no bound.").html)


def page(body="", lang="en", title="Concentration", cluster="Glass cluster", day="28 Nov 2026, 11:23"):
    findings = Findings([Finding("The largest firms hold 70.24% of profit.", (ONE, TWO))])._repr_mimebundle_()
    contents = '<ol><li><a href="#section-1">Who holds how much?</a></li></ol>'
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="description" content="They hold 70.24%."><style>h1 { color: red }</style></head><body>'
        '<a class="skip" href="#text">To the text</a><header><nav><a href="../../index.html">All reports</a> · '
        f'<a href="../../zh/a/02.html">中文</a></nav><p class="kicker">{cluster}</p><h1>{title}</h1></header>'
        f'<main id="text"><section>{findings["text/html"]}</section>'
        f'<nav class="contents"><p>Contents</p>{contents}</nav>{body}</main>'
        '<footer><p><a href="02.csv">Result table</a> · '
        f'<a href="02.ipynb">Notebook</a></p><p>Rendered {day} from study 39e57bd3</p></footer></body></html>'
    )


WHOLE = (
    '<section class="prose"><h2 id="section-1">Who holds how much?</h2><p>The shares as printed.</p></section>'
    + figure()
    + '<p class="silent"><strong>Firms by size band</strong> · Nothing is printed for this table.</p>'
    + '<section class="prose"><h2 id="section-2">Where the numbers come from</h2></section>'
    + sources()
)


def opened(text):
    return pypdf.PdfReader(io.BytesIO(typeset(text, "pdf")))


def said(part):
    """Text of a page or of a whole PDF, without blanks and line ends, which the layout decides."""
    pages = part.pages if isinstance(part, pypdf.PdfReader) else [part]
    return "".join("".join(each.extract_text() for each in pages).split())


def links(reader):
    """For each link its page and where it leads: page and height."""
    found = []
    for number, each in enumerate(reader.pages):
        for note in each.get("/Annots", []):
            note = note.get_object()
            assert note["/Subtype"] == "/Link" and "/A" not in note, "a link out of the document"
            target = note["/Dest"].get_object()
            if isinstance(target, str):
                target = reader.named_destinations[target].dest_array
            found.append((number, reader.get_page_number(target[0].get_object()), float(target[3])))
    return found


def alternatives(node):
    """Alternative texts in the structure of a PDF."""
    node = node.get_object()
    if isinstance(node, list):
        return [text for each in node for text in alternatives(each)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return own + (alternatives(node["/K"]) if "/K" in node else [])


@pytest.fixture(scope="module")
def whole():
    return opened(page(WHOLE))


def test_says_what_the_page_says_and_nothing_of_its_surroundings(whole):
    text = said(whole)
    for words in (
        "Glass cluster", "Rendered 28 Nov 2026", "hold 70.24% of profit", "Contents", "The shares as printed.",
        "Source: printed figure 1.", "Nothing is printed for this table.", "Printed figures used", "200多家", "201–299",
        "Open ends: no bound.",
    ):  # fmt: skip
        assert "".join(words.split()) in text, words
    assert not re.search("Allreports|中文|Totext|Resulttable|Notebook|color", text)
    assert text.index("70.24%") < text.index("Contents") < text.index("Thesharesasprinted")


def test_pages_are_numbered_and_named():
    reader = opened(page(WHOLE + sources(110)))
    count = len(reader.pages)
    assert count > 2
    for number, each in enumerate(reader.pages, 1):
        assert f"{number}/{count}" in said(each)
        assert ("Concentration·Glasscluster" in said(each)) == (number > 1)


def test_outline_and_contents_lead_to_the_headings(whole):
    assert [each.title for each in whole.outline] == ["Who holds how much?", "Where the numbers come from"]
    text = said(whole)
    assert re.search(r"Whoholdshowmuch\?\.+1", text) and re.search(r"Wherethenumberscomefrom\.+\d", text)


def test_numbers_lead_to_their_rows():
    """On a later page, each to its own height; the two of the findings and the two lines of the contents are links."""
    reader = opened(page(figure(690) + WHOLE))
    found = links(reader)
    assert len(found) == 4
    (_, page_of_one, height_of_one), (_, page_of_two, height_of_two) = found[:2]
    assert page_of_one == page_of_two == len(reader.pages) - 1 and height_of_one > height_of_two
    assert "200多家" in said(reader.pages[page_of_one])


def test_links_that_lead_nowhere_are_text():
    body = '<p><a href="#nowhere">gone</a> <a href="../x.html">out</a> <a href="mailto:a">mail</a></p>'
    reader = opened(page(body))
    assert links(reader) == [] and "goneoutmail" in said(reader)


def test_two_elements_of_one_name_are_no_failure():
    body = '<h2 id="section-1">First</h2><p id="section-1">Second <a href="#section-1">up</a></p>'
    assert len(links(opened(page(body)))) == 2  # one in the contents, one in the text


def test_fonts_are_embedded_and_ours(whole):
    names = set()
    for each in whole.pages:
        for font in each["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
            names.add(re.sub(r"^/?\w{6}\+|-Identity-H$", "", descriptor["/FontName"]))
    assert {"NotoSansCJKsc-Regular", "NotoSansCJKsc-Bold"} <= names <= {path.stem for path in fonts.files()}


@pytest.mark.parametrize(
    "lang, day, locale", [("en", "28 Nov 2026, 11:23", "en"), ("zh-Hans", "2026年11月28日 11:23", "zh-CN")]
)
def test_describes_itself(lang, day, locale):
    reader = opened(page(WHOLE, lang=lang, day=day, title="集中度" if lang != "en" else "Concentration"))
    about = reader.metadata
    assert about.title.endswith(" · Glass cluster") and about.author == "clusterlib"
    assert about.subject == "They hold 70.24%." and "Glass cluster" in about["/Keywords"]
    assert about.creation_date.date().isoformat() == "2026-11-28"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == locale and root["/MarkInfo"]["/Marked"]


def test_pictures_are_drawings_with_their_alternative_text(whole):
    assert alternatives(whole.trailer["/Root"]["/StructTreeRoot"]["/K"]) == ["Bar chart: 5 firms."]
    assert not any(each.images for each in whole.pages)


def test_a_picture_without_alternative_text_takes_its_note():
    reader = opened(page(figure(alt="")))
    assert alternatives(reader.trailer["/Root"]["/StructTreeRoot"]["/K"]) == ["Source: printed figure 1."]


def test_the_same_page_gives_the_same_bytes_in_threads():
    text = page(WHOLE)
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: typeset(text, "pdf"), range(4)))
    assert len(made) == 1


@pytest.mark.parametrize("place", ["paragraph", "cell", "heading", "title", "mark", "pre"])
def test_hostile_text_stays_text(place):
    text = escape(" ".join(HOSTILE))
    body = {
        "paragraph": f"<p>{text}</p>",
        "cell": Table(" ".join(HOSTILE), ["a", "b"], [[Cell(" ".join(HOSTILE)), Cell("1–2", numeric=True)]]).html,
        "heading": f"<h2>{text}</h2>",
        "title": "",
        "mark": f"<p><mark><code>{text}</code></mark></p>",
        "pre": f"<pre>{text}</pre>",
    }[place]
    reader = opened(page(body, title=text if place == "title" else "Title", cluster=text if place == "title" else ""))
    assert "".join("".join(HOSTILE).split()) in said(reader)


def test_a_sign_that_no_font_has_is_named():
    with pytest.raises(ClusterlibError, match=r"given U\+F8FE, U\+1FAE8; allowed"):
        typeset(page("<p>a\U0001fae8</p><p>b\uf8fe</p>"), "pdf")
    with pytest.raises(ClusterlibError, match=r"U\+D800"):
        typeset(page(sources(), title="a\ud800b"), "pdf")
    assert fonts.lacking("≥ 5%，²·−…“”①\t\n") == []


def test_widths_are_those_of_the_font():
    assert fonts.width("集群") == pytest.approx(2.0)
    assert 0.5 < fonts.width("0") == fonts.width("9") < 0.6


def test_a_table_repeats_its_header_and_breaks_between_rows():
    rows = [[Cell(str(i)), Cell(f"BEGIN{i}. {'some words of a row ' * 40}END{i}."), Cell("x" * 30)] for i in range(18)]
    reader = opened(page(Table("The caption", ["number", "words", "signs"], rows).html))
    assert len(reader.pages) >= 3
    for text in map(said, reader.pages):
        assert "numberwordssigns" in text
        assert re.findall(r"BEGIN(\d+)", text) == re.findall(r"END(\d+)", text) != []


def test_a_caption_stays_with_its_table():
    rows = [[Cell("some"), Cell("words")]] * 10
    tables = [Table(f"CAPTION{i}.", ["one", "two"], [[Cell(f"FIRST{i}."), Cell("")], *rows]).html for i in range(24)]
    texts = list(map(said, opened(page("".join(tables))).pages))
    assert len(texts) > 5
    for text in texts:
        assert re.findall(r"CAPTION(\d+)\.", text) == re.findall(r"FIRST(\d+)\.", text)


def test_a_name_of_many_rows_may_span_pages():
    rows = [[Cell(""), Cell(f"row{i}."), Cell("1,000–2,000", numeric=True)] for i in range(150)]
    rows[0][0] = Cell("a group")
    table = str(Table("Groups", ["group", "row", "interval"], rows).html)
    assert 'rowspan="150"' in table
    reader = opened(page(table))
    assert len(reader.pages) >= 3
    assert re.findall(r"row(\d+)\.1,000–2,000", said(reader)) == [str(i) for i in range(150)]


def test_words_stay_in_their_columns():
    """Numbers are not broken, and the last column ends where the page does."""
    header = ["indicator", "assumption", "Gini", "Hoover", "largest 10% of the firms", "sources"]
    words, numbers = ("gross industrial output", "the two groups do not overlap " * 3), ("0.4203–0.6694", "≥ 0.4203")
    row = [*map(Cell, words), *(Cell(each, numeric=True) for each in (*numbers, "26.5–60.8%")), Cell("3")]
    table = Table("Bounds", header, [row] * 5)
    lines = "\n".join(each.extract_text() for each in opened(page(table.html)).pages).splitlines()
    assert sum("0.4203–0.6694" in line for line in lines) == 5
    assert sum("26.5–60.8%" in line for line in lines) == 5


def test_a_long_wide_table_stands_on_turned_pages():
    words = "words that need some room in every one of the ten columns"
    wide = Table("Wide", [f"column {i}" for i in range(10)], [[Cell(words)] * 10] * 20).html
    reader = opened(page(f"<h2>First</h2><p>Upright.</p><h2>Second</h2>{wide}<h2>Third</h2><p>Again.</p>"))
    turned = [float(each.mediabox.width) > float(each.mediabox.height) for each in reader.pages]
    assert not turned[0] and any(turned) and not turned[-1]
    assert "Again." in said(reader.pages[-1]) and "column9" in said(reader.pages[turned.index(True)])


def test_spans_and_a_table_without_header():
    body = (
        '<table><tr><td colspan="2">both</td></tr>'
        '<tr><td rowspan="2">left</td><td>a</td></tr><tr><td>b</td></tr></table>'
        "<table><tbody></tbody></table><ul><li>one<ul><li>two</li></ul></li></ul><ol><li><p>three</p></li></ol>"
    )
    text = said(opened(page(body)))
    assert all(word in text for word in ("both", "left", "one", "two", "three"))


def test_blanks_as_a_browser_shows_them():
    text = (
        opened(page("<p>\n  a  <strong> b</strong>\n c\n</p><p>集群\n  企业</p>loose<br>text")).pages[0].extract_text()
    )
    assert re.search(r"a\s{1,2}b\sc", text) and "集群企业" in text and "loose\ntext" in text


def test_a_heading_that_skips_a_level_is_no_failure():
    reader = opened(page("<h4>Deep</h4><h2>Top</h2><h4>Below</h4>"))
    assert [each.title for each in reader.outline if not isinstance(each, list)] == ["Deep", "Top"]


def test_a_document_with_its_figures_marked():
    text = "全镇有企业200多家。\n其中，年销售500万元以上的企业30家。\n\n完。"
    starts = [(text.index(printed), printed) for printed in ("200多家", "30家")]
    marks = [
        Mark(number, f"town:{start}", "hover", prefix="f1", start=start, end=start + len(printed), printed=printed,
             reading="30 firms", detail="count", flag="a year?" if number == 2 else "")
        for number, (start, printed) in enumerate(starts, 1)
    ]  # fmt: skip
    shown = marked_text(text, marks, {}, ["a figure", "a flagged one", "how to use them"])
    reader = opened(page(shown))
    assert "其中，年销售500万元以上的企业30家" in said(reader).replace("\u2060", "")
    assert len(links(reader)) == 4  # from each mark to its row, and back
    assert "!ayear?" in said(reader)
    assert "其中" in docx_text(page(shown)) and "完。" in docx_text(page(shown))


def test_a_page_with_nothing_on_it():
    assert len(opened("").pages) == len(opened("<h1>Only</h1>").pages) == 1


WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def parts(text):
    with zipfile.ZipFile(io.BytesIO(typeset(text, "docx"))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def docx_text(text):
    return "".join(ElementTree.fromstring(parts(text)["word/document.xml"]).itertext())


def test_word_file():
    found = parts(page(WHOLE, lang="zh-Hans"))
    document = ElementTree.fromstring(found["word/document.xml"])
    styles = [each.get(f"{WORD}val") for each in document.iter(f"{WORD}pStyle")]
    assert styles[:4] == ["Title", "Subtitle", "Date", "Findings"]
    assert {"CaptionedFigure", "Heading1", "ImageCaption", "Note", "Silent", "TableCaption", "TableText"} <= set(styles)
    known = {
        each.get(f"{WORD}styleId") for each in ElementTree.fromstring(found["word/styles.xml"]).iter(f"{WORD}style")
    }
    assert set(styles) <= known
    text = "".join(document.itertext())
    assert "201–299" in text and not re.search("All reports|Notebook|To the text", text)
    anchors = {each.get(f"{WORD}anchor") for each in document.iter(f"{WORD}hyperlink")}
    assert anchors == {"source-1", "source-C2"}
    assert anchors <= {each.get(f"{WORD}name") for each in document.iter(f"{WORD}bookmarkStart")}
    described = [each.get("descr") for each in document.iter() if each.get("descr")]
    assert described == ["Bar chart: 5 firms."]
    assert [data[:4] for name, data in found.items() if name.startswith("word/media/")] == [b"\x89PNG"]
    assert {each.get(f"{WORD}w") for each in document.iter(f"{WORD}pgSz")} == {"11906"}
    assert len(list(document.iter(f"{WORD}tblHeader"))) == 1
    core = found["docProps/core.xml"].decode()
    assert "zh-CN" in core and "Concentration" in core and "2026-11-28T" in core


def test_word_file_of_hostile_text_twice_the_same():
    text = page(f"<p>{escape(' '.join(HOSTILE))}</p>", title=escape(" ".join(HOSTILE)))
    assert docx_text(text).count(" ".join(HOSTILE)) == 2
    assert typeset(text, "docx") == typeset(text, "docx")


@pytest.mark.parametrize(
    "format, module, name", [("pdf", "typst", "typst"), ("docx", "typst", "typst"), ("docx", "pypandoc", "pandoc")]
)
def test_what_is_not_installed_is_said_at_once(monkeypatch, format, module, name):
    require(["pdf", "docx"])
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"given {format}, and {name} is not installed.*clusterlib\[pdf\]"):
        require([format])
    with pytest.raises(InputError, match=name):
        typeset(page(), format)


def test_unknown_format():
    with pytest.raises(InputError, match="'odt'; allowed: pdf, docx"):
        typeset(page(), "odt")


def test_a_drawing_that_is_none_is_one_error():
    data = base64.b64encode(b"<svg broken").decode()
    with pytest.raises(ClusterlibError, match=r"Concentration.*typst cannot set the page"):
        typeset(page(f'<figure><img src="data:image/svg+xml;base64,{data}" alt="x"></figure>'), "pdf")
