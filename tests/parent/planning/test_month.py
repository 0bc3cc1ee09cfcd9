"""The planning's pages, with a plain HTTP client: no JavaScript."""

import csv
import io
import re

import pytest
from markupsafe import escape

from app import db
from app.models.families import Child
from app.models.requests import Request
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import FRAGMENT, text_of


def test_the_guide_s_month(jean):
    page = jean.get("/planning/2015-04")
    words = text_of(page)
    for said in ("Avril 2015", "Me 01", "Je 30", "DUPONT JEAN", "ALSH Mercredi après-midi", "Restauration scolaire"):
        assert said in words
    cells = re.findall(
        r'<td[^>]*data-enrolment="\d+"[^>]*data-day="(2015-04-\d\d)"[^>]*data-state="(\w+)"', page.text
    )
    assert len(cells) == 7 * 30
    assert cells.count(("2015-04-06", "public_holiday")) == 7
    assert [state for day, state in cells if day == "2015-04-16"].count("booked") == 1


def test_the_legend_has_every_word_of_the_guide(jean):
    words = text_of(jean.get("/planning/2015-04"))
    for said in (
        "Réservé",
        "Erreur",
        "Congé",
        "Heure hors contrat Régulier",
        "Fermeture",
        "Absent facturé",
        "Demande en attente",
        "Absent excusé",
        "Réservation en cours de traitement",
        "Réservation refusée",
        "Absence en cours de traitement",
        "Petites vacances",
        "Grandes vacances",
        "Jour férié",
    ):
        assert said in words, said


def test_planning_alone_is_this_month_and_the_picker_leads_to_another(jean):
    assert jean.get("/planning").location == "/planning/2015-05"
    assert jean.get("/planning?mois=2015-04").location == "/planning/2015-04"
    assert jean.get("/planning?mois=nonsense").location == "/planning/2015-05"


@pytest.mark.parametrize("address", ["/planning/2026-13", "/planning/abc", "/planning/2026-00", "/planning/2026-1"])
def test_a_month_that_is_none_does_not_exist(jean, address):
    assert jean.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/planning/0001-01", "/planning/9999-12"])
def test_the_ends_of_time_do_not_exist(jean, address):
    assert jean.get(address).status_code == 404


def test_another_family_s_child_cannot_be_filtered_on(client, app):
    with app.app_context():
        child = db.session.query(Child.id).scalar()
    client.log_in("durand")
    assert client.get(f"/planning/2015-04?enfant={child}").status_code == 404


def test_the_page_takes_few_queries(jean, count_queries):
    with count_queries() as queries:
        jean.get("/planning/2015-04")
    assert len(queries) <= 10, queries


def test_what_people_typed_is_escaped_in_the_grid(app, jean):
    typed = "<b>Jeux & « Danse »</b>"
    with app.app_context(), db.transaction():
        one, adult = activity(typed), dupont()
        enrolment(one, adult.family).child.first_name = f"P{typed}"
        one.structure.name, adult.last_name = f"S{typed}", f"D{typed}"
    page = jean.get("/planning/2015-05").text
    for name in (typed, f"S{typed}", f"D{typed}".upper(), f"P{typed}"):
        assert name not in page
        assert escape(name) in page


def test_the_family_s_own_cells_lead_to_their_menu_and_the_other_household_s_are_only_read(app, jean):
    with app.app_context(), db.transaction() as writing:
        child = writing.query(Child).filter_by(last_name="DUPONT").one()
        own, theirs = (
            enrolment(activity(name), who().family, child).id for name, who in (("Une", dupont), ("Autre", durand))
        )
    page = jean.get("/planning/2015-05").text

    def cell(number: int, day: str) -> str:
        return re.search(rf'<td id="c-{number}-{day}"[^>]*>(.*?)</td>', page)[1]

    assert cell(own, "2015-05-08") == f'<a href="/inscriptions/{own}/2015-05-08" aria-label="Jour férié, JF">JF</a>'
    assert cell(own, "2015-05-06") == f'<a href="/inscriptions/{own}/2015-05-06" aria-label="Libre"></a>'
    assert cell(theirs, "2015-05-08") == '<b aria-hidden="true">JF</b><span class="visually-hidden">Jour férié</span>'
    assert cell(theirs, "2015-05-06") == ""


def test_each_column_says_its_week_the_weekend_and_today(jean):
    page = jean.get("/planning/2015-05").text
    classes = dict(re.findall(r'<td id="c-\d+-2015-05-(\d\d)" class="([^"]+)"', page))
    assert [classes[day] for day in ("01", "02", "04", "31")] == ["w0", "w0 weekend", "w1 today", "w4 weekend"]


def test_the_month_as_a_table_for_a_spreadsheet(jean):
    answer = jean.get("/planning/2015-04.csv")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert answer.mimetype == "text/csv"
    assert len(rows) == 8
    assert rows[0][:5] == ["Enfant", "Structure", "Prestation", "Responsable", "2015-04-01"]
    assert rows[1][4 + 7] == "Réservé"


def test_the_table_of_one_child_alone(app, jean):
    with app.app_context():
        lea = db.session.query(Child).filter_by(last_name="DUPONT").one().id
    assert jean.get(f"/planning/2015-04.csv?enfant={lea}").text.count("\n") == 8
    assert f"2015-04.csv?enfant={lea}" in jean.get(f"/planning/2015-04?enfant={lea}").text
    assert jean.get("/planning/2015-04.csv?enfant=999").status_code == 404


