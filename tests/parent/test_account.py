"""Mon compte: what the family sees of its file, and asks to be changed."""

from app import db
from app.models import Adult, Job, Request, RequestLine
from app.models.request import LineState
from tests.conftest import text_of

RESPONSABLE = "/mon-compte/responsable/modification"
IDENTITY = {"civility": "Monsieur", "last_name": "DUPONT", "first_name": "JEAN", "situation": "Séparé"}


def lines() -> list[RequestLine]:
    db.session.rollback()
    return list(db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id))


def jean_dupont() -> Adult:
    db.session.rollback()
    return db.session.query(Adult).filter_by(first_name="JEAN").one()


def ask(jean, **wanted):
    mail = jean_dupont().email
    return jean.send_form(RESPONSABLE, {**IDENTITY, "email": mail, **wanted})


def test_what_is_asked_waits_and_changes_nothing(jean):
    answer = ask(jean, phone_mobile="06 12 34 56 78", city="Toulouse")
    assert answer.status_code == 303
    receipt = text_of(jean.get(answer.location))
    assert "Mobile" in receipt
    assert {(line.field, line.before, line.after) for line in lines()} == {
        ("phone_mobile", "", "06 12 34 56 78"),
        ("city", "", "Toulouse"),
    }
    assert jean_dupont().phone_mobile == ""
    assert [job.payload["template"] for job in db.session.query(Job).filter_by(kind="mail")] == ["request_received"]


def test_a_second_change_amends_the_one_that_waits(jean):
    ask(jean, phone_mobile="06 12 34 56 78")
    page = text_of(jean.get(RESPONSABLE))
    assert "En attente de réponse" in page
    ask(jean, phone_mobile="06 12 34 56 79")
    (line,) = lines()
    assert (line.after, line.version, line.state) == ("06 12 34 56 79", 2, LineState.SUBMITTED)
    assert db.session.query(Request).count() == 1


def test_put_back_to_what_the_file_says_it_is_withdrawn(jean):
    ask(jean, phone_mobile="06 12 34 56 78")
    ask(jean, phone_mobile="")
    (line,) = lines()
    assert line.state is LineState.WITHDRAWN


def test_nothing_changed_is_said(jean):
    answer = ask(jean)
    assert answer.status_code == 422
    assert "Rien n’est changé" in text_of(answer)
