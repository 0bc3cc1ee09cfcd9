"""The places of a structure, by half-day: locked, counted, granted over capacity. Inside the caller's transaction.

On SQLite that transaction already holds the file; on PostgreSQL the rows are locked, always in the same order, so
that two parents never deadlock.
"""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select, update

from app import db
from app.models.activity import Activity, PoolDay
from app.models.enrolment import Enrolment
from app.models.request import RequestLine

Wanted = tuple[Enrolment, date]


def lock(enrolment: Enrolment, days: Collection[date]) -> dict[date, list[PoolDay]]:
    """The places of each of these days, locked in the order of days; their rows are made when first asked for.

    A half-day that this activity leaves free is locked with the other: what is given back of one may go to somebody
    who waits for both. Without places to share, the enrolment is locked instead: not its key, which a new request
    refers to.
    """
    activity = enrolment.activity
    places: dict[date, list[PoolDay]] = {day: [] for day in sorted(days)}
    if activity.pool is None:
        mine = select(Enrolment.id).where(Enrolment.id == enrolment.id)
        db.session.execute(mine.with_for_update(key_share=True))
        return places
    same = {"pool_id": activity.pool_id, "capacity": activity.pool.capacity, "taken": 0, "forced": 0}
    rows = [{**same, "day": day, "half_day": half} for day in places for half in activity.half_days]
    if not rows:
        return places
    db.session.execute(db.insert(PoolDay).values(rows).on_conflict_do_nothing())
    wanted = select(PoolDay).where(PoolDay.pool_id == activity.pool_id, PoolDay.day.in_(places))
    in_order = wanted.order_by(PoolDay.day, PoolDay.half_day)
    for place in db.session.scalars(in_order.with_for_update().execution_options(populate_existing=True)):
        if place.half_day in activity.half_days:
            places[place.day].append(place)
    return places


def lock_all(wanted: Iterable[Wanted]) -> None:
    """Lock what is counted for all these days of several enrolments, in one order, before any is decided."""
    asked = list(wanted)
    alone = {enrolment.id for enrolment, _ in asked if enrolment.activity.pool is None}
    held = select(Enrolment.id).where(Enrolment.id.in_(alone)).order_by(Enrolment.id)
    db.session.execute(held.with_for_update(key_share=True))
    capacities = {
        (pool.id, day, half): pool.capacity
        for enrolment, day in asked
        if (pool := enrolment.activity.pool) is not None
        for half in enrolment.activity.half_days
    }
    rows = [
        {"pool_id": pool_id, "capacity": capacities[room], "taken": 0, "forced": 0, "day": day, "half_day": half}
        for room in sorted(capacities)
        for pool_id, day, half in [room]
    ]
    if not rows:
        return
    db.session.execute(db.insert(PoolDay).values(rows).on_conflict_do_nothing())
    places = select(PoolDay.pool_id).where(
        PoolDay.pool_id.in_({row["pool_id"] for row in rows}), PoolDay.day.in_({row["day"] for row in rows})
    )
    db.session.scalars(places.order_by(PoolDay.pool_id, PoolDay.day, PoolDay.half_day).with_for_update()).all()


def lock_lines(lines: Iterable[RequestLine]) -> None:
    """The same, for the days that these lines ask for, or that are proposed instead, and those they give back."""
    lock_all(slot for line in lines if line.day for slot in _touched(line))


def _touched(line: RequestLine) -> list[Wanted]:
    given_back = [(line.enrolment, line.gives_up)] if line.enrolment and line.gives_up else []
    return [line.asked_slot, *given_back]


def is_full(place: PoolDay) -> bool:
    """Whether nobody else may have a place; those offered count as taken."""
    return place.taken >= place.capacity + place.forced


def take(activity: Activity, days: Collection[date], step: int) -> None:
    """Move the count of these days in the database itself, under its CHECK, not from what was read."""
    if activity.pool is None or not days:
        return
    db.session.execute(
        update(PoolDay)
        .where(PoolDay.pool_id == activity.pool_id, PoolDay.day.in_(days), PoolDay.half_day.in_(activity.half_days))
        .values(taken=PoolDay.taken + step)
        .execution_options(synchronize_session=False)
    )


def force(places: list[PoolDay]) -> None:
    """Grant one place more, where there is none left."""
    for place in filter(is_full, places):
        place.forced += 1
    db.session.flush()
