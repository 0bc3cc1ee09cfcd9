"""A school year of Saint-Jean: children, enrolments, what was booked and pointed, what is asked, in every state."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert, select

from app import clock, db
from app.clock import PARIS
from app.demo import desk, planning
from app.integrations import school_calendar
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment, Leave
from app.models.families import Adult, Child, Family
from app.models.places import door
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.town import Activity, Closure, Structure
from app.models.town.activity import weekday_bits
from app.models.town.calendar import Calendar, days_between

FIRST_NAMES = ("Emma", "Louis", "Jade", "Gabriel", "Louise", "Adam", "Alice", "Noé", "Lina", "Sacha", "Rose", "Malo")
SCHOOLS = ("École Jean-Moulin", "École des Tilleuls")
CLASSES = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")


def fill(families: list[Family], structures: list[Structure], chance: random.Random) -> None:
    """Inside the caller's transaction. The first two families are those of jean.dupont and martin."""
    today = clock.today()
    begins = date(today.year - (1 if today.month >= 8 else 2), 9, 1)  # last year's, so that a whole year is seen
    school_calendar.seed(begins.year, begins.year + 2)
    closed = _next_open(today + timedelta(days=9))
    db.session.add(Closure(first_day=closed, last_day=closed, reason="formation des équipes"))
    activities = planning.alsh(structures[0]) + planning.periscolaire(structures[1]) + _more(structures)
    db.session.flush()
    calendar = Calendar.between(begins, date(begins.year + 2, 8, 31))
    for family in families:
        if family is families[4]:  # moreau: the second household of petit's child
            continue
        households = (family, families[4]) if family is families[3] else (family,)
        for number in range(2 if family is families[1] else 1):
            child = _child(households, number, begins, chance)
            for household in households:
                rows = activities if family is families[1] else chance.sample(activities, 4)
                for activity in rows:
                    _enrol(child, activity, household, begins, calendar, chance, households)
    _every_state(families[1], calendar)
    desk.fill(families, structures, calendar, chance)


def _more(structures: list[Structure]) -> list[Activity]:
    soir = Activity(
        structure=structures[1],
        name="Garderie soir",
        position=2,
        weekdays=planning.SCHOOL_DAYS,
        booking_rule=planning.EVE,
        cancelling_rule=planning.EVE,
    )
    devoirs = Activity(
        structure=structures[1],
        name="Étude surveillée",
        position=3,
        weekdays=planning.SCHOOL_DAYS,
        booking_rule=planning.TWO_WORKING_DAYS,
        cancelling_rule=planning.EVE,
        min_age=6,
    )
    jeunes = Activity(
        structure=structures[2],
        name="Club du mercredi",
        weekdays=planning.WEDNESDAY,
        booking_rule=planning.THURSDAY_BEFORE,
        cancelling_rule=planning.THURSDAY_BEFORE,
        min_age=8,
    )
    db.session.add_all([soir, devoirs, jeunes])
    return [soir, devoirs, jeunes]


def _child(households: tuple[Family, ...], number: int, begins: date, chance: random.Random) -> Child:
    age = chance.randrange(4, 11)
    born = date(begins.year + 1 - age, chance.randrange(1, 13), chance.randrange(1, 28))
    first_name = FIRST_NAMES[(households[0].id + 5 * number) % len(FIRST_NAMES)]
    class_name = CLASSES[min(age - 3, 7)]
    school = {"school": chance.choice(SCHOOLS), "class_name": class_name}
    return planning.child(first_name, households[0].adults[0].last_name, born, *households, **school)


def _enrol(
    child: Child,
    activity: Activity,
    family: Family,
    begins: date,
    calendar: Calendar,
    chance: random.Random,
    households: tuple[Family, ...],
) -> None:
    """Enrol for the year with a usual week; separated parents share it, one week in two."""
    usual = weekday_bits(*chance.sample((0, 1, 2, 3, 4), 2)) & activity.weekdays or activity.weekdays
    even = usual if family is households[0] else 0
    odd = usual if len(households) == 1 or family is not households[0] else 0
    row = planning.enrol(child, activity, family, begins, even_weeks=even, odd_weeks=odd)
    today, terms = clock.today(), row.terms
    wanted = [
        day
        for day in days_between(today - timedelta(days=365), today + timedelta(days=45))
        if terms.is_usual(day) and activity.opening.is_open(day, calendar) and chance.random() > 0.15
    ]
    _past(row, [day for day in wanted if day < today], chance)
    long_ago = datetime.combine(begins, time(8), PARIS)
    coming = [day for day in wanted if day >= today]
    # Those on which another activity of its group is booked stay free.
    door.book_days(row, coming, calendar, submitted_at=long_ago, override=door.Override(deadline=True))


