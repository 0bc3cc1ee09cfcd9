"""Mon compte: what the family sees of its file, and asks to be changed."""

import re

import pytest

from app import db
from app.models.families import Civility
from app.models.requests import Request
from tests.conftest import text_of
from tests.parent.account.asking import IBAN, PAGE, adult, ask, bank, form_of, lines


def test_the_page_is_the_guide_s_letter_for_letter(jean):
    """Its two blocks, each in two columns."""
    page = jean.get(PAGE)
    pairs = re.findall(r'<div class="(pair.*?)"><dt>(.*?)\u00a0:</dt><dd>(.*?)</dd>', page.text, re.DOTALL)
    told = [("second" in where, label, re.sub(r"<[^>]+>", "", said).strip()) for where, label, said in pairs]
    mine, theirs = told[:22], told[22:37]
    blank = "non renseigné"
    assert [pair for block in (mine, theirs) for second in (False, True) for pair in _column(block, second)] == [
        ("Civilité", "Monsieur"),
        ("Nom", "DUPONT"),
        ("Qualité", "Père"),
        ("Adresse", "12 RUE DES BONBONS"),
        ("Ville", "SAINT - JEAN"),
        ("Téléphone prof.", blank),
        ("Email", "jean.dupont@wanadoo.fr"),
        ("Num banque", blank),
        ("CSP", blank),
        ("Adresse employeur", blank),
        ("Autorisation SMS", "Non"),
        ("N° Famille", "1001001818331"),
        ("Prénom", "JEAN"),
        ("Situation", "Séparé"),
        ("Code postal", "31400"),
        ("Téléphone domicile", "01.02.03.04.05"),
        ("Mobile", blank),
        ("Titulaire du compte", "DUPONT JEAN"),
        ("Profession", blank),
        ("Employeur", blank),
        ("Autorisation courriel", "Oui"),
        ("Organisme rattachement", "0"),
        ("Nom", "DUPONT"),
        ("Adresse", "Lotissement les bons bonbons"),
        ("Ville", "SAINT - JEAN"),
        ("Téléphone prof.", blank),
        ("Email", blank),
        ("CSP", blank),
        ("Adresse employeur", blank),
        ("Autorisation SMS", "Non"),
        ("Prénom", "JEANNE"),
        ("Code postal", "31400"),
        ("Téléphone domicile", blank),
        ("Mobile", blank),
        ("Profession", blank),
        ("Employeur", blank),
        ("Autorisation courriel", "Oui"),
    ]
    labels = [label for _, label, _ in mine]
    assert labels[1:5] == ["Civilité", "Nom", "Prénom", "Qualité"]  # as one reads them on a phone, in one column
    assert labels[6:9] == ["Adresse", "Code postal", "Ville"]
    headings = re.findall(r"<h[12][^>]*>(?:<svg.*?</svg>)?(?:<span>)?(.*?)<", page.text)
    assert headings[:3] == ["Informations famille", "Mon compte", "Mon conjoint"]


def _column(block: list[tuple[bool, str, str]], second: bool) -> list[tuple[str, str]]:
    return [(label, said) for of_second, label, said in block if of_second is second]


@pytest.mark.parametrize(
    ("civility", "situation", "said"),
    [
        (Civility.MONSIEUR, "Séparé", "Séparé"),
        (Civility.MADAME, "Séparé", "Séparée"),
        (Civility.MADAME, "Veuf", "Veuve"),
        (Civility.MADAME, "Vie maritale", "Vie maritale"),
        (Civility.MADAME, "En instance de divorce", "En instance de divorce"),
        (Civility.MADAME, "", "non renseigné"),
    ],
)
def test_the_situation_agrees_with_the_person(jean, civility, situation, said):
    with db.transaction():
        who = adult()
        who.civility, who.family.situation = civility, situation
    assert f"Situation : {said} Adresse" in text_of(jean.get(PAGE))
    assert "Séparé(e)" in text_of(jean.get(form_of("responsable")))


def test_the_bank_s_card_tells_the_holder_and_the_end_of_the_account_number(jean, on_file):
    card = text_of(jean.get(PAGE)).split("Coordonnées bancaires")[-2]
    assert "Titulaire du compte : DUPONT JEAN" in card
    assert "IBAN : •••• 0189" in card
    assert IBAN not in jean.get(PAGE).text


def test_the_five_entries_of_the_guide_lead_to_their_forms(jean):
    menu = re.search(r'<nav class="sections".*?</nav>', jean.get(PAGE).text, re.DOTALL)[0]
    assert re.findall(r'href="(.*?)".*?<span>(.*?)</span>', menu, re.DOTALL) == [
        (form_of("responsable"), "Infos Responsable"),
        (form_of("conjoint"), "Informations Conjoint"),
        (form_of("fiscales"), "Informations Fiscales"),
        (form_of("caf"), "Informations Caf"),
        (form_of("banque"), "Coordonnées Bancaires"),
    ]
    assert menu.count("<svg") == 5
    for section in ("responsable", "conjoint", "fiscales", "caf", "banque"):
        assert jean.get(form_of(section)).status_code == 200
    assert jean.get(form_of("autre")).status_code == 404


def test_the_page_costs_the_same_whatever_waits(jean, count_queries):
    with count_queries() as few:
        jean.get(PAGE)
    ask(jean, phone_mobile="06 39 98 00 11", profession="Boulanger", employer="Le Four")
    bank(jean, iban=IBAN, bic="AGRIFRPP")
    with count_queries() as many:
        jean.get(PAGE)
    assert len(many) <= len(few) <= 16


def test_the_stranger_sees_their_own_page_and_nothing_of_this_one(app, jean):
    ask(jean, phone_mobile="06 39 98 00 11")
    stranger = app.test_client()
    stranger.log_in("durand")
    page = text_of(stranger.get(PAGE))
    assert "DURAND" in page
    assert "BONBONS" not in page
    assert "06 39 98 00 11" not in page
    assert stranger.get(f"/demandes/{lines()[0].request_id}").status_code == 404


def test_agents_open_it_only_when_they_act_for_the_family(client):
    client.log_in("guichet")
    assert client.get(PAGE).status_code == 403
    client.send_form("/agent/familles/1/agir", {}, page="/agent/familles/1")
    assert "Informations famille" in text_of(client.get(PAGE))
    ask(client, phone_mobile="06 39 98 00 11")
    assert db.session.query(Request).one().acting_agent.name == "Claire Vidal"
