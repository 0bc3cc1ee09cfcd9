"""The families that an agent looks for, by whatever of their names or numbers is typed; all of them otherwise."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from app import db
from app.models.accounts import Agent
from app.models.enrolments import scope
from app.models.families import Child, Custody, Family, search

PAGE = 20
_MANY = 10 * PAGE


@dataclass(frozen=True)
class Listed:
    """A family among those found."""

    family: Family
    children: list[str]
    """First names, eldest first."""


@dataclass(frozen=True)
class Directory:
    agent: Agent
    typed: str = ""

    @cached_property
    def count(self) -> int:
        return db.session.scalar(self._wanted(select(func.count()).select_from(Family))) or 0

    def page(self, number: int) -> list[Listed]:
        """The families of this page (from 1), in the order of their first adult's name.

        Many are gone through in that order until the page is full; few are found, then sorted: what is added
        to the key keeps the engines from its index.
        """
        key = Family.sort_key if self.count > _MANY else Family.sort_key + ""
        wanted = self._wanted(select(Family)).order_by(key, Family.id)
        wanted = wanted.limit(PAGE).offset((number - 1) * PAGE)
        families = db.session.scalars(wanted.options(selectinload(Family.adults))).all()
        children = _first_names([family.id for family in families])
        return [Listed(family, children[family.id]) for family in families]

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        return wanted.where(search.matches(self.typed), Family.merged_into.is_(None), scope.families(self.agent))


def _first_names(family_ids: list[int]) -> dict[int, list[str]]:
    living = select(Custody.family_id, Child.first_name).join(Child, Child.id == Custody.child_id)
    found: dict[int, list[str]] = defaultdict(list)
    for family_id, name in db.session.execute(
        living.where(Custody.family_id.in_(family_ids)).order_by(Child.birth_date, Child.id)
    ):
        found[family_id].append(name)
    return found
