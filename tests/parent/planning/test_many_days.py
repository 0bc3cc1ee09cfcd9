"""« Plusieurs jours »: what will be asked is shown, then asked in one request."""

import re
from datetime import date, timedelta

import pytest

from app import clock, db
from app.blueprints.parent.planning.many_days_forms import WeeklyForm
from app.models.enrolments import Enrolment
from app.models.planning.recurrence import LONGEST
from app.models.request_kind import RequestKind
from app.models.requests import Request
from app.models.town import Approval
from app.models.town.activity import weekday_bits
from app.models.town.calendar import known_until
from tests.builders import activity, dupont, enrolment
from tests.conftest import text_of
from tests.filling import shown
from tests.parent.planning.many import MONDAY, NEW, booked, compose, lines_in, send


def test_every_monday_for_both_children_is_shown_then_asked_in_one_request(app, jean, two):
    page = compose(
        jean, "regulier", inscriptions=two, premier="2015-05-18", dernier="2015-06-05", rythme="toutes", jours=["0"]
    )
    assert page.status_code == 200
    text = text_of(page)
    assert "Lundi 18 mai 2015" in text
    assert "2 réservés tout de suite" in text
    assert "complet : liste d’attente" in text  # one place for two
    assert "férié" in text  # Whit Monday, 25 May
    answer = send(jean, page)
    assert answer.status_code == 303
    with app.app_context():
        (request,) = db.session.query(Request)
        assert request.kind is RequestKind.BOOKING
        assert answer.location == f"/demandes/{request.id}"
    receipt = text_of(jean.get(answer.location))
    assert "2 jours n’ont pas été demandés" in receipt  # Whit Monday, for each child
    assert "Garderie d’essai, lundi 25 mai 2015" in receipt
    assert "acceptée" in receipt


def test_every_day_of_a_year_the_range_that_is_proposed_can_be_sent(app):
    """From the first days of summer on, it is the next school year's."""
    proposed = {}
    with app.test_request_context():
        for today in (date(2015, 1, 1) + timedelta(days=n) for n in range(366)):
            clock.pretend(today)
            form = WeeklyForm.choosing([])
            form.begin(None)
            proposed[today] = form.premier.data, form.dernier.data
            assert today < form.premier.data <= form.dernier.data <= form.premier.data + LONGEST
            assert form.dernier.data <= known_until(today)
    assert proposed[date(2015, 6, 21)] == (date(2015, 6, 22), date(2015, 7, 4))
    assert proposed[date(2015, 6, 29)] == (date(2015, 7, 6), date(2016, 7, 4))
    assert proposed[date(2015, 8, 31)] == (date(2015, 9, 7), date(2016, 7, 4))


