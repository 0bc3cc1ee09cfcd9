"""What a family usually books in a week, and what it has not booked yet of the next ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock, db
from app.formats import long_date
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.enrolments.terms import WEEK
from app.models.places.places import Wanted
from app.models.planning.day_record import load_marks
from app.models.planning.days_plan import DaysPlan
from app.models.planning.recurrence import monday_of
from app.models.request_kind import RequestKind
from app.models.requests.line_state import OPEN_STATES
from app.models.town import Activity
from app.models.town.calendar import Calendar, days_between
from app.models.town.deadline import MINUTE

_LOOKED_AT = 6
"""Weeks of the past."""
_OFTEN = 2
"""A weekday booked in at least so many of them is usual."""
_AHEAD = 5
"""Weeks to come in which one is looked for, to propose it."""


@dataclass(frozen=True)
class EmptyWeek:
    """A week to come of which nothing is booked or asked, for these children, of what usually is."""

    monday: date
    wanted: list[Wanted]
    closes_at: datetime
    """The last minute (local) of the first deadline still to come."""

    @property
    def label(self) -> str:
        """« semaine du lundi 7 décembre 2026 »."""
        return f"semaine du {long_date(self.monday)}"

    @property
    def children(self) -> list[str]:
        return list(dict.fromkeys(enrolment.child.first_name for enrolment, _ in self.wanted))


def paid_by(family_id: int, since: date = date.min) -> Sequence[Enrolment]:
    """The enrolments that this family may book days of on this day or later, in the planning's order. One query."""
    wanted = (
        select(Enrolment)
        .where(Enrolment.family_id == family_id, Enrolment.lasting(since))
        .options(
            joinedload(Enrolment.child),
            joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)),
        )
    )
    return sorted(db.session.scalars(wanted), key=planning_order)


def planning_order(one: Enrolment) -> tuple[date, int, str, int, str, int]:
    """As the planning shows them: the eldest child first, then by structure."""
    child, activity = one.child, one.activity
    return child.birth_date, child.id, activity.structure.name, activity.position, activity.name, one.id


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
    """The usual days of this week, of the children of whom it is empty; of all, when it is of none.

    Past days are left out, and periods without the activity.
    """
    sunday = monday + timedelta(days=6)
    calendar, busy = Calendar.between(monday, sunday), _busy(enrolments, monday, sunday)
    free = [one for one in enrolments if (one.child_id, monday) not in busy]
    habits = habits_of(enrolments)
    return _wanted(free, monday, habits, calendar) or _wanted(enrolments, monday, habits, calendar)


def _wanted(enrolments: Sequence[Enrolment], monday: date, habits: Habits, calendar: Calendar) -> list[Wanted]:
    today = clock.today()
    return [
        (one, day)
        for one in enrolments
        for day in (monday + timedelta(days=weekday) for weekday in sorted(weekdays(one, monday, habits)))
        if day >= today and one.covers(day) and one.activity.opening.in_period(calendar.holiday(day))
    ]


def empty_weeks(family_id: int) -> list[EmptyWeek]:
    """The weeks to come that are empty of a child, or of several: nothing is booked or asked, something usual can
    still be in time. What is booked of a brother or sister changes nothing."""
    return _empty_until(paid_by(family_id, clock.today()), clock.today() + WEEK * (_AHEAD - 1))


def next_empty(family_id: int) -> EmptyWeek | None:
    """The first of them."""
    return next(iter(empty_weeks(family_id)), None)


def closing_on(family_id: int, day: date) -> list[EmptyWeek]:
    """The empty weeks whose first deadline to come falls on this day, however far ahead: what a reminder is about."""
    enrolments = paid_by(family_id, clock.today())
    reach = max((one.activity.booking_rule.reach for one in enrolments), default=timedelta())
    return [week for week in _empty_until(enrolments, day + reach) if clock.local_day(week.closes_at) == day]


def _empty_until(enrolments: Sequence[Enrolment], until: date) -> list[EmptyWeek]:
    """Those from this week, at least, to the one of this day."""
    first = monday_of(clock.today())
    mondays = [first + WEEK * number for number in range(max(0, (until - first) // WEEK) + 1)]
    last = mondays[-1] + timedelta(days=6)
    busy = _busy(enrolments, first, last)
    if all((one.child_id, monday) in busy for one in enrolments for monday in mondays):
        return []
    habits, calendar = habits_of(enrolments), Calendar.between(first, last)
    free = {monday: [one for one in enrolments if (one.child_id, monday) not in busy] for monday in mondays}
    wanted = [one for monday, rows in free.items() for one in _wanted(rows, monday, habits, calendar)]
    plan = DaysPlan.of(RequestKind.BOOKING, wanted)
    open_ = {_week_of(line.enrolment, line.day) for line in plan.askable if not line.late}
    found: dict[date, list[Wanted]] = {}
    for one, day in wanted:
        if _week_of(one, day) in open_:
            found.setdefault(monday_of(day), []).append((one, day))
    return [EmptyWeek(monday, days, _closes_at(plan, days)) for monday, days in found.items()]


def _busy(enrolments: Sequence[Enrolment], first: date, last: date) -> set[tuple[int, date]]:
    """Each child with the Monday of each week of which the family has said something already. One query."""
    children = {one.id: one.child_id for one in enrolments}
    marks = load_marks(list(children), first, last)
    return {
        (children[number], monday_of(day))
        for number, days in marks.items()
        for day, mark in days.items()
        if mark.booking is not None or mark.line in OPEN_STATES
    }


def _week_of(enrolment: Enrolment, day: date) -> tuple[int, date]:
    return enrolment.child_id, monday_of(day)


def _closes_at(plan: DaysPlan, days: list[Wanted]) -> datetime:
    asked = {(line.enrolment.id, line.day) for line in plan.askable if not line.late}
    rules = [(one.activity.booking_rule, day) for one, day in days if (one.id, day) in asked]
    return min(rule.deadline(day, plan.calendar) for rule, day in rules) - MINUTE
