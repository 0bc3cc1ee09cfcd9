"""Fair queues: who is next, a place offered with an end, another day proposed."""

from contextlib import contextmanager
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app import clock, db, tasks
from app.formats import long_date
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.event import Event
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.places import PoolDay, offer, waiting_list
from app.models.places import door as the_door
from app.models.planning import slot_details, slot_menu
from app.models.planning.many_days import Asking
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.reviews import acceptance, proposal
from app.models.town import Approval, DeadlineKind
from app.models.town.deadline import DeadlineRule
from tests.builders import DAY as WEDNESDAY
from tests.builders import activity, dupont, durand, enrolment

DAY = WEDNESDAY + timedelta(days=1)  # three days on, so that an offer ends before it


pytestmark = pytest.mark.usefixtures("inside")


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


def ask(number, day=DAY, *, adult=dupont):
    with db.transaction():
        slot = Slot.of_family(adult().family_id, number, day)
        request = slot.ask_booking(by=Author(adult()), submission=f"s{number}{day}")
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
    (told,) = (mail["context"] for mail in mails if mail["template"] == "place_offered")
    assert (told["day"], told["instead_of"]) == (long_date(DAY), "")


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


def test_each_step_is_in_the_journal(three):
    absent(three[0])
    answer(three[1], offer.decline, durand)
    db.session.rollback()
    kinds = [event.kind for event in db.session.query(Event).order_by(Event.id)]
    for kind in ("line_waiting", "line_offered", "line_declined"):
        assert kind in kinds


def test_asked_late_of_a_full_day_it_is_the_service_that_decides():
    """« Hors délai : le service décidera » : it waits for an agent, not for a place that others asked in time."""
    with db.transaction():
        one = activity(places=1, booking_rule=DeadlineRule(DeadlineKind.DAYS, 9, time(12)))
        number = enrolment(one, dupont().family).id
        one.pool.capacity = 0
    assert ask(number) is LineState.SUBMITTED
    assert line_of(number).late


def test_who_could_not_come_any_more_is_passed_over(three):
    """The enrolment ended, the child has something else, the day to give in exchange is gone: the next has it."""
    _, second, third = three
    ended(second)
    absent(three[0])
    assert states([second, third]) == [LineState.WAITING_LIST, LineState.OFFERED]


def test_a_place_that_nobody_could_use_is_offered_once_somebody_can(three):
    _, second, third = three
    ended(second, third)
    absent(three[0])
    assert (states([second, third]), taken()) == ([LineState.WAITING_LIST, LineState.WAITING_LIST], 0)
    assert list(waiting_list.unserved()) == [(second, DAY)]
    tasks.PERIODIC["places"][1]()
    assert states([second, third]) == [LineState.WAITING_LIST, LineState.WAITING_LIST]
    with db.transaction() as writing:
        writing.get_one(Enrolment, third).last_day = None
    tasks.PERIODIC["places"][1]()
    assert (states([second, third]), taken()) == ([LineState.WAITING_LIST, LineState.OFFERED], 1)
    assert list(waiting_list.unserved()) == []
    with later(days=4):
        assert list(waiting_list.unserved()) == []


def ended(*numbers):
    """The day before."""
    with db.transaction() as writing:
        for number in numbers:
            writing.get_one(Enrolment, number).last_day = DAY - timedelta(days=1)


def test_whose_child_is_booked_by_the_other_household_by_now_is_passed_over(three):
    _, second, third = three
    with db.transaction() as writing:
        waiting = writing.get_one(Enrolment, second)
        theirs = enrolment(waiting.activity, dupont().family, waiting.child)
        calendar = Slot.of_family(durand().family_id, second, DAY).calendar
        over = the_door.Override(capacity=True)
        the_door.book(theirs, DAY, calendar, submitted_at=clock.local_now(), override=over)
        number = theirs.id
    with db.transaction() as writing:
        writing.query(PoolDay).filter_by(day=DAY).one().capacity = 2
    absent(three[0])
    assert states([second, third]) == [LineState.WAITING_LIST, LineState.OFFERED]
    assert booked() == [number]


