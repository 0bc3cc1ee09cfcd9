"""Mon compte: taxes, CAF, and their papers."""

import pytest

from app import db
from app.models.families import Finances
from app.models.requests import Proof
from tests.conftest import text_of
from tests.filling import send_on
from tests.parent.account.asking import IBAN, PAGE, PDF, caf, decide, form_of, lines, send


def test_what_fiscales_and_caf_hold_is_shown(app, jean):
    with app.app_context(), db.transaction():
        held = db.session.query(Finances).one()
        held.tax_income, held.tax_parts, held.fund, held.quotient, held.quotient_on = (
            "32450", "2,5", "caf", "742", "2015-01-15",
        )  # fmt: skip
    page = text_of(jean.get(PAGE))
    assert "Revenu fiscal de référence : 32 450 €" in page
    assert "Nombre de parts : 2,5" in page
    assert "Caisse : CAF" in page
    assert "Quotient familial : 742 €" in page
    assert "Date du quotient familial : 15/01/2015" in page


def test_tax_details_are_asked_to_change(jean):
    answer = send(jean, "fiscales", tax_income="32 450,00 €", tax_parts="2.50", tax_year="2014")
    assert answer.status_code == 303
    assert {line.field: line.after for line in lines()} == {
        "tax_income": "32450",
        "tax_parts": "2,5",
        "tax_year": "2014",
    }


def test_a_paper_is_sealed_and_forgotten_once_checked(app, jean, worker):
    caf(jean, PDF, fund_number="1234567")
    uploads = app.config["PREAU"].uploads_dir
    with app.app_context():
        kept = uploads / (key := db.session.query(Proof).one().storage_key)[:2] / key
    assert kept.exists()
    assert PDF not in kept.read_bytes()
    assert "déjà joint" in text_of(jean.get(form_of("caf")))
    decide(app, "acceptation")
    worker.run_all()
    assert kept.exists()  # another line waits
    decide(app, "refus", motif="Illisible")
    worker.run_all()
    assert not kept.exists()
    with app.app_context():
        assert db.session.query(Proof).count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "ni un PDF, ni une photo"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "ni un PDF, ni une photo"),
        (b'<?xml version="1.0"?><svg/>', "ni un PDF, ni une photo"),
        (b"GIF89a", "ni un PDF, ni une photo"),
        (b"%PDF-" + b"x" * 10_000_001, "dépasse 10 Mo"),
    ],
)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(app, jean, content, sentence):
    answer = caf(jean, content)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="742"' in answer.text
    assert lines() == []
    with app.app_context():
        assert db.session.query(Proof).count() == 0


@pytest.mark.parametrize("content", [PDF, b"\xff\xd8\xff\xe0 photo", b"\x89PNG\r\n\x1a\n photo"])
def test_papers_that_are_taken(jean, content):
    assert caf(jean, content).status_code == 303


def test_a_form_that_comes_back_says_that_the_paper_must_be_chosen_again(app, jean):
    before = [path for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()]
    shown = {"seen": '{"quotient": "700"}'}
    for answer in (caf(jean, PDF, quotient="-1"), caf(jean, PDF, **shown)):
        assert answer.status_code == 422
        assert "Choisissez de nouveau votre document : il n’a pas été gardé." in text_of(answer)
    assert [path for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()] == before


@pytest.mark.parametrize(
    ("section", "typed", "sentence"),
    [
        ("caf", {"quotient": "12,5"}, "sans centimes"),
        ("caf", {"quotient_on": "2015-05-05"}, "Cette date est dans l’avenir."),
        ("caf", {"quotient_on": "2015-02-30"}, "Écrivez une date qui existe."),
        ("caf", {"fund": "caf", "fund_number": "AB"}, "À la CAF, un n° allocataire a 7 chiffres"),
        ("fiscales", {"tax_parts": "2,3"}, "le nombre de parts"),
        ("fiscales", {"tax_year": "2016"}, "Écrivez l’année des revenus : 2014"),
    ],
)
def test_wrong_amounts_and_dates(jean, section, typed, sentence):
    answer = send(jean, section, **typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert lines() == []


def test_another_fund_alone_judges_the_number_that_stands(app, jean):
    with app.app_context(), db.transaction():
        known = db.session.query(Finances).one()
        known.fund, known.fund_number = "caf", "1234567"
    answer = send_on(jean, jean.get(form_of("caf")).text, form_of("caf"), fund="msa")
    assert answer.status_code == 422
    assert "À la MSA, le n° allocataire est un numéro de sécurité sociale" in text_of(answer)
    assert lines() == []


def test_another_account_alone_judges_the_bic_that_stands(app, jean):
    with app.app_context(), db.transaction():
        known = db.session.query(Finances).one()
        known.iban, known.bic = IBAN, "AGRIFRPP"
    answer = send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), iban="DE89 3704 0044 0532 0130 00")
    assert answer.status_code == 422
    assert "Ce BIC est d’un autre pays que l’IBAN" in text_of(answer)
    left_alone = send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), bank_holder="DUPONT JEANNE")
    assert left_alone.status_code == 303
