"""Who reads and asks what of a child’s file."""

import io
import json
import re

import pypdf
import pytest
from sqlalchemy import text

from app import db
from app.models.event import Event
from app.models.families import AlertKind, Child, Contact, ContactRole, HealthAlert, Vaccination
from app.models.jobs import Job
from app.models.requests import Request, RequestLine
from tests import stolen
from tests.agent.families.test_acting import act_for
from tests.builders import activity, dupont, enrolment
from tests.conftest import text_of
from tests.files import TOPICS, accept_newest, address, ask, lea, line, refuse
from tests.filling import send, send_on, shown
from tests.parent.children.filling_file import PEANUT, fill, page


def test_who_must_not_come_is_read_and_not_written(jean):
    with db.transaction() as writing:
        barred = Contact(child_id=lea().id, role=ContactRole.FORBIDDEN, name="Jacques NOIR", link="oncle")
        writing.add(barred)
    told = page(jean)
    assert "Jacques NOIR Ne doit pas venir chercher l’enfant" in told
    assert "Noté par le service" in told
    url = address("personnes-autorisees")
    html = jean.get(url).text
    assert "Jacques NOIR" not in html
    assert 'value="forbidden"' not in html
    fill(jean, "personnes-autorisees")
    accept_newest()
    assert [one.name for one in db.session.query(Contact) if one.is_barred] == ["Jacques NOIR"]


def test_the_other_family_finds_nothing(client):
    client.log_in("durand")
    number = lea().id
    assert client.get(f"/enfants/{number}").status_code == 404
    for topic in TOPICS:
        assert client.get(address(topic, number)).status_code == 404, topic
    assert client.get("/enfants/1/notes/modification").status_code == 404


class TestAnAgentWhoActsForTheFamily:
    @pytest.fixture
    def acting(self, client):
        client.log_in("jean.dupont")
        fill(client, "sante")
        fill(client, "lunettes")
        client.log_out()
        client.log_in("guichet")
        act_for(client, dupont().family_id)
        return client

    @pytest.mark.parametrize("topic", ["sante", "lunettes"])
    def test_gets_neither_health_nor_glasses(self, acting, topic):
        url = address(topic)
        assert acting.get(url).status_code == 403
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', acting.get(address("assurance")).text)[1]
        assert acting.post(url, data={"csrf_token": token}).status_code == 403

    def test_reads_on_the_page_where_to_go(self, acting):
        told = page(acting)
        assert "Les données de santé ne se lisent pas en agissant pour une famille" in told
        for words in (PEANUT, "Dr MARTIN", "Ventoline", "En classe et devant"):
            assert words not in told

    def test_reads_none_of_it_on_the_family_s_requests(self, acting):
        for number in (line("alerts").request_id, line("glasses").request_id):
            for url in (f"/demandes/{number}", "/demandes", "/enfants"):
                answer = acting.get(url)
                for words in (PEANUT, "Dr MARTIN", "Ventoline", "En classe et devant"):
                    assert words not in text_of(answer), url

    def test_reads_there_neither_why_it_was_refused(self, acting):
        number = line("alerts").request_id
        refuse(number, "Pour les cacahuetes, il manque le PAI.")
        assert "cacahuetes" not in text_of(acting.get(f"/demandes/{number}"))

    def test_asks_the_rest_in_its_own_name(self, acting):
        assert fill(acting, "assurance").status_code == 303
        assert line("insurer").request.acting_agent.name == "Claire Vidal"


