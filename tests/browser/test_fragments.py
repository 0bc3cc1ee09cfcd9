"""What htmx shows when something goes wrong: a sentence in #flash, never a blank, and nothing else moves."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in


@pytest.fixture
def home(page):
    log_in(page, "jean.dupont")
    return page


def ask(page, address: str, verb: str = "GET") -> None:
    page.evaluate("([verb, url]) => htmx.ajax(verb, url, {target: '#operations'})", [verb, address])


def test_a_missing_fragment_is_told_in_the_flash_region(home):
    before = home.locator("#operations").inner_html()
    ask(home, "/documents/999")
    expect(home.locator("#flash")).to_contain_text("Cette page n’existe pas, ou n’est pas la vôtre.")
    assert home.locator("#operations").inner_html() == before


def test_a_server_that_cannot_answer_is_told_too(home):
    home.route("**/documents/1", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    ask(home, "/documents/1")
    expect(home.locator("#flash")).not_to_be_empty()
    expect(home.locator("h1")).to_have_count(1)


def test_a_lost_connection_is_told(home):
    home.context.set_offline(True)
    ask(home, "/documents/1")
    expect(home.locator("#flash")).to_contain_text("La connexion avec le portail a échoué")
    home.context.set_offline(False)


def test_htmx_carries_the_csrf_token(home):
    with home.expect_request("**/mot-de-passe") as asked:
        ask(home, "/mot-de-passe", "POST")
    assert asked.value.headers["x-csrftoken"]


def test_a_form_of_another_account_says_so_and_keeps_what_was_typed(home):
    home.goto("/mon-compte/responsable/modification")
    email = home.locator("main [name=email]")
    email.fill("nouvelle.adresse@example.org")
    other = home.context.new_page()
    home.context.clear_cookies()
    log_in(other, "durand")
    for _ in range(2):
        home.locator("main form [type=submit]").first.click()
        expect(home.locator("#flash")).to_contain_text("ouverte avec un autre compte")
        expect(email).to_have_value("nouvelle.adresse@example.org")
        home.locator("#flash").evaluate("flash => flash.replaceChildren()")
