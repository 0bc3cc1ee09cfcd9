"""Mes enfants, planning: the month of all the family's children."""

from datetime import date

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, clock, csv_file
from app.blueprints.parent import bp
from app.blueprints.parent.planning.cells import cells, columns
from app.converters import YEARS, row_id
from app.models.enrolments import Enrolment
from app.models.families import Child
from app.models.planning.cell import LEGEND, CellState
from app.models.planning.month import Month
from app.models.planning.row import PlanningRow

WAITING = (
    CellState.REQUEST_WAITING,
    CellState.BOOKING_IN_REVIEW,
    CellState.ABSENCE_IN_REVIEW,
    CellState.WAITING_LIST,
    CellState.OFFERED,
    CellState.COUNTERED,
)


@bp.get("/planning")
def planning_today() -> Answer:
    """This month, or the one that the picker names."""
    try:
        month = date.fromisoformat(f"{request.args['mois']}-01")
    except (KeyError, ValueError):
        month = clock.today().replace(day=1)
    if month.year not in YEARS:
        abort(404)
    return redirect(url_for(".planning", month=month, enfant=request.args.get("enfant")), 303)


@bp.get("/planning/<month:month>")
def planning(month: date) -> Answer:
    child_id = request.args.get("enfant", type=row_id)
    shown = _month(month, child_id)
    children = _children_or_404(child_id)
    column = columns(shown.days)
    return render_template(
        "parent/planning/month.html",
        month=shown,
        children=children,
        child_id=child_id,
        week=shown.week_to_show(request.args.get("semaine", type=row_id)),
        legend=[(state, sign) for state, sign in LEGEND.items() if sign.in_legend],
        counters=counters(shown),
        column=column,
        cells={row.enrolment_id: cells(row, row.cells, column) for row in shown.rows},
    )


@bp.get("/planning/<month:month>.csv")
def planning_csv(month: date) -> Answer:
    child_id = request.args.get("enfant", type=row_id)
    _children_or_404(child_id)
    shown = _month(month, child_id)
    heading = ["Enfant", "Structure", "Prestation", "Responsable", *(day.isoformat() for day in shown.days)]
    rows = (
        [child.first_name, row.structure, row.activity, row.responsible, *_words(row)]
        for child in shown.children
        for row in child.rows
    )
    return csv_file.answer(f"planning-{month:%Y-%m}.csv", heading, rows)


@bp.get("/planning/inscriptions")
def enrolments() -> Answer:
    rows = Enrolment.current_of_family(access.current_adult().family_id, clock.today())
    return render_template("parent/planning/enrolments.html", enrolments=rows)


def _words(row: PlanningRow) -> list[str]:
    return [cell.sign.label if cell.sign.in_legend else "" for cell in row.cells]


def counters(month: Month) -> list[tuple[str, int]]:
    return [
        ("Jours réservés", month.count(CellState.BOOKED, CellState.ATTENDED)),
        ("Demandes en attente", month.count(*WAITING)),
    ]


def _children_or_404(child_id: int | None) -> dict[int, str]:
    """The first names of the family's children, among whom the one that is asked for must be."""
    children = Child.first_names(access.current_adult().family_id)
    if child_id is not None and child_id not in children:
        abort(404)
    return children


def _month(first: date, child_id: int | None) -> Month:
    return Month.load(access.current_adult().family_id, first, child_id=child_id)
