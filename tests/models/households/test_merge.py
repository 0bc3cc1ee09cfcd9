"""Two files of one family: what moves, what is joined, what is refused, and what is read through the merge."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import db
from app.models.accounts import Account
from app.models.billing import Invoice
from app.models.changes import apply_change
from app.models.enrolments import Booking, Enrolment
from app.models.event import Event
from app.models.families import (
    Adult,
    AlertKind,
    Authority,
    Child,
    Consent,
    Contact,
    ContactRole,
    Custody,
    Family,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
)
from app.models.planning.slot import Slot
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.requests.code import new_code
from tests.builders import DAY, clerk, durand
from tests.conftest import GUIDE_DAY
from tests.models.households.merging import BORN, book, child, enrol, family, first, lea, merge, plan

pytestmark = pytest.mark.usefixtures("inside")


def test_nothing_is_deleted_and_the_absorbed_file_says_where_it_went():
    other = family()
    before = {of: db.session.query(of).count() for of in (Family, Adult, Child, Enrolment, Booking, Invoice, Account)}
    merge(other)
    assert {of: db.session.query(of).count() for of in before} == before
    assert db.session.get(Family, other).merged_into == first()


def test_a_child_known_to_both_is_joined_however_its_name_is_spelt_and_its_bookings_follow():
    other = family()
    twin = child(other, "Léa", "du pont")
    with db.transaction() as writing:
        writing.get_one(Child, lea()).last_name = "Du-Pont"
    number = enrol(other, twin)
    book(number)
    merge(other)
    moved = db.session.get(Enrolment, number)
    assert (moved.child_id, moved.family_id) == (lea(), first())
    assert db.session.query(Booking.child_id).filter_by(enrolment_id=number).scalar() == lea()
    assert [one.id for one in Child.of_family(first())] == [lea()]
    assert Slot.of_family(first(), number, DAY) is not None


def test_a_child_of_another_birth_date_stays_another_child():
    other = family()
    cousin = child(other, "Léa", "Dupont", BORN + timedelta(days=1))
    assert any("autre date de naissance" in sentence for sentence in plan(other).notices)
    merge(other)
    assert {one.id for one in Child.of_family(first())} == {lea(), cousin}


def test_a_child_of_the_other_file_comes_with_its_enrolments_and_the_note_of_its_custody():
    other = family()
    nino = child(other, "Nino")
    number = enrol(other, nino)
    with db.transaction() as writing:
        writing.get_one(Custody, (nino, other)).note = "Jugement du 2 mars"
    merge(other)
    assert db.session.get(Custody, (nino, first())).note == "Jugement du 2 mars"
    assert db.session.get(Custody, (nino, other)) is None
    assert db.session.get(Enrolment, number).family_id == first()


def test_a_joined_child_keeps_its_other_household():
    """Two files of the mother's were opened; in the second one the child also lives at its father's."""
    other, father = family(), durand().family_id
    twin = child(other)
    number = enrol(father, twin)
    book(number)
    merge(other)
    assert {row.family_id for row in db.session.query(Custody).filter_by(child_id=lea())} == {first(), father}
    assert db.session.query(Custody).filter_by(child_id=twin).count() == 0
    assert (db.session.get(Enrolment, number).child_id, db.session.get(Enrolment, number).family_id) == (
        lea(),
        father,
    )


def test_the_record_of_a_joined_child_is_completed_and_nothing_is_said_twice():
    other = family()
    twin = child(other, school="École Pasteur", level="CE1", diet="sans arachide")
    with db.transaction() as writing:
        kept = writing.get_one(Child, lea())
        kept.school, kept.level, kept.diet = "École Jean-Moulin", "", "sans porc"
        for owner in (lea(), twin):
            writing.add(HealthAlert(child_id=owner, kind=AlertKind.FOOD, text="Arachide"))
            writing.add(Contact(child_id=owner, role=ContactRole.COLLECTS, name="Rose Petit"))
        writing.add(HealthAlert(child_id=twin, kind=AlertKind.DRUG, text="Pénicilline"))
        writing.add(Contact(child_id=twin, role=ContactRole.FORBIDDEN, name="Rose Petit"))
        writing.add(Pai(child_id=twin, ends_on=None, instruction="Stylo dans le sac"))
    merge(other)
    kept = db.session.get(Child, lea())
    assert (kept.school, kept.level) == ("École Jean-Moulin", "CE1")
    assert "sans porc" in kept.diet
    assert "sans arachide" in kept.diet
    alerts = db.session.scalars(select(HealthAlert).where(HealthAlert.child_id == lea()))
    assert sorted(alert.text for alert in alerts) == ["Arachide", "Pénicilline"]
    contacts = db.session.scalars(select(Contact).where(Contact.child_id == lea()))
    assert sorted(contact.role for contact in contacts) == ["collects", "forbidden"]
    assert db.session.scalars(select(Pai).where(Pai.child_id == lea())).one().instruction == "Stylo dans le sac"


def test_the_health_of_a_joined_child_loses_nothing_and_says_nothing_twice():
    other = family()
    twin = child(other)
    with db.transaction() as writing:
        writing.add(HealthSheet(child_id=lea(), glasses="non", treatments="Ventoline", doctor="Dr Petit"))
        sheet = {"glasses": "oui", "glasses_when": "En classe", "treatments": "Sirop", "care": "Fatigable"}
        writing.add(HealthSheet(child_id=twin, doctor="Dr Roy", doctor_phone="05 61 00 00 00", **sheet))
        for owner in (lea(), twin):
            writing.add(Vaccination(child_id=owner, name="DTP", given_on=BORN))
        writing.add(Vaccination(child_id=twin, name="ROR", given_on=None))
    merge(other)
    kept = db.session.get(HealthSheet, lea())
    assert (kept.glasses, kept.glasses_when, kept.care) == ("oui", "En classe", "Fatigable")
    assert kept.treatments == "Ventoline ; Sirop"
    assert (kept.doctor, kept.doctor_phone) == ("Dr Petit ; Dr Roy 05 61 00 00 00", None)
    given = db.session.scalars(select(Vaccination).where(Vaccination.child_id == lea())).all()
    assert sorted(one.name for one in given) == ["DTP", "ROR"]


def test_of_two_answers_about_a_joined_child_the_one_that_allows_less_stands_and_is_told():
    other = family()
    twin = child(other)

    def say(owner, kind, granted, who):
        return Consent(child_id=owner, kind=kind, granted=granted, signed_on=GUIDE_DAY, signatory=who)

    with db.transaction() as writing:
        writing.add_all([say(lea(), "leaves_alone", True, "JEAN"), say(twin, "leaves_alone", False, "JEANNE")])
        writing.add_all([say(lea(), "swimming", False, "JEAN"), say(twin, "swimming", True, "JEANNE")])
        writing.add_all([say(lea(), "outings", True, "JEAN"), say(twin, "outings", True, "JEANNE")])
        writing.add(say(twin, "transport", True, "JEANNE"))
    told = " ".join(plan(other).notices)
    assert told.count("c’est «\u00a0non\u00a0» qui reste") == 2
    assert "Peut partir seul" in told
    assert "Sorties" not in told
    merge(other)
    kept = {one.kind: (one.granted, one.signatory) for one in db.session.query(Consent).filter_by(child_id=lea())}
    assert kept == {
        "leaves_alone": (False, "JEANNE"),
        "swimming": (False, "JEAN"),
        "outings": (True, "JEAN"),
        "transport": (True, "JEANNE"),
    }
    event = db.session.scalars(select(Event).where(Event.kind == "family_merged")).first()
    assert sorted(event.after["restricted"]) == ["Baignade et piscine", "Peut partir seul"]


def test_the_blanks_of_a_joined_child_are_filled_and_an_insurance_goes_as_a_whole():
    other = family()
    insured = {"insurer": "MAIF", "insurance_number": "123", "insured_until": GUIDE_DAY}
    child(other, sex="fille", birth_place="Toulouse", **insured)
    with db.transaction() as writing:
        writing.get_one(Child, lea()).sex = ""
    merge(other)
    kept = db.session.get(Child, lea())
    assert (kept.sex, kept.birth_place) == ("fille", "Toulouse")
    assert (kept.insurer, kept.insurance_number, kept.insured_until) == ("MAIF", "123", GUIDE_DAY)


def test_a_request_about_a_joined_child_is_about_the_kept_record_in_whatever_household():
    """Two files of the mother's were opened; the father asks for a change on the second record of the child."""
    other, father = family(), durand().family_id
    twin = child(other)
    with db.transaction() as writing:
        writing.add(Custody(child_id=twin, family_id=father))
        writing.add(Authority(adult_id=durand().id, child_id=twin))
        code, kind = new_code(), RequestKind.INSURANCE
        made = Request(
            code=code, kind=kind, family_id=father, child_id=twin, submitted_by=durand().id, submission="x"
        )
        made.lines.append(RequestLine(kind=kind, field="insurer", before="", after="MAIF"))
        writing.add(made)
    merge(other)
    with db.transaction():
        line = db.session.query(RequestLine).filter_by(field="insurer").one()
        assert line.request.child_id == lea()
        apply_change.apply(line, by=clerk())
    assert db.session.get(Child, lea()).insurer == "MAIF"
