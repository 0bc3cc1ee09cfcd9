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
from app.models.places.places import EnrolmentDay
from app.models.planning.recurrence import monday_of
from app.models.planning.row import PlanningRow, load_rows
from app.models.requests.line_state import OPEN_STATES
from app.models.town import Activity
from app.models.town.deadline import MINUTE

_LOOKED_AT = 6
"""Weeks of the past."""
_OFTEN = 2
"""A weekday booked in at least so many of them is usual."""
_AHEAD = 5
"""Weeks to come in which one is looked for, to propose it."""

UsualDay = tuple[PlanningRow, date]


@dataclass(frozen=True)
class EmptyWeek:
    """A week to come of which nothing is booked or asked, for these children, of what usually is."""

    monday: date
    wanted: list[UsualDay]
    closes_at: datetime
    """The last minute (local) of the first deadline still to come."""

    @property
    def label(self) -> str:
        """« semaine du lundi 7 décembre 2026 »."""
        return f"semaine du {long_date(self.monday)}"

    @property
    def children(self) -> list[str]:
        return list(dict.fromkeys(row.child for row, _ in self.wanted))


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


def booked_days(enrolments: Sequence[Enrolment], first: date, last: date) -> list[EnrolmentDay]:
    """What is booked of these from first to last, in the order of days. One query."""
    mine = {one.id: one for one in enrolments}
    booked = select(Booking.enrolment_id, Booking.day).where(
        Booking.enrolment_id.in_(mine), Booking.state == BookingState.BOOKED, Booking.day.between(first, last)
    )
    rows = db.session.execute(booked.order_by(Booking.day, Booking.enrolment_id))
    return [(mine[number], day) for number, day in rows]


class _Weeks:
    """What a family's planning says of some weeks: what is usual in them, and what it has said of them already."""

    def __init__(self, family_id: int, first: date, last: date) -> None:
        self.today = clock.today()
        self.since = self.today - WEEK * _LOOKED_AT
        rows = load_rows(family_id, first, last, booked_since=self.since)
        self.booked: dict[tuple[int, date], list[PlanningRow]] = {}
        """By child and day, by whichever household."""
        for row in rows:
            for day in row.booked_days:
                self.booked.setdefault((row.child_id, day), []).append(row)
        self.rows = [row for row in rows if row.mine and row.terms.lasts_until(self.today)]
        self.busy = {
            (row.child_id, monday_of(day))
            for row in self.rows
            for day, mark in row.marks.items()
            if day >= first and (mark.booking is not None or mark.line in OPEN_STATES)
        }
        self.habits = {row.enrolment_id: self._habits(row) for row in self.rows}

    def _habits(self, row: PlanningRow) -> list[int]:
        """The weekdays on which it was booked of late; none for one that has a pattern."""
        if row.terms.has_pattern or not row.marks:
            return []
        lately = (day.weekday() for day in row.booked_days if self.since <= day <= self.today + WEEK)
        return sorted(weekday for weekday, times in Counter(lately).items() if times >= _OFTEN)

    def usual(self, monday: date, *, of_all: bool = False) -> list[UsualDay]:
        """The usual days of this week, of the children of whom it is empty. Past days are left out, and periods
        without the activity."""
        return [
            (row, day)
            for row in self.rows
            if of_all or (row.child_id, monday) not in self.busy
            for day in (monday + timedelta(days=weekday) for weekday in self._weekdays(row, monday))
            if day >= self.today and row.terms.covers(day) and row.is_in_period(day)
        ]

    def _weekdays(self, row: PlanningRow, monday: date) -> list[int]:
        """Those of its pattern in this week, else those on which it was booked of late."""
        return row.terms.usual_weekdays(monday) if row.terms.has_pattern else self.habits[row.enrolment_id]

    def is_open(self, row: PlanningRow, day: date) -> bool:
        """Whether it may still be asked in time, and is booked neither by the other household nor in another activity
        of the group."""
        others = (other for other in self.booked.get((row.child_id, day), ()) if other is not row)
        return row.is_bookable(day) and not any(row.excludes(other) for other in others)


def wanted_in(family_id: int, monday: date) -> list[EnrolmentDay]:
    """The usual days of this week, of the children of whom it is empty; of all, when it is of none."""
    weeks = _Weeks(family_id, monday, max(monday + timedelta(days=6), clock.today() + WEEK))
    usual = weeks.usual(monday) or weeks.usual(monday, of_all=True)
    enrolments = {one.id: one for one in paid_by(family_id, clock.today())}
    return [(enrolments[row.enrolment_id], day) for row, day in usual]


def empty_weeks(family_id: int) -> list[EmptyWeek]:
    """The weeks to come that are empty of a child, or of several: nothing is booked or asked, something usual can
    still be in time. What is booked of a brother or sister changes nothing."""
    return _empty_until(family_id, clock.today() + WEEK * (_AHEAD - 1))


def next_empty(family_id: int) -> EmptyWeek | None:
    """The first of them."""
    return next(iter(empty_weeks(family_id)), None)


def closing_on(family_id: int, day: date) -> list[EmptyWeek]:
    """The empty weeks whose first deadline to come falls on this day, however far ahead: what a reminder is about."""
    weeks = _empty_until(family_id, day + _reach(family_id))
    return [week for week in weeks if clock.local_day(week.closes_at) == day]


def _reach(family_id: int) -> timedelta:
    """How long after its deadline a day lies at most, in the activities that this family books. One query."""
    mine = select(Activity).join(Enrolment, Enrolment.activity_id == Activity.id)
    mine = mine.where(Enrolment.family_id == family_id, Enrolment.lasting(clock.today()))
    return max((one.booking_rule.reach for one in db.session.scalars(mine)), default=timedelta())


def _empty_until(family_id: int, until: date) -> list[EmptyWeek]:
    """Those from this week, at least, to the one of this day."""
    first = monday_of(clock.today())
    mondays = [first + WEEK * number for number in range(max(0, (until - first) // WEEK) + 1)]
    weeks = _Weeks(family_id, first, mondays[-1] + timedelta(days=6))
    found = []
    for monday in mondays:
        usual = weeks.usual(monday)
        open_ = [(row, day) for row, day in usual if weeks.is_open(row, day)]
        children = {row.child_id for row, _ in open_}
        if children:
            closes_at = min(row.deadline(day) for row, day in open_) - MINUTE
            found.append(EmptyWeek(monday, [one for one in usual if one[0].child_id in children], closes_at))
    return found
