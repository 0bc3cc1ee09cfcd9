"""Fair queues of Saint-Jean: a place offered, another day proposed, ranks, an exchange, a usual week left empty."""

from datetime import date, timedelta

from app import clock, db
from app.demo import planning
from app.models import (
    Activity,
    Adult,
    Approval,
    Author,
    Booking,
    BookingState,
    Calendar,
    CapacityPool,
    Child,
    Enrolment,
    Family,
    Request,
    Structure,
    Town,
    door,
    proposal,
)
from app.models.calendar import days_between
from app.models.slot import Slot


def fill(families: list[Family], structures: list[Structure]) -> None:
    """Inside the caller's transaction, once the school year stands: « Atelier cirque », two places a Wednesday."""
    dupont, martin, durand, petit = families[:4]
    circus = _circus(structures[2])
    first, second, third, fourth = _open_days(circus)[:4]
    others = [_enrol(circus, family) for family in families[7:9]]
    elder, younger, jean, louise = (
        _enrol(circus, family, number) for family, number in ((martin, 0), (martin, 1), (dupont, 0), (petit, 0))
    )
    for day in (first, second):
        for row in (*others, elder, younger, jean):
            _ask(row, day)
    door.release(others[0], first, into=BookingState.ABSENT_EXCUSED)  # offered to the elder of the Martins
    for row in (younger, jean):
        proposal.propose(_ask(row, second).lines[0], row, third)
    _ask(louise, fourth)
    _ask(louise, second, instead_of=fourth)
    _leave_a_week_empty(durand)


def _circus(structure: Structure) -> Activity:
    room = CapacityPool(structure_id=structure.id, name="Salle de cirque", capacity=2)
    made = Activity(
        structure=structure,
        name="Atelier cirque",
        position=5,
        weekdays=planning.WEDNESDAY,
        pool=room,
        uses_afternoon=True,
        approval=Approval.AUTOMATIC,
        booking_rule=planning.EVE,
        cancelling_rule=planning.EVE,
    )
    db.session.add_all((room, made))
    db.session.flush()
    return made


def _enrol(activity: Activity, family: Family, number: int = 0) -> Enrolment:
    made = Enrolment(
        child=Child.of_family(family.id)[number], activity=activity, family_id=family.id, first_day=clock.today()
    )
    db.session.add(made)
    db.session.flush()
    return made


def _open_days(activity: Activity) -> list[date]:
    """The next days on which it is open, none so near that an offer would have no time."""
    first = clock.today() + timedelta(days=3)
    days = list(days_between(first, first + timedelta(days=150)))
    calendar = Calendar.load(Town.current().school_zone, days[0], days[-1])
    return [day for day in days if activity.opening.is_open(day, calendar)]


def _ask(row: Enrolment, day: date, *, instead_of: date | None = None) -> Request:
    """Asked by the first adult of the household; a second time, it is the same request."""
    adult = db.session.query(Adult).filter_by(family_id=row.family_id, rank=1).one()
    slot = Slot.of_family(row.family_id, row.id, day)
    assert slot is not None
    return slot.ask_booking(by=Author(adult), submission=f"cirque-{row.id}-{day}", instead_of=instead_of)


def _leave_a_week_empty(family: Family) -> None:
    """Of the next weeks, the last in which something is booked is forgotten: « Réserver comme d’habitude »."""
    mine = db.session.query(Enrolment).filter_by(family_id=family.id).order_by(Enrolment.id).all()
    monday = clock.today() + timedelta(days=7 - clock.today().weekday())
    booked = db.session.query(Booking).filter(
        Booking.enrolment_id.in_([row.id for row in mine]),
        Booking.state == BookingState.BOOKED,
        Booking.day.between(monday + timedelta(days=7), monday + timedelta(days=20)),
    )
    days = {(one.enrolment_id, one.day) for one in booked}
    last = max((day - timedelta(days=day.weekday()) for _, day in days), default=None)
    for row in mine:
        gone = [day for number, day in days if number == row.id and day - timedelta(days=day.weekday()) == last]
        if gone:
            door.cancel(row, *gone)
