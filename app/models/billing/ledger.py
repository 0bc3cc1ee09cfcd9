"""The family's ledger: every debt and every payment, append-only. The balance is its sum.

A negative amount is owed to the town, a positive one is in the family's favour.
"""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db, triggers
from app.models.families import Family

KEPT_YEARS = 10  # domain.md §7: invoices, payments and what they did to the balance


class LedgerKind(enum.StrEnum):
    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT = "credit"


class LedgerEntry(db.Base):
    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount_not_zero"),
        CheckConstraint("(kind = 'invoice') = (amount_cents < 0)", name="only_invoices_are_owed"),
        CheckConstraint("kind <> 'invoice' OR invoice_id IS NOT NULL", name="invoice_named"),
        CheckConstraint("(kind = 'payment') = (payment_id IS NOT NULL)", name="payment_named"),
        Index(None, "family_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    day: Mapped[date]
    kind: Mapped[LedgerKind]
    amount_cents: Mapped[int]
    # For a payment: the invoice that it settles; none is an advance.
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def write(
        cls,
        family_id: int,
        *,
        day: date,
        kind: LedgerKind,
        amount_cents: int,
        invoice_id: int | None = None,
        payment_id: int | None = None,
    ) -> None:
        db.session.add(
            cls(
                family_id=family_id,
                day=day,
                kind=kind,
                amount_cents=amount_cents,
                invoice_id=invoice_id,
                payment_id=payment_id,
            )
        )

    @classmethod
    def balance(cls, family_id: int, day: date) -> int:
        """Cents at the end of this local day, the files merged into this one included: negative is owed."""
        return int(db.session.scalar(_BALANCE, {"family": family_id, "day": day}) or 0)


_BALANCE = select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(
    LedgerEntry.day <= bindparam("day"), LedgerEntry.family_id.in_(Family.with_merged(bindparam("family")))
)


triggers.refuse_updates("ledger_entry")
triggers.refuse_early_deletes("ledger_entry", "day", years=KEPT_YEARS)
