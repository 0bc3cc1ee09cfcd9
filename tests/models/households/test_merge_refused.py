"""What stops a merge, and what tells of it afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import db
from app.models.enrolments import BookingState, Enrolment
from app.models.event import Event
from app.models.families import (
    Adult,
    Custody,
    Family,
)
from app.models.overviews.directory import Directory
from app.models.places import door as the_door
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.requests.code import new_code
from tests.builders import DAY, clerk, durand
from tests.models.households.merging import book, child, enrol, family, first, lea, merge, plan
from tests.models.places.test_door import two_at_once

pytestmark = pytest.mark.usefixtures("inside")


def test_a_change_request_of_the_absorbed_file_must_be_answered_first():
    other = family()
    again = db.session.query(Adult).filter_by(family_id=other).one()
    with db.transaction() as writing:
        code, kind = new_code(), RequestKind.RESPONSABLE
        made = Request(code=code, kind=kind, family_id=other, submitted_by=again.id, submission="x")
        made.lines.append(RequestLine(kind=kind, field="phone_mobile", before="", after="06 00 00 00 01"))
        writing.add(made)
    assert [code in sentence for sentence in plan(other).obstacles] == [True]
    with pytest.raises(RefusedError):
        merge(other)


def test_days_booked_in_both_files_are_named_and_stop_the_merge():
    other = family()
    number = enrol(first(), lea())
    again = enrol(other, child(other))
    days = [DAY + timedelta(days=7 * week) for week in range(10)]
    for day in days:
        book(number, day)
        book(again, day)
    (sentence,) = plan(other).obstacles
    for words in ("LEA", "Essai", "06/05/2015", "24/06/2015", "et 2 autres jours, jusqu’au 08/07/2015"):
        assert words in sentence
    with pytest.raises(RefusedError):
        merge(other)
    assert db.session.get(Enrolment, again).family_id == other
    for day in days:
        with db.transaction() as writing:
            the_door.release(writing.get_one(Enrolment, again), day, into=BookingState.ABSENT_EXCUSED)
    assert plan(other).obstacles == []
    merge(other)


def test_two_activities_of_one_group_on_one_day_stop_the_merge():
    other = family()
    book(enrol(first(), lea(), "Journée", exclusive_group="mercredi"))
    book(enrol(other, child(other), "Après-midi", exclusive_group="mercredi"))
    (sentence,) = plan(other).obstacles
    assert "Journée et Après-midi" in sentence


def test_other_days_and_other_activities_do_not_conflict():
    other = family()
    twin = child(other)
    book(enrol(first(), lea()))
    book(enrol(other, twin), DAY + timedelta(days=1))
    book(enrol(other, twin, "Judo"))
    assert plan(other).obstacles == []
    (sentence,) = plan(other).notices
    assert "deux inscriptions de LEA à Essai" in sentence
    merge(other)


def test_two_households_of_one_child_are_pointed_out_and_become_one_when_the_parents_live_together_again():
    sophie = durand().family_id
    marc = family("Martin", "Marc")
    nino = child(sophie, "Nino")
    with db.transaction() as writing:
        writing.add(Custody(child_id=nino, family_id=marc))
    number = enrol(marc, nino)
    book(number)
    assert "les deux foyers de Nino" in plan(marc, kept=sophie).notices[0]
    merge(marc, kept=sophie)
    assert [row.family_id for row in db.session.query(Custody).filter_by(child_id=nino)] == [sophie]
    assert (db.session.get(Enrolment, number).child_id, db.session.get(Enrolment, number).family_id) == (nino, sophie)
    assert [adult.first_name for adult in durand().family.adults] == ["SOPHIE", "Marc"]


def test_a_family_is_not_merged_into_itself_nor_twice_nor_into_a_merged_one():
    other, third = family(), family(number="2000000000002")
    with pytest.raises(RefusedError, match="à lui-même"):
        merge(first())
    merge(other)
    with pytest.raises(RefusedError, match="C’est déjà fait"):
        merge(other)
    with pytest.raises(RefusedError, match="déjà réuni à un autre"):
        merge(other, kept=third)
    with pytest.raises(RefusedError, match="déjà réuni à un autre"):
        merge(third, kept=other)
    assert db.session.get(Family, third).merged_into is None


def test_the_journal_of_both_files_tells_it():
    other = family(login="jean.bis")
    twin = child(other)
    number = enrol(other, twin)
    merge(other)
    told = db.session.scalars(select(Event).where(Event.kind == "family_merged").order_by(Event.family_id)).all()
    assert [one.family_id for one in told] == [first(), other]
    for one in told:
        assert (one.actor_id, one.address) == (clerk().account.id, "192.0.2.1")
        assert one.before["enrolments"] == [number]
        assert one.after["joined_children"] == {str(twin): lea()}
        assert one.after["closed_logins"] == ["JEAN DUPONT"]


def test_the_number_of_the_absorbed_file_finds_the_kept_one():
    other = family()
    child(other, "Nino")
    merge(other)
    words = dict(db.session.execute(select(Family.id, Family.search_text)).all())
    assert " 2000000000001" in words[first()]
    assert " nino" in words[first()]
    assert " nino" not in words[other]


def test_the_kept_file_keeps_its_place_in_lists_and_the_absorbed_one_has_none():
    other = family("DUPONT", "Éva")
    with db.transaction():
        db.session.query(Adult).filter_by(first_name="JEANNE").one().first_name = "Éva"
    merge(other)
    assert db.session.scalar(select(Family.sort_key).where(Family.id == first())) == "dupont jean"
    assert [one.family.id for one in Directory(clerk().agent, "dupont").page(1)] == [first()]


def test_the_count_of_files_leaves_out_those_merged():
    other, before = family(), Family.count()
    merge(other)
    assert Family.count() == before - 1


@pytest.mark.parametrize("crossed", [False, True])
def test_two_agents_at_once_merge_a_pair_once(crossed):
    """Also when one keeps what the other absorbs: no deadlock, and no ring."""
    one, other = first(), family()
    pairs = [(one, other), (other, one) if crossed else (one, other)]
    db.session.remove()

    def work(which, meet):
        meet()
        merge(pairs[which][1], kept=pairs[which][0])

    told = two_at_once(work)
    assert len(told) in (1, 2)
    assert [type(error) for error in told if error] == [RefusedError]
    merged = {number: db.session.get(Family, number).merged_into for number in (one, other)}
    assert sorted(merged.values(), key=str) in ([one, None], [other, None])
