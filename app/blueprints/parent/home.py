"""Accueil: what the family owes, what the town publishes."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access, clock
from app.blueprints.parent import bp
from app.models import Document, Invoice, LedgerEntry


@bp.get("/")
def home() -> Answer:
    family = access.current_adult().family
    invoices = Invoice.unpaid_by(family.id)
    return render_template(
        "parent/home/index.html",
        family=family,
        balance_cents=LedgerEntry.balance(family.id, clock.today()),
        documents=Document.published(),
        invoices=invoices,
        total_cents=sum(invoice.remaining_cents for invoice in invoices),
    )
