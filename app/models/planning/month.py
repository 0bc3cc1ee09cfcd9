"""A month of the planning: every child of a family, every enrolment, every day. A handful of queries, whatever
the number of rows and the size of the town.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from app import clock
from app.formats import MONTHS
from app.models.planning.cell import CellState
from app.models.planning.row import PlanningRow, load_rows
from app.models.requests import Request
from app.models.requests.line_state import OWED_STATES
from app.models.town.calendar import days_between


@dataclass
class MonthChild:
    id: int
    first_name: str
    rows: list[PlanningRow] = field(default_factory=list)


@dataclass
class Month:
    first: date
    days: list[date]
    children: list[MonthChild]

    @classmethod
    def load(cls, family_id: int, first: date, *, child_id: int | None = None) -> Self:
        """The month that begins on `first`, for the children who live in this family."""
        last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        children: dict[int, MonthChild] = {}
        for row in load_rows(family_id, first, last, child_id=child_id):
            children.setdefault(row.child_id, MonthChild(row.child_id, row.child)).rows.append(row)
        return cls(first, list(days_between(first, last)), list(children.values()))

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
    def rows(self) -> list[PlanningRow]:
        return [row for child in self.children for row in child.rows]

    def touched_by(self, request: Request) -> list[PlanningRow]:
        """The rows of which a cell may have changed with this request: its own, and those of the same rooms unless it
        only waits for an agent. A place taken may have been the last, one given back may go to a brother."""
        own = {number for line in request.lines for number in (line.enrolment_id, line.proposed_enrolment_id)}
        rooms = {row.room for row in self.rows if row.enrolment_id in own and row.room}
        if all(line.state in OWED_STATES for line in request.lines):
            rooms = set()
        return [row for row in self.rows if row.enrolment_id in own or row.room in rooms]

    def count(self, *states: CellState) -> int:
        """How many cells of the family's own rows are in one of these states (see `PlanningRow.count`)."""
        return sum(row.count(*states) for row in self.rows if row.mine)
