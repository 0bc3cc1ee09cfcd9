"""Infos./Documents: files that the town publishes to all families."""

from datetime import date

from sqlalchemy import CheckConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db


class Publication(db.Base):
    __tablename__ = "publication"
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
    def published(cls) -> list["Publication"]:
        """What families may read today, newest first."""
        today = clock.today()
        shown = select(cls).where(
            cls.published_on <= today, or_(cls.withdrawn_on.is_(None), cls.withdrawn_on > today)
        )
        return list(db.session.scalars(shown.order_by(cls.published_on.desc(), cls.id)))

    @classmethod
    def published_one(cls, publication_id: int) -> "Publication | None":
        return next((publication for publication in cls.published() if publication.id == publication_id), None)
