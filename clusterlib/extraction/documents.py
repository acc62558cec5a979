"""A file to text, and the documents inside it told apart.

The text is taken as it is: line ends stay, so that the offsets of a place hold for whoever opens the file.
"""

from __future__ import annotations

import codecs
import io
import logging
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clusterlib.errors import InputError

if TYPE_CHECKING:
    from pypdf import PdfReader

#: Bytes of the largest file that is read, and of all that a docx or odt may unpack to.
LARGEST = 100_000_000
#: Seconds and memory that pandoc may take.
PATIENCE = 60
MEMORY = "1g"

ENCODINGS = "UTF-8, GB18030 (GBK, GB2312), Big5, UTF-16 with a byte order mark"
FORMATS = "text, .html, .docx, .odt or .pdf"

#: Codecs of an encoding, first the one that most programs write; Big5 of Hong Kong differs from it in a few signs.
_CODECS = {"utf-8": ("utf-8",), "gb18030": ("gb18030",), "big5": ("cp950", "big5hkscs")}
#: Lead and trail bytes from which, and lead bytes up to which, a standard lists the signs in common use.
_COMMON = {"gb18030": (0xB0, 0xD7, 0xA1), "big5": (0xA4, 0xC6, 0x40)}
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    "\ufeff".encode("gb18030"): "gb18030",
}
#: Bytes that the encoding is judged by.
_SAMPLE = 65_536
#: Signs that fill half of any Chinese text, in both scripts, and its punctuation.
_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家"
    "种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民"
    "第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西月话"
    "合回特代内信表化老给位次度门任常先海通教原东声提立及比员解水名真论各入几口认条平系气题活别打变四总何电数安少报结"
    "反受目太量再感建务做接必场件计管期市直德资命金指许统区保至队形社便空决治展马科司五基据集群企亿元万增百府县镇乡村"
    "省城服装品牌模规济技术创投融商贸售销收额占率左右足约达超亩吨套台职户均值税"
    "這個們來為國說時會對後發過種經麼學現當沒動還進樣開從實軍無與長機關點業將兩間問應戰頭體見產給門東聲員論幾條氣題別"
    "變電數報結務場計資許統區隊決馬據億萬縣鎮鄉裝規濟術創貿銷額達畝噸職戶稅總認讓處書專帶傳師觀兒裡"
    "，。、；：？！（）《》〈〉「」『』“”‘’—…·％　"
)
_CHARSET = re.compile(rb"<meta\b[^>]{0,200}?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CHARSETS = {
    "utf-8": "utf-8", "utf8": "utf-8",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030",
    "big5": "big5", "big5-hkscs": "big5", "cp950": "big5", "x-x-big5": "big5",
}  # fmt: skip

_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_BLANKS = r"[ \t\u00a0\u3000]*"
_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "两": 2, "兩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_HEADING = re.compile(
    rf"(?<![^\r\n]){_BLANKS}第([0-9０-９]{{1,9}}|[{''.join(_DIGITS)}{''.join(_UNITS)}]{{1,9}})篇[：:]"
)


