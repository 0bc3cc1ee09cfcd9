"""A session: one browser in which someone logged in. A row, so that it can be ended from elsewhere.

The row says that the session exists; *when it was last used* travels in the signed cookie instead, so that
reading a page writes nothing (see app.access).
"""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, crypto, db

if TYPE_CHECKING:
    from app.models.accounts.account import Account

LONGEST = timedelta(hours=12)


class UserSession(db.Base):
    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    account: Mapped["Account"] = relationship()

    @classmethod
    def open(cls, account_id: int) -> str:
        """Open a session and answer its token, which is stored nowhere."""
        token = secrets.token_urlsafe(24)
        db.session.add(
            cls(account_id=account_id, token_digest=crypto.digest(token), expires_at=clock.now() + LONGEST)
        )
        return token

    @classmethod
    def end(cls, token: str) -> None:
        """End the session of this token, if there is one."""
        db.session.execute(delete(cls).where(cls.token_digest == crypto.digest(token)))

    @classmethod
    def purge(cls) -> None:
        """Forget the sessions that can no longer be used."""
        db.session.execute(delete(cls).where(cls.expires_at < clock.now()))
