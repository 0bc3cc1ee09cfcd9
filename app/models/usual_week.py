"""What a family usually books in a week, and what it has not booked yet of the next ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock, db
from app.formats import long_date
from app.models.activity import Activity
from app.models.booking import Booking, BookingState
from app.models.calendar import Calendar, days_between
from app.models.days_plan import DaysPlan
from app.models.enrolment import Enrolment
from app.models.line_state import OPEN_STATES
from app.models.mark import load_marks
from app.models.places import Wanted
from app.models.request_kind import RequestKind
from app.models.terms import WEEK
from app.models.town import Town

_LOOKED_AT = 6
"""Weeks of the past."""
_OFTEN = 2
"""A weekday booked in at least so many of them is usual."""
_AHEAD = 5
"""Weeks to come in which one is looked for."""


@dataclass(frozen=True)
class EmptyWeek:
    """A week to come in which nothing is booked or asked of what usually is."""

    monday: date
    wanted: list[Wanted]

    @property
    def label(self) -> str:
        """« semaine du lundi 7 décembre 2026 »."""
        return f"semaine du {long_date(self.monday)}"

    @property
    def children(self) -> list[str]:
        return list(dict.fromkeys(enrolment.child.first_name for enrolment, _ in self.wanted))


def paid_by(family_id: int, today: date) -> Sequence[Enrolment]:
    """The enrolments that this family may book days of, now or later, in the planning's order. One query."""
    wanted = (
        select(Enrolment)
        .where(Enrolment.family_id == family_id, (Enrolment.last_day.is_(None)) | (Enrolment.last_day >= today))
        .options(
            joinedload(Enrolment.child),
            joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)),
        )
        .order_by(Enrolment.child_id, Enrolment.activity_id, Enrolment.id)
    )
    return db.session.scalars(wanted).all()


def booked_days(enrolments: Sequence[Enrolment], first: date, last: date) -> list[Wanted]:
    """What is booked of these from first to last, in the order of days. One query."""
    mine = {one.id: one for one in enrolments}
    booked = select(Booking.enrolment_id, Booking.day).where(
        Booking.enrolment_id.in_(mine), Booking.state == BookingState.BOOKED, Booking.day.between(first, last)
    )
    rows = db.session.execute(booked.order_by(Booking.day, Booking.enrolment_id))
    return [(mine[number], day) for number, day in rows]


Habits = Counter[tuple[int, int]]
"""How often an enrolment was booked of late on a weekday, by both."""


def habits_of(enrolments: Sequence[Enrolment]) -> Habits:
    """Of those that have no pattern. One query at most."""
    free = [one.id for one in enrolments if not (one.even_weeks or one.odd_weeks)]
    if not free:
        return Counter()
    today = clock.today()
    booked = select(Booking.enrolment_id, Booking.day).where(
        Booking.enrolment_id.in_(free),
        Booking.state == BookingState.BOOKED,
        Booking.day.between(today - WEEK * _LOOKED_AT, today + WEEK),
    )
    return Counter((enrolment_id, day.weekday()) for enrolment_id, day in db.session.execute(booked))


def weekdays(one: Enrolment, monday: date, habits: Habits) -> set[int]:
    """The weekdays that it usually has in this week: its pattern, else what was booked of late."""
    pattern = {day.weekday() for day in days_between(monday, monday + timedelta(days=6)) if one.is_usual(day)}
    return pattern or {weekday for weekday in range(7) if habits[one.id, weekday] >= _OFTEN}


def wanted_in(enrolments: Sequence[Enrolment], monday: date) -> list[Wanted]:
    """The days of this week that these usually have; past ones are left out, and periods without the activity."""
    calendar = Calendar.load(Town.current().school_zone, monday, monday + timedelta(days=6))
    return _wanted(enrolments, monday, habits_of(enrolments), calendar)


def _wanted(enrolments: Sequence[Enrolment], monday: date, habits: Habits, calendar: Calendar) -> list[Wanted]:
    today = clock.today()
    return [
        (one, day)
        for one in enrolments
        for day in (monday + timedelta(days=weekday) for weekday in sorted(weekdays(one, monday, habits)))
        if day >= today and one.covers(day) and one.activity.opening.in_period(calendar.holiday(day))
    ]


def next_empty(family_id: int) -> EmptyWeek | None:
    """The first week to come of which nothing is booked or asked, and something usual can still be."""
    enrolments = paid_by(family_id, clock.today())
    if not enrolments:
        return None
    this_monday = clock.today() - timedelta(days=clock.today().weekday())
    last = this_monday + WEEK * (_AHEAD + 1)
    marks = load_marks([one.id for one in enrolments], this_monday, last)
    taken = {day for days in marks.values() for day, mark in days.items() if mark.booking or mark.line in OPEN_STATES}
    mondays = [this_monday + WEEK * number for number in range(_AHEAD)]
    empty = [one for one in mondays if not any(one <= day < one + WEEK for day in taken)]
    if not empty:
        return None
    habits, calendar = habits_of(enrolments), Calendar.load(Town.current().school_zone, this_monday, last)
    for monday in empty:
        wanted = _wanted(enrolments, monday, habits, calendar)
        plan = DaysPlan.of(RequestKind.BOOKING, wanted) if wanted else None
        if plan and any(line.askable and not line.late for line in plan.lines):
            return EmptyWeek(monday, wanted)
    return None


def closing_on(family_id: int, day: date) -> EmptyWeek | None:
    """The empty week whose first deadline falls on this day: what a reminder is about."""
    week = next_empty(family_id)
    if week is None:
        return None
    days = [one for _, one in week.wanted]
    calendar = Calendar.load(Town.current().school_zone, min(days), max(days))
    first = min(one.activity.booking_rule.deadline(asked, calendar) for one, asked in week.wanted)
    return week if clock.local_day(first - timedelta(minutes=1)) == day else None
