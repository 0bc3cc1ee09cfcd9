"""Inscriptions: the register, one of them, and what an agent does with it: shown first, then done."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Agent
from app.models.enrolments import Booking, BookingState, Enrolment, Leave
from app.models.event import Event
from app.models.families import Child, Custody
from app.models.places import door
from app.models.town import Structure
from app.models.town.calendar import Calendar
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import text_of
from tests.filling import send, send_on

DESK = "/agent/inscriptions"
MONDAYS_OF_MAY = {date(2015, 5, 4), date(2015, 5, 11), date(2015, 5, 18)}  # the 25th is a public holiday
CLUB = {"rythme": "toutes", "jours": ["0"], "dernier": "2015-05-29"}


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def club(app) -> int:
    """A club of one place with an enrolment of Léa, nothing booked."""
    with app.app_context(), db.transaction():
        made = activity("Club de lecture", places=1, min_age=6)
        return enrolment(made, dupont().family, db.session.query(Child).one()).id


def of(number: int, action: str = "") -> str:
    return f"{DESK}/{number}{action}"


def preview(agent, url: str, **changes):
    return send(agent, url, etape="apercu", **changes)


def confirm(agent, url: str, page, **changes):
    return send_on(agent, page.text, url, etape="confirmation", **changes)


def do(agent, url: str, **changes):
    """Look, then confirm; the page where that leads."""
    answer = confirm(agent, url, preview(agent, url, **changes))
    assert answer.status_code == 303, text_of(answer)
    return agent.get(answer.location)


def booked(app, number: int) -> set[date]:
    with app.app_context():
        live = select(Booking.day).where(Booking.enrolment_id == number, Booking.state == BookingState.BOOKED)
        return set(db.session.scalars(live.where(Booking.day >= date(2015, 5, 4))))


def somebody_takes(app, number: int, *days: date) -> None:
    """The only place of the club goes to another child."""
    with app.app_context(), db.transaction() as writing:
        other = enrolment(writing.get_one(Enrolment, number).activity, durand().family)
        calendar = Calendar.between(min(days), max(days))
        at = {"submitted_at": clock.local_now(), "override": door.Override(deadline=True)}
        assert door.book_days(other, days, calendar, **at) == {}


# The register


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
@pytest.mark.sqlite_only
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


# One inscription


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


# Enrolling


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


# Changing, ending


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


# Leaves


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
