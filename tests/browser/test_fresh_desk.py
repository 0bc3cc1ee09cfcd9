"""Each fragment of the agents’ desk, applied to its page, gives the fresh page."""

import re

import pytest
from playwright.sync_api import expect

from app import db
from app.models.requests import Request
from app.models.town import Approval
from tests.browser.fresh import ask, comes_back, enrol
from tests.browser.window import Window
from tests.builders import activity, dupont, durand, enrolment
from tests.filling import send

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def guichet(window) -> Window:
    return window("guichet")


@pytest.fixture
def asked(app, client_of) -> int:
    """A day that waits for an agent."""
    return ask(client_of("jean.dupont"), enrol(app, approval=Approval.MANUAL))


@pytest.fixture
def change(client_of) -> int:
    """Two lines that wait for an agent."""
    fields = {"profession": "Boulangère", "employer": "Le Fournil"}
    address = "/mon-compte/responsable/modification"
    return int(send(client_of("durand"), address, **fields).location.rsplit("/", 1)[1])


def press(window: Window, name: str, *, within=None) -> None:
    button = (within or window.page).get_by_role("button", name=name, exact=True)
    with window.fragment():
        button.click()


def says(window: Window, words: str) -> None:
    expect(window.page.locator("#request")).to_contain_text(words)


def test_a_request_is_taken_then_given_back(guichet, asked):
    guichet.open(f"/agent/demandes/{asked}")
    press(guichet, "Prendre en charge")
    says(guichet, "Traitée par :vous")
    guichet.is_fresh()
    press(guichet, "Rendre à la file")
    expect(guichet.page.locator("#request")).not_to_contain_text("Traitée par")
    guichet.is_fresh()


def test_a_request_is_taken_over(guichet, asked, client_of):
    client_of("admin").send_form(f"/agent/demandes/{asked}/prise-en-charge", {}, page=f"/agent/demandes/{asked}")
    guichet.open(f"/agent/demandes/{asked}")
    guichet.page.get_by_text("Reprendre cette demande…").click()
    press(guichet, "Reprendre la demande")
    says(guichet, "Traitée par :vous")
    guichet.is_fresh()


def test_a_day_is_accepted(guichet, asked):
    guichet.open(f"/agent/demandes/{asked}")
    press(guichet, "Accepter")
    says(guichet, "acceptée")
    guichet.is_fresh()


def test_a_line_of_two_is_accepted_then_the_other_refused(guichet, change):
    guichet.open(f"/agent/demandes/{change}")
    press(guichet, "Accepter", within=guichet.page.get_by_role("article", name="Profession"))
    guichet.is_fresh()
    other = guichet.page.get_by_role("article", name="Employeur")
    other.get_by_text("Refuser…").click()
    other.get_by_label("Ou un autre motif").fill("Un justificatif, s’il vous plaît")
    press(guichet, "Refuser", within=other)
    says(guichet, "répondue")
    guichet.is_fresh()


def test_a_refusal_without_a_reason_comes_back_in_place(guichet, asked):
    guichet.open(f"/agent/demandes/{asked}")
    guichet.page.get_by_text("Refuser…").click()
    press(guichet, "Refuser")
    says(guichet, "Un refus doit dire pourquoi")
    guichet.is_as_sent("form[action$='/refus']", "#request")


def test_all_lines_are_accepted(guichet, change):
    guichet.open(f"/agent/demandes/{change}")
    press(guichet, "Accepter les 2 lignes")
    says(guichet, "répondue")
    guichet.is_fresh()


def test_all_lines_are_refused(guichet, change):
    guichet.open(f"/agent/demandes/{change}")
    guichet.page.get_by_text("Refuser les 2 lignes…").click()
    form = guichet.page.locator("#all-lines")
    form.get_by_label("Ou un autre motif").fill("Illisible")
    press(guichet, "Refuser", within=form)
    says(guichet, "Illisible")
    guichet.is_fresh()


@pytest.fixture
def full(app, client_of) -> list[int]:
    """Three requests for a day where no place is: two of the Durand family, and one of the Dupont between them."""
    first = enrol(app, durand, places=0)
    others = [enrol(app, who, like=first) for who in (dupont, durand)]
    return [ask(client_of(login), number) for login, number in (
        ("durand", first), ("jean.dupont", others[0]), ("durand", others[1])
    )]  # fmt: skip


