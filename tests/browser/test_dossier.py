"""The dossier on a phone, in two visits; a document given there and checked at the desk; axe."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, log_in

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 1280)
    for scheme in ("light", "dark")
]
DOSSIER = "/enfants/1/dossier"
PARENTS = (
    "/enfants/1/documents", DOSSIER, f"{DOSSIER}/informations", f"{DOSSIER}/sante", f"{DOSSIER}/autorisations",
    f"{DOSSIER}/documents", f"{DOSSIER}/envoi",
)  # fmt: skip
AGENTS = (
    "/agent/pieces", "/agent/pieces?etat=refusees", "/agent/pieces/1", "/agent/pieces/types",
    "/agent/pieces/types/nouveau", "/agent/pieces/types/1",
)  # fmt: skip
PAPER = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff une photo"}


def phone(new_context):
    page = new_context(**PHONE)
    log_in(page, "jean.dupont")
    page.goto(DOSSIER)
    return page


def assert_clean(page, address=""):
    assert axe(page) == [], address
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_filled_in_on_a_phone_in_two_visits_then_sent_and_accepted(new_context):
    first = phone(new_context)
    first.get_by_role("link", name="Commencer").click()
    first.get_by_label("Régime alimentaire").fill("sans œuf")
    first.get_by_label("Classe", exact=False).first.focus()  # leaving the field is enough: the page saves by itself
    expect(first.locator("#kept")).to_contain_text("Enregistré lundi 4 mai 2015")
    first.goto(DOSSIER)  # without a word
    expect(first.locator(".dossier-steps")).to_contain_text("commencée")
    first.get_by_role("link", name="Reprendre : Informations de l’enfant").click()
    expect(first.get_by_label("Régime alimentaire")).to_have_value("sans œuf")
    first.get_by_role("button", name="Enregistrer et continuer").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Personnes autorisées")
    first.get_by_text("Toutes les étapes").click()
    assert_clean(first)
    first.get_by_role("link", name="Assurance").click()
    first.get_by_label("Compagnie d’assurance").fill("Mutuelle des écoles")
    first.get_by_role("button", name="Enregistrer et finir plus tard").click()
    expect(first.locator("#flash")).to_contain_text("reprendre plus tard")
    first.context.close()

    second = phone(new_context)
    expect(second.get_by_role("progressbar")).to_have_attribute("value", "2")
    second.goto(f"{DOSSIER}/envoi")
    review = second.locator("main")
    expect(review).to_contain_text("sans œuf")
    expect(review).to_contain_text("Mutuelle des écoles")
    expect(review).to_contain_text("Page des vaccinations")
    assert_clean(second)
    second.get_by_role("button", name="Envoyer le dossier").click()
    expect(second.locator("main")).to_contain_text("Dossier unique d’inscription")
    code = re.search(r"[A-Z2-9]{3}-[A-Z2-9]{3}", second.locator("main").inner_text())[0]
    second.goto(DOSSIER)
    expect(second.get_by_role("link", name="Changer quelque chose")).to_be_visible()
    expect(second.locator(".dossier-steps")).not_to_contain_text("à faire")

    desk = new_context()
    log_in(desk, "guichet")
    desk.goto(f"/agent/demandes?q={code}")
    desk.get_by_role("link", name=re.compile(code)).click()
    desk.get_by_role("button", name="Accepter les 2 lignes").click()
    expect(desk.locator("#flash")).to_contain_text("Tout est accepté")
    second.goto(f"{DOSSIER}/assurance")
    expect(second.get_by_label("Compagnie d’assurance")).to_have_value("Mutuelle des écoles")


def test_a_document_given_on_a_phone_is_checked_at_the_desk(new_context):
    page = phone(new_context)
    page.goto(f"{DOSSIER}/documents")
    domicile = page.locator("li.paper").filter(has_text="Justificatif de domicile")
    domicile.get_by_label("Fichier").set_input_files(PAPER)
    domicile.get_by_role("button", name="Envoyer le document").click()
    expect(domicile).to_contain_text("reçue, en cours de vérification")
    expect(page.get_by_role("heading", level=1)).to_have_text("Documents")

    desk = new_context()
    log_in(desk, "guichet")
    desk.goto("/agent/pieces")
    desk.get_by_role("link", name="Justificatif de domicile").click()
    with desk.expect_download() as opened:
        desk.get_by_role("link", name="Ouvrir le document").click()
    assert opened.value.path().read_bytes() == PAPER["buffer"]
    expect(desk.get_by_label("Valable jusqu’au")).to_have_value("2016-05-04")
    desk.get_by_role("button", name="Valider").click()
    expect(desk.locator("#flash")).to_contain_text("Le document est validé")
    page.goto("/enfants/1/documents")
    expect(domicile).to_contain_text("Valable jusqu’au 04/05/2016")


def test_what_is_wrong_waits_for_the_parent_to_go_on(new_context):
    page = phone(new_context)
    page.goto(f"{DOSSIER}/sante")
    page.get_by_label("Téléphone du médecin").fill("12")
    page.get_by_label("Médecin traitant").fill("Dr Lefort")
    page.get_by_label("Traitements en cours").focus()
    expect(page.locator("#kept")).to_contain_text("sauf ce qui est à corriger")
    expect(page.locator("[data-error-summary]")).to_have_count(0)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("Téléphone du médecin")).to_have_value("12")
    assert_clean(page)
    page.goto(DOSSIER)
    page.get_by_text("Effacer ce que j’ai saisi…").click()
    page.get_by_role("button", name="Effacer ma saisie").click()
    expect(page.get_by_role("link", name=re.compile("Commencer|Changer quelque chose"))).to_be_visible()


def test_a_file_that_is_too_big_is_not_sent(new_context):
    page = phone(new_context)
    page.goto("/enfants/1/documents")
    missing = page.locator("li.paper").filter(has_text="Page des vaccinations")
    missing.get_by_label("Fichier").set_input_files({**PAPER, "buffer": b"\xff\xd8\xff" + b"0" * 10_000_001})
    missing.get_by_role("button", name="Envoyer le document").click()
    expect(missing).to_contain_text("10 Mo au plus sont acceptés")
    expect(missing).to_contain_text("attendue")


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_and_nothing_overflows(new_context, window):
    page = new_context(**window)
    log_in(page, "jean.dupont")
    for address in PARENTS:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert_clean(page, address)
    desk = new_context(**window)
    log_in(desk, "guichet")
    for address in AGENTS:
        desk.goto(address)
        assert_clean(desk, address)
    desk.goto("/agent/pieces/1")
    if desk.get_by_role("button", name="Refuser").count():
        desk.get_by_role("button", name="Refuser").click()
        expect(desk.get_by_role("alert")).to_contain_text("Un refus doit dire pourquoi")
        assert_clean(desk)