def test_who_has_another_activity_of_the_group_may_still_prefer_this_one(three):
    _, second, _ = three
    with db.transaction() as writing:
        waiting = writing.get_one(Enrolment, second)
        waiting.activity.exclusive_group = "jour"
        other = enrolment(activity("Autre", exclusive_group="jour"), durand().family, waiting.child).id
    assert ask(other, adult=durand) is LineState.ACCEPTED
    absent(three[0])
    with pytest.raises(RefusedError, match=r"déjà une réservation ce jour-là.*Autre"):
        answer(second, offer.accept, durand)
    absent(other, durand)
    answer(second, offer.accept, durand)
    assert booked() == [second]


def test_a_place_granted_beyond_the_others_is_nobody_else_s(three):
    """Over capacity, for one child: when it leaves, the room is full as before."""
    first, second, third = three
    with db.transaction() as writing:
        line = writing.get_one(RequestLine, line_of_in(second))
        calendar = Slot.of_family(durand().family_id, second, DAY).calendar
        acceptance.accept(line, calendar, override=the_door.Override(capacity=True))
    assert (taken(), booked()) == (2, [first, second])
    absent(second, durand)
    assert line_of(third).state is LineState.WAITING_LIST
    assert (taken(), booked()) == (1, [first])
    absent(first)
    assert line_of(third).state is LineState.OFFERED


def test_another_family_goes_just_before_a_sister_and_not_before_her_brother():
    with db.transaction():
        one = activity(places=0)
        brother, sister, other = (enrolment(one, adult.family).id for adult in (dupont(), dupont(), durand()))
    with db.transaction() as writing:
        rows = [(writing.get_one(Enrolment, number), DAY) for number in (brother, sister)]
        Asking(RequestKind.BOOKING, rows, Author(dupont()), "both").send()
    ask(other, adult=durand)
    with db.transaction() as writing:
        moved, before = (writing.get_one(RequestLine, line_of_in(number)) for number in (other, sister))
        waiting_list.move_before(moved, before)
    assert [line.enrolment_id for line in waiting_list.in_line(line_of(other))] == [brother, other, sister]


def test_who_waited_until_the_day_had_passed_reads_that_nothing_came_free(three):
    with later(days=3):
        assert list(offer.outlived(10)) == []
    with later(days=4):
        assert list(offer.outlived(10)) == [line_of_in(number) for number in three[1:]]
        with db.transaction():
            offer.close(line_of_in(three[1]))
    assert line_of(three[1]).state is LineState.REFUSED
    assert line_of(three[1]).decision_reason == "Aucune place ne s’est libérée avant ce jour."
    assert line_of(three[2]).state is LineState.WAITING_LIST


def test_who_could_not_have_come_any_more_reads_so_once_the_day_has_passed(three):
    ended(three[1])
    with later(days=4), db.transaction():
        offer.close(line_of_in(three[1]))
    assert line_of(three[1]).decision_reason == "L’inscription ne couvre pas ce jour."


@pytest.fixture
def proposed():
    """A day that waits for an agent, and another one proposed instead, of one place: the enrolment and that day."""
    new = DAY + timedelta(days=5)
    with db.transaction():
        number = enrolment(activity(places=1, approval=Approval.MANUAL), dupont().family).id
    ask(number)
    with db.transaction() as writing:
        line = writing.get_one(RequestLine, line_of_in(number))
        proposal.propose(line, line.enrolment, new)
    return number, new


def test_the_day_that_is_proposed_cannot_be_asked_besides(proposed):
    number, new = proposed
    with pytest.raises(RefusedError, match="attend déjà"):
        ask(number, new)


def test_the_proposal_stands_and_is_answered_on_the_day_that_it_proposes(proposed):
    number, new = proposed
    slot = Slot.of_family(dupont().family_id, number, new)
    assert slot_details.state(slot) == "Autre proposition"
    assert slot_menu.entries(slot)[0].href == f"/inscriptions/{number}/{new}/proposition"
    with db.transaction():
        slot.answer_offer(takes=True, seen=f"{number}:{new}", by=Author(dupont()))
    assert booked(new) == [number]
    assert slot_details.state(Slot.of_family(dupont().family_id, number, DAY)) == "Libre"


def test_answered_twice_the_same_way_it_is_one_answer(three):
    absent(three[0])
    answer(three[1], offer.accept, durand)
    answer(three[1], offer.accept, durand)
    assert (taken(), booked()) == (1, [three[1]])
    with pytest.raises(RefusedError, match="plus de réponse"):
        answer(three[1], offer.decline, durand)


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
