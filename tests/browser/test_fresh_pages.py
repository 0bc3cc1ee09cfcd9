"""Fragment == page: each answer that htmx puts in a page leaves it as opening its address would show it.

`#flash`, `#menu`, `#dialog` and tokens apart; every test acts as a person does, then opens the page a second time.
"""

from datetime import date

import pytest
from playwright.sync_api import expect

from app import db
from app.models.enrolments import Enrolment
from app.models.town import Approval
from app.models.town.activity import weekday_bits
from tests.browser.fresh import DAY, ask, comes_back, enrol
from tests.browser.window import Window
from tests.builders import activity, durand
from tests.filling import send

pytestmark = pytest.mark.sqlite_only


MONTH = "/planning/2015-05"


@pytest.fixture
def jean(window) -> Window:
    return window("jean.dupont")


def open_menu(window: Window, number: int, entry: str, day: date = DAY):
    """Right click on a cell, choose; the dialog."""
    cell = window.page.locator(f"#c-{number}-{day}")
    with window.fragment():
        cell.click(button="right")
    with window.fragment():
        window.page.get_by_role("menuitem", name=entry).click()
    return window.page.get_by_role("dialog")


def state_of(window: Window, number: int, day: date = DAY) -> str:
    return window.page.locator(f"#c-{number}-{day}").get_attribute("data-state")


@pytest.mark.parametrize(
    ("approval", "state"), [(Approval.AUTOMATIC, "booked"), (Approval.MANUAL, "request_waiting")]
)
def test_a_booking_from_its_cell(app, jean, approval, state):
    number = enrol(app, approval=approval)
    jean.open(MONTH)
    dialog = open_menu(jean, number, "Demande de Réservation")
    with jean.fragment():
        dialog.get_by_role("button", name="Envoyer la demande").click()
    assert state_of(jean, number) == state
    jean.is_fresh()


def test_a_menu_that_was_opened_and_closed(app, jean):
    number = enrol(app)
    jean.open(MONTH)
    with jean.fragment():
        jean.page.locator(f"#c-{number}-{DAY}").click()
    jean.page.keyboard.press("Escape")
    jean.is_fresh()


def test_an_absence_that_frees_a_place_for_a_brother(app, client_of, jean):
    number = enrol(app, places=1)
    brother = enrol(app, like=number)
    client = client_of("jean.dupont")
    ask(client, number)
    ask(client, brother)
    jean.open(MONTH)
    before = state_of(jean, brother)
    dialog = open_menu(jean, number, "Déclarer une absence")
    dialog.get_by_label("Raison de l’absence").fill("Rendez-vous")
    dialog.get_by_label("Je confirme cette absence").check()
    with jean.fragment():
        dialog.get_by_role("button", name="Déclarer l’absence").click()
    assert state_of(jean, number) == "absent_excused"
    assert state_of(jean, brother) != before
    jean.is_fresh()


def test_a_form_that_is_refused_in_the_dialog_changes_nothing_behind(app, client_of, jean):
    number = enrol(app)
    ask(client_of("jean.dupont"), number)
    jean.open(MONTH)
    dialog = open_menu(jean, number, "Déclarer une absence")
    with jean.fragment():
        dialog.get_by_role("button", name="Déclarer l’absence").click()
    expect(dialog).to_contain_text("Écrivez la raison de l’absence")
    jean.is_fresh()


def test_a_request_that_is_taken_back_in_its_cell(app, client_of, jean):
    number = enrol(app, approval=Approval.MANUAL)
    ask(client_of("jean.dupont"), number)
    jean.open(MONTH)
    dialog = open_menu(jean, number, "Retirer ma demande")
    with jean.fragment():
        dialog.get_by_role("button", name="Retirer ma demande").click()
    assert state_of(jean, number) == "free"
    jean.is_fresh()


