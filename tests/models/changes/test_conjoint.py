"""A conjoint who is asked for."""

import pytest

from app import db
from app.models.changes import change
from app.models.event import Event
from app.models.families import Adult
from app.models.families.author import Author
from app.models.families.sections.account import CONJOINT
from app.models.refusal import RefusedError
from tests.builders import durand
from tests.models.changes.changing import accept, lines

pytestmark = pytest.mark.usefixtures("inside")


GARCIA = {"civility": "Monsieur", "last_name": "GARCIA", "first_name": "Paul", "phone_mobile": "06 39 98 00 11"}


def ask_conjoint(submission="one", **values) -> int:
    with db.transaction():
        return change.ask_for(CONJOINT, {**GARCIA, **values}, by=Author(durand()), submission=submission).id


def test_a_conjoint_that_is_accepted_is_an_adult_of_the_file():
    number = ask_conjoint()
    assert ask_conjoint() == number
    assert len(durand().family.adults) == 1
    accept(number)
    db.session.expire_all()
    made = durand().family.adults[1]
    assert (made.full_name, made.rank, made.phone_mobile, made.account) == ("PAUL GARCIA", 2, "06 39 98 00 11", None)
    assert db.session.query(Event).filter_by(kind="adult_added", subject_id=made.id).count() == 1


def test_a_conjoint_asked_for_twice_is_one_line_amended():
    number = ask_conjoint()
    assert ask_conjoint("two", first_name="Pablo") == number
    (line,) = lines()
    assert line.version == 2
    with pytest.raises(RefusedError, match="a modifié sa demande"):
        accept(number)
    accept(number, version=2)
    db.session.expire_all()
    assert "PABLO" in durand().family.adults[1].full_name


def test_a_conjoint_is_not_added_to_a_file_that_got_one_meanwhile():
    number = ask_conjoint()
    with db.transaction() as writing:
        values = {"civility": "Monsieur", "last_name": "AUTRE", "first_name": "Luc"}
        writing.add(Adult(family_id=durand().family_id, rank=2, **values))
    with pytest.raises(RefusedError, match="déjà deux adultes"):
        accept(number)
