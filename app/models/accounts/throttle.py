"""Slow-down, then lock, after repeated failures (CNIL 2022-100: at most 10 for a password of 8 characters).

Failures are counted by what was *typed*, existing or not, so that the answer never tells which identifiants
exist; and by network address, higher, since a school or a mobile operator shows many families behind one.
"""

import enum
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, crypto, db

NEVER = 10_000


@dataclass(frozen=True)
class Limit:
    """Free tries, then a growing pause, then a lock; counted afresh once `window` has passed since the first."""

    slow_from: int
    lock_at: int
    lock_for: timedelta
    window: timedelta

    def pause(self, failures: int) -> timedelta:
        """How long to wait after this many failures: 2 s, 4 s, 8 s… up to 30 s."""
        if failures < self.slow_from:
            return timedelta(0)
        return timedelta(seconds=min(30, 2 ** (failures - self.slow_from + 1)))


class ThrottleKind(enum.StrEnum):
    IDENTIFIANT = "identifiant"
    ADDRESS = "address"
    CONFIRMATION = "confirmation"
    CODE = "code"
    RESET = "reset"


_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24)
# For a password or a code, each failure after a lock locks again until a day has passed: about a hundred tries
# a day. An address is shared by families: once its lock ends, it starts afresh.
LIMITS = {
    ThrottleKind.IDENTIFIANT: Limit(slow_from=5, lock_at=10, lock_for=_QUARTER, window=_DAY),
    ThrottleKind.CONFIRMATION: Limit(slow_from=5, lock_at=10, lock_for=_QUARTER, window=_DAY),
    ThrottleKind.CODE: Limit(slow_from=5, lock_at=10, lock_for=_QUARTER, window=_DAY),
    ThrottleKind.ADDRESS: Limit(slow_from=NEVER, lock_at=100, lock_for=_QUARTER, window=_QUARTER),
    ThrottleKind.RESET: Limit(slow_from=NEVER, lock_at=20, lock_for=_HOUR, window=_HOUR),
}


@dataclass(frozen=True)
class Attempt:
    """A try that begins: what was counted of its key, and whether it is looked at."""

    failures: int
    locked_for: float = 0.0
    """Seconds until the lock ends; 0 when not locked."""
    wait: float = 0.0
    """Seconds to wait before the next try: this one came during the pause, and is not looked at; 0 when none."""

    def tries_left(self, kind: ThrottleKind) -> int:
        return max(0, LIMITS[kind].lock_at - self.failures)


class Throttle(db.Base):
    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("kind", "key_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ThrottleKind]
    # A digest: people type passwords into the wrong field, and an address is personal data.
    key_digest: Mapped[str]
    failures: Mapped[int] = mapped_column(default=0)
    first_failure_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    last_failure_at: Mapped[datetime] = mapped_column(default=clock.now)
    locked_until: Mapped[datetime | None]

    @classmethod
    def begin(cls, kind: str, key: str) -> Attempt:
        """Count a try as failed before it is checked, so that parallel tries cannot outrun the count.

        A right answer is then told by `clear` (or `forgive`, for an address). A locked key is not counted
        further: the lock ends when it said it would. A try during the pause counts and must not be looked at:
        whatever the answer said would tell whether it was right.
        """
        row, limit, now = cls._locked_row(ThrottleKind(kind), key), LIMITS[ThrottleKind(kind)], clock.now()
        if row.locked_until is not None and row.locked_until > now:
            return Attempt(row.failures, locked_for=(row.locked_until - now).total_seconds())
        if now - row.first_failure_at > limit.window:
            row.failures, row.first_failure_at = 0, now
        in_pause = row.failures > 0 and now < row.last_failure_at + limit.pause(row.failures)
        row.failures += 1
        row.last_failure_at = now
        if row.failures >= limit.lock_at:
            row.locked_until = now + limit.lock_for
            return Attempt(row.failures, locked_for=limit.lock_for.total_seconds() if in_pause else 0.0)
        return Attempt(row.failures, wait=limit.pause(row.failures).total_seconds() if in_pause else 0.0)

    @classmethod
    def forgive(cls, kind: str, key: str) -> None:
        """Take back one counted try."""
        row = cls._locked_row(ThrottleKind(kind), key)
        row.failures = max(0, row.failures - 1)
        row.locked_until = None

    @classmethod
    def clear(cls, kind: str, key: str) -> None:
        db.session.execute(delete(cls).where(cls.kind == ThrottleKind(kind), cls.key_digest == _digest(kind, key)))

    @classmethod
    def purge(cls) -> None:
        """Forget what no longer counts, for any kind."""
        longest = max(limit.window + limit.lock_for for limit in LIMITS.values())
        db.session.execute(delete(cls).where(cls.first_failure_at < clock.now() - longest))

    @classmethod
    def _locked_row(cls, kind: ThrottleKind, key: str) -> "Throttle":
        now = clock.now()
        values = {"kind": kind, "key_digest": _digest(kind, key), "failures": 0}
        values |= {"first_failure_at": now, "last_failure_at": now}
        db.session.execute(db.insert(cls).values(values).on_conflict_do_nothing())
        found = select(cls).where(cls.kind == kind, cls.key_digest == values["key_digest"]).with_for_update()
        return db.session.scalars(found.execution_options(populate_existing=True)).one()


def network(address: str) -> str:
    """What counts as one address: a whole /64 in IPv6, which one subscriber has to play with."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _digest(kind: str, key: str) -> str:
    return crypto.digest(f"{ThrottleKind(kind)}:{key}")
