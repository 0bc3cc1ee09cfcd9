"""The agents' desk in browsers: two agents on one request, the queue by keyboard, many at once, axe.

The tests share one town: each works on days of its own.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, log_in

WINDOWS = [
    pytest.param({"viewport": {"width": width, "height": 800}, "color_scheme": scheme}, id=f"{width} {scheme}")
    for width in (320, 768, 1280)
    for scheme in ("light", "dark")
]
AFTERNOON = 1  # « ALSH Mercredi après-midi » of the guide: an agent decides


@pytest.fixture
def jean(new_context):
    page = new_context()
    log_in(page, "jean.dupont")
    return page


def ask(jean, *days: str) -> list[str]:
    """Ask for these days; the codes of the requests."""
    codes = []
    for day in days:
        jean.goto(f"/inscriptions/{AFTERNOON}/{day}/reservation")
        jean.get_by_role("button", name="Envoyer la demande").click()
        codes.append(jean.locator(".receipt-code").inner_text())
    return codes


def desk(new_context, who="guichet", **window):
    page = new_context(**window)
    log_in(page, who)
    return page


def open_request(page, code: str) -> None:
    page.goto(f"/agent/demandes?q={code}")
    page.get_by_role("link", name=re.compile(code)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)


def same_as_a_fresh_page(page) -> None:
    """Fragment == page: what the answer left of the request is what a reload shows, tokens apart."""
    read = """() => {
        const copy = document.querySelector('#request').cloneNode(true);
        copy.querySelectorAll('[name=csrf_token]').forEach(one => one.remove());
        for (const set of ['data-htmx-powered', 'tabindex'])  // by scripts
            copy.querySelectorAll(`[${set}]`).forEach(one => one.removeAttribute(set));
        return copy.outerHTML.replace(/\\s+/g, ' ');
    }"""
    after = page.evaluate(read)
    page.reload()
    assert page.evaluate(read) == after


def test_two_agents_decide_the_same_request_one_wins_the_other_reads_why(new_context, jean):
    (code,) = ask(jean, "2015-06-03")
    first, second = desk(new_context), desk(new_context, "admin")
    open_request(first, code)
    open_request(second, code)
    first.get_by_role("button", name="Accepter", exact=True).click()
    expect(first.locator("#flash")).to_contain_text("C’est accepté")
    expect(first.locator("#request")).to_contain_text("Claire Vidal")
    same_as_a_fresh_page(first)

    second.get_by_text("Refuser…").click()
    second.get_by_label("Ou un autre motif").fill("Plus de place")
    second.get_by_role("button", name="Refuser", exact=True).click()
    expect(second.locator("#request")).to_contain_text("déjà acceptée par Claire Vidal")

    jean.goto("/planning/2015-06")
    expect(jean.locator(f"#c-{AFTERNOON}-2015-06-03")).to_have_attribute("data-state", "booked")


def test_what_is_taken_is_shown_to_the_family_and_to_the_others(new_context, jean):
    (code,) = ask(jean, "2015-06-10")
    first, second = desk(new_context), desk(new_context, "admin")
    open_request(first, code)
    first.get_by_role("button", name="Prendre en charge").click()
    expect(first.get_by_role("button", name="Rendre à la file")).to_be_visible()
    same_as_a_fresh_page(first)
    jean.goto("/planning/2015-06")
    expect(jean.locator(f"#c-{AFTERNOON}-2015-06-10")).to_have_attribute("data-state", "booking_in_review")
    open_request(second, code)
    expect(second.get_by_role("button", name="Accepter", exact=True)).to_have_count(0)
    second.get_by_text("Reprendre cette demande…").click()
    second.get_by_role("button", name="Reprendre la demande").click()
    second.get_by_text("Refuser…").click()
    second.get_by_role("button", name="Refuser", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("Un refus doit dire pourquoi")  # and the form stays open
    second.get_by_label("Ou un autre motif").fill("Le bus est complet")
    second.get_by_role("button", name="Refuser", exact=True).click()
    expect(second.locator("#request")).to_contain_text("Le bus est complet")
    jean.goto(f"/inscriptions/{AFTERNOON}/2015-06-10")
    expect(jean.locator("main")).to_contain_text("Le bus est complet")


def test_the_queue_by_keyboard_and_many_at_once(new_context, jean):
    codes = ask(jean, "2015-06-17", "2015-06-24")
    page = desk(new_context)
    page.goto("/agent/demandes?q=dupont&type=booking")
    links = page.locator("[data-queue-link]")
    page.keyboard.press("j")  # the focus is not in the list: nothing happens
    expect(links.first).not_to_be_focused()
    links.first.focus()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("k")
    expect(links.first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-queue] :checked")).to_have_count(2)
    page.get_by_label("Raccourcis clavier dans la liste").uncheck()
    links.first.focus()
    page.keyboard.press("x")
    expect(page.locator("[data-queue] :checked")).to_have_count(2)
    page.get_by_label("Raccourcis clavier dans la liste").check()

    page.get_by_role("button", name="Accepter les demandes choisies").click()
    expect(page.locator("#batch")).to_contain_text("C’est fini : 2 acceptées")
    page.goto(f"/agent/demandes?q={codes[0]}&etat=repondues")
    expect(page.locator("#queue")).to_contain_text("acceptée")


def ask_change(page, section: str, **wanted: str) -> str:
    """Ask, as a parent, for a change of one's own file; the code of the request."""
    page.goto(f"/mon-compte/{section}/modification")
    for label, text in wanted.items():
        page.get_by_label(re.compile(f"^{label}")).fill(text)
    page.get_by_role("button", name="Enregistrer").click()
    return page.locator(".receipt-code").inner_text()


