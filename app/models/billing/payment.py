"""A payment (règlement) received from a family."""

import enum
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import db, triggers
from app.models.billing.invoice import Invoice
from app.models.billing.ledger import KEPT_YEARS, LedgerEntry, LedgerKind


class PaymentMeans(enum.StrEnum):
    ONLINE = "online"
    CHEQUE = "cheque"
    CASH = "cash"
    CESU = "cesu"
    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"


class Payment(db.Base):
    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    received_on: Mapped[date]
    means: Mapped[PaymentMeans]
    amount_cents: Mapped[int]

    @classmethod
    def receive(cls, invoice: Invoice, *, received_on: date, means: PaymentMeans, amount_cents: int) -> "Payment":
        """Settle an invoice, in whole or in part."""
        payment = cls(family_id=invoice.family_id, received_on=received_on, means=means, amount_cents=amount_cents)
        db.session.add(payment)
        db.session.flush()
        LedgerEntry.write(
            invoice.family_id,
            day=received_on,
            kind=LedgerKind.PAYMENT,
            amount_cents=amount_cents,
            invoice_id=invoice.id,
            payment_id=payment.id,
        )
        return payment


triggers.refuse_updates("payment")
triggers.refuse_early_deletes("payment", "received_on", years=KEPT_YEARS)
