"""The inscriptions that an agent may see: those looked for, or one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import joinedload

from app import clock, db
from app.models.accounts import Agent
from app.models.enrolments import scope
from app.models.enrolments.enrolment import Enrolment
from app.models.families import Child, Custody, Family, search
from app.models.town import Activity, Structure

PAGE = 25
PERIODS = {"en-cours": "En cours", "a-venir": "À venir", "terminees": "Terminées", "toutes": "Toutes"}


@dataclass(frozen=True)
class Register:
    """The inscriptions that an agent asks to see."""

    agent: Agent
    period: str = "en-cours"
    structure: str = ""
    activity: str = ""
    """By name: the same in two structures, it is found in both."""
    school: str = ""
    typed: str = ""

    @classmethod
    def find(cls, agent: Agent, enrolment_id: int) -> Enrolment | None:
        """One of them; None beyond the agent's scope."""
        wanted = select(Enrolment).where(Enrolment.id == enrolment_id, scope.enrolments(agent))
        return db.session.scalars(wanted.options(*_its_people())).unique().first()

    def page(self, number: int) -> list[Enrolment]:
        """The inscriptions of this page (from 1), by the child's name."""
        wanted = self._wanted(select(Enrolment)).order_by(Child.sort_key, Child.id, Enrolment.first_day, Enrolment.id)
        wanted = wanted.limit(PAGE).offset((number - 1) * PAGE)
        return list(db.session.scalars(wanted.options(*_its_people())).unique())

    def count(self) -> int:
        return db.session.scalar(self._wanted(select(func.count(Enrolment.id)))) or 0

    def schools(self) -> list[str]:
        """For the filter."""
        named = select(Child.school).join(Enrolment, Enrolment.child_id == Child.id)
        named = named.where(scope.enrolments(self.agent), Child.school != "")
        return list(db.session.scalars(named.distinct().order_by(Child.school)))

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        joined = wanted.join(Child, Child.id == Enrolment.child_id)
        joined = joined.join(Activity, Activity.id == Enrolment.activity_id).join(Activity.structure)
        return joined.where(scope.enrolments(self.agent), _in_period(self.period, clock.today()), *self._conditions())

    def _conditions(self) -> Sequence[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.structure:
            found.append(Structure.name == self.structure)
        if self.activity:
            found.append(Activity.name == self.activity)
        if self.school:
            found.append(Child.school == self.school)
        if self.typed.strip():
            households = select(Custody.child_id).join(Family, Family.id == Custody.family_id)
            found.append(Enrolment.child_id.in_(households.where(search.matches(self.typed))))
        return found


def activities(agent: Agent) -> dict[str, list[Activity]]:
    """The activities that the agent may see, by structure."""
    wanted = select(Activity).options(joinedload(Activity.structure))
    if agent.scope is not None:
        wanted = wanted.where(Activity.structure_id.in_(agent.scope))
    found: dict[str, list[Activity]] = {}
    for one in sorted(db.session.scalars(wanted), key=lambda one: (one.structure.name, one.position, one.name)):
        found.setdefault(one.structure.name, []).append(one)
    return found


def children(typed: str, most: int = 20) -> list[Child]:
    """The children of the families found by what is typed, to enrol one."""
    homes = select(Custody.child_id).join(Family, Family.id == Custody.family_id)
    found = homes.where(Family.merged_into.is_(None), search.matches(typed))
    named = select(Child).where(Child.id.in_(found)).order_by(Child.sort_key, Child.id)
    return list(db.session.scalars(named.limit(most)))


def _in_period(period: str, today: date) -> ColumnElement[bool]:
    if period == "a-venir":
        return Enrolment.first_day > today
    if period == "terminees":
        return Enrolment.last_day < today
    if period == "en-cours":
        return (Enrolment.first_day <= today) & Enrolment.lasting(today)
    return true()


def _its_people() -> list[Any]:
    return [
        joinedload(Enrolment.child),
        joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)),
        joinedload(Enrolment.family).selectinload(Family.adults),
    ]