def test_each_activity_is_asked_on_its_own_weekdays_alone(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        child = writing.get_one(Enrolment, two[0]).child
        club = enrolment(activity("Club", weekdays=weekday_bits(2)), dupont().family, child).id
    days = {"premier": "2015-05-18", "dernier": "2015-05-22", "rythme": "toutes", "jours": ["0", "2"]}
    page = compose(jean, "regulier", inscriptions=[two[0], club], **days)
    assert set(lines_in(page)) == {f"{two[0]}:2015-05-18", f"{two[0]}:2015-05-20", f"{club}:2015-05-20"}


@pytest.mark.parametrize(("day", "why"), [
    ("2015-05-16", "Garderie d’essai n’accueille pas d’enfants le samedi."),
    ("2015-10-20", "Garderie d’essai n’accueille pas d’enfants pendant les petites vacances."),
    ("2015-07-14", "Ce jour est férié"),
    ("2015-07-15", "Garderie d’essai n’accueille pas d’enfants pendant les grandes vacances."),
])  # fmt: skip
def test_of_a_day_on_which_nobody_comes_it_says_why(jean, two, day, why):
    assert why in text_of(jean.get(f"{NEW}?ligne={two[0]}:{day}"))


def test_what_opens_in_the_holidays_alone_says_so(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        one = writing.get_one(Enrolment, two[0]).activity
        one.in_school_time, one.in_short_holidays = False, True
    page = text_of(jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    assert "n’accueille des enfants que pendant les vacances." in page


def test_one_comes_back_from_the_preview_to_the_form_as_it_was(jean, two):
    page = compose(
        jean, "regulier", inscriptions=two, premier="2015-05-18", dernier="2015-06-05", rythme="toutes", jours=["0"]
    )
    kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    said = {}
    for name, value in kept:
        said.setdefault(name, []).append(value)
    back = jean.post(f"{NEW}/regulier", data={**said, "modifier": "1"})
    assert back.status_code == 200
    assert {f'value="{number}"' in tag and "checked" in tag for number in two for tag in re.findall(
        rf'<input[^>]*name="inscriptions"[^>]*value="{number}"[^>]*>|<input[^>]*value="{number}"[^>]*name="inscriptions"[^>]*>',
        back.text,
    )} == {True}  # fmt: skip
    assert 'value="2015-06-05"' in back.text


def test_a_day_that_is_unticked_is_left_aside(app, jean, two):
    page = compose(
        jean, "regulier", inscriptions=two[:1], premier="2015-05-18", dernier="2015-05-22", rythme="toutes",
        jours=["0", "1"],
    )  # fmt: skip
    send(jean, page, ligne=lines_in(page)[:1])
    assert {day for _, day in booked(app)} >= {MONDAY}
    assert (two[0], MONDAY + timedelta(days=1)) not in booked(app)


TWO_DAYS = {"premier": "2015-05-18", "dernier": "2015-05-22", "rythme": "toutes", "jours": ["0", "1"]}


def ticks_in(page) -> dict[str, bool]:
    """The days to tick, and whether each is ticked."""
    boxes = re.findall(r'<input type="checkbox"[^>]*name="ligne" value="([^"]+)"( checked)?', page.text)
    return {day: bool(ticked) for day, ticked in boxes}


def test_when_nothing_is_ticked_any_more_it_says_so_and_keeps_the_list(app, jean, two):
    page = compose(jean, "regulier", inscriptions=two[:1], **{**TWO_DAYS, "dernier": "2015-05-26"})
    monday, tuesday, again = (f"{two[0]}:{day}" for day in ("2015-05-18", "2015-05-19", "2015-05-26"))
    asked = shown(page.text, NEW)
    asked["ligne"] = [f"{two[0]}:2015-05-25"]  # Whit Monday, which is not to be unticked
    answer = jean.post(NEW, data=asked)
    assert answer.status_code == 422
    assert "Cochez au moins un jour" in text_of(answer)
    assert ticks_in(answer) == {monday: False, tuesday: False, again: False}
    assert jean.post(NEW, data={**shown(answer.text, NEW), "ligne": [tuesday]}).status_code == 303
    assert (two[0], date(2015, 5, 19)) in booked(app)


def test_what_was_unticked_stays_so_when_the_form_comes_back(jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-19"))
    page = jean.get(f"{NEW}?type=absence&ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-19")
    answer = jean.post(NEW, data={**shown(page.text, NEW), "ligne": [f"{two[0]}:{MONDAY}"], "motif": ""})
    assert answer.status_code == 422
    assert ticks_in(answer) == {f"{two[0]}:{MONDAY}": True, f"{two[0]}:2015-05-19": False}


def test_what_was_unticked_stays_so_after_modifier(jean, two):
    page = compose(jean, "regulier", inscriptions=two[:1], **TWO_DAYS)
    asked = {**shown(page.text, NEW), "ligne": [f"{two[0]}:{MONDAY}"], "modifier": "1"}
    form = jean.post(f"{NEW}/regulier", data=asked)
    page = jean.post(f"{NEW}/regulier", data={**shown(form.text, f"{NEW}/regulier"), "dernier": "2015-05-29"})
    assert ticks_in(page) == {
        f"{two[0]}:2015-05-18": True, f"{two[0]}:2015-05-19": False, f"{two[0]}:2015-05-26": True,
    }  # fmt: skip


@pytest.mark.both_engines
def test_children_and_activities_come_in_the_planning_s_order(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, two[1]).child.birth_date = date(2005, 1, 1)  # the eldest, though entered last
    form = jean.get(NEW).text
    assert form.index(f'value="{two[1]}"') < form.index(f'value="{two[0]}"')
    preview = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[1]}:2015-05-19").text
    assert preview.index(f'value="{two[1]}:') < preview.index(f'value="{two[0]}:')


def test_what_excludes_a_day_is_named(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        row = writing.get_one(Enrolment, two[0])
        row.activity.exclusive_group = "g"
        other = enrolment(activity("Journée", exclusive_group="g"), dupont().family, row.child).id
    send(jean, jean.get(f"{NEW}?ligne={other}:{MONDAY}"))
    page = text_of(jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    assert "Cet enfant a déjà une réservation ce jour-là : Journée." in page


def test_counters_and_impossible_absences_read_as_french(app, jean, two):
    page = text_of(jean.get(f"{NEW}?type=absence&ligne={two[0]}:{MONDAY}"))
    assert "1 absence ne peut pas être déclarée : voir pourquoi" in page
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, two[0]).activity.approval = Approval.MANUAL
    assert "1 à décider par le service" in text_of(jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))


def test_sent_twice_it_is_one_request(app, jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    assert send(jean, page).location == send(jean, page).location
    with app.app_context():
        assert db.session.query(Request).count() == 1


def test_the_receipt_tells_each_step_of_many_lines_once(jean, two):
    answer = send(
        jean, jean.get(NEW, query_string={"ligne": [f"{two[0]}:{MONDAY + timedelta(days=n)}" for n in range(4)]})
    )
    told = text_of(jean.get(answer.location))
    assert [told.count(step) for step in ("Demande envoyée", "Demande acceptée")] == [1, 1]
