"""axe-core finds nothing on any page, light and dark, at 320 px and wide."""

from pathlib import Path

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


WRONG = """<!doctype html><html lang="fr"><title>Page</title>
<style>:root { color-scheme: light dark; background: light-dark(#fff, #111) }</style>
<main><h1 style="color: light-dark(#ddd, #333)">Pâle</h1><img src="data:,"></main></html>"""


@pytest.mark.parametrize(
    ("scheme", "rules"), [("light", {"color-contrast", "image-alt"}), ("dark", {"color-contrast"})]
)
def test_axe_sees_what_is_wrong(new_context, scheme, rules):
    page = new_context(color_scheme=scheme)
    page.set_content(WRONG)
    assert {told.partition(":")[0] for told in axe(page)} == rules


def test_dark_pages_differ_from_light_ones_in_their_colours_alone():
    """So `axe` looks at their contrast alone."""
    sheets = (Path(__file__).parents[2] / "app" / "static" / "css").glob("*.css")
    assert not [sheet.name for sheet in sheets if "prefers-color-scheme" in sheet.read_text()]


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
