"""What goes with a row that is erased: said once, at the column that names it."""

import pytest
from sqlalchemy import func, select

from app import db
from app.models.billing import Invoice
from app.models.documents import Document, DocumentKind, DocumentSubject
from app.models.enrolments import Booking, Enrolment
from app.models.families import Authority, Child, Consent, Custody, Family
from app.models.jobs import Job, erase
from app.models.messages import Message, Thread
from tests.builders import DAY, dupont
from tests.files import add_child

pytestmark = pytest.mark.usefixtures("inside")


def count(of, *which) -> int:
    return db.session.scalar(select(func.count()).select_from(of).where(*which))


def test_a_childs_whole_file_goes_with_it_and_the_file_of_another_stays():
    gone, stays = db.session.scalars(select(Child)).one(), db.session.get_one(Child, add_child("Zoé"))
    with db.transaction() as writing:
        writing.merge(Consent(child_id=gone.id, kind="outings", granted=True, signed_on=DAY, signatory="Jean"))
        writing.merge(Consent(child_id=stays.id, kind="outings", granted=True, signed_on=DAY, signatory="Jean"))
        booked = count(Booking)
        days = count(Booking, Booking.enrolment_id.in_(select(Enrolment.id).where(Enrolment.child_id == gone.id)))
        assert days
        erase.rows(Child, Child.id == gone.id)
    for of in (Consent, Custody, Authority, Enrolment):
        assert count(of, of.child_id == gone.id) == 0
        assert bool(count(of, of.child_id == stays.id)) == (of is not Enrolment), of
    assert count(Booking) == booked - days


def test_the_worker_deletes_the_files_of_what_goes():
    adult = dupont()
    with db.transaction() as writing:
        kind = DocumentKind(name="Essai", subject=DocumentSubject.FAMILY)
        for key in ("kept-elsewhere", None):
            about = {"kind": kind, "family_id": adult.family_id, "given_by": adult.id, "submission": f"of {key}"}
            writing.add(Document(content_type="application/pdf", size=8, storage_key=key, **about))
        writing.flush()
        erase.rows(Document, Document.kind_id == kind.id)
    jobs = db.session.query(Job).filter_by(kind="forget_file").all()
    assert [job.payload for job in jobs] == [{"key": "kept-elsewhere"}]


def test_a_household_that_a_child_leaves_takes_no_enrolment_of_the_other_one():
    """A custody has no number of its own: the child that it names is not its name."""
    assert erase.going_with(Custody) == []
    with db.transaction() as writing:
        child = writing.scalars(select(Child).order_by(Child.id)).first()
        other = Family(number="2000000000001")
        writing.add(other)
        writing.flush()
        writing.add(Custody(child_id=child.id, family_id=other.id))
        writing.flush()
        erase.rows(Custody, (Custody.child_id == child.id) & (Custody.family_id == other.id))
    assert count(Enrolment, Enrolment.child_id == child.id)


def test_what_only_names_a_row_does_not_go_with_it():
    assert {of for of, _, _ in erase.going_with(Thread)} == {Message}
    assert Invoice not in {of for of, _, _ in erase.going_with(Family)}  # money stays ten years


@pytest.mark.sqlite_only
def test_every_mark_names_a_row():
    """One on a column that names none would erase nothing, and look as if it did."""
    marked = [
        column
        for table in db.Base.metadata.tables.values()
        for column in table.columns
        if "erased_with" in column.info
    ]
    owners = [mapper.class_ for mapper in db.Base.registry.mappers]
    working = {column for owner in owners for _, column, _ in erase.going_with(owner)}
    assert len(marked) > 20
    assert set(marked) == working