def _past(row: Enrolment, days: list[date], chance: random.Random) -> None:
    """What was booked and pointed, written in bulk; a few absences, excused or billed."""
    group = row.activity.exclusive_group
    taken = select(Booking.day).where(Booking.child_id == row.child_id, Booking.exclusive_group == group)
    free = sorted(set(days) - (set(db.session.scalars(taken)) if group else set()))
    same: dict[str, object] = {
        "enrolment_id": row.id,
        "child_id": row.child_id,
        "activity_id": row.activity_id,
        "exclusive_group": group,
    }
    absences = (BookingState.ABSENT_EXCUSED, BookingState.ABSENT_BILLED)
    states = {day: chance.choice(absences) if chance.random() < 0.06 else BookingState.BOOKED for day in free}
    came = [day for day, state in states.items() if state is BookingState.BOOKED]
    if states:
        db.session.execute(insert(Booking), [{**same, "day": day, "state": state} for day, state in states.items()])
    if came:
        db.session.execute(
            insert(Attendance), [{"enrolment_id": row.id, "day": day, "present": True} for day in came]
        )


def _every_state(family: Family, calendar: Calendar) -> None:
    """Give the children of `martin` each state of the legend around today."""
    rows = db.session.query(Enrolment).filter_by(family_id=family.id).order_by(Enrolment.id).all()
    adult = db.session.query(Adult).filter_by(family_id=family.id, rank=1).one()
    today = clock.today()
    wanted = [
        (RequestKind.BOOKING, LineState.SUBMITTED),
        (RequestKind.BOOKING, LineState.IN_REVIEW),
        (RequestKind.BOOKING, LineState.REFUSED),
        (RequestKind.ABSENCE, LineState.SUBMITTED),
        (RequestKind.ABSENCE, LineState.IN_REVIEW),
    ]
    garderie = next(row for row in rows if row.activity.name == "Garderie matin")
    for (kind, state), day in zip(wanted, _open_days(garderie, today + timedelta(days=2), calendar), strict=False):
        _set_booked(garderie, day, calendar, booked=kind is RequestKind.ABSENCE)
        _ask(garderie, day, kind, state, adult)
    past = _open_days_back(garderie, today - timedelta(days=1), calendar)
    for kept in (BookingState.ABSENT_EXCUSED, BookingState.ABSENT_BILLED):
        _set_past(garderie, next(past), kept, present=None)
    _set_past(garderie, next(past), None, present=True)
    sunday = today - timedelta(days=today.weekday() + 1)
    planning.attend(garderie, sunday)  # pointed on a day without garderie: an error to settle
    leaves = today + timedelta(days=20)
    db.session.add(Leave(enrolment_id=rows[-1].id, first_day=leaves, last_day=leaves + timedelta(days=6)))


def _set_booked(row: Enrolment, day: date, calendar: Calendar, *, booked: bool) -> None:
    found = db.session.query(Booking).filter_by(enrolment_id=row.id, day=day, state=BookingState.BOOKED).first()
    if booked and found is None:
        door.book(row, day, calendar, submitted_at=clock.local_now(), override=door.Override(deadline=True))
    elif not booked and found is not None:
        db.session.delete(found)
        db.session.flush()


def _set_past(row: Enrolment, day: date, state: BookingState | None, *, present: bool | None) -> None:
    """A past day as wanted, whatever chance made of it. This activity counts no places."""
    db.session.query(Booking).filter_by(enrolment_id=row.id, day=day).delete()
    db.session.query(Attendance).filter_by(enrolment_id=row.id, day=day).delete()
    if state is not None:
        planning.past_booking(row, day, state=state)
    if present is not None:
        planning.attend(row, day, present=present)


def _ask(row: Enrolment, day: date, kind: RequestKind, state: LineState, adult: Adult) -> None:
    asked_at = clock.local_now() - timedelta(days=1)
    line = RequestLine(
        enrolment_id=row.id,
        day=day,
        kind=kind,
        state=state,
        motif="Rendez-vous chez le dentiste" if kind is RequestKind.ABSENCE else None,
        decision_reason="Il ne reste plus de place ce jour-là." if state is LineState.REFUSED else None,
        decided_at=asked_at if state is LineState.REFUSED else None,
    )
    planning.send(row.family_id, adult, kind, [line], at=asked_at)


def _open_days(row: Enrolment, first: date, calendar: Calendar) -> Iterator[date]:
    days = days_between(first, first + timedelta(days=120))
    return (day for day in days if row.activity.opening.is_open(day, calendar))


def _open_days_back(row: Enrolment, last: date, calendar: Calendar) -> Iterator[date]:
    days = (last - timedelta(days=n) for n in range(120))
    return (day for day in days if row.activity.opening.is_open(day, calendar))


def _next_open(day: date) -> date:
    return next(d for d in days_between(day, day + timedelta(days=7)) if d.weekday() == 1)
