"""An account: the identifiant and password of an adult or of an agent."""

import enum
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, crypto, db
from app.columns import Encrypted
from app.models.accounts.session import UserSession
from app.models.accounts.throttle import Throttle
from app.models.event import Event
from app.models.jobs import Job
from app.models.refusal import RefusedError

if TYPE_CHECKING:
    from app.models.accounts.agent import Agent
    from app.models.accounts.clerk import Clerk
    from app.models.accounts.password_reset import PasswordReset
    from app.models.families import Adult

# Without accents: few mail servers take them, and a link that cannot be sent helps nobody.
MAILBOX = r"^\s*[!#-'*+./-9=?^_`{|}~A-Za-z-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\s*$"
ONE_TIME_PASSWORD_LIFE = timedelta(days=60)
_MOST_REACHED = 5
EMAIL_RETURN_LIFE = timedelta(days=7)
"""How long the former address of an account may undo its change (see email_return)."""


class AccountState(enum.StrEnum):
    """How an account stands, as agents see it."""

    ACTIVE = "actif"
    NEW = "jamais connecté"
    """Its first one-time password waits to be used."""
    RENEWED = "nouveau mot de passe remis"
    """So does a later one."""
    LAPSED = "mot de passe provisoire expiré"
    LOCKED = "verrouillé"

    @property
    def kind(self) -> str:
        """The colour of its badge."""
        kinds = {AccountState.ACTIVE: "success", AccountState.LAPSED: "warning", AccountState.LOCKED: "danger"}
        return kinds.get(self, "info")


def identifiant_key(identifiant: str) -> str:
    """What identifies: « Jean.Dupont » and « jean.dupont » with blanks around are the same identifiant."""
    return identifiant.strip().casefold()


