"""Writers wait in line, and no longer than a bound, whoever holds the database."""

import contextlib
import sqlite3
import threading
import time

import psycopg
import pytest
from sqlalchemy import text

from app import db, turns
from app.models.town import Town
from app.turns import BusyError, Turns
from tests.conftest import text_of

WRITERS = 8


@pytest.fixture
def bound(monkeypatch) -> float:
    monkeypatch.setattr(turns, "LONGEST", 0.5)
    return 0.5


@contextlib.contextmanager
def held_by_another_program():
    """The whole SQLite file, or the row of the town."""
    url = db.engine().url
    if url.get_backend_name() == "sqlite":
        other = sqlite3.connect(url.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        other = psycopg.connect(plain)
        other.execute("SELECT * FROM town FOR UPDATE")
    yield
    other.rollback()
    other.close()


def rename(app, errors: list[BaseException]) -> None:
    with app.app_context():
        try:
            with db.transaction() as writing:
                if writing.get_bind().dialect.name == "postgresql":
                    writing.execute(text("SET LOCAL lock_timeout = '500ms'"))
                writing.get_one(Town, 1).name = "Ailleurs"
        except BusyError as error:
            errors.append(error)


def test_those_who_wait_for_another_program_all_give_up_at_the_bound(app, bound):
    errors: list[BaseException] = []
    with app.app_context(), held_by_another_program():
        writers = [threading.Thread(target=rename, args=(app, errors)) for _ in range(WRITERS)]
        began = time.monotonic()
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        took = time.monotonic() - began
    assert len(errors) == WRITERS
    assert took < WRITERS * bound, "each waited for its own turn"
    rename(app, errors)
    assert len(errors) == WRITERS, "the line is empty again"


def test_a_page_says_so_and_nothing_is_lost(app, jean, bound, request):
    if request.node.callspec.params["engine_name"] == "postgresql":
        pytest.skip("there, a single row is held")
    with held_by_another_program():
        answer = jean.send_form("/planning/calendrier", {})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Recommencez dans une minute." in text_of(answer)
    assert jean.send_form("/planning/calendrier", {}).status_code == 303


def test_one_of_two_processes_waits_for_the_other(tmp_path, bound):
    """Two lines of one file stand for two processes: each opens it for itself."""
    ours, theirs = (Turns(str(tmp_path / "preau.db")) for _ in range(2))
    came: list[str] = []

    def write() -> None:
        with theirs.taken():
            came.append("theirs")

    with ours.taken() as left:
        assert 0 < left <= bound
        other = threading.Thread(target=write)
        other.start()
        other.join(0.1)
        came.append("ours")
    other.join()
    assert came == ["ours", "theirs"]
