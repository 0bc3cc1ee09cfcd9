"""Which documents the town asks for: « Attestation d’assurance », for each child, for a year."""

import enum
from calendar import monthrange
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db


class DocumentSubject(enum.StrEnum):
    """Whose document it is."""

    FAMILY = "family"
    CHILD = "child"

    @property
    def label(self) -> str:
        return "pour chaque enfant" if self is DocumentSubject.CHILD else "pour le foyer"


class DocumentKind(db.Base):
    """A document that the town asks for: « Attestation d’assurance »."""

    __tablename__ = "document_kind"
    __table_args__ = (CheckConstraint("months_valid > 0", name="lasts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[DocumentSubject]
    mandatory: Mapped[bool] = mapped_column(default=True)
    with_pai: Mapped[bool] = mapped_column(default=False)
    """Due for a child who has a PAI, were it optional for the others."""
    blocking: Mapped[bool] = mapped_column(default=False)
    """Without it no enrolment is accepted; only where it is due."""
    months_valid: Mapped[int | None]
    """From the day it was checked; None: for good."""
    keeps_file: Mapped[bool] = mapped_column(default=False)
    """The team needs the file itself (a PAI); else it is deleted once checked (domain.md §7)."""
    is_health: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    """Not asked for any more. What families gave keeps its kind."""

    @classmethod
    def seed(cls) -> None:
        """What a new town asks for, until it says otherwise; nothing where it has kinds already."""
        if db.session.scalar(select(cls.id).limit(1)) is None:
            db.session.add_all(cls(position=position, **kind) for position, kind in enumerate(_USUAL))

    @classmethod
    def all(cls, *, retired: bool = False) -> list["DocumentKind"]:
        """Those asked for, or those that are not any more, in the town's order."""
        wanted = cls.retired_at.is_not(None) if retired else cls.retired_at.is_(None)
        return list(db.session.scalars(select(cls).where(wanted).order_by(cls.position, cls.name)))

    @classmethod
    def add(cls, **values: Any) -> "DocumentKind":
        """After the others. Raises IntegrityError for a name that is taken, be it of a kind withdrawn."""
        last = db.session.scalar(select(func.max(cls.position)))
        made = cls(position=0 if last is None else last + 1, **values)
        db.session.add(made)
        db.session.flush()
        return made

    def valid_until(self, checked_on: date) -> date | None:
        """Proposed to the agent who checks it on this day; None: for good."""
        return None if self.months_valid is None else _after(checked_on, self.months_valid)

    def retire(self) -> None:
        self.retired_at = self.retired_at or clock.now()

    def restore(self) -> None:
        self.retired_at = None

    @property
    def journal_name(self) -> str:
        """What the journal calls it: of health, it says nothing."""
        return "Document de santé" if self.is_health else self.name


def _after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_USUAL: tuple[dict[str, Any], ...] = (
    {"name": "Justificatif de domicile", "subject": DocumentSubject.FAMILY, "months_valid": 12},
    {"name": "Attestation d’assurance", "subject": DocumentSubject.CHILD, "months_valid": 12},
    {"name": "Page des vaccinations du carnet de santé", "subject": DocumentSubject.CHILD, "is_health": True},
    {
        "name": "Protocole du PAI (projet d’accueil individualisé)",
        "subject": DocumentSubject.CHILD,
        "mandatory": False,
        "with_pai": True,
        "keeps_file": True,
        "is_health": True,
        "months_valid": 12,
    },
    {
        "name": "Jugement sur la garde de l’enfant",
        "subject": DocumentSubject.CHILD,
        "mandatory": False,
        "keeps_file": True,
    },
)
