"""transaction(): the one commit. What must hold on both engines, and what happens without it."""

import threading

import pytest
from sqlalchemy import select, text

from app import db
from app.models.families import Family
from app.models.town import Town
from app.turns import LONGEST

pytestmark = pytest.mark.usefixtures("inside")


def test_a_block_that_raises_leaves_nothing():
    def stopped() -> None:
        with db.transaction() as writing:
            writing.add(Family(number="1" * 13))
            writing.flush()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        stopped()
    assert db.session.scalar(select(Family).where(Family.number == "1" * 13)) is None


def test_a_change_outside_a_transaction_is_refused():
    Town.current().name = "Ailleurs"
    with pytest.raises(RuntimeError, match="outside"):
        db.session.flush()
    db.session.rollback()
    with pytest.raises(RuntimeError, match="outside"):
        db.session.execute(Town.__table__.update().values(name="Ailleurs"))


def test_a_change_made_before_a_transaction_is_not_lost_silently():
    Town.current().name = "Ailleurs"
    with pytest.raises(RuntimeError, match="before"), db.transaction():
        pass
    db.session.rollback()


def test_a_transaction_does_not_nest():
    with db.transaction(), pytest.raises(RuntimeError, match="nest"), db.transaction():
        pass


def test_inside_everything_is_read_afresh():
    town = Town.current()
    assert town.name == "Saint-Jean"
    elsewhere("UPDATE town SET name = 'Saint-Paul'")
    with db.transaction():
        assert town.name == "Saint-Paul"


def elsewhere(statement: str) -> None:
    """Run it in another connection, as another process would."""
    with db.engine().execution_options(preau_writes=LONGEST).connect() as other, other.begin():
        other.execute(text(statement))


def count_up(name: str, times: int, errors: list[Exception], *, protected: bool) -> None:
    for _ in range(times):
        try:
            if protected:
                with db.transaction() as writing:
                    row = writing.scalars(select(Town).with_for_update()).one()
                    row.siret = str(int(row.siret) + 1)
            else:  # read, then write, in a deferred transaction: what transaction() exists to avoid
                with db.engine().connect() as connection, connection.begin():
                    read = int(connection.scalar(text("SELECT siret FROM town")))
                    connection.execute(text(f"UPDATE town SET siret = '{read + 1}'"))
        except Exception as error:
            errors.append(error)
        finally:
            db.session.remove()


def race(*, protected: bool) -> tuple[int, list[Exception]]:
    elsewhere("UPDATE town SET siret = '0'")
    errors: list[Exception] = []
    names = ("one", "two", "three", "four")
    threads = [
        threading.Thread(target=count_up, args=(n, 25, errors), kwargs={"protected": protected}) for n in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return int(db.session.scalar(select(Town.siret)) or 0), errors


def test_writers_wait_in_line_and_none_is_lost():
    assert race(protected=True) == (100, [])


def test_without_it_updates_are_lost_or_the_database_is_locked():
    """The negative control: the race that transaction() closes is a real one."""
    total, errors = race(protected=False)
    assert total < 100
    if db.engine().dialect.name == "sqlite":
        assert any("locked" in str(error) for error in errors)
