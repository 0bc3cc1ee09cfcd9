"""What the tests of retention share."""

import secrets
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from app import clock, crypto, db
from app.integrations import storage
from app.models.accounts import Account
from app.models.billing import Invoice, Payment, PaymentMeans
from app.models.documents import Document, DocumentKind, DocumentSubject
from app.models.enrolments import Attendance, Booking, Leave
from app.models.families import (
    Adult,
    AlertKind,
    Authority,
    Child,
    Civility,
    Consent,
    Contact,
    ContactRole,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
)
from app.models.messages import Message, Sender, Thread
from app.models.privacy import erasure, retention
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Proof, Request, RequestLine
from app.models.requests.code import new_code
from app.models.retention_rule import Rule
from app.models.town import Structure
from tests.builders import activity, enrolment

TODAY = date(2026, 11, 23)


LEFT = date(2022, 7, 5)
"""The last day of a child who left: health until 30 September 2022, the file until 31 August 2025."""


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def rule(label: str) -> Rule:
    return next(one for one in retention.RULES if one.label == label)


def due(label: str, today: date = TODAY) -> list[str]:
    db.session.rollback()
    return [one.about for one in rule(label).some(today, 100)]


def purge(today: date = TODAY) -> dict[str, int]:
    clock.pretend(today)
    return retention.purge(today)


def count(of) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(of))


def file(content: bytes = b"%PDF-1.7") -> str:
    return storage.save(crypto.seal(content))


def files(app) -> set[str]:
    return {path.name for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()}


def family(number="2000000000001", *, created: date = date(2010, 1, 4), login: str | None = None) -> int:
    with db.transaction() as writing:
        made = Family(number=number, situation="Marié", created_at=at(created))
        writing.add(made)
        writing.flush()
        account = Account.create(login, "a hash") if login else None
        if account:
            account.created_at = at(created)
        person = {"civility": Civility.MADAME, "last_name": "ANCIENNE", "email": "a@famille.example", "city": "Ici"}
        writing.add(Adult(family_id=made.id, rank=1, first_name="Anne", account=account, **person))
        writing.add(Adult(family_id=made.id, rank=2, first_name="Paul", phone_mobile="06 12 34 56 78", **person))
        writing.add(Finances(family_id=made.id, iban="FR7630001007941234567890185"))
        return made.id


def child(family_id: int, last_day: date | None = LEFT, *, created: date = date(2015, 9, 1)) -> int:
    """A child of whom much is known, enrolled until this day."""
    with db.transaction() as writing:
        made = Child(
            last_name="ANCIEN", first_name="Zoé", birth_date=date(2012, 1, 1), diet="sans porc", created_on=created
        )
        writing.add(made)
        writing.flush()
        row = enrolment(
            activity(f"Essai {made.id}"),
            db.session.get(Family, family_id),
            made,
            first_day=min(created, last_day or created),
            last_day=last_day,
        )
        days = {"enrolment_id": row.id, "day": created}
        adult = db.session.query(Adult).filter_by(family_id=family_id, rank=1).one()
        writing.add_all(
            [
                Booking(child_id=made.id, activity_id=row.activity_id, **days),
                Attendance(present=True, **days),
                Leave(enrolment_id=row.id, first_day=created, last_day=created),
                Authority(adult_id=adult.id, child_id=made.id),
                HealthSheet(child_id=made.id, doctor="Dr Lenoir"),
                HealthAlert(child_id=made.id, kind=AlertKind.FOOD, text="arachide"),
                Pai(child_id=made.id, instruction="stylo"),
                Vaccination(child_id=made.id, name="DTP"),
                Contact(child_id=made.id, role=ContactRole.COLLECTS, name="Mamie"),
                Consent(child_id=made.id, kind="outings", granted=True, signed_on=created, signatory="Anne"),
            ]
        )
        return made.id


def document(family_id: int, child_id: int | None = None, *, given: date, **fields) -> int:
    with db.transaction() as writing:
        kind = writing.query(DocumentKind).filter_by(name="Essai").first() or DocumentKind(
            name="Essai", subject=DocumentSubject.CHILD, is_health=fields.pop("is_health", False), keeps_file=True
        )
        adult = writing.query(Adult).filter_by(family_id=family_id, rank=1).one()
        made = Document(
            kind=kind,
            family_id=family_id,
            child_id=child_id,
            given_by=adult.id,
            given_at=at(given),
            submission=secrets.token_hex(),
            content_type="application/pdf",
            size=8,
            storage_key=file(),
            **fields,
        )
        writing.add(made)
        writing.flush()
        return made.id


def request(family_id: int, *lines: RequestLine, sent: date, proof: bool = False, **fields) -> str:
    with db.transaction() as writing:
        adult = writing.query(Adult).filter_by(family_id=family_id, rank=1).one()
        made = Request(
            code=new_code(),
            kind=lines[0].kind,
            family_id=family_id,
            submitted_by=adult.id,
            submitted_at=at(sent),
            submission=secrets.token_hex(),
            lines=list(lines),
            **fields,
        )
        writing.add(made)
        if proof:
            made.proof = Proof(content_type="application/pdf", size=8, storage_key=file(), given_at=at(sent))
        return f"demande {made.code}"


def line(kind=RequestKind.RESPONSABLE, field="city", decided: date | None = None, **fields) -> RequestLine:
    state = LineState.ACCEPTED if decided else LineState.SUBMITTED
    when = {"decided_at": at(decided)} if decided else {}
    told = {"field": field, "before": "", "after": "Ici"}
    return RequestLine(kind=kind, **{**told, "state": state, **when, **fields})


def thread(family_id: int, *days: date) -> None:
    with db.transaction() as writing:
        made = Thread(family_id=family_id, structure=writing.query(Structure).first(), subject="Essai")
        made.messages.extend(Message(sender=Sender.FAMILY, body="Bonjour", sent_at=at(day)) for day in days)
        writing.add(made)


def announced(family_id: int) -> list[erasure.Erasure]:
    """What « Mes données » tells the first adult, in February 2026."""
    adult = db.session.query(Adult).filter_by(family_id=family_id, rank=1).one()
    return erasure.of_adult(adult, date(2026, 2, 6))


def invoice(family_id: int, issued: date, cents: int = 5000) -> int:
    with db.transaction() as writing:
        return Invoice.issue(
            writing.get(Family, family_id), series="AL", issued_on=issued, due_on=issued, total_cents=cents
        ).id


def pay(invoice_id: int, received: date, cents: int = 5000) -> None:
    with db.transaction() as writing:
        Payment.receive(
            writing.get(Invoice, invoice_id), received_on=received, means=PaymentMeans.CASH, amount_cents=cents
        )


def assert_files_and_rows_agree(app) -> None:
    """No file without a row, no row without its file."""
    db.session.rollback()
    tables = [table for table in db.Base.metadata.tables.values() if "storage_key" in table.columns]
    assert {table.name for table in tables} == {"publication", "proof", "document", "data_export"}
    kept = {key for table in tables for key in db.session.scalars(select(table.c.storage_key)) if key is not None}
    assert kept == files(app)
