"""Invoices and payments, ten years later."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import db
from app.models.billing import Invoice, LedgerEntry, LedgerKind, Payment
from tests.models.privacy.purging import TODAY, count, due, family, invoice, pay, purge

pytestmark = pytest.mark.usefixtures("inside")


def test_a_settled_invoice_goes_with_its_payments_after_ten_years():
    home = family()
    for issued in (date(2008, 10, 1), date(2008, 11, 1)):
        pay(invoice(home, issued), date(2008, 11, 10))
    label = "Factures soldées et leurs règlements"
    assert due(label, date(2018, 11, 10)) == []
    assert len(due(label, date(2018, 11, 11))) == 2
    assert LedgerEntry.balance(home, TODAY) == 0
    purge(date(2018, 11, 11))
    for of in (Invoice, Payment, LedgerEntry):
        assert count(select(of).where(of.family_id == home).subquery()) == 0


def test_no_balance_changes_by_a_purge():
    """A debt, an overpayment, an advance, a payment that is younger than its invoice: all old, none settled."""
    home = family()
    invoice(home, date(2012, 1, 1), 7000)
    pay(invoice(home, date(2012, 2, 1), 1000), date(2012, 3, 1), 1500)
    pay(invoice(home, date(2013, 1, 1)), date(2025, 1, 1))
    with db.transaction():
        LedgerEntry.write(home, day=date(2014, 1, 1), kind=LedgerKind.CREDIT, amount_cents=250)
    pay(invoice(home, date(2011, 1, 1)), date(2011, 2, 1))
    before, entries = LedgerEntry.balance(home, TODAY), count(LedgerEntry)
    assert before == -6250
    purge()
    assert LedgerEntry.balance(home, TODAY) == before
    assert count(LedgerEntry) == entries - 2  # the one that was settled in time


def test_a_whole_account_that_adds_up_to_zero_goes():
    home = family()
    invoice(home, date(2012, 1, 1), 250)
    with db.transaction():
        LedgerEntry.write(home, day=date(2014, 1, 1), kind=LedgerKind.CREDIT, amount_cents=250)
    assert due("Comptes de familles soldés") == ["dossier n° 2000000000001"]
    purge()
    assert count(select(LedgerEntry).where(LedgerEntry.family_id == home).subquery()) == 0


def test_what_the_trigger_holds_is_never_asked_of_it():
    """The pretended day is in fifty years; the real one holds the invoice."""
    home = family()
    pay(invoice(home, date(2020, 1, 1)), date(2020, 2, 1))
    assert purge(date(2076, 1, 1)).get("Factures soldées et leurs règlements") is None
    with pytest.raises(DBAPIError), db.transaction() as writing:
        writing.execute(text(f"DELETE FROM payment WHERE family_id = {home}"))
