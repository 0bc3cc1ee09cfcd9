"""Fragment == page: each answer that htmx puts in a page leaves it as opening its address would show it.

`#flash`, `#menu`, `#dialog` and tokens apart; every test acts as a person does, then opens the page a second time.
"""

import re
from datetime import date

import pytest
from app.models.activity import weekday_bits
from playwright.sync_api import expect

from app import db
from app.models import Approval, Enrolment, Request
from tests.agent.filling import send
from tests.browser.window import Window
from tests.models.planning import activity, dupont, durand, enrolment

pytestmark = pytest.mark.sqlite_only
DAY = date(2015, 5, 7)
MONTH = "/planning/2015-05"


@pytest.fixture
def window(app, chromium):
    """Open the window of someone who is logged in."""
    opened = []

    def look(login: str) -> Window:
        client = app.test_client()
        client.log_in(login)
        opened.append(chromium.new_context(viewport={"width": 1280, "height": 800}))
        return Window(opened[-1], client)

    yield look
    for context in opened:
        context.close()


@pytest.fixture
def jean(window) -> Window:
    return window("jean.dupont")


@pytest.fixture
def guichet(window) -> Window:
    return window("guichet")


@pytest.fixture
def client_of(app):
    def of(login: str):
        client = app.test_client()
        client.log_in(login)
        return client

    return of


def enrol(app, who=dupont, *, like: int | None = None, **how) -> int:
    """A child of this family, in an activity: a new one, or that of another enrolment."""
    with app.app_context(), db.transaction() as writing:
        chosen = writing.get(Enrolment, like).activity if like else activity(**{"name": "Garderie d’essai", **how})
        return enrolment(chosen, who().family).id


def ask(client, number: int, what: str = "reservation", day: date = DAY, **fields: str) -> int:
    """Send the form of a day; the number of the request."""
    answer = client.send_form(f"/inscriptions/{number}/{day}/{what}", fields)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


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


# The planning of a family.


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


# The other pages of a family.


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


def comes_back(window: Window, address: str, field: str, wrong: str) -> None:
    """The form that htmx puts back is the one that comes back without it."""
    form = f"form[action^='{address}'][method=post]"
    window.open(address)
    window.page.locator(f"{form} [name={field}]").fill(wrong)
    with window.fragment():
        window.page.locator(f"{form} [type=submit]").last.click()
    expect(window.page.locator("[data-error-summary]")).to_be_focused()
    window.is_as_sent(form, "#main")


# A request on an agent's desk.


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


# The lists of the agents, and what they do by many.


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
