"""Fonts with Chinese: for pictures the bundled one, for pages the few signs that a page uses."""

from __future__ import annotations

import base64
import io
import threading
from functools import cache, lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: From this code point on, signs are taken to need a font with Chinese (radicals, punctuation, full-width forms).
FIRST_CHINESE = 0x2E80
#: Family under which a page finds the embedded signs. It stands first in the style and serves its own signs only:
#: as a fallback behind other fonts, a browser may draw the first lines before it has loaded, with empty boxes.
EMBEDDED_FAMILY = "clusterlib Chinese"
#: Fonts that a machine may have, if the bundled one is missing.
SYSTEM_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
)

_TABLES = ("GSUB", "GPOS", "vhea", "vmtx", "VORG", "BASE", "DSIG")


def bundled(weight: str = "Regular") -> Path | None:
    """File of the bundled font (Noto Sans CJK SC from the package mpl-font), or None if it is not installed."""
    spec = find_spec("mpl_font")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "fonts" / "noto" / f"NotoSansCJKsc-{weight}.otf"
        if path.is_file():
            return path
    return None


@cache
def families() -> list[str]:
    """Font families for pictures: DejaVu Sans, then one with Chinese, the bundled one so that pages look alike."""
    from matplotlib import font_manager

    for weight in ("Regular", "Bold"):
        if path := bundled(weight):
            font_manager.fontManager.addfont(str(path))
    known = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *[name for name in SYSTEM_FONTS if name in known][:1]]


def face(text: str) -> str:
    """CSS font face with the Chinese signs of a text, so that a page has no empty box on any machine; "" if none.

    Parameters
    ----------
    text : str
        What the page shows.
    """
    signs = "".join(sorted({sign for sign in text if ord(sign) >= FIRST_CHINESE}))
    return _face(signs) if signs else ""


@cache
def _face(signs: str) -> str:
    path = bundled()
    if path is None:
        return ""
    buffer = io.BytesIO()
    source = _source(path, signs)
    with _cut(source, signs, whole=source is path) as font:
        font.flavor = "woff"
        font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    span = ", ".join(f"U+{ord(sign):X}" for sign in signs)
    return (
        f'@font-face {{ font-family: "{EMBEDDED_FAMILY}"; font-display: block; unicode-range: {span}; '
        f'src: url(data:font/woff;base64,{data}) format("woff"); }}'
    )


def files() -> list[Path]:
    """Fonts of a document, the same on every machine: each family's regular face and its bold one, Chinese first."""
    spec = find_spec("matplotlib")
    folders = (spec.submodule_search_locations or []) if spec else []
    names = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
    latin = [Path(folder) / "mpl-data" / "fonts" / "ttf" / name for folder in folders for name in names]
    return [path for path in (bundled(), bundled("Bold"), *latin) if path is not None and path.is_file()]


def lacking(text: str) -> list[str]:
    """Signs of a text that no font of a document has, in the order of their code points; white space needs none.

    Examples
    --------
    >>> lacking("200多家，≥ 5%"), lacking("a\U0001fae8b")
    ([], ['🫨'])
    """
    known = _widths()
    return sorted(sign for sign in set(text) if sign not in known and not sign.isspace())


def width(text: str) -> float:
    """Width of a text in a document, in units of its font size; a sign that no font has counts as a full one."""
    known = _widths()
    return sum(known.get(sign, 1.0) for sign in text)


@cache
def _widths() -> dict[str, float]:
    """Advance of each sign in the first font that has it, for signs that the bold face has as well."""
    from fontTools.ttLib import TTFont

    found: dict[str, float] = {}
    fonts = [TTFont(str(path), lazy=True) for path in files()]
    for regular, bold in zip(fonts[::2], fonts[1::2], strict=False):
        metrics, units = regular["hmtx"], regular["head"].unitsPerEm
        both = bold.getBestCmap().keys()
        for code, name in regular.getBestCmap().items():
            if code in both:
                found.setdefault(chr(code), metrics[name][0] / units)
    for font in fonts:
        font.close()
    return found


#: Signs that many pages to come share.
_expected: frozenset[str] = frozenset()
_PART = threading.Lock()


def expect(text: str) -> None:
    """Say what many pages to come will show: their signs are cut out of the whole font once, not for each page.

    Reading all of its 65,000 signs takes longest. Signs that were not expected are found all the same.
    """
    global _expected
    words = resources.files("clusterlib").joinpath("labels.csv").read_text(encoding="utf-8")
    _expected = frozenset(sign for sign in text + words if ord(sign) >= FIRST_CHINESE)


def _source(path: Path, signs: str) -> Path | io.BytesIO:
    """The whole font, or the part of it with the expected signs where that will do."""
    expected = _expected
    if not expected.issuperset(signs):
        return path
    with _PART:
        return io.BytesIO(_part(path, expected))


@lru_cache(maxsize=1)
def _part(path: Path, signs: frozenset[str]) -> bytes:
    buffer = io.BytesIO()
    with _cut(path, "".join(sorted(signs)), whole=True) as font:
        font.save(buffer)
    return buffer.getvalue()


def _cut(source: Path | io.BytesIO, signs: str, *, whole: bool = False) -> Any:
    """Font of some signs and little else; from the whole font, or from a part that was cut from it."""
    from fontTools import subset

    options = subset.Options(
        layout_features=[],
        name_IDs=[],
        hinting=not whole,  # in a part there are none left to look for
        desubroutinize=whole,
        notdef_outline=False,
        glyph_names=False,
        ignore_missing_unicodes=True,
    )
    options.drop_tables += _TABLES
    font = subset.load_font(str(source) if isinstance(source, Path) else source, options, lazy=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=signs)
    subsetter.subset(font)
    return font
