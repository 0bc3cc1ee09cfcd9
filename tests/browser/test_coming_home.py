"""A parent comes home: logs in, looks, leaves. With a mouse, by keyboard, on a phone, without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in_by_form
from tests.conftest import PASSWORD

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def test_a_parent_logs_in_looks_and_leaves(page, town_website):
    log_in_by_form(page, "jean.dupont")
    expect(page.get_by_text("Bienvenue JEAN DUPONT, vous avez")).to_be_visible()
    expect(page.locator("[data-unread]")).to_have_text("1")
    expect(page.get_by_text("Lundi 4 Mai 2015").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue sur votre page d'accueil")
    expect(page.get_by_role("row", name=re.compile("AL-36"))).to_contain_text("08/04/2015")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Fiche d'inscription")).click()
    assert download.value.suggested_filename == "fiche-inscription.pdf"
    page.get_by_role("button", name="Déconnexion").click()
    page.wait_for_url(town_website + "/")
    expect(page.get_by_role("heading")).to_have_text("Site de la commune")


def test_after_leaving_back_shows_the_login_page(page, town_website):
    log_in_by_form(page, "jean.dupont")
    expect(page.get_by_text("1001001818331")).to_be_visible()
    page.get_by_role("button", name="Déconnexion").click()
    page.wait_for_url(town_website + "/")
    page.go_back()
    expect(page.get_by_text("COMPTE FAMILLE")).to_be_visible()
    assert "1001001818331" not in page.content()


def test_by_keyboard_alone(page):
    page.goto("/connexion")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "identifiant":
            break
    page.keyboard.type("jean.dupont")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue sur votre page d'accueil")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_on_a_phone_the_bar_opens_from_a_button(new_context, town_website, javascript):
    page = new_context(**PHONE, java_script_enabled=javascript)
    log_in_by_form(page, "jean.dupont")
    leave = page.get_by_role("button", name="Déconnexion")
    expect(leave).to_be_hidden()
    page.get_by_role("button", name="Menu").tap()
    expect(page.get_by_role("link", name="Accueil")).to_have_attribute("aria-current", "page")
    leave.tap()
    page.wait_for_url(town_website + "/")


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1900])
def test_no_page_scrolls_sideways(new_context, width):
    page = new_context(viewport={"width": width, "height": 740})
    for address in ("/connexion", "/aide", "/donnees-personnelles", "/nulle-part"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    log_in_by_form(page, "jean.dupont")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wrong_password_is_told_and_the_focus_is_on_the_message(page):
    page.goto("/connexion")
    page.get_by_label("Identifiant").fill("durand")
    page.get_by_label("Mot de passe", exact=True).fill("Faux12345")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("Identifiant ou mot de passe incorrect"))
    expect(page.get_by_label("Identifiant")).to_have_value("durand")
    assert page.title().startswith("Erreur")


def test_one_comes_back_where_one_was(page):
    page.goto("/agent/profil")
    page.get_by_label("Identifiant").fill("guichet")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon profil")


def test_the_checklist_lives_as_one_types(page):
    log_in_by_form(page, "jean.dupont")
    page.get_by_role("link", name="Changer mot de passe").click()
    rule = page.locator("[data-rule]")
    states = lambda: rule.evaluate_all("all => all.map(one => one.className + ' ' + one.textContent)")  # noqa: E731
    before = states()
    page.get_by_label("Nouveau mot de passe").press_sequentially("soleil")
    during = states()
    page.get_by_label("Nouveau mot de passe").press_sequentially("-A1")
    after = states()
    assert len(before) == 6
    assert before != during != after
    assert sum(one != two for one, two in zip(during, after, strict=True)) == 3  # length, upper, digit


def test_the_password_can_be_shown(page):
    page.goto("/connexion")
    field = page.get_by_label("Mot de passe", exact=True)
    field.fill("Bonjour")
    page.get_by_role("button", name=re.compile("Afficher")).click()
    expect(field).to_have_attribute("type", "text")


def test_no_request_leaves_the_portal(page, portal):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in_by_form(page, "jean.dupont")
    page.goto("/aide")
    assert len(asked) > 8
    assert not [url for url in asked if not url.startswith((portal, "data:"))]


def test_the_first_load_is_light(new_context):
    """All that a phone fetches to see the home page for the first time, as sent over the wire."""
    page = new_context()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    log_in_by_form(page, "jean.dupont")
    page.wait_for_load_state("networkidle")
    assert 20_000 < sum(sizes) < 100_000
