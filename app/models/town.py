"""The commune: one row of settings."""

import enum
from typing import Self

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import db


class SchoolZone(enum.StrEnum):
    A = "A"
    B = "B"
    C = "C"


class Town(db.Base):
    """What the pages say of the commune. Empty texts are left out of the pages."""

    __tablename__ = "town"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str]
    service_name: Mapped[str] = mapped_column(default="Service enfance-jeunesse")
    website_url: Mapped[str | None]
    welcome_message: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    opening_hours: Mapped[str] = mapped_column(default="")
    siret: Mapped[str] = mapped_column(default="")
    publication_director: Mapped[str] = mapped_column(default="")
    hosting: Mapped[str] = mapped_column(default="")
    dpo_name: Mapped[str] = mapped_column(default="")
    dpo_email: Mapped[str] = mapped_column(default="")
    school_zone: Mapped[SchoolZone] = mapped_column(default=SchoolZone.A)
    is_demo: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def current(cls) -> Self:
        """The commune of this portal, or a nameless one (not stored) before the installation named it."""
        return db.session.get(cls, 1) or cls.unnamed()

    @classmethod
    def unnamed(cls) -> Self:
        defaults = {
            column.name: column.default.arg
            for column in cls.__table__.columns
            if column.default is not None and column.default.is_scalar
        }
        return cls(**{**defaults, "name": "votre commune", "website_url": None})
