"""What becomes of one day of an enrolment when its terms change, and why.

The usual week only generates. It takes back the days that it gave and gives those that it has now; a day that the
family asked for, or an absence that it declared, is the family's own choice, and stays until the enrolment ends.
"""

import enum
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import db
from app.models import availability
from app.models.booking import Attendance, Booking, BookingState
from app.models.calendar import Calendar
from app.models.enrolment import Enrolment
from app.models.line_state import OPEN_STATES, LineState
from app.models.request import RequestLine
from app.models.request_kind import RequestKind
from app.models.terms import Terms

ASKED = "Demandé par la famille."
GRANTED = "Place accordée en plus."
WAITS = "Une demande de la famille attend sa réponse."


class Fate(enum.StrEnum):
    BOOK = "book"
    RELEASE = "release"
    KEEP = "keep"
    """Not what the usual week says, and yet left as it is."""
    CLOSED = "closed"
    """A usual day on which nobody comes: public holiday, closure."""
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class PlannedDay:
    day: date
    fate: Fate
    why: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of an enrolment from a day on. `load` reads it."""

    bookings: dict[date, BookingState] = field(default_factory=dict)
    pointed: frozenset[date] = frozenset()
    asked: dict[date, RequestKind] = field(default_factory=dict)
    """The last request of the family that was accepted."""
    open_lines: dict[date, RequestLine] = field(default_factory=dict)

    @classmethod
    def load(cls, enrolment_id: int | None, since: date) -> Self:
        if enrolment_id is None:
            return cls()
        booked = select(Booking.day, Booking.state).where(Booking.enrolment_id == enrolment_id, Booking.day >= since)
        pointed = select(Attendance.day).where(Attendance.enrolment_id == enrolment_id, Attendance.day >= since)
        lines = (
            select(RequestLine)
            .where(
                RequestLine.enrolment_id == enrolment_id,
                RequestLine.day >= since,
                RequestLine.kind.in_((RequestKind.BOOKING, RequestKind.ABSENCE)),
                RequestLine.state.in_((*OPEN_STATES, LineState.ACCEPTED)),
            )
            .options(joinedload(RequestLine.request))
            .order_by(RequestLine.day, RequestLine.id)
        )
        found = [(line.day, line) for line in db.session.scalars(lines) if line.day is not None]
        return cls(
            dict(db.session.execute(booked).all()),
            frozenset(db.session.scalars(pointed)),
            {day: line.kind for day, line in found if line.state is LineState.ACCEPTED},
            {day: line for day, line in found if line.state is not LineState.ACCEPTED},
        )


@dataclass(frozen=True)
class Judge:
    """What becomes of a day. Pure."""

    enrolment: Enrolment
    before: Terms
    terms: Terms
    known: Known
    calendar: Calendar
    elsewhere: dict[date, str]
    full: set[date]
    over_capacity: bool

    def fate(self, day: date) -> PlannedDay | None:
        """None for a day that stays as it is, as expected."""
        if day in self.known.pointed:
            return None
        booked = self.known.bookings.get(day)
        fate, why = self._of_empty(day) if booked is None else self._of_booked(day, booked)
        return PlannedDay(day, fate, why) if fate else None

    def _of_booked(self, day: date, state: BookingState) -> tuple[Fate | None, str]:
        own = self._own(day)
        if not self.terms.covers(day):
            return Fate.RELEASE, ASKED if own else ""
        if self.terms.is_leave(day):
            billed = state in (BookingState.BOOKED, BookingState.ABSENT_BILLED)
            return Fate.RELEASE if billed else None, ASKED if own else ""
        usual = self.terms.is_usual(day)
        if usual == (state is BookingState.BOOKED):
            return None, ""
        if state is not BookingState.BOOKED:
            why = "Annulé par la commune." if state is BookingState.CANCELLED_BY_TOWN else "Absence déclarée."
            return self._kept, why
        if own:
            return self._kept, ASKED
        return (Fate.RELEASE, "") if self.before.is_usual(day) else (self._kept, "Réservé en plus de la semaine.")

    def _of_empty(self, day: date) -> tuple[Fate | None, str]:
        activity, asked = self.enrolment.activity, self.known.asked.get(day)
        opens = activity.opening.in_period(self.calendar.holiday(day)) and activity.weekdays >> day.weekday() & 1
        wanted = self.terms.is_usual(day) or asked is RequestKind.BOOKING
        if not (wanted and opens and self.terms.expects(day)):
            return None, ""
        if asked is RequestKind.ABSENCE:
            return self._kept, "Absence déclarée."
        closed = availability.why_closed(activity, day, self.calendar)
        if closed:
            return Fate.CLOSED, closed
        why_not = WAITS if day in self.known.open_lines else self.elsewhere.get(day)
        if why_not:
            return Fate.IMPOSSIBLE, why_not
        if day in self.full:
            return (Fate.BOOK, GRANTED) if self.over_capacity else (Fate.IMPOSSIBLE, availability.FULL)
        return Fate.BOOK, "" if self.terms.is_usual(day) else ASKED

    def _own(self, day: date) -> bool:
        """Whether the family asked for this day itself, or declares an absence on it."""
        return day in self.known.asked or day in self.known.open_lines

    @property
    def _kept(self) -> Fate | None:
        """Worth saying only when the usual week changes."""
        same = (self.before.even_weeks, self.before.odd_weeks) == (self.terms.even_weeks, self.terms.odd_weeks)
        return None if same else Fate.KEEP
