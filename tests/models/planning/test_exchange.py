"""A day for another: the old one is kept until the new one is granted, and what happened meanwhile is not erased."""

from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.enrolments import Attendance, Booking, BookingState
from app.models.families.author import Author
from app.models.places import offer
from app.models.planning import exchange, slot_menu
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.requests import LineState, RequestLine
from app.models.reviews import acceptance, proposal
from app.models.town import Approval, DeadlineKind
from app.models.town.deadline import DeadlineRule
from tests.builders import activity, dupont, durand, enrolment
from tests.models.places.test_waiting_list import DAY, absent, answer, ask, booked, later, line_of, line_of_in, taken

NEW = DAY + timedelta(days=4)


pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def one(app) -> int:
    """An enrolment with a day booked, and a place on the others."""
    with db.transaction():
        number = enrolment(activity(places=1), dupont().family).id
    ask(number)
    return number


@pytest.fixture
def asked_of_an_agent(app) -> int:
    """An enrolment whose day is booked and asked in exchange for another, where an agent decides."""
    with db.transaction():
        of = activity(places=2, approval=Approval.MANUAL)
        number = enrolment(of, dupont().family).id
    ask(number)
    accept(number, DAY)
    assert change(number) is LineState.SUBMITTED
    return number


def change(number, old=DAY, new=NEW, submission="exchange") -> LineState:
    with db.transaction():
        slot = Slot.of_family(dupont().family_id, number, old)
        return slot.exchange(new, by=Author(dupont()), submission=submission).lines[0].state


def accept(number, day) -> None:
    with db.transaction() as writing:
        slot = Slot.of_family(dupont().family_id, number, day)
        acceptance.accept(writing.get_one(RequestLine, line_of_in(number)), slot.calendar)


def why_not(number, day=DAY) -> str | None:
    db.session.rollback()
    slot = Slot.of_family(dupont().family_id, number, day)
    return exchange.why_not(slot.enrolment, day, slot.calendar, at=clock.local_now())


def entry(number, day=DAY):
    db.session.rollback()
    entries = slot_menu.entries(Slot.of_family(dupont().family_id, number, day))
    return next(entry for entry in entries if entry.label == "Échanger ce jour")


def test_a_day_is_exchanged_once_the_new_one_is_granted(one):
    assert change(one) is LineState.ACCEPTED
    assert (booked(), booked(NEW), taken()) == ([], [one], 0)


def test_the_old_day_is_kept_while_the_new_one_waits(one):
    with db.transaction() as writing:
        theirs = enrolment(writing.get_one(RequestLine, line_of_in(one)).enrolment.activity, durand().family).id
    ask(theirs, NEW, adult=durand)
    assert change(one) is LineState.WAITING_LIST
    assert (booked(), booked(NEW)) == ([one], [theirs])
    absent(theirs, durand, NEW)
    answer(one, offer.accept)
    assert (booked(), booked(NEW)) == ([], [one])


def test_a_day_that_is_not_booked_is_exchanged_for_nothing(one):
    with pytest.raises(RefusedError, match="pas réservé"):
        change(one, NEW, DAY)


def test_too_late_to_give_it_back_it_is_said_with_the_date_before_the_form_is_filled(one):
    with db.transaction() as writing:
        of = writing.get_one(RequestLine, line_of_in(one)).enrolment.activity
        of.cancelling_rule = DeadlineRule(DeadlineKind.DAYS, 4, of.cancelling_rule.at)
    assert entry(one).href is None
    assert "trop tard" in entry(one).reason
    assert "jusqu’au dimanche 3 mai 2015" in entry(one).reason
    with pytest.raises(RefusedError, match="trop tard"):
        change(one)


def test_a_day_is_given_in_exchange_once_at_a_time(asked_of_an_agent):
    assert "L’échange contre le lundi 11 mai 2015 attend déjà" in entry(asked_of_an_agent).reason
    with pytest.raises(RefusedError, match="attend déjà"):
        change(asked_of_an_agent, new=NEW + timedelta(days=1), submission="again")


