"""Infos./Documents: files that the town publishes to all families."""

from datetime import date

from sqlalchemy import CheckConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db


class Document(db.Base):
    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_on > published_on", name="withdrawn_after_published"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    """Bytes."""
    storage_key: Mapped[str] = mapped_column(unique=True)
    published_on: Mapped[date]
    withdrawn_on: Mapped[date | None]

    @classmethod
    def published(cls) -> list["Document"]:
        """What families may read today, newest first."""
        today = clock.today()
        shown = select(cls).where(
            cls.published_on <= today, or_(cls.withdrawn_on.is_(None), cls.withdrawn_on > today)
        )
        return list(db.session.scalars(shown.order_by(cls.published_on.desc(), cls.id)))

    @classmethod
    def published_one(cls, document_id: int) -> "Document | None":
        return next((document for document in cls.published() if document.id == document_id), None)
