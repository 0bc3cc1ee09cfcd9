"""Who must not come for a child, says a judgment: recognised where somebody is let come. Told, never blocked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.formats import NBSP
from app.models.families.child import Child, Contact
from app.models.families.same_name import Alike, alike
from app.models.families.sections.child import FORBIDDEN, PERSONS
from app.models.families.sections.values import Sheet


@dataclass(frozen=True)
class Barred:
    """A name that is let come, and that of the file."""

    name: str
    known: str
    is_sure: bool

    @property
    def sentence(self) -> str:
        if self.is_sure:
            return f"{self.known} ne doit pas venir chercher l’enfant"
        return f"{self.name} est peut-être {self.known}, qui ne doit pas venir chercher l’enfant"


def among(names: Iterable[str], known: Sequence[str]) -> tuple[Barred, ...]:
    """Each of these names that may be one of the known."""
    found = ((name, one, alike(name, one)) for name in names for one in known)
    return tuple(Barred(name, one, how is Alike.SAME) for name, one, how in found if how is not Alike.NO)


def of_children(names: Iterable[str], children: Iterable[int]) -> tuple[Barred, ...]:
    """Each of these names that may be of somebody who must not come for one of the children."""
    contacts = (contact for child_id in children for contact in Contact.of_child(child_id))
    return among(names, list(dict.fromkeys(one.name for one in contacts if one.is_barred)))


def in_household(name: str, family_id: int) -> tuple[Barred, ...]:
    """For an adult who joins this household."""
    return of_children([name], (child.id for child in Child.of_family(family_id)))


def told_before(sheet: Sheet, wanted: dict[str, str]) -> list[str]:
    """What an agent reads before a section of a child's file is written: who is let come though barred, or is barred
    though let come. What the file says already is not told again.
    """
    if sheet.child_id is None or sheet.section not in (PERSONS, FORBIDDEN):
        return []
    (field,) = sheet.section.fields
    known = {row["name"] for row in _rows(field.value(sheet.text(field)))}
    added = [row["name"] for row in _rows(field.value(wanted.get(field.name, ""))) if row["name"] not in known]
    others = [one.name for one in Contact.of_child(sheet.child_id) if one.is_barred is (sheet.section is PERSONS)]
    if sheet.section is PERSONS:
        return [one.sentence for one in among(added, others)]
    return [
        f"{one.known} est aujourd’hui autorisé à venir{NBSP}: {'' if one.is_sure else 'peut-être '}la même personne"
        for one in among(added, others)
    ]


def _rows(value: Any) -> list[dict[str, str]]:
    return value or []
