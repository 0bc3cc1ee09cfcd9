"""Fixtures that several test files of this folder share."""

import threading
from contextlib import suppress

import pytest
from sqlalchemy import Select

from app import db
from app.models.request_kind import RequestKind
from tests.crowd import DAY, ask
from tests.models.places.racing import families_of_one


@pytest.fixture
def only_on_postgresql(engine_name):
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")


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


@pytest.fixture
def queue(app):
    """One place of a morning, given back by the first of three families: it is offered to the second."""
    with db.transaction():
        first, *others = families_of_one(3)
    for adult_id, number in (first, *others):
        ask(adult_id, [(number, DAY)])
    ask(first[0], [(first[1], DAY)], kind=RequestKind.ABSENCE)
    return [first, *others]
