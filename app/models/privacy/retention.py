"""Retention: what is kept no longer than app.models.durations says (domain.md §7), rule by rule, in an order in which
each finds what the ones before have freed.

`flask purge` erases what is due. Safe to stop, to run again, and while the portal runs. `flask purge --dry-run` does
the same in one transaction, on a copy where it would make others wait, and undoes it: only so is what one rule frees
for the next one told.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from operator import attrgetter
from typing import Any

from app import db
from app.models.event import Event
from app.models.privacy.packages import FROM_THE_TOP
from app.models.retention_rule import Due, Rule

RULES = sorted((rule for package in FROM_THE_TOP for rule in package.rules), key=attrgetter("turn"))
"""By turn; within a turn, what stands on others first."""
Told = Callable[[Rule, int, list[Due]], None]


def purge(today: date, told: Told = lambda rule, count, some: None) -> dict[str, int]:
    """Erase all that is due, some rows a transaction; how many by rule. The journal keeps the counts.

    `told` hears of each rule once it is done: how many, and which were the first.
    """
    counts: dict[str, int] = {}
    try:
        _run(today, told, counts, db.transaction)
    finally:  # what was erased before an error is told all the same
        if counts:
            with db.transaction():
                Event.record("purged", after=counts)
    return counts


def rehearse(today: date, told: Told = lambda rule, count, some: None) -> dict[str, int]:
    """As `purge`, and nothing is erased: neither rows nor files, whose jobs are undone with the rest."""
    counts: dict[str, int] = {}
    with suppress(_RehearsedError), db.aside(), db.transaction():
        _run(today, told, counts, _one_of_many)
        raise _RehearsedError
    return counts


class _RehearsedError(Exception):
    pass


@contextmanager
def _one_of_many() -> Iterator[None]:
    """What a transaction of its own would see: the rows as they are in the database."""
    yield
    db.session.flush()
    db.session.expire_all()


def _run(today: date, told: Told, counts: dict[str, int], inside: Callable[[], AbstractContextManager[Any]]) -> None:
    for rule in RULES:
        some = rule.some(today)
        count = _apply(rule, today, inside)
        if count:
            counts[rule.label] = count
        told(rule, count, some)


def _apply(rule: Rule, today: date, inside: Callable[[], AbstractContextManager[Any]]) -> int:
    total, after = 0, 0
    while True:
        with inside():
            count, last = rule.erase_next(today, after)
        if last == after:
            return total
        total, after = total + count, last
