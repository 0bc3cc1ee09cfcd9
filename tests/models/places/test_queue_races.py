"""Everybody at once on few places: families who book, give back and answer, agents, offers that end.

Whatever the order in which they come, the count of each half-day is what is booked and offered, nobody has two
places, none goes to a later family while an earlier one could have had it, and nobody waits for somebody who waits
for them (PostgreSQL would end one of them with an error, SQLite lets one write at a time).
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import Select, select

from app import clock, db
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.event import Event
from app.models.families import Adult
from app.models.jobs import Job
from app.models.places import PoolDay, offer, places, waiting_list
from app.models.places import door as the_door
from app.models.planning import undo
from app.models.planning.days_plan import DaysPlan
from app.models.planning.many_days import Asking
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.requests.line_state import ANSWERABLE_STATES, OPEN_STATES
from app.models.reviews import Batch
from app.models.reviews import batch as lots
from app.models.reviews.review import Review
from app.models.town import Activity, Approval
from tests import crowd
from tests.builders import activity, clerk, enrolment
from tests.crowd import DAY, DAYS, Clockwork, Desk, Parent, answer, ask, often


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def only_on_postgresql(engine_name):
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")


def all_at_once(app, *works: Callable[[], object]) -> list[object]:
    """Run these in threads that begin together: what each answers, or the exception that it raises."""
    together, told = threading.Barrier(len(works)), [None] * len(works)

    def run(which: int) -> None:
        with app.app_context():
            try:
                together.wait(10)
                told[which] = works[which]()
            except Exception as error:
                told[which] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    db.session.rollback()
    db.session.expire_all()
    return told


def refusals(told) -> list[RefusedError]:
    return [one for one in told if isinstance(one, RefusedError)]


def errors(told) -> list[Exception]:
    return [one for one in told if isinstance(one, Exception) and not isinstance(one, RefusedError)]


@pytest.fixture
def meet(monkeypatch):
    """Make two threads wait for each other where each of these functions begins or ends; a second at most, for one
    that waits for the other's lock never comes."""
    together = threading.Barrier(2)

    def wait() -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(1)

    def at(owner, name, *, end=True) -> None:
        was = getattr(owner, name)

        def meeting(*what, **how):
            if not end:
                wait()
            found = was(*what, **how)
            if end:
                wait()
            return found

        monkeypatch.setattr(owner, name, meeting)

    return at


@pytest.fixture
def unlocked(only_on_postgresql, monkeypatch):
    """The negative controls: nobody locks anything."""
    monkeypatch.setattr(Select, "with_for_update", lambda statement, **how: statement)


# What must be true, whoever came first.


def counted() -> Counter:
    """Booked and offered, by room, day and half-day."""
    booked = db.session.query(Booking).filter_by(state=BookingState.BOOKED)
    offered = db.session.query(RequestLine).filter(RequestLine.state.in_(ANSWERABLE_STATES))
    slots = [(one.enrolment, one.day) for one in booked] + [line.asked_slot for line in offered]
    return Counter((one.activity.pool_id, day, half) for one, day in slots for half in one.activity.half_days)


def assert_right(name="Matin") -> None:
    db.session.rollback()
    db.session.expire_all()
    pool_id = db.session.scalars(select(Activity.pool_id).where(Activity.name == name)).one()
    rows = {(one.pool_id, one.day, one.half_day): one for one in db.session.query(PoolDay).filter_by(pool_id=pool_id)}
    taken = {key: one.taken for key, one in rows.items() if one.taken}
    assert taken == {key: count for key, count in counted().items() if key[0] == pool_id}
    assert all(one.taken <= one.capacity + one.forced for one in rows.values())
    booked = db.session.query(Booking).filter_by(state=BookingState.BOOKED, exclusive_group=crowd.GROUP).all()
    assert max(Counter((one.child_id, one.day) for one in booked).values(), default=1) == 1, "a child has two"
    asked = db.session.query(RequestLine).filter(RequestLine.state.in_(OPEN_STATES), RequestLine.kind == "booking")
    assert not {(one.enrolment_id, one.day) for one in booked} & {(line.enrolment_id, line.day) for line in asked}


