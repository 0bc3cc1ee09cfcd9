"""The cells of the planning as HTML, for the page and for the answer to an action alike.

The only HTML that no template writes: a month has 900 cells, and a macro takes five times as long. Nothing in a cell
was typed by a person: it holds numbers, days and the words of our own legend.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from markupsafe import Markup

from app import clock
from app.models.planning.activity_days import Cell
from app.models.planning.row import PlanningRow


def columns(days: Iterable[date]) -> dict[date, str]:
    """The class of each day's column: its week in the month (a phone shows one), weekend, today."""
    today = clock.today()
    return {
        day: f"w{(day.day - 1 + day.replace(day=1).weekday()) // 7}"
        f"{' weekend' if day.weekday() > 4 else ''}{' today' if day == today else ''}"
        for day in days
    }


def cell_id(row: PlanningRow, cell: Cell) -> str:
    return f"c-{row.enrolment_id}-{cell.isoday}"


def cells(row: PlanningRow, shown: Iterable[Cell], column: Mapping[date, str]) -> Markup:
    """These cells of a row. The family's own lead to their menu; another household's are only read."""
    number, inside = row.enrolment_id, _link if row.mine else _text
    html = [
        f'<td id="c-{number}-{cell.isoday}" class="{column[cell.day]}" data-enrolment="{number}" '
        f'data-day="{cell.isoday}" data-state="{cell.state}">{inside(number, cell)}</td>'
        for cell in shown
    ]
    return Markup("\n".join(html))  # noqa: S704 - nobody typed any of it


def _link(number: int, cell: Cell) -> str:
    """Its name repeats the letter that is seen (WCAG 2.5.3)."""
    name = f"{cell.name}, {cell.letter}" if cell.letter[:1].isalnum() else cell.name
    return f'<a href="/inscriptions/{number}/{cell.isoday}" aria-label="{name}">{cell.letter}</a>'


def _text(number: int, cell: Cell) -> str:
    if not cell.letter:
        return ""
    return f'<b aria-hidden="true">{cell.letter}</b><span class="visually-hidden">{cell.name}</span>'
