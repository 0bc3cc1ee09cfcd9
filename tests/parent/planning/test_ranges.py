"""An absence that lasts, copied weeks, and what changed meanwhile."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from app import clock, db
from app.models.enrolments import Booking, Enrolment
from app.models.places import places
from app.models.requests import Request
from app.models.town import Closure
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import PASSWORD, text_of
from tests.filling import shown
from tests.parent.planning.many import MONDAY, NEW, WEEKLY, booked, compose, lines_in, send


def test_an_absence_over_a_range_is_declared_for_the_booked_days_alone(app, jean, two):
    with app.app_context():
        child = db.session.get(Enrolment, two[0]).child_id
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-21"))
    page = compose(
        jean, "absence", enfants=[child], premier="2015-05-18", dernier="2015-05-22", motif="Malade jusqu’à vendredi"
    )
    assert lines_in(page) == [f"{two[0]}:2015-05-18", f"{two[0]}:2015-05-21"]
    send(jean, page, motif="Malade jusqu’à vendredi")
    assert not {day for number, day in booked(app) if number == two[0] and day >= MONDAY}


def test_an_absence_without_a_reason_is_refused_and_nothing_is_lost(app, jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    page = jean.get(f"{NEW}?type=absence&ligne={two[0]}:{MONDAY}")
    assert "(facultatif)" not in text_of(page)
    answer = send(jean, page, motif=" ")
    assert answer.status_code == 422
    assert "Écrivez la raison" in text_of(answer)
    assert re.search(r'<textarea[^>]*aria-invalid="true"', answer.text)
    assert lines_in(answer) == [f"{two[0]}:{MONDAY}"]


def test_a_week_is_copied_to_others(app, jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    page = compose(
        jean, "copie", inscriptions=two, source="2015-05-18", longueur="1", cibles=["2015-06-01", "2015-06-08"]
    )
    assert lines_in(page) == [f"{two[0]}:2015-06-01", f"{two[0]}:2015-06-08"]


def test_weeks_that_alternate_are_copied_as_a_block(app, jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-28"))
    page = compose(
        jean, "copie", inscriptions=two, source="2015-05-18", longueur="2", cibles=["2015-06-01", "2015-06-15"]
    )
    days = ("2015-06-01", "2015-06-11", "2015-06-15", "2015-06-25")
    assert lines_in(page) == [f"{two[0]}:{day}" for day in days]


def test_a_usual_week_is_one_link_and_one_button_away(app, jean):
    with app.app_context(), db.transaction():
        usual = enrolment(activity("Cantine d’essai"), dupont().family, even_weeks=0b11, odd_weeks=0b11).id
    home = jean.get("/").text
    found = re.search(r'href="(/demandes/nouvelle\?semaine=[^"]+)"', home)
    assert found, "the home page proposes the week"
    page = jean.get(found[1])
    wanted = lines_in(page)
    assert wanted
    assert send(jean, page).status_code == 303
    in_time = {line for line in wanted if line.startswith(f"{usual}:") and line > f"{usual}:2015-05-04"}
    assert in_time
    assert {f"{number}:{day}" for number, day in booked(app) if number == usual} == in_time


def end(app, number: int, last_day: date) -> None:
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, number).last_day = last_day


def test_an_enrolment_that_ended_meanwhile_is_told_and_the_others_are_asked(app, jean, two, theirs):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[1]}:2015-05-19")
    end(app, two[0], date(2015, 5, 3))
    end(app, theirs, date(2015, 5, 3))
    receipt = text_of(jean.get(send(jean, page).location))
    assert "L’inscription ne couvre pas ce jour." in receipt
    assert (two[1], date(2015, 5, 19)) in booked(app)
    assert send(jean, page, submission="other", ligne=[f"{theirs}:{MONDAY}"]).status_code == 404


@pytest.mark.parametrize("mode", ["regulier", "copie", "absence"])
def test_a_preview_that_is_reloaded_leads_back_to_its_form(jean, mode):
    answer = jean.get(f"{NEW}/{mode}")
    assert answer.status_code == 303
    assert jean.get(answer.location).status_code == 200
    assert answer.location == f"{NEW}?mode={mode}"


def test_a_preview_of_chosen_cells_that_is_reloaded_leads_back_to_the_planning(jean):
    assert jean.get(f"{NEW}/choix").location == "/planning"


def test_when_the_session_ended_on_the_preview_it_waits_for_the_login_and_goes(app, jean, two):
    page = compose(jean, "regulier", inscriptions=two, **WEEKLY)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        asked = jean.post(NEW, data=shown(page.text, NEW), headers={"Origin": "http://localhost"})
        assert asked.status_code == 401
        with app.app_context():
            assert db.session.query(Request).count() == 0
        login = shown(asked.text, "/connexion") | {"identifiant": "jean.dupont", "password": PASSWORD}
        waiting = jean.post("/connexion", data=login)
        assert jean.post(NEW, data=shown(waiting.text, NEW)).status_code == 303
    with app.app_context():
        assert db.session.query(Request).count() == 1


def test_nothing_chosen_is_said(jean, two):
    answer = compose(jean, "regulier", premier="2015-05-18", dernier="2015-05-22", rythme="toutes", jours=["0"])
    assert answer.status_code == 422
    assert "Cochez au moins une inscription" in text_of(answer)


def test_what_somebody_else_took_meanwhile_joins_the_waiting_list(app, jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    with app.app_context(), db.transaction() as writing:
        pool = writing.get_one(Enrolment, two[0]).activity
        stranger = enrolment(pool, durand().family)
        writing.add(Booking(enrolment_id=stranger.id, day=MONDAY, child_id=stranger.child_id, activity_id=pool.id))
        places.lock(stranger, [MONDAY])
        places.take(pool, [MONDAY], +1)
    receipt = text_of(jean.get(jean.post(NEW, data=shown(page.text, NEW)).location))
    assert "pas tout à fait ce qui était annoncé" in receipt
    told = "Léa, Garderie d’essai, lundi 18 mai 2015 : en liste d’attente, et non réservé tout de suite."
    assert told in receipt


def test_what_cannot_be_asked_any_more_is_told_on_the_receipt_too(app, jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-19")
    with app.app_context(), db.transaction() as writing:
        writing.add(Closure(first_day=MONDAY, last_day=MONDAY, reason="Grève"))
    receipt = text_of(jean.get(jean.post(NEW, data=shown(page.text, NEW)).location))
    assert "lundi 18 mai 2015 : impossible à demander, et non réservé tout de suite." in receipt


def test_when_all_is_as_it_was_told_the_receipt_says_nothing_of_it(jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[1]}:{MONDAY}&ligne={two[1]}:2015-05-25")
    receipt = text_of(jean.get(jean.post(NEW, data=shown(page.text, NEW)).location))
    assert "en liste d’attente" in receipt
    assert "annoncé" not in receipt
