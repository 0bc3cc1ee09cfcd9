"""Mon compte, in a browser: at the width of a phone and of a desk, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import axe, log_in

IBAN = "FR76 3000 6000 0112 3456 7890 189"
SECTIONS = ("responsable", "conjoint", "fiscales", "caf", "banque")
PAGES = ("/mon-compte", *(f"/mon-compte/{section}/modification" for section in SECTIONS))
SIZES = [
    pytest.param({"viewport": {"width": 390, "height": 844}, "has_touch": True}, id="phone"),
    pytest.param({"viewport": {"width": 1280, "height": 800}}, id="desk"),
]
WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 1280)
    for scheme in ("light", "dark")
]


def withdraw(page: Page) -> None:
    """Leave the family as it was: take back what this test asked."""
    page.goto("/mon-compte")
    while page.locator("a.waits").count():
        page.locator("a.waits").first.click()
        page.locator("summary").filter(has_text="Retirer ma demande").click()
        page.get_by_role("button", name="Oui, retirer ma demande").click()
        page.get_by_text("Votre demande est retirée.").wait_for()
        page.goto("/mon-compte")


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_mobile_and_the_account_wait_once_asked_for(new_context, size, scripts):
    page = new_context(**size, java_script_enabled=scripts)
    log_in(page, "durand")
    page.goto("/mon-compte")
    page.get_by_role("navigation", name="Modifier").get_by_role("link", name="Infos Responsable").click()
    page.get_by_label("Mobile").fill("06 39 98 00 11")
    save(page)
    page.goto("/mon-compte/banque/modification")
    page.get_by_label("IBAN").fill(IBAN)
    page.get_by_role("group", name="Mise en prélèvement automatique").get_by_label("Oui").check()
    save(page)
    page.goto("/mon-compte")
    mobile = page.locator(".pair-waits").filter(has_text="Mobile")
    expect(mobile).to_contain_text("06 39 98 00 11")
    expect(mobile.get_by_role("link")).to_contain_text("en attente")
    expect(page.locator(".pair-waits").filter(has_text="Num banque")).to_contain_text("0189")
    expect(page.locator("main")).not_to_contain_text("0112 3456")
    if scripts:
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    withdraw(page)
    expect(page.locator("a.waits")).to_have_count(0)


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_and_nothing_overflows(new_context, window):
    page = new_context(**window)
    for who in ("jean.dupont", "durand"):
        log_in(page, who)
        for address in PAGES:
            page.goto(address)
            assert axe(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        page.context.clear_cookies()


def test_a_refused_form_shows_its_errors_first_and_they_lead_to_the_field(page):
    log_in(page, "jean.dupont")
    page.goto("/mon-compte/responsable/modification")
    page.get_by_label("Mobile").fill("12")
    page.get_by_label("Profession").fill("Boulanger")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("Profession")).to_have_value("Boulanger")
    assert axe(page) == []
    page.get_by_role("link", name=re.compile("ne semble pas juste")).click()
    expect(page.get_by_label("Mobile")).to_be_focused()


def test_after_a_form_that_came_back_the_browser_goes_back_to_the_page_before(page):
    log_in(page, "jean.dupont")
    page.goto("/mon-compte")
    page.goto("/mon-compte/caf/modification")
    page.get_by_label("Quotient familial", exact=False).first.fill("abc")
    page.get_by_label("Document").set_input_files(
        {"name": "attestation.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 petit"}
    )
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_text("Choisissez de nouveau votre document").first).to_be_visible()
    expect(page).to_have_title(re.compile("^Erreur"))
    assert axe(page) == []
    page.get_by_label("Quotient familial", exact=False).first.fill("742")
    page.get_by_label("Document").set_input_files(
        {"name": "attestation.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 petit"}
    )
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Accusé de réception")).to_be_visible()
    expect(page.get_by_text("Télécharger le papier joint")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Informations CAF")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Informations famille")


def test_a_file_that_is_too_big_is_said_before_it_is_sent(page):
    log_in(page, "jean.dupont")
    page.goto("/mon-compte/caf/modification")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    chosen = page.get_by_label("Document")
    big = {"name": "attestation.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-" + b"0" * 12_000_000}
    chosen.set_input_files(big)
    expect(page.get_by_role("alert")).to_have_text(
        "Ce fichier pèse 12 Mo, et 10 Mo au plus sont acceptés. Choisissez-en un plus léger."
    )
    assert axe(page) == []
    page.get_by_role("button", name="Enregistrer").click()
    expect(chosen).to_be_focused()
    assert posts == []
    chosen.set_input_files({**big, "buffer": b"%PDF-1.7 petit"})
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_menu_is_folded_on_a_phone_beside_a_form_and_whole_on_a_desk(page):
    log_in(page, "jean.dupont")
    page.goto("/mon-compte/caf/modification")
    menu = page.get_by_role("navigation", name="Modifier")
    expect(menu.get_by_role("link")).to_have_count(5)
    expect(menu.get_by_text("Autres rubriques")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(menu.get_by_role("link")).to_have_count(0)
    menu.get_by_text("Autres rubriques").click()
    menu.get_by_role("link", name="Informations Fiscales").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Informations fiscales")


def test_the_guide_s_two_columns_on_a_desk_and_its_order_on_a_phone(page):
    log_in(page, "jean.dupont")
    page.goto("/mon-compte")

    def place(label: str) -> dict[str, float]:
        return page.locator(".guide-columns .pair").filter(has_text=label).first.bounding_box()

    assert place("Civilité")["y"] == place("N° Famille")["y"]
    assert place("Civilité")["x"] < place("N° Famille")["x"]
    page.set_viewport_size({"width": 390, "height": 844})
    assert place("Civilité")["x"] == place("N° Famille")["x"]
    for first, then in (("Nom", "Prénom"), ("Code postal", "Ville"), ("Téléphone prof.", "Mobile")):
        assert place(first)["y"] < place(then)["y"] < place(first)["y"] + 50, then
