"""A page as its readers meet it: alone, by keyboard or by ear, on a phone or on paper, in one language."""

import ast
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pytest

from clusterlib import fonts, paths
from clusterlib.display import FINDINGS, Cell, Source, Table
from clusterlib.errors import ClusterlibError
from clusterlib.page import page_of
from clusterlib.plots.canvas import picture
from clusterlib.report import pages
from clusterlib.report.markup import with_chinese_named, with_ways_back
from clusterlib.report.plan import jobs
from clusterlib.study import Study

#: Pages of every sort: shares, size counts, words alone, nothing printed, a document; both languages.
KEYS = [
    "en/china-garment/02_concentration",
    "zh/baoying-glass/04_size_distribution",
    "en/shishi-garment/06_development",
    "zh/qingshanhu-textile/03_performance",
    "zh/report/08_read_a_document",
]
VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr")
HAN = re.compile(r"[\u4e00-\u9fff]")
#: Latin words that Chinese economists write as they are, and names of programs, files and formats.
LATIN = {"CSV", "English", "HHI", "README", "Wald", "clusterlib", "data", "report", "txt"}
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?!//)|[,;:?!(][\u4e00-\u9fff]|[\u4e00-\u9fff] [\u4e00-\u9fff]")


def executed(job):
    """The notebook with what its cells show, run here instead of in a kernel."""
    notebook = nbformat.read(job.path, as_version=4)
    space = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, job.notebook, "exec"), space)
        if "parameters" in cell.metadata.tags:
            space |= job.parameters
            space |= {name: 20 for name in ("replications",) if name in space}  # how often does not matter here
        cell.outputs = [output(eval(compile(ast.Expression(last.value), job.notebook, "eval"), space))] if last else []
    return notebook


def output(shown):
    data, metadata = {"text/html": getattr(shown, "_repr_html_", str)()}, {}
    if hasattr(shown, "_repr_mimebundle_"):
        told = shown._repr_mimebundle_()
        data, metadata = told if isinstance(told, tuple) else (told, {})
    return nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture(scope="module")
def shown(study):
    planned = {job.key: job for job in jobs(paths.PLAN, study)}
    made = {}
    for key in KEYS:
        notebook = executed(planned[key])
        outputs = [each for cell in notebook.cells for each in cell.get("outputs", [])]
        findings = [each["text"] for each_output in outputs for each in each_output.data.get(FINDINGS, [])]
        made[key] = pages.report(notebook, planned[key], study, findings, ["zh" if key.startswith("en") else "en"])
    return made


class Reader(HTMLParser):
    """Walks through a page and notes what would stop a reader."""

    def __init__(self, page):
        super().__init__()
        self.faults, self.open = [], []
        self.ids, self.headings, self.elements, self.links = Counter(), [], [], []
        self.texts, self.tables, self.contents = [], [], []
        self.feed(page)
        self.close()
        self.faults += [f"left open: {tag}" for tag, _ in self.open]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.elements.append((tag, attrs))
        if "id" in attrs:
            self.ids[attrs["id"]] += 1
        if tag == "a":
            self.links.append(attrs)
        if tag == "table":
            self.tables.append({"captions": 0, "rows": [], "marked": self.within("marked"), "box": self.open[-1][1]})
        if self.tables and self.within_tag("table"):
            table = self.tables[-1]
            table["captions"] += tag == "caption"
            if tag == "tr":
                table["rows"].append([])
            if tag in ("th", "td"):
                table["rows"][-1].append(
                    (tag, attrs.get("scope"), int(attrs.get("rowspan", 1)), self.within_tag("thead"))
                )
        if re.fullmatch("h[1-6]", tag):
            self.headings.append([int(tag[1]), ""])
        if tag not in VOID:
            self.open.append((tag, attrs))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"closed without being open: {tag}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.headings and any(re.fullmatch("h[1-6]", tag) for tag, _ in self.open):
            self.headings[-1][1] += data
        if self.within("contents") and self.within_tag("a"):
            self.contents.append(data)
        if data.strip() and not self.within_tag("style", "title"):
            lang = next((attrs["lang"] for _, attrs in reversed(self.open) if "lang" in attrs), "")
            self.texts.append((lang, data, self.within_tag("code") or self.within("t")))

    def within(self, name):
        return any(name in attrs.get("class", "").split() for _, attrs in self.open)

    def within_tag(self, *names):
        return any(tag in names for tag, _ in self.open)


