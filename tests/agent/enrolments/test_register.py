"""Inscriptions: the register, one of them, and what an agent does with it: shown first, then done."""

import re
from datetime import date

import pytest

from app import db
from app.models.accounts import Agent
from app.models.enrolments import Enrolment, Leave
from app.models.families import Child
from app.models.town import Structure
from tests.agent.enrolments.enrolling import CLUB, DESK, do, of
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import text_of


def test_the_register_tells_who_comes_when_and_who_pays(guichet, app):
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, 7).even_weeks = 1
    page = text_of(guichet.get(DESK))
    for words in ("7 inscriptions", "DUPONT LEA", "7 ans, École Jean-Moulin, CE1", "Restauration scolaire",
                  "semaines paires : lundi", "depuis le 01/09/2014", "DUPONT JEAN"):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("periode=en-cours", 7),
        ("periode=a-venir", 1),
        ("periode=terminees", 1),
        ("periode=toutes", 9),
        ("periode=n-importe-quoi", 7),
        ("structure=Accueil de Loisirs ALSH", 5),
        ("prestation=Garderie matin", 1),
        ("ecole=École Jean-Moulin", 7),
        ("ecole=École des Tilleuls", 0),
        ("q=lea", 7),
        ("q=Léa dup", 7),
        ("q=jeanne", 7),
        ("q=durand", 0),
        ("page=99", 7),
    ],
)
@pytest.mark.both_engines
def test_the_register_is_filtered(guichet, app, query, count):
    with app.app_context(), db.transaction():
        lea, club = db.session.query(Child).one(), activity("Club")
        enrolment(club, dupont().family, lea, first_day=date(2013, 9, 1), last_day=date(2014, 7, 1))
        enrolment(club, dupont().family, lea, first_day=date(2015, 9, 1))
    page = guichet.get(f"{DESK}?{query}")
    assert f"{count} inscription" in text_of(page)
    assert len(re.findall(r'data-label="Prestation"', page.text)) == count


def test_a_fragment_is_the_list_alone(guichet):
    answer = guichet.get(DESK, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<section id="enrolments"')


@pytest.mark.both_engines
def test_the_register_is_paginated(guichet, app):
    with app.app_context(), db.transaction():
        full = activity("Grand club")
        for _ in range(25):
            enrolment(full, dupont().family)
    assert "Page 2 sur 2" in text_of(guichet.get(f"{DESK}?page=2&q=dupont"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_register_asks_as_much_for_one_row_as_for_three(guichet, app, count_queries, rows):
    with app.app_context(), db.transaction():
        made = activity("Club")
        for _ in range(rows):
            enrolment(made, durand().family)
    with count_queries() as sent:
        guichet.get(f"{DESK}?prestation=Club")
    assert len(sent) <= 11, sent


def test_an_agent_of_a_structure_sees_its_inscriptions_and_changes_none(client, app):
    with app.app_context(), db.transaction() as writing:
        alsh = writing.query(Structure).filter_by(name="Accueil de Loisirs ALSH").one()
        writing.query(Agent).filter_by(name="Karim Haddad").one().structures = [alsh]
    client.log_in("animation")
    page = client.get(DESK)
    assert "5 inscriptions" in text_of(page)
    assert "Restauration scolaire" not in text_of(page)
    assert "Inscrire un enfant" not in text_of(page)
    assert client.get(of(1)).status_code == 200
    assert client.get(of(7)).status_code == 404
    assert client.get(of(1, "/modification")).status_code == 403
    assert "Modifier" not in text_of(client.get(of(1)))


def test_an_inscription_tells_its_next_days(guichet, app, club):
    do(guichet, of(club, "/modification"), **CLUB)
    with app.app_context(), db.transaction():
        db.session.add(Leave(enrolment_id=club, first_day=date(2015, 5, 28), last_day=date(2015, 5, 29)))
    page = text_of(guichet.get(of(club)))
    for words in ("LEA DUPONT, Club de lecture", "7 ans", "École Jean-Moulin, CE1", "lundi 11 mai 2015",
                  "Réservé", "jeudi 28 mai 2015", "Congé", "du jeudi 28 mai 2015 au vendredi 29 mai 2015",
                  "Aucune demande n’attend."):  # fmt: skip
        assert words in page, words


def test_no_such_inscription(guichet):
    for action in ("", "/modification", "/fin", "/conge"):
        assert guichet.get(of(999, action)).status_code == 404
