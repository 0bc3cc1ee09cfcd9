"""A child, the households where it lives, who has authority, and its record (dossier)."""

import enum
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CTE, ForeignKey, Index, bindparam, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app import clock, db
from app.columns import ERASED_WITH, ByteOrder, Encrypted, EncryptedValue
from app.french_order import sort_key

if TYPE_CHECKING:
    from app.models.families.family import Adult


class Child(db.Base):
    __tablename__ = "child"
    __table_args__ = (Index("ix_child_sort_key", "sort_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    last_name: Mapped[str]
    first_name: Mapped[str]
    birth_date: Mapped[date]
    school: Mapped[str] = mapped_column(default="", index=True)
    level: Mapped[str] = mapped_column(default="")
    class_name: Mapped[str] = mapped_column(default="")
    sex: Mapped[str] = mapped_column(default="", server_default="")
    birth_place: Mapped[str] = mapped_column(default="", server_default="")
    # Named by content (« sans porc »), never by religion (domain.md §6); still nobody else's business.
    diet: Mapped[str | None] = mapped_column(Encrypted)
    insurer: Mapped[str] = mapped_column(default="", server_default="")
    insurance_number: Mapped[str] = mapped_column(default="", server_default="")
    insured_from: Mapped[date | None]
    insured_until: Mapped[date | None]
    # The local day: a child who never came is not kept for ever (see app.models.privacy.retention).
    created_on: Mapped[date] = mapped_column(default=clock.today, server_default=text("CURRENT_DATE"))
    # Its place in lists, by name, kept up to date below; what bypasses the session writes it too.
    sort_key: Mapped[str] = mapped_column(ByteOrder, default="", server_default="")

    custodies: Mapped[list["Custody"]] = relationship(back_populates="child")

    @validates("last_name", "first_name")
    def _take_its_place_in_lists(self, column: str, name: str) -> str:
        """Write the sort key anew when a name changes; a child being made has one name before the other."""
        names = {"last_name": self.last_name, "first_name": self.first_name, column: name}
        self.sort_key = sort_key(*(one or "" for one in names.values()))
        return name

    @classmethod
    def of_family(cls, family_id: int) -> list["Child"]:
        """The children who live in this household, eldest first."""
        mine = select(cls).join(Custody).where(Custody.family_id == family_id)
        return list(db.session.scalars(mine.order_by(cls.birth_date, cls.id)))

    @classmethod
    def first_names(cls, family_id: int) -> dict[int, str]:
        """Theirs alone, by the child's number: no file is opened."""
        return dict(iter(db.session.execute(_FIRST_NAMES, {"family": family_id})))

    @classmethod
    def of_adult(cls, adult: "Adult", child_id: int) -> "Child | None":
        """A child of this adult's household over whom the adult has authority; None for any other.

        Without authority an adult sees only planning and invoices of the family.
        """
        mine = select(cls).join(Custody).join(Authority, Authority.child_id == cls.id)
        mine = mine.where(cls.id == child_id, Custody.family_id == adult.family_id, Authority.adult_id == adult.id)
        return db.session.scalars(mine).first()

    @classmethod
    def schools(cls) -> list[str]:
        """The schools that files name, for a form to propose."""
        name = SCHOOLS.c.name
        return list(db.session.scalars(select(name).where(name.is_not(None)).order_by(name)))

    @classmethod
    def homes(cls, child_id: int) -> list[int]:
        """Ids of the families in which this child lives."""
        living = select(Custody.family_id).where(Custody.child_id == child_id)
        return list(db.session.scalars(living.order_by(Custody.family_id)))

    def age_on(self, day: date) -> int:
        """Whole years."""
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday


def _schools() -> CTE:
    first = select(func.min(Child.school).label("name")).where(Child.school > "").cte("schools", recursive=True)
    after = select(func.min(Child.school)).where(Child.school > first.c.name).scalar_subquery()
    return first.union_all(select(after).where(first.c.name.is_not(None)))


SCHOOLS = _schools()
"""The schools that files name, then NULL: each looked up after the one before, however many children go there."""


class Custody(db.Base):
    """A household in which the child lives. Two of them when its parents are separated."""

    __tablename__ = "custody"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True, info=ERASED_WITH)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), primary_key=True, index=True)
    # What a judgment says, in the agent's words.
    note: Mapped[str | None] = mapped_column(Encrypted)

    child: Mapped[Child] = relationship(back_populates="custodies")


_FIRST_NAMES = (
    select(Child.id, Child.first_name)
    .join(Custody)
    .where(Custody.family_id == bindparam("family"))
    .order_by(Child.birth_date, Child.id)
)


class Authority(db.Base):
    """Autorité parentale: without it an adult sees only planning and invoices of their family."""

    __tablename__ = "authority"

    adult_id: Mapped[int] = mapped_column(ForeignKey("adult.id"), primary_key=True, info=ERASED_WITH)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True, index=True, info=ERASED_WITH)


class ContactRole(enum.StrEnum):
    EMERGENCY = "emergency"
    COLLECTS = "collects"
    """Autorisé à venir chercher l'enfant."""
    FORBIDDEN = "forbidden"


class Contact(db.Base):
    """Someone around the child who is not one of its responsables. Encrypted: who must not come says a judgment."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True, info=ERASED_WITH)
    role: Mapped[ContactRole] = mapped_column(EncryptedValue(ContactRole))
    name: Mapped[str] = mapped_column(Encrypted)
    link: Mapped[str] = mapped_column(Encrypted, default="")
    phone: Mapped[str] = mapped_column(Encrypted, default="")

    @property
    def is_barred(self) -> bool:
        return self.role == ContactRole.FORBIDDEN

    @classmethod
    def of_child(cls, child_id: int) -> list["Contact"]:
        """Oldest first."""
        return list(db.session.scalars(select(cls).where(cls.child_id == child_id).order_by(cls.id)))
