"""Fixtures that several test files of this folder share."""

import pytest

from app import db
from app.integrations import proofs
from app.models.accounts import Account
from app.models.billing import Invoice
from app.models.changes import DuiDraft, change
from app.models.changes.three_way import Wish
from app.models.documents import Document, DocumentKind, DocumentSubject
from app.models.enrolments import Booking
from app.models.event import Event
from app.models.families import (
    Adult,
    AlertKind,
    Authority,
    Civility,
    Consent,
    Contact,
    ContactRole,
    Custody,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
)
from app.models.families.author import Author
from app.models.families.sections.child import HEALTH
from app.models.families.sections.values import Sheet
from app.models.messages import Message, Sender, Thread
from app.models.town import Structure
from tests.builders import DAY, activity, dupont, enrolment
from tests.parent.my_data.copies import PDF, lea


@pytest.fixture
def known(app):
    """Jean has authority over Léa, whose file says much; and he gave a paper that is kept."""
    with app.app_context():
        paper = proofs.keep(PDF)
        with db.transaction() as writing:
            jean, child = dupont(), lea()
            writing.merge(Finances(family_id=jean.family_id, iban="FR7630001007941234567890185", quotient="650"))
            writing.merge(HealthSheet(child_id=child.id, doctor="Dr Lenoir", glasses="oui"))
            writing.add(HealthAlert(child_id=child.id, kind=AlertKind.FOOD, text="arachide"))
            writing.add(Contact(child_id=child.id, role=ContactRole.COLLECTS, name="Mamie Odette"))
            writing.add(Contact(child_id=child.id, role=ContactRole.FORBIDDEN, name="Le voisin interdit"))
            writing.merge(
                Consent(child_id=child.id, kind="outings", granted=True, signed_on=DAY, signatory="JEAN DUPONT")
            )
            writing.get_one(Custody, (child.id, jean.family_id)).note = "jugement du tribunal"
            answers = {"sante": {"done": True, "page": "1", "wanted": {"doctor": "Dr Aubert"}}}
            writing.merge(DuiDraft(child_id=child.id, family_id=jean.family_id, answers=answers))
            kind = DocumentKind(name="Attestation d’essai", subject=DocumentSubject.CHILD)
            writing.add(kind)
            writing.flush()
            Document.give(kind, child, paper, by=Author(jean), submission="a-submission")
            sheet = Sheet(HEALTH, jean.family_id, child.id)
            change.ask(
                HEALTH.kind,
                [Wish(sheet, {"treatments": "ventoline"}, {"treatments": ""})],
                by=Author(jean),
                submission="another-submission",
            )


@pytest.fixture
def other_household(app, known):
    """Jeanne has left: Léa also lives in her household, which has secrets of its own."""
    with app.app_context():
        hashed = Account.named("jean.dupont").password_hash
        with db.transaction() as writing:
            family = Family(number="2000000000001")
            writing.add(family)
            writing.flush()
            account = Account.create("jeanne", hashed)
            jeanne = Adult(
                family_id=family.id,
                account=account,
                rank=1,
                civility=Civility.MADAME,
                last_name="PARTIE",
                first_name="Jeanne",
                address="9 rue Cachée",
                phone_mobile="06 99 99 99 99",
                email="jeanne@secret.example",
            )
            writing.add(jeanne)
            writing.flush()
            child = lea()
            theirs = enrolment(activity("Étude"), family, child, even_weeks=1)
            writing.add(Authority(adult_id=jeanne.id, child_id=child.id))
            writing.get_one(Custody, (child.id, family.id)).note = "elle demande le secret"
            booked = {"child_id": child.id, "activity_id": theirs.activity_id}
            writing.add(Booking(enrolment_id=theirs.id, day=DAY, **booked))
            writing.add(Finances(family_id=family.id, iban="FR1420041010050500013M02606", quotient="1234"))
            Invoice.issue(family, series="AL", issued_on=DAY, due_on=DAY, total_cents=98765)
            thread = Thread(family_id=family.id, structure=db.session.query(Structure).first(), subject="Confidence")
            thread.messages.append(Message(sender=Sender.FAMILY, body="entre nous"))
            writing.add(thread)
            sheet = Sheet(HEALTH, family.id, child.id)
            wish = Wish(sheet, {"care": "un mot pour vous seuls"}, {"care": ""})
            change.ask(HEALTH.kind, [wish], by=Author(jeanne), submission="hers")
            Event.record("family_split", family_id=dupont().family_id, after={"new_number": family.number})
