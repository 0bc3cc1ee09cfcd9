"""The planning in a browser: with a mouse, by keyboard alone, by touch; and axe with menu and dialogs open.

The tests share one town: each works on days of its own.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, log_in

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 1280)
    for scheme in ("light", "dark")
]


@pytest.fixture
def may(page):
    log_in(page, "jean.dupont")
    page.goto("/planning/2015-05")
    return page


def cell(page, day: str, activity: str = "Garderie matin"):
    row = page.get_by_role("row").filter(has_text=activity)
    return row.locator(f'td[data-day="{day}"]')


def same_as_a_fresh_page(page) -> None:
    """Fragment == page: what the answer left on screen is what a reload shows."""
    read = """() => [...document.querySelectorAll('#planning td[data-day], #counters')].map(one => [
        one.id, one.dataset.state, one.textContent.trim(), one.querySelector('a')?.getAttribute('aria-label')
    ])"""
    after = page.evaluate(read)
    page.reload()
    assert page.evaluate(read) == after


def test_with_a_mouse_book_declare_an_absence_be_stopped_without_a_reason(may):
    here = cell(may, "2015-05-18")
    expect(here).to_have_attribute("data-state", "free")
    here.click(button="right")
    may.get_by_role("menuitem", name="Demande de Réservation").click()
    dialog = may.get_by_role("dialog")
    dialog.get_by_role("button", name="Envoyer la demande").click()
    expect(here).to_have_attribute("data-state", "booked")
    expect(may.locator("#flash")).to_contain_text("elle est acceptée")
    same_as_a_fresh_page(may)

    here.click()
    may.get_by_role("menuitem", name="Déclarer une absence").click()
    dialog.get_by_role("button", name=re.compile("absence", re.IGNORECASE)).last.click()
    expect(dialog).to_contain_text("Écrivez la raison de l’absence")
    expect(here).to_have_attribute("data-state", "booked")
    dialog.get_by_label("Raison de l’absence").fill("Rendez-vous")
    dialog.get_by_label("Je confirme cette absence").check()
    dialog.get_by_role("button", name=re.compile("absence", re.IGNORECASE)).last.click()
    expect(here).to_have_attribute("data-state", "absent_excused")
    same_as_a_fresh_page(may)


def test_by_keyboard_alone_ask_and_withdraw(may):
    here = cell(may, "2015-05-20", "ALSH Mercredi journée")
    here.locator("a").focus()
    may.keyboard.press("Shift+F10")
    expect(may.get_by_role("menuitem", name="Demande de Réservation")).to_be_focused()
    may.keyboard.press("Escape")
    expect(here.locator("a")).to_be_focused()
    may.keyboard.press("Enter")
    may.get_by_role("menuitem", name="Demande de Réservation").wait_for()
    may.keyboard.press("Enter")
    expect(may.get_by_role("button", name="Envoyer la demande")).to_be_focused()
    may.keyboard.press("Enter")
    expect(here).to_have_attribute("data-state", "request_waiting")
    expect(here.locator("a")).to_be_focused()
    may.keyboard.press("Enter")
    may.get_by_role("menuitem", name="Retirer ma demande").wait_for()
    may.keyboard.press("Enter")
    may.get_by_role("dialog").get_by_role("button", name=re.compile("Retirer")).click()
    expect(here).to_have_attribute("data-state", "free")
    same_as_a_fresh_page(may)


def test_the_arrows_move_and_the_pages_turn(may):
    cell(may, "2015-05-20").locator("a").focus()

    def at() -> str:
        return may.evaluate("document.activeElement.closest('td').dataset.day")

    for key, day in (
        ("ArrowRight", "2015-05-21"),
        ("ArrowLeft", "2015-05-20"),
        ("Home", "2015-05-01"),
        ("End", "2015-05-31"),
    ):
        may.keyboard.press(key)
        assert at() == day, key
    stops = may.evaluate("document.querySelectorAll('#planning [tabindex=\"0\"]').length")
    assert stops == 1
    may.keyboard.press("PageUp")
    may.wait_for_url(re.compile("/planning/2015-04"))
    assert at() == "2015-04-30"
    may.go_back()
    may.wait_for_url(re.compile("/planning/2015-05"))


def test_by_touch_on_a_phone_one_week_is_shown_and_a_day_is_asked(new_context):
    page = new_context(**PHONE)
    log_in(page, "jean.dupont")
    page.goto("/planning/2015-05?semaine=22")
    shown = page.locator("#planning td[data-day]:visible")
    assert {one.get_attribute("data-day") for one in shown.all()} == {f"2015-05-{day}" for day in range(25, 32)}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    here = cell(page, "2015-05-28")
    here.tap()
    page.get_by_role("menuitem", name="Demande de Réservation").tap()
    page.get_by_role("button", name="Envoyer la demande").tap()
    expect(here).to_have_attribute("data-state", "booked")


def test_what_cannot_be_done_says_why(may):
    cell(may, "2015-05-25").click()  # Whit Monday
    menu = may.locator("#menu")
    expect(menu).to_contain_text("férié")
    expect(menu.get_by_role("menuitem", name="Demande de Réservation")).to_have_attribute("aria-disabled", "true")


def test_a_cell_that_changed_meanwhile_gets_its_sentence(may, new_context):
    cell(may, "2015-05-21").click()
    may.get_by_role("menuitem", name="Demande de Réservation").click()
    other = new_context()
    log_in(other, "jean.dupont")
    other.goto("/planning/2015-05")
    cell(other, "2015-05-21").click()
    other.get_by_role("menuitem", name="Demande de Réservation").click()
    other.get_by_role("button", name="Envoyer la demande").click()
    expect(cell(other, "2015-05-21")).to_have_attribute("data-state", "booked")
    may.get_by_role("button", name="Envoyer la demande").click()
    expect(may.get_by_role("dialog")).to_contain_text("Ce jour est déjà réservé.")


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_with_menu_and_dialogs_open(new_context, window):
    page = new_context(**window)
    log_in(page, "jean.dupont")
    for address in ("/enfants", "/planning/inscriptions", "/planning/2015-04"):
        page.goto(address)
        assert axe(page) == [], address
    page.goto("/planning/2015-05?semaine=19")
    cell(page, "2015-05-07").click()
    page.get_by_role("menuitem").first.wait_for()
    assert axe(page) == []
    page.get_by_role("menuitem", name="Demande de Réservation").click()
    page.get_by_role("button", name="Envoyer la demande").wait_for()
    assert axe(page) == []
    address = cell(page, "2015-05-07").locator("a").get_attribute("href")
    for path in ("", "/reservation", "/absence", "/retrait"):
        page.goto(address + path)
        assert axe(page) == [], path


def test_the_planning_s_first_load_is_under_100_kb(new_context):
    page = new_context()
    log_in(page, "jean.dupont")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/planning/2015-04", wait_until="networkidle")
    assert 20_000 < sum(sizes) < 100_000
