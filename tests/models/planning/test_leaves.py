"""A leave: its days, before and after."""

from datetime import date, timedelta

import pytest

from app import db
from app.models.enrolments import BookingState, Leave
from app.models.families.author import Author
from app.models.places import door
from app.models.planning.month import Month
from app.models.planning.planned_day import Fate
from app.models.planning.slot import Slot
from app.models.planning.terms_change import (
    Ending,
)
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from tests.builders import cell_of, dupont
from tests.models.planning.terms import (
    ALL_WEEK,
    MONDAYS,
    ask,
    booked,
    change,
    leave,
    remove_leave,
    set_terms,
    stored,
    week,
)

pytestmark = pytest.mark.usefixtures("inside")


def test_a_leave_releases_its_days_and_the_cell_says_so_until_it_is_removed(number):
    set_terms(number, **week(MONDAYS))
    ask(number, date(2015, 5, 12))
    first, last = date(2015, 5, 11), date(2015, 5, 18)
    before = booked(number)
    plan = leave(number, first, last)
    assert set(plan.of_fate(Fate.RELEASE)) == {first, date(2015, 5, 12), last}
    assert booked(number) == before - {first, date(2015, 5, 12), last}
    month = Month.load(dupont().family_id, date(2015, 5, 1))
    assert {cell_of(month, number, first + timedelta(days=n)).state for n in (0, 1, 7)} == {"leave"}
    remove_leave(number, first, last)
    assert booked(number) == before
    assert db.session.query(Leave).filter_by(enrolment_id=number).count() == 0


def test_an_end_or_a_leave_touches_only_the_days_that_it_is_about(number):
    with db.transaction():
        stored(number).even_weeks = stored(number).odd_weeks = MONDAYS  # and nothing booked yet
    assert leave(number, date(2015, 5, 11), date(2015, 5, 15)).days == ()
    assert change(number, Ending(date(2015, 5, 29))).days == ()
    assert remove_leave(number, date(2015, 5, 11), date(2015, 5, 15)).of_fate(Fate.BOOK) == [date(2015, 5, 11)]
    assert booked(number) == {date(2015, 5, 11)}


def test_during_a_leave_nothing_is_billed_and_an_excused_absence_stays_what_it_is(number):
    set_terms(number, **week(ALL_WEEK))
    ask(number, date(2015, 5, 12), RequestKind.ABSENCE)
    with db.transaction():
        door.release(stored(number), date(2015, 5, 13), into=BookingState.ABSENT_BILLED)
    leave(number, date(2015, 5, 11), date(2015, 5, 13))
    month = Month.load(dupont().family_id, date(2015, 5, 1))
    assert [cell_of(month, number, date(2015, 5, n)).state for n in (11, 12, 13)] == [
        "leave",
        "absent_excused",
        "leave",
    ]


def test_nobody_books_a_day_of_leave(number):
    leave(number, date(2015, 5, 11), date(2015, 5, 18))
    slot = Slot.of_family(dupont().family_id, number, date(2015, 5, 12))
    with db.transaction(), pytest.raises(RefusedError, match="Un congé est noté"):
        slot.ask_booking(by=Author(dupont()), submission="one")


def test_of_a_leave_that_has_begun_the_past_days_stay(number):
    with db.transaction():
        db.session.add(Leave(enrolment_id=number, first_day=date(2015, 4, 27), last_day=date(2015, 5, 15)))
    remove_leave(number, date(2015, 4, 27), date(2015, 5, 15))
    assert [(one.first_day, one.last_day) for one in Leave.of_enrolment(number)] == [
        (date(2015, 4, 27), date(2015, 5, 3))
    ]
