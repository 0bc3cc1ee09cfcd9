"""Two files of one family: what moves, what is joined, what is refused, and what is read through the merge."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account
from app.models.accounts import login as the_login
from app.models.accounts.login import authenticate
from app.models.billing import Invoice, LedgerEntry, Payment, PaymentMeans
from app.models.changes import DuiDraft, apply_change
from app.models.documents import Document, DocumentKind
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.event import Event
from app.models.exports import DataExport
from app.models.families import (
    Adult,
    AlertKind,
    Authority,
    Child,
    Civility,
    Consent,
    Contact,
    ContactRole,
    Custody,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
)
from app.models.families.author import Author
from app.models.households.merge import Merge
from app.models.messages import Message, Sender, Thread
from app.models.places import door as the_door
from app.models.planning import CalendarFeed
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.code import new_code
from app.models.town import Activity, Structure
from tests.builders import DAY, activity, clerk, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY, PASSWORD
from tests.models.places.test_door import two_at_once

BORN = date(2008, 3, 12)  # LEA's birth date in the guide's town


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


def family(
    last_name="Dupont", first_name="Jean", *, login: str | None = None, number="2000000000001", **fields
) -> int:
    """A file with one adult, by default the guide's Jean Dupont once more."""
    with db.transaction() as writing:
        made = Family(number=number)
        writing.add(made)
        writing.flush()
        account = Account.create(login, Account.named("jean.dupont").password_hash) if login else None
        person = {"civility": Civility.MONSIEUR, "last_name": last_name, "first_name": first_name, **fields}
        writing.add(Adult(family_id=made.id, rank=1, account=account, **person))
        return made.id


def child(family_id, first_name="Léa", last_name="Dupont", born=BORN, **fields) -> int:
    with db.transaction() as writing:
        made = Child(first_name=first_name, last_name=last_name, birth_date=born, **fields)
        writing.add(made)
        writing.flush()
        writing.add(Custody(child_id=made.id, family_id=family_id))
        return made.id


def enrol(family_id, child_id, name="Essai", **how) -> int:
    with db.transaction() as writing:
        of = writing.scalars(select(Activity).where(Activity.name == name)).first() or activity(name, **how)
        return enrolment(of, writing.get_one(Family, family_id), writing.get_one(Child, child_id)).id


def book(number, day=DAY) -> None:
    with db.transaction() as writing:
        enrolled = writing.get_one(Enrolment, number)
        writing.add(
            Booking(
                enrolment_id=number,
                day=day,
                child_id=enrolled.child_id,
                activity_id=enrolled.activity_id,
                exclusive_group=enrolled.activity.exclusive_group,
            )
        )


def first() -> int:
    return db.session.query(Family.id).filter_by(number="1001001818331").scalar()


def lea() -> int:
    return db.session.query(Child.id).filter_by(first_name="LEA").scalar()


def plan(absorbed, kept=None) -> Merge:
    db.session.rollback()
    return Merge(db.session.get(Family, kept or first()), db.session.get(Family, absorbed))


def merge(absorbed, kept=None) -> None:
    kept = kept or first()
    with db.transaction():
        Merge(*Family.lock(kept, absorbed)).carry_out(by=clerk(address="192.0.2.1"))
    db.session.expire_all()


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


def money(family_id, **said) -> None:
    with db.transaction() as writing:
        row = writing.get(Finances, family_id) or Finances(family_id=family_id)
        for field in ("bank_holder", "iban", "quotient", "quotient_on", "tax_income"):
            setattr(row, field, said.get(field))
        writing.add(row)


