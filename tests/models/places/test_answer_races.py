"""Two who answer, undo or give back at the same instant."""

import threading

import pytest

from app import db
from app.models.enrolments import Enrolment
from app.models.families import Adult
from app.models.places import door as the_door
from app.models.places import offer, places, waiting_list
from app.models.planning import undo
from app.models.planning.many_days import Asking
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.reviews import Batch
from app.models.reviews import batch as lots
from app.models.reviews.review import Review
from app.models.town import Approval
from tests import crowd
from tests.builders import activity, clerk, enrolment
from tests.crowd import DAY, DAYS, answer, ask
from tests.models.places.racing import (
    all_at_once,
    assert_right,
    booked,
    errors,
    families_of_one,
    line_of,
    nobody_left_out,
    refusals,
    state,
)

pytestmark = pytest.mark.usefixtures("inside")


def undone_while_accepted(app, meet) -> tuple[list[object], int]:
    """A family undoes its whole request while an agent accepts it."""
    with db.transaction():
        ((adult_id, number),) = families_of_one(1, approval=Approval.MANUAL)
    request_id = ask(adult_id, [(number, DAY), (number, DAYS[1])])

    def accept() -> None:
        with db.transaction():
            review = Review.locked(clerk(), request_id)
            review.accept_all(seen=review.stamp)

    meet(Review, "_all_pending")
    meet(undo, "undoable")
    return all_at_once(app, lambda: crowd.undo_all(adult_id, request_id), accept), number


def test_a_request_undone_while_an_agent_accepts_it_is_undone(app, meet):
    told, number = undone_while_accepted(app, meet)
    assert errors(told) == []
    assert told[0] is None, "the family may undo what waits, and what was just accepted"
    assert {state(number, day) for day in DAYS[:2]} == {LineState.WITHDRAWN}
    assert not any(booked(number, day) for day in DAYS[:2])
    assert_right()


def test_without_the_locks_it_would_be_undone_and_booked(app, meet, unlocked):
    told, number = undone_while_accepted(app, meet)
    assert told == [None, None]
    assert booked(number)


def test_two_who_exchange_the_same_two_days_each_for_the_other_both_get_it(app, meet):
    """Each locks the day that it wants before the one that it gives back: no deadlock."""
    with db.transaction():
        morning = activity("Matin", places=2)
        adults = [crowd.family(number) for number in range(2)]
        rows = [(adult.id, enrolment(morning, adult.family).id) for adult in adults]
    days = DAYS[:2]
    for (adult_id, number), day in zip(rows, days, strict=True):
        ask(adult_id, [(number, day)])
    meet(the_door, "book")
    exchange = lambda row, old, new: ask(row[0], [(row[1], new)], instead_of=old)  # noqa: E731
    told = all_at_once(app, lambda: exchange(rows[0], *days), lambda: exchange(rows[1], *reversed(days)))
    assert errors(told) == refusals(told) == []
    assert [booked(number, day) for _, number in rows for day in days] == [False, True, True, False]
    assert_right()


def test_a_lot_and_a_parent_who_answers_for_the_brother_do_not_wait_for_each_other(app, meet):
    """The lot locks the places of the day; of the same request, another line is being answered."""
    with db.transaction():
        ((adult_id, number),) = families_of_one(1, approval=Approval.MANUAL)
        brother = enrolment(
            db.session.get_one(Enrolment, number).activity, db.session.get_one(Adult, adult_id).family
        )
        offered = brother.id
        brother.activity.pool.capacity = 2
    request_id = ask(adult_id, [(number, DAY), (offered, DAY)])
    with db.transaction():
        line = line_of_in(offered)
        Review.locked(clerk(), request_id).take()
        places.lock(line.enrolment, [DAY])
        waiting_list.reserve(line, line.enrolment, DAY, waiting_list.answer_by(line.enrolment.activity, DAY))
        lot = Batch.open(clerk(), [request_id]).id

    def advance() -> None:
        with db.transaction() as writing:
            writing.get_one(Batch, lot).advance(by=clerk())

    meet(lots, "_lock")
    meet(offer, "_check_answerable")
    told = all_at_once(app, advance, lambda: answer(adult_id, offered, DAY, takes=True))
    assert told == [None, None]
    assert booked(number)
    assert booked(offered)
    assert_right()


