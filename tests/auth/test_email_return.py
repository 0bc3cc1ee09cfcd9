"""The address that opens an account: who changes it, what ends the links that were mailed, how it comes back."""

import re
from datetime import timedelta

import pytest
import time_machine

from app import clock, db
from app.models.accounts import Account, Agent, password
from app.models.accounts.clerk import Clerk
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.event import Event
from app.models.families import Adult
from app.models.families.author import Author
from app.models.families.sections.account import CONJOINT, RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests import RequestLine
from app.models.reviews.review import Review
from tests.auth.test_password import ask, choose, link_from, mails
from tests.builders import clerk
from tests.conftest import text_of

MINE, THEIRS = "jean.dupont@wanadoo.fr", "intrus@famille.example"


def jean() -> Account:
    return Account.named("jean.dupont")


def by() -> Clerk:
    return Clerk(db.session.query(Agent).first())


def change_email(app, email: str) -> str:
    """The link that the former address gets."""
    with app.app_context(), db.transaction() as writing:
        jean().change_email(email, by=by())
        writing.flush()
        mail = writing.query(Job).filter_by(kind="mail").order_by(Job.id.desc()).first()
        return f"/mot-de-passe/adresse/{mail.payload['context']['token']}"


def undo(client, link: str):
    return client.send_form(link, {})


@pytest.mark.parametrize(
    "end",
    [
        lambda: jean().change_password(password.hash_password("Autre2026"), address=""),
        lambda: jean().give_one_time(password.hash_password("Autre2026"), by=by()),
        lambda: jean().change_email(THEIRS, by=by()),
        lambda: jean().lock(by=by()),
    ],
    ids=["password", "one-time password", "address", "lock"],
)
def test_a_mailed_link_dies_with_what_it_was_asked_for(client, app, worker, end):
    ask(client)
    link = link_from(app, worker)
    assert client.get(link).status_code == 200
    with app.app_context(), db.transaction():
        end()
    assert client.get(link).status_code == 404


def test_the_former_address_takes_the_account_back(client, app, worker):
    client.log_in_by_form("jean.dupont")
    link = change_email(app, THEIRS)
    intruder = app.test_client()
    ask(intruder)
    choose(intruder, link_from(app, worker), "Intrus-2031")
    assert MINE in text_of(client.get(link))
    assert undo(client, link).status_code == 303
    assert client.get("/").status_code == 303  # whoever was inside is out
    assert intruder.log_in_by_form("jean.dupont", "Intrus-2031").status_code == 422
    worker.run_all()
    (mail,) = [mail for mail in mails(app) if "choisir un nouveau" in mail and f"To: {MINE}" in mail]
    new = re.search(r"http://localhost(/mot-de-passe/\S+)", mail)[1]
    assert choose(client, new).status_code == 303
    with app.app_context():
        assert jean().email == MINE
        assert db.session.query(Event).filter_by(kind="email_returned", subject_id=jean().id).count() == 1


def test_two_changes_of_address_do_not_shake_it_off_and_the_intruder_has_no_way_back(client, app):
    link = change_email(app, THEIRS)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        theirs = change_email(app, "encore@famille.example")
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        assert undo(client, link).status_code == 303
        assert client.get(theirs).status_code == 404
        assert client.get(link).status_code == 404


@pytest.mark.parametrize(("days", "status"), [(6.9, 200), (7.1, 404)])
def test_it_is_good_for_a_week(client, app, days, status):
    link = change_email(app, THEIRS)
    with time_machine.travel(clock.now() + timedelta(days=days), tick=True):
        assert client.get(link).status_code == status


@pytest.mark.parametrize("token", ["x", "gAAAAABl", "%5B1%2C2%5D"])
def test_a_link_that_we_did_not_write_opens_nothing(client, token):
    answer = client.get(f"/mot-de-passe/adresse/{token}")
    assert answer.status_code == 404
    assert "Ce lien ne fonctionne plus" in text_of(answer)


def asked(section, by: Adult, agent: Agent | None = None, **wanted) -> int:
    with db.transaction():
        wish = Wish(Sheet(section, by.family_id), wanted, {})
        return change.ask(section.kind, [wish], by=Author(by, agent), submission=f"{wanted}").id


@pytest.fixture
def jeanne(inside) -> Adult:
    """The other adult, who has an account too."""
    with db.transaction() as writing:
        found = writing.query(Adult).filter_by(first_name="JEANNE").one()
        found.account = Account.create("jeanne.dupont", "x")
        found.email = "jeanne@famille.example"
    return found


def test_nobody_asks_for_the_address_that_opens_another_s_account(jeanne):
    with pytest.raises(RefusedError, match="ouvre son compte"):
        asked(CONJOINT, jean().adult, email=THEIRS)
    with pytest.raises(RefusedError, match="ouvre son compte"):
        asked(RESPONSABLE, jeanne, email=THEIRS)
    with pytest.raises(RefusedError, match="ouvre son compte"):
        asked(CONJOINT, jean().adult, agent=by().agent, email=THEIRS)
    assert asked(CONJOINT, jean().adult, phone_mobile="0639980011")
    assert asked(RESPONSABLE, jean().adult, email=THEIRS)


def test_an_address_that_opens_nothing_is_asked_for_as_before(inside):
    assert asked(CONJOINT, jean().adult, email=THEIRS)


def test_an_agent_accepts_it_alone_having_read_what_it_opens(jeanne):
    number = asked(RESPONSABLE, jean().adult, email=THEIRS, phone_mobile="0639980011")
    with db.transaction():
        review = Review.locked(clerk("guichet"), number)
        with pytest.raises(RefusedError, match="ouvre le compte de JEAN DUPONT"):
            review.accept_all(seen=review.stamp)
    with db.transaction():
        review = Review.locked(clerk("guichet"), number)
        line = next(line for line in review.lines if line.field == "email")
        with pytest.raises(RefusedError, match="acceptez cette ligne seule"):
            review.accept(line.id, version=line.version)
        review.accept(line.id, version=line.version, opens_account=True)
    assert jean().email == THEIRS


def test_the_agent_s_page_says_whose_account_it_opens_and_who_asks(app, client):
    with app.app_context():
        number = asked(RESPONSABLE, jean().adult, email=THEIRS, phone_mobile="0639980011")
        line = db.session.query(RequestLine).filter_by(request_id=number, field="email").one()
        address = f"/agent/demandes/{number}/lignes/{line.id}/acceptation"
    client.log_in("guichet")
    shown = text_of(client.get(f"/agent/demandes/{number}"))
    assert "Cette adresse ouvre le compte « jean.dupont » de JEAN DUPONT" in shown
    assert "répondez-y une à une" in shown
    assert client.send_form(address, {}, page=f"/agent/demandes/{number}").status_code == 303
    with app.app_context():
        assert jean().email == THEIRS
