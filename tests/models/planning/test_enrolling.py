"""Enrolling: stored with its days, noted, once."""

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.models.enrolments import Enrolment
from app.models.enrolments.terms import Terms
from app.models.event import Event
from app.models.places import door
from app.models.planning.enrolling import preview, settle
from app.models.planning.enrolment_plan import EnrolmentPlan, current_terms
from app.models.planning.planned_day import Fate
from app.models.planning.terms_change import (
    Creation,
    Ending,
)
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.town.calendar import Calendar, Span
from tests.builders import activity, clerk, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY
from tests.models.planning.terms import (
    ALL_WEEK,
    LAST,
    MONDAYS,
    ask,
    booked,
    change,
    days,
    leave,
    new_terms,
    remove_leave,
    set_terms,
    stored,
    taken,
    week,
)

pytestmark = pytest.mark.usefixtures("inside")


def is_open(number: int, day: date) -> bool:
    return stored(number).activity.opening.is_open(day, Calendar.between(day, day))


def draft(number: int, **terms) -> Enrolment:
    """An enrolment as `number`'s, not stored."""
    one = stored(number)
    values = {"first_day": GUIDE_DAY, "last_day": LAST, **week(MONDAYS), **terms}
    return Enrolment(child=one.child, activity=one.activity, family=one.family, **values)


def enrol(number: int, **terms) -> EnrolmentPlan:
    with db.transaction():
        new = draft(number, **terms)
        return settle(new, Creation(), by=clerk())


def test_enrolling_stores_the_enrolment_and_its_days_and_a_preview_stores_nothing(number):
    with db.transaction():
        db.session.delete(stored(number))
        one = enrolment(activity("Nouvelle", places=1), dupont().family, last_day=date(2015, 5, 3)).id
    plan = preview(draft(one), Creation())
    assert not db.session.new
    assert db.session.query(Enrolment).filter_by(first_day=GUIDE_DAY).count() == 0
    done = enrol(one)
    assert done.days == plan.days
    assert booked(done.enrolment.id) == days(GUIDE_DAY, LAST, 0)
    told = db.session.scalars(select(Event).where(Event.kind == "enrolment_created")).one()
    assert told.after["book"] == len(booked(done.enrolment.id))
    assert told.after["usual_week"] == "lundi"


def test_the_same_inscription_twice_is_refused(number):
    with pytest.raises(RefusedError, match="déjà inscrit"):
        enrol(number)
    assert db.session.query(Enrolment).filter_by(activity_id=stored(number).activity_id).count() == 1
    assert enrol(number, first_day=LAST + timedelta(days=3), last_day=None).enrolment.id != number


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(number):
    seen = current_terms(stored(number)).stamp
    set_terms(number, last_day=date(2015, 6, 5))
    with pytest.raises(RefusedError, match="quelqu’un d’autre"), db.transaction():
        settle(stored(number), new_terms(number, **week(MONDAYS)), by=clerk(), seen=seen)
    assert booked(number) == set()


def test_each_change_is_in_the_journal_and_doing_nothing_is_not(number):
    set_terms(number, **week(MONDAYS))
    set_terms(number, **week(MONDAYS))
    leave(number, date(2015, 5, 11), date(2015, 5, 12))
    remove_leave(number, date(2015, 5, 11), date(2015, 5, 12))
    change(number, Ending(date(2015, 5, 29)))
    told = db.session.scalars(select(Event).where(Event.subject_kind == "enrolment").order_by(Event.id)).all()
    assert [one.kind for one in told] == ["enrolment_changed", "leave_recorded", "leave_removed", "enrolment_ended"]
    assert told[1].after["leaves"] == ["du 11/05/2015 au 12/05/2015"]
    assert (told[3].before["last_day"], told[3].after["last_day"]) == ("2015-06-12", "2015-05-29")
    assert {one.family_id for one in told} == {dupont().family_id}


weeks = st.integers(0, 31)


offsets = st.integers(0, 39)


