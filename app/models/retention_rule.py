"""A rule of retention: what is due, from which day, and how it is erased, some rows at a time."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select

from app import clock, db
from app.models.durations import Duration, Keeping

CHUNK = 100
"""Rows that one transaction erases: a parent's page waits for one at most."""
SHOWN = 10
Rows = Select[*tuple[Any, ...]]


class Turn(enum.IntEnum):
    """When a rule runs: each finds what the ones before have freed. Within a turn, the packages from the top down: a
    row that names another goes first.
    """

    JOURNAL = 1
    """First: an account cannot go while the journal names it."""
    FILES = 2
    """What is stored encrypted beside the database."""
    REQUESTS = 3
    """What families asked and wrote: it keeps the children of whom it speaks."""
    CHILDREN = 4
    """Once no request names them any more."""
    ACCOUNTS = 5
    """Once the journal names them no more: those that nobody uses."""
    MONEY = 6
    """What is settled: it keeps the name of who paid."""
    HOUSEHOLDS = 7
    """Last, once nothing needs them any more: no child, request, account, copy or invoice."""


@dataclass(frozen=True)
class Due:
    key: int
    about: str
    """A number or a code, never a name."""
    since: date
    """The first day on which it is no longer kept."""


@dataclass(frozen=True)
class Rule:
    label: str
    keeping: Keeping
    turn: Turn
    due: Callable[[date], Rows]
    """What was last in use on or before this cut-off day: key, a text that says which, days or instants of use."""
    erase: Callable[[Sequence[int], date], None]
    """Inside a transaction: these keys, and this cut-off day."""
    locks: Any = None
    """The column of keys of the rows that nobody may change meanwhile."""
    by_law: bool = False
    """A trigger holds the rows by the real clock: PREAU_TODAY does not move it, and its day may begin elsewhere."""

    def cutoff(self, today: date) -> date:
        return self.keeping.span.cutoff(min(today, clock.now().date() - timedelta(days=1)) if self.by_law else today)

    def some(self, today: date, limit: int = SHOWN) -> list[Due]:
        """The first ones by key; `since` may be earlier for others."""
        query = self.due(self.cutoff(today))
        key = query.selected_columns[0]
        return [self._due(row) for row in db.session.execute(query.order_by(key).limit(limit))]

    def erase_next(self, today: date, after: int) -> tuple[int, int]:
        """Erase the next rows, inside a transaction: how many, and the last key looked at; `after` when none is left.

        What came back into use between the look and the lock stays.
        """
        cutoff = self.cutoff(today)
        query = self.due(cutoff)
        key = query.selected_columns[0]
        keys = list(db.session.scalars(query.where(key > after).order_by(key).limit(CHUNK)))
        if not keys:
            return 0, after
        if self.locks is not None:
            rows = select(self.locks).where(self.locks.in_(keys)).order_by(self.locks).with_for_update()
            db.session.scalars(rows).all()
            found = list(db.session.scalars(query.where(key.in_(keys)).order_by(key)))
        else:
            found = keys
        if found:
            self.erase(found, cutoff)
        return len(found), keys[-1]

    def _due(self, row: Any) -> Due:
        used = [_local_day(value) for value in row[2:] if value is not None]
        return Due(row[0], row[1], self.keeping.span.over_on(max(used)))


def before_end_of(day: date) -> datetime:
    """The instant at which this local day is over, for `<`."""
    return datetime.combine(day + timedelta(days=1), time.min, clock.PARIS)


def since(span: Duration, *used: date | datetime | None) -> date:
    """The first day on which what was used on these days is no longer kept."""
    return span.over_on(max(_local_day(one) for one in used if one is not None))


def _local_day(value: date | datetime) -> date:
    return clock.local_day(value) if isinstance(value, datetime) else value
