"""« Demander une inscription »: refused at once where it could not be; accepted, its days are booked by the door."""

import json
import re
from datetime import date
from html import unescape

import pytest

from app import db
from app.models.enrolments import Booking, Enrolment
from app.models.event import Event
from app.models.places import PoolDay
from app.models.requests import Request
from app.models.town import Activity, HalfDay
from app.models.town.activity import weekday_bits
from tests.builders import activity, dupont
from tests.conftest import FRAGMENT, text_of
from tests.files import accept_newest, lea, line, refuse, take_authority
from tests.filling import send, shown

WEDNESDAYS, ALL_WEEK = weekday_bits(2), weekday_bits(0, 1, 2, 3, 4)
FULL = date(2015, 5, 13)


@pytest.fixture
def club(app) -> int:
    """An activity of Wednesdays with two places, in which Léa is not enrolled."""
    with app.app_context(), db.transaction():
        return activity("Club du mercredi", places=2, weekdays=WEDNESDAYS, position=9).id


def url() -> str:
    return f"/enfants/{lea().id}/inscription"


def wish(jean, number: int, **changes):
    wanted = {"prestation": str(number), "premier": "2015-05-06", "dernier": "2015-06-03", "jours": "2"}
    return send(jean, url(), **{**wanted, **changes})


def offered_days(html: str) -> dict[str, bool]:
    """The weekdays to tick (0 is Monday), and whether each is ticked."""
    boxes = (re.search('value="([0-6])"', one) for one in re.findall('<input[^>]*name="jours"[^>]*>', html))
    return {box[1]: "checked" in box.string for box in boxes}


def enrolled() -> Enrolment | None:
    db.session.rollback()
    return db.session.query(Enrolment).filter(Enrolment.activity.has(name="Club du mercredi")).one_or_none()


def test_what_is_offered_suits_the_child_and_is_not_hers_already(app, jean, club):
    with app.app_context(), db.transaction():
        activity("Bébés", max_age=3)
        activity("Ados", min_age=12)
        activity("Bientôt assez grande", min_age=8)
    page = jean.get(url()).text
    assert "Club du mercredi" in page
    assert "Bientôt assez grande" in page  # she will be eight next school year
    for name in ("Bébés", "Ados", "Garderie matin"):
        assert name not in page


def test_with_nothing_to_offer_it_says_so(jean):
    assert "Aucune autre prestation n’accueille LEA" in text_of(jean.get(url()))


def test_the_weeks_are_shown_with_their_real_dates(jean, club):
    told = text_of(jean.get(url()))
    assert "En ce moment : semaine 19, du lundi 4 mai 2015" in told
    assert "La prochaine : semaine 20, du lundi 11 mai 2015" in told


def test_asked_it_waits_and_nothing_is_booked(jean, club):
    answer = wish(jean, club, precision="Elle nage bien.")
    assert answer.status_code == 303
    told = text_of(jean.get(answer.location))
    for words in ("Club du mercredi", "06/05/2015", "03/06/2015", "mercredi", "Elle nage bien."):
        assert words in told
    assert enrolled() is None
    page = text_of(jean.get(f"/enfants/{lea().id}"))
    assert "Prestation : Club du mercredi" in page
    assert f"en attente : voir ma demande {line('enrolment').request.code}" in page


def test_accepted_its_days_are_booked_and_a_full_one_is_told(jean, club):
    wish(jean, club)
    with db.transaction() as writing:  # meanwhile a day fills up
        pool = writing.get_one(Activity, club).pool_id
        for half in HalfDay:
            writing.add(PoolDay(pool_id=pool, day=FULL, half_day=half, capacity=2, taken=2))
    accept_newest()
    made = enrolled()
    assert (made.family_id, made.child_id) == (dupont().family_id, lea().id)
    assert (made.first_day, made.last_day) == (date(2015, 5, 6), date(2015, 6, 3))
    assert (made.even_weeks, made.odd_weeks) == (WEDNESDAYS, WEDNESDAYS)
    booked = {one.day for one in db.session.query(Booking).filter_by(enrolment_id=made.id)}
    assert booked == {date(2015, 5, day) for day in (6, 20, 27)} | {date(2015, 6, 3)}
    noted = db.session.query(Event).filter_by(kind="enrolment_created").one()
    assert (noted.after["book"], noted.after["impossible"]) == (4, 1)
    child = jean.get(f"/enfants/{made.child_id}")
    address = f"/enfants/{made.child_id}/inscriptions/{made.id}"
    assert f'href="{address}"' in child.text
    told = text_of(jean.get(address))
    assert "Jours habituels non réservés" in told
    assert "Il ne reste plus de place ce jour-là. Me 13" in told
    assert "mercredi 6 mai 2015 Réservé" in told
    request = jean.get(f"/demandes/{line('enrolment').request_id}")
    assert f'href="/enfants/{made.child_id}#inscriptions"' in request.text


def test_days_may_be_written_as_french_writes_them(jean, club):
    assert wish(jean, club, premier="06/05/2015", dernier="03/06/2015").status_code == 303
    asked = json.loads(line("enrolment").after)
    assert (asked["first_day"], asked["last_day"]) == ("2015-05-06", "2015-06-03")


def test_a_choice_that_is_not_offered_is_refused_in_french_with_its_typography(jean, club):
    answer = wish(jean, 999_999)
    assert answer.status_code == 422
    assert "N’est pas un choix valide." in text_of(answer)
    assert "N'est" not in unescape(answer.text)


def test_without_a_last_day_it_lasts_for_the_school_year_of_its_first_day(jean, club):
    wish(jean, club, premier="2015-09-02", dernier="")
    assert json.loads(line("enrolment").after)["last_day"] == "2016-08-31"