laws = hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@given(weeks, weeks, weeks, weeks, st.dictionaries(offsets, st.booleans(), max_size=4), st.sets(offsets, max_size=3))
@laws
@pytest.mark.sqlite_only
def test_the_preview_tells_what_is_done_once_and_back(app, even, odd, new_even, new_odd, asked, others):
    """The laws: what is shown is done; twice is once; back is as before. Among days of the family, and full ones."""
    with db.transaction():
        one = enrolment(activity(f"Essai {id(asked)} {clock.now()}", places=1), dupont().family, last_day=LAST)
        number, other = one.id, enrolment(one.activity, durand().family).id
    calendar = Calendar.between(GUIDE_DAY, LAST)
    for offset in others:  # places that are gone
        with db.transaction():
            door.book_days(
                stored(other), [GUIDE_DAY + timedelta(days=offset)], calendar,
                submitted_at=clock.local_now(), override=door.Override(deadline=True),
            )  # fmt: skip
    set_terms(number, even_weeks=even, odd_weeks=odd)
    for offset, absent in asked.items():  # the family's own days
        day = GUIDE_DAY + timedelta(days=offset)
        if absent and day in booked(number):
            ask(number, day, RequestKind.ABSENCE)
        elif not absent and day not in booked(number) and offset not in others and is_open(number, day):
            ask(number, day)
    before = booked(number)

    shown = preview(stored(number), new_terms(number, even_weeks=new_even, odd_weeks=new_odd))
    done = set_terms(number, even_weeks=new_even, odd_weeks=new_odd)
    assert done.days == shown.days
    after = booked(number)
    assert after == before - set(shown.of_fate(Fate.RELEASE)) | set(shown.of_fate(Fate.BOOK))
    assert not after & set(shown.of_fate(Fate.IMPOSSIBLE))

    again = set_terms(number, even_weeks=new_even, odd_weeks=new_odd)
    assert again.changes_nothing
    assert booked(number) == after

    set_terms(number, even_weeks=even, odd_weeks=odd)
    assert booked(number) == before


def at_once(work, count=2) -> list[object]:
    """Run `work(number)` in threads that start together. Answers or exceptions."""
    barrier, told = threading.Barrier(count), []

    def run(which: int) -> None:
        try:
            barrier.wait(60)
            told.append(work(which))
        except Exception as error:
            told.append(error)
        finally:
            db.session.remove()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_two_agents_at_once_for_the_last_places_and_each_day_goes_to_one(app):
    with db.transaction():
        last = activity(places=1)
        numbers = [
            enrolment(last, adult.family, first_day=GUIDE_DAY, last_day=LAST).id for adult in (dupont(), durand())
        ]
    patterns = [{"even_weeks": ALL_WEEK, "odd_weeks": ALL_WEEK}, {"even_weeks": ALL_WEEK, "odd_weeks": MONDAYS}]

    def enrol_one(which):
        with app.app_context():
            return set_terms(numbers[which], **patterns[which])

    plans = at_once(enrol_one)
    assert all(isinstance(plan, EnrolmentPlan) for plan in plans), plans
    mine, theirs = booked(numbers[0]), booked(numbers[1])
    assert not mine & theirs
    assert mine | theirs == days(GUIDE_DAY, LAST, 0, 1, 2, 3, 4)
    assert taken() == len(mine) + len(theirs)
    for plan in plans:  # and each agent reads what they really have
        assert set(plan.of_fate(Fate.BOOK)) == booked(plan.enrolment.id)


def test_two_agents_who_enrol_the_same_child_at_once_make_one_inscription(app, number):
    with db.transaction():
        one = enrolment(activity("Une seule"), dupont().family, last_day=date(2015, 5, 3)).id

    def enrol_it(_which):
        with app.app_context():
            return enrol(one)

    told = at_once(enrol_it)
    assert sorted(type(one).__name__ for one in told) == ["EnrolmentPlan", "RefusedError"]
    assert db.session.query(Enrolment).filter_by(activity_id=stored(one).activity_id).count() == 2


def test_removing_a_leave_that_is_over_does_not_lengthen_it():
    """From a page left open for days."""
    over = Span(GUIDE_DAY - timedelta(days=20), GUIDE_DAY - timedelta(days=15), "congé")
    one = Terms(date(2014, 9, 1), leaves=(over,))
    assert one.without_leave(over, GUIDE_DAY).leaves == (over,)
    running = Span(over.first, GUIDE_DAY + timedelta(days=5), "congé")
    kept = Terms(date(2014, 9, 1), leaves=(running,)).without_leave(running, GUIDE_DAY).leaves
    assert [leave.last for leave in kept] == [GUIDE_DAY - timedelta(days=1)]
