"""Familles: looking for one, and its whole file on one page."""

import re
from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.event import Event
from app.models.families import Adult, AlertKind, Child, Civility, Custody, Family, Finances, HealthAlert
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.planning.slot import Slot
from app.models.requests import LineState, Request, RequestLine
from app.models.town import Approval, Structure
from tests.builders import DAY, activity, dupont, durand, enrolment
from tests.conftest import FRAGMENT, text_of

pytestmark = pytest.mark.both_engines

SEARCH = "/agent/familles"


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def family(last_name: str, number: int, *children: str) -> Family:
    made = Family(number=f"{2 * 10**12 + number}")
    db.session.add(made)
    db.session.flush()
    names = {"last_name": last_name, "first_name": "Anne", "city": "Saint-Jean"}
    db.session.add(Adult(family_id=made.id, rank=1, civility=Civility.MADAME, **names))
    for name in children:
        child = Child(last_name=last_name, first_name=name, birth_date=date(2009, 1, 1))
        db.session.add(child)
        db.session.flush()
        db.session.add(Custody(child_id=child.id, family_id=made.id))
    db.session.flush()
    return made


def file_of(app, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/familles/{adult().family_id}"


def works_at(structure: Structure) -> None:
    """Karim Haddad, of the animation, works there alone."""
    Account.named("animation").agent.structures = [structure]


# Looking for a family


def test_without_a_word_families_are_listed_by_the_first_adult_s_name(guichet, app):
    with app.app_context(), db.transaction():
        family("ABADIE", 1, "Zoé")
    page = text_of(guichet.get(SEARCH))
    assert "3 familles" in page
    assert page.index("ABADIE Anne") < page.index("DUPONT JEAN") < page.index("DURAND SOPHIE")
    for words in ("DUPONT JEANNE", "LEA", "1001001818331", "Zoé", "Saint-Jean"):
        assert words in page


def test_a_family_is_found_by_a_child_whatever_the_accents(guichet):
    page = text_of(guichet.get(f"{SEARCH}?q=Léa+dup"))
    assert "1 famille " in page
    assert "DUPONT JEAN" in page
    assert "DURAND" not in page


REACHED = {
    "phone_mobile": "06 39 98 00 77",
    "email": "a.abadie@courriel.example",
    "address": "12 rue des Lilas",
    "postal_code": "33190",
}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("+33 6 39.98.00.77", "Mobile : 06 39 98 00 77"),
        ("a.abadie@courriel.example", "Courriel : a.abadie@courriel.example"),
        ("Mme Abadie, rue des lilas", "Adresse : 12 rue des Lilas, 33190 Saint-Jean"),
    ],
)
def test_a_family_is_found_by_how_it_is_reached_and_the_list_says_so(guichet, app, typed, why):
    with app.app_context(), db.transaction():
        made = family("ABADIE", 1, "Zoé")
        for name, value in REACHED.items():
            setattr(made.adults[0], name, value)
    found = text_of(guichet.get(SEARCH, query_string={"q": typed}))
    assert "1 famille " in found
    assert f"ABADIE Anne {why}" in found
    assert "found-by" not in guichet.get(f"{SEARCH}?q=abadie+zoe", headers=FRAGMENT).text


def test_those_who_bear_the_name_come_before_those_who_live_in_its_street(guichet, app):
    with app.app_context(), db.transaction():
        family("ABADIE", 1).adults[0].address = "3 rue du Moulin"
        family("MOULIN", 2)
    page = text_of(guichet.get(f"{SEARCH}?q=moulin"))
    assert page.index("MOULIN Anne") < page.index("ABADIE Anne Adresse : 3 rue du Moulin")


def test_who_sees_few_structures_finds_no_request_nor_enrolment_by_a_telephone(client, app):
    """Of what ended long ago they read names alone, so they guess no number."""
    with app.app_context(), db.transaction():
        works_at(enrolment(activity(), dupont().family).activity.structure)
        dupont().phone_mobile = "06 39 98 00 77"
        typed = f"{dupont().last_name} 0639980077"
    client.log_in("animation")
    for address in ("/agent/inscriptions", "/agent/demandes"):
        assert "DUPONT" not in text_of(client.get(address, query_string={"q": typed}))
    assert "DUPONT JEAN" in text_of(client.get(SEARCH, query_string={"q": typed}))
    assert "DUPONT" in text_of(client.get("/agent/inscriptions", query_string={"q": "dupont"}))


