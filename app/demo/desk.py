"""What waits on the agents' desk of Saint-Jean: requests of every kind and age, reasons, structures of each."""

import random
from datetime import timedelta

from app import clock, db
from app.demo import people, planning
from app.models.accounts import Agent, Role
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families import Adult, Child, Family
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.reviews import StandardReason
from app.models.town import Structure
from app.models.town.calendar import Calendar, days_between

ABSENCES = ("Rendez-vous médical", "Départ en week-end", "Un grand-parent le garde", "Malade")


def fill(families: list[Family], structures: list[Structure], calendar: Calendar, chance: random.Random) -> None:
    """Inside the caller's transaction, once enrolments and bookings stand."""
    StandardReason.seed()
    team = db.session.query(Agent).filter_by(role=Role.ANIMATION).one()
    team.structures = structures[:1]
    guichet = db.session.query(Agent).filter_by(role=Role.GUICHET).one()
    for number, family in enumerate(families[6:26]):
        _days_asked(family, calendar, chance, age=timedelta(days=number % 5, hours=number))
    taken = db.session.query(Request).filter_by(family_id=families[8].id).first()
    if taken is not None:
        taken.taken_by, taken.taken_at = guichet.id, clock.local_now()
        for line in taken.lines:
            line.state = LineState.IN_REVIEW
    _change(families[1], RequestKind.RESPONSABLE, {"phone_mobile": "06 12 34 56 78", "address": "8 rue des Lilas"})
    _change(families[2], RequestKind.RESPONSABLE, {"email": "sophie.durand@courriel.example"})
    _open_twice(families[12])
    _change(families[0], RequestKind.CONJOINT, {"phone_home": "05 61 00 11 22"})


def _open_twice(family: Family) -> None:
    """The file of this family, opened a second time by mistake: to be joined to the first."""
    again = people.family(situation=family.situation)
    for adult in family.adults:
        people.adult(again, adult.rank, adult.civility, adult.last_name, adult.first_name)
    db.session.flush()
    for known in Child.of_family(family.id):
        planning.child(known.first_name, known.last_name, known.birth_date, again)


def _days_asked(family: Family, calendar: Calendar, chance: random.Random, *, age: timedelta) -> None:
    """Up to three days of one enrolment: to be booked where they are free, else an absence."""
    rows = db.session.query(Enrolment).filter_by(family_id=family.id).order_by(Enrolment.id).all()
    if not rows:
        return
    row = chance.choice(rows)
    first = clock.today() + timedelta(days=chance.randrange(5, 25))
    days = (
        day for day in days_between(first, first + timedelta(days=40)) if row.activity.opening.is_open(day, calendar)
    )
    chosen = [day for day, _ in zip(days, range(chance.randrange(1, 4)), strict=False)]
    booked = {
        day for (day,) in db.session.query(Booking.day).filter_by(enrolment_id=row.id, state=BookingState.BOOKED)
    }
    kind = RequestKind.ABSENCE if chosen and chosen[0] in booked else RequestKind.BOOKING
    rule = row.activity.cancelling_rule if kind is RequestKind.ABSENCE else row.activity.booking_rule
    lines = [
        RequestLine(
            enrolment_id=row.id,
            day=day,
            kind=kind,
            late=not rule.is_met(day, calendar, clock.local_now() - age),
            motif=chance.choice(ABSENCES) if kind is RequestKind.ABSENCE else None,
        )
        for day in chosen
        if (day in booked) == (kind is RequestKind.ABSENCE)
    ]
    if lines:
        _send(family, kind, lines, age)


def _change(family: Family, kind: RequestKind, wanted: dict[str, str]) -> None:
    rank = 1 if kind is RequestKind.RESPONSABLE else 2
    adult = db.session.query(Adult).filter_by(family_id=family.id, rank=rank).one()
    lines = [
        RequestLine(kind=kind, field=field, before=str(getattr(adult, field)), after=value)
        for field, value in wanted.items()
    ]
    _send(family, kind, lines, timedelta(days=1))


def _send(family: Family, kind: RequestKind, lines: list[RequestLine], age: timedelta) -> None:
    adult = db.session.query(Adult).filter_by(family_id=family.id, rank=1).one()
    planning.send(family.id, adult, kind, lines, at=clock.local_now() - age)
