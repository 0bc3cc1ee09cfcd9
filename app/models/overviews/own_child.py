"""A child's page: each section of its file as it stands, and what its household asked that waits for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import select

from app import clock, db
from app.models.changes import change
from app.models.changes.three_way import FieldKey
from app.models.enrolments import Enrolment
from app.models.families import Child, Consent, Contact
from app.models.families.author import Author
from app.models.families.sections.catalogue import OF_CHILD
from app.models.families.sections.child import ENROLMENT
from app.models.families.sections.section import Field, Section
from app.models.families.sections.values import Sheet
from app.models.requests import RequestLine


def readable(section: Section, author: Author) -> bool:
    """Whether this section of a child's file is shown: an agent who acts for a family reads no health there.

    Agents have their own page for it, where each reading is noted (domain.md §7).
    """
    return author.agent is None or not section.is_health


@dataclass(frozen=True)
class ShownSection:
    section: Section
    texts: dict[str, str] | None
    """By field; None for what this reader may not read."""

    @property
    def fields(self) -> list[tuple[Field, list[str]]]:
        """Each field and what a person reads of it."""
        texts = self.texts or {}
        return [(field, field.shown(texts[field.name])) for field in self.section.fields if field.name in texts]


@dataclass(frozen=True)
class ChildOverview:
    child: Child
    family_id: int
    sections: list[ShownSection]
    pending: dict[FieldKey, RequestLine]
    """Of this household alone: what the other one asks is not told."""
    consents: dict[str, Consent]
    forbidden: Sequence[Contact]
    enrolments: list[Enrolment]
    """In progress and to come, whoever pays."""
    asked: list[RequestLine]
    """New enrolments that wait for their answer."""

    @classmethod
    def of(cls, child: Child, author: Author) -> Self:
        family_id = author.adult.family_id
        shown = [
            ShownSection(one, Sheet(one, family_id, child.id).texts() if readable(one, author) else None)
            for one in OF_CHILD
        ]
        kept = select(Consent).where(Consent.child_id == child.id)
        current = Enrolment.current_of_family(family_id, clock.today())
        return cls(
            child,
            family_id,
            shown,
            change.pending(family_id, child.id),
            {one.kind: one for one in db.session.scalars(kept)},
            [one for one in Contact.of_child(child.id) if one.is_barred],
            [one for one in current if one.child_id == child.id],
            change.asked_for(ENROLMENT, family_id, child.id),
        )