def test_money_fills_the_blanks_group_by_group():
    other = family()
    money(first(), quotient="700")
    money(other, quotient="900", quotient_on="2015-01-01", iban="FR1420041010050500013M02606", bank_holder="J DUPONT")
    assert [what for what in plan(other).notices if "CAF" in what] == [
        "Les deux dossiers ont des informations CAF différentes\u00a0: celles du dossier gardé restent."
    ]
    merge(other)
    kept = db.session.get(Finances, first())
    assert (kept.quotient, kept.quotient_on) == ("700", None)  # not the date of another quotient
    assert (kept.iban, kept.bank_holder) == ("FR1420041010050500013M02606", "J DUPONT")


def test_two_account_numbers_are_never_mixed():
    other = family()
    money(first(), iban="FR1420041010050500013M02606")
    money(other, iban="FR7630006000011234567890189", bank_holder="J DUPONT")
    assert any("coordonnées bancaires différentes" in what for what in plan(other).notices)
    merge(other)
    kept = db.session.get(Finances, first())
    assert (kept.iban, kept.bank_holder) == ("FR1420041010050500013M02606", None)


def test_a_file_without_money_takes_all_of_it_and_its_organism():
    other = family()
    with db.transaction() as writing:
        writing.delete(writing.get_one(Finances, first()))
        writing.get_one(Family, other).attached_to = "12"
    money(other, tax_income="32450")
    assert not any("différentes" in what for what in plan(other).notices)
    merge(other)
    assert db.session.get(Finances, first()).tax_income == "32450"
    assert db.session.get(Family, first()).attached_to == "12"


def test_what_the_same_person_allows_is_the_less_and_what_only_one_file_says_is_kept():
    other = family(profession="Boulanger", employer="Le Fournil", allows_sms=True, allows_email=False)
    with db.transaction():
        jean = dupont()
        jean.allows_sms, jean.allows_email = None, True
    merge(other)
    jean = dupont()
    assert (jean.profession, jean.employer) == ("Boulanger", "Le Fournil")
    assert (jean.allows_sms, jean.allows_email) == (True, False)


def test_documents_and_exports_follow_the_family_the_child_and_the_person():
    other = family()
    twin = child(other)
    again = db.session.query(Adult).filter_by(family_id=other).one().id
    with db.transaction() as writing:
        kind = writing.query(DocumentKind).first()
        paper = {"kind": kind, "family_id": other, "given_by": again, "content_type": "image/png", "size": 1}
        document = Document(child_id=twin, submission="one", storage_key="a", **paper)
        export = DataExport(adult_id=again, storage_key="b")
        writing.add_all([document, export])
        writing.flush()
        numbers = document.id, export.id
    merge(other)
    document, export = db.session.get(Document, numbers[0]), db.session.get(DataExport, numbers[1])
    assert (document.family_id, document.child_id, document.given_by) == (first(), lea(), dupont().id)
    assert export.adult_id == dupont().id


def test_two_drafts_of_one_dossier_become_one():
    other = family()
    twin, nino = child(other), child(other, "Nino")

    def draft(child_id, family_id, **steps):
        answers = {
            step: {"wanted": wanted, "seen": {name: f"before {text}" for name, text in wanted.items()}, "done": False}
            for step, wanted in steps.items()
        }
        return DuiDraft(child_id=child_id, family_id=family_id, answers=answers)

    with db.transaction() as writing:
        writing.add(draft(lea(), first(), sante={"doctor": "Dr Petit"}))
        writing.add(draft(twin, other, sante={"doctor": "Dr Roy", "care": "Fatigable"}, lunettes={"glasses": "oui"}))
        writing.add(draft(nino, other, sante={"doctor": "Dr Roy"}))
    merge(other)
    drafts = {(one.child_id, one.family_id): one.answers for one in db.session.query(DuiDraft)}
    assert drafts.keys() == {(lea(), first()), (nino, first())}
    joined = drafts[lea(), first()]
    assert joined["sante"]["wanted"] == {"doctor": "Dr Petit", "care": "Fatigable"}
    assert joined["sante"]["seen"] == {"doctor": "before Dr Petit", "care": "before Fatigable"}
    assert joined["lunettes"]["wanted"] == {"glasses": "oui"}


