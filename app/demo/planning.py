"""Activities, children and bookings of the demonstrations."""

from datetime import date, datetime, time

from app import db
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment
from app.models.families import Adult, Authority, Child, Custody, Family
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.requests.code import new_code
from app.models.town import Activity, Approval, CapacityPool, DeadlineKind, Structure
from app.models.town.activity import weekday_bits
from app.models.town.deadline import DeadlineRule

WEDNESDAY, SCHOOL_DAYS, ALL_WEEK = weekday_bits(2), weekday_bits(0, 1, 3, 4), weekday_bits(0, 1, 2, 3, 4)
THURSDAY_BEFORE = DeadlineRule(DeadlineKind.WEEK, 1, time(23, 59), weekday=3)
TWO_WORKING_DAYS = DeadlineRule(DeadlineKind.WORKING_DAYS, 2, time(12))
EVE = DeadlineRule(DeadlineKind.DAYS, 1, time(20))
TENTH_OF_PREVIOUS_MONTH = DeadlineRule(DeadlineKind.MONTH, 10, time(23, 59))

# Name → what is particular to it. The guide's seven rows, in the guide's order, then three of ours.
ALSH = {
    "ALSH Mercredi après-midi": {"weekdays": WEDNESDAY, "exclusive_group": "mercredi", "uses_afternoon": True},
    "ALSH Mercredi journée": {
        "weekdays": WEDNESDAY,
        "exclusive_group": "mercredi",
        "uses_morning": True,
        "uses_afternoon": True,
    },
    "ALSH Vacances après-midi": {"holidays": True, "exclusive_group": "vacances", "uses_afternoon": True},
    "ALSH Vacances journée": {
        "holidays": True,
        "exclusive_group": "vacances",
        "uses_morning": True,
        "uses_afternoon": True,
    },
    "ALSH Vacances matin": {"holidays": True, "exclusive_group": "vacances", "uses_morning": True},
}


def alsh(structure: Structure, *, capacity: int = 40) -> list[Activity]:
    """The activities of the accueil de loisirs; they share one room by half-day."""
    pool = CapacityPool(structure_id=structure.id, name="Accueil de loisirs", capacity=capacity)
    db.session.add(pool)
    made = []
    for position, (name, own) in enumerate(ALSH.items()):
        own = dict(own)  # noqa: PLW2901 - emptied below
        holidays = own.pop("holidays", False)
        rule = TENTH_OF_PREVIOUS_MONTH if holidays else THURSDAY_BEFORE
        made.append(
            Activity(
                **{
                    "structure": structure,
                    "name": name,
                    "position": position,
                    "weekdays": ALL_WEEK,
                    "in_school_time": not holidays,
                    "in_short_holidays": holidays,
                    "in_long_holidays": holidays,
                    "pool": pool,
                    "booking_rule": rule,
                    "cancelling_rule": rule,
                    **own,
                }
            )
        )
    db.session.add_all(made)
    return made


def periscolaire(structure: Structure) -> list[Activity]:
    """Garderie and canteen, decided at once when in time."""
    common = {"structure": structure, "weekdays": ALL_WEEK, "approval": Approval.AUTOMATIC}
    made = [
        Activity(name="Garderie matin", position=0, booking_rule=EVE, cancelling_rule=EVE, **common),
        Activity(
            name="Restauration scolaire",
            position=1,
            booking_rule=TWO_WORKING_DAYS,
            cancelling_rule=TWO_WORKING_DAYS,
            **common,
        ),
    ]
    db.session.add_all(made)
    return made


def child(first_name: str, last_name: str, born: date, *households: Family, **school: str) -> Child:
    """A child who lives in these households; every adult of them has authority."""
    made = Child(first_name=first_name, last_name=last_name, birth_date=born, **school)
    db.session.add(made)
    db.session.flush()
    for family in households:
        db.session.add(Custody(child_id=made.id, family_id=family.id))
        for number in db.session.query(Adult.id).filter_by(family_id=family.id):
            db.session.add(Authority(adult_id=number[0], child_id=made.id))
    return made


def enrol(of: Child, activity: Activity, family: Family, first_day: date, **changes: object) -> Enrolment:
    values = {"child": of, "activity": activity, "family_id": family.id, "first_day": first_day, **changes}
    made = Enrolment(**values)
    db.session.add(made)
    db.session.flush()
    return made


def past_booking(enrolment: Enrolment, day: date, *, state: BookingState = BookingState.BOOKED) -> None:
    """A booking of the past, written as it stands: the door is for what is to come."""
    db.session.add(
        Booking(
            enrolment_id=enrolment.id,
            day=day,
            state=state,
            child_id=enrolment.child_id,
            activity_id=enrolment.activity_id,
            exclusive_group=enrolment.activity.exclusive_group,
        )
    )


def attend(enrolment: Enrolment, day: date, *, present: bool = True) -> None:
    db.session.add(Attendance(enrolment_id=enrolment.id, day=day, present=present))


def send(family_id: int, by: Adult, kind: RequestKind, lines: list[RequestLine], *, at: datetime) -> Request:
    """A request as a parent made it at this instant."""
    code = new_code()
    made = Request(code=code, kind=kind, family_id=family_id, submitted_by=by.id, submitted_at=at, submission=code)
    made.lines = lines
    db.session.add(made)
    db.session.flush()
    return made
