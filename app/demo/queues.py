"""Fair queues of Saint-Jean: a place offered, another day proposed, ranks, an exchange, a usual week left empty."""

from collections import Counter
from datetime import date, timedelta

from app import clock, db
from app.demo import planning
from app.models.enrolments import BookingState, Enrolment
from app.models.enrolments.terms import WEEK
from app.models.families import Adult, Child, Family
from app.models.families.author import Author
from app.models.places import door
from app.models.planning.day_record import load_marks
from app.models.planning.recurrence import monday_of
from app.models.planning.slot import Slot
from app.models.requests import Request
from app.models.requests.line_state import OPEN_STATES
from app.models.reviews import proposal
from app.models.town import Activity, Approval, CapacityPool, Structure
from app.models.town.calendar import Calendar, days_between


def fill(families: list[Family], structures: list[Structure]) -> None:
    """Inside the caller's transaction, once the school year stands: « Atelier cirque », two places a Wednesday."""
    dupont, martin, durand, petit = families[:4]
    circus = _circus(structures[2])
    first, second, third, fourth = _open_days(circus)[:4]
    others = [_enrol(circus, family) for family in families[7:9]]
    elder, younger = (_enrol(circus, martin, number, usual=planning.WEDNESDAY) for number in range(2))
    jean, louise = _enrol(circus, dupont), _enrol(circus, petit)
    for row in (*others, elder, younger, jean):
        _ask(row, first)
    door.release(others[0], first, into=BookingState.ABSENT_EXCUSED)  # offered to the elder of the Martins
    proposal.propose(_ask(younger, first).lines[0], younger, second)
    for row in (*others, elder, jean):
        _ask(row, second)
    proposal.propose(_ask(jean, second).lines[0], jean, third)
    _ask(louise, fourth)
    _ask(louise, second, instead_of=fourth)
    for family in (martin, durand):
        _leave_a_week_empty(family)


def _circus(structure: Structure) -> Activity:
    room = CapacityPool(structure_id=structure.id, name="Salle de cirque", capacity=2)
    made = Activity(
        structure=structure,
        name="Atelier cirque",
        position=5,
        weekdays=planning.WEDNESDAY,
        in_short_holidays=True,
        in_long_holidays=True,  # something may be booked in time on any day of the year
        pool=room,
        uses_afternoon=True,
        approval=Approval.AUTOMATIC,
        booking_rule=planning.EVE,
        cancelling_rule=planning.EVE,
    )
    db.session.add_all((room, made))
    db.session.flush()
    return made


def _enrol(activity: Activity, family: Family, number: int = 0, *, usual: int = 0) -> Enrolment:
    made = Enrolment(
        child=Child.of_family(family.id)[number],
        activity=activity,
        family_id=family.id,
        first_day=clock.today(),
        even_weeks=usual,
        odd_weeks=usual,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _open_days(activity: Activity) -> list[date]:
    """The next days on which it is open, none so near that an offer would have no time."""
    first = clock.today() + timedelta(days=3)
    days = list(days_between(first, first + timedelta(days=150)))
    calendar = Calendar.between(days[0], days[-1])
    return [day for day in days if activity.opening.is_open(day, calendar)]


def _ask(row: Enrolment, day: date, *, instead_of: date | None = None) -> Request:
    """Asked by the first adult of the household; a second time, it is the same request."""
    adult = db.session.query(Adult).filter_by(family_id=row.family_id, rank=1).one()
    slot = Slot.of_family(row.family_id, row.id, day)
    assert slot is not None
    return slot.ask_booking(by=Author(adult), submission=f"cirque-{row.id}-{day}", instead_of=instead_of)


def _leave_a_week_empty(family: Family) -> None:
    """« Réserver comme d’habitude »: of the weeks where nothing is asked, the one with most to book in time."""
    mine = {row.id: row for row in db.session.query(Enrolment).filter_by(family_id=family.id)}
    first = monday_of(clock.today()) + WEEK
    marks = load_marks(list(mine), first, first + WEEK * 4 - timedelta(days=1))
    days = [(number, day, mark) for number, found in marks.items() for day, mark in found.items()]
    asked = {monday_of(day) for _, day, mark in days if mark.line in OPEN_STATES}
    booked = [(number, day) for number, day, mark in days if mark.booking is BookingState.BOOKED]
    calendar, now = Calendar.between(first, first + WEEK * 4), clock.local_now()
    in_time = Counter(
        monday_of(day) for number, day in booked if mine[number].activity.booking_rule.is_met(day, calendar, now)
    )
    forgotten = max({first + WEEK * number for number in range(4)} - asked, key=lambda one: (in_time[one], one))
    for row in mine.values():
        gone = [day for number, day in booked if number == row.id and monday_of(day) == forgotten]
        if gone:
            door.cancel(row, *gone)
