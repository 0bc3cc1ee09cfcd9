"""The adults of two files that become one."""

import pytest

from app import clock, db
from app.models.accounts import login as the_login
from app.models.accounts.login import authenticate
from app.models.families import (
    Adult,
)
from app.models.planning import CalendarFeed
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from tests.builders import dupont, durand
from tests.conftest import PASSWORD
from tests.models.households.merging import family, first, merge, plan

pytestmark = pytest.mark.usefixtures("inside")


def test_the_same_person_keeps_one_file_completed_where_it_was_blank():
    other = family(
        email="jean@ailleurs.example",
        phone_mobile="06 00 00 00 01",
        address="1 rue Neuve",
        phone_work="05 36 49 00 01",
    )
    mail, home = dupont().email, dupont().address
    merge(other)
    kept = dupont()
    assert (kept.phone_mobile, kept.phone_work) == ("06 00 00 00 01", "05 36 49 00 01")
    assert (kept.address, kept.email) == (home, mail)
    assert home
    assert [adult.first_name for adult in kept.family.adults] == ["JEAN", "JEANNE"]


def test_the_same_person_without_a_login_gets_the_one_of_the_other_file_with_its_calendar():
    other = family("Dupont", "Jeanne", login="jeanne")
    again = db.session.query(Adult).filter_by(family_id=other).one().id
    with db.transaction():
        CalendarFeed.open(again)
    merge(other)
    jeanne = db.session.query(Adult).filter_by(first_name="JEANNE").one()
    assert jeanne.account.identifiant == "jeanne"
    assert db.session.get(Adult, again).account_id is None
    assert CalendarFeed.of_adult(jeanne.id) is not None
    entered = authenticate("jeanne", PASSWORD, address="192.0.2.1")
    assert entered.adult.family_id == first()


def test_a_second_login_of_the_same_person_opens_nothing_any_more_and_says_why():
    other = family(login="jean.bis")
    again = db.session.query(Adult).filter_by(family_id=other).one().id
    with db.transaction():
        CalendarFeed.open(again)
    token = CalendarFeed.of_adult(again).token
    assert [adult.id for adult in plan(other).closing] == [again]
    merge(other)
    assert dupont().account.identifiant == "jean.dupont"
    assert authenticate("jean.bis", PASSWORD, address="192.0.2.1") is the_login.MERGED
    assert CalendarFeed.by_token(token) is None
    assert authenticate("jean.dupont", PASSWORD, address="192.0.2.1").identifiant == "jean.dupont"


def test_someone_unknown_to_the_kept_file_becomes_its_second_adult_with_their_login():
    marc = family("Martin", "Marc", login="marc")
    merge(marc, kept=durand().family_id)
    found = db.session.query(Adult).filter_by(first_name="Marc").one()
    assert (found.family_id, found.rank, found.account.identifiant) == (durand().family_id, 2, "marc")


def test_what_was_asked_of_an_adult_s_details_is_still_of_them_under_their_new_rank():
    other = family("Martin", "Paul")
    with db.transaction() as writing:
        paul = writing.query(Adult).filter_by(family_id=other).one()
        kind, accepted = RequestKind.RESPONSABLE, {"state": LineState.ACCEPTED, "decided_at": clock.now()}
        made = Request(code="PAUL-1", kind=kind, family_id=other, submitted_by=paul.id, submission="x")
        for field, wanted in (("address", "4 rue de Paul"), ("situation", "Marié")):
            made.lines.append(RequestLine(kind=kind, field=field, before="", after=wanted, **accepted))
        writing.add(made)
    merge(other, durand().family_id)
    moved = db.session.query(Request).filter_by(code="PAUL-1").one()
    assert (moved.family_id, moved.kind) == (durand().family_id, RequestKind.CONJOINT)
    kinds = {line.field: line.kind for line in moved.lines}
    assert kinds == {
        "address": RequestKind.CONJOINT,
        "situation": RequestKind.RESPONSABLE,
    }  # of the file, not of Paul
    assert all(line.wanted for line in moved.lines)


def test_three_different_people_are_not_one_household():
    (sentence,) = plan(durand().family_id).obstacles
    for name in ("JEAN DUPONT", "JEANNE DUPONT", "SOPHIE DURAND", "deux au plus"):
        assert name in sentence
    with pytest.raises(RefusedError, match="Rien n’est changé"):
        merge(durand().family_id)
    assert durand().family.merged_into is None
