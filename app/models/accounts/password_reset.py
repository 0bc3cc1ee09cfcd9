"""A forgotten password: a link by mail, good once and for 60 minutes."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, crypto, db
from app.models.accounts.account import Account
from app.models.event import Event
from app.models.jobs import Job

LIFE = timedelta(minutes=60)
PER_HOUR = 5


class PasswordReset(db.Base):
    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    # When it was used, or ended by something else: see `Account.end_links`.
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(back_populates="resets")

    @staticmethod
    def request(typed: str) -> None:
        """Ask for a link, by identifiant or e-mail. Does the same whether it exists or not: the worker finds out."""
        Job.enqueue("password_reset", {"identifiant": typed})

    @classmethod
    def send(cls, typed: str) -> None:
        """Mail a link for this identifiant; for an e-mail, one for each account that it reaches, which recalls the
        identifiant."""
        named = Account.named(typed)
        for account in [named] if named else Account.reached_by(typed):
            cls._send(account)

    @classmethod
    def _send(cls, account: Account) -> None:
        """Make a link and mail it, unless the account is closed by the town hall, was left behind, has no address, or
        just asked five times."""
        if account.locked_at is not None or account.merged_away or not account.email:
            return
        recent = select(func.count()).where(cls.account_id == account.id, cls.created_at > clock.now() - LIFE)
        if (db.session.scalar(recent) or 0) >= PER_HOUR:
            return
        token = secrets.token_urlsafe(32)
        db.session.add(cls(account_id=account.id, token_digest=crypto.digest(token)))
        Event.record("password_reset_requested", subject=account)
        Job.post_mail(account.email, "password_reset", token=token, identifiant=account.identifiant)

    @classmethod
    def live(cls, token: str, *, lock: bool = False) -> "PasswordReset | None":
        """The request of this link, unless it was used or is older than 60 minutes; locked, to use it."""
        alive = select(cls).where(
            cls.token_digest == crypto.digest(token), cls.used_at.is_(None), cls.created_at > clock.now() - LIFE
        )
        return db.session.scalars(alive.with_for_update() if lock else alive).first()

    def use(self, password_hash: str, *, address: str) -> None:
        """Set the password; this link and any other of the account are dead from now on."""
        self.account.change_password(password_hash, address=address)

    @classmethod
    def purge(cls) -> None:
        db.session.execute(delete(cls).where(cls.created_at < clock.now() - timedelta(days=1)))