def test_as_one_types_only_the_results_come(guichet):
    answer = guichet.get(f"{SEARCH}?q=durand", headers=FRAGMENT)
    assert answer.text.lstrip().startswith('<section id="families"')
    assert "SOPHIE" in answer.text
    assert "<form" not in answer.text


def test_the_search_is_a_plain_form_that_htmx_sends_while_one_types(guichet):
    page = guichet.get(f"{SEARCH}?q=%22%3Cdurand").text
    assert 'method="get" action="/agent/familles"' in page
    assert 'data-hx-trigger="submit, input delay:200ms"' in page
    assert 'value="&#34;&lt;durand"' in page


def test_when_nobody_matches_the_page_says_so(guichet):
    assert "Aucune famille ne correspond" in text_of(guichet.get(f"{SEARCH}?q=personne"))
    assert "Aucune famille ne correspond" in text_of(guichet.get(f"{SEARCH}?q=%25"))


def test_twenty_families_a_page_and_a_number_out_of_bounds_is_brought_back(guichet, app):
    with app.app_context(), db.transaction():
        for number in range(25):
            family(f"MARTIN{number:02}", number)
    first, second = (text_of(guichet.get(f"{SEARCH}?q=martin&page={page}")) for page in (1, 2))
    assert "25 familles" in first
    assert "Page 1 sur 2" in first
    assert "MARTIN19" in first
    assert "MARTIN20" not in first
    assert "MARTIN20" in second
    for absurd in ("99", "-3", "deux"):
        assert guichet.get(f"{SEARCH}?q=martin&page={absurd}").status_code == 200
    assert "q=martin&amp;page=2" in guichet.get(f"{SEARCH}?q=martin").text


def test_a_merged_family_is_left_out_and_its_address_leads_to_the_other(guichet, app):
    with app.app_context(), db.transaction():
        old = family("DUPOND", 1)
        old.merged_into = dupont().family_id
        address = f"/agent/familles/{old.id}"
    assert "DUPOND " not in text_of(guichet.get(f"{SEARCH}?q=dupon"))
    assert guichet.get(address).location == file_of(app)


def test_the_animation_finds_only_the_families_of_its_structures(client, app):
    with app.app_context(), db.transaction():
        ours = activity("Le nôtre")
        works_at(ours.structure)
        mine = family("MARTIN", 1)
        enrolment(ours, mine)
        address = f"/agent/familles/{mine.id}"
        elsewhere = Structure(name="Ailleurs")
        db.session.add(elsewhere)
        db.session.flush()
        enrolment(activity("Autre", structure=elsewhere), durand().family)
    client.log_in("animation")
    page = text_of(client.get(SEARCH))
    assert "MARTIN Anne" in page
    assert "DURAND" not in page
    assert client.get(address).status_code == 200
    assert client.get(file_of(app, durand)).status_code == 404


def test_as_many_queries_for_three_families_as_for_one(guichet, app, count_queries):
    with app.app_context(), db.transaction():
        for number in range(3):
            family("MARTIN", number, "Lou", "Max")
        family("SEUL", 9, "Lou")
    guichet.get(SEARCH)
    sent = []
    for typed in ("seul", "martin"):
        with count_queries() as queries:
            guichet.get(f"{SEARCH}?q={typed}")
        sent.append(len(queries))
    assert sent[0] == sent[1] <= 9


# The file


