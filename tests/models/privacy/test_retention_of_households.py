"""Households that are no longer in use."""

from datetime import date, timedelta

import pytest

from app import db
from app.models.accounts import Account
from app.models.families import (
    Adult,
    Custody,
    Family,
    Finances,
)
from app.models.households.custody import Households
from tests.builders import clerk
from tests.models.privacy.purging import TODAY, at, child, due, family, invoice, line, pay, purge, request, thread

pytestmark = pytest.mark.usefixtures("inside")


def test_a_household_without_children_keeps_the_name_that_paid_and_nothing_else():
    home = family()
    child(home)
    pay(invoice(home, date(2022, 1, 1)), date(2022, 2, 1))
    counts = purge()
    assert counts["Coordonnées et ressources de foyers sans enfant"] == 1
    (payer,) = db.session.query(Adult).filter_by(family_id=home)
    assert (payer.last_name, payer.email, payer.city) == ("ANCIENNE", "", "")
    assert db.session.get(Finances, home) is None
    assert db.session.get(Family, home).situation == ""
    assert purge() == {}


def test_an_empty_household_goes_as_a_whole():
    home = family()
    child(home)
    counts = purge()
    assert counts["Dossiers de foyers vides"] == 1
    assert db.session.get(Family, home) is None
    assert db.session.get(Finances, home) is None


def test_a_household_whose_last_child_an_agent_took_out_waits_three_years_it_may_be_a_slip():
    home, other = family(), family("2000000000002")
    known = child(other, None)
    with db.transaction() as writing:
        writing.add(Custody(child_id=known, family_id=home))
    with db.transaction():
        both = Households.locked(known)
        both.settle([other], both.with_authority, seen=both.texts(), by=clerk())
    for day in (TODAY, date(2029, 11, 23)):
        purge(day)
        assert db.session.get(Finances, home) is not None, day
        assert db.session.query(Adult).filter_by(family_id=home, rank=1).one().email == "a@famille.example"
    assert due("Dossiers de foyers vides", date(2029, 11, 24)) == ["dossier n° 2000000000001"]
    purge(date(2029, 11, 24))
    assert db.session.get(Family, home) is None


@pytest.mark.parametrize(
    "reason", ["new", "account", "owed", "message", "request", "amendment", "child", "merged into", "merged away"]
)
def test_a_household_in_use_stays(reason):
    home = family(created=TODAY - timedelta(days=400) if reason == "new" else date(2010, 1, 4), login="anne")
    with db.transaction() as writing:
        account = Account.named("anne")
        account.last_login_at = at(TODAY)
        if reason != "account":
            writing.query(Adult).filter_by(account_id=account.id).one().account_id = None
        if reason == "merged into":
            writing.query(Family).filter_by(number="1001001818331").one().merged_into = home
        if reason == "merged away":
            writing.get(Family, home).merged_into = writing.query(Family).filter_by(number="1001001818331").one().id
    if reason == "owed":
        invoice(home, date(2022, 1, 1))
    if reason == "message":
        thread(home, date(2026, 1, 1))
    if reason == "request":
        request(home, line(), sent=date(2026, 1, 1))
    if reason == "amendment":  # in the file that they have left
        asked_by = db.session.query(Adult).filter_by(family_id=home, rank=1).one().id
        amended = line(asked_by=asked_by, asked_at=at(date(2026, 1, 2)))
        request(family("2000000000002"), amended, sent=date(2026, 1, 1))
    if reason == "child":
        child(home, None)
    purge()
    assert db.session.get(Family, home) is not None
    if reason != "merged into":
        assert db.session.get(Finances, home) is not None
