"""A change of a file on its page: old and new, and what helps to answer."""

import json

import pytest

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.families import Contact, ContactRole, Custody
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, FISCALES, RESPONSABLE
from app.models.families.sections.child import (
    INSURANCE,
    PERSONS,
)
from app.models.families.sections.values import Sheet
from app.models.requests import Request
from app.models.upload import Paper
from tests.agent.requests.answering import lines_of, wants
from tests.builders import dupont, durand
from tests.conftest import text_of


@pytest.fixture
def shared(app, lea) -> int:
    """The guide's child, who lives at the DURANDs' too."""
    with app.app_context(), db.transaction() as writing:
        writing.add(Custody(child_id=lea, family_id=durand().family_id))
    return lea


def test_a_change_is_read_old_and_new_with_who_asks_in_the_queue_and_on_its_page(app, guichet, lea):
    with app.app_context():
        with db.transaction():
            dupont().employer = "Le Fournil"
        number = wants(RESPONSABLE, employer="Mairie")
        child = wants(INSURANCE, child_id=lea, insurer="MAIF")
    queue = text_of(guichet.get("/agent/demandes"))
    assert "Employeur : Le Fournil → devient Mairie" in queue
    assert "LEA, Compagnie d’assurance : non renseigné → devient MAIF" in queue
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Le Fournil → devient Mairie" in page
    assert "Demandée par : JEAN DUPONT (père)" in page
    assert "Enfant : LEA DUPONT" in text_of(guichet.get(f"/agent/demandes/{child}"))


def test_what_an_agent_asked_for_the_family_says_so(app, guichet):
    with app.app_context(), db.transaction():
        adult = dupont()
        wish = Wish(Sheet(RESPONSABLE, adult.family_id), {"csp": "Employé"}, {"csp": ""})
        by = Author(adult, Account.named("admin").agent)
        number = change.ask(RESPONSABLE.kind, [wish], by=by, submission="one").id
        name = by.agent.name
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert f"Saisie par : {name}, agent, pour la famille" in page


def test_money_is_not_in_the_queue_and_an_account_number_is_whole_for_who_decides(app, guichet):
    with app.app_context():
        number = wants(BANQUE, iban="FR1420041010050500013M02606", bic="PSSTFRPPTOU")
    queue = guichet.get("/agent/demandes").text
    assert "IBAN" in queue
    assert "2606" not in queue
    assert "FR14 2004 1010 0505 0001 3M02 606" in text_of(guichet.get(f"/agent/demandes/{number}"))


def test_the_paper_is_named_for_what_it_is(app, guichet):
    with app.app_context():
        number = wants(FISCALES, tax_income="32450", paper=Paper("a-key", "application/pdf", 10))
    page = guichet.get(f"/agent/demandes/{number}")
    assert "Ouvrir l’avis d’imposition" in text_of(page)
    assert "32 450 €" in text_of(page).replace("\u202f", " ").replace("\xa0", " ")


def test_a_file_that_changed_is_said_before_the_agent_clicks(app, guichet):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie", csp="Employé")
        with db.transaction():
            dupont().employer = "Le Fournil"
    page = guichet.get(f"/agent/demandes/{number}")
    assert "il dit maintenant « Le Fournil »" in text_of(page)
    stale, fresh = sorted(lines_of(app, number), key=lambda line: line.field, reverse=True)
    assert f"lignes/{stale.id}/acceptation" not in page.text
    assert f"lignes/{stale.id}/refus" in page.text
    assert f"lignes/{fresh.id}/acceptation" in page.text
    assert "Une ligne au moins ne peut pas être acceptée en l’état" in text_of(page)


def test_the_same_field_asked_by_the_other_household_is_shown_with_its_code(app, guichet, shared):
    with app.app_context():
        mine = wants(INSURANCE, child_id=shared, insurer="MAIF", insurance_number="1")
        theirs = wants(INSURANCE, durand, shared, insurer="MAE")
        code = db.session.get(Request, theirs).code
    page = guichet.get(f"/agent/demandes/{mine}")
    assert (
        f"L’autre foyer (SOPHIE DURAND) demande aussi à changer ce champ, et attend sa réponse sous le code {code}"
        in (text_of(page))
    )
    assert text_of(page).count("L’autre foyer") == 1
    assert f'href="/agent/demandes/{theirs}"' in page.text


def test_who_must_not_come_is_said_when_a_parent_would_let_them_come(app, guichet, lea):
    with app.app_context():
        with db.transaction() as writing:
            writing.add(Contact(child_id=lea, role=ContactRole.FORBIDDEN, name="Éric Petit"))
        wanted = json.dumps([["collects", "PETIT eric", "oncle", ""], ["collects", "Rose Petit", "", ""]])
        number = wants(PERSONS, child_id=lea, contacts=wanted)
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Éric Petit ne doit pas venir chercher l’enfant" in page
    assert page.count("ne doit pas venir") == 1


def test_who_may_be_somebody_who_must_not_come_is_said_as_a_doubt(app, guichet, lea):
    with app.app_context():
        with db.transaction() as writing:
            writing.add(Contact(child_id=lea, role=ContactRole.FORBIDDEN, name="Éric D’ANGELO"))
        wanted = json.dumps([["collects", "M. Dangelo Éric", "", ""], ["collects", "E. D'Angelo", "", ""]])
        number = wants(PERSONS, child_id=lea, contacts=wanted)
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Éric D’ANGELO ne doit pas venir chercher l’enfant" in page
    assert "E. D'Angelo est peut-être Éric D’ANGELO, qui ne doit pas venir" in page
