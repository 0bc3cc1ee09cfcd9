"""The next days of an enrolment, as the planning shows them."""

from dataclasses import dataclass
from datetime import date, timedelta

from app import clock
from app.models.enrolments import Enrolment
from app.models.planning.cell import LEGEND, CellState, Facts, state_of
from app.models.planning.day_record import load_marks
from app.models.town.calendar import Calendar, days_between

AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class ComingDay:
    day: date
    state: CellState

    @property
    def label(self) -> str:
        return LEGEND[self.state].label


def coming_days(enrolment: Enrolment) -> list[ComingDay]:
    """The days, from today to 30 days ahead, of which something is known: booked, absent, on leave, asked for."""
    first, last = clock.today(), clock.today() + AHEAD
    calendar = Calendar.between(first, last)
    marks = load_marks([enrolment.id], first, last).get(enrolment.id, {})
    opening = enrolment.activity.opening
    return [
        ComingDay(day, state_of(marks[day].on(Facts.of_day(opening, day, calendar, covered=enrolment.covers(day)))))
        for day in days_between(first, last)
        if day in marks and (marks[day].booking or marks[day].line or opening.is_open(day, calendar))
    ]
