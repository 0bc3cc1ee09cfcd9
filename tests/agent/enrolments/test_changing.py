"""Modifier, terminer, noter un congé: what will happen is shown first, then done."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.models.enrolments import Enrolment, Leave
from app.models.event import Event
from tests.agent.enrolments.enrolling import CLUB, DESK, MONDAYS_OF_MAY, booked, confirm, do, of, preview
from tests.conftest import text_of
from tests.filling import send


def test_a_change_shows_what_it_books_and_what_it_releases(guichet, app, club):
    do(guichet, of(club, "/modification"), **CLUB)
    changed = {**CLUB, "jours": ["3"]}
    shown = text_of(preview(guichet, of(club, "/modification"), **changed))
    for words in ("À réserver", "Je 07, Je 21, Je 28", "À libérer", "Lu 04, Lu 11, Lu 18"):
        assert words in shown, words
    assert booked(app, club) == MONDAYS_OF_MAY
    page = text_of(do(guichet, of(club, "/modification"), **changed))
    assert "L’inscription est modifiée : 3 jours réservés, 3 jours libérés." in page
    assert booked(app, club) == {date(2015, 5, n) for n in (7, 21, 28)}


def test_a_first_day_that_has_come_is_not_asked_again(guichet, app, club):
    assert 'name="premier"' not in guichet.get(of(club, "/modification")).text
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, club).first_day = date(2015, 6, 1)
    do(guichet, of(club, "/modification"), premier="2015-06-08", dernier="", rythme="aucune")
    with app.app_context():
        assert db.session.get_one(Enrolment, club).first_day == date(2015, 6, 8)


def test_doing_it_twice_changes_nothing_more(guichet, app, club):
    shown = preview(guichet, of(club, "/modification"), **CLUB)
    for _ in range(2):
        assert confirm(guichet, of(club, "/modification"), shown).status_code == 303
    assert "aucun jour ne change" in text_of(guichet.get(of(club)))
    with app.app_context():
        assert len(db.session.scalars(select(Event).where(Event.kind == "enrolment_changed")).all()) == 1


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(guichet, app, club):
    shown = preview(guichet, of(club, "/modification"), **CLUB)
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, club).last_day = date(2015, 5, 22)
    answer = confirm(guichet, of(club, "/modification"), shown)
    assert answer.status_code == 422
    assert "vient d’être changée par quelqu’un d’autre. Rien n’est enregistré." in text_of(answer)
    assert booked(app, club) == set()


def test_ending_releases_what_follows(guichet, app, club):
    do(guichet, of(club, "/modification"), **CLUB)
    page = text_of(do(guichet, of(club, "/fin"), dernier="2015-05-15"))
    assert "La fin de l’inscription est enregistrée : 1 jour libéré." in page
    assert "du 01/09/2014 au 15/05/2015" in page
    assert booked(app, club) == {date(2015, 5, 4), date(2015, 5, 11)}


@pytest.mark.parametrize(
    ("action", "fields", "why"),
    [
        ("/fin", {"dernier": ""}, "Choisissez le dernier jour."),
        ("/fin", {"dernier": "2015-04-01"}, "Les jours passés ne changent pas"),
        ("/conge", {"premier": "2015-05-20", "dernier": ""}, "Choisissez le dernier jour."),
        ("/conge", {"premier": "2015-05-20", "dernier": "2015-05-19"}, "avant le premier"),
        ("/modification", {"rythme": "toutes", "jours": ["6"]}, "Semaine"),
        ("/modification", {"rythme": "alternees", "dernier": "x"}, "Cochez au moins un jour"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(guichet, app, club, action, fields, why):
    answer = preview(guichet, of(club, action), **fields)
    assert answer.status_code == 422
    if why != "Semaine":
        assert why in text_of(answer)
    with app.app_context():
        assert db.session.get_one(Enrolment, club).last_day is None
        assert db.session.query(Event).filter(Event.kind.like("enrolment%")).count() == 0


def test_a_stale_page_comes_back_with_its_content(guichet, club):
    answer = guichet.post(of(club, "/fin"), data={"dernier": "2015-05-15", "etape": "confirmation"})
    assert answer.status_code == 422
    assert "ouverte depuis longtemps" in text_of(answer)
    assert 'value="2015-05-15"' in answer.text


def test_a_leave_is_noted_then_removed(guichet, app, client, club):
    do(guichet, of(club, "/modification"), **CLUB)
    page = text_of(do(guichet, of(club, "/conge"), premier="2015-05-11", dernier="2015-05-15"))
    assert "Le congé est noté : 1 jour libéré." in page
    assert "lundi 11 mai 2015 Congé" in page
    assert booked(app, club) == MONDAYS_OF_MAY - {date(2015, 5, 11)}
    with app.app_context():
        (leave,) = Leave.of_enrolment(club)
    url = of(club, f"/conge/{leave.id}/suppression")
    shown = guichet.get(url)
    assert "À réserver" in text_of(shown)
    assert "Lu 11" in text_of(shown)
    answer = confirm(guichet, url, shown)
    assert "Le congé est supprimé : 1 jour réservé." in text_of(guichet.get(answer.location))
    assert booked(app, club) == MONDAYS_OF_MAY
    again = confirm(guichet, url, shown)
    assert "Ce congé n’est plus noté." in text_of(guichet.get(again.location))
    with app.app_context():
        kinds = db.session.scalars(select(Event.kind).where(Event.kind.like("leave%")).order_by(Event.id)).all()
        assert kinds == ["leave_recorded", "leave_removed"]


def test_the_parent_sees_the_leave_and_the_calendar_does_not_expect_the_child(guichet, app, club):
    do(guichet, of(club, "/modification"), **CLUB)
    do(guichet, of(club, "/conge"), premier="2015-05-11", dernier="2015-05-15")
    guichet.log_out(DESK)
    guichet.log_in("jean.dupont")
    page = guichet.get("/planning/2015-05").text
    assert re.search(rf'data-enrolment="{club}" data-day="2015-05-11" data-state="leave"', page)
    menu = text_of(guichet.get(f"/inscriptions/{club}/2015-05-11"))
    assert "Un congé est noté pour cet enfant ce jour-là." in menu


def test_requests_on_days_that_fall_outside_are_left_to_the_agent(guichet, app, club):
    guichet.log_out(DESK)
    guichet.log_in("jean.dupont")
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, club).activity.approval = "manual"
    send(guichet, f"/inscriptions/{club}/2015-05-28/reservation")
    guichet.log_out()
    guichet.log_in("guichet")
    shown = preview(guichet, of(club, "/fin"), dernier="2015-05-15")
    assert "Une demande en attente concerne un jour où l’enfant ne viendra plus." in text_of(shown)
    assert "Demande de Réservation, jeudi 28 mai 2015" in text_of(shown)
    confirm(guichet, of(club, "/fin"), shown)
    assert "Demande de Réservation, jeudi 28 mai 2015" in text_of(guichet.get(of(club)))


def test_the_family_s_page_lists_them(guichet, club):
    page = text_of(guichet.get("/agent/familles/1"))
    for words in ("Club de lecture", "à la demande", "payé par ce foyer", "Inscrire LEA"):
        assert words in page, words