@dataclass(frozen=True)
class Document:
    """One document of a source.

    Attributes
    ----------
    key : str
        The file's stem, or ``stem#N`` with the printed number where the file holds several documents.
    start, end : int
        Where it stands in the text: ``text[start:end]``.
    """

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A file as text.

    Attributes
    ----------
    name : str
        Name of the file.
    text : str
        What it says.
    encoding : str
        How the text was stored: a codec of Python, or a format that brings its own: docx, odt, pdf.
    documents : tuple of Document
        What it holds, in order; together they cover the text.
    """

    name: str
    text: str
    encoding: str
    documents: tuple[Document, ...]


def read_source(path: str | Path) -> Source:
    """Read a file, or standard input if `path` is ``-``.

    Parameters
    ----------
    path : str or Path
        Text, HTML, docx, odt, or a PDF that carries its text. What a file is, its first bytes say, then its suffix.

    Raises
    ------
    InputError
        If it cannot be read, is too large or no text, or what reads its format is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "survey.txt"
    ...     _ = path.write_bytes("第一篇：集群有200多家企业。\\r\\n第二篇：略。".encode("gbk"))
    ...     source = read_source(path)
    >>> source.encoding, source.documents
    ('gb18030', (Document(key='survey#1', start=0, end=17), Document(key='survey#2', start=17, end=23)))
    """
    if str(path) == "-":
        name = stem = "stdin"
        suffix = ""
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        path = Path(path)
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise InputError(f"document: given {str(path)!r}; allowed: a readable file ({error.strerror})") from None
        except ValueError as error:  # a name that no file can have
            raise InputError(f"document: given {str(path)!r}; allowed: a readable file ({error})") from None
        # Archives made in China often unpack to names in GBK, which no table or page could be written with.
        name, stem = (decode(os.fsencode(part), strict=False)[0] for part in (path.name, path.stem))
        suffix = path.suffix.lower()
    if len(data) > LARGEST:
        raise InputError(f"{name}: given a larger file; allowed: at most {LARGEST // 1_000_000} MB")
    text, encoding = _to_text(data, name, suffix)
    return Source(name, text, encoding, split(text, stem))


def write_text(source: Source, path: str | Path) -> None:
    """Save the text of a source as UTF-8, sign for sign, so that every offset holds in the file.

    Parameters
    ----------
    source : Source
        What `read_source` returned.
    path : str or Path
        Where to.
    """
    Path(path).write_bytes(source.text.encode("utf-8"))


def decode(data: bytes, *, strict: bool = True, where: str = "text") -> tuple[str, str]:
    r"""Decode Chinese text whose encoding nobody tells.

    A byte order mark decides, then strict UTF-8. Otherwise each encoding is tried on a sample and judged by its signs:
    read wrongly, Chinese turns into rare signs, private ones and gaps; read rightly, half of it are the few hundred
    signs and punctuation marks that every text is made of.

    Parameters
    ----------
    data : bytes
        What a file holds.
    strict : bool, default True
        Whether bytes that the encoding does not have are an error; otherwise U+FFFD takes their place.
    where : str, default "text"
        What the error names.

    Returns
    -------
    text : str
        Without byte order mark, line ends as they are.
    encoding : str
        Codec of Python; where signs were replaced it says how many.

    Raises
    ------
    InputError
        If it is strict, and no encoding fits.

    Examples
    --------
    >>> decode("年产值６０亿元\r\n".encode("gbk"))
    ('年产值６０亿元\r\n', 'gb18030')
    >>> decode("年產值６０億元".encode("big5"))
    ('年產值６０億元', 'cp950')
    >>> decode(b"60\xff", strict=False)
    ('60�', 'utf-8 (1 replaced)')
    """
    for mark, codec in _BOMS.items():
        if data.startswith(mark):
            return _decode_as(data, (codec,), strict, where)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_as(data, _CODECS[_most_plausible(data)], strict, where)


def split(text: str, stem: str) -> tuple[Document, ...]:
    """Tell documents apart by their headings, ``第N篇：`` at the start of a line.

    Parameters
    ----------
    text : str
        What a file says.
    stem : str
        What keys begin with.

    Returns
    -------
    tuple of Document
        At least one; what stands before the first heading is ``stem#0`` if it says anything.

    Examples
    --------
    >>> [document.key for document in split("总序\\n第二十一篇：甲\\n　第３篇:乙", "book")]
    ['book#0', 'book#21', 'book#3']
    """
    starts = [(match.start(), _number(match[1])) for match in _HEADING.finditer(text)]
    if starts and not text[: starts[0][0]].strip():
        starts[0] = (0, starts[0][1])
    else:
        starts.insert(0, (0, 0))
    ends = [start for start, _ in starts[1:]] + [len(text)]
    times: Counter[int] = Counter()
    documents = []
    for (start, number), end in zip(starts, ends, strict=True):
        times[number] += 1
        again = f"-{times[number]}" if times[number] > 1 else ""
        documents.append(Document(f"{stem}#{number}{again}" if len(starts) > 1 else stem, start, end))
    return tuple(documents)


def _number(numeral: str) -> int:
    if not set(numeral) & _UNITS.keys():
        return int("".join(str(_DIGITS.get(sign, sign)) for sign in unicodedata.normalize("NFKC", numeral)))
    total = digit = 0
    for sign in numeral:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def _decode_as(data: bytes, names: tuple[str, ...], strict: bool, where: str) -> tuple[str, str]:
    first: UnicodeDecodeError | None = None
    for codec in names:
        try:
            return data.decode(codec).lstrip("\ufeff"), codec
        except UnicodeDecodeError as error:
            first = error if first is None or error.start > first.start else first
    assert first is not None
    if strict:
        raise InputError(
            f"{where}: given byte 0x{data[first.start]:02x} at offset {first.start}, which {names[0]} does not have "
            f"there; allowed: {ENCODINGS}"
        )
    text = data.decode(names[0], "replace")
    count = text.count("\ufffd") - data.decode(names[0], "ignore").count("\ufffd")
    return text.lstrip("\ufeff"), f"{names[0]} ({count} replaced)"


def _most_plausible(data: bytes) -> str:
    """The encoding whose reading has the largest share of frequent signs less that of rare ones and gaps."""
    begin = re.search(rb"[\x80-\xff]", data)
    sample = data[begin.start() :][:_SAMPLE] if begin else b""
    return max(_CODECS, key=lambda encoding: _plausibility(sample, encoding))


def _plausibility(sample: bytes, encoding: str) -> float:
    # Told that more may follow, the decoder leaves out a sign that the end of the sample cuts.
    text = codecs.getincrementaldecoder(_CODECS[encoding][0])("replace").decode(sample, final=False)
    signs = {sign: count for sign, count in Counter(text).items() if sign > "\x7f"}
    total = sum(signs.values())
    return sum(count * _weight(sign, encoding) for sign, count in signs.items()) / total if total else -1.0


def _weight(sign: str, encoding: str) -> int:
    if sign in _FREQUENT:
        return 1
    if sign == "\ufffd" or unicodedata.category(sign) in ("Cc", "Cn", "Co"):
        return -1
    if encoding == "utf-8" or unicodedata.category(sign) != "Lo":
        return 0
    first, last, trail = _COMMON[encoding]
    stored = sign.encode(_CODECS[encoding][0])
    return 0 if first <= stored[0] <= last and stored[1] >= trail else -1


def _to_text(data: bytes, name: str, suffix: str) -> tuple[str, str]:
    if data.startswith(b"%PDF-") or suffix == ".pdf":
        return _pdf(data, name), "pdf"
    if data.startswith(b"PK\x03\x04") or suffix in (".docx", ".odt"):
        kind = _archive(data, name)
        return _pandoc(data, name, kind), kind
    html = suffix in (".html", ".htm", ".xhtml") or (not suffix and _HTML.match(data))
    if b"\0" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(
            f"{name}: given binary data (a zero byte at offset {data.find(0)}); allowed: {FORMATS}; UTF-16 with a "
            "byte order mark"
        )
    text, encoding = _declared(data) if html else ("", "")
    if not encoding:
        text, encoding = decode(data, where=name)
    if "\0" in text:
        raise InputError(f"{name}: given binary data (a zero at sign {text.find(chr(0))}); allowed: {FORMATS}")
    if html:
        text = _pandoc(text.encode("utf-8"), name, "html")
    return text, encoding


def _declared(data: bytes) -> tuple[str, str]:
    """An HTML page by the charset that it declares; nothing if it declares none that fits its bytes."""
    match = _CHARSET.search(data[:4096])
    names = _CODECS.get(_CHARSETS.get(match[1].decode("ascii", "replace").lower(), ""), ()) if match else ()
    if not names or data.startswith(tuple(_BOMS)):
        return "", ""
    try:
        return _decode_as(data, names, True, "")
    except InputError:  # the page says one thing and does another: its bytes decide
        return "", ""


def _archive(data: bytes, name: str) -> str:
    """Which of the two formats a zip archive is, after a look at what it says it unpacks to."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename: entry.file_size for entry in archive.infolist()}
            kind = archive.open("mimetype").read(100) if "mimetype" in entries else b""
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise InputError(f"{name}: given a damaged docx or odt ({error}); allowed: {FORMATS}") from None
    if sum(entries.values()) > LARGEST:
        raise InputError(f"{name}: given an archive of more; allowed: at most {LARGEST // 1_000_000} MB unpacked")
    if "word/document.xml" in entries:
        return "docx"
    if kind.startswith(b"application/vnd.oasis.opendocument.text"):
        return "odt"
    raise InputError(f"{name}: given a zip archive that is neither docx nor odt; allowed: {FORMATS}")


