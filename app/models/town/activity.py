"""Prestations (rows of the planning) and the rooms that they share."""

import enum
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from app import clock, db
from app.models.town.calendar import Calendar, HolidayKind
from app.models.town.deadline import DeadlineKind, DeadlineRule
from app.models.town.structure import Structure


class Approval(enum.StrEnum):
    MANUAL = "manual"
    """An agent decides, as in the guide."""
    AUTOMATIC = "automatic"
    """Decided at once when in time and, for a booking, when a place is left."""


class HalfDay(enum.StrEnum):
    MORNING = "am"
    AFTERNOON = "pm"


def half_days(morning: bool, afternoon: bool) -> tuple[HalfDay, ...]:
    used = ((HalfDay.MORNING, morning), (HalfDay.AFTERNOON, afternoon))
    return tuple(half for half, uses in used if uses)


class CapacityPool(db.Base):
    """Places of a structure, counted by half-day; several activities may draw on one pool."""

    __tablename__ = "capacity_pool"
    __table_args__ = (UniqueConstraint("structure_id", "name"), CheckConstraint("capacity >= 0", name="capacity"))

    id: Mapped[int] = mapped_column(primary_key=True)
    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"))
    name: Mapped[str]
    capacity: Mapped[int]
    """Places of a half-day, unless its `PoolDay` says otherwise."""


def weekday_bits(*weekdays: int) -> int:
    """Weekdays (0 is Monday) as one number: bit 0 for Monday."""
    return sum(1 << weekday for weekday in set(weekdays))


@dataclass(frozen=True)
class Opening:
    """When an activity opens, as values: what the planning computes with. Pure."""

    structure_id: int
    weekdays: int
    in_school_time: bool
    in_short_holidays: bool
    in_long_holidays: bool

    def in_period(self, holiday: HolidayKind | None) -> bool:
        """Whether it opens in this kind of period, weekdays apart."""
        if holiday is HolidayKind.SHORT:
            return self.in_short_holidays
        return self.in_long_holidays if holiday is HolidayKind.LONG else self.in_school_time

    def opens_on(self, day: date) -> bool:
        """Whether it opens on this weekday, periods and closures apart."""
        return bool(self.weekdays >> day.weekday() & 1)

    def is_open(self, day: date, calendar: Calendar) -> bool:
        """Whether a child may come on this day: weekday, period, public holidays and closures."""
        return (
            self.opens_on(day)
            and self.in_period(calendar.holiday(day))
            and day not in calendar.public
            and calendar.closure(day, self.structure_id) is None
        )


def _rule_check(rule: str) -> CheckConstraint:
    """What a DeadlineRule accepts, so that a row can always be read; 60 days reach far enough for any town."""
    count = f"{rule}_count BETWEEN CASE WHEN {rule}_kind = 'month' THEN 1 ELSE 0 END AND 60"
    return CheckConstraint(f"{count} AND {rule}_weekday BETWEEN 0 AND 6", name=f"{rule}_rule")


class Activity(db.Base):
    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("structure_id", "name"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        CheckConstraint("pool_id IS NULL OR uses_morning OR uses_afternoon", name="pool_used"),
        CheckConstraint("proof_days >= 0", name="proof_days"),
        CheckConstraint("offer_hours > 0", name="offer_hours"),
        *(_rule_check(rule) for rule in ("booking", "cancelling")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"))
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    weekdays: Mapped[int]
    """Bit 0 is Monday (see `weekday_bits`)."""
    in_school_time: Mapped[bool] = mapped_column(default=True)
    in_short_holidays: Mapped[bool] = mapped_column(default=False)
    in_long_holidays: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[time | None]
    ends_at: Mapped[time | None]
    revised_at: Mapped[datetime | None]
    """When its name or its hours last changed: calendars on phones are told once. None: never."""
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("capacity_pool.id"))
    uses_morning: Mapped[bool] = mapped_column(default=False)
    uses_afternoon: Mapped[bool] = mapped_column(default=False)
    approval: Mapped[Approval] = mapped_column(default=Approval.MANUAL)
    # Of two activities of one group, a child has at most one on a day (journée, après-midi).
    exclusive_group: Mapped[str | None]
    # Days after an absence during which a proof is still taken.
    offer_hours: Mapped[int] = mapped_column(default=24, server_default="24")
    """How long a family has to answer when a place is offered."""
    proof_days: Mapped[int] = mapped_column(default=10)

    booking_rule: Mapped[DeadlineRule] = composite(
        mapped_column("booking_kind", db.text_enum(DeadlineKind, "booking_kind")),
        mapped_column("booking_count"),
        mapped_column("booking_at"),
        mapped_column("booking_weekday", default=0),
    )
    cancelling_rule: Mapped[DeadlineRule] = composite(
        mapped_column("cancelling_kind", db.text_enum(DeadlineKind, "cancelling_kind")),
        mapped_column("cancelling_count"),
        mapped_column("cancelling_at"),
        mapped_column("cancelling_weekday", default=0),
    )

    structure: Mapped[Structure] = relationship()
    pool: Mapped[CapacityPool | None] = relationship()

    @property
    def opening(self) -> Opening:
        return Opening(
            self.structure_id, self.weekdays, self.in_school_time, self.in_short_holidays, self.in_long_holidays
        )

    @property
    def half_days(self) -> tuple[HalfDay, ...]:
        """What it takes of its pool, in the order in which places are always taken (no deadlock)."""
        return half_days(self.uses_morning, self.uses_afternoon) if self.pool_id else ()


@event.listens_for(Activity, "before_update")
def _note_revision(mapper: Any, connection: Any, activity: Activity) -> None:
    said = inspect(activity).attrs
    if any(said[name].history.has_changes() for name in ("name", "starts_at", "ends_at")):
        activity.revised_at = clock.now()
