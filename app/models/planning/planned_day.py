"""What becomes of one day of an enrolment when its terms change, and why.

The usual week only generates. It takes back the days that it gave and gives those that it has now; a day that the
family asked for, or an absence that it declared, is the family's own choice, and stays until the enrolment ends.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app import db
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment, availability
from app.models.enrolments.terms import Terms
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.requests.line_state import OPEN_STATES
from app.models.town.calendar import Calendar

ASKED = "Demandé par la famille."
GIVEN_BACK = "Rendu par la famille."
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
class KnownDays:
    """What is known of an enrolment from a day on. `load` reads it."""

    bookings: dict[date, BookingState] = field(default_factory=dict)
    pointed: frozenset[date] = frozenset()
    asked: dict[date, RequestKind] = field(default_factory=dict)
    """The last request of the family that was accepted."""
    given_back: frozenset[date] = frozenset()
    """What it gave back for another day, and did not ask for again."""
    open_lines: dict[date, RequestLine] = field(default_factory=dict)
    """What waits for an answer, on the day asked and on the one proposed instead."""

    @classmethod
    def load(cls, enrolment_id: int | None, since: date) -> Self:
        if enrolment_id is None:
            return cls()
        booked = select(Booking.day, Booking.state).where(Booking.enrolment_id == enrolment_id, Booking.day >= since)
        pointed = select(Attendance.day).where(Attendance.enrolment_id == enrolment_id, Attendance.day >= since)
        lines = (
            select(RequestLine)
            .where(
                or_(RequestLine.enrolment_id == enrolment_id, RequestLine.proposed_enrolment_id == enrolment_id),
                or_(RequestLine.day >= since, RequestLine.proposed_day >= since, RequestLine.gives_up >= since),
                RequestLine.kind.in_((RequestKind.BOOKING, RequestKind.ABSENCE)),
                RequestLine.state.in_((*OPEN_STATES, LineState.ACCEPTED)),
            )
            .options(joinedload(RequestLine.request))
            .order_by(RequestLine.id)
        )
        found = db.session.scalars(lines).all()
        said = _last_words((line for line in found if line.state is LineState.ACCEPTED), enrolment_id, since)
        waiting = (line for line in found if line.state is not LineState.ACCEPTED)
        return cls(
            dict(db.session.execute(booked).all()),
            frozenset(db.session.scalars(pointed)),
            {day: kind for day, kind in said.items() if kind is not None},
            frozenset(day for day, kind in said.items() if kind is None),
            {day: line for line in waiting for day in _waits_on(line, enrolment_id) if day >= since},
        )


def _last_words(accepted: Iterable[RequestLine], enrolment_id: int, since: date) -> dict[date, RequestKind | None]:
    """What was said last of each day of this enrolment, from lines in their order; None for a day given back."""
    found: dict[date, RequestKind | None] = {}
    for line in accepted:
        instead = line.proposed_enrolment_id is not None
        of, day = (line.proposed_enrolment_id, line.proposed_day) if instead else (line.enrolment_id, line.day)
        said = ((line.enrolment_id, line.gives_up, None), (of, day, line.kind))
        found |= {day: kind for of, day, kind in said if of == enrolment_id and day is not None and day >= since}
    return found


def _waits_on(line: RequestLine, enrolment_id: int) -> Iterator[date]:
    """The days of this enrolment on which it waits: the one asked, and one that is kept for it elsewhere."""
    if line.enrolment_id == enrolment_id and line.day is not None:
        yield line.day
    if line.state is LineState.COUNTERED and line.proposed_enrolment_id == enrolment_id and line.proposed_day:
        yield line.proposed_day


@dataclass(frozen=True)
class Fates:
    """What becomes of each day of an enrolment under its new terms. Pure."""

    enrolment: Enrolment
    before: Terms
    terms: Terms
    known: KnownDays
    calendar: Calendar
    elsewhere: dict[date, str]
    full: set[date]
    over_capacity: bool

    def of(self, day: date) -> PlannedDay | None:
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
        opening = activity.opening
        opens = opening.in_period(self.calendar.holiday(day)) and opening.opens_on(day)
        wanted = self.terms.is_usual(day) or asked is RequestKind.BOOKING
        if not (wanted and opens and self.terms.expects(day)):
            return None, ""
        if asked is RequestKind.ABSENCE or day in self.known.given_back:
            return self._kept, "Absence déclarée." if asked else GIVEN_BACK
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
