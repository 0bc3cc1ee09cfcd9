"""Whether a child may come on a day: what can be seen without a lock. The door asks the same, and decides."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, select, true

from app import clock, db
from app.formats import DAYS, NBSP
from app.models.enrolments.attendance import Attendance
from app.models.enrolments.booking import Booking, BookingState
from app.models.enrolments.enrolment import Enrolment, Leave
from app.models.town import Activity, HolidayKind
from app.models.town.calendar import Calendar, not_known_after

BY_THE_OTHER = "Ce jour est déjà réservé par l’autre foyer."
BOOKED_ALREADY = "Ce jour est déjà réservé."
ON_LEAVE = "Un congé est noté pour cet enfant ce jour-là."
FULL = "Il ne reste plus de place ce jour-là."


def why_not_both(activity: Activity, other_id: int, group: str | None, name: str) -> str | None:
    """Why a child is not booked in an activity on a day on which it is in another one of this id, group and name,
    or in the same one by the other household; None when it may be."""
    if other_id == activity.id:
        return BY_THE_OTHER
    if group is not None and group == activity.exclusive_group:
        return f"Cet enfant a déjà une réservation ce jour-là{NBSP}: {name}."
    return None


def why_not_open(enrolment: Enrolment, day: date, calendar: Calendar, leaves: Sequence[Leave]) -> str | None:
    """Why this child cannot come on this day, places apart; None when it can. Pure."""
    return (
        (None if calendar.is_known(day) else not_known_after(calendar.known_until))
        or why_closed(enrolment.activity, day, calendar)
        or (None if enrolment.covers(day) else "L’inscription ne couvre pas ce jour.")
        or _why_shut(enrolment.activity, day, calendar)
        or (ON_LEAVE if any(day in leave for leave in leaves) else None)
    )


def _why_shut(activity: Activity, day: date, calendar: Calendar) -> str | None:
    """The period or the weekday in which it never opens; None in those in which it does."""
    opening, holiday = activity.opening, calendar.holiday(day)
    if not opening.in_period(holiday):
        if holiday is None:
            return f"{activity.name} n’accueille des enfants que pendant les vacances."
        which = "grandes" if holiday is HolidayKind.LONG else "petites"
        return f"{activity.name} n’accueille pas d’enfants pendant les {which} vacances."
    if not opening.opens_on(day):
        return f"{activity.name} n’accueille pas d’enfants le {DAYS[day.weekday()]}."
    return None


def why_closed(activity: Activity, day: date, calendar: Calendar) -> str | None:
    """The closure or public holiday of this day; None without. Pure."""
    closure = calendar.closure(day, activity.structure_id)
    if closure is not None:
        return f"Fermeture ce jour-là ({activity.structure.name}){NBSP}: {closure}."
    return f"Ce jour est férié ({calendar.public[day]})." if day in calendar.public else None


def booked_elsewhere(
    activity: Activity, child_id: int, days: Collection[date], *, besides: int | None
) -> dict[date, str]:
    """The days on which this child is booked already, by the other household or in another activity of the group,
    and the sentence that says so. `besides` is the enrolment that does not count."""
    if not days:
        return {}
    booked = (
        select(Booking.day, Booking.activity_id, Booking.exclusive_group, Activity.name)
        .join(Activity, Activity.id == Booking.activity_id)
        .where(
            Booking.child_id == child_id,
            Booking.day.between(min(days), max(days)),
            Booking.state == BookingState.BOOKED,
            Booking.enrolment_id != besides if besides is not None else true(),
        )
    )
    return why_elsewhere(activity, db.session.execute(booked))


def why_elsewhere(activity: Activity, booked: Iterable[Any]) -> dict[date, str]:
    """By day, why these bookings of the same child, each a day with the id, group and name of its activity, keep it
    from being booked in this one. Pure."""
    found: dict[date, str] = {}
    for day, other_id, group, name in booked:
        why_not = why_not_both(activity, other_id, group, name)
        if why_not is not None and found.get(day) != BY_THE_OTHER:
            found[day] = why_not
    return found


def why_hopeless(enrolment: Enrolment, day: date, calendar: Calendar) -> str | None:
    """Why a place on this day would be of no use to this enrolment; None when it would be.

    Another activity of the group is no reason: the family may give that one back, and take this place.
    """
    closed = why_not_open(enrolment, day, calendar, Leave.of_enrolment(enrolment.id))
    if closed is not None:
        return closed
    booked = select(Booking.enrolment_id).where(
        Booking.child_id == enrolment.child_id,
        Booking.activity_id == enrolment.activity_id,
        Booking.day == day,
        Booking.state == BookingState.BOOKED,
    )
    by = db.session.scalars(booked).first()
    if by is None:
        return None
    return BOOKED_ALREADY if by == enrolment.id else BY_THE_OTHER


def is_booked(enrolment_id: int, day: date) -> bool:
    """Whether this day is booked, be it past."""
    of_day = exists().where(
        Booking.enrolment_id == enrolment_id, Booking.day == day, Booking.state == BookingState.BOOKED
    )
    return bool(db.session.scalar(select(of_day)))


def returnable(enrolment_ids: Collection[int], days: Collection[date]) -> set[tuple[int, date]]:
    """By enrolment and day, what may still be given back: booked, neither past nor pointed. One query."""
    pointed = exists().where(Attendance.enrolment_id == Booking.enrolment_id, Attendance.day == Booking.day)
    booked = select(Booking.enrolment_id, Booking.day).where(
        Booking.enrolment_id.in_(enrolment_ids),
        Booking.day.in_(days),
        Booking.day >= clock.today(),
        Booking.state == BookingState.BOOKED,
        ~pointed,
    )
    return {(enrolment_id, day) for enrolment_id, day in db.session.execute(booked)}
