"""What the team must know of a child's health. Encrypted, and each reading by an agent is noted (domain.md §7).

The nature of a handicap is never recorded, only a need for particular care (domain.md §6).
"""

import enum
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.columns import ERASED_WITH, Encrypted, EncryptedValue

if TYPE_CHECKING:
    from app.models.accounts.clerk import Clerk
    from app.models.families.child import Child


class HealthSheet(db.Base):
    """The single values of a child's health; texts as a form writes them, « oui » or « non » for the glasses."""

    __tablename__ = "health_sheet"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True, info=ERASED_WITH)
    glasses: Mapped[str | None] = mapped_column(Encrypted)
    glasses_when: Mapped[str | None] = mapped_column(Encrypted)
    doctor: Mapped[str | None] = mapped_column(Encrypted)
    doctor_phone: Mapped[str | None] = mapped_column(Encrypted)
    treatments: Mapped[str | None] = mapped_column(Encrypted)
    care: Mapped[str | None] = mapped_column(Encrypted)


class AlertKind(enum.StrEnum):
    FOOD = "food"
    DRUG = "drug"
    OTHER = "other"


class HealthAlert(db.Base):
    """An allergy, or another thing that the team must know."""

    __tablename__ = "health_alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True, info=ERASED_WITH)
    kind: Mapped[AlertKind] = mapped_column(EncryptedValue(AlertKind))
    text: Mapped[str] = mapped_column(Encrypted)


class Pai(db.Base):
    """A projet d'accueil individualisé: what to do, until when."""

    __tablename__ = "pai"

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True, info=ERASED_WITH)
    ends_on: Mapped[date | None] = mapped_column(EncryptedValue(date.fromisoformat))
    instruction: Mapped[str] = mapped_column(Encrypted)


class Vaccination(db.Base):
    __tablename__ = "vaccination"

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True, info=ERASED_WITH)
    name: Mapped[str] = mapped_column(Encrypted)
    given_on: Mapped[date | None] = mapped_column(EncryptedValue(date.fromisoformat))


HEALTH_ROWS = (HealthSheet, HealthAlert, Pai, Vaccination)
"""All that is written of a child's health: erased before the rest of its file."""


def note_reading(child: "Child", family_id: int, *, by: "Clerk") -> None:
    """The journal keeps who read it, in the history of the file from which they came."""
    by.note("health_read", child, family_id=family_id)
