"""A child's page: each section as it stands, asked to be changed, accepted or refused; who may read what."""

import json
import re
from datetime import date

import pytest

from app import db
from app.models import Child, Consent, Contact, Event, HealthAlert, Job, Request
from app.models.child import ContactRole
from app.models.sections import OF_CHILD
from tests.agent.filling import shown
from tests.agent.test_acting import act_for
from tests.conftest import text_of
from tests.models.planning import activity, dupont, enrolment
from tests.parent.files import TOPICS, accept_newest, address, ask, lea, line, refuse, texts

PEANUT = "arachide-introuvable"
# Each section, filled in as a parent would; every field of the file is there.
FILLED = {
    "informations": {
        "last_name": "DUPONT-DURAND", "first_name": "Léa", "sex": "fille", "birth_date": "2008-03-13",
        "birth_place": "Toulouse", "school": "École des Tilleuls", "level": "Élémentaire", "class_name": "CE2",
        "diet": "sans porc",
    },
    "personnes-autorisees": {
        "contacts-0-role": "collects", "contacts-0-name": "Paul DUPONT", "contacts-0-link": "grand-père",
        "contacts-0-phone": "05 61 12 34 56", "contacts-1-role": "emergency", "contacts-1-name": "Rose DUPONT",
        "contacts-1-link": "tante", "contacts-1-phone": "06 12 34 56 78",
    },
    "lunettes": {"glasses": "oui", "glasses_when": "En classe et devant un écran"},
    "sante": {
        "doctor": "Dr MARTIN", "doctor_phone": "05 61 12 34 57", "alerts-0-kind": "food", "alerts-0-text": PEANUT,
        "pais-0-ends_on": "2016-06-30", "pais-0-instruction": "Appeler le 15", "vaccinations-0-name": "DTP",
        "vaccinations-0-given_on": "2014-06-01", "treatments": "Ventoline", "care": "Se fatigue vite",
    },
    "autorisations": {
        "image_internal": "oui", "image_press": "non", "image_web": "non", "image_social": "non",
        "leaves_alone": "non", "emergency_care": "oui", "transport": "oui", "swimming": "oui", "outings": "oui",
        "rules": "oui",
    },
    "assurance": {
        "insurer": "MAIF", "insurance_number": "123 456", "insured_from": "2014-09-01", "insured_until": "2015-08-31",
    },
}  # fmt: skip


def fill(client, topic: str):
    return ask(client, topic, **FILLED[topic])


def page(client) -> str:
    return text_of(client.get(f"/enfants/{lea().id}"))


def test_every_section_is_filled_in_here():
    for section in OF_CHILD:
        names = {name.split("-")[0] for name in FILLED[section.slug]}
        assert names == set(section.names), section.slug


def test_the_child_s_page_shows_each_section_and_leads_to_its_form(jean):
    answer = jean.get(f"/enfants/{lea().id}")
    told = text_of(answer)
    assert "LEA DUPONT 7 ans, École Jean-Moulin" in told
    for section in OF_CHILD:
        assert section.title in told
        assert f'href="{address(section.slug)}"' in answer.text
    for label in ("Documents", "Dossier unique d’inscription", "Inscriptions en cours", "Planning"):
        assert label in told
    assert "Date de naissance 12/03/2008" in told


@pytest.mark.parametrize("topic", TOPICS)
def test_every_field_can_be_asked_waits_and_is_written_once_accepted(jean, topic):
    before = texts(topic)
    answer = fill(jean, topic)
    assert answer.status_code == 303
    assert texts(topic) == before  # nothing changes before an agent accepts
    made = db.session.query(Request).order_by(Request.id.desc()).first()
    asked = {one.field: one.after for one in made.lines}
    words = [word for one in made.lines for word in one.wanted]
    assert set(asked) == set(before)
    told = page(jean)
    assert told.count(f"en attente : voir ma demande {made.code}") == len(asked)
    assert all(word in told for word in words)
    accept_newest()
    assert texts(topic) == asked
    told = page(jean)
    assert "en attente" not in told
    assert all(word in told for word in words)


def test_refused_the_file_stays_and_the_reason_is_read_on_the_request(jean):
    fill(jean, "assurance")
    number = line("insurer").request_id
    refuse(number, "L’attestation manque.")
    assert texts("assurance")["insurer"] == ""
    assert "en attente" not in page(jean)
    assert "L’attestation manque." in text_of(jean.get(f"/demandes/{number}"))


def test_a_pending_value_stands_beside_the_one_it_would_replace(jean):
    ask(jean, "informations", school="École des Tilleuls")
    told = page(jean)
    assert "École Jean-Moulin → devient École des Tilleuls en attente" in told
    assert f'href="/demandes/{line("school").request_id}"' in jean.get(f"/enfants/{lea().id}").text
    form = shown(jean.get(address("informations")).text, address("informations"))
    assert form["school"] == ["École des Tilleuls"]  # what is asked already, to be amended
    ask(jean, "informations", school="École Pasteur")
    assert (line("school").after, line("school").version) == ("École Pasteur", 2)
    ask(jean, "informations", school="École Jean-Moulin")
    assert "en attente" not in page(jean)


def test_the_schools_that_files_name_are_proposed(jean):
    html = jean.get(address("informations")).text
    assert re.search(r'<input[^>]*list="schools"[^>]*name="school"|<input[^>]*name="school"[^>]*list="schools"', html)
    assert '<option value="École Jean-Moulin">' in html


