"""The places of a room on one half-day."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.models.town import Activity, HalfDay


class PoolDay(db.Base):
    """The places of a pool on one half-day. `taken` moves only in the transaction that writes a booking."""

    __tablename__ = "pool_day"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken_positive"),
        CheckConstraint("taken <= capacity + forced", name="never_overbooked"),
        CheckConstraint("forced >= 0", name="forced_positive"),
    )

    pool_id: Mapped[int] = mapped_column(ForeignKey("capacity_pool.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    half_day: Mapped[HalfDay] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    forced: Mapped[int] = mapped_column(default=0)
    """Places that an agent granted over capacity."""

    @hybrid_property
    def left(self) -> int:
        """The places that nobody has; those offered count as taken."""
        return self.capacity + self.forced - self.taken

    @hybrid_property
    def is_full(self) -> bool:
        """Whether nobody else may have a place."""
        return self.left < 1


def full_days(activity: Activity, days: Collection[date]) -> set[date]:
    """Those of these days that have no place left, as things stand; only a look, the door decides."""
    if activity.pool is None or not days:
        return set()
    known = db.session.execute(
        select(PoolDay.day, PoolDay.half_day, PoolDay.is_full).where(
            PoolDay.pool_id == activity.pool_id, PoolDay.day.between(min(days), max(days))
        )
    )
    full = {(day, half): bool(gone) for day, half, gone in known}
    unknown = activity.pool.capacity == 0
    return {day for day in days if any(full.get((day, half), unknown) for half in activity.half_days)}
