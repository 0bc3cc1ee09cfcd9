"""What stays of people once nobody is left: each column is erased, or stays for a reason that is written."""

from datetime import UTC, date, datetime
from enum import Enum

import pytest
from sqlalchemy import select
from sqlalchemy.types import TypeDecorator

from app import db
from app.models.billing import Invoice, LedgerEntry, LedgerKind
from app.models.families import Adult, Child, Civility, Family, Finances
from app.models.families.health import HEALTH_ROWS
from app.models.households.household_retention import KEPT
from app.models.jobs import erase
from app.models.privacy import retention

LONG_AGO, TODAY = date(2010, 1, 4), date(2022, 11, 23)
STAYS_WITHOUT_HEALTH = {
    "id": "a number of ours",
    "last_name": "who the child is",
    "first_name": "who the child is",
    "birth_date": "who the child is",
    "birth_place": "who the child is",
    "sex": "who the child is",
    "school": "where it went",
    "level": "where it went",
    "class_name": "where it went",
    "diet": "what it does not eat, never why",
    "insurer": "of an accident, for some years",
    "insurance_number": "of an accident, for some years",
    "insured_from": "of an accident, for some years",
    "insured_until": "of an accident, for some years",
    "created_on": "it says when the rest may go",
    "sort_key": "who the child is",
}
"""Of a child: three years longer than its health, with its file."""


pytestmark = pytest.mark.usefixtures("inside")


def something(column) -> object:
    """A value that is not blank."""
    kind = (column.type.impl if isinstance(column.type, TypeDecorator) else column.type).python_type
    if issubclass(kind, Enum):
        return next(iter(kind))
    return {bool: True, int: 1, date: LONG_AGO, datetime: datetime(2010, 1, 4, tzinfo=UTC)}.get(kind, "quelque chose")


def filled(of, **known):
    """A row whose every column says something."""
    mine = [column for column in of.__table__.columns if not column.primary_key and not column.foreign_keys]
    return of(**{column.key: something(column) for column in mine} | known)


def texts(row) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns}


def test_every_column_of_who_paid_is_erased_or_stays_for_a_reason():
    with db.transaction() as writing:
        home = filled(Family, number="2000000000001", left_on=LONG_AGO)
        writing.add(home)
        writing.flush()
        payer = filled(Adult, family_id=home.id, rank=1, civility=Civility.MADAME)
        writing.add_all([payer, filled(Finances, family_id=home.id)])
        Invoice.issue(home, series="AL", issued_on=date(2022, 1, 1), due_on=date(2022, 1, 1), total_cents=100)
        LedgerEntry.write(home.id, day=date(2022, 1, 1), kind=LedgerKind.CREDIT, amount_cents=100)
    before = {of: texts(row) for of, row in ((Adult, payer), (Family, home))}
    retention.purge(TODAY)
    db.session.expire_all()
    assert db.session.get(Finances, home.id) is None
    for row in (payer, home):
        of = type(row)
        columns, after = of.__table__.columns, texts(row)
        assert set(KEPT[of]) <= set(columns.keys())
        assert all(KEPT[of].values())
        kept = [name for name in KEPT[of] if name not in ("search_text", "sort_key")]
        assert {name: after[name] for name in kept} == {name: before[of][name] for name in kept}
        erased = set(columns.keys()) - set(KEPT[of])
        assert all(before[of][name] not in ("", None) for name in erased)
        assert {name for name in erased if after[name] not in ("", None)} == set()
    assert set(KEPT) == {Adult, Family}
    found = db.session.scalars(select(Family.search_text).where(Family.id == home.id)).one()
    assert "quelque" in found  # the name
    assert "@" not in found


@pytest.mark.sqlite_only
def test_all_that_is_written_of_a_child_or_of_money_goes_row_by_row_with_what_it_is_about():
    """No column of theirs can stay behind: the row goes as a whole."""
    with_child, with_family = ({of for of, _, _ in erase.going_with(owner)} for owner in (Child, Family))
    assert set(HEALTH_ROWS) <= with_child
    assert {Finances, Adult} <= with_family
    healthy = {
        mapper.class_
        for mapper in db.Base.registry.mappers
        if mapper.class_.__module__ == "app.models.families.health"
    }
    assert healthy == set(HEALTH_ROWS)


@pytest.mark.sqlite_only
def test_every_column_of_a_child_may_wait_for_the_end_of_its_file():
    """One about health goes earlier: it belongs in app.models.families.health."""
    assert set(STAYS_WITHOUT_HEALTH) == set(Child.__table__.columns.keys())
