"""Invoices. Immutable once issued; whether one is paid is what the ledger says, never a column."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db, triggers
from app.models.billing.ledger import KEPT_YEARS, LedgerEntry, LedgerKind
from app.models.families import Family


class InvoiceSeries(db.Base):
    """A continuous numbering: « AL » gives AL-1, AL-2…"""

    __tablename__ = "invoice_series"

    code: Mapped[str] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)

    @classmethod
    def next_number(cls, code: str) -> int:
        """The next number, without a gap: the row stays locked until the invoice that bears it is committed."""
        series = db.session.scalars(select(cls).where(cls.code == code).with_for_update()).one()
        series.last_number += 1
        return series.last_number


class Invoice(db.Base):
    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        CheckConstraint("total_cents > 0", name="total_positive"),
        CheckConstraint("due_on >= issued_on", name="due_after_issued"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(ForeignKey("invoice_series.code"))
    number: Mapped[int]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    total_cents: Mapped[int]

    @property
    def label(self) -> str:
        """« AL-36 »."""
        return f"{self.series}-{self.number}"

    @classmethod
    def issue(cls, family: Family, *, series: str, issued_on: date, due_on: date, total_cents: int) -> "Invoice":
        """Give it its number and write the debt into the family's ledger."""
        invoice = cls(
            series=series,
            number=InvoiceSeries.next_number(series),
            family_id=family.id,
            issued_on=issued_on,
            due_on=due_on,
            total_cents=total_cents,
        )
        db.session.add(invoice)
        db.session.flush()
        LedgerEntry.write(
            family.id,
            day=issued_on,
            kind=LedgerKind.INVOICE,
            amount_cents=-total_cents,
            invoice_id=invoice.id,
        )
        return invoice

    @classmethod
    def unpaid_by(cls, family_id: int, day: date) -> list["UnpaidInvoice"]:
        """The family's invoices with something left to pay at the end of this day, oldest due first: one query.

        Those of the files merged into it are its own.
        """
        rows = db.session.execute(_UNPAID, {"family": family_id, "day": day})
        return [UnpaidInvoice(invoice, int(left)) for invoice, left in rows]


_REMAINING = -func.sum(LedgerEntry.amount_cents)
_UNPAID = (
    select(Invoice, _REMAINING)
    .join(LedgerEntry, LedgerEntry.invoice_id == Invoice.id)
    .where(Invoice.family_id.in_(Family.with_merged(bindparam("family"))), LedgerEntry.day <= bindparam("day"))
    .group_by(Invoice.id)
    .having(_REMAINING > 0)
    .order_by(Invoice.due_on, Invoice.id)
)


@dataclass(frozen=True)
class UnpaidInvoice:
    invoice: Invoice
    remaining_cents: int

    @property
    def label(self) -> str:
        return self.invoice.label

    @property
    def issued_on(self) -> date:
        return self.invoice.issued_on

    @property
    def due_on(self) -> date:
        return self.invoice.due_on

    @property
    def overdue(self) -> bool:
        return self.invoice.due_on < clock.today()


triggers.refuse_updates("invoice")
triggers.refuse_early_deletes("invoice", "issued_on", years=KEPT_YEARS)
