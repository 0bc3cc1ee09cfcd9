"""The one door into « accepted »: it takes the lock, checks, and writes the booking or the absence.

Every way to a place passes here: a parent's request in automatic mode, an agent's decision, the days of an
enrolment. Inside the caller's transaction. On SQLite that transaction already holds the file; on PostgreSQL the
rows of the pool are locked, always in the same order, so that two parents never deadlock.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app import db
from app.models import availability
from app.models.activity import Activity, PoolDay
from app.models.booking import Booking, BookingState
from app.models.calendar import Calendar
from app.models.enrolment import Enrolment, Leave
from app.models.refusal import RefusedError
from app.models.request import RequestLine


class DayFullError(RefusedError):
    """No place is left that day."""


@dataclass(frozen=True)
class Override:
    """What an agent lets pass, explicitly."""

    deadline: bool = False
    capacity: bool = False


NO_OVERRIDE = Override()


def book(
    enrolment: Enrolment,
    day: date,
    calendar: Calendar,
    *,
    submitted_at: datetime,
    override: Override = NO_OVERRIDE,
) -> bool:
    """Book this day: True when it is done, False when it is full (and nothing is written).

    Raises RefusedError when the day is not open, not in the enrolment, already booked, or asked too late.
    """
    try:
        with db.session.begin_nested():
            refused = book_days(enrolment, [day], calendar, submitted_at=submitted_at, override=override)
    except IntegrityError as error:  # another activity of the group, or the other household, at the same instant
        raise RefusedError("Une autre réservation vient d’être faite pour cet enfant ce jour-là.") from error
    if day in refused and not isinstance(refused[day], DayFullError):
        raise refused[day]
    return day not in refused


def book_days(
    enrolment: Enrolment,
    days: Collection[date],
    calendar: Calendar,
    *,
    submitted_at: datetime,
    override: Override = NO_OVERRIDE,
) -> dict[date, RefusedError]:
    """Book those of these days that can be, and tell of each other why not. A handful of queries, however many."""
    activity = enrolment.activity
    places = lock(enrolment, days)
    known = _bookings(enrolment, days)
    leaves = Leave.of_enrolment(enrolment.id)
    elsewhere = availability.booked_elsewhere(activity, enrolment.child_id, days, besides=enrolment.id)

    def why_closed(day: date) -> str | None:
        why_not = availability.why_not_open(enrolment, day, calendar, leaves)
        if why_not is not None:
            return why_not
        if not override.deadline and not activity.booking_rule.is_met(day, calendar, submitted_at):
            return "Le délai de réservation est dépassé pour ce jour."
        if day in known and known[day].state is BookingState.BOOKED:
            return "Ce jour est déjà réservé."
        return elsewhere.get(day)

    refused: dict[date, RefusedError] = {}
    for day in days:
        why_not = why_closed(day)
        if why_not is not None:
            refused[day] = RefusedError(why_not)
        elif override.capacity:
            _force(places[day])
        elif any(map(_is_full, places[day])):
            refused[day] = DayFullError(availability.FULL)
    granted = [day for day in days if day not in refused]
    _take(activity, granted, +1)
    for day in set(granted) & set(known):
        known[day].state = BookingState.BOOKED
    db.session.flush()
    _add(enrolment, [day for day in granted if day not in known])
    return refused


def release(enrolment: Enrolment, day: date, *, into: BookingState) -> None:
    """Turn a booking into an absence (or a cancellation by the town) and free its place.

    Raises RefusedError when the day is not booked.
    """
    lock(enrolment, [day])
    booking = _bookings(enrolment, [day]).get(day)
    if booking is None or booking.state is not BookingState.BOOKED:
        raise RefusedError("Ce jour n’est plus réservé.")
    booking.state = into
    _take(enrolment.activity, [day], -1)
    db.session.flush()


def cancel(enrolment: Enrolment, *days: date) -> None:
    """Forget that these days were booked (the usual week changes, the enrolment ends) and free their places.

    Raises RefusedError when nothing is known of one of them.
    """
    lock(enrolment, days)
    known = _bookings(enrolment, days)
    if len(known) < len(set(days)):
        raise RefusedError("Ce jour n’est plus réservé.")
    live = [day for day, booking in known.items() if booking.state is BookingState.BOOKED]
    _take(enrolment.activity, live, -1)
    for booking in known.values():
        db.session.delete(booking)
    db.session.flush()


def excuse(enrolment: Enrolment, day: date) -> None:
    """Accept an absence: a booked day is released, a billed absence becomes an excused one.

    Raises RefusedError when there is neither.
    """
    booking = _bookings(enrolment, [day]).get(day)
    if booking is not None and booking.state is BookingState.ABSENT_BILLED:  # its place is free already
        booking.state = BookingState.ABSENT_EXCUSED
        return
    release(enrolment, day, into=BookingState.ABSENT_EXCUSED)


def check_open(enrolment: Enrolment, day: date, calendar: Calendar) -> None:
    """Raises RefusedError, with the reason, for a day on which this child cannot come."""
    why_not = availability.why_not_open(enrolment, day, calendar, Leave.of_enrolment(enrolment.id))
    if why_not is not None:
        raise RefusedError(why_not)


def is_full(enrolment: Enrolment, day: date) -> bool:
    """Whether no place is left, as things stand; only a look, the door decides."""
    return bool(availability.full_days(enrolment.activity, [day]))


def lock(enrolment: Enrolment, days: Collection[date]) -> dict[date, list[PoolDay]]:
    """The places of each of these days, locked in the order of days; their rows are made when first asked for.

    Without places to share, the enrolment is locked instead: not its key, which a new request refers to.
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
    wanted = select(PoolDay).where(
        PoolDay.pool_id == activity.pool_id, PoolDay.day.in_(places), PoolDay.half_day.in_(activity.half_days)
    )
    in_order = wanted.order_by(PoolDay.day, PoolDay.half_day)
    for place in db.session.scalars(in_order.with_for_update().execution_options(populate_existing=True)):
        places[place.day].append(place)
    return places


