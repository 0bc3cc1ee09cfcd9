"""The one door into « accepted »: it takes the lock, checks, and writes the booking or the absence.

Every way to a place passes here: a parent's request in automatic mode, an agent's decision, the days of an
enrolment, an offer that is taken up. Inside the caller's transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app import db
from app.formats import long_date
from app.models.enrolments import Booking, BookingState, Enrolment, Leave, availability
from app.models.places import places, pool_day, waiting_list
from app.models.refusal import RefusedError
from app.models.town import Activity
from app.models.town.calendar import Calendar


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
    reserved: bool = False,
) -> bool:
    """Book this day: True when it is done, False when it is full (and nothing is written). A place that is
    `reserved` for it (an offer) is counted already.

    Raises RefusedError when the day is not open, not in the enrolment, already booked, or asked too late.
    """
    try:
        with db.session.begin_nested():
            refused = book_days(
                enrolment, [day], calendar, submitted_at=submitted_at, override=override, reserved=reserved
            )
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
    reserved: bool = False,
) -> dict[date, RefusedError]:
    """Book those of these days that can be, and tell of each other why not. A handful of queries, however many."""
    activity = enrolment.activity
    rooms = places.lock(enrolment, days)
    known, elsewhere = _bookings_of_child(enrolment, days)
    leaves = Leave.of_enrolment(enrolment.id)

    def why_closed(day: date) -> str | None:
        why_not = availability.why_not_open(enrolment, day, calendar, leaves)
        if why_not is not None:
            return why_not
        if not override.deadline and not activity.booking_rule.is_met(day, calendar, submitted_at):
            return "Le délai de réservation est dépassé pour ce jour."
        if day in known and known[day].state is BookingState.BOOKED:
            return availability.BOOKED_ALREADY
        return elsewhere.get(day)

    refused: dict[date, RefusedError] = {}
    for day in days:
        why_not = why_closed(day)
        if why_not is not None:
            refused[day] = RefusedError(why_not)
        elif reserved:
            continue
        elif override.capacity:
            places.force(rooms[day])
        elif any(place.is_full for place in rooms[day]):
            refused[day] = DayFullError(availability.FULL)
    granted = [day for day in days if day not in refused]
    if not reserved:
        places.take(activity, granted, +1)
    for day in set(granted) & set(known):
        known[day].state = BookingState.BOOKED
    db.session.flush()
    _add(enrolment, [day for day in granted if day not in known])
    return refused


def release(enrolment: Enrolment, *days: date, into: BookingState) -> None:
    """Turn bookings into absences (or cancellations by the town); their places go to who waits.

    Raises RefusedError when one of the days is not booked.
    """
    places.lock(enrolment, days)
    known = _bookings(enrolment, days)
    if any(day not in known or known[day].state is not BookingState.BOOKED for day in days):
        raise RefusedError("Ce jour n’est plus réservé.")
    for booking in known.values():
        booking.state = into
    _free(enrolment, list(known))


def cancel(enrolment: Enrolment, *days: date) -> None:
    """Forget that these days were booked (the usual week changes, the enrolment ends); their places go to who waits.

    Raises RefusedError when nothing is known of one of them.
    """
    places.lock(enrolment, days)
    known = _bookings(enrolment, days)
    if len(known) < len(set(days)):
        raise RefusedError("Ce jour n’est plus réservé.")
    live = [day for day, booking in known.items() if booking.state is BookingState.BOOKED]
    for booking in known.values():
        db.session.delete(booking)
    _free(enrolment, live)


def give_back(enrolment: Enrolment, *days: date) -> None:
    """Cancel days that their family gives back (an exchange, a request undone): what happened is not erased.

    Raises RefusedError, naming the day, for one that is past, pointed or no longer booked.
    """
    places.lock(enrolment, days)
    check_returnable(enrolment, *days)
    cancel(enrolment, *days)


def check_returnable(enrolment: Enrolment, *days: date) -> None:
    """Raises RefusedError, naming the day, for one that is past, pointed or no longer booked."""
    returnable = availability.returnable([enrolment.id], days)
    gone = [day for day in days if (enrolment.id, day) not in returnable]
    if gone:
        raise RefusedError(
            f"Le {long_date(gone[0])} ne peut plus être rendu\u00a0: il est passé ou n’est plus réservé."
        )


def _free(enrolment: Enrolment, days: Collection[date]) -> None:
    """Give back the places of days that the caller locked, to the next in line before anybody else."""
    places.take(enrolment.activity, days, -1)
    db.session.flush()
    waiting_list.offer(enrolment.activity, days)


def note_absence(enrolment: Enrolment, day: date, *, excused: bool) -> None:
    """Accept an absence: a booked day is released, a billed absence may become an excused one.

    Raises RefusedError when there is neither.
    """
    into = BookingState.ABSENT_EXCUSED if excused else BookingState.ABSENT_BILLED
    booking = _bookings(enrolment, [day]).get(day)
    if booking is not None and booking.state is BookingState.ABSENT_BILLED:  # its place is free already
        booking.state = into
        return
    release(enrolment, day, into=into)


def is_full(enrolment: Enrolment, day: date) -> bool:
    """Whether no place is left, as things stand; only a look, the door decides."""
    return bool(pool_day.full_days(enrolment.activity, [day]))


def _bookings(enrolment: Enrolment, days: Collection[date]) -> dict[date, Booking]:
    found = select(Booking).where(Booking.enrolment_id == enrolment.id, Booking.day.in_(days))
    return {one.day: one for one in db.session.scalars(found.execution_options(populate_existing=True))}


def _bookings_of_child(enrolment: Enrolment, days: Collection[date]) -> tuple[dict[date, Booking], dict[date, str]]:
    """This enrolment's own, and why others of the same child keep it from being booked. One query."""
    found = select(Booking, Activity.name).join(Activity, Activity.id == Booking.activity_id)
    found = found.where(Booking.child_id == enrolment.child_id, Booking.day.in_(days))
    rows = db.session.execute(found.execution_options(populate_existing=True)).all()
    own = {one.day: one for one, _ in rows if one.enrolment_id == enrolment.id}
    others = [
        (one.day, one.activity_id, one.exclusive_group, name)
        for one, name in rows
        if one.enrolment_id != enrolment.id and one.state is BookingState.BOOKED
    ]
    return own, availability.why_elsewhere(enrolment.activity, others)


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