def nobody_left_out(worker) -> None:
    """Where a place is left, nobody waits who could have it; what was passed over is offered a moment later."""
    with db.transaction() as writing:
        for job in writing.query(Job).filter_by(kind="offer"):
            job.run_at = clock.now()
    worker.run_all()
    assert left_waiting() == []


def left_waiting() -> list[RequestLine]:
    """Those of the room who wait for a place that is free. A line that came late waits for an agent."""
    db.session.rollback()
    db.session.expire_all()
    waiting = db.session.query(RequestLine).filter_by(state=LineState.WAITING_LIST, late=False)
    return [line for line in waiting if has_room(line)]


def has_room(line) -> bool:
    of = line.enrolment.activity
    rooms = select(PoolDay).where(PoolDay.pool_id == of.pool_id, PoolDay.day == line.day)
    known = db.session.scalars(rooms.execution_options(populate_existing=True)).all()
    return not any(place.is_full for place in known if place.half_day in of.half_days)


# Everybody at once.


def storm(app, families, others, steps=20) -> list[object]:
    """Each family does so many things; the others go on until the last has gone."""
    gone, left = threading.Event(), [None] * len(families)

    def home(one) -> Callable[[], None]:
        def work() -> None:
            try:
                often(one, steps)()
            finally:
                left.pop()
                if not left:
                    gone.set()

        return work

    return all_at_once(app, *map(home, families), *(often(one, 1000, unless=gone) for one in others))


@pytest.fixture
def families(app):
    with db.transaction():
        return crowd.families(6, places=2)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_they_all_do_at_once_the_count_is_right_and_nobody_gets_an_error(app, worker, families, seed):
    seeds = random.Random(seed)
    parents = [Parent(*one, seeds.random()) for one in families]
    others = [Desk("guichet", seeds.random()), Desk("admin", seeds.random()), Clockwork(seeds.random())]
    assert errors(storm(app, parents, others)) == []
    assert_right()
    nobody_left_out(worker)
    assert_right()


def test_without_the_locks_the_count_goes_wrong_or_they_get_errors(app, families, unlocked, monkeypatch):
    """The negative control, with a pause between look and act: so the test above can fail."""
    for owner, name in ((offer, "_check_answerable"), (undo, "undoable"), (DaysPlan, "of")):
        monkeypatch.setattr(owner, name, pausing(getattr(owner, name)))

    def goes_wrong(seed) -> bool:
        parents = [Parent(*one, seed + number) for number, one in enumerate(families)]
        told = storm(app, parents, [Clockwork(seed), Desk("guichet", seed)])
        try:
            assert_right()
        except AssertionError:
            return True
        return errors(told) != []

    assert any(map(goes_wrong, range(4)))


def pausing(look) -> Callable[..., object]:
    def looked(*what, **how) -> object:
        seen = look(*what, **how)
        time.sleep(0.02)
        return seen

    return looked


def test_the_queue_is_served_in_its_order(app, worker, families, monkeypatch):
    """Without agents: whoever is offered a place, nobody was before them who could have had it.

    « Could »: the place fits what they ask, and nobody was withdrawing it at that instant.
    """
    reserve, jumped = waiting_list.reserve, []

    def looking(line, enrolment, day, until, **how) -> None:
        turn = (line.waiting_from, line.id)
        wanted = select(RequestLine).where(
            RequestLine.day == day, RequestLine.state == LineState.WAITING_LIST, RequestLine.id != line.id
        )
        free = db.session.scalars(wanted.with_for_update(skip_locked=True)).all()
        jumped.extend((one.id, line.id) for one in free if (one.waiting_from, one.id) < turn and has_room(one))
        reserve(line, enrolment, day, until, **how)

    monkeypatch.setattr(waiting_list, "reserve", looking)
    assert errors(storm(app, [Parent(*one, n) for n, one in enumerate(families)], [Clockwork(7)])) == []
    assert jumped == []
    assert_right()
    nobody_left_out(worker)


