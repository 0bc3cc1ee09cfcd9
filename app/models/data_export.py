"""Mes données: everything that the portal knows of a family, in one file that the worker makes."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db

KEPT = timedelta(days=7)


class DataExport(db.Base):
    """One file asked for by one adult, for that adult alone. Ready once `ready_at` is set."""

    __tablename__ = "data_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    adult_id: Mapped[int] = mapped_column(ForeignKey("adult.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    ready_at: Mapped[datetime | None]
    storage_key: Mapped[str | None] = mapped_column(unique=True)
    size: Mapped[int | None]
    """Bytes, before encryption."""
