"""« Annuler » a whole request while rules allow: what waits is withdrawn; what was booked is given back, what was
declared absent is booked again."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select

from app import clock, db
from app.formats import long_date
from app.models.enrolments import Booking, BookingState, Enrolment, availability
from app.models.families.author import Author
from app.models.places import door, places, withdrawal
from app.models.planning.days_plan import DayOutcome, DaysPlan
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.line_state import ANSWERABLE_STATES, OPEN_STATES
from app.models.town.calendar import Calendar

DayKey = tuple[int, date]
"""An enrolment's number and a day."""


def undoable(request: Request, *, at: datetime | None = None) -> list[RequestLine]:
    """The lines that cancelling would undo: those that wait, and those whose effect can still be taken back."""
    if request.kind not in (RequestKind.BOOKING, RequestKind.ABSENCE):
        return []
    accepted = _last_words([line for line in request.lines if line.state is LineState.ACCEPTED])
    reversible = _given_back if request.kind is RequestKind.BOOKING else _booked_again
    keys = reversible(accepted, at or clock.local_now()) if accepted else set()
    return [line for line in request.lines if line.state in OPEN_STATES or (line in accepted and _key(line) in keys)]


def undo(request_id: int, *, by: Author) -> int:
    """Undo all that can be; how many days. Raises RefusedError when nothing can."""
    lines = withdrawal.locked(request_id)
    places.lock_lines(lines)
    found = undoable(db.session.get_one(Request, request_id))
    if not found:
        raise RefusedError("Il n’y a plus rien à annuler\u00a0: les délais sont passés, ou tout a déjà changé.")
    done: dict[Enrolment, list[date]] = {}
    for line in sorted(found, key=lambda one: one.state in ANSWERABLE_STATES):  # what waits would get those places
        if line.state is LineState.ACCEPTED:
            enrolment, day = line.asked_slot
            done.setdefault(enrolment, []).append(day)
        withdrawal.take_back(line, by=by)
    for enrolment, days in done.items():
        if found[0].kind is RequestKind.BOOKING:
            door.give_back(enrolment, *days)
        else:
            _book_again(enrolment, days)
    return len(found)


def _key(line: RequestLine) -> DayKey:
    enrolment, day = line.asked_slot
    return enrolment.id, day


def _last_words(lines: list[RequestLine]) -> list[RequestLine]:
    """Without those whose day something else was accepted for since: it is not theirs to undo any more."""
    if not lines:
        return []
    slots = [_key(line) for line in lines]
    enrolments, days = {number for number, _ in slots}, {day for _, day in slots}
    since = select(RequestLine).where(
        RequestLine.id > min(line.id for line in lines),
        RequestLine.state == LineState.ACCEPTED,
        or_(
            RequestLine.enrolment_id.in_(enrolments) & RequestLine.day.in_(days),
            RequestLine.proposed_enrolment_id.in_(enrolments) & RequestLine.proposed_day.in_(days),
        ),
    )
    latest = {_key(line): line.id for line in sorted(db.session.scalars(since), key=lambda one: one.id)}
    return [line for line in lines if latest.get(_key(line), 0) <= line.id]


def _given_back(lines: Sequence[RequestLine], now: datetime) -> set[DayKey]:
    """The days booked that can still be cancelled. An exchange is not: the other day is somebody else's by now."""
    slots = [line.asked_slot for line in lines]
    days = [day for _, day in slots]
    calendar = Calendar.between(min(days), max(days))
    returnable = availability.returnable([enrolment.id for enrolment, _ in slots], days)
    return returnable & {
        _key(line)
        for line, (enrolment, day) in zip(lines, slots, strict=True)
        if line.gives_up is None and enrolment.activity.cancelling_rule.is_met(day, calendar, now)
    }


def _booked_again(lines: Sequence[RequestLine], now: datetime) -> set[DayKey]:
    """The days of absence that could be booked now, in time and with a place left: those before them count."""
    slots = [line.asked_slot for line in lines]
    absent = select(Booking.enrolment_id, Booking.day).where(
        Booking.enrolment_id.in_([enrolment.id for enrolment, _ in slots]),
        Booking.day.in_([day for _, day in slots]),
        Booking.state == BookingState.ABSENT_EXCUSED,
    )
    excused = {(number, day) for number, day in db.session.execute(absent)}
    wanted = [(enrolment, day) for enrolment, day in slots if (enrolment.id, day) in excused]
    plan = DaysPlan.of(RequestKind.BOOKING, wanted, at=now, granted=True)
    return {(line.enrolment.id, line.day) for line in plan.of_outcome(DayOutcome.DONE)}


def _book_again(enrolment: Enrolment, days: list[date]) -> None:
    calendar = Calendar.between(min(days), max(days))
    refused = door.book_days(enrolment, days, calendar, submitted_at=clock.local_now())
    if refused:  # not as it was planned a moment ago: rather nothing than half of it
        day, why = next(iter(refused.items()))
        raise RefusedError(f"Rien n’est annulé, à cause du {long_date(day)}\u00a0: {why}")