def test_the_children_lead_to_their_planning(jean):
    page = jean.get("/enfants")
    assert "LEA" in page.text.upper()
    assert "enfant=" in page.text


def test_the_current_enrolments(jean):
    words = text_of(jean.get("/planning/inscriptions"))
    assert "Garderie matin" in words
    assert "DUPONT JEAN" in words


# A cell: its menu, asking, declaring, withdrawing.


@pytest.fixture
def cell(app):
    """The address of a cell of Jean's that can be booked at once."""
    return make_cell(app)


def make_cell(app, day="2015-05-06", adult=None, **how) -> str:
    with app.app_context(), db.transaction():
        number = enrolment(activity(**how), (adult or dupont)().family).id
    return f"/inscriptions/{number}/{day}"


def ask(client, cell, what="reservation", **data):
    return client.send_form(f"{cell}/{what}", data)


def state(client, cell) -> str:
    number, day = cell.split("/")[2:]
    page = client.get(f"/planning/{day[:7]}").text
    return re.search(rf'data-enrolment="{number}"[^>]*data-day="{day}"[^>]*data-state="(\w+)"', page)[1]


def test_the_menu_offers_what_can_be_done_until_when(jean, cell):
    words = text_of(jean.get(cell))
    assert "Demande de Réservation" in words
    assert "Jusqu’au mardi 5 mai 2015 à 23 h 59" in words


def test_asking_booking_then_declaring_an_absence(jean, cell):
    answer = ask(jean, cell)
    assert answer.location.startswith("/demandes/")
    receipt = text_of(jean.get(answer.location))
    assert "mercredi 6 mai 2015" in receipt
    assert re.search(r"[A-Z2-9]{3}-[A-Z2-9]{3}", receipt)
    assert state(jean, cell) == "booked"
    assert "Déclarer une absence" in text_of(jean.get(cell))
    assert ask(jean, cell, "absence", motif="Malade", confirmation="y").status_code == 303
    assert state(jean, cell) == "absent_excused"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"motif": "", "confirmation": "y"}, "Écrivez la raison de l’absence"),
        ({"motif": "Malade"}, "Cochez la case pour confirmer"),
    ],
)
def test_an_absence_without_reason_or_confirmation_is_stopped(jean, cell, data, sentence):
    ask(jean, cell)
    answer = ask(jean, cell, "absence", **data)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert state(jean, cell) == "booked"


def test_a_request_that_waits_can_be_withdrawn(jean, app):
    cell = make_cell(app, approval="manual")
    ask(jean, cell)
    assert state(jean, cell) == "request_waiting"
    assert ask(jean, cell, "retrait").status_code == 303
    assert state(jean, cell) == "free"


def test_a_full_day_says_the_rank(jean, app):
    cell = make_cell(app, places=0)
    ask(jean, cell)
    assert state(jean, cell) == "waiting_list"
    assert 'aria-label="Liste d’attente (rang 1), L1">L1</a>' in jean.get("/planning/2015-05").text
    assert "Liste d’attente (rang 1)" in text_of(jean.get(cell))


def test_the_same_form_sent_twice_is_one_request_with_one_receipt(jean, app, cell):
    form = jean.get(f"{cell}/reservation").text
    fields = dict(re.findall(r'name="(csrf_token|submission)"[^>]*value="([^"]+)"', form))
    first, second = (jean.post(f"{cell}/reservation", data=fields).location for _ in range(2))
    assert first == second
    with app.app_context():
        assert db.session.query(Request).count() == 1


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2015-05-01", "est passé"),
        ("2015-05-08", "férié"),
        ("2015-05-09", "n’accueille pas"),
        ("2014-08-01", "est passé"),
    ],
)
def test_what_cannot_be_asked_says_why_and_changes_nothing(jean, app, day, sentence):
    cell = make_cell(app, day)
    answer = ask(jean, cell)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with app.app_context():
        assert db.session.query(Request).count() == 0


def test_nobody_touches_another_family_s_cell(jean, app):
    cell = make_cell(app, adult=durand)
    for path in ("", "/reservation", "/absence", "/retrait"):
        assert jean.get(cell + path).status_code == 404
    page = jean.get("/mot-de-passe").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    for path in ("/reservation", "/absence", "/retrait"):
        data = {"csrf_token": token, "submission": "x", "motif": "x", "confirmation": "y"}
        assert jean.post(cell + path, data=data).status_code == 404
    with app.app_context():
        assert db.session.query(Request).count() == 0


def test_nobody_reads_another_family_s_receipt(jean, app, cell):
    receipt = ask(jean, cell).location
    stranger = app.test_client()
    stranger.log_in("durand")
    assert stranger.get(receipt).status_code == 404


def test_the_answer_to_htmx_is_the_cell_the_counters_and_the_flash(jean, cell):
    form = jean.get(f"{cell}/reservation").text
    fields = dict(re.findall(r'name="(csrf_token|submission)"[^>]*value="([^"]+)"', form))
    answer = jean.post(f"{cell}/reservation", data=fields, headers=FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'data-state="booked"' in answer.text
    assert "#counters" in answer.text or 'id="counters"' in answer.text
    assert "#flash" in answer.text or 'id="flash"' in answer.text
