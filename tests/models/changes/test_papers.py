"""The paper that comes with a change."""

import pytest

from app import db
from app.models.event import Event
from app.models.families.sections.account import BANQUE, CAF, FISCALES
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests import LineState, Request
from app.models.upload import Paper
from tests.models.changes.changing import IBAN, OTHER, accept, ask, decide, jeanne, lines, paper

pytestmark = pytest.mark.usefixtures("inside")


def test_a_paper_is_forgotten_when_nothing_waits_any_more_and_not_before():
    paper = Paper("a" * 32, "application/pdf", 12)
    number = ask(CAF, paper=paper, quotient="742", fund_number="1234567")
    decide(number, lambda one: one.accept(one.pending[0].id, version=1))
    assert db.session.get(Request, number).proof is not None
    assert db.session.query(Job).filter_by(kind="forget_file").count() == 0
    decide(number, lambda one: one.refuse(one.pending[0].id, version=1, reason="Illisible"))
    db.session.expire_all()
    assert db.session.get(Request, number).proof is None
    (job,) = db.session.query(Job).filter_by(kind="forget_file")
    assert job.payload == {"key": "a" * 32}


def test_another_paper_takes_the_place_of_the_first():
    number = ask(CAF, paper=Paper("a" * 32, "application/pdf", 12), quotient="742")
    ask(CAF, submission="two", paper=Paper("b" * 32, "image/png", 5), quotient="743")
    db.session.expire_all()
    assert db.session.get(Request, number).proof.storage_key == "b" * 32
    (job,) = db.session.query(Job).filter_by(kind="forget_file")
    assert job.payload == {"key": "a" * 32}


def steps() -> list[tuple[str, dict[str, str] | None]]:
    """What the journal says of the lines, oldest first."""
    noted = db.session.query(Event).filter(Event.kind.startswith("line_")).order_by(Event.id)
    return [(event.kind, event.after) for event in noted]


def test_a_paper_that_replaces_the_one_an_agent_read_sends_the_line_back_and_is_noted():
    number = ask(FISCALES, paper=paper("a"), tax_income="21000")
    decide(number, lambda one: one.take())
    assert ask(FISCALES, submission="two", paper=paper("b")) == number
    (line,) = lines()
    assert (line.state, line.version, line.after) == (LineState.SUBMITTED, 2, "21000")
    with pytest.raises(RefusedError, match="La famille a modifié sa demande entre-temps"):
        accept(number)
    accept(number, version=2)
    assert [kind for kind, _ in steps()] == ["line_submitted", "line_paper_replaced", "line_accepted"]
    assert steps()[1] == ("line_paper_replaced", {"line": "Revenu fiscal de référence"})


def test_a_first_paper_sends_back_what_waited_without_one_and_not_what_comes_with_it():
    number = ask(CAF, quotient="742")
    decide(number, lambda one: one.take())
    ask(CAF, submission="two", paper=paper(), fund_number="1234567")
    assert [(line.field, line.version, line.state) for line in lines()] == [
        ("quotient", 2, LineState.SUBMITTED),
        ("fund_number", 1, LineState.SUBMITTED),
    ]
    assert {kind for kind, _ in steps()} == {"line_submitted", "line_paper_joined"}


def test_a_paper_sent_with_the_first_demand_is_part_of_it():
    ask(CAF, paper=paper(), quotient="742")
    assert [line.version for line in lines()] == [1]
    assert [kind for kind, _ in steps()] == ["line_submitted"]


def test_what_is_secret_is_named_in_the_journal_and_not_told():
    number = ask(BANQUE, iban=IBAN)
    ask(BANQUE, submission="two", iban=OTHER)
    accept(number, version=2)
    noted = [event for event in db.session.query(Event) if event.kind.startswith("line_")]
    assert {event.kind for event in noted} == {"line_submitted", "line_amended", "line_accepted"}
    assert all(event.before is None and event.after == {"line": "IBAN"} for event in noted)


def test_the_receipt_is_for_who_asked_added_or_amended():
    with db.transaction():
        jeanne().email = "jeanne@example.org"
    number = ask(phone_mobile="06 39 98 00 11")
    ask(by=jeanne, submission="two", profession="Boulanger", phone_mobile="06 39 98 00 22")
    ask(by=jeanne, submission="three", phone_mobile="06 39 98 00 33")
    ask(by=jeanne, submission="four", phone_mobile="")
    code = db.session.get_one(Request, number).code
    sent = [
        (job.payload["to"], job.payload["context"]["code"]) for job in db.session.query(Job).filter_by(kind="mail")
    ]
    assert sent == [("jean.dupont@wanadoo.fr", code), ("jeanne@example.org", code), ("jeanne@example.org", code)]
