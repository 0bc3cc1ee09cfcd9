"""« Échanger ce jour »: a booked day is given back once another one of the same enrolment is granted, not before."""

from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from app import clock, db
from app.formats import long_date
from app.models.enrolments import Enrolment, availability
from app.models.planning.days_plan import ASKED_ALREADY, DaysPlan, PlannedLine
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine
from app.models.requests.line_state import OPEN_STATES
from app.models.town.calendar import Calendar, days_between

_WITHIN = timedelta(days=60)


def why_not(enrolment: Enrolment, old: date, calendar: Calendar, *, at: datetime) -> str | None:
    """Why this day cannot be exchanged at this instant; None when it can. It must be one that could be cancelled."""
    if not availability.returnable([enrolment.id], [old]):
        return f"Le {long_date(old)} n’est pas réservé."
    waits = select(RequestLine.day).where(
        RequestLine.enrolment_id == enrolment.id,
        or_(RequestLine.day == old, RequestLine.gives_up == old),
        RequestLine.state.in_(OPEN_STATES),
    )
    asked = db.session.scalars(waits).first()
    if asked is not None:
        return ASKED_ALREADY if asked == old else f"L’échange contre le {long_date(asked)} attend déjà sa réponse."
    rule = enrolment.activity.cancelling_rule
    if not rule.is_met(old, calendar, at):
        return f"Il est trop tard pour rendre ce jour\u00a0: c’était possible {rule.sentence(old, calendar)}."
    return None


def choices(enrolment: Enrolment) -> list[PlannedLine]:
    """The days of the next weeks that may be had instead, with what becomes of each."""
    days = days_between(clock.today(), clock.today() + _WITHIN)
    return DaysPlan.of(RequestKind.BOOKING, [(enrolment, day) for day in days]).askable
