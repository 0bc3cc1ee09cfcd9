"""axe-core finds nothing on any page, light and dark, at 320 px and wide."""

import pytest

from tests.browser.conftest import axe, log_in

WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 1280)
    for scheme in ("light", "dark")
]
PUBLIC = (
    "/connexion", "/aide", "/accessibilite", "/mentions-legales", "/donnees-personnelles", "/mot-de-passe/oubli",
    "/mot-de-passe/perime", "/nulle-part",
)  # fmt: skip
PARENT = (
    "/", "/mot-de-passe", "/nulle-part", "/agent/", "/aide", "/enfants", "/mes-donnees", "/planning/inscriptions",
    "/inscriptions/7/2015-04-09/justificatif",
)  # fmt: skip
AGENT = ("/agent/", "/agent/profil", "/agent/profil/double-authentification", "/mot-de-passe", "/documents/1")


def assert_accessible(page, addresses):
    for address in addresses:
        page.goto(address)
        assert axe(page) == [], address


@pytest.mark.parametrize("window", WINDOWS)
def test_public_pages(new_context, window):
    assert_accessible(new_context(**window), PUBLIC)


@pytest.mark.parametrize("window", WINDOWS)
def test_parents_pages(new_context, window):
    page = new_context(**window)
    log_in(page, "jean.dupont")
    assert_accessible(page, PARENT)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_calendar_address_and_what_ends_it(new_context, window):
    page = new_context(**window)
    log_in(page, "durand")
    page.goto("/planning/calendrier")
    assert axe(page) == []
    page.get_by_role("button", name="Créer l’adresse").click()
    page.get_by_text("Renouveler…").click()
    page.get_by_text("Supprimer…").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Supprimer l’adresse").click()
    page.get_by_role("button", name="Créer l’adresse").wait_for()


@pytest.mark.parametrize("window", WINDOWS)
def test_agents_pages(new_context, window):
    page = new_context(**window)
    log_in(page, "guichet")
    assert_accessible(page, AGENT)


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_with_errors_and_the_open_menu(new_context, window):
    page = new_context(**window)
    page.goto("/connexion")
    page.get_by_role("button", name="Se connecter").click()
    assert axe(page) == []
    log_in(page, "regie")  # must change the password
    assert axe(page) == []
    page.get_by_label("Nouveau mot de passe").fill("court")
    page.get_by_role("button", name="Enregistrer").click()
    assert axe(page) == []
    page.context.clear_cookies()
    log_in(page, "durand")
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
        assert axe(page) == []
    page.goto("/mot-de-passe/oubli")
    page.get_by_role("textbox", name="Identifiant").fill("personne")
    page.get_by_role("button").last.click()
    assert axe(page) == []