@pytest.mark.sqlite_only
def test_the_stolen_database_tells_no_allergy_nor_who_must_not_come_in_no_table(app, jean, place):
    """Asked, amended, accepted, and another one refused: the file, its journal and what SQLite has not yet erased."""
    fill(jean, "sante")
    ask(jean, "sante", **{"alerts-0-text": f"{PEANUT}-deux"})
    accept_newest()
    ask(jean, "sante", **{"alerts-1-kind": "drug", "alerts-1-text": "penicilline-introuvable"})
    refuse(line("alerts").request_id, "Pour les cacahuetes, il manque le PAI.")
    fill(jean, "lunettes")
    fill(jean, "personnes-autorisees")
    accept_newest()
    guichet = app.test_client()
    guichet.log_in("guichet")
    barred = {"forbidden-0-name": "Camille Secretnom", "forbidden-0-link": "oncle", "forbidden-0-phone": "0639985538"}
    url = f"/agent/enfants/{lea().id}/personnes-interdites/modification?famille={dupont().family_id}"
    assert send(guichet, url, **barred).status_code == 303
    assert [one.text for one in db.session.query(HealthAlert)] == [
        f"{PEANUT}-deux"
    ]  # it is there, for who has the key
    assert "penicilline-introuvable" in line("alerts").after
    assert "cacahuetes" in line("alerts").decision_reason
    read = stolen.database(place[0])
    assert stolen.betrays(read, "Jean-Moulin")  # what is looked at is the database
    for word in (PEANUT, "penicilline-introuvable", "Ventoline", "Dr MARTIN", "Appeler le 15", "Se fatigue"):
        assert not stolen.betrays(read, word), word
    for word in ("cacahuetes", "Secretnom", "0639985538", "Paul DUPONT", "grand-père", "05 61 12 34 56"):
        assert not stolen.betrays(read, word), word
    for table in ("contact", "health_alert", "pai", "vaccination"):
        (kept,) = db.session.execute(text(f"SELECT * FROM {table} LIMIT 1")).mappings()
        told = {name: value for name, value in kept.items() if name not in ("id", "child_id")}
        assert all(value.startswith("gAAAA") for value in told.values()), table


def test_why_health_was_refused_is_read_on_the_portal_and_goes_no_further(jean):
    fill(jean, "sante")
    ask(jean, "informations", diet="sans porc")
    for field in ("alerts", "diet"):
        number = line(field).request_id
        refuse(number, "Pour les cacahuetes, il manque le PAI.")
        assert "cacahuetes" in text_of(jean.get(f"/demandes/{number}"))
        pdf = pypdf.PdfReader(io.BytesIO(jean.get(f"/demandes/{number}.pdf").data))
        paper = " ".join("".join(one.extract_text() for one in pdf.pages).split())
        assert "cacahuetes" not in paper
        assert "il se lit sur le portail" in paper
    ask(jean, "assurance", insurer="MAIF")
    refuse(line("insurer").request_id, "L’attestation manque.")
    reasons = [(one.after or {}).get("reason") for one in db.session.query(Event).filter_by(kind="line_refused")]
    assert set(reasons) == {None, "L’attestation manque."}


def vaccinations(count: int) -> None:
    """In the file: two records that were joined may hold more than a form takes."""
    child_id = lea().id
    with db.transaction() as writing:
        writing.add_all(Vaccination(child_id=child_id, name=f"Vaccin n{number}") for number in range(count))


def blank(form: dict[str, list[str]]) -> int:
    return sum(1 for name, values in form.items() if name.endswith("-name") and values == [""])


@pytest.mark.parametrize(("held", "offered"), [(0, 5), (15, 5), (19, 1), (20, 0), (24, 0), (60, 0)])
def test_all_that_the_file_holds_is_shown_and_blank_rows_while_there_is_room(jean, held, offered):
    vaccinations(held)
    url = address("sante")
    form = shown(jean.get(url).text, url)
    assert blank(form) == offered
    assert all(f"vaccinations-{number}-name" in form for number in range(held))
    assert ask(jean, "sante", doctor="Dr MARTIN").status_code == 303
    assert {one.field for one in db.session.query(RequestLine)} == {"doctor"}


def test_what_a_long_file_holds_can_be_shortened_and_not_lengthened(jean):
    vaccinations(24)
    longer = ask(jean, "sante", **{"vaccinations-24-name": "Un de plus", "vaccinations-24-given_on": ""})
    assert longer.status_code == 422
    assert "Il y en a 25 : gardez-en 24 au plus." in text_of(longer)
    assert ask(jean, "sante", **{"vaccinations-0-name": ""}).status_code == 303
    assert len(json.loads(line("vaccinations").after)) == 23


