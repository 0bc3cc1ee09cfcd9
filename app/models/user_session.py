"""A session: one browser in which someone logged in. A row, so that it can be ended from elsewhere.

The row says that the session exists; *when it was last used* travels in the signed cookie instead, so that
reading a page writes nothing (see app.access).
"""

import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Select, bindparam, delete, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import clock, crypto, db
from app.columns import UTCDateTime

if TYPE_CHECKING:
    from app.models.account import Account

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
    def live(cls, token: str) -> "UserSession | None":
        """The session of this token with its account and person (one query), unless ended or 12 hours old."""
        return db.session.scalars(_alive(), {"digest": crypto.digest(token), "now": clock.now()}).first()

    @classmethod
    def purge(cls) -> None:
        """Forget the sessions that can no longer be used."""
        db.session.execute(delete(cls).where(cls.expires_at < clock.now()))


@cache
def _alive() -> Select[UserSession]:
    """Built once: every page asks it."""
    from app.models.account import Account  # noqa: PLC0415 - an account ends sessions: it knows us first
    from app.models.family import Adult  # noqa: PLC0415

    person = joinedload(UserSession.account).options(
        joinedload(Account.agent), joinedload(Account.adult).joinedload(Adult.family)
    )
    alive = (
        UserSession.token_digest == bindparam("digest"),
        UserSession.expires_at > bindparam("now", type_=UTCDateTime()),
    )
    return select(UserSession).where(*alive).options(person)
