"""Lots: many lines in chunks, a result for each, never more than there are places."""

import threading

import pytest

from app import db
from app.models.enrolments import Booking
from app.models.families import Child, Custody
from app.models.families.author import Author
from app.models.places import PoolDay
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.requests import LineState, RequestLine
from app.models.reviews import Batch, BatchLine, batch
from app.models.reviews.review import Review
from app.models.town import Approval
from tests.builders import DAY, activity, clerk, dupont, enrolment
from tests.conftest import GUIDE_DAY

CHILDREN, PLACES = 12, 7


@pytest.fixture(autouse=True)
def inside(app, monkeypatch):
    monkeypatch.setattr(batch, "CHUNK", 5)
    with app.app_context():
        yield


@pytest.fixture
def lot() -> int:
    """A lot of 12 requests for 7 places, opened by the guichet."""
    with db.transaction() as writing:
        outing = activity(places=CHILDREN, approval=Approval.MANUAL)
        asked = []
        for number in range(CHILDREN):
            child = Child(last_name="DUPONT", first_name=f"Enfant {number}", birth_date=GUIDE_DAY.replace(year=2008))
            writing.add(child)
            writing.flush()
            writing.add(Custody(child_id=child.id, family_id=dupont().family_id))
            writing.flush()
            row = enrolment(outing, dupont().family, child)
            slot = Slot.of_family(dupont().family_id, row.id, DAY)
            asked.append(slot.ask_booking(by=Author(dupont()), submission=f"n{number}").id)
        outing.pool.capacity = PLACES  # the room was found to be smaller
        writing.query(PoolDay).delete()
        return Batch.open(clerk(), asked).id


def advance(number) -> dict:
    with db.transaction():
        found = Batch.of_agent(clerk().agent, number)
        found.advance(by=clerk())
        return found.counts


def test_it_goes_on_chunk_by_chunk_and_tells_what_could_not_be(lot):
    assert advance(lot) == {True: 5, False: 0, None: 7}
    assert advance(lot) == {True: 7, False: 3, None: 2}
    assert advance(lot) == {True: 7, False: 5, None: 0}
    assert advance(lot) == {True: 7, False: 5, None: 0}
    db.session.rollback()
    told = {one.sentence for one in db.session.get(Batch, lot).results(accepted=False)}
    assert told == {"Il ne reste plus de place ce jour-là."}
    assert db.session.query(Booking).filter_by(day=DAY).count() >= PLACES
    assert db.session.query(PoolDay).filter_by(day=DAY).one().taken == PLACES


def test_what_another_agent_deals_with_is_left_to_them(lot):
    with db.transaction():
        line = db.session.query(BatchLine).filter_by(batch_id=lot).order_by(BatchLine.line_id).first().line
        Review.locked(clerk("admin"), line.request_id).take()
    advance(lot)
    db.session.rollback()
    (refused,) = db.session.get(Batch, lot).results(accepted=False)
    assert "traite cette demande" in refused.sentence
    assert refused.line.state is LineState.IN_REVIEW


def test_two_pages_that_advance_the_same_lot_do_each_line_once(app, lot):
    def go_on() -> None:
        with app.app_context():
            while advance(lot)[None]:
                pass

    pages = [threading.Thread(target=go_on) for _ in range(2)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    db.session.rollback()
    assert db.session.get(Batch, lot).counts == {True: PLACES, False: CHILDREN - PLACES, None: 0}
    accepted = db.session.query(RequestLine).filter_by(state=LineState.ACCEPTED, day=DAY).count()
    assert accepted == db.session.query(PoolDay).filter_by(day=DAY).one().taken == PLACES


def test_nothing_to_accept_is_no_lot():
    with pytest.raises(RefusedError, match="Rien n’attend"), db.transaction():
        Batch.open(clerk(), [])
