"""Giving the day that a line asks for. Inside a transaction."""

from app.models.places import door, places
from app.models.requests import RequestLine
from app.models.town.calendar import Calendar


def grant(
    line: RequestLine, calendar: Calendar, *, override: door.Override = door.NO_OVERRIDE, reserved: bool = False
) -> None:
    """Book what a line asks for; the day that it is exchanged for is given back then, and not before.

    Raises RefusedError when it cannot be, and DayFullError when the day is full.
    """
    enrolment, day = line.asked_slot
    at = line.request.submitted_at
    if line.gives_up is not None:  # two who exchange the same two days, each for the other
        places.lock_lines([line])
    if not door.book(enrolment, day, calendar, submitted_at=at, override=override, reserved=reserved):
        raise door.DayFullError("Il ne reste plus de place ce jour-là.")
    if line.gives_up is not None and line.enrolment is not None:  # of the day asked, whatever is proposed instead
        door.give_back(line.enrolment, line.gives_up)
