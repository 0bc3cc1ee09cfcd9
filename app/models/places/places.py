"""The places of a structure, by half-day: locked, counted, granted over capacity. Inside the caller's transaction.

On SQLite that transaction already holds the file; on PostgreSQL the rows are locked, always in the same order, so
that two parents never deadlock.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import case, select, update

from app import db
from app.models.enrolments import Enrolment
from app.models.places.pool_day import PoolDay
from app.models.requests import RequestLine
from app.models.town import Activity
from app.models.town.activity import half_days

EnrolmentDay = tuple[Enrolment, date]


def lock(enrolment: Enrolment, days: Collection[date]) -> dict[date, list[PoolDay]]:
    """The places of each of these days, locked in the order of days; their rows are made when first asked for.

    Without places to share, the enrolment is locked instead: not its key, which a new request refers to.
    """
    activity = enrolment.activity
    places: dict[date, list[PoolDay]] = {day: [] for day in sorted(days)}
    if activity.pool is None:
        _lock_enrolments({enrolment.id})
        return places
    for place in _lock_rooms({(activity.pool_id, day): activity.pool.capacity for day in days}):
        if place.half_day in activity.half_days:
            places[place.day].append(place)
    return places


def lock_all(wanted: Iterable[EnrolmentDay]) -> None:
    """Lock what is counted for all these days of several enrolments, in one order, before any is decided."""
    asked = list(wanted)
    _lock_enrolments({enrolment.id for enrolment, _ in asked if enrolment.activity.pool is None})
    _lock_rooms(
        {(pool.id, day): pool.capacity for enrolment, day in asked if (pool := enrolment.activity.pool) is not None}
    )


def _lock_enrolments(ids: set[int]) -> None:
    names = {(Enrolment, number) for number in ids}
    if names <= db.locked():
        return
    rows = select(Enrolment.id).where(Enrolment.id.in_(ids)).order_by(Enrolment.id)
    db.session.execute(rows.with_for_update(key_share=True))
    db.locked().update(names)


def _lock_rooms(capacities: dict[Any, int]) -> Sequence[PoolDay]:
    """The half-days of these rooms and days, locked, as they stand. All that somebody may use: what is given back of
    one may go to whoever waits for both."""
    if not capacities:
        return ()
    pools, days = {pool_id for pool_id, _ in capacities}, {day for _, day in capacities}
    names = {(PoolDay, room) for room in capacities}
    if not names <= db.locked():
        _make_rows(pools, capacities)
    found = select(PoolDay).where(PoolDay.pool_id.in_(pools), PoolDay.day.in_(days))
    in_order = found.order_by(PoolDay.pool_id, PoolDay.day, PoolDay.half_day).with_for_update()
    rooms = db.session.scalars(in_order.execution_options(populate_existing=True)).all()
    db.locked().update(names)
    return rooms


def _make_rows(pools: set[int], capacities: dict[Any, int]) -> None:
    """All exist before any is locked: a row that came later would be locked out of order, by whoever asks twice."""
    used = select(Activity.pool_id, Activity.uses_morning, Activity.uses_afternoon).where(Activity.pool_id.in_(pools))
    halves = {(pool_id, half) for pool_id, *uses in db.session.execute(used) for half in half_days(*uses)}
    rooms = sorted((pool_id, day, half) for pool_id, day in capacities for of, half in halves if of == pool_id)
    rows = [
        {
            "pool_id": pool_id,
            "day": day,
            "half_day": half,
            "capacity": capacities[pool_id, day],
            "taken": 0,
            "forced": 0,
        }
        for pool_id, day, half in rooms
    ]
    db.session.execute(db.insert(PoolDay).values(rows).on_conflict_do_nothing())


def lock_lines(lines: Iterable[RequestLine]) -> None:
    """The same, for the days that these lines ask for, or that are proposed instead, and those they give back."""
    lock_all(slot for line in lines if line.day for slot in _touched(line))


def _touched(line: RequestLine) -> list[EnrolmentDay]:
    given_back = [(line.enrolment, line.gives_up)] if line.enrolment and line.gives_up else []
    return [line.asked_slot, *given_back]


def take(activity: Activity, days: Collection[date], step: int) -> None:
    """Move the count of these days in the database itself, under its CHECK, not from what was read.

    What is given back makes up first for what was granted beyond the places: that was for one child, not for all.
    """
    if activity.pool is None or not days:
        return
    beyond = PoolDay.taken + step - PoolDay.capacity
    forced = case((beyond <= 0, 0), (beyond < PoolDay.forced, beyond), else_=PoolDay.forced)
    db.session.execute(
        update(PoolDay)
        .where(PoolDay.pool_id == activity.pool_id, PoolDay.day.in_(days), PoolDay.half_day.in_(activity.half_days))
        .values({"taken": PoolDay.taken + step, **({"forced": forced} if step < 0 else {})})
        .execution_options(synchronize_session=False)
    )


def force(places: list[PoolDay]) -> None:
    """Grant one place more, where there is none left."""
    for place in places:
        if place.is_full:
            place.forced += 1
    db.session.flush()
