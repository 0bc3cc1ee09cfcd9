"""A month of the planning: every child of a family, every enrolment, every day. A handful of queries, whatever
the number of rows and the size of the town.

Columns are selected, not entities, and what does not depend on the row (calendar, opening, deadline, places) is
computed once an activity and day: most cells are empty, and share it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Self

from sqlalchemy import Date, Integer, Select, bindparam, select

from app import clock, db
from app.formats import MONTHS
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Custody
from app.models.places import PoolDay
from app.models.planning.cell import LEGEND, CellState, Facts, Sign, state_of
from app.models.planning.day_record import Mark, load_marks, load_ranks
from app.models.town import Activity, CapacityPool, HalfDay, SchoolZone, Structure
from app.models.town.activity import Opening, half_days
from app.models.town.calendar import Calendar
from app.models.town.deadline import DeadlineRule


class Cell(NamedTuple):
    day: date
    isoday: str
    state: CellState
    sign: Sign
    rank: int | None = None
    href: str | None = None


@dataclass
class MonthRow:
    enrolment_id: int
    structure: str
    activity: str
    responsible: str
    """« DUPONT JEAN »: the household that pays, as in the guide."""
    mine: bool
    """Whether the family that looks pays; another household's row is only read."""
    cells: list[Cell] = field(default_factory=list)


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
    def load(cls, family_id: int, first: date, *, zone: SchoolZone, child_id: int | None = None) -> Self:
        """The month that begins on `first`, for the children who live in this family."""
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        days = [first + timedelta(days=n) for n in range((following - first).days)]
        rows = _enrolments(family_id, first, days[-1], child_id)
        calendar = Calendar.load(zone, first, days[-1])
        marks = load_marks([row.id for row in rows], first, days[-1])
        columns = _Columns(days, calendar, _full_places(rows, days), clock.today(), clock.local_now())
        ranks = load_ranks(marks)
        children: dict[int, MonthChild] = {}
        for row in rows:
            child = children.setdefault(row.child_id, MonthChild(row.child_id, row.child_name))
            mine = row.family_id == family_id
            shown = MonthRow(row.id, row.structure, row.activity, row.responsible.upper(), mine)
            shown.cells = columns.cells(row, marks.get(row.id, {}), ranks, mine=mine)
            child.rows.append(shown)
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

    def on(self, days: Collection[date]) -> list[tuple[MonthRow, list[Cell]]]:
        """Every row with its cells of these days, as far as they are of this month."""
        rows = (row for child in self.children for row in child.rows)
        return [(row, [cell for cell in row.cells if cell.day in days]) for row in rows]

    def count(self, *states: CellState) -> int:
        """How many cells of the family's own rows are in one of these states."""
        return sum(
            cell.state in states for child in self.children for row in child.rows if row.mine for cell in row.cells
        )


class _Columns:
    """What the days say, computed once for all activities that open alike: most cells are empty, and share it."""

    def __init__(
        self, days: list[date], calendar: Calendar, full: set[tuple[int, HalfDay, date]], today: date, now: datetime
    ) -> None:
        self.days, self.calendar, self.full, self.today, self.now = days, calendar, full, today, now
        self.isodays = [day.isoformat() for day in days]
        self.shared: dict[Any, tuple[list[Facts], list[Cell]]] = {}
        self.in_time_from: dict[DeadlineRule, date] = {}

    def cells(self, row: Any, marks: dict[date, Mark], ranks: dict[int, int], *, mine: bool) -> list[Cell]:
        facts, empty = self._shared_by(row)
        path = f"/inscriptions/{row.id}/"
        made = [cell._replace(href=path + cell.isoday) for cell in empty] if mine else list(empty)
        outside = (day for day in self.days if not _covers(row, day)) if not self._covered_by(row) else ()
        for day in {*marks, *outside}:
            index = day.day - 1
            mark = marks.get(day, Mark())
            state = state_of(mark.on(replace(facts[index], covered=_covers(row, day))))
            rank = ranks.get(mark.line_id) if state is CellState.WAITING_LIST else None
            made[index] = made[index]._replace(state=state, sign=LEGEND[state], rank=rank)
        return made

    def _covered_by(self, row: Any) -> bool:
        """Whether the enrolment lasts all month."""
        return _covers(row, self.days[0]) and _covers(row, self.days[-1])

    def _shared_by(self, row: Any) -> tuple[list[Facts], list[Cell]]:
        """The facts of each day, and its cell as long as nothing is known of the enrolment on it."""
        opening = Opening(
            row.structure_id, row.weekdays, row.in_school_time, row.in_short_holidays, row.in_long_holidays
        )
        halves = half_days(row.uses_morning, row.uses_afternoon)
        key = (opening, row.booking_rule, row.pool_id, halves)
        if key not in self.shared:
            in_time = self._in_time_from(row.booking_rule)
            facts = [
                Facts.of_day(
                    opening,
                    day,
                    self.calendar,
                    past=day < self.today,
                    full=any((row.pool_id, half, day) in self.full for half in halves),
                    too_late=day < in_time,
                )
                for day in self.days
            ]
            self.shared[key] = facts, list(map(_empty_cell, self.days, self.isodays, facts))
        return self.shared[key]

    def _in_time_from(self, rule: DeadlineRule) -> date:
        """The first day of the month that may still be booked in time: a later day never has an earlier deadline."""
        if rule not in self.in_time_from:
            ahead = (day for day in self.days if day >= self.today)
            found = next((day for day in ahead if rule.is_met(day, self.calendar, self.now)), date.max)
            self.in_time_from[rule] = found
        return self.in_time_from[rule]


def _empty_cell(day: date, isoday: str, facts: Facts) -> Cell:
    state = state_of(facts)
    return Cell(day, isoday, state, LEGEND[state])


def _covers(row: Any, day: date) -> bool:
    return bool(row.first_day <= day and (row.last_day is None or day <= row.last_day))


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


def _full_places(rows: Sequence[Any], days: list[date]) -> set[tuple[int, HalfDay, date]]:
    """The half-days of the pools drawn on that have no place left."""
    pools = {row.pool_id: row.capacity for row in rows if row.pool_id is not None}
    full = {(pool, half, day) for pool, capacity in pools.items() if not capacity for half in HalfDay for day in days}
    if pools:
        gone = select(PoolDay.pool_id, PoolDay.half_day, PoolDay.day).where(
            PoolDay.pool_id.in_(pools),
            PoolDay.day.between(days[0], days[-1]),
            PoolDay.is_full,
        )
        full |= {(pool, half, day) for pool, half, day in db.session.execute(gone)}
    return full