def test_even_and_odd_weeks_differ(app, jean):
    with app.app_context(), db.transaction():
        number = activity("Club du mercredi", weekdays=ALL_WEEK).id
    answer = wish(jean, number, rythme="alternees", jours=[], pairs=["0"], impairs=["1", "3"])
    assert "semaines paires : lundi ; semaines impaires : mardi, jeudi" in text_of(jean.get(answer.location))
    accept_newest()
    assert (enrolled().even_weeks, enrolled().odd_weeks) == (weekday_bits(0), weekday_bits(1, 3))


def test_refused_nothing_is_made_and_the_reason_is_read(jean, club):
    wish(jean, club)
    number = line("enrolment").request_id
    refuse(number, "Le club est complet cette année.")
    assert enrolled() is None
    assert "Le club est complet cette année." in text_of(jean.get(f"/demandes/{number}"))
    assert "Prestation : Club" not in text_of(jean.get(f"/enfants/{lea().id}"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"prestation": ""}, "Choisissez une prestation."),
        ({"premier": ""}, "Choisissez le premier jour."),
        ({"premier": "2015-05-03"}, "Le premier jour est passé"),
        ({"premier": "2015-02-30"}, "Écrivez une date qui existe."),
        ({"dernier": "2015-05-05"}, "Le dernier jour est avant le premier."),
        ({"premier": "2017-09-04", "dernier": ""}, "le calendrier scolaire n’est pas connu plus loin"),
        ({"jours": []}, "Cochez au moins un jour"),
        ({"jours": ["-1"]}, "Cochez au moins un jour"),
        ({"jours": ["800000000"]}, "Cochez au moins un jour"),
        ({"precision": "x" * 1001}, "1 000 caractères au plus."),
    ],
)
def test_what_cannot_be_comes_back_with_the_form(jean, club, wrong, sentence):
    answer = wish(jean, club, **wrong)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert db.session.query(Request).count() == 0
    assert shown(answer.text, url())["prestation"] == [wrong.get("prestation", str(club))]


def test_a_day_on_which_it_is_closed_is_refused_at_once(app, jean, club):
    with app.app_context(), db.transaction():
        activity("Tous les jours", weekdays=ALL_WEEK)
    answer = wish(jean, club, jours=["0", "2"])
    assert answer.status_code == 422
    assert "Club du mercredi n’accueille pas d’enfants le lundi." in text_of(answer)


def test_enrolled_already_for_these_days_it_is_refused_at_once(jean, club):
    wish(jean, club)
    accept_newest()
    answer = wish(jean, club, premier="2015-06-01", dernier="2015-06-30")
    assert answer.status_code == 422
    assert "LEA est déjà inscrit(e) à Club du mercredi" in text_of(answer)
    assert wish(jean, club, premier="2015-06-04", dernier="2015-06-30").status_code == 303


def test_too_young_on_the_first_day_it_is_refused_at_once(app, jean):
    with app.app_context(), db.transaction():
        number = activity("Club du mercredi", min_age=8, weekdays=WEDNESDAYS).id
    answer = wish(jean, number)
    assert answer.status_code == 422
    assert "LEA a 7 ans" in text_of(answer)
    assert wish(jean, number, premier="2016-03-16", dernier="").status_code == 303


def test_the_week_that_is_offered_is_that_of_the_activity_that_is_chosen(app, jean, club):
    with app.app_context(), db.transaction():
        activity("Atelier du lundi", weekdays=weekday_bits(0))
    assert {"0", "2"} <= offered_days(jean.get(url()).text).keys()
    chosen = jean.get(url(), query_string={"prestation": club, "rythme": "toutes", "jours": "2"}, headers=FRAGMENT)
    assert "<html" not in chosen.text
    assert offered_days(chosen.text) == {"2": True}
    wrong = wish(jean, club, jours="0")
    assert wrong.status_code == 422
    assert "n’accueille pas d’enfants le lundi" in text_of(wrong)
    assert offered_days(wrong.text) == {"2": False}


def test_what_is_wrong_is_told_in_the_order_of_the_form(jean, club):
    told = text_of(wish(jean, club, prestation="", premier="", jours=[], precision="x" * 1001))
    said = (
        "Choisissez une prestation.",
        "Choisissez le premier jour.",
        "Cochez au moins un jour",
        "1 000 caractères",
    )
    places = [told.index(one) for one in said]
    assert places == sorted(places)


def test_what_is_not_offered_is_not_taken(jean, club):
    answer = wish(jean, 999_999)
    assert answer.status_code == 422
    assert db.session.query(Request).count() == 0


def test_sent_twice_it_is_one_request_and_the_same_again_is_refused(jean, club):
    form = {**shown(jean.get(url()).text, url()), "prestation": str(club), "premier": "2015-05-06", "jours": "2"}
    first, second = (jean.post(url(), data=form) for _ in range(2))
    assert first.location == second.location
    assert db.session.query(Request).count() == 1
    again = wish(jean, club, dernier="")
    assert again.status_code == 422
    assert "attend déjà sa réponse" in text_of(again)


def test_only_who_decides_for_the_child_asks(client, club):
    number = lea().id
    client.log_in("durand")
    assert client.get(f"/enfants/{number}/inscription").status_code == 404
    client.log_out()
    take_authority("JEAN")
    client.log_in("jean.dupont")
    assert client.get(f"/enfants/{number}/inscription").status_code == 404
    mine = db.session.query(Enrolment.id).filter_by(child_id=number).first()[0]
    assert client.get(f"/enfants/{number}/inscriptions/{mine}").status_code == 404


def test_an_enrolment_of_another_child_is_not_found_there(jean):
    assert jean.get(f"/enfants/{lea().id}/inscriptions/999999").status_code == 404