def test_more_rows_than_there_is_room_for_are_refused_and_none_is_lost(jean):
    url = address("personnes-autorisees")
    rows = {f"contacts-{number}-role": "collects" for number in range(25)}
    rows |= {f"contacts-{number}-name": f"Nom{number} PETIT" for number in range(25)}
    answer = ask(jean, "personnes-autorisees", **rows)
    assert answer.status_code == 422
    assert "Il y en a 25 : gardez-en 20 au plus." in text_of(answer)
    assert shown(answer.text, url)["contacts-24-name"] == ["Nom24 PETIT"]
    assert db.session.query(Request).count() == 0


def test_a_row_that_was_filled_in_leaves_another_blank_one_when_the_form_comes_back(jean):
    rows = {"vaccinations-0-name": "DTP", "vaccinations-1-name": "ROR", "doctor_phone": "12"}
    answer = ask(jean, "sante", **rows)
    assert answer.status_code == 422
    assert blank(shown(answer.text, address("sante"))) == 5


def test_journal_and_mails_hold_no_health(jean):
    fill(jean, "sante")
    ask(jean, "sante", treatments="Doliprane")
    accept_newest()
    told = [f"{one.kind} {one.before} {one.after}" for one in db.session.query(Event)]
    told += [str(job.payload) for job in db.session.query(Job)]
    assert any("Léa" in one or "LEA" in one for one in told)
    assert any("request_decided" in one for one in told)
    for word in (PEANUT, "Ventoline", "Doliprane", "Dr MARTIN", "DTP"):
        assert not any(word in one for one in told), word


def test_the_queries_of_the_page_do_not_grow_with_the_enrolments(app, jean, count_queries):
    def sent() -> int:
        jean.get(f"/enfants/{lea().id}")
        with count_queries() as statements:
            assert jean.get(f"/enfants/{lea().id}").status_code == 200
        return len(statements)

    before = sent()
    with app.app_context(), db.transaction():
        for name in ("Club", "Chorale"):
            enrolment(activity(name), dupont().family, child=lea_here())
    assert sent() == before
    assert "Chorale" in page(jean)


def lea_here() -> Child:
    return db.session.query(Child).order_by(Child.id).first()


def test_what_two_pages_add_to_a_list_is_all_asked(jean):
    url = address("sante")
    first, second, third = (jean.get(url).text for _ in range(3))
    send_on(jean, first, url, **{"alerts-0-kind": "food", "alerts-0-text": "arachide"})
    send_on(jean, second, url, **{"alerts-0-kind": "drug", "alerts-0-text": "penicilline"})
    assert json.loads(line("alerts").after) == [["food", "arachide"], ["drug", "penicilline"]]
    accept_newest()
    send_on(jean, third, url, **{"alerts-0-kind": "other", "alerts-0-text": "guepes"})
    accept_newest()
    assert [one.text for one in db.session.query(HealthAlert).order_by(HealthAlert.id)] == [
        "arachide",
        "penicilline",
        "guepes",
    ]


def test_a_page_whose_rows_were_tampered_with_takes_nothing_off(jean):
    ask(jean, "sante", **{"alerts-0-kind": "food", "alerts-0-text": "arachide"})
    url = address("sante")
    for seen in ('{"alerts": "[["}', '{"alerts": "7"}', '{"alerts": "[1]"}'):
        page = jean.get(url).text
        send_on(jean, page, url, seen=seen, **{"alerts-0-text": "", "alerts-0-kind": ""})
        assert json.loads(line("alerts").after) == [["food", "arachide"]]


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "1000", "", "x"])
def test_a_row_that_no_page_of_ours_numbers_is_not_there(jean, number):
    answer = ask(jean, "sante", **{f"alerts-{number}-kind": "food", f"alerts-{number}-text": "Arachide"})
    assert answer.status_code == 422
    assert "Rien n’est changé" in text_of(answer)


def test_a_row_that_was_not_touched_is_not_asked_however_the_town_wrote_it(jean):
    with db.transaction():
        db.session.add(HealthAlert(child_id=lea().id, kind=AlertKind.FOOD, text="Arachide\u00a0: trousse  à l’école"))
    page = jean.get(address("sante")).text
    said = {"alerts-0-kind": "food", "alerts-0-text": "Arachide\u00a0: trousse  à l’école", "doctor": "Dr MARTIN"}
    send_on(jean, page, address("sante"), **said)
    assert line("doctor").after == "Dr MARTIN"
    assert line("alerts") is None