# Two at the same instant.


@pytest.fixture
def queue(app):
    """One place of a morning, given back by the first of three families: it is offered to the second."""
    with db.transaction():
        first, *others = families_of_one(3)
    for adult_id, number in (first, *others):
        ask(adult_id, [(number, DAY)])
    ask(first[0], [(first[1], DAY)], kind=RequestKind.ABSENCE)
    return [first, *others]


def families_of_one(many, **how) -> list[tuple[int, int]]:
    """Adults and their child's enrolment in one morning of one place."""
    morning = activity("Matin", places=1, **how)
    adults = [crowd.family(number) for number in range(many)]
    return [(adult.id, enrolment(morning, adult.family).id) for adult in adults]


def line_of(number, day=DAY) -> RequestLine:
    db.session.rollback()
    wanted = select(RequestLine).where(RequestLine.enrolment_id == number, RequestLine.day == day)
    return db.session.scalars(wanted.order_by(RequestLine.id.desc())).first()


def state(number, day=DAY) -> LineState:
    return line_of(number, day).state


def booked(number, day=DAY) -> bool:
    mine = db.session.query(Booking).filter_by(enrolment_id=number, day=day, state=BookingState.BOOKED)
    return mine.count() == 1


def accepted_as_it_ends(app, meet, queue) -> list[object]:
    """A parent takes a place up in the last moment of its offer, which ends while they do."""
    adult_id, number = queue[1]
    line_id = line_of(number).id
    crowd.ends_at(line_id, clock.local_now() + timedelta(seconds=0.4))

    def ends() -> None:
        time.sleep(0.5)
        crowd.expire(line_id)

    meet(offer, "_check_answerable")
    meet(offer, "_end", end=False)
    return all_at_once(app, lambda: answer(adult_id, number, DAY, takes=True), ends)


def test_an_offer_that_ends_while_it_is_taken_up_is_taken_up_or_over(app, meet, queue):
    told = accepted_as_it_ends(app, meet, queue)
    (_, second), (_, third) = queue[1:]
    taken_up = told == [None, None]
    assert errors(told) == []
    assert (state(second), booked(second)) == ((LineState.ACCEPTED, True) if taken_up else (LineState.EXPIRED, False))
    assert state(third) is (LineState.WAITING_LIST if taken_up else LineState.OFFERED)
    assert_right()


def test_without_the_locks_it_would_be_both(app, meet, queue, unlocked):
    assert errors(accepted_as_it_ends(app, meet, queue)) == []
    assert (booked(queue[1][1]), state(queue[2][1])) == (True, LineState.OFFERED), "two for one place"
    with pytest.raises(AssertionError):
        assert_right()


@pytest.mark.parametrize("answers", [(True, True), (True, False), (False, False)])
def test_both_parents_answer_at_once_and_one_answer_counts(app, meet, queue, answers):
    adult_id, number = queue[1]
    meet(offer, "_check_answerable")
    told = all_at_once(app, *(lambda takes=takes: answer(adult_id, number, DAY, takes=takes) for takes in answers))
    assert errors(told) == []
    if len(set(answers)) == 1:  # what was said already is said again
        assert refusals(told) == []
    else:
        assert "plus de réponse" in str(*refusals(told))
    kinds = Counter(event.kind for event in db.session.query(Event).filter_by(subject_id=line_of(number).id))
    assert kinds["line_accepted"] + kinds["line_declined"] == 1
    assert booked(number) is (state(number) is LineState.ACCEPTED)
    assert_right()


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
        lot = Batch.open(clerk().agent, [request_id]).id

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
            over.wait(10)

    def decline() -> None:
        taken.wait(10)
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
