"""Motifs de refus: the sentences that agents choose from, and edit."""

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app import db


class StandardReason(db.Base):
    __tablename__ = "standard_reason"
    __table_args__ = (CheckConstraint("text <> ''", name="says_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(unique=True)

    @classmethod
    def add(cls, text: str) -> None:
        """Raises IntegrityError for one that is known already."""
        db.session.add(cls(text=text.strip()))
        db.session.flush()

    @classmethod
    def all(cls) -> list["StandardReason"]:
        return list(db.session.scalars(select(cls).order_by(cls.text)))
