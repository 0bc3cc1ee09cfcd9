"""An offer that ends, is taken up or answered by both parents at once."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from app import clock, db
from app.models.event import Event
from app.models.places import offer
from app.models.requests import LineState
from tests import crowd
from tests.crowd import DAY, answer
from tests.models.places.racing import all_at_once, assert_right, booked, errors, line_of, refusals, state

pytestmark = pytest.mark.usefixtures("inside")


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