def _pandoc(data: bytes, name: str, kind: str) -> str:
    try:
        import pypandoc

        program = pypandoc.get_pandoc_path()
    except (ImportError, OSError):
        raise _missing(name, kind, "pandoc") from None
    # A line that the page's source breaks inside a Chinese sentence is no blank.
    reader = "html+east_asian_line_breaks" if kind == "html" else kind
    command = [program, "--from", reader, "--to", "plain", "--wrap", "none", "--eol", "lf", "--sandbox"]
    try:
        done = subprocess.run(
            [*command, "+RTS", f"-M{MEMORY}", "-RTS"], input=data, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{name}: given {kind} that pandoc reads for over {PATIENCE} s; allowed: less") from None
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        raise InputError(f"{name}: given {kind} that pandoc cannot read ({said}); allowed: {FORMATS}")
    return done.stdout.decode("utf-8", "replace")


def _pdf(data: bytes, name: str) -> str:
    try:
        import pypdf
    except ImportError:
        raise _missing(name, "pdf", "pypdf") from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # how a file was made is not the reader's business
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        locked = _locked(reader)
        text = "" if locked else "\n".join(page.extract_text() for page in reader.pages)
    except Exception as error:  # a damaged file fails anywhere in pypdf, with any error
        raise InputError(f"{name}: given a damaged PDF ({error or type(error).__name__}); allowed: {FORMATS}") from None
    if locked:
        raise InputError(f"{name}: given an encrypted PDF; allowed: one that opens without a password")
    if not text.strip():
        raise InputError(f"{name}: given a PDF without text (scanned?); allowed: one that carries its text")
    # Halves of a sign that a font's table pairs wrongly could never be written.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").lstrip("\ufeff")


def _locked(reader: PdfReader) -> bool:
    from pypdf.errors import DependencyError

    try:  # many a file is encrypted against changes only, and opens without a password
        return reader.is_encrypted and not reader.decrypt("")
    except DependencyError:
        return True


def _missing(name: str, kind: str, library: str) -> InputError:
    return InputError(
        f"{name}: given {kind}, and {library} is not installed; allowed: after pip install 'clusterlib[documents]'"
    )
