"""Health and custody are unreadable in the raw tables."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from app import db
from app.models.families import AlertKind, Child, Contact, ContactRole, Custody, HealthAlert, Pai
from app.models.requests import LineState, RequestLine
from tests.models.constraints.rows import DAY, line

SECRET = "consigne que personne ne doit lire"


SECRETS = [
    *(Child.diet, HealthAlert.text, Pai.instruction, Custody.note, RequestLine.motif, RequestLine.decision_reason),
    *(Contact.name, Contact.link, Contact.phone),
]


def test_secrets_are_unreadable_in_the_raw_tables(cast):
    with db.transaction() as writing:
        for attribute in SECRETS:
            for row in writing.scalars(select(attribute.class_)):
                setattr(row, attribute.key, SECRET)
    for attribute in SECRETS:
        table, column = attribute.class_.__tablename__, attribute.key
        raw = db.session.execute(text(f"SELECT * FROM {table}")).mappings().all()
        assert raw
        assert SECRET not in str([dict(row) for row in raw]), table
        written = [row[column] for row in raw]
        assert all(written)
        assert len(set(written)) == len(written), f"{table}: one text written twice must not look the same"
        assert set(db.session.scalars(select(attribute))) == {SECRET}


def test_days_and_codes_of_health_and_custody_are_unreadable_too_and_come_back_as_they_were(cast):
    with db.transaction() as writing:
        writing.scalars(select(Pai)).one().ends_on = DAY
        writing.scalars(select(HealthAlert)).one().kind = AlertKind.DRUG
        writing.scalars(select(Contact)).one().role = ContactRole.FORBIDDEN
    for attribute, value in ((Pai.ends_on, DAY), (HealthAlert.kind, AlertKind.DRUG), (Contact.role, "forbidden")):
        assert db.session.scalar(select(attribute)) == value
        raw = db.session.execute(text(f"SELECT * FROM {attribute.class_.__tablename__}")).mappings().one()
        assert str(value) not in str(dict(raw))
    with pytest.raises(StatementError), db.transaction() as writing:  # it could not be read again
        writing.scalars(select(HealthAlert)).one().kind = "measles"


def test_a_refusal_of_the_database_does_not_show_what_was_written(cast):
    with pytest.raises(DBAPIError) as caught, db.transaction() as writing:
        writing.add(line(cast, state=LineState.OFFERED, motif=SECRET))
    assert SECRET not in str(caught.value)
