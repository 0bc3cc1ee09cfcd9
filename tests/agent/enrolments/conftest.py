"""Fixtures that several test files of this folder share."""

import pytest

from app import db
from app.models.families import Child
from tests.builders import activity, dupont, enrolment


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def club(app) -> int:
    """A club of one place with an enrolment of Léa, nothing booked."""
    with app.app_context(), db.transaction():
        made = activity("Club de lecture", places=1, min_age=6)
        return enrolment(made, dupont().family, db.session.query(Child).one()).id
