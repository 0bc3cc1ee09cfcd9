"""Mon compte: the bank account."""

import pytest

from app import db
from app.models.families import Finances
from tests import stolen
from tests.conftest import text_of
from tests.files import accept_newest
from tests.filling import send_on
from tests.parent.account.asking import IBAN, OTHER, PAGE, PDF, bank, caf, decide, finances, form_of, lines, send


def test_an_account_number_is_never_sent_to_the_page(app, jean, on_file):
    receipt = bank(jean, iban="fr14 2004 1010 0505 0001 3M02 606", bic="PSSTFRPPXXX").location
    assert lines()[0].after == OTHER
    for address in (PAGE, form_of("banque"), receipt, "/demandes?rubrique=banque"):
        page = jean.get(address).text
        for number in (IBAN, OTHER):
            assert number not in page, address
            assert number[4:14] not in page.replace(" ", ""), address
    assert "Num banque : •••• 0189 → devient •••• 2606 en attente" in text_of(jean.get(PAGE))
    told = text_of(jean.get(form_of("banque")))
    assert "Compte actuel : •••• 0189. En attente : •••• 2606. Laissez vide pour le garder." in told


def test_left_blank_it_stays_as_it_is(jean, on_file):
    bank(jean, bic="AGRIFRPP", iban="")
    assert [line.field for line in lines()] == ["bic"]
    assert finances().iban == IBAN


def test_an_account_is_taken_off_the_file_once_an_agent_accepts(jean, on_file):
    with db.transaction() as writing:
        known = writing.query(Finances).one()
        known.bic, known.direct_debit = "AGRIFRPP", "oui"
    assert "Retirer ce compte bancaire" in text_of(jean.get(form_of("banque")))
    page = jean.get(form_of("banque")).text
    kept = send_on(jean, page, form_of("banque"), no_account="y")
    assert kept.status_code == 422
    assert "Le prélèvement automatique demande un compte" in text_of(kept)
    receipt = send_on(jean, page, form_of("banque"), no_account="y", direct_debit="non").location
    assert {line.field: line.after for line in lines()} == {"iban": "", "bic": "", "direct_debit": "non"}
    for address in (receipt, PAGE, "/demandes?rubrique=banque"):
        assert IBAN not in jean.get(address).text
        assert "•••• 0189" in text_of(jean.get(address))
    waits = text_of(jean.get(form_of("banque")))
    assert "Compte actuel : •••• 0189. Vous avez demandé son retrait." in waits
    assert "Retirer ce compte bancaire" not in waits
    accept_newest()
    assert (finances().iban, finances().bic, finances().direct_debit) == (None, None, "non")


def test_an_account_is_not_taken_off_and_changed_at_once(jean, on_file):
    answer = send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), no_account="y", iban=OTHER)
    assert answer.status_code == 422
    assert "pas les deux" in text_of(answer)
    assert lines() == []


def test_nobody_takes_off_an_account_that_is_not_there(jean):
    assert "Retirer ce compte bancaire" not in text_of(jean.get(form_of("banque")))


def test_an_account_that_is_debited_meanwhile_stays(app, jean, on_file):
    send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), no_account="y")
    with db.transaction() as writing:
        writing.query(Finances).one().direct_debit = "oui"
    decide(app, "acceptation")
    assert finances().iban == IBAN


def test_the_agent_who_decides_reads_it_whole(app, jean):
    bank(jean, iban=IBAN)
    guichet = app.test_client()
    guichet.log_in("guichet")
    assert "FR76 3000 6000 0112 3456 7890 189" in text_of(guichet.get(f"/agent/demandes/{lines()[0].request_id}"))


@pytest.mark.parametrize("decision", ["acceptation", "refus"])
def test_once_decided_no_account_number_is_whole_any_more(app, jean, on_file, decision):
    bank(jean, iban=OTHER)
    decide(app, decision, motif="Illisible")
    guichet = app.test_client()
    guichet.log_in("guichet")
    told = text_of(guichet.get(f"/agent/demandes/{lines()[0].request_id}"))
    assert "•••• 0189 → devient •••• 2606" in told
    assert "FR76 3000" not in told
    assert "FR14 2004" not in told


def test_nor_is_the_one_of_a_request_that_was_taken_back(app, jean, on_file):
    receipt = bank(jean, iban=OTHER).location
    jean.send_form(f"{receipt}/retrait", {}, page=receipt)
    guichet = app.test_client()
    guichet.log_in("guichet")
    told = text_of(guichet.get(f"/agent{receipt}"))
    assert "•••• 2606" in told
    assert "FR14 2004" not in told


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"iban": "FR76 3000 6000 0112 3456 7890 188"}, "Cet IBAN est faux"),
        ({"iban": "FR7812345314000000000000142"}, "Cet IBAN"),
        ({"bic": "AGRI"}, "Ce BIC est faux"),
        ({"direct_debit": "oui"}, "Pour le prélèvement automatique, écrivez l’IBAN du compte."),
    ],
)
def test_a_wrong_account_is_refused_in_plain_words(jean, typed, sentence):
    answer = bank(jean, **typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert lines() == []


def test_direct_debit_goes_with_an_account_on_file_typed_or_asked_for(jean, on_file):
    assert bank(jean, direct_debit="oui").status_code == 303


def test_direct_debit_with_an_account_typed_or_asked_for(jean):
    assert bank(jean, iban=IBAN).status_code == 303
    assert bank(jean, direct_debit="oui").status_code == 303
    assert [line.field for line in lines()] == ["iban", "direct_debit"]


@pytest.mark.sqlite_only
def test_the_stolen_database_shows_no_account_number(app, jean, worker):
    """After asking, amending, accepting and refusing; jobs, journal and mail included."""
    folder = app.config["PREAU"].data_dir
    bank(jean, iban=IBAN)
    bank(jean, iban=OTHER, direct_debit="oui")
    assert send(jean, "fiscales", tax_income="31337942", tax_parts="2,5").status_code == 303
    caf(jean, PDF, fund="caf", fund_number="7654321")
    decide(app, "acceptation")
    decide(app, "refus", motif="Illisible")
    bank(jean, iban=IBAN)
    worker.run_all()
    with app.app_context():
        assert finances().iban == OTHER
        read = stolen.database(folder)
    assert stolen.betrays(read, "12 RUE DES BONBONS")  # what is not secret is found where it is sought
    for secret in (IBAN, OTHER, IBAN[4:], OTHER[4:], "30006000011234567890189", "31337942", "7654321"):
        assert not stolen.betrays(read, secret), secret
