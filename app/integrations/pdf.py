"""PDFs: tagged and accessible (PDF/A-3a, PDF/UA-1), set by typst from templates in app/templates/pdf.

Data goes in as JSON through `sys.inputs`, never into the source: what a person typed stays text.
"""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from app import clock

APP = Path(__file__).resolve().parent.parent
_local = threading.local()


def render(template: str, data: dict[str, Any]) -> bytes:
    """Set `app/templates/pdf/<template>.typ`; the same data on the same day give the same bytes."""
    compiled = _compiler(template).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=datetime.combine(clock.today(), datetime.min.time(), UTC),
    )
    assert isinstance(compiled, bytes)  # one document, not one image a page
    return compiled


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
