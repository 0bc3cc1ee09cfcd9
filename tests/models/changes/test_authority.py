"""What was asked by a parent without authority any more; a form sent twice."""

import pytest

from app import db
from app.models.changes import change
from app.models.families import Authority, Consent
from app.models.families.author import Author
from app.models.families.sections.child import AUTHORISATIONS, ENROLMENT, HEALTH, INSURANCE
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests import LineState
from tests.builders import activity, dupont
from tests.models.changes.changing import PEANUT, WASPS, accept, ask, ask_of_lea, jeanne, lea, lines, rows

pytestmark = pytest.mark.usefixtures("inside")


def lose_authority(who) -> None:
    with db.transaction() as writing:
        writing.query(Authority).filter_by(adult_id=who().id, child_id=lea()).delete()


def test_what_a_parent_without_authority_any_more_asked_is_not_applied():
    number = ask_of_lea(AUTHORISATIONS, leaves_alone="oui")
    other = ask_of_lea(INSURANCE, submission="two", insurer="MAIF")
    lose_authority(dupont)
    for one in (number, other):
        with pytest.raises(RefusedError, match="JEAN DUPONT n’a plus l’autorité parentale"):
            accept(one)
    assert db.session.query(Consent).count() == 0
    with pytest.raises(RefusedError, match="Rien n’est changé"):
        ask_of_lea(AUTHORISATIONS, by=jeanne, submission="three", leaves_alone="oui", seen={"leaves_alone": "oui"})
    ask_of_lea(AUTHORISATIONS, by=jeanne, submission="four", leaves_alone="non")
    accept(number, version=2)
    assert [(one.granted, one.signatory) for one in db.session.query(Consent)] == [(False, "JEANNE DUPONT")]


def test_an_enrolment_that_a_parent_without_authority_any_more_asked_is_not_made():
    with db.transaction():
        record = {"activity_id": str(activity("Club").id), "first_day": "2015-06-01"}
        record |= {"even_weeks": "2", "odd_weeks": "2", "last_day": ""}
        number = change.ask_for(ENROLMENT, record, by=Author(dupont()), submission="new", child_id=lea()).id
    lose_authority(dupont)
    with pytest.raises(RefusedError, match="n’a plus l’autorité parentale"):
        accept(number)


def test_a_form_that_amended_or_withdrew_gets_the_same_receipt_again():
    number = ask(phone_mobile="06 39 98 00 11")
    seen = {"phone_mobile": "06 39 98 00 11"}
    for _ in range(2):
        assert ask(submission="two", seen=seen, phone_mobile="06 39 98 00 22") == number
    assert [line.version for line in lines()] == [2]
    for _ in range(2):
        assert ask(submission="three", seen={"phone_mobile": "06 39 98 00 22"}, phone_mobile="") == number
    assert [line.state for line in lines()] == [LineState.WITHDRAWN]
    assert db.session.query(Job).filter_by(kind="mail").count() == 2


def test_a_form_that_was_amended_since_is_not_asked_again_when_it_is_sent_twice():
    ask_of_lea(HEALTH, alerts=rows(PEANUT))
    ask_of_lea(HEALTH, submission="two", alerts=rows(PEANUT, WASPS))
    ask_of_lea(HEALTH, submission="three", alerts=rows(WASPS))
    ask_of_lea(HEALTH, submission="two", seen={"alerts": ""}, alerts=rows(PEANUT, WASPS))
    assert [line.after for line in lines()] == [rows(WASPS)]