class Account(db.Base):
    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    identifiant: Mapped[str]
    identifiant_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # Only for a password that the town hall printed in a letter: after that day it opens nothing.
    one_time_until: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(Encrypted)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When its person last came; unused accounts are deleted (domain.md §7), a mail warns first.
    last_login_at: Mapped[datetime | None]
    idle_warned_at: Mapped[datetime | None]
    # Closed by an agent until opened again: its password opens nothing.
    locked_at: Mapped[datetime | None]

    adult: Mapped["Adult | None"] = relationship(back_populates="account")
    agent: Mapped["Agent | None"] = relationship(back_populates="account")
    resets: Mapped[list["PasswordReset"]] = relationship(back_populates="account", passive_deletes=True)

    @classmethod
    def create(cls, identifiant: str, password_hash: str, *, one_time: bool = False) -> "Account":
        """A new account; with a one-time password it must choose its own at first login, within 60 days."""
        account = cls(
            identifiant=identifiant.strip(),
            identifiant_key=identifiant_key(identifiant),
            password_hash=password_hash,
            must_change_password=one_time,
            one_time_until=clock.now() + ONE_TIME_PASSWORD_LIFE if one_time else None,
        )
        db.session.add(account)
        db.session.flush()
        return account

    @classmethod
    def named(cls, identifiant: str) -> "Account | None":
        return db.session.scalars(select(cls).where(cls.identifiant_key == identifiant_key(identifiant))).first()

    @classmethod
    def reached_by(cls, email: str) -> "Sequence[Account]":
        """The accounts of the adults and agents who have this e-mail, oldest first: a family may share one."""
        if "@" not in email:
            return []
        people = [cls.adult.property.mapper.class_, cls.agent.property.mapper.class_]
        same = [func.lower(person.email) == email.strip().lower() for person in people]
        wanted = select(cls).outerjoin(cls.adult).outerjoin(cls.agent).where(or_(*same))
        return db.session.scalars(wanted.order_by(cls.id).limit(_MOST_REACHED)).all()

    @property
    def owner(self) -> "Adult | Agent":
        """The person whose account this is. Raises LookupError for an account that lost its person."""
        person = self.agent or self.adult
        if person is None:
            raise LookupError("an account without a person")
        return person

    @property
    def email(self) -> str:
        return self.owner.email

    def note_login(self) -> None:
        """Its person came: the account is in use."""
        self.last_login_at, self.idle_warned_at = clock.now(), None

    @property
    def has_second_factor(self) -> bool:
        return self.totp_secret is not None

    @property
    def state(self) -> AccountState:
        if self.locked_at is not None:
            return AccountState.LOCKED
        if not self.must_change_password:
            return AccountState.ACTIVE
        if self.one_time_password_expired:
            return AccountState.LAPSED
        of_creation = self.created_at + ONE_TIME_PASSWORD_LIFE
        since_creation = self.one_time_until is None or self.one_time_until <= of_creation
        return AccountState.NEW if since_creation else AccountState.RENEWED

    @property
    def merged_away(self) -> bool:
        """Whether it was left on a file that was merged into another, where its person has another account."""
        return self.adult is not None and self.adult.family.merged_into is not None

    @property
    def one_time_password_expired(self) -> bool:
        return self.one_time_until is not None and self.one_time_until < clock.now()

    def change_password(self, password_hash: str, *, address: str, keep: UserSession | None = None) -> None:
        """Take the new hash, end every link and session (but the one to keep), lift the lock, and tell the owner."""
        self.password_hash = password_hash
        self.must_change_password = False
        self.one_time_until = None
        self.end_links()
        self.end_sessions(keep=keep)
        Throttle.clear("identifiant", self.identifiant_key)
        Event.record("password_changed", actor=self, subject=self, address=address)
        if self.email:
            Job.post_mail(self.email, "password_changed", identifiant=self.identifiant)

    def change_email(self, email: str, *, by: "Clerk") -> None:
        """Set where mail goes, and warn the old address: whoever reads it must learn of a change it did not ask, and
        can undo it for a week. Links that were mailed to it are dead."""
        old, self.owner.email = self.email, email.strip()
        self.end_links()
        by.note("email_changed", self)
        if old and old != self.email:
            undoing = crypto.encrypt(json.dumps([self.id, old, clock.now().isoformat()]))
            Job.post_mail(old, "email_changed", identifiant=self.identifiant, token=undoing)

    def lock(self, *, by: "Clerk") -> None:
        """Close the account until an agent opens it again: its sessions end now. Locked already, nothing happens."""
        if self.locked_at is None:
            self.locked_at = clock.now()
            self.end_links()
            self.end_sessions()
            by.note("account_locked", self, family_id=self._family_id)

    def unlock(self, *, by: "Clerk") -> None:
        if self.locked_at is not None:
            self.locked_at = None
            by.note("account_unlocked", self, family_id=self._family_id)

    def give_one_time(self, password_hash: str, *, by: "Clerk") -> None:
        """Replace the password by one to be changed at the next login, within 60 days; the sessions end now.

        Raises RefusedError for a locked account: it would open nothing.
        """
        if self.locked_at is not None:
            raise RefusedError("Ce compte est verrouillé\u00a0: déverrouillez-le d’abord.")
        self.password_hash, self.must_change_password = password_hash, True
        self.one_time_until = clock.now() + ONE_TIME_PASSWORD_LIFE
        self.end_links()
        self.end_sessions()
        Throttle.clear("identifiant", self.identifiant_key)
        by.note("one_time_given", self, family_id=self._family_id)

    @property
    def _family_id(self) -> int | None:
        return self.adult.family_id if self.adult else None

    def end_links(self) -> None:
        """The links to a new password that were mailed so far open nothing any more."""
        for reset in self.resets:
            reset.used_at = reset.used_at or clock.now()

    def end_sessions(self, *, keep: UserSession | None = None) -> None:
        ended = delete(UserSession).where(UserSession.account_id == self.id)
        if keep is not None:
            ended = ended.where(UserSession.id != keep.id)
        db.session.execute(ended)
