"""What two files hold besides people, once they are one: money, documents, drafts, requests."""

import pytest

from app import clock, db
from app.models.billing import Invoice, LedgerEntry, Payment, PaymentMeans
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentKind
from app.models.exports import DataExport
from app.models.families import (
    Adult,
    Authority,
    Family,
    Finances,
)
from app.models.families.author import Author
from app.models.messages import Message, Sender, Thread
from app.models.planning.slot import Slot
from app.models.requests import Request
from app.models.town import Structure
from tests.builders import DAY, dupont, durand
from tests.conftest import GUIDE_DAY
from tests.models.households.merging import child, enrol, family, first, lea, merge, plan

pytestmark = pytest.mark.usefixtures("inside")


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
