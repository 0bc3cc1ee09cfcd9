"""Pièces: the documents that a file must hold, and what the town hall thinks of each that it received."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, db
from app.models.agent import Agent
from app.models.child import Child
from app.models.family import Adult, Family
from app.models.proof import MAX_BYTES


class PieceSubject(enum.StrEnum):
    """Whose document it is."""

    FAMILY = "family"
    CHILD = "child"


class PieceKind(db.Base):
    """A document that the town asks for: « Attestation d’assurance »."""

    __tablename__ = "piece_kind"
    __table_args__ = (CheckConstraint("months_valid > 0", name="lasts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[PieceSubject]
    mandatory: Mapped[bool] = mapped_column(default=True)
    blocking: Mapped[bool] = mapped_column(default=False)
    """Without it no enrolment is accepted."""
    months_valid: Mapped[int | None]
    """From the day it was checked; None: for good."""
    keeps_file: Mapped[bool] = mapped_column(default=False)
    """The team needs the file itself (a PAI); else it is deleted once checked (domain.md §7)."""
    is_health: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class PieceState(enum.StrEnum):
    RECEIVED = "received"
    VALID = "valid"
    REFUSED = "refused"


class Piece(db.Base):
    """A document that a family gave. « Attendue » and « périmée » are not stored: they follow from these."""

    __tablename__ = "piece"
    __table_args__ = (
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refused_with_a_reason"),
        CheckConstraint("(state = 'received') = (checked_at IS NULL)", name="checked_when_decided"),
        CheckConstraint(f"size BETWEEN 1 AND {MAX_BYTES}", name="size"),
        Index(None, "family_id", "kind_id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("piece_kind.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    """The household that gave it, and the only one that may open the file."""
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True)
    given_by: Mapped[int] = mapped_column(ForeignKey("adult.id"))
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    submission: Mapped[str] = mapped_column(unique=True)
    state: Mapped[PieceState] = mapped_column(default=PieceState.RECEIVED)
    content_type: Mapped[str]
    size: Mapped[int]
    """Bytes, before encryption."""
    storage_key: Mapped[str | None] = mapped_column(unique=True)
    """None once the file was checked and deleted."""
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    reason: Mapped[str] = mapped_column(default="")
    valid_until: Mapped[date | None]

    kind: Mapped[PieceKind] = relationship()
    family: Mapped[Family] = relationship()
    child: Mapped[Child | None] = relationship()
    giver: Mapped[Adult] = relationship()
    checker: Mapped[Agent | None] = relationship()
