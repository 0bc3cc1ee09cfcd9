"""Retention: what is kept no longer than app.models.keeping says (domain.md §7), rule by rule, in an order in which
each finds what the ones before have freed.

`flask purge --dry-run` lists what is due, `flask purge` erases it. Safe to stop, to run again, and while the portal
runs.
"""

from collections.abc import Callable
from datetime import date

from app import db
from app.models.event import Event
from app.models.retention import accounts, children, households, journal, money, papers, requests
from app.models.retention.rule import Due, Rule

__all__ = ["RULES", "Due", "Rule", "purge"]

RULES: tuple[Rule, ...] = (
    *journal.RULES,  # first: an account cannot go while the journal names it
    *papers.RULES,
    *requests.RULES,
    *children.RULES,  # after the requests that name them
    *accounts.RULES,
    *money.RULES,
    *households.RULES,  # last: when nothing needs them any more
)

Told = Callable[[Rule, int, list[Due]], None]


def purge(today: date, told: Told = lambda rule, count, some: None) -> dict[str, int]:
    """Erase all that is due, some rows a transaction; how many by rule. The journal keeps the counts.

    `told` hears of each rule once it is done: how many, and which were the first.
    """
    counts: dict[str, int] = {}
    try:
        for rule in RULES:
            some = rule.some(today)
            count = _apply(rule, today)
            if count:
                counts[rule.label] = count
            told(rule, count, some)
    finally:  # what was erased before an error is told all the same
        if counts:
            with db.transaction():
                Event.record("purged", after=counts)
    return counts


def _apply(rule: Rule, today: date) -> int:
    total, after = 0, 0
    while True:
        with db.transaction():
            count, last = rule.erase_next(today, after)
        if last == after:
            return total
        total, after = total + count, last
