"""Fonts with Chinese: for pictures the bundled one, for pages the few signs that a page uses."""

from __future__ import annotations

import base64
import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path

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
    from fontTools import subset

    path = bundled()
    if path is None:
        return ""
    options = subset.Options(
        layout_features=[],
        name_IDs=[],
        hinting=False,
        notdef_outline=False,
        glyph_names=False,
        ignore_missing_unicodes=True,
    )
    options.drop_tables += _TABLES
    font = subset.load_font(str(path), options, lazy=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=signs)
    subsetter.subset(font)
    font.flavor = "woff"
    buffer = io.BytesIO()
    font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    span = ", ".join(f"U+{ord(sign):X}" for sign in signs)
    return (
        f'@font-face {{ font-family: "{EMBEDDED_FAMILY}"; font-display: block; unicode-range: {span}; '
        f'src: url(data:font/woff;base64,{data}) format("woff"); }}'
    )