def test_the_file_shows_adults_children_balance_and_accounts(guichet, app):
    with app.app_context(), db.transaction():
        dupont().phone_mobile = "06 39 98 00 11"
    page = text_of(guichet.get(file_of(app)))
    for words in (
        "Famille DUPONT",
        "N° 1001001818331",
        "Séparé",
        "−120,60 € à régler",
        "Civilité : Monsieur",
        "Mobile : 06 39 98 00 11",
        "Email : jean.dupont@wanadoo.fr",
        "Qualité : Père",
        "Situation : Séparé",
        "Employeur : non renseigné",
        "Autorisation courriel : Oui",
        "Organisme rattachement : 0",
        "Justificatif de domicile",
        "LEA DUPONT",
        "Date de naissance : 12/03/2008, 7 ans",
        "École : École Jean-Moulin",
        "Classe : CE1",
        "Autorité parentale : JEAN DUPONT, JEANNE DUPONT",
        "Identifiant : jean.dupont",
        "Modifier JEAN",
        "Agir pour cette famille",
    ):
        assert words in page, words


def test_a_child_of_two_households_names_the_other_one(guichet, app):
    with app.app_context(), db.transaction():
        lea = Child.of_family(dupont().family_id)[0]
        db.session.add(Custody(child_id=lea.id, family_id=durand().family_id))
    page = guichet.get(file_of(app, durand))
    assert "Vit aussi chez : JEAN DUPONT et JEANNE DUPONT" in text_of(page)
    assert f'href="{file_of(app)}"' in page.text
    assert "Vit aussi chez : SOPHIE DURAND" in text_of(guichet.get(file_of(app)))


def test_the_other_household_is_no_link_for_who_may_not_open_it(client, app):
    with app.app_context(), db.transaction():
        ours = activity("Le nôtre")
        works_at(ours.structure)
        mine = family("MARTIN", 1, "Lou")
        (lou,) = Child.of_family(mine.id)
        enrolment(ours, mine, lou)
        db.session.add(Custody(child_id=lou.id, family_id=durand().family_id))
        address = f"/agent/familles/{mine.id}"
    client.log_in("animation")
    page = client.get(address)
    assert "Vit aussi chez : SOPHIE DURAND" in text_of(page)
    assert file_of(app, durand) not in page.text


def test_the_file_lists_what_waits_then_the_newest_requests(guichet, app):
    with app.app_context():
        for name, approval in (("Une", Approval.MANUAL), ("Deux", Approval.AUTOMATIC)):
            with db.transaction():
                row = enrolment(activity(name, approval=approval), dupont().family)
                slot = Slot.of_family(dupont().family_id, row.id, DAY)
                asked = slot.ask_booking(by=Author(dupont()), submission=name)
                asked.submitted_at = clock.local_now() - timedelta(days=3 if name == "Une" else 1)
        codes = [asked.code for asked in db.session.query(Request).order_by(Request.submitted_at)]
    page = text_of(guichet.get(file_of(app)))
    assert "1 demande en attente" in page
    assert f"Demande de Réservation {codes[0]} en attente" in page
    assert page.index(codes[0]) < page.index(codes[1]) < page.index("acceptée")


def test_health_is_nowhere_on_the_page(guichet, app):
    with app.app_context(), db.transaction():
        lea = Child.of_family(dupont().family_id)[0]
        lea.diet = "sans arachide"
        db.session.add(HealthAlert(child_id=lea.id, kind=AlertKind.FOOD, text="allergie aux arachides"))
    assert "arachide" not in guichet.get(file_of(app)).text


def test_the_history_is_shown_to_who_keeps_the_files(client, app):
    with app.app_context(), db.transaction():
        Event.record("family_changed", family_id=dupont().family_id, after={"situation": "Divorcé"})
    for identifiant, sees in (("guichet", True), ("admin", True), ("regie", False)):
        client.log_in(identifiant)
        assert ("Dossier modifié" in text_of(client.get(file_of(app)))) == sees
        client.log_out("/agent/profil")


def test_who_only_consults_is_offered_no_change(client, app):
    client.log_in("regie")
    page = text_of(client.get(file_of(app)))
    assert "−120,60 €" in page
    for words in ("Modifier", "Agir pour cette famille", "Ajouter", "Garde et autorité", "Séparer", "Réunir"):
        assert words not in page
    assert "Nouvelle famille" not in text_of(client.get(SEARCH))