def test_what_is_emptied_goes_and_two_blank_rows_wait_for_more(jean):
    fill(jean, "personnes-autorisees")
    accept_newest()
    url = address("personnes-autorisees")
    form = shown(jean.get(url).text, url)
    assert form["contacts-1-name"] == ["Rose DUPONT"]
    assert form["contacts-2-name"] == form["contacts-3-name"] == [""]
    assert "contacts-4-name" not in form
    ask(
        jean,
        "personnes-autorisees",
        **{"contacts-0-role": "", "contacts-0-name": "", "contacts-0-link": "", "contacts-0-phone": ""},
        **{"contacts-2-role": "collects", "contacts-2-name": "Zoé PETIT"},
    )
    asked = line("contacts")
    assert [row[1] for row in json.loads(asked.after)] == ["Rose DUPONT", "Zoé PETIT"]
    accept_newest()
    names = [contact.name for contact in db.session.query(Contact).order_by(Contact.id)]
    assert names == ["Rose DUPONT", "Zoé PETIT"]


@pytest.mark.parametrize(
    ("topic", "wrong", "sentence"),
    [
        ("informations", {"birth_date": "2015-05-05"}, "Cette date est dans l’avenir."),
        ("informations", {"birth_date": "1975-03-12"}, "Vérifiez l’année"),
        ("informations", {"birth_date": "2008-02-30"}, "Écrivez une date qui existe."),
        ("informations", {"first_name": ""}, "Écrivez le prénom."),
        ("informations", {"sex": "autre"}, "Choisissez dans la liste."),
        ("personnes-autorisees", {"contacts-0-name": "Paul", "contacts-0-role": "collects", "contacts-0-phone": "12"},
         "ce numéro n’existe pas"),
        ("personnes-autorisees", {"contacts-0-name": "Paul"}, "Choisissez."),
        ("personnes-autorisees", {"contacts-0-name": "Paul", "contacts-0-role": "forbidden"},
         "Choisissez dans la liste."),
        ("sante", {"doctor_phone": "abc"}, "ce numéro n’existe pas"),
        ("sante", {"vaccinations-0-name": "DTP", "vaccinations-0-given_on": "2016-01-01"},
         "Cette date est dans l’avenir."),
        ("assurance", {"insured_from": "2015-01-01", "insured_until": "2014-01-01"},
         "L’assurance finit avant de commencer"),
        ("lunettes", {"glasses_when": "x" * 300}, "C’est trop long"),
    ],
)  # fmt: skip
def test_what_cannot_be_comes_back_with_the_form(jean, topic, wrong, sentence):
    answer = ask(jean, topic, **wrong)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert db.session.query(Request).count() == 0
    kept = shown(answer.text, address(topic))
    name, value = next(iter(wrong.items()))
    if value != "autre" and "02-30" not in value:
        assert kept[name] == [value]  # what was typed is still there


def test_nothing_changed_is_said(jean):
    for topic in TOPICS:
        answer = ask(jean, topic)
        assert answer.status_code == 422, topic
        assert "Rien n’est changé" in text_of(answer)


def test_sent_twice_it_is_one_request(jean):
    url = address("assurance")
    form = {**shown(jean.get(url).text, url), "insurer": "MAIF"}
    first, second = (jean.post(url, data=form) for _ in range(2))
    assert first.location == second.location
    assert db.session.query(Request).count() == 1


def test_an_authorisation_says_who_gave_it_and_when(jean):
    fill(jean, "autorisations")
    told = page(jean)
    assert "JEAN DUPONT" not in told.partition("Autorisations")[2].partition("Inscriptions en cours")[0]
    accept_newest()
    told = page(jean)
    assert "Accordé le 04/05/2015 par JEAN DUPONT" in told
    assert "Refusé le 04/05/2015 par JEAN DUPONT" in told
    signed = db.session.query(Consent).filter_by(kind="leaves_alone").one()
    assert (signed.granted, signed.signed_on, signed.signatory) == (False, date(2015, 5, 4), "JEAN DUPONT")


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
    assert db.session.query(Contact).filter_by(name="Jacques NOIR", role=ContactRole.FORBIDDEN).count() == 1


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

    def test_asks_the_rest_in_its_own_name(self, acting):
        assert fill(acting, "assurance").status_code == 303
        assert line("insurer").request.clerk.name == "Claire Vidal"


@pytest.mark.sqlite_only
def test_the_stolen_database_tells_no_allergy_in_no_table(jean, place):
    """Asked, amended, accepted, and another one refused: the file, its journal and what SQLite has not yet erased."""
    fill(jean, "sante")
    ask(jean, "sante", **{"alerts-0-text": f"{PEANUT}-deux"})
    accept_newest()
    ask(jean, "sante", **{"alerts-1-kind": "drug", "alerts-1-text": "penicilline-introuvable"})
    refuse(line("alerts").request_id, "Il manque l’ordonnance.")
    fill(jean, "lunettes")
    assert [one.text for one in db.session.query(HealthAlert)] == [
        f"{PEANUT}-deux"
    ]  # it is there, for who has the key
    assert "penicilline-introuvable" in line("alerts").after
    db.session.rollback()
    stolen = b"".join(path.read_bytes() for path in place[0].glob("preau.db*"))
    assert b"Jean-Moulin" in stolen  # what is looked at is the database
    for word in (PEANUT, "penicilline-introuvable", "Ventoline", "Dr MARTIN", "Appeler le 15", "Se fatigue", "DTP"):
        assert word.encode() not in stolen, word


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
