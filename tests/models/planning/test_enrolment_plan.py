"""What an agent sets of an enrolment: the plan that is shown, what is done, and that both agree."""

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock, db
from app.models.durations import school_year_end
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment, Leave
from app.models.enrolments.terms import Terms, next_weeks, odd_twice
from app.models.event import Event
from app.models.families.author import Author
from app.models.places import PoolDay, door
from app.models.planning.enrolling import preview, settle
from app.models.planning.enrolment_plan import EnrolmentPlan, current_terms
from app.models.planning.month import Month
from app.models.planning.planned_day import Fate
from app.models.planning.slot import Slot
from app.models.planning.terms_change import (
    Creation,
    Ending,
    LeaveRemoval,
    NewLeave,
    NewTerms,
    TermsChange,
)
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.code import new_code
from app.models.reviews import proposal
from app.models.town import Closure
from app.models.town.activity import weekday_bits
from app.models.town.calendar import Calendar, Span
from tests.builders import activity, cell_of, clerk, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY

MONDAYS, WEDNESDAYS, ALL_WEEK = weekday_bits(0), weekday_bits(2), weekday_bits(0, 1, 2, 3, 4)
LAST = date(2015, 6, 12)
CLOSED = date(2015, 5, 20)
HOLIDAYS = {date(2015, 5, 8), date(2015, 5, 14), date(2015, 5, 25)}


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def number():
    """An enrolment of Léa in an activity of two places, from today to 12 June, nothing booked."""
    with db.transaction():
        return enrolment(activity(places=2), dupont().family, first_day=GUIDE_DAY, last_day=LAST).id


def stored(number: int) -> Enrolment:
    return db.session.get_one(Enrolment, number)


def new_terms(number: int, **changed) -> NewTerms:
    """Those of the enrolment, but for these."""
    now = stored(number).terms
    same = {name: getattr(now, name) for name in ("first_day", "last_day", "even_weeks", "odd_weeks")}
    return NewTerms(**{**same, **changed})


def change(number: int, wanted: TermsChange, *, over=False) -> EnrolmentPlan:
    """As an agent does who sees the terms as they stand."""
    with db.transaction():
        one = stored(number)
        return settle(one, wanted, by=clerk(), seen=current_terms(one).stamp, over_capacity=over)


def set_terms(number: int, *, over=False, **changed) -> EnrolmentPlan:
    return change(number, new_terms(number, **changed), over=over)


def week(bits: int) -> dict[str, int]:
    return {"even_weeks": bits, "odd_weeks": bits}


def is_open(number: int, day: date) -> bool:
    return stored(number).activity.opening.is_open(day, Calendar.between(day, day))


def leave(number: int, first: date, last: date) -> EnrolmentPlan:
    return change(number, NewLeave(Span(first, last, "")))


def remove_leave(number: int, first: date, last: date) -> EnrolmentPlan:
    return change(number, LeaveRemoval(Span(first, last, ""), GUIDE_DAY))


def booked(number: int) -> set[date]:
    db.session.rollback()
    live = select(Booking.day).where(Booking.enrolment_id == number, Booking.state == BookingState.BOOKED)
    return set(db.session.scalars(live))


def taken() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.sum(PoolDay.taken))) or 0


def days(first: date, last: date, *weekdays: int) -> set[date]:
    """The days that the town's calendar opens: public holidays apart."""
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day for day in span if day.weekday() in weekdays and day not in HOLIDAYS}


def ask(number: int, day: date, kind=RequestKind.BOOKING, state=LineState.ACCEPTED) -> None:
    """What the family asked itself; accepted, it is booked or excused as the door does."""
    with db.transaction():
        one = stored(number)
        request = Request(
            code=new_code(),
            kind=kind,
            family_id=one.family_id,
            submitted_by=dupont().id,
            submission=new_code(),
        )
        line = RequestLine(request=request, enrolment_id=number, day=day, kind=kind, state=state)
        db.session.add_all([request, line])
        if state is not LineState.ACCEPTED:
            return
        if kind is RequestKind.ABSENCE:
            door.excuse(one, day)
        else:
            calendar = Calendar.between(day, day)
            override = door.Override(deadline=True)
            assert door.book(one, day, calendar, submitted_at=clock.local_now(), override=override)


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