def hold_places(lines: Iterable[RequestLine]) -> None:
    """Lock what is counted for these lines, all at once and in one order, before any of them is decided."""
    booked = [(line.enrolment.activity.pool_id, line.day) for line in lines if line.enrolment and line.day]
    places = select(PoolDay.pool_id).where(
        PoolDay.pool_id.in_({pool for pool, _ in booked if pool}), PoolDay.day.in_({day for _, day in booked})
    )
    db.session.scalars(places.order_by(PoolDay.pool_id, PoolDay.day, PoolDay.half_day).with_for_update()).all()


def _is_full(place: PoolDay) -> bool:
    return place.taken >= place.capacity + place.forced


def _take(activity: Activity, days: Collection[date], step: int) -> None:
    """Move the count in the database itself, under its CHECK, not from what was read."""
    if activity.pool is None or not days:
        return
    db.session.execute(
        update(PoolDay)
        .where(PoolDay.pool_id == activity.pool_id, PoolDay.day.in_(days), PoolDay.half_day.in_(activity.half_days))
        .values(taken=PoolDay.taken + step)
        .execution_options(synchronize_session=False)
    )


def _force(places: list[PoolDay]) -> None:
    """Grant one place more, where there is none left."""
    for place in filter(_is_full, places):
        place.forced += 1
    db.session.flush()


def _bookings(enrolment: Enrolment, days: Collection[date]) -> dict[date, Booking]:
    found = select(Booking).where(Booking.enrolment_id == enrolment.id, Booking.day.in_(days))
    return {one.day: one for one in db.session.scalars(found.execution_options(populate_existing=True))}


def _add(enrolment: Enrolment, days: Collection[date]) -> None:
    """New bookings, in one statement."""
    same = {
        "enrolment_id": enrolment.id,
        "child_id": enrolment.child_id,
        "activity_id": enrolment.activity_id,
        "exclusive_group": enrolment.activity.exclusive_group,
        "state": BookingState.BOOKED,
    }
    if days:
        db.session.execute(insert(Booking), [{**same, "day": day} for day in days])
