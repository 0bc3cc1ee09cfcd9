"""The state of a cell of the planning: a pure function of what is known of one enrolment on one day.

The order of the rules is the contract (the first that matches wins); `LEGEND` gives each state its words, the
guide's wherever it has them.
"""

import enum
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.models.enrolments import BookingState
from app.models.request_kind import RequestKind
from app.models.requests import LineState
from app.models.requests.line_state import OPEN_STATES
from app.models.town import HolidayKind
from app.models.town.activity import Opening
from app.models.town.calendar import Calendar


class CellState(enum.StrEnum):
    ERROR = "error"
    ATTENDED = "attended"
    ATTENDED_UNBOOKED = "attended_unbooked"
    CLOSED = "closed"
    PUBLIC_HOLIDAY = "public_holiday"
    ABSENT_EXCUSED = "absent_excused"
    ABSENT_BILLED = "absent_billed"
    LEAVE = "leave"
    ABSENCE_IN_REVIEW = "absence_in_review"
    REQUEST_WAITING = "request_waiting"
    BOOKED = "booked"
    OFFERED = "offered"
    COUNTERED = "countered"
    BOOKING_IN_REVIEW = "booking_in_review"
    WAITING_LIST = "waiting_list"
    SHORT_HOLIDAY = "short_holiday"
    LONG_HOLIDAY = "long_holiday"
    NOT_OPEN = "not_open"
    BOOKING_REFUSED = "booking_refused"
    FULL = "full"
    TOO_LATE = "too_late"
    FREE = "free"


@dataclass(frozen=True)
class Sign:
    """How a state is shown: its words, and the letter that stands in the cell beside its icon."""

    label: str
    letter: str = ""
    in_legend: bool = True


LEGEND = {
    CellState.BOOKED: Sign("Réservé", "✓"),
    CellState.ATTENDED: Sign("Présent sur un jour réservé", "☺"),
    CellState.ERROR: Sign("Erreur", "!"),
    CellState.LEAVE: Sign("Congé", "C"),
    CellState.ATTENDED_UNBOOKED: Sign("Heure hors contrat Régulier", "H"),
    CellState.CLOSED: Sign("Fermeture", "F"),
    CellState.ABSENT_BILLED: Sign("Absent facturé", "A€"),
    CellState.REQUEST_WAITING: Sign("Demande en attente", "?"),
    CellState.ABSENT_EXCUSED: Sign("Absent excusé", "A"),
    CellState.BOOKING_IN_REVIEW: Sign("Réservation en cours de traitement", "R…"),
    CellState.BOOKING_REFUSED: Sign("Réservation refusée", "X"),
    CellState.ABSENCE_IN_REVIEW: Sign("Absence en cours de traitement", "A…"),
    CellState.SHORT_HOLIDAY: Sign("Petites vacances", "P"),
    CellState.LONG_HOLIDAY: Sign("Grandes vacances", "G"),
    CellState.PUBLIC_HOLIDAY: Sign("Jour férié", "JF"),
    CellState.OFFERED: Sign("Place proposée", "1"),
    CellState.COUNTERED: Sign("Autre proposition", "⇄"),
    CellState.WAITING_LIST: Sign("Liste d’attente", "L"),
    CellState.NOT_OPEN: Sign("Pas d’accueil ce jour", "", in_legend=False),
    CellState.FULL: Sign("Complet", "", in_legend=False),
    CellState.TOO_LATE: Sign("Délai dépassé", "", in_legend=False),
    CellState.FREE: Sign("Libre", "", in_legend=False),
}


