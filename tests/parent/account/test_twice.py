"""Mon compte: two adults, two pages, a form sent twice."""

import io

import pytest

from app import db
from app.models.accounts import Account
from app.models.families import Adult, Finances
from app.models.jobs import Job
from app.models.requests import LineState, Proof, Request
from tests.conftest import text_of
from tests.filling import send_on
from tests.parent.account.asking import (
    OTHER,
    PAGE,
    PDF,
    adult,
    ask,
    bank,
    decide,
    finances,
    form_of,
    lines,
    send,
)


def test_the_two_adults_of_a_file_see_and_amend_the_same_request(app, jean):
    with app.app_context(), db.transaction() as writing:
        login = Account.create("jeanne.dupont", Account.named("jean.dupont").password_hash)
        writing.add(login)
        person = db.session.query(Adult).filter_by(first_name="JEANNE").one()
        person.account = login
    ask(jean, phone_mobile="06 39 98 00 11")
    other = app.test_client()
    other.log_in("jeanne.dupont")
    assert "06 39 98 00 11 en attente" in text_of(other.get(PAGE))
    ask(other, phone_mobile="06 39 98 00 22")
    (line,) = lines()
    assert (line.after, line.version) == ("06 39 98 00 22", 2)


def test_what_changed_since_the_page_was_shown_is_told_and_nothing_typed_is_lost(jean):
    older = jean.get(form_of("responsable")).text
    ask(jean, phone_mobile="06 39 98 00 11")
    answer = send_on(jean, older, form_of("responsable"), phone_mobile="06 39 98 00 22", profession="Boulanger")
    assert answer.status_code == 422
    told = text_of(answer)
    assert "Ce que vous modifiez a changé depuis que cette page est ouverte." in told
    assert "Mobile est maintenant « 06 39 98 00 11 », vous aviez écrit « 06 39 98 00 22 »." in told
    assert [line.after for line in lines()] == ["06 39 98 00 11"]
    assert send_on(jean, answer.text, form_of("responsable")).status_code == 303
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 22",
        "profession": "Boulanger",
    }


def test_of_two_pages_the_second_account_number_is_not_taken_unread(jean, on_file):
    older = jean.get(form_of("banque")).text
    bank(jean, iban=OTHER)
    again = "FR76 3000 1007 9412 3456 7890 185"
    answer = send_on(jean, older, form_of("banque"), iban=again)
    assert answer.status_code == 422
    assert "IBAN est maintenant « •••• 2606 »" in text_of(answer)
    assert OTHER not in answer.text.replace(" ", "")
    assert send_on(jean, answer.text, form_of("banque"), iban=again).status_code == 303
    assert [line.after for line in lines() if line.field == "iban"] == [again.replace(" ", "")]


def test_put_back_by_a_double_click_it_shows_its_receipt(jean):
    receipt = ask(jean, phone_mobile="06 39 98 00 11").location
    page = jean.get(form_of("responsable")).text
    for _ in range(2):
        assert send_on(jean, page, form_of("responsable"), phone_mobile="").location == receipt


@pytest.mark.parametrize("figure", ["650", None])
@pytest.mark.parametrize(
    ("section", "field", "button"),
    [("caf", "quotient", "l’attestation de la caisse"), ("fiscales", "tax_income", "l’avis d’imposition")],
)
def test_a_paper_comes_alone_and_is_forgotten_once_read(app, jean, section, field, button, figure):
    with app.app_context(), db.transaction():
        setattr(db.session.query(Finances).one(), field, figure)
    url = form_of(section)
    assert "Vous pouvez l’envoyer seul." in text_of(jean.get(url))
    answer = send_on(jean, jean.get(url).text, url, fichier=(io.BytesIO(PDF), "a.pdf"))
    assert answer.status_code == 303
    receipt, waits = answer.location, f"{figure} €, confirmé par un document" if figure else "À lire sur le document"
    assert waits in text_of(jean.get(receipt))
    assert waits in text_of(jean.get(PAGE))
    assert waits.lower() in text_of(jean.get(f"/demandes?rubrique={section}")).lower()
    assert jean.get(f"{receipt}.pdf").status_code == 200
    guichet = app.test_client()
    guichet.log_in("guichet")
    page = text_of(guichet.get(f"/agent{receipt}"))
    assert waits in page
    assert f"Ouvrir {button}" in page
    decide(app, "acceptation")
    assert [line.state for line in lines()] == [LineState.ACCEPTED]
    assert getattr(finances(), field) == figure
    assert db.session.query(Proof).count() == 0
    assert db.session.query(Job).filter_by(kind="forget_file").count() == 1


def test_the_number_of_another_family_s_form_serves_once(app, client):
    for login, status in (("jean.dupont", 303), ("durand", 422)):
        client.log_in(login)
        answer = send(client, "caf", quotient="1234", submission="the-same")
        assert answer.status_code == status
        client.log_out()
    assert "Ce formulaire a déjà servi" in text_of(answer)
    assert db.session.query(Request).filter_by(submission="the-same").one().family_id == adult().family_id
