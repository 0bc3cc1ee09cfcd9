"""The families that an agent looks for, by whatever is typed of their names or contacts; all of them otherwise."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import selectinload, undefer

from app import db
from app.models.accounts import Agent
from app.models.enrolments import scope
from app.models.families import Adult, Child, Custody, Family, search
from app.models.families.spelling import BAR, Asked, found_by, says

PAGE = 20
_MANY = 10 * PAGE
_PHONES = {"phone_mobile": "Mobile", "phone_home": "Domicile", "phone_work": "Travail"}


@dataclass(frozen=True)
class Listed:
    """A family among those found."""

    family: Family
    children: list[str]
    """First names, eldest first."""
    because: list[tuple[str, str]]
    """« Mobile », « 06 39 98 00 11 »: what it was found by, beyond names and numbers."""


@dataclass(frozen=True)
class Directory:
    agent: Agent
    typed: str = ""

    @cached_property
    def count(self) -> int:
        return self._counts[0]

    def page(self, number: int) -> list[Listed]:
        """The families of this page (from 1), those found by their names first, in the order of their first adult's.

        Many are gone through in that order until the page is full; few are found, then sorted: what is added
        to the key keeps the engines from its index.
        """
        if not self.count:
            return []
        key = Family.sort_key if self.count > _MANY else Family.sort_key + ""
        mixed = self._counts[1] not in (0, self.count)
        named_first = [case((self._named, 0), else_=1)] if mixed else []
        wanted = self._wanted(select(Family)).order_by(*named_first, key, Family.id)
        wanted = wanted.limit(PAGE).offset((number - 1) * PAGE)
        families = db.session.scalars(wanted.options(selectinload(Family.adults), undefer(Family.search_text))).all()
        children = _first_names([family.id for family in families])
        asked = Asked.of(self.typed)
        return [Listed(family, children[family.id], _because(family, asked)) for family in families]

    @cached_property
    def _counts(self) -> tuple[int, int]:
        """How many are found, and how many of them by their names."""
        by_name: Any = func.count().filter(self._named) if self.typed.strip() else literal(0)
        wanted: Select[Any] = select(func.count(), by_name).select_from(Family)
        found, named = db.session.execute(self._wanted(wanted)).one()
        return found, named

    @cached_property
    def _named(self) -> ColumnElement[bool]:
        return search.matches(self.typed, names_only=True)

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        return wanted.where(search.matches(self.typed), Family.merged_into.is_(None), scope.families(self.agent))


def _because(family: Family, asked: Asked) -> list[tuple[str, str]]:
    """What holds the words typed that are in no name and no number, once each."""
    missing = asked.unsaid(family.search_text.partition(BAR)[0].split())
    found = []
    for label, value, known in chain.from_iterable(_reached(adult) for adult in family.adults) if missing else ():
        rest = [part for part in missing if not says(known.split(), part)]
        if len(rest) < len(missing):
            found.append((label, value))
        missing = rest
    return found


def _reached(adult: Adult) -> Iterator[tuple[str, str, str]]:
    """By what an adult is reached: its name, as it is written, as it is found."""
    for name, label in _PHONES.items():
        yield label, getattr(adult, name), found_by(phones=[getattr(adult, name)])
    yield "Courriel", adult.email, found_by(emails=[adult.email])
    town = f"{adult.postal_code} {adult.city}".strip()
    yield "Adresse", ", ".join(filter(None, (adult.address, town))), found_by(addresses=[f"{adult.address} {town}"])


def _first_names(family_ids: list[int]) -> dict[int, list[str]]:
    living = select(Custody.family_id, Child.first_name).join(Child, Child.id == Custody.child_id)
    found: dict[int, list[str]] = defaultdict(list)
    for family_id, name in db.session.execute(
        living.where(Custody.family_id.in_(family_ids)).order_by(Child.birth_date, Child.id)
    ):
        found[family_id].append(name)
    return found
