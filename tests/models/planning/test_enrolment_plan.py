"""What an agent sets of an enrolment: the plan that is shown, what is done, and that both agree."""

from datetime import date

import pytest

from app import db
from app.models.durations import school_year_end
from app.models.enrolments.terms import Terms, next_weeks, odd_twice
from app.models.planning.planned_day import Fate
from app.models.planning.terms_change import (
    Ending,
)
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.town import Closure
from tests.builders import activity, dupont, enrolment
from tests.conftest import GUIDE_DAY
from tests.models.planning.terms import (
    ALL_WEEK,
    HOLIDAYS,
    LAST,
    MONDAYS,
    WEDNESDAYS,
    ask,
    booked,
    change,
    days,
    set_terms,
    taken,
    week,
)

pytestmark = pytest.mark.usefixtures("inside")


CLOSED = date(2015, 5, 20)


def test_the_usual_week_books_each_open_day_to_the_last(number):
    plan = set_terms(number, **week(MONDAYS))
    assert booked(number) == days(GUIDE_DAY, LAST, 0)
    assert set(plan.of_fate(Fate.BOOK)) == booked(number)
    assert taken() == len(booked(number))


def test_a_public_holiday_and_a_closure_are_told_and_a_holiday_of_the_school_is_not(number):
    with db.transaction() as writing:
        writing.add(Closure(first_day=CLOSED, last_day=CLOSED, reason="travaux"))
    plan = set_terms(number, **week(ALL_WEEK))
    reasons = {one.day: one.why for one in plan.days if one.fate is Fate.CLOSED}
    assert set(reasons) == HOLIDAYS | {CLOSED}
    assert "Fermeture ce jour-là (Accueil de Loisirs ALSH) : travaux" in reasons[CLOSED]
    assert "férié" in reasons[date(2015, 5, 8)]


def test_without_a_last_day_it_goes_to_the_end_of_the_school_year(number):
    plan = set_terms(number, last_day=None, **week(MONDAYS))
    assert max(plan.of_fate(Fate.BOOK)) == date(2015, 6, 29)  # the last Monday of school
    with db.transaction():
        summer = activity("Été", in_school_time=False, in_long_holidays=True)
        other = enrolment(summer, dupont().family, first_day=GUIDE_DAY).id
    assert max(set_terms(other, **week(MONDAYS)).of_fate(Fate.BOOK)) == date(2015, 8, 31)


def test_even_and_odd_weeks_go_by_the_number_printed_on_calendars(number):
    set_terms(number, even_weeks=MONDAYS, odd_weeks=WEDNESDAYS)
    mondays = {day for day in booked(number) if day.weekday() == 0}
    assert mondays == {date(2015, 5, 11), date(2015, 6, 8)}  # weeks 20 and 24; 25 May, week 22, is a holiday
    wednesdays = booked(number) - mondays
    assert wednesdays == {date(2015, 5, 6), date(2015, 5, 20), date(2015, 6, 3)}


def test_two_odd_weeks_follow_each_other_at_the_end_of_2026():
    terms = Terms(date(2026, 9, 1), None, even_weeks=0, odd_weeks=MONDAYS)
    assert terms.is_usual(date(2026, 12, 28))
    assert terms.is_usual(date(2027, 1, 4))
    assert not terms.is_usual(date(2026, 12, 21))
    assert odd_twice(date(2026, 9, 1), date(2027, 8, 31)).monday == date(2026, 12, 28)
    assert odd_twice(date(2025, 9, 1), date(2026, 8, 31)) is None
    assert [week.number for week in next_weeks(date(2026, 12, 31))] == [53, 2]
    assert [week.monday for week in next_weeks(date(2026, 12, 31))] == [date(2026, 12, 28), date(2027, 1, 11)]


@pytest.mark.parametrize(
    ("day", "end"),
    [(date(2015, 5, 4), 2015), (date(2015, 8, 31), 2015), (date(2015, 9, 1), 2016), (date(2015, 12, 31), 2016)],
)
def test_a_school_year_ends_on_31_august(day, end):
    assert school_year_end(day) == date(end, 8, 31)


def test_a_new_week_takes_back_its_own_days_and_leaves_those_of_the_family(number):
    set_terms(number, **week(MONDAYS))
    ask(number, date(2015, 5, 12))  # a Tuesday that the family asked for
    ask(number, date(2015, 5, 11), RequestKind.ABSENCE)  # a Monday on which it declared an absence
    ask(number, date(2015, 5, 18), RequestKind.ABSENCE, LineState.SUBMITTED)  # and one that waits
    plan = set_terms(number, **week(WEDNESDAYS))
    assert booked(number) == days(GUIDE_DAY, LAST, 2) | {date(2015, 5, 12), date(2015, 5, 18)}
    assert {one.day: one.why for one in plan.days if one.fate is Fate.KEEP} == {
        date(2015, 5, 12): "Demandé par la famille.",
        date(2015, 5, 18): "Demandé par la famille.",
    }
    back = set_terms(number, **week(MONDAYS))
    assert booked(number) == days(GUIDE_DAY, LAST, 0) - {date(2015, 5, 11)} | {date(2015, 5, 12)}
    assert (date(2015, 5, 11), "Absence déclarée.") in {(one.day, one.why) for one in back.days}


def test_the_end_releases_everything_after_it_even_what_the_family_asked(number):
    set_terms(number, **week(MONDAYS))
    ask(number, date(2015, 6, 2))
    ask(number, date(2015, 6, 3), state=LineState.SUBMITTED)
    plan = change(number, Ending(date(2015, 5, 29)))
    assert booked(number) == days(GUIDE_DAY, date(2015, 5, 29), 0)
    assert taken() == len(booked(number))
    assert [day for day, _ in plan.pending] == [date(2015, 6, 3)]
    assert db.session.query(RequestLine).filter_by(day=date(2015, 6, 3)).one().state is LineState.SUBMITTED
    later = set_terms(number, last_day=LAST)
    assert booked(number) >= days(GUIDE_DAY, LAST, 0) | {date(2015, 6, 2)}
    assert date(2015, 6, 2) in later.of_fate(Fate.BOOK)
