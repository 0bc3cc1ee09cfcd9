"""How full a day is: what an agent sees before giving a place. Only a look; the door decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from app import db
from app.models.places.pool_day import PoolDay
from app.models.requests import RequestLine
from app.models.town import CapacityPool, HalfDay

HALF_DAYS = {HalfDay.MORNING: "matin", HalfDay.AFTERNOON: "après-midi"}
NEAR = 0.9
"""Of its places taken: a day to keep an eye on."""


@dataclass(frozen=True)
class Occupancy:
    half_day: HalfDay
    taken: int
    places: int
    """Those granted over capacity included."""

    @property
    def label(self) -> str:
        return HALF_DAYS[self.half_day]

    @property
    def full(self) -> bool:
        return self.taken >= self.places


def of_lines(lines: Iterable[RequestLine]) -> dict[int, list[Occupancy]]:
    """By line, each half-day that it would take; nothing for an activity without counted places. One query."""
    counted = [
        (line.id, line.day, line.enrolment.activity)
        for line in lines
        if line.enrolment and line.enrolment.activity.pool
    ]
    if not counted:
        return {}
    pools, days = {activity.pool_id for _, _, activity in counted}, {day for _, day, _ in counted}
    wanted = select(PoolDay).where(PoolDay.pool_id.in_(pools), PoolDay.day.in_(days))
    known: dict[Any, PoolDay] = {(one.pool_id, one.day, one.half_day): one for one in db.session.scalars(wanted)}
    return {
        number: [_of(half, known.get((activity.pool_id, day, half)), activity.pool) for half in activity.half_days]
        for number, day, activity in counted
    }


def _of(half: HalfDay, known: PoolDay | None, pool: CapacityPool | None) -> Occupancy:
    """As counted for that day, or as the room stands while nobody asked for it."""
    if known is not None:
        return Occupancy(half, known.taken, known.capacity + known.forced)
    return Occupancy(half, 0, pool.capacity if pool else 0)


@dataclass(frozen=True)
class BusyDay:
    day: date
    pool: CapacityPool
    occupancy: Occupancy


def near_capacity(first: date, last: date, *, scope: tuple[int, ...] | None) -> list[BusyDay]:
    """The half-days that are nearly full, or full, in order: one query. `scope` limits it to some structures."""
    wanted = _NEAR_CAPACITY
    if scope is not None:
        wanted = wanted.where(CapacityPool.structure_id.in_(scope))
    found = db.session.execute(wanted, {"first": first, "last": last})
    return [BusyDay(one.day, pool, _of(one.half_day, one, pool)) for one, pool in found]


_NEAR_CAPACITY = (
    select(PoolDay, CapacityPool)
    .join(CapacityPool, CapacityPool.id == PoolDay.pool_id)
    .where(PoolDay.day.between(bindparam("first"), bindparam("last")))
    .where(PoolDay.taken >= (PoolDay.capacity + PoolDay.forced) * NEAR)
    .order_by(PoolDay.day, CapacityPool.name, PoolDay.half_day)
)
