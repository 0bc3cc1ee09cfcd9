"""What the tests of queue races share."""

import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select

from app import clock, db
from app.models.enrolments import Booking, BookingState
from app.models.jobs import Job
from app.models.places import PoolDay
from app.models.refusal import RefusedError
from app.models.requests import LineState, RequestLine
from app.models.requests.line_state import ANSWERABLE_STATES, OPEN_STATES
from app.models.town import Activity
from tests import crowd
from tests.builders import activity, enrolment
from tests.crowd import DAY


def all_at_once(app, *works: Callable[[], object]) -> list[object]:
    """Run these in threads that begin together: what each answers, or the exception that it raises."""
    together, told = threading.Barrier(len(works)), [None] * len(works)

    def run(which: int) -> None:
        with app.app_context():
            try:
                together.wait(60)
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
