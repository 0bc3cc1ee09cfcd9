"""One adult of a household, and what of it they may know."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, select

from app import db
from app.models.child import Authority, Child
from app.models.enrolment import Enrolment
from app.models.family import Adult, Family
from app.models.request import Request

Rows = Select[*tuple[Any, ...]]


@dataclass
class Whose:
    """One adult: whose household it is, and of which children they may know the file."""

    adult: Adult

    @cached_property
    def families(self) -> list[int]:
        """The household, and the files merged into it."""
        return list(db.session.scalars(Family.with_merged(self.adult.family_id)))

    @cached_property
    def children(self) -> list[Child]:
        return Child.of_family(self.adult.family_id)

    @cached_property
    def entrusted(self) -> list[int]:
        """Ids of the household's children over whom this adult has authority."""
        held = set(db.session.scalars(select(Authority.child_id).where(Authority.adult_id == self.adult.id)))
        return [child.id for child in self.children if child.id in held]

    @property
    def knows_all(self) -> bool:
        return len(self.entrusted) == len(self.children)

    @cached_property
    def reach(self) -> frozenset[str]:
        """The files, adults, children and children's files that they may know: « family:1 », « authority:3 »."""
        known: dict[str, list[int]] = {
            "family": self.families,
            "adult": list(db.session.scalars(select(Adult.id).where(Adult.family_id.in_(self.families)))),
            "child": [child.id for child in self.children],
            "authority": self.entrusted,
        }
        return frozenset(f"{what}:{number}" for what, numbers in known.items() for number in numbers)

    @cached_property
    def enrolments(self) -> Rows:
        """Ids of those that the household pays."""
        return select(Enrolment.id).where(Enrolment.family_id.in_(self.families))

    @cached_property
    def requests(self) -> Rows:
        """Ids of the household's, without those that change the file of a child that is not entrusted."""
        mine = select(Request.id).where(Request.family_id.in_(self.families))
        return mine.where(Request.child_id.is_(None) | Request.child_id.in_(self.entrusted))
