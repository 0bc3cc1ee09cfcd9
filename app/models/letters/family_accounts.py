"""Accounts of families: who of a household may log in, under which identifiant. Inside a transaction, but to read."""

import re
from itertools import chain, count

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from app import db
from app.formats import NBSP
from app.french_order import unaccented
from app.models.accounts import Account, Agent
from app.models.accounts.clerk import Clerk
from app.models.enrolments import scope
from app.models.families import Adult, Family
from app.models.refusal import RefusedError

TRIES = 3  # of a proposed identifiant that somebody else takes at the same instant


def adult_of(agent: Agent, family_id: int, adult_id: int) -> Adult | None:
    """The adult, with family and account; None outside of what this agent may see, and in a merged file."""
    wanted = select(Adult).where(Adult.id == adult_id, Adult.family_id == family_id, _in_reach(agent))
    return db.session.scalars(wanted.options(joinedload(Adult.account), joinedload(Adult.family))).first()


def locked(agent: Agent, adult_ids: list[int]) -> list[Adult]:
    """These adults, those in reach, locked until the transaction ends: nobody else gives them an account."""
    wanted = select(Adult).where(Adult.id.in_(adult_ids), _in_reach(agent)).order_by(Adult.id)
    whole = wanted.options(selectinload(Adult.account)).execution_options(populate_existing=True)
    return list(db.session.scalars(whole.with_for_update()))


def _in_reach(agent: Agent) -> ColumnElement[bool]:
    return Adult.family_id.in_(select(Family.id).where(Family.merged_into.is_(None), scope.families(agent)))


def propose(first_name: str, last_name: str) -> str:
    """« Jean-Pierre LE GALL » → « jean-pierre.le-gall »; with a number when it is taken: « jean.dupont2 »."""
    names = (
        "-".join(re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", unaccented(name)))) for name in (first_name, last_name)
    )
    base = ".".join(name for name in names if name) or "parent"
    taken = set(db.session.scalars(select(Account.identifiant_key).where(Account.identifiant_key.like(f"{base}%"))))
    return next(name for name in chain([base], (f"{base}{n}" for n in count(2))) if name not in taken)


def open_account(adult: Adult, password_hash: str, *, by: Clerk, identifiant: str | None = None) -> Account:
    """Give an adult (of `locked`) an account with a one-time password, under this identifiant or a proposed one.

    Raises RefusedError when the adult has one, or when the given identifiant is taken.
    """
    if adult.account is not None:
        raise RefusedError(f"{adult.full_name} a déjà un compte{NBSP}: «{NBSP}{adult.account.identifiant}{NBSP}».")
    if identifiant is not None:
        adult.account = _create(identifiant, password_hash)
    else:
        adult.account = _create_proposed(adult, password_hash)
    after = {"identifiant": adult.account.identifiant, "adult": adult.full_name}
    by.note("account_created", adult.account, family_id=adult.family_id, after=after)
    return adult.account


def _create(identifiant: str, password_hash: str) -> Account:
    try:
        with db.session.begin_nested():
            return Account.create(identifiant, password_hash, one_time=True)
    except IntegrityError:
        raise RefusedError(f"L’identifiant «{NBSP}{identifiant.strip()}{NBSP}» est déjà pris.") from None


def _create_proposed(adult: Adult, password_hash: str) -> Account:
    for _ in range(TRIES):
        try:
            return _create(propose(adult.first_name, adult.last_name), password_hash)
        except RefusedError as taken:
            refusal = taken
    raise refusal
