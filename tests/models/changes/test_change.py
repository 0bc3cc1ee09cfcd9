"""Asking for a change of the file: amended while it waits, applied when accepted, refused when it is stale."""

import pytest

from app import db
from app.models.changes import change
from app.models.changes.three_way import standing
from app.models.event import Event
from app.models.families import Family, Finances
from app.models.families.sections.account import BANQUE, CAF, RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests import LineState
from tests.builders import dupont, durand
from tests.models.changes.changing import IBAN, OTHER, accept, ask, decide, jeanne, known, lines, paper

pytestmark = pytest.mark.usefixtures("inside")


def test_the_form_sent_twice_is_one_request():
    first = ask(phone_mobile="06 39 98 00 11")
    assert ask(phone_mobile="06 39 98 00 11") == first
    assert len(lines()) == 1
    assert db.session.query(Job).filter_by(kind="mail").count() == 1


def test_what_the_other_adult_asked_meanwhile_is_not_undone_by_an_older_page():
    seen = Sheet(RESPONSABLE, dupont().family_id).texts()
    ask(by=jeanne, phone_mobile="06 39 98 00 11")
    ask(submission="two", seen=seen, **{**seen, "profession": "Boulanger"})
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 11",
        "profession": "Boulanger",
    }


def test_amended_while_an_agent_has_it_it_goes_back_to_the_queue_and_the_old_answer_is_refused():
    number = ask(phone_mobile="06 39 98 00 11")
    decide(number, lambda one: one.take())
    assert lines()[0].state is LineState.IN_REVIEW
    assert ask(submission="two", phone_mobile="06 39 98 00 22") == number
    (line,) = lines()
    assert (line.state, line.version, line.after) == (LineState.SUBMITTED, 2, "06 39 98 00 22")
    with pytest.raises(RefusedError, match="La famille a modifié sa demande entre-temps"):
        accept(number)
    assert dupont().phone_mobile == ""
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 22"
    assert {event.kind for event in db.session.query(Event)} >= {"line_submitted", "line_amended", "line_accepted"}


def test_nothing_changed_is_refused_though_something_waits():
    ask(phone_mobile="06 39 98 00 11")
    with pytest.raises(RefusedError, match="Rien n’est changé"):
        ask(submission="two", phone_mobile="06 39 98 00 11")
    assert [(line.after, line.version) for line in lines()] == [("06 39 98 00 11", 1)]


def test_a_field_added_while_an_agent_has_the_request_joins_it_and_waits():
    number = ask(phone_mobile="06 39 98 00 11")
    decide(number, lambda one: one.take())
    assert ask(submission="two", profession="Boulanger") == number
    assert [line.state for line in lines()] == [LineState.IN_REVIEW, LineState.SUBMITTED]


def test_one_decided_is_not_amended_but_asked_anew():
    first = ask(phone_mobile="06 39 98 00 11")
    accept(first)
    second = ask(submission="two", phone_mobile="06 39 98 00 22")
    assert second != first
    assert [(line.before, line.after) for line in lines()] == [
        ("", "06 39 98 00 11"),
        ("06 39 98 00 11", "06 39 98 00 22"),
    ]


def test_an_amendment_starts_from_what_the_file_says_now():
    number = ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "07 00 00 00 00"
    with pytest.raises(RefusedError, match=r"Mobile est maintenant «\s07 00 00 00 00\s»"):
        accept(number)
    ask(submission="two", phone_mobile="06 39 98 00 33", seen={"phone_mobile": "06 39 98 00 11"})
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 33"


def test_sent_again_as_it_waits_it_starts_from_what_the_file_says_now():
    number = ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "07 00 00 00 00"
    page = standing(Sheet(RESPONSABLE, dupont().family_id), change.pending(dupont().family_id))
    assert page["phone_mobile"] == "06 39 98 00 11"
    assert ask(submission="two", seen=page, **page) == number
    (line,) = lines()
    assert (line.before, line.after, line.version) == ("07 00 00 00 00", "06 39 98 00 11", 2)
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 11"


def test_what_the_file_says_by_itself_meanwhile_is_not_asked_any_more_once_sent_again():
    ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "06 39 98 00 11"
    ask(submission="two", phone_mobile="06 39 98 00 11")
    assert lines()[0].state is LineState.WITHDRAWN


def test_an_account_number_left_blank_is_asked_again_when_the_file_got_another():
    ask(BANQUE, iban=IBAN)
    with db.transaction() as writing:
        writing.get_one(Finances, dupont().family_id).iban = OTHER
    ask(BANQUE, submission="two")
    (line,) = lines()
    assert (line.before, line.after, line.version) == (OTHER, IBAN, 2)


def test_a_paper_that_waits_does_not_keep_the_old_figure_in_the_form():
    known(quotient="650")
    ask(CAF, paper=paper(), quotient="650")
    known(quotient="742")
    sheet = Sheet(CAF, dupont().family_id)
    assert standing(sheet, change.pending(sheet.family_id))["quotient"] == "742"


def test_a_merged_file_takes_no_more_requests():
    with db.transaction() as writing:
        writing.get_one(Family, dupont().family_id).merged_into = durand().family_id
    with pytest.raises(RefusedError, match="réuni à un autre"):
        ask(phone_mobile="06 39 98 00 11")


def test_a_direct_debit_without_an_account_is_not_accepted():
    number = ask(BANQUE, direct_debit="oui")
    with pytest.raises(RefusedError, match="demande un IBAN"):
        accept(number)
    ask(BANQUE, submission="two", iban=IBAN)
    decide(number, lambda one: one.accept(one.request.lines[1].id, version=1))
    accept(number)
    db.session.expire_all()
    kept = db.session.get(Finances, dupont().family_id)
    assert (kept.iban, kept.direct_debit) == (IBAN, "oui")
