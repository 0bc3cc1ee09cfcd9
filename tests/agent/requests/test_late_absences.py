"""A late absence is excused or billed by whom the permissions name, on purpose, and the family reads which."""

import re
from datetime import time

import pytest

from app import clock, db
from app.models.accounts import Account
from app.models.enrolments import Booking, BookingState
from app.models.event import Event
from app.models.families.author import Author
from app.models.places import door
from app.models.planning.many_days import Asking
from app.models.planning.slot import Slot
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request
from app.models.town import Approval, DeadlineKind, Structure
from app.models.town.calendar import Calendar
from app.models.town.deadline import DeadlineRule
from tests.agent.requests.answering import line_of
from tests.builders import DAY, EVE, activity, dupont, enrolment
from tests.conftest import text_of

PASSED = DeadlineRule(DeadlineKind.DAYS, 30, time(23, 59))
"""A deadline that Wednesday's absence does not meet."""


def booked(*days, rule=PASSED):
    row = enrolment(activity(approval=Approval.MANUAL, cancelling_rule=rule), dupont().family)
    assert not door.book_days(row, days, Calendar.between(min(days), max(days)), submitted_at=clock.local_now())
    return row


@pytest.fixture
def late(app) -> int:
    """A late absence, declared by a parent."""
    with app.app_context(), db.transaction():
        slot = Slot(booked(DAY), DAY)
        return slot.report_absence(by=Author(dupont()), reason="Fièvre", submission="late").id


def state(app, number):
    with app.app_context():
        line = db.session.get(Request, number).lines[0]
        return db.session.query(Booking).filter_by(enrolment_id=line.enrolment_id, day=DAY).one().state


def answer(client, app, number, **chosen):
    page = f"/agent/demandes/{number}"
    line = line_of(app, number)
    return client.send_form(f"{page}/lignes/{line.id}/acceptation", chosen, page=page)


@pytest.mark.parametrize(
    ("identifiant", "suite", "becomes", "said"),
    [
        ("guichet", "excusee", BookingState.ABSENT_EXCUSED, "acceptée, excusée"),
        ("guichet", "facturee", BookingState.ABSENT_BILLED, "acceptée, facturée"),
        ("regie", "facturee", BookingState.ABSENT_BILLED, "acceptée, facturée"),
        ("admin", "excusee", BookingState.ABSENT_EXCUSED, "acceptée, excusée"),
    ],
)
def test_it_is_excused_or_billed_and_the_family_reads_it(app, client, late, identifiant, suite, becomes, said):
    client.log_in(identifiant)
    assert answer(client, app, late, suite=suite).status_code == 303
    assert state(app, late) is becomes
    with app.app_context():
        noted = db.session.query(Event).filter_by(kind="line_accepted", subject_id=line_of(app, late).id).one()
        assert noted.after["verdict"] == said
    client.log_out("/agent/profil")
    client.log_in("jean.dupont")
    assert said in text_of(client.get(f"/demandes/{late}"))


def test_nothing_is_chosen_for_the_agent(app, guichet, late):
    refused = answer(guichet, app, late)
    assert refused.status_code == 422
    assert "dites si elle est excusée ou facturée" in text_of(refused)
    assert answer(guichet, app, late, suite="autre").status_code == 422
    assert state(app, late) is BookingState.BOOKED


def test_a_lot_leaves_it_out_and_says_so(app, guichet, late):
    opened = guichet.send_form("/agent/demandes/lots", {"demande": str(late)}, page="/agent/demandes")
    guichet.send_form(f"{opened.location}/suite", {}, page=opened.location)
    assert "dites si elle est excusée ou facturée" in text_of(guichet.get(opened.location))
    assert line_of(app, late).state in (LineState.SUBMITTED, LineState.IN_REVIEW)
    assert state(app, late) is BookingState.BOOKED


def test_those_of_one_request_get_one_choice_together(app, guichet):
    with app.app_context(), db.transaction():
        days = [DAY, DAY.replace(day=7)]
        row = booked(*days)
        wanted = [(row, day) for day in days]
        number = Asking(RequestKind.ABSENCE, wanted, Author(dupont()), "two", reason="Fièvre").send().id
    page = f"/agent/demandes/{number}"
    assert guichet.send_form(f"{page}/acceptation", {}, page=page).status_code == 422
    assert guichet.send_form(f"{page}/acceptation", {"suite": "facturee"}, page=page).status_code == 303
    with app.app_context():
        states = {
            one.state for one in db.session.query(Booking).filter_by(enrolment_id=line_of(app, number).enrolment_id)
        }
        assert states == {BookingState.ABSENT_BILLED}


@pytest.fixture
def animation(app, client):
    with app.app_context(), db.transaction():
        Account.named("animation").agent.structures = db.session.query(Structure).all()
    client.log_in("animation")
    return client


def test_animation_sees_it_and_passes_it_on_with_a_note(app, animation, late):
    page, line = f"/agent/demandes/{late}", line_of(app, late)
    shown = animation.get(page)
    assert "Accepter" not in text_of(shown)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)[1]
    sent = {"csrf_token": token, "version": "1", "seen": f"{line.id}.1", "suite": "excusee", "motif": "non"}
    for verb in ("acceptation", "refus"):
        for address in (f"{page}/lignes/{line.id}/{verb}", f"{page}/{verb}"):
            refused = animation.post(address, data=sent)
            assert refused.status_code == 422
            assert "transmettez" in text_of(refused)
    empty = animation.send_form(f"{page}/lignes/{line.id}/transmission", {"note": " "}, page=page)
    assert "Écrivez une note" in text_of(empty)
    animation.send_form(f"{page}/lignes/{line.id}/transmission", {"note": "Vu malade la veille"}, page=page)
    assert state(app, late) is BookingState.BOOKED
    other = app.test_client()
    other.log_in("guichet")
    read = text_of(other.get(page))
    assert "Vu malade la veille" in read
    assert "Prendre en charge" in read


def test_the_regie_reads_late_absences_alone_and_not_their_reason(app, client, late):
    with app.app_context(), db.transaction():
        row = enrolment(activity("Autre", approval=Approval.MANUAL), dupont().family)
        other = Slot.of_family(dupont().family_id, row.id, DAY).ask_booking(by=Author(dupont()), submission="b").id
    client.log_in("regie")
    listed = client.get("/agent/demandes").text
    assert f"/agent/demandes/{late}" in listed
    assert f"/agent/demandes/{other}" not in listed
    assert client.get(f"/agent/demandes/{other}").status_code == 404
    assert "Fièvre" not in client.get(f"/agent/demandes/{late}").text


@pytest.mark.parametrize(("rule", "warned"), [(PASSED, True), (EVE, False)])
def test_the_parent_reads_before_sending_that_it_will_be_billed(app, jean, rule, warned):
    with app.app_context(), db.transaction():
        number = booked(DAY, rule=rule).id
    page = text_of(jean.get(f"/inscriptions/{number}/{DAY}/absence"))
    assert ("Ce jour sera facturé, sauf si le service l’excuse." in page) is warned