def test_a_change_of_the_file_is_read_old_and_new_and_answered_line_by_line(new_context):
    parent = new_context()
    log_in(parent, "durand")
    code = ask_change(parent, "responsable", Profession="Boulangère", Employeur="Le Fournil")
    page = desk(new_context)
    page.goto(f"/agent/demandes?q={code}")
    expect(page.locator("#queue")).to_contain_text(
        re.compile(r"Profession\s:\s+non renseigné →\s*devient Boulangère")
    )
    open_request(page, code)
    line = page.get_by_role("article", name="Profession")
    expect(line).to_contain_text("Boulangère")
    line.get_by_role("button", name="Accepter").click()
    expect(page.locator("#flash")).to_contain_text("C’est accepté")
    expect(line).to_contain_text("acceptée")
    expect(line.get_by_role("heading")).to_be_focused()  # the button is gone: what it answered gets the focus
    page.keyboard.press("Tab")
    employer = page.get_by_role("article", name="Employeur")
    expect(employer.get_by_role("button", name="Accepter")).to_be_focused()
    same_as_a_fresh_page(page)
    assert axe(page) == []
    employer.get_by_text("Refuser…").click()
    employer.get_by_label("Ou un autre motif").fill("Un justificatif, s’il vous plaît")
    employer.get_by_role("button", name="Refuser", exact=True).click()
    expect(page.locator("#request")).to_contain_text("répondue")
    expect(employer.get_by_role("heading")).to_be_focused()
    page.get_by_role("link", name="Dossier de la famille").click()
    expect(page.locator("main")).to_contain_text("Boulangère")


