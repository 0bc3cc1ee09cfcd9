"""Infos./Documents: files that the town publishes to all families."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, bindparam, or_, select
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
        return list(db.session.scalars(_PUBLISHED, {"today": clock.today()}))

    @classmethod
    def published_one(cls, publication_id: int) -> "Publication | None":
        return next((publication for publication in cls.published() if publication.id == publication_id), None)


_TODAY = bindparam("today", type_=Date)
_PUBLISHED = (
    select(Publication)
    .where(
        Publication.published_on <= _TODAY, or_(Publication.withdrawn_on.is_(None), Publication.withdrawn_on > _TODAY)
    )
    .order_by(Publication.published_on.desc(), Publication.id)
)
