"""Fair queues: who is next, a place offered with an end, another day proposed, a day exchanged for another."""

from contextlib import contextmanager
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app import clock, db
from app.models import (
    Approval,
    Author,
    Booking,
    BookingState,
    Enrolment,
    Event,
    Job,
    LineState,
    PoolDay,
    offer,
    proposal,
)
from app.models import door as the_door
from app.models.deadline import DeadlineKind, DeadlineRule
from app.models.refusal import RefusedError
from app.models.request import RequestLine
from app.models.slot import Slot
from tests.models.planning import DAY as WEDNESDAY
from tests.models.planning import activity, dupont, durand, enrolment

DAY = WEDNESDAY + timedelta(days=1)  # three days on, so that an offer ends before it


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def three(app):
    """Three enrolments in an activity of one place: the first has it, the others wait in their order."""
    with db.transaction():
        one = activity(places=1, offer_hours=24)
        numbers = [enrolment(one, adult.family).id for adult in (dupont(), durand(), dupont())]
    for who, number in enumerate(numbers):
        ask(number, adult=durand if who == 1 else dupont)
    return numbers


@contextmanager
def later(*, days):
    """The town's date, some days on."""
    today = clock.today()
    clock.pretend(today + timedelta(days=days))
    try:
        yield
    finally:
        clock.pretend(today)


def ask(number, day=DAY, *, adult=dupont, instead_of=None):
    with db.transaction():
        slot = Slot.of_family(adult().family_id, number, day)
        request = slot.ask_booking(by=Author(adult()), submission=f"s{number}{day}", instead_of=instead_of)
        return request.lines[0].state


def absent(number, adult=dupont, day=DAY):
    with db.transaction():
        slot = Slot.of_family(adult().family_id, number, day)
        slot.report_absence(by=Author(adult()), reason="Malade", submission=f"a{number}{day}")


def line_of(number, day=DAY) -> RequestLine:
    db.session.rollback()
    wanted = select(RequestLine).where(RequestLine.enrolment_id == number, RequestLine.day == day)
    return db.session.scalars(wanted.order_by(RequestLine.id.desc())).first()


def states(numbers) -> list[LineState]:
    return [line_of(number).state for number in numbers]


def answer(number, verb, adult=dupont):
    with db.transaction():
        line = offer.of_family(adult().family_id, line_of_in(number))
        verb(line, by=Author(adult()))


def line_of_in(number) -> int:
    return db.session.scalars(
        select(RequestLine.id).where(RequestLine.enrolment_id == number).order_by(RequestLine.id.desc())
    ).first()


def taken() -> int:
    db.session.rollback()
    return db.session.scalar(select(PoolDay.taken).where(PoolDay.day == DAY))


def booked(day=DAY) -> list[int]:
    db.session.rollback()
    wanted = select(Booking.enrolment_id).where(Booking.day == day, Booking.state == BookingState.BOOKED)
    return list(db.session.scalars(wanted.order_by(Booking.enrolment_id)))


def test_a_freed_place_is_offered_to_the_first_in_line_and_counts_as_taken(three):
    first, second, third = three
    assert states(three) == [LineState.ACCEPTED, LineState.WAITING_LIST, LineState.WAITING_LIST]
    absent(first)
    assert states([second, third]) == [LineState.OFFERED, LineState.WAITING_LIST]
    assert (taken(), booked()) == (1, [])
    mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    assert [mail["template"] for mail in mails].count("place_offered") == 1


def test_nobody_who_comes_later_gets_an_offered_place(three):
    absent(three[0])
    with db.transaction() as writing:
        newcomer = enrolment(writing.get_one(Enrolment, three[0]).activity, dupont().family).id
    assert ask(newcomer) is LineState.WAITING_LIST
    assert booked() == []


def test_taken_up_it_is_booked_and_the_count_is_right(three):
    absent(three[0])
    answer(three[1], offer.accept, durand)
    assert line_of(three[1]).state is LineState.ACCEPTED
    assert (taken(), booked()) == (1, [three[1]])


