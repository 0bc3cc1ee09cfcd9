"""Invoices, payments and the ledger."""

from app.models.billing.invoice import Invoice, InvoiceSeries
from app.models.billing.ledger import LedgerEntry, LedgerKind
from app.models.billing.payment import Payment, PaymentMeans

__all__ = [
    "Invoice",
    "InvoiceSeries",
    "LedgerEntry",
    "LedgerKind",
    "Payment",
    "PaymentMeans",
]
