"""Reading the journal: its lines, newest first, with the names of who acted and of what it speaks of."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Text, bindparam, func, or_, select, type_coerce

from app import clock, crypto, db
from app.crypto import UnreadableSecretError
from app.models.accounts import Account, Agent
from app.models.accounts.account import identifiant_key
from app.models.event import Event
from app.models.families import Adult, Child, Family
from app.models.journal.words import GROUPS, changes, label
from app.models.requests import Request, RequestLine

PAGE = 50
MOST_EXPORTED = 10_000
UNREADABLE = "illisible"


@dataclass(frozen=True)
class Entry:
    """A line, ready to be shown."""

    at: datetime
    what: str
    who: str
    """Empty for what the portal did by itself."""
    identifiant: str
    address: str
    about: str
    family_id: int | None
    family: str
    subject: tuple[str | None, int | None]
    """Of what it speaks: its table and number."""
    changes: list[tuple[str, str, str]]
    """Name, before, after."""
    unreadable: bool = False
    """Its details were written with a key that is gone."""


@dataclass(frozen=True)
class Filter:
    first: date | None = None
    last: date | None = None
    group: str = ""
    who: str = ""
    """An identifiant, or a part of an agent's name."""
    family: str = ""
    """The number of a family, in digits."""

    def count(self) -> int:
        return db.session.scalar(select(func.count()).select_from(Event).where(*self._conditions())) or 0

    def page(self, number: int) -> list[Entry]:
        """The lines of a page, counted from 1, the newest first."""
        # The ids alone first: skipping whole rows would read them all.
        ids = select(Event.id).where(*self._conditions()).order_by(Event.id.desc())
        return _entries(db.session.scalars(ids.limit(PAGE).offset((number - 1) * PAGE)).all())

    def export(self) -> Iterable[Entry]:
        """All the lines, the newest first, up to MOST_EXPORTED."""
        ids = select(Event.id).where(*self._conditions()).order_by(Event.id.desc()).limit(MOST_EXPORTED)
        found = db.session.scalars(ids).all()
        for start in range(0, len(found), 500):
            yield from _entries(found[start : start + 500])

    def _conditions(self) -> list[ColumnElement[bool]]:
        asked: list[ColumnElement[bool]] = []
        if self.first is not None:
            asked.append(Event.at >= _midnight(self.first))
        if self.last is not None:
            asked.append(Event.at < _midnight(self.last + timedelta(days=1)))
        if self.group in GROUPS:
            asked.append(Event.kind.in_(GROUPS[self.group][1]))
        if self.who:
            named = or_(
                Account.identifiant_key == identifiant_key(self.who), Agent.name.icontains(self.who, autoescape=True)
            )
            found = db.session.scalars(select(Account.id).outerjoin(Agent).where(named)).all()
            about = (Event.subject_kind == "account") & Event.subject_id.in_(found)
            asked.append(or_(Event.actor_id.in_(found), about))
        if self.family:
            asked.append(Event.family_id.in_(select(Family.id).where(Family.number == self.family)))
        return asked


def of_family(family_id: int, limit: int = 20) -> list[Entry]:
    """The newest lines of a family's history, and of the files that were merged into it."""
    newest = {"family": family_id, "limit": limit}
    return _entries(db.session.scalars(_OF_FAMILY, newest).all())


_OF_FAMILY = (
    select(Event.id)
    .where(Event.family_id.in_(Family.with_merged(bindparam("family"))))
    .order_by(Event.id.desc())
    .limit(bindparam("limit"))
)


def about(family_ids: Sequence[int], account_id: int | None, kinds: Collection[str] | None) -> Iterable[Entry]:
    """The lines about these families and this account, newest first, as « Mes données » tells them.

    `kinds`: the tables that they may speak of; None: all.
    """
    mine: list[ColumnElement[bool]] = [Event.family_id.in_(family_ids)]
    if account_id is not None:
        mine += [Event.actor_id == account_id, (Event.subject_kind == "account") & (Event.subject_id == account_id)]
    ids = select(Event.id).where(or_(*mine)).order_by(Event.id.desc())
    if kinds is not None:
        ids = ids.where(Event.subject_kind.in_(kinds))
    found = db.session.scalars(ids.limit(MOST_EXPORTED)).all()
    for start in range(0, len(found), 500):
        yield from _entries(found[start : start + 500])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.PARIS)


