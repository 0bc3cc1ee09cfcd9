"""« Liste des demandes »: what the family asked, table by table, and the page of each request."""

import re

import pytest

from app import db
from app.models.changes import change
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, CONJOINT
from tests.builders import durand
from tests.conftest import text_of
from tests.parent.requests.following import IBAN, accept, asked, booked, by_agent, lines, refuse, rows, tables

pytestmark = pytest.mark.usefixtures("app")


PERSON = [
    "Responsable", "Qualité", "Adresse", "Tél.domicile", "Tél.Prof.", "Mobile", "Email", "Profession", "Employeur",
    "Adresse employeur",
]  # fmt: skip


def test_the_tabs_are_the_guide_s(jean):
    page = jean.get("/demandes")
    links = re.findall(r'<li><a href="(/demandes\?[^"]+)"[^>]*>([^<]+?)</a></li>', page.text)
    assert [label for _, label in links] == [
        "Mon compte",
        "Mes enfants",
        "Informations responsable",
        "Informations conjoint",
        "Informations fiscales",
        "Informations CAF",
        "Informations bancaires",
    ]
    for href, _ in links:
        assert jean.get(href.replace("&amp;", "&")).status_code == 200
    assert re.search(r'aria-current="page"[^>]*>.{0,300}Liste des demandes</span>', page.text, re.DOTALL)


def test_the_columns_are_the_guide_s(jean):
    for address in ("/demandes", "/demandes?onglet=mon-compte&rubrique=conjoint"):
        shown = tables(jean.get(address))
        assert shown["Demandes en attente"]["labels"] == [*PERSON, "Date.demande"]
        assert shown["Demandes refusées"]["labels"] == [*PERSON, "Date.demande", "Date.refus", "Motif.refus"]
        assert shown["Demandes acceptées"]["labels"] == [*PERSON, "Date.demande", "Date.acceptation"]


@pytest.mark.parametrize(
    ("rubrique", "labels"),
    [
        ("fiscales", ["Revenu fiscal de référence", "Nombre de parts", "Année"]),
        ("caf", ["Caisse", "N° allocataire", "Régime", "Quotient familial", "Date du quotient familial"]),
        ("banque", ["Titulaire du compte", "IBAN", "BIC", "Mise en prélèvement automatique"]),
    ],
)
def test_the_other_sub_tabs_have_their_own_columns(jean, rubrique, labels):
    shown = tables(jean.get(f"/demandes?rubrique={rubrique}"))
    assert shown["Demandes en attente"]["labels"] == ["Responsable", *labels, "Date.demande"]


def test_an_address_that_says_nonsense_shows_the_first_tab(jean):
    page = jean.get("/demandes?onglet=x&rubrique=y&attente=-3&refusees=abc&tout=non")
    assert "Demandes refusées" in tables(page)


def test_nothing_asked_is_said(jean):
    said = text_of(jean.get("/demandes"))
    assert "Aucune demande en attente." in said
    assert "Aucune demande refusée depuis moins d’un mois." in said
    assert "retirée" not in said


def test_what_waits_shows_old_and_new_and_nothing_is_lost(jean):
    asked(phone_mobile="06 12 34 56 78", city="TOULOUSE", civility="Madame", csp="Artisan")
    page = jean.get("/demandes")
    shown = tables(page)["Demandes en attente"]
    (row,) = shown["rows"]
    assert row["Mobile"] == "non renseigné →devient 06 12 34 56 78"
    assert row["Adresse"] == "SAINT - JEAN →devient TOULOUSE"
    assert row["Responsable"] == "JEAN DUPONT"
    assert (row["Qualité"], row["Email"], row["Employeur"]) == ("", "", "")
    assert row["Date.demande"] == "04/05/2015"
    assert "Civilité : Monsieur →devient Madame" in shown["more"][0]
    assert "CSP : non renseigné →devient Artisan" in shown["more"][0]
    assert "JEAN DUPONT (Père)" in shown["more"][0]


def test_the_tabs_count_what_waits(jean):
    asked(phone_mobile="06 12 34 56 78")
    asked(CONJOINT, city="TOULOUSE")
    booked()
    said = text_of(jean.get("/demandes"))
    assert "Mon compte 2" in said
    assert "Mes enfants 1" in said
    assert "Informations conjoint 1" in said
    assert "Informations fiscales Informations CAF" in said


def test_a_name_that_would_change_stands_under_responsable(jean):
    asked(last_name="DUPOND")
    (row,) = rows(jean, "/demandes", "Demandes en attente")
    assert row["Responsable"] == "DUPONT →devient DUPOND"


def test_a_new_conjoint_stands_under_the_same_columns(client):
    with db.transaction():
        record = {"civility": "Madame", "first_name": "Zoé", "last_name": "DURAND", "city": "SAINT-JEAN"}
        change.ask_for(CONJOINT, record, by=Author(durand()), submission="new")
    client.log_in("durand")
    shown = tables(client.get("/demandes?rubrique=conjoint"))["Demandes en attente"]
    assert shown["rows"][0]["Responsable"] == "DURAND Zoé"
    assert shown["rows"][0]["Adresse"] == "SAINT-JEAN"
    assert "Civilité : Madame" in shown["more"][0]


def test_an_agent_who_asked_for_the_family_is_named(jean):
    number = asked(BANQUE, by=by_agent, iban=IBAN)
    shown = tables(jean.get("/demandes?rubrique=banque"))["Demandes en attente"]
    assert "Faite par Claire Vidal, du service, pour la famille" in shown["more"][0]
    assert "Claire Vidal, du service, pour la famille" in text_of(jean.get(f"/demandes/{number}"))


def test_an_account_number_shows_its_last_four_characters(jean):
    number = asked(BANQUE, iban=IBAN)
    for address in ("/demandes?rubrique=banque", f"/demandes/{number}"):
        page = jean.get(address)
        assert "•••• 0189" in text_of(page).replace("\u00a0", " ")
        assert "7890" not in page.text


def test_partly_refused_it_stands_in_both_tables_with_its_own_lines(jean):
    number = asked(phone_mobile="06 12 34 56 78", city="TOULOUSE", profession="Menuisier")
    refuse(number, line=0, reason="Hors de la commune")
    accept(number, line=1)
    shown = tables(jean.get("/demandes"))
    (refused,), (accepted,), (waiting,) = (
        shown[title]["rows"] for title in ("Demandes refusées", "Demandes acceptées", "Demandes en attente")
    )
    first, second, third = (line.field for line in lines(number))
    at = {"city": "Adresse", "phone_mobile": "Mobile", "profession": "Profession"}
    assert refused[at[first]]
    assert (refused[at[second]], refused[at[third]]) == ("", "")
    assert (refused["Date.refus"], refused["Motif.refus"]) == ("04/05/2015", "Hors de la commune")
    assert accepted[at[second]]
    assert "→" not in accepted[at[second]]
    assert accepted["Date.acceptation"] == "04/05/2015"
    assert "→" in waiting[at[third]]
    assert "en cours de traitement" in shown["Demandes en attente"]["more"][0]
    assert "Claire Vidal" not in jean.get("/demandes").text


def test_reasons_that_differ_say_of_what(jean):
    number = asked(phone_mobile="06 12 34 56 78", city="TOULOUSE")
    refuse(number, line=0, reason="Hors de la commune")
    refuse(number, line=1, reason="Illisible")
    (row,) = rows(jean, "/demandes", "Demandes refusées")
    labels = [line.asked_field.label for line in lines(number)]
    assert row["Motif.refus"].replace("\u00a0", " ") == f"{labels[0]} : Hors de la commune {labels[1]} : Illisible"
