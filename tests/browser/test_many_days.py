"""Several days at once and fair queues in a browser, on a phone and on a desktop; and axe.

They have a town of their own: two children, a usual week, a room of one place that somebody else gives back.
"""

import re
import shutil
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from app import clock, create_app, db
from app.models.enrolments import Enrolment
from app.models.families import Child
from app.models.families.author import Author
from app.models.planning.slot import Slot
from app.models.requests import LineState, RequestLine
from tests import servers
from tests.browser.conftest import axe, log_in
from tests.browser.test_planning import same_as_a_fresh_page
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY, SECRETS, settings

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
BOTH = pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
OFFERED = {390: date(2015, 5, 18), 1280: date(2015, 5, 19)}
EXPIRED = date(2015, 5, 21)
ILL = {390: date(2015, 6, 8), 1280: date(2015, 6, 15)}  # Mondays
SWAPPED = {390: date(2015, 6, 22), 1280: date(2015, 6, 29)}
SCHOOL_DAYS = 0b11011


@pytest.fixture(scope="module")
def portal(guide_town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("queues") / "data"
    shutil.copytree(guide_town("sqlite"), folder)
    app = create_app(settings(folder))
    with app.app_context():
        with db.transaction():
            _fill()
        with db.transaction():
            _give_back()
    db.disconnect()
    told = {"PREAU_ENV": "demo", "PREAU_DATA_DIR": str(folder), "PREAU_TODAY": GUIDE_DAY.isoformat(), **SECRETS}
    with servers.portal(told) as address:
        yield address


def _fill() -> None:
    canteen, room, swaps = activity("Cantine d’essai"), activity("Atelier", places=1), activity("Échecs", places=3)
    for name in ("Zoé", "Tom"):
        child = Child(last_name="DUPONT", first_name=name, birth_date=date(2008, 9, 1))
        db.session.add(child)
        db.session.flush()
        usual = enrolment(canteen, dupont().family, child, even_weeks=SCHOOL_DAYS, odd_weeks=SCHOOL_DAYS)
    for monday in ILL.values():
        for day in (monday, monday + timedelta(days=1), monday + timedelta(days=3)):
            _ask(dupont(), usual.id, day)
    theirs, mine = enrolment(room, durand().family), enrolment(room, dupont().family, child)
    for day in (*OFFERED.values(), EXPIRED):
        _ask(durand(), theirs.id, day)
        _ask(dupont(), mine.id, day)
    other = enrolment(swaps, dupont().family, child)
    for day in SWAPPED.values():
        _ask(dupont(), other.id, day)


def _give_back() -> None:
    """The Durand child does not come: the place is offered; of one day the time to answer is over already."""
    theirs = db.session.query(Enrolment).filter_by(family_id=durand().family_id).order_by(Enrolment.id.desc()).first()
    for day in (*OFFERED.values(), EXPIRED):
        slot = Slot.of_family(durand().family_id, theirs.id, day)
        slot.report_absence(by=Author(durand()), reason="Malade", submission=f"a{day}")
    late = db.session.query(RequestLine).filter_by(day=EXPIRED, state=LineState.OFFERED).one()
    late.answer_until = clock.local_now() - timedelta(minutes=1)


def _ask(adult, enrolment_id, day) -> None:
    slot = Slot.of_family(adult.family_id, enrolment_id, day)
    slot.ask_booking(by=Author(adult), submission=f"{enrolment_id}-{day}")


@pytest.fixture
def at_home(new_context, window):
    page = new_context(**window)
    log_in(page, "jean.dupont")
    return page


def cell(page, day: date, name: str):
    row = page.locator("tr", has=page.get_by_role("rowheader", name=re.compile(f"^{name}")))
    return row.locator(f'td[data-day="{day}"]')


def planning(page, day: date) -> None:
    page.goto(f"/planning/{day:%Y-%m}?semaine={day.isocalendar().week}")


def request_of(page, day: date, name: str = "Atelier") -> None:
    """Open the page of the request for this day, from the list."""
    page.goto("/demandes?onglet=enfants")
    row = page.locator("tbody").filter(has_text=re.compile(f"{name}, \\w+ {day.day} "))
    row.get_by_role("link").first.click()


@BOTH
def test_the_usual_week_of_two_children_is_two_taps_away(at_home):
    page = at_home
    page.get_by_role("link", name="Réserver comme d’habitude").click()
    for child in ("Zoé", "Tom"):
        expect(page.get_by_role("group", name=re.compile(f"^{child}, Cantine"))).to_contain_text(
            "réservé tout de suite"
        )
    assert axe(page) == []
    page.get_by_role("button", name="Envoyer la demande").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    expect(page.locator(".request-page")).to_contain_text("acceptée")
    for child in ("Zoé", "Tom"):
        expect(page.locator(".request-days", has_text=f"{child}, Cantine")).to_contain_text("acceptée")
    assert axe(page) == []


@BOTH
def test_an_illness_over_a_range(at_home, window):
    page, monday = at_home, ILL[window["viewport"]["width"]]
    page.goto("/demandes/nouvelle?mode=absence")
    assert axe(page) == []
    page.get_by_label("Tom").check()
    page.get_by_label("Premier jour d’absence").fill(str(monday))
    page.get_by_label("Dernier jour d’absence").fill(str(monday + timedelta(days=4)))
    page.get_by_label("Raison de l’absence").fill("Malade jusqu’à vendredi")
    page.get_by_role("button", name="Voir ce qui sera demandé").click()
    expect(page.locator('input[name="ligne"]')).to_have_count(3)
    page.get_by_role("button", name="Modifier").click()
    expect(page.get_by_label("Raison de l’absence")).to_have_value("Malade jusqu’à vendredi")
    page.get_by_role("button", name="Voir ce qui sera demandé").click()
    page.get_by_role("button", name="Déclarer ces absences").click()
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    planning(page, monday)
    for days in (0, 1, 3):
        here = cell(page, monday + timedelta(days=days), "Cantine d’essai").last
        expect(here).to_have_attribute("data-state", "absent_excused")


@BOTH
def test_an_offer_is_accepted_on_the_cell(at_home, window):
    page, day = at_home, OFFERED[window["viewport"]["width"]]
    planning(page, day)
    here = cell(page, day, "Atelier")
    expect(here).to_have_attribute("data-state", "offered")
    here.locator("a").click()
    page.get_by_role("menuitem", name="Répondre à la proposition").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("La place est gardée jusqu’au")
    assert axe(page) == []
    dialog.get_by_role("button", name="Prendre la place").click()
    expect(here).to_have_attribute("data-state", "booked")
    same_as_a_fresh_page(page)


@BOTH
def test_an_offer_that_nobody_answered_is_over_and_said(at_home):
    page = at_home
    planning(page, EXPIRED)
    expect(cell(page, EXPIRED, "Atelier")).not_to_have_attribute("data-state", "offered")
    request_of(page, EXPIRED)
    expect(page.locator(".request-page")).to_contain_text("expirée")
    expect(page.get_by_role("button", name="Prendre la place")).to_have_count(0)


@BOTH
def test_a_day_is_swapped_for_another(at_home, window):
    page, day = at_home, SWAPPED[window["viewport"]["width"]]
    new = day + timedelta(days=1)
    planning(page, day)
    here = cell(page, day, "Échecs")
    expect(here).to_have_attribute("data-state", "booked")
    here.locator("a").click()
    page.get_by_role("menuitem", name="Échanger ce jour").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nouveau jour").select_option(str(new))
    assert axe(page) == []
    dialog.get_by_role("button", name="Demander l’échange").click()
    expect(here).not_to_have_attribute("data-state", "booked")
    if new.month == day.month:
        expect(cell(page, new, "Échecs")).to_have_attribute("data-state", "booked")
    same_as_a_fresh_page(page)


def test_cells_chosen_with_control_and_shift_are_asked_together(new_context):
    page = new_context(**DESKTOP)
    log_in(page, "jean.dupont")
    planning(page, date(2015, 6, 1))
    monday, following = (cell(page, date(2015, 6, number), "Échecs") for number in (1, 9))
    monday.locator("a").click(modifiers=["Control"])
    following.locator("a").click(modifiers=["Shift"])
    expect(page.locator("#selection")).to_contain_text("7 jours choisis")  # the weekend between them is left out
    assert axe(page) == []
    page.get_by_role("button", name="Réserver", exact=True).click()
    expect(page.locator('input[name="ligne"]')).to_have_count(7)


def test_a_whole_month_of_every_row_is_chosen_and_previewed(new_context):
    page = new_context(**DESKTOP)
    log_in(page, "jean.dupont")
    page.goto("/planning/2015-06")
    free = page.locator('#planning td[data-state="free"] a')
    free.first.click(modifiers=["Control"])
    free.last.click(modifiers=["Shift"])
    page.get_by_role("button", name="Réserver", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce qui sera demandé")
    assert page.locator('input[name="ligne"]').count() > 100


def test_closing_the_bar_of_chosen_days_goes_back_to_where_one_was(new_context):
    page = new_context(**DESKTOP)
    log_in(page, "jean.dupont")
    planning(page, date(2015, 6, 1))
    close = page.get_by_role("button", name="Fermer")
    chosen = cell(page, date(2015, 6, 2), "Échecs").locator("a")
    chosen.click(modifiers=["Control"])
    close.click()
    expect(chosen).to_be_focused()
    starter = page.get_by_role("button", name="Plusieurs jours")
    starter.click()
    close.click()
    expect(starter).to_be_focused()


def test_by_touch_a_mode_chooses_several_days(new_context):
    page = new_context(**PHONE)
    log_in(page, "jean.dupont")
    planning(page, date(2015, 6, 1))
    page.get_by_role("button", name="Plusieurs jours").tap()
    for number in (2, 5):
        cell(page, date(2015, 6, number), "Échecs").locator("a").tap()
    expect(page.locator("#selection")).to_contain_text("2 jours choisis")
    assert axe(page) == []
    page.get_by_role("button", name="Réserver", exact=True).tap()
    expect(page.locator('input[name="ligne"]')).to_have_count(2)
