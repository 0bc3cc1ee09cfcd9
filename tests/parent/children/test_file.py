"""A child's page: each section as it stands, asked to be changed, accepted or refused; who may read what."""

import json
import re

import pytest

from app import db
from app.models.families import Contact
from app.models.families.sections.catalogue import OF_CHILD
from app.models.requests import Request
from tests.conftest import text_of
from tests.files import TOPICS, accept_newest, address, ask, lea, line, refuse, texts
from tests.filling import shown
from tests.parent.children.filling_file import FILLED, fill, page


def test_every_section_is_filled_in_here():
    for section in OF_CHILD:
        names = {name.split("-")[0] for name in FILLED[section.slug]}
        assert names == set(section.names), section.slug


def test_the_child_s_page_shows_each_section_and_leads_to_its_form(jean):
    answer = jean.get(f"/enfants/{lea().id}")
    told = text_of(answer)
    assert "Fiche de LEA LEA DUPONT, 7 ans, École Jean-Moulin" in told
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


def test_what_is_emptied_goes_and_blank_rows_wait_for_more(jean):
    fill(jean, "personnes-autorisees")
    accept_newest()
    url = address("personnes-autorisees")
    form = shown(jean.get(url).text, url)
    assert form["contacts-1-name"] == ["Rose DUPONT"]
    assert form["contacts-2-name"] == form["contacts-6-name"] == [""]
    assert "contacts-7-name" not in form
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
         "ne semble pas juste"),
        ("personnes-autorisees", {"contacts-0-name": "Paul"}, "Choisissez le rôle de cette personne."),
        ("personnes-autorisees", {"contacts-0-name": "Paul", "contacts-0-role": "forbidden"},
         "Choisissez dans la liste."),
        ("sante", {"doctor_phone": "abc"}, "ne semble pas juste"),
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
