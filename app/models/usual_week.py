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


def weekdays(enrolments: Sequence[Enrolment], monday: date) -> dict[int, set[int]]:
    """By enrolment, the weekdays that it usually has in this week: its pattern, else what was booked of late."""
    habits: Counter[tuple[int, int]] = Counter()
    free = [one.id for one in enrolments if not (one.even_weeks or one.odd_weeks)]
    if free:
        today = clock.today()
        booked = select(Booking.enrolment_id, Booking.day).where(
            Booking.enrolment_id.in_(free),
            Booking.state == BookingState.BOOKED,
            Booking.day.between(today - WEEK * _LOOKED_AT, today + WEEK),
        )
        habits.update((enrolment_id, day.weekday()) for enrolment_id, day in db.session.execute(booked))
    found: dict[int, set[int]] = {}
    for one in enrolments:
        week = days_between(monday, monday + timedelta(days=6))
        pattern = {day.weekday() for day in week if one.is_usual(day)}
        found[one.id] = pattern or {weekday for weekday in range(7) if habits[one.id, weekday] >= _OFTEN}
    return found


def wanted_in(enrolments: Sequence[Enrolment], monday: date) -> list[Wanted]:
    """The days of this week that these usually have; past ones are left out, and periods without the activity."""
    usual, today = weekdays(enrolments, monday), clock.today()
    calendar = Calendar.load(Town.current().school_zone, monday, monday + timedelta(days=6))
    return [
        (one, day)
        for one in enrolments
        for day in (monday + timedelta(days=weekday) for weekday in sorted(usual[one.id]))
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
    for number in range(_AHEAD):
        monday = this_monday + WEEK * number
        if any(monday <= day < monday + WEEK for day in taken):
            continue
        wanted = wanted_in(enrolments, monday)
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
