"""Dossier unique d'inscription, online: what a parent has filled in so far, kept step by step until it is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.columns import ERASED_WITH, EncryptedJSON
from app.models.families.sections.section import Field, FieldKind, Section
from app.models.stale import Texts

_MOST_PAGES = 5
"""Of one step, whose last texts are remembered: more are not left open side by side."""


class DuiDraft(db.Base):
    """Of one household: two parents apart each fill in their own. See app.models.changes.dossier."""

    __tablename__ = "dui_draft"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True, info=ERASED_WITH)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), primary_key=True, index=True)
    answers: Mapped[Any] = mapped_column(EncryptedJSON)
    """By step: `wanted`, the texts of the fields that the parent changed, and `seen`, what stood there when they did;
    `done`, whether they went on to the next step, and `page`, from which page; `pages`, the latest that saved
    something, each with the texts that it sent last."""
    updated_at: Mapped[datetime] = mapped_column(default=clock.local_now)

    @property
    def asks(self) -> bool:
        """Whether the parent changed something: one may read the steps again and find them right."""
        return any(step.get("wanted") for step in self.answers.values())


@dataclass(frozen=True)
class DraftChange:
    """A field that sending would ask to change; shown as a line of a request is."""

    asked_field: Field
    before: str
    after: str
    stands: str
    """What was asked already where an answer is awaited, else what the file says."""
    amends: bool
    """Whether an earlier request about it still waits."""
    is_overtaken: bool
    """Whether what stands changed since the parent wrote this."""
    confirms: bool = False
    """No paper is joined to a dossier."""

    @property
    def standing(self) -> list[str]:
        """As people read it."""
        return self.asked_field.shown(self.stands)

    @property
    def field(self) -> str:
        return self.asked_field.name


def merged(
    step: dict[str, Any], section: Section, texts: Texts, *, seen: Texts, page: str, stands: Texts, shown: Texts
) -> dict[str, Any]:
    """This step of a draft, with what a page changed since it showed what was `seen`, or since it saved last. What it
    put back is not asked any more; the rest, of which another page may be the author, stays.

    `stands` is what stands without the draft, `shown` what the draft makes of it.
    """
    pages: dict[str, Texts] = dict(step.get("pages", ()))
    before = pages.pop(page, {})
    last = seen | before
    wanted, base = dict(step.get("wanted", {})), dict(step.get("seen", {}))
    sent = {name: text for name, text in texts.items() if text != last.get(name)}
    for name, typed in sent.items():
        field = section.field(name)
        if field.kind is FieldKind.ROWS:
            text, was = field.joined(shown[name], last.get(name, shown[name]), typed), stands[name]
        else:
            first = stands if name in before else {**stands, **seen}
            text, was = typed, base.get(name, first[name])
        wanted[name], base[name] = text, was
        if text in (was, stands[name]):
            del wanted[name], base[name]
    latest = [*pages.items(), (page, before | sent)][-_MOST_PAGES:]
    return {"wanted": wanted, "seen": base, "pages": latest}
