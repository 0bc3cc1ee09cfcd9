"""The rows of the planning: every enrolment of a family's children over some days, with what is known of each day.

Columns are selected, not entities, and a row borrows its empty cells from its activity (see `activity_days`). A cell
is made when it is asked for: the answer to an action asks for a few of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam, select

from app import db
from app.models.enrolments import BookingState, Enrolment
from app.models.enrolments.terms import Terms
from app.models.families import Adult, Child, Custody
from app.models.planning.activity_days import ActivityDays, Cell, PlanningDays
from app.models.planning.cell import CellState, Facts, known_state, state_of
from app.models.planning.day_record import Mark, load_marks, rank_waiting
from app.models.town import Activity, CapacityPool, Structure
from app.models.town.calendar import days_between


@dataclass
class PlanningRow:
    enrolment_id: int
    child_id: int
    child: str
    structure: str
    activity: str
    responsible: str
    """« DUPONT JEAN »: the household that pays, as in the guide."""
    mine: bool
    """Whether the family that looks pays; another household's row is only read."""
    terms: Terms
    activity_id: int
    exclusive_group: str | None
    of_activity: ActivityDays
    marks: dict[date, Mark]
    """The days of which something is known."""
    outside: Collection[date]
    """Those of the days that the enrolment does not cover."""

    @cached_property
    def cells(self) -> list[Cell]:
        return self.on(self.of_activity.span.days)

    @property
    def room(self) -> int | None:
        """The pool whose places it takes."""
        return self.of_activity.pool_id

    @property
    def booked_days(self) -> list[date]:
        return [day for day, mark in self.marks.items() if mark.booking is BookingState.BOOKED]

    def on(self, days: Iterable[date]) -> list[Cell]:
        """Its cells of these of the days."""
        return [
            self._own_cell(day) if day in self.marks or day in self.outside else self.of_activity[day] for day in days
        ]

    def count(self, *states: CellState) -> int:
        """How many of its cells are in one of these states, all of which say that something is known of the day."""
        return sum(state in states for state in self._known_states.values())

    def is_in_period(self, day: date) -> bool:
        """Whether its activity opens in the period of this day, weekdays and closures apart."""
        return self.of_activity.opening.in_period(self.of_activity.span.calendar.holiday(day))

    def is_bookable(self, day: date) -> bool:
        """Whether the day is empty, open, and may still be booked in time; full or not."""
        facts = self._known(day, self.of_activity.calendar_facts[day])
        return known_state(facts) is None and facts.may_come and self.of_activity.in_time_from <= day

    def deadline(self, day: date) -> datetime:
        """The local instant from which it is too late to book this day."""
        return self.of_activity.rule.deadline(day, self.of_activity.span.calendar)

    def excludes(self, other: "PlanningRow") -> bool:
        """Whether a child is booked in one of both alone on a day: the other household's row, or one of the group."""
        group = self.exclusive_group
        return self.activity_id == other.activity_id or (group is not None and group == other.exclusive_group)

    @cached_property
    def _known_states(self) -> dict[date, CellState | None]:
        """The states of the days of which something is known."""
        facts = self.of_activity.calendar_facts
        return {day: known_state(self._known(day, facts[day])) for day in self.marks}

    def _own_cell(self, day: date) -> Cell:
        state = self._known_states.get(day) or state_of(self._known(day, self.of_activity.facts(day)))
        rank = self.marks[day].rank if state is CellState.WAITING_LIST else None
        return Cell.of(day, state, rank)

    def _known(self, day: date, facts: Facts) -> Facts:
        """These facts of the day, with what is known of the enrolment on it."""
        facts = facts._replace(covered=False) if day in self.outside else facts
        return self.marks[day].on(facts) if day in self.marks else facts


def load_rows(
    family_id: int, first: date, last: date, *, child_id: int | None = None, booked_since: date | None = None
) -> list[PlanningRow]:
    """The rows of these days, of the children who live in this family: a handful of queries, however many.

    `booked_since` an earlier day, their marks tell what was booked from that day on too.
    """
    found = _enrolments(family_id, first, last, child_id)
    marks = load_marks([row.id for row in found], first, last, booked_since=booked_since)
    rank_waiting(marks)
    span = PlanningDays(list(days_between(first, last)), {row.pool_id: row.capacity for row in found if row.pool_id})
    activities: dict[int, ActivityDays] = {}
    rows = []
    for row in found:
        if row.activity_id not in activities:
            activities[row.activity_id] = ActivityDays(row, span)
        terms = Terms(row.first_day, row.last_day, row.even_weeks, row.odd_weeks)
        rows.append(
            PlanningRow(
                row.id,
                row.child_id,
                row.child_name,
                row.structure,
                row.activity,
                row.responsible.upper(),
                row.family_id == family_id,
                terms,
                row.activity_id,
                row.exclusive_group,
                activities[row.activity_id],
                marks.get(row.id, {}),
                _days_outside(terms, span.days),
            )
        )
    return rows


def _days_outside(terms: Terms, days: list[date]) -> Collection[date]:
    if terms.covers(days[0]) and terms.covers(days[-1]):
        return ()
    return {day for day in days if not terms.covers(day)}


def _enrolments(family_id: int, first: date, last: date, child_id: int | None) -> Sequence[Any]:
    """Every enrolment of the family's children in these days, whoever pays."""
    wanted = _enrolments_statement()
    if child_id is not None:
        wanted = wanted.where(Enrolment.child_id == child_id)
    return db.session.execute(wanted, {"family": family_id, "first": first, "last": last}).all()


@cache
def _enrolments_statement() -> Select[*tuple[Any, ...]]:
    """Built once: building it costs as much as running it."""
    family = bindparam("family", type_=Integer)
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    return (
        select(
            Enrolment.id,
            Enrolment.child_id,
            Enrolment.family_id,
            Enrolment.first_day,
            Enrolment.last_day,
            Enrolment.even_weeks,
            Enrolment.odd_weeks,
            Child.first_name.label("child_name"),
            (Adult.last_name + " " + Adult.first_name).label("responsible"),
            Structure.name.label("structure"),
            Activity.id.label("activity_id"),
            Activity.name.label("activity"),
            Activity.structure_id,
            Activity.weekdays,
            Activity.in_school_time,
            Activity.in_short_holidays,
            Activity.in_long_holidays,
            Activity.pool_id,
            Activity.uses_morning,
            Activity.uses_afternoon,
            Activity.booking_rule,
            Activity.exclusive_group,
            CapacityPool.capacity,
        )
        .join(Custody, (Custody.child_id == Enrolment.child_id) & (Custody.family_id == family))
        .join(Child, Child.id == Enrolment.child_id)
        .join(Adult, (Adult.family_id == Enrolment.family_id) & (Adult.rank == 1))
        .join(Activity, Activity.id == Enrolment.activity_id)
        .join(Structure, Structure.id == Activity.structure_id)
        .outerjoin(CapacityPool, CapacityPool.id == Activity.pool_id)
        .where(Enrolment.first_day <= last, Enrolment.lasting(first))
        .order_by(Child.birth_date, Child.id, Structure.name, Activity.position, Activity.name, Enrolment.id)
    )