def test_a_rank_of_the_waiting_list_is_changed(guichet, full):
    guichet.open(f"/agent/demandes/{full[2]}")
    guichet.page.get_by_text("Liste d’attente : 3").click()
    guichet.page.get_by_label("Raison, notée au journal").fill("Fratrie")
    press(guichet, "Changer l’ordre")
    guichet.is_fresh()


def test_another_day_is_proposed_then_taken_back(app, guichet, full):
    with app.app_context(), db.transaction() as writing:
        child = writing.get(Request, full[1]).lines[0].enrolment.child
        enrolment(activity("Cantine d’essai", places=1), dupont().family, child)
    guichet.open(f"/agent/demandes/{full[1]}")
    guichet.page.get_by_text("Proposer un autre jour…").click()
    guichet.page.get_by_label("Prestation").select_option("Cantine d’essai")
    guichet.page.get_by_label("Jour proposé").fill("2015-05-11")
    press(guichet, "Proposer ce jour")
    says(guichet, "Proposé à la place")
    guichet.is_fresh()
    guichet.page.get_by_text("Retirer la proposition…").click()
    press(guichet, "Retirer la proposition")
    expect(guichet.page.locator("#request")).not_to_contain_text("Proposé à la place")
    guichet.is_fresh()


def test_a_day_that_is_full_meanwhile_is_put_on_the_waiting_list(app, client_of, guichet):
    number = enrol(app, approval=Approval.MANUAL, places=1)
    waiting = ask(client_of("jean.dupont"), number)
    other = enrol(app, durand, like=number)
    won = ask(client_of("durand"), other)
    page = f"/agent/demandes/{won}"
    with app.app_context():
        line = db.session.get(Request, won).lines[0].id
    guichet.client.send_form(f"{page}/lignes/{line}/acceptation", {}, page=page)
    guichet.open(f"/agent/demandes/{waiting}")
    press(guichet, "Mettre en liste d’attente")
    says(guichet, "liste d’attente")
    guichet.is_fresh()


@pytest.mark.parametrize(
    ("address", "field", "typed", "region"),
    [
        ("/agent/demandes", "q", "dupo", "#queue"),
        ("/agent/familles", "q", "dur", "#families"),
        ("/agent/inscriptions", "q", "lea", "#enrolments"),
        ("/agent/pieces", "q", "dupont", "#pieces"),
    ],
)
def test_a_list_that_is_searched_as_one_types(guichet, asked, address, field, typed, region):
    guichet.open(address)
    with guichet.fragment():
        guichet.page.locator(f"#{field}").fill(typed)
    expect(guichet.page).to_have_url(re.compile(f"{field}={typed}"))
    expect(guichet.page.locator(region)).to_be_visible()
    guichet.is_fresh()


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [
        ("/agent/demandes", "etat", "repondues"),
        ("/agent/pieces", "etat", "validees"),
        ("/agent/inscriptions", "periode", "terminees"),
        ("/agent/familles/lettres", "comptes", "jamais"),
    ],
)
def test_a_list_that_is_filtered_by_a_choice(guichet, address, field, value):
    guichet.open(address)
    with guichet.fragment():
        guichet.page.locator(f"[name={field}]").select_option(value)
    expect(guichet.page).to_have_url(re.compile(f"{field}={value}"))
    guichet.is_fresh()


def test_many_requests_that_are_accepted_step_by_step(guichet, asked):
    guichet.open("/agent/demandes")
    guichet.page.locator("[data-queue] [type=checkbox]").first.check()
    guichet.page.get_by_role("button", name="Accepter les demandes choisies").click()
    expect(guichet.page.locator("#batch")).to_contain_text("C’est fini : 1 acceptée")
    guichet.is_fresh()


@pytest.mark.parametrize(
    ("address", "field", "wrong"),
    [
        ("/agent/enfants/1/sante/modification", "doctor_phone", "12"),
        ("/agent/familles/1/banque/modification", "iban", "FR00"),
    ],
)
def test_a_form_of_an_agent_that_comes_back_in_place(guichet, address, field, wrong):
    comes_back(guichet, address, field, wrong)