def test_a_day_with_an_absence_that_waits_is_not_exchanged(asked_of_an_agent):
    with db.transaction():
        Slot.of_family(dupont().family_id, asked_of_an_agent, NEW).withdraw(by=Author(dupont()))
    assert why_not(asked_of_an_agent) is None
    absent(asked_of_an_agent)
    assert "attend déjà" in why_not(asked_of_an_agent)


def test_sent_twice_it_is_one_exchange(one):
    change(one)
    assert change(one) is LineState.ACCEPTED
    assert (booked(), booked(NEW)) == ([], [one])


@pytest.mark.parametrize("what", ["past", "attended", "absent"])
def test_what_happened_on_the_old_day_is_not_erased_by_a_late_answer(asked_of_an_agent, what):
    number = asked_of_an_agent
    if what == "attended":
        with db.transaction() as writing:
            writing.add(Attendance(enrolment_id=number, day=DAY, present=True))
    elif what == "absent":
        with db.transaction() as writing:
            writing.query(Booking).filter_by(enrolment_id=number).one().state = BookingState.ABSENT_BILLED
    with later(days=4 if what == "past" else 0), pytest.raises(RefusedError, match="jeudi 7 mai 2015 ne peut plus"):
        accept(number, NEW)
    kept = db.session.query(Booking).filter_by(enrolment_id=number).one()
    assert (kept.day, kept.state) == (
        DAY,
        BookingState.ABSENT_BILLED if what == "absent" else BookingState.BOOKED,
    )


def test_who_has_nothing_to_give_any_more_is_offered_nothing(one):
    with db.transaction() as writing:
        of = writing.get_one(RequestLine, line_of_in(one)).enrolment.activity
        first, last = (enrolment(of, durand().family).id for _ in range(2))
    ask(first, NEW, adult=durand)
    assert change(one) is LineState.WAITING_LIST
    ask(last, NEW, adult=durand)
    absent(one)
    absent(first, durand, NEW)
    assert line_of(one, NEW).state is LineState.WAITING_LIST
    assert line_of(last, NEW).state is LineState.OFFERED


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        (True, "Le jeudi 7 mai 2015 n’est plus réservé\u00a0: il ne pouvait plus être rendu."),
        (False, "Aucune place ne s’est libérée avant le jeudi 7 mai 2015, à rendre en échange."),
    ],
)
def test_who_waited_for_an_exchange_until_the_day_had_passed_reads_why(one, gone, why):
    with db.transaction() as writing:
        theirs = enrolment(writing.get_one(RequestLine, line_of_in(one)).enrolment.activity, durand().family).id
    ask(theirs, NEW, adult=durand)
    assert change(one) is LineState.WAITING_LIST
    if gone:
        absent(one)
    with later(days=8), db.transaction():
        offer.close(line_of(one, NEW).id)
    assert line_of(one, NEW).decision_reason == why


def test_no_other_day_is_proposed_to_who_has_nothing_to_give_any_more(asked_of_an_agent):
    with db.transaction() as writing:
        writing.query(Booking).filter_by(enrolment_id=asked_of_an_agent).one().state = BookingState.ABSENT_BILLED
    line = line_of(asked_of_an_agent, NEW)
    with pytest.raises(RefusedError, match="jeudi 7 mai 2015 ne peut plus être rendu"), db.transaction():
        proposal.propose(line, line.enrolment, NEW + timedelta(days=1))
    assert line_of(asked_of_an_agent, NEW).state is LineState.SUBMITTED


def test_the_days_to_choose_are_those_of_the_next_weeks(one):
    slot = Slot.of_family(dupont().family_id, one, DAY)
    days = [line.day for line in exchange.choices(slot.enrolment)]
    assert date(2015, 5, 11) in days
    assert DAY not in days
    assert max(days) <= clock.today() + timedelta(days=60)
