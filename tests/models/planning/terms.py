"""What the tests of enrolment plan share."""

from datetime import date, timedelta

from sqlalchemy import func, select

from app import clock, db
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.places import PoolDay, door
from app.models.planning.enrolling import settle
from app.models.planning.enrolment_plan import EnrolmentPlan, current_terms
from app.models.planning.terms_change import (
    LeaveRemoval,
    NewLeave,
    NewTerms,
    TermsChange,
)
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.code import new_code
from app.models.town.activity import weekday_bits
from app.models.town.calendar import Calendar, Span
from tests.builders import clerk, dupont
from tests.conftest import GUIDE_DAY

MONDAYS, WEDNESDAYS, ALL_WEEK = weekday_bits(0), weekday_bits(2), weekday_bits(0, 1, 2, 3, 4)


LAST = date(2015, 6, 12)


HOLIDAYS = {date(2015, 5, 8), date(2015, 5, 14), date(2015, 5, 25)}


def stored(number: int) -> Enrolment:
    return db.session.get_one(Enrolment, number)


def new_terms(number: int, **changed) -> NewTerms:
    """Those of the enrolment, but for these."""
    now = stored(number).terms
    same = {name: getattr(now, name) for name in ("first_day", "last_day", "even_weeks", "odd_weeks")}
    return NewTerms(**{**same, **changed})


def change(number: int, wanted: TermsChange, *, over=False) -> EnrolmentPlan:
    """As an agent does who sees the terms as they stand."""
    with db.transaction():
        one = stored(number)
        return settle(one, wanted, by=clerk(), seen=current_terms(one).stamp, over_capacity=over)


def set_terms(number: int, *, over=False, **changed) -> EnrolmentPlan:
    return change(number, new_terms(number, **changed), over=over)


def week(bits: int) -> dict[str, int]:
    return {"even_weeks": bits, "odd_weeks": bits}


def leave(number: int, first: date, last: date) -> EnrolmentPlan:
    return change(number, NewLeave(Span(first, last, "")))


def remove_leave(number: int, first: date, last: date) -> EnrolmentPlan:
    return change(number, LeaveRemoval(Span(first, last, ""), GUIDE_DAY))


def booked(number: int) -> set[date]:
    db.session.rollback()
    live = select(Booking.day).where(Booking.enrolment_id == number, Booking.state == BookingState.BOOKED)
    return set(db.session.scalars(live))


def taken() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.sum(PoolDay.taken))) or 0


def days(first: date, last: date, *weekdays: int) -> set[date]:
    """The days that the town's calendar opens: public holidays apart."""
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day for day in span if day.weekday() in weekdays and day not in HOLIDAYS}


def ask(number: int, day: date, kind=RequestKind.BOOKING, state=LineState.ACCEPTED) -> None:
    """What the family asked itself; accepted, it is booked or excused as the door does."""
    with db.transaction():
        one = stored(number)
        request = Request(
            code=new_code(),
            kind=kind,
            family_id=one.family_id,
            submitted_by=dupont().id,
            submission=new_code(),
        )
        line = RequestLine(request=request, enrolment_id=number, day=day, kind=kind, state=state)
        db.session.add_all([request, line])
        if state is not LineState.ACCEPTED:
            return
        if kind is RequestKind.ABSENCE:
            door.note_absence(one, day, excused=True)
        else:
            calendar = Calendar.between(day, day)
            override = door.Override(deadline=True)
            assert door.book(one, day, calendar, submitted_at=clock.local_now(), override=override)
