"""What is erased, when, and what stays. Days are far in the past of the real clock where a trigger holds the rows."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.models.changes import DuiDraft
from app.models.documents import Document
from app.models.enrolments import Attendance, Booking, Enrolment, Leave
from app.models.families import (
    Adult,
    Authority,
    Child,
    Consent,
    Contact,
    Custody,
    Family,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
    search,
)
from app.models.request_kind import RequestKind
from app.models.requests import Proof, Request, RequestLine
from tests.builders import activity, enrolment
from tests.models.privacy.purging import (
    LEFT,
    TODAY,
    announced,
    assert_files_and_rows_agree,
    at,
    child,
    count,
    document,
    due,
    family,
    line,
    purge,
    request,
    rule,
)

pytestmark = pytest.mark.usefixtures("inside")


def test_health_stays_while_a_child_is_enrolled_however_long():
    child(family(), None)
    assert due("Données de santé", date(2040, 1, 1)) == []
    assert due("Dossiers d’enfants", date(2040, 1, 1)) == []


def test_health_goes_a_month_after_the_school_year_and_the_file_stays():
    known = child(family())
    assert due("Données de santé", date(2022, 9, 30)) == []
    assert due("Données de santé", date(2022, 10, 1)) == [f"enfant n° {known}, dossier n° 2000000000001"]
    assert rule("Données de santé").some(TODAY)[0].since == date(2022, 10, 1)
    purge(date(2022, 10, 1))
    for of in (HealthSheet, HealthAlert, Pai, Vaccination):
        assert count(select(of).where(of.child_id == known).subquery()) == 0
    for of in (Contact, Consent, Authority, Enrolment):
        assert count(select(of).where(of.child_id == known).subquery()) == 1
    assert db.session.get(Child, known).diet == "sans porc"
    assert due("Données de santé", date(2022, 10, 1)) == []


def test_with_it_go_the_requests_the_drafts_and_the_papers_that_tell_it(app):
    home = family()
    known = child(home)
    secret = request(home, line(RequestKind.HEALTH, "treatments", LEFT), sent=LEFT, child_id=known, proof=True)
    both = request(
        home,
        line(RequestKind.HEALTH, "doctor", LEFT),
        line(RequestKind.CONTACTS, "contacts", LEFT, after="[]"),
        sent=LEFT,
        child_id=known,
    )
    paper = document(home, known, given=LEFT, is_health=True)
    with db.transaction() as writing:
        writing.add(DuiDraft(child_id=known, family_id=home, answers={"sante": "…"}, updated_at=at(LEFT)))
    purge(date(2022, 10, 1))
    left = {f"demande {one.code}": [line.kind for line in one.lines] for one in db.session.query(Request)}
    assert secret not in left
    assert left[both] == [RequestKind.CONTACTS]
    assert db.session.get(Document, paper) is None
    assert count(DuiDraft) == 0
    assert count(select(Proof).where(Proof.given_at == at(LEFT)).subquery()) == 0


@pytest.mark.parametrize("sign", ["request", "amended", "answered", "piece", "draft", "enrolment", "created"])
def test_a_sign_of_life_keeps_a_child_who_may_be_coming_back(sign):
    recent, home = date(2026, 5, 4), family(login="anne")
    known = child(home, created=recent if sign == "created" else date(2015, 9, 1))
    with db.transaction() as writing:
        if sign == "draft":
            writing.add(DuiDraft(child_id=known, family_id=home, answers={}, updated_at=at(recent)))
        if sign == "enrolment":
            writing.query(Enrolment).filter_by(child_id=known).one().last_day = recent
    adult = db.session.query(Adult).filter_by(family_id=home, rank=1).one().id
    amended = {"asked_by": adult, "asked_at": at(recent)} if sign == "amended" else {}
    if sign in ("request", "amended", "answered"):
        asked = line(RequestKind.HEALTH, "doctor", decided=recent if sign == "answered" else LEFT, **amended)
        request(home, asked, sent=recent if sign == "request" else LEFT, child_id=known)
    if sign == "piece":
        document(home, known, given=recent)
    (health,) = [one.when for one in announced(home) if one.what == "Ce qui touche à la santé de Zoé"]
    assert health == "à partir du jeudi 1er octobre 2026"
    assert due("Données de santé", date(2026, 9, 30)) == []
    assert len(due("Données de santé", date(2026, 10, 1))) == 1
    assert due("Dossiers d’enfants", date(2029, 8, 31)) == []


def test_health_that_waits_for_an_answer_stays_as_long_as_its_request(app):
    home = family(login="anne")
    known = child(home)
    waits = request(home, line(RequestKind.HEALTH, "treatments"), sent=LEFT, child_id=known)
    request(home, line(RequestKind.HEALTH, "doctor", LEFT), sent=LEFT, child_id=known)
    told = {one.what: one.when for one in announced(home)}
    assert told["Ce qui touche à la santé de Zoé"] == (
        "gardé tant qu’une demande sur ce dossier attend sa réponse\u202f; si elle l’a cette année scolaire, effacé "
        "à partir du jeudi 1er octobre 2026"
    )
    assert due("Données de santé", date(2025, 7, 5)) == []
    purge(date(2025, 7, 5))
    assert count(select(RequestLine).where(RequestLine.kind == RequestKind.HEALTH).subquery()) == 2
    assert due("Demandes", date(2025, 7, 6)).count(waits) == 1
    for day in (date(2025, 7, 6), date(2025, 7, 7)):
        purge(day)
    assert count(select(HealthSheet).where(HealthSheet.child_id == known).subquery()) == 0


def test_the_file_goes_three_years_later_with_all_that_hangs_on_it(app, worker):
    home = family()
    known = child(home)
    document(home, known, given=LEFT)
    assert due("Dossiers d’enfants", date(2025, 8, 31)) == []
    assert due("Dossiers d’enfants", date(2025, 9, 1)) == [f"enfant n° {known}, dossier n° 2000000000001"]
    purge(date(2025, 9, 1))
    assert db.session.get(Child, known) is None
    for of in (Contact, Consent, Custody, Authority, Enrolment, Document, Booking, HealthSheet):
        assert count(select(of).where(of.child_id == known).subquery()) == 0, of
    for of in (Attendance, Leave):
        lost = select(of).where(of.enrolment_id.not_in(select(Enrolment.id)))
        assert count(lost.subquery()) == 0
    assert count(select(Family).where(search.matches("Zoé")).subquery()) == 0
    worker.run_all()
    assert_files_and_rows_agree(app)


def test_the_file_waits_for_a_request_that_is_still_kept():
    home = family()
    known = child(home)
    row = db.session.query(Enrolment).filter_by(child_id=known).one()
    late = date(2022, 10, 15)
    day = {"enrolment_id": row.id, "day": LEFT, "field": None, "before": None, "after": None}
    asked = request(home, line(RequestKind.ABSENCE, decided=late, **day), sent=LEFT)
    assert due("Dossiers d’enfants", date(2025, 10, 15)) == []
    purge(date(2025, 10, 15))
    assert db.session.get(Child, known) is not None
    assert due("Demandes", date(2025, 10, 16)) == [asked]
    counts = purge(date(2025, 10, 16))
    assert (counts["Demandes"], counts["Dossiers d’enfants"]) == (1, 1)
    assert db.session.get(Child, known) is None


def test_a_child_of_two_households_stays_until_it_left_both():
    home, other = family(), family("2000000000002")
    known = child(home)
    with db.transaction() as writing:
        writing.add(Custody(child_id=known, family_id=other))
        writing.flush()
        enrolment(activity("Là-bas"), writing.get(Family, other), writing.get(Child, known), last_day=None)
    assert due("Dossiers d’enfants") == due("Données de santé") == []
    with db.transaction() as writing:
        writing.query(Enrolment).filter_by(family_id=other).one().last_day = LEFT
    assert len(due("Dossiers d’enfants")) == 1