def faults(page):
    """What is wrong with a page; nothing if all is well."""
    read = Reader(page)
    found = list(read.faults)
    found += fetched(page, read)
    found += unnamed(page, read)
    found += astray(read)
    found += out_of_shape(read)
    found += in_another_language(read)
    return found


def fetched(page, read):
    loaded = [attrs[key] for _, attrs in read.elements for key in ("src", "srcset", "data", "poster") if key in attrs]
    loaded += [attrs.get("href", "") for tag, attrs in read.elements if tag in ("link", "base")]
    loaded += re.findall(r"url\(['\"]?([^)]*)", page)
    found = [f"fetched: {each[:60]}" for each in loaded if not each.startswith("data:")]
    found += [f"leads away: {each['href']}" for each in read.links if "//" in each.get("href", "")]
    found += [f"not still: {tag}" for tag, _ in read.elements if tag in ("script", "iframe", "object", "embed")]
    return found + ["fetched: @import"] * ("@import" in page)


def unnamed(page, read):
    """Names of the page and its parts, and the words for its pictures."""
    html = next(attrs for tag, attrs in read.elements if tag == "html")
    found = ["no language"] * (html.get("lang") not in ("en", "zh-Hans"))
    found += ["no title"] * (not re.search(r"<title>[^<]+ · [^<]+</title>", page))
    named = {attrs.get("name"): attrs.get("content") for tag, attrs in read.elements if tag == "meta"}
    found += [f"no {name}" for name in ("viewport", "description") if not named.get(name)]
    tags = Counter(tag for tag, _ in read.elements)
    found += [f"{tags[tag]} of {tag}" for tag in ("main", "h1", "footer") if tags[tag] != 1]
    found += [f"nav without a name: {attrs}" for tag, attrs in read.elements
              if tag == "nav" and not attrs.get("aria-label") and attrs.get("role") != "none"]  # fmt: skip
    text = next(attrs.get("id") for tag, attrs in read.elements if tag == "main")
    found += ["no way past the head"] * (not read.links or read.links[0].get("href") != f"#{text}")
    alts = [attrs.get("alt", "") for tag, attrs in read.elements if tag == "img"]
    found += [
        f"picture without words: {alt!r}" for alt in alts if not 20 < len(alt) < 3000 or not alt.endswith((".", "。"))
    ]
    found += ["picture without a source"] * (tags["figure"] != tags["figcaption"])
    levels = [level for level, _ in read.headings]
    found += ["headings skip a level"] * any(later > earlier + 1 for earlier, later in pairwise(levels))
    sections = [words for level, words in read.headings if level == 2]
    return found + [f"contents: {read.contents}"] * ("".join(read.contents) != "".join(sections))


def astray(read):
    """Links that lead nowhere, and sources that lead nowhere back."""
    found = [f"id twice: {name}" for name, count in read.ids.items() if count > 1]
    targets = [each["href"][1:] for each in read.links if each.get("href", "").startswith("#")]
    found += [f"leads nowhere: {target}" for target in targets if target not in read.ids]
    cited = {each["href"][1:] for each in read.links if each.get("class") == "src" and "source-" in each["href"]}
    back = {target.split("-")[1] for target in targets if target.startswith("use-")}
    return found + [f"no way back: {each}" for each in cited if each.removeprefix("source-") not in back]


