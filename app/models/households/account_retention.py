"""Accounts that nobody uses any more: a mail first, then the end. Never an agent's."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from app import clock, db
from app.formats import long_date
from app.models.accounts import Account, Agent
from app.models.durations import ACCOUNT, NOTICE, WARNING
from app.models.event import Event
from app.models.families import Adult, Family
from app.models.jobs import Job
from app.models.planning import CalendarFeed
from app.models.retention_rule import Rows, Rule, Turn, before_end_of, since

_LAST_USED = func.coalesce(Account.last_login_at, Account.created_at)


def _unused(cutoff: date, *more: ColumnElement[bool]) -> Rows:
    number = select(Family.number).join(Adult).where(Adult.account_id == Account.id).scalar_subquery()
    about = func.coalesce("dossier n° " + number, "sans dossier")
    agents = exists().where(Agent.account_id == Account.id)
    return select(Account.id, about, _LAST_USED).where(before_end_of(cutoff) > _LAST_USED, ~agents, *more)


def _to_warn(cutoff: date) -> Rows:
    return _unused(cutoff, Account.idle_warned_at.is_(None))


def _warn(keys: Sequence[int], cutoff: date) -> None:
    """One without an address is noted all the same: nobody can be written to, and its time runs too."""
    for account in db.session.scalars(select(Account).where(Account.id.in_(keys))):
        account.idle_warned_at = clock.local_now()
        reached = account.adult is not None and account.locked_at is None and not account.merged_away
        address = account.adult.email if reached and account.adult else ""
        if address:
            last = long_date(ends_on(account))
            Job.post_mail(address, "account_idle", identifiant=account.identifiant, last=last)
    db.session.flush()


def ends_on(account: Account) -> date:
    """The day from which it is deleted, should nobody come; at the earliest some time after the warning."""
    unused = since(ACCOUNT.span, account.last_login_at or account.created_at)
    return max(unused, since(NOTICE, account.idle_warned_at or clock.local_now()))


def _to_end(cutoff: date) -> Rows:
    """Those that the journal still names as an actor were used, though nobody logged in: they wait for it."""
    warned_by = NOTICE.cutoff(clock.today())
    acted = exists().where(Event.actor_id == Account.id)
    return _unused(cutoff, Account.idle_warned_at < before_end_of(warned_by), ~acted)


def _end(keys: Sequence[int], cutoff: date) -> None:
    """Sessions, links and codes follow by themselves (ON DELETE CASCADE)."""
    adults = db.session.scalars(select(Adult).where(Adult.account_id.in_(keys))).all()
    for adult in adults:
        Event.record("account_removed", subject=adult, family_id=adult.family_id)
    ids = [adult.id for adult in adults]
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.adult_id.in_(ids)))
    db.session.execute(update(Adult).where(Adult.id.in_(ids)).values(account_id=None))
    db.session.execute(delete(Account).where(Account.id.in_(keys)))


RULES = (
    Rule(
        "Comptes sans connexion\u00a0: courriel d’avertissement",
        WARNING,
        Turn.ACCOUNTS,
        _to_warn,
        _warn,
        locks=Account.id,
    ),
    Rule("Comptes sans connexion\u00a0: suppression", ACCOUNT, Turn.ACCOUNTS, _to_end, _end, locks=Account.id),
)
