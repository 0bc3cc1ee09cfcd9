"""Accueil, as the guide shows it."""

import re
from datetime import date

import pytest

from app import db
from app.models.billing import Invoice, Payment, PaymentMeans
from app.models.families import Adult
from app.models.families.author import Author
from app.models.planning.slot import Slot
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY, text_of


def test_the_guide_s_page_word_for_word(jean):
    page = text_of(jean.get("/"))
    for words in (
        "Bienvenue JEAN DUPONT, vous avez 1 Nouveau Message(s)",
        "Lundi 4 Mai 2015",
        "Bienvenue sur le Portail Famille",
        "Bienvenue sur votre page d'accueil",
        "Civilité :",
        "Monsieur",
        "N° Famille :",
        "1001001818331",
        "A la date du Lundi 4 Mai 2015",
        "Votre compte présente un solde de",
        "Infos./Documents",
        "Fiche d'inscription",
        "Factures Impayées",
        "Vos factures impayées à la date du Lundi 4 Mai 2015 :",
        "N° Facture",
        "Date Facture",
        "Date Echéance",
        "Montant",
        "AL-36",
        "08/04/2015",
        "30/04/2015",
        "120,60 €",
        "Total :",
        "FACTURES = 120,60 €",
        "Changer mot de passe",
    ):
        assert words in page, words


def test_the_balance_is_what_the_ledger_says(jean, app):
    assert "−120,60 €" in text_of(jean.get("/"))
    with app.app_context(), db.transaction() as writing:
        invoice = writing.query(Invoice).one()
        Payment.receive(invoice, received_on=GUIDE_DAY, means=PaymentMeans.CHEQUE, amount_cents=2060)
    page = text_of(jean.get("/"))
    assert "−100,00 €" in page
    assert "FACTURES = 100,00 €" in page


def test_a_family_that_owes_nothing_reads_so(client):
    client.log_in("durand")
    page = text_of(client.get("/"))
    assert "Aucune facture impayée" in page
    assert "AL-36" not in page
    assert "0,00 €" in page


def test_a_document_is_downloaded_through_the_portal(jean):
    answer = jean.get("/documents/1")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/documents/999", "/documents/abc", "/documents/-1"])
def test_a_document_that_does_not_exist_is_404(jean, address):
    assert jean.get(address).status_code == 404


def test_documents_need_a_login(client):
    answer = client.get("/documents/1")
    assert answer.status_code == 303
    assert answer.location == "/connexion?suite=/documents/1"


@pytest.mark.parametrize("invoices", [1, 3])
def test_the_page_takes_few_queries_whatever_it_shows(jean, app, invoices, count_queries):
    with app.app_context(), db.transaction() as writing:
        family = writing.query(Adult).filter_by(last_name="DUPONT", rank=1).one().family
        for _ in range(invoices - 1):
            Invoice.issue(family, series="AL", issued_on=GUIDE_DAY, due_on=GUIDE_DAY, total_cents=100)
    with count_queries() as queries:
        jean.get("/")
    assert len(queries) == 6 + 3, queries  # what the page says, and whether a usual week is still empty


def offer(app, *days: date, name: str = "Atelier") -> None:
    """A place of these days, offered to the Duponts until the next day."""
    with app.app_context(), db.transaction():
        room = activity(name, places=1)
        theirs, mine = (enrolment(room, adult.family) for adult in (durand(), dupont()))
        for day in days:
            for row, adult in ((theirs, durand()), (mine, dupont())):
                slot = Slot.of_family(adult.family_id, row.id, day)
                slot.ask_booking(by=Author(adult), submission=f"{row.id}-{day}")
        number = theirs.id
    with app.app_context(), db.transaction():
        for day in days:
            slot = Slot.of_family(durand().family_id, number, day)
            slot.report_absence(by=Author(durand()), reason="Malade", submission=f"absent-{number}-{day}")


def test_an_offer_that_waits_for_an_answer_is_told_with_its_time_and_its_page(app, jean):
    assert "votre réponse" not in text_of(jean.get("/"))
    offer(app, date(2015, 5, 18))
    page = jean.get("/")
    assert "Une proposition attend votre réponse" in text_of(page)
    assert "Léa, Atelier, lundi 18 mai 2015, jusqu’au mardi 5 mai 2015 à" in text_of(page)
    address = re.search(r'href="(/demandes/\d+)"', page.text)[1]
    assert "Prendre la place" in text_of(jean.get(address))


def test_the_offers_of_another_family_are_not_told(app, client):
    offer(app, date(2015, 5, 18))
    client.log_in("durand")
    assert "votre réponse" not in text_of(client.get("/"))


def test_several_offers_take_no_more_queries_than_one(app, jean, count_queries):
    counts = []
    for name, days in (("Un", [date(2015, 5, 18)]), ("Deux", [date(2015, 5, 19), date(2015, 5, 20)])):
        offer(app, *days, name=name)
        with count_queries() as queries:
            page = jean.get("/")
        counts.append(len(queries))
    assert "3 propositions attendent votre réponse" in text_of(page)
    assert counts[0] == counts[1]


def test_an_invoice_is_not_owed_before_its_day(make_app):
    client = make_app(PREAU_TODAY="2015-04-01").test_client()
    client.log_in("jean.dupont")
    page = text_of(client.get("/"))
    assert "AL-36" not in page
    assert "0,00 €" in page
