"""CSV for spreadsheets, written one way: the separator and mark that French ones expect, and no cell is a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d .()/-]*$)")
"""How a cell begins that a spreadsheet would compute; « +33 6 39 98 00 11 » and « -12 » are none."""


def answer(filename: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A file to download, UTF-8 with its mark: spreadsheets take it for Latin-1 otherwise."""
    written = io.StringIO()
    lines = csv.writer(written, delimiter=";")
    lines.writerow(heading)
    lines.writerows([harmless(cell) for cell in row] for row in rows)
    told = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=told)


def harmless(cell: str) -> str:
    """The cell, behind an apostrophe where it would be a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
