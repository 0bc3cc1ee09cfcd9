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
    def texts(cls) -> list[str]:
        return list(db.session.scalars(select(cls.text).order_by(cls.text)))
