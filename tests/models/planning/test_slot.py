"""The verbs of a cell: asking, declaring, withdrawing, deciding."""

from datetime import timedelta

import pytest

from app import db
from app.models.enrolments import Booking, BookingState
from app.models.families import Family
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.requests import LineState, Request, decision
from app.models.reviews import acceptance
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY

pytestmark = pytest.mark.usefixtures("inside")


def make(**how) -> int:
    with db.transaction():
        return enrolment(activity(**how), dupont().family).id


def slot(number, day=DAY, adult=None) -> Slot | None:
    return Slot.of_family((adult or dupont()).family_id, number, day)


def ask(number, day=DAY, submission="one"):
    with db.transaction():
        return slot(number, day).ask_booking(by=Author(dupont()), submission=submission).lines[0].state


def absent(number, reason="Malade", submission="two"):
    with db.transaction():
        return slot(number).report_absence(by=Author(dupont()), reason=reason, submission=submission).lines[0].state


def state_of_booking(number):
    db.session.rollback()
    return db.session.query(Booking.state).filter_by(enrolment_id=number, day=DAY).scalar()


def test_automatic_and_in_time_it_is_booked_at_once():
    number = make()
    assert ask(number) is LineState.ACCEPTED
    assert state_of_booking(number) is BookingState.BOOKED


def test_manual_it_waits_for_an_agent():
    number = make(approval=Approval.MANUAL)
    assert ask(number) is LineState.SUBMITTED
    assert state_of_booking(number) is None


def test_too_late_one_may_still_ask_and_an_agent_decides():
    number = make()
    assert ask(number, GUIDE_DAY) is LineState.SUBMITTED
    assert db.session.query(Request).one().lines[0].late is True


@pytest.mark.parametrize("approval", list(Approval))
def test_a_full_day_leads_to_the_waiting_list(approval):
    assert ask(make(places=0, approval=approval)) is LineState.WAITING_LIST


def test_sent_twice_it_is_one_request():
    number = make()
    assert [ask(number), ask_again(number)] == [LineState.ACCEPTED, LineState.ACCEPTED]
    assert db.session.query(Request).count() == 1


def ask_again(number):
    """The same form, sent a second time: the day is booked by now, and that is no error."""
    return ask(number)


def test_asking_for_what_is_asked_already_is_refused():
    number = make(approval=Approval.MANUAL)
    ask(number)
    with pytest.raises(RefusedError, match="attend déjà"):
        ask(number, submission="another")


def test_an_absence_needs_a_reason_and_a_booking():
    number = make()
    with pytest.raises(RefusedError, match="n’est pas réservé"):
        absent(number)
    ask(number)
    with pytest.raises(RefusedError, match="raison"):
        absent(number, reason="  ")
    assert absent(number) is LineState.ACCEPTED
    assert state_of_booking(number) is BookingState.ABSENT_EXCUSED


def test_a_past_day_is_refused():
    number = make()
    with pytest.raises(RefusedError, match="est passé"):
        ask(number, GUIDE_DAY - timedelta(days=1))


def test_a_request_is_withdrawn_before_the_decision_and_not_after():
    number = make(approval=Approval.MANUAL)
    ask(number)
    with db.transaction():
        slot(number).withdraw(by=Author(dupont()))
    with pytest.raises(RefusedError, match="plus rien à retirer"), db.transaction():
        slot(number).withdraw(by=Author(dupont()))


def test_a_refusal_says_why_and_an_acceptance_books():
    number = make(approval=Approval.MANUAL)
    ask(number)
    with db.transaction():
        here = slot(number)
        with pytest.raises(RefusedError, match="pourquoi"):
            decision.refuse(here.open_line, reason=" ")
        acceptance.accept(here.open_line, here.calendar)
    assert state_of_booking(number) is BookingState.BOOKED


def test_nobody_reaches_the_slot_of_another_family():
    number = make()
    assert slot(number, adult=durand()) is None


def test_each_request_queues_its_acknowledgement():
    ask(make(approval=Approval.MANUAL))
    (mail,) = db.session.query(Job).filter_by(kind="mail")
    assert mail.payload["template"] == "request_received"
    assert "Malade" not in str(mail.payload)
    assert mail.payload["context"]["about"] == "le 06/05/2015"
    assert mail.payload["context"]["next"].startswith("Le service va l’examiner")


def test_what_was_granted_at_once_is_not_said_to_wait_for_the_service():
    ask(make())
    (mail,) = db.session.query(Job).filter_by(kind="mail")
    assert mail.payload["context"]["next"].startswith("Elle est acceptée")


def test_on_a_file_that_was_joined_to_another_meanwhile_it_is_refused():
    number = make()
    with db.transaction():
        here = slot(number)
        db.session.get(Family, dupont().family_id).merged_into = durand().family_id
        db.session.flush()
        with pytest.raises(RefusedError, match="réuni à un autre"):
            here.ask_booking(by=Author(dupont()), submission="late")
