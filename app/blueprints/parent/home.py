"""Accueil: what waits for the family's answer, what it owes, what the town publishes."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access, clock
from app.blueprints.parent import bp
from app.models.billing import Invoice, LedgerEntry
from app.models.planning import usual_week
from app.models.requests import listing as family_requests
from app.models.town import Publication

MENU = "parent.home"


@bp.get("/")
def home() -> Answer:
    adult = access.current_adult()
    family = adult.family
    today = clock.today()
    invoices = Invoice.unpaid_by(family.id, today)
    return render_template(
        "parent/home/index.html",
        family=family,
        balance_cents=LedgerEntry.balance(family.id, today),
        publications=Publication.published(),
        invoices=invoices,
        offers=family_requests.to_answer(adult),
        empty_week=usual_week.next_empty(family.id),
        total_cents=sum(invoice.remaining_cents for invoice in invoices),
    )