@pytest.fixture
def offered(app, client_of) -> int:
    """The enrolment of a Dupont child, for whom the only place was waited for, and is now offered."""
    theirs = enrol(app, durand, places=1, offer_hours=24)
    ours = enrol(app, like=theirs)
    stranger = client_of("durand")
    ask(stranger, theirs)
    ask(client_of("jean.dupont"), ours)
    ask(stranger, theirs, "absence", motif="Malade", confirmation="y")
    return ours


@pytest.mark.parametrize(("answer", "state"), [("Prendre la place", "booked"), ("Laisser la place", "free")])
def test_the_answer_to_an_offer(offered, jean, answer, state):
    jean.open(MONTH)
    dialog = open_menu(jean, offered, "Répondre")
    with jean.fragment():
        dialog.get_by_role("button", name=answer).click()
    assert state_of(jean, offered) == state
    jean.is_fresh()


def test_a_day_that_is_exchanged(app, client_of, jean):
    number = enrol(app)
    ask(client_of("jean.dupont"), number)
    jean.open(MONTH)
    dialog = open_menu(jean, number, "Échanger")
    dialog.get_by_label("Nouveau jour").select_option("2015-05-11")
    with jean.fragment():
        dialog.get_by_role("button", name="Demander l’échange").click()
    assert state_of(jean, number, date(2015, 5, 11)) == "booked"
    jean.is_fresh()


def test_one_child_alone_is_shown_and_asked_for(app, jean):
    number = enrol(app)
    with app.app_context():
        child = db.session.get(Enrolment, number).child_id
    jean.open(f"{MONTH}?enfant={child}")
    dialog = open_menu(jean, number, "Demande de Réservation")
    with jean.fragment():
        dialog.get_by_role("button", name="Envoyer la demande").click()
    assert state_of(jean, number) == "booked"
    jean.is_fresh()


def test_a_dossier_that_saves_itself(jean):
    send(jean.client, "/enfants/1/dossier/informations", diet="sans lait", suite="plus-tard")
    jean.open("/enfants/1/dossier/informations")
    with jean.fragment():
        jean.page.get_by_label("Régime alimentaire").fill("sans œuf")
        jean.page.get_by_label("Classe", exact=False).first.focus()
    expect(jean.page.locator("#kept")).to_contain_text("Enregistré")
    jean.is_fresh(apart="[name=seen]")  # what the page showed when it was opened


def test_the_days_of_the_activity_that_is_chosen(app, jean):
    with app.app_context(), db.transaction():
        number = activity("Atelier d’essai", weekdays=weekday_bits(0, 4)).id
    jean.open("/enfants/1/inscription")
    with jean.fragment():
        jean.page.get_by_label("Prestation").select_option(str(number))
    expect(jean.page.locator("#usual-week")).not_to_contain_text("mercredi")
    jean.page.get_by_role("checkbox", name="lundi").first.check()
    jean.is_as_sent("form.panel", "#usual-week")  # and refused, as no first day is chosen


def test_a_copy_that_becomes_ready_while_one_watches(jean, worker):
    jean.client.send_form("/mes-donnees/copie", {}, page="/mes-donnees")
    jean.open("/mes-donnees")
    expect(jean.page.locator("#export")).to_contain_text("en préparation")
    worker.run_all()
    with jean.fragment():
        pass  # it asks again by itself
    expect(jean.page.locator("#export")).to_contain_text("est prête")
    jean.is_fresh()


@pytest.mark.parametrize(
    ("address", "field", "wrong"),
    [
        ("/enfants/ajout", "first_name", ""),
        ("/mon-compte/responsable/modification", "email", "pas une adresse"),
        ("/enfants/1/sante/modification", "doctor_phone", "12"),
        ("/enfants/1/inscription", "premier", "2014-02-03"),
    ],
)
def test_a_form_of_a_family_that_comes_back_in_place(app, jean, address, field, wrong):
    with app.app_context(), db.transaction():
        activity()
    comes_back(jean, address, field, wrong)
