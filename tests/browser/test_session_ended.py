"""A session that ends in the middle of a form: one logs in beside the page, and it sends what waits."""

import pytest
from playwright.sync_api import expect

from app import db
from app.models.accounts import UserSession
from tests.browser.window import ORIGIN, Window
from tests.conftest import PASSWORD

pytestmark = pytest.mark.sqlite_only

TYPED = "3 rue des Lilas"


@pytest.fixture
def jean(window) -> Window:
    return window("jean.dupont")


def end_sessions(app) -> None:
    with app.app_context(), db.transaction() as writing:
        writing.query(UserSession).delete()


def test_what_was_typed_stays_and_goes_after_the_login(app, jean):
    page = jean.open("/mon-compte/responsable/modification")
    page.locator("[name=address]").fill(TYPED)
    end_sessions(app)
    with jean.fragment():
        page.get_by_role("button", name="Enregistrer").click()
    dialog = page.get_by_role("dialog", name="Votre session a pris fin")
    expect(dialog.get_by_label("Identifiant")).to_be_focused()
    expect(page.locator("[name=address]")).to_have_value(TYPED)
    dialog.get_by_label("Identifiant").fill("jean.dupont")
    dialog.get_by_label("Mot de passe", exact=True).fill("Faux12345")
    with jean.fragment():
        dialog.get_by_role("button", name="Se connecter").click()
    expect(dialog).to_contain_text("incorrect")
    dialog.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{ORIGIN}/demandes/*")
    expect(page.locator("main")).to_contain_text(TYPED)


def test_a_warning_comes_two_minutes_before_and_one_stays(jean):
    jean.page.clock.install()
    page = jean.open("/planning/2015-05")
    page.clock.run_for("57:30")
    expect(page.locator("#flash")).to_be_empty()
    page.clock.run_for("01:00")
    warning = page.locator("#flash [data-session-ends]")
    expect(warning).to_contain_text("déconnecté dans deux minutes")
    with jean.fragment():
        warning.get_by_role("button", name="Rester connecté").click()
    expect(page.locator("#flash")).to_be_empty()
    page.clock.run_for("30:00")
    expect(page.locator("#flash")).to_be_empty()
