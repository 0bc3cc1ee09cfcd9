"""Mes enfants in a browser: add a child, change who may collect one, ask for an enrolment; on a phone and wide.

The tests share one town: each asks for something of its own.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, log_in

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
BOTH = [pytest.param(PHONE, "tel", id="phone"), pytest.param(DESKTOP, "bureau", id="desktop")]
WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 1280)
    for scheme in ("light", "dark")
]
PAGES = (
    "/enfants", "/enfants/1", "/enfants/ajout", "/enfants/1/inscription", "/enfants/1/inscriptions/1",
    "/enfants/1/informations/modification", "/enfants/1/personnes-autorisees/modification",
    "/enfants/1/lunettes/modification", "/enfants/1/sante/modification", "/enfants/1/autorisations/modification",
    "/enfants/1/assurance/modification",
)  # fmt: skip


@pytest.fixture
def at_home(new_context):
    def at(**window):
        page = new_context(**window)
        log_in(page, "jean.dupont")
        page.goto("/enfants")
        return page

    return at


@pytest.mark.parametrize(("window", "name"), BOTH)
def test_a_child_is_added_and_waits(at_home, window, name):
    page, first_name = at_home(**window), f"Hugo-{name}"
    page.get_by_role("link", name="Ajouter un enfant").click()
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("link", name="Écrivez le prénom.").click()
    expect(page.get_by_label("Prénom")).to_be_focused()
    page.get_by_label("Nom", exact=True).fill("DUPONT")
    page.get_by_label("Prénom").fill(first_name)
    page.get_by_label("Date de naissance").fill("2012-09-02")
    page.get_by_label("École").fill("École Jean-Moulin")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    expect(page.get_by_role("main")).to_contain_text(first_name)
    page.goto("/enfants")
    card = page.locator(".child-card").filter(has_text=first_name)
    expect(card).to_contain_text("en attente")
    assert axe(page) == []
    card.get_by_role("link", name="Voir la demande").click()
    page.get_by_text("Retirer ma demande", exact=True).click()
    page.get_by_role("button", name=re.compile("Oui")).click()
    page.goto("/enfants")
    expect(page.locator(".child-card").filter(has_text=first_name)).to_have_count(0)


@pytest.mark.parametrize(("window", "name"), BOTH)
def test_who_may_collect_the_child_is_asked_to_change(at_home, window, name):
    page = at_home(**window)
    page.get_by_role("link", name="LEA", exact=True).click()
    page.get_by_role("navigation", name="Fiche de LEA").get_by_role("link", name="Personnes autorisées").click()
    row = page.get_by_role("group", name=re.compile("^Personne 1"))
    row.get_by_label("Nom et prénom").fill(f"Paul {name}")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert axe(page) == []
    row.get_by_label("Rôle").select_option("Peut venir chercher l’enfant")
    row.get_by_label("Téléphone").fill("06 12 34 56 78")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    page.goto("/enfants/1")
    section = page.get_by_role("region", name="Personnes autorisées")
    expect(section).to_contain_text(f"Paul {name}")
    expect(section).to_contain_text("en attente")
    assert axe(page) == []
    page.goto("/enfants/1/personnes-autorisees/modification")
    for label in ("Nom et prénom", "Téléphone"):
        row.get_by_label(label).fill("")
    row.get_by_label("Rôle").select_option("")
    page.get_by_role("button", name="Enregistrer").click()  # as the file says: the request is withdrawn
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    page.goto("/enfants/1")
    expect(section).not_to_contain_text("en attente")


@pytest.mark.parametrize("topic", ["autorisations", "lunettes"])
def test_the_answers_to_a_question_stand_on_one_line_of_a_phone(at_home, topic):
    page = at_home(**PHONE)
    for address in (f"/enfants/1/{topic}/modification", f"/enfants/1/dossier/{topic}"):
        page.goto(address)
        group = page.locator(".choices").first
        tops = [group.get_by_label(answer).bounding_box()["y"] for answer in ("Oui", "Non", "Pas de réponse")]
        assert len(set(tops)) == 1, address


def test_the_form_comes_first_on_a_phone(at_home):
    page = at_home(**PHONE)
    page.goto("/enfants/1/assurance/modification")
    assert page.get_by_label("Compagnie d’assurance").bounding_box()["y"] < 800
    page.get_by_role("link", name="Annuler").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fiche de LEA")


@pytest.mark.parametrize(("window", "name"), BOTH)
def test_an_enrolment_is_asked_for(at_home, window, name):
    page = at_home(**window)
    page.goto("/enfants/1")
    page.get_by_role("link", name="Demander une inscription").click()
    expect(page.get_by_role("group", name="Toutes les semaines")).to_be_visible()
    expect(page.get_by_role("group", name="Semaines paires")).to_be_hidden()
    page.get_by_label("Semaines paires et impaires différentes").check()
    expect(page.get_by_role("group", name="Toutes les semaines")).to_be_hidden()
    expect(page.get_by_text("En ce moment : semaine 19, du lundi 4 mai 2015")).to_be_visible()
    assert axe(page) == []
    odd = page.get_by_role("group", name="Semaines impaires")
    odd.get_by_label("mercredi").check()
    expect(odd.get_by_label("lundi")).to_be_visible()
    page.get_by_label("Prestation").select_option("Club du mercredi")
    expect(odd.get_by_label("lundi")).to_have_count(0)
    expect(odd.get_by_label("mercredi")).to_be_checked()
    page.get_by_label("Premier jour").fill("2015-05-06")
    page.get_by_label("Précision pour le service").fill(f"Depuis le {name}")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    page.goto("/enfants/1")
    section = page.get_by_role("region", name="Inscriptions en cours")
    expect(section.first).to_contain_text("semaines impaires : mercredi")
    expect(section.first).to_contain_text(f"Depuis le {name}")
    assert axe(page) == []
    page.get_by_role("link", name=re.compile("en attente.*Nouvelle inscription")).first.click()
    page.get_by_text("Retirer ma demande", exact=True).click()
    page.get_by_role("button", name=re.compile("Oui")).click()


def test_without_javascript_a_section_is_asked_to_change(new_context):
    page = new_context(java_script_enabled=False)
    log_in(page, "jean.dupont")
    page.goto("/enfants/1/assurance/modification")
    page.get_by_label("Compagnie d’assurance").fill("Mutuelle des Écoles")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page).to_have_url(re.compile(r"/demandes/\d+$"))
    page.goto("/enfants/1/assurance/modification")
    page.get_by_label("Compagnie d’assurance").fill("")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    page.goto("/enfants/1")
    expect(page.get_by_role("region", name="Assurance")).not_to_contain_text("en attente")


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_and_nothing_overflows(at_home, window):
    page = at_home(**window)
    for address in PAGES:
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
