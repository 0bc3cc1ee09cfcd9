"""Mon compte: the conjoint."""

import re

import pytest

from app import db
from app.models.families import Civility
from app.models.requests import LineState
from tests.conftest import text_of
from tests.parent.account.asking import PAGE, adult, decide, form_of, lines, send

GARCIA = {"civility": "Monsieur", "last_name": "GARCIA", "first_name": "Paul"}


def test_a_conjoint_s_details_are_asked_to_change(jean):
    wanted = {"civility": "Madame", "last_name": "DUPONT", "first_name": "JEANNE", "phone_mobile": "06 39 98 00 11"}
    send(jean, "conjoint", **{**wanted, "address": "Lotissement les bons bonbons", "postal_code": "31400",
                              "city": "SAINT - JEAN", "allows_sms": "non", "allows_email": "oui"})  # fmt: skip
    assert [(line.field, line.after) for line in lines()] == [("phone_mobile", "06 39 98 00 11")]
    assert adult("JEANNE").phone_mobile == ""


def test_what_waits_of_a_conjoint_beside_the_guide_s_fields_is_shown_as_long_as_it_waits(app, jean):
    jeanne = {"last_name": "DUPONT", "first_name": "JEANNE", "address": "Lotissement les bons bonbons",
              "postal_code": "31400", "city": "SAINT - JEAN", "allows_sms": "non", "allows_email": "oui"}  # fmt: skip
    assert text_of(jean.get(PAGE)).count("Qualité :") == 1
    assert send(jean, "conjoint", civility="Madame", quality="Tutrice", **jeanne).status_code == 303
    told = text_of(jean.get(PAGE))
    assert told.count("Qualité :") == 2
    assert re.search(r"Qualité : \S+( \S+)? → devient Tutrice en attente", told)
    while any(line.state in (LineState.SUBMITTED, LineState.IN_REVIEW) for line in lines()):
        decide(app, "acceptation")
    assert text_of(jean.get(PAGE)).count("Qualité :") == 1


@pytest.mark.parametrize(
    ("civility", "title"),
    [
        (Civility.MADAME, "Pour la joindre"),
        (Civility.MONSIEUR, "Pour le joindre"),
    ],
)
def test_the_conjoint_s_form_agrees_with_the_person(app, jean, civility, title):
    with app.app_context(), db.transaction():
        adult("JEANNE").civility = civility
    assert title in text_of(jean.get(form_of("conjoint")))
    assert "Pour vous joindre" in text_of(jean.get(form_of("responsable")))


def test_of_somebody_new_the_form_does_not_guess(client):
    client.log_in("durand")
    assert "Pour joindre cette personne" in text_of(client.get(form_of("conjoint")))


def test_a_file_without_conjoint_says_so_and_a_conjoint_is_added_once_accepted(app, client):
    client.log_in("durand")
    page = client.get(PAGE)
    assert "Votre dossier n’a pas de conjoint." in text_of(page)
    assert f'href="{form_of("conjoint")}"' in page.text
    answer = send(client, "conjoint", **GARCIA, phone_mobile="06 39 98 00 11")
    assert answer.status_code == 303
    assert "GARCIA" in text_of(client.get(PAGE))
    assert "Votre demande d’ajouter un conjoint attend" in text_of(client.get(PAGE))
    (line,) = lines()
    assert line.field == "conjoint"
    decide(app, "acceptation")
    assert "Prénom : Paul" in text_of(client.get(PAGE))
    assert adult("Paul").rank == 2


def test_a_conjoint_asked_for_is_amended_by_the_same_form(client):
    client.log_in("durand")
    send(client, "conjoint", **GARCIA)
    assert 'value="GARCIA"' in client.get(form_of("conjoint")).text
    send(client, "conjoint", **{**GARCIA, "last_name": "GARCÍA"})
    (line,) = lines()
    assert line.version == 2
    assert "GARCÍA" in line.after


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"last_name": ""}, "Écrivez le nom."),
        ({"phone_mobile": "12"}, "ne semble pas juste"),
        ({"civility": "Docteur", "seen": '{"civility": "Docteur"}'}, "Choisissez dans la liste."),
        ({"phone_mobile": "12", "seen": '{"phone_mobile": "12"}'}, "ne semble pas juste"),
    ],
)
def test_a_conjoint_is_checked_whatever_the_page_pretends_that_the_file_says(client, typed, sentence):
    client.log_in("durand")
    answer = send(client, "conjoint", **{**GARCIA, **typed})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert lines() == []
