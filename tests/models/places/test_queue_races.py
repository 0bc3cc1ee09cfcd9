"""Everybody at once on few places: families who book, give back and answer, agents, offers that end.

Whatever the order in which they come, the count of each half-day is what is booked and offered, nobody has two
places, none goes to a later family while an earlier one could have had it, and nobody waits for somebody who waits
for them (PostgreSQL would end one of them with an error, SQLite lets one write at a time).
"""

import random
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import db
from app.models.places import offer, waiting_list
from app.models.planning import undo
from app.models.planning.days_plan import DaysPlan
from app.models.requests import LineState, RequestLine
from tests import crowd
from tests.crowd import Clockwork, Desk, Parent, often
from tests.models.places.racing import (
    all_at_once,
    assert_right,
    errors,
    has_room,
    nobody_left_out,
)

pytestmark = pytest.mark.usefixtures("inside")


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
