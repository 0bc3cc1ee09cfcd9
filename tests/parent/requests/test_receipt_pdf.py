"""The receipt on paper."""

import pytest

from app import db
from app.models.families.sections.account import BANQUE
from app.models.families.sections.child import HEALTH
from app.models.requests import Request
from tests.parent.requests.following import ALLERGY, IBAN, accept, asked, booked, lea, paper_of, refuse

pytestmark = pytest.mark.usefixtures("app")


def test_the_receipt_on_paper_is_tagged_and_tells_what_was_asked(jean):
    number = asked(city="TOULOUSE", phone_mobile="06 12 34 56 78")
    refuse(number, line=0, reason="Hors de la commune")
    reader, said = paper_of(jean, number)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"].startswith("fr")
    code = db.session.get(Request, number).code
    for word in (code, "Accusé de réception", "lundi 4 mai 2015", "JEAN DUPONT (Père)", "Infos responsable",
                 "TOULOUSE", "SAINT - JEAN", "06 12 34 56 78", "Hors de la commune", "L112-8", "05 61 00 00 00",
                 "Guichet unique"):  # fmt: skip
        assert word in said, word
    assert "Claire Vidal" not in said


def test_the_paper_tells_neither_health_nor_a_whole_account_number(jean):
    _, said = paper_of(jean, asked(HEALTH, child=lea(), alerts=ALLERGY, doctor="Dr Martin"))
    assert "Allergies" in said
    assert "Arachide" not in said
    assert "Martin" not in said
    _, said = paper_of(jean, asked(BANQUE, iban=IBAN))
    assert "0189" in said
    assert "7890" not in said.replace(" ", "")


def test_the_paper_of_a_day_names_it(jean):
    _, said = paper_of(jean, booked(name="Garderie du soir"))
    assert "Léa, Garderie du soir, mercredi 6 mai 2015" in said


def test_the_state_on_paper_is_that_of_its_day(jean):
    number = asked(city="TOULOUSE")
    assert "en attente" in paper_of(jean, number)[1]
    accept(number)
    assert "acceptée" in paper_of(jean, number)[1]