@pytest.mark.parametrize("how", ["declined", "withdrawn", "expired"])
def test_left_it_goes_on_to_the_following(three, how):
    absent(three[0])
    if how == "declined":
        answer(three[1], offer.decline, durand)
    elif how == "withdrawn":
        with db.transaction():
            Slot.of_family(durand().family_id, three[1], DAY).withdraw(by=Author(durand()))
    else:
        with later(days=1):
            assert list(offer.overdue(10)) == [line_of_in(three[1])]
            with db.transaction():
                offer.expire(line_of_in(three[1]))
    assert line_of(three[1]).state.value == how
    assert line_of(three[2]).state is LineState.OFFERED
    assert taken() == 1


def test_after_the_end_nobody_can_take_it_up(three):
    absent(three[0])
    with later(days=1), pytest.raises(RefusedError, match="temps"):
        answer(three[1], offer.accept, durand)
    assert booked() == []


def test_an_offer_that_is_not_over_does_not_expire(three):
    absent(three[0])
    assert list(offer.overdue(10)) == []
    with db.transaction():
        offer.expire(line_of_in(three[1]))
    assert line_of(three[1]).state is LineState.OFFERED


def test_the_last_in_line_gives_the_place_back(three):
    absent(three[0])
    answer(three[1], offer.decline, durand)
    answer(three[2], offer.decline)
    assert (taken(), booked()) == (0, [])


def test_too_near_the_day_nothing_is_offered(three):
    with later(days=3), db.transaction() as writing:  # the day itself
        the_door.release(writing.get_one(Enrolment, three[0]), DAY, into=BookingState.ABSENT_EXCUSED)
    assert states(three[1:]) == [LineState.WAITING_LIST, LineState.WAITING_LIST]
    assert taken() == 0


def test_a_family_answers_only_its_own_offers(three):
    absent(three[0])
    number = line_of_in(three[1])
    with db.transaction():
        assert offer.of_family(dupont().family_id, number) is None


def test_a_day_is_exchanged_once_the_new_one_is_granted():
    with db.transaction():
        number = enrolment(activity(places=1), dupont().family).id
    new = DAY + timedelta(days=4)
    ask(number)
    assert ask(number, new, instead_of=DAY) is LineState.ACCEPTED
    assert (booked(), booked(new), taken()) == ([], [number], 0)


def test_the_old_day_is_kept_while_the_new_one_waits():
    new = DAY + timedelta(days=4)
    with db.transaction():
        one = activity(places=1)
        mine, theirs = (enrolment(one, adult.family).id for adult in (dupont(), durand()))
    ask(mine)
    ask(theirs, new, adult=durand)
    assert ask(mine, new, instead_of=DAY) is LineState.WAITING_LIST
    assert (booked(), booked(new)) == ([mine], [theirs])
    absent(theirs, durand, new)
    answer(mine, offer.accept)
    assert (booked(), booked(new)) == ([], [mine])


def test_a_day_that_is_not_booked_is_exchanged_for_nothing():
    with db.transaction():
        number = enrolment(activity(places=1), dupont().family).id
    with pytest.raises(RefusedError, match="pas réservé"):
        ask(number, DAY + timedelta(days=4), instead_of=DAY)


def test_each_step_is_in_the_journal(three):
    absent(three[0])
    answer(three[1], offer.decline, durand)
    db.session.rollback()
    kinds = [event.kind for event in db.session.query(Event).order_by(Event.id)]
    for kind in ("line_waiting", "line_offered", "line_declined"):
        assert kind in kinds


def test_a_line_that_came_late_is_not_offered_a_place_by_itself(three):
    """« Hors délai : le service décidera »: the next who asked in time has it."""
    with db.transaction():
        db.session.get_one(RequestLine, line_of_in(three[1])).late = True
    absent(three[0])
    assert states(three[1:]) == [LineState.WAITING_LIST, LineState.OFFERED]


def test_another_day_that_an_agent_proposes_after_its_deadline_may_be_taken_up():
    with db.transaction():
        four_days = DeadlineRule(DeadlineKind.DAYS, 4, time(12))
        rules = {"booking_rule": four_days, "approval": Approval.MANUAL}
        number = enrolment(activity(places=1, **rules), dupont().family).id
    ask(number, DAY + timedelta(days=5))
    with db.transaction():
        line = db.session.get_one(RequestLine, line_of_in(number))
        proposal.propose(line, line.enrolment, DAY)
    answer(number, offer.accept)
    assert booked() == [number]