def test_authority_follows_both_the_child_and_the_person():
    other = family()
    twin, nino = child(other), child(other, "Nino")
    again = db.session.query(Adult).filter_by(family_id=other).one().id
    with db.transaction() as writing:
        writing.add_all([Authority(adult_id=again, child_id=twin), Authority(adult_id=again, child_id=nino)])
        writing.add(Authority(adult_id=durand().id, child_id=twin))
    merge(other)
    held = {(row.adult_id, row.child_id) for row in db.session.query(Authority)}
    assert {(dupont().id, lea()), (dupont().id, nino), (durand().id, lea())} <= held
    assert not [pair for pair in held if again in pair or twin == pair[1]]


def test_requests_and_messages_move_and_their_answer_goes_to_the_kept_file():
    other = family()
    again = db.session.query(Adult).filter_by(family_id=other).one()
    number = enrol(other, child(other), approval="manual")
    with db.transaction() as writing:
        made = Slot.of_family(other, number, DAY).ask_booking(by=Author(again), submission="one")
        made.lines[0].asker, made.lines[0].asked_at = again, clock.local_now()
        thread = Thread(family_id=other, structure=writing.query(Structure).first(), subject="Cantine")
        thread.messages.append(Message(sender=Sender.STRUCTURE, body="Bonjour"))
        writing.add(thread)
    unread = Message.unread_by_family(first())
    merge(other)
    asked = db.session.query(Request).one()
    assert (asked.family_id, asked.submitted_by) == (first(), dupont().id)
    assert asked.lines[0].author.adult is dupont()
    assert Message.unread_by_family(first()) == unread + 1
    assert Message.unread_by_family(other) == 0


def owe(family_id, cents) -> Invoice:
    with db.transaction() as writing:
        billed = writing.get_one(Family, family_id)
        return Invoice.issue(billed, series="AL", issued_on=GUIDE_DAY, due_on=GUIDE_DAY, total_cents=cents)


def test_the_balance_and_the_unpaid_invoices_are_read_through_the_merge_in_as_many_queries(count_queries):
    other = family()
    invoice = owe(other, 5000)
    with db.transaction():
        Payment.receive(invoice, received_on=GUIDE_DAY, means=PaymentMeans.CHEQUE, amount_cents=2000)
    own = LedgerEntry.balance(first(), GUIDE_DAY)
    merge(other)
    with count_queries() as sent:
        assert LedgerEntry.balance(first(), GUIDE_DAY) == own - 3000
    assert len(sent) == 2  # `first` asks one
    number = first()
    with count_queries() as sent:
        unpaid = {one.label: one.remaining_cents for one in Invoice.unpaid_by(number, GUIDE_DAY)}
    assert len(sent) == 1
    assert unpaid == {"AL-36": 12060, invoice.label: 3000}
    assert db.session.get(Invoice, invoice.id).family_id == other


def test_a_payment_after_the_merge_settles_an_invoice_of_the_absorbed_file():
    other = family()
    invoice = owe(other, 5000)
    merge(other)
    before = LedgerEntry.balance(first(), GUIDE_DAY)
    with db.transaction() as writing:
        billed = writing.get_one(Invoice, invoice.id)
        Payment.receive(billed, received_on=GUIDE_DAY, means=PaymentMeans.CASH, amount_cents=5000)
    assert LedgerEntry.balance(first(), GUIDE_DAY) == before + 5000
    assert [one.label for one in Invoice.unpaid_by(first(), GUIDE_DAY)] == ["AL-36"]


def test_a_chain_of_merges_stays_flat():
    third, second = family(), family(number="2000000000002")
    owe(third, 700)
    merge(third, kept=second)
    merge(second)
    assert {db.session.get(Family, one).merged_into for one in (second, third)} == {first()}
    assert LedgerEntry.balance(first(), clock.today()) == -12060 - 700


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
