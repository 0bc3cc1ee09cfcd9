"""Familles, in a browser: finding a family while one types."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, log_in

PAGES = (
    "/agent/familles",
    "/agent/familles?q=personne",
    "/agent/familles/1",
    "/agent/familles/nouvelle",
    "/agent/familles/1/modification",
    "/agent/familles/1/responsable/modification",
    "/agent/familles/1/banque/modification",
    "/agent/familles/1/enfants/nouveau",
    "/agent/familles/2/enfants/rattachement?q=lea",
    "/agent/enfants/1",
    "/agent/enfants/1/sante",
    "/agent/enfants/1/sante/modification",
    "/agent/enfants/1/autorisations/modification",
    "/agent/enfants/1/personnes-interdites/modification",
    "/agent/enfants/1/garde",
)
WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 768, 1280)
    for scheme in ("light", "dark")
]


def test_the_results_and_the_address_follow_what_is_typed(page):
    log_in(page, "guichet")
    page.goto("/agent/familles")
    found = page.locator("#families")
    expect(found).to_contain_text("DURAND SOPHIE")
    page.evaluate("document.querySelector('main').dataset.untouched = 'yes'")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.press_sequentially("léa du", delay=30)
    expect(found).to_contain_text("1 famille")
    expect(found).to_contain_text("DUPONT JEAN")
    expect(page).to_have_url(re.compile(r"/agent/familles\?q=l%C3%A9a(\+|%20)du$"))
    expect(field).to_be_focused()
    expect(field).to_have_value("léa du")
    assert page.evaluate("document.querySelector('main').dataset.untouched") == "yes"  # only the results came
    assert axe(page) == []
    page.get_by_role("link", name="DUPONT JEAN").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Famille DUPONT")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("léa du")


def test_without_javascript_the_button_searches(new_context):
    page = new_context(java_script_enabled=False)
    log_in(page, "guichet")
    page.goto("/agent/familles")
    page.get_by_role("searchbox").fill("durand")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("#families")).to_contain_text("1 famille")
    expect(page.locator("#families")).to_contain_text("DURAND SOPHIE")


def test_a_refused_form_shows_its_errors_first(page):
    log_in(page, "guichet")
    page.goto("/agent/familles/nouvelle")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("link", name="Écrivez le nom.").click()
    expect(page.locator("#premier-last_name")).to_be_focused()
    assert axe(page) == []


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_and_nothing_overflows(new_context, window):
    page = new_context(**window)
    log_in(page, "guichet")
    for address in PAGES:
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
