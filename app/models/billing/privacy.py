"""Invoices, payments and the ledger: ten years, and no balance changes by it.

Erasing a payment and not its invoice would make a debt out of nothing: what belongs together goes together, once it
adds up to zero. A debt, or an advance, stays for the régie to settle, however old.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import String, and_, cast, delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from app import db
from app.models.billing import Invoice, LedgerEntry, LedgerKind, Payment, PaymentMeans
from app.models.durations import MONEY
from app.models.families import Family
from app.models.personal_data import OF_THE_TOWN, Chapter, Number, PersonalData, of_family
from app.models.retention_rule import Rows, Rule, Turn

_other = aliased(LedgerEntry)


def _invoices(cutoff: date) -> Rows:
    """Settled, with payments that settle nothing else."""
    its = LedgerEntry.invoice_id == Invoice.id
    left = select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(its).scalar_subquery()
    recent = exists().where(its, LedgerEntry.day > cutoff)
    paid = exists().where(its, LedgerEntry.payment_id == Payment.id, Payment.received_on > cutoff)
    elsewhere = or_(_other.invoice_id.is_(None), _other.invoice_id != Invoice.id)
    shared = exists().where(its, _other.payment_id == LedgerEntry.payment_id, elsewhere)
    last = select(func.max(LedgerEntry.day)).where(its).scalar_subquery()
    about = "facture " + Invoice.series + "-" + cast(Invoice.number, String)
    settled = and_(Invoice.issued_on <= cutoff, left == 0, ~recent, ~paid, ~shared)
    return select(Invoice.id, about, Invoice.issued_on, last).where(settled)


def _erase_invoices(keys: Sequence[int], cutoff: date) -> None:
    its = LedgerEntry.invoice_id.in_(keys)
    wanted = select(LedgerEntry.payment_id).where(its, LedgerEntry.payment_id.is_not(None)).distinct()
    payments = db.session.scalars(wanted).all()
    db.session.execute(delete(LedgerEntry).where(its))
    db.session.execute(delete(Payment).where(Payment.id.in_(payments)))
    db.session.execute(delete(Invoice).where(Invoice.id.in_(keys)))


def _balanced(cutoff: date) -> Rows:
    """Whole ledgers that add up to zero: an advance that a later invoice used up, an invoice and its credit note."""
    entries = LedgerEntry.family_id == Family.id
    total = select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(entries).scalar_subquery()
    last = select(func.max(LedgerEntry.day)).where(entries).scalar_subquery()
    recent = or_(
        exists().where(entries, LedgerEntry.day > cutoff),
        exists().where(Invoice.family_id == Family.id, Invoice.issued_on > cutoff),
        exists().where(Payment.family_id == Family.id, Payment.received_on > cutoff),
        exists().where(entries, Invoice.id == LedgerEntry.invoice_id, Invoice.family_id != Family.id),
        exists().where(entries, Payment.id == LedgerEntry.payment_id, Payment.family_id != Family.id),
    )
    has = exists().where(entries)
    return select(Family.id, "dossier n° " + Family.number, last).where(has, ~recent, total == 0)


def _erase_ledgers(keys: Sequence[int], cutoff: date) -> None:
    for of in (LedgerEntry, Payment, Invoice):
        db.session.execute(delete(of).where(of.family_id.in_(keys)))


def _labels(families: list[int]) -> dict[int, str]:
    """« AL-36 »."""
    return {one.id: one.label for one in db.session.scalars(select(Invoice).where(Invoice.family_id.in_(families)))}


DATA = PersonalData(
    parts=(
        of_family(Chapter.MONEY, "Factures", Invoice, "id"),
        of_family(Chapter.MONEY, "Règlements", Payment, "id"),
        of_family(Chapter.MONEY, "Compte de la famille", LedgerEntry, "id", "payment_id"),
    ),
    not_told={"invoice_series": OF_THE_TOWN},
    columns={
        "amount_cents": "Montant en euros",
        "day": "Jour",
        "due_on": "Date Echéance",
        "issued_on": "Date Facture",
        "kind": "Type",
        "means": "Moyen de paiement",
        "number": "Numéro",
        "received_on": "Reçu le",
        "series": "Série",
        "total_cents": "Montant en euros",
        "written_at": "Écrite le",
    },
    numbers={"invoice_id": Number("Facture", lambda whose: _labels(whose.families))},
    codes={
        LedgerKind: {LedgerKind.INVOICE: "Facture", LedgerKind.PAYMENT: "Règlement", LedgerKind.CREDIT: "Avoir"},
        PaymentMeans: {
            PaymentMeans.ONLINE: "En ligne",
            PaymentMeans.CHEQUE: "Chèque",
            PaymentMeans.CASH: "Espèces",
            PaymentMeans.CESU: "CESU",
            PaymentMeans.TRANSFER: "Virement",
            PaymentMeans.DIRECT_DEBIT: "Prélèvement",
        },
    },
    rules=(
        Rule(
            "Factures soldées et leurs règlements",
            MONEY,
            Turn.MONEY,
            _invoices,
            _erase_invoices,
            locks=Invoice.id,
            by_law=True,
        ),
        Rule(
            "Comptes de familles soldés", MONEY, Turn.MONEY, _balanced, _erase_ledgers, locks=Family.id, by_law=True
        ),
    ),
    not_purged={"invoice_series": "a number of the town's"},
)