def test_the_animation_sees_no_money(client, app):
    with app.app_context(), db.transaction():
        ours = activity("Le nôtre")
        works_at(ours.structure)
        enrolment(ours, dupont().family)
    client.log_in("animation")
    page = text_of(client.get(file_of(app)))
    assert "LEA DUPONT" in page
    assert "120,60" not in page
    assert "Solde" not in page


def test_a_file_that_does_not_exist_is_404(guichet):
    assert guichet.get("/agent/familles/999999").status_code == 404


def test_as_many_queries_for_three_children_as_for_one(guichet, app, count_queries):
    with app.app_context(), db.transaction():
        addresses = []
        for number, children in enumerate((("Lou",), ("Lou", "Max", "Zoé"))):
            mine = family("MARTIN", number, *children)
            for child in Child.of_family(mine.id):
                enrolment(activity(f"{child.first_name} {number}"), mine, child)
            Event.record("family_changed", family_id=mine.id)
            addresses.append(f"/agent/familles/{mine.id}")
    guichet.get(addresses[0])
    sent = []
    for address in addresses:
        with count_queries() as queries:
            guichet.get(address)
        sent.append(len(queries))
    assert sent[0] == sent[1] <= 21, "\n\n".join(queries)


IBAN = "FR1420041010050500013M02606"


def test_money_is_for_the_counter_and_the_regie(client, app):
    with app.app_context(), db.transaction() as writing:
        row = writing.get_one(Finances, dupont().family_id)
        row.iban, row.quotient, row.tax_income = IBAN, "812", "32450"
        works_at(enrolment(activity("Le nôtre"), dupont().family).activity.structure)
    for identifiant, reads in (("guichet", True), ("regie", True), ("animation", False)):
        client.log_in(identifiant)
        page = client.get(file_of(app))
        told = text_of(page).replace("\u202f", " ").replace("\xa0", " ")
        for words in ("Quotient familial : 812 €", "32 450 €", "Titulaire du compte : DUPONT JEAN"):
            assert (words in told) == reads, (identifiant, words)
        assert ("IBAN : •••• 2606 Afficher FR14 2004 1010 0505 0001 3M02 606" in told) == reads
        assert ("Finances" in told) == reads
        assert ("Modifier\u00a0: Coordonnées bancaires" in page.text) == (identifiant == "guichet")
        client.log_out("/agent/profil")


def test_the_account_number_is_not_shown_before_one_asks_for_it(guichet, app):
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Finances, dupont().family_id).iban = IBAN
    page = guichet.get(file_of(app)).text
    assert '<details class="iban"><summary>Afficher</summary> <span>FR14 2004' in page


def test_of_many_requests_the_last_ones_are_folded(guichet, app):
    with app.app_context():
        for number in range(6):
            with db.transaction():
                wish = Wish(Sheet(BANQUE, dupont().family_id), {"bic": "AGRIFRPP"}, {"bic": ""})
                change.ask(BANQUE.kind, [wish], by=Author(dupont()), submission=f"bic {number}")
                db.session.query(RequestLine).update({"state": LineState.WITHDRAWN})
    page = guichet.get(file_of(app)).text
    shown, folded = re.search(r'id="demandes".*?</section>', page, re.DOTALL)[0].split('<details class="fold">')
    assert "2 de plus" in folded
    assert (shown.count("Coordonnées bancaires"), folded.count("Coordonnées bancaires")) == (4, 2)


def test_what_the_family_asks_stands_beside_the_field_for_who_answers(client, app):
    with app.app_context():
        for section, wanted in ((RESPONSABLE, {"employer": "Mairie"}), (BANQUE, {"bank_holder": "JEAN"})):
            with db.transaction():
                sheet = Sheet(section, dupont().family_id)
                wish = Wish(sheet, wanted, sheet.texts())
                number = change.ask(section.kind, [wish], by=Author(dupont()), submission=section.slug).id
    client.log_in("guichet")
    page = client.get(file_of(app))
    assert "Employeur : non renseigné Demandé : Mairie" in text_of(page)
    assert f'href="/agent/demandes/{number}"' in page.text
    client.log_out("/agent/profil")
    client.log_in("regie")
    assert "Demandé" not in text_of(client.get(file_of(app)))
