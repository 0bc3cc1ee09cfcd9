"""« Annuler » a whole request: what can be taken back is, and what happened, or was asked since, is not."""

from datetime import date, timedelta

import pytest

from app import db
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment
from app.models.families.author import Author
from app.models.places import PoolDay
from app.models.planning import undo
from app.models.planning.many_days import Asking
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request
from app.models.town import Approval
from tests.builders import activity, dupont, durand, enrolment
from tests.models.places.test_waiting_list import DAY, absent, ask, booked, line_of, taken

NEXT = DAY + timedelta(days=4)


pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def number(app) -> int:
    with db.transaction():
        return enrolment(activity(places=1), dupont().family).id


def ask_for(number, *days: date, kind=RequestKind.BOOKING) -> int:
    with db.transaction() as writing:
        row = writing.get_one(Enrolment, number)
        wanted = [(row, day) for day in days]
        return Asking(kind, wanted, Author(dupont()), f"{kind}{days}", reason="Malade").send().id


def undone(request_id) -> int:
    with db.transaction():
        return undo.undo(request_id, by=Author(dupont()))


def undoable(request_id) -> list[date]:
    db.session.rollback()
    return [line.day for line in undo.undoable(db.session.get(Request, request_id))]


def test_a_day_that_the_child_attended_is_not_undone(number):
    made = ask_for(number, DAY, NEXT)
    with db.transaction() as writing:
        writing.add(Attendance(enrolment_id=number, day=DAY, present=True))
    assert undoable(made) == [NEXT]
    assert undone(made) == 1
    assert (booked(), booked(NEXT)) == ([number], [])


def test_what_was_booked_again_since_is_the_newer_request_s(number):
    older = ask_for(number, DAY)
    absent(number)
    with db.transaction() as writing:
        row = writing.get_one(Enrolment, number)
        newer = Asking(RequestKind.BOOKING, [(row, DAY)], Author(dupont()), "again").send().id
    assert undoable(older) == []
    with pytest.raises(RefusedError, match="plus rien à annuler"):
        undone(older)
    assert booked() == [number]
    assert undone(newer) == 1
    assert booked() == []


def test_absences_are_undone_by_booking_the_days_again(number):
    ask_for(number, DAY, NEXT)
    made = ask_for(number, DAY, NEXT, kind=RequestKind.ABSENCE)
    assert (booked(), booked(NEXT)) == ([], [])
    assert undone(made) == 2
    assert (booked(), booked(NEXT), taken()) == ([number], [number], 1)
    assert line_of(number).state is LineState.WITHDRAWN


def test_an_absence_whose_place_went_to_another_stays(number):
    ask_for(number, DAY, NEXT)
    with db.transaction() as writing:
        other = enrolment(writing.get_one(Enrolment, number).activity, durand().family).id
    made = ask_for(number, DAY, NEXT, kind=RequestKind.ABSENCE)
    assert ask(other, adult=durand) is LineState.ACCEPTED
    assert undoable(made) == [NEXT]
    assert undone(made) == 1
    assert (booked(), booked(NEXT)) == ([other], [number])
    kept = db.session.query(Booking).filter_by(enrolment_id=number, day=DAY).one()
    assert kept.state is BookingState.ABSENT_EXCUSED


@pytest.fixture
def absent_both(number) -> tuple[int, int, int]:
    """A brother and a sister, absent in one request where an agent decides, and the one place that is left."""
    with db.transaction() as writing:
        of = writing.get_one(Enrolment, number).activity
        of.pool.capacity = 2
        sister = enrolment(of, dupont().family).id
    both = [(number, DAY), (number, NEXT), (sister, DAY), (sister, NEXT)]
    asked(RequestKind.BOOKING, both)
    made = asked(RequestKind.ABSENCE, both)
    with db.transaction() as writing:
        of = writing.get_one(Enrolment, number).activity
        of.approval = Approval.MANUAL
        writing.query(PoolDay).filter_by(day=DAY).update({"capacity": 1})
    return number, sister, made


def asked(kind, days) -> int:
    with db.transaction() as writing:
        wanted = [(writing.get_one(Enrolment, number), day) for number, day in days]
        return Asking(kind, wanted, Author(dupont()), f"{kind} both", reason="Malade").send().id


def test_of_a_brother_and_a_sister_one_has_the_place_that_is_left_and_all_else_is_undone(absent_both):
    brother, sister, made = absent_both
    assert undoable(made) == [DAY, NEXT, NEXT]
    assert undone(made) == 3
    assert (booked(), booked(NEXT), taken()) == ([brother], [brother, sister], 1)
    assert undoable(made) == []


def test_an_absence_that_is_billed_since_takes_no_place_from_the_others(absent_both):
    brother, sister, made = absent_both
    with db.transaction() as writing:
        kept = writing.query(Booking).filter_by(enrolment_id=brother, day=DAY).one()
        kept.state = BookingState.ABSENT_BILLED
    assert undone(made) == 3
    assert (booked(), booked(NEXT)) == ([sister], [brother, sister])


def test_when_a_place_is_gone_after_all_nothing_is_undone_and_the_day_is_named(absent_both, monkeypatch):
    *_, made = absent_both
    monkeypatch.setattr(undo, "_booked_again", lambda lines, _now: {(line.enrolment_id, line.day) for line in lines})
    with pytest.raises(RefusedError, match="à cause du jeudi 7 mai 2015\u00a0: Il ne reste plus de place"):
        undone(made)
    assert (booked(), booked(NEXT)) == ([], [])
