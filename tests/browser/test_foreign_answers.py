"""What answers in the portal's place (a proxy, the welcome page of a network) never takes away what was typed."""

import pytest
from playwright.sync_api import expect

from tests.browser.fresh import DAY, enrol
from tests.browser.window import ORIGIN, Window

NGINX = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"
CAPTIVE = (
    "<!doctype html><title>Wi-Fi</title><main id='main'><h1>Bienvenue</h1><div id='dialog'>Acceptez</div></main>"
)
ANSWERS = [
    (413, NGINX.format("413 Request Entity Too Large"), "trop lourd pour le serveur"),
    (403, NGINX.format("403 Forbidden"), "Ce n’est pas le portail qui a répondu"),
    (404, NGINX.format("404 Not Found"), "Ce n’est pas le portail qui a répondu"),
    (429, NGINX.format("429 Too Many Requests"), "Ce n’est pas le portail qui a répondu"),
    (502, "", "Ce n’est pas le portail qui a répondu"),
    (503, NGINX.format("503 Service Unavailable"), "Ce n’est pas le portail qui a répondu"),
    (200, CAPTIVE, "Ce n’est pas le portail qui a répondu"),
]
TYPED = "Rue des Lilas, bâtiment B"


pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def jean(window) -> Window:
    return window("jean.dupont")


def answer(status: int, body: str):
    return lambda route: route.fulfill(status=status, content_type="text/html", body=body)


def test_the_form_stays_as_it_was_typed_and_goes_once_the_portal_answers(jean):
    page = jean.open("/mon-compte/responsable/modification")
    address = page.locator("[name=address]")
    address.fill(TYPED)
    for status, body, sentence in ANSWERS:
        page.route("**/modification", answer(status, body))
        with jean.fragment():
            page.get_by_role("button", name="Enregistrer").click()
        expect(page.locator("#flash")).to_contain_text(sentence)
        expect(address).to_have_value(TYPED)
        expect(page.locator("h1")).to_have_count(1)
        page.unroute("**/modification")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(f"{ORIGIN}/demandes/*")


def test_nor_does_an_error_of_ours_whose_page_was_asked_for_whole(jean):
    page = jean.open("/mon-compte/responsable/modification")
    page.locator("[name=address]").fill(TYPED)
    page.locator("form[data-hx-post] [name=csrf_token]").evaluate("field => { field.value = 'x~999.'; }")
    with jean.fragment():
        page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#flash")).to_contain_text("ouverte avec un autre compte")
    expect(page.locator("[name=address]")).to_have_value(TYPED)


def test_a_dialog_stays_too(app, jean):
    number = enrol(app)
    page = jean.open("/planning/2015-05")
    with jean.fragment():
        page.locator(f"#c-{number}-{DAY}").click(button="right")
    with jean.fragment():
        page.get_by_role("menuitem", name="Demande de Réservation").click()
    page.route("**/reservation", answer(*ANSWERS[0][:2]))
    with jean.fragment():
        page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_role("dialog")).to_contain_text("trop lourd pour le serveur")
    expect(page.get_by_role("button", name="Envoyer la demande")).to_be_enabled()