def line_of_in(number) -> RequestLine:
    """The same, inside a transaction."""
    return db.session.query(RequestLine).filter_by(enrolment_id=number).one()


def test_two_halves_given_back_at_once_make_a_whole_day_for_who_waits_for_it(app, meet):
    with db.transaction():
        of = crowd.room(1)
        morning, afternoon, whole = (
            (adult.id, enrolment(of[name], adult.family).id)
            for adult, name in zip(map(crowd.family, range(3)), ("Matin", "Après-midi", "Journée"), strict=True)
        )
    for adult_id, number in (morning, afternoon, whole):
        ask(adult_id, [(number, DAY)])
    meet(waiting_list, "offer")

    def ends(number) -> None:
        with db.transaction() as writing:
            the_door.cancel(writing.get_one(Enrolment, number), DAY)

    told = all_at_once(app, lambda: ends(morning[1]), lambda: ends(afternoon[1]))
    assert errors(told) == refusals(told) == []
    assert state(whole[1]) is LineState.OFFERED
    assert_right()


def given_back_while_held(app, queue, who) -> list[object]:
    """The offered place is given back while an agent holds this family's waiting line, to take it in hand."""
    taken, over = threading.Event(), threading.Event()
    request_id = line_of(who[1]).request_id

    def take() -> None:
        with db.transaction():
            Review.locked(clerk(), request_id).take()
            taken.set()
            over.wait(60)

    def decline() -> None:
        taken.wait(60)
        answer(queue[1][0], queue[1][1], DAY, takes=False)
        over.set()

    return all_at_once(app, take, decline)


def test_a_line_that_an_agent_holds_is_passed_over_for_the_next(app, queue, only_on_postgresql):
    with db.transaction():
        last = crowd.family(9)
        fourth = enrolment(db.session.get_one(Enrolment, queue[1][1]).activity, last.family).id
        last_id = last.id
    ask(last_id, [(fourth, DAY)])
    assert given_back_while_held(app, queue, queue[2]) == [None, None]
    assert (state(queue[2][1]), state(fourth)) == (LineState.WAITING_LIST, LineState.OFFERED)
    assert_right()


def test_when_nobody_else_waits_it_is_offered_a_moment_later(app, queue, worker, only_on_postgresql):
    third = queue[2][1]
    assert given_back_while_held(app, queue, queue[2]) == [None, None]
    assert state(third) is LineState.WAITING_LIST
    nobody_left_out(worker)
    assert state(third) is LineState.OFFERED
    assert_right()


def test_two_households_of_one_child_ask_the_same_day_at_once_and_one_gets_it(app, meet):
    """Without places to share, nothing is locked that both need: the database itself forbids the second."""
    with db.transaction():
        of = activity("Cantine")
        adults = [crowd.family(number) for number in range(2)]
        first = enrolment(of, adults[0].family)
        second = enrolment(of, adults[1].family, first.child)
        rows = [(adult.id, one.id) for adult, one in zip(adults, (first, second), strict=True)]
    meet(the_door.availability, "booked_elsewhere")
    told = all_at_once(app, *(lambda who=who: ask(who[0], [(who[1], DAY)]) for who in rows))
    assert errors(told) == []
    assert len(refusals(told)) == 1
    assert sorted(booked(number) for _, number in rows) == [False, True]


def test_one_form_sent_twice_at_the_same_instant_is_one_request(app, meet):
    with db.transaction():
        ((adult_id, number),) = families_of_one(1)

    def send() -> int:
        with db.transaction() as writing:
            rows = [(writing.get_one(Enrolment, number), DAY)]
            return Asking(RequestKind.BOOKING, rows, crowd.author(adult_id), "the same form").send().id

    meet(places, "lock_all", end=False)
    first, second = all_at_once(app, send, send)
    assert first == second
    assert booked(number)
    assert_right()
