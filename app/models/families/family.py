"""The family (foyer) that pays, and its one or two adults."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, db
from app.columns import ERASED_WITH, ByteOrder
from app.models.accounts import Account
from app.models.families.situation import situation_of
from app.models.town import Town


class Civility(enum.StrEnum):
    MADAME = "Madame"
    MONSIEUR = "Monsieur"


class Family(db.Base):
    """A dossier famille. Its number has 13 digits, as on every letter the town hall sends."""

    __tablename__ = "family"
    __table_args__ = (
        CheckConstraint("length(number) = 13", name="number_of_13_digits"),
        Index("ix_family_sort_key", "sort_key", "id"),
        # Without the files in use: SQLite would look for them there, then sort them.
        db.partial_index("ix_family_merged_into", "merged_into", where=text("merged_into IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    situation: Mapped[str] = mapped_column(default="")
    # Organisme rattachement, as the program that made the file numbers it; « 0 »: none.
    attached_to: Mapped[str] = mapped_column(default="0", server_default="0")
    # The file that this one was found to repeat; nothing of it is deleted (invoices keep their family).
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("family.id"))
    # Words to be found by (see app.models.families.search), kept up to date by the session itself.
    search_text: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    # Its place in lists, by the name of the first adult: written with them.
    sort_key: Mapped[str] = mapped_column(ByteOrder, default="", server_default="", deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # The day on which an agent last took a child out of it: what it holds is kept a while, should that be a slip.
    left_on: Mapped[date | None]

    adults: Mapped[list["Adult"]] = relationship(back_populates="family", order_by="Adult.rank")

    @classmethod
    def count(cls) -> int:
        """How many files are in use; those found to repeat another one are not."""
        return db.session.scalar(_IN_USE) or 0

    @classmethod
    def next_number(cls) -> str:
        """The number of a new file: one more than the highest. Two files made at once wait for each other.

        A slip at the very top of the 13 digits does not use the numbers up.
        """
        db.session.execute(select(Town.id).with_for_update())
        highest = db.session.scalar(select(func.max(cls.number)).where(cls.number < "9" * 9))
        return str(int(highest or 10**12) + 1)

    @classmethod
    def with_merged(cls, family_id: int | ColumnElement[int]) -> Select[int]:
        """The ids of this family and of the files merged into it, for `.in_(…)`: what is billed keeps its family."""
        return select(cls.id).where(or_(cls.id == family_id, cls.merged_into == family_id))

    @classmethod
    def lock_open(cls, family_id: int) -> bool:
        """Whether this file is still its own; locked, it stays so until the transaction ends (a merge waits)."""
        still = select(cls.id).where(cls.id == family_id, cls.merged_into.is_(None))
        return db.session.scalar(still.with_for_update(read=True, key_share=True)) is not None

    @classmethod
    def lock(cls, *family_ids: int) -> list["Family"]:
        """These families, locked until the transaction ends and read afresh; always in one order (no deadlock)."""
        rows = select(cls).where(cls.id.in_(family_ids)).order_by(cls.id).with_for_update()
        found = {one.id: one for one in db.session.scalars(rows.execution_options(populate_existing=True))}
        return [found[family_id] for family_id in family_ids]

    @property
    def situation_said(self) -> str:
        """As it agrees with the titulaire."""
        return situation_of(self.situation, self.adults[0].civility if self.adults else "")

    @property
    def lives_apart(self) -> bool:
        """« Séparé », and yet two accounts share this file: it may be time to split it."""
        apart = self.situation.casefold().startswith(("sépar", "divorc"))
        return apart and len([adult for adult in self.adults if adult.account_id is not None]) == 2


_IN_USE = select(func.count()).select_from(Family).where(Family.merged_into.is_(None))


class Adult(db.Base):
    """A responsable (rank 1, titulaire) or conjoint (rank 2). With an account, that person may log in."""

    __tablename__ = "adult"
    __table_args__ = (
        UniqueConstraint("family_id", "rank"),
        CheckConstraint("rank IN (1, 2)", name="rank_1_or_2"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True, info=ERASED_WITH)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)
    rank: Mapped[int]
    civility: Mapped[Civility]
    last_name: Mapped[str]
    first_name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="", server_default="")
    postal_code: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    phone_home: Mapped[str] = mapped_column(default="", server_default="")
    phone_work: Mapped[str] = mapped_column(default="", server_default="")
    phone_mobile: Mapped[str] = mapped_column(default="", server_default="")
    # « Père », « Mère »…: what the adult is to the children.
    quality: Mapped[str] = mapped_column(default="", server_default="")
    csp: Mapped[str] = mapped_column(default="", server_default="")
    profession: Mapped[str] = mapped_column(default="", server_default="")
    employer: Mapped[str] = mapped_column(default="", server_default="")
    employer_address: Mapped[str] = mapped_column(default="", server_default="")
    allows_sms: Mapped[bool | None]
    allows_email: Mapped[bool | None]
    # A mail the day before a deadline when nothing is booked of a week that usually is.
    wants_reminders: Mapped[bool] = mapped_column(default=True, server_default=true())

    family: Mapped[Family] = relationship(back_populates="adults")
    account: Mapped[Account | None] = relationship(back_populates="adult")

    @property
    def news_email(self) -> str:
        """Where mails go that this adult may refuse; empty with « Autorisation courriel : Non ». Acknowledgements,
        which the law demands (CRPA L112-8), and what protects the account go to `email`."""
        return "" if self.allows_email is False else self.email

    @classmethod
    def takes_news(cls) -> ColumnElement[bool]:
        """In a query: whether such mails go anywhere."""
        return (cls.email != "") & cls.allows_email.is_not(False)

    @property
    def full_name(self) -> str:
        """« JEAN DUPONT », as the guide greets."""
        return f"{self.first_name} {self.last_name}".upper()

    @property
    def listed_name(self) -> str:
        """« DUPONT JEAN », as the guide's columns name who pays."""
        return f"{self.last_name} {self.first_name}".upper()