def _entries(ids: Sequence[int]) -> list[Entry]:
    """These lines, in a fixed number of queries whatever their number."""
    if not ids:
        return []
    rows = db.session.execute(_LINES, {"ids": list(ids)}).all()
    names = _Names(rows)
    return [names.entry(row) for row in rows]


_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_LINES = (
    select(
        Event.at,
        Event.kind,
        Event.actor_id,
        Event.address,
        Event.subject_kind,
        Event.subject_id,
        Event.family_id,
        # As they are stored: one line that no key opens must not hide the others.
        type_coerce(Event.before, Text).label("was"),
        type_coerce(Event.after, Text).label("became"),
    )
    .where(Event.id.in_(_IDS))
    .order_by(Event.id.desc())
)


class _Names:
    """The words for the numbers that some lines hold."""

    def __init__(self, rows: Sequence[Any]) -> None:
        subjects: dict[str, set[int]] = {}
        for row in rows:
            if row.subject_id is not None:
                subjects.setdefault(row.subject_kind, set()).add(row.subject_id)
        actors = {row.actor_id for row in rows if row.actor_id is not None}
        self.accounts = _accounts(actors | subjects.get("account", set()))
        self.families = _families({row.family_id for row in rows if row.family_id is not None})
        self.subjects = {kind: _subjects(kind, ids) for kind, ids in subjects.items() if kind in _SUBJECTS}

    def entry(self, row: Any) -> Entry:
        who, identifiant = self.accounts.get(row.actor_id, ("", ""))
        if row.subject_kind == "account":
            about = "" if row.subject_id == row.actor_id else " – ".join(self.accounts.get(row.subject_id, ()))
        else:
            about = self.subjects.get(row.subject_kind, {}).get(row.subject_id, "")
        try:
            changed, unreadable = changes(_open(row.was), _open(row.became)), False
        except UnreadableSecretError:
            changed, unreadable = [], True
        family = self.families.get(row.family_id, "")
        subject = row.subject_kind, row.subject_id
        return Entry(
            row.at,
            label(row.kind),
            who,
            identifiant,
            row.address,
            about,
            row.family_id,
            family,
            subject,
            changed,
            unreadable,
        )


def _open(sealed: str | None) -> Any:
    return None if sealed is None else json.loads(crypto.decrypt(sealed))


def _accounts(ids: set[int]) -> dict[int, tuple[str, str]]:
    """Name and identifiant."""
    found = db.session.execute(_ACCOUNTS, {"ids": list(ids)})
    return {id_: (agent or f"{first} {last}", identifiant) for id_, identifiant, agent, first, last in found}


_ACCOUNTS = (
    select(Account.id, Account.identifiant, Agent.name, Adult.first_name, Adult.last_name)
    .outerjoin(Agent)
    .outerjoin(Adult)
    .where(Account.id.in_(_IDS))
)


def _families(ids: set[int]) -> dict[int, str]:
    """« 1001001818331, DUPONT »."""
    found = db.session.execute(_FAMILIES, {"ids": list(ids)})
    return {id_: ", ".join(word for word in (number, name) if word) for id_, number, name in found}


_FAMILIES = (
    select(Family.id, Family.number, Adult.last_name)
    .outerjoin(Adult, (Adult.family_id == Family.id) & (Adult.rank == 1))
    .where(Family.id.in_(_IDS))
)


def _subjects(kind: str, ids: set[int]) -> dict[int, str]:
    return dict(iter(db.session.execute(_SUBJECTS[kind], {"ids": list(ids)})))


_SUBJECTS: dict[str, Select[int, str]] = {
    "adult": select(Adult.id, Adult.first_name + " " + Adult.last_name).where(Adult.id.in_(_IDS)),
    "child": select(Child.id, Child.first_name + " " + Child.last_name).where(Child.id.in_(_IDS)),
    "agent": select(Agent.id, Agent.name).where(Agent.id.in_(_IDS)),
    "request": select(Request.id, Request.code).where(Request.id.in_(_IDS)),
    "request_line": select(RequestLine.id, Request.code).join(Request).where(RequestLine.id.in_(_IDS)),
}
"""What a line of each kind is about, by its number and in words."""
