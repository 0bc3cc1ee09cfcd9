"""The inscriptions that an agent may see: those looked for, or one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import contains_eager, joinedload

from app import clock, db
from app.models.accounts import Agent
from app.models.enrolments import scope
from app.models.enrolments.enrolment import Enrolment
from app.models.families import Child, Custody, Family, search
from app.models.families.child import SCHOOLS
from app.models.town import Activity, Structure

PAGE = 25
PERIODS = {"en-cours": "En cours", "a-venir": "À venir", "terminees": "Terminées", "toutes": "Toutes"}
_MANY = 10 * PAGE
_HOW_MANY = select(func.count()).select_from(Enrolment)


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
        return db.session.scalars(wanted.options(joinedload(Enrolment.child), *_its_people())).first()

    def page(self, number: int) -> list[Enrolment]:
        """The inscriptions of this page (from 1), by the child's name.

        Few are found, then sorted; of many, the children are gone through in their order until the page is full. The
        engines cannot tell which it is: what is added to a column keeps them from its index.
        """
        many = self.count > _MANY
        whose, by_name = (Child.id + 0, Child.sort_key) if many else (Child.id, Child.sort_key + "")
        wanted = self._wanted(select(Enrolment).join(Child, Enrolment.child_id == whose))
        wanted = wanted.order_by(by_name, Child.id, Enrolment.first_day, Enrolment.id)
        wanted = wanted.limit(PAGE).offset((number - 1) * PAGE)
        return list(db.session.scalars(wanted.options(contains_eager(Enrolment.child), *_its_people())))

    @cached_property
    def count(self) -> int:
        """Those in progress in a whole town are all, whom SQLite counts without a look, but those to come or over."""
        if self.period != "en-cours" or self._conditions() or self.agent.scope is not None:
            return db.session.scalar(self._wanted(_HOW_MANY)) or 0
        today = clock.today()
        others = (_HOW_MANY.where(_in_period(one, today)) for one in ("a-venir", "terminees"))
        to_come, over = (one.scalar_subquery() for one in others)
        return db.session.scalar(select(_HOW_MANY.scalar_subquery() - to_come - over)) or 0

    def schools(self) -> list[str]:
        """For the filter."""
        going = select(Enrolment.id).join(Child).where(Child.school == SCHOOLS.c.name, scope.enrolments(self.agent))
        one = going.limit(1).scalar_subquery()  # of EXISTS, PostgreSQL makes a join, and reads every child
        wanted = select(SCHOOLS.c.name).where(one.is_not(None))
        return list(db.session.scalars(wanted.order_by(SCHOOLS.c.name)))

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        return wanted.where(scope.enrolments(self.agent), _in_period(self.period, clock.today()), *self._conditions())

    def _conditions(self) -> Sequence[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.structure:
            found.append(_of_activities(Activity.structure.has(Structure.name == self.structure)))
        if self.activity:
            found.append(_of_activities(Activity.name == self.activity))
        if self.school:
            found.append(Enrolment.child_id.in_(select(Child.id).where(Child.school == self.school)))
        if self.typed.strip():
            households = select(Custody.child_id).join(Family, Family.id == Custody.family_id)
            found.append(
                Enrolment.child_id.in_(
                    households.where(search.matches(self.typed, names_only=self.agent.scope is not None))
                )
            )
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


def _of_activities(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return Enrolment.activity_id.in_(select(Activity.id).where(which))


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
        joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)),
        joinedload(Enrolment.family).selectinload(Family.adults),
    ]