def out_of_shape(read):
    """Tables without caption, headers or a box that can be reached and scrolled."""
    found = []
    for table in read.tables:
        width = max(sum(1 for _ in row) for row in table["rows"])
        left = 0
        for row in table["rows"]:
            found += [f"row of {len(row)} in {width}"] * (len(row) + (left > 0) != width)
            left = row[0][2] - 1 if left == 0 else left - 1
            if table["marked"]:
                continue
            scopes = {("th", "col")} if row[0][3] else {("th", "row" if row[0][2] == 1 else "rowgroup"), ("td", None)}
            found += [f"header without scope: {row}"] * (not {cell[:2] for cell in row} <= scopes)
        if not table["marked"]:
            found += ["table without caption"] * (table["captions"] != 1)
            found += ["table out of reach"] * (
                table["box"].get("tabindex") != "0" or not table["box"].get("aria-label")
            )
    return found


def in_another_language(read):
    """Words in the other language that do not say so."""
    found = []
    for lang, text, quoted in read.texts:
        if quoted:
            continue
        if lang == "en":
            found += [f"Chinese: {text}"] * bool(HAN.search(text))
        elif lang == "zh-Hans" and read.elements[0][1].get("lang") == "zh-Hans":
            found += [f"English: {word}" for word in re.findall(r"[A-Za-z]{3,}", text) if word not in LATIN]
            found += [f"half-width: {text}"] * bool(HALF_WIDTH.search(text))
    alts = [attrs.get("alt", "") for tag, attrs in read.elements if tag == "img"]
    zh = next(attrs for tag, attrs in read.elements if tag == "html").get("lang") == "zh-Hans"
    return found + [f"half-width: {alt}" for alt in alts if zh and re.search(r"[,;:](?!\d)", alt)]


@pytest.mark.parametrize("key", KEYS)
def test_nothing_stops_a_reader(shown, key):
    assert faults(shown[key]) == []


#: What may go wrong: what to put for what in the page, and what a reader would say.
DAMAGE = [
    ("data:image/svg+xml", "https://example.org/a.svg;", "fetched"),
    ("<style>", "<style>@import 'a.css';", "@import"),
    ('<html lang="en">', "<html>", "no language"),
    ('name="description"', 'name="other"', "no description"),
    ("<h2 ", "<h4 ", "closed without"),
    ('<main id="text"', '<main id="source-3"', "id twice: source-3"),
    ('href="#source-3"', 'href="#source-999"', "leads nowhere: source-999"),
    (' id="section-1"', "", "leads nowhere: section-1"),
    ("<caption>", "<p>", "closed without"),
    (' scope="col"', "", "header without scope"),
    (' scope="row"', "", "header without scope"),
    (' tabindex="0"', "", "out of reach"),
    ("<figcaption>", "<p>", "picture without a source"),
    ('alt="', 'alt="" title="', "picture without words"),
    ("The shares as printed", "照印的比重", "Chinese"),
    ('<a class="skip" href="#text">', '<a class="skip" href="#section-1">', "no way past the head"),
    ('href="#use-', 'href="#section-1" title="', "no way back"),
]


@pytest.mark.parametrize(("old", "new", "said"), DAMAGE)
def test_the_checks_notice(shown, old, new, said):
    page = shown["en/china-garment/02_concentration"]
    assert old in page
    assert any(re.search(said, fault) for fault in faults(page.replace(old, new)))


def test_english_on_a_chinese_page_is_noticed(shown):
    page = shown["zh/baoying-glass/04_size_distribution"]
    found = faults(page.replace("所印企业数及其", "the counts, 所印企业数:及其"))
    assert [each.split(":")[0] for each in found] == ["English", "English", "half-width"]


@pytest.mark.parametrize("key", KEYS)
def test_the_message_stands_before_the_sections(shown, key):
    page = shown[key]
    contents = re.search('<nav [^>]*class="contents"', page)
    assert page.index('<div class="findings">') < contents.start() < page.index("<h2 ")


