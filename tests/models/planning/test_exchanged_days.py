"""Days given in exchange or proposed, and the usual week."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import db
from app.models.families.author import Author
from app.models.planning.planned_day import Fate
from app.models.planning.slot import Slot
from app.models.planning.terms_change import (
    Ending,
)
from app.models.requests import LineState, RequestLine
from app.models.reviews import proposal
from tests.builders import activity, dupont, enrolment
from tests.conftest import GUIDE_DAY
from tests.models.planning.terms import (
    ALL_WEEK,
    LAST,
    MONDAYS,
    WEDNESDAYS,
    ask,
    booked,
    change,
    days,
    leave,
    remove_leave,
    set_terms,
    stored,
    taken,
    week,
)

pytestmark = pytest.mark.usefixtures("inside")


def exchange(number: int, old: date, new: date) -> None:
    with db.transaction():
        slot = Slot.of_family(dupont().family_id, number, old)
        slot.exchange(new, by=Author(dupont()), submission=f"{old} {new}")


def test_a_day_given_in_exchange_is_not_booked_again(number):
    monday, tuesday, removed = date(2015, 5, 11), date(2015, 5, 12), (date(2015, 6, 1), date(2015, 6, 2))
    set_terms(number, **week(MONDAYS))
    exchange(number, monday, tuesday)
    kept = days(GUIDE_DAY, LAST, 0) - {monday} | {tuesday}
    assert set_terms(number, **week(MONDAYS)).changes_nothing
    leave(number, *removed)
    remove_leave(number, *removed)
    assert booked(number) == kept
    plan = set_terms(number, **week(ALL_WEEK))
    assert monday not in booked(number)
    assert (monday, "Rendu par la famille.") in {(one.day, one.why) for one in plan.days}
    assert set_terms(number, **week(MONDAYS)).count(Fate.BOOK) == 0
    assert booked(number) == kept


def test_a_day_given_in_exchange_that_the_family_had_asked_for_is_not_booked_again(number):
    tuesday, wednesday = date(2015, 5, 12), date(2015, 5, 13)
    ask(number, tuesday)
    exchange(number, tuesday, wednesday)
    assert set_terms(number, last_day=LAST + timedelta(days=3)).count(Fate.BOOK) == 0
    assert booked(number) == {wednesday}
    ask(number, tuesday)  # the family's last word
    leave(number, tuesday, tuesday)
    remove_leave(number, tuesday, tuesday)
    assert booked(number) == {tuesday, wednesday}


@pytest.fixture
def proposed(number) -> tuple[date, date]:
    """A Tuesday that the family asked for, and the Monday that an agent proposes instead."""
    tuesday, monday = date(2015, 5, 12), date(2015, 5, 18)
    ask(number, tuesday, state=LineState.SUBMITTED)
    with db.transaction():
        line = db.session.scalars(select(RequestLine).where(RequestLine.enrolment_id == number)).one()
        proposal.propose(line, stored(number), monday)
    return tuesday, monday


def test_the_day_accepted_instead_is_the_family_s_own_and_the_one_asked_first_is_not(number, proposed):
    tuesday, monday = proposed
    with db.transaction():
        slot = Slot.of_family(dupont().family_id, number, monday)
        slot.answer_offer(takes=True, seen=f"{number}:{monday}", by=Author(dupont()))
    set_terms(number, **week(WEDNESDAYS))
    assert booked(number) == days(GUIDE_DAY, LAST, 2) | {monday}
    leave(number, tuesday, monday)
    remove_leave(number, tuesday, monday)
    assert booked(number) == days(GUIDE_DAY, LAST, 2) | {monday}


def test_a_day_proposed_to_the_family_is_not_booked_beside_the_place_held_for_it(number, proposed):
    tuesday, monday = proposed
    plan = set_terms(number, **week(MONDAYS))
    told = {one.day: one.why for one in plan.days if one.fate is Fate.IMPOSSIBLE}
    assert told == {monday: "Une demande de la famille attend sa réponse."}
    assert taken() == len(booked(number)) + 1
    ended = change(number, Ending(monday - timedelta(days=1)))
    assert [day for day, _ in ended.pending] == [monday]
    assert [day for day, _ in ended.open_lines] == [tuesday, monday]


def test_a_day_proposed_of_another_enrolment_is_not_booked_beside_it(number, proposed):
    with db.transaction():
        other = enrolment(activity("Autre"), dupont().family, stored(number).child).id
        line = db.session.scalars(select(RequestLine).where(RequestLine.enrolment_id == number)).one()
        line.proposed_enrolment_id = other
    plan = set_terms(other, last_day=LAST, **week(MONDAYS))
    assert plan.of_fate(Fate.IMPOSSIBLE) == [proposed[1]]
    assert set_terms(number, **week(MONDAYS)).of_fate(Fate.IMPOSSIBLE) == []
