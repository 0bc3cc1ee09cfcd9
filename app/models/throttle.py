"""Slow-down, then lock, after repeated failures (CNIL 2022-100: at most 10 for a password of 8 characters).

Failures are counted by what was *typed*, existing or not, so that the answer never tells which identifiants
exist; and by network address, higher, since a school or a mobile operator shows many families behind one.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, crypto, db

FORGET_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Limit:
    """Free tries, then a growing pause, then a lock."""

    slow_from: int
    lock_at: int
    lock_for: timedelta

    def pause(self, failures: int) -> timedelta:
        """How long to wait after this many failures: 2 s, 4 s, 8 s… up to 30 s."""
        if failures < self.slow_from:
            return timedelta(0)
        return timedelta(seconds=min(30, 2 ** (failures - self.slow_from + 1)))


class Kind(enum.StrEnum):
    IDENTIFIANT = "identifiant"
    ADDRESS = "address"
    CODE = "code"
    RESET = "reset"


LIMITS = {
    Kind.IDENTIFIANT: Limit(slow_from=5, lock_at=10, lock_for=timedelta(minutes=15)),
    Kind.CODE: Limit(slow_from=5, lock_at=10, lock_for=timedelta(minutes=15)),
    Kind.ADDRESS: Limit(slow_from=10_000, lock_at=100, lock_for=timedelta(minutes=15)),
    Kind.RESET: Limit(slow_from=10_000, lock_at=20, lock_for=timedelta(hours=1)),
}


@dataclass(frozen=True)
class Standing:
    """Where a key stands when a try begins."""

    failures: int
    locked_for: float = 0.0
    """Seconds until the lock ends; 0 when not locked."""
    wait: float = 0.0
    """Seconds during which even the right answer is refused; 0 when none."""

    def tries_left(self, kind: Kind) -> int:
        return max(0, LIMITS[kind].lock_at - self.failures)


class Throttle(db.Base):
    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("kind", "key_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind]
    # A digest: people type passwords into the wrong field, and an address is personal data.
    key_digest: Mapped[str]
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    locked_until: Mapped[datetime | None]

    @classmethod
    def begin(cls, kind: str, key: str) -> Standing:
        """Count a try as failed before it is checked, so that parallel tries cannot outrun the count.

        A right answer is then told by `clear` (or `forgive`, when it came during the pause). A locked key is
        not counted further: the lock ends when it said it would.
        """
        row = cls._locked_row(Kind(kind), key)
        now = clock.now()
        if row.locked_until is not None and row.locked_until > now:
            return Standing(row.failures, locked_for=(row.locked_until - now).total_seconds())
        if now - row.last_failure_at > FORGET_AFTER:
            row.failures = 0
        limit = LIMITS[row.kind]
        pause_ends = row.last_failure_at + limit.pause(row.failures)
        wait = max(0.0, (pause_ends - now).total_seconds()) if row.failures else 0.0
        row.failures += 1
        row.last_failure_at = now
        row.locked_until = now + limit.lock_for if row.failures >= limit.lock_at else None
        return Standing(row.failures, wait=wait)

    @classmethod
    def forgive(cls, kind: str, key: str) -> None:
        """Take back one counted try."""
        row = cls._locked_row(Kind(kind), key)
        row.failures = max(0, row.failures - 1)
        row.locked_until = None

    @classmethod
    def clear(cls, kind: str, key: str) -> None:
        db.session.execute(delete(cls).where(cls.kind == Kind(kind), cls.key_digest == _digest(kind, key)))

    @classmethod
    def purge(cls) -> None:
        """Forget what no longer counts."""
        db.session.execute(delete(cls).where(cls.last_failure_at < clock.now() - FORGET_AFTER))

    @classmethod
    def _locked_row(cls, kind: Kind, key: str) -> "Throttle":
        values = {
            "kind": kind,
            "key_digest": _digest(kind, key),
            "failures": 0,
            "last_failure_at": clock.now(),
        }
        db.session.execute(db.insert(cls).values(values).on_conflict_do_nothing())
        found = select(cls).where(cls.kind == kind, cls.key_digest == values["key_digest"]).with_for_update()
        return db.session.scalars(found.execution_options(populate_existing=True)).one()


def _digest(kind: str, key: str) -> str:
    return crypto.digest(f"{Kind(kind)}:{key}")