def test_all_lines_answered_at_once_the_focus_goes_to_the_request(new_context):
    parent = new_context()
    log_in(parent, "durand")
    code = ask_change(parent, "responsable", Profession="Libraire", Employeur="La Page")
    page = desk(new_context)
    open_request(page, code)
    page.get_by_role("button", name="Accepter les 2 lignes").click()
    expect(page.locator("#request")).to_contain_text("répondue")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_of_many_persons_who_comes_and_who_goes_is_told_apart(new_context, jean):
    """By the eye and by the ear; who stays is in soft ink."""
    page = desk(new_context)

    def write(who, address: str, *names: str) -> None:
        who.goto(f"{address}/enfants/1/personnes-autorisees/modification")
        for number in range(2):
            name = who.locator(f"#contacts-{number}-name")
            if not name.is_visible():
                who.get_by_text("Ajouter une personne").first.click()
            name.fill(dict(enumerate(names)).get(number, ""))
            who.locator(f"#contacts-{number}-role").select_option("collects" if names else "")
        who.get_by_role("button", name="Enregistrer").click()

    write(page, "/agent", "Rose Petit", "Anne Petit")
    expect(page.locator("#personnes")).to_contain_text("Anne Petit")
    write(jean, "", "Rose Petit", "Paul Petit")
    open_request(page, jean.locator(".receipt-code").inner_text())
    rows = page.locator(".change-rows li")
    expect(rows).to_contain_text(["retiré : Peut venir chercher l’enfant, Anne", "l’enfant, Rose", "ajouté : Peut"])
    style = "(one, [part, what]) => getComputedStyle(one.querySelector('ins') ?? one, part)[what]"
    assert rows.nth(1).evaluate(style, [None, "fontWeight"]) == "400"
    assert rows.nth(2).evaluate(style, [None, "fontWeight"]) == "600"
    assert rows.nth(2).evaluate(style, ["::before", "content"]).startswith('"+')
    assert axe(page) == []
    page.get_by_text("Refuser…").click()
    page.get_by_label("Ou un autre motif").fill("Non")
    page.get_by_role("button", name="Refuser", exact=True).click()
    expect(page.locator("#request")).to_contain_text("répondue")
    write(page, "/agent")
    expect(page.locator("#personnes")).not_to_contain_text("Petit")


def test_of_two_who_write_the_same_file_the_second_is_told_and_loses_nothing(new_context):
    first, second = desk(new_context), desk(new_context, "admin")
    for page in (first, second):
        page.goto("/agent/enfants/1/informations/modification")
    first.get_by_label("École").fill("École des Tilleuls")
    first.get_by_role("button", name="Enregistrer").click()
    expect(first.locator("main")).to_contain_text("École des Tilleuls")
    second.get_by_label("Niveau").fill("CE2")
    second.get_by_role("button", name="Enregistrer").click()
    told = second.locator("[data-error-summary]")
    expect(told).to_be_focused()
    expect(told).to_contain_text("École est maintenant « École des Tilleuls »")
    expect(second.get_by_label("Niveau")).to_have_value("CE2")
    assert axe(second) == []
    second.get_by_label("École").fill("École Jean-Moulin")
    second.get_by_label("Niveau").fill("")
    second.get_by_role("button", name="Enregistrer").click()  # as it was, for the other tests
    expect(second.get_by_role("heading", level=1)).to_contain_text("DUPONT")


def test_the_health_of_a_child_is_behind_a_page_that_notes_the_reading(new_context):
    page = desk(new_context)
    page.goto("/agent/enfants/1")
    page.get_by_role("link", name="Données de santé").click()
    expect(page.locator("main")).to_contain_text("Le journal note que vous avez lu cette page")
    admin = desk(new_context, "admin")
    admin.goto("/agent/journal")
    expect(admin.locator("main")).to_contain_text("Données de santé lues")


def test_typing_in_the_search_refreshes_the_list_and_the_address(new_context, jean):
    (code,) = ask(jean, "2015-07-01")
    page = desk(new_context)
    page.goto("/agent/demandes")
    page.get_by_label("Famille, enfant ou code").press_sequentially("dupo")
    expect(page).to_have_url(re.compile("q=dupo"))
    expect(page.locator("#queue")).to_contain_text(code)
    page.get_by_label("Type").select_option("absence")
    expect(page.locator("#queue")).to_contain_text("Aucune demande ne correspond")


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_on_the_desk(new_context, jean, window):
    page = desk(new_context, **window)
    for address in ("/agent/", "/agent/demandes?etat=repondues", "/agent/demandes", "/agent/demandes/motifs"):
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto("/agent/demandes")
    if not page.locator("[data-queue-link]").count():
        ask(jean, "2015-05-20")
        page.reload()
    page.locator("[data-queue-link]").first.click()
    page.get_by_text("Refuser…").first.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
