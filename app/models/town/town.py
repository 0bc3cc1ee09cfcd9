"""The commune: one row of settings."""

import enum
import re
from typing import ClassVar, Self

from sqlalchemy import CheckConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column, validates

from app import db
from app.columns import Encrypted

_WITNESS = "Préau"


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
    service_name: Mapped[str] = mapped_column(default="Guichet unique")
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
    key_witness: Mapped[str | None] = mapped_column(Encrypted, default=_WITNESS, deferred=True)
    """A word that the town's keys sealed. None in a town older than it, until `seal_witness`."""

    # What `flask town` changes, and a settings page will.
    EDITABLE: ClassVar = (
        "name", "service_name", "website_url", "welcome_message", "contact_phone", "contact_email", "address",
        "opening_hours", "siret", "publication_director", "hosting", "dpo_name", "dpo_email", "school_zone",
    )  # fmt: skip

    @validates("website_url")
    def _check_website(self, key: str, value: str | None) -> str | None:
        """An address that a browser may be led to at logout; raises ValueError for anything else."""
        if value and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[^\s;,]*)?", value):
            raise ValueError(f"not a web address: {value}")
        return value or None

    @classmethod
    def open_witness(cls) -> None:
        """Raises UnreadableSecretError when the keys of this process do not open what the town sealed."""
        db.session.scalar(select(cls.key_witness))

    @classmethod
    def seal_witness(cls) -> None:
        """Seal it in a town that has none, inside a transaction."""
        db.session.execute(update(cls).where(cls.key_witness.is_(None)).values(key_witness=_WITNESS))

    @classmethod
    def current(cls) -> Self:
        """The commune of this portal, or a nameless one (not stored) before the installation named it."""
        found = db.session.get(cls, 1) or cls.unnamed()
        cls.keep(found)
        return found

    @staticmethod
    def keep(town: "Town | None") -> None:
        """Read no other one in this request: the identity map holds it weakly."""
        db.session.info["town"] = town

    @classmethod
    def unnamed(cls) -> Self:
        defaults = {
            column.name: column.default.arg
            for column in cls.__table__.columns
            if column.default is not None and column.default.is_scalar
        }
        return cls(**{**defaults, "name": "votre commune", "website_url": None})