class Facts(NamedTuple):
    """What is known of one enrolment on one day."""

    covered: bool = True
    """The day lies within the enrolment."""
    weekday_open: bool = True
    holiday: HolidayKind | None = None
    opens_in_period: bool = True
    """The activity opens in this period (school time, or these holidays), weekdays apart."""
    closed: bool = False
    public_holiday: bool = False
    on_leave: bool = False
    booking: BookingState | None = None
    present: bool | None = None
    """Pointed present or absent; None when nobody pointed."""
    line: LineState | None = None
    line_kind: RequestKind | None = None
    past: bool = False
    full: bool = False
    too_late: bool = False

    @classmethod
    def of_day(cls, opening: Opening, day: date, calendar: Calendar, **known: Any) -> "Facts":
        """What the calendar says of a day to an activity that opens so; `known` adds the rest."""
        holiday = calendar.holiday(day)
        return cls(
            weekday_open=opening.opens_on(day) and calendar.is_known(day),
            holiday=holiday,
            opens_in_period=opening.in_period(holiday),
            closed=calendar.closure(day, opening.structure_id) is not None,
            public_holiday=day in calendar.public,
            **known,
        )

    @property
    def may_come(self) -> bool:
        """Open, and within the enrolment."""
        return (
            self.covered
            and self.weekday_open
            and self.opens_in_period
            and not self.closed
            and not self.public_holiday
        )


_DECIDED_ABSENCE = {
    BookingState.ABSENT_EXCUSED: CellState.ABSENT_EXCUSED,
    BookingState.ABSENT_BILLED: CellState.ABSENT_BILLED,
}
_ANSWER_EXPECTED = {LineState.OFFERED: CellState.OFFERED, LineState.COUNTERED: CellState.COUNTERED}
_HOLIDAY = {HolidayKind.SHORT: CellState.SHORT_HOLIDAY, HolidayKind.LONG: CellState.LONG_HOLIDAY}


def state_of(facts: Facts) -> CellState:
    """The state of the cell; design §4, in its order."""
    return known_state(facts) or _why_it_is_empty(facts)


def known_state(facts: Facts) -> CellState | None:
    """What happened, what the calendar says, what is booked or asked; None for a day that is empty."""
    return (
        _what_happened(facts)
        or _what_the_calendar_says(facts)
        or _what_became_of_the_booking(facts)
        or _what_is_asked(facts)
    )


def _what_happened(facts: Facts) -> CellState | None:
    if facts.present and not facts.may_come:
        return CellState.ERROR
    if facts.present:
        return CellState.ATTENDED if facts.booking is BookingState.BOOKED else CellState.ATTENDED_UNBOOKED
    return None


def _what_the_calendar_says(facts: Facts) -> CellState | None:
    if facts.closed:
        return CellState.CLOSED
    return CellState.PUBLIC_HOLIDAY if facts.public_holiday else None


def _what_became_of_the_booking(facts: Facts) -> CellState | None:
    if facts.booking in _DECIDED_ABSENCE:
        return _DECIDED_ABSENCE[facts.booking]
    declared = facts.line_kind is RequestKind.ABSENCE and facts.line in OPEN_STATES
    if facts.present is False and facts.booking is BookingState.BOOKED and not declared:
        return CellState.ABSENT_BILLED  # pointed absent, and nothing was declared
    return CellState.LEAVE if facts.on_leave and facts.covered else None


def _what_is_asked(facts: Facts) -> CellState | None:
    absence = facts.line_kind is RequestKind.ABSENCE
    if facts.line is LineState.IN_REVIEW and absence:
        return CellState.ABSENCE_IN_REVIEW
    if facts.line is LineState.SUBMITTED:
        return CellState.REQUEST_WAITING
    if facts.booking is BookingState.BOOKED:
        return CellState.BOOKED
    if facts.line in _ANSWER_EXPECTED:
        return _ANSWER_EXPECTED[facts.line]
    if facts.line is LineState.IN_REVIEW and facts.line_kind is RequestKind.BOOKING:
        return CellState.BOOKING_IN_REVIEW
    return CellState.WAITING_LIST if facts.line is LineState.WAITING_LIST else None


def _why_it_is_empty(facts: Facts) -> CellState:
    if facts.holiday is not None and not facts.opens_in_period:
        return _HOLIDAY[facts.holiday]
    if facts.past or not facts.may_come:
        return CellState.NOT_OPEN
    if facts.line is LineState.REFUSED and facts.line_kind is RequestKind.BOOKING:
        return CellState.BOOKING_REFUSED
    if facts.full:
        return CellState.FULL
    return CellState.TOO_LATE if facts.too_late else CellState.FREE
