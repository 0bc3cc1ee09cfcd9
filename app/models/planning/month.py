"""A month of the planning: every child of a family, every enrolment, every day. A handful of queries, whatever
the number of rows and the size of the town.

Columns are selected, not entities, and a row borrows its empty cells from its activity (see `activity_days`). A cell
is made when it is asked for: the answer to an action asks for a few of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any, Self

from sqlalchemy import Date, Integer, Select, bindparam, select

from app import clock, db
from app.formats import MONTHS
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Custody
from app.models.planning.activity_days import ActivityDays, Cell, MonthDays
from app.models.planning.cell import CellState, Facts, known_state, state_of
from app.models.planning.day_record import Mark, load_marks, rank_waiting
from app.models.town import Activity, CapacityPool, Structure


@dataclass
class MonthRow:
    enrolment_id: int
    structure: str
    activity: str
    responsible: str
    """« DUPONT JEAN »: the household that pays, as in the guide."""
    mine: bool
    """Whether the family that looks pays; another household's row is only read."""
    of_activity: ActivityDays
    marks: dict[date, Mark]
    """The days of which something is known."""
    outside: Collection[date]
    """The days of the month that the enrolment does not cover."""

    @cached_property
    def cells(self) -> list[Cell]:
        """All those of the month."""
        return self.on(self.of_activity.month.days)

    def on(self, days: Iterable[date]) -> list[Cell]:
        """Its cells of these days of the month."""
        return [
            self._own_cell(day) if day in self.marks or day in self.outside else self.of_activity[day] for day in days
        ]

    def count(self, *states: CellState) -> int:
        """How many of its cells are in one of these states, all of which say that something is known of the day."""
        facts = self.of_activity.calendar_facts
        return sum(known_state(self._known(day, facts(day))) in states for day in self.marks)

    def _own_cell(self, day: date) -> Cell:
        state = state_of(self._known(day, self.of_activity.facts(day)))
        rank = self.marks[day].rank if state is CellState.WAITING_LIST else None
        return Cell.of(day, state, rank)

    def _known(self, day: date, facts: Facts) -> Facts:
        """These facts of the day, with what is known of the enrolment on it."""
        facts = facts._replace(covered=False) if day in self.outside else facts
        return self.marks[day].on(facts) if day in self.marks else facts


@dataclass
class MonthChild:
    id: int
    first_name: str
    rows: list[MonthRow] = field(default_factory=list)


@dataclass
class Month:
    first: date
    days: list[date]
    children: list[MonthChild]

    @classmethod
    def load(cls, family_id: int, first: date, *, child_id: int | None = None) -> Self:
        """The month that begins on `first`, for the children who live in this family."""
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        days = [first + timedelta(days=n) for n in range((following - first).days)]
        rows = _enrolments(family_id, first, days[-1], child_id)
        marks = load_marks([row.id for row in rows], first, days[-1])
        rank_waiting(marks)
        month = MonthDays(days, {row.pool_id: row.capacity for row in rows if row.pool_id})
        activities: dict[int, ActivityDays] = {}
        children: dict[int, MonthChild] = {}
        for row in rows:
            if row.activity_id not in activities:
                activities[row.activity_id] = ActivityDays(row, month)
            child = children.setdefault(row.child_id, MonthChild(row.child_id, row.child_name))
            child.rows.append(
                MonthRow(
                    row.id,
                    row.structure,
                    row.activity,
                    row.responsible.upper(),
                    row.family_id == family_id,
                    activities[row.activity_id],
                    marks.get(row.id, {}),
                    _days_outside(row, days),
                )
            )
        return cls(first, days, list(children.values()))

    @property
    def title(self) -> str:
        """« Avril 2015 »."""
        return f"{MONTHS[self.first.month - 1].capitalize()} {self.first.year}"

    @property
    def previous(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> date:
        return self.days[-1] + timedelta(days=1)

    @property
    def weeks(self) -> list[int]:
        """The ISO weeks that this month touches, in order."""
        return list(dict.fromkeys(day.isocalendar().week for day in self.days))

    def week_to_show(self, asked: int | None) -> int:
        """The ISO week that a phone shows: the one asked for, else today's, else the first."""
        if asked in self.weeks:
            return asked
        today = clock.today()
        return today.isocalendar().week if self.first <= today <= self.days[-1] else self.weeks[0]

    @property
    def rows(self) -> list[MonthRow]:
        return [row for child in self.children for row in child.rows]

    def on(self, days: Collection[date]) -> list[tuple[MonthRow, list[Cell]]]:
        """Every row with its cells of these days, as far as they are of this month."""
        here = [day for day in self.days if day in days]
        return [(row, row.on(here)) for row in self.rows]

    def count(self, *states: CellState) -> int:
        """How many cells of the family's own rows are in one of these states (see `MonthRow.count`)."""
        return sum(row.count(*states) for row in self.rows if row.mine)


def _days_outside(row: Any, days: list[date]) -> Collection[date]:
    """Those that the enrolment does not cover."""
    ends = row.last_day or date.max
    if row.first_day <= days[0] and days[-1] <= ends:
        return ()
    return {day for day in days if not row.first_day <= day <= ends}


def _enrolments(family_id: int, first: date, last: date, child_id: int | None) -> Sequence[Any]:
    """The rows: every enrolment of the family's children in these days, whoever pays."""
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