def test_a_source_leads_back_to_each_section_once(shown):
    page = shown["en/china-garment/02_concentration"]
    row = re.search(r'<span id="source-3">3</span>.*?</th>', page)[0]
    uses = re.findall(r'href="#(use-3-\d+)"', row)
    assert uses == ["use-3-0", "use-3-1", "use-3-2"]  # the sentences at the top, then two sections
    assert all(page.count(f'id="{use}"') == 1 for use in uses)
    assert 'title="used in section 1"' in row


def test_only_what_is_cited_has_a_way_back():
    row = '<td><span id="source-2">2</span></td>'
    assert with_ways_back(row, "en") == row


def test_chinese_words_say_so_where_they_stand():
    page = '<style>/*多*/</style><p>A 20家, so (多). <b title="多">b</b></p><p lang="zh-Hans">多<i>数</i></p><p>多</p>'
    assert with_chinese_named(page) == (
        '<style>/*多*/</style><p>A 20<span lang="zh-Hans">家</span>, so (<span lang="zh-Hans">多</span>). '
        '<b title="多">b</b></p><p lang="zh-Hans">多<i>数</i></p><p><span lang="zh-Hans">多</span></p>'
    )


def test_a_blank_first_cell_belongs_to_the_row_above():
    cited = Cell("", (Source(1, "a", "b"),))
    table = Table("t", ["a", "b"], [[Cell("x"), Cell("1")], [Cell(""), Cell("2")], [cited, Cell("3")]])
    assert table.html.count('<th scope="rowgroup" rowspan="2">x</th><td>1</td></tr>\n<tr><td>2</td>') == 1
    assert re.search(r'<th scope="row"><a class="src"[^>]*>1</a></th><td>3</td>', table.html)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ink", ["ink", "soft", "mark"])
@pytest.mark.parametrize("ground", ["paper", "tint"])
def test_letters_stand_out_from_their_ground(ink, ground):
    style = pages.template_file("style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): #([0-9a-f]{3,6})", style))
    light, dark = sorted(luminance(colours[name] * (2 if len(colours[name]) == 3 else 1)) for name in (ink, ground))
    assert (dark + 0.05) / (light + 0.05) >= 4.5


def test_the_style_serves_keyboard_phone_and_paper():
    style = pages.template_file("style.css").read_text(encoding="utf-8")
    phone, paper = style.split("@media screen and (max-width")[1].split("@media print")
    assert ":focus-visible" in style and "@page { size: A4" in style
    assert "position: sticky" in phone and "var(--sideways" in phone
    for rule in ("break-inside: avoid", "break-after: avoid", "display: table-header-group", "max-height"):
        assert rule in paper


SIGN = "龘"
#: Where a sign may stand on a picture.
PLACES = {
    "title in bold": lambda ax, figure: ax.set_title(SIGN),
    "legend": lambda ax, figure: figure.legend(ax.plot([1], [1]), [SIGN], loc="outside upper left"),
    "tick": lambda ax, figure: ax.set_yticks([0], [SIGN]),
    "label of an axis": lambda ax, figure: ax.set_xlabel(SIGN),
    "label of all axes": lambda ax, figure: figure.supylabel(SIGN),
    "note in italics": lambda ax, figure: ax.annotate(SIGN, (0, 0), style="italic"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_sign_that_no_font_has_is_an_error_wherever_it_stands(study, monkeypatch, place):
    page = page_of(study, "shishi-garment", "zh")

    def draw(figure):
        PLACES[place](figure.subplots(), figure)

    assert picture(page, draw, 2, "alt", []).svg
    monkeypatch.setattr(fonts, "families", lambda: ["DejaVu Sans"])
    with pytest.raises(ClusterlibError, match="Glyph"):
        picture(page, draw, 2, "alt", [])
