"""What the tests of forbidden share."""

from datetime import date

from app.models.enrolments import Enrolment
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine

DAY, NEXT_DAY, DAY_BEFORE = date(2015, 6, 3), date(2015, 6, 4), date(2015, 6, 2)


SPRING, SPRING_ENDS = date(1999, 4, 10), date(1999, 4, 25)  # years that no demonstration fills


FERIE = date(1999, 5, 1)


def booked(of: Enrolment) -> dict[str, object]:
    """What a booking repeats of its enrolment."""
    return {
        "enrolment_id": of.id,
        "child_id": of.child_id,
        "activity_id": of.activity_id,
        "exclusive_group": of.activity.exclusive_group,
    }


def line(cast, **changes) -> RequestLine:
    values = {"request_id": cast.request.id, "enrolment_id": cast.first.id, "day": DAY, "kind": RequestKind.BOOKING}
    return RequestLine(**{**values, **changes})
