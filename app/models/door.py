"""The one door into « accepted »: it takes the lock, checks, and writes the booking or the absence.

Every way to a place passes here: a parent's request in automatic mode, an agent's decision, the days of an
enrolment. Inside the caller's transaction. On SQLite that transaction already holds the file; on PostgreSQL the
rows of the pool are locked, always in the same order, so that two parents never deadlock.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from app import db
from app.models.activity import HalfDay, PoolDay
from app.models.booking import Booking, BookingState
from app.models.calendar import Calendar
from app.models.enrolment import Enrolment


class DoorClosedError(Exception):
    """What was asked cannot be; the message is a French sentence for the person who asked."""


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

    Raises DoorClosedError when the day is not open, not in the enrolment, already booked, or asked too late.
    """
    places = _lock_places(enrolment, day)
    check_open(enrolment, day, calendar)
    if not override.deadline and not enrolment.activity.booking_rule.is_met(day, calendar, submitted_at):
        raise DoorClosedError("Le délai de réservation est dépassé pour ce jour.")
    booking = _booking(enrolment, day)
    if booking is not None and booking.state is BookingState.BOOKED:
        raise DoorClosedError("Ce jour est déjà réservé.")
    _check_child_is_free(enrolment, day)
    if any(place.taken >= place.capacity + place.forced for place in places):
        if not override.capacity:
            return False
        _force(places)
    _take(places, +1)
    if booking is None:
        booking = Booking(
            enrolment_id=enrolment.id,
            day=day,
            child_id=enrolment.child_id,
            activity_id=enrolment.activity_id,
            exclusive_group=enrolment.activity.exclusive_group,
        )
        db.session.add(booking)
    booking.state = BookingState.BOOKED
    db.session.flush()
    return True


def release(enrolment: Enrolment, day: date, *, into: BookingState) -> None:
    """Turn a booking into an absence (or a cancellation by the town) and free its place.

    Raises DoorClosedError when the day is not booked.
    """
    places = _lock_places(enrolment, day)
    booking = _booking(enrolment, day)
    if booking is None or booking.state is not BookingState.BOOKED:
        raise DoorClosedError("Ce jour n’est plus réservé.")
    booking.state = into
    _take(places, -1)
    db.session.flush()


def excuse(enrolment: Enrolment, day: date) -> None:
    """Accept an absence: a booked day is released, a billed absence becomes an excused one.

    Raises DoorClosedError when there is neither.
    """
    booking = _booking(enrolment, day)
    if booking is not None and booking.state is BookingState.ABSENT_BILLED:  # its place is free already
        booking.state = BookingState.ABSENT_EXCUSED
        return
    release(enrolment, day, into=BookingState.ABSENT_EXCUSED)


def check_open(enrolment: Enrolment, day: date, calendar: Calendar) -> None:
    """Raises DoorClosedError, with the reason, for a day on which this child cannot come."""
    activity = enrolment.activity
    closure = calendar.closure(day, activity.structure_id)
    if closure is not None:
        raise DoorClosedError(f"{activity.structure.name} est fermé ce jour-là : {closure}.")
    if day in calendar.public:
        raise DoorClosedError(f"Ce jour est férié ({calendar.public[day]}).")
    if not enrolment.covers(day):
        raise DoorClosedError("L’inscription ne couvre pas ce jour.")
    if not activity.opening.is_open(day, calendar):
        raise DoorClosedError(f"{activity.name} n’accueille pas d’enfants ce jour-là.")


def is_full(enrolment: Enrolment, day: date) -> bool:
    """Whether no place is left, as things stand; only a look, the door decides."""
    activity = enrolment.activity
    if activity.pool is None:
        return False
    known = db.session.execute(
        select(PoolDay.half_day, PoolDay.taken >= PoolDay.capacity + PoolDay.forced).where(
            PoolDay.pool_id == activity.pool_id, PoolDay.day == day, PoolDay.half_day.in_(activity.half_days)
        )
    )
    full = {half: bool(gone) for half, gone in known}
    return any(full.get(half, activity.pool.capacity == 0) for half in activity.half_days)


def _lock_places(enrolment: Enrolment, day: date) -> list[PoolDay]:
    """The places of this day, locked; their rows are made when first asked for."""
    activity = enrolment.activity
    if activity.pool is None:
        db.session.execute(select(Enrolment.id).where(Enrolment.id == enrolment.id).with_for_update())
        return []
    halves: tuple[HalfDay, ...] = activity.half_days
    rows = [
        {"pool_id": activity.pool_id, "day": day, "half_day": half, "capacity": activity.pool.capacity}
        | {"taken": 0, "forced": 0}
        for half in halves
    ]
    db.session.execute(db.insert(PoolDay).values(rows).on_conflict_do_nothing())
    wanted = select(PoolDay).where(
        PoolDay.pool_id == activity.pool_id, PoolDay.day == day, PoolDay.half_day.in_(halves)
    )
    locked = wanted.order_by(PoolDay.half_day).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def _take(places: list[PoolDay], step: int) -> None:
    """Move the count in the database itself, under its CHECK, not from what was read."""
    for place in places:
        db.session.execute(
            update(PoolDay)
            .where(PoolDay.pool_id == place.pool_id, PoolDay.day == place.day, PoolDay.half_day == place.half_day)
            .values(taken=PoolDay.taken + step)
            .execution_options(synchronize_session=False)
        )


def _force(places: list[PoolDay]) -> None:
    """Grant one place more, where there is none left."""
    for place in places:
        if place.taken >= place.capacity + place.forced:
            place.forced += 1
    db.session.flush()


def _booking(enrolment: Enrolment, day: date) -> Booking | None:
    found = select(Booking).where(Booking.enrolment_id == enrolment.id, Booking.day == day)
    return db.session.scalars(found.execution_options(populate_existing=True)).first()


def _check_child_is_free(enrolment: Enrolment, day: date) -> None:
    """The other household may have booked the same day, or another activity of the same group may be."""
    others = select(Booking).where(
        Booking.child_id == enrolment.child_id,
        Booking.day == day,
        Booking.state == BookingState.BOOKED,
        Booking.enrolment_id != enrolment.id,
    )
    group = enrolment.activity.exclusive_group
    for other in db.session.scalars(others):
        if other.activity_id == enrolment.activity_id:
            raise DoorClosedError("Ce jour est déjà réservé par l’autre foyer.")
        if group is not None and other.exclusive_group == group:
            raise DoorClosedError("Une autre prestation est déjà réservée pour cet enfant ce jour-là.")
