"""PDFs: tagged and accessible (PDF/A-3a, PDF/UA-1), set by typst from templates in app/templates/pdf.

Data goes in as JSON through `sys.inputs`, never into the source: what a person typed stays text. A word that our font
cannot write is set as a whole in Noto Sans (two fonts in one word are read twice); a character that neither writes
becomes « � », since PDF/UA refuses a text without a glyph.
"""

import json
import threading
import unicodedata
from datetime import UTC, datetime
from functools import cache
from itertools import count, groupby
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont

from app import clock

APP = Path(__file__).resolve().parent.parent
OUR_FONT, OTHER_FONT = "AtkinsonHyperlegibleNext", "NotoSans"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_UNSEEN = ("Cc", "Cf")
_local = threading.local()


def render(template: str, data: dict[str, Any]) -> bytes:
    """Set `app/templates/pdf/<template>.typ`; the same data on the same day give the same bytes."""
    compiled = _compiler(template).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False), "beyond": _beyond_our_font()},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=datetime.combine(clock.today(), datetime.min.time(), UTC),
    )
    assert isinstance(compiled, bytes)  # one document, not one image a page
    return compiled


def loses(text: str) -> bool:
    """Whether a character of this text cannot be printed."""
    return UNKNOWN in printable(text)


def printable(text: str) -> str:
    """This text as it is printed: composed, without what nobody sees, unknown characters replaced."""
    return "".join(_printed(sign) for sign in unicodedata.normalize("NFC", text))


def _printed(sign: str) -> str:
    is_known = ord(sign) in _glyphs(OUR_FONT) or ord(sign) in _glyphs(OTHER_FONT)
    if sign in "\n\t" or (is_known and unicodedata.category(sign) not in _UNSEEN):
        return sign
    return "" if unicodedata.category(sign) in (*_UNSEEN, "Mn", "Me") else UNKNOWN


def _printable(data: Any) -> Any:
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {name: _printable(value) for name, value in data.items()}
    return [_printable(one) for one in data] if isinstance(data, list | tuple) else data


@cache
def _glyphs(font: str) -> frozenset[int]:
    """The characters that this font writes, regular and bold."""
    fonts = (TTFont(APP / "static" / "fonts" / f"{font}-{weight}.ttf", lazy=True) for weight in ("Regular", "Bold"))
    first, second = (font.getBestCmap() for font in fonts)
    return frozenset(first.keys() & second.keys())


@cache
def _beyond_our_font() -> str:
    """A regular expression: the words in which our font lacks a character."""
    known = sorted(_glyphs(OUR_FONT))
    runs = [[number for _, number in run] for _, run in groupby(zip(count(), known), lambda pair: pair[1] - pair[0])]
    ours = "".join(rf"\x{{{run[0]:X}}}-\x{{{run[-1]:X}}}" for run in runs)
    return rf"\S*[^\s{ours}]\S*"


def _compiler(template: str) -> typst.Compiler:
    """One per thread and template: a compiler is not to be shared."""
    kept: dict[str, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if template not in kept:
        kept[template] = typst.Compiler(
            input=str(APP / "templates" / "pdf" / f"{template}.typ"),
            root=str(APP / "templates" / "pdf"),
            font_paths=[str(APP / "static" / "fonts")],
            ignore_system_fonts=True,
        )
    return kept[template]
