"""« Liste des demandes » in a browser: ask, follow, withdraw, read an answer, on a phone and on a desktop; and axe.

The tests share one town: each works on days or fields of its own. Links and forms are plain: there is no fragment.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, log_in

AFTERNOON = 1  # « ALSH Mercredi après-midi » of the guide: an agent decides
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
TABS = [
    "/demandes?onglet=enfants",
    *(f"/demandes?rubrique={one}" for one in ("responsable", "conjoint", "fiscales", "caf", "banque")),
]
WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 1280)
    for scheme in ("light", "dark")
]


def ask(page, day: str) -> str:
    """Ask for this day; the code of the request, whose page is shown."""
    page.goto(f"/inscriptions/{AFTERNOON}/{day}/reservation")
    page.get_by_role("button", name="Envoyer la demande").click()
    return page.locator(".receipt-code").inner_text()


def withdraw(page, address: str) -> None:
    """And leave the town as it was: the desk's tests read the same queue."""
    page.goto(address)
    page.get_by_text("Retirer ma demande", exact=True).click()
    page.get_by_role("button", name="Oui, retirer ma demande").click()
    expect(page.locator("#flash")).to_contain_text("Votre demande est retirée.")


def rows(page, table: str, text: str):
    return page.locator(f"#{table} tbody").filter(has_text=text)


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("window", "day"), [(PHONE, "2015-05-13"), (DESKTOP, "2015-05-27")], ids=["phone", "desktop"]
)
def test_ask_see_it_wait_withdraw_it_see_it_withdrawn(new_context, window, day):
    page = new_context(**window)
    log_in(page, "jean.dupont")
    code = ask(page, day)
    page.locator(".back a").click()
    expect(page.get_by_role("link", name="Mes enfants").last).to_have_attribute("aria-current", "page")
    expect(rows(page, "attente", code)).to_contain_text("ALSH Mercredi après-midi")
    expect(rows(page, "attente", code)).to_contain_text("04/05/2015")
    assert fits(page)

    page.get_by_role("link", name=f"Demande {code}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Demande de Réservation")
    withdraw(page, page.url)
    expect(page.locator("#receipt")).to_contain_text("le service ne la traitera pas")
    expect(page.get_by_text("Retirer ma demande")).to_have_count(0)
    page.goto("/demandes?onglet=enfants")
    expect(rows(page, "attente", code)).to_have_count(0)
    expect(rows(page, "retirees", code)).to_contain_text("04/05/2015")
    page.goto(f"/planning/{day[:7]}")
    expect(page.locator(f"#c-{AFTERNOON}-{day}")).to_have_attribute("data-state", "free")


def test_partly_refused_each_line_says_so(new_context):
    page, agent = new_context(**PHONE), new_context(**DESKTOP)
    log_in(page, "durand")
    page.goto("/mon-compte/fiscales/modification")
    page.get_by_label("Nombre de parts").fill("2,5")
    page.get_by_label("Revenu fiscal de référence").fill("24500")
    page.get_by_role("button", name="Enregistrer").click()
    code = page.locator(".receipt-code").inner_text()
    here = page.url

    log_in(agent, "guichet")
    agent.goto(f"/agent/demandes?q={code}")
    agent.get_by_role("link", name=re.compile(code)).click()
    parts = agent.locator("article").filter(has_text="Nombre de parts")
    parts.get_by_text("Refuser…").click()
    parts.get_by_label("Ou un autre motif").fill("Le papier dit deux parts")
    parts.get_by_role("button", name="Refuser", exact=True).click()
    expect(agent.locator("#request")).to_contain_text("refusée")

    page.goto(here)
    line = page.locator(".request-lines li").filter(has_text="Nombre de parts")
    expect(line).to_contain_text("refusée")
    expect(line).to_contain_text("Le papier dit deux parts")
    expect(page.locator(".request-lines li").filter(has_text="Revenu fiscal")).to_contain_text(
        "en cours de traitement"
    )
    assert "Claire Vidal" not in page.content()
    for window in (PHONE, DESKTOP):
        page.set_viewport_size(window["viewport"])
        page.goto("/demandes?rubrique=fiscales")
        expect(rows(page, "refusees", code)).to_contain_text("Le papier dit deux parts")
        expect(rows(page, "refusees", code)).not_to_contain_text("24")
        expect(rows(page, "attente", code)).to_contain_text("24")
        assert fits(page)
    withdraw(page, here)


def test_on_a_phone_each_request_is_a_card_of_what_it_asks_alone(new_context):
    page = new_context(**PHONE)
    log_in(page, "durand")
    page.goto("/mon-compte/responsable/modification")
    page.get_by_label("Profession").fill("Fleuriste")
    page.get_by_role("button", name="Enregistrer").click()
    code, here = page.locator(".receipt-code").inner_text(), page.url
    page.goto("/demandes")
    card = rows(page, "attente", code)
    expect(card.locator("[data-label=Profession]")).to_be_visible()
    expect(card.locator("[data-label=Employeur]")).to_be_hidden()
    expect(page.locator("#attente thead")).not_to_be_in_viewport()
    withdraw(page, here)


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_on_the_tabs_and_on_the_page_of_a_request(new_context, window):
    page = new_context(**window)
    log_in(page, "jean.dupont")
    page.goto("/mon-compte/conjoint/modification")
    page.get_by_label("Profession").fill(f"Libraire {window['viewport']['width']} {window['color_scheme']}")
    page.get_by_label(re.compile("^Employeur")).fill(
        f"Librairie {window['viewport']['width']} {window['color_scheme']}"
    )
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    here = page.url
    for summary in page.locator(".confirm > summary").all():
        summary.click()
    expect(page.get_by_role("button", name="Oui, retirer ma demande")).to_be_visible()
    assert axe(page) == []
    assert fits(page)
    for address in TABS:
        page.goto(address)
        assert axe(page) == [], address
        assert fits(page), address
    withdraw(page, here)
