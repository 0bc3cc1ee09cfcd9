"""The place of a child and of a family in lists, kept as their names change."""

import pytest
from sqlalchemy import select

from app import db
from app.models.families import Adult, Child, Family
from tests.builders import dupont, durand

pytestmark = pytest.mark.usefixtures("inside")


def key_of(number="1001001818331") -> str:
    return db.session.scalars(select(Family.sort_key).where(Family.number == number)).one()


def lea() -> Child:
    return db.session.query(Child).filter_by(first_name="LEA").one()


def test_a_child_s_place_follows_each_of_its_names():
    assert lea().sort_key == "dupont lea"
    with db.transaction():
        lea().last_name = "D’Œuvre"
    assert lea().sort_key == "d-oeuvre lea"
    with db.transaction():
        lea().first_name = "Éva-Lou"
    db.session.expire_all()
    assert db.session.scalars(select(Child.sort_key)).all() == ["d-oeuvre eva-lou"]


def test_a_family_s_place_is_that_of_its_first_adult():
    assert key_of() == "dupont jean"
    with db.transaction():
        dupont().last_name = "ÉLOI"  # by marriage, say
    assert key_of() == "eloi jean"
    with db.transaction():
        db.session.query(Adult).filter_by(first_name="JEANNE").one().first_name = "Ève"
    assert key_of() == "eloi jean"


def test_when_the_first_adult_leaves_the_second_s_name_counts():
    with db.transaction() as writing:
        jean, jeanne = dupont(), writing.query(Adult).filter_by(first_name="JEANNE").one()
        jean.rank, jean.family_id = 2, durand().family_id
        writing.flush()
        jeanne.rank = 1
    assert key_of() == "dupont jeanne"


def test_what_was_rolled_back_changes_no_place():
    def fail() -> None:
        with db.transaction() as writing:
            dupont().last_name = lea().last_name = "ZOLA"
            writing.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert key_of() == "dupont jean"
    assert lea().sort_key == "dupont lea"


def test_without_an_adult_a_family_comes_first():
    with db.transaction():
        db.session.add(Family(number="2002002002002"))
    assert key_of("2002002002002") == ""
