"""What new terms may not do, and what they say."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.enrolments import Attendance, Booking, Leave
from app.models.event import Event
from app.models.places import PoolDay, door
from app.models.planning.planned_day import Fate
from app.models.planning.terms_change import (
    Ending,
)
from app.models.refusal import RefusedError
from app.models.requests import LineState
from app.models.town.activity import weekday_bits
from app.models.town.calendar import Calendar
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY
from tests.models.planning.terms import LAST, MONDAYS, ask, booked, change, leave, set_terms, stored, week

pytestmark = pytest.mark.usefixtures("inside")


def test_past_days_and_what_was_pointed_today_never_change(number):
    with db.transaction():
        one = stored(number)
        one.first_day = date(2015, 4, 1)
        for day in (date(2015, 4, 27), GUIDE_DAY):
            same = {"child_id": one.child_id, "activity_id": one.activity_id}
            db.session.add(Booking(enrolment_id=number, day=day, **same))
            db.session.add(Attendance(enrolment_id=number, day=day, present=True))
    change(number, Ending(date(2015, 5, 3)))
    assert booked(number) == {date(2015, 4, 27), GUIDE_DAY}


def test_a_full_day_is_told_and_an_override_is_explicit(number):
    with db.transaction():
        for adult in (dupont(), durand()):
            other = enrolment(stored(number).activity, adult.family)
            assert door.book(
                other, date(2015, 5, 11), Calendar.between(GUIDE_DAY, LAST), submitted_at=clock.local_now()
            )
    plan = set_terms(number, **week(MONDAYS))
    assert {one.why for one in plan.days if one.day == date(2015, 5, 11)} == {"Il ne reste plus de place ce jour-là."}
    assert date(2015, 5, 11) not in booked(number)
    plan = set_terms(number, over=True, **week(MONDAYS))
    assert plan.of_fate(Fate.BOOK) == [date(2015, 5, 11)]
    told = db.session.scalars(select(Event).where(Event.kind == "enrolment_changed").order_by(Event.id)).all()
    assert [one.after.get("override") for one in told] == [None, ["capacity"]]
    forced = db.session.query(PoolDay).filter_by(day=date(2015, 5, 11), half_day="am").one()
    assert (forced.taken, forced.forced) == (3, 1)


def test_the_other_household_and_the_group_are_told(number):
    with db.transaction() as writing:
        one = stored(number)
        one.activity.exclusive_group = "essai"
        writing.flush()
        same = enrolment(one.activity, durand().family, one.child)
        group = enrolment(activity("Autre", exclusive_group="essai"), dupont().family, one.child)
        calendar = Calendar.between(GUIDE_DAY, LAST)
        for row, day in ((same, date(2015, 5, 11)), (group, date(2015, 5, 18))):
            assert door.book(row, day, calendar, submitted_at=clock.local_now())
    plan = set_terms(number, **week(MONDAYS))
    told = {one.day: one.why for one in plan.days if one.fate is Fate.IMPOSSIBLE}
    assert "l’autre foyer" in told[date(2015, 5, 11)]
    assert "déjà une réservation ce jour-là : Autre." in told[date(2015, 5, 18)]


def test_a_request_that_waits_on_a_usual_day_is_left_to_its_agent(number):
    ask(number, date(2015, 5, 11), state=LineState.SUBMITTED)
    plan = set_terms(number, **week(MONDAYS))
    told = {one.day: one.why for one in plan.days if one.fate is Fate.IMPOSSIBLE}
    assert told[date(2015, 5, 11)] == "Une demande de la famille attend sa réponse."
    assert plan.pending == []  # the child still comes


def refusal(number, **terms) -> str:
    before = booked(number)
    with pytest.raises(RefusedError) as refused:
        set_terms(number, **terms)
    assert booked(number) == before
    return str(refused.value)


def test_what_cannot_be_says_why_and_changes_nothing(number):
    assert "avant le premier" in refusal(number, last_day=GUIDE_DAY - timedelta(days=1))
    assert "31 août 2016" in refusal(number, last_day=date(2016, 9, 1))
    assert "jour passé" in refusal(number, first_day=date(2015, 4, 1))
    assert "n’accueille pas d’enfants le samedi" in refusal(number, **week(weekday_bits(5)))
    with db.transaction():
        stored(number).first_day = date(2015, 4, 1)
    assert "Les jours passés ne changent pas" in refusal(number, last_day=date(2015, 4, 30))
    assert "jour passé" in refusal(number, first_day=date(2015, 6, 1))


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2015, 5, 20), date(2015, 5, 19), "avant le premier"),
        (date(2015, 5, 1), date(2015, 5, 8), "un congé commence aujourd’hui"),
        (date(2015, 5, 15), date(2015, 5, 20), "déjà noté"),
        (date(2015, 6, 15), date(2015, 6, 16), "ne couvre aucun"),
        (date(2015, 5, 20), date(2016, 6, 1), "un an au plus"),
    ],
)
def test_a_leave_that_cannot_be_says_why(number, first, last, why):
    leave(number, date(2015, 5, 11), date(2015, 5, 15))
    with pytest.raises(RefusedError, match=why):
        leave(number, first, last)
    assert len(Leave.of_enrolment(number)) == 1
