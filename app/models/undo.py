"""« Annuler » a whole request while rules allow: what waits is withdrawn, what was booked is given back."""

from datetime import date, datetime

from sqlalchemy import select

from app import clock, db
from app.models import door, places, withdrawal
from app.models.author import Author
from app.models.booking import Booking, BookingState
from app.models.calendar import Calendar
from app.models.enrolment import Enrolment
from app.models.line_state import ANSWERABLE_STATES, OPEN_STATES, LineState
from app.models.refusal import RefusedError
from app.models.request import Request, RequestLine
from app.models.request_kind import RequestKind
from app.models.town import Town


def undoable(request: Request, *, at: datetime | None = None) -> list[RequestLine]:
    """The lines that cancelling would undo: those that wait, and the days booked that can still be given back."""
    if request.kind is not RequestKind.BOOKING:
        return []
    days = [line.asked_slot[1] for line in request.lines]
    calendar = Calendar.load(Town.current().school_zone, min(days), max(days))
    booked = _booked(request)
    now = at or clock.local_now()
    found = []
    for line in request.lines:
        enrolment, day = line.asked_slot
        in_time = day >= clock.today() and enrolment.activity.cancelling_rule.is_met(day, calendar, now)
        kept = line.state is LineState.ACCEPTED and (enrolment.id, day) in booked
        if line.state in OPEN_STATES or (kept and in_time and line.gives_up is None):
            found.append(line)
    return found


def undo(request_id: int, *, by: Author) -> int:
    """Undo all that can be; how many days. Raises RefusedError when nothing can."""
    withdrawal.held(request_id)
    found = undoable(db.session.get_one(Request, request_id))
    if not found:
        raise RefusedError("Il n’y a plus rien à annuler : les délais sont passés, ou tout a déjà changé.")
    places.lock_lines(found)
    kept: dict[Enrolment, list[date]] = {}
    for line in sorted(found, key=lambda one: one.state in ANSWERABLE_STATES):  # what waits would get those places
        if line.state is LineState.ACCEPTED:
            enrolment, day = line.asked_slot
            kept.setdefault(enrolment, []).append(day)
        withdrawal.take_back(line, by=by)
    for enrolment, days in kept.items():
        door.cancel(enrolment, *days)
    return len(found)


def _booked(request: Request) -> set[tuple[int, object]]:
    slots = [line.asked_slot for line in request.lines]
    live = select(Booking.enrolment_id, Booking.day).where(
        Booking.enrolment_id.in_({enrolment.id for enrolment, _ in slots}),
        Booking.day.in_({day for _, day in slots}),
        Booking.state == BookingState.BOOKED,
    )
    return {(number, day) for number, day in db.session.execute(live)}
