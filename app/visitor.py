"""The visitor: someone logged in, with the session of their browser."""

from dataclasses import dataclass
from functools import cache

from flask_login import UserMixin
from sqlalchemy import Select, bindparam, select, true
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import Unauthorized

from app import clock, crypto, db
from app.columns import UTCDateTime
from app.models.accounts import Account, UserSession
from app.models.families import Adult
from app.models.town import Town


class SessionEndedError(Unauthorized):
    """Somebody at work in a page has no session any more: they log in where they are, and lose nothing."""


@dataclass(frozen=True, eq=False)
class Visitor(UserMixin):
    """Someone logged in."""

    account: Account
    session: UserSession
    token: str

    @property
    def side(self) -> str:
        return "agent" if self.account.agent else "parent"

    def get_id(self) -> str:
        return f"{self.account.id}.{self.token}"


def live_session(token: str) -> UserSession | None:
    """The session of this token with its account and person, unless ended or 12 hours old. The same query brings the
    town, which every page tells of."""
    asked = {"digest": crypto.digest(token), "now": clock.now()}
    session, town = db.session.execute(_alive(), asked).first() or (None, None)
    Town.keep(town)
    return session


@cache
def _alive() -> Select[UserSession, Town | None]:
    """Built once: every page asks it."""
    person = joinedload(UserSession.account).options(
        joinedload(Account.agent), joinedload(Account.adult).joinedload(Adult.family)
    )
    alive = (
        UserSession.token_digest == bindparam("digest"),
        UserSession.expires_at > bindparam("now", type_=UTCDateTime()),
    )
    return select(UserSession, Town).outerjoin(Town, true()).where(*alive).options(person)
