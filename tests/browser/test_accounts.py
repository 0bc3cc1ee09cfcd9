"""Accounts, letters and journal: what axe-core finds, and no page wider than its window."""

import pytest

from tests.browser.conftest import axe, log_in

PAGES = (
    "/agent/comptes",
    "/agent/comptes/nouveau",
    "/agent/comptes/1",
    "/agent/journal",
    "/agent/journal?type=familles&qui=personne",
    "/agent/familles/lettres",
    "/agent/familles/1/responsables/2/compte",
)


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(new_context, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    log_in(page, "admin")
    for address in PAGES:
        page.goto(address)
        for summary in page.locator("main summary").all():
            summary.click()
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_the_choice_of_letters_is_counted_without_a_new_page(new_context):
    page = new_context()
    log_in(page, "guichet")
    page.goto("/agent/familles/lettres")
    page.get_by_label("Familles").select_option("jamais")
    page.wait_for_url("**/lettres?comptes=jamais*")
    assert "Aucune famille ne correspond" in page.locator("#letters").inner_text()
