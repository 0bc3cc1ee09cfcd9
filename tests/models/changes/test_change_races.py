"""Two people who ask and answer at the same instant."""

import threading
from contextlib import suppress

import pytest

from app import db
from app.models.changes import change
from app.models.refusal import RefusedError
from app.models.reviews.review import Review
from app.models.stale import ChangedMeanwhileError
from tests.builders import clerk, dupont
from tests.models.changes.changing import (
    NOTHING,
    ask,
    jeanne,
    lines,
)

pytestmark = pytest.mark.usefixtures("inside")


def both_at_once(app, monkeypatch, *wanted: dict[str, str]) -> list[object]:
    """Two adults send a form at the same instant: each waits, before it takes its turn, for the other to be there."""
    outcomes, together, lock = [], threading.Barrier(len(wanted)), change._lock

    def wait_for_the_other(*what):
        if together.n_waiting < len(wanted) and not together.broken:
            with suppress(threading.BrokenBarrierError):  # on SQLite the other waits for the file
                together.wait(timeout=1)
        return lock(*what)

    def send(number: int, fields: dict[str, str]) -> None:
        with app.app_context():
            try:
                sent = ask(by=dupont if number == 0 else jeanne, submission=f"s{number}", seen=NOTHING, **fields)
                outcomes.append(sent)
            except (RefusedError, ChangedMeanwhileError) as told:
                outcomes.append(str(told))

    monkeypatch.setattr(change, "_lock", wait_for_the_other)
    threads = [threading.Thread(target=send, args=one) for one in enumerate(wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return outcomes


def test_two_adults_at_the_same_instant_never_leave_two_open_lines_of_one_field(app, monkeypatch):
    outcomes = both_at_once(app, monkeypatch, {"phone_mobile": "06 39 98 00 11"}, {"phone_mobile": "06 39 98 00 22"})
    (line,) = lines()
    (told,) = (one for one in outcomes if isinstance(one, str))
    assert line.version == 1
    assert told == "phone_mobile" or "Une autre demande vient de partir" in told


def test_without_the_turn_both_would(app, monkeypatch, engine_name):
    """The negative control, on PostgreSQL: SQLite lets one transaction write at a time in any case."""
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")
    together = threading.Barrier(2)

    def see_the_same(family_id, child_id):
        together.wait(timeout=60)
        return set(range(1000))

    def send(number: int) -> None:
        with app.app_context():
            ask(by=dupont if number == 0 else jeanne, submission=f"s{number}", phone_mobile=f"06 39 98 00 {number}1")

    pending = change.pending

    def read_together(*what):
        found = pending(*what)
        together.wait(timeout=60)
        return found

    monkeypatch.setattr(change, "_lock", see_the_same)
    monkeypatch.setattr(change, "pending", read_together)
    threads = [threading.Thread(target=send, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines()) == 2


def test_a_family_that_amends_and_an_agent_who_accepts_at_once_never_lock_each_other_out(app):
    number = ask(phone_mobile="06 39 98 00 11")
    told: list[str] = []

    def amend() -> None:
        with app.app_context():
            for turn in range(8):
                ask(submission=f"a{turn}", phone_mobile=f"06 39 98 01 {turn:02d}")
            told.append("asked")

    def answer() -> None:
        with app.app_context():
            for _ in range(8):
                with db.transaction():
                    review = Review.locked(clerk(), number)
                    for line in review.pending:
                        review.accept(line.id, version=line.version)
            told.append("answered")

    threads = [threading.Thread(target=work) for work in (amend, answer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(told) == ["answered", "asked"]
