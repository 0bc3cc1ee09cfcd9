"""Inscrire: what will happen is shown first, then done."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.enrolments import Enrolment
from app.models.event import Event
from app.models.families import Custody
from app.models.places import door
from app.models.town.calendar import Calendar
from tests.agent.enrolments.enrolling import CLUB, DESK, MONDAYS_OF_MAY, booked, confirm, do, of, preview
from tests.builders import activity, durand, enrolment
from tests.conftest import text_of
from tests.filling import send_on


def somebody_takes(app, number: int, *days: date) -> None:
    """The only place of the club goes to another child."""
    with app.app_context(), db.transaction() as writing:
        other = enrolment(writing.get_one(Enrolment, number).activity, durand().family)
        calendar = Calendar.between(min(days), max(days))
        at = {"submitted_at": clock.local_now(), "override": door.Override(deadline=True)}
        assert door.book_days(other, days, calendar, **at) == {}


@pytest.mark.both_engines
def test_the_child_is_found_first(guichet):
    page = guichet.get(f"{DESK}/nouvelle?q=lea")
    assert "DUPONT LEA" in text_of(page)
    assert f'href="{DESK}/nouvelle?enfant=1"' in page.text
    assert "Aucun enfant ne correspond." in text_of(guichet.get(f"{DESK}/nouvelle?q=zzz"))
    assert guichet.get(f"{DESK}/nouvelle?enfant=99").status_code == 404


@pytest.fixture
def new(app) -> dict[str, str]:
    """A club where Léa is not enrolled, as the form names it."""
    with app.app_context(), db.transaction():
        made = activity("Échecs", places=1, min_age=8)
        return {"prestation": str(made.id), "premier": "2015-05-04", "dernier": "2015-05-29", "rythme": "toutes"}


NEW = f"{DESK}/nouvelle?enfant=1"


def test_a_child_is_enrolled_after_a_look_at_what_will_happen(guichet, app, new):
    shown = preview(guichet, NEW, jours=["0"], **new)
    for words in ("Ce qui va se passer", "LEA DUPONT", "Échecs", "du 04/05/2015 au 29/05/2015", "lundi", "Mai 2015",
                  "À réserver", "3 jours", "Lu 04, Lu 11, Lu 18", "Fermés", "Ce jour est férié (Lundi de Pentecôte).",
                  "Lu 25", "LEA a 7 ans le lundi 4 mai 2015", "à partir de 8 ans"):  # fmt: skip
        assert words in text_of(shown), words
    with app.app_context():
        assert db.session.query(Enrolment).count() == 7, "a look writes nothing"
    answer = confirm(guichet, NEW, shown)
    assert answer.location == of(8)
    page = text_of(guichet.get(of(8)))
    assert "L’inscription est enregistrée : 3 jours réservés." in page
    assert booked(app, 8) == MONDAYS_OF_MAY
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "enrolment_created")).one()
        assert (told.family_id, told.after["child"], told.after["book"]) == (1, "LEA", 3)
        assert told.address


def test_even_and_odd_weeks_are_shown_with_their_dates(guichet, app, new):
    page = text_of(guichet.get(NEW))
    assert "Semaines impaires En ce moment : semaine 19, du lundi 4 mai 2015 au vendredi 8 mai 2015" in page
    assert "Semaines paires La prochaine : semaine 20, du lundi 11 mai 2015 au vendredi 15 mai 2015" in page
    do(guichet, NEW, **{**new, "rythme": "alternees", "pairs": ["0"], "impairs": ["2", "3"]})
    assert booked(app, 8) == {date(2015, 5, n) for n in (6, 7, 11, 20, 21)}


def test_the_household_that_pays_is_one_of_the_child_s(guichet, app, new):
    with app.app_context(), db.transaction() as writing:
        other = durand().family_id
    shown = preview(guichet, NEW, jours=["0"], **new, payeur=str(other))
    assert shown.status_code == 422
    with app.app_context(), db.transaction() as writing:
        writing.add(Custody(child_id=1, family_id=other))
    do(guichet, NEW, jours=["0"], **new, payeur=str(other))
    with app.app_context():
        assert db.session.get_one(Enrolment, 8).family_id == other


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"prestation": ""}, "Choisissez une prestation."),
        ({"premier": ""}, "Choisissez le premier jour."),
        ({"premier": "2015-02-30"}, "Écrivez une date qui existe."),
        ({"premier": "0001-01-01"}, "Cette année n’est pas possible."),
        ({"premier": "2013-05-04"}, "passé depuis plus d’un an"),
        ({"dernier": "2015-05-03"}, "Le dernier jour est avant le premier."),
        ({"dernier": "2099-05-03"}, "le calendrier scolaire n’est pas connu plus loin"),
        ({"jours": []}, "Cochez au moins un jour"),
        ({"jours": ["-1"]}, "Cochez au moins un jour"),
        ({"rythme": "jamais"}, "Semaine habituelle"),
        ({"prestation": "999"}, "Prestation"),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(guichet, app, new, changes, why):
    answer = preview(guichet, NEW, **{"jours": ["0"], **new, **changes})
    assert answer.status_code == 422
    assert why in text_of(answer)
    assert "<h1>Inscrire LEA DUPONT</h1>" in answer.text
    with app.app_context():
        assert db.session.query(Enrolment).count() == 7


def test_an_agent_may_go_back_to_the_form_with_what_was_typed(guichet, new):
    shown = preview(guichet, NEW, jours=["0"], **new)
    back = send_on(guichet, shown.text, NEW, etape="saisie")
    assert back.status_code == 200
    assert 'value="2015-05-29"' in back.text
    assert re.search(r'<input checked[^>]*name="jours"[^>]*value="0"', back.text)


@pytest.mark.both_engines
def test_the_same_inscription_sent_twice_is_one(guichet, app, new):
    shown = preview(guichet, NEW, jours=["0"], **new)
    assert confirm(guichet, NEW, shown).status_code == 303
    again = confirm(guichet, NEW, shown)
    assert again.status_code == 422
    assert "LEA est déjà inscrit(e) à Échecs par ce foyer" in text_of(again)
    with app.app_context():
        assert db.session.query(Enrolment).count() == 8


def test_a_place_taken_between_the_look_and_the_confirmation_is_told(guichet, app, club):
    shown = preview(guichet, of(club, "/modification"), **CLUB)
    assert "Impossibles" not in text_of(shown)
    somebody_takes(app, club, date(2015, 5, 11))
    answer = confirm(guichet, of(club, "/modification"), shown)
    page = text_of(guichet.get(answer.location))
    assert "2 jours réservés, 1 jour impossible (la liste est plus bas)" in page
    assert "Jours habituels non réservés" in page
    assert "Il ne reste plus de place ce jour-là. Lu 11" in page
    assert booked(app, club) == MONDAYS_OF_MAY - {date(2015, 5, 11)}


def test_a_place_over_capacity_is_asked_for_and_only_by_who_may(guichet, app, club):
    somebody_takes(app, club, date(2015, 5, 11))
    shown = preview(guichet, of(club, "/modification"), **CLUB)
    assert "Il ne reste plus de place ce jour-là." in text_of(shown)
    shown = preview(guichet, of(club, "/modification"), **CLUB, surcapacite="y")
    assert "Place accordée en plus." in text_of(shown)
    confirm(guichet, of(club, "/modification"), shown)
    assert booked(app, club) == MONDAYS_OF_MAY
